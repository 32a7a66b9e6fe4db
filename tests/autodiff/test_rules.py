"""Every row of the table, every argument, both modes, first and second order."""

import itertools

import numpy as np
import pytest
from truth import VALUES, slope

from autodiff import forward, reverse, rules
from diffexpr import primitives
from diffexpr.apply import apply

MODES = [forward, reverse]
CONSTANT = {"where": 1, "polygamma": 1, "heaviside": 0}
"""Leading arguments that carry no derivative (heaviside: none at all)."""


def smooth_rows():
    return [name for name, row in primitives.TABLE.items() if row.kind != "bool"]


def points(name):
    """Sampled points of the domain, every argument at every sample of its own."""
    domains = primitives.TABLE[name].domains
    grid = list(itertools.product(*(d.samples for d in domains)))
    kink = primitives.TABLE[name].kink
    if kink is not None:
        grid = [at for at in grid if np.all(np.abs(kink.margin(*at)) > 1e-3)]
    return grid[:12]


def close(found, true, scale=1.0):
    # A partial is a handful of operations, the special functions of SciPy are good to 1e-13.
    assert found == pytest.approx(true, rel=2e-12, abs=2e-13 * scale)


def differentiable(name):
    return [i for i in range(len(rules.PARTIALS[name])) if rules.is_differentiable(name, i)]


def test_every_row_has_its_partials():
    for name in smooth_rows():
        assert len(rules.PARTIALS[name]) == primitives.TABLE[name].arity, name
    assert set(rules.PARTIALS) == set(smooth_rows())
    assert set(primitives.TABLE) == set(VALUES)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", smooth_rows())
def test_first_order(name, mode):
    cases = points(name)
    assert cases, name
    for at in cases:
        for i in differentiable(name):
            found = mode.derivative(lambda *xs: apply(name, xs), wrt=i)(*at)
            close(found, slope(VALUES[name], at, i))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", smooth_rows())
def test_second_order(name, mode):
    which = tuple(differentiable(name))
    for at in points(name)[:5]:
        found = mode.hessian(lambda *xs: apply(name, xs), wrt=which)(*at)
        for (r, i), (c, j) in itertools.product(enumerate(which), repeat=2):
            close(found[r][c], slope(VALUES[name], at, i, j), 100)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", smooth_rows())
def test_arrays_and_numbers_agree(name, mode):
    cases = points(name)
    columns = [np.array(column) for column in zip(*cases, strict=True)]
    for i in differentiable(name):

        def f(*xs):
            return apply(name, xs)

        at_once = mode.derivative(f, wrt=i)(*columns)
        singly = [mode.derivative(f, wrt=i)(*at) for at in cases]
        np.testing.assert_allclose(at_once, singly, rtol=1e-14, atol=0)


def analytic_rows(*but):
    rows = smooth_rows()
    return [name for name in rows if primitives.TABLE[name].analytic and name not in but]


# SciPy's gamma of x + ih has an imaginary part of 1e-16 for negative x, whatever h is.
@pytest.mark.parametrize("name", analytic_rows("gamma"))
def test_complex_step_agrees(name):
    """Of an analytic function at x + ih the imaginary part is h f'(x), without cancellation."""
    tolerance = 1e-10 if name in ("loggamma", "digamma") else 1e-12  # SciPy's complex functions
    for at in points(name)[:6]:
        for i in differentiable(name):
            moved = [complex(x, 1e-30 * (k == i)) for k, x in enumerate(at)]
            expected = primitives.TABLE[name].value(*moved).imag / 1e-30
            found = forward.derivative(lambda *xs: apply(name, xs), wrt=i)(*at)
            assert found == pytest.approx(expected, rel=tolerance, abs=1e-13)


