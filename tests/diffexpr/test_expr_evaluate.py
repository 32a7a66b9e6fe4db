"""Values: by name and by position, in every kind of number."""

from fractions import Fraction

import numpy as np
import pytest

from diffexpr import (
    ControlFlowError,
    ExpressionTypeError,
    ExpressionValueError,
    ShapeError,
    constant,
    evaluate,
    evaluate_all,
    function,
    parse,
    symbol,
    symbols,
    trace,
)
from diffexpr.evaluate import evaluate_nodes
from diffexpr.signature import resolve
from diffexpr.trace import as_expression
from diffexpr.walk import topological

x, y = symbols("x y")
v = symbol("v", 3)


def test_values_come_by_name() -> None:
    f = x - 2 * y
    assert f(x=3, y=1, spare=7) == 1.0
    assert evaluate(f, {"x": 3, "y": [0, 1]}).tolist() == [3.0, 1.0]
    assert evaluate_all([f, f * f], {"x": 3, "y": 0}) == [3.0, 9.0]
    with pytest.raises(ExpressionValueError, match="no value for variable 'y'; values given: x"):
        f(x=1.0)
    with pytest.raises(ExpressionValueError, match="given: none"):
        f()
    with pytest.raises(ExpressionTypeError, match=r"called by name.*x=, y="):
        f(1.0)


def test_a_variable_that_is_the_result_or_is_used_twice() -> None:
    assert evaluate(x, {"x": 2.0}) == 2.0
    assert evaluate_all([x, x, x + x], {"x": 2.0}) == [2.0, 2.0, 4.0]
    assert evaluate(constant(3), {}) == 3.0
    assert evaluate(constant([1, 2]), {}).tolist() == [1.0, 2.0]


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex64, np.complex128])
def test_each_kind_of_number_stays_what_it_is(dtype) -> None:
    made = parse("2 x^2 + sin(x)/3")
    value = np.array([0.5, 1.5], dtype)
    got = made(x=value)
    assert got.dtype == dtype
    np.testing.assert_allclose(got, 2 * value**2 + np.sin(value) / 3, rtol=1e-6)
    assert np.asarray(made(x=value[0])).dtype == dtype


def test_fractions_stay_exact() -> None:
    made = parse("(x^2 - 3)/(2*x) + sum(v)", v)
    thirds = np.array([Fraction(1, 3)] * 3, dtype=object)
    assert made(x=np.array(Fraction(1, 2), dtype=object), v=thirds) == Fraction(-7, 4)


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (None, ExpressionTypeError),
        ("1", ExpressionTypeError),
        ({}, ExpressionTypeError),
        ([[1], [1, 2]], ExpressionTypeError),
        (np.array(["a"]), ExpressionTypeError),
        (np.array([None]), ExpressionTypeError),
        (object, ExpressionTypeError),
    ],
)
def test_what_is_no_number_is_refused_by_name(value, error) -> None:
    if value is object:
        value = np.array(["2020-01-01"], dtype="datetime64[s]")
    with pytest.raises(error, match="x"):
        (x + 1)(x=value)


def test_shapes_must_fit() -> None:
    with pytest.raises(ShapeError, match=r"v has shape \(3,\), got a value of shape \(2,\)"):
        (v + 1)(v=[1.0, 2.0])
    assert (v + 1)(v=[1, 2, 3]).tolist() == [2.0, 3.0, 4.0]


def test_a_function_takes_values_by_position() -> None:
    f = function(x - y)
    assert f(3.0, 1.0) == 2.0
    assert function(x - y, y, "x")(3.0, 1.0) == -2.0
    assert function(x, "x", "spare")(3.0, 1.0) == 3.0
    with pytest.raises(ExpressionTypeError, match="expected 2 values"):
        f(1.0)
    with pytest.raises(ExpressionValueError, match="'y' of the expression is not among x"):
        function(x - y, "x")


def test_constants_can_be_watched() -> None:
    made = 2 * x + 1
    got = evaluate_nodes(topological(made), [made], {x: 1.0}, lift=lambda c: 10 * c)
    assert got == [30.0]


