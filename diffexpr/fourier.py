"""Fourier transforms, by NumPy's names and signatures: all of them are the one row ``fft``.

That row is a bare sum over some axes, with either sign of the exponent. Lengths are cropped and
padded here, and results scaled; a transform of real numbers is half of a complex one, and one
that gives real numbers is the real part of one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from diffexpr.apply import apply
from diffexpr.errors import ExpressionTypeError, ExpressionValueError, ShapeError
from diffexpr.matrices import conjugate, is_complex, operand, weights
from diffexpr.operands import float_kind, implements, normal_axes, shape_of

Shape = tuple[int, ...]
_NORMS = ("backward", "ortho", "forward")


def _scaled(x: Any, count: int, norm: Any, inverse: bool) -> Any:
    """A bare sum of ``count`` terms, scaled as the name of a norm asks."""
    norm = _NORMS[0] if norm is None else norm
    if norm not in _NORMS:
        raise ExpressionValueError(f"fft: norm={norm!r} is none of {', '.join(_NORMS)}")
    if norm == "ortho":
        return x * (1 / math.sqrt(count))
    return x * (1 / count) if inverse == (norm == "backward") else x


def _sized(x: Any, sizes: Sequence[Any], axes: Sequence[int]) -> Any:
    """The operand cropped or padded with zeros to sizes along axes."""
    for n, axis in zip(sizes, axes, strict=True):
        shape = shape_of(x)
        if n is None or n == shape[axis]:
            continue
        if n < 1:
            raise ExpressionValueError(f"fft: {n} points were asked for; give at least 1")
        if n < shape[axis]:
            x = x[(*(slice(None),) * axis, slice(0, int(n)))]
        else:
            zeros = np.zeros((*shape[:axis], int(n) - shape[axis], *shape[axis + 1 :]))
            x = apply("concatenate", (x, zeros.astype(float_kind(x))), (axis,))
    return x


def _along(a: Any, s: Any, axes: Any) -> tuple[Any, list[Any], list[int]]:
    """The operand, and the size wanted along each of the axes, in the order given."""
    a = operand(a)
    ndim = len(shape_of(a))
    if axes is None:
        axes = range(ndim) if s is None else range(ndim - len(s), ndim)
    listed = [normal_axes(int(axis), ndim)[0] for axis in axes]
    if len(set(listed)) != len(listed):
        raise ShapeError(f"fft: axes={tuple(axes)} names an axis twice; transform it in two calls")
    sizes = [None] * len(listed) if s is None else [None if n == -1 else n for n in s]
    if len(sizes) != len(listed):
        raise ShapeError(f"fft: s={s} and axes={tuple(axes)} differ in length")
    return a, sizes, listed


def _refuse(out: Any) -> None:
    if out is not None:
        raise ExpressionTypeError(
            "np.fft: out= writes into an array, which cannot be differentiated; "
            "use the returned value"
        )


def _transform(a: Any, s: Any, axes: Any, norm: Any, out: Any, inverse: bool) -> Any:
    _refuse(out)
    a, sizes, listed = _along(a, s, axes)
    a = _sized(a, sizes, listed)
    if not listed:
        return a
    count = math.prod(shape_of(a)[axis] for axis in listed)
    return _scaled(apply("fft", (a,), (tuple(sorted(listed)), inverse)), count, norm, inverse)


@implements(np.fft.fftn)
def fftn(a: Any, s: Any = None, axes: Any = None, norm: Any = None, out: Any = None) -> Any:
    """The Fourier transform over several axes."""
    return _transform(a, s, axes, norm, out, False)


@implements(np.fft.ifftn)
def ifftn(a: Any, s: Any = None, axes: Any = None, norm: Any = None, out: Any = None) -> Any:
    """The inverse of `fftn`."""
    return _transform(a, s, axes, norm, out, True)


@implements(np.fft.fft)
def fft(a: Any, n: Any = None, axis: int = -1, norm: Any = None, out: Any = None) -> Any:
    """The Fourier transform along one axis."""
    return _transform(a, (n,) if n is not None else None, (axis,), norm, out, False)


@implements(np.fft.ifft)
def ifft(a: Any, n: Any = None, axis: int = -1, norm: Any = None, out: Any = None) -> Any:
    """The inverse of `fft`."""
    return _transform(a, (n,) if n is not None else None, (axis,), norm, out, True)


@implements(np.fft.fft2)
def fft2(a: Any, s: Any = None, axes: Any = (-2, -1), norm: Any = None, out: Any = None) -> Any:
    """The Fourier transform over two axes."""
    return _transform(a, s, axes, norm, out, False)


@implements(np.fft.ifft2)
def ifft2(a: Any, s: Any = None, axes: Any = (-2, -1), norm: Any = None, out: Any = None) -> Any:
    """The inverse of `fft2`."""
    return _transform(a, s, axes, norm, out, True)


@implements(np.fft.rfftn)
def rfftn(a: Any, s: Any = None, axes: Any = None, norm: Any = None, out: Any = None) -> Any:
    """The half of the transform of real numbers that tells the other half, along the last axis."""
    a, _, listed = _along(a, s, axes)
    if is_complex(a):
        raise ExpressionTypeError(f"rfft takes real numbers, got {float_kind(a)}; use fft")
    whole = _transform(a, s, axes, norm, out, False)
    last = listed[-1]
    return whole[(*(slice(None),) * last, slice(0, shape_of(whole)[last] // 2 + 1))]


@implements(np.fft.irfftn)
def irfftn(a: Any, s: Any = None, axes: Any = None, norm: Any = None, out: Any = None) -> Any:
    """The inverse of `rfftn`; the last size, if it is not given, is taken to be even."""
    _refuse(out)
    a, sizes, listed = _along(a, s, axes)
    last = listed[-1]
    n = sizes[-1] if sizes[-1] is not None else 2 * (shape_of(a)[last] - 1)
    if n < 1:
        raise ExpressionValueError(f"irfft: {n} points were asked for; give n of at least 1")
    half = n // 2 + 1
    a = _sized(a, [*sizes[:-1], half], listed)
    # Every frequency stands for itself and its conjugate, but 0 and the middle one.
    twice = np.full(half, 2.0)
    twice[0] = 1
    if n % 2 == 0:
        twice[-1] = 1
    twice = weights(twice, a).reshape(half, *(1,) * (len(shape_of(a)) - last - 1))
    a = _sized(a * twice, [n], [last])
    count = math.prod(shape_of(a)[axis] for axis in listed)
    whole = apply("fft", (a,), (tuple(sorted(listed)), True))
    return _scaled(apply("real", (whole,)), count, norm, True)


@implements(np.fft.rfft)
def rfft(a: Any, n: Any = None, axis: int = -1, norm: Any = None, out: Any = None) -> Any:
    """The half of the transform of real numbers that tells the other half."""
    return rfftn(a, (n,) if n is not None else None, (axis,), norm, out)


@implements(np.fft.irfft)
def irfft(a: Any, n: Any = None, axis: int = -1, norm: Any = None, out: Any = None) -> Any:
    """The inverse of `rfft`."""
    return irfftn(a, (n,) if n is not None else None, (axis,), norm, out)


@implements(np.fft.rfft2)
def rfft2(a: Any, s: Any = None, axes: Any = (-2, -1), norm: Any = None, out: Any = None) -> Any:
    """`rfftn` over two axes."""
    return rfftn(a, s, axes, norm, out)


@implements(np.fft.irfft2)
def irfft2(a: Any, s: Any = None, axes: Any = (-2, -1), norm: Any = None, out: Any = None) -> Any:
    """`irfftn` over two axes."""
    return irfftn(a, s, axes, norm, out)


def _swapped(norm: Any) -> str:
    """The norm that scales in the opposite direction."""
    norm = _NORMS[0] if norm is None else norm
    if norm not in _NORMS:
        raise ExpressionValueError(f"fft: norm={norm!r} is none of {', '.join(_NORMS)}")
    return _NORMS[2 - _NORMS.index(norm)]


@implements(np.fft.hfft)
def hfft(a: Any, n: Any = None, axis: int = -1, norm: Any = None, out: Any = None) -> Any:
    """The real transform of a signal that is the conjugate of its mirror image."""
    return irfft(conjugate(operand(a)), n, axis, _swapped(norm), out)


@implements(np.fft.ihfft)
def ihfft(a: Any, n: Any = None, axis: int = -1, norm: Any = None, out: Any = None) -> Any:
    """The inverse of `hfft`."""
    return conjugate(rfft(a, n, axis, _swapped(norm), out))


@implements(np.fft.fftshift)
def fftshift(x: Any, axes: Any = None) -> Any:
    """Frequency 0 moved to the middle."""
    return _shifted(x, axes, 0)


@implements(np.fft.ifftshift)
def ifftshift(x: Any, axes: Any = None) -> Any:
    """The inverse of `fftshift`."""
    return _shifted(x, axes, 1)


def _shifted(x: Any, axes: Any, odd: int) -> Any:
    """Halves exchanged; of an odd number the first half is the smaller or the larger one."""
    x = operand(x)
    for axis in normal_axes(axes, len(shape_of(x))):
        n = shape_of(x)[axis]
        if n > 1:
            cut = (n + 1 - odd) // 2
            front = (slice(None),) * axis
            x = apply("concatenate", (x[(*front, slice(cut, n))], x[(*front, slice(0, cut))]),
                      (axis,))  # fmt: skip
    return x
