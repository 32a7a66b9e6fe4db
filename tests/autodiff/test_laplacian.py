"""The Laplacian against closed forms and the trace of the Hessian."""

import numpy as np
import pytest

from autodiff import hessian, reverse
from autodiff.jet import directional_derivative
from autodiff.laplacian import laplacian
from diffexpr import parse, symbol
from diffexpr.errors import ShapeError


def test_harmonic_functions():
    def potential(x):
        return 1 / np.linalg.norm(x)

    x = np.array([1.0, -2.0, 0.5])
    # The terms that cancel are 3/|x|**3, about 0.25.
    assert laplacian(potential)(x) == pytest.approx(0, abs=1e-15)
    assert laplacian(lambda x, y: np.exp(x) * np.sin(y), (0, 1))(0.3, 0.7) == pytest.approx(
        0, abs=1e-15
    )


def test_quadratic_and_more_entries_than_go_at_once():
    n = 1500
    a = np.linspace(-1, 2, n)
    assert laplacian(lambda x: np.sum(a * x * x))(np.ones(n)) == pytest.approx(2 * np.sum(a))


def test_is_the_trace_of_the_hessian_and_the_sum_of_second_derivatives():
    def f(x):
        return np.sum(np.tanh(x * x[0]) * np.exp(x)) + np.prod(np.cos(x))

    x = np.array([0.3, 0.5, -0.2])
    found = laplacian(f)(x)
    assert found == pytest.approx(np.trace(hessian(f)(x)), rel=1e-14)
    by_series = [directional_derivative(f, x, v, 2) for v in np.eye(3)]
    assert found == pytest.approx(sum(by_series), rel=1e-14)


def test_matrices_numbers_and_constants():
    m = np.arange(1.0, 7).reshape(2, 3)
    assert laplacian(lambda x: np.sum(x**3))(m) == 6 * np.sum(m)
    assert laplacian(lambda x: x**4)(2.0) == 48
    assert laplacian(lambda x: 5.0)(np.ones(3)) == 0
    assert laplacian(lambda x: np.sum(x**2))(np.zeros(0)) == 0
    assert laplacian(np.sum)(np.ones(3)) == 0


def test_several_variables_and_nests():
    def f(x, y):
        return np.sum(x**2 * y) + y**3

    x = np.array([1.0, 2.0])
    assert laplacian(f)(x, 3.0) == 2 * 2 * 3
    assert laplacian(f, "y")(x, 3.0) == 18
    assert laplacian(f, (0, 1))(x, 3.0) == 30
    assert laplacian(lambda p: f(p["x"], p["y"]))({"x": x, "y": 3.0}) == 30


def test_expressions():
    formula = laplacian(parse("x^2 y + y^3"))
    assert formula(x=1.0, y=2.0) == 2 * 2 + 6 * 2
    w = symbol("w", (2,))
    assert laplacian(lambda v: np.sum(v**4))(w)(w=np.array([1.0, 2.0])) == 12 * 5


def test_float32_and_a_gradient_of_it():
    x = np.array([1.0, 2.0], np.float32)
    assert laplacian(lambda v: np.sum(v**3))(x).dtype == np.float32
    found = reverse.grad(laplacian(lambda v: np.sum(v**4)))(np.array([1.0, 2.0]))
    np.testing.assert_allclose(found, [24, 48])


def test_needs_a_scalar():
    with pytest.raises(ShapeError, match=r"laplacian needs a scalar result, got shape \(3,\)"):
        laplacian(np.sin)(np.ones(3))
