"""The rewrites that save digits, and those that save what overflowed, against 50 digits."""

import mpmath as mp
import numpy as np
import pytest

from autodiff import reverse
from compare.lower.passes.overflow import overflow
from compare.lower.passes.stable import stable
from compare.ulps import ulps_apart
from diffexpr import parse, symbol, symbols
from diffexpr.evaluate import evaluate_all

TINY = np.finfo(float).tiny
X, Y = symbols("x y")
V = symbol("v", (3,))
M = symbol("m", (2, 3))


def values(outputs, **given):
    with np.errstate(all="ignore"):
        return evaluate_all(list(outputs), given)


def value(expr, **given):
    return np.asarray(values([expr], **given)[0])


def one(run, expr):
    (found,) = run([expr])
    assert found.shape == expr.shape
    assert found.dtype == expr.dtype
    return found


# What is written, what becomes of it, where digits are lost, how many ulps are left afterwards.
# A composition has the rounding errors of its steps, of which each is at most 2 ulps or so: a
# square doubles that of its operand.
DIGITS = [
    ("log(1 + x)", "log1p(x)", 1e-9, 2),
    ("log(1 - x)", "log1p(0 - x)", 1e-9, 2),
    ("exp(x) - 1", "expm1(x)", 1e-9, 2),
    ("1 - exp(x)", "0 - expm1(x)", 1e-9, 2),
    ("1 - cos(x)", "2*square(sin(0.5*x))", 1e-5, 4),
    ("cos(x) - 1", "0 - 2*square(sin(0.5*x))", 1e-5, 4),
    ("cosh(x) - 1", "2*square(sinh(0.5*x))", 1e-5, 4),
    ("sqrt(1 + x) - 1", "where(x > 1, sqrt(1 + x) - 1, x/(sqrt(1 + x) + 1))", 1e-9, 2),
    ("1 - sigmoid(x)", "sigmoid(-x)", 20.0, 3),
    ("1/(1 + exp(-x))", "sigmoid(x)", -720.0, 3),
]
IN_MPMATH = {name: getattr(mp, name) for name in ("log", "exp", "cos", "cosh", "sqrt")} | {
    "sigmoid": lambda x: 1 / (1 + mp.exp(-x))
}


def truth(text, **at):
    """The value of a formula, with 50 digits left after what cancels."""
    with mp.workdps(400):
        names = {name: mp.mpf(float(number)) for name, number in at.items()}
        return eval(text.replace("^", "**"), {**IN_MPMATH, **names})


@pytest.mark.parametrize(("text", "becomes", "at", "left"), DIGITS)
def test_digits_that_are_saved(text, becomes, at, left):
    before = parse(text)
    after = one(stable, before)
    assert str(after) == becomes
    exact = truth(text, x=at)
    lost = ulps_apart(value(before, x=at), exact)
    assert lost > 1e5
    assert ulps_apart(value(after, x=at), exact) <= left


ELSEWHERE = (-300.0, -3.7, -0.83, -1e-3, 0.4, 0.99, 1.01, 2.5, 36.0, 700.0)


@pytest.mark.parametrize(("text", "becomes", "at", "left"), DIGITS)
def test_nothing_is_lost_elsewhere(text, becomes, at, left):
    before = parse(text)
    after = one(stable, before)
    exact = {x: truth(text, x=x) for x in ELSEWHERE}
    real = [x for x in ELSEWHERE if isinstance(exact[x], mp.mpf)]
    assert len(real) >= 3
    for x in real:
        error, had = (ulps_apart(value(e, x=np.float64(x)), exact[x]) for e in (after, before))
        # Where the value is a difference of large numbers, both forms have the errors of these.
        assert error <= left + had


SPECIAL = np.array(
    [np.nan, np.inf, -np.inf, 0.0, -0.0, 5e-324, -5e-324, TINY, -TINY, 1e-300, -1e-16, 1e-16,
     1 - 1e-16, -1.0, np.nextafter(-1, 0), np.nextafter(-1, -2), 1.0, 2.0, -2.0, 1e16, -1e16,
     1e200, -1e200, 1.7e308, -1.7e308]
)  # fmt: skip
# Where exp and cosh begin to overflow, float by float.
EDGES = np.concatenate([
    sign * (start + np.arange(-40, 40) * np.spacing(start))
    for start in (709.782712893384, 710.4758600739439, 745.1332191019411)
    for sign in (1, -1)
])  # fmt: skip


