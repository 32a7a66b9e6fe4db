"""The beta distribution, as ``scipy.stats.beta``.

The densities are differentiable in every argument; the distribution functions are not in ``a``
and ``b``, where no closed form exists.

Examples
--------
>>> from autodiff import grad
>>> from autodiff.scipy.stats import beta
>>> print(grad(beta.logpdf)(0.5, 2.0, 2.0), grad(beta.logpdf)(1.5, 2.0, 2.0))
0.0 0.0
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.scipy.plain import of_distribution
from autodiff.scipy.stats.support import (
    chosen,
    either,
    log_per_scale,
    log_share,
    op,
    quiet,
    standardized,
)

__all__ = ["cdf", "logcdf", "logpdf", "logsf", "pdf", "sf"]

__getattr__ = of_distribution("beta")


@quiet
def logpdf(x: Any, a: Any, b: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """Logarithm of the density; -inf outside of the interval."""
    z, scale = standardized(x, loc, scale, a, b)
    outside = either(op("less", z, 0), op("greater", z, 1))
    z = chosen(outside, 0.5, z)
    inside = op("xlog1py", b - 1, -z) + op("xlogy", a - 1, z) - op("betaln", a, b)
    return chosen(outside, -np.inf, log_per_scale(inside, scale))


@quiet
def pdf(x: Any, a: Any, b: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """Density; 0 outside of the interval."""
    return np.exp(logpdf(x, a, b, loc, scale))


def _place(x: Any, loc: Any, scale: Any, a: Any, b: Any) -> Any:
    """``(x - loc)/scale`` kept in the interval."""
    z, _ = standardized(x, loc, scale, a, b)
    return chosen(op("less", z, 0), 0.0, chosen(op("greater", z, 1), 1.0, z))


@quiet
def cdf(x: Any, a: Any, b: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """Distribution function."""
    return op("betainc", a, b, _place(x, loc, scale, a, b))


@quiet
def logcdf(x: Any, a: Any, b: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """Logarithm of the distribution function."""
    below = op("less", standardized(x, loc, scale)[0], 0)
    return log_share(cdf(x, a, b, loc, scale), sf(x, a, b, loc, scale), below)


@quiet
def sf(x: Any, a: Any, b: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """Survival function."""
    return op("betaincc", a, b, _place(x, loc, scale, a, b))


@quiet
def logsf(x: Any, a: Any, b: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """Logarithm of the survival function."""
    above = op("greater", standardized(x, loc, scale)[0], 1)
    return log_share(sf(x, a, b, loc, scale), cdf(x, a, b, loc, scale), above)
