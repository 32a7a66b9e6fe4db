"""Powers as products: right to their roundings, and at every edge what the power was."""

from fractions import Fraction

import mpmath as mp
import numpy as np
import pytest
from pass_graphs import edges, identical, same_bits

from autodiff import reverse
from compare.lower.passes.powers import LARGEST, powers
from diffexpr import constant, evaluate, parse, symbol, symbols
from diffexpr.apply import apply
from diffexpr.walk import topological

x, y = symbols("x y")
WHOLE = [n for n in range(-LARGEST, LARGEST + 1) if n]
HALVES = [k + 0.5 for k in range(-4, 4)]


def written_out(*exprs):
    return powers(exprs)


def at(expr, values):
    with np.errstate(all="ignore"):
        return np.asarray(evaluate(expr, {"x": values}))


def same_kind(one, other) -> bool:
    """NaN, infinities, zeros and signs in the same places."""
    return bool(
        one.dtype == other.dtype
        and np.array_equal(np.isnan(one), np.isnan(other))
        and np.array_equal(np.isinf(one), np.isinf(other))
        and np.array_equal(one == 0, other == 0)
        and np.array_equal(np.signbit(one)[~np.isnan(one)], np.signbit(other)[~np.isnan(one)])
    )


@pytest.mark.parametrize("kind", [float, np.float32])
@pytest.mark.parametrize("n", WHOLE)
def test_whole_powers_are_right_to_their_roundings(n, kind) -> None:
    (found,) = written_out(x**n)
    assert all(node.op in ("square", "multiply", "divide", "symbol", "constant")
               for node in topological(found))  # fmt: skip
    rng = np.random.default_rng(abs(n))
    # Sizes whose powers are neither infinite nor subnormal in float32.
    points = (rng.choice([-1, 1], 60) * 10.0 ** (rng.uniform(-36, 36, 60) / abs(n))).astype(kind)
    # One rounding for each multiplication but the first factor; n more for a rounded 1/x.
    roundings = abs(n) - 1 + (abs(n) if n < 0 else 0)
    unit = Fraction(float(np.finfo(kind).eps)) / 2
    for point, value in zip(points, at(found, points), strict=True):
        exact = Fraction(float(point)) ** n
        assert abs(Fraction(float(value)) - exact) <= roundings * unit * abs(exact) * Fraction(1.01)


@pytest.mark.parametrize("kind", [float, np.float32])
@pytest.mark.parametrize("n", [*WHOLE, 2.0, -3.0, 16.0])
def test_whole_powers_at_the_edges(n, kind) -> None:
    (found,) = written_out(x**n)
    assert same_kind(at(x**n, edges(kind)), at(found, edges(kind)))


@pytest.mark.parametrize("n", HALVES)
def test_half_powers_of_what_is_not_negative(n) -> None:
    for base in (x**2, abs(x), np.exp(x), x * x + 3 * y**4, 2 - np.sin(x)):
        (found,) = written_out(base**n)
        assert "power" not in {node.op for node in topological(found)}, found
        values = {"x": edges(), "y": edges()[::-1]}
        assert same_kind(np.asarray(evaluate(base**n, values)), np.asarray(evaluate(found, values)))
    points = 10.0 ** np.linspace(-60, 60, 41)
    (found,) = written_out(abs(x) ** n)
    for point, value in zip(points, at(found, points), strict=True):
        with mp.workdps(40):
            exact = mp.mpf(float(point)) ** mp.mpf(n)
            # A root, a reciprocal of each factor, and a product for each: at most nine.
            assert abs(mp.mpf(float(value)) - exact) <= 9 * mp.mpf(2) ** -53 * exact


@pytest.mark.parametrize("n", HALVES)
def test_half_powers_of_what_may_be_minus_zero_stay(n) -> None:
    for base in (x, x * y, 1 - x**2, np.sqrt(x), -abs(x)):
        (found,) = written_out(base**n)
        assert found.op == "power"


@pytest.mark.parametrize("expr", ["x^0", "x^17", "x^-17", "x^2.25", "x^y", "2^x", "x^inf", "x^nan"])
def test_other_powers_stay(expr) -> None:
    assert written_out(parse(expr)) == (parse(expr),)


def test_constants_and_other_precisions_stay() -> None:
    number = apply("power", (constant(2.0), constant(3)))
    assert written_out(number) == (number,)
    wide = x ** constant(np.array(3.0))
    assert written_out(wide) == (wide,)
    z, c = symbol("z", dtype=complex), symbol("c", dtype=bool)
    assert written_out(z**3, c**2, z * z) == (z**3, c**2, z * z)


def test_what_powers_have_in_common_occurs_once() -> None:
    nodes = topological(written_out(x**2, x**3, x**4, x**8, x * x))
    # x, four squares less two shared, one product
    assert len(nodes) == 5
    f = (x**2 + y**2) ** -0.5
    nodes = topological(written_out(f, *reverse.grad(f, ("x", "y"))))
    assert sum(node.op == "sqrt" for node in nodes) == 1
    assert not any(node.op == "power" for node in nodes)


def test_squares_and_ones_are_exact() -> None:
    for expr in (x * x, x**1, x**2.0, x**-1):
        (found,) = written_out(expr)
        assert same_bits([expr], [found])
    assert written_out(x**1) == (x,)
    with np.errstate(all="ignore"):
        assert identical(at(written_out(x**2)[0], edges()), np.square(edges()))
