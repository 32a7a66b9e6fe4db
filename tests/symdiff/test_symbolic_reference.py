"""The reference gives the digits it promises, and says so when it cannot."""

import mpmath
import numpy as np
import pytest

from diffexpr import (
    BoundError,
    ExpressionTypeError,
    ExpressionValueError,
    MissingRuleError,
    ShapeError,
    constant,
    e,
    pi,
    symbol,
    symbols,
)
from diffexpr.build import node
from symdiff import evaluate, translate
from symdiff.mp_functions import Reals

x, y = symbols("x y")


def text(value, digits=50):
    return mpmath.nstr(value, digits)


def test_known_constants_to_fifty_digits():
    assert text(evaluate(pi * 1, {})) == "3.1415926535897932384626433832795028841971693993751"
    assert text(evaluate(e * 1, {})) == "2.7182818284590452353602874713526624977572470937"
    assert text(evaluate(np.sqrt(x), {"x": 2})) == (
        "1.4142135623730950488016887242096980785696718753769"
    )
    assert text(evaluate(np.log(x), {"x": 2})) == (
        "0.69314718055994530941723212145817656807550013436026"
    )


def test_many_digits():
    found = evaluate(np.exp(x), {"x": 1}, digits=1000)
    with mpmath.workdps(1010):
        assert abs(found - mpmath.e) < mpmath.mpf(10) ** -999


@pytest.mark.parametrize(
    ("f", "at", "truth"),
    [
        ((1 + x) - 1, "1e-30", "1e-30"),
        ((1 + x) - 1, "1e-300", "1e-300"),
        (np.log(1 + x), "1e-200", "1e-200"),
        (np.exp(x) - 1 - x, "1e-20", "5.0000000000000000000166666666666666666667e-41"),
        (np.cos(x) - 1, "1e-100", "-5e-201"),
        ((1 + x) - 1 + x / 10, "1e-300", "1.1e-300"),
        (np.sqrt(1 + x * x) - 1, "1e-80", "5e-161"),
        (np.arccos(1 - x), "1e-150", "1.4142135623730950488016887242096980785697e-75"),
        (np.tanh(x) - 1, "300", "-5.3007931060086216326773588945391654030582e-261"),
    ],
)
def test_cancellation_does_not_fake_digits(f, at, truth):
    found = evaluate(f, {"x": at}, digits=38)
    with mpmath.workdps(60):
        assert abs(found - mpmath.mpf(truth)) <= abs(found) * mpmath.mpf(10) ** -36


def test_a_true_zero_is_zero():
    assert evaluate(np.sin(pi * x), {"x": 1}) == 0
    assert evaluate(x - y, {"x": 0.3, "y": 0.3}) == 0
    assert evaluate(np.sin(x) ** 2 + np.cos(x) ** 2 - 1, {"x": 0.7}) == 0


def test_what_does_not_settle_is_named():
    # The sign of a rounding error is different at every precision.
    f = np.sign(np.sin(pi * x))

    def search():
        for n in range(1, 40):
            evaluate(f, {"x": n})

    with pytest.raises(ExpressionValueError, match="does not settle"):
        search()


def test_points_are_exact():
    assert evaluate(x * 1, {"x": 0.1}) == mpmath.mpf(0.1)
    with mpmath.workdps(60):
        assert abs(evaluate(x * 1, {"x": "0.1"}) - mpmath.mpf("0.1")) < mpmath.mpf(10) ** -58
        third = mpmath.mpf(1) / 3
    assert abs(evaluate(x * 1, {"x": third}) - third) < mpmath.mpf(10) ** -55
    assert evaluate(x * 1, {"x": np.float32(0.1)}) == mpmath.mpf(float(np.float32(0.1)))
    assert evaluate(x * 1, {"x": np.int64(3), "unused": None}) == 3
    assert evaluate(x * 1, {"x": True}) == 1


def test_ieee_values_at_the_edges():
    inf = mpmath.inf
    cases = [
        (1 / x, 0, inf),
        (-1 / x, 0, -inf),
        (x / x, 0, None),
        (np.log(x), 0, -inf),
        (np.log(x), -1, None),
        (np.sqrt(x), -1, None),
        (np.arcsin(x), 2, None),
        (x**-2.5, 0, inf),
        (x**0, 0, 1),
        (x**2.5, 0, 0),
        (x**2.5, -1, None),
        (np.power(x, y), 0, 0),
        (np.exp(x), 1e30, inf),
        (np.exp(x), -1e30, 0),
        (np.exp(x), "inf", inf),
        (x**x, 1e30, inf),
        (x**-x, 1e30, 0),
        (np.power(x, constant(1e300)), 1, 1),
        (np.power(2.0, x), "inf", inf),
        (np.power(2.0, x), "-inf", 0),
        (np.power(constant(1.0), x), "inf", 1),
        (x**3, "-inf", -inf),
        (x**2, "-inf", inf),
        (x**-3, "-inf", 0),
        (x**0.0, "inf", 1),
        (np.sin(x), "inf", None),
        (np.arctan(x), "inf", mpmath.pi / 2),
        (np.tanh(x), "1e50000", 1),
        (np.sin(x), "1e50000", None),
        (np.maximum(x, 1), "nan", None),
        (np.minimum(x, 1), "nan", None),
        (np.power(x, y), "nan", None),
        (np.heaviside(x, 0.5), "nan", None),
        (node("gamma", (x,)), 0, inf),
        (node("gamma", (x,)), -1, None),
        (node("gamma", (x,)), "inf", inf),
        (node("gamma", (x,)), "-1e30", None),
        (node("loggamma", (x,)), -2, inf),
        (node("loggamma", (x,)), -2.5, None),
        (node("digamma", (x,)), -2, None),
        (x * 0, "inf", None),
    ]
    for f, at, truth in cases:
        found = evaluate(f, {"x": at, "y": 2})
        if truth is None:
            assert mpmath.isnan(found), (f, at)
        else:
            assert abs(found - truth) < 1e-15 if abs(truth) != inf else found == truth, (f, at)


