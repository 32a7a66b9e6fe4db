"""A graph for a batch gives what the graph gives for one argument after the other."""

import numpy as np
import pytest
from test_lower import (
    ARRAY_CASES,
    OF_SCIPY,
    ROWS,
    far,
    m,
    operands_of,
    points_of,
    q,
    same,
    scattered,
    t,
    v,
    x,
    y,
)

from autodiff import primitive
from compare.lower.plans.batch_rules import RULES
from compare.lower.plans.batching import batched
from compare.lower.plans.plan import plan
from diffexpr import (
    ExpressionValueError,
    MissingRuleError,
    arrays,
    constant,
    evaluate_all,
    primitives,
    symbol,
    trace,
)
from diffexpr.apply import apply
from diffexpr.frozen import Index
from diffexpr.walk import topological, variables

SIZES = (3, 1, 0)

EXACT = (
    "max", "min", "sort", "transpose", "reshape", "broadcast_to", "getitem", "scatter_add",
    "concatenate", "stack", "diag", "astype", "conjugate", "real", "imag", "eigh", "eigvalsh",
    "svd", "svdvals", "qr", "cholesky", "inv", "det", "slogdet", "eig", "eigvals", "expm", "sqrtm",
    "solve_sylvester",
)  # fmt: skip
"""Rows that only move numbers, or whose loop runs over a batch one matrix after the other."""

