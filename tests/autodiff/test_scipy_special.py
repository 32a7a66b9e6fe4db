"""SciPy's special functions on boxed values: by the ufunc itself, and at their awkward places."""

import mpmath as mp
import numpy as np
import pytest
import scipy.special as sc
from truth import VALUES, slope

from autodiff import forward, grad, reverse
from autodiff.bounds.rounding import rounding_bound
from autodiff.scipy import special
from diffexpr import (
    MissingRuleError,
    evaluate,
    parse,
    symbols,
)
from diffexpr.special import erfcx, stdtr

MODES = [forward, reverse]
both_modes = pytest.mark.parametrize("mode", MODES, ids=["forward", "reverse"])


def log_expit(x):
    return -mp.log(1 + mp.exp(-x))


UFUNCS = {
    "erf": (mp.erf, (0.7,)),
    "erfc": (mp.erfc, (2.5,)),
    "erfcx": (VALUES["erfcx"], (-1.5,)),
    "erfi": (mp.erfi, (0.7,)),
    "erfinv": (mp.erfinv, (-0.4,)),
    "erfcinv": (lambda x: mp.erfinv(1 - x), (1e-8,)),
    "gamma": (mp.gamma, (-1.4,)),
    "gammaln": (VALUES["gammaln"], (-2.4,)),
    "loggamma": (mp.loggamma, (3.3,)),
    "digamma": (mp.digamma, (-0.6,)),
    "psi": (mp.digamma, (1.6,)),
    "beta": (mp.beta, (1.5, 2.25)),
    "betaln": (VALUES["betaln"], (1.5, 2.25)),
    "expit": (VALUES["sigmoid"], (-3.0,)),
    "logit": (VALUES["logit"], (0.2,)),
    "log_expit": (log_expit, (-30.0,)),
    "ndtr": (VALUES["ndtr"], (-2.5,)),
    "log_ndtr": (VALUES["log_ndtr"], (-2.5,)),
    "ndtri": (VALUES["ndtri"], (0.01,)),
    "j0": (VALUES["j0"], (3.1,)),
    "j1": (VALUES["j1"], (3.1,)),
    "jn": (mp.besselj, (2, -1.5)),
    "jv": (mp.besselj, (1.5, 2.5)),
    "y0": (VALUES["y0"], (3.1,)),
    "y1": (VALUES["y1"], (3.1,)),
    "yn": (mp.bessely, (2, 1.5)),
    "yv": (mp.bessely, (0.5, 2.5)),
    "i0": (VALUES["i0"], (-3.1,)),
    "i1": (VALUES["i1"], (3.1,)),
    "iv": (mp.besseli, (0.5, 2.5)),
    "i0e": (VALUES["i0e"], (-3.1,)),
    "i1e": (VALUES["i1e"], (3.1,)),
    "ive": (VALUES["ive"], (1.5, 2.5)),
    "k0": (VALUES["k0"], (3.1,)),
    "k1": (VALUES["k1"], (3.1,)),
    "kn": (mp.besselk, (2, 1.5)),
    "kv": (mp.besselk, (1.5, 2.5)),
    "gammainc": (VALUES["gammainc"], (2.5, 1.75)),
    "gammaincc": (VALUES["gammaincc"], (2.5, 1.75)),
    "betainc": (VALUES["betainc"], (2.5, 1.75, 0.25)),
    "betaincc": (VALUES["betaincc"], (2.5, 1.75, 0.25)),
    "expi": (mp.ei, (-0.75,)),
    "exp1": (mp.e1, (0.75,)),
    "xlogy": (VALUES["xlogy"], (1.5, 0.75)),
    "xlog1py": (VALUES["xlog1py"], (1.5, -0.75)),
    "rel_entr": (VALUES["rel_entr"], (1.5, 0.75)),
    "kl_div": (lambda x, y: x * mp.log(x / y) - x + y, (1.5, 0.75)),
    "entr": (lambda x: -x * mp.log(x), (0.3,)),
}
LAST_ONLY = {"jn", "jv", "yn", "yv", "iv", "ive", "kn", "kv", "gammainc", "gammaincc", "betainc",
             "betaincc"}  # fmt: skip
"""Functions with a derivative in their last argument alone."""


def arguments(name):
    count = len(UFUNCS[name][1])
    return [count - 1] if name in LAST_ONLY else list(range(count))


@both_modes
@pytest.mark.parametrize("name", UFUNCS)
def test_a_ufunc_of_scipy_is_differentiated_to_second_order(name, mode):
    truth, at = UFUNCS[name]
    ufunc = getattr(special, name)
    assert ufunc is getattr(sc, name)
    floats = tuple(map(float, at))
    for i in arguments(name):

        def f(x, i=i):
            return ufunc(*at[:i], x, *at[i + 1 :])

        # SciPy's special functions are good to about 1e-14; a second order takes two of them.
        first = slope(truth, floats, i)
        assert mode.derivative(f)(floats[i]) == pytest.approx(first, rel=1e-12)
        second = slope(truth, floats, i, i)
        assert mode.derivative(f, n=2)(floats[i]) == pytest.approx(second, rel=1e-11)
        nested = mode.derivative(mode.derivative(f))(floats[i])
        assert nested == pytest.approx(second, rel=1e-11)


