"""Which power of the step do the errors of a difference follow?"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["NO_LAW", "Law", "power_law", "rounding_law", "truncation_law"]

Array = NDArray[np.float64]

# An error is taken for truncation where it is this many times all that is not.
_CLEAR = 10.0
# The power law is read off so many steps, the smallest that show it: over two decades.
_FITTED, _FEWEST = 10, 4
# A measured power this close to a half-integer is taken for it.
_SNAP = 0.08


@dataclass(frozen=True)
class Law:
    """A power of the step, ``factor * h**power``: a straight line in logarithmic axes.

    Attributes
    ----------
    factor : float
        NaN where no such law is seen.
    power : float
        The slope of the line; NaN with the factor.
    """

    factor: float
    power: float

    def __call__(self, h: Any) -> Any:
        """The law at the steps h, in the shape of h."""
        return self.factor * h**self.power


NO_LAW = Law(np.nan, np.nan)


def truncation_law(h: Array, error: Array, floor: Array, scale: float) -> Law:
    """The power law of the errors where they stand clear of the floor, up to the scale of f."""
    inside = np.flatnonzero(h < scale)
    hidden = np.flatnonzero(~(error > _CLEAR * floor)[inside])
    start = hidden[-1] + 1 if hidden.size else 0
    fitted = inside[start:][:_FITTED]
    law = power_law(h[fitted], error[fitted])
    # Errors that do not fall with the step are no truncation.
    return law if law.power > 0 else NO_LAW


def rounding_law(h: Array, rounding: Array, truncation: Law, scale: float) -> Law:
    """The power law of the rounding just below the step at which truncation outgrows it.

    Where f vanishes at x, the rounding of its values grows with the step, so that no one power
    holds for all steps.
    """
    inside = np.flatnonzero((h < scale) & (rounding > 0))
    above = np.flatnonzero(truncation(h) >= rounding)
    below = inside[inside < above[0]] if above.size else inside[:_FITTED]
    fitted = below[-_FITTED:] if len(below) >= _FEWEST else inside[:_FITTED]
    return power_law(h[fitted], rounding[fitted])


def power_law(h: Array, y: Array) -> Law:
    """The line through ``log y`` against ``log h``, not led astray by a few outliers."""
    if len(h) < _FEWEST:
        return NO_LAW
    t, v = np.log(h), np.log(y)
    i, j = np.triu_indices(len(h), 1)
    power = np.median((v[j] - v[i]) / (t[j] - t[i]))
    near = np.round(2 * power) / 2 + 0.0  # no minus zero
    power = float(near if abs(power - near) < _SNAP else power)
    return Law(float(np.exp(np.median(v - power * t))), power)
