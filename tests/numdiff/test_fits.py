"""The fits to a ladder: exact on polynomials, of the right order, with the least noise."""

from fractions import Fraction

import numpy as np
import pytest

from numdiff.fits import fits

RATIO, COUNT = 1.4617, 17


def ladder(p):
    return RATIO ** (p * np.arange(1.0 - COUNT, 1.0))


@pytest.mark.parametrize("c", [0, 1, 2, 3])
@pytest.mark.parametrize("powers", [(2, 1), (2, 2), (1, 1)])
def test_every_fit_reads_the_coefficient_of_every_power_it_knows(c, powers):
    table = fits(RATIO, COUNT, powers, c, 12, (0, 2, 4))
    t = [Fraction(node) for node in ladder(powers[0])]
    for row in range(0, len(table.weights), 7):
        weights = [Fraction(w) for w in table.weights[row]]
        for k in range(table.degree[row] + 1):
            terms = [w * node**k for w, node in zip(weights, t, strict=True)]
            size = max(sum(abs(term) for term in terms), Fraction(1))
            assert abs(sum(terms) - (k == c)) <= 4e-14 * size


@pytest.mark.parametrize("m", [0, 1, 2])
def test_each_degree_gains_two_orders(m):
    table = fits(2.0, 6, (2, 1), 0, 4, (0,))
    row = np.flatnonzero((table.degree == m) & (table.first == 0))[0]

    def error(top):
        h = top * 2.0 ** np.arange(-5.0, 1.0)
        g = (np.exp(1 + h) - np.exp(1 - h)) / (2 * h)
        return abs(table.weights[row] @ g - np.e)

    # The ratio of errors departs from the power by the next term, of relative size h**2.
    assert np.log2(error(3.2) / error(1.6)) == pytest.approx(2 * m + 2, abs=0.05)


def test_interpolation_has_the_weights_of_richardson():
    table = fits(2.0, 4, (2, 1), 0, 3, (0,))
    row = np.flatnonzero((table.degree == 1) & (table.first == 1))[0]
    np.testing.assert_allclose(table.weights[row], [0, 4 / 3, -1 / 3, 0], rtol=1e-15)


@pytest.mark.parametrize("extra", [2, 4])
def test_fits_have_less_noise_than_interpolation_and_as_little_as_can_be(extra):
    table = fits(RATIO, COUNT, (2, 1), 0, 12, (0, 2, 4))
    sigma = 1 / ladder(1)
    for row in np.flatnonzero(table.length == table.degree + 1 + extra)[::5]:
        run = slice(table.first[row], table.first[row] + table.length[row])
        noise = np.linalg.norm(table.weights[row] * sigma)
        inside = (
            (table.degree == table.degree[row])
            & (table.length == table.degree + 1)
            & (table.first >= run.start)
            & (table.first + table.length <= run.stop)
        )
        assert noise <= (1 + 1e-9) * np.linalg.norm(table.weights[inside] * sigma, axis=1).min()
        # Noise is least where no divided difference, zero on the powers fitted, could lower it.
        seen = table.weights[row] * sigma
        t = ladder(2)
        for start in range(run.start, run.stop - table.degree[row] - 1):
            nodes = t[start : start + table.degree[row] + 2]
            gaps = nodes[:, None] - nodes + np.eye(len(nodes))
            nothing = np.zeros(COUNT)
            nothing[start : start + len(nodes)] = 1 / gaps.prod(axis=1)
            nothing *= sigma
            assert abs(seen @ nothing) <= 1e-9 * np.linalg.norm(seen) * np.linalg.norm(nothing)


def test_neighbours_are_those_one_step_on_and_one_degree_up():
    table = fits(RATIO, COUNT, (1, 1), 1, 12, (0, 2))
    first, degree, length = table.first, table.degree, table.length
    at, up = table.inner, table.larger
    assert np.array_equal(first[at + 1], first[at] + 1)
    assert np.array_equal(first[at - 1], first[at] - 1)
    assert np.array_equal(degree[at + 1], degree[at])
    assert np.array_equal(degree[up], degree[at] + 1)
    assert np.array_equal(length[up], length[at] + 1)
    assert np.array_equal(first[up], first[at])
    assert np.array_equal(first[up - 1], first[at] - 1)
    for column in table.columns:
        assert np.array_equal(first[column], np.arange(column.stop - column.start))
        assert len(set(degree[column])) == 1
