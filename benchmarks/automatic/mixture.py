"""A mixture of Gaussians, as ADBench has it."""

import math

import numpy

from automatic import by_hand
from automatic.problem import Problem, random

GAMMA, SURPLUS = 1.0, 0
"""The Wishart prior: its precision, and its degrees of freedom beyond the dimension and one."""


def mixture(np, x, below, places, prior):
    """The log posterior of a mixture of Gaussians, prior of Wishart included.

    Source: the objective GMM of Srajer, Kukelova and Fitzgibbon (2018), *A benchmark of selected
    algorithmic differentiation tools on some problems in computer vision and machine learning*.
    A row of ``icf`` has the logarithms of the diagonal of the factor of an inverse covariance,
    then the entries below the diagonal by columns; ``places`` says for each entry of the factor
    where in the row it stands, ``below`` is 1 below the diagonal and 0 elsewhere.
    """
    n, d = x.shape

    def f(alphas, means, icf):
        logs = icf[:, :d]
        diagonal = np.exp(logs)
        factors = icf[:, places] * below
        centred = x[:, None, :] - means
        turned = diagonal * centred + np.einsum("kij,nkj->nki", factors, centred)
        weights = alphas + np.sum(logs, axis=1) - 0.5 * np.sum(turned**2, axis=2)
        likelihood = np.sum(np.logsumexp(weights, axis=1)) - n * np.logsumexp(alphas)
        squares = np.sum(diagonal**2) + np.sum(icf[:, d:] ** 2)
        wishart = 0.5 * GAMMA**2 * squares - SURPLUS * np.sum(logs)
        return likelihood + wishart + prior

    return f


def mixture_problem(d=10, k=25, n=1000):
    rng = random()
    rows, columns = numpy.tril_indices(d, -1)
    by_columns = numpy.lexsort((rows, columns))
    places = numpy.zeros((d, d), int)
    places[rows[by_columns], columns[by_columns]] = numpy.arange(d, d * (d + 1) // 2)
    below = numpy.tri(d, k=-1)
    arguments = (
        rng.normal(size=k),
        rng.normal(size=(k, d)),
        rng.normal(size=(k, d * (d + 1) // 2)) / 3,
    )
    x = rng.normal(size=(n, d))
    prior = _constants(d, k, n)
    return Problem(
        f"mixture of Gaussians, d = {d}, k = {k}, n = {n:,}",
        lambda np, x, below, places: mixture(np, x, below, places, prior),
        arguments,
        (x, below, places),
        lambda arguments, data: by_hand.mixture(*arguments, *data),
        {"autograd": 0.6},
    )


def _constants(d, k, n):
    """The terms that no argument moves."""
    freedom = d + SURPLUS + 1
    multivariate = d * (d - 1) / 4 * math.log(math.pi) + sum(
        math.lgamma(0.5 * (freedom - j)) for j in range(d)
    )
    each = freedom * d * (math.log(GAMMA) - 0.5 * math.log(2)) - multivariate
    return -n * d / 2 * math.log(2 * math.pi) - k * each
