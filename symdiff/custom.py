"""Operations of a user's own, written out by the formulas they carry.

Everything behind this file sees operations of the language only.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from typing import Any

import sympy as sp

from diffexpr import Expr, ExpressionTypeError, MissingRuleError, ShapeError, constant
from diffexpr.build import node, stacked
from diffexpr.custom import Primitive
from diffexpr.functions import broadcast_to, getitem
from diffexpr.static_options import options_of
from diffexpr.walk import topological
from symdiff.arrays import as_objects, too_many
from symdiff.sympy_to_expr import convert
from symdiff.translate import SYMPY_LOCK

MAX_ELEMENTS = 10_000
"""Most elements of an array that a formula is given, or gives, one by one."""


def written_out(expr: Expr) -> Expr:
    """The expression with the formula of each custom operation in its place.

    Raises
    ------
    MissingRuleError
        If an operation has no formula, or that is not in the language.

    Examples
    --------
    >>> from diffexpr import symbol
    >>> from diffexpr.custom import primitive
    >>> cube = primitive(lambda x: x * x * x)
    >>> _ = cube.def_sympy(lambda x: x**3)
    >>> written_out(2 * cube(symbol("x")))
    2*x**3
    """
    order = topological(expr)
    if all(type(n.op) is str for n in order):
        return expr
    made: dict[Expr, Expr] = {}
    for n in order:
        args = tuple(made[arg] for arg in n.args)
        if isinstance(n.op, Primitive):
            made[n] = _formula(n.op, n, args)
        else:
            made[n] = n if args == n.args else node(n.op, args, n.params)
    return made[expr]


def _formula(op: Primitive, n: Expr, args: tuple[Expr, ...]) -> Expr:
    """The formula of one operation on these operands, of the shape of the node."""
    if op.sympy_rule is None:
        raise MissingRuleError(f"{op.name} has no formula; give it one with {op.name}.def_sympy")
    single = op.partials is not None or not any(arg.shape for arg in args)
    leaves: dict[Any, Expr] = {}
    with SYMPY_LOCK:
        dummies = [
            _dummy(i, arg, leaves) if single or not arg.shape else _dummies(i, arg, leaves)
            for i, arg in enumerate(args)
        ]
        found = op.sympy_rule(*dummies, **options_of(n.params))
        if single:
            whole = _converted(op, found, leaves)
            return whole if whole.shape == n.shape else broadcast_to(whole, n.shape)
        cells, shape = _cells(found)
        if shape != n.shape:
            raise ShapeError(
                f"{op.name}.def_sympy gave the shape {shape}, and {op.name} gives {n.shape}"
            )
        parts = [_converted(op, cell, leaves) for cell in cells]
    return stacked(as_objects(parts, shape)) if shape else parts[0]


def _dummy(i: int, arg: Expr, leaves: dict[Any, Expr]) -> Any:
    made = sp.Dummy(f"u{i}", real=True)
    leaves[made] = arg
    return made


def _dummies(i: int, arg: Expr, leaves: dict[Any, Expr]) -> Any:
    """A symbol for each element of an operand."""
    size = math.prod(arg.shape)
    if size > MAX_ELEMENTS:
        raise too_many(
            f"an array of shape {arg.shape}, for a formula", size, "array elements", MAX_ELEMENTS
        )
    places = itertools.product(*(range(k) for k in arg.shape))
    return sp.Array([_dummy(i, getitem(arg, place), leaves) for place in places], arg.shape)


def _cells(found: Any) -> tuple[list[Any], tuple[int, ...]]:
    """What a rule gave, element by element, and its shape."""
    if isinstance(found, (list, tuple)):
        found = sp.Array(found)
    shape: tuple[int, ...] = tuple(getattr(found, "shape", ()))
    if not shape:
        return [found], ()
    return [found[place] for place in itertools.product(*(range(k) for k in shape))], shape


def _converted(op: Primitive, found: Any, leaves: Mapping[Any, Expr]) -> Expr:
    if isinstance(found, (bool, int, float)):
        return constant(found)
    if not isinstance(found, sp.Basic):
        raise ExpressionTypeError(
            f"{op.name}.def_sympy gave a {type(found).__name__}; return an expression of SymPy"
        )
    foreign = sorted(map(str, found.free_symbols - set(leaves)))
    if foreign:
        raise ExpressionTypeError(
            f"{op.name}.def_sympy gave a formula in {', '.join(foreign)}; it may be one in its "
            "arguments alone"
        )
    return convert(found, leaves)
