"""The Laplace distribution, as ``scipy.stats.laplace``; differentiable in every argument.

At ``loc`` the density has a kink, and its derivative is taken to be 0.

Examples
--------
>>> from autodiff import grad
>>> from autodiff.scipy.stats import laplace
>>> print(grad(laplace.logpdf)(3.0, 1.0, 2.0), grad(laplace.logpdf)(1.0, 1.0, 2.0))
-0.5 0.0
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.scipy.plain import of_distribution
from autodiff.scipy.stats.support import log_per_scale, op, per_scale, quiet, standardized

__all__ = ["cdf", "logcdf", "logpdf", "logsf", "pdf", "sf"]

__getattr__ = of_distribution("laplace")

LOG_TWO = float(np.log(2))


@quiet
def logpdf(x: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """Logarithm of the density."""
    z, scale = standardized(x, loc, scale)
    return log_per_scale(-LOG_TWO - op("abs", z), scale)


@quiet
def pdf(x: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """Density."""
    z, scale = standardized(x, loc, scale)
    return per_scale(0.5 * np.exp(-op("abs", z)), scale)


def _below(z: Any) -> Any:
    """The distribution function of the standard distribution, one exponential for both sides."""
    tail = 0.5 * np.exp(-op("where", op("greater", z, 0), z, -z))
    return op("where", op("greater", z, 0), 1 - tail, tail)


def _log_below(z: Any) -> Any:
    right = op("greater", z, 0)
    tail = 0.5 * np.exp(-op("where", right, z, 0.0))
    return op("where", right, np.log1p(-tail), z - LOG_TWO)


@quiet
def cdf(x: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """Distribution function."""
    return _below(standardized(x, loc, scale)[0])


@quiet
def logcdf(x: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """Logarithm of the distribution function."""
    return _log_below(standardized(x, loc, scale)[0])


@quiet
def sf(x: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """Survival function."""
    return _below(-standardized(x, loc, scale)[0])


@quiet
def logsf(x: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """Logarithm of the survival function."""
    return _log_below(-standardized(x, loc, scale)[0])
