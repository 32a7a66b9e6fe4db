"""All passes together: which there are, what they report, and that they change no value."""

import gc

import numpy as np
import pytest
from pass_graphs import random_graphs, row_graphs

from autodiff import reverse
from compare.lower.passes import PASSES, HarmfulPassError, run_passes
from diffexpr import ExpressionValueError, evaluate_all, parse, symbol, symbols
from diffexpr.apply import apply
from diffexpr.primitives import TABLE
from diffexpr.walk import topological

x, y = symbols("x y")
SCALAR = ("folding", "algebra", "powers", "reuse", "halfangle")


def test_the_table() -> None:
    assert [name for name, entry in PASSES.items() if not entry.default] == ["overflow"]
    assert set(SCALAR) < set(PASSES)
    for name, entry in PASSES.items():
        assert entry.name == name == entry.run.__name__
        assert entry.says
        assert entry.run([]) == ()
    assert run_passes([]) == ((), run_passes([])[1])


@pytest.mark.parametrize("name", SCALAR)
@pytest.mark.parametrize("row", TABLE)
def test_each_pass_alone_is_harmless_on_every_row_and_its_derivatives(row, name) -> None:
    # In float32 the same rules apply, and less rounding is forgiven by chance.
    for kind in (float, np.float32):
        run_passes(row_graphs(row, kind), [name], check=True)


@pytest.mark.parametrize("row", TABLE)
def test_all_passes_are_harmless_on_every_row_and_its_derivatives(row) -> None:
    graphs = row_graphs(row)
    found, records = run_passes(graphs, check=True)
    assert [graph.shape for graph in found] == [graph.shape for graph in graphs]
    assert len(records) == len(PASSES) - 1


@pytest.mark.parametrize("kind", [float, np.float32])
def test_all_passes_are_harmless_on_random_formulas(kind) -> None:
    changed = dict.fromkeys(PASSES, 0)
    for seed in range(500):
        _, records = run_passes(random_graphs(seed, kind), check=True)
        for record in records:
            changed[record.name] += record.changed
    assert all(changed[name] > 4 for name in ("algebra", "powers")), changed


def test_scalar_symbols_may_be_given_single_precision() -> None:
    # Declared float64, given float32: signs and ranges hold there too.
    values = {"x": np.float32([0.3, -2, 0, 1e-30, np.inf]), "y": np.float32([1, 0.1, -0.0, 3, 2])}
    given = {**values, "c": np.array([True, False, True, False, True])}
    for seed in range(300):
        graphs = random_graphs(seed)
        found, _ = run_passes(graphs)
        pairs = zip(evaluate_all(graphs, given), evaluate_all(found, given), strict=True)
        for graph, (one, other) in zip(graphs, pairs, strict=True):
            one, other = np.asarray(one), np.asarray(other)
            # Python numbers between themselves make a float64 that, folded, gives way.
            assert other.dtype in (one.dtype, np.float32), graph
            if one.dtype == other.dtype == np.float32:
                assert np.array_equal(np.isnan(one), np.isnan(other)), graph


def test_orders_and_names() -> None:
    expr = parse("x*1 + x^3*(2/4)")
    names = [record.name for record in run_passes([expr])[1]]
    assert names == [name for name, entry in PASSES.items() if entry.default]
    found, records = run_passes([expr], ["powers", "algebra"])
    assert [record.name for record in records] == ["algebra", "powers"]
    assert [record.changed for record in records] == [True, True]
    assert records[0].before == len(topological(expr))
    assert records[-1].after == len(topological(found))
    assert run_passes([expr], []) == ((expr,), [])


def test_an_unknown_name_lists_the_choices() -> None:
    with pytest.raises(ExpressionValueError, match=r"passes='powr': choose among .*algebra.*reuse"):
        run_passes([x], ["powr"])


def test_a_pass_with_nothing_to_do_changes_nothing() -> None:
    expr = x * y
    found, records = run_passes([expr], check=True)
    assert found == (expr,)
    assert not any(record.changed for record in records)


def test_running_twice_changes_nothing_more() -> None:
    for seed in range(60):
        once, _ = run_passes(random_graphs(seed), SCALAR)
        twice, _ = run_passes(once, SCALAR)
        assert run_passes(twice, SCALAR)[0] == twice


def test_the_collector_is_left_as_it_was() -> None:
    assert gc.isenabled()
    run_passes([x * 1])
    assert gc.isenabled()
    gc.disable()
    try:
        run_passes([x * 1])
        assert not gc.isenabled()
    finally:
        gc.enable()
    with pytest.raises(ExpressionValueError):
        run_passes([x], ["none"])
    assert gc.isenabled()


def test_chains_do_not_recurse() -> None:
    node = x
    for k in range(10_000):
        step = (node * 1 + y * 2, -node, np.sin(node) + np.cos(node), node * node, node**3 - node)
        node = step[k % 5]
    found, records = run_passes([node])
    assert sum(record.changed for record in records) >= 3
    assert len(topological(found)) > 5_000
    for op in ("negative", "logical_not", "abs"):
        node = x < y if op == "logical_not" else x
        for _ in range(20_001):
            node = apply(op, (node,))
        (found,), _ = run_passes([apply("where", (node, x, y)) if op == "logical_not" else node])
        assert len(topological(found)) < 10


def test_arrays_too() -> None:
    m, v = symbol("m", (3, 4)), symbol("v", (4,))
    f = apply("sum", (np.tanh(m @ (v * 1)) ** 3 + 0.5 * (2 * np.sin(m @ v)),), ((0,), False))
    graphs = [f, *reverse.grad(f, ("m", "v"))]
    found, records = run_passes(graphs, check=True)
    assert [graph.shape for graph in found] == [(), (3, 4), (4,)]
    assert {record.name for record in records if record.changed} >= {"algebra", "powers"}


def test_a_wrong_pass_is_named() -> None:
    entry = PASSES["algebra"]._replace(
        run=lambda outputs, order=None: tuple(2 * o for o in outputs)
    )
    original = PASSES["algebra"]
    PASSES["algebra"] = entry
    try:
        with pytest.raises(HarmfulPassError, match="pass 'algebra' changes output 0 at x="):
            run_passes([np.sin(x)], check=True)
        assert run_passes([np.sin(x)])[0] == (2 * np.sin(x),)
    finally:
        PASSES["algebra"] = original
