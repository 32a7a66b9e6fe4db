"""Multivariate normal and Dirichlet: SciPy's values, and derivatives in every argument."""

import numpy as np
import pytest
import scipy.stats as st
from scipy.special import digamma, polygamma

from autodiff import forward, grad, reverse
from autodiff.scipy import stats
from diffexpr import ExpressionValueError, MissingRuleError, ShapeError

MODES = [forward, reverse]
both_modes = pytest.mark.parametrize("mode", MODES, ids=["forward", "reverse"])

RNG = np.random.default_rng(11)
ROOT = RNG.normal(size=(3, 3))
COV, MEAN, POINTS = ROOT @ ROOT.T + np.eye(3), RNG.normal(size=3), RNG.normal(size=(5, 3))


@pytest.mark.parametrize(
    "args",
    [
        (POINTS, MEAN, COV),
        (POINTS[0], MEAN, COV),
        (POINTS[0], None, 2.0),
        (POINTS[0], MEAN, np.array([1.0, 2.0, 3.0])),
        (POINTS.reshape(5, 1, 3), MEAN, COV),
        (POINTS[:, 0], 0.1, 4.0),
        (0.3,),
        ([0.3, 0.4], [0.0, 0.0]),
    ],
)
def test_multivariate_normal_has_scipy_s_values(args):
    for function in ("pdf", "logpdf"):
        found = getattr(stats.multivariate_normal, function)(*args)
        wanted = getattr(st.multivariate_normal, function)(*args)
        assert np.shape(found) == np.shape(wanted)
        np.testing.assert_allclose(found, wanted, rtol=1e-13)


@both_modes
def test_multivariate_normal_in_every_argument(mode):
    def f(x, m, c):
        return np.sum(stats.multivariate_normal.logpdf(x, m, c))

    inverse = np.linalg.inv(COV)
    away = (POINTS - MEAN) @ inverse
    in_x, in_mean, in_cov = mode.grad(f, wrt=(0, 1, 2))(POINTS, MEAN, COV)
    np.testing.assert_allclose(in_x, -away, rtol=1e-12)
    np.testing.assert_allclose(in_mean, away.sum(0), rtol=1e-12)
    # Petersen and Pedersen (2012), The Matrix Cookbook, equations 57 and 61.
    np.testing.assert_allclose(in_cov, -0.5 * (5 * inverse - away.T @ away), rtol=1e-11, atol=1e-13)
    second = mode.hessian(f, wrt=1)(POINTS, MEAN, COV)
    np.testing.assert_allclose(second, -5 * inverse, rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(
        mode.grad(lambda c: stats.multivariate_normal.entropy(MEAN, c))(COV),
        inverse / 2,
        rtol=1e-12,
    )
    scale = mode.grad(lambda s: stats.multivariate_normal.logpdf(POINTS[0], MEAN, s))(2.0)
    assert scale == pytest.approx(((POINTS[0] - MEAN) ** 2).sum() / 8 - 3 / 4)


@both_modes
def test_a_singular_covariance(mode):
    flat = np.diag([1.0, 4.0, 0.0])
    x = np.array([[0.5, 1.0, 0.0], [0.5, 1.0, 1.0]])
    mvn = stats.multivariate_normal
    wanted = st.multivariate_normal.logpdf(x, np.zeros(3), flat, allow_singular=True)
    np.testing.assert_allclose(mvn.logpdf(x, np.zeros(3), flat, allow_singular=True), wanted)

    def f(x):
        return np.sum(mvn.logpdf(x, np.zeros(3), flat, allow_singular=True))

    np.testing.assert_allclose(mode.grad(f)(x), [[-0.5, -0.25, 0], [0, 0, 0]], atol=1e-16)
    with pytest.raises(MissingRuleError, match="singular covariance"):
        mode.grad(lambda c: mvn.logpdf(x[0], np.zeros(3), c, allow_singular=True))(flat)
    with pytest.raises(ExpressionValueError, match="allow_singular=True"):
        mvn.logpdf(x[0], np.zeros(3), flat)
    with pytest.raises(ExpressionValueError, match="positive definite"):
        mvn.logpdf(x[0], np.zeros(3), -COV)
    with pytest.raises(ShapeError, match=r"points of shape \(2,\) in dimension 3"):
        mvn.logpdf(x[0, :2], np.zeros(3), COV)


def test_the_multivariate_distribution_function_is_scipy_s_and_refused():
    mvn = stats.multivariate_normal
    assert mvn.cdf([0.0, 0.0], None, np.eye(2)) == pytest.approx(0.25)
    assert mvn.logcdf([0.0], [0.0], [[1.0]]) == pytest.approx(np.log(0.5))
    for function in (mvn.cdf, mvn.logcdf):
        with pytest.raises(MissingRuleError, match="closed form"):
            grad(function)(np.zeros(2), None, np.eye(2))


@both_modes
def test_dirichlet(mode):
    alpha = np.array([2.0, 0.5, 4.0])
    x = np.array([[0.2, 0.1], [0.3, 0.3], [0.5, 0.6]])
    for given in (x, x[:, 0], x[:2], x[:2, 0]):
        for function in ("pdf", "logpdf"):
            found = getattr(stats.dirichlet, function)(given, alpha)
            wanted = getattr(st.dirichlet, function)(given, alpha)
            np.testing.assert_allclose(found, wanted, rtol=1e-14)
    in_x, in_alpha = mode.grad(stats.dirichlet.logpdf, wrt=(0, 1))(x[:, 0], alpha)
    np.testing.assert_allclose(in_x, (alpha - 1) / x[:, 0], rtol=1e-15)

    np.testing.assert_allclose(
        in_alpha, np.log(x[:, 0]) - digamma(alpha) + digamma(6.5), rtol=1e-13
    )
    second = mode.hessian(stats.dirichlet.logpdf, wrt=1)(x[:, 0], alpha)
    np.testing.assert_allclose(second, polygamma(1, 6.5) - np.diag(polygamma(1, alpha)), rtol=1e-12)
    with pytest.raises(ExpressionValueError, match="simplex"):
        stats.dirichlet.pdf([0.1, 0.2, 0.3], alpha)
    with pytest.raises(ExpressionValueError, match="alpha must be positive"):
        stats.dirichlet.pdf(x, -alpha)
    with pytest.raises(ShapeError, match="one less"):
        stats.dirichlet.pdf([0.5], alpha)
