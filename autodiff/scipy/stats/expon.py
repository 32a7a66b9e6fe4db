"""The exponential distribution, as ``scipy.stats.expon``; differentiable in every argument.

Examples
--------
>>> from autodiff import grad
>>> from autodiff.scipy.stats import expon
>>> print(grad(expon.logpdf)(3.0, 0.0, 2.0), grad(expon.logpdf)(-1.0))
-0.5 0.0
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.scipy.plain import of_distribution
from autodiff.scipy.stats.support import (
    chosen,
    log_per_scale,
    log_share,
    op,
    per_scale,
    quiet,
    standardized,
)

__all__ = ["cdf", "logcdf", "logpdf", "logsf", "pdf", "sf"]

__getattr__ = of_distribution("expon")


@quiet
def logpdf(x: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """Logarithm of the density; -inf below ``loc``."""
    z, scale = standardized(x, loc, scale)
    return chosen(op("less", z, 0), -np.inf, log_per_scale(-z, scale))


@quiet
def pdf(x: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """Density; 0 below ``loc``."""
    z, scale = standardized(x, loc, scale)
    return chosen(op("less", z, 0), 0.0, per_scale(np.exp(-z), scale))


def _distance(x: Any, loc: Any, scale: Any) -> Any:
    """``(x - loc)/scale``, and 0 below the support."""
    z, _ = standardized(x, loc, scale)
    return chosen(op("less", z, 0), 0.0, z)


@quiet
def cdf(x: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """Distribution function."""
    return -np.expm1(-_distance(x, loc, scale))


@quiet
def logcdf(x: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """Logarithm of the distribution function."""
    z = _distance(x, loc, scale)
    below = op("less", standardized(x, loc, scale)[0], 0)
    return log_share(-np.expm1(-z), np.exp(-z), below)


@quiet
def sf(x: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """Survival function."""
    return np.exp(-_distance(x, loc, scale))


@quiet
def logsf(x: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """Logarithm of the survival function."""
    return -_distance(x, loc, scale)
