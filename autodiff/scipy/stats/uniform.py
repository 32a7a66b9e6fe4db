"""The uniform distribution on ``[loc, loc + scale]``, as ``scipy.stats.uniform``.

Examples
--------
>>> from autodiff import grad
>>> from autodiff.scipy.stats import uniform
>>> print(grad(uniform.cdf)(1.0, 0.0, 4.0), grad(uniform.cdf)(5.0, 0.0, 4.0))
0.25 0.0
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.scipy.plain import of_distribution
from autodiff.scipy.stats.support import (
    chosen,
    either,
    log_per_scale,
    op,
    per_scale,
    quiet,
    standardized,
)

__all__ = ["cdf", "logcdf", "logpdf", "logsf", "pdf", "sf"]

__getattr__ = of_distribution("uniform")


@quiet
def logpdf(x: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """Logarithm of the density; -inf outside of the interval."""
    z, scale = standardized(x, loc, scale)
    outside = either(op("less", z, 0), op("greater", z, 1))
    return chosen(outside, -np.inf, log_per_scale(0 * z, scale))


@quiet
def pdf(x: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """Density; 0 outside of the interval."""
    z, scale = standardized(x, loc, scale)
    outside = either(op("less", z, 0), op("greater", z, 1))
    return chosen(outside, 0.0, per_scale(0 * z + 1, scale))


def _place(x: Any, loc: Any, scale: Any) -> Any:
    """``(x - loc)/scale`` kept in the interval."""
    z, _ = standardized(x, loc, scale)
    return chosen(op("less", z, 0), 0.0, chosen(op("greater", z, 1), 1.0, z))


@quiet
def cdf(x: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """Distribution function."""
    return _place(x, loc, scale)


@quiet
def logcdf(x: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """Logarithm of the distribution function."""
    below = op("less", standardized(x, loc, scale)[0], 0)
    place = chosen(below, 1.0, _place(x, loc, scale))
    return chosen(below, -np.inf, np.log(place))


@quiet
def sf(x: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """Survival function."""
    return 1 - _place(x, loc, scale)


@quiet
def logsf(x: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """Logarithm of the survival function."""
    above = op("greater", standardized(x, loc, scale)[0], 1)
    place = chosen(above, 0.0, _place(x, loc, scale))
    return chosen(above, -np.inf, np.log1p(-place))
