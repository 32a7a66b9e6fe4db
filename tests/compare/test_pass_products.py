"""Products of matrices: fewer multiplications, fewer transposes, the same numbers.

Small integers multiply and add exactly in float64, in whatever order: what comes out is equal.
"""

import itertools

import numpy as np
import pytest

from autodiff import reverse
from compare.lower.passes.chains import chains
from compare.lower.passes.products import products
from diffexpr import symbol
from diffexpr.evaluate import evaluate_all
from diffexpr.walk import topological

A, B, C = symbol("a", (3, 4)), symbol("b", (4, 5)), symbol("c", (5, 3))
Q, R = symbol("q", (4, 4)), symbol("r", (4, 4))
U, V = symbol("u", (4,)), symbol("v", (4,))
P = symbol("p", (2, 4, 4))


def one(expr, run=products):
    (found,) = run([expr])
    assert found.shape == expr.shape
    assert found.dtype == expr.dtype
    return found


def multiplications(outputs):
    """What the products of a graph cost."""
    found = 0
    for e in topological(outputs):
        if e.op == "matmul":
            a, b = e.args
            found += int(np.prod(a.shape)) * (b.shape[-1] if len(b.shape) > 1 else 1)
    return found


def integers(outputs, seed=0):
    rng = np.random.default_rng(seed)
    symbols = [s for s in topological(outputs) if s.op == "symbol"]
    return {s.name: rng.integers(-3, 4, s.shape).astype(float)[()] for s in symbols}


def assert_same(outputs, after, given):
    with np.errstate(all="ignore"):
        pairs = zip(evaluate_all(outputs, given), evaluate_all(after, given), strict=True)
    for old, new in pairs:
        assert np.shape(old) == np.shape(new)
        np.testing.assert_array_equal(new, old)


@pytest.mark.parametrize(
    ("written", "becomes"),
    [
        (Q @ R @ V, Q @ (R @ V)),
        (U @ (Q @ R), (U @ Q) @ R),
        (A @ B @ C @ symbol("w", (3,)), A @ (B @ (C @ symbol("w", (3,))))),
        ((A.T @ B.T.T[:3]).T, B[0:3].T @ A),
        (Q.T.T @ R, Q @ R),
        ((Q @ R).T, R.T @ Q.T),
        ((Q.T @ R).T, R.T @ Q),
        (Q.T @ R.T, Q.T @ R.T),
        (Q.T @ V, V @ Q),
        (V @ Q.T, Q @ V),
        (V.T, V),
        (np.reshape(V, (4, 1)).T, np.reshape(V, (1, 4))),
        (np.transpose(np.transpose(P, (1, 2, 0)), (2, 0, 1)), P),
        (np.transpose(np.transpose(P, (1, 2, 0)), (1, 0, 2)), np.transpose(P, (2, 1, 0))),
        (np.reshape(U, (4, 1)) @ np.reshape(V, (1, 4)),
         np.reshape(U, (4, 1)) * np.reshape(V, (1, 4))),
        (np.reshape(np.reshape(U, (1, 4)) @ Q, (4,)), U @ Q),
        (np.reshape(np.reshape(U, (1, 4)) @ Q.T, (4,)), Q @ U),
        (np.reshape(Q @ np.reshape(U, (4, 1)), (4,)), Q @ U),
        (-Q @ V, -(Q @ V)),
        (A @ -B[:, :1], -(A @ B[:, :1])),
        (np.einsum("ij,jk->ik", A, B), A @ B),
        (np.einsum("ij,kj->ik", Q, R), Q @ R.T),
        (np.einsum("ji,j->i", Q, V), V @ Q),
        (np.einsum("i,ij->j", V, Q), V @ Q),
        (np.einsum("i,i->", U, V), U @ V),
    ],
    ids=lambda e: str(e)[:40],
)  # fmt: skip
def test_forms(written, becomes):
    after = one(written)
    assert after == becomes
    assert_same([written], [after], integers([written]))


