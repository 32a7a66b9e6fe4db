"""Functions with sparse derivatives, and how the tests of Jacobians and Hessians call them."""

import numpy as np

from autodiff import best, forward, reverse
from autodiff.problem import problem
from autodiff.sparse import compressed
from diffexpr.signature import resolve

MODULES = [forward, reverse, best]


def derivative(verb, module, f, sparsity, wrt=None):
    """A verb of a mode with the option ``sparsity``."""
    target = resolve(f, wrt, one_variable=True)
    option = compressed.Sparsity(sparsity)

    def call(*args, **options):
        with np.errstate(all="ignore"):
            return verb(module.MODE, problem(target, args, options), option)

    return target.finish(call)


def jacobian(f, sparsity="detect", module=best, wrt=None):
    return derivative(compressed.sparse_jacobian, module, f, sparsity, wrt)


def hessian(f, sparsity="detect", module=best, wrt=None):
    return derivative(compressed.sparse_hessian, module, f, sparsity, wrt)


def flat(dense, x):
    """A dense Jacobian as the matrix that a sparse one is."""
    return np.reshape(dense, (int(np.prod(dense.shape[: dense.ndim - np.ndim(x)])), np.size(x)))


def chain(x):
    """Each entry with its neighbours, as discretised differential equations have them."""
    left = np.concatenate([[0.0], x[:-1]])
    right = np.concatenate([x[1:], [0.0]])
    return left * np.sin(x) - 2 * x**3 + right * np.exp(left)


def arrow(x):
    """A full first row, a full first column, and a diagonal."""
    rest = x[0] * x[1:] + np.tanh(x[1:])
    return np.concatenate([np.reshape(np.sum(x * x), (1,)), rest])


def grid(x):
    """The five-point Laplacian of a nonlinear medium on a square with edge 0."""
    n = int(np.sqrt(x.size))
    u = np.pad(np.reshape(x, (n, n)), 1)
    laplacian = u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2] - 4 * u[1:-1, 1:-1]
    return np.ravel(laplacian - np.exp(u[1:-1, 1:-1]))


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)
