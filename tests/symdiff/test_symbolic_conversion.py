"""To SymPy and back: what is understood, how it reads, and what is refused by name."""

import mpmath
import numpy as np
import pytest
import sympy as sp

from diffexpr import (
    BoundError,
    ExpressionTypeError,
    MissingRuleError,
    constant,
    e,
    parse,
    pi,
    symbol,
    symbols,
)
from symdiff import evaluate, from_sympy, to_sympy
from symdiff.constants import from_rational, is_float
from symdiff.elements import MAX_ELEMENTS

x, y, z = sp.symbols("x y z")
a, b = symbols("x y")

READS = [
    (2 * x, "2*x"),
    (x / y, "x/y"),
    (x**2, "x**2"),
    (sp.sqrt(x), "sqrt(x)"),
    (1 / sp.sqrt(x), "1/sqrt(x)"),
    (-x, "-x"),
    (-x * y, "-x*y"),
    (x - y, "x - y"),
    (1 - x**2, "1 - x**2"),
    (x / 2, "x/2"),
    (3 * x / (4 * y), "3*x/(4*y)"),
    (x ** sp.Rational(2, 3), "x**(2/3)"),
    (x**-2, "1/x**2"),
    (sp.exp(-x), "exp(-x)"),
    (sp.pi * x, "pi*x"),
    (sp.E**2 * x, "x*exp(2)"),
    (sp.Rational(2, 3), "2/3"),
    (sp.Rational(1, 10) * x, "x/10"),
    (sp.Rational(*(0.1).as_integer_ratio()) * x, "0.1*x"),
    (sp.Float(0.1) * x, "0.1*x"),
    (-sp.Float(0.1) * x, "-0.1*x"),
    (x**y, "x**y"),
]

UNDERSTOOD = [
    sp.log(x, 2),
    sp.sin(x) + sp.cos(x) * sp.tan(x) - sp.sec(x) / sp.csc(x) + sp.cot(x),
    sp.asin(x / 9) + sp.acos(x / 9) + sp.atan(x) + sp.acot(x) + sp.asec(3 + x) + sp.acsc(3 + x),
    sp.sinh(x) + sp.cosh(x) + sp.tanh(x) + sp.sech(x) + sp.csch(x) + sp.coth(x),
    sp.asinh(x) + sp.acosh(x + 1) + sp.atanh(x / 9) + sp.asech(x / 9) + sp.acsch(x),
    sp.acoth(x + 2) + sp.cbrt(x) + sp.root(x, 5),
    sp.Abs(x - 2) * sp.sign(x - 2) + sp.floor(x) * sp.ceiling(x) + sp.Mod(x, 2),
    sp.Min(x, y, 1) + sp.Max(x, y, 1) + sp.Heaviside(x - 1) + sp.Heaviside(x - y, 1),
    sp.Piecewise((x**2, x < 1), (x**3, sp.And(x >= 1, x <= 2)), (sp.log(x), True)),
    sp.Piecewise((1, sp.Or(x > 5, sp.Not(y > 5))), (2, sp.Ne(x, y) & sp.Eq(x, x)), (3, True)),
    sp.Piecewise((x, sp.ITE(y > 1, x > 0, x < 0)), (y, True)),
    sp.atan2(y, x) + sp.erf(x) + sp.erfc(x) + sp.erfi(x),
    sp.gamma(x) + sp.loggamma(x) + sp.digamma(x) + sp.polygamma(2, x) + sp.beta(x, y),
    sp.sinc(x) + sp.factorial(x),
    sp.EulerGamma + sp.GoldenRatio + sp.Catalan + sp.pi + sp.E,
    sp.Max(x, sp.Float(1e3)),
]


@pytest.mark.parametrize(("expr", "text"), READS)
def test_it_reads_as_one_writes_it(expr, text):
    assert str(from_sympy(expr)) == text


