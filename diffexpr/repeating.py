"""Elements repeated, moved round the ends or set beyond them, by NumPy's names."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from diffexpr import reductions
from diffexpr.errors import ExpressionValueError, ShapeError
from diffexpr.indexing import getitem
from diffexpr.joining import concatenate
from diffexpr.operands import as_operand, float_kind, implements, normal_axes, numbers, shape_of
from diffexpr.precision import astype
from diffexpr.shapes import broadcast_to, ravel, reshape


@implements(np.tile)
def tile(A: Any, reps: Any) -> Any:
    """The whole array again and again, ``reps`` times along each axis."""
    A = as_operand(A)
    shape = shape_of(A)
    times = tuple(int(r) for r in (reps if np.ndim(reps) else (reps,)))
    ndim = max(len(times), len(shape))
    shape = (1,) * (ndim - len(shape)) + shape
    times = (1,) * (ndim - len(times)) + times
    apart = [n for size in shape for n in (1, size)]
    grown = [n for r, size in zip(times, shape, strict=True) for n in (r, size)]
    found = broadcast_to(reshape(A, apart), grown)
    return reshape(found, [r * size for r, size in zip(times, shape, strict=True)])


@implements(np.repeat)
def repeat(a: Any, repeats: Any, axis: Any = None) -> Any:
    """Every element again and again in its place."""
    a = as_operand(a)
    if axis is None:
        a, axis = ravel(a), 0
    (at,) = normal_axes(axis, len(shape_of(a)))
    shape = shape_of(a)
    times = np.asarray(numbers(repeats, "np.repeat"))
    if times.size == 1:
        wide = (*shape[: at + 1], int(times.reshape(())), *shape[at + 1 :])
        one = broadcast_to(reshape(a, (*shape[: at + 1], 1, *shape[at + 1 :])), wide)
        return reshape(one, (*shape[:at], shape[at] * int(times.reshape(())), *shape[at + 1 :]))
    if times.shape != (shape[at],):
        raise ShapeError(f"repeat: {times.size} counts for {shape[at]} elements along axis {at}")
    return along(a, at, np.repeat(np.arange(shape[at]), times))


def along(a: Any, axis: int, index: Any) -> Any:
    """Elements chosen along one axis."""
    return getitem(a, (*(slice(None),) * axis, index))


@implements(np.resize)
def resize(a: Any, new_shape: Any) -> Any:
    """The elements in order, from the beginning again until a shape is full."""
    a = ravel(as_operand(a))
    sizes = (new_shape,) if isinstance(new_shape, (int, np.integer)) else tuple(new_shape)
    have, want = shape_of(a)[0], math.prod(sizes)
    if not have:
        return np.zeros(sizes)
    return reshape(tile(a, -(-want // have))[:want], sizes)


@implements(np.roll)
def roll(a: Any, shift: Any, axis: Any = None) -> Any:
    """Elements moved along axes; those that leave at one end enter at the other."""
    a = as_operand(a)
    if axis is None:
        return reshape(roll(ravel(a), shift, 0), shape_of(a))
    shifts, axes = np.broadcast_arrays(shift, axis)
    for by, i in zip(shifts.flat, axes.flat, strict=True):
        (at,) = normal_axes(int(i), len(shape_of(a)))
        n = shape_of(a)[at]
        cut = -int(by) % n if n else 0
        if cut:
            before = (slice(None),) * at
            parts = [a[(*before, slice(cut, None))], a[(*before, slice(None, cut))]]
            a = concatenate(parts, at)
    return a


@implements(np.pad)
def pad(array: Any, pad_width: Any, mode: Any = "constant", **options: Any) -> Any:
    """Elements set beyond the ends of axes; all modes of NumPy's but ``empty``."""
    array = as_operand(array)
    widths = _widths(pad_width, len(shape_of(array)))
    if mode in ("edge", "reflect", "symmetric", "wrap"):
        return _mirrored(array, widths, mode, options)
    if mode not in _BEYOND:
        raise ExpressionValueError(
            f"pad: mode={mode!r} is not in the language; use one of constant, edge, reflect, "
            f"symmetric, wrap, {', '.join(m for m in _BEYOND if m != 'constant')}"
        )
    key = {"constant": "constant_values", "linear_ramp": "end_values"}.get(mode, "stat_length")
    _only(options, mode, key)
    if key == "stat_length" and options.get(key) is not None:
        raise ExpressionValueError(f"pad: stat_length with mode={mode!r} is not in the language")
    ends = _pairs(options.get(key, 0), len(widths)) if key != "stat_length" else None
    for axis, (before, after) in enumerate(widths):
        beyond = _BEYOND[mode]
        pair = ends[axis] if ends is not None else (None, None)
        parts = [beyond(array, axis, before, pair[0], False), array]
        parts.append(beyond(array, axis, after, pair[1], True))
        sizes = (before, 1, after)
        kept = [part for part, n in zip(parts, sizes, strict=True) if n]
        array = kept[0] if len(kept) == 1 else concatenate(kept, axis)
    return array


