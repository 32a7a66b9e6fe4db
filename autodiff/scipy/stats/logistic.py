"""The logistic distribution, as ``scipy.stats.logistic``; differentiable in every argument.

Examples
--------
>>> from autodiff import grad
>>> from autodiff.scipy.stats import logistic
>>> print(grad(logistic.cdf)(0.0), grad(logistic.logcdf)(-800.0))
0.25 1.0
"""

from __future__ import annotations

from typing import Any

from autodiff.scipy.plain import of_distribution
from autodiff.scipy.stats.support import log_per_scale, op, per_scale, quiet, standardized

__all__ = ["cdf", "logcdf", "logpdf", "logsf", "pdf", "sf"]

__getattr__ = of_distribution("logistic")


@quiet
def logpdf(x: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """Logarithm of the density."""
    z, scale = standardized(x, loc, scale)
    return log_per_scale(-op("softplus", z) - op("softplus", -z), scale)


@quiet
def pdf(x: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """Density."""
    z, scale = standardized(x, loc, scale)
    return per_scale(op("sigmoid", z) * op("sigmoid", -z), scale)


@quiet
def cdf(x: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """Distribution function."""
    return op("sigmoid", standardized(x, loc, scale)[0])


@quiet
def logcdf(x: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """Logarithm of the distribution function."""
    return -op("softplus", -standardized(x, loc, scale)[0])


@quiet
def sf(x: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """Survival function."""
    return op("sigmoid", -standardized(x, loc, scale)[0])


@quiet
def logsf(x: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """Logarithm of the survival function."""
    return -op("softplus", standardized(x, loc, scale)[0])
