"""``scipy.signal``'s convolutions on values that are being differentiated.

On plain arrays each function is SciPy's own; what SciPy has and this module has not works on
plain arrays and says so on any other.

Examples
--------
>>> import numpy as np
>>> from autodiff import jacobian
>>> from autodiff.scipy import signal
>>> jacobian(lambda k: signal.convolve([1.0, 2.0, 3.0], k, "valid"))(np.array([1.0, 1.0]))
array([[2., 1.],
       [3., 2.]])
"""

from __future__ import annotations

from typing import Any

from autodiff.scipy.convolution_axes import convolve_axes
from autodiff.scipy.plain import attribute, of_scipy
from diffexpr.complex_parts import conjugate
from diffexpr.convolution import mirrored, region
from diffexpr.errors import ExpressionValueError, MissingRuleError, ShapeError
from diffexpr.matrices import operand
from diffexpr.operands import shape_of

__all__ = ["convolve", "convolve2d", "correlate", "correlate2d", "fftconvolve"]

_signal = of_scipy("signal")


def __getattr__(name: str) -> Any:
    """Anything else of ``scipy.signal``, for plain arrays."""
    return attribute("signal", name)


def _convolved(
    in1: Any, in2: Any, mode: str, by_fourier: bool | None, name: str, late: int = 0
) -> Any:
    """The part of the full convolution that a mode names.

    With ``late`` 1 the middle of an even number of places is the later one.
    """
    first, second = shape_of(in1), shape_of(in2)
    if len(first) != len(second):
        raise ShapeError(f"{name} takes as many axes of each, got shapes {first} and {second}")
    pairs = list(zip(first, second, strict=True))
    if mode == "full":
        starts, sizes = [0] * len(pairs), [m + n - 1 for m, n in pairs]
    elif mode == "same":
        starts, sizes = [(n - 1 + late) // 2 for _, n in pairs], list(first)
    elif mode == "valid":
        if any(m > n for m, n in pairs) and any(m < n for m, n in pairs):
            raise ShapeError(
                f"{name}(mode='valid'): one of shapes {first} and {second} must hold the other"
            )
        starts = [min(m, n) - 1 for m, n in pairs]
        sizes = [max(m, n) - min(m, n) + 1 for m, n in pairs]
    else:
        raise ExpressionValueError(f"{name}: mode={mode!r} is none of 'full', 'same', 'valid'")
    return region(in1, in2, starts, sizes, by_fourier)


def _way(method: str, name: str) -> bool | None:
    if method not in ("auto", "direct", "fft"):
        raise ExpressionValueError(f"{name}: method={method!r} is none of 'auto', 'direct', 'fft'")
    return None if method == "auto" else method == "fft"


def convolve(
    in1: Any,
    in2: Any,
    mode: str = "full",
    method: str = "auto",
    *,
    axes: Any = None,
    dot_axes: Any = None,
) -> Any:
    """The convolution of two arrays of as many dimensions.

    With ``axes`` or ``dot_axes``, which SciPy does not have, along pairs of axes, see
    `autodiff.scipy.convolution_axes.convolve_axes`.
    """
    if axes is None and dot_axes is None:
        return _convolve(in1, in2, mode, method)
    return convolve_axes(operand(in1), operand(in2), axes, dot_axes, mode)


def _of_all_axes(in1: Any, in2: Any, mode: str, method: str) -> Any:
    return _convolved(operand(in1), operand(in2), mode, _way(method, "convolve"), "convolve")


_of_all_axes.__name__ = "convolve"
_convolve = _signal(_of_all_axes)


@_signal
def correlate(in1: Any, in2: Any, mode: str = "full", method: str = "auto") -> Any:
    """The correlation of two arrays of as many dimensions, the second conjugated."""
    turned = mirrored(conjugate(operand(in2)))
    return _convolved(operand(in1), turned, mode, _way(method, "correlate"), "correlate")


@_signal
def fftconvolve(in1: Any, in2: Any, mode: str = "full", axes: Any = None) -> Any:
    """`convolve` by way of the Fourier transform."""
    if axes is not None:
        raise MissingRuleError("fftconvolve(axes=) has no derivative here; transform all axes")
    return _convolved(operand(in1), operand(in2), mode, True, "fftconvolve")


def _flat_edge(boundary: str, fillvalue: Any, name: str) -> None:
    if boundary != "fill" or fillvalue:
        raise MissingRuleError(
            f"{name}(boundary={boundary!r}, fillvalue={fillvalue!r}) has no derivative here; pad "
            "the array with np.pad and use mode='valid'"
        )


@_signal
def convolve2d(
    in1: Any, in2: Any, mode: str = "full", boundary: str = "fill", fillvalue: Any = 0
) -> Any:
    """The convolution of two matrices, with zeros beyond their edges."""
    _flat_edge(boundary, fillvalue, "convolve2d")
    return _convolved(operand(in1), operand(in2), mode, None, "convolve2d")


@_signal
def correlate2d(
    in1: Any, in2: Any, mode: str = "full", boundary: str = "fill", fillvalue: Any = 0
) -> Any:
    """The correlation of two matrices, with zeros beyond their edges."""
    _flat_edge(boundary, fillvalue, "correlate2d")
    turned = mirrored(conjugate(operand(in2)))
    return _convolved(operand(in1), turned, mode, None, "correlate2d", late=1)
