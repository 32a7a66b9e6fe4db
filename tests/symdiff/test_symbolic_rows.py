"""Every primitive, every argument, at every sample: value, derivative, conventions."""

import itertools

import mpmath
import numpy as np
import pytest
import sympy as sp
from sabotage import FIXED
from truth import VALUES

from diffexpr import MissingRuleError, symbol
from diffexpr.build import node
from diffexpr.primitives import TABLE
from symdiff import differentiate, evaluate, from_sympy, to_sympy, translate
from symdiff.translate import CONDITIONS

ROWS = sorted(TABLE)
NUMERIC = [name for name in ROWS if TABLE[name].kind != "bool"]
NO_CLOSED_FORM = {(name, i) for name, fixed in FIXED.items() for i in fixed}
ARGUMENTS = [
    (name, i)
    for name in NUMERIC
    for i in range(TABLE[name].arity)
    if (name, i) not in CONDITIONS and (name, i) not in NO_CLOSED_FORM
]


def variables(name):
    return [
        symbol("abc"[i], dtype=bool if (name, i) in CONDITIONS else float)
        for i in range(TABLE[name].arity)
    ]


def graph(name):
    return node(name, tuple(variables(name)))


def points(name):
    """All combinations of samples of one argument, a diagonal choice of many."""
    samples = [
        [bool(v) for v in domain.samples] if (name, i) in CONDITIONS else domain.samples
        for i, domain in enumerate(TABLE[name].domains)
    ]
    if name in ("mod", "maximum", "minimum", "hypot"):  # off the diagonal, where they break
        samples[1] = [v + 0.05 for v in samples[1]]
    return list(itertools.product(*samples))


def at(point):
    return dict(zip("abc", point, strict=False))


def test_every_primitive_has_a_row():
    assert set(translate.TABLE) == set(TABLE)


@pytest.mark.parametrize("name", ROWS)
def test_the_meaning_has_numpy_s_value(name):
    row = TABLE[name]
    for point in points(name):
        value = row.value(*point)
        exact = evaluate(graph(name), at(point))
        if row.kind == "bool":
            assert exact == value
        else:
            # The row's own claim about the accuracy of NumPy's function.
            size = max(abs(value), row.scale(*point)) if row.scale else abs(value)
            assert abs(mpmath.mpf(float(value)) - exact) <= row.ulps * np.spacing(size)


@pytest.mark.parametrize("name", NUMERIC)
def test_the_meaning_is_the_function_to_fifty_digits(name):
    with mpmath.workdps(60):
        for point in points(name):
            exact = VALUES[name](*(v if isinstance(v, bool) else mpmath.mpf(v) for v in point))
            found = evaluate(graph(name), at(point))
            assert abs(found - exact) <= mpmath.mpf(10) ** -49 * max(1, abs(exact))


@pytest.mark.parametrize("method", ["formula", "graph"])
@pytest.mark.parametrize(("name", "position"), ARGUMENTS)
def test_the_derivative_is_the_limit_of_differences(name, position, method):
    found = differentiate(graph(name), "abc"[position], method=method).formula
    with mpmath.workdps(60):
        for point in points(name):
            exact = [v if isinstance(v, bool) else mpmath.mpf(v) for v in point]

            def along(t, exact=exact):
                return VALUES[name](*exact[:position], t, *exact[position + 1 :])

            slope = mpmath.diff(along, exact[position])
            value = evaluate(found, at(point))
            # mpmath's step loses about half of the 60 digits it is given twice over.
            assert abs(value - slope) <= mpmath.mpf(10) ** -40 * max(1, abs(slope)), point


@pytest.mark.parametrize("name", NUMERIC)
def test_the_round_trip_through_sympy_keeps_the_value(name):
    if name in ("where",):
        return  # its condition comes back as a number
    back = from_sympy(to_sympy(graph(name)))
    for point in points(name)[:6]:
        before, after = evaluate(graph(name), at(point)), evaluate(back, at(point))
        assert abs(before - after) <= mpmath.mpf(10) ** -48 * max(1, abs(before))


@pytest.mark.parametrize(("name", "position"), sorted(NO_CLOSED_FORM))
@pytest.mark.parametrize("method", ["formula", "graph"])
def test_a_derivative_without_closed_form_is_refused(name, position, method):
    with pytest.raises(MissingRuleError, match="is no function of the language"):
        differentiate(graph(name), "abc"[position], method=method)