@pytest.mark.parametrize("name", UFUNCS)
def test_a_ufunc_of_scipy_on_an_expression_is_the_same_function(name):
    _, at = UFUNCS[name]
    names = symbols("a b c")[: len(at)]
    made = getattr(special, name)(*names)
    got = evaluate(made, {v.name: float(x) for v, x in zip(names, at, strict=True)})
    # jn, yn and kn have orders of their own kind in SciPy; log_expit is composed here.
    assert got == pytest.approx(getattr(sc, name)(*at), rel=1e-14)


@both_modes
def test_arrays_broadcast_and_float32_stays(mode):
    orders, x = np.array([[0.0], [1.5]]), np.array([0.5, 1.0, 2.0])
    found = mode.jacobian(lambda x: special.jv(orders, x))(x)
    assert found.shape == (2, 3, 3)
    np.testing.assert_allclose(np.einsum("ijj->ij", found), sc.jvp(orders, x), rtol=1e-13)
    for f in (special.j1, special.log_ndtr, special.entr, special.logsumexp, erfcx, special.i0e):
        gradient = mode.grad(lambda x, f=f: np.sum(f(x)))(np.float32([0.5, 2]))
        assert gradient.dtype == np.float32
    assert mode.grad(lambda x: np.sum(special.y0(x)))(np.zeros(0)).shape == (0,)


@both_modes
def test_holomorphic_special_functions_take_complex_numbers(mode):
    z = 0.7 + 0.3j
    for f, exact in (
        (special.exp1, -np.exp(-z) / z),
        (special.ndtr, np.exp(-z * z / 2) / np.sqrt(2 * np.pi)),
        (erfcx, 2 * z * sc.erfcx(z) - 2 / np.sqrt(np.pi)),
    ):
        assert mode.derivative(f)(z) == pytest.approx(exact, rel=1e-14)


# awkward places


@both_modes
def test_xlogy_where_its_first_argument_vanishes(mode):
    for f, edge in ((special.xlogy, 0.0), (special.xlog1py, -1.0)):
        assert mode.grad(f, wrt=1)(0.0, 2.0) == 0
        assert mode.grad(f, wrt=1)(0.0, edge) == 0
        assert mode.grad(f, wrt=0)(0.0, edge) == -np.inf
        y = edge + 4.0
        mixed = mode.grad(lambda x, f=f, y=y: mode.grad(f, wrt=1)(x, y))(0.0)
        assert mixed == 0.25  # not lost in the choice made at (0, 0)


@both_modes
def test_entropies_at_zero_and_outside_of_their_domain(mode):
    assert mode.derivative(special.entr)(0.0) == np.inf
    assert mode.derivative(special.entr)(1.0) == -1
    assert mode.derivative(special.entr)(-1.0) == 0
    assert sc.entr(-1.0) == mode.value_and_grad(special.entr)(-1.0)[0] == -np.inf
    assert mode.grad(special.rel_entr, wrt=(0, 1))(0.0, 2.0) == (-np.inf, 0)
    assert mode.grad(special.kl_div, wrt=(0, 1))(0.0, 2.0) == (-np.inf, 1)
    assert mode.grad(special.kl_div, wrt=(0, 1))(2.0, 2.0) == (0, 0)


@both_modes
def test_bessel_functions_at_zero_to_third_order(mode):
    # Power series: J1 = x/2 - x**3/16, J2 = x**2/8, I1 = x/2 + x**3/16, J0 = 1 - x**2/4.
    for f, orders in (
        (special.j0, (0, -1 / 2, 0)),
        (special.j1, (1 / 2, 0, -3 / 8)),
        (lambda x: special.jv(2, x), (0, 1 / 4, 0)),
        (special.i1, (1 / 2, 0, 3 / 8)),
        (special.i0, (0, 1 / 2, 0)),
    ):
        assert [mode.derivative(f, n=n)(0.0) for n in (1, 2, 3)] == pytest.approx(orders)
    assert mode.derivative(special.i0e)(0.0) == 0


