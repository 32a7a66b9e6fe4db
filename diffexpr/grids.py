"""Arrays made from ends, from coordinates, or in the likeness of others, by NumPy's names."""

from __future__ import annotations

from typing import Any

import numpy as np

from diffexpr.apply import apply
from diffexpr.errors import ExpressionTypeError, ExpressionValueError, ShapeError
from diffexpr.joining import stack
from diffexpr.operands import (
    as_operand,
    dtype_of,
    float_kind,
    implements,
    normal_axes,
    shape_of,
)
from diffexpr.precision import converted, double
from diffexpr.shapes import broadcast_arrays, broadcast_to, moveaxis, ravel, reshape


def _like(a: Any, dtype: Any, shape: Any) -> tuple[tuple[int, ...], np.dtype[Any]]:
    sizes = shape_of(a) if shape is None else (shape,) if isinstance(shape, int) else tuple(shape)
    return sizes, dtype_of(a) if dtype is None else np.dtype(dtype)


@implements(np.zeros_like, np.empty_like)
def zeros_like(a: Any, dtype: Any = None, order: str = "K", subok: bool = True, shape: Any = None,
               *, device: Any = None) -> Any:  # fmt: skip
    """Zeros of the shape and kind of an operand, as numbers."""
    return np.zeros(*_like(a, dtype, shape))


@implements(np.ones_like)
def ones_like(a: Any, dtype: Any = None, order: str = "K", subok: bool = True, shape: Any = None,
              *, device: Any = None) -> Any:  # fmt: skip
    """Ones of the shape and kind of an operand, as numbers."""
    return np.ones(*_like(a, dtype, shape))


@implements(np.full_like)
def full_like(a: Any, fill_value: Any, dtype: Any = None, order: str = "K", subok: bool = True,
              shape: Any = None, *, device: Any = None) -> Any:  # fmt: skip
    """One value, which may be differentiated, in the shape and kind of an operand."""
    sizes, kind = _like(a, dtype, shape)
    fill_value = as_operand(fill_value)
    if not hasattr(fill_value, "_level"):
        return np.full(sizes, fill_value, kind)
    return broadcast_to(converted(fill_value, kind, "full_like"), sizes)


@implements(np.copy)
def copy(a: Any, order: str = "K", subok: bool = False) -> Any:
    """The operand, which cannot be written to anyhow."""
    return as_operand(a)


implements(np.sinc)(lambda x: apply("sinc", (as_operand(x),)))


# coordinates


@implements(np.meshgrid)
def meshgrid(*xi: Any, copy: bool = True, sparse: bool = False, indexing: str = "xy") -> Any:
    """Coordinate vectors as coordinate arrays."""
    if indexing not in ("xy", "ij"):
        raise ExpressionValueError(f"meshgrid: indexing={indexing!r}; use 'xy' or 'ij'")
    n = len(xi)
    turned = indexing == "xy" and n > 1
    parts = []
    for i, x in enumerate(xi):
        place = (1 - i if i < 2 else i) if turned else i
        flat = as_operand(x)
        flat = ravel(flat) if shape_of(flat) else reshape(flat, (1,))
        parts.append(reshape(flat, [shape_of(flat)[0] if j == place else 1 for j in range(n)]))
    return tuple(parts) if sparse else broadcast_arrays(*parts)


@implements(np.ix_)
def ix_(*args: Any) -> tuple[Any, ...]:
    """Vectors along axes of their own."""
    for x in args:
        if len(shape_of(x)) != 1:
            raise ShapeError(f"ix_ takes vectors, got shape {shape_of(x)}")
    return meshgrid(*args, sparse=True, indexing="ij")


# between two ends


@implements(np.linspace)
def linspace(start: Any, stop: Any, num: Any = 50, endpoint: bool = True, retstep: bool = False,
             dtype: Any = None, axis: Any = 0, *, device: Any = None) -> Any:  # fmt: skip
    """Numbers at equal distances between two ends, which may be differentiated."""
    num = int(num)
    if num < 0:
        raise ExpressionValueError(f"linspace: num={num} is negative")
    start, stop = (converted(as_operand(x), dtype, "linspace") for x in (start, stop))
    pieces = num - 1 if endpoint else num
    share = _steps(start, stop, num, pieces)
    found = start * (1 - share) + stop * share
    if axis:
        found = moveaxis(found, 0, axis)
    if not retstep:
        return found
    return found, (stop - start) / pieces if pieces > 0 else np.nan


def _steps(start: Any, stop: Any, num: int, pieces: int) -> Any:
    """How far along each of the numbers is, in front of the axes of the ends."""
    kind = np.result_type(float_kind(start), float_kind(stop))
    if kind.kind == "c":
        kind = np.finfo(kind).dtype
    ndim = max(len(shape_of(start)), len(shape_of(stop)))
    return (np.arange(num) / max(pieces, 1)).astype(kind).reshape((num,) + (1,) * ndim)


@implements(np.logspace)
def logspace(start: Any, stop: Any, num: Any = 50, endpoint: bool = True, base: Any = 10.0,
             dtype: Any = None, axis: Any = 0) -> Any:  # fmt: skip
    """Powers of a base, whose exponents are at equal distances."""
    return apply("power", (as_operand(base), linspace(start, stop, num, endpoint, False, dtype,
                                                      axis)))  # fmt: skip


@implements(np.geomspace)
def geomspace(start: Any, stop: Any, num: Any = 50, endpoint: bool = True, dtype: Any = None,
              axis: Any = 0) -> Any:  # fmt: skip
    """Numbers at equal ratios between two ends of the same sign."""
    start, stop = (double(converted(as_operand(x), dtype, "geomspace")) for x in (start, stop))
    if "c" in (dtype_of(start).kind, dtype_of(stop).kind):
        raise ExpressionTypeError("geomspace of complex ends has branches; use np.exp(np.linspace)")
    share = _steps(start, stop, int(num), int(num) - 1 if endpoint else int(num))
    found = start * apply("power", (stop / start, share))
    found = moveaxis(found, 0, axis) if axis else found
    return converted(found, dtype, "geomspace")


@implements(np.vander)
def vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:
    """The powers of the elements of a vector as columns, the highest first."""
    x = double(as_operand(x))
    if len(shape_of(x)) != 1:
        raise ShapeError(f"vander takes a vector, got shape {shape_of(x)}")
    columns: list[Any] = [np.ones(shape_of(x), float_kind(x))]
    while len(columns) < (shape_of(x)[0] if N is None else N):
        columns.append(columns[-1] * x if len(columns) > 1 else x)
    columns = columns[: shape_of(x)[0] if N is None else N]
    if not columns:
        return np.zeros((*shape_of(x), 0))
    return stack(columns if increasing else columns[::-1], 1)


def same_axis(x: Any, axis: int, ndim: int) -> Any:
    """A vector along one axis of several."""
    x = as_operand(x)
    (at,) = normal_axes(axis, ndim)
    return reshape(x, [shape_of(x)[0] if i == at else 1 for i in range(ndim)])
