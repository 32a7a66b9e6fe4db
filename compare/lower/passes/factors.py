"""Constant factors: which of them can be multiplied beforehand without changing a product."""

from __future__ import annotations

import math

# Whole numbers up to here, and powers of two up to this exponent, are exact in float32 as well,
# in which a Python number may have to serve.
WHOLE = 2**24
_EXPONENT = 60


def factor(c: float, d: float) -> float | None:
    """``c*d`` if ``c*(d*x)`` is ``(c*d)*x`` for every x, to a unit of underflow; else None.

    A power of two scales without rounding. But the inner product must not overflow alone: that
    would hide an infinity.

    Examples
    --------
    >>> factor(2, 3), factor(2, 0.1), factor(0.5, 2), factor(3, 0.1)
    (6, 0.2, None, None)
    """
    product = c * d
    whole = float(c).is_integer() and float(d).is_integer()
    if whole and abs(c) >= 1 and abs(d) >= 1 and abs(product) <= WHOLE:
        return written(product)
    if not (_is_moderate(c) and _is_moderate(d)):
        return None
    if is_power_of_two(c) and (abs(c) >= 1 or abs(d) <= 1):
        return written(product)
    if is_power_of_two(d) and abs(d) <= 1 and abs(c) <= 1:
        return written(product)
    return None


def _is_moderate(c: float) -> bool:
    return 2.0**-_EXPONENT <= abs(c) <= 2.0**_EXPONENT


def is_power_of_two(c: float) -> bool:
    """Whether a number is a power of two, of either sign, of moderate size."""
    return _is_moderate(c) and abs(math.frexp(c)[0]) == 0.5


def opposite(c: float) -> float:
    """The number with the other sign, that of a zero included."""
    return -float(c) if c == 0 else -c


def written(c: float) -> float:
    """A whole number as an int, as people write it."""
    return int(c) if float(c).is_integer() and c != 0 else c
