"""Programs too long to be compiled: a list of operations that is gone through one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from compare.lower.plan import Plan, Structure
from diffexpr import Expr
from diffexpr.apply import value_of
from diffexpr.frozen import Frozen
from diffexpr.walk import topological

MOST_STATEMENTS = 100_000
"""Programs of more operations than this are interpreted."""


class Interpreted:
    """A program as a list: each operation with the places of its operands and of its result.

    A place is used again when what it held has been read for the last time.
    """

    def __init__(self, plan: Plan) -> None:
        order = topological(plan.outputs)
        places: dict[Expr, int] = {p: i for i, p in enumerate(plan.parameters)}
        self._constants: list[tuple[int, Any]] = []
        last = _last_uses(order, plan.outputs)
        free: list[int] = []
        count = len(places)
        self._steps: list[tuple[Callable[..., Any], tuple[int, ...], tuple[Any, ...], int]] = []
        for i, node in enumerate(order):
            if node in places:
                continue
            if node.args:
                for arg in dict.fromkeys(node.args):
                    if last[arg] == i and arg.args:
                        free.append(places[arg])
            if free and node.args:
                places[node] = free.pop()
            else:
                places[node] = count
                count += 1
            if node.op == "constant":
                self._constants.append((places[node], _number(node)))
            else:
                at = tuple(places[arg] for arg in node.args)
                self._steps.append((value_of(node.op), at, node.params, places[node]))
        self._count = count
        self._outputs = [places[output] for output in plan.outputs]
        self._structure = plan.structure

    def __call__(self, *values: Any) -> Any:
        """The results for values of the parameters."""
        held: list[Any] = [None] * self._count
        held[: len(values)] = values
        for place, value in self._constants:
            held[place] = value
        with np.errstate(all="ignore"):
            for function, at, params, place in self._steps:
                held[place] = function(*[held[i] for i in at], *params)
        return _packed(self._structure, [held[i] for i in self._outputs])


def _last_uses(order: Sequence[Expr], outputs: Sequence[Expr]) -> dict[Expr, int]:
    last: dict[Expr, int] = {}
    for i, node in enumerate(order):
        for arg in node.args:
            last[arg] = i
    last.update(dict.fromkeys(outputs, len(order)))
    return last


def _number(node: Expr) -> Any:
    value = node.params[0]
    if isinstance(value, Frozen):
        return value.array
    return float(value) if type(value) is int else value


def _packed(structure: Structure, values: list[Any]) -> Any:
    if isinstance(structure, int):
        return values[structure]
    return tuple(_packed(part, values) for part in structure)
