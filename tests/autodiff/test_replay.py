"""An expression on a tape by its own variables: the records that its operations would leave."""

import numpy as np
import pytest

from autodiff import graph, reverse
from autodiff.replay import replayed
from autodiff.tape import Tape
from diffexpr import MissingRuleError, constant, parse, symbol, symbols
from diffexpr.apply import apply
from diffexpr.custom import primitive
from diffexpr.evaluate import bind, evaluate_nodes
from diffexpr.walk import topological

x, y = symbols("x y")
m, v = symbol("m", (3, 4)), symbol("v", 4)

GRAPHS = {
    "elementwise": parse("x*y + sin(x)/y - 2^x + x^3"),
    "of one variable": np.exp(3 * y) + np.sin(y) * 2,
    "constant": constant(2.0),
    "variable": x,
    "selections": apply("where", (apply("less", (x, y)), x * y, np.maximum(x, 0.0))),
    "truth values": apply("multiply", (apply("greater", (x, 0.0)), y)),
    "arrays": np.sum(np.tanh(m @ v) ** 2 * m[:, 0]) + np.sum(v[::2] * x),
    "constants among themselves": x * (constant(2) * constant(3)) + np.sin(constant(1.0)),
}


def taped(expr, chosen, run):
    """The records of a graph, and its value, on a fresh tape of some of its variables."""
    tape = Tape()
    values = [tape.variable(s) if s in chosen else s for s in expr.variables]
    return tape, run(expr, values)


def one_by_one(expr, values):
    given = {s: bind(s, {s.name: value}) for s, value in zip(expr.variables, values, strict=True)}
    return evaluate_nodes(topological(expr), [expr], given)[0]


def at_once(expr, values):
    return replayed(expr, topological(expr), expr.variables, values)


@pytest.mark.parametrize("name", GRAPHS)
def test_the_records_are_those_of_the_operations_one_by_one(name) -> None:
    expr = GRAPHS[name]
    for chosen in (set(expr.variables), set(expr.variables[:1])):
        if not chosen:
            continue
        wanted, expected = taped(expr, chosen, one_by_one)
        tape, found = taped(expr, chosen, at_once)
        assert tape.records == wanted.records
        assert tape.selects == wanted.selects
        assert type(found) is type(expected)
        if tape.holds(found):
            assert (found.primal, found.index) == (expected.primal, expected.index)
        else:
            assert found is expected


@pytest.mark.parametrize("name", GRAPHS)
def test_the_gradient_of_a_graph_is_that_of_the_function(name) -> None:
    expr = GRAPHS[name]
    given = expr.variables
    if not given:
        return
    pairs = dict(zip(given, range(len(given)), strict=True))
    f = lambda *values: one_by_one(expr, values)  # noqa: E731
    assert reverse.grad(expr) == reverse.grad(f, tuple(pairs.values()))(*given)


def test_other_values_than_the_variables_themselves_are_computed() -> None:
    tape, other = Tape(), Tape()
    expr, order = x * y, topological(x * y)
    assert replayed(expr, order, (x, y), [tape.variable(x), 2.0]) is None
    assert replayed(expr, order, (x, y), [tape.variable(y), y]) is None
    assert replayed(expr, order, (x, y), [tape.variable(x), other.variable(y)]) is None
    assert replayed(expr, order, (x, y), [x, y]) is None
    assert graph.run(expr, (x, y), [2.0, 3.0]) == 6.0


def test_operations_of_a_user_are_computed() -> None:
    twice = primitive(lambda a: 2 * a).def_partials(lambda y, a: 2)
    expr = twice(x) * x
    tape = Tape()
    assert replayed(expr, topological(expr), (x,), [tape.variable(x)]) is None
    assert reverse.grad(expr)[0](x=3.0) == 12.0


def test_an_operation_without_a_derivative(monkeypatch) -> None:
    from autodiff import rules

    monkeypatch.delitem(rules.PARTIALS, "sin")
    with pytest.raises(MissingRuleError, match="sin has no partials"):
        reverse.grad(np.sin(x) * x)


def test_second_derivatives() -> None:
    hessian = reverse.hessian(x**3 * y)
    assert [[h(x=2.0, y=5.0) for h in row] for row in hessian] == [[60.0, 12.0], [12.0, 0.0]]
