"""Selection from an array: any NumPy index that is constant, in one normal form."""

from __future__ import annotations

from typing import Any

import numpy as np

from diffexpr.apply import apply
from diffexpr.errors import ExpressionTypeError, ShapeError
from diffexpr.frozen import Index
from diffexpr.operands import Shape, shape_of


def getitem(x: Any, index: Any) -> Any:
    """Selection by integers, slices, newaxis, integer arrays or a constant mask."""
    return apply("getitem", (x,), (normal_index(index, shape_of(x)),))


def normal_index(index: Any, shape: Shape) -> Index:
    """An index as a tuple with one entry per axis: no ellipsis, masks as integer arrays."""
    items = list(index) if isinstance(index, tuple) else [index]
    parts: list[Any] = []
    taken = 0
    for item in items:
        part = _index_part(item)
        parts.append(part)
        if isinstance(part, np.ndarray) and part.dtype == bool:
            taken += part.ndim
        elif part is not None and part is not Ellipsis:
            taken += 1
    fill = [slice(None)] * (len(shape) - taken)
    at = next((i for i, p in enumerate(parts) if p is Ellipsis), None)
    if at is None:
        parts += fill
    else:
        parts[at : at + 1] = fill
    axis = 0
    normal: list[Any] = []
    for part in parts:
        if isinstance(part, np.ndarray) and part.dtype == bool:
            have = shape[axis : axis + part.ndim]
            if part.shape != have:
                raise ShapeError(f"a mask of shape {part.shape} does not fit shape {have}")
            normal.extend(np.nonzero(part))
            axis += part.ndim
            continue
        n = shape[axis] if part is not None and axis < len(shape) else 0
        axis += part is not None
        if isinstance(part, slice) and part.step is None:
            # One form for x[:2] and x[0:2], so that they are one node.
            part = slice(*part.indices(n)[:2], None)
        elif isinstance(part, int) and -n <= part < 0:
            part += n
        normal.append(part)
    return Index(tuple(normal))


def _index_part(item: Any) -> Any:
    """One entry as None, an ellipsis, a slice, an int, an array of integers or a mask."""
    if item is None or item is Ellipsis or isinstance(item, slice):
        return item
    if isinstance(item, (bool, np.bool_)) or hasattr(item, "_level"):
        raise ExpressionTypeError(
            f"an index must be constant, got {type(item).__name__}; use np.where for a choice "
            "that depends on a variable"
        )
    if isinstance(item, (int, np.integer)):
        return int(item)
    array = np.asarray(item)
    if array.dtype == bool and array.ndim:
        return array
    if array.dtype.kind not in "iu" and array.size:
        raise ExpressionTypeError(f"an index is made of integers or a mask, got {item!r}")
    return array.astype(np.intp)
