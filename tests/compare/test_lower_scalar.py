"""Scalar code gives NumPy's values, or raises and so asks for NumPy; it never gives others."""

import ast
import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_lower import SHAPED, SPECIAL_VALUES, m, operands_of, points_of, v, x, y

from compare.lower.plans.plan import Plan, plan
from compare.lower.scalars import scalar_code
from compare.lower.scalars.scalar_code import FALLS_BACK, ScalarCode, scalar_function
from compare.lower.scalars.unroll import unroll
from diffexpr import (
    MissingRuleError,
    constant,
    e,
    evaluate,
    parse,
    pi,
    primitives,
    relu,
    symbol,
    symbols,
)
from diffexpr.apply import apply
from diffexpr.elementwise import polygamma
from diffexpr.functions import logsumexp, norm, softmax


def code_of(outputs, parameters, structure=0, **options) -> ScalarCode:
    unrolled = unroll(outputs, parameters, 100_000)
    assert unrolled is not None
    found = scalar_function("f", unrolled, structure, **options)
    assert found is not None
    return found


def text_of(code: ScalarCode) -> str:
    lines = [*code.imports, code.function]
    return ast.unparse(ast.Module(lines, []))  # type: ignore[arg-type]


def function_of(code: ScalarCode):
    """The function of the text alone."""
    namespace: dict = {}
    exec(text_of(code), namespace)
    return namespace["f"]


def scalar(expr, *parameters, structure=0):
    return function_of(code_of([expr], parameters or expr.variables, structure))


def ulps(found, wanted, scale=0.0):
    """The distance in units in the last place; NaN and infinities have to be the same."""
    if found == wanted or (math.isnan(found) and math.isnan(wanted)):
        return 0.0
    return abs(found - wanted) / np.spacing(max(abs(wanted), abs(scale)))


# every row

SPECIAL_POINTS = [*SPECIAL_VALUES, 2.5, -0.3, 5e-324]
# A variable exponent of 1/2 is a root in some versions of NumPy, which has none of -inf.
LEFT_OUT = {("power", (-np.inf, 0.5))}


def cases_of(row):
    """Floats and truth values for each operand: the samples of the domain, then special values."""
    kinds = [o.dtype.kind for o in operands_of(row)]
    inside = zip(*points_of(row), strict=True)
    repeat = SPECIAL_POINTS if row.arity < 3 else SPECIAL_POINTS[1::2]
    for usual, points in ((True, inside), (False, itertools.product(repeat, repeat=row.arity))):
        for point in points:
            values = [
                bool(p > 0) if kind == "b" else float(p)
                for p, kind in zip(point, kinds, strict=True)
            ]
            if (row.name, tuple(values)) not in LEFT_OUT:
                yield usual, values


def tolerance_of(row, values) -> tuple[float, float]:
    """What two implementations of a row may differ by, and the scale of that."""
    with np.errstate(all="ignore"):
        scale = 0.0 if row.scale is None else float(row.scale(*values))
    return 2 * row.ulps, scale


@pytest.mark.parametrize("row", primitives.TABLE.values(), ids=lambda row: row.name)
def test_every_row_has_its_values_or_falls_back(row) -> None:
    operands = operands_of(row)
    expr = apply(row.name, tuple(operands))
    if row.name == "polygamma":
        with pytest.raises(MissingRuleError, match="order that is not given"):
            scalar(expr)
        return
    f = scalar(expr, *operands)
    for usual, values in cases_of(row):
        wanted = evaluate(expr, dict(zip([o.name for o in operands], values, strict=True)))
        try:
            found = f(*values)
        except FALLS_BACK:
            assert not usual, values
            continue
        assert type(found) is (bool if row.kind == "bool" else float)
        allowed, scale = tolerance_of(row, values)
        assert ulps(found, wanted, scale) <= allowed, (values, found, wanted)


@pytest.mark.parametrize("name", ["maximum", "minimum", "add", "multiply", "subtract", "divide"])
def test_numbers_may_stand_on_either_side(name) -> None:
    for number, turned in itertools.product([0.0, -2.0, 0.5, np.inf, np.nan], [False, True]):
        args = (constant(number), x) if turned else (x, constant(number))
        f = scalar(apply(name, args), x)
        for point in SPECIAL_VALUES:
            wanted = evaluate(apply(name, args), {"x": point})
            try:
                found = f(float(point))
            except ZeroDivisionError:
                continue
            assert found == wanted or (np.isnan(found) and np.isnan(wanted)), (args, point)