def _only(options: dict[str, Any], mode: Any, *allowed: str) -> None:
    spare = sorted(set(options) - set(allowed))
    if spare:
        raise ExpressionValueError(f"pad: mode={mode!r} takes no {', '.join(spare)}")


def _widths(pad_width: Any, ndim: int) -> list[tuple[int, int]]:
    if isinstance(pad_width, dict):
        table: list[Any] = [(0, 0)] * ndim
        for axis, width in pad_width.items():
            (at,) = normal_axes(axis, ndim)
            table[at] = width if np.ndim(width) else (width, width)
        pad_width = table
    pairs = np.broadcast_to(np.asarray(pad_width), (ndim, 2))
    if pairs.dtype.kind not in "iu" or (pairs < 0).any():
        raise ExpressionValueError(f"pad_width={pad_width!r}: give whole numbers, none negative")
    return [(int(before), int(after)) for before, after in pairs]


def _pairs(values: Any, ndim: int) -> list[tuple[Any, Any]]:
    values = broadcast_to(as_operand(values), (ndim, 2))
    return [(values[i, 0], values[i, 1]) for i in range(ndim)]


def _mirrored(array: Any, widths: list[tuple[int, int]], mode: Any, options: Any) -> Any:
    """The modes that repeat elements of the array: each axis is one choice along it."""
    _only(options, mode, *(("reflect_type",) if mode in ("reflect", "symmetric") else ()))
    if options.get("reflect_type", "even") != "even":
        raise ExpressionValueError("pad: reflect_type='odd' is not in the language; use 'even'")
    for axis, width in enumerate(widths):
        if any(width):
            places = np.pad(np.arange(shape_of(array)[axis]), width, mode)
            array = along(array, axis, places)
    return array


def _sizes(array: Any, axis: int, n: int) -> tuple[int, ...]:
    return tuple(n if i == axis else size for i, size in enumerate(shape_of(array)))


def _constant(array: Any, axis: int, n: int, value: Any, after: bool) -> Any:
    return broadcast_to(astype(value, float_kind(array)), _sizes(array, axis, n))


def _ramp(array: Any, axis: int, n: int, value: Any, after: bool) -> Any:
    edge = along(array, axis, slice(-1, None) if after else slice(0, 1))
    shape = [n if i == axis else 1 for i in range(len(shape_of(array)))]
    share = np.arange(n) / n
    share = np.asarray(share[::-1] if after else share, float_kind(array)).reshape(shape)
    value = astype(value, float_kind(array))
    return value + share * (edge - value)


def _statistic(reduction: Any) -> Any:
    def beyond(array: Any, axis: int, n: int, value: Any, after: bool) -> Any:
        found = reduction(array, axis, keepdims=True)
        return broadcast_to(found, _sizes(array, axis, n))

    return beyond


_BEYOND = {
    "constant": _constant,
    "linear_ramp": _ramp,
    "maximum": _statistic(reductions.max),
    "minimum": _statistic(reductions.min),
    "mean": _statistic(reductions.mean),
}
