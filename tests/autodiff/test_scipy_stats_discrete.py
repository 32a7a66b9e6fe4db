"""Poisson and Bernoulli: SciPy's values, and derivatives by their parameters."""

import numpy as np
import pytest
import scipy.stats as st

from autodiff import forward, reverse
from autodiff.scipy import stats
from diffexpr import MissingRuleError

MODES = [forward, reverse]
both_modes = pytest.mark.parametrize("mode", MODES, ids=["forward", "reverse"])

K = np.array([-1.0, 0, 1, 2, 2.5, 7, 100])
DISCRETE = ("pmf", "logpmf", "cdf", "logcdf", "sf", "logsf")


def scipy_s(name, function, *args):
    with np.errstate(all="ignore"):
        return getattr(getattr(st, name), function)(*args)


@pytest.mark.parametrize("function", DISCRETE)
def test_discrete_values_are_scipy_s(function):
    cases = [("poisson", p) for p in ((0.1,), (3.0,), (50.0, 1), (0.0,), (-1.0,))]
    cases += [("bernoulli", p) for p in ((0.1,), (0.5, 1), (0.0,), (1.0,))]
    for name, parameters in cases:
        found = getattr(getattr(stats, name), function)(K, *parameters)
        wanted = scipy_s(name, function, K, *parameters)
        # SciPy takes the logarithm of a probability near 1, which has lost its digits: atol.
        np.testing.assert_allclose(
            found, wanted, rtol=1e-13, atol=2e-16 * function.startswith("log")
        )


@both_modes
def test_poisson_by_its_rate(mode):
    mu, k = 2.5, np.array([0.0, 1.0, 4.0, 2.5, -1.0])
    p = st.poisson.pmf(k, mu)
    inside = np.array([1, 1, 1, 0, 0])
    slopes = {
        "pmf": p * inside * (k / mu - 1),
        "logpmf": inside * (k / mu - 1),
        "cdf": -st.poisson.pmf(np.floor(k), mu),
        "logcdf": [*(-st.poisson.pmf(np.floor(k), mu)[:4] / st.poisson.cdf(k, mu)[:4]), 0],
        "sf": st.poisson.pmf(np.floor(k), mu),
        "logsf": [*(st.poisson.pmf(np.floor(k), mu)[:4] / st.poisson.sf(k, mu)[:4]), 0],
    }
    for function, wanted in slopes.items():
        f = getattr(stats.poisson, function)
        found = np.diagonal(mode.jacobian(lambda m, f=f: f(k, m))(np.full(5, mu)))
        np.testing.assert_allclose(found, wanted, rtol=1e-13)
    assert mode.grad(stats.poisson.logpmf, wrt=1)(0, 0.0) == -1
    second = mode.derivative(lambda m: stats.poisson.logpmf(3, m), n=2)(2.0)
    assert second == pytest.approx(-3 / 4)


@both_modes
def test_bernoulli_by_its_probability(mode):
    def slopes(function, p=0.25):
        return [mode.grad(getattr(stats.bernoulli, function), wrt=1)(k, p) for k in (-1, 0, 1, 2)]

    assert slopes("pmf") == [0, -1, 1, 0]
    assert slopes("logpmf") == pytest.approx([0, -4 / 3, 4, 0])
    assert slopes("cdf") == [0, -1, 0, 0]
    assert slopes("sf") == [0, 1, 0, 0]
    assert slopes("logsf") == pytest.approx([0, 4, 0, 0])


@pytest.mark.parametrize("name", ["poisson", "bernoulli"])
@pytest.mark.parametrize("function", DISCRETE)
def test_counts_are_discrete_and_say_so(name, function):
    for mode in MODES:
        with pytest.raises(
            MissingRuleError, match=rf"{name}\.{function} .* to k, which is discrete"
        ):
            mode.grad(getattr(getattr(stats, name), function))(1.0, 0.5)
