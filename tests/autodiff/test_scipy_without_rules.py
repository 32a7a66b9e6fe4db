"""What SciPy has and this package has no derivative of: works on numbers, refuses what is boxed."""

import numpy as np
import pytest
import scipy.special
import scipy.stats

from autodiff import grad
from autodiff.scipy import special, stats
from diffexpr import MissingRuleError


def test_the_rest_of_a_distribution_is_scipy_s():
    drawn = stats.norm.rvs(1.0, 2.0, size=3, random_state=0)
    np.testing.assert_array_equal(drawn, scipy.stats.norm.rvs(1.0, 2.0, size=3, random_state=0))
    assert stats.gamma.mean(2.0) == 2.0
    assert stats.multivariate_normal.rvs([0.0, 0.0], random_state=1).shape == (2,)
    assert stats.dirichlet.rvs([1.0, 2.0], random_state=1).sum() == pytest.approx(1)


def test_other_distributions_and_functions_are_scipy_s():
    assert stats.cauchy.pdf(0.3) == scipy.stats.cauchy.pdf(0.3)
    np.testing.assert_array_equal(
        stats.zscore([1.0, 2.0, 4.0]), scipy.stats.zscore([1.0, 2.0, 4.0])
    )
    assert special.comb(5, 2) == 10
    assert special.sinc is np.sinc


@pytest.mark.parametrize(
    ("f", "name"),
    [
        (lambda m: stats.norm.rvs(loc=m), "norm.rvs"),
        (lambda x: stats.cauchy.logpdf(x), "cauchy.logpdf"),
        (lambda x: stats.zscore(np.stack([x, 2 * x])), "zscore"),
        (lambda x: special.comb(5.0, x), "comb"),
    ],
)
def test_what_is_differentiated_is_refused(f, name):
    with pytest.raises(MissingRuleError, match=rf"{name} has no derivative here; .*numdiff"):
        grad(f)(1.0)


def test_what_does_not_exist_is_missing():
    for module in (stats, stats.norm, special):
        with pytest.raises(AttributeError):
            module.no_such_thing  # noqa: B018