SPREAD = [0, 2]
MORE_CASES = {
    "getitem": [
        # Integer arrays that are not next to each other put their axes in front.
        t[ROWS[:2] // 2, :, ROWS[:2]], t[1, :, ROWS], t[ROWS // 2, None, ROWS],
        t[[1], 1:, [[0], [2]]],
        t[0, ROWS, 1], t[:, ROWS, ROWS], t[..., ROWS], t[np.array(1), :, np.array(2)],
        t[:, np.array([True, False, True]), 1], t[None, ROWS // 2, None, 1:, ROWS],
        apply("getitem", (x,), (Index(()),)),
    ],
    "scatter_add": [
        scattered(t[ROWS // 2, :, ROWS], (ROWS // 2, slice(0, 3, None), ROWS), (2, 3, 4)),
        scattered(m[0, :3], (1, slice(0, 3, None), ROWS[:1]), (2, 3, 4)),
        scattered(x, (slice(0, 3, None),), (4,)),
        scattered(v, (ROWS[:2], slice(0, 4, None)), (3, 4)),
        scattered(x, (), ()), scattered(v[:2], (SPREAD[1], slice(1, 3, None)), (3, 4)),
    ],
    "matmul": [
        v @ m.T, m @ t[0].T, m.T @ t, t @ m.T, t[0, 0] @ t.transpose(0, 2, 1), t @ v,
        t.reshape(2, 1, 3, 4) @ t.transpose(0, 2, 1), np.ones((2, 3)) @ m, m @ np.ones(4),
        np.ones(4) @ v, v @ np.ones(4), np.ones((2, 3)) @ t, t @ np.ones((4, 2)),
        m @ np.ones((4, 2)), np.ones((5, 2, 3)) @ m, v @ np.ones((5, 4, 3)), np.ones((5, 3, 4)) @ v,
    ],
    "diag": [np.diag(m), np.diag(v[:1]), np.diag(v[:0]), np.diag(m @ np.ones((4, 1)))],
    "einsum": [np.einsum("i,j,ij->", v[:3], v, m), np.einsum("ij,ij->ij", q, np.eye(3))],
    "broadcast_to": [np.broadcast_to(m[:, :1], (2, 3, 4)), np.broadcast_to(v, (3, 4)) * m],
    "expm": [apply("expm", (q,)), apply("expm", (np.stack([q, far]),))],
    "sqrtm": [apply("sqrtm", (q @ q.T + np.eye(3) * 9,))],
    "solve_sylvester": [
        apply("solve_sylvester", (far, far, q)), apply("solve_sylvester", (far, 9 * np.eye(3), q)),
        apply("solve_sylvester", (np.stack([far, far]), np.eye(4), m)),
    ],
    "solve": [
        np.linalg.solve(far, np.stack([q, q])), np.linalg.solve(np.stack([far, far * 2]), m),
        np.linalg.solve(np.diag([1.0, 2.0, 4.0]), m), np.linalg.solve(far, np.ones((3, 2))),
    ],
    "sum": [np.sum(t, axis=()), np.sum(t, axis=(0, 1, 2)), apply("sum", (x,), ((), True))],
    "stack": [np.stack([v, np.ones(4)], axis=1)],
    "concatenate": [np.concatenate([np.ones((3, 1)), m], axis=1)],
    "mean": [np.mean(m * t, axis=1)],
}  # fmt: skip


def members(symbols, size):
    """For each symbol an array of different values, one per member of the batch."""
    rng = np.random.default_rng(len(symbols))
    return {s.name: rng.uniform(-1.5, 2, (size, *s.shape)).astype(s.dtype) for s in symbols}


def check(exprs, moving=None, exact=False, values=None) -> None:
    """For a batch of each size the answers are those for its members, in shape and number."""
    symbols = variables(exprs)
    moving = symbols if moving is None else moving
    given = members(symbols, 3) if values is None else values
    shared = {s.name: given[s.name][0] for s in symbols if s not in moving}
    each = []
    for i in range(len(given[symbols[0].name])):
        point = {**{s.name: given[s.name][i] for s in moving}, **shared}
        each.append(evaluate_all(exprs, point))
    for size in (len(each), *SIZES[1:]):
        graphs, parameters = batched(exprs, moving, size)
        assert [p.name for p in parameters] == [s.name for s in moving]
        point = {**{s.name: given[s.name][:size] for s in moving}, **shared}
        for k, (graph, found) in enumerate(zip(graphs, evaluate_all(graphs, point), strict=True)):
            assert graph.shape == np.shape(found) == (size, *exprs[k].shape)
            wanted = np.array([np.asarray(one[k]) for one in each[:size]]).reshape(found.shape)
            if not size:
                continue
            if exact:
                assert same(found, wanted.astype(found.dtype)), (exprs[k], graph)
                continue
            # Sums in another order: a few roundings of the largest term, here at most 50.
            scale = 1 + np.max(np.abs(wanted[np.isfinite(wanted)]), initial=0)
            bar = 50 * np.finfo(found.dtype).eps * scale
            np.testing.assert_allclose(found, wanted, rtol=0, atol=bar)


@pytest.mark.parametrize("name", arrays.TABLE)
def test_every_array_operation_has_a_form_for_a_batch(name) -> None:
    cases = [*ARRAY_CASES.get(name, ()), *MORE_CASES.get(name, ())]
    assert name in RULES
    assert cases
    for expr in cases:
        parts = [node for node in topological(expr) if node.op == name]
        below = {node.op for node in topological(expr)} - {"symbol", "constant", *primitives.TABLE}
        moving = variables(expr)
        exact = below <= set(EXACT)
        for node in (expr, *parts):
            if variables(node):
                check([node], exact=exact)
        for one in moving if len(moving) > 1 else ():
            check([expr], moving=(one,), exact=exact and name != "solve_sylvester")


def test_without_a_rule_the_operation_is_named() -> None:
    expr = np.cumsum(v)
    rule = RULES.pop("cumsum")
    try:
        with pytest.raises(MissingRuleError, match=r"^'cumsum' has no form for a batch"):
            batched([expr], [v], 2)
    finally:
        RULES["cumsum"] = rule


@pytest.mark.parametrize("row", primitives.TABLE.values(), ids=lambda row: row.name)
def test_every_elementwise_row_is_itself(row) -> None:
    operands, points = operands_of(row), points_of(row)
    values = {o.name: column for o, column in zip(operands, points, strict=True)}
    expr = apply(row.name, tuple(operands))
    found = evaluate_all(batched([expr], operands, len(points[0]))[0], values)[0]
    assert same(found, evaluate_all([expr], values)[0])


def test_operands_of_different_rank_are_aligned() -> None:
    check([x * t + v * m, x + y, x * v, np.where(x > 0, m, v), v * np.ones((5, 3, 4))], exact=True)
    for one in (x, v, m, t):
        check([x * t + v * m - 1], moving=(one,), exact=True)
    check([x * np.ones((2, 2)) + 1], exact=True)


def test_what_does_not_depend_on_the_batch_is_computed_once() -> None:
    heavy = np.exp(m @ v)
    (graph,), _ = batched([heavy * x], [x], 7)
    assert heavy in topological(graph)
    graphs, parameters = batched([heavy, constant(2), x], [x], 7)
    assert parameters == (symbol("x", 7),)
    found = evaluate_all(graphs, {"x": np.arange(7.0), "m": np.ones((3, 4)), "v": np.ones(4)})
    np.testing.assert_array_equal(found[0], np.full((7, 3), np.exp(4.0)))
    np.testing.assert_array_equal(found[1], np.full(7, 2.0))


def test_the_weights_of_a_layer_are_used_for_the_whole_batch_at_once() -> None:
    weights = constant(np.linspace(-1, 1, 12).reshape(3, 4))
    (graph,), _ = batched([np.tanh(weights @ v)], [v], 128)
    product = next(node for node in topological(graph) if node.op == "matmul")
    assert [arg.shape for arg in product.args] == [(128, 4), (4, 3)]


OUTPUTS = ("value_and_grad", "jacobian", "hessian", "hvp", "jvp", "vjp", "taylor")


@pytest.mark.parametrize("by", ["symbolic", "forward", "reverse"])
@pytest.mark.parametrize("output", OUTPUTS)
def test_derivatives_of_a_batch(output, by) -> None:
    def f(u, w, s):
        return np.sum(np.tanh(w @ u) ** 2) * s + np.sum(u[1:] * u[:-1]) + np.prod(u[[0, 2]])

    found = plan(f, output, ("u", "s"), by, {"u": (3,), "w": (2, 3), "s": ()})
    used = [p for p in found.parameters if p in variables(found.outputs)]
    check(list(found.outputs), moving=used)


def test_derivatives_of_matrix_functions_of_a_batch() -> None:
    def f(u, s):
        return np.linalg.slogdet(u @ u.T + np.eye(3) * s**2)[1] + np.sum(np.linalg.inv(u + 9 * s))

    for by in ("forward", "reverse"):
        found = plan(f, "value_and_grad", ("u", "s"), by, {"u": (3, 3)})
        values = members(found.parameters, 3)
        values["s"] = np.array([1.0, 2.0, 3.0])
        check(list(found.outputs), values=values)


def test_special_values_and_kinds() -> None:
    row = np.array([[np.nan, 1, -0.0], [np.inf, -np.inf, 5e-324], [1e308, -1e308, 0.0]])
    u = symbol("u", 3)
    exprs = [
        np.diag(u),
        np.sort(u),
        np.cumsum(u),
        np.stack([u, -u]),
        np.max(u),
        u[[0, 2]],
        u * 1e-3,
    ]
    check(exprs, exact=True, values={"u": row})
    narrow = symbol("u", 3, np.float32)
    short = np.array([[np.nan, 1, -0.0], [np.inf, -np.inf, 1e-45], [3e38, -3e38, 0]], np.float32)
    check([np.diag(narrow), np.cumsum(narrow), narrow / 3], exact=True, values={"u": short})
    graphs, _ = batched([np.diag(narrow), np.sum(narrow * 0.1) + 1], [narrow], 2)
    assert [r.dtype for r in evaluate_all(graphs, {"u": np.ones((2, 3), "f4")})] == [np.float32] * 2
    wide = symbol("u", 3, complex)
    check(
        [wide @ wide, np.diag(wide), np.real(wide) * 2], values={"u": np.exp(1j * np.ones((3, 3)))}
    )
    flag = symbol("flag", dtype=bool)
    check([np.where(flag, u, -u)], values={"u": row, "flag": np.array([True, False, True])})


def test_a_chain_of_twenty_thousand_operations() -> None:
    total = v
    for _ in range(10_000):
        total = np.sin(total) + x
    (graph,), parameters = batched([np.sum(total)], [v, x], 2)
    given = {"v": np.ones((2, 4)), "x": np.array([0.1, 0.2])}
    assert len(parameters) == 2
    found = evaluate_all([graph], given)[0]
    each = [evaluate_all([np.sum(total)], {"v": np.ones(4), "x": s})[0] for s in (0.1, 0.2)]
    # A contraction to a fixed point forgets its roundings: both end at the same four numbers.
    np.testing.assert_allclose(found, each, rtol=1e-14)


def test_operations_of_a_user_s_own() -> None:
    @primitive
    def cube(a, b):
        return a * a * a + b

    cube.def_partials(lambda y, a, b: 3 * a * a, lambda y, a, b: 1.0)
    check([trace(lambda v, x: cube(v, x), v, x)], exact=True)

    @primitive
    def total(a):
        return np.sum(a)

    with pytest.raises(MissingRuleError, match="total is a Python function of its own and not"):
        batched([total(v)], [v], 2)
    assert batched([total(v)], [x], 2)[0][0].shape == (2,)


@pytest.mark.parametrize("size", [-1, 1.5, True, None])
def test_a_size_is_a_number_of_members(size) -> None:
    with pytest.raises(ExpressionValueError, match="the size of a batch"):
        batched([x], [x], size)


def test_names_of_scipy_rows_are_covered() -> None:
    assert set(OF_SCIPY) <= set(MORE_CASES)
