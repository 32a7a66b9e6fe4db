"""Hessians: eight digits in every entry, honest bars, exact symmetry."""

import math

import numpy as np
import pytest

import numdiff
from numdiff import Status


def rosenbrock(v):
    return 100 * (v[1] - v[0] ** 2) ** 2 + (1 - v[0]) ** 2


def mixed_scales(v):
    return 1e-6 * v[0] ** 2 + v[1] ** 2 + 1e6 * v[2] ** 2 + 1e-3 * v[0] * v[1] + 1e3 * v[1] * v[2]


@pytest.mark.parametrize(
    ("f", "x", "truth"),
    [
        (rosenbrock, [-1.2, 1.0], [[1330, 480], [480, 200]]),
        (mixed_scales, [1, 2, 3], [[2e-6, 1e-3, 0], [1e-3, 2, 1e3], [0, 1e3, 2e6]]),
        (
            lambda v: np.sin(100 * v[0]) * v[1],
            [0.3, 0.7],
            [[-1e4 * math.sin(30) * 0.7, 100 * math.cos(30)], [100 * math.cos(30), 0]],
        ),
        (
            lambda v: np.exp(v[0] * v[1]),
            [0.5, 2.0],
            [[4 * math.e, 2 * math.e], [2 * math.e, 0.25 * math.e]],
        ),
        (lambda v: np.exp(v[0] * v[1]), [0.5, 0.0], [[0, 1], [1, 0.25]]),
        (
            lambda v: v[0] ** v[1],
            [2.0, 3.0],
            [[12, 4 + 12 * math.log(2)], [4 + 12 * math.log(2), 8 * math.log(2) ** 2]],
        ),
    ],
)
def test_every_entry_within_its_bar_and_eight_digits(f, x, truth):
    result = numdiff.estimate_hessian(f, x)
    truth = np.array(truth)
    assert np.all(result.status == Status.CONVERGED)
    error = np.abs(result.value - truth)
    assert np.all(error <= result.error + np.spacing(np.abs(truth)))
    assert np.all(error <= 1e-8 * np.where(truth == 0, 1, np.abs(truth)))
    np.testing.assert_array_equal(result.value, result.value.T)


def test_shape_is_in_plus_in():
    x = np.arange(1.0, 5).reshape(2, 2)
    result = numdiff.estimate_hessian(lambda v: np.prod(v), x)
    assert result.value.shape == (2, 2, 2, 2)
    assert result.value[0, 0, 1, 1] == pytest.approx(6, rel=1e-10)
    assert numdiff.estimate_hessian(np.cos, 0.0).value == pytest.approx(-1, rel=1e-10)


@pytest.mark.parametrize("x", [[0.0, 1.0], [2.0, 1.0], [0.0, 0.0], [2.0, 3.0]])
def test_at_bounds_the_differences_are_one_sided(x):
    seen = []

    def f(v):
        seen.append(v.copy())
        return np.exp(v[0] * v[1]) + v[0]

    result = numdiff.estimate_hessian(f, x, bounds=([0, 0], [2, 3]))
    a, b = x
    e = math.exp(a * b)
    truth = np.array([[b * b * e, (1 + a * b) * e], [(1 + a * b) * e, a * a * e]])
    assert np.min(seen, axis=0).tolist() >= [0, 0]
    assert np.all(np.max(seen, axis=0) <= [2, 3])
    assert np.all(np.abs(result.value - truth) <= result.error)
    assert np.all(result.error <= 1e-3 * np.maximum(np.abs(truth), 1))


def test_given_steps_bound_the_ladder():
    result = numdiff.estimate_hessian(rosenbrock, [-1.2, 1.0], abs_step=0.1)
    assert result.step.max() <= 0.1 * 1.36
    np.testing.assert_allclose(result.value, [[1330, 480], [480, 200]], rtol=1e-8)


def test_no_second_derivative_is_said():
    result = numdiff.estimate_hessian(lambda v: abs(v[0]) * v[1], [0.0, 1.0])
    assert result.status[0, 0] == Status.KINK
    corner = numdiff.estimate_hessian(lambda v: abs(v[0] + v[1]), [0.0, 0.0])
    assert corner.status[0, 1] == Status.KINK
    assert np.isnan(corner.value[0, 1])


def test_errors():
    with pytest.raises(numdiff.InputError, match=r"scalar result, got shape \(2,\)"):
        numdiff.estimate_hessian(lambda v: v, [1.0, 2.0])
    with pytest.raises(numdiff.InputError, match="n=2"):
        numdiff.estimate_hessian(rosenbrock, [1.0, 2.0], method="cs")
