"""Distributions of ``scipy.stats``, one module each, differentiable in their parameters.

``pdf``, ``logpdf``, ``cdf``, ``logcdf``, ``sf`` and ``logsf`` (``pmf`` and ``logpmf`` of discrete
ones) take SciPy's arguments and have its values. Outside of the support the density is 0, its
logarithm -inf, and every derivative 0. Where no derivative exists in closed form, or the argument
is discrete, asking for it raises `diffexpr.MissingRuleError`.

Examples
--------
>>> from autodiff import grad
>>> from autodiff.scipy import stats
>>> print(grad(stats.norm.logpdf, wrt=("loc", "scale"))(1.0, 0.0, 1.0))
(np.float64(1.0), np.float64(0.0))
"""

from typing import Any

from autodiff.scipy.plain import statistic
from autodiff.scipy.stats import (
    bernoulli,
    beta,
    chi2,
    dirichlet,
    expon,
    gamma,
    laplace,
    logistic,
    multivariate_normal,
    norm,
    poisson,
    t,
    uniform,
)

__all__ = [
    "bernoulli",
    "beta",
    "chi2",
    "dirichlet",
    "expon",
    "gamma",
    "laplace",
    "logistic",
    "multivariate_normal",
    "norm",
    "poisson",
    "t",
    "uniform",
]


def __getattr__(name: str) -> Any:
    """Anything else of ``scipy.stats``, for plain arrays."""
    return statistic(name)
