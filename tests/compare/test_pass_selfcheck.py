"""The self-check catches passes that are wrong, and lets rounding pass."""

import importlib
import pickle

import numpy as np
import pytest

from compare.lower.passes import HarmfulPassError, check_harmless, run_passes
from compare.lower.passes.rewrite import rewrite
from diffexpr import ExpressionValueError, constant, parse, symbol, symbols
from diffexpr.apply import apply

x, y = symbols("x y")
v, m = symbol("v", (4,)), symbol("m", (3, 4))


def harmless(before, after) -> None:
    before, after = (parse(e) if isinstance(e, str) else e for e in (before, after))
    check_harmless([before], [after], "some")


HARMLESS = [
    ("x*x*x", "x^3"),
    ("x^16", "square(square(square(square(x))))"),
    ("(x + y) + 1", "x + (y + 1)"),
    ("log(1 + x)", "log1p(x)"),
    ("exp(x) - 1", "expm1(x)"),
    ("1/(1 + exp(x)^2)", "1/(1 + exp(2*x))"),
    ("sin(x)/cos(x)", "tan(x)"),
    ("1/log(1 + x)", "1/log1p(x)"),
    ("where(x < y, x, y)", "where(y > x, x, y)"),
    ("floor(3*x)*0 + x", "x + 0*floor(x + 2*x)"),
]


@pytest.mark.parametrize(("before", "after"), HARMLESS, ids=[a for a, _ in HARMLESS])
def test_roundings_pass(before, after) -> None:
    harmless(before, after)


HARMFUL = [
    ("0*x", "0*sign(x)"),
    ("x - x", "0*sign(x)"),
    ("x*y/y", "x + 0*sign(y)"),
    ("x/x", "1 + 0*sign(x)"),
    ("0.5*(2*x)", "x"),
    ("x*y*(1/y)", "x + 0*sign(y)"),
    ("1/(1/x)", "x"),
    ("1/x^2", "x*x*(1/x)^4"),
    ("sqrt(x^2)", "abs(x)"),
    ("sech(x)^2", "1 - tanh(x)^2"),
    ("sinh(x)", "(exp(x) - exp(-x))/2"),
    ("log1p(x)", "log(1 + x)"),
    ("exp(-x)", "1/exp(x)"),
    ("log(x*y)", "log(x) + log(y)"),
    ("hypot(x, y)", "sqrt(x^2 + y^2)"),
    ("x + y", "x + y + 1e-12"),
    ("x*1.0000000000001", "x"),
    ("sin(x)", "x - x^3/6"),
    ("maximum(x, y)", "where(x > y, x, y)"),
    ("x < y", "x <= y"),
    ("1/(x + 0)", "1/x"),
    ("x^-1", "1/abs(x)"),
]


@pytest.mark.parametrize(("before", "after"), HARMFUL, ids=[a for a, _ in HARMFUL])
def test_changes_do_not(before, after) -> None:
    with pytest.raises(HarmfulPassError, match=r"^pass 'some' changes output 0 at "):
        harmless(before, after)


def test_the_message_names_pass_point_and_values() -> None:
    with pytest.raises(HarmfulPassError) as caught:
        harmless("0*x + y", "y + 0*sign(x)")
    message = str(caught.value)
    assert message.startswith("pass 'some' changes output 0 at x=")
    assert "nan before" in message
    assert caught.value.name == "some"
    assert isinstance(caught.value, ExpressionValueError)
    copied = pickle.loads(pickle.dumps(caught.value))
    assert (str(copied), copied.name) == (message, "some")


def test_shapes_kinds_and_variables_are_kept() -> None:
    with pytest.raises(HarmfulPassError, match="shape"):
        harmless("x^0", "1.0")
    with pytest.raises(HarmfulPassError, match="float64"):
        harmless(x * constant(np.array(1.0, np.float32)), apply("astype", (x,), ("float32",)))
    with pytest.raises(HarmfulPassError, match="brings in the variable 'y'"):
        harmless("x", "x + 0*y")


