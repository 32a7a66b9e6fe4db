"""One backend at a time: what it answers, what it costs, and why it does not."""

import numpy as np
import pytest

from compare.answers import SOURCES, ask, complex_step_applies, formulas_of
from compare.problem import Counter, pose
from diffexpr import parse, symbol


def test_sources():
    assert SOURCES["forward"] == SOURCES["reverse"]
    assert SOURCES["numeric"] == SOURCES["complex-step"]
    assert len(set(SOURCES.values())) == 3


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_every_backend_answers(name):
    answer = ask(name, pose("x^2 sin(y)", {"x": 1.0, "y": 2.0}))
    assert answer.name == name
    assert answer.source == SOURCES[name]
    assert not answer.absent
    assert answer.evaluations >= 1
    assert answer.seconds >= 0
    np.testing.assert_allclose(answer.values[0], 2 * np.sin(2), rtol=1e-12)
    np.testing.assert_allclose(answer.values[1], np.cos(2), rtol=1e-12)
    assert all(np.all(e >= 0) for e in answer.errors)
    assert bool(answer.status) == (SOURCES[name] == "values")
    assert bool(answer.formulas) == (SOURCES[name] != "values")


def test_formulas_are_right_elsewhere_too():
    problem = pose("x^2 sin(y)", {"x": 1.0, "y": 2.0})
    for name in ("symbolic", "forward", "reverse"):
        dx, dy = ask(name, problem).formulas
        assert float(dx(x=3.0, y=0.5)) == pytest.approx(6 * np.sin(0.5), rel=1e-14)
        assert float(dy(x=3.0, y=0.5)) == pytest.approx(9 * np.cos(0.5), rel=1e-14)


def test_without_a_graph_there_are_no_formulas():
    def branch(x):
        return x * x if x > 0 else -x

    problem = pose(branch, 2.0)
    assert problem.graph is None
    assert "np.where" in problem.no_graph
    import autodiff

    assert formulas_of(autodiff.forward, problem) == ()
    symbolic = ask("symbolic", problem)
    assert symbolic.absent
    assert symbolic.note.startswith("no formula: ")
    assert not complex_step_applies(problem)


@pytest.mark.parametrize(
    ("text", "applies"),
    [
        ("x^2 sin(x)", True),
        ("exp(x)/x", True),
        ("|x|", False),
        ("x + relu(x)", False),
        ("where(x > 0, x, 2x)", False),
        ("norm([x, 2])", False),
        ("atan2(x, 2)", False),
    ],
)
def test_the_complex_step_needs_analytic_rows(text, applies):
    if text.startswith("norm"):
        v = symbol("v", (2,))
        problem = pose(np.linalg.norm(v), {"v": np.array([1.0, 2.0])})
    else:
        problem = pose(text, 1.0)
    assert complex_step_applies(problem) is applies


def test_reasons():
    vector = pose(lambda v: v * 2, np.array([1.0, 2.0]))
    for name in SOURCES:
        answer = ask(name, vector)
        assert answer.absent
        assert "use jacobian" in answer.note
    second = ask("numeric", pose("sin(x)", 1.0, "derivative", None, 7))
    assert second.absent
    assert "got 7" in second.note


def test_calls_are_counted():
    counted = Counter(lambda x: x + 1)
    assert counted(1) == 2
    assert counted(2) == 3
    assert counted.calls == 2

    calls = []

    def f(x):
        calls.append(x)
        return x * x

    problem = pose(f, 3.0)
    before = len(calls)
    answer = ask("numeric", problem)
    assert answer.evaluations == len(calls) - before


def test_a_problem_in_one_form():
    problem = pose(parse("x y"), (2.0, 5.0), "hessian", ("y", "x"))
    assert problem.order == 2
    assert problem.labels == ("y,y", "y,x", "x,y", "x,x")
    assert problem.at == {"x": 2.0, "y": 5.0}
    assert problem.wrt == (1, 0)
    third = pose("x^4", 1.0, "derivative", None, 3)
    assert third.labels == ("x,x,x",)
    assert third.wrt == 0


def test_a_fault_in_an_expression_is_not_swallowed(monkeypatch):
    from autodiff import rules

    def broken(y, x):
        raise RuntimeError("a bug in a rule")

    monkeypatch.setitem(rules.PARTIALS, "sin", (broken,))
    with pytest.raises(RuntimeError, match="a bug in a rule"):
        ask("forward", pose("sin(x)", 1.0))
