"""The complex step: to the last digit where it is right, and never believed where it is not."""

import math

import numpy as np
import pytest

import numdiff


@pytest.mark.parametrize(
    ("f", "x", "truth"),
    [
        (np.exp, 1.0, math.e),
        (lambda x: 1e6 + np.sin(x), 1.0, math.cos(1)),
        (np.cos, 1e-5, -math.sin(1e-5)),
        (lambda x: x**3, 0.0, 0.0),
    ],
)
def test_full_precision_for_analytic_functions(f, x, truth):
    result = numdiff.estimate(f, x, method="cs")
    assert abs(result.value - truth) <= 2 * np.spacing(abs(truth)) + 1e-160
    assert result.error <= 1e-14 * max(abs(truth), 1e-5)
    assert result.note == ""
    assert result.method == "cs"


@pytest.mark.parametrize(
    ("f", "truth"),
    [
        (lambda x: x * abs(x), 3.0),
        (np.abs, -1.0),
        (lambda x: np.conj(x) ** 2, -3.0),
        (lambda x: float(np.real(x)) ** 2, -3.0),
        (lambda x: math.exp(x), math.exp(-1.5)),
    ],
)
def test_falls_back_to_real_values_and_says_so(f, truth):
    result = numdiff.estimate(f, -1.5, method="cs")
    assert abs(result.value - truth) <= result.error
    assert "not confirmed" in result.note


def test_fallback_entry_by_entry():
    def f(x):
        return np.where(np.real(x) > 0, x, np.abs(x))

    result = numdiff.estimate(f, [-2.0, 3.0], method="cs")
    np.testing.assert_allclose(result.value, [-1, 1], rtol=1e-12)
    assert "1 of 2 entries" in result.note


def test_scalar_only_functions_take_complex_numbers_too():
    import cmath

    def f(x):
        return cmath.exp(x) if isinstance(x, complex) else math.exp(x)

    result = numdiff.estimate(lambda x: f(x), [0.5, 1.0], method="cs")
    assert result.note == ""
    np.testing.assert_allclose(result.value, np.exp([0.5, 1.0]), rtol=1e-15)


def test_a_wrong_shape_is_not_believed():
    def f(x):
        return np.exp(x).sum() if np.iscomplexobj(x) else np.exp(x)

    result = numdiff.estimate(f, [0.5, 1.0], method="cs")
    assert "2 of 2" in result.note
    jacobian = numdiff.estimate_jacobian(f, [0.5, 1.0], method="cs")
    assert "4 of 4" in jacobian.note
    np.testing.assert_allclose(jacobian.value, np.diag(np.exp([0.5, 1.0])), atol=1e-12)


def test_jacobian_column_by_column():
    def f(v):
        return np.stack([np.exp(v[0]) * v[1], v[0] * np.abs(v[1])])

    result = numdiff.estimate_jacobian(f, [1.0, -2.0], method="cs")
    truth = [[-2 * math.e, math.e], [2.0, -1.0]]
    np.testing.assert_allclose(result.value, truth, rtol=1e-12)
    assert "1 of 4 entries" in result.note
    assert result.value[0, 0] == pytest.approx(-2 * math.e, rel=4e-16)
