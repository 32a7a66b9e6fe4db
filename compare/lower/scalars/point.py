"""The program for one point: Python floats, or arrays so small that numbers outrun them."""

from __future__ import annotations

import ast
import builtins
import importlib.util
import math
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from compare.lower.calls.options import Options
from compare.lower.passes import run_passes
from compare.lower.plans.plan import Plan, Structure
from compare.lower.scalars.cost import pays
from compare.lower.scalars.scalar_code import FALLS_BACK, ScalarCode, scalar_function
from compare.lower.scalars.unroll import Unrolled, unroll
from compare.lower.source import syntax
from diffexpr import MissingRuleError
from diffexpr.walk import topological

__all__ = ["FALLS_BACK", "point_function", "point_module", "point_types", "unrolled_plan"]

MOST_NODES = 20_000
"""Graphs of more nodes are not unrolled."""

# A tangent costs as much as a sine on single numbers.
_FOR_ARRAYS = ("halfangle",)


def point_types(plan: Plan) -> frozenset[type]:
    """The types of arguments that the program for one point takes."""
    return frozenset(np.ndarray if p.shape else float for p in plan.parameters)


def unrolled_plan(plan: Plan, options: Options) -> Unrolled | None:
    """The graphs of a plan as graphs of single numbers, after the passes."""
    if len(topological(plan.outputs)) > MOST_NODES:
        return None
    names = [name for name in options.passes if name not in _FOR_ARRAYS]
    outputs, _ = run_passes(plan.outputs, names, options.check)
    return unroll(outputs, plan.parameters)


def point_module(plan: Plan, options: Options) -> ast.Module:
    """The program for single numbers as a module of its own; arrays are nested lists in it.

    Raises
    ------
    MissingRuleError
        If an operation has no form on single numbers, or there are too many of them.
    """
    code = _code(plan, options)
    if code is None:
        raise MissingRuleError(
            f"{plan.name} has no form on single numbers: it is too long, or takes an operation "
            "on whole arrays; use target='numpy'"
        )
    return syntax.located(ast.Module([*code.imports, code.function], []))


def point_function(plan: Plan, options: Options, scalar: bool) -> Callable[..., Any] | None:
    """The compiled program; None where there is none, or NumPy is faster."""
    if not all(math.prod(node.shape) for node in (*plan.parameters, *plan.outputs)):
        # Lists of nothing have no shape.
        return None
    if not (plan.parameters or scalar):
        # Constant arrays are there already.
        return None
    found = unrolled_plan(plan, options)
    if found is None or not (scalar or options.target == "scalar" or pays(plan.outputs, found)):
        return None
    try:
        code = _code(plan, options, found)
    except MissingRuleError:
        return None
    if code is None or (code.needs_scipy and importlib.util.find_spec("scipy") is None):
        return None
    lines: list[ast.stmt] = [*code.imports, code.function]
    name = code.function.name
    if any(node.shape for node in (*plan.parameters, *plan.outputs)):
        lines += [ast.Import([ast.alias("numpy", syntax.NUMPY)]), _over_lists(plan, name)]
        name = _WITH_ARRAYS
    namespace: dict[str, Any] = {"__name__": f"lowered_{name}", "__builtins__": builtins}
    compiled = compile(syntax.located(ast.Module(lines, [])), f"<lowered {name}>", "exec")
    types.FunctionType(compiled, namespace)()
    return namespace[name]


def _code(plan: Plan, options: Options, found: Unrolled | None = None) -> ScalarCode | None:
    found = found or unrolled_plan(plan, options)
    if found is None:
        return None
    first, *others = f"{plan.subject}.".split("\n")
    subject = "\n".join([first, *(f"    {line}" for line in others), *(["    "] if others else [])])
    return scalar_function(
        plan.name, found, plan.structure, subject, plan.labels, (_WITH_ARRAYS, syntax.NUMPY)
    )


_WITH_ARRAYS = "with_arrays"


def _over_lists(plan: Plan, inner: str) -> ast.FunctionDef:
    """The function that takes arrays apart for the one of lists, and puts arrays together."""
    words = [f"a{i}" for i in range(len(plan.parameters))]
    tests: list[ast.expr] = []
    given: list[ast.expr] = []
    for word, p in zip(words, plan.parameters, strict=True):
        value = syntax.name(word)
        if not p.shape:
            given.append(value)
            continue
        kind = ast.Attribute(ast.Attribute(value, "dtype", ast.Load()), "str", ast.Load())
        tests.append(ast.Compare(kind, [ast.NotEq()], [ast.Constant(np.dtype(float).str)]))
        shape = ast.Attribute(value, "shape", ast.Load())
        tests.append(ast.Compare(shape, [ast.NotEq()], [syntax.integers(p.shape)]))
        given.append(syntax.call(ast.Attribute(value, "tolist", ast.Load()), []))
    refuse = ast.Raise(syntax.name("ValueError"), None)
    body: list[ast.stmt] = [
        *([ast.If(ast.BoolOp(ast.Or(), tests), [refuse], [])] if tests else []),
        syntax.assign("r", syntax.call(syntax.name(inner), given)),
        ast.Return(_arrays(plan.structure, syntax.name("r"), plan)),
    ]
    return syntax.define(_WITH_ARRAYS, tuple(words), body)


def _arrays(structure: Structure, value: ast.expr, plan: Plan) -> ast.expr:
    if isinstance(structure, int):
        output = plan.outputs[structure]
        if not output.shape and not any(p.shape for p in plan.parameters):
            return value  # Python floats alone give Python floats
        return syntax.call(syntax.numpy("array" if output.shape else "float64"), [value])
    return syntax.tuple_of(
        _arrays(part, syntax.subscript(value, syntax.number(i)), plan)
        for i, part in enumerate(structure)
    )
