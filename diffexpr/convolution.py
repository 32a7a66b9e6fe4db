"""Convolutions and correlations of any number of dimensions, and NumPy's two of one.

A small one is a product of matrices: windows of one operand against the other, in a row. A
larger one goes by way of the Fourier transform, whose rounding is relative to the largest
element and not to each.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from diffexpr import fourier
from diffexpr.apply import apply
from diffexpr.complex_parts import conjugate, is_complex
from diffexpr.errors import ExpressionValueError, ShapeError
from diffexpr.matrices import operand
from diffexpr.operands import float_kind, implements, shape_of
from diffexpr.shapes import reshape

Shape = tuple[int, ...]

WINDOWS = 2**22
"""Most products of elements that a product of matrices is made of."""


def mirrored(x: Any) -> Any:
    """Every axis the other way round."""
    return x[(slice(None, None, -1),) * len(shape_of(x))]


def region(
    a: Any, b: Any, starts: Sequence[int], sizes: Sequence[int], fourier_transform: bool | None
) -> Any:
    """A block of the full convolution of two arrays of equally many axes.

    Parameters
    ----------
    a, b : operand
    starts, sizes : sequence of int
        Where the block begins and how large it is, in the full result of shape
        ``a.shape + b.shape - 1``.
    fourier_transform : bool or None
        How to go about it; None decides by size.
    """
    if math.prod(shape_of(a)) < math.prod(shape_of(b)):
        a, b = b, a
    count = math.prod(sizes) * math.prod(shape_of(b))
    if fourier_transform or (fourier_transform is None and count > WINDOWS):
        return _transformed(a, b, starts, sizes)
    shape, kernel = shape_of(a), shape_of(b)
    wide = _padded(a, [k - 1 for k in kernel])
    steps = [n + 2 * (k - 1) for n, k in zip(shape, kernel, strict=True)]
    strides = [math.prod(steps[i + 1 :]) for i in range(len(steps))]
    place = np.zeros((1, 1), np.intp)
    for start, size, k, stride in zip(starts, sizes, kernel, strides, strict=True):
        along = (start + np.arange(size)[:, None] + np.arange(k)) * stride
        place = place[:, None, :, None] + along[None, :, None, :]
        place = place.reshape(place.shape[0] * size, -1)
    windows = reshape(wide, (math.prod(steps),))[place]
    return reshape(
        apply("matmul", (windows, reshape(mirrored(b), (math.prod(kernel),)))), tuple(sizes)
    )


def _padded(x: Any, widths: Sequence[int]) -> Any:
    """The operand with as many zeros before as behind it along each axis."""
    for axis, width in enumerate(widths):
        if width:
            shape = shape_of(x)
            zeros = np.zeros((*shape[:axis], width, *shape[axis + 1 :]), float_kind(x))
            x = apply("concatenate", (zeros, x, zeros), (axis,))
    return x


def _transformed(a: Any, b: Any, starts: Sequence[int], sizes: Sequence[int]) -> Any:
    full = [m + n - 1 for m, n in zip(shape_of(a), shape_of(b), strict=True)]
    axes = tuple(range(len(full)))
    if is_complex(a) or is_complex(b):
        whole = fourier.ifftn(fourier.fftn(a, full, axes) * fourier.fftn(b, full, axes), full, axes)
    else:
        both = fourier.rfftn(a, full, axes) * fourier.rfftn(b, full, axes)
        whole = fourier.irfftn(both, full, axes)
    return whole[tuple(slice(i, i + n) for i, n in zip(starts, sizes, strict=True))]


def _vectors(a: Any, v: Any, name: str) -> tuple[Any, Any]:
    a, v = (x if shape_of(x) else reshape(x, (1,)) for x in (operand(a), operand(v)))
    if len(shape_of(a)) != 1 or len(shape_of(v)) != 1:
        raise ShapeError(f"{name} takes vectors, got shapes {shape_of(a)} and {shape_of(v)}")
    if not shape_of(a)[0] or not shape_of(v)[0]:
        raise ShapeError(f"{name} takes vectors that are not empty")
    return a, v


def _mode(mode: Any, name: str) -> str:
    named = {0: "valid", 1: "same", 2: "full"}.get(mode, mode)
    if named not in ("valid", "same", "full"):
        raise ExpressionValueError(f"{name}: mode={mode!r} is none of 'full', 'same', 'valid'")
    return named


@implements(np.convolve)
def convolve(a: Any, v: Any, mode: Any = "full") -> Any:
    """The convolution of two vectors."""
    a, v = _vectors(a, v, "convolve")
    m, n = shape_of(a)[0], shape_of(v)[0]
    small, large = sorted((m, n))
    start, size = {
        "full": (0, m + n - 1),
        "same": ((small - 1) // 2, large),
        "valid": (small - 1, large - small + 1),
    }[_mode(mode, "convolve")]
    return region(a, v, [start], [size], None)


@implements(np.correlate)
def correlate(a: Any, v: Any, mode: Any = "valid") -> Any:
    """The correlation of two vectors, the second conjugated."""
    a, v = _vectors(a, v, "correlate")
    m, n = shape_of(a)[0], shape_of(v)[0]
    small, large = sorted((m, n))
    start, size = {
        "full": (0, m + n - 1),
        "same": ((n - 1) // 2 if m >= n else m // 2, large),
        "valid": (small - 1, large - small + 1),
    }[_mode(mode, "correlate")]
    return region(a, mirrored(conjugate(v)), [start], [size], None)
