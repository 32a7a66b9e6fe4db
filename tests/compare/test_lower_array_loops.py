"""Loops amid other operations on arrays: sums folded in, slices added up, threads, odd arrays."""

import itertools

import numpy as np
import pytest
from lowered_answers import assert_near, assert_same
from test_lower import pasted

from compare.lower import lower
from compare.lower.loops import costs
from diffexpr import evaluate, symbol
from diffexpr.apply import apply
from diffexpr.frozen import Index
from diffexpr.functions import logsumexp, norm, softmax


@pytest.fixture
def small_loops(monkeypatch):
    """Loops and threads for arrays that are far too small for them."""
    monkeypatch.setattr(costs, "LEAST_ARRAY", 4)
    monkeypatch.setattr(costs, "THREAD_NANOSECONDS", 1.0)


ROWS, COLUMNS = 300, 200
m, v, u = symbol("m", (ROWS, COLUMNS)), symbol("v", (COLUMNS,)), symbol("u", (50_000,))
t = symbol("t", (20, 30, 100))
RNG = np.random.default_rng(4)
VALUES = {s.name: RNG.normal(size=s.shape) for s in (m, v, u, t)}
BUMP, CUBE = np.exp(-m * m) * np.sin(m) + v, np.exp(-t * t) * np.sin(t)
AXES = {2: [None, 0, 1, -1, (0, 1)], 3: [None, 0, 1, 2, (0, 1), (1, 2), (0, 2), (0, 1, 2)]}
LAYOUTS = [{}, {"block": 1000}, {"block": 1000, "threads": 3}, {"block": 77}, {"block": 10**7}]


def of(expr):
    return {s.name: VALUES[s.name] for s in expr.variables}


@pytest.mark.parametrize("reduce", [np.sum, np.mean, np.max, np.min], ids=lambda f: f.__name__)
@pytest.mark.parametrize("run", [BUMP, CUBE], ids=["2-D", "3-D"])
def test_reductions_over_all_axes_and_some(run, reduce) -> None:
    keep = (False, True) if run.ndim == 2 else (False,)
    each = [reduce(run, axis=a, keepdims=k) for a in AXES[run.ndim] for k in keep]
    for expr in each:
        wanted = evaluate(expr, of(expr))
        for layout in ({}, {"block": 1000, "threads": 3}, {"block": 77}):
            f = lower(expr, "value", **layout)
            assert "block" not in layout or "_loop1" in f.source
            assert_near(f(**of(expr)), wanted)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_reductions_pass_on_what_is_not_finite(bad) -> None:
    values = dict(of(BUMP), m=VALUES["m"].copy())
    values["m"][17, 3] = bad
    for reduce, axis in itertools.product([np.sum, np.mean, np.max, np.min], [None, 0, 1]):
        expr = reduce(m * 2 + v, axis=axis)
        f = lower(expr, "value", block=1000, threads=2)
        assert_near(f(**values), evaluate(expr, values))


TOGETHER = {
    "several sums": np.sum(BUMP) * np.max(BUMP) + np.mean(BUMP, axis=0) @ v,
    "softmax of rows": np.sum(softmax(BUMP, 1) ** 2),
    "softmax of columns": np.sum(softmax(np.sin(m) * v, 0) ** 2),
    "logsumexp": logsumexp(BUMP) + np.sum(logsumexp(BUMP, axis=0)),
    "norm": norm(BUMP) + np.sum(norm(BUMP, axis=1)),
    "variance": np.var(BUMP) + np.sum(np.std(BUMP, axis=0)),
    "products": np.sum(np.tanh((m * 2 + 1) @ (np.sin(m.T) + 1) / 100) ** 2),
    "matrix and vector": np.sum(np.tanh((m * 2 + 1) @ (np.sin(v) + v) / 10)),
    "dot": (np.sin(u) * u) @ (np.cos(u) + 1),
    "dot with a variable": u @ (np.cos(u) + 1) + (np.cos(u) * 2) @ u,
    "dot with itself": (np.sin(u) * u) @ (np.sin(u) * u),
    "differences": np.sum((u[1:] - u[:-1]) ** 2 * np.sin(u[1:])),
    "Rosenbrock": np.sum(100 * (u[1:] - u[:-1] ** 2) ** 2 + (1 - u[:-1]) ** 2),
    "far apart": np.sum(np.sin(u[10_000:]) * np.cos(u[:-10_000])),
    "one slice": np.sum(np.tanh(np.exp(u[1:] / 9))),
    "stencil": np.sum((m[1:, 1:] - m[:-1, :-1]) ** 2 + m[1:, :-1] * m[:-1, 1:]),
    "3-D stencil": np.sum((t[1:, 1:, 1:] - t[:-1, :-1, :-1]) ** 2 * t[1:, :-1, 1:]),
    "strided": np.sum(np.sin(u[::2]) * u[1::2]),
    "backwards": np.sum(np.sin(u[::-1]) * u),
    "domains in turn": np.sum(np.sin(np.sum(m * m + v, axis=1)[:, None] * np.cos(m) + 1)),
    "cumulated": np.sum(np.cumsum(np.sin(u) * u) * 1e-3),
    "joined": np.sum(np.concatenate([u[:-1] * 2, np.sin(u) * u])),
}


