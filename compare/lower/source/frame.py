"""What stands around the statements of a function: its docstring and what it returns."""

from __future__ import annotations

import ast

from compare.lower.plans.plan import Plan, Structure
from compare.lower.source import syntax
from diffexpr import Expr


def packed(structure: Structure, values: list[ast.expr]) -> ast.expr:
    """The expressions of the outputs in the nest in which they are returned."""
    if isinstance(structure, int):
        return values[structure]
    return syntax.tuple_of(packed(part, values) for part in structure)


def docstring(plan: Plan, parameters: dict[Expr, str], out: str = "") -> str:
    """What a function computes and what it takes; ``out`` is what it calls arrays for results."""
    lines = [*plan.subject.split("\n")]
    lines[-1] += "."
    if parameters:
        lines.append("")
    for parameter, name in parameters.items():
        kind = f"array of shape {parameter.shape}" if parameter.shape else "number or array"
        lines.append(f"{name}: {kind}")
    if out:
        lines.append(f"{out}: arrays like the results and apart from the arguments, to write into")
    if len(lines) == 1:
        return lines[0]
    return "\n".join([lines[0], *(f"    {line}" if line else "" for line in lines[1:]), "    "])