def test_polygamma_of_a_given_order() -> None:
    for order in (0, 1, 2, 3):
        expr = polygamma(order, x)
        for point in (0.3, 1.0, 2.5, 7.0):
            assert ulps(scalar(expr)(point), expr(x=point)) <= 4
    for order in (constant(0.5), constant(np.inf)):
        with pytest.raises(MissingRuleError, match="polygamma"):
            scalar(polygamma(order, x))


# expressions

EXACT_UNARY = [np.negative, np.sqrt, np.abs, np.square, np.sign, np.floor, np.rint]
EXACT_BINARY = [
    np.add, np.subtract, np.multiply, np.divide, np.maximum, np.minimum,
    lambda a, b: np.where(a > b, a, np.sqrt(b)),
    lambda a, b: np.where(np.logical_and(a > 0, b > 0), a * b, np.where(a > 0, -b, a / b)),
    lambda a, b: np.where(a > 0, np.sqrt(a) + b, b * (a < b)),
]  # fmt: skip


@st.composite
def exact_expressions(draw):
    """Operations that IEEE 754 rounds correctly, so that there is one right value only."""
    nodes = [x, y, constant(2.0), constant(-0.5), constant(1.0)]
    for _ in range(draw(st.integers(1, 25))):
        a, b = draw(st.sampled_from(nodes)), draw(st.sampled_from(nodes))
        unary = draw(st.booleans())
        nodes.append(draw(st.sampled_from(EXACT_UNARY))(a) if unary
                     else draw(st.sampled_from(EXACT_BINARY))(a, b))  # fmt: skip
    return nodes[-3:]


numbers = st.one_of(st.floats(-1e3, 1e3), st.sampled_from([0.0, -0.0, 1.0, np.inf, np.nan]))


@given(exact_expressions(), numbers, numbers)
def test_any_expression_keeps_its_values(exprs, a, b) -> None:
    exprs = [expr for expr in exprs if expr.args]
    f = function_of(code_of(exprs, [x, y], tuple(range(len(exprs)))))
    try:
        found = f(a, b)
    except FALLS_BACK:
        return
    for one, expr in zip(found, exprs, strict=True):
        np.testing.assert_array_equal(one, evaluate(expr, {"x": np.float64(a), "y": np.float64(b)}))


FUNCTIONS = {
    "scalars": parse("x^2 sin(y) + exp(-x y) + tanh(x) log(1 + y^2) + atan2(x, y)"),
    "network": np.sum(np.tanh(m @ v) ** 2) + x * np.mean(v) + np.sum(v[1:] * v[:-1]),
    "length": norm(v) * y + logsumexp(v * x) + softmax(v)[1],
    "pieces": relu(x) * np.abs(y) + np.maximum(x * y, 0.5) + np.where(x > y, np.log(x), y),
}


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("output", ["value", "grad", "hessian"])
def test_derivatives_have_the_values_of_the_numpy_program(name, output) -> None:
    expr = FUNCTIONS[name]
    for by in ("reverse", "forward", "symbolic"):
        check(derived(expr, output, by), SHAPED)


def derived(expr, output="value_and_grad", by="reverse") -> Plan:
    return plan(expr, output, None, by, None)


def check(found: Plan, values) -> None:
    """In the structure of the plan, the values of its graphs."""
    code = code_of(found.outputs, found.parameters, found.structure, labels=found.labels)
    result = function_of(code)(*(np.asarray(values[p.name]).tolist() for p in found.parameters))
    close(result, found.structure, [evaluate(output, values) for output in found.outputs])


def close(found, structure, wanted) -> None:
    """The same structure; values to the rounding of formulas this small."""
    if isinstance(structure, tuple):
        assert isinstance(found, tuple)
        for one, part in zip(found, structure, strict=True):
            close(one, part, wanted)
    else:
        assert np.shape(found) == np.shape(wanted[structure])
        np.testing.assert_allclose(found, wanted[structure], rtol=1e-13, atol=1e-14)


# branches


def test_a_branch_that_is_not_taken_does_not_raise() -> None:
    guarded = np.where(x > 0, x * np.log(x) * np.exp(x), y)
    both = derived(guarded)
    code = code_of(both.outputs, both.parameters, both.structure)
    value, (dx, dy) = function_of(code)(-1.0, 3.0)
    assert (value, dx, dy) == (3.0, 0.0, 1.0)
    assert text_of(code).count("log(") == 1
    value, (dx, dy) = function_of(code)(1.0, 3.0)
    assert (value, dx, dy) == (0.0, math.e, 0.0)


def test_branches_within_branches_wait_for_their_conditions() -> None:
    inner = np.where(y > 1, np.log(y - 1) ** 2 / x, np.sqrt(1 - y) / x)
    both = derived(np.where(x > 0, inner, np.log1p(-x) * np.log1p(-x)))
    for a, b in ((2.0, 3.0), (2.0, 0.5), (-2.0, 3.0), (-2.0, 0.5)):
        check(both, {"x": a, "y": b})


