"""Student's t density, with its derivatives, for any number of degrees of freedom."""

from __future__ import annotations

from typing import Any

import numpy as np

from diffexpr.apply import apply

LOG_PI = float(np.log(np.pi))
LOG_TWO_PI = float(np.log(2 * np.pi))
LARGE = 50.0
"""Degrees of freedom from which on five terms of the series are exact to rounding."""

_SERIES = (-1 / 8, 1 / 192, -1 / 640, 17 / 14336, -31 / 18432)


def log_density(t: Any, df: Any) -> Any:
    """Logarithm of the density of Student's t distribution at finite degrees of freedom.

    The normalisation is ``log(gamma(a + 1/2)/gamma(a)) - log(pi df)/2`` with ``a = df/2``. Both
    parts grow without bound and cancel, so from 50 degrees of freedom on their difference is
    taken from its asymptotic series (Tricomi and Erdelyi 1951, *The asymptotic expansion of a
    ratio of gamma functions*, Pacific Journal of Mathematics 1, 133-142).
    """
    return log_constant(df) - 0.5 * apply("xlog1py", (df + 1, t * t / df))


def log_constant(df: Any) -> Any:
    """The density at t = 0, in logarithm."""
    large = apply("greater", (df, LARGE))
    a = 0.5 * apply("where", (large, 1.0, df))
    near = _gammaln(a + 0.5) - _gammaln(a) - 0.5 * (np.log(2 * a) + LOG_PI)
    w = 2 / apply("where", (large, df, LARGE))
    square = w * w
    series = _SERIES[-1]
    for coefficient in _SERIES[-2::-1]:
        series = coefficient + square * series
    return apply("where", (large, w * series - 0.5 * LOG_TWO_PI, near))


def _gammaln(x: Any) -> Any:
    return apply("gammaln", (x,))