def test_what_stays():
    for expr in (
        Q @ R,
        symbol("k", (2, 9)) @ symbol("l", (9,)) @ symbol("m", (2, 3)),  # not associative
        symbol("k", (9, 2)) @ (symbol("l", (7,)) @ symbol("m", (7, 2))),
        -Q @ R,
        P @ Q @ V,
        np.einsum("ii->i", Q),
        np.einsum("ij,ij->ij", Q, R),
        np.einsum("ijk,ikl->ijl", P, P),  # too small for copies
        np.einsum("i,j->ij", U, V),
        (2.0 * Q) @ R,
        symbol("k", (4, 1), complex) @ symbol("l", (1, 4), complex),
        1 / (-Q @ V),  # a zero would change its sign
        1 / (np.reshape(U, (4, 1)) @ np.reshape(V, (1, 4))),
    ):
        assert one(expr) == expr


def test_a_product_that_is_shared_is_not_taken_apart():
    shared = Q @ R
    outputs = [shared @ V, shared, (A @ shared).T]
    after = products(outputs)
    assert after[0] == shared @ V
    assert after[1] == shared
    assert one(shared.T) == R.T @ Q.T
    assert products([shared, shared.T]) == (shared, shared.T)


def test_an_outer_product_is_taken_apart_though_it_is_shared():
    """The gradient of sin(A B v) by A and B: rank one, and never a product of full matrices."""
    n = 40
    a, b, v = symbol("a", (n, n)), symbol("b", (n, n)), symbol("v", (n,))
    f = np.sum(np.sin(a @ b @ v))
    outputs = [f, *reverse.grad(f, ("a", "b", "v"))]
    after = products(outputs)
    assert multiplications(outputs) >= 3 * n**3
    assert multiplications(after) <= n**3 + 10 * n**2
    rng = np.random.default_rng(2)
    given = {"a": rng.normal(size=(n, n)), "b": rng.normal(size=(n, n)), "v": rng.normal(size=n)}
    sizes = {name: np.abs(value) for name, value in given.items()}
    bound = np.max(sizes["a"] @ sizes["b"] @ sizes["v"]) * np.max(sizes["b"]) * n
    for old, new in zip(evaluate_all(outputs, given), evaluate_all(after, given), strict=True):
        # n eps |A||B||v| (Higham 2002, section 3.5) times what the gradient multiplies it by.
        np.testing.assert_allclose(new, old, rtol=0, atol=n * np.finfo(float).eps * bound)


def cheapest(dims):
    """The least cost of a chain, by trying every order."""
    n = len(dims) - 1
    if n == 1:
        return 0
    return min(
        cheapest(dims[: k + 1]) + cheapest(dims[k:]) + dims[0] * dims[k] * dims[n]
        for k in range(1, n)
    )


def written(rng, factors):
    """A chain in a random order."""
    parts = list(factors)
    while len(parts) > 1:
        i = int(rng.integers(len(parts) - 1))
        parts[i : i + 2] = [parts[i] @ parts[i + 1]]
    return parts[0]


@pytest.mark.parametrize("seed", range(40))
def test_chains_cost_least(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(3, 9))
    dims = [int(d) for d in rng.integers(1, 9, n + 1)]
    row, column = bool(rng.integers(2)), bool(rng.integers(2))
    shapes = [tuple(pair) for pair in itertools.pairwise(dims)]
    if row:
        dims[0], shapes[0] = 1, shapes[0][1:]
    if column:
        dims[-1], shapes[-1] = 1, shapes[-1][:1]
    factors = [symbol(f"m{i}", shape) for i, shape in enumerate(shapes)]
    if n == 3 and row and column:
        factors[1] = symbol("m1", tuple(dims[1:3]))
    expr = written(rng, factors)
    after = one(expr, chains)
    best = cheapest(dims)
    # Savings below a tenth are left.
    assert best <= multiplications([after]) <= max(best, best / 0.9)
    given = {name: np.sign(value) for name, value in integers([expr], seed).items()}
    assert_same([expr], [after], given)


