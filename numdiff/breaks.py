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

    It is looked at over the smallest steps at which it stands so clear of the noise that the step
    before would show |h| too: far out, what turns back may rise like |h| as well.
    """
    columns = np.arange(h.shape[1])
    stride = np.concatenate([np.full((1, h.shape[1]), CLEAR**2 / 4), h[1:] / h[:-1]])
    telling = np.abs(even) > np.maximum(4 * stride, CLEAR**2) * floor
    first = np.minimum(telling.argmax(axis=0), len(h) - 2)

    def power(k: NDArray[np.intp]) -> Array:
        rise = np.abs(even[k + 1, columns] / even[k, columns])
        return np.log(rise) / np.log(h[k + 1, columns] / h[k, columns])

    inward, outward = power(np.maximum(first - 1, 0)), power(first)
    like = np.where(first == 0, np.abs(outward - 1) < 0.1, np.abs(inward - 1) < 0.25)
    return telling.any(axis=0) & like & (outward < 1.5)
