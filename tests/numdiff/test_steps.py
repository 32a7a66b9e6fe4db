"""Steps are exact, scale with x, and are looked up where they can be replaced."""

import numpy as np
import pytest

import numdiff
from numdiff import steps


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_points_lie_exactly_one_step_from_x(dtype):
    rng = np.random.default_rng(1)
    x = (rng.normal(size=400) * 10.0 ** rng.uniform(-20, 20, 400)).astype(dtype).astype(float)
    h = np.abs(x) * 10.0 ** rng.uniform(-5, -0.5, 400)
    plus, minus, step = steps.exact(x, h, np.dtype(dtype))
    for points in (plus, minus):
        assert np.array_equal(points.astype(dtype).astype(float), points)
    assert np.array_equal(x + step, plus)
    assert np.array_equal(x - step, minus)
    assert np.all(np.abs(step / h - 1) < np.finfo(dtype).eps * np.abs(x) / h + 1e-15)


def test_a_step_lost_against_x_is_nan():
    plus, minus, step = steps.exact(np.array([1.0, -1.0]), np.full(2, 1e-20), np.dtype(float))
    assert np.isnan([plus, minus, step]).all()


def test_ladder_is_geometric_and_scales_with_x():
    x, top = np.array([3.0]), np.array([0.5])
    rungs = steps.ladder(x, top, steps.PLAN)
    assert rungs.shape == (steps.COUNT, 1)
    np.testing.assert_allclose(rungs[1:] / rungs[:-1], steps.RATIO, rtol=1e-12)
    assert 1 / steps.RATIO < rungs[-1, 0] / 0.5 < steps.RATIO
    np.testing.assert_allclose(
        steps.ladder(1e-12 * x, 1e-12 * top, steps.PLAN), 1e-12 * rungs, rtol=1e-12
    )


def test_survey_steps_ascend_from_rounding_to_far_beyond():
    h = steps.coarse(np.array([2.0, 0.0]), np.finfo(float).eps)
    beside = h[np.isfinite(h[:, 0]), 0]
    assert np.all(np.diff(beside) > 0)
    assert beside[0] < 1e-12 < 2 <= beside[-1]
    assert h[0, 1] < 1e-19
    assert h[-1, 1] > 1e8


def test_difference_step_is_scipys_unless_given():
    x = np.array([0.0, 100.0])
    eps = float(np.finfo(float).eps)
    np.testing.assert_allclose(
        steps.difference_step(x, 1, None, None, eps), eps**0.5 * np.array([1, 100])
    )
    np.testing.assert_allclose(
        steps.difference_step(x, 2, None, None, eps), eps ** (1 / 3) * np.array([1, 100])
    )
    np.testing.assert_array_equal(steps.difference_step(x, 1, None, -0.5, eps), [0.5, 0.5])
    np.testing.assert_array_equal(steps.difference_step(x, 1, 0.1, None, eps), [0.1, 10])


def test_a_wrong_step_spoils_the_answer(monkeypatch):
    true_exact = steps.exact

    def wrong(x, h, dtype):
        plus, minus, step = true_exact(x, h, dtype)
        return plus, minus, step * 1.01

    monkeypatch.setattr(steps, "exact", wrong)
    result = numdiff.estimate(np.sin, 1.0)
    assert abs(result.value - np.cos(1.0)) > 1e-3
    assert abs(numdiff.grad(np.sin)(1.0) - np.cos(1.0)) > 1e-3
