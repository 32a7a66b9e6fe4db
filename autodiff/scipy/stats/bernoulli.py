"""The Bernoulli distribution, as ``scipy.stats.bernoulli``; differentiable in ``p``.

Examples
--------
>>> from autodiff import grad
>>> from autodiff.scipy.stats import bernoulli
>>> print(grad(bernoulli.logpmf, wrt="p")(1, 0.25))
4.0
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.scipy.plain import of_distribution
from autodiff.scipy.stats.support import chosen, constant, either, op, quiet

__all__ = ["cdf", "logcdf", "logpmf", "logsf", "pmf", "sf"]

__getattr__ = of_distribution("bernoulli")


def _outcome(function: str, k: Any, loc: Any) -> Any:
    name = f"bernoulli.{function}"
    return constant(k, name, "k") - constant(loc, name, "loc")


def _probability(p: Any) -> Any:
    return chosen(either(op("less", p, 0), op("greater", p, 1)), np.nan, p)


def _unless_nan(p: Any, value: float) -> Any:
    """A constant value, NaN where the probability is: whatever the outcome."""
    return chosen(op("less_equal", p, 1), value, p)


def _cases(n: Any, zero: Any, one: Any, other: Any) -> Any:
    return op("where", op("equal", n, 0), zero, op("where", op("equal", n, 1), one, other))


def _steps(n: Any, before: Any, between: Any, after: Any) -> Any:
    return op("where", op("less", n, 0), before, op("where", op("less", n, 1), between, after))


@quiet
def pmf(k: Any, p: Any, loc: Any = 0) -> Any:
    """The probability of ``k``."""
    n, p = _outcome("pmf", k, loc), _probability(p)
    return _cases(n, 1 - p, p, _unless_nan(p, 0.0))


@quiet
def logpmf(k: Any, p: Any, loc: Any = 0) -> Any:
    """Logarithm of the probability of ``k``."""
    n, p = _outcome("logpmf", k, loc), _probability(p)
    return _cases(n, np.log1p(-p), np.log(p), _unless_nan(p, -np.inf))


@quiet
def cdf(k: Any, p: Any, loc: Any = 0) -> Any:
    """The probability of at most ``k``."""
    n, p = _outcome("cdf", k, loc), _probability(p)
    return _steps(n, _unless_nan(p, 0.0), 1 - p, _unless_nan(p, 1.0))


@quiet
def logcdf(k: Any, p: Any, loc: Any = 0) -> Any:
    """Logarithm of the probability of at most ``k``."""
    n, p = _outcome("logcdf", k, loc), _probability(p)
    return _steps(n, _unless_nan(p, -np.inf), np.log1p(-p), _unless_nan(p, 0.0))


@quiet
def sf(k: Any, p: Any, loc: Any = 0) -> Any:
    """The probability of more than ``k``."""
    n, p = _outcome("sf", k, loc), _probability(p)
    return _steps(n, _unless_nan(p, 1.0), p, _unless_nan(p, 0.0))


@quiet
def logsf(k: Any, p: Any, loc: Any = 0) -> Any:
    """Logarithm of the probability of more than ``k``."""
    n, p = _outcome("logsf", k, loc), _probability(p)
    return _steps(n, _unless_nan(p, 0.0), np.log(p), _unless_nan(p, -np.inf))
