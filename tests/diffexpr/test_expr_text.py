"""Printing: text that reads back to the same object, and is no longer than it must be."""

import numpy as np
import pytest
from hypothesis import given, settings
from random_expressions import expressions, literals

from diffexpr import Expr, Limits, constant, e, parse, pi, symbol, symbols
from diffexpr import functions as f
from diffexpr.build import node

x, y = symbols("x y")
v, A, c = symbol("v", 3), symbol("A", (2, 3)), symbol("c", (), bool)
WIDE = Limits(length=10**8, nodes=10**7, exponent=10**400, size=10**9)


def reads_back(made: Expr, limits: Limits | None = WIDE) -> bool:
    return parse(str(made), symbols=made.variables, limits=limits) is made


@settings(max_examples=400)
@given(expressions())
def test_text_reads_back_to_the_same_object(made: Expr) -> None:
    assert reads_back(made)


@given(literals())
def test_arrays_keep_every_bit(made: Expr) -> None:
    assert reads_back(made)


WRITTEN = [
    (x**2 * np.sin(y), "x**2*sin(y)"),
    (y + x + 1, "y + x + 1"),
    (1 + (x + y), "1 + (x + y)"),
    (x - (y - 1), "x - (y - 1)"),
    (x * (y / 2), "x*(y/2)"),
    (-(x**2), "-x**2"),
    ((-x) ** 2, "(-x)**2"),
    (constant(-2) ** 2, "(-2)**2"),
    (x * (-2), "x*(-2)"),
    (-2 * x, "-2*x"),
    (y + -2 * x, "y + (-2*x)"),
    (-(x * y), "-(x*y)"),
    (-constant(2), "negative(2)"),
    (np.negative(-x), "-(-x)"),
    (x**y**2, "x**y**2"),
    ((x**y) ** 2, "(x**y)**2"),
    (2 ** (-x), "2**(-x)"),
    ((x > 0) & (y > 0) | ~(x < y), "(x > 0) & (y > 0) | ~(x < y)"),
    (np.equal(x, y), "x == y"),
    (node("logical_and", (x, y)), "logical_and(x, y)"),
    (node("logical_not", (x,)), "logical_not(x)"),
    (np.where(x > 0, x, -x), "where(x > 0, x, -x)"),
    (x % 2, "x % 2"),
    (A @ v, "A @ v"),
    (np.sum(A), "sum(A)"),
    (np.sum(A, axis=1, keepdims=True), "sum(A, axis=1, keepdims=True)"),
    (np.sum(A, axis=()), "sum(A, axis=())"),
    (f.softmax(A) + f.softmax(A, 0), "softmax(A) + softmax(A, axis=0)"),
    (f.cumsum(v), "cumsum(v)"),
    (np.outer(v, v), "outer(v, v)"),
    (np.einsum("ab,b", A, v), 'einsum("ij,j->i", A, v)'),
    (A.T + f.transpose(A, (1, 0)), "transpose(A) + transpose(A)"),
    (A[0, 1:], "A[0, 1:]"),
    (A[:, None], "A[:, None]"),
    (v[[0, 2]], "v[[0, 2]]"),
    ((v + 1)[0], "(v + 1)[0]"),
    (constant(2)[None], "(2)[None]"),
    (np.concatenate([v, v]), "concatenate([v, v])"),
    (node("elu", (x, 1.0)) + node("elu", (x, 2.0)), "elu(x) + elu(x, 2.0)"),
    (2 * pi * e, "2*pi*e"),
    (symbol("pi") * pi, "pi*np.pi"),
    (symbol("inf") + np.inf, "inf + np.inf"),
    (constant([1.0, 2.5]), "array([1.0, 2.5])"),
    (constant(np.array([0.1], np.float32)), "array([0.1], dtype=float32)"),
    (constant(np.zeros((0, 3))), "array([], shape=(0, 3))"),
    (constant(2j), "2.0j"),
    (constant(1 - 2j), "complex(1.0, -2.0)"),
]


@pytest.mark.parametrize(("made", "text"), WRITTEN, ids=[text for _, text in WRITTEN])
def test_text_has_the_parentheses_it_needs_and_no_more(made: Expr, text: str) -> None:
    assert str(made) == text
    assert reads_back(made, None)


def test_a_shared_graph_is_written_in_linear_size() -> None:
    made = x
    for _ in range(100):
        made = made * made + made
    text = str(made)
    assert text.startswith("t1 = x*x + x; t2 = t1*t1 + t1; ")
    assert text.endswith("; t99*t99 + t99")
    assert len(text) < 100 * 30
    assert reads_back(made, None)


def test_names_of_parts_avoid_those_of_variables() -> None:
    made = symbol("t1") + symbol("t3")
    for _ in range(30):
        made = made * made
    assert str(made).startswith("t2 = t1 + t3; t4 = t2*t2; t5 = ")
    assert reads_back(made, None)


def test_a_large_constant_that_is_used_often_is_written_once() -> None:
    table = constant(np.arange(1000.0))
    made = np.sum(table * symbol("w", 1000) + table)
    assert str(made).count("999.0") == 2
    for _ in range(3):
        made = made + np.sum(table * made)
    assert str(made).count("999.0") == 1
    assert reads_back(made)


@pytest.mark.parametrize(
    "step",
    [
        np.sin,
        lambda n: -n,
        lambda n: n + 1,
        lambda n: 1 + n,
        lambda n: n**2,
        lambda n: 2**n,
        lambda n: x / n,
        lambda n: np.where(n > 0, n + 1, 2.0),
        lambda n: f.stack([n, x])[0],
        lambda n: np.concatenate([n[None], [1.0]])[0],
    ],
)
def test_a_deep_graph_reads_back_within_the_usual_nesting(step) -> None:
    made = x
    for _ in range(1000):
        made = step(made)
    assert reads_back(made, Limits(length=10**7, nodes=10**6, exponent=10**9))


@pytest.mark.parametrize("join", [lambda a, b: a & b, lambda a, b: b | a])
def test_deep_conditions_read_back(join) -> None:
    made = x > 0
    for i in range(300):
        made = join(made, y > i)
    assert reads_back(made, None)
