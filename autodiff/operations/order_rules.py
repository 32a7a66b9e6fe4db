"""Forward and reverse rules of what puts elements in order, or changes how wide they are.

Sorting permutes, by an order that is a constant to the derivative: of numbers it is looked up;
of expressions it is the matrix of the conditions that an element has so many before it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.operations.array_rules import linear, reshaped, rules
from diffexpr.apply import apply
from diffexpr.frozen import Index
from diffexpr.operands import dtype_of, plain
from diffexpr.products import einsum
from diffexpr.shapes import moveaxis

Shape = tuple[int, ...]


def _places(order: Any, axis: int, lead: int) -> Index:
    """The index that takes elements in a given order along an axis, behind leading axes."""
    grids = list(np.ogrid[tuple(slice(n) for n in order.shape)])
    grids[axis] = order
    return Index((*(slice(None),) * lead, *grids))


def _permuted(v: Any, x: Any, axis: int, lead: int, back: bool) -> Any:
    """Elements in the order in which those of ``x`` stand when sorted, or put back from it."""
    numbers = plain(x)
    if hasattr(numbers, "_level"):
        return _by_conditions(v, x, axis, lead, back)
    order = np.argsort(numbers, axis=axis, kind="stable")
    if back:
        order = np.argsort(order, axis=axis)
    return apply("getitem", (v,), (_places(order, axis, lead),))


def _by_conditions(v: Any, x: Any, axis: int, lead: int, back: bool) -> Any:
    n = x.shape[axis]
    last = moveaxis(x, axis, -1)
    rows = reshaped(last, (*last.shape, 1))
    columns = reshaped(last, (*last.shape[:-1], 1, n))
    # Smaller elements come before, equal ones in the order in which they stand.
    before = apply("less", (columns, rows))
    tied = apply("logical_and", (apply("equal", (columns, rows)), np.tri(n, k=-1, dtype=bool)))
    ahead = apply("where", (apply("logical_or", (before, tied)), 1.0, 0.0))
    rank = apply("sum", (ahead,), ((len(x.shape),), True))
    stands = apply("where", (apply("equal", (rank, np.arange(float(n)))), 1.0, 0.0))
    line = moveaxis(v, axis + lead, -1)
    letters = "abcdefghijklmnopqrstuvw"[: len(x.shape) - 1]
    front = "z" * lead
    source, goal = ("y", "x") if back else ("x", "y")
    subscripts = f"{letters}xy,{front}{letters}{source}->{front}{letters}{goal}"
    return moveaxis(einsum(subscripts, stands, line), -1, axis + lead)


rules(
    "sort",
    lambda y, operands, params, tangents, lead: _permuted(
        tangents[0], operands[0], params[0], lead, False
    ),
    lambda y, operands, params, i, g, lead: _permuted(g, operands[0], params[0], lead, True),
)


def _as_operand(g: Any, x: Any) -> Any:
    kind = dtype_of(x)
    return apply("astype", (g,), (kind.name if kind.kind in "fc" else "float64",))


rules(
    "astype",
    linear(lambda t, params, lead: apply("astype", (t,), params)),
    lambda y, operands, params, i, g, lead: _as_operand(g, operands[0]),
)
