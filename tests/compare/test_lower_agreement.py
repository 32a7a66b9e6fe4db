"""Lowered answers are the interpreter's: within 4 ulps times the condition, NaN in its places."""

import inspect

import numpy as np
import pytest
from random_graphs import far_apart, graph_of_arrays, graph_of_points
from scenarios import SCENARIOS

import autodiff
from compare.lower import PASSES, lower
from compare.lower.loops import costs
from compare.lower.plans.plan import plan
from diffexpr import ControlFlowError, Expr, evaluate, symbol

PLAIN = np.array([0.3, -1.2, 2.5, 0.0, -0.7, 1.9, 5.0])
# What makes trouble, each beside others in every place.
SPECIAL = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 1e300, -1e300, 1.0, -1.0, 2.5, -0.7])
TINY = np.where(np.abs(SPECIAL) == 1, SPECIAL * 1e-310, np.where(SPECIAL == 2.5, 1e-300, SPECIAL))


@pytest.fixture
def small_loops(monkeypatch):
    """Loops and threads for arrays that are far too small for them."""
    monkeypatch.setattr(costs, "LEAST_ARRAY", 4)
    monkeypatch.setattr(costs, "THREAD_NANOSECONDS", 1.0)


# scenarios

# Python that asks for the truth of what it computes cannot be traced, hence not lowered.
FOLLOW_VALUES = {"branch taken", "other branch", "iteration to convergence"}
WAYS = [{}, {"block": 0}, {"block": 3, "threads": 2}, {"passes": ()}]


def questions_of(scenario):
    """The arguments of `lower`: first for the value, then for the derivative."""
    target, names, at = scenario.target, scenario.wrt, None
    if isinstance(target, Expr):
        names = names or tuple(v.name for v in target.variables)
    else:
        at = {name: np.asarray(scenario.at[name]) for name in inspect.signature(target).parameters}
        names = names or tuple(at)
    yield {"f": target, "output": "value", "wrt": None, "at": at}
    if scenario.verb == "derivative":
        target = autodiff.derivative(target, names[0], scenario.order)
        yield {"f": target, "output": "value", "wrt": None, "at": at}
    else:
        yield {"f": target, "output": scenario.verb, "wrt": names, "at": at}


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_every_scenario(scenario, small_loops) -> None:
    if scenario.name in FOLLOW_VALUES:
        for question in questions_of(scenario):
            with pytest.raises(ControlFlowError, match=r"write np\.where"):
                lower(**question)
        return
    for question in questions_of(scenario):
        made = plan(question["f"], question["output"], question["wrt"], "reverse", question["at"])
        values = {p.name: scenario.at[p.name] for p in made.parameters}
        many = {n: a if np.ndim(a) else np.full(9, float(a)) for n, a in values.items()}
        for way in WAYS:
            f = lower(**question, **way)
            assert far_apart(made.outputs, f(**values), values) == "", f.source
            if not any(p.shape for p in made.parameters):
                assert far_apart(made.outputs, f(**many), many) == "", f.source


# random expressions: 2,000 in all

UNSTABLE = tuple(name for name, one in PASSES.items() if one.default and name != "stable")


def assert_close(graph, seed, values, **options):
    """The value, or for every other seed the value and gradient, is that of the interpreter."""
    output, by = ("value", "value_and_grad")[seed % 2], ("reverse", "forward")[seed // 2 % 2]
    made = plan(graph, output, None, by, None)
    given = {p.name: values[p.name] for p in made.parameters}
    f = lower(graph, output, by=by, **options)
    wrong = far_apart(made.outputs, f(**given), given)
    assert not wrong, f"seed {seed}: {wrong}\n{f.source}"


def chunks(first, last, size=100):
    ids = [(start, min(start + size, last)) for start in range(first, last, size)]
    return pytest.mark.parametrize("seeds", [range(*pair) for pair in ids], ids=str)


@chunks(0, 900)
def test_random_functions_of_points(seeds) -> None:
    for seed in seeds:
        rng = np.random.default_rng(seed)
        graph = graph_of_points(rng, int(rng.integers(3, 20)))
        values = {"x": PLAIN, "y": PLAIN[[3, 1, 4, 0, 2, 6, 5]] * 0.9, "z": PLAIN[::-1] * 1.1}
        # Whole arrays, or blocks of three points.
        assert_close(graph, seed, values, block=(0, 3)[seed // 4 % 2])


@chunks(900, 1500)
def test_random_functions_of_nan_infinity_and_the_like(seeds) -> None:
    for seed in seeds:
        rng = np.random.default_rng(seed)
        graph = graph_of_points(rng, int(rng.integers(3, 12)))
        # The stable forms keep differences that the interpreter rounds to 0, and 1/0 to infinity.
        points, passes = (SPECIAL, None) if seed % 3 else (TINY, UNSTABLE)
        values = {"x": points, "y": np.roll(points, 3), "z": np.roll(points, 5)}
        assert_close(graph, seed, values, block=(0, 3)[seed // 4 % 2], passes=passes)


@chunks(1500, 2000)
def test_random_functions_of_arrays(seeds, small_loops) -> None:
    ways = ({"block": 0}, {"block": 4, "threads": 1}, {"block": 7, "threads": 3})
    for seed in seeds:
        rng = np.random.default_rng(seed)
        graph = graph_of_arrays(rng, int(rng.integers(3, 18)))
        values = {s.name: rng.normal(size=s.shape) if s.shape else 0.7 for s in graph.variables}
        assert_close(graph, seed, values, **ways[seed // 4 % 3])


def test_the_measure_notices_what_is_wrong() -> None:
    x = symbol("x")
    values = {"x": np.array([0.7, -0.7])}
    with np.errstate(all="ignore"):
        for graph in (np.exp(x), np.log(x), 1 / (x + np.abs(x)), x * 1.5):
            right = np.asarray(evaluate(graph, values))
            assert far_apart([graph], right, values) == ""
            for wrong in (right * (1 + 1e-14), -right, np.nan * right, right / 0.0, right[::-1]):
                same = np.array_equal(wrong, right, equal_nan=True)
                assert bool(far_apart([graph], wrong, values)) != same
