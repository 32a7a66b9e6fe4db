"""Does f break at x itself: does it jump, bend sharply, or rise without bound?"""

import numpy as np
from numpy.typing import NDArray

from numdiff.reach import CLEAR

__all__ = ["corner", "jumps", "vertical"]

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]


def jumps(side: Array, noise: Array) -> Flags:
    """Where the difference to f(x) does not shrink with the step: not even by a small power."""
    near, far = np.abs(side[0]), np.abs(side[2])
    return (near > 4 * CLEAR * noise) & (near >= 0.7 * far)


def vertical(h: Array, side: Array) -> Flags:
    """Where the slope from x grows without end as the step shrinks: a vertical tangent.

    Seen by one power law, of an exponent well below one, over the four smallest steps. The noise
    measured near x says nothing here: f bends as strongly as it can.
    """
    with np.errstate(all="ignore"):
        powers = np.diff(np.log(np.abs(side[:4])), axis=0) / np.diff(np.log(h[:4]), axis=0)
    low, high = powers.min(axis=0), powers.max(axis=0)
    return (low > 0.05) & (high < 0.9) & (high - low < 0.05)


def corner(h: Array, even: Array, floor: Array) -> Flags:
    """Where the even part of f starts like |h|, as at a kink, and not like h**2.

    It is looked at over the two smallest steps at which it stands clear of the noise.
    """
    telling = np.abs(even) > CLEAR**2 * floor
    first = np.minimum(telling.argmax(axis=0), len(h) - 2)
    columns = np.arange(h.shape[1])
    rise = np.abs(even[first + 1, columns] / even[first, columns])
    power = np.log(rise) / np.log(h[first + 1, columns] / h[first, columns])
    return telling.any(axis=0) & (np.abs(power - 1) < 0.1)
