"""The NumPy values of the array operations, on arrays of numbers and of objects."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from diffexpr.frozen import Index

Shape = tuple[int, ...]


def floats(x: Any) -> Any:
    """Truth values as numbers, so that a count of them is a float like everything else."""
    return x.astype(np.float64) if getattr(x, "dtype", None) == np.dtype(bool) else x


def sum(x: Any, axes: Shape, keepdims: bool) -> Any:
    return np.sum(floats(x), axis=axes, keepdims=keepdims)


def mean(x: Any, axes: Shape, keepdims: bool) -> Any:
    count = math.prod(np.shape(x)[axis] for axis in axes)
    return np.divide(np.sum(x, axis=axes, keepdims=keepdims), count)


def prod(x: Any, axes: Shape, keepdims: bool) -> Any:
    return np.prod(floats(x), axis=axes, keepdims=keepdims)


def max(x: Any, axes: Shape, keepdims: bool) -> Any:
    return np.max(x, axis=axes, keepdims=keepdims)


def min(x: Any, axes: Shape, keepdims: bool) -> Any:
    return np.min(x, axis=axes, keepdims=keepdims)


def cumsum(x: Any, axis: int) -> Any:
    return np.cumsum(x, axis=axis)


def transpose(x: Any, axes: Shape) -> Any:
    return np.transpose(x, axes)


def reshape(x: Any, shape: Shape) -> Any:
    return np.reshape(x, shape)


def broadcast_to(x: Any, shape: Shape) -> Any:
    return np.broadcast_to(x, shape)


def getitem(x: Any, index: Index) -> Any:
    return np.asarray(x)[index.value]


def scatter_add(x: Any, index: Index, shape: Shape) -> Any:
    out = np.zeros(shape, np.result_type(x))
    if index.is_basic:
        out[index.value] += x
    else:
        np.add.at(out, index.value, x)
    return out


def concatenate(*args: Any) -> Any:
    *operands, axis = args
    return np.concatenate(operands, axis=axis)


def stack(*args: Any) -> Any:
    *operands, axis = args
    return np.stack(operands, axis=axis)


def norm(x: Any, axes: Shape, keepdims: bool) -> Any:
    size = np.abs(x)
    total = np.sum(np.square(size), axis=axes, keepdims=keepdims)
    info = np.finfo(size.dtype) if size.dtype.kind == "f" else np.finfo(float)
    if not size.size or np.all((total < info.max) & (total > info.tiny / info.eps)):
        return np.sqrt(total)
    # Squares that overflow, or lose digits where they underflow, are taken of a scaled operand.
    top = np.max(size, axis=axes, keepdims=True, initial=0)
    top = np.where((top > 0) & np.isfinite(top), top, 1)
    scaled = np.sqrt(np.sum(np.square(size / top), axis=axes, keepdims=keepdims))
    return (scaled * (top if keepdims else np.squeeze(top, axis=axes)))[()]


def logsumexp(x: Any, axes: Shape, keepdims: bool) -> Any:
    top = np.max(x, axis=axes, keepdims=True)
    top = np.where(np.isfinite(top), top, 0)
    total = np.log(np.sum(np.exp(x - top), axis=axes, keepdims=True)) + top
    return total if keepdims else np.squeeze(total, axis=axes)[()]


def softmax(x: Any, axis: int) -> Any:
    grown = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return grown / np.sum(grown, axis=axis, keepdims=True)


def sort(x: Any, axis: int) -> Any:
    return np.sort(floats(x), axis=axis, kind="stable")


def gaps(x: Any, axis: int) -> Any:
    """The distances between neighbours in order: 0 at a tie."""
    return np.diff(np.sort(x, axis=axis), axis=axis)


def astype(x: Any, dtype: str) -> Any:
    x = np.asarray(x)
    return x if x.dtype.hasobject else x.astype(dtype)[()]
