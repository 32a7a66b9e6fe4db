"""NumPy's ufuncs that are several operations: NumPy's values, argued derivatives, no NaN."""

import itertools

import numpy as np
import pytest
import scipy.special as sc

from autodiff import forward, grad, reverse
from diffexpr import ExpressionTypeError, evaluate, parse, symbol, symbols
from diffexpr.compositions import COMPOSED, IN_TEXT

both_modes = pytest.mark.parametrize("mode", [forward, reverse], ids=["forward", "reverse"])

EDGES = np.array([0.0, -0.0, 1.0, -1.0, 0.1, -2.5, 7.0, 1e300, -1e300, np.inf, -np.inf, np.nan])
TWO_RESULTS = {"divmod", "modf"}
# A quotient beyond 2**53 has no remainder to speak of, and terms may be inf - inf.
FINITE_ONLY = {"floor_divide", "divmod", "fmod", "modf", "kl_div"}


def numpy_s(name):
    return getattr(np, name, None) or getattr(sc, name)


def points(name, ufunc):
    edges = EDGES[(np.abs(EDGES) < 10)] if name in FINITE_ONLY else EDGES
    return np.array(list(itertools.product(edges, repeat=ufunc.nin))).T


@pytest.mark.parametrize("name", [n for n in COMPOSED if n not in ("ldexp", "yn", "kn")])
def test_the_value_is_that_of_the_ufunc(name):
    ufunc = numpy_s(name)
    columns = points(name, ufunc)
    with np.errstate(all="ignore"):
        wanted = ufunc(*columns)
        found = COMPOSED[name](*columns)
        names = symbols("x y")[: ufunc.nin]
        traced = ufunc(*names)
    at = {v.name: c for v, c in zip(names, columns, strict=True)}
    parts = (
        zip(wanted, found, traced, strict=True)
        if name in TWO_RESULTS
        else [(wanted, found, traced)]
    )
    for true, plain, expr in parts:
        # Logarithms and quantiles are two or three roundings off.
        np.testing.assert_allclose(plain, true, rtol=2e-15)
        np.testing.assert_allclose(evaluate(expr, at), true, rtol=2e-15)
        assert np.asarray(plain).dtype == np.asarray(true).dtype


@pytest.mark.parametrize("name", IN_TEXT)
def test_a_text_may_call_them(name):
    _, operands = IN_TEXT[name]
    names = symbols("x y")[: len(operands.split())]
    made = parse(f"{name}({', '.join(v.name for v in names)})")
    assert made is COMPOSED[name](*names)


@both_modes
@pytest.mark.parametrize(
    ("f", "at", "slopes"),
    [
        (np.trunc, (-2.5,), (0,)),
        (np.fix, (2.5,), (0,)),
        (np.fmod, (-7.5, 2.0), (1, 3)),  # -trunc(-7.5/2)
        (np.fmod, (7.5, -2.0), (1, 3)),
        (np.fmod, (0.0, 2.0), (1, 0)),
        (np.floor_divide, (-7.5, 2.0), (0, 0)),
        (np.copysign, (3.0, -2.0), (-1, 0)),
        (np.copysign, (-3.0, 2.0), (-1, 0)),
        (np.copysign, (3.0, -0.0), (-1, 0)),
        (np.fmax, (1.0, 2.0), (0, 1)),
        (np.fmax, (2.0, 2.0), (0.5, 0.5)),
        (np.fmax, (np.nan, 2.0), (0, 1)),
        (np.fmin, (1.0, np.nan), (1, 0)),
        (np.fmin, (1.0, 2.0), (1, 0)),
        (np.logaddexp2, (3.0, 3.0), (0.5, 0.5)),
        (np.logaddexp2, (-1e4, 1e4), (0, 1)),
        (np.fabs, (-3.0,), (-1,)),
        (np.deg2rad, (3.0,), (np.pi / 180,)),
        (np.degrees, (3.0,), (180 / np.pi,)),
        (np.positive, (3.0,), (1,)),
        (np.float_power, (3.0, 2.0), (6, 9 * np.log(3))),
        (lambda x: np.ldexp(x, 3), (1.5,), (8,)),
        (lambda x: np.ldexp(x, 1070), (1e-300,), (np.inf,)),
        (lambda x: np.modf(x)[0], (-2.5,), (1,)),
        (lambda x: np.modf(x)[1], (-2.5,), (0,)),
        (lambda x, y: np.divmod(x, y)[1], (7.5, 2.0), (1, -3)),
        (lambda x, y: divmod(x, y)[1], (7.5, 2.0), (1, -3)),
        (np.i0, (2.0,), (sc.i1(2.0),)),
        (lambda x: np.where(np.isnan(x), 0.0, x) ** 2, (3.0,), (6,)),
        (lambda x: np.where(np.isfinite(x) & ~np.signbit(x), x**2, 0.0), (3.0,), (6,)),
        (lambda x: np.where(np.logical_xor(x > 1, x > 5), x**2, 0.0), (3.0,), (6,)),
    ],
)
def test_derivatives(mode, f, at, slopes):
    found = mode.grad(f, wrt=tuple(range(len(at))))(*at)
    assert found == pytest.approx(slopes)


@both_modes
def test_truth_values_of_what_is_differentiated_are_plain(mode):
    seen = []

    def f(x):
        for ufunc in (np.isnan, np.isinf, np.isfinite, np.signbit):
            seen.append(ufunc(x))
        return np.sum(x)

    x = np.array([1.0, -np.inf, np.nan, -0.0])
    mode.grad(f)(x)
    for ufunc, found in zip((np.isnan, np.isinf, np.isfinite, np.signbit), seen[:4], strict=True):
        assert type(found) is np.ndarray
        np.testing.assert_array_equal(found, ufunc(x))


def test_complex_numbers_are_finite_or_not():
    z = np.array([1 + 2j, complex(np.inf, 0), complex(0, np.nan)])
    for name in ("isnan", "isinf", "isfinite"):
        np.testing.assert_array_equal(COMPOSED[name](z), getattr(np, name)(z))


def test_whole_division_of_floats_is_exact():
    x = symbol("x")
    assert evaluate(x // 0.1, {"x": 1.0}) == 1.0 // 0.1 == 9.0
    assert parse("x // 0.1") is x // 0.1
    assert str(x // 2) == "round((x - x % 2)/2)"
    assert grad(lambda x: x // 0.1 + x % 0.1)(1.0) == 1


def test_what_is_known_leaves_no_trace():
    x = symbol("x")
    assert str(np.fmax(x, 2.0)) == "where(x != x, 2.0, maximum(x, 2.0))"
    assert (
        str(np.fmod(x, 2.0))
        == "where(x < 0, -(where(x < 0, -x, x) % 2.0), where(x < 0, -x, x) % 2.0)"
    )


def test_the_exponent_of_ldexp_is_constant():
    with pytest.raises(ExpressionTypeError, match=r"np\.exp2\(exponent\)"):
        grad(lambda n: np.ldexp(1.5, n))(2.0)
    np.testing.assert_array_equal(
        COMPOSED["ldexp"](np.array([1e-300, 3.0]), [1900, -3]), np.ldexp([1e-300, 3.0], [1900, -3])
    )
