"""SciPy's distributions: its values, and derivatives against mpmath and closed forms."""

import mpmath as mp
import numpy as np
import pytest
import scipy.stats as st

from autodiff import forward, grad, hessian, reverse
from autodiff.scipy import stats
from diffexpr import MissingRuleError, evaluate, symbol, symbols

MODES = [forward, reverse]
both_modes = pytest.mark.parametrize("mode", MODES, ids=["forward", "reverse"])

FUNCTIONS = ("pdf", "logpdf", "cdf", "logcdf", "sf", "logsf")
X = np.array(
    [-40.0, -8, -1.5, -0.3, 0, 0.2, 0.7, 1, 2.5, 9, 40, 300, np.inf, -np.inf, np.nan]
)  # fmt: skip
CONTINUOUS = {
    "norm": [(), (0.3, 2.0), (0.0, -1.0)],
    "t": [(3.0,), (0.5, 0.1, 2.0), (40.0,), (np.inf,), (-1.0,)],
    "gamma": [(2.5,), (1.0,), (0.4, 0.1, 3.0), (60.0,), (-1.0,)],
    "chi2": [(2.0,), (3.0,), (1.0, 0.2, 2.0)],
    "beta": [(2.0, 3.0), (0.5, 0.5), (1.0, 1.0), (2.0, 3.0, -1.0, 4.0), (30.0, 20.0)],
    "expon": [(), (0.3, 2.0)],
    "laplace": [(), (0.3, 2.0)],
    "logistic": [(), (0.3, 2.0)],
    "uniform": [(), (0.3, 2.0)],
}
CASES = [(name, p) for name, ps in CONTINUOUS.items() for p in ps]


def scipy_s(name, function, *args):
    with np.errstate(all="ignore"):
        return getattr(getattr(st, name), function)(*args)


@pytest.mark.parametrize(("name", "parameters"), CASES)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_values_are_scipy_s(name, parameters, function):
    found = getattr(getattr(stats, name), function)(X, *parameters)
    wanted = scipy_s(name, function, X, *parameters)
    # An exponent of size 1,000 is rounded by 1e-13; everything else is a few ulps.
    np.testing.assert_allclose(found, wanted, rtol=1e-13, atol=0)
    boxed = forward.jvp(
        lambda x: getattr(getattr(stats, name), function)(x, *parameters), (X,), (X,)
    )
    np.testing.assert_array_equal(boxed[0], found)


def test_values_where_scipy_s_lose_digits():
    # SciPy 1.17 is off by 2e-12 at 1e4 degrees of freedom.
    with mp.workdps(40):
        for df in (49.0, 51.0, 1e4, 1e9):
            d = mp.mpf(df)
            true = mp.loggamma((d + 1) / 2) - mp.loggamma(d / 2) - mp.log(mp.pi * d) / 2
            true -= (d + 1) / 2 * mp.log1p(mp.mpf(6.25) / d)
            assert stats.t.logpdf(2.5, df) == pytest.approx(float(true), rel=1e-15)
    assert stats.norm.logcdf(-40.0) == pytest.approx(-804.6084420137538, rel=1e-15)
    assert stats.poisson.logcdf(100, 3.0) == pytest.approx(-st.poisson.sf(100, 3.0), rel=1e-14)
    for name in ("gamma", "chi2"):
        found = getattr(stats, name).logcdf(300.0, 3.0)
        assert found == pytest.approx(-scipy_s(name, "sf", 300.0, 3.0), rel=1e-12)


# derivatives

D = 60


def normal(x, m, s):
    return -(((x - m) / s) ** 2) / 2 - mp.log(s) - mp.log(2 * mp.pi) / 2


def student(x, df, m, s):
    z = (x - m) / s
    whole = mp.loggamma((df + 1) / 2) - mp.loggamma(df / 2) - mp.log(mp.pi * df) / 2
    return whole - (df + 1) / 2 * mp.log(1 + z * z / df) - mp.log(s)


def gamma(x, a, m, s):
    z = (x - m) / s
    return (a - 1) * mp.log(z) - z - mp.loggamma(a) - mp.log(s)


def beta(x, a, b, m, s):
    z = (x - m) / s
    return (a - 1) * mp.log(z) + (b - 1) * mp.log(1 - z) - mp.log(mp.beta(a, b)) - mp.log(s)


def half_betainc(x, df, m, s):
    z = (x - m) / s
    return mp.betainc(df / 2, 0.5, 0, df / (df + z * z), regularized=True) / 2


def laplace(x, m, s):
    return -abs(x - m) / s - mp.log(2 * s)


def logistic(x, m, s):
    return mp.mpf(1) / (1 + mp.exp(-(x - m) / s))


