"""The rewrites that make finite what overflowed, against 50 digits and where nothing overflows."""

import mpmath as mp
import numpy as np
import pytest

from autodiff import reverse
from compare.lower.passes.overflow import overflow
from compare.ulps import ulps_apart
from diffexpr import parse, symbol, symbols
from diffexpr.evaluate import evaluate_all

X, Y = symbols("x y")


def values(outputs, **given):
    with np.errstate(all="ignore"):
        return evaluate_all(list(outputs), given)


def value(expr, **given):
    return np.asarray(values([expr], **given)[0])


def one(expr):
    (found,) = overflow([expr])
    assert found.shape == expr.shape
    assert found.dtype == expr.dtype
    return found


# What overflows: written, what becomes of it, a point at which it was nan or infinite, and ulps.
# The ulps of logarithms and squares are those of their rows; what is subtracted adds its own.
RANGES = [
    (np.log(np.exp(X) + np.exp(Y)), "logaddexp(x, y)", {"x": 1000.0, "y": 999.0},
     lambda x, y: x + mp.log(1 + mp.exp(y - x))),
    (np.log(np.exp(X) + 3), "logaddexp(x, 1.0986122886681098)", {"x": 1000.0},
     lambda x: x + mp.log(1 + 3 * mp.exp(-x))),
    (np.log(1 + np.exp(X)), "softplus(x)", {"x": 1000.0}, lambda x: mp.log(1 + mp.exp(x))),
    (np.log1p(np.exp(X)), "softplus(x)", {"x": 1000.0}, lambda x: mp.log(1 + mp.exp(x))),
    (np.log(np.exp(X)), "x", {"x": -1000.0}, lambda x: x),
    (np.exp(X) / (1 + np.exp(X)), "sigmoid(x)", {"x": 800.0}, lambda x: 1 / (1 + mp.exp(-x))),
    (np.exp(X) / (np.exp(Y) + np.exp(X)), "sigmoid(x - y)", {"x": 800.0, "y": 799.0},
     lambda x, y: 1 / (1 + mp.exp(y - x))),
    ((np.exp(X) - np.exp(-X)) / 2, "sinh(x)", {"x": 710.0}, mp.sinh),
    (0.5 * (np.exp(-X) + np.exp(X)), "cosh(-x)", {"x": 710.0}, mp.cosh),
    (np.sqrt(X**2 + Y**2), "hypot(x, y)", {"x": 3e200, "y": 4e200},
     lambda x, y: mp.sqrt(x**2 + y**2)),
    (np.sqrt(X * X + np.square(Y) + 1), "hypot(hypot(x, y), 1)", {"x": 3e200, "y": 4e200},
     lambda x, y: mp.sqrt(x**2 + y**2 + 1)),
    (np.sqrt(1 + X**2), "hypot(1, x)", {"x": 1e200}, lambda x: mp.sqrt(1 + x**2)),
]  # fmt: skip


@pytest.mark.parametrize(("before", "becomes", "at", "exact"), RANGES, ids=lambda e: str(e)[:30])
def test_what_overflowed_is_finite(before, becomes, at, exact):
    after = one(before)
    assert str(after) == becomes
    with mp.workdps(50):
        wanted = exact(**{name: mp.mpf(number) for name, number in at.items()}) if (
            exact.__name__ == "<lambda>"
        ) else exact(*map(mp.mpf, at.values()))  # fmt: skip
    assert not np.isfinite(value(before, **at))
    assert ulps_apart(value(after, **at), wanted) <= 4


def test_digits_of_hypot_and_sinh_where_squares_and_differences_lose_them():
    root, sine = np.sqrt(X**2 + Y**2), (np.exp(X) - np.exp(-X)) / 2
    at = {"x": 3e-162, "y": 4e-162}
    with mp.workdps(50):
        wanted = mp.sqrt(mp.mpf(3e-162) ** 2 + mp.mpf(4e-162) ** 2)
        small = mp.sinh(mp.mpf(1e-9))
    assert ulps_apart(value(root, **at), wanted) > 1e6
    assert ulps_apart(value(one(root), **at), wanted) <= 2
    assert ulps_apart(value(sine, x=1e-9), small) > 1e5
    assert ulps_apart(value(one(sine), x=1e-9), small) <= 2


