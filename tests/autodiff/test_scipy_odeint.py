"""Solutions of differential equations: closed forms, every argument, both modes, twice."""

import numpy as np
import pytest
import scipy.integrate as si

from autodiff import forward, grad, hessian, jacobian, reverse
from autodiff.scipy.integrate import odeint
from diffexpr import ExpressionTypeError, MissingRuleError, ShapeError

both_modes = pytest.mark.parametrize("mode", [forward, reverse], ids=["forward", "reverse"])

TIGHT = {"rtol": 1e-11, "atol": 1e-12}
TIMES = np.array([0.0, 0.5, 1.3])
# The solver's steps are chosen by tolerances of 1e-11; errors grow over the span and in slopes.
ROOM = {"rtol": 1e-8, "atol": 1e-9}


def decay(y, t, k):
    return -k * y


def swing(y, t, p):
    return np.array([y[1], -p["k"] * np.sin(y[0]) * np.cos(t) - p["c"][0] * y[1]])


@both_modes
def test_decay(mode):
    y0, k = np.array([2.0]), 0.7
    e = np.exp(-k * TIMES)
    found = mode.jacobian(lambda y0: odeint(decay, y0, TIMES, (k,), **TIGHT))(y0)
    np.testing.assert_allclose(found[:, 0, 0], e, **ROOM)
    found = mode.jacobian(lambda k: odeint(decay, y0, TIMES, (k,), **TIGHT))(k)
    np.testing.assert_allclose(found[:, 0], -2 * TIMES * e, **ROOM)
    # Each time moves its own value; the first moves all that follow, back.
    found = mode.jacobian(lambda t: odeint(decay, y0, t, (k,), **TIGHT)[:, 0])(TIMES)
    wanted = np.diag(-2 * k * e)
    wanted[:, 0] += 2 * k * e
    np.testing.assert_allclose(found, wanted, **ROOM)


def differences(f, x, step=1e-4):
    x = np.asarray(x, float)
    slopes = []
    for place in np.ndindex(x.shape):
        unit = np.zeros(x.shape)
        unit[place] = step
        slopes.append((f((x + unit)[()]) - f((x - unit)[()])) / (2 * step))
    return np.reshape(slopes, x.shape)


def energy(y0, t, k, c):
    path = odeint(swing, y0, t, ({"k": k, "c": c},), **TIGHT)
    return np.sum(path**2 * np.array([1.0, 0.7]))


AT = (np.array([0.3, 0.8]), TIMES, 1.7, np.array([0.4]))


@both_modes
@pytest.mark.parametrize("k", range(4))
def test_a_rate_of_nests_and_of_time(mode, k):
    wanted = differences(lambda x: energy(*AT[:k], x, *AT[k + 1 :]), AT[k])
    # Central differences with a step of 1e-4: 1e-8.
    np.testing.assert_allclose(mode.grad(energy, wrt=k)(*AT), wanted, rtol=1e-6, atol=1e-7)


def test_second_derivatives():
    found = hessian(energy, wrt=0)(*AT)
    rows = [differences(lambda y0, i=i: grad(energy)(y0, *AT[1:])[i], AT[0]) for i in range(2)]
    np.testing.assert_allclose(found, rows, rtol=1e-6)
    assert hessian(lambda k: odeint(decay, [2.0], TIMES, (k,), **TIGHT)[2, 0])(
        0.7
    ) == pytest.approx(2 * 1.3**2 * np.exp(-0.7 * 1.3), rel=1e-8)


def test_values_are_scipy_s():
    plain = odeint(decay, [1.0, 2.0], TIMES, (0.3,))
    np.testing.assert_array_equal(plain, si.odeint(decay, [1.0, 2.0], TIMES, (0.3,)))
    value, _ = forward.jvp(
        lambda k: odeint(decay, np.array([1.0, 2.0]), TIMES, (k,)), (0.3,), (1.0,)
    )
    np.testing.assert_array_equal(value, plain)


def test_ways_to_call():
    def backwards(t, y, k):
        return -k * y

    found = grad(lambda k: odeint(backwards, 2.0, TIMES, (k,), tfirst=True, **TIGHT)[1, 0])(0.7)
    assert found == pytest.approx(-np.exp(-0.35), rel=1e-8)
    assert jacobian(lambda y0: odeint(lambda y, t: -y, y0, TIMES, **TIGHT)[2])(
        np.ones(2)
    ) == pytest.approx(np.exp(-1.3) * np.eye(2), rel=1e-8)
    down = grad(lambda k: odeint(decay, [2.0], TIMES[::-1], (k,), **TIGHT)[2, 0])(0.7)
    assert down == pytest.approx(2 * 1.3 * np.exp(0.7 * 1.3), rel=1e-8)


def test_what_is_refused():
    with pytest.raises(MissingRuleError, match="Dfun= has no derivative here"):
        grad(lambda k: np.sum(odeint(decay, [1.0], TIMES, (k,), Dfun=lambda y, t: -1)))(0.5)
    with pytest.raises(ShapeError, match=r"vectors y0 and t, got shapes \(2, 1\)"):
        grad(lambda k: np.sum(odeint(decay, np.ones((2, 1)), TIMES, (k,))))(0.5)
    for y0 in (np.ones(1), None):
        with pytest.raises(ExpressionTypeError, match="hand it over in args="):
            grad(
                lambda k, y0=y0: odeint(
                    lambda y, t: -k * y, np.stack([k]) if y0 is None else y0, TIMES
                )[1, 0]
            )(0.5)