def test_a_value_beyond_float64_keeps_its_digits():
    found = evaluate(np.exp(x), {"x": 1e10})
    assert text(found, 10) == text(mpmath.exp(10**10), 10)
    giant = evaluate(constant(9) ** (constant(9) ** 9), {})
    assert text(giant, 6) == "4.28125e+369693099"


def test_branches_comparisons_and_truth():
    f = np.where(x > 0, x, np.sqrt(-x))
    assert evaluate(f, {"x": 2}) == 2
    assert evaluate(f, {"x": -4}) == 2
    assert evaluate(x > 1, {"x": 2}) is True
    assert evaluate(np.logical_or(x > 3, np.logical_not(x > 1)), {"x": 2}) is False
    assert evaluate((x > 1) + (x > 0), {"x": 2}) == 2
    w = symbol("w", (3,))
    found = evaluate((w > 1) * w, {"w": [0.5, 1.5, 2.5]})
    assert list(found) == [0, 1.5, 2.5]
    assert list(evaluate(w > 1, {"w": [0.5, 1.5, 2.5]})) == [False, True, True]
    assert evaluate(np.where(constant(True), x, y), {"x": 1, "y": 2}) == 1
    assert mpmath.isnan(evaluate(constant(1j) * 1, {}))
    assert evaluate(constant(2 + 0j) * 1, {}) == 2


def test_arrays():
    w, m = symbol("w", (3,)), symbol("m", (2, 3))
    at = {"w": np.array([1.0, 2.0, 3.0]), "m": [[1, 2, 3], [4, 5, 6]]}
    assert list(evaluate(m @ w, at)) == [14, 32]
    assert evaluate(np.linalg.norm(w) ** 2, at) == pytest.approx(14)
    assert evaluate(np.max(w) + np.min(w) + np.prod(w) + np.mean(w), at) == 12
    assert evaluate(constant([1.0, 2.0, 3.0]) @ w, at) == 14
    assert evaluate(m[1, 2] * 1, at) == 6
    assert evaluate(x * w, {**at, "x": 2})[2] == 6
    assert list(evaluate(x * 2, {"x": [1.0, 2.0]})) == [2, 4]
    from diffexpr.functions import logsumexp, softmax

    assert abs(evaluate(logsumexp(w), at) - np.log(np.exp(at["w"]).sum())) < 1e-14
    assert abs(sum(evaluate(softmax(w), at)) - 1) < 1e-48
    assert evaluate(np.diag(w), at)[1, 1] == 2


def test_bad_input_is_named():
    for digits in (0, -1, 1.5, True, 10**6):
        with pytest.raises(ExpressionValueError, match="digits"):
            evaluate(x * 1, {"x": 1}, digits=digits)
    with pytest.raises(ExpressionValueError, match=r"'y'.*given: x"):
        evaluate(x + y, {"x": 1})
    for bad in ("one", None, 1j, {}):
        with pytest.raises(ExpressionTypeError, match="x is"):
            evaluate(x * 1, {"x": bad})
    w = symbol("w", (3,))
    with pytest.raises(ShapeError, match=r"\(3,\)"):
        evaluate(w * 1, {"w": [1, 2]})
    with pytest.raises(ShapeError, match="scalar"):
        evaluate(w * 1, {"w": 1})
    m = symbol("m", (200, 200))
    with pytest.raises(BoundError, match="operations"):
        evaluate(m @ m, {"m": np.ones((200, 200))})


def test_a_meaning_without_a_value_is_named(monkeypatch):
    import sympy as sp

    monkeypatch.setitem(translate.TABLE, "sin", sp.LambertW)
    with pytest.raises(MissingRuleError, match="LambertW"):
        evaluate(np.sin(x), {"x": 1})


def test_nobody_elses_precision_changes():
    before = mpmath.mp.dps
    evaluate(np.sin(x), {"x": 1}, digits=200)
    assert mpmath.mp.dps == before
    assert isinstance(evaluate(np.sin(x), {"x": 1}), mpmath.mpf)


def test_what_mpmath_cannot_compute_is_undefined():
    reals = Reals(mpmath.MPContext())

    def fails(*_):
        raise ValueError

    assert mpmath.isnan(reals.guarded(fails)(reals.one))
    far = reals.context.mpf(2) ** 200_000
    assert mpmath.isnan(reals.guarded(fails)(far))
    assert mpmath.isnan(reals.guarded(reals.context.acos)(far))