@pytest.mark.parametrize("expr", UNDERSTOOD)
def test_what_sympy_knows_is_understood(expr):
    at = {"x": mpmath.mpf(1.7), "y": mpmath.mpf(0.6)}
    with mpmath.workdps(40):
        truth = mpmath.mpf(sp.N(expr.subs({x: sp.Rational(17, 10), y: sp.Rational(3, 5)}), 30))
        found = evaluate(from_sympy(expr), at | {"x": "1.7", "y": "0.6"}, digits=30)
        # The constants without a name in the language are float64.
        assert abs(found - truth) < 1e-15 * max(1, abs(truth))


@pytest.mark.parametrize(
    ("expr", "name"),
    [
        (sp.LambertW(x), "LambertW"),
        (sp.zeta(x), "zeta"),
        (sp.Function("f")(x), "f"),
        (sp.Derivative(sp.Function("g")(x), x), "Derivative"),
        (sp.Integral(x, x), "Integral"),
        (sp.I * x, "I, the imaginary unit"),
        (sp.DiracDelta(x), "DiracDelta"),
        (sp.airyai(x), "airyai"),
        (sp.Matrix([x]), "Matrix"),
    ],
)
def test_what_the_language_lacks_is_named(expr, name):
    with pytest.raises((MissingRuleError, ExpressionTypeError), match=name):
        from_sympy(expr)


@pytest.mark.parametrize("thing", ["x**2", None, [1], object()])
def test_text_is_not_run(thing):
    with pytest.raises(ExpressionTypeError, match="not an expression of SymPy"):
        from_sympy(thing)


def test_numbers():
    assert from_sympy(2.5) is constant(2.5)
    assert from_sympy(sp.true) is constant(True)
    assert from_sympy(sp.oo) is constant(float("inf"))
    assert from_sympy(-sp.oo) is constant(float("-inf"))
    assert np.isnan(from_sympy(sp.nan).params[0])
    assert from_sympy(sp.pi) is pi
    assert from_sympy(sp.E) is e
    assert to_sympy(pi * e) == sp.pi * sp.E
    assert to_sympy(constant(float("inf"))) is sp.oo
    assert to_sympy(constant(float("-inf"))) == -sp.oo
    assert to_sympy(constant(float("nan"))) is sp.nan
    assert to_sympy(constant(1 + 2j)) == 1 + 2 * sp.I
    assert to_sympy(constant(0.75)) == sp.Rational(3, 4)


@pytest.mark.parametrize("value", [0.1, -0.1, 1e-300, 1e300, 5.5, 2.0**-40, 123456789.125])
def test_floats_come_back_as_they_were(value):
    back = from_sympy(to_sympy(constant(value)))
    assert back() == value


def test_products_of_floats_keep_fifty_digits():
    for q in (
        sp.Rational(*(0.1).as_integer_ratio()) ** 2,
        sp.Rational(*(0.1).as_integer_ratio()) ** 3,
        3 * sp.Rational(*(0.1).as_integer_ratio()),
        sp.Rational(*(0.1).as_integer_ratio()) - 1,
        sp.Rational(*(0.3).as_integer_ratio()) + 7,
        sp.Rational(10**40 + 1, 3),
    ):
        found = evaluate(from_rational(q), {}, digits=60)
        with mpmath.workdps(80):
            assert (
                abs(found - mpmath.mpf(int(q.p)) / int(q.q)) <= abs(found) * mpmath.mpf(10) ** -50
            )


def test_numbers_beyond_float64_are_refused():
    for q in (sp.Integer(10) ** 400, -(sp.Integer(10) ** 400), sp.Rational(1, 10**400)):
        with pytest.raises(ValueError, match="beyond float64"):
            from_sympy(q)
    assert not is_float(sp.Rational(1, 3))


def test_piecewise_without_a_default_is_undefined():
    f = from_sympy(sp.Piecewise((x, x > 0)))
    assert f(x=1.0) == 1
    assert np.isnan(f(x=-1.0))


def test_long_sums_and_deep_nests_convert():
    total = sp.Add(*(sp.Symbol(f"v{i}") for i in range(300)))
    assert len(from_sympy(total).variables) == 300
    nest = x
    for _ in range(200):
        nest = sp.sin(nest)
    assert from_sympy(nest)(x=1.0) < 1


