"""What is said of signs and ranges holds of the values, in float64 and in float32."""

import numpy as np
import pytest
from pass_graphs import random_graphs, row_graphs, values_of

from compare.lower.passes.signs import Signs
from diffexpr import constant, evaluate_all, parse, symbol
from diffexpr.apply import apply
from diffexpr.primitives import TABLE
from diffexpr.walk import topological


def holds(known, value) -> bool:
    value = value[~np.isnan(value)]
    zeros = value[value == 0]
    inside = np.all((known.low <= value) & (value <= known.high))
    return bool(inside and (known.minus_zero or not np.signbit(zeros).any()))


def check(nodes, values, signs) -> None:
    for node, value in zip(nodes, evaluate_all(nodes, values), strict=True):
        value = np.asarray(value)
        if node.dtype.kind == "f" and value.dtype.kind == "f":
            assert holds(signs.of(node), value), (node, signs.of(node), value)
        if signs.is_floating(node):
            assert value.dtype.kind == "f", node


@pytest.mark.parametrize("kind", [float, np.float32])
def test_bounds_hold_on_random_formulas(kind) -> None:
    rng = np.random.default_rng(1)
    edges = np.array([0.0, -0.0, 1, -1, 0.1, -0.3, 1e-30, 1e30, -1e39, np.inf, -np.inf, np.nan])
    with np.errstate(all="ignore"):
        x = np.concatenate([np.tile(edges, 12), rng.normal(0, 3, 200)]).astype(kind)
        y = np.concatenate([np.repeat(edges, 12), rng.normal(0, 3, 200)]).astype(kind)
    values = {"x": x, "y": y, "c": rng.random(x.shape) < 0.5}
    for seed in range(400):
        # Declared float64, given float32: this is how a scalar symbol is used.
        check(topological(random_graphs(seed)), values, Signs())


@pytest.mark.parametrize("name", TABLE)
def test_bounds_hold_on_every_row(name) -> None:
    rng = np.random.default_rng(2)
    special = np.array([0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 0.5])
    values = {n: np.concatenate([rng.choice(special, 100), rng.normal(0, 2, 100)]) for n in "abcd"}
    if "order" in TABLE[name].domains[0].text:
        values["a"] = rng.integers(0, 3, 200).astype(float)
    graphs = row_graphs(name)
    for node in topological(graphs):
        if node.op == "symbol" and node.dtype.kind == "b":
            values[node.name] = values[node.name] > 0
    check(topological(graphs), values, Signs())


@pytest.mark.parametrize(
    ("written", "low", "high", "minus_zero"),
    [
        ("x", -np.inf, np.inf, True),
        ("x^2 + 1", 1, np.inf, False),
        ("x*x", 0, np.inf, False),
        ("abs(x) + y^4", 0, np.inf, False),
        ("exp(x)*cosh(y)", 0, np.inf, False),
        ("sqrt(x)", 0, np.inf, True),
        ("sqrt(x^2)", 0, np.inf, False),
        ("-exp(x)", -np.inf, 0, True),
        ("maximum(x, 2)", 2, np.inf, False),
        ("minimum(x, -2)", -np.inf, -2, False),
        ("x^-2", 0, np.inf, False),
        ("x^3", -np.inf, np.inf, True),
        ("x^0.5", 0, np.inf, True),
        ("x^1.5", 0, np.inf, False),
        ("1/(1 + x^2)", 0, 1, False),
        ("1/x^2", 0, np.inf, False),
        ("inf - inf", -np.inf, np.inf, False),
    ],
)
def test_what_is_known(written, low, high, minus_zero) -> None:
    known = Signs().of(parse(written))
    assert (known.low, known.high, known.minus_zero) == (low, high, minus_zero)


def test_what_float32_makes_of_a_decimal_is_within() -> None:
    known = Signs().of(constant(0.1))
    assert known.low <= min(0.1, float(np.float32(0.1)))
    assert known.high >= max(0.1, float(np.float32(0.1)))
    assert Signs().of(constant(1e60)).high == np.inf
    assert Signs().of(constant(-1e-60)).minus_zero


def test_arrays_and_reductions() -> None:
    v = symbol("v", (3, 4))
    signs = Signs()
    squares = apply("square", (v,))
    for node in (
        apply("sum", (squares,), ((0,), False)),
        apply("reshape", (squares,), ((12,),)),
        apply("concatenate", (squares, squares), (0,)),
        apply("norm", (v,), ((0, 1), False)),
    ):
        assert signs.of(node).not_negative
    assert signs.of(apply("sum", (v,), ((0,), False))).low == -np.inf
    assert signs.of(constant(np.array([1.0, 3.0]))).within(3)
    assert signs.of(constant(np.array([1.0, -0.0]))).minus_zero


def test_sums_of_truth_values_are_not_floating() -> None:
    c, d = symbol("c", dtype=bool), symbol("d", dtype=bool)
    signs = Signs()
    assert not signs.is_floating(c + d)
    assert not signs.is_floating((c + d) * c)
    assert signs.is_floating((c + d) * 2)
    z = symbol("z", dtype=complex)
    assert signs.is_floating(abs(z))
    assert not signs.is_floating(z * 2)
    assert values_of([symbol("x") * 2])[0].dtype == float
