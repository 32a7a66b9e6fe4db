"""Programs too long to be compiled are gone through as a list, with the interpreter's answers."""

import pickle
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from lowered_answers import assert_same
from random_graphs import graph_of_arrays, graph_of_points
from test_lower import same

from compare.lower import interpreted, lower, programs
from compare.lower.comparing.error_bars import flat
from compare.lower.interpreted import MOST_STATEMENTS, Interpreted
from compare.lower.plans.plan import plan
from diffexpr import (
    ExpressionTypeError,
    ExpressionValueError,
    ShapeError,
    constant,
    evaluate,
    symbol,
    symbols,
)

x, y = symbols("x y")


@pytest.fixture
def short(monkeypatch):
    """Everything of more than five operations is too long."""
    monkeypatch.setattr(programs, "MOST_STATEMENTS", 5)


def chain(length, step=lambda a: np.sin(a) + y):
    total = x
    for _ in range(length):
        total = step(total)
    return total


def assert_interpreted(graph, output, values):
    made = plan(graph, output, None, "reverse", None)
    found = Interpreted(made)(*(values[p.name] for p in made.parameters))
    for part, expr in zip(flat(found), made.outputs, strict=True):
        assert same(part, evaluate(expr, values)), str(expr)


# the list alone: bit by bit, for it calls the interpreter's own functions


def test_random_graphs_of_points() -> None:
    points = {"x": np.array([0.3, -1.2, 0.0]), "y": np.array([2.5, -0.7, -0.0])}
    for seed in range(150):
        rng = np.random.default_rng(seed)
        graph = graph_of_points(rng, int(rng.integers(3, 20)))
        for values in ({**points, "z": 0.9}, {"x": 1.5, "y": np.inf, "z": np.nan}):
            assert_interpreted(graph, ("value", "value_and_grad")[seed % 2], values)


def test_random_graphs_of_arrays() -> None:
    for seed in range(150):
        rng = np.random.default_rng(seed)
        graph = graph_of_arrays(rng, int(rng.integers(3, 18)))
        values = {s.name: rng.normal(size=s.shape) if s.shape else 0.7 for s in graph.variables}
        assert_interpreted(graph, ("value", "value_and_grad")[seed % 2], values)


@pytest.mark.parametrize("kind", [np.float32, np.float16, np.longdouble, complex, np.complex64])
def test_numbers_of_every_kind(kind) -> None:
    values = {"x": np.array([0.5, 2.0], kind), "y": kind(0.25)}
    assert_interpreted(x**2 * np.sin(y) + np.exp(-x * y) / (1 + x * x) - 3 * y / x, "value", values)


def test_outputs_that_are_variables_constants_and_each_other() -> None:
    values = {"x": np.arange(3.0), "y": 2.0}
    for graph in (x, x * y, x + y, constant(2.0), np.exp(x + y), 3 * x):
        assert_interpreted(graph, "value_and_grad", {n: values[n] for n in values})


def test_a_place_is_used_again_only_when_all_have_read_it() -> None:
    kept = [np.sin(x * i) for i in range(1, 40)]
    graph = sum(a * b for a, b in zip(kept, reversed(kept), strict=True)) + kept[0] * kept[-1]
    assert_interpreted(graph, "value_and_grad", {"x": 0.7})
    made = plan(chain(5_000), "value", None, "reverse", None)
    assert Interpreted(made)._count < 10


# lowered functions that are too long


