"""Jacobians: shapes, accuracy entry by entry, and the cost."""

import numpy as np
import pytest

import numdiff
from numdiff import Status


def test_shape_is_out_plus_in():
    w = np.arange(24.0).reshape(4, 6)
    x = np.linspace(1, 2, 6).reshape(2, 3)
    result = numdiff.estimate_jacobian(lambda v: (w @ v.ravel()).reshape(2, 2), x)
    assert result.value.shape == (2, 2, 2, 3)
    np.testing.assert_allclose(result.value.reshape(4, 6), w, rtol=1e-12, atol=1e-12)
    assert result.order.shape == result.status.shape == result.left.shape == (2, 2, 2, 3)


def test_entries_of_every_scale_within_their_bars():
    def f(v):
        return np.stack([np.exp(v[0]) * v[1], np.sin(1000 * v[0]), 1e-9 * v[1] ** 2, v[0] + 1e6])

    x = np.array([0.5, -3.0])
    result = numdiff.estimate_jacobian(f, x)
    truth = np.array(
        [
            [np.exp(0.5) * -3, np.exp(0.5)],
            [1000 * np.cos(500.0), 0],
            [0, -6e-9],
            [1, 0],
        ]
    )
    assert np.all(result.status == Status.CONVERGED)
    assert np.all(np.abs(result.value - truth) <= result.error + np.spacing(np.abs(truth)))
    assert np.all(result.error <= 1e-8 * np.maximum(np.abs(truth), 1e-3))


def test_scalars_in_and_out():
    assert numdiff.estimate_jacobian(np.sin, 0.3).value.shape == ()
    assert numdiff.estimate_jacobian(lambda x: np.array([x, x**2]), 0.3).value.shape == (2,)
    assert numdiff.estimate_jacobian(lambda v: np.sum(v), np.zeros((0,))).value.shape == (0,)


def test_many_coordinates_go_in_batches(monkeypatch):
    from numdiff import coordinates

    monkeypatch.setattr(coordinates, "_TOGETHER", 4)
    x = np.linspace(-1, 1, 7)
    result = numdiff.estimate_jacobian(lambda v: np.sum(v**3), x)
    assert np.all(np.abs(result.value - 3 * x**2) <= result.error)
    assert np.all(result.error < 1e-10)


def test_outputs_share_their_evaluations():
    calls = []

    def f(v):
        calls.append(1)
        return np.sin(v[0] + np.arange(50.0))

    result = numdiff.estimate_jacobian(f, [0.3])
    assert len(calls) == result.evaluations < 130
    np.testing.assert_allclose(result.value[:, 0], np.cos(0.3 + np.arange(50.0)), atol=1e-11)


def test_copies_bounds_edges_and_kinks():
    def f(v):
        y = np.array([np.log(v[0]), abs(v[1]), v[2] ** 1.5])
        v[:] = 99
        return y

    x = np.array([2.0, 0.0, 0.0])
    result = numdiff.estimate_jacobian(f, x)
    np.testing.assert_array_equal(x, [2.0, 0.0, 0.0])
    assert result.status[0, 0] == Status.CONVERGED
    assert result.status[1, 1] == Status.KINK
    assert result.status[2, 2] == Status.EDGE
    bounded = numdiff.estimate_jacobian(lambda v: np.exp(v), [1.0, 2.0], bounds=([1, 0], [5, 5]))
    assert bounded.status[0, 0] == Status.EDGE
    np.testing.assert_allclose(np.diag(bounded.value), np.exp([1.0, 2.0]), rtol=1e-9)


def test_functions_that_raise_beside_x():
    import math

    result = numdiff.estimate_jacobian(lambda v: math.log(v[0]) + v[1], [1e-3, 1.0])
    np.testing.assert_allclose(result.value, [1e3, 1.0], rtol=1e-10)


@pytest.mark.parametrize("method", ["2-point", "3-point"])
def test_plain_methods(method):
    result = numdiff.estimate_jacobian(lambda v: v**2, [1.0, -2.0], method=method)
    np.testing.assert_allclose(result.value, np.diag([2.0, -4.0]), atol=1e-6)
    wide = numdiff.estimate_jacobian(
        lambda v: v**2, [1.0, -2.0], method=method, abs_step=[0.1, 0.2]
    )
    np.testing.assert_allclose(np.diag(wide.step), [0.1, 0.2], rtol=1e-12)


def test_float32_points():
    seen = set()

    def f(v):
        seen.add(v.dtype)
        return np.sum(v**2)

    result = numdiff.estimate_jacobian(f, np.array([1.5, 2.5], dtype=np.float32))
    assert seen == {np.dtype(np.float32)}
    np.testing.assert_allclose(result.value, [3, 5], rtol=1e-4)
    assert np.all(np.abs(result.value - [3, 5]) <= result.error)


def test_a_result_that_changes_shape_is_refused():
    def f(v):
        return np.ones(2 if v[0] == 1 else 3)

    with pytest.raises(numdiff.InputError, match="one shape"):
        numdiff.estimate_jacobian(f, [1.0])
    with pytest.raises(numdiff.InputError, match="step"):
        numdiff.estimate_jacobian(np.sin, [1.0, 2.0], abs_step=[1, 2, 3])
