"""The Dirichlet distribution, as ``scipy.stats.dirichlet``; differentiable in ``x`` and ``alpha``.

The derivative in ``x`` is that of the formula, for each component by itself; along the simplex
its projection counts.

Examples
--------
>>> from autodiff import grad
>>> from autodiff.scipy.stats import dirichlet
>>> print(grad(dirichlet.logpdf)([0.25, 0.75], [2.0, 4.0]))
[4. 4.]
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.scipy.plain import of_distribution
from autodiff.scipy.stats.support import fixed, op, quiet
from diffexpr import functions
from diffexpr.errors import ExpressionValueError, ShapeError
from diffexpr.operands import shape_of

__all__ = ["logpdf", "pdf"]

__getattr__ = of_distribution("dirichlet")

SLACK = 1e-9
"""How far from 1 the sum of the components may be, as in SciPy."""


@quiet
def logpdf(x: Any, alpha: Any) -> Any:
    """Logarithm of the density.

    Parameters
    ----------
    x : array
        Components along the first axis, all of them or all but the last.
    alpha : array
        Positive concentrations, one per component.

    Raises
    ------
    ExpressionValueError
        If a number is no point of the simplex or no concentration, as SciPy does.
    """
    x = _complete(x, alpha)
    _check(fixed(x), fixed(alpha))
    lift = (*shape_of(alpha), *(1,) * (len(shape_of(x)) - 1))
    powers = op("xlogy", functions.reshape(alpha - 1, lift), x)
    normal = functions.sum(op("gammaln", alpha)) - op("gammaln", functions.sum(alpha))
    return functions.sum(powers, 0) - normal


@quiet
def pdf(x: Any, alpha: Any) -> Any:
    """Density, with the arguments of `logpdf`."""
    return np.exp(logpdf(x, alpha))


def _complete(x: Any, alpha: Any) -> Any:
    """The components with the last one, which makes their sum 1."""
    shape, wanted = shape_of(x), shape_of(alpha)
    if len(wanted) != 1 or not shape or shape[0] not in (wanted[0], wanted[0] - 1):
        raise ShapeError(
            f"dirichlet takes a vector alpha and as many components x along the first axis, or "
            f"one less; got shapes {wanted} and {shape}"
        )
    if shape[0] == wanted[0]:
        return x
    last = 1 - functions.sum(x, 0, keepdims=True)
    return functions.concatenate([x, last], 0)


def _check(x: Any, alpha: Any) -> None:
    """Raise where numbers are outside of what the distribution is defined for."""
    if not hasattr(alpha, "_level") and np.any(np.asarray(alpha) <= 0):
        raise ExpressionValueError(f"dirichlet: alpha must be positive, got {alpha}")
    if hasattr(x, "_level"):
        return
    x = np.asarray(x)
    off = np.abs(np.sum(x, 0) - 1) > SLACK
    if np.any(off) or np.any((x < 0) | (x > 1)):
        raise ExpressionValueError(
            f"dirichlet: x must lie on the simplex, got components {x} of sum {np.sum(x, 0)}; "
            "divide by their sum"
        )
