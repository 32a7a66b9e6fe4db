"""Arrays put together and taken apart, by NumPy's names."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from diffexpr.apply import apply
from diffexpr.errors import ExpressionTypeError, ShapeError
from diffexpr.indexing import getitem
from diffexpr.operands import as_operand, implements, no_out, normal_axes, numbers, shape_of
from diffexpr.precision import converted
from diffexpr.shapes import (
    atleast_1d,
    atleast_2d,
    atleast_3d,
    moveaxis,
    ravel,
    reshape,
)


def _parts(arrays: Any, name: str, dtype: Any, out: Any) -> list[Any]:
    no_out(name, out)
    parts = [converted(as_operand(x), dtype, name) for x in arrays]
    if not parts:
        raise ShapeError(f"{name} needs at least one operand")
    return parts


@implements(np.concatenate)
def concatenate(arrays: Any, /, axis: Any = 0, out: Any = None, *, dtype: Any = None,
                casting: str = "same_kind") -> Any:  # fmt: skip
    """Operands joined along an existing axis."""
    parts = _parts(arrays, "concatenate", dtype, out)
    if axis is None:
        parts, axis = [ravel(x) for x in parts], 0
    return apply("concatenate", tuple(parts), normal_axes(axis, len(shape_of(parts[0]))))


@implements(np.stack)
def stack(arrays: Any, axis: int = 0, out: Any = None, *, dtype: Any = None,
          casting: str = "same_kind") -> Any:  # fmt: skip
    """Operands of one shape joined along a new axis."""
    parts = _parts(arrays, "stack", dtype, out)
    return apply("stack", tuple(parts), normal_axes(axis, len(shape_of(parts[0])) + 1))


def _listed(found: Any) -> list[Any]:
    return list(found) if isinstance(found, tuple) else [found]


@implements(np.vstack)
def vstack(tup: Any, *, dtype: Any = None, casting: str = "same_kind") -> Any:
    """Operands joined below each other, vectors as rows."""
    parts = _listed(atleast_2d(*_parts(tup, "vstack", dtype, None)))
    return concatenate(parts, 0)


@implements(np.hstack)
def hstack(tup: Any, *, dtype: Any = None, casting: str = "same_kind") -> Any:
    """Operands joined side by side: along the second axis, vectors along their only one."""
    parts = _listed(atleast_1d(*_parts(tup, "hstack", dtype, None)))
    return concatenate(parts, 0 if len(shape_of(parts[0])) == 1 else 1)


@implements(np.dstack)
def dstack(tup: Any) -> Any:
    """Operands joined along the third axis."""
    return concatenate(_listed(atleast_3d(*_parts(tup, "dstack", None, None))), 2)


@implements(np.column_stack)
def column_stack(tup: Any) -> Any:
    """Operands joined side by side, vectors as columns."""
    parts = _parts(tup, "column_stack", None, None)
    return concatenate(
        [x if len(shape_of(x)) > 1 else reshape(atleast_1d(x), (-1, 1)) for x in parts], 1
    )


@implements(np.block)
def block(arrays: Any) -> Any:
    """An array from nested lists of blocks: the innermost lists along the last axis."""
    deep = _depth(arrays)
    ndim = max(deep, *(len(shape_of(leaf)) for leaf in _leaves(arrays)))
    return _blocks(arrays, deep, ndim)


def _depth(x: Any) -> int:
    deep = 0
    while isinstance(x, list):
        if not x:
            raise ShapeError("block: a list of blocks is empty")
        deep, x = deep + 1, x[0]
    return deep


def _leaves(x: Any) -> list[Any]:
    todo, found = [x], []
    while todo:
        item = todo.pop()
        if isinstance(item, tuple):
            raise ExpressionTypeError("block takes lists of blocks, got a tuple")
        if isinstance(item, list):
            todo.extend(item)
        else:
            found.append(item)
    return found


def _blocks(x: Any, deep: int, ndim: int) -> Any:
    if not isinstance(x, list):
        if deep:
            raise ShapeError("block: the lists of blocks are not nested equally deep")
        shape = shape_of(x)
        return reshape(x, (1,) * (ndim - len(shape)) + shape)
    # The depth of the nesting is a number of axes, 64 at most: this cannot run deep.
    return concatenate([_blocks(item, deep - 1, ndim) for item in x], ndim - deep)


@implements(np.append)
def append(arr: Any, values: Any, axis: Any = None) -> Any:
    """Values set behind an array."""
    arr, values = as_operand(arr), as_operand(values)
    if axis is None:
        arr, values, axis = ravel(arr), ravel(values), 0
    return concatenate([arr, values], axis)


@implements(np.insert)
def insert(arr: Any, obj: Any, values: Any, axis: Any = None) -> Any:
    """Values set into an array before given places."""
    arr, values = as_operand(arr), as_operand(values)
    places = obj if isinstance(obj, slice) else numbers(obj, "np.insert")
    have, more = shape_of(arr), shape_of(values)
    # NumPy inserts the positions of the values, counted behind those of the array.
    count = math.prod(have)
    old = np.arange(count).reshape(have)
    new = count + np.arange(math.prod(more)).reshape(more)
    return getitem(concatenate([arr, values], None), np.insert(old, places, new, axis))


@implements(np.delete)
def delete(arr: Any, obj: Any, axis: Any = None) -> Any:
    """An array without the elements at given places."""
    arr = as_operand(arr)
    if axis is None:
        arr, axis = ravel(arr), 0
    (at,) = normal_axes(axis, len(shape_of(arr)))
    places = obj if isinstance(obj, slice) else numbers(obj, "np.delete")
    kept = np.delete(np.arange(shape_of(arr)[at]), places)
    return getitem(arr, (*(slice(None),) * at, kept))


@implements(np.array_split)
def array_split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    """Parts along an axis, as equal as they can be, or cut at given places."""
    ary = as_operand(ary)
    (at,) = normal_axes(axis, len(shape_of(ary)))
    n = shape_of(ary)[at]
    pieces = np.array_split(np.arange(n), numbers(indices_or_sections, "np.array_split"))
    ends = [(int(p[0]), int(p[-1]) + 1) if len(p) else (0, 0) for p in pieces]
    return [getitem(ary, (*(slice(None),) * at, slice(start, stop))) for start, stop in ends]


@implements(np.split)
def split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    """Equal parts along an axis, or parts cut at given places."""
    ary = as_operand(ary)
    (at,) = normal_axes(axis, len(shape_of(ary)))
    if np.ndim(indices_or_sections) == 0 and shape_of(ary)[at] % int(indices_or_sections):
        raise ShapeError(
            f"split: {shape_of(ary)[at]} elements along axis {axis} are not "
            f"{indices_or_sections} equal parts; use np.array_split"
        )
    return array_split(ary, indices_or_sections, at)


@implements(np.hsplit)
def hsplit(ary: Any, indices_or_sections: Any) -> list[Any]:
    """Parts along the second axis; of a vector, along its only one."""
    return split(ary, indices_or_sections, 0 if len(shape_of(ary)) == 1 else 1)


@implements(np.vsplit)
def vsplit(ary: Any, indices_or_sections: Any) -> list[Any]:
    """Parts along the first axis of a matrix."""
    return _split_of(ary, indices_or_sections, 0, 2, "vsplit")


@implements(np.dsplit)
def dsplit(ary: Any, indices_or_sections: Any) -> list[Any]:
    """Parts along the third axis."""
    return _split_of(ary, indices_or_sections, 2, 3, "dsplit")


def _split_of(ary: Any, cuts: Any, axis: int, least: int, name: str) -> list[Any]:
    if len(shape_of(ary)) < least:
        raise ShapeError(f"{name} takes at least {least} dimensions, got shape {shape_of(ary)}")
    return split(ary, cuts, axis)


@implements(np.unstack)
def unstack(x: Any, /, *, axis: int = 0) -> tuple[Any, ...]:
    """The parts of which an axis is the stack."""
    x = as_operand(x)
    if not shape_of(x):
        raise ShapeError("unstack takes at least one dimension, got a scalar")
    turned: Sequence[Any] = moveaxis(x, axis, 0)
    return tuple(turned[i] for i in range(shape_of(turned)[0]))