@pytest.mark.parametrize("mode", MODES)
# SciPy has no polygamma of complex numbers.
@pytest.mark.parametrize("name", analytic_rows("digamma"))
def test_holomorphic_derivative_of_complex_numbers(name, mode):
    at = tuple(complex(x, 0.01) for x in points(name)[0])
    h = 1e-6
    for i in differentiable(name):
        ahead, behind = (
            primitives.TABLE[name].value(*(x + s * (k == i) for k, x in enumerate(at)))
            for s in (h, -h)
        )
        found = mode.derivative(lambda *xs: apply(name, xs), wrt=i)(*at)
        # Central difference: error of order h**2 times the third derivative, plus eps/h.
        assert abs(found - (ahead - behind) / (2 * h)) < 1e-7 * max(1, abs(found))


@pytest.mark.parametrize("name", ["equal", "less", "logical_and", "logical_not"])
def test_comparisons_have_no_partials(name):
    assert name not in rules.PARTIALS


@pytest.mark.parametrize(
    ("name", "at", "expected"),
    [
        ("tanh", 20.0, 1.6993417021166355e-17),  # 4 exp(-40) / (1 + exp(-40))**2
        ("tanh", 800.0, 0.0),
        ("coth", 20.0, -1.6993417021166355e-17),
        ("sigmoid", 40.0, 4.248354255291589e-18),
        ("sigmoid", -800.0, 0.0),
        ("expm1", -40.0, 4.248354255291589e-18),
        ("log1p", 1e-300, 1.0),
        ("softplus", 800.0, 1.0),
        ("silu", -800.0, 0.0),
        ("sinc", 0.0, 0.0),
        ("sinc", 1e-8, -3.289868133696453e-08),  # -pi**2 x/3
        ("sinc", 0.15999, slope(VALUES["sinc"], (0.15999,), 0)),
        ("sinc", 0.16001, slope(VALUES["sinc"], (0.16001,), 0)),
        ("arcsinh", 1e200, 1e-200),
        ("arccosh", 1e200, 1e-200),
        ("arccsch", 1e-200, -1e200),
        ("arcsin", 1 - 2**-53, 67108864.0),  # 1/sqrt(2**-52 (1 - 2**-54))
        ("gelu", -30.0, slope(VALUES["gelu"], (-30.0,), 0)),
        ("mish", 40.0, slope(VALUES["mish"], (40.0,), 0)),
        ("sqrt", 0.0, np.inf),
        ("log", 0.0, np.inf),
    ],
)
def test_partials_do_not_cancel_or_overflow(name, at, expected):
    for mode in MODES:
        found = mode.derivative(lambda x: apply(name, (x,)))(at)
        # exp itself is off by half an ulp times its argument's size, 800 at most.
        assert found == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize(
    ("at", "partial", "expected"),
    [
        ((0.0, 2.0), 0, 0.0),
        ((0.0, 1.0), 0, 1.0),
        ((0.0, 0.0), 0, 0.0),
        ((-3.0, 2.0), 0, -6.0),
        ((-3.0, 3.0), 0, 27.0),
        ((-3.0, -1.0), 0, -1 / 9),
        ((0.0, 2.0), 1, 0.0),
        ((0.0, 0.5), 0, np.inf),
        ((2.0, 3.0), 1, 8 * np.log(2)),
    ],
)
def test_power_at_its_edges(at, partial, expected):
    for mode in MODES:
        grad = mode.grad(lambda x, y: x**y, wrt=(0, 1))(*at)
        assert grad[partial] == pytest.approx(expected)
        if partial == 0:
            assert mode.grad(lambda x: x ** at[1])(at[0]) == pytest.approx(expected)
        else:
            assert mode.grad(lambda y: at[0] ** y)(at[1]) == pytest.approx(expected)


def test_large_logaddexp_keeps_its_digits():
    for mode in MODES:
        found = mode.derivative(np.logaddexp, wrt=0)(1e6, 1e6 + 0.5)
        assert found == pytest.approx(1 / (1 + np.exp(0.5)), rel=1e-15)
