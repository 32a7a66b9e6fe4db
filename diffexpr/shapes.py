"""The same elements in another shape or order, by NumPy's names."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from diffexpr.apply import apply
from diffexpr.arrays import broadcast
from diffexpr.errors import ExpressionValueError, ShapeError
from diffexpr.indexing import getitem
from diffexpr.operands import as_operand, implements, normal_axes, shape_of

Shape = tuple[int, ...]


@implements(np.reshape)
def reshape(a: Any, /, shape: Any = None, order: str = "C", *, newshape: Any = None,
            copy: bool | None = None) -> Any:  # fmt: skip
    """The same elements in another shape; one size may be -1."""
    a = as_operand(a)
    shape = newshape if shape is None else shape
    have = shape_of(a)
    sizes = [int(n) for n in ((shape,) if isinstance(shape, (int, np.integer)) else shape)]
    total = math.prod(have)
    if sizes.count(-1) == 1:
        known = -math.prod(sizes)
        if known == 0 or total % known:
            raise ShapeError(f"cannot reshape {have} into {tuple(sizes)}")
        sizes[sizes.index(-1)] = total // known
    if _in_columns(order, "reshape") and (len(have) > 1 or len(sizes) > 1):
        return transpose(apply("reshape", (transpose(a),), (tuple(sizes[::-1]),)))
    return apply("reshape", (a,), (tuple(sizes),))


def _in_columns(order: str, name: str) -> bool:
    if order not in ("C", "F", "A", "K"):
        raise ExpressionValueError(f"{name}: order={order!r} is none of 'C', 'F', 'A', 'K'")
    return order == "F"


@implements(np.ravel)
def ravel(a: Any, order: str = "C") -> Any:
    """The elements in one row."""
    a = as_operand(a)
    if len(shape_of(a)) == 1:
        return a
    return reshape(a, (math.prod(shape_of(a)),), order)


@implements(np.squeeze)
def squeeze(a: Any, axis: Any = None) -> Any:
    """Axes of size one left out."""
    a = as_operand(a)
    shape = shape_of(a)
    axes = normal_axes(axis, len(shape)) if axis is not None else None
    if axes is not None and any(shape[i] != 1 for i in axes):
        raise ShapeError(f"squeeze of axis {axis} of shape {shape}: its size is not 1")
    kept = [n for i, n in enumerate(shape) if (n != 1 if axes is None else i not in axes)]
    return a if len(kept) == len(shape) else reshape(a, kept)


@implements(np.expand_dims)
def expand_dims(a: Any, axis: Any) -> Any:
    """New axes of size one."""
    a = as_operand(a)
    added = (axis,) if isinstance(axis, (int, np.integer)) else tuple(axis)
    ndim = len(shape_of(a)) + len(added)
    places, sizes = normal_axes(added, ndim), iter(shape_of(a))
    return reshape(a, [1 if i in places else next(sizes) for i in range(ndim)])


@implements(np.transpose, np.permute_dims)
def transpose(a: Any, axes: Any = None) -> Any:
    """Axes in another order; reversed without one."""
    a = as_operand(a)
    ndim = len(shape_of(a))
    if axes is None:
        order = tuple(range(ndim))[::-1]
    elif all(-ndim <= i < ndim for i in axes):
        order = tuple(int(i) % ndim for i in axes)
    else:
        order = ()
    if sorted(order) != list(range(ndim)):
        raise ShapeError(f"transpose: {axes} is not an order of {ndim} axes")
    return apply("transpose", (a,), (order,))


@implements(np.swapaxes)
def swapaxes(a: Any, axis1: int, axis2: int) -> Any:
    """Two axes exchanged."""
    a = as_operand(a)
    order = list(range(len(shape_of(a))))
    (i,), (j,) = normal_axes(axis1, len(order)), normal_axes(axis2, len(order))
    order[i], order[j] = order[j], order[i]
    return transpose(a, order)


@implements(np.moveaxis)
def moveaxis(a: Any, source: Any, destination: Any) -> Any:
    """Axes moved to other positions."""
    a = as_operand(a)
    return transpose(a, _order_after(a, lambda like: np.moveaxis(like, source, destination)))


@implements(np.rollaxis)
def rollaxis(a: Any, axis: int, start: int = 0) -> Any:
    """One axis moved back until it stands before another."""
    a = as_operand(a)
    return transpose(a, _order_after(a, lambda like: np.rollaxis(like, axis, start)))


def _order_after(a: Any, move: Any) -> list[int]:
    """Which axis stands where after a move, read off an array whose sizes are all different."""
    like = np.broadcast_to(np.int8(0), tuple(range(1, len(shape_of(a)) + 1)))
    try:
        return [n - 1 for n in move(like).shape]
    except ValueError as error:
        raise ShapeError(f"shape {shape_of(a)}: {error}") from None


@implements(np.matrix_transpose)
def matrix_transpose(x: Any, /) -> Any:
    """The last two axes exchanged."""
    x = as_operand(x)
    if len(shape_of(x)) < 2:
        raise ShapeError(f"matrix_transpose takes at least two dimensions, got {shape_of(x)}")
    return swapaxes(x, -1, -2)


@implements(np.flip)
def flip(m: Any, axis: Any = None) -> Any:
    """The elements in reverse along axes."""
    m = as_operand(m)
    ndim = len(shape_of(m))
    axes = normal_axes(axis, ndim)
    return getitem(m, tuple(slice(None, None, -1 if i in axes else None) for i in range(ndim)))


@implements(np.fliplr)
def fliplr(m: Any) -> Any:
    """The second axis in reverse."""
    if len(shape_of(m)) < 2:
        raise ShapeError(f"fliplr takes at least two dimensions, got shape {shape_of(m)}")
    return flip(m, 1)


@implements(np.flipud)
def flipud(m: Any) -> Any:
    """The first axis in reverse."""
    if not shape_of(m):
        raise ShapeError("flipud takes at least one dimension, got a scalar")
    return flip(m, 0)


@implements(np.rot90)
def rot90(m: Any, k: int = 1, axes: Sequence[int] = (0, 1)) -> Any:
    """A quarter turn from the first of two axes to the second, ``k`` times."""
    m = as_operand(m)
    ndim = len(shape_of(m))
    if len(axes) != 2 or len(normal_axes(tuple(axes), ndim)) != 2:
        raise ShapeError(f"rot90 turns two different axes, got {axes}")
    first, second = axes
    if k % 4 == 0:
        return m
    if k % 4 == 2:
        return flip(m, (first, second))
    if k % 4 == 1:
        return swapaxes(flip(m, second), first, second)
    return flip(swapaxes(m, first, second), second)


@implements(np.broadcast_to)
def broadcast_to(array: Any, shape: Any, subok: bool = False) -> Any:
    """The operand repeated to a shape."""
    sizes = (shape,) if isinstance(shape, (int, np.integer)) else shape
    return apply("broadcast_to", (as_operand(array),), (tuple(int(n) for n in sizes),))


@implements(np.broadcast_arrays)
def broadcast_arrays(*args: Any, subok: bool = False) -> tuple[Any, ...]:
    """Operands repeated to their common shape."""
    parts = [as_operand(x) for x in args]
    shape = common_shape(*parts)
    return tuple(x if shape_of(x) == shape else broadcast_to(x, shape) for x in parts)


def common_shape(*parts: Any) -> Shape:
    """The shape to which operands broadcast together."""
    return broadcast([shape_of(x) for x in parts])


@implements(np.atleast_1d)
def atleast_1d(*arys: Any) -> Any:
    """Scalars as arrays of one element."""
    return _each(arys, lambda a: a if shape_of(a) else reshape(a, (1,)))


@implements(np.atleast_2d)
def atleast_2d(*arys: Any) -> Any:
    """Operands with at least two axes, new ones in front."""

    def grown(a: Any) -> Any:
        shape = shape_of(a)
        return a if len(shape) > 1 else reshape(a, (1, *shape) if shape else (1, 1))

    return _each(arys, grown)


@implements(np.atleast_3d)
def atleast_3d(*arys: Any) -> Any:
    """Operands with at least three axes; a vector becomes the middle one."""

    def grown(a: Any) -> Any:
        shape = shape_of(a)
        if len(shape) > 2:
            return a
        if len(shape) == 2:
            return reshape(a, (*shape, 1))
        return reshape(a, (1, *shape, 1) if shape else (1, 1, 1))

    return _each(arys, grown)


def _each(arys: tuple[Any, ...], grown: Any) -> Any:
    found = tuple(grown(as_operand(a)) for a in arys)
    return found[0] if len(found) == 1 else found
