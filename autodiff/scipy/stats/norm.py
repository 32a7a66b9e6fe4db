"""The normal distribution, as ``scipy.stats.norm``; differentiable in every argument.

Examples
--------
>>> from autodiff import grad
>>> from autodiff.scipy.stats import norm
>>> print(grad(norm.logpdf)(3.0, 1.0, 2.0))
-0.5
>>> print(grad(norm.logcdf)(-40.0))
40.02496884720727
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.scipy.plain import of_distribution
from autodiff.scipy.stats.support import log_per_scale, op, per_scale, quiet, standardized

__all__ = ["cdf", "isf", "logcdf", "logpdf", "logsf", "pdf", "ppf", "sf"]

__getattr__ = of_distribution("norm")

ROOT_TWO_PI = float(np.sqrt(2 * np.pi))
LOG_ROOT_TWO_PI = float(np.log(2 * np.pi) / 2)


@quiet
def pdf(x: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """Density."""
    z, scale = standardized(x, loc, scale)
    return per_scale(np.exp(-0.5 * (z * z)) / ROOT_TWO_PI, scale)


@quiet
def logpdf(x: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """Logarithm of the density."""
    z, scale = standardized(x, loc, scale)
    return log_per_scale(-0.5 * (z * z) - LOG_ROOT_TWO_PI, scale)


@quiet
def cdf(x: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """Distribution function."""
    return op("ndtr", standardized(x, loc, scale)[0])


@quiet
def logcdf(x: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """Logarithm of the distribution function, exact far in the left tail."""
    return op("log_ndtr", standardized(x, loc, scale)[0])


@quiet
def sf(x: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """Survival function, one minus the distribution function without cancellation."""
    return op("ndtr", -standardized(x, loc, scale)[0])


@quiet
def logsf(x: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """Logarithm of the survival function, exact far in the right tail."""
    return op("log_ndtr", -standardized(x, loc, scale)[0])


@quiet
def ppf(q: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """Quantile function, the inverse of the distribution function."""
    return op("ndtri", q) * standardized(loc, loc, scale)[1] + loc


@quiet
def isf(q: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """Inverse of the survival function."""
    return -op("ndtri", q) * standardized(loc, loc, scale)[1] + loc
