"""F is called far from x: what happens there stays there, and nothing else is swallowed."""

import math
import warnings

import numpy as np
import pytest

import numdiff
from numdiff import Status

RAISED = [
    OverflowError("too large"),
    ValueError("math domain error"),
    ZeroDivisionError("division by zero"),
    FloatingPointError("underflow"),
    np.linalg.LinAlgError("singular"),
]
BUGS = [KeyError("name"), TypeError("not a number"), IndexError("range"), RuntimeError("bug")]


def far(x, near=1.0, width=0.5):
    return np.any(np.abs(np.asarray(x) - near) > width)


@pytest.mark.parametrize("error", RAISED, ids=lambda e: type(e).__name__)
@pytest.mark.parametrize("n", [1, 2])
def test_errors_far_away_are_undefined_values(error, n):
    def f(x):
        if far(x):
            raise error
        return np.exp(x)

    def g(p):
        return f(p[0]) * p[1]

    for result in (
        numdiff.estimate(f, 1.0, n),
        numdiff.estimate(lambda x: float(f(float(x))), 1.0, n),
    ):
        assert result.status == Status.CONVERGED
        assert abs(result.value - math.e) <= result.error <= 1e-6
    jacobian = numdiff.estimate_jacobian(g, [1.0, 2.0])
    assert np.all(np.abs(jacobian.value - [2 * math.e, math.e]) <= jacobian.error)
    hessian = numdiff.estimate_hessian(g, [1.0, 2.0])
    truth = np.array([[2 * math.e, math.e], [math.e, 0]])
    assert np.all(np.abs(hessian.value - truth) <= hessian.error + np.spacing(2 * math.e))
    _, tangent = numdiff.jvp(g, np.array([1.0, 2.0]), np.array([1.0, 1.0]))
    assert tangent == pytest.approx(3 * math.e, rel=1e-9)
    product = numdiff.hvp(g, np.array([1.0, 2.0]), np.array([1.0, 1.0]))
    np.testing.assert_allclose(product, [3 * math.e, math.e], rtol=1e-6)
    assert numdiff.derivative(lambda x, k: f(x) * k, 0, n)(1.0, 2.0) == pytest.approx(
        2 * math.e, rel=1e-6
    )


@pytest.mark.parametrize("error", RAISED, ids=lambda e: type(e).__name__)
def test_an_array_function_that_raises_for_one_of_its_points(error):
    def f(x):
        if far(x, np.round(x)):
            raise error
        return np.exp(x)

    x = np.array([1.0, 2.0])
    for result in (numdiff.estimate(f, x).value, numdiff.derivative(lambda x, k: f(x) * k)(x, x)):
        np.testing.assert_allclose(result, np.exp(x) * (x if result[1] > 8 else 1), rtol=1e-8)


def test_beside_arrays_one_entry_may_be_undefined():
    def f(x, k):
        if x[0] > 1.5:
            raise OverflowError
        return k * np.exp(x)

    k = np.array([2.0, 3.0])
    slopes = numdiff.derivative(f)(np.array([1.0, 2.0]), k)
    np.testing.assert_allclose(slopes, k * np.exp([1.0, 2.0]), rtol=1e-9)

    def alone(x, k):
        if np.any(x > 1.5):
            raise OverflowError
        return k * np.exp(x)

    slopes = numdiff.derivative(alone)(np.array([1.0]), np.array([2.0]))
    np.testing.assert_allclose(slopes, 2 * math.e, rtol=1e-9)


@pytest.mark.parametrize("error", RAISED + BUGS, ids=lambda e: type(e).__name__)
def test_errors_at_x_itself_are_raised(error):
    def f(x):
        raise error

    for call in (
        lambda: numdiff.estimate(f, 1.0),
        lambda: numdiff.estimate(f, np.array([1.0, 2.0])),
        lambda: numdiff.estimate_jacobian(f, [1.0]),
        lambda: numdiff.estimate_hessian(f, [1.0]),
        lambda: numdiff.grad(f)(1.0),
        lambda: numdiff.jvp(f, 1.0, 1.0),
    ):
        with pytest.raises(type(error)):
            call()


@pytest.mark.parametrize("error", BUGS, ids=lambda e: type(e).__name__)
def test_bugs_are_raised_wherever_they_show(error):
    def f(x):
        if far(x, width=1e-3):
            raise error
        return np.sum(np.exp(x))

    for call in (
        lambda: numdiff.estimate(f, 1.0),
        lambda: numdiff.estimate_jacobian(f, [1.0]),
        lambda: numdiff.estimate_hessian(f, [1.0, 1.0]),
        lambda: numdiff.jvp(f, np.array([1.0, 1.0]), np.array([1.0, 1.0])),
    ):
        with pytest.raises(type(error)):
            call()


@pytest.mark.parametrize("category", [RuntimeWarning, UserWarning])
def test_no_warning_leaks(category):
    def f(x):
        if far(x):
            warnings.warn("far away", category, stacklevel=1)
        return np.sum(np.exp(x) / (x - 50) + np.log(x))

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for n in (1, 2, 3, 4):
            for x in (1.0, 1e-300, 1e300, 1e-8):
                numdiff.estimate(f, x, n)
                numdiff.estimate(lambda x: np.exp(x) / (x - 50) + np.log(x), np.array([x, x]), n)
        point, along = np.array([1.0, 1e-200, 1e10]), np.array([1.0, 0.0, -2.0])
        numdiff.estimate_jacobian(f, point)
        numdiff.estimate_hessian(f, point)
        numdiff.jvp(f, point, along)
        numdiff.hvp(f, point, along)
        numdiff.vjp(f, point)[1](1.0)
        numdiff.estimate(f, 1.0, method="cs")


def test_a_warning_that_is_no_matter_of_numbers_is_passed_on():
    def f(x):
        warnings.warn("use g", DeprecationWarning, stacklevel=1)
        return x**2

    with pytest.warns(DeprecationWarning, match="use g"):
        numdiff.estimate(f, 1.0)


def test_an_array_function_whose_result_changes_shape_is_called_point_by_point():
    def f(x):
        return np.exp(x) if np.ndim(x) == 0 or x.size > 40 else np.zeros(1)

    assert numdiff.estimate(f, 1.0, bounds=(0.5, 2)).value == pytest.approx(math.e, rel=1e-9)


@pytest.mark.parametrize("x", [1.7e308, -1.7e308, 1e-310, 5e-324])
def test_the_ends_of_the_floats_neither_raise_nor_warn(x):
    found = numdiff.estimate(lambda t: t, x)
    assert found.status != numdiff.Status.CONVERGED or abs(found.value - 1) <= found.error
    for method in ("auto", "cs"):
        estimate = numdiff.estimate_jacobian(lambda t: t, x, method=method)
        settled = estimate.status == numdiff.Status.CONVERGED
        assert not settled or abs(estimate.value - 1) <= estimate.error
