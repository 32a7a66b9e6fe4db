"""Sums over rows of products, drawn into the products."""

import itertools

import numpy as np
import pytest

from compare.lower import lower
from compare.lower.passes.products import products
from compare.lower.passes.rowsums import rowsums
from diffexpr import symbol
from diffexpr.evaluate import evaluate_all
from diffexpr.walk import topological

A, B, C = symbol("a", (50, 4)), symbol("b", (4, 3)), symbol("c", (50, 3))
D, S = symbol("d", (3,)), symbol("s", (1, 3))
P, Q = symbol("p", (5, 20, 4)), symbol("q", (5, 4, 4))


def multiplications(outputs):
    return sum(
        int(np.prod(e.args[0].shape)) * e.args[1].shape[-1]
        for e in topological(outputs)
        if e.op == "matmul"
    )


def integers(outputs):
    """Whole numbers: their sums are exact in every order."""
    rng = np.random.default_rng(0)
    symbols = [s for s in topological(outputs) if s.op == "symbol"]
    return {s.name: rng.integers(-3, 4, s.shape).astype(float) for s in symbols}


@pytest.mark.parametrize(
    ("written", "cost"),
    [
        (np.sum(A @ B, axis=0), 12),
        (np.sum(A @ B, axis=1), 50 * 4),
        (np.sum(A @ B, axis=0, keepdims=True), 12),
        (np.sum(A @ B, axis=-1, keepdims=True), 50 * 4),
        (np.sum(-(A @ B), axis=0), 12),
        (np.sum((A @ B).T, axis=1), 12),
        (np.sum(A @ B + C, axis=0), 12),
        (np.sum(C * D + A @ B, axis=0), 12),
        (np.sum(C * S + A @ B, axis=0), 12),
        (np.sum(D * (A @ B), axis=0), 12),
        (np.sum(P @ Q, axis=1), 5 * 16),
        (np.sum(np.transpose(P @ Q, (1, 0, 2)), axis=0), 5 * 16),
        (np.sum(np.transpose(P @ Q, (2, 1, 0)), axis=1), 5 * 16),
    ],
    ids=lambda e: str(e)[:50],
)
def test_the_product_is_spared(written, cost):
    for run in (rowsums, products):
        (after,) = run([written])
        assert after.shape == written.shape
        assert after.dtype == written.dtype
        assert multiplications([after]) == cost < multiplications([written])
        given = integers([written])
        (old,), (new,) = evaluate_all([written], given), evaluate_all([after], given)
        np.testing.assert_array_equal(new, old)


@pytest.mark.parametrize(
    "outputs",
    [
        [np.sum(A @ B, axis=(0, 1))],
        [np.sum(A @ B, axis=0), A @ B],  # the product is needed anyway
        [np.sum(A @ B * C, axis=0)],
        [((A @ B) * C.sum(axis=1, keepdims=True)).sum(axis=0)],  # differs from row to row
        [np.exp(A @ B).sum(axis=0)],
        [(C + C * D).sum(axis=0)],  # no product
        [np.sum(P @ Q, axis=0)],
        [1 / np.sum(A @ B, axis=0)],  # a zero could change its sign
        [np.sum(A @ symbol("v", (4,)), axis=0)],
    ],
)
def test_what_stays(outputs):
    assert rowsums(outputs) == tuple(outputs)


def test_roundings_stay_within_the_bound_of_the_product():
    """n eps |A||B|, summed over the rows (Higham 2002, section 3.5), C = -A @ B cancelling."""
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(50, 4)), rng.normal(size=(4, 3))
    expr = np.sum(A @ B + C, axis=0)
    given = {"a": a, "b": b, "c": -(a @ b)}
    (new,) = evaluate_all(rowsums([expr]), given)
    bound = 54 * np.finfo(float).eps * np.sum(np.abs(a) @ np.abs(b), axis=0)
    assert np.all(np.abs(new) <= 2 * bound)


def test_infinite_rows_are_told():
    """An infinity in a row reaches the sum, whichever comes first."""
    expr = np.sum(A @ B, axis=0)
    for value, row in itertools.product((np.inf, -np.inf, np.nan), (0, 49)):
        given = {"a": np.ones((50, 4)), "b": np.ones((4, 3))}
        given["a"][row, 1] = value
        (old,), (new,) = evaluate_all([expr], given), evaluate_all(rowsums([expr]), given)
        np.testing.assert_array_equal(new, old)


def test_the_gradient_by_a_location_multiplies_twice():

    def form(m, f, x):
        return np.sum(((x - m) @ f) ** 2)

    shapes = [(8,), (8, 8), (3000, 8)]
    rng = np.random.default_rng(2)
    values = [rng.normal(size=shape) for shape in shapes]
    made = lower(form, "grad", (0, 1), at=shapes)
    by_m, by_f = made(*values)
    turned = (values[2] - values[0]) @ values[1]
    np.testing.assert_allclose(by_m, -2 * turned.sum(axis=0) @ values[1].T, rtol=1e-10)
    np.testing.assert_allclose(by_f, 2 * (values[2] - values[0]).T @ turned, rtol=1e-10)
