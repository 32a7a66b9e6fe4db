"""Windows over arrays, places by broadcasting, complex domains, spreads of complex numbers."""

import numpy as np
import pytest

from autodiff import forward, grad, hessian, reverse
from diffexpr import ShapeError, evaluate, symbol

both_modes = pytest.mark.parametrize("mode", [forward, reverse], ids=["forward", "reverse"])
windows = np.lib.stride_tricks.sliding_window_view

CALLS = [
    (2, None, (5,)),
    ((2, 3), None, (3, 4)),
    (2, 0, (3, 4)),
    ((2, 2), (1, 0), (3, 4)),
    ((2, 2), (0, 0), (4, 2)),
    (3, -1, (2, 3)),
    (5, 0, (5,)),
]


@both_modes
@pytest.mark.parametrize(("window", "axis", "shape"), CALLS)
def test_windows(mode, window, axis, shape):
    x = np.random.default_rng(0).standard_normal(shape)
    wanted = windows(x, window, axis)
    value, pullback = mode.vjp(lambda x: windows(x, window, axis), x)
    np.testing.assert_array_equal(value, wanted)
    # Each element counts as often as there are windows over it.
    places = windows(np.arange(x.size).reshape(shape), window, axis)
    counts = np.bincount(places.ravel(), minlength=x.size).reshape(shape)
    np.testing.assert_array_equal(pullback(np.ones(wanted.shape))[0], counts)
    expr = windows(symbol("x", shape=shape), window, axis)
    np.testing.assert_array_equal(evaluate(expr, {"x": x}), wanted)


def test_windows_that_do_not_fit():
    for window, axis in ((6, 0), ((2, 2), 0), (2, 1), (-1, 0)):
        with pytest.raises(ShapeError, match="window"):
            grad(lambda x, w=window, a=axis: np.sum(windows(x, w, a)))(np.ones(5))


@both_modes
def test_places_broadcast_against_the_array(mode):
    x, row = np.arange(1.0, 4.0), np.array([[2.0, 3.0, 5.0]])
    places = np.array([[0], [2], [2], [1]])
    assert np.take_along_axis(x * row, places, -1).shape == (4, 1)
    found = mode.grad(lambda x: np.sum(np.take_along_axis(x * row, places, -1) ** 2))(x)
    np.testing.assert_array_equal(found, 2 * x * row[0] ** 2 * [1, 1, 2])
    tall = np.arange(6.0).reshape(3, 2)
    one = np.array([[1, 0]])
    found = mode.jacobian(lambda a: np.take_along_axis(a, one, 0))(tall)
    assert found.shape == (1, 2, 3, 2)
    assert found[0, 0, 1, 0] == found[0, 1, 0, 1] == found.sum() / 2 == 1


EMATH = {
    "sqrt": (-2.0, 2.0), "log": (-2.0, 2.0), "log2": (-2.0, 2.0), "log10": (-2.0, 2.0),
    "arccos": (0.3,), "arcsin": (0.3,), "arctanh": (0.3, -1.7),
}  # fmt: skip


@both_modes
@pytest.mark.parametrize("name", EMATH)
def test_functions_that_become_complex(mode, name):
    f = getattr(np.emath, name)
    for x in EMATH[name]:
        value, slope = mode.jvp(f, (x,), (1.0,))
        step = 1e-6
        assert value == pytest.approx(f(x), rel=1e-15)
        assert np.iscomplexobj(value) == np.iscomplexobj(f(x))
        assert slope == pytest.approx((f(x + step) - f(x - step)) / (2 * step), rel=1e-8)


@both_modes
def test_powers_and_logarithms_to_a_base(mode):
    value, slope = mode.jvp(lambda x: np.emath.power(x, 0.5), (-4.0,), (1.0,))
    assert (value, slope) == (pytest.approx(2j, abs=1e-15), pytest.approx(-0.25j, abs=1e-15))
    value, slope = mode.jvp(lambda x: np.emath.logn(2, x), (-4.0,), (1.0,))
    assert value == pytest.approx(2 + 1j * np.pi / np.log(2))
    assert slope == pytest.approx(-1 / (4 * np.log(2)))
    assert mode.grad(lambda x: np.emath.power(x, 3))(2.0) == 12


@both_modes
def test_variance_of_complex_numbers_is_smooth_where_it_is_zero(mode):
    z = np.array([1 + 2j, 1 + 2j, 1 + 2j])
    t = np.array([1j, 0, 0])
    # var(z + s t) = s^2 (2/9) for this direction.
    along = mode.derivative(lambda s: np.var(z + s * t), n=2)(0.0)
    assert along == pytest.approx(4 / 9)
    assert mode.derivative(lambda s: np.var((1 + 1j) * s), n=2)(0.5) == 0
    x = np.array([0.3, -1.2, 0.7])
    np.testing.assert_allclose(
        hessian(lambda x: np.var(x * (1 + 2j)))(x), 5 * hessian(np.var)(x), rtol=1e-13, atol=1e-15
    )
