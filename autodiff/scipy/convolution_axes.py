"""Convolution along chosen axes and product over others, as the layers of networks need it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from diffexpr.errors import ExpressionValueError, ShapeError
from diffexpr.operands import shape_of

Axes = tuple[Sequence[int], Sequence[int]]


def convolve_axes(in1: Any, in2: Any, axes: Axes | None, dot_axes: Axes | None, mode: str) -> Any:
    """Convolve along pairs of axes, sum over pairs of others, and keep all the rest.

    Parameters
    ----------
    in1, in2 : array
    axes : pair of sequences of int, or None
        Axes of the first and of the second array that are convolved with each other; all axes.
    dot_axes : pair of sequences of int, or None
        Axes that are multiplied and summed; none.
    mode : {'full', 'same', 'valid'}
        As of ``scipy.signal.convolve``, along each pair of ``axes``.

    Returns
    -------
    array
        The remaining axes of the first array, those of the second, then the convolved ones.

    Raises
    ------
    ShapeError
        If the axes do not pair up.
    ExpressionValueError
        If there is no such mode.

    Examples
    --------
    >>> images, filters = np.ones((8, 3, 28, 28)), np.ones((3, 6, 5, 5))
    >>> convolve_axes(images, filters, ([2, 3], [2, 3]), ([1], [0]), "valid").shape
    (8, 6, 24, 24)
    """
    if mode not in ("full", "same", "valid"):
        raise ExpressionValueError(f"convolve: mode={mode!r} is none of 'full', 'same', 'valid'")
    ndims = len(shape_of(in1)), len(shape_of(in2))
    along = axes if axes is not None else (range(ndims[0]), range(ndims[1]))
    over = dot_axes if dot_axes is not None else ((), ())
    if len(along[0]) != len(along[1]) or len(over[0]) != len(over[1]):
        raise ShapeError(f"convolve: axes={axes} and dot_axes={dot_axes} must be pairs")
    rests = [_rest(ndims[k], along[k], over[k]) for k in (0, 1)]
    a = np.transpose(in1, [*rests[0], *over[0], *along[0]])
    b = np.transpose(in2, [*rests[1], *over[1], *along[1]])
    counts = len(rests[0]), len(rests[1])
    n = len(along[0])
    if mode == "valid":
        return _valid(a, b, counts, n)
    sizes = shape_of(a)[-n:] if n else ()
    extra = [k - 1 for k in (shape_of(b)[-n:] if n else ())]
    ends = [(0, 0)] * (len(shape_of(a)) - n) + [(k, k) for k in extra]
    full = _windows(np.pad(a, ends), b, counts, n)
    if mode == "full":
        return full
    middle = [slice(k // 2, k // 2 + m) for k, m in zip(extra, sizes, strict=True)]
    return full[(..., *middle)]


def _rest(ndim: int, along: Sequence[int], over: Sequence[int]) -> list[int]:
    taken = [axis % ndim for axis in (*along, *over)]
    if len(set(taken)) != len(taken):
        raise ShapeError(f"convolve: axes {list(along)} and {list(over)} name one axis twice")
    return [axis for axis in range(ndim) if axis not in taken]


def _valid(a: Any, b: Any, counts: tuple[int, int], n: int) -> Any:
    """Only where one array lies wholly inside of the other, the larger first."""
    sizes = list(zip(shape_of(a)[-n:], shape_of(b)[-n:], strict=True)) if n else []
    if all(large >= small for large, small in sizes):
        return _windows(a, b, counts, n)
    if any(large > small for large, small in sizes):
        raise ShapeError(
            f"convolve(mode='valid'): of sizes {[s[0] for s in sizes]} and "
            f"{[s[1] for s in sizes]} one must hold the other"
        )
    turned = _windows(b, a, (counts[1], counts[0]), n)
    first, second = range(counts[1], sum(counts)), range(counts[1])
    return np.transpose(turned, [*first, *second, *range(sum(counts), sum(counts) + n)])


def _windows(a: Any, b: Any, counts: tuple[int, int], n: int) -> Any:
    """Every window of the first array times the mirrored second."""
    dots = len(shape_of(a)) - counts[0] - n
    at = len(shape_of(a)) - n
    last = tuple(range(at, at + n))
    kernel = shape_of(b)[len(shape_of(b)) - n :]
    windows = np.lib.stride_tricks.sliding_window_view(a, kernel, axis=last) if n else a
    mirrored = b[(..., *[slice(None, None, -1)] * n)] if n else b
    marks = iter(range(counts[0] + counts[1] + dots + 2 * n))
    rest1, rest2, summed, places, inner = (
        [next(marks) for _ in range(k)] for k in (counts[0], counts[1], dots, n, n)
    )
    return np.einsum(
        windows, rest1 + summed + places + inner, mirrored, rest2 + summed + inner,
        rest1 + rest2 + places,
    )  # fmt: skip
