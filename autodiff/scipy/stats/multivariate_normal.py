"""The normal distribution of vectors, as ``scipy.stats.multivariate_normal``.

Differentiable in ``x``, ``mean`` and ``cov``; the derivative in ``cov`` is symmetric. In a singular
covariance, which is allowed on demand, there is none.

Examples
--------
>>> from autodiff import grad
>>> from autodiff.scipy.stats import multivariate_normal
>>> print(grad(multivariate_normal.logpdf)([1.0, 2.0], [0.0, 0.0], [[2.0, 0.0], [0.0, 4.0]]))
[-0.5 -0.5]
"""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from autodiff.boxes import Box
from autodiff.scipy.plain import of_distribution
from autodiff.scipy.stats.support import chosen, fixed, quiet
from diffexpr import functions
from diffexpr.errors import ExpressionValueError, MissingRuleError, ShapeError
from diffexpr.operands import as_operand, shape_of

__all__ = ["cdf", "entropy", "logcdf", "logpdf", "pdf"]

__getattr__ = of_distribution("multivariate_normal")

LOG_TWO_PI = float(np.log(2 * np.pi))


@quiet
def logpdf(x: Any, mean: Any = None, cov: Any = 1, allow_singular: bool = False) -> Any:
    """Logarithm of the density.

    Parameters
    ----------
    x : array
        Components along the last axis.
    mean : vector, optional
        Zeros by default.
    cov : matrix, vector or number
        Covariance; a vector is its diagonal, a number stands for that many times the identity.
    allow_singular : bool
        Whether the covariance may be singular; the density is then taken on its range.

    Raises
    ------
    ExpressionValueError
        If a covariance of numbers is not positive definite.
    MissingRuleError
        If a derivative in a singular covariance is asked for.
    """
    mean, cov, dim = _parameters(mean, cov)
    away = _points(x, dim) - mean
    flat = functions.reshape(away, (-1, dim))
    null = _null_space(cov, allow_singular)
    if null is None:
        distance = functions.sum(np.linalg.solve(cov, flat.T) * flat.T, 0)
        found = -0.5 * (dim * LOG_TWO_PI + np.linalg.slogdet(cov)[1] + distance)
    else:
        found = _on_range(flat, cov, *null)
    return functions.reshape(found, tuple(n for n in shape_of(away)[:-1] if n != 1))


@quiet
def pdf(x: Any, mean: Any = None, cov: Any = 1, allow_singular: bool = False) -> Any:
    """Density, with the arguments of `logpdf`."""
    return np.exp(logpdf(x, mean, cov, allow_singular))


def cdf(x: Any, mean: Any = None, cov: Any = 1, **options: Any) -> Any:
    """Distribution function of numbers, by SciPy's integration.

    Raises
    ------
    MissingRuleError
        If it is to be differentiated: it has no closed form.
    """
    return _integrated("cdf", x, mean, cov, options)


def logcdf(x: Any, mean: Any = None, cov: Any = 1, **options: Any) -> Any:
    """Logarithm of `cdf`."""
    return _integrated("logcdf", x, mean, cov, options)


def _integrated(name: str, x: Any, mean: Any, cov: Any, options: dict[str, Any]) -> Any:
    if any(hasattr(as_operand(value), "_level") for value in (x, mean, cov)):
        raise MissingRuleError(
            f"multivariate_normal.{name} has no derivative in closed form; differentiate it "
            "numerically with numdiff"
        )
    stats = importlib.import_module("scipy.stats")
    return getattr(stats.multivariate_normal, name)(x, mean, cov, **options)


@quiet
def entropy(mean: Any = None, cov: Any = 1) -> Any:
    """Differential entropy, in natural units."""
    _, cov, dim = _parameters(mean, cov)
    _null_space(cov, False)
    return 0.5 * (dim * (LOG_TWO_PI + 1) + np.linalg.slogdet(cov)[1])


def _parameters(mean: Any, cov: Any) -> tuple[Any, Any, int]:
    """Mean and covariance written out, and the dimension."""
    shape = shape_of(cov)
    dim = shape[0] if shape else 1
    if mean is not None:
        mean = functions.reshape(mean, (-1,))
        dim = shape_of(mean)[0]
    if not shape or shape == (1,):
        cov = functions.reshape(cov, ()) * np.eye(dim)
    elif len(shape) == 1:
        cov = functions.diag(cov)
    if shape_of(cov) != (dim, dim):
        raise ShapeError(f"multivariate_normal: mean of {dim} component(s), cov of shape {shape}")
    return (np.zeros(dim) if mean is None else mean), cov, dim


def _points(x: Any, dim: int) -> Any:
    """Points with their components along the last axis."""
    shape = shape_of(x)
    if len(shape) == 0:
        return functions.reshape(x, (1,))
    if len(shape) == 1 and dim == 1:
        return functions.reshape(x, (shape[0], 1))
    if shape[-1] != dim:
        raise ShapeError(f"multivariate_normal: points of shape {shape} in dimension {dim}")
    return x


def _null_space(cov: Any, allow_singular: bool) -> tuple[Any, Any, Any] | None:
    """Eigenvalues, eigenvectors and which of them count, where the covariance is singular.

    The threshold is SciPy's: a million units of rounding of the largest eigenvalue.
    """
    bare = fixed(cov)
    if hasattr(bare, "_level"):
        return None
    values, vectors = np.linalg.eigh(bare)
    least = 1e6 * np.finfo(values.dtype).eps * np.max(np.abs(values), initial=0.0)
    if np.any(values < -least):
        raise ExpressionValueError(
            f"multivariate_normal: the covariance has the eigenvalue {np.min(values)}; "
            "it must be symmetric and positive definite"
        )
    counts = values > least
    if np.all(counts):
        return None
    if not allow_singular:
        raise ExpressionValueError(
            f"multivariate_normal: the covariance has the eigenvalue {np.min(values)} and is "
            "singular; give allow_singular=True"
        )
    if isinstance(cov, Box):
        raise MissingRuleError(
            "multivariate_normal has no derivative with respect to a singular covariance; "
            "keep it constant, or add a multiple of the identity"
        )
    return values, vectors, counts


def _on_range(flat: Any, cov: Any, values: Any, vectors: Any, counts: Any) -> Any:
    """The density on the range of a constant singular covariance, -inf off it."""
    root = vectors[:, counts] / np.sqrt(values[counts])
    distance = functions.sum(np.square(functions.matmul(flat, root)), -1)
    inside = -0.5 * (np.sum(counts) * LOG_TWO_PI + np.sum(np.log(values[counts])) + distance)
    aside = np.linalg.norm(np.asarray(fixed(flat)) @ vectors[:, ~counts], axis=-1)
    return chosen(aside > 1e3 * 1e6 * np.finfo(float).eps * np.max(values), -np.inf, inside)
