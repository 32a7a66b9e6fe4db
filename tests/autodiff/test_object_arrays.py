"""``np.array([x, 1.0])`` of what is differentiated: an array of objects, on which most works."""

import numpy as np
import pytest

from autodiff import derivative, forward, grad, reverse
from autodiff.object_arrays import explained
from diffexpr import ExpressionTypeError, ExpressionValueError

both_modes = pytest.mark.parametrize("mode", [forward, reverse], ids=["forward", "reverse"])

V = np.array([0.3, 0.7])
M = np.array([[1.0, 2.0], [3.0, 4.0]])
X = np.array([0.8, 0.45])

MADE = {
    "values": lambda x: np.array([x[0], x[1] * x[0]]),
    "a value and a number": lambda x: np.array([x[0], 1.5]),
    "rows of both": lambda x: np.array([[x[0], 0.5], [1.0, x[1]]]),
    "rows of values": lambda x: np.array([x, 2 * x]),
    "a row of each": lambda x: np.array([x * 1.0, [1.0, 2.0]]),
}
WORKS = {
    "times a number": lambda a, x: 2.0 * a * 3,
    "times an array": lambda a, x: V * a + a * V,
    "times a value": lambda a, x: x[0] * a - a / x[1],
    "times all values": lambda a, x: a * x + x * a,
    "with itself": lambda a, x: a * a - a,
    "to a power": lambda a, x: a**2 + 2.0**a,
    "without sign": lambda a, x: abs(-a),
    "the larger": lambda a, x: np.maximum(a, 0.5),
    "squares": lambda a, x: np.square(a) + np.reciprocal(a + 1) + np.sign(a),
    "rounded": lambda a, x: np.add(np.floor(a), np.ceil(a)),
    "sums": lambda a, x: np.sum(a) + a.sum(0) + np.nansum(a) + np.sum(np.cumsum(a)),
    "products": lambda a, x: np.prod(a) + np.sum(np.cumprod(a)),
    "extremes": lambda a, x: np.max(a) - a.min() + np.ptp(a),
    "norm": lambda a, x: np.linalg.norm(a) + np.sum(np.linalg.norm(a, axis=0)),
    "places": lambda a, x: a.ravel()[np.argmax(a)] + a[0] + np.sum(a[::-1][:1]),
    "order": lambda a, x: np.sort(a) * V,
    "shapes": lambda a, x: a.reshape(-1, 1) * np.ones((1, 2)),
    "turned": lambda a, x: a.T * V + np.roll(a, 1) + np.flip(a),
    "matrix products": lambda a, x: M @ a + a @ M + a @ x + x @ a + a @ a,
    "dot": lambda a, x: np.dot(a, V) + np.dot(V, a) + a.dot(V),
    "outer": lambda a, x: np.outer(a, V) + np.kron(V, a.ravel()[:2])[:2].sum(),
    "contractions": lambda a, x: np.einsum("...i,i->...", a, V) + np.tensordot(a, V, 1),
    "choices": lambda a, x: np.where(np.array([True, False]), a, 0.0) + a.clip(0, 0.6),
    "by condition": lambda a, x: np.where(a > 0.6, a, 0.0),
    "joined": lambda a, x: np.concatenate([a.ravel(), V, x]) * np.arange(a.size + 4),
    "stacked": lambda a, x: np.stack([a, 2 * a]) ** 2,
    "differences": lambda a, x: np.diff(a) + np.trapezoid(a),
    "taken in turn": lambda a, x: sum(np.sum(row) ** 2 for row in a),
    "as a polynomial": lambda a, x: np.polyval(a.ravel(), 0.3) + np.convolve(a.ravel(), V),
    "in another array": lambda a, x: np.array([a, a * 2]),
    "as it is": lambda a, x: a,
}


def slopes(f):
    step = 1e-5
    ahead = [np.asarray(f(X + step * e), float) for e in np.eye(2)]
    behind = [np.asarray(f(X - step * e), float) for e in np.eye(2)]
    return np.stack(ahead, -1) / (2 * step) - np.stack(behind, -1) / (2 * step)


@both_modes
@pytest.mark.parametrize("made", MADE)
@pytest.mark.parametrize("use", WORKS)
def test_what_works_element_by_element(mode, made, use):
    def f(x):
        return WORKS[use](MADE[made](x), x)

    found = mode.jacobian(f)(X)
    wanted = slopes(f)
    assert found.shape == wanted.shape
    # Central differences: h**2 and the rounding of values over h, each some 1e-10.
    np.testing.assert_allclose(found, wanted, rtol=1e-7, atol=1e-8)


@both_modes
@pytest.mark.parametrize("made", ["values", "rows of values"])
def test_functions_where_all_are_differentiated(mode, made):
    def f(x):
        a = MADE[made](x)
        return np.sin(a) + np.exp(a) * np.arctan2(a, 2.0) + np.hypot(a, 1.0) + np.sqrt(a)

    np.testing.assert_allclose(mode.jacobian(f)(X), slopes(f), rtol=1e-7, atol=1e-8)


REFUSED = {
    "mean": lambda x: np.mean(np.array([x[0], x[1]])),
    "mean of a list": lambda x: np.mean([x[0], x[1]]),
    "deviation": lambda x: np.std(np.array([x[0], x[1]])),
    "into an element": lambda x: np.sum(written(np.zeros(3), 0, x[0])),
    "into a slice": lambda x: np.sum(written(np.zeros(3), slice(1, 3), x)),
    "as floats": lambda x: np.sum(np.array([x[0], x[1]], dtype=float)),
    "made floats": lambda x: np.sum(np.array([x[0], x[1]]).astype(float)),
    "sine of a number beside": lambda x: np.sum(np.sin(np.array([x[0], 1.0]))),
    "hypot of a number beside": lambda x: np.sum(np.hypot(np.array([1.0, x[0]]), 2.0)),
    "inverse": lambda x: np.sum(np.linalg.inv(np.array([[x[0], 1.0], [0.0, x[1]]]))),
    "solution": lambda x: np.sum(np.linalg.solve(M, np.array([x[0], 1.0]))),
    "transform": lambda x: np.sum(np.abs(np.fft.fft(np.array([x[0], x[1]])))),
    "interpolation": lambda x: np.sum(np.interp(np.array([x[0], x[1]]), V, V)),
}


def written(array, place, value):
    array[place] = value
    return array


@both_modes
@pytest.mark.parametrize("call", REFUSED)
def test_what_does_not_says_what_to_write(mode, call):
    with pytest.raises((ExpressionTypeError, ExpressionValueError), match=r"np\.stack.*np\.block"):
        mode.grad(REFUSED[call])(X)


def test_the_way_out():
    assert grad(lambda x: np.mean(np.stack([x[0], x[1] ** 2])))(X) == pytest.approx([0.5, 0.45])
    f = grad(lambda x: np.linalg.det(np.block([[x[0], 1.0], [2.0, x[1]]])))
    np.testing.assert_allclose(f(X), X[::-1])


def test_errors_of_other_kinds_stay_what_they_are():
    for error in (ValueError("no such thing"), TypeError("len() of float"), AttributeError("x")):
        assert explained(error) is error
    method = AttributeError("'float' object has no attribute 'shape'")
    assert explained(method) is method

    def broken(x):
        raise KeyError("a")

    with pytest.raises(KeyError):
        derivative(broken)(1.0)
