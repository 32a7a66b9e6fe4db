"""Which steps are taken from a point? Every step of the package comes from this file.

The functions are looked up as attributes of this module when they are called, so that a test can
make the step wrong and see that the error is caught.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "COUNT",
    "PLAN",
    "RATIO",
    "Plan",
    "between",
    "coarse",
    "difference_step",
    "exact",
    "further",
    "ladder",
    "largest",
    "unit",
]

Array = NDArray[np.float64]

# Not a ratio of small integers, and no power of it is near one: steps that share no factor with x
# or with a period of f cannot all fall on its zeros. All steps lie on one grid of its powers.
RATIO = 1.4617
COUNT = 17
ORDER = 18
COARSE_STRIDE = 10
COARSE_COUNT = 9
ZERO_STRIDE = 16
ZERO_COUNT = 12
ZERO_SMALLEST = 1e-20
FURTHER_STRIDE = 19
FURTHER_LEAST = 1e-22
FURTHER_MOST = 1e4


@dataclass(frozen=True)
class Plan:
    """How a ladder is built: `count` steps of constant `ratio`, for fits of `order` at most.

    The order of a fit is the power of the step with which its truncation falls.
    """

    ratio: float = RATIO
    count: int = COUNT
    order: int = ORDER

    def rungs(self) -> Array:
        """The steps in units of the largest, shape (count,)."""
        return self.ratio ** np.arange(1.0 - self.count, 1.0)


PLAN = Plan()


def unit(x: Array) -> Array:
    """The length that the grid of steps is built on: |x|, or 1 at zero.

    Built on |x|, the grid of x and of c x have the same shape whatever c is.
    """
    return np.where(x == 0, 1.0, np.abs(x))


def exact(x: Array, h: Array, dtype: np.dtype[Any]) -> tuple[Array, Array, Array]:
    """The points x + h and x - h in `dtype`, and the step that truly lies between them and x.

    The step is rounded on the side away from zero, where floating-point numbers are coarser; the
    point on the other side is then exact as well (Numerical Recipes, 3rd ed., section 5.7).
    A step that vanishes against x becomes NaN.
    """
    outward = np.where(x < 0, -1.0, 1.0)
    far = (x + outward * h).astype(dtype).astype(np.float64)
    step = outward * (far - x)
    near = (x - outward * step).astype(dtype).astype(np.float64)
    step = np.where((step > 0) & np.isfinite(step), step, np.nan)
    lost = np.isnan(step)
    far, near = np.where(lost, np.nan, far), np.where(lost, np.nan, near)
    return np.where(outward > 0, far, near), np.where(outward > 0, near, far), step


def coarse(x: Array, eps: float) -> Array:
    """The first survey: few steps, from a few hundred roundings of x to far beyond x.

    At zero there is no rounding of x to start from, so the survey covers all sensible scales.

    Returns
    -------
    ndarray, shape (ZERO_COUNT, *x.shape)
        Ascending steps; NaN where fewer are needed.
    """
    k = np.arange(max(COARSE_COUNT, ZERO_COUNT)).reshape(-1, *(1,) * x.ndim)
    beside = RATIO ** (_power(300 * eps) + COARSE_STRIDE * k)
    at_zero = RATIO ** (_power(ZERO_SMALLEST) + ZERO_STRIDE * k)
    at_zero = np.where(k < ZERO_COUNT, at_zero, np.nan)
    return np.where(x == 0, at_zero, np.where(k < COARSE_COUNT, np.abs(x) * beside, np.nan))


def _power(length: float) -> float:
    """The place of a length on the grid."""
    return float(np.round(np.log(length) / np.log(RATIO)))


def further(x: Array, reached: Array) -> Array:
    """Where the survey saw nothing but rounding yet: a larger step, as far as everyday numbers go.

    A step of 1 is not leapt over: where terms cancel, it is f there that shows their size.

    Returns
    -------
    ndarray of x's shape
        A step beyond `reached`; NaN where that is far enough.
    """
    start = np.maximum(reached, FURTHER_LEAST)
    step = start * RATIO**FURTHER_STRIDE
    # Half of it leaves room for the rounding of a step that was 1.
    step = np.where((start < 0.5) & (step > 1), 1.0, step)
    with np.errstate(over="ignore"):
        most = np.maximum(1e8 * np.abs(x), FURTHER_MOST)
    return np.where((start < most) & np.isfinite(step), step, np.nan)


def between(h: Array, reach: Array) -> Array:
    """One step more where `reach` fell into a wide gap of the survey.

    Parameters
    ----------
    h : ndarray, shape (K, P)
        Ascending steps of the survey, NaN at the end.
    reach : ndarray, shape (P,)

    Returns
    -------
    ndarray, shape (1, P)
        The geometric mean of the two steps about `reach`; NaN where they are close enough.
    """
    above = np.nanmin(np.where(h >= reach, h, np.inf), axis=0)
    below = np.nanmax(np.where(h < reach, h, 0.0), axis=0)
    wide = np.isfinite(above) & (above > 2 * RATIO**COARSE_STRIDE * below) & (below > 0)
    return np.where(wide, np.sqrt(above) * np.sqrt(below), np.nan)[None]


def ladder(x: Array, top: Array, plan: Plan) -> Array:
    """The steps of the extrapolation table: a geometric ladder up to about `top`.

    The rungs lie on one grid, ``unit(x) * ratio**integer``, so that the ladders of several results
    of one function share most of their points.

    Returns
    -------
    ndarray, shape (plan.count, *x.shape)
        Ascending steps.
    """
    base = unit(x)
    with np.errstate(all="ignore"):
        exponent = np.floor((np.log(top) - np.log(base)) / np.log(plan.ratio) + 0.5)
    i = np.arange(1 - plan.count, 1).reshape(-1, *(1,) * x.ndim)
    return base * plan.ratio ** (exponent + i)


def largest(x: Array, rel_step: Any, abs_step: Any) -> Array | None:
    """The top of the ladder where it is given, as relative or absolute step; else None."""
    if abs_step is not None:
        return np.broadcast_to(np.abs(np.asarray(abs_step, dtype=np.float64)), x.shape)
    if rel_step is not None:
        return np.abs(np.asarray(rel_step, dtype=np.float64)) * unit(x)
    return None


def difference_step(x: Array, order: int, rel_step: Any, abs_step: Any, eps: float) -> Array:
    """The single step of the 2-point (`order` 1) and 3-point (`order` 2) methods.

    Unless given, ``eps**(1/(order + 1)) * max(1, |x|)``, which balances truncation and rounding
    for a function that varies on the scale of x; the same choice as
    ``scipy.optimize.approx_derivative``.
    """
    given = largest(x, rel_step, abs_step)
    if given is not None:
        return given
    return eps ** (1 / (order + 1)) * np.maximum(1.0, np.abs(x))