CONVENTIONS = [
    ("abs", (0.0,), 0, 0),
    ("sign", (0.0,), 0, 0),
    ("relu", (0.0,), 0, 0),
    ("maximum", (0.7, 0.7), 0, 0.5),
    ("maximum", (0.7, 0.7), 1, 0.5),
    ("minimum", (0.7, 0.7), 0, 0.5),
    ("minimum", (0.7, 0.7), 1, 0.5),
    ("clip", (-1.0, -1.0, 1.0), 0, 0.5),
    ("clip", (1.0, -1.0, 1.0), 0, 0.5),
    ("clip", (1.0, -1.0, 1.0), 2, 0.5),
    ("clip", (-1.0, -1.0, 1.0), 1, 0.5),
    ("leaky_relu", (0.0, 0.25), 0, 0.25),
    ("leaky_relu", (0.0, 0.25), 1, 0),
    ("elu", (0.0, 1.5), 0, 1.5),
    ("hardtanh", (1.0,), 0, 0),
    ("hardtanh", (-1.0,), 0, 0),
    ("hypot", (0.0, 0.0), 0, 0),
    ("hypot", (0.0, 0.0), 1, 0),
    ("floor", (2.0,), 0, 0),
    ("ceil", (2.0,), 0, 0),
    ("round", (2.5,), 0, 0),
    ("mod", (4.0, 2.0), 0, 1),
    ("mod", (4.0, 2.0), 1, -2),
    ("heaviside", (0.0, 0.5), 0, 0),
    ("heaviside", (0.0, 0.5), 1, 1),
    ("heaviside", (1.0, 0.5), 1, 0),
    ("where", (True, 2.0, 3.0), 1, 1),
    ("where", (True, 2.0, 3.0), 2, 0),
    ("sinc", (0.0,), 0, 0),
    ("softsign", (0.0,), 0, 1),
]


@pytest.mark.parametrize("method", ["formula", "graph"])
@pytest.mark.parametrize(("name", "point", "position", "convention"), CONVENTIONS)
def test_conventions_at_kinks(name, point, position, convention, method):
    found = differentiate(graph(name), "abc"[position], method=method).formula
    assert found(**at(point)) == convention
    assert evaluate(found, at(point)) == convention


def test_halves_round_to_even():
    for x in (-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 2.4999, 2.5001):
        assert evaluate(graph("round"), {"a": x}) == np.rint(x)


def test_even_derivatives_of_sinc_at_zero():
    second = differentiate(graph("sinc"), "a", n=2).formula
    assert abs(evaluate(second, {"a": 0}) + mpmath.mp.pi**2 / 3) < 1e-14
    again = differentiate(differentiate(graph("sinc"), "a").formula, "a").formula
    assert abs(evaluate(again, {"a": 0}) + mpmath.mp.pi**2 / 3) < 1e-14


@pytest.mark.parametrize("name", ["abs", "sign", "floor", "maximum", "heaviside", "relu", "round"])
def test_higher_derivatives_leave_nothing_unevaluated(name):
    rest = (2.0,) * (TABLE[name].arity - 1)
    f = node(name, (np.log(symbol("a")), *rest))
    third = differentiate(f, "a", n=3).formula
    assert np.isfinite(third(a=3.3))


def test_extreme_arguments_give_finite_derivatives():
    for name, low, high in (
        ("sigmoid", 0, 0),
        ("softplus", 0, 1),
        ("silu", 0, 1),
        ("gelu", 0, 1),
        ("mish", 0, 1),
        ("elu", 0, 1),
        ("tanh", 0, 0),
        ("softsign", 0, 0),
    ):
        rest = (1.0,) * (TABLE[name].arity - 1)
        slope = differentiate(node(name, (symbol("a"), *rest)), "a").formula
        assert slope(a=-800.0) == pytest.approx(low, abs=1e-5)
        assert slope(a=800.0) == pytest.approx(high, abs=1e-5)


def test_a_replaced_row_is_read_at_once(monkeypatch):
    a = symbol("a")
    slope = differentiate(np.sin(a), a, method="graph").formula
    assert slope(a=0.0) == 1
    assert evaluate(np.sin(a), {"a": 1}) == pytest.approx(np.sin(1))
    monkeypatch.setitem(translate.TABLE, "sin", lambda x: 2 * sp.cos(x))
    for method in ("formula", "graph"):
        wrong = differentiate(np.sin(a), a, method=method).formula
        assert wrong(a=0.5) == pytest.approx(-2 * np.sin(0.5), rel=1e-12)
    assert evaluate(np.sin(a), {"a": 1}) == pytest.approx(2 * np.cos(1))
    monkeypatch.undo()
    assert differentiate(np.sin(a), a, method="graph").formula(a=0.0) == 1


def test_a_row_may_give_a_plain_number(monkeypatch):
    monkeypatch.setitem(translate.TABLE, "sin", lambda x: 0)
    a = symbol("a")
    for method in ("formula", "graph"):
        assert differentiate(np.sin(a), a, method=method).formula(a=1.0) == 0
    assert evaluate(np.sin(a), {"a": 1}) == 0
