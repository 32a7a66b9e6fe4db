"""Student's t distribution, as ``scipy.stats.t``.

The densities are differentiable in every argument; the distribution functions are not in ``df``,
where no closed form exists.

Examples
--------
>>> from autodiff import grad
>>> from autodiff.scipy.stats import t
>>> print(grad(t.logpdf)(1.0, 3.0))
-1.0
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.operations.student import log_density
from autodiff.scipy.plain import of_distribution
from autodiff.scipy.stats import norm
from autodiff.scipy.stats.support import chosen, log_per_scale, log_share, op, quiet, standardized

__all__ = ["cdf", "logcdf", "logpdf", "logsf", "pdf", "sf"]

__getattr__ = of_distribution("t")


@quiet
def logpdf(x: Any, df: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """Logarithm of the density; with infinite ``df`` that of the normal distribution."""
    z, scale = standardized(x, loc, scale, df)
    endless = op("equal", df, np.inf)
    found = log_density(z, chosen(endless, 1.0, df))
    normal = norm.logpdf(z) if hasattr(endless, "_level") or np.any(endless) else 0.0
    return log_per_scale(chosen(endless, normal, found), scale)


@quiet
def pdf(x: Any, df: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """Density."""
    return np.exp(logpdf(x, df, loc, scale))


@quiet
def cdf(x: Any, df: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """Distribution function."""
    return op("stdtr", df, standardized(x, loc, scale, df)[0])


@quiet
def logcdf(x: Any, df: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """Logarithm of the distribution function."""
    return log_share(cdf(x, df, loc, scale), sf(x, df, loc, scale))


@quiet
def sf(x: Any, df: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """Survival function."""
    return op("stdtr", df, -standardized(x, loc, scale, df)[0])


@quiet
def logsf(x: Any, df: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """Logarithm of the survival function."""
    return log_share(sf(x, df, loc, scale), cdf(x, df, loc, scale))
