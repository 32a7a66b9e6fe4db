"""Functions of scipy.special beyond the table: values of SciPy, slopes of mpmath."""

import mpmath as mp
import numpy as np
import pytest
import scipy.special as sc

from autodiff import derivative, forward, grad, jet, reverse
from autodiff.scipy import special
from diffexpr import MissingRuleError, evaluate, symbol

both_modes = pytest.mark.parametrize("mode", [forward, reverse], ids=["forward", "reverse"])

# By name: the function of mpmath, the arguments before the last, and where the last one is.
OF_MPMATH = {
    "rgamma": (mp.rgamma, (), (2.5, 0.25, -1.5, -3.75)),
    "expn": (mp.expint, (3,), (0.4, 2.5)),
    "spence": (lambda x: mp.polylog(2, 1 - x), (), (0.3, 0.999, 1.7)),
    "ellipk": (mp.ellipk, (), (-1.5, 1e-9, 0.7)),
    "ellipe": (mp.ellipe, (), (-1.5, 1e-9, 0.7)),
    "dawsn": (
        lambda x: mp.sqrt(mp.pi) / 2 * mp.exp(-x * x) * mp.erfi(x),
        (),
        (-0.7, 0.0, 2.5),
    ),
    "hyp0f1": (mp.hyp0f1, (1.5,), (-2.0, 0.0, 1.5)),
    "hyp1f1": (mp.hyp1f1, (1.5, 2.25), (-2.0, 0.0, 1.5)),
    "hyp2f1": (mp.hyp2f1, (1.5, 0.5, 2.25), (-2.0, 0.0, 0.5)),
    "k0e": (lambda x: mp.exp(x) * mp.besselk(0, x), (), (0.4, 3.0)),
    "k1e": (lambda x: mp.exp(x) * mp.besselk(1, x), (), (0.4, 3.0)),
    "kve": (lambda n, x: mp.exp(x) * mp.besselk(n, x), (1.5,), (0.4, 3.0)),
    "exp10": (lambda x: mp.mpf(10) ** x, (), (-1.5, 0.0, 2.0)),
    "exprel": (lambda x: mp.expm1(x) / x if x else mp.mpf(1), (), (-1.5, 1e-9, 2.0)),
    "cosm1": (lambda x: mp.cos(x) - 1, (), (-1.5, 1e-9, 2.0)),
    "poch": (mp.rf, (0.7,), (0.3, 1.6)),
    "pseudo_huber": (
        lambda d, r: d * d * (mp.sqrt(1 + (r / d) ** 2) - 1),
        (0.7,),
        (-2.0, 1e-9, 0.5),
    ),
    "boxcox": (lambda x, k: (x**k - 1) / k if k else mp.log(x), (2.5,), (-0.5, 1e-9, 1.5)),
    "boxcox1p": (
        lambda x, k: ((1 + x) ** k - 1) / k if k else mp.log1p(x),
        (1.5,),
        (-0.5, 1e-9, 1.5),
    ),
}
CASES = [(name, x) for name, (_, _, places) in OF_MPMATH.items() for x in places]


@both_modes
@pytest.mark.parametrize(("name", "x"), CASES)
def test_slopes_are_those_of_mpmath(mode, name, x):
    true, before, _ = OF_MPMATH[name]
    ufunc = getattr(sc, name)
    f = lambda t: ufunc(*before, t)  # noqa: E731
    with mp.workdps(40):
        wanted = [float(mp.diff(lambda t: true(*before, t), mp.mpf(x), n)) for n in (1, 2)]
    assert mode.value_and_grad(f)(x)[0] == pytest.approx(ufunc(*before, x), rel=1e-13, abs=1e-300)
    found = [mode.derivative(f, n=n)(x) for n in (1, 2)]
    # SciPy's hypergeometric functions are good to some 1e-13 of their size.
    np.testing.assert_allclose(found, wanted, rtol=1e-11, atol=1e-13)


@both_modes
def test_the_removable_points(mode):
    assert mode.derivative(sc.ellipk)(0.0) == pytest.approx(np.pi / 8)
    assert mode.derivative(sc.ellipe)(0.0) == pytest.approx(-np.pi / 8)
    assert mode.derivative(sc.exprel)(0.0) == 0.5
    assert mode.derivative(lambda k: sc.boxcox(np.e, k))(0.0) == pytest.approx(0.5)
    # The dilogarithm at 1: -1, 1/2, -2/3 (25.12.1 of the NIST library, term by term).
    found = [mode.derivative(sc.spence, n=n)(1.0) for n in (1, 2, 3)]
    assert found == pytest.approx([-1, 1 / 2, -2 / 3])
    # 1/gamma(x) at its zero -2: (-1)^2 2!.
    assert mode.derivative(sc.rgamma)(-2.0) == pytest.approx(2)
    assert mode.derivative(sc.rgamma)(200.0) == pytest.approx(0, abs=1e-300)


