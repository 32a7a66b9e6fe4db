"""How far do the values of f jump about? An estimate from seven values at equal distances."""

from math import factorial

import numpy as np
from numpy.typing import NDArray

__all__ = ["SAMPLES", "certain_noise", "ecnoise", "grain"]

SAMPLES = 7
# Values with no more bits than this are coarse; those of a function rounded once have 53.
_COARSE = 30


def ecnoise(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Estimate the noise (standard deviation) of a function from values at equal distances.

    Differences of order k wipe out the smooth part and leave the noise, enlarged by the known
    factor ``(2k)!/(k!)**2``. The level is the first at which three neighbouring orders agree
    within a factor of four and the differences change sign.

    Parameters
    ----------
    values : ndarray, shape (SAMPLES, P)
        Values at x + k d, k = 1 ... SAMPLES, for a d so small that f is smooth on its scale.

    Returns
    -------
    ndarray, shape (P,)
        The estimated noise; 0 where the values are equal or not finite, and the smallest level
        where no three agree.

    Notes
    -----
    J. J. Moré and S. M. Wild, "Estimating computational noise", SIAM J. Sci. Comput. 33 (2011)
    1292-1314, section 3.2 and Algorithm ECNoise (equations 3.1, 3.3).

    Examples
    --------
    >>> wiggle = np.array([[1.0], [-1.0], [1.0], [-1.0], [1.0], [-1.0], [1.0]])
    >>> bool(0.5 < ecnoise(wiggle)[0] < 2.5)
    True
    """
    found, least = _levels(values)
    found = np.where(np.isnan(found), least, found)
    return np.where(np.isfinite(found), found, 0.0)


def certain_noise(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The noise as `ecnoise` finds it; 0 where no three orders agree on one.

    For values so far apart that a smooth function may not look like a polynomial among them.
    """
    found, _ = _levels(values)
    return np.where(np.isfinite(found), found, 0.0)


def grain(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The power of two of which all values are multiples, where that is coarse; else 0.

    Values that differ from each other only by multiples of far more than their own rounding unit
    are what is left of larger ones, and those were rounded to these multiples: exp(x) - 1 at
    1e-15 is 4, 5 or 6 times 2**-52.
    """
    size = np.abs(values).max(axis=0)
    unit = np.ldexp(size, -_COARSE)
    unit = np.ldexp(1.0, np.frexp(unit)[1])
    whole = np.isfinite(size) & (size > 0) & np.all(np.fmod(values, unit) == 0, axis=0)
    # Bits of the values, relative to the largest, down to the last that any of them has.
    bits = np.where(whole, values / unit, 0.0).astype(np.int64)
    joined = np.bitwise_or.reduce(bits, axis=0)
    return np.where(whole, unit * (joined & -joined), 0.0)


def _levels(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The noise on which three orders agree, NaN where none do; and the smallest of all orders."""
    count = values.shape[0]
    rows = values
    levels, turns = [], []
    for k in range(1, count):
        rows = rows[1:] - rows[:-1]
        gamma = factorial(k) ** 2 / factorial(2 * k)
        levels.append(np.sqrt(gamma * np.mean(rows**2, axis=0)))
        turns.append((rows.min(axis=0) < 0) & (rows.max(axis=0) > 0))
    level = np.stack(levels)
    found = np.full(level.shape[1:], np.nan)
    for k in range(count - 4, -1, -1):
        three = level[k : k + 3]
        agrees = (three.max(axis=0) <= 4 * three.min(axis=0)) & turns[k]
        found = np.where(agrees, level[k], found)
    return found, level.min(axis=0)
