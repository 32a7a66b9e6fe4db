"""What arrays carry needlessly goes, and nothing else does.

The programs work on small integers, of which sums and products are exact in float64: what comes
out must be equal, and no tolerance is needed.
"""

import itertools

import numpy as np
import pytest

from autodiff import reverse
from compare.lower.passes.broadcasts import broadcasts
from compare.lower.passes.sharing import signed_zeros
from diffexpr import constant, symbol
from diffexpr.build import node
from diffexpr.evaluate import evaluate_all
from diffexpr.walk import topological

X = symbol("x", (4,))
M = symbol("m", (3, 4))
S = symbol("s")


def one(expr):
    (found,) = broadcasts([expr])
    assert found.shape == expr.shape
    return found


def filled(x, *shape):
    return node("broadcast_to", (x,), (shape,))


@pytest.mark.parametrize(
    ("written", "becomes"),
    [
        (M * filled(X, 3, 4), M * X),
        (filled(S, 3, 4) + M, S + M),
        (M + filled(constant(100), 3, 4), M + 100),
        (np.exp(filled(X, 3, 4)), filled(np.exp(X), 3, 4)),
        (filled(filled(S, 4), 3, 4) * M, S * M),
        (np.where(M > 0, filled(S, 3, 4), filled(X, 3, 4)), np.where(M > 0, S, X)),
        (np.reshape(np.reshape(M, (12,)), (4, 3)), np.reshape(M, (4, 3))),
        (np.reshape(np.reshape(M, (12,)), (3, 4)), M),
        (np.reshape(filled(np.reshape(S, (1,)), 3), (3, 1)) * M, S * M),
        (np.reshape(filled(np.reshape(X, (4, 1)), 4, 3), (4, 1, 3)) * np.ones((4, 5, 3)) * 2,
         filled(np.reshape(X, (4, 1, 1)) * 2, 4, 5, 3)),
        (M * np.ones((3, 4)), M),
        (np.ones((3, 1)) * M, M),
        (X / np.ones((3, 4)), filled(X, 3, 4)),
        (np.sum(filled(X, 3, 4), axis=0), 3 * X),
        (np.sum(filled(X, 3, 4), axis=0, keepdims=True), np.reshape(3 * X, (1, 4))),
        (np.sum(filled(X, 3, 4)), 3 * np.sum(X)),
        (np.sum(filled(S, 3, 4), axis=1), filled(4 * S, 3)),
        (np.max(filled(X, 3, 4), axis=0), X),
        (np.min(filled(S, 3, 4)), S),
        (np.sum(-M), -np.sum(M)),
        (np.sum(-filled(S, 3, 4)), 12 * -S),
        (node("sum", (X,), ((), False)), X),
        (np.sum(np.reshape(X, (4, 1)), axis=1), X),
        (np.reshape(np.sum(M, axis=1), (3, 1)), np.sum(M, axis=1, keepdims=True)),
        (np.reshape(np.max(M, axis=0), (1, 4)), np.max(M, axis=0, keepdims=True)),
        (M[:], M),
        (X[1:][1:], X[2:4]),
        (X[::-1][1:], node("getitem", (X,), (X[2::-1].params[0],))),
        (M[1:, ::2][0], M[1, 0:4:2]),
        (np.stack([X, 2 * X, M[0]])[1], 2 * X),
        (np.stack([X, M[0]], axis=1)[2:, 0], X[2:4]),
        (np.concatenate([X, S * X])[5:7], (S * X)[1:3]),
        (np.concatenate([X, S * X])[0:4], X),
        (filled(S, 3, 4)[1:, 0], filled(S, 2)),
        (node("astype", (node("astype", (X,), ("float32",)),), ("float32",)),
         node("astype", (X,), ("float32",))),
    ],
    ids=lambda e: str(e)[:40],
)  # fmt: skip
def test_forms(written, becomes):
    assert one(written) == becomes


def test_what_stays():
    flags = X > 0
    for expr in (
        np.concatenate([X, S * X])[3:5],  # of both parts
        X[np.array([1, 1])],
        np.sum(np.sum(M, axis=0)),  # the order of the additions
        np.mean(filled(X, 3, 4), axis=0),  # a sum that overflows has a mean that does not
        0 * X,
        np.reshape(filled(X, 3, 4), (4, 3)),  # entries change their places
        np.reshape(filled(X, 3, 4), (12,)),
        np.sum(flags),
        np.prod(filled(S, 3, 4)),
        symbol("z", (3,), complex) * np.ones(3),
    ):
        assert one(expr) == expr