@pytest.mark.parametrize("name", TOGETHER)
def test_loops_between_other_operations(name) -> None:
    expr = TOGETHER[name]
    wanted = lower(expr, passes=(), block=0)(**of(expr))
    for layout in LAYOUTS:
        f = lower(expr, **layout)
        # Sums of up to 90,000 terms of either sign.
        assert_near(f(**of(expr)), wanted, 1e-10)
        assert_same(f(**of(expr)), f(**of(expr)))
    assert_same(pasted(f)(*(VALUES[p] for p in f.parameters)), f(**of(expr)))


def test_seams_between_blocks_of_several_threads() -> None:
    for lag in (1, 5, 60):
        expr = np.sum(np.sin(u[lag:]) * u[:-lag] ** 2)
        wanted = lower(expr, "grad", block=0)(**of(expr))
        for block in (512, 4096, 25_000):
            f = lower(expr, "grad", block=block, threads=4)
            assert f"seams={lag})" in f.source
            for _ in range(3):
                assert_near(f(**of(expr)), wanted)


def scattered(part, first):
    """Zeros of 50,000 elements but for a part that begins at one of them."""
    place = (Index((slice(first, first + part.size, None),), True), (50_000,))
    return apply("scatter_add", (part,), place)


def test_sums_of_scattered_parts_that_are_read_more_than_once() -> None:
    low, high = scattered(np.sin(u[1:]) * 2, 0), scattered(np.cos(u[:-1]) + u[1:], 1)
    middle = scattered(np.exp(-u[5:] * u[5:]) * 3, 2)
    pair = low + high
    for whole in (
        (pair + middle) * np.cos(pair),
        pair + np.sin(low) + (low + middle),
        pair * low + pair,
        low + low,
        pair + (pair + u * 2),
        np.stack([pair, pair + middle])[1] + middle * 3,
    ):
        wanted = evaluate(whole, of(whole))
        for layout in LAYOUTS:
            assert_near(lower(whole, "value", **layout)(**of(whole)), wanted)
            gradient = lower(np.sum(whole * whole), "grad", **layout)
            plain = lower(np.sum(whole * whole), "grad", passes=(), block=0)
            assert_near(gradient(**of(whole)), plain(**of(whole)), 1e-11)


def test_whole_derivatives_in_loops(small_loops) -> None:
    w = symbol("w", 6)
    expr = np.sum(np.exp(-w[1:] * w[:-1]) * np.sin(w[1:])) * np.mean(np.tanh(w) ** 2)
    value = {"w": np.linspace(-1, 1, 6)}
    for output in ("hessian", "jacobian"):
        wanted = lower(expr, output, passes=(), block=0)(**value)
        for by, block in itertools.product(("reverse", "forward", "symbolic"), (None, 2, 7)):
            assert_near(lower(expr, output, by=by, block=block, threads=2)(**value), wanted)


def test_arrays_without_elements(small_loops) -> None:
    e, rows = symbol("e", 0), symbol("rows", (0, 3))
    for expr in (np.sum(np.sin(e) * e), np.sum(e[1:] * e[:-1]), np.sum(np.exp(rows), axis=0)[1]):
        values = {s.name: np.zeros(s.shape) for s in expr.variables}
        value, gradient = lower(expr)(**values)
        assert value == 0
        assert [g.shape for g in gradient] == [s.shape for s in expr.variables]
    for reduce in (np.mean,):
        found = lower(reduce(np.exp(rows) * 2, axis=0), "value")(np.zeros((0, 3)))
        np.testing.assert_array_equal(found, [np.nan] * 3)


def test_arrays_of_another_precision_than_was_declared() -> None:
    for declared, given in itertools.product(("f4", "f8"), ("f4", "f8")):
        w = symbol("w", (40_000,), np.dtype(declared))
        expr = np.sum(np.sin(w) * w + np.exp(w))
        a = np.linspace(0, 1, 40_000).astype(given)
        found = lower(expr)(a)
        wanted = lower(expr, block=0, passes=())(a)
        assert_near(found, wanted, 2e-5 if given == "f4" else 1e-12)
        assert found[1][0].dtype == given


def test_arrays_in_any_order_of_memory() -> None:
    expr = np.sum(BUMP, axis=0) @ v + np.max(m * 2)
    wanted = lower(expr, block=0)(**of(expr))
    big, wide = VALUES["m"], np.zeros((ROWS, 2 * COLUMNS))
    wide[:, ::2] = big
    flipped = big[::-1, ::-1].copy()[::-1, ::-1]
    for array in (np.asfortranarray(big), wide[:, ::2], flipped, big.astype(">f8"), big.tolist()):
        for layout in LAYOUTS[:3]:
            assert_near(lower(expr, **layout)(m=array, v=VALUES["v"]), wanted)
