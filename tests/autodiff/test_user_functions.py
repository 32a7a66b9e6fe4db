"""Functions as scientists write them, differentiated in every mode and judged by their values."""

import functions_of_learning
import functions_of_physics
import functions_of_programs
import functions_of_signals
import functions_of_statistics
import numpy as np
import pytest
from user_functions import FUNCTIONS

from autodiff import forward, grad, hessian, hvp, reverse

MODULES = (
    functions_of_learning,
    functions_of_physics,
    functions_of_programs,
    functions_of_signals,
    functions_of_statistics,
)
every_function = pytest.mark.parametrize("name", FUNCTIONS)
STEP = 1e-3


def each_entry(x):
    return list(np.ndindex(x.shape))


def moved(x, place, step):
    y = x.astype(type(step) if isinstance(step, complex) else float)
    y[place] += step
    return y[()]


def complex_steps(f, x):
    """Squire and Trapp (1998): no difference is taken, so that all digits are right."""
    slopes = [np.imag(f(moved(x, place, 1e-30j))) / 1e-30 for place in each_entry(x)]
    return np.reshape(slopes, x.shape)


def differences(f, x):
    """Central differences with a stencil of six points: the truncation error is of order 6."""
    weights = ((1, 45), (2, -9), (3, 1))

    def slope(place):
        step = STEP * max(1.0, abs(x[place]))
        pairs = [
            w * (np.asarray(f(moved(x, place, k * step))) - f(moved(x, place, -k * step)))
            for k, w in weights
        ]
        return sum(pairs) / (60 * step)

    columns = np.array([slope(place) for place in each_entry(x)])
    return columns.reshape(x.shape + columns.shape[1:])


def test_there_are_many():
    assert len(FUNCTIONS) >= 100
    assert all(module.__doc__ for module in MODULES)
    assert sum(function.analytic for function in FUNCTIONS.values()) >= 40


@every_function
def test_gradient(name):
    f, (x, *rest), analytic, _ = FUNCTIONS[name]
    x = np.asarray(x)
    truth = (complex_steps if analytic else differences)(lambda x: f(x, *rest), x)
    size = 1 + np.max(np.abs(truth))
    # Complex steps are right to rounding, which grows with the length of the program; the
    # stencil's h**6 and the rounding of values over h leave some 1e-11 of the size of the values.
    tolerance = (1e-12 if analytic else 1e-8) * size
    for mode in (forward, reverse):
        value, found = mode.value_and_grad(f)(x[()], *rest)
        assert np.shape(found) == x.shape
        np.testing.assert_allclose(value, f(x[()], *rest), rtol=1e-13)
        np.testing.assert_allclose(found, truth, rtol=0, atol=tolerance)


@pytest.mark.parametrize("name", [name for name, f in FUNCTIONS.items() if f.smooth])
def test_second_derivative(name):
    f, (x, *rest), _, _ = FUNCTIONS[name]
    x = np.asarray(x)
    # The gradient has been judged by values above, so its slopes judge the Hessian.
    truth = differences(lambda x: reverse.grad(f)(x, *rest), x)
    room = 1e-7 * (1 + np.max(np.abs(truth)))
    for found in (
        hessian(f)(x[()], *rest),
        reverse.hessian(f)(x[()], *rest),
        forward.hessian(f)(x[()], *rest),
    ):
        assert np.shape(found) == 2 * x.shape
        np.testing.assert_allclose(found, truth, rtol=0, atol=room)
    v = np.cos(np.arange(x.size)).reshape(x.shape)
    along = hvp(lambda x: f(x, *rest), (x[()],), (v[()],))[0]
    np.testing.assert_allclose(along, np.tensordot(truth, v, x.ndim), rtol=0, atol=x.size * room)


def test_other_arguments_too():
    differentiable = [
        name
        for name, f in FUNCTIONS.items()
        if len(f.args) > 1 and name != "image_moved_bilinearly"
    ]
    assert len(differentiable) >= 10
    for name in differentiable:
        f, args, _, _ = FUNCTIONS[name]
        for k in range(1, len(args)):

            def of_one(x, f=f, args=args, k=k):
                return f(*args[:k], x, *args[k + 1 :])

            found = grad(f, wrt=k)(*args)
            np.testing.assert_allclose(
                found, differences(of_one, args[k]), rtol=1e-7, atol=1e-8, err_msg=name
            )