def test_a_vector_in_the_middle_ends_a_chain():
    a, b, column = symbol("a", (9, 9)), symbol("b", (9, 9)), symbol("k", (9, 1))
    v = symbol("v", (9,))
    # As a row, a @ b @ v stands before the column, and v alone does not.
    expr = a @ b @ v @ column
    assert one(expr) == (a @ (b @ v)) @ column
    assert_same([expr], [one(expr)], integers([expr]))


def test_savings_below_a_tenth_are_left():
    factors = [symbol("a", (10, 10)), symbol("b", (10, 10)), symbol("c", (10, 9))]
    expr = factors[0] @ factors[1] @ factors[2]
    assert one(expr) == expr


def test_long_chains_go_from_the_narrow_end():
    squares = [symbol(f"s{i}", (6, 6)) for i in range(30)]
    left = squares[0]
    for s in squares[1:]:
        left = left @ s
    column, row = symbol("column", (6,)), symbol("row", (6,))
    assert multiplications([one(left @ column)]) == 30 * 36
    right = squares[-1]
    for s in squares[-2::-1]:
        right = s @ right
    assert multiplications([one(row @ right)]) == 30 * 36
    assert one(left) == left


def test_orders_may_move_an_overflow():
    """What the docstring of `chains` says of partial products that overflow."""
    a, b, v = symbol("a", (2, 2)), symbol("b", (2, 2)), symbol("v", (2,))
    given = {"a": np.eye(2) * 1e200, "b": np.eye(2) * 1e200, "v": np.full(2, 1e-200)}
    with np.errstate(all="ignore"):
        (old, new) = evaluate_all([(a @ b) @ v, one((a @ b) @ v)], given)
    assert not np.isfinite(old).any()
    np.testing.assert_allclose(new, 1e200)  # one digit more or less of 1e-200 and 1e200


@pytest.mark.parametrize(
    "text",
    ["ijk,lik->lij", "ijk,jkl->ijl", "ijk,ijl->jkl", "ij,jk->ki", "ij,jk->ik", "ijk,jk->i",
     "ijk,kj->i", "ij,ijk->ik", "ijk,ilk->ijl", "abc,cd->abd", "abc,dcb->ad", "ij,ij->",
     "ij,ij->i"],
)  # fmt: skip
@pytest.mark.parametrize("size", [2, 29])
def test_einsum_of_two(text, size):
    sizes = dict(zip("ijklabcd", range(size, size + 8), strict=True))
    first, second = text.split("->")[0].split(",")
    a = symbol("a", tuple(sizes[x] for x in first))
    b = symbol("b", tuple(sizes[x] for x in second))
    expr = np.einsum(text, a, b)
    after = one(expr)
    if size == 29 and ("k" in text or "c" in text):
        assert "einsum" not in {e.op for e in topological(after)}
    assert_same([expr], [after], integers([expr]))
    with np.errstate(all="ignore"):
        plain = np.einsum(text, *(integers([expr])[name] for name in "ab"))
    np.testing.assert_array_equal(after(**integers([expr])), plain)


def test_einsum_leaves_other_kinds_alone():
    flags = (Q > 0, R > 0)
    for operands in (flags, (Q, flags[1])):
        assert one(np.einsum("ij,jk->ik", *operands)).op == "einsum"
    z = symbol("z", (4, 4), complex)
    assert one(np.einsum("ij,jk->ik", z, Q)) == z @ Q


