"""What do the tables of a ladder say? A central one, and one for each side of x."""

from dataclasses import dataclass
from math import factorial

import numpy as np
from numpy.typing import NDArray

from numdiff.extrapolate import Choice, Samples, choose
from numdiff.ladder import Ladder
from numdiff.steps import Plan
from numdiff.survey import Scan, Survey

__all__ = ["Side", "Tables"]

Array = NDArray[np.float64]

# The entry whose error seemed least is apt to be one whose error was taken for too small; with n,
# the entries of a table that agree have more of their noise in common.
_FAVOUR = 1.5


@dataclass(frozen=True)
class Side:
    """A derivative from one table, in the units of f and x; every array has shape (P,)."""

    value: Array
    error: Array
    step: Array
    order: NDArray[np.int64]


class Tables:
    """The extrapolation tables of the n-th derivative at P points.

    Parameters
    ----------
    scan, survey, ladder : Scan, Survey, Ladder
        What is known of f.
    n : int
        Order of the derivative.
    eps : float
        The rounding unit of the values.
    plan : Plan
        How the ladder was built.
    """

    def __init__(
        self, scan: Scan, survey: Survey, ladder: Ladder, n: int, eps: float, plan: Plan
    ) -> None:
        self._scan, self._survey, self._ladder = scan, survey, ladder
        self._n, self._plan = n, plan
        h = np.ldexp(ladder.h, ladder.unit)
        self._high, self._low = (
            _rounding(survey, h, values, eps * size)
            for values, size in ((ladder.high, ladder.at_high), (ladder.low, ladder.at_low))
        )
        self._at_f0 = np.maximum(survey.noise, 0.3 * eps * np.abs(scan.f0))

    def middle(self, given: bool) -> tuple[Side, Array]:
        """The derivative from central differences, and how much louder than expected f is.

        Unless the steps were `given`, only entries count that reach down to steps which the survey
        saw to be well-behaved.
        """
        ladder, n = self._ladder, self._n
        h, high, low, f0 = ladder.h, ladder.high, ladder.low, self._scan.f0
        pair, top = np.hypot(self._high, self._low) / 2, ladder.top
        if n % 2:
            slope, none = (high - low) / (2 * h), np.zeros(f0.shape)
            samples = Samples(h, slope, top, pair, none, (n - 1) // 2, (2, 1), self._plan)
        else:
            bend = ((high - f0) + (low - f0)) / (2 * h * h)
            samples = Samples(h, bend, top, pair, self._at_f0, (n - 2) // 2, (2, 2), self._plan)
        known = np.inf if given else self._survey.known
        found = choose(samples, self._anchor(False), near=np.ldexp(h, ladder.unit) <= known)
        return self._in_units(found, samples.powers), found.scatter

    def side(self, sign: float, scatter: Array) -> Side:
        """The derivative from one side, the right one where `sign` is 1, the left where -1.

        There truncation fades more slowly, and would pass for noise: it is as loud as `scatter`,
        seen in the central table, says.
        """
        ladder = self._ladder
        values, noise = (ladder.high, self._high) if sign > 0 else (ladder.low, self._low)
        slope = (values - self._scan.f0) / (sign * ladder.h)
        powers = (1, 1)
        samples = Samples(
            ladder.h, slope, ladder.top, noise, self._at_f0, self._n - 1, powers, self._plan, sign
        )
        return self._in_units(choose(samples, self._anchor(True), scatter), powers)

    def _anchor(self, one_sided: bool) -> tuple[Array, Array] | None:
        """What the survey knows of the derivative, and its half width."""
        if self._n > 2:
            return None
        centre, width = (
            np.ldexp(a, self._n * self._ladder.unit) for a in self._survey.anchors[self._n - 1]
        )
        # Beside an edge the survey saw one side alone, and its slope anchors that side's table.
        edge = self._scan.right != self._scan.left
        holds = edge & (self._n == 1) if one_sided else ~edge
        return centre, np.where(holds, width, np.inf)

    def _in_units(self, choice: Choice, powers: tuple[int, int]) -> Side:
        """From a scaled Taylor coefficient to the derivative itself."""
        n, ladder = self._n, self._ladder
        shift = self._scan.exponent - n * ladder.unit
        value = np.ldexp(choice.value * factorial(n), shift)
        error = np.ldexp(choice.error * factorial(n), shift) * (1.0 if n == 1 else _FAVOUR)
        p, q = powers
        c = (n - q) // p
        return Side(
            value,
            error + np.spacing(np.abs(value)) / 2,
            np.take_along_axis(ladder.rungs, choice.row[None], axis=0)[0],
            (p * (choice.degree - c + 1)).astype(np.int64),
        )


def _rounding(seen: Survey, h: Array, values: Array, unit: Array) -> Array:
    """Standard deviation of the noise of `values` on one side of x.

    At least their own rounding to multiples of `unit`; and the noise seen near x, which grows with
    the slope of f where that outgrows its size at x: most of it is rounding of what f does with x
    first.
    """
    slope = np.abs(np.diff(values, axis=0)) / np.diff(h, axis=0)
    slope = np.concatenate([slope[:1], slope])
    # Where f has no slope of its own, all that is seen is noise.
    growth = np.fmax(slope / np.where(seen.slope > 0, seen.slope, np.inf), 1.0)
    return np.maximum(seen.noise * growth, 0.3 * unit)
