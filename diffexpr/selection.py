"""Elements chosen by conditions, by places or by where they stand, by NumPy's names."""

from __future__ import annotations

from typing import Any

import numpy as np

from diffexpr.apply import apply
from diffexpr.errors import ExpressionTypeError, ExpressionValueError, ShapeError
from diffexpr.frozen import Index
from diffexpr.indexing import getitem
from diffexpr.operands import (
    as_operand,
    dtype_of,
    given,
    implements,
    no_out,
    normal_axes,
    numbers,
    shape_of,
)
from diffexpr.reductions import MISSING, is_nan, sum
from diffexpr.shapes import broadcast_to, common_shape, moveaxis, ravel, reshape


@implements(np.where)
def where(condition: Any, x: Any = None, y: Any = None, /) -> Any:
    """One of two values by a condition; the branch not taken never reaches the derivative."""
    condition = as_operand(condition)
    if x is None and y is None:
        return np.nonzero(numbers(condition, "np.where with a condition and no two values"))
    if x is None or y is None:
        raise ExpressionTypeError("where takes a condition and two values")
    if dtype_of(condition).kind != "b":
        condition = apply("not_equal", (condition, 0))
    return apply("where", (condition, as_operand(x), as_operand(y)))


@implements(np.select)
def select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    """The first value whose condition holds."""
    if len(condlist) != len(choicelist) or not len(condlist):
        raise ExpressionValueError(
            f"select: {len(condlist)} conditions for {len(choicelist)} values; give as many"
        )
    found = as_operand(default)
    for condition, value in zip(reversed(condlist), reversed(choicelist), strict=True):
        found = where(condition, value, found)
    shape = common_shape(found, *map(as_operand, condlist))
    return found if shape_of(found) == shape else broadcast_to(found, shape)


@implements(np.choose)
def choose(a: Any, choices: Any, out: Any = None, mode: str = "raise") -> Any:
    """Elements of several arrays, which of them by an array of whole numbers."""
    no_out("choose", out)
    which = np.asarray(numbers(a, "np.choose"))
    parts = [as_operand(x) for x in choices]
    n = len(parts)
    if mode == "raise" and ((which < 0) | (which >= n)).any():
        raise ExpressionValueError(f"choose: {n} choices, asked for one beyond; give mode=")
    which = which % n if mode == "wrap" else np.clip(which, 0, n - 1)
    found = parts[-1]
    for k in reversed(range(n - 1)):
        found = apply("where", (which == k, parts[k], found))
    return found if n > 1 else broadcast_to(found, common_shape(which, found))


@implements(np.take)
def take(a: Any, indices: Any, axis: Any = None, out: Any = None, mode: str = "raise") -> Any:
    """Elements at given places along an axis; of the flattened array without one."""
    no_out("take", out)
    a = as_operand(a)
    if axis is None:
        a, axis = ravel(a), 0
    (at,) = normal_axes(axis, len(shape_of(a)))
    n = shape_of(a)[at]
    places = np.asarray(numbers(indices, "np.take"))
    if places.dtype.kind not in "iu" and places.size:
        raise ExpressionTypeError(f"take: places are whole numbers, got {places.dtype}")
    if mode != "raise":
        places = places % n if mode == "wrap" else np.clip(places, 0, n - 1)
    return getitem(a, (*(slice(None),) * at, places.astype(np.intp)))


@implements(np.take_along_axis)
def take_along_axis(arr: Any, indices: Any, axis: Any = -1) -> Any:
    """Elements at places that differ from line to line."""
    arr = as_operand(arr)
    if axis is None:
        arr, axis = ravel(arr), 0
    shape = shape_of(arr)
    (at,) = normal_axes(axis, len(shape))
    places = np.asarray(numbers(indices, "np.take_along_axis"))
    if places.ndim != len(shape):
        raise ShapeError(f"take_along_axis: places of shape {places.shape} for {shape}")
    # All axes but that of the places are broadcast against each other.
    kept = [1 if i == at else n for i, n in enumerate(shape)]
    among = [1 if i == at else n for i, n in enumerate(places.shape)]
    whole = np.broadcast_shapes(tuple(kept), tuple(among))
    index = list(np.ogrid[tuple(map(slice, whole))])
    index = [grid if n > 1 else 0 * grid for grid, n in zip(index, shape, strict=True)]
    index[at] = places
    return getitem(arr, tuple(index))


@implements(np.compress)
def compress(condition: Any, a: Any, axis: Any = None, out: Any = None) -> Any:
    """The elements along an axis for which a constant condition holds."""
    no_out("compress", out)
    kept = np.flatnonzero(numbers(as_operand(condition), "np.compress"))
    return take(a, kept, axis)


@implements(np.extract)
def extract(condition: Any, arr: Any) -> Any:
    """The elements for which a constant condition holds, in one row."""
    return compress(ravel(as_operand(condition)), ravel(as_operand(arr)))


