"""What is taken from a value at hand is what it would have been alone."""

import mpmath as mp
import numpy as np
import pytest
from pass_graphs import identical, same_bits, values_of

from autodiff import reverse
from compare.lower.passes.powers import powers
from compare.lower.passes.reuse import reuse
from diffexpr import evaluate_all, parse, symbol, symbols
from diffexpr.apply import apply
from diffexpr.walk import topological

x, y = symbols("x y")


def count(graphs, op) -> int:
    return sum(node.op == op for node in topological(graphs))


def row(name, operand):
    return apply(name, (operand,))


LOGISTIC = ("sigmoid", "softplus", "silu", "mish")


@pytest.mark.parametrize("first", LOGISTIC)
@pytest.mark.parametrize("second", LOGISTIC)
def test_logistic_functions_share_their_exponential_to_the_last_bit(first, second) -> None:
    before = [row(first, x), row(second, -x), row(second, x) * y, row(first, x - y)]
    before.append(row(second, y - x))
    after = reuse(before)
    assert count(after, "exp") == 2
    assert not any(count(after, name) for name in LOGISTIC)
    assert same_bits(before, after)


@pytest.mark.parametrize("name", LOGISTIC)
def test_one_alone_stays(name) -> None:
    assert reuse([row(name, x)]) == (row(name, x),)


@pytest.mark.parametrize("name", LOGISTIC[:3])
def test_a_gradient_has_one_exponential(name) -> None:
    f = row(name, x)
    before = [f, reverse.grad(f, "x")]
    after = reuse(before)
    assert count(after, "exp") <= 1
    assert same_bits(before, after)


def test_swapped_operands_are_one_node() -> None:
    before = [x * y + x, y * x - (x + x * y)]
    after = reuse(before)
    assert count(after, "multiply") == 1
    assert count(after, "add") == 1
    assert same_bits(before, after)


@pytest.mark.parametrize("k", [2, 3, -2, -3])
def test_multiples_of_exponents(k) -> None:
    near = x if k > 0 else -x
    before = [np.exp(near), np.exp(k * x)]
    after = reuse(before)
    assert count(after, "exp") == 1
    points = np.concatenate([np.linspace(-230, 230, 301), [1e-9, -1e-300, 0.0, -0.0]])
    value = np.asarray(after[1](x=points))
    for point, found in zip(points, value, strict=True):
        with mp.workdps(40):
            exact = mp.exp(k * mp.mpf(float(point)))
            # NumPy's exp is off by less than one unit, and so |k| times, and by the products.
            assert abs(mp.mpf(float(found)) - exact) <= 4 * mp.mpf(2) ** -52 * exact
    old, new = values_of(before)[1], values_of(after)[1]
    assert np.array_equal(np.isinf(old), np.isinf(new))
    assert np.array_equal(np.isnan(old), np.isnan(new))


def test_a_reciprocal_only_of_what_is_moderate() -> None:
    free = [np.exp(x), np.exp(-x)]
    assert reuse(free) == tuple(free)
    bound = [np.exp(np.sin(x)), np.exp(-np.sin(x)), np.exp(-2 * np.sin(x))]
    after = reuse(bound)
    assert count(after, "exp") == 1
    points = {"x": np.linspace(-5, 5, 101)}
    for one, other in zip(evaluate_all(bound, points), evaluate_all(after, points), strict=True):
        # exp and 1/exp: two units each, and a division.
        np.testing.assert_allclose(other, one, rtol=6 * 2.0**-52)


@pytest.mark.parametrize(
    "graphs",
    [
        ["exp(x)", "exp(4*x)"],
        ["exp(x)", "exp(2.5*x)"],
        ["exp(2*x)"],
        ["tanh(x)", "sech(x)^2"],
        ["sinh(x)", "cosh(x)", "exp(x)"],
        ["expm1(x)", "exp(x)"],
        ["log(x*y)", "log(x)", "log(y)"],
        ["x - y", "y - x"],
    ],
)
def test_what_would_lose_digits_stays(graphs) -> None:
    before = tuple(map(parse, graphs))
    assert reuse(before) == before


def test_roots_and_their_reciprocals_are_shared_by_powers() -> None:
    after = powers([parse("sqrt(1 + x^2)"), parse("1/(1 + x^2)^0.5"), parse("(1 + x^2)^-1.5")])
    assert count(after, "sqrt") == 1


def test_complex_and_truth_values_are_left_alone() -> None:
    z, c = symbol("z", dtype=complex), symbol("c", dtype=bool)
    graphs = (row("sigmoid", z), row("sigmoid", -z), row("softplus", z))
    assert reuse(graphs) == graphs
    graphs = (row("sigmoid", c + c), row("softplus", c + c))
    assert reuse(graphs) == graphs


def test_arrays_too() -> None:
    v = symbol("v", (4,))
    before = [row("sigmoid", v), row("sigmoid", -v)]
    after = reuse(before)
    given = {"v": np.array([-800.0, -0.0, 3.0, np.inf])}
    for one, other in zip(evaluate_all(before, given), evaluate_all(after, given), strict=True):
        assert identical(one, other)
