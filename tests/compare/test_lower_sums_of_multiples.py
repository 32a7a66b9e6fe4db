"""Sums of multiples over the same values are products of matrices, with the same values."""

import numpy as np
import pytest
from lowered_answers import assert_near, assert_same, blocked, points
from test_lower import pasted

from compare.lower import lower
from compare.lower.comparing.error_bars import flat
from compare.lower.loops.linear import linear_forms
from diffexpr import constant, evaluate, symbols
from diffexpr.walk import topological

n = 6000


def network(variables, seed, layers=3, width=4):
    """Sums of multiples of what stands before, through functions, several layers of them."""
    rng = np.random.default_rng(seed)
    values = list(variables)
    earlier = []
    for _ in range(layers):
        weights = np.round(rng.normal(size=(width, len(values))), 2)
        sums = [sum(w * v for w, v in zip(row, values, strict=True)) for row in weights]
        sums[0] = sums[0] + 0.5
        values = [np.tanh(sums[0]), sums[1], np.where(sums[2] > 0, sums[2], 0.0), np.sin(sums[3])]
        earlier += values
    # What stood in a row is read again when others stand there.
    return sum(values) + sum(a * b for a, b in zip(earlier, reversed(earlier), strict=True))


def test_products_of_matrices_mean_the_sums() -> None:
    rng = np.random.default_rng(8)
    terms = symbols("a b c d")
    values = {t.name: float(v) for t, v in zip(terms, rng.normal(size=4), strict=True)}
    products = 0
    for _ in range(60):
        sums = []
        for _ in range(int(rng.integers(1, 5))):
            parts = [t * float(w) for t, w in zip(terms, rng.normal(size=4), strict=True)]
            parts.append(constant(float(rng.normal())))
            while len(parts) > 1:
                one, other = parts.pop(int(rng.integers(len(parts)))), parts.pop()
                made = (one + other, one - other, -(one - other), -one + other)
                joined = made[int(rng.integers(4))]
                parts.append(joined * 2 if rng.random() < 0.3 else joined)
            sums.append(-parts[0] if rng.random() < 0.3 else parts[0])
        outputs = [*sums, sums[0] * sums[-1]]
        found = linear_forms(outputs)
        products += any(node.op == "matmul" for node in topological(found))
        for one, other in zip(found, outputs, strict=True):
            wanted = evaluate(other, values)
            # A dozen roundings of numbers of about ten.
            assert evaluate(one, values) == pytest.approx(wanted, rel=1e-13, abs=1e-13)
    assert products >= 15


@pytest.mark.parametrize("shape", [(n,), (60, 100), (3, 20, 100)], ids=str)
def test_sums_over_the_same_terms(shape) -> None:
    for seed in range(3):
        variables = symbols("a b c d")
        # Two at a time, so that the rows of one are in use while those of the other are filled.
        graph = network(variables, seed) * network(variables, seed + 100, layers=2) + variables[0]
        values = dict(zip("abcd", (*points(shape, 1), *points(shape, 2)), strict=True))
        f = blocked(graph, threads=2)
        assert "mix_rows" in f.source
        plain = lower(graph, passes=(), block=0)
        assert_near(f(**values), plain(**values), 1e-11)
        assert_same(f(**values), f(**values))
        assert_same(pasted(f)(*values.values()), f(**values))
        for changed in ("a", "d"):
            some = {**values, changed: 0.25}
            assert_near(f(**some), plain(**some), 1e-11)
        turned = {name: np.asfortranarray(a) for name, a in values.items()}
        assert_near(f(**turned), plain(**turned), 1e-11)
        # A hundred roundings of 6e-8 of numbers as large as the largest.
        single = {name: a.astype("f4") for name, a in values.items()}
        for p, q in zip(flat(f(**single)), flat(plain(**values)), strict=True):
            assert p.dtype == np.float32
            np.testing.assert_allclose(p, q, rtol=1e-5, atol=1e-5 * float(np.max(np.abs(q))))


def test_sums_with_signs_and_numbers_beside_them() -> None:
    a, b, c, d = symbols("a b c d")
    sums = [
        -(2 * a - b + 0.5 * c - d + 1.5),
        -(a + 3 * b - (c - 0.25 * d) - 2),
        2 * (a - (b + c - d)),
        1 - (a + 2 * b - c * 3 + d - 0.75),
        -(1.25 - (a - b * 7 + c + d)) + 3,
        a - (2 - (b - (3 - (c + d)))),
        2 * a + 0.5 * (a - b) - c + d,
    ]
    total = sum(np.tanh(one) * i for i, one in enumerate(sums, 1)) + a * b
    values = dict(zip("abcd", (*points(n, 1), *points(n, 2)), strict=True))
    for output in ("value", "value_and_grad"):
        f = blocked(total, output)
        assert "mix_rows" in f.source
        assert_near(f(**values), lower(total, output, passes=(), block=0)(**values), 1e-11)


def test_sums_over_the_same_terms_keep_what_is_not_finite_where_it_is() -> None:
    hard = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 1e300, -1e300, 1e308, 1.0, -2.5])
    variables = symbols("a b c d")
    values = {v.name: np.resize(np.roll(hard, i * 3), 900) for i, v in enumerate(variables)}
    first = variables[0] + variables[1] * 2 - variables[2] * 0.5 + variables[3]
    second = variables[0] * 3 - variables[1] + variables[2] + variables[3] * 1e-3
    for graph in (first * second + np.tanh(first), (second - 1) * first):
        found = blocked(graph, block=90)(**values)
        wanted = lower(graph, block=0, passes=())(**values)
        for p, q in zip(flat(found), flat(wanted), strict=True):
            # Sums in which 1e308 comes early may overflow in one order and not in the other.
            np.testing.assert_array_equal(np.isnan(p), np.isnan(q))
            np.testing.assert_allclose(p, q, rtol=1e-12)


def test_a_result_may_be_called_as_a_constant_is() -> None:
    # The coefficients are c0, c1, c2; so would be the matrices of numbers.
    graph = network(symbols("a b c"), 5, layers=2)
    wanted = lower(graph, "taylor", block=0)
    for size in (3, 4, 90):
        values = [p for seed in range(3) for p in points(size, seed)]
        for block in (1, 3, 4, 37):
            f = lower(graph, "taylor", block=block)
            assert_near(f(*values), wanted(*values), 1e-11)
            assert_same(pasted(f)(*values), f(*values))
