"""Taylor coefficients of every elementwise row, against mpmath from values alone."""

import itertools

import mpmath
import numpy as np
import pytest
from truth import VALUES

from autodiff import rules
from autodiff.jet import taylor
from autodiff.series import growing
from autodiff.series.series_products import INTEGER_POWERS
from autodiff.series.series_rules import RECURRENCES
from diffexpr import primitives
from diffexpr.apply import apply

ORDER = 6
DIRECTION = (0.6, -0.4, 0.3)
BY_CONTOUR = frozenset(("y0", "y1", "yv", "k0", "k1", "kv"))
"""Analytic rows whose real differences mpmath takes seconds for."""


def rows():
    return [name for name, row in primitives.TABLE.items() if row.kind != "bool"]


def points(name):
    """Two points of the domain, off the kinks."""
    row = primitives.TABLE[name]
    grid = list(itertools.product(*(d.samples for d in row.domains)))
    if row.kink is not None:
        grid = [at for at in grid if np.all(np.abs(row.kink.margin(*at)) > 1e-3)]
    return grid[:: max(1, len(grid) // 2)][:2]


def line(name, at, direction):
    """The row along a straight line, on mpmath's numbers."""

    def f(t):
        moved = [
            mpmath.mpf(float(x)) + (t * mpmath.mpf(v) if v else 0)
            for x, v in zip(at, direction, strict=True)
        ]
        return VALUES[name](*moved)

    return f


def exact(name, at, direction):
    with mpmath.workdps(30):
        f = line(name, at, direction)
        if name not in BY_CONTOUR:
            return [float(mpmath.re(c)) for c in mpmath.taylor(f, 0, ORDER)]
        # Cauchy's formula by 24 points on a circle inside the domain: what is left out are
        # coefficients 24 and higher times radius**24.
        radius, count = mpmath.mpf("0.05"), 24
        turns = [mpmath.expjpi(mpmath.mpf(2 * j) / count) for j in range(count)]
        values = [f(radius * z) for z in turns]
        return [
            float(mpmath.re(sum(v / z**k for v, z in zip(values, turns, strict=True))))
            / count
            / float(radius) ** k
            for k in range(ORDER + 1)
        ]


@pytest.mark.parametrize("name", rows())
def test_coefficients_of_every_row(name):
    moving = [rules.is_differentiable(name, i) for i in range(primitives.TABLE[name].arity)]
    if not any(moving):
        pytest.fail(f"{name} has no argument to differentiate; say here what is expected")
    direction = [v if on else 0.0 for v, on in zip(DIRECTION, moving, strict=False)]
    for at in points(name):

        def f(t, at=at):
            return apply(
                name,
                tuple(
                    x + v * t if on else x for x, v, on in zip(at, direction, moving, strict=True)
                ),
            )

        expected = np.array(exact(name, at, direction))
        found = taylor(f, 0.0, ORDER)
        # Rounding goes with the largest coefficients; SciPy's values are good to 1e-13.
        size = np.abs(expected) + 1e-2 * np.max(np.abs(expected[1:]), initial=0)
        np.testing.assert_array_less(np.abs(found - expected), 1e-12 * size + 1e-300)


@pytest.mark.parametrize("name", rows())
def test_arrays_and_numbers_agree(name):
    moving = [rules.is_differentiable(name, i) for i in range(primitives.TABLE[name].arity)]
    cases = points(name)

    def f(t, at):
        return apply(name, tuple(x + t if on else x for x, on in zip(at, moving, strict=True)))

    columns = [np.array(column) for column in zip(*cases, strict=True)]
    together = taylor(lambda t: f(t, columns), 0.0, 4)
    singly = np.stack([taylor(lambda t, at=at: f(t, at), 0.0, 4) for at in cases], -1)
    # Vector loops of NumPy and SciPy round differently from their scalar ones.
    np.testing.assert_allclose(together, singly, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", sorted(RECURRENCES))
def test_recurrences_are_those_of_the_partials(name, monkeypatch):
    """The general way must find the same coefficients from the derivative alone."""
    arity = primitives.TABLE[name].arity
    at = (True, 0.7, 1.3)[-arity:] if name == "where" else (0.7, 1.3)[:arity]

    def f(t):
        curve = [x if x is True else x + np.sin((k + 1) * t) for k, x in enumerate(at)]
        return apply(name, tuple(curve))

    direct = taylor(f, 0.0, 8)
    monkeypatch.delitem(RECURRENCES, name)
    np.testing.assert_allclose(taylor(f, 0.0, 8), direct, rtol=1e-12, atol=1e-13)


GAMMAS = frozenset(("gamma", "loggamma", "gammaln", "digamma", "polygamma", "beta", "betaln"))
BESSELS = frozenset(f"{kind}{n}" for kind in "jyik" for n in "01v") | {"i0e", "i1e", "ive"}
EVER_NEW = GAMMAS | BESSELS
"""Rows whose derivatives lead to a new function each time, by a recurrence in their order."""


@pytest.mark.parametrize("name", rows())
def test_formulas_close_on_themselves(name, monkeypatch):
    """The series inside a formula are as many at any order, so that the cost is n**2."""
    made = []
    original = growing.Growing.__init__

    def counted(self, *args, **options):
        made.append(self)
        original(self, *args, **options)

    monkeypatch.setattr(growing.Growing, "__init__", counted)
    moving = [rules.is_differentiable(name, i) for i in range(primitives.TABLE[name].arity)]
    at = points(name)[0]

    def series_up_to(order):
        made.clear()
        taylor(
            lambda t: apply(
                name, tuple(x + t if on else x for x, on in zip(at, moving, strict=True))
            ),
            0.0,
            order,
        )
        return len(made)

    if name in EVER_NEW:
        assert series_up_to(16) <= 2.2 * series_up_to(8)
    else:
        assert series_up_to(16) == series_up_to(8)


class TestPowers:
    @pytest.mark.parametrize("r", [-3, -1, -0.5, 0.5, 1, 2, 3, 7, 7.5, 64, 65, 100.0])
    @pytest.mark.parametrize("x", [0.3, 1.7])
    def test_constant_exponent(self, x, r):
        def f(t):
            return np.exp(np.sin(t)) * x

        with mpmath.workdps(60):
            curve = mpmath.taylor(
                lambda t: (mpmath.exp(mpmath.sin(t)) * mpmath.mpf(x)) ** mpmath.mpf(r), 0, 8
            )
        expected = [float(c) for c in curve]
        # x**r itself loses r ulp when x is rounded before.
        np.testing.assert_allclose(taylor(lambda t: f(t) ** r, 0.0, 8), expected, rtol=1e-13)

    def test_exponents_in_an_array(self):
        x, r = 0.7, np.array([0, 1, 2, 3, 2.5, -1])
        together = taylor(lambda v: v**r, x, 5)
        singly = np.stack([taylor(lambda v, e=e: v**e, x, 5) for e in r], -1)
        np.testing.assert_allclose(together, singly, rtol=1e-14)
        outer = taylor(lambda v: v[:, None] ** np.arange(4), np.array([0.0, 2.0]), 3)
        np.testing.assert_array_equal(outer[:, 0], np.eye(4))
        np.testing.assert_array_equal(
            outer[:, 1], [[1, 2, 4, 8], [0, 1, 4, 12], [0, 0, 1, 6], [0, 0, 0, 1]]
        )

    def test_exponents_beyond_products_at_zero(self):
        n = INTEGER_POWERS + 6
        found = taylor(lambda x: (2 * x) ** n, 0.0, n + 2)
        np.testing.assert_array_equal(found, 2.0**n * (np.arange(n + 3) == n))

    def test_varying_exponent(self):
        with mpmath.workdps(60):
            curve = mpmath.taylor(lambda t: t**t, mpmath.mpf(1.5), 8)
        np.testing.assert_allclose(
            taylor(lambda x: x**x, 1.5, 8), [float(c) for c in curve], rtol=1e-13
        )
        with mpmath.workdps(60):
            curve = mpmath.taylor(lambda t: mpmath.mpf(2.5) ** t, mpmath.mpf(1.5), 8)
        np.testing.assert_allclose(
            taylor(lambda x: 2.5**x, 1.5, 8), [float(c) for c in curve], rtol=1e-14
        )

    def test_value_is_that_of_the_power(self):
        x = np.linspace(0.1, 3, 50)
        for r in (3, 5, 2.5):
            np.testing.assert_array_equal(taylor(lambda v, r=r: v**r, x, 2)[0], x**r)


class TestSinc:
    @pytest.mark.parametrize("x", [0.0, 0.1, 0.159, 0.161, 0.5, 1.3, 3.1])
    @pytest.mark.parametrize("n", [4, 20, 40])
    def test_near_zero_and_away_to_high_order(self, x, n):
        with mpmath.workdps(120):
            curve = mpmath.taylor(VALUES["sinc"], mpmath.mpf(x), n)
        expected = np.array([float(c) for c in curve])
        size = np.maximum(np.abs(expected), np.abs(np.roll(expected, 1)))
        # The quotient and the power series each lose some digits where they meet.
        assert np.all(np.abs(taylor(np.sinc, x, n) - expected) <= 1e-11 * size)

    def test_both_in_one_array(self):
        x = np.array([0.0, 0.3, 5.0])
        singly = np.stack([taylor(np.sinc, v, 5) for v in x], -1)
        np.testing.assert_allclose(taylor(np.sinc, x, 5), singly, rtol=1e-13, atol=1e-16)
