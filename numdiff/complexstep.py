"""Can a complex step be believed? Only where one real estimate confirms it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numdiff.calls import quiet
from numdiff.differentiate import Derivatives
from numdiff.noise import SAMPLES, ecnoise
from numdiff.result import Status

__all__ = ["complex_points", "confirmed", "imaginary_parts", "slopes_of"]

Array = NDArray[np.float64]

# So small that its square vanishes against 1: no truncation is left.
_TINY = 2.0**-100
# Distances of the points at which the jitter of the complex-step derivative is measured, as a part
# of the scale of f: enough to round differently, too few for a sixth difference to see f bend. No
# number of few bits.
_APART = 0.7236 / 1024
# The jitter in the error bar, in standard deviations, as for real values.
_SIGMAS = 4.6


def complex_points(
    x: Array, reach: Array, bounds: tuple[Array, Array]
) -> tuple[NDArray[np.complex128], Array]:
    """Where the complex step looks: x itself and `SAMPLES` neighbours, each with the step i h.

    Parameters
    ----------
    x, reach : ndarray
        Where, and the step at which f leaves its parabola; of one shape.
    bounds : (ndarray, ndarray)
        Between which the real parts stay.

    Returns
    -------
    ndarray of complex128, shape (SAMPLES + 1, *x.shape), and ndarray, the step h of x's shape
        h is a power of two, so that dividing by it rounds nothing.
    """
    # At zero nothing says what is small, so the step is as small as a cube of it allows.
    h = np.where(x == 0, 2.0**-300, np.ldexp(_TINY, np.frexp(x)[1]))
    apart = _APART * np.fmin(reach, np.where(x == 0, 1.0, np.abs(x)))
    with np.errstate(invalid="ignore"):
        below, above = x - bounds[0], bounds[1] - x
    outward = np.where((above < SAMPLES * apart) & (above < below), -1.0, 1.0)
    apart = outward * np.fmin(apart, np.where(outward > 0, above, below) / SAMPLES)
    k = np.arange(SAMPLES + 1, dtype=np.float64).reshape(-1, *(1,) * x.ndim)
    return np.clip(x + k * apart, *bounds) + 1j * h, h


def slopes_of(parts: Array, h: Array) -> Array:
    """``Im f/h``; a step may vanish beside the smallest floats."""
    with np.errstate(all="ignore"):
        return parts / h


def imaginary_parts(f: Callable[..., Any], z: Any, *args: Any) -> Array:
    """Im f(z), shape of f(z); NaN where f refuses complex numbers or is not defined."""
    try:
        with quiet():
            result = np.asarray(f(z, *args), dtype=np.complex128)
    except Exception:  # f is free to refuse complex numbers in its own way
        return np.array(np.nan)
    return np.where(np.isfinite(result), result.imag, np.nan)


def confirmed(slopes: Array, h: Array, real: Derivatives) -> tuple[Derivatives, str]:
    """The complex-step derivative where `real` confirms it, and `real` where it does not.

    ``Im f(x + i h)/h`` has no subtraction and so loses no digits, but only if f is analytic and its
    complex branch is right; ``x*abs(x)``, conjugates and some special functions are wrong silently.
    Real values confirm it from both sides: not at an edge.

    Parameters
    ----------
    slopes : ndarray, shape (SAMPLES + 1, P)
        ``Im f/h`` at the points of `complex_points`.
    h : ndarray, shape (P,)
        The imaginary step.
    real : Derivatives
        The estimates from real values.

    Returns
    -------
    Derivatives, str
        The result and a note on what was not believed.

    Notes
    -----
    W. Squire and G. Trapp, "Using complex variables to estimate derivatives of real functions",
    SIAM Review 40 (1998) 110-112. The error bar is the noise of the slopes about x (Moré and Wild
    2011), 4.6 standard deviations, and two units in the last place.
    """
    with np.errstate(all="ignore"):
        value = slopes[0]
        error = _SIGMAS * ecnoise(slopes[1:]) + 2 * np.spacing(np.abs(value))
        agrees = np.isfinite(value) & (np.abs(value - real.value) <= real.error + error)
        agrees &= real.status == Status.CONVERGED
    doubted = int((~agrees).sum())
    note = ""
    if doubted:
        places = "" if agrees.size == 1 else f" in {doubted} of {agrees.size} entries"
        note = f"complex step not confirmed by real values{places}; the real estimate is given"
    return replace(
        real,
        value=np.where(agrees, value, real.value),
        error=np.where(agrees, error, real.error),
        step=np.where(agrees, h, real.step),
        order=np.where(agrees, 0, real.order),
    ), note
