"""Functions given by the caller, carried out along axes or on pieces, by NumPy's names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from diffexpr.apply import apply
from diffexpr.errors import ExpressionValueError, ShapeError
from diffexpr.frozen import Index
from diffexpr.joining import stack
from diffexpr.operands import (
    as_operand,
    float_kind,
    implements,
    is_symbolic,
    normal_axes,
    numbers,
    shape_of,
)
from diffexpr.precision import astype
from diffexpr.shapes import broadcast_to, expand_dims, moveaxis, reshape


@implements(np.apply_along_axis)
def apply_along_axis(func1d: Callable[..., Any], axis: int, arr: Any, *args: Any,
                     **kwargs: Any) -> Any:  # fmt: skip
    """The results of a function of vectors, on every line along an axis."""
    arr = as_operand(arr)
    shape = shape_of(arr)
    (at,) = normal_axes(axis, len(shape))
    others = shape[:at] + shape[at + 1 :]
    lines = moveaxis(arr, at, -1)
    found = [as_operand(func1d(lines[place], *args, **kwargs)) for place in np.ndindex(others)]
    if not found:
        raise ShapeError(f"apply_along_axis: there is no line in shape {shape}")
    each = shape_of(found[0])
    joined = reshape(stack(found, 0), (*others, *each))
    back = range(len(others), len(others) + len(each))
    return moveaxis(joined, tuple(back), tuple(range(at, at + len(each))))


@implements(np.apply_over_axes)
def apply_over_axes(func: Callable[..., Any], a: Any, axes: Any) -> Any:
    """A reduction over several axes one after the other, each kept with size one."""
    a = as_operand(a)
    ndim = len(shape_of(a))
    for axis in axes if isinstance(axes, (tuple, list)) else (axes,):
        (at,) = normal_axes(axis, ndim)
        found = func(a, at)
        a = found if len(shape_of(found)) == ndim else expand_dims(found, at)
        if len(shape_of(a)) != ndim:
            raise ShapeError("apply_over_axes: the function must reduce one axis or none")
    return a


@implements(np.piecewise)
def piecewise(x: Any, condlist: Any, funclist: Any, *args: Any, **kw: Any) -> Any:
    """A function by pieces; of pieces that overlap, the last holds, as in NumPy."""
    x = as_operand(x)
    conditions, functions = _pieces(x, condlist), list(funclist)
    if len(functions) == len(conditions) + 1:
        held = conditions[0]
        for condition in conditions[1:]:
            held = apply("logical_or", (held, condition))
        conditions = [*conditions, apply("logical_not", (held,))]
    if len(functions) != len(conditions):
        raise ExpressionValueError(
            f"piecewise: {len(functions)} functions for {len(conditions)} conditions"
        )
    shape = shape_of(x)
    symbolic = any(map(is_symbolic, [x, *conditions]))
    kind = float_kind(x)
    found: Any = np.zeros(shape, kind)[()]
    for condition, f in zip(conditions, functions, strict=True):
        if symbolic or not shape:
            if not symbolic and not condition:
                continue
            value = f(x, *args, **kw) if callable(f) else f
            found = apply("where", (condition, astype(as_operand(value), kind), found))
            continue
        places = np.nonzero(condition)
        part = f(x[places], *args, **kw) if callable(f) else f
        part = broadcast_to(astype(as_operand(part), kind), (len(places[0]),))
        spread = apply("scatter_add", (part,), (Index(places), shape))
        found = apply("where", (condition, spread, found))
    return found


def _pieces(x: Any, condlist: Any) -> list[Any]:
    """The conditions, one to a piece, as truth values of the shape of ``x``."""
    if len(shape_of(condlist)) == len(shape_of(x)):
        condlist = [condlist]
    found = []
    for condition in condlist:
        condition = as_operand(condition)
        bare = condition if is_symbolic(condition) else numbers(condition, "np.piecewise")
        found.append(bare if is_symbolic(bare) else np.broadcast_to(bare, shape_of(x)).astype(bool))
    return found