@pytest.mark.parametrize("text", [row[0] for row in DIGITS])
@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_nan_and_infinities_stay_in_place(text, kind):
    narrow = [s * np.float32(start) for start in (88.72284, 89.41598, 103.97208) for s in (1, -1)]
    near = np.array([n + np.arange(-20, 20) * np.spacing(n) for n in narrow], np.float32)
    with np.errstate(over="ignore"):
        x = np.concatenate([SPECIAL, EDGES, near.ravel()]).astype(kind)
    before = parse(text)
    old, new = values([before, one(stable, before)], x=x)
    assert old.dtype == new.dtype == kind
    np.testing.assert_array_equal(np.isnan(old), np.isnan(new))
    np.testing.assert_array_equal(np.where(np.isinf(old), old, 0), np.where(np.isinf(new), new, 0))


def test_signs_of_zeros_change_at_minus_zero_only():
    for text in (row[0] for row in DIGITS):
        before = parse(text)
        old, new = values([before, one(stable, before)], x=np.array([0.0]))
        assert old == new, text
        assert np.signbit(old) == np.signbit(new), text


@pytest.mark.parametrize("text", [row[0] for row in DIGITS])
def test_infinities_below_a_quotient_keep_their_signs(text):
    """1/0 is not 1/-0, which is why a zero is added there."""
    before = 1 / parse(text)
    old, new = values([before, one(stable, before)], x=np.array([0.0, -0.0]))
    np.testing.assert_array_equal(new, old)


@pytest.mark.parametrize(
    ("written", "becomes"),
    [
        ("log(x + 1)", "log1p(x)"),
        ("1/log(x + 1)", "1/(log1p(x) + 0)"),
        ("log(x + 1.0)", "log1p(x)"),
        ("log(1.0 + x)", "log1p(x)"),
        ("log(-x + 1)", "log1p(-x)"),
        ("-1 + exp(x)", "expm1(x)"),
        ("exp(x) + -1.0", "expm1(x)"),
        ("1 + -exp(x)", "0 - expm1(x)"),
        ("1/(exp(-x) + 1)", "sigmoid(x)"),
        ("1/(1 + exp(y - x))", "sigmoid(x - y)"),
        ("reciprocal(1 + exp(x))", "sigmoid(-x)"),
        ("log(1 + x^2)", "log1p(x**2)"),
        ("exp(log(1 + x)) - 1", "expm1(log1p(x))"),
        ("log(2 + x)", "log(2 + x)"),
        ("exp(x) - 2", "exp(x) - 2"),
        ("1/(2 + exp(x))", "1/(2 + exp(x))"),
        ("2/(1 + exp(x))", "2/(1 + exp(x))"),
        ("log(exp(x) + exp(y))", "log(exp(x) + exp(y))"),
        ("sqrt(x^2 + y^2)", "sqrt(x**2 + y**2)"),
    ],
)
def test_forms_that_are_found_and_that_are_not(written, becomes):
    assert str(one(stable, parse(written))) == becomes


def test_ones_may_be_an_array_and_shapes_stay():
    assert one(stable, np.log(np.ones(3) + V)) == np.log1p(V)
    assert one(stable, np.log(np.ones((2, 3)) + V)).op == "broadcast_to"
    narrow = symbol("n", (3,), np.float32)
    # The sum is in float64, and so is what it becomes, or it stays.
    assert one(stable, np.log(np.ones(3) + narrow)).dtype == np.float64
    assert one(stable, np.log(1 + narrow)) == np.log1p(narrow)


def test_complex_operands_stay():
    z = symbol("z", (), complex)
    for f in (np.log(1 + z), np.exp(z) - 1, 1 - np.cos(z), 1 / (1 + np.exp(-z))):
        assert one(stable, f) == f