def test_evaluation_raises_no_warning() -> None:
    assert np.isnan(parse("log(x)")(x=-1.0))
    assert parse("1/x")(x=0.0) == np.inf
    assert parse("1/0")() == np.inf
    assert parse("10^400")() == np.inf
    assert parse("2^-1 + 10^18*10^3")() == 0.5 + 1e21


# tracing


def test_plain_code_is_traced() -> None:
    assert trace(lambda x, y: x * np.sin(y)) is x * np.sin(y)
    assert trace(lambda v: np.sum(v**2), (3,)) is np.sum(v**2)
    assert trace(lambda v: v[0], np.zeros(3)) is v[0]
    assert trace(lambda x, y=2: x * y) is x * 2
    assert trace(lambda a: a + 1, y) is y + 1
    assert trace(lambda x: x, np.float32(1)).dtype == np.float32
    assert trace(lambda x, y: [x, y]).shape == (2,)
    assert trace(lambda x: 3) is constant(3)
    assert trace(lambda *args: args[0] + args[1], 1.0, 2.0).variables[1].name == "x1"
    assert trace(np.sin, 1.0).op == "sin"

    def loop(x):
        for i in range(3):
            x = x * i + 1
        return x

    assert trace(loop)(x=5.0) == 5.0


def test_what_cannot_be_traced_says_why() -> None:
    with pytest.raises(ControlFlowError, match=r"np\.where"):
        trace(lambda x: x if x > 0 else -x)
    with pytest.raises(ExpressionTypeError, match="one example per parameter"):
        trace(lambda x, y: x, 1.0)
    with pytest.raises(ExpressionTypeError, match="None"):
        trace(lambda x: None)
    with pytest.raises(ExpressionTypeError, match="no array"):
        as_expression([x, [x, y]])
    with pytest.raises(ExpressionTypeError):
        trace(lambda x: float(x))


# what a verb differentiates


def test_wrt_is_a_position_a_name_a_symbol_or_several() -> None:
    def f(a, b, c):
        return a * b * c

    assert resolve(f, None).positions == (0,)
    assert resolve(f, -1).positions == (2,)
    assert resolve(f, "b").positions == (1,)
    assert resolve(f, symbol("c")).positions == (2,)
    both = resolve(f, ("c", 0))
    assert both.positions == (2, 0)
    assert not both.single
    assert both.pack([1, 2]) == (1, 2)
    assert both.join((1, 2, 3), (30, 10)) == (10, 2, 30)
    assert both.split((1, 2.0, [3]))[1] == 1.0
    assert both.label(5) == "argument 5"
    assert both.symbols == ()
    assert both.finish(f) is f
    with pytest.raises(ExpressionTypeError, match="argument 2"):
        both.split((1.0,))


def test_an_expression_is_differentiated_by_all_its_variables() -> None:
    target = resolve(y * x, None)
    assert target.names == ("x", "y")
    assert target.positions == (0, 1)
    assert target.symbols == (x, y)
    assert target.call(2.0, 3.0) == 6.0
    assert target.finish(lambda a, b: a - b) is x - y
    assert resolve(x**2, None, one_variable=True).single
    assert resolve(y * x, "y").pack([7]) == 7


@pytest.mark.parametrize(
    ("f", "wrt", "error", "says"),
    [
        (lambda a: a, 1, ExpressionValueError, "no position among 1"),
        (lambda a: a, -2, ExpressionValueError, "no position"),
        (lambda a: a, "b", ExpressionValueError, "choose among a"),
        (lambda a: a, 1.5, ExpressionTypeError, "a position, a name or a symbol"),
        (lambda a: a, True, ExpressionTypeError, "a position"),
        (lambda *a: a, "b", ExpressionValueError, "positions"),
        ("x^2", 0, ExpressionTypeError, "parse text first"),
    ],
)
def test_what_wrt_cannot_be(f, wrt, error, says: str) -> None:
    with pytest.raises(error, match=says):
        resolve(f, wrt)


def test_functions_without_a_signature_go_by_position() -> None:
    assert resolve(lambda *a: a, 3).positions == (3,)
    assert resolve(np.sin, 0).positions == (0,)
    with pytest.raises(ExpressionValueError, match="has 2 variables"):
        resolve(x * y, None, one_variable=True)
