"""Which steps do the extrapolation tables climb, and what are the values there?"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numdiff import steps
from numdiff.calls import sizes
from numdiff.scan import Scanner

__all__ = ["Ladder", "climb"]

Array = NDArray[np.float64]

# The tables reach a little beyond the step at which f stops looking like a parabola: there the
# high orders still converge, and rounding hurts least.
_BEYOND = 1.5
# So many of their steps at least are among those that the survey saw to be well-behaved.
_BELOW = 6
# So many values of f serve a point, and so many more for each further order; two besides find out
# how f is called. But where the survey takes more, there are so many steps all the same.
_BUDGET = 62
_MORE = 8
_LEAST = 11


@dataclass(frozen=True)
class Ladder:
    """Values on both sides of P points, at steps of constant ratio.

    Steps are scaled by ``2**-unit``, values as in `numdiff.survey.Scan`.

    Attributes
    ----------
    h, high, low : ndarray, shape (J, P)
        The steps, NaN where one was left out, and the values at x + h and x - h.
    at_high, at_low : ndarray, shape (J, P)
        How large the numbers were that were rounded on the way to the values.
    rungs : ndarray, shape (J, P)
        The steps as they were meant, in the units of x.
    unit : ndarray of int, shape (P,)
    """

    h: Array
    high: Array
    low: Array
    at_high: Array
    at_low: Array
    rungs: Array
    unit: NDArray[np.intp]

    @property
    def top(self) -> Array:
        """The largest step as it was meant, scaled as `h`, shape (P,)."""
        return np.ldexp(self.rungs[-1], -self.unit)


def climb(
    sample: Callable[[Array], Array],
    x: Array,
    n: int,
    dtype: np.dtype[Any],
    seen: Scanner,
    top: Array | None,
    plan: steps.Plan,
) -> Ladder:
    """The ladder about the points x, its top where the survey says or where it is given.

    What the survey has seen is not looked up again; and where that took long, the smallest steps
    are left out, of which the tables have more than they need.
    """
    scan, survey = seen.scan, seen.survey
    if top is None:
        most = survey.known * plan.ratio ** (plan.count - 1 - min(_BELOW, plan.count // 2))
        top = np.minimum(_BEYOND * survey.reach, most)
    rungs = steps.ladder(x, top, plan)
    plus, minus, h = steps.exact(x, rungs, dtype)
    before = [h == step for step in scan.h]
    fresh = ~np.any(before, axis=0)
    pairs = np.cumsum(fresh[::-1], axis=0)[::-1]
    affordable = (_BUDGET + _MORE * (n - 1) - seen.spent) // 2
    spare = (np.arange(len(h)) < len(h) - _LEAST)[:, None]
    spare = spare & (h < survey.known / plan.ratio ** (_BELOW // 2))
    h = np.where(fresh & spare & (pairs > affordable), np.nan, h)
    wanted = np.where(fresh & np.isfinite(h), [plus, minus], np.nan)
    high, low = (np.ldexp(v, -scan.exponent) for v in np.split(sample(np.concatenate(wanted)), 2))
    for same, above, below in zip(before, scan.high, scan.low, strict=True):
        np.copyto(high, above, where=same)
        np.copyto(low, below, where=same)
    at_high, at_low = (
        np.ldexp(sizes(sample, at, np.ldexp(v, scan.exponent)), -scan.exponent)
        for at, v in ((plus, high), (minus, low))
    )
    unit = np.frexp(np.max(h, axis=0, initial=0.0, where=np.isfinite(h)))[1].astype(np.intp)
    return Ladder(np.ldexp(h, -unit), high, low, at_high, at_low, rungs, unit)