def test_single_precision_is_judged_by_its_own_rounding() -> None:
    s = symbol("s", dtype=np.float32)
    harmless(s**5, s * s * s * s * s)
    with pytest.raises(HarmfulPassError):
        harmless(s, s * 1.000001)


def test_arrays() -> None:
    harmless(apply("sum", (v * v,), ((0,), False)), apply("matmul", (v, v)))
    harmless(apply("matmul", (m, v)), apply("sum", (m * v,), ((1,), False)))
    with pytest.raises(HarmfulPassError, match="at m="):
        harmless(apply("matmul", (m, v)), apply("matmul", (apply("abs", (m,)), v)))
    with pytest.raises(HarmfulPassError):
        harmless(v / v, apply("broadcast_to", (constant(1.0),), ((4,),)) * v**0)


def test_operations_without_a_bound_and_complex_numbers_are_sampled() -> None:
    q = symbol("q", (3, 3))
    sizes = apply("svdvals", (q + 0.1,), (False,))
    harmless(3 * sizes, sizes + sizes + sizes)
    with pytest.raises(HarmfulPassError):
        harmless(2 * sizes, sizes * 2.00001)
    z = symbol("z", dtype=complex)
    harmless(z * z * z, z * (z * z))
    with pytest.raises(HarmfulPassError):
        harmless(z * z, z * abs(z))


def test_large_graphs_are_sampled(monkeypatch) -> None:
    roundings = importlib.import_module("compare.lower.passes.roundings")
    monkeypatch.setattr(roundings, "JUDGED_NODES", 10)
    before, after = x, x
    for k in range(20):
        before, after = before * y + 1 / (k + 3), 1 / (k + 3) + y * after
    harmless(before / 3 * 0.7, after / 3 * 0.7)
    harmless(before * 0.3 + x, (before * 3) * 0.1 + x)
    with pytest.raises(HarmfulPassError):
        harmless(before, after * (1 + 1e-9))


def test_where_it_overflowed_counts_but_for_passes_that_save_digits() -> None:
    before, after = parse("sqrt(x*x + y*y)"), parse("hypot(x, y)")
    with pytest.raises(HarmfulPassError):
        check_harmless([before], [after], "algebra")
    check_harmless([before], [after], "overflow")
    check_harmless([parse("1/(1 + exp(-x))")], [parse("sigmoid(x)")], "stable")
    with pytest.raises(HarmfulPassError):
        check_harmless([before], [after + 1e-9], "overflow")


def test_a_pass_made_wrong_on_purpose_is_caught(monkeypatch) -> None:
    run_passes([parse("3*(5*x)")], ["algebra"], check=True)
    # `compare.lower` is the function; its modules are found by name.
    module = importlib.import_module("compare.lower.passes.algebra")
    monkeypatch.setattr(module, "factor", lambda c, d: c + d)
    with pytest.raises(HarmfulPassError, match="pass 'algebra' changes"):
        run_passes([parse("3*(5*x)")], ["algebra"], check=True)


@pytest.mark.parametrize("op", ["multiply", "add", "sin", "divide", "exp", "square"])
def test_any_operation_exchanged_is_caught(op) -> None:
    other = {"multiply": "add", "add": "subtract", "divide": "multiply"}.get(op, "tanh")
    before = [parse("x*y + sin(x)/(1 + exp(y)) + square(x - y)")]

    def rule(node):
        return apply(other, node.args) if node.op == op else None

    with pytest.raises(HarmfulPassError):
        check_harmless(before, rewrite(before, rule), "some")


def test_nothing_to_vary() -> None:
    check_harmless([constant(2.0)], [constant(2.0)], "some")
    with pytest.raises(HarmfulPassError):
        check_harmless([constant(2.0)], [constant(2.5)], "some")