@both_modes
@pytest.mark.parametrize("x", [-1e4, -60.0, -14.2, -14.1, -3.0, 5.0, 25.0])
def test_log_ndtr_keeps_its_digits_in_the_tails(mode, x):
    with mp.workdps(60 if x < 0 else 300):  # log(1 - 1e-138) at 25
        true = [float(mp.diff(VALUES["log_ndtr"], mp.mpf(x), n)) for n in (1, 2, 3)]
    # The slope itself is exact. Its derivatives are quotients of erfcx, whose parts cancel by
    # x**2/2 an order: to the third, x**6 up to -14.14, where the series of erfcx begins.
    third = 1e-15 * (max(x**6, 100.0) if x > -14.14 else x * x)
    for n, wanted, room in zip((1, 2, 3), true, (1e-14, 1e-13, third), strict=True):
        found = mode.derivative(special.log_ndtr, n=n)(x)
        assert found == pytest.approx(wanted, rel=room, abs=0)


@both_modes
def test_erfcx_is_smooth_where_its_series_begins(mode):
    for x in (9.999, 10.0, 10.001, 25.0, 1e8):
        assert mode.derivative(erfcx)(x) == pytest.approx(
            slope(VALUES["erfcx"], (x,), 0), rel=1e-13
        )
        second = slope(VALUES["erfcx"], (x,), 0, 0) if x < 1e8 else 1.1283791670955126e-24
        # 2 (y + x y') loses x**4/2 of what erfcx has, on the left of 10.
        assert mode.derivative(erfcx, n=2)(x) == pytest.approx(second, rel=1e-11)


@both_modes
def test_incomplete_functions_at_the_ends_of_their_range(mode):
    for a, wanted in ((0.5, np.inf), (1.0, 1.0), (2.0, 0.0)):
        assert mode.derivative(lambda x, a=a: special.gammainc(a, x))(0.0) == wanted
    assert mode.derivative(lambda x: special.betainc(1.0, 3.0, x))(0.0) == pytest.approx(3)
    assert mode.derivative(lambda x: special.betainc(3.0, 1.0, x))(1.0) == pytest.approx(3)
    far = mode.derivative(lambda x: special.gammaincc(2.0, x))(700.0)
    assert far == pytest.approx(-700 * np.exp(-700.0), rel=1e-12)


@both_modes
@pytest.mark.parametrize("df", [0.5, 3.0, 49.9, 50.1, 1e4, 1e12])
def test_student_s_distribution_has_its_density_for_slope(mode, df):
    for t in (-30.0, 0.0, 1.5):
        with mp.workdps(50):
            d = mp.mpf(df)
            normal = mp.loggamma((d + 1) / 2) - mp.loggamma(d / 2) - mp.log(mp.pi * d) / 2
            wanted = mp.exp(normal - (d + 1) / 2 * mp.log1p(t * t / d))
        found = mode.derivative(lambda t: stdtr(df, t))(t)
        # The exponent is off by an ulp or two of its size, at most 450.
        assert found == pytest.approx(float(wanted), rel=1e-12)


@pytest.mark.parametrize(
    ("call", "function", "argument"),
    [
        (lambda n: special.jv(n, 1.0), "jv", "order"),
        (lambda n: special.yv(n, 1.0), "yv", "order"),
        (lambda n: special.iv(n, 1.0), "iv", "order"),
        (lambda n: special.ive(n, 1.0), "ive", "order"),
        (lambda n: special.kv(n, 1.0), "kv", "order"),
        (lambda a: special.gammainc(a, 1.0), "gammainc", "parameter a"),
        (lambda a: special.gammaincc(a, 1.0), "gammaincc", "parameter a"),
        (lambda a: special.betainc(a, 1.0, 0.5), "betainc", "parameter a"),
        (lambda b: special.betainc(1.0, b, 0.5), "betainc", "parameter b"),
        (lambda b: special.betaincc(1.0, b, 0.5), "betaincc", "parameter b"),
        (lambda df: special.stdtr(df, 0.5), "stdtr", "degrees of freedom"),
        (lambda n: special.polygamma(n, 0.5), "polygamma", "order"),
    ],
)
def test_a_derivative_without_closed_form_is_refused(call, function, argument):
    for mode in MODES:
        with pytest.raises(
            MissingRuleError, match=rf"^{function} has no .* its {argument}; keep it"
        ):
            mode.derivative(call)(2.0)
    with pytest.raises(MissingRuleError, match=function):
        grad(lambda x: call(x) * x)(2.0)


def test_a_rounding_bound_asks_the_function_where_there_is_no_partial():
    # The constants stand for the decimals they are written as, which no float64 is.
    value, bound = rounding_bound(parse("gammainc(0.1, x)"), [0.3], "value")
    with mp.workdps(40):
        true = mp.gammainc(mp.mpf("0.1"), 0, mp.mpf(0.3), regularized=True)
    assert abs(value - true) <= bound < 1e-13
    slope_of_j, bound = rounding_bound(parse("jv(0.3, x)"), [1.3], "derivative")
    with mp.workdps(40):
        true = mp.diff(lambda x: mp.besselj(mp.mpf("0.3"), x), mp.mpf(1.3))
    assert abs(slope_of_j - true) <= bound < 1e-13