def test_arrays_become_object_arrays():
    w = symbol("w", (2, 2))
    found = to_sympy(w * 2)
    assert found.shape == (2, 2)
    assert found[0, 1] == 2 * sp.Symbol("w_0_1", real=True)
    assert to_sympy(symbol("w_0_1") + w[0, 1]).free_symbols == {
        sp.Symbol("w_0_1", real=True),
        sp.Symbol("w_0_1_", real=True),
    }


def test_plain_sympy_comes_out():
    f = parse("abs(x) + sign(y) + floor(x) + sigmoid(x) + relu(y) + maximum(x, y) + hypot(x, y)")
    found = to_sympy(f)
    assert found.has(sp.Abs, sp.sign, sp.floor, sp.Max)
    assert all(type(n).__module__.startswith("sympy") for n in sp.preorder_traversal(found))
    assert to_sympy(np.where(a > 0, a, b)) == sp.Piecewise(
        (sp.Symbol("x", real=True), sp.Symbol("x", real=True) > 0),
        (sp.Symbol("y", real=True), True),
    )


def test_reductions_in_plain_sympy():
    from diffexpr.functions import logsumexp

    w = symbol("w", (2,))
    u, v = sp.symbols("w_0 w_1", real=True)
    assert to_sympy(np.linalg.norm(w)) == sp.sqrt(u**2 + v**2)
    assert to_sympy(np.max(w) - np.min(w)) == sp.Max(u, v) - sp.Min(u, v)
    assert to_sympy(logsumexp(w)) == sp.log(sp.exp(u) + sp.exp(v))


def test_graphs_too_large_to_write_out_are_refused():
    z, constants = a, constant(1.1)
    for _ in range(60):
        z = np.abs(np.log(z)) * z + np.maximum(z, 2) ** b
        constants = np.sin(constants) * constants + constants
    for f in (z, constants * a):
        with pytest.raises(BoundError, match="written out") as caught:
            to_sympy(f)
        assert caught.value.bound == "operations"
    deep = a
    for _ in range(5000):
        deep = np.sin(deep)
    with pytest.raises(BoundError, match="nested too deeply") as caught:
        to_sympy(deep)
    assert caught.value.bound == "depth"
    nest = a
    for _ in range(7):
        nest = np.abs(np.log(nest)) * nest + np.maximum(nest, 2) ** b
    assert to_sympy(nest).is_Add


def test_truth_values_count_as_numbers_and_numbers_as_truth():
    f = (a > 1) * b
    assert evaluate(f, {"x": 2, "y": 3}) == 3
    assert evaluate(from_sympy(to_sympy(f)), {"x": 0, "y": 3}) == 0
    g = np.where(a, b, -b)
    assert evaluate(from_sympy(to_sympy(g)), {"x": 0, "y": 3}) == -3
    flag = symbol("flag", dtype=bool)
    assert to_sympy(np.logical_or(flag, a > 0)).has(sp.Or)
    assert to_sympy(constant(True) * a) is not None


def test_giant_constants_stay_powers_or_floats():
    giant = constant(9) ** (constant(9) ** 9)
    assert to_sympy(giant).is_Float
    assert str(to_sympy(giant)).startswith("4.28124773175747")
    many = parse("gamma(100000) + gamma(5)")
    assert to_sympy(many).is_Float
    assert to_sympy(constant(1) / constant(0) * a).has(sp.oo)
    assert to_sympy(np.log(constant(-1.0))) is sp.nan
    assert to_sympy(-1 / constant(0.0)) == -sp.oo


def test_bounds_are_named():
    big = symbol("w", (MAX_ELEMENTS + 1,))
    with pytest.raises(BoundError, match="10,000") as caught:
        to_sympy(big)
    assert caught.value.bound == "array elements"
    m = symbol("m", (90, 90))
    with pytest.raises(BoundError, match="graph nodes") as caught:
        to_sympy(m @ m)
    assert caught.value.limit == 100_000
    chain = a
    for _ in range(100_001):
        chain = np.sin(chain)
    with pytest.raises(BoundError, match="graph nodes"):
        to_sympy(chain)
