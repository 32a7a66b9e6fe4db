"""What Python's own functions of numbers, and functions of objects, give."""

import math

import numpy as np
import pytest

from autodiff import forward, reverse
from diffexpr import evaluate, symbol

both_modes = pytest.mark.parametrize("mode", [forward, reverse], ids=["forward", "reverse"])


@both_modes
@pytest.mark.parametrize("function", [math.floor, math.ceil, math.trunc])
def test_whole_numbers_have_no_slope(mode, function):
    value, slope = mode.value_and_grad(lambda x: x * x - function(x))(-2.5)
    assert (value, slope) == (6.25 - function(-2.5), -5)
    assert mode.grad(lambda x: function(x) * x)(-2.5) == function(-2.5)


def test_whole_numbers_of_expressions():
    x = symbol("x")
    for function in (math.floor, math.ceil, math.trunc):
        assert evaluate(function(x), {"x": -2.5}) == function(-2.5)


@both_modes
def test_a_ufunc_made_of_a_python_function(mode):
    def cut(a, b):
        return a * b if a > 1 else a**3

    ufunc = np.frompyfunc(cut, 2, 1)
    x = np.array([[0.5, 2.0, 3.0]])
    b = np.array([[2.0], [5.0]])
    np.testing.assert_array_equal(ufunc(x, b).astype(float), [[0.125, 4, 6], [0.125, 10, 15]])
    found = mode.grad(lambda x: np.sum(ufunc(x, b)))(x)
    np.testing.assert_allclose(found, [[2 * 3 * 0.25, 7, 7]])
    found = mode.grad(lambda b: np.sum(ufunc(x, b)))(b)
    np.testing.assert_allclose(found, [[5.0], [5.0]])


@both_modes
def test_a_ufunc_of_two_results(mode):
    both = np.frompyfunc(lambda a: (a * a, 3 * a), 1, 2)
    x = np.array([1.0, 2.0])
    first = mode.jacobian(lambda x: both(x)[0])(x)
    second = mode.jacobian(lambda x: both(x)[1])(x)
    np.testing.assert_array_equal(first, np.diag([2.0, 4.0]))
    np.testing.assert_array_equal(second, 3 * np.eye(2))
    assert mode.derivative(lambda x: both(x)[0])(3.0) == 6
