"""The Poisson distribution, as ``scipy.stats.poisson``; differentiable in ``mu``.

Examples
--------
>>> from autodiff import grad
>>> from autodiff.scipy.stats import poisson
>>> print(grad(poisson.logpmf, wrt="mu")(3, 2.0))
0.5
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.scipy.plain import of_distribution
from autodiff.scipy.stats.support import chosen, constant, either, log_share, op, quiet

__all__ = ["cdf", "logcdf", "logpmf", "logsf", "pmf", "sf"]

__getattr__ = of_distribution("poisson")


def _count(function: str, k: Any, loc: Any) -> Any:
    """How many events ``k`` stands for."""
    return constant(k, f"poisson.{function}", "k") - constant(loc, f"poisson.{function}", "loc")


def _rate(mu: Any) -> Any:
    return chosen(op("less", mu, 0), np.nan, mu)


def _unless_nan(mu: Any, value: Any) -> Any:
    """A constant value, NaN where the rate is: whatever is counted."""
    return chosen(op("less", mu, np.inf), value, mu)


def _logpmf(n: Any, mu: Any) -> Any:
    outside = either(op("less", n, 0), op("not_equal", n, op("floor", n)))
    n = chosen(outside, 0.0, n)
    mu = _rate(mu)
    return chosen(outside, _unless_nan(mu, -np.inf), op("xlogy", n, mu) - op("gammaln", n + 1) - mu)


@quiet
def logpmf(k: Any, mu: Any, loc: Any = 0) -> Any:
    """Logarithm of the probability of ``k``; -inf where it is no count."""
    return _logpmf(_count("logpmf", k, loc), mu)


@quiet
def pmf(k: Any, mu: Any, loc: Any = 0) -> Any:
    """The probability of ``k``; 0 where it is no count."""
    return np.exp(_logpmf(_count("pmf", k, loc), mu))


def _at_most(n: Any, mu: Any, op_name: str, below: float) -> Any:
    none = op("less", n, 0)
    whole = op("floor", chosen(none, 0.0, n))
    mu = _rate(mu)
    return chosen(none, _unless_nan(mu, below), op(op_name, whole + 1.0, mu))


@quiet
def cdf(k: Any, mu: Any, loc: Any = 0) -> Any:
    """The probability of at most ``k``."""
    return _at_most(_count("cdf", k, loc), mu, "gammaincc", 0.0)


@quiet
def logcdf(k: Any, mu: Any, loc: Any = 0) -> Any:
    """Logarithm of the probability of at most ``k``."""
    n = _count("logcdf", k, loc)
    share, rest = _at_most(n, mu, "gammaincc", 0.0), _at_most(n, mu, "gammainc", 1.0)
    return log_share(share, rest, op("less", n, 0), _unless_nan(_rate(mu), -np.inf))


@quiet
def sf(k: Any, mu: Any, loc: Any = 0) -> Any:
    """The probability of more than ``k``."""
    return _at_most(_count("sf", k, loc), mu, "gammainc", 1.0)


@quiet
def logsf(k: Any, mu: Any, loc: Any = 0) -> Any:
    """Logarithm of the probability of more than ``k``."""
    n = _count("logsf", k, loc)
    return log_share(_at_most(n, mu, "gammainc", 1.0), _at_most(n, mu, "gammaincc", 0.0))
