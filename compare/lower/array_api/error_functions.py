"""The error function and its like in the language itself: the standard has none of them.

The scaled complement ``exp(x^2) erfc(x)`` is smooth from 0 to infinity, and a polynomial of 24
terms in ``(x - k)/(x + k)`` gives it to two units in the last place of float64 (the form is that of
Shepherd and Laframboise 1981, Math. Comp. 36, 249-253; the terms are worked out anew).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from diffexpr.apply import apply
from diffexpr.functions import where

_K = 3.75
_SCALED = (
    1.2375126308378275,
    -0.14024059858554697,
    0.0035854154854790257,
    0.0822767384901452,
    -0.10880393014244462,
    0.09230432116037748,
    -0.05869339857664934,
    0.028362277418956406,
    -0.009746579683265262,
    0.0017556258528952954,
    0.000293714378044958,
    -0.0002901540805408417,
    5.164652974177416e-05,
    2.238423915508223e-05,
    -1.1438048033346894e-05,
    -9.73559896736775e-07,
    1.7419821586224816e-06,
    -5.7218230603224086e-08,
    -2.4857126248016745e-07,
    2.3263508708859124e-08,
    3.197926671666804e-08,
    -3.744210080962018e-09,
    -2.623107347133476e-09,
    3.1114333809799254e-10,
)  # fmt: skip
"""Of ``(1 + 2x) exp(x^2) erfc(x)``, powers of ``(x - k)/(x + k)`` from the lowest."""

_SERIES = tuple(
    2 / math.sqrt(math.pi) * (-1) ** n / (math.factorial(n) * (2 * n + 1)) for n in range(19)
)
"""Of ``erf(x)/x``, powers of ``x^2`` (Abramowitz and Stegun 1964, 7.1.5)."""

# Where the square of it is beyond what an exponential of either sign can show.
_FAR = 40.0


def _polynomial(terms: Sequence[float], x: Any) -> Any:
    """Horner's rule."""
    found = terms[-1]
    for term in terms[-2::-1]:
        found = found * x + term
    return found


def _scaled(size: Any) -> Any:
    """``exp(x^2) erfc(x)`` of what is not negative."""
    return _polynomial(_SCALED, 1 - 2 * _K / (size + _K)) / (1 + 2 * size)


def _bell(size: Any, sign: int) -> Any:
    """``exp(sign*x^2)``, the square split so that its rounding is not blown up."""
    near = np.minimum(size, _FAR)
    coarse = np.floor(16 * near) / 16
    whole, rest = coarse * coarse, (near - coarse) * (near + coarse)
    return np.exp(whole) * np.exp(rest) if sign > 0 else np.exp(-whole) * np.exp(-rest)


def erfcx(x: Any) -> Any:
    """``exp(x^2) erfc(x)``."""
    size = np.abs(x)
    found = _scaled(size)
    return where(x < 0, 2 * _bell(size, 1) - found, found)


def erfc(x: Any) -> Any:
    """``1 - erf(x)``, with all digits of the right tail."""
    size = np.abs(x)
    found = _bell(size, -1) * _scaled(size)
    return where(x < 0, 2 - found, found)


def erf(x: Any) -> Any:
    """The series up to 1, one minus the complement beyond."""
    size = np.abs(x)
    near = np.minimum(size, 1)
    far = 1 - _bell(size, -1) * _scaled(size)
    return where(size < 1, x * _polynomial(_SERIES, near * near), where(x < 0, -far, far))


def ndtr(x: Any) -> Any:
    """The distribution function of the normal distribution."""
    return 0.5 * apply("erfc", (x * -math.sqrt(0.5),))


def log_ndtr(x: Any) -> Any:
    """Its logarithm, with all digits of the left tail."""
    tail = np.log(0.5 * _scaled(np.abs(x) * math.sqrt(0.5))) - 0.5 * (x * x)
    return where(x < -1, tail, np.log1p(-0.5 * apply("erfc", (x * math.sqrt(0.5),))))


MEANINGS: dict[str, Callable[..., Any]] = {
    function.__name__: function for function in (erf, erfc, erfcx, ndtr, log_ndtr)
}
"""Rows that become functions of their own: of a real operand, an expression."""