@implements(np.unique)
def unique(ar: Any, return_index: bool = False, return_inverse: bool = False,
           return_counts: bool = False, axis: Any = None, *, equal_nan: bool = True,
           sorted: bool = True) -> Any:  # fmt: skip
    """The values that occur, in order; of equal ones the first carries the derivative."""
    ar = as_operand(ar)
    bare = numbers(ar, "np.unique")
    _, first, *rest = np.unique(
        bare, True, return_inverse, return_counts, axis, equal_nan=equal_nan
    )
    found = take(ar, first, axis)
    more = ([first] if return_index else []) + rest
    return (found, *more) if more else found


# diagonals and triangles


@implements(np.diagonal)
def diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The diagonals of the matrices along two axes, along a last axis of their own."""
    a = as_operand(a)
    shape = shape_of(a)
    if len(shape) < 2:
        raise ShapeError(f"diagonal takes at least two dimensions, got shape {shape}")
    axes = normal_axes((axis1, axis2), len(shape))
    if len(shape) == 2 and not offset:
        return apply("diag", (a,))
    first, second = (int(i) % len(shape) for i in (axis1, axis2))
    rows, columns = _places(shape[first], shape[second], offset)
    if axes != (0, 1) or first > second:
        a = moveaxis(a, (first, second), (0, 1))
    # The axis of the diagonal comes out first.
    found = getitem(a, (rows, columns))
    return moveaxis(found, 0, -1)


def _places(n: int, m: int, offset: int) -> tuple[Any, Any]:
    """Rows and columns of the elements of a diagonal of an (n, m) matrix."""
    size = max(min(n + min(offset, 0), m - max(offset, 0)), 0)
    along = np.arange(size)
    return along + max(-offset, 0), along + max(offset, 0)


@implements(np.diag)
def diag(v: Any, k: int = 0) -> Any:
    """A diagonal of a matrix, or the matrix with a vector on a diagonal."""
    v = as_operand(v)
    shape = shape_of(v)
    if len(shape) == 2 and k:
        return getitem(v, _places(*shape, k))
    if not k or len(shape) != 1:
        return apply("diag", (v,))
    n = shape[0] + abs(k)
    return apply("scatter_add", (v,), (Index(_places(n, n, k)), (n, n)))


@implements(np.diagflat)
def diagflat(v: Any, k: int = 0) -> Any:
    """The matrix with the flattened operand on a diagonal."""
    v = as_operand(v)
    return diag(ravel(v) if shape_of(v) else reshape(v, (1,)), k)


@implements(np.trace)
def trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None,
          out: Any = None) -> Any:  # fmt: skip
    """Sums of the diagonals of the matrices along two axes."""
    a = as_operand(a)
    if len(shape_of(a)) < 2:
        raise ShapeError(f"trace takes a matrix, got shape {shape_of(a)}")
    no_out("trace", out)
    return sum(diagonal(a, offset, axis1, axis2), -1, dtype)


@implements(np.tril)
def tril(m: Any, k: int = 0) -> Any:
    """The elements on and below a diagonal, with zeros above."""
    m = as_operand(m)
    return apply("where", (np.tri(*_matrix(m, "tril"), k=k, dtype=bool), m, 0))


@implements(np.triu)
def triu(m: Any, k: int = 0) -> Any:
    """The elements on and above a diagonal, with zeros below."""
    m = as_operand(m)
    return apply("where", (np.tri(*_matrix(m, "triu"), k=k - 1, dtype=bool), 0, m))


def _matrix(m: Any, name: str) -> tuple[int, ...]:
    shape = shape_of(m)
    if not shape:
        raise ShapeError(f"{name} takes at least one dimension, got a scalar")
    # A vector stands for the square matrix whose rows it is.
    return (*shape, *shape)[-2:]


# values kept inside limits


@implements(np.clip)
def clip(a: Any, a_min: Any = MISSING, a_max: Any = MISSING, out: Any = None, *,
         min: Any = MISSING, max: Any = MISSING, dtype: Any = None,
         **options: Any) -> Any:  # fmt: skip
    """Values kept between two limits; ``None`` leaves one side open."""
    no_out("clip", out)
    a = as_operand(a)
    low, high = (first if given(first) else second
                 for first, second in ((min, a_min), (max, a_max)))  # fmt: skip
    low, high = (as_operand(limit) if given(limit) else None for limit in (low, high))
    if low is None and high is None:
        return a
    if low is None:
        return apply("minimum", (a, high))
    return apply("maximum", (a, low)) if high is None else apply("clip", (a, low, high))


@implements(np.nan_to_num)
def nan_to_num(x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None,
               neginf: Any = None) -> Any:  # fmt: skip
    """Finite numbers in place of NaN and the infinities, where the derivative is 0."""
    x = as_operand(x)
    kind = dtype_of(x)
    if kind.kind == "c":
        parts = (nan_to_num(part, copy, nan, posinf, neginf) for part in (np.real(x), np.imag(x)))
        re, im = parts
        return re + 1j * im
    if kind.kind != "f":
        return x
    largest = np.finfo(kind)
    x = apply("where", (is_nan(x), nan, x))
    above = largest.max if posinf is None else posinf
    below = largest.min if neginf is None else neginf
    x = apply("where", (apply("equal", (x, np.inf)), above, x))
    return apply("where", (apply("equal", (x, -np.inf)), below, x))