def test_a_chain_beyond_what_is_compiled() -> None:
    total = chain(MOST_STATEMENTS // 2 + 1)
    f = lower(total, "value")
    assert sys.getrecursionlimit() <= 10_000
    many = np.linspace(-1, 1, 5)
    assert same(f(0.1, 0.2), float(evaluate(total, {"x": 0.1, "y": 0.2})))
    found = f(many, 0.2)
    for a, value in zip(many, found, strict=True):
        # One sine more or less rounded, of a chain that contracts.
        assert value == pytest.approx(f(np.float64(a), 0.2), abs=1e-14)
    with pytest.raises(ExpressionValueError, match=r"more than 100,000 operations are interpreted"):
        _ = f.source
    assert f.operations.before == {"add": 50_001, "sin": 50_001}
    again = pickle.loads(pickle.dumps(f))
    assert_same(again(many, 0.2), found)


def test_what_is_too_long_behaves_as_what_is_not(short) -> None:
    w = symbol("w", 4)
    total = chain(6) * np.sum(w[1:] * w[:-1])
    for output in ("value", "value_and_grad", "hessian"):
        # Otherwise the one that was lowered without the limit may be found again.
        f = lower(total, output, wrt=("x", "w"), threads=7)
        values = {"w": np.arange(4.0), "x": 0.3, "y": 0.1}
        made = plan(total, output, ("x", "w"), "reverse", None)
        for part, expr in zip(flat(f(**values)), made.outputs, strict=True):
            wanted = evaluate(expr, values)
            assert np.shape(part) == np.shape(wanted)
            np.testing.assert_allclose(part, wanted, rtol=1e-12, atol=1e-14)
        with pytest.raises(ExpressionValueError, match="have no source"):
            _ = f.source
        with pytest.raises(ExpressionValueError, match="have no source"):
            f.save("nowhere.py")
        assert "out" not in repr(f).replace("output", "")


def test_calls_of_what_is_too_long(short) -> None:
    total = chain(6)
    f = lower(total, threads=6)
    many = np.linspace(0.1, 1, 10_000)
    value, (dx, dy) = f(many, 0.5)
    out = tuple(np.empty(10_000) for _ in range(3))
    assert_same(f(many, 0.5, out=(out[0], out[1:])), (value, (dx, dy)))
    assert f(many.astype("f4"), 0.5)[0].dtype == np.float32
    assert f(many + 1j, 0.5)[0].dtype == complex
    assert [type(part) for part in flat(f(0.1, 0.5))] == [float] * 3
    own = many.copy()
    f(own, 0.5, out=(own, (np.empty(10_000), np.empty(10_000))))
    assert_same(own, value)
    with pytest.raises(ShapeError, match="do not broadcast"):
        f(many, many[:3])
    with pytest.raises(ExpressionTypeError, match="no value for 'y'"):
        f(many)
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(lambda _: f(many, 0.5), range(8)):
            assert_same(found, (value, (dx, dy)))


def test_the_limit_of_the_interpreter_is_that_of_the_programs() -> None:
    assert programs.MOST_STATEMENTS is interpreted.MOST_STATEMENTS


def test_no_warning_and_no_change_of_numpys_error_state() -> None:
    made = plan(1 / x + np.log(y), "value", None, "reverse", None)
    with np.errstate(all="raise"):
        within = np.geterr()
        found = Interpreted(made)(0.0, -1.0)
        assert np.geterr() == within
    assert np.isnan(found)


def test_only_the_passes_that_pay_are_run_on_what_is_too_long(short) -> None:
    total = np.log(1 + x**3) + np.sin(x) * np.cos(x) * (-1 * x) + chain(6)
    f = lower(total, "value", threads=5)
    assert [r.name for r in f._programs.records] == ["broadcasts", "stable", "powers", "products"]
    assert "only those are run that may save much of that, or digits" in f.explain()
    assert "log1p" in f.operations.after
    assert "power" not in f.operations.after
    # Without the limit they are those of every other program; what is asked for by name is run.
    named = lower(total, "value", threads=5, passes=("algebra", "halfangle"))
    assert [r.name for r in named._programs.records] == ["algebra", "halfangle"]
    assert "tan" in named.operations.after
    for found in (f, named):
        assert found(0.3, 0.2) == pytest.approx(float(evaluate(total, {"x": 0.3, "y": 0.2})))


def test_what_passes_leave_alone_is_one_program_for_all_numbers(short) -> None:
    f = lower(chain(7), "value", threads=6)
    assert f._programs.exact is f._programs.plain is f._programs.generic
