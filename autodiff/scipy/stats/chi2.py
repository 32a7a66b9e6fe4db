"""The chi-squared distribution, as ``scipy.stats.chi2``.

The densities are differentiable in every argument; the distribution functions are not in ``df``,
where no closed form exists.

Examples
--------
>>> from autodiff import grad
>>> from autodiff.scipy.stats import chi2
>>> print(grad(chi2.logpdf)(2.0, 4.0))
0.0
"""

from __future__ import annotations

from typing import Any

from autodiff.scipy.plain import of_distribution
from autodiff.scipy.stats import gamma
from autodiff.scipy.stats.support import quiet

__all__ = ["cdf", "logcdf", "logpdf", "logsf", "pdf", "sf"]

__getattr__ = of_distribution("chi2")


@quiet
def logpdf(x: Any, df: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """Logarithm of the density; -inf below ``loc``."""
    return gamma.logpdf(x, 0.5 * df, loc, 2.0 * scale)


@quiet
def pdf(x: Any, df: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """Density; 0 below ``loc``."""
    return gamma.pdf(x, 0.5 * df, loc, 2.0 * scale)


@quiet
def cdf(x: Any, df: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """Distribution function."""
    return gamma.cdf(x, 0.5 * df, loc, 2.0 * scale)


@quiet
def logcdf(x: Any, df: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """Logarithm of the distribution function."""
    return gamma.logcdf(x, 0.5 * df, loc, 2.0 * scale)


@quiet
def sf(x: Any, df: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """Survival function."""
    return gamma.sf(x, 0.5 * df, loc, 2.0 * scale)


@quiet
def logsf(x: Any, df: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """Logarithm of the survival function."""
    return gamma.logsf(x, 0.5 * df, loc, 2.0 * scale)