@both_modes
def test_two_results(mode):
    for x in (0.4, 2.5):
        for k, slope in ((0, np.sin(x) / x), (1, np.cos(x) / x)):
            f = lambda x, k=k: sc.sici(x)[k]  # noqa: E731
            assert mode.value_and_grad(f)(x) == pytest.approx((sc.sici(x)[k], slope))
        for k, slope in ((0, np.sin(np.pi / 2 * x**2)), (1, np.cos(np.pi / 2 * x**2))):
            f = lambda x, k=k: sc.fresnel(x)[k]  # noqa: E731
            assert mode.value_and_grad(f)(x) == pytest.approx((sc.fresnel(x)[k], slope))
    assert mode.derivative(lambda x: sc.sici(x)[0])(0.0) == 1


@both_modes
def test_exponential_integrals_of_low_order(mode):
    # E_0 = exp(-x)/x, E_1' = -E_0.
    x = 0.7
    e0 = np.exp(-x) / x
    assert mode.derivative(lambda x: sc.expn(1, x))(x) == pytest.approx(-e0)
    assert mode.derivative(lambda x: sc.expn(1, x), n=2)(x) == pytest.approx(e0 * (1 + 1 / x))
    orders = np.array([0, 1, 2])
    found = np.diagonal(mode.jacobian(lambda x: sc.expn(orders, x))(np.full(3, x)))
    np.testing.assert_allclose(found, [-e0 * (1 + 1 / x), -e0, -sc.expn(1, x)], rtol=1e-14)


@both_modes
def test_the_sign_of_gamma(mode):
    x = np.array([-2.5, -1.5, -0.5, 0.5, 3.0])
    value, pullback = mode.vjp(sc.gammasgn, x)
    np.testing.assert_array_equal(value, sc.gammasgn(x))
    np.testing.assert_array_equal(pullback(np.ones(5))[0], 0)
    assert np.isnan(mode.value_and_grad(sc.gammasgn)(-1.0)[0])


@both_modes
def test_losses_of_huber(mode):
    r = np.array([-2.0, -0.5, 0.25, 3.0])
    found = np.diagonal(mode.jacobian(lambda r: sc.huber(1.5, r))(r))
    np.testing.assert_array_equal(found, np.clip(r, -1.5, 1.5))
    by_delta = mode.grad(lambda d: np.sum(sc.huber(d, r)))(1.5)
    assert by_delta == pytest.approx((2 - 1.5) + (3 - 1.5))
    assert sc.huber(-1.0, 0.3) == mode.value_and_grad(lambda r: sc.huber(-1.0, r))(0.3)[0] == np.inf


@both_modes
def test_functions_of_python_in_scipy(mode):
    q, n = 1.25, 2.5
    assert mode.derivative(lambda q: special.zeta(2.5, q))(q) == pytest.approx(
        -2.5 * sc.zeta(3.5, q)
    )
    assert mode.derivative(special.factorial)(n) == pytest.approx(
        sc.gamma(n + 1) * sc.digamma(n + 1)
    )
    assert mode.value_and_grad(special.factorial)(-2.5) == (0, 0)
    assert mode.derivative(special.softplus)(0.0) == 0.5
    assert mode.derivative(special.sinc)(1.0) == pytest.approx(-1)
    np.testing.assert_array_equal(special.factorial([0, 3]), [1, 6])
    assert special.factorial(5, exact=True) == 120


def test_parameters_without_a_derivative_are_refused():
    for f in (
        lambda a: sc.hyp2f1(a, 1.0, 2.0, 0.3),
        lambda n: sc.kve(n, 1.0),
        lambda n: sc.expn(n, 1.0),
        lambda s: special.zeta(s, 2.0),
        special.zeta,
    ):
        with pytest.raises(MissingRuleError, match="keep it constant"):
            grad(f)(2.0)
    with pytest.raises(MissingRuleError, match=r"scipy\.special\.lpmv"):
        grad(lambda x: sc.lpmv(0, 1, x))(0.3)


def test_an_expression_and_a_series():
    x = symbol("x")
    slope = derivative(sc.ellipk(x))
    assert evaluate(slope, {"x": 0.5}) == pytest.approx(derivative(sc.ellipk)(0.5))
    value, terms = jet(sc.exprel, (0.0,), ([1.0, 0.0, 0.0],))
    assert value == 1
    assert terms == pytest.approx([1 / 2, 1 / 3, 1 / 4])


def test_whole_orders_of_bessel_functions():
    with pytest.raises(ValueError, match=r"whole orders, got 1\.5"):
        grad(lambda x: sc.yn(1.5, x))(1.0)
    assert grad(lambda x: sc.yn(1.0, x))(1.0) == pytest.approx(sc.yvp(1, 1.0))
