"""Identities that hold for every float, tried at the floats that break the others."""

import importlib

import numpy as np
import pytest
from pass_graphs import identical, same_bits, values_of

from compare.lower.passes.algebra import algebra
from compare.lower.passes.folding import folding
from diffexpr import constant, parse, symbol, symbols
from diffexpr.apply import apply

# `compare.lower` is the function; its modules are found by name.
module = importlib.import_module("compare.lower.passes.algebra")
x, y = symbols("x y")


def simpler(expr):
    (found,) = algebra([expr])
    return found


def where(*operands):
    return apply("where", operands)


BECOMES = [
    ("x*1", "x"),
    ("1*x", "x"),
    ("x/1", "x"),
    ("x - 0.0", "x"),
    ("-(-x)", "x"),
    ("x + (-y)", "x - y"),
    ("(-y) + x", "x - y"),
    ("x - (-y)", "x + y"),
    ("(-x)*(-y)", "x*y"),
    ("(-x)/(-y)", "x/y"),
    ("(-x)*y", "-(x*y)"),
    ("x*(-y)", "-(x*y)"),
    ("x + (-y)*x", "x - y*x"),
    ("x - (-y)*x*y", "x + y*x*y"),
    ("x + x", "2*x"),
    ("x + x + (x + x)", "4*x"),
    ("2*(3*x)", "6*x"),
    ("(x*3)*2", "6*x"),
    ("x/4", "0.25*x"),
    ("x/0.5", "2*x"),
    ("6*x/0.5", "12*x"),
    ("1 - abs(-x)", "1 - abs(x)"),
    ("square(-x)", "square(x)"),
    ("square(abs(x))", "square(x)"),
    ("cos(-x)", "cos(x)"),
    ("cosh(abs(-x))", "cosh(x)"),
    ("sin(-x)", "-sin(x)"),
    ("y - tanh(-x)", "y + tanh(x)"),
    ("(-x)^4", "x^4"),
    ("abs(x)^-2", "x^(-2)"),
    ("abs(x^2)", "x^2"),
    ("abs(exp(x))", "exp(x)"),
    ("x^2 + 0", "x^2"),
    ("(x - 1)*1", "x - 1"),
]


@pytest.mark.parametrize(("written", "wanted"), BECOMES, ids=[a for a, _ in BECOMES])
def test_it_becomes_shorter_bit_for_bit(written, wanted) -> None:
    before, (found,) = parse(written), algebra([parse(written)])
    (target,) = folding([parse(wanted)])
    assert found is target, found
    assert same_bits([before], [found])


@pytest.mark.parametrize(
    ("written", "wanted"),
    [("4*(0.5*x)", "2*x"), ("0.5*(0.25*x)", "0.125*x"), ("2*(0.1*x)", "0.2*x")],
)
def test_scaling_by_powers_of_two_may_move_a_unit_of_underflow(written, wanted) -> None:
    before, after = parse(written), simpler(parse(written))
    assert after is parse(wanted)
    for kind in (float, np.float32):
        (one,), (other,) = values_of([before], kind), values_of([after], kind)
        unit = float(np.finfo(kind).smallest_subnormal)
        with np.errstate(invalid="ignore"):
            near = np.abs(one - other) <= 2 * unit
        assert np.all(near | (one == other) | (np.isnan(one) & np.isnan(other)))
        assert np.array_equal(np.signbit(one), np.signbit(other))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (x + constant(-0.0), x),
        (x * -1, -x),
        (x / -1, -x),
        (-(x * 3), -3 * x),
        (-(x / 3), x / -3),
        (-(3 / x), -3 / x),
        ((-x) / 3, x / -3),
        (3 / -x, -3 / x),
        (-2 * -x, 2 * x),
        (apply("subtract", (abs(x), constant(-0.0))), abs(x)),
        (where(x < y, y * x, y * x), y * x),
        (where(constant(True), x, x * 2), x),
        (where(constant(0), x * 2, x), x),
        (where(apply("logical_not", (x < y,)), x, y), where(x < y, y, x)),
    ],
    ids=str,
)
def test_numbers_and_choices(before, after) -> None:
    assert simpler(before) is after
    assert same_bits([before], [simpler(before)])


STAYS = [
    "0*x", "x - x", "x/x", "x*y/y", "x + 0", "0 - x", "0.5*(2*x)", "0.1*(3*x)", "3*(0.1*x)",
    "x/3", "x/(1/y)", "(-x) - y", "-(x - y)", "x*(1/y)", "abs(x*y)", "exp(-x)", "(-x)^3",
    "sqrt(x^2)", "1e200*(1e200*x)", "x/1e-320", "3*(16777217*x)", "x^0", "inf*(inf*x)",
]  # fmt: skip


@pytest.mark.parametrize("written", STAYS)
def test_what_does_not_hold_for_every_float_stays(written) -> None:
    (expr,) = folding([parse(written)])
    assert simpler(expr) is expr


def test_a_dropped_operand_would_take_its_shape_along() -> None:
    for expr in (where(x < y, x, x), where(constant(True), x, y)):
        assert simpler(expr) is expr
    assert simpler(where(x < 1, x, x)) is x


def test_truth_values_are_no_numbers() -> None:
    c = symbol("c", dtype=bool)
    for expr in (c * 1, c + 0.0, (c + c) * 1, c / 1, (c * c) ** 2):
        assert simpler(expr) is expr
    assert simpler((c * x) * 1) is c * x


def test_arrays_of_other_precisions_are_no_ones() -> None:
    one = constant(np.array(1.0))
    narrow = symbol("x", dtype=np.float32)
    assert simpler(narrow * one) is narrow * one
    two = symbol("v", (3,))
    assert simpler(two * constant(np.ones(3))).op == "multiply"


def test_a_sign_is_not_spread_over_an_array() -> None:
    v = symbol("v", (1000,))
    assert simpler((-x) * v) is (-x) * v
    assert simpler(v * (-v)).op == "negative"


def test_complex_numbers_are_left_alone() -> None:
    z = symbol("z", dtype=complex)
    for expr in (z * 1, abs(-z) * z, apply("cosh", (-z,)), z + z, abs(abs(z) * z)):
        assert simpler(expr) is expr
    assert simpler(abs(abs(z))) is abs(z)


def test_what_overflowed_stays_infinite() -> None:
    (value,) = values_of([simpler(parse("0.5*(2*x)"))])
    assert np.isinf(value).sum() > np.isinf(values_of([x])[0]).sum()


@pytest.mark.parametrize("kind", [float, np.float32])
@pytest.mark.parametrize("op", [*module._EVEN, *module._ODD])
def test_functions_are_even_and_odd_to_the_last_bit(op, kind) -> None:
    rng = np.random.default_rng(5)
    sizes = 10.0 ** rng.uniform(-37, 37, 2000)
    points = np.concatenate([rng.normal(0, 1, 2001), rng.uniform(-1, 1, 2000), sizes]).astype(kind)
    before = apply(op, (-x,))
    after = simpler(before)
    assert after is not before
    assert identical(np.asarray(before(x=points)), np.asarray(after(x=points)))
    assert same_bits([before], [after])


def test_nots_without_end_do_not_recurse() -> None:
    condition = x < y
    for _ in range(3001):
        condition = apply("logical_not", (condition,))
    assert simpler(where(condition, x, y)) is where(x < y, y, x)