def test_a_reduction_that_is_used_twice_stays_one():
    total = np.sum(M, axis=1)
    outputs = [total, np.reshape(total, (3, 1)) * M]
    assert broadcasts(outputs) == tuple(outputs)


def test_scatters_at_one_index_are_added_first():
    index = X[1:3].params[0]
    a, b = symbol("a", (2,)), symbol("b", (2,))
    both = node("scatter_add", (a,), (index, (4,))) + node("scatter_add", (b,), (index, (4,)))
    assert one(both) == node("scatter_add", (a + b,), (index, (4,)))
    assert one(node("scatter_add", (a,), (index, (4,)))[1:3]) == a
    twice = X[np.array([1, 1])].params[0]
    apart = node("scatter_add", (a,), (twice, (4,))) + node("scatter_add", (b,), (twice, (4,)))
    assert one(apart) == apart


def test_rules_that_may_turn_a_zero_are_left_out_where_infinities_hang_on_it():
    total = np.sum(-X)
    assert one(total).op == "negative"
    for exposed in (1 / total, np.arctan2(total, 1), total**-1, 1 / (2 * np.exp(np.sin(total)))):
        assert one(exposed) == exposed
    assert one(total**2) == np.negative(np.sum(X)) ** 2
    assert one(total / 3) == -np.sum(X) / 3
    x = np.array([1.0, -1.0, 2.0, -2.0])
    (old, new) = evaluate_all([1 / total, one(1 / total)], {"x": x})
    assert old == new == np.inf


def test_signs_of_zeros_decide_below_quotients_and_cuts():
    top = np.sin(X) / np.cos(S)
    found = signed_zeros(topological([top]))
    assert np.cos(S) in found
    assert S in found
    assert np.sin(X) not in found
    assert top not in found


def test_float32_stays_float32():
    x = symbol("x", (9,), np.float32)
    f = np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)
    after = broadcasts([f, reverse.grad(f, "x")])
    point = np.linspace(-1, 1, 9, dtype=np.float32)
    for out, wanted in zip(
        evaluate_all(after, {"x": point}), (f, reverse.grad(f, "x")), strict=True
    ):
        assert out.dtype == np.float32
        exact = evaluate_all([wanted], {"x": point.astype(float)})[0]
        # Cancelling terms are up to 400 here; each of a few steps rounds.
        np.testing.assert_allclose(out, exact, rtol=0, atol=8 * 400 * np.finfo(np.float32).eps)
    assert one(node("sum", (filled(symbol("h", (), np.float16), 99),), ((0,), False))).op == "sum"


def test_empty_arrays():
    empty = symbol("e", (0, 4))
    outputs = [
        np.sum(empty, axis=0),
        np.sum(np.reshape(np.sum(empty, axis=0), (1, 4)) + empty),
        empty * np.ones((0, 4)),
        np.sum(filled(S, 0, 4)),
        np.sum(filled(X, 0, 4), axis=0),
        np.concatenate([empty, M])[0:3],
        empty[0:0],
        np.sum(-empty),
    ]
    given = {"e": np.ones((0, 4)), "m": np.ones((3, 4)), "s": np.inf, "x": np.full(4, np.nan)}
    after = broadcasts(outputs)
    for old, new in zip(evaluate_all(outputs, given), evaluate_all(after, given), strict=True):
        np.testing.assert_array_equal(new, old)
        assert new.shape == old.shape


def test_sums_overflow_where_they_did():
    total = np.sum(filled(S, 5))
    for s in (np.inf, -np.inf, np.nan, 3.6e307, 3.5e307, 5e-324, 0.0):
        (old, new) = evaluate_all([total, one(total)], {"s": s})
        np.testing.assert_array_equal(new, old)


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def gradients():
    """Function and gradient of the usual ones, and at least how many nodes there are too many."""
    data = np.arange(20.0).reshape(5, 4) % 3 - 1
    w, b = symbol("w", (4,)), symbol("b")
    cases = [
        (rosenbrock, 1),
        (lambda x: np.var(x), 2),
        (lambda x: np.mean(x) ** 2, 1),
        (lambda x: np.sum((x - np.mean(x)) ** 3), 2),
    ]
    for f, fewer in cases:
        yield [f(X), reverse.grad(f(X), "x")], fewer
    f = np.sum(np.var(M, axis=0))
    yield [f, reverse.grad(f, "m")], 5
    f = np.mean((data @ w + b) ** 2) + np.sum(w**2)
    yield [f, *reverse.grad(f, ("w", "b"))], 2