def log_softmax(x):
    return np.log(np.exp(x) / np.sum(np.exp(x), axis=-1, keepdims=True))


# A function, what becomes of it, and whether its gradient is mended, too.
ARRAYS = [
    (lambda x: np.log(np.sum(np.exp(x), axis=1)), "logsumexp", True),
    (lambda x: np.log(np.mean(np.exp(x), axis=1)), "subtract", True),
    (lambda x: np.log(np.sum(np.exp(x), axis=0, keepdims=True)), "logsumexp", True),
    (lambda x: np.log(np.sum(np.exp(x))), "logsumexp", True),
    (lambda x: np.log(np.mean(np.exp(x))), "subtract", True),
    (log_softmax, "subtract", False),
    (lambda x: np.exp(x) / np.sum(np.exp(x), axis=1, keepdims=True), "softmax", False),
    (lambda x: np.exp(x) / np.sum(np.exp(x), axis=0), "softmax", False),
    (lambda x: np.exp(x) / np.sum(np.exp(x)), "exp", False),
    (lambda x: np.sqrt(np.sum(x**2, axis=1)), "norm", True),
    (lambda x: np.sqrt(np.sum(x * x)), "norm", True),
]


@pytest.mark.parametrize(("f", "op", "mended"), ARRAYS)
@pytest.mark.parametrize("shape", [(2, 3), (3, 3)])
def test_reductions_and_their_derivatives(f, op, mended, shape):
    """The rewritten value and gradient, against the same of operands that do not overflow."""
    expr = f(symbol("m", shape))
    weights = 1.0 + np.arange(np.prod(expr.shape, dtype=int)).reshape(expr.shape)
    outputs = [expr, reverse.grad(np.sum(weights * expr), "m")]
    after = overflow(outputs)
    assert after[0].op == op
    m = np.array([[0.3, -1.2, 2.0], [0.0, 0.7, -0.4], [-1.0, 0.1, 1.5]])[: shape[0]]
    for old, new in zip(values(outputs, m=m), values(after, m=m), strict=True):
        # A few roundings of numbers up to the largest weight times a sum of nine exponentials.
        np.testing.assert_allclose(new, old, rtol=0, atol=16 * np.finfo(float).eps * 30)
    large = m * 1e200 if op == "norm" else m + 1000
    assert not np.all(np.isfinite(values(outputs, m=large)[0]))
    value_there, gradient_there = values(after, m=large)
    assert np.all(np.isfinite(value_there))
    assert np.all(np.isfinite(gradient_there)) == mended


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.log(1 + np.exp(x)),
        lambda x: np.log(np.exp(x) + np.exp(2 * x)),
        lambda x: 1 / (1 + np.exp(-x)),
        lambda x: np.exp(x) / (1 + np.exp(x)),
    ],
)
def test_gradients_of_scalars_are_finite_too(f):
    expr = f(X)
    before = reverse.grad(expr, "x")
    (after,) = overflow([before])
    for at in (-3.0, -0.2, 0.5, 4.0):
        old, new = float(value(before, x=at)), float(value(after, x=at))
        # 1 - y is formed from y up to 0.99: two more digits of the rounding.
        assert abs(old - new) <= 400 * np.spacing(abs(old))
    assert np.isfinite(value(after, x=-800.0))


def test_a_sum_along_another_axis_is_no_softmax():
    square = symbol("s", (3, 3))
    wrong = np.exp(square) / np.sum(np.exp(square), axis=1)
    assert one(wrong) == wrong
    product = np.exp(square) * (1 / np.sum(np.exp(square), axis=1))
    assert one(product) == product


def test_nan_stays_nan_and_negative_constants_stay():
    for expr in (row[0] for row in RANGES):
        names = {v.name: np.nan for v in expr.variables}
        assert np.isnan(value(one(expr), **names))
    for text in ("log(exp(x) - 3)", "log(exp(x) + -3)", "sqrt(x^2 - y^2)", "sqrt(x^3 + y^2)"):
        assert one(parse(text)) == parse(text)
    many = sum((X + k) ** 2 for k in range(30))
    assert one(np.sqrt(many)) == np.sqrt(many)