LOG_DENSITIES = {
    "norm": (normal, (0.7, 0.2, 1.5)),
    "t": (student, (0.7, 3.5, 0.2, 1.5)),
    "gamma": (gamma, (2.7, 2.5, 0.2, 1.5)),
    "chi2": (lambda x, df, m, s: gamma(x, df / 2, m, 2 * s), (2.7, 5.0, 0.2, 1.5)),
    "beta": (beta, (0.7, 2.5, 1.25, 0.2, 1.5)),
    "expon": (lambda x, m, s: -(x - m) / s - mp.log(s), (2.7, 0.2, 1.5)),
    "laplace": (laplace, (-0.7, 0.2, 1.5)),
    "logistic": (
        lambda x, m, s: mp.log(logistic(x, m, s) * logistic(-x, -m, s) / s), (-0.7, 0.2, 1.5)),
    "uniform": (lambda x, m, s: -mp.log(s), (0.7, 0.2, 1.5)),
}  # fmt: skip
SHARES = {
    "norm": lambda x, m, s: mp.ncdf((x - m) / s),
    "t": lambda x, df, m, s: 1 - half_betainc(x, df, m, s),
    "gamma": lambda x, a, m, s: mp.gammainc(a, 0, (x - m) / s, regularized=True),
    "chi2": lambda x, df, m, s: mp.gammainc(df / 2, 0, (x - m) / (2 * s), regularized=True),
    "beta": lambda x, a, b, m, s: mp.betainc(a, b, 0, (x - m) / s, regularized=True),
    "expon": lambda x, m, s: 1 - mp.exp(-(x - m) / s),
    "laplace": lambda x, m, s: mp.exp((x - m) / s) / 2,
    "logistic": logistic,
    "uniform": lambda x, m, s: (x - m) / s,
}
MADE_OF = {
    "pdf": lambda log_density, share: lambda *a: mp.exp(log_density(*a)),
    "logpdf": lambda log_density, share: log_density,
    "cdf": lambda log_density, share: share,
    "logcdf": lambda log_density, share: lambda *a: mp.log(share(*a)),
    "sf": lambda log_density, share: lambda *a: 1 - share(*a),
    "logsf": lambda log_density, share: lambda *a: mp.log(1 - share(*a)),
}
NO_CLOSED_FORM = {"t": (1,), "gamma": (1,), "chi2": (1,), "beta": (1, 2)}


def differentiable(name, function):
    count = len(LOG_DENSITIES[name][1])
    refused = () if function.endswith("pdf") else NO_CLOSED_FORM.get(name, ())
    return tuple(i for i in range(count) if i not in refused)


@both_modes
@pytest.mark.parametrize("name", LOG_DENSITIES)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_first_and_second_derivatives_in_every_argument(name, function, mode):
    log_density, at = LOG_DENSITIES[name]
    true = MADE_OF[function](log_density, SHARES[name])
    f = getattr(getattr(stats, name), function)
    which = differentiable(name, function)
    first = mode.grad(f, wrt=which)(*at)
    second = mode.hessian(f, wrt=which)(*at)
    with mp.workdps(D):
        exact = tuple(map(mp.mpf, at))
        for row, i in enumerate(which):
            order = [int(k == i) for k in range(len(at))]
            assert first[row] == pytest.approx(
                float(mp.diff(true, exact, order)), rel=1e-12, abs=1e-14
            )
            j = which[(row + 1) % len(which)]
            order = [int(k == i) + int(k == j) for k in range(len(at))]
            wanted = float(mp.diff(true, exact, order))
            found = second[row][(row + 1) % len(which)]
            assert found == pytest.approx(wanted, rel=1e-11, abs=1e-13)


@pytest.mark.parametrize("name", NO_CLOSED_FORM)
@pytest.mark.parametrize("function", ["cdf", "logcdf", "sf", "logsf"])
def test_a_shape_parameter_of_a_distribution_function_is_refused(name, function):
    at = LOG_DENSITIES[name][1]
    for mode in MODES:
        for i in NO_CLOSED_FORM[name]:
            with pytest.raises(MissingRuleError, match="closed form"):
                mode.grad(getattr(getattr(stats, name), function), wrt=i)(*at)


@both_modes
@pytest.mark.parametrize(
    ("name", "x", "parameters"),
    [
        ("gamma", -0.5, (2.5, 0.1, 2.0)),
        ("chi2", -0.5, (2.5, 0.1, 2.0)),
        ("expon", -0.5, (0.1, 2.0)),
        ("beta", -0.5, (0.5, 0.5, 0.1, 2.0)),
        ("beta", 2.5, (2.5, 1.5, 0.1, 2.0)),
        ("uniform", -0.5, (0.1, 2.0)),
        ("uniform", 2.5, (0.1, 2.0)),
    ],
)
def test_outside_of_the_support_every_derivative_is_zero(mode, name, x, parameters):
    for function in FUNCTIONS:
        which = differentiable(name, function)
        value, slopes = mode.value_and_grad(getattr(getattr(stats, name), function), wrt=which)(
            x, *parameters
        )
        assert value == scipy_s(name, function, x, *parameters)
        assert slopes == (0.0,) * len(which)