@pytest.mark.parametrize(("outputs", "fewer"), list(gradients()))
def test_gradients_are_shorter_and_the_same(outputs, fewer):
    after = broadcasts(outputs)
    assert len(topological(after)) <= len(topological(outputs)) - fewer
    rng = np.random.default_rng(5)
    names = {s for s in topological(outputs) if s.op == "symbol"}
    for _ in range(5):
        given = {s.name: rng.normal(size=s.shape) for s in names}
        for old, new in zip(evaluate_all(outputs, given), evaluate_all(after, given), strict=True):
            scale = np.max(np.abs(old))
            # The one rule that rounds is a sum of equal numbers, of at most 12 here.
            np.testing.assert_allclose(new, old, rtol=0, atol=12 * np.finfo(float).eps * scale)


def a_program(rng, length):
    """Random array code on integers: views, joins, reductions, and arithmetic without division."""
    pool = [X, M, S, symbol("t", (3, 1)), symbol("u", (2, 3, 4))]
    for _ in range(length):
        x = pool[rng.integers(len(pool))]
        y = pool[rng.integers(len(pool))]
        made = a_step(rng, x, y)
        if made is not None and np.prod(made.shape) <= 200:
            pool.append(made)
    return pool[5:]


def a_step(rng, x, y):
    ndim = len(x.shape)
    axis = int(rng.integers(ndim)) if ndim else 0
    match int(rng.integers(10)):
        case 0 | 1:
            try:
                shape = np.broadcast_shapes(x.shape, y.shape)
            except ValueError:
                return None
            op = ("add", "subtract", "multiply", "maximum")[rng.integers(4)]
            return node(op, (filled(x, *shape) if rng.integers(2) else x, y))
        case 2:
            return filled(x, *(int(n) for n in rng.integers(1, 4, rng.integers(2))), *x.shape)
        case 3:
            ones = [n for n in x.shape if n != 1]
            ones.insert(int(rng.integers(len(ones) + 1)), 1)
            return np.reshape(x, ones if rng.integers(2) else ((*x.shape, 1)))
        case 4 if ndim:
            op = ("sum", "sum", "max", "min")[rng.integers(4)]
            axes = tuple(i for i in range(ndim) if rng.integers(2))
            return node(op, (x,), (axes, bool(rng.integers(2))))
        case 5 if ndim:
            parts = [x, -x, x * 2]
            return np.concatenate(parts, axis) if rng.integers(2) else np.stack(parts, axis)
        case 6 | 7 if ndim:
            start, stop = sorted(int(n) for n in rng.integers(0, x.shape[axis] + 1, 2))
            items = [slice(None)] * ndim
            items[axis] = slice(start, stop if stop > start else start + 1)
            if rng.integers(3) == 0:
                items[axis] = slice(None, None, -1 if rng.integers(2) else 2)
            elif rng.integers(3) == 0:
                items[axis] = int(rng.integers(x.shape[axis]))
            return x[tuple(items)] if x.shape[axis] else None
        case 8:
            return -x
        case 9 if ndim:
            return x * np.ones(x.shape[axis:])
    return None


@pytest.mark.parametrize("seed", range(60))
def test_random_programs_give_the_same(seed):
    rng = np.random.default_rng(seed)
    outputs = a_program(rng, 40)
    after = broadcasts(outputs)
    assert len(topological(after)) <= len(topological(outputs))
    symbols = [s for s in topological(outputs) if s.op == "symbol"]
    given = {s.name: rng.integers(-2, 3, s.shape).astype(float)[()] for s in symbols}
    marred = dict(given)
    for name, special in zip(given, itertools.cycle((np.nan, np.inf)), strict=False):
        values = np.array(given[name])
        values.flat[0] = special
        marred[name] = values[()]
    for values in (given, marred):
        with np.errstate(all="ignore"):
            old, new = evaluate_all(outputs, values), evaluate_all(after, values)
        for a, b in zip(old, new, strict=True):
            assert np.shape(a) == np.shape(b)
            np.testing.assert_array_equal(b, a)


def test_deep_graphs_do_not_recurse():
    e = X
    for _ in range(10_000):
        e = np.reshape(e, (4, 1))[:, 0]
        e = e + filled(constant(1), 4)
    after = one(e)
    assert len(topological(after)) <= 10_000 * 3 + 2
    np.testing.assert_array_equal(after(x=np.zeros(4)), np.full(4, 10_000.0))