def test_a_derivative_keeps_the_denominator_that_it_shares():
    y = 1 / (1 + np.exp(-X))
    outputs = [y, reverse.grad(y, "x")]
    after = stable(outputs)
    # A sigmoid beside the exponential that the derivative needs anyway is one exponential more.
    assert after[0] == y
    f = np.log(1 + X**2)
    slope, after = reverse.grad(f, "x"), stable([f, reverse.grad(f, "x")])
    assert str(after[0]) == "log1p(x**2)"
    assert after[1] == slope
    assert ulps_apart(value(after[0], x=0.3), truth("log(1 + x*x)", x=0.3)) <= 2


def test_deep_graphs_do_not_recurse():
    e = X
    for _ in range(5_000):
        e = np.log(1 + e)
    after = one(stable, e)
    assert after.op == "log1p"
    assert one(overflow, after) == after


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
    after = one(overflow, before)
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
    assert ulps_apart(value(one(overflow, root), **at), wanted) <= 2
    assert ulps_apart(value(sine, x=1e-9), small) > 1e5
    assert ulps_apart(value(one(overflow, sine), x=1e-9), small) <= 2


def log_softmax(x):
    return np.log(np.exp(x) / np.sum(np.exp(x), axis=-1, keepdims=True))


ARRAYS = [
    (lambda x: np.log(np.sum(np.exp(x), axis=1)), "logsumexp"),
    (lambda x: np.log(np.mean(np.exp(x), axis=1)), "subtract"),
    (lambda x: np.log(np.sum(np.exp(x), axis=0, keepdims=True)), "logsumexp"),
    (lambda x: np.log(np.sum(np.exp(x))), "logsumexp"),
    (lambda x: np.log(np.mean(np.exp(x))), "subtract"),
    (log_softmax, "subtract"),
    (lambda x: np.exp(x) / np.sum(np.exp(x), axis=1, keepdims=True), "softmax"),
    (lambda x: np.exp(x) / np.sum(np.exp(x), axis=0), "softmax"),
    (lambda x: np.exp(x) / np.sum(np.exp(x)), "exp"),
    (lambda x: np.sqrt(np.sum(x**2, axis=1)), "norm"),
    (lambda x: np.sqrt(np.sum(x * x)), "norm"),
]


@pytest.mark.parametrize(("f", "op"), ARRAYS, ids=lambda e: str(e)[:20])
def test_reductions_and_their_derivatives(f, op):
    """The rewritten value and gradient, against the same of operands that do not overflow."""
    expr = f(M)
    weights = 1.0 + np.arange(np.prod(expr.shape, dtype=int)).reshape(expr.shape)
    outputs = [expr, reverse.grad(np.sum(weights * expr), "m")]
    after = overflow(outputs)
    assert after[0].op == op
    m = np.array([[0.3, -1.2, 2.0], [0.0, 0.7, -0.4]])
    for old, new in zip(values(outputs, m=m), values(after, m=m), strict=True):
        # A few roundings of numbers of this size.
        np.testing.assert_allclose(new, old, rtol=0, atol=16 * np.finfo(float).eps * 20)
    large = m * 1e200 if op == "norm" else m + 1000
    assert not np.all(np.isfinite(values(outputs, m=large)[0]))
    assert np.all(np.isfinite(values(after, m=large)[0]))


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
    assert one(overflow, wrong) == wrong
    product = np.exp(square) * (1 / np.sum(np.exp(square), axis=1))
    assert one(overflow, product) == product


def test_nan_stays_nan_and_negative_constants_stay():
    for expr in (row[0] for row in RANGES):
        names = {v.name: np.nan for v in expr.variables}
        assert np.isnan(value(one(overflow, expr), **names))
    for text in ("log(exp(x) - 3)", "log(exp(x) + -3)", "sqrt(x^2 - y^2)", "sqrt(x^3 + y^2)"):
        assert one(overflow, parse(text)) == parse(text)
    many = sum((X + k) ** 2 for k in range(30))
    assert one(overflow, np.sqrt(many)) == np.sqrt(many)
