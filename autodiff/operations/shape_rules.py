"""Forward and reverse rules of the operations that only move numbers about."""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff import cotangents
from autodiff.literals import float_kind
from autodiff.operations.array_rules import Rule, linear, reshaped, rules, shifted
from diffexpr import functions
from diffexpr.apply import apply
from diffexpr.frozen import Index

Shape = tuple[int, ...]

# shape


def _reorder(t: Any, axes: Shape, lead: int) -> Any:
    return apply("transpose", (t,), ((*range(lead), *shifted(axes, lead)),))


rules(
    "transpose",
    linear(lambda t, params, lead: _reorder(t, params[0], lead)),
    lambda y, operands, params, i, g, lead: _reorder(
        g, tuple(sorted(range(len(params[0])), key=params[0].__getitem__)), lead
    ),
)
rules(
    "reshape",
    lambda y, operands, params, tangents, lead: reshaped(
        tangents[0], (*tangents[0].shape[:lead], *y.shape)
    ),
    lambda y, operands, params, i, g, lead: reshaped(g, (*g.shape[:lead], *operands[0].shape)),
)


def _broadcast_jvp(y: Any, operands: Any, params: Any, tangents: Any, lead: int) -> Any:
    (t,) = tangents
    ones = (1,) * (len(y.shape) + lead - len(t.shape))
    t = reshaped(t, (*t.shape[:lead], *ones, *t.shape[lead:]))
    return functions.broadcast_to(t, (*t.shape[:lead], *y.shape))


def _broadcast_vjp(y: Any, operands: Any, params: Any, i: int, g: Any, lead: int) -> Any:
    return cotangents.unbroadcast(g, operands[0].shape, lead)


rules("broadcast_to", _broadcast_jvp, _broadcast_vjp)

# selection


def last_to_first(v: Any) -> Any:
    n = len(v.shape)
    return apply("transpose", (v,), ((n - 1, *range(n - 1)),))


def first_to_last(v: Any) -> Any:
    return apply("transpose", (v,), ((*range(1, len(v.shape)), 0),))


def taken(t: Any, index: Index, lead: int) -> Any:
    """``t[index]`` behind the leading axes, which stand at the end meanwhile.

    There they cannot change where NumPy puts the axes of integer arrays.
    """
    if not lead:
        return apply("getitem", (t,), (index,))
    return last_to_first(apply("getitem", (first_to_last(t),), (index,)))


def scattered(g: Any, index: Index, shape: Shape, lead: int) -> Any:
    """The adjoint of `taken`."""
    if not lead:
        return apply("scatter_add", (g,), (index, shape))
    wide = (*shape, g.shape[0])
    return last_to_first(apply("scatter_add", (first_to_last(g),), (index, wide)))


rules(
    "getitem",
    linear(lambda t, params, lead: taken(t, params[0], lead)),
    lambda y, operands, params, i, g, lead: scattered(g, params[0], operands[0].shape, lead),
)
rules(
    "scatter_add",
    linear(lambda t, params, lead: scattered(t, params[0], params[1], lead)),
    lambda y, operands, params, i, g, lead: taken(g, params[0], lead),
)


def diagonal_index(n: int) -> Index:
    return Index((np.arange(n), np.arange(n)))


def _diag(t: Any, shape: Shape, lead: int) -> Any:
    """The diag of a tangent or cotangent, ``shape`` being that of the result."""
    if len(shape) == 1:
        return taken(t, diagonal_index(shape[0]), lead)
    return scattered(t, diagonal_index(min(shape)), shape, lead)


rules(
    "diag",
    lambda y, operands, params, tangents, lead: _diag(tangents[0], y.shape, lead),
    lambda y, operands, params, i, g, lead: _diag(g, operands[0].shape, lead),
)

# joining


def _filled(operands: Any, tangents: Any, lead: int) -> list[Any]:
    """The tangents, with zeros for the operands that have none."""
    front = next(t.shape[:lead] for t in tangents if t is not None)
    return [
        np.zeros((*front, *functions.shape_of(x)), float_kind(x)) if t is None else t
        for x, t in zip(operands, tangents, strict=True)
    ]


def _join(op: str) -> Rule:
    return lambda y, operands, params, tangents, lead: apply(
        op, tuple(_filled(operands, tangents, lead)), (params[0] + lead,)
    )


def _concatenate_vjp(y: Any, operands: Any, params: Any, i: int, g: Any, lead: int) -> Any:
    (axis,) = params
    start = sum(x.shape[axis] for x in operands[:i])
    stop = start + operands[i].shape[axis]
    return g[(slice(None),) * (axis + lead) + (slice(start, stop),)]


rules("concatenate", _join("concatenate"), _concatenate_vjp)
rules(
    "stack",
    _join("stack"),
    lambda y, operands, params, i, g, lead: g[(slice(None),) * (params[0] + lead) + (i,)],
)
