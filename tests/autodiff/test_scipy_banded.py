"""Banded systems: SciPy's values, and the derivatives of the dense system."""

import numpy as np
import pytest
import scipy.linalg as sl

from autodiff import forward, grad, hessian, reverse
from autodiff.scipy import linalg
from diffexpr import ShapeError

both_modes = pytest.mark.parametrize("mode", [forward, reverse], ids=["forward", "reverse"])


def bands(below, above, n, seed=0):
    found = np.random.default_rng([seed, below, above, n]).standard_normal((below + above + 1, n))
    found[above] += 4
    return found


def dense(ab, below, above):
    n = ab.shape[1]
    i, j = np.ogrid[:n, :n]
    inside = (i - j <= below) & (j - i <= above)
    return np.where(inside, ab[np.clip(above + i - j, 0, below + above), j + 0 * i], 0.0)


SHAPES = [(1, 1, 5), (0, 2, 4), (2, 0, 4), (1, 2, 6), (0, 0, 3), (3, 1, 4)]


@both_modes
@pytest.mark.parametrize(("below", "above", "n"), SHAPES)
@pytest.mark.parametrize("columns", [(), (2,)])
def test_as_the_dense_system(mode, below, above, n, columns):
    ab = bands(below, above, n)
    b = np.random.default_rng(1).standard_normal((n, *columns))
    np.testing.assert_allclose(
        sl.solve_banded((below, above), ab, b), np.linalg.solve(dense(ab, below, above), b)
    )

    def by_bands(ab, b):
        return linalg.solve_banded((below, above), ab, b)

    def by_all(ab, b):
        return np.linalg.solve(dense(ab, below, above), b)

    for k in (0, 1):
        found, wanted = (mode.jacobian(f, wrt=k)(ab, b) for f in (by_bands, by_all))
        np.testing.assert_allclose(found, wanted, rtol=1e-11, atol=1e-13)


def test_second_derivatives():
    ab, b = bands(1, 1, 4), np.arange(4.0)

    def of(solve):
        return hessian(lambda ab, b: np.sum(np.sin(solve(ab, b))), wrt=(0, 1))(ab, b)

    found = of(lambda ab, b: linalg.solve_banded((1, 1), ab, b))
    wanted = of(lambda ab, b: np.linalg.solve(dense(ab, 1, 1), b))
    for row, true in zip(found, wanted, strict=True):
        for block, expected in zip(row, true, strict=True):
            np.testing.assert_allclose(block, expected, rtol=1e-10, atol=1e-13)


def test_plain_arrays_are_scipy_s_and_wrong_shapes_are_said():
    ab, b = bands(1, 1, 4), np.arange(4.0)
    np.testing.assert_array_equal(
        linalg.solve_banded((1, 1), ab, b), sl.solve_banded((1, 1), ab, b)
    )
    with pytest.raises(ShapeError, match=r"4 rows, got shape \(3, 4\)"):
        grad(lambda b: np.sum(linalg.solve_banded((1, 2), ab, b)))(b)
