"""The extrapolation table: exact on polynomials, of the right order, with the right weights."""

import numpy as np
import pytest

from numdiff.neville import table_weights, taylor_table


@pytest.mark.parametrize("c", [0, 1, 2, 3])
def test_coefficients_of_polynomials_are_recovered(c):
    coefficients = np.array([3.0, -1.0, 0.5, 2.0, -4.0])
    t = np.array([0.1, 0.17, 0.3, 0.5, 0.9])
    table = taylor_table(t, np.polynomial.polynomial.polyval(t, coefficients), c)
    assert table[4] == pytest.approx(coefficients[c], rel=1e-11)


@pytest.mark.parametrize("level", [0, 1, 2])
def test_each_level_gains_two_orders(level):
    def error(h):
        steps = h * 2.0 ** np.arange(level + 1)
        g = (np.exp(1 + steps) - np.exp(1 - steps)) / (2 * steps)
        return abs(taylor_table(steps**2, g, 0)[level][0] - np.e)

    # The ratio of errors departs from the power by the next term, of relative size h**2.
    assert np.log2(error(0.1) / error(0.05)) == pytest.approx(2 * level + 2, abs=0.05)


@pytest.mark.parametrize("c", [0, 1, 2])
def test_weights_make_the_first_row(c):
    t = 2.0 ** np.arange(5)
    g = np.cos(t)
    table = taylor_table(t, g, c)
    for level, weights in zip(table, table_weights(t, c), strict=True):
        assert weights @ g[: len(weights)] == pytest.approx(level[0], rel=1e-12, abs=1e-14)
