"""autodiff.scipy.signal and .integrate: SciPy's values, and derivatives against differences."""

import numpy as np
import pytest
import scipy.integrate
import scipy.signal
from smooth_checks import check_first_order, check_jacobians, check_second_order, numbers

from autodiff import forward, grad, jacobian
from autodiff.scipy import integrate, signal
from diffexpr import ExpressionValueError, MissingRuleError, ShapeError, symbol

SHAPES = [((5,), (3,)), ((3,), (5,)), ((4,), (4,)), ((4, 5), (2, 3)), ((2, 3), (4, 3)),
          ((3, 4, 2), (2, 1, 2)), ((1,), (1,))]  # fmt: skip
FUNCTIONS = ["convolve", "correlate", "fftconvolve"]


@pytest.mark.parametrize("kind", [float, complex])
@pytest.mark.parametrize("mode", ["full", "same", "valid"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_values_and_first_order(name, mode, kind):
    own, theirs = getattr(signal, name), getattr(scipy.signal, name)
    for first, second in SHAPES:
        a, b = numbers(*first, kind=kind), numbers(*second, kind=kind, seed=1)
        value = forward.jvp(lambda x, y: own(x, y, mode), (a, b), (a, b))[0]
        np.testing.assert_allclose(value, theirs(a, b, mode), rtol=0, atol=1e-13)
        np.testing.assert_array_equal(own(a, b, mode), theirs(a, b, mode))
        check_first_order(lambda x, y: own(x, y, mode) * 1.0, a, b)


@pytest.mark.parametrize("kind", [float, complex])
@pytest.mark.parametrize("method", ["direct", "fft", "auto"])
def test_methods_and_second_order(method, kind):
    a, b = numbers(4, 3, kind=kind), numbers(2, 2, kind=kind)
    check_second_order(lambda x, y: signal.convolve(x, y, "same", method), a, b)
    check_second_order(lambda x, y: signal.correlate(x, y, method=method), a, b)


@pytest.mark.parametrize("mode", ["full", "same", "valid"])
def test_two_dimensional_ones(mode):
    a = numbers(4, 5)
    for second in ((2, 3), (3, 2), (1, 4), (4, 5), (5, 6)):
        b = numbers(*second)
        for name in ("convolve2d", "correlate2d"):
            value, _ = forward.jvp(
                lambda x, n=name, b=b: getattr(signal, n)(x, b, mode), (a,), (a,)
            )
            expected = getattr(scipy.signal, name)(a, b, mode)
            np.testing.assert_allclose(value, expected, rtol=0, atol=1e-13)
    check_jacobians(lambda x, y: signal.convolve2d(x, y, mode), a, numbers(2, 3))


def test_the_jacobian_of_a_convolution_is_a_toeplitz_matrix():
    k = np.array([1.0, 2.0, 3.0])
    found = jacobian(lambda x: signal.convolve(x, k))(np.zeros(3))
    expected = [[1, 0, 0], [2, 1, 0], [3, 2, 1], [0, 3, 2], [0, 0, 3]]
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    ("f", "error"),
    [
        (lambda x: signal.convolve(x, np.ones((2, 2))), ShapeError),
        (lambda x: signal.convolve(x, x, "other"), ExpressionValueError),
        (lambda x: signal.convolve(x, x, method="other"), ExpressionValueError),
        (lambda x: signal.convolve(x[None], np.ones((2, 2)), "valid"), ShapeError),
        (lambda x: signal.fftconvolve(x, x, axes=0), MissingRuleError),
        (lambda x: signal.convolve2d(x[None], x[None], boundary="wrap"), MissingRuleError),
        (lambda x: signal.correlate2d(x[None], x[None], fillvalue=1), MissingRuleError),
        (lambda x: signal.lfilter([1.0], [1.0], x), MissingRuleError),
        (lambda x: integrate.simpson(x, np.ones(2)), ShapeError),
        (lambda x: integrate.simpson(x[:0]), ShapeError),
        (lambda x: integrate.cumulative_trapezoid(x, initial=1), MissingRuleError),
        (lambda x: integrate.romb(x), MissingRuleError),
    ],
)
def test_what_has_no_derivative_is_refused_in_one_line(f, error):
    with pytest.raises(error) as caught:
        f(symbol("x", (3,)))
    assert "\n" not in str(caught.value)


# integrals of samples


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 8, 9])
@pytest.mark.parametrize("name", ["trapezoid", "simpson", "cumulative_trapezoid"])
def test_rules_for_samples(name, n):
    own, theirs = getattr(integrate, name), getattr(scipy.integrate, name)
    x = np.cumsum(1 + numbers(n) ** 2)
    y, z = numbers(n, seed=1), numbers(2, n, 3)
    for f in (lambda y, g: g(y, dx=0.3), lambda y, g: g(y, x)):
        value = forward.jvp(lambda v, f=f: f(v, own), (y,), (y,))[0]
        np.testing.assert_allclose(value, f(y, theirs), rtol=1e-13, atol=1e-14)
        if np.size(value):
            check_jacobians(lambda v, f=f: f(v, own), y)
    value = forward.jvp(lambda v: own(v, x, axis=1), (z,), (z,))[0]
    np.testing.assert_allclose(value, theirs(z, x, axis=1), rtol=1e-13, atol=1e-14)
    if n > 1:
        check_first_order(lambda v, t: own(v, t), y, x)
        check_second_order(lambda v, t: own(v, t), y, x)


def test_a_running_integral_from_zero():
    y = numbers(4)
    value, tangent = forward.jvp(
        lambda v: integrate.cumulative_trapezoid(v, initial=0), (y,), (2 * y,)
    )
    expected = scipy.integrate.cumulative_trapezoid(y, initial=0)
    np.testing.assert_allclose(value, expected, rtol=1e-14)
    np.testing.assert_allclose(tangent, 2 * expected, rtol=1e-14)


def test_places_with_an_axis_of_their_own():
    y, x = numbers(2, 5), np.cumsum(1 + numbers(2, 5) ** 2, axis=1)
    value = forward.jvp(lambda t: integrate.simpson(y, t), (x,), (x,))[0]
    np.testing.assert_allclose(value, scipy.integrate.simpson(y, x), rtol=1e-13)


def test_simpson_is_exact_for_cubics_in_the_ends_of_the_interval():
    def area(b):
        t = np.linspace(0.0, 1.0, 5) * b
        return integrate.simpson(t**3, t)

    assert grad(area)(2.0) == pytest.approx(8.0, rel=1e-14)
