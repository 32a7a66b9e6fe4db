"""The gamma distribution, as ``scipy.stats.gamma``.

The densities are differentiable in every argument; the distribution functions are not in ``a``,
where no closed form exists.

Examples
--------
>>> from autodiff import grad
>>> from autodiff.scipy.stats import gamma
>>> print(grad(gamma.logpdf)(2.0, 3.0), grad(gamma.logpdf)(-1.0, 3.0))
0.0 0.0
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.scipy.plain import of_distribution
from autodiff.scipy.stats.support import chosen, log_per_scale, log_share, op, quiet, standardized

__all__ = ["cdf", "logcdf", "logpdf", "logsf", "pdf", "sf"]

__getattr__ = of_distribution("gamma")


@quiet
def logpdf(x: Any, a: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """Logarithm of the density; -inf below ``loc``."""
    z, scale = standardized(x, loc, scale, a)
    outside = op("less", z, 0)
    z = chosen(outside, 1.0, z)
    inside = log_per_scale(op("xlogy", a - 1, z) - z - op("gammaln", a), scale)
    return chosen(outside, -np.inf, inside)


@quiet
def pdf(x: Any, a: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """Density; 0 below ``loc``."""
    return np.exp(logpdf(x, a, loc, scale))


def _distance(x: Any, loc: Any, scale: Any, a: Any) -> Any:
    """``(x - loc)/scale``, and 0 below the support."""
    z, _ = standardized(x, loc, scale, a)
    return chosen(op("less", z, 0), 0.0, z)


@quiet
def cdf(x: Any, a: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """Distribution function."""
    return op("gammainc", a, _distance(x, loc, scale, a))


@quiet
def logcdf(x: Any, a: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """Logarithm of the distribution function."""
    below = op("less", standardized(x, loc, scale, a)[0], 0)
    return log_share(cdf(x, a, loc, scale), sf(x, a, loc, scale), below)


@quiet
def sf(x: Any, a: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """Survival function."""
    return op("gammaincc", a, _distance(x, loc, scale, a))


@quiet
def logsf(x: Any, a: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """Logarithm of the survival function."""
    return log_share(sf(x, a, loc, scale), cdf(x, a, loc, scale))
