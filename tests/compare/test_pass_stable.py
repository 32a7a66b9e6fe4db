"""The rewrites that save digits, against many more digits, and the places of NaN and infinity."""

import mpmath as mp
import numpy as np
import pytest

from autodiff import reverse
from compare.lower.passes.stable import stable
from compare.ulps import ulps_apart
from diffexpr import parse, symbol, symbols
from diffexpr.evaluate import evaluate_all

TINY = np.finfo(float).tiny
(X,) = symbols("x")
V = symbol("v", (3,))


def values(outputs, **given):
    with np.errstate(all="ignore"):
        return evaluate_all(list(outputs), given)


def value(expr, **given):
    return np.asarray(values([expr], **given)[0])


def one(expr):
    (found,) = stable([expr])
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
    after = one(before)
    assert str(after) == becomes
    exact = truth(text, x=at)
    lost = ulps_apart(value(before, x=at), exact)
    assert lost > 1e5
    assert ulps_apart(value(after, x=at), exact) <= left


ELSEWHERE = (-300.0, -3.7, -0.83, -1e-3, 0.4, 0.99, 1.01, 2.5, 36.0, 700.0)


@pytest.mark.parametrize(("text", "becomes", "at", "left"), DIGITS)
def test_nothing_is_lost_elsewhere(text, becomes, at, left):
    before = parse(text)
    after = one(before)
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
    old, new = values([before, one(before)], x=x)
    assert old.dtype == new.dtype == kind
    np.testing.assert_array_equal(np.isnan(old), np.isnan(new))
    np.testing.assert_array_equal(np.where(np.isinf(old), old, 0), np.where(np.isinf(new), new, 0))


def test_signs_of_zeros_change_at_minus_zero_only():
    for text in (row[0] for row in DIGITS):
        before = parse(text)
        old, new = values([before, one(before)], x=np.array([0.0]))
        assert old == new, text
        assert np.signbit(old) == np.signbit(new), text


@pytest.mark.parametrize("text", [row[0] for row in DIGITS])
def test_infinities_below_a_quotient_keep_their_signs(text):
    """1/0 is not 1/-0, which is why a zero is added there."""
    before = 1 / parse(text)
    old, new = values([before, one(before)], x=np.array([0.0, -0.0]))
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
    assert str(one(parse(written))) == becomes


def test_ones_may_be_an_array_and_shapes_stay():
    assert one(np.log(np.ones(3) + V)) == np.log1p(V)
    assert one(np.log(np.ones((2, 3)) + V)).op == "broadcast_to"
    narrow = symbol("n", (3,), np.float32)
    # The sum is in float64, and so is what it becomes, or it stays.
    assert one(np.log(np.ones(3) + narrow)).dtype == np.float64
    assert one(np.log(1 + narrow)) == np.log1p(narrow)


def test_complex_operands_stay():
    z = symbol("z", (), complex)
    for f in (np.log(1 + z), np.exp(z) - 1, 1 - np.cos(z), 1 / (1 + np.exp(-z))):
        assert one(f) == f


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
    assert one(e).op == "log1p"