def test_a_condition_is_there_for_all_that_waits_for_it() -> None:
    root, far = np.log(y), y > 1.0
    inside = np.where(far, np.sin(root), 0.5) + np.where(far, np.cos(root), np.exp(y))
    expr = np.where(x > 0, inside, y)
    for a, b in ((1.0, 3.0), (1.0, 0.5), (1.0, -1.0), (-1.0, -1.0)):
        assert ulps(scalar(expr)(a, b), expr(x=a, y=b)) <= 4


def test_what_both_branches_need_is_computed_once() -> None:
    code = code_of([np.where(x > 0, np.exp(y) + x, np.exp(y) * x) + np.exp(y)], [x, y])
    assert text_of(code).count("exp(") == 1
    assert function_of(code)(1.0, 0.0) == 3.0


def test_a_condition_that_is_known_is_not_asked_again() -> None:
    again = np.where(x > 0, np.where(x > 0, np.sqrt(x), y) + 1, np.where(x > 0, y, -x))
    text = text_of(code_of([again], [x, y]))
    assert text.count(" if ") == 1
    assert "y" not in text.split("return")[1]


@pytest.mark.parametrize("depth", [3, 30, 300])
def test_many_branches_inside_one_another(depth) -> None:
    total = x
    for i in range(depth):
        total = np.where(y > i, np.sqrt(total) + i, np.where(x > i, total * y, total + 1))
    for a, b in ((0.5, 2.5), (7.5, -1.0), (2.0, 400.0)):
        assert scalar(total)(a, b) == total(x=a, y=b)


# the function


def test_names_that_mean_something_else() -> None:
    names = "exp abs float gamma f copysign round pi t1"
    values = dict(zip(names.split(), np.linspace(0.5, 2, 9).tolist(), strict=True))
    total = constant(1.0)
    for s in symbols(names):
        total = total * np.exp(np.abs(s)) + np.floor(s) * pi + e * s * s
    f = scalar(total, *symbols(names))
    assert ulps(f(*values.values()), evaluate(total, values)) <= 16
    code = code_of([np.exp(x) * x], [x], taken=["exp", "x"])
    assert "from math import exp as exp_\n" in text_of(code)
    assert code.names == ("exp_",)
    assert not code.needs_scipy


def test_arrays_come_and_go_as_nested_lists() -> None:
    code = code_of([m * x, x, v[:0], m > 0], [m, x, v], (0, (1, 2), 3), labels=["a", "b", "c", "d"])
    big, (one, empty), signs = function_of(code)(SHAPED["m"].tolist(), 2.0, [1.0] * 4)
    np.testing.assert_array_equal(big, SHAPED["m"] * 2)
    assert (one, empty) == (2.0, [])
    np.testing.assert_array_equal(signs, SHAPED["m"] > 0)
    assert "a_0_0 = " in text_of(code)


def test_truth_values_go_in() -> None:
    flag = symbol("flag", dtype=bool)
    f = scalar(np.where(flag, x, -x) + flag * 2.0, flag, x)
    assert (f(True, 3.0), f(False, 3.0)) == (5.0, -3.0)


def test_constants_alone() -> None:
    f = function_of(
        code_of([constant(2), pi, constant([1.0, -0.0, np.inf, -np.inf])], [], (0, 1, 2))
    )
    assert f() == (2.0, math.pi, [1.0, 0.0, math.inf, -math.inf])
    assert math.isnan(scalar(constant(0.0) / constant(0.0))())


def test_long_programs_compile_and_longer_ones_are_refused(monkeypatch) -> None:
    total = x
    for _ in range(5_000):
        total = np.sin(total) + y
    assert ulps(scalar(total)(0.1, 0.2), total(x=0.1, y=0.2)) <= 8
    unrolled = unroll([total], [x, y], 10_000)
    assert unrolled is not None
    monkeypatch.setattr(scalar_code, "STATEMENTS", 500)
    assert scalar_function("f", unrolled, 0) is None


def test_the_source_reads_like_the_formula() -> None:
    both = derived(100 * (y - x**2) ** 2 + (1 - x) ** 2)
    code = code_of(both.outputs, both.parameters, both.structure, subject="Rosenbrock's valley.")
    assert ast.unparse(code.function).splitlines() == [
        "def f(x, y):",
        '    """Rosenbrock\'s valley."""',
        "    t1 = y - x * x",
        "    t2 = 1.0 - x",
        "    return (100.0 * (t1 * t1) + t2 * t2, "
        "(-2.0 * t2 + 2.0 * x * (-200.0 * t1), 200.0 * t1))",
    ]
