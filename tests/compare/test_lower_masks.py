"""Selections between numbers without branches, and of rows in place."""

import numpy as np
import pytest

from compare.lower import lower
from compare.lower.loops.masks import LEAST, unbranched
from diffexpr import constant, symbol
from diffexpr.apply import apply
from diffexpr.evaluate import evaluate_all
from diffexpr.walk import topological

X, Y = symbol("x", (LEAST,)), symbol("y", (LEAST,))
SPECIAL = [0.0, -0.0, np.nan, np.inf, -np.inf, 1.0, -1.0, 5e-324, -5e-324]


def ops(outputs):
    return {node.op for node in topological(outputs)}


@pytest.mark.parametrize(
    "written",
    [
        np.where(X > 0, 1.0, 0.0),
        np.where(X > 0, 0, 2),
        np.where(X > 0, 1.0, np.where(X < 0, 0.0, 0.5)),
        np.where(X > 0, np.where(Y < 0, 0.0, 0.5), 0.5),
        np.where(X > Y, 3.0, np.where(X < 0, np.where(Y < 0, 1e-300, 0.0), 2.0)),
    ],
)
def test_selections_from_numbers_do_not_branch(written):
    (after,) = unbranched([written])
    assert "where" not in ops([after])
    assert (after.shape, after.dtype) == (written.shape, written.dtype)
    rng = np.random.default_rng(0)
    given = {"x": rng.choice(SPECIAL, LEAST), "y": rng.choice(SPECIAL, LEAST)}
    (old,), (new,) = evaluate_all([written], given), evaluate_all([after], given)
    np.testing.assert_array_equal(new, old)
    np.testing.assert_array_equal(np.signbit(new), np.signbit(old))


@pytest.mark.parametrize(
    "written",
    [
        np.where(X > 0, 1.0, -0.0),
        np.where(X > 0, -1.0, 0.0),
        np.where(X > 0, np.inf, 0.0),
        np.where(X > 0, np.nan, 0.0),
        apply("where", (X > 0, constant(1.0), X)),
        np.where(X > 0, 0.5, np.where(X < 0, 0.0, 1.0)),  # the larger number is inside
        np.where(symbol("few", (LEAST - 1,)) > 0, 1.0, 0.0),
        np.where(symbol("single", (LEAST,), np.float32) > 0, np.float32(1), np.float32(0)),
    ],
)
def test_what_stays(written):
    (after,) = unbranched([written])
    assert after.op == "where"


def test_the_gradient_of_relu_in_a_network():
    """Weights from which nothing is reached have gradient 0, though an input is infinite."""

    def f(w, x):
        return np.sum(np.maximum(x @ w, 0.0))

    rng = np.random.default_rng(3)
    w, x = np.abs(rng.normal(size=(90, 200))), np.abs(rng.normal(size=(100, 90)))
    w[:, 7] = -1.0
    made = lower(f, "grad", at=[w.shape, x.shape])
    expected = np.repeat(x.sum(axis=0)[:, None], 200, axis=1)
    expected[:, 7] = 0.0
    np.testing.assert_allclose(made(w, x), expected, rtol=1e-12)
    x[3, 4] = np.inf
    assert not made(w, x)[:, 7].any()


@pytest.mark.parametrize("shape", [(200,), (120, 1)])
def test_rows_and_columns_are_replaced_in_place(shape):
    def f(x, y, c):
        return np.where(c > 0, x * y, 0.0)

    rng = np.random.default_rng(4)
    x, y, c = rng.normal(size=(120, 200)), rng.normal(size=(120, 200)), rng.normal(size=shape)
    x[0, 0], y[5, 7] = np.nan, np.inf
    made = lower(f, "value", at=[x.shape, y.shape, shape])
    before = [x.copy(), y.copy(), c.copy()]
    np.testing.assert_array_equal(made(x, y, c), np.where(c > 0, x * y, 0.0))
    for value, was in zip((x, y, c), before, strict=True):
        np.testing.assert_array_equal(value, was)