def random_program(rng, length):
    pool = [A, B, C, Q, R, U, V, P]
    for _ in range(length):
        x, y = (pool[rng.integers(len(pool))] for _ in range(2))
        kind = int(rng.integers(6))
        if kind < 3 and x.shape and y.shape and x.shape[-1] == y.shape[-2:][0] and len(pool) < 40:
            if len(x.shape) < 3 and len(y.shape) < 3:
                pool.append(np.tanh(x @ y) * 2 if kind == 2 else x @ y)
        elif kind == 3:
            pool.append(np.transpose(x, rng.permutation(len(x.shape))))
        elif kind == 4:
            pool.append(-x)
        elif len(x.shape) == 1:
            pool.append(np.reshape(x, (1, -1) if rng.integers(2) else (-1, 1)))
        elif x.shape and 1 in x.shape:
            pool.append(np.reshape(x, (int(np.prod(x.shape)),)))
    return pool[8:]


@pytest.mark.parametrize("seed", range(60))
def test_random_programs_give_the_same(seed):
    rng = np.random.default_rng(seed)
    outputs = [np.sign(e) if e.op == "multiply" else e for e in random_program(rng, 60)]
    last = outputs[-12:]
    after = products(last)
    assert multiplications(after) <= multiplications(last)
    given = {name: np.sign(value) for name, value in integers(last, seed).items()}
    with np.errstate(all="ignore"):
        pairs = list(zip(evaluate_all(last, given), evaluate_all(after, given), strict=True))
    for old, new in pairs:
        assert np.shape(old) == np.shape(new)
        # Hyperbolic tangents make numbers that round: of a few products of sums of 5 at most.
        scale = max(1.0, float(np.max(np.abs(old), initial=0)))
        np.testing.assert_allclose(new, old, rtol=0, atol=1e3 * np.finfo(float).eps * scale)


def test_nan_and_infinities_stay_in_place_where_no_order_changes():
    forms = [
        (Q @ R).T,
        Q.T @ V,
        (-Q) @ V,
        np.reshape(Q @ np.reshape(U, (4, 1)), (4,)),
        np.reshape(U, (4, 1)) @ np.reshape(V, (1, 4)),
        np.einsum("ij,kj->ik", Q, R),
    ]
    after = products(forms)
    rng = np.random.default_rng(7)
    specials = (np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-300, 1e300)
    for _ in range(40):
        given = integers(forms, int(rng.integers(1000)))
        for value in given.values():
            value.flat[rng.integers(value.size)] = specials[rng.integers(len(specials))]
        with np.errstate(all="ignore"):
            pairs = zip(evaluate_all(forms, given), evaluate_all(after, given), strict=True)
        for old, new in pairs:
            np.testing.assert_array_equal(np.isnan(new), np.isnan(old))
            np.testing.assert_array_equal(np.isposinf(new), np.isposinf(old))
            np.testing.assert_array_equal(np.isneginf(new), np.isneginf(old))


def test_empty_matrices_and_float32():
    none, some = symbol("n", (0, 4)), symbol("k", (3, 0))
    outputs = [(none @ Q).T, some @ none, some @ none @ V, np.einsum("ij,jk->ik", some, none)]
    assert_same(outputs, products(outputs), integers(outputs))
    a, v = symbol("a", (4, 4), np.float32), symbol("v", (4,), np.float32)
    f = np.sum((a @ a @ v) ** 2)
    for out in products([f, *reverse.grad(f, ("a", "v"))]):
        value = out(a=np.eye(4, dtype=np.float32), v=np.ones(4, np.float32))
        assert np.asarray(value).dtype == np.float32


def test_the_gradient_of_a_quadratic_form_is_two_products():
    f = V @ Q @ V
    outputs = [f, *reverse.grad(f, ("v", "q"))]
    after = products(outputs)
    assert sum(e.op == "matmul" for e in topological(after)) == 3
    assert_same(outputs, after, integers(outputs))


def test_deep_graphs_do_not_recurse():
    e = V
    for _ in range(5_000):
        e = Q.T @ e
    after = one(e)
    assert "transpose" not in {x.op for x in topological(after)}
    squares = Q
    for _ in range(5_000):
        squares = squares @ R
    assert multiplications([one(squares @ V)]) == 5_001 * 16