@both_modes
@pytest.mark.parametrize(
    ("name", "x"),
    [
        ("gamma", [-1, 2.0]),
        ("chi2", [-1, 2.0]),
        ("expon", [-1, 2.0]),
        ("beta", [-1, 0.7, 2]),
        ("uniform", [-1, 0.7, 2]),
    ],
)
def test_places_outside_of_the_support_leave_the_others_alone(mode, name, x):
    shapes = LOG_DENSITIES[name][1][1:-2]
    for function in FUNCTIONS:

        def f(x, function=function):
            return getattr(getattr(stats, name), function)(x, *shapes)

        slopes = mode.jacobian(f)(np.array(x))
        singly = [mode.derivative(f)(float(v)) for v in x]
        np.testing.assert_allclose(slopes, np.diag(singly), rtol=1e-15)
        assert singly[0] == 0
        assert mode.jvp(f, (np.array(x),), (np.ones(len(x)),))[1].tolist() == pytest.approx(singly)


@both_modes
def test_the_edge_of_the_support(mode):
    assert mode.grad(stats.gamma.logpdf)(0.0, 1.0) == -1
    assert mode.grad(stats.beta.logpdf)(0.0, 1.0, 3.0) == -2
    assert mode.grad(stats.beta.logpdf)(1.0, 3.0, 1.0) == 2
    assert mode.grad(stats.expon.logsf)(0.0) == -1


@both_modes
def test_far_tails(mode):
    z = 40.0
    ratio = 40.02496884720726  # density over share, from the continued fraction of erfc
    assert mode.grad(stats.norm.logcdf)(-z) == pytest.approx(ratio, rel=1e-15)
    assert mode.grad(stats.norm.logsf)(z) == pytest.approx(-ratio, rel=1e-15)
    assert mode.grad(stats.norm.logcdf, wrt="scale")(-z, 0.0, 1.0) == pytest.approx(z * ratio)
    assert mode.derivative(stats.logistic.logpdf)(800.0) == -1
    assert mode.derivative(stats.laplace.logcdf)(-800.0) == 1
    # At large df the log density is the normal one plus (t**4 - 2 t**2 - 1)/(4 df).
    for df in (1e3, 1e6):
        found = mode.grad(stats.t.logpdf, wrt=1)(2.0, df)
        assert found == pytest.approx(-7 / (4 * df**2), rel=20 / df + 1e-9)


@both_modes
def test_quantiles(mode):
    for q in (1e-10, 0.3, 0.9):
        x = st.norm.ppf(q, 1.0, 2.0)
        assert stats.norm.ppf(q, 1.0, 2.0) == pytest.approx(x, rel=1e-15)
        assert mode.grad(stats.norm.ppf)(q, 1.0, 2.0) == pytest.approx(1 / st.norm.pdf(x, 1.0, 2.0))
        assert mode.grad(stats.norm.isf, wrt="scale")(q, 1.0, 2.0) == pytest.approx(st.norm.isf(q))


# kinds of operands


def test_expressions_lists_and_modules():
    x, loc, scale = symbols("x loc scale")
    made = stats.norm.logpdf(x, loc, scale)
    assert evaluate(made, {"x": 0.3, "loc": 0.1, "scale": 2.0}) == stats.norm.logpdf(0.3, 0.1, 2.0)
    assert np.isnan(evaluate(made, {"x": 0.3, "loc": 0.1, "scale": -2.0}))
    outside = stats.gamma.logpdf(x, 2.0)
    assert evaluate(outside, {"x": -1.0}) == -np.inf
    assert evaluate(grad(outside, "x"), {"x": -1.0}) == 0
    w, cov = symbol("w", 3), np.diag([1.0, 2.0, 3.0])
    point = evaluate(stats.multivariate_normal.logpdf(w, None, cov), {"w": [0.5, 1.0, -1.0]})
    assert point == pytest.approx(st.multivariate_normal.logpdf([0.5, 1.0, -1.0], None, cov))
    assert stats.norm.pdf([0, 1]).shape == (2,)
    import autodiff.scipy.stats.norm as module

    assert module is stats.norm


@both_modes
def test_float32_broadcasting_and_empty_arrays(mode):
    x = np.float32([0.5, 1.5])
    for f in (stats.norm.logpdf, stats.norm.logcdf, stats.expon.pdf, stats.logistic.logsf):
        assert mode.grad(lambda x, f=f: np.sum(f(x)))(x).dtype == np.float32
    found = mode.jacobian(lambda m: stats.norm.logpdf(np.ones((3, 1)), m, 2.0))(np.zeros(4))
    assert found.shape == (3, 4, 4)
    np.testing.assert_array_equal(found, np.broadcast_to(np.eye(4) / 4, (3, 4, 4)))
    assert mode.grad(lambda x: np.sum(stats.gamma.logpdf(x, 2.0)))(np.zeros(0)).shape == (0,)


def test_a_likelihood_has_a_hessian():
    data = np.random.default_rng(12).normal(1.0, 2.0, size=50)

    def loss(p):
        return -np.sum(stats.norm.logpdf(data, p[0], np.exp(p[1])))

    at = np.array([1.2, 0.5])
    z = (data - at[0]) / np.exp(at[1])
    # By hand: sum of 1/s**2, 2 z/s and 2 z**2.
    wanted = [[50 / np.exp(1.0), 2 * z.sum() / np.exp(0.5)], [2 * z.sum() / np.exp(0.5), 2 * z @ z]]
    np.testing.assert_allclose(hessian(loss)(at), wanted, rtol=1e-12)
