"""The plain methods have the order they claim, and bars that hold."""

import numpy as np
import pytest

import numdiff
from numdiff import Status


@pytest.mark.parametrize(("method", "order"), [("2-point", 1), ("3-point", 2)])
def test_order_shows_when_the_step_is_halved(method, order):
    def error(h):
        return abs(numdiff.estimate(np.exp, 0.3, method=method, abs_step=h).value - np.exp(0.3))

    # The next term of the expansion is smaller by about h, 1 % here.
    assert np.log2(error(0.02) / error(0.01)) == pytest.approx(order, abs=0.02)
    assert numdiff.estimate(np.exp, 0.3, method=method).order == order


def test_one_sided_three_point_formula_has_order_two():
    def error(h):
        result = numdiff.estimate(np.exp, 0.3, method="3-point", abs_step=h, bounds=(0.3, 9))
        return abs(result.value - np.exp(0.3))

    assert np.log2(error(0.02) / error(0.01)) == pytest.approx(2, abs=0.05)


@pytest.mark.parametrize("method", ["2-point", "3-point"])
def test_bars_cover_and_steps_are_used(method):
    x = np.array([-2.0, 0.1, 1.0, 30.0])
    result = numdiff.estimate(np.sin, x, method=method)
    assert np.all(np.abs(result.value - np.cos(x)) <= result.error)
    assert np.all(result.error < 1e-5)
    given = numdiff.estimate(np.sin, x, method=method, rel_step=1e-3)
    np.testing.assert_allclose(given.step, 1e-3 * np.abs(x), rtol=1e-9)


@pytest.mark.parametrize("method", ["2-point", "3-point"])
def test_states(method):
    assert numdiff.estimate(np.log, 0.0, method=method).status == Status.UNDEFINED
    assert np.isnan(numdiff.estimate(np.log, 0.0, method=method).value)
    edge = numdiff.estimate(lambda x: x * np.sqrt(x), 0.0, method=method)
    assert edge.status == Status.EDGE
    # No step of twice the size fits; two points on each side of x still tell of each other.
    narrow = numdiff.estimate(np.exp, 1.0, method=method, abs_step=0.3, bounds=(0.5, 1.5))
    if method == "2-point":
        assert abs(narrow.value - np.e) <= narrow.error < 1
    else:
        assert narrow.status == Status.INCONCLUSIVE
        assert np.isinf(narrow.error)
