"""A lowered function is called, kept, sent and refused as a function should be."""

import inspect
import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from test_lower import pasted, same, v, x, y

from compare.lower import Lowered, lower
from compare.lower.source import definitions
from diffexpr import (
    ExpressionTypeError,
    ExpressionValueError,
    MissingExtraError,
    MissingRuleError,
    ShapeError,
    pi,
    symbol,
)
from diffexpr.apply import apply


def rosenbrock(x, y):
    return 100.0 * (y - x**2) ** 2 + (1 - x) ** 2


# functions


def test_a_python_function_keeps_its_name_and_the_order_of_its_parameters() -> None:
    def loss(w, b):
        return np.sum(w) * b - b

    f = lower(loss, "value", at=[(3,), 1.0])
    assert f.__name__ == "loss"
    assert f.parameters == ("w", "b")
    assert f([1, 2, 3], 2.0) == 10.0
    assert f(b=2.0, w=[1, 2, 3]) == 10.0
    assert lower(loss, "grad", at=[(3,), 1.0]).__name__ == "loss_grad"
    assert list(inspect.signature(f).parameters) == ["w", "b"]
    assert "plan" in inspect.signature(Lowered).parameters


def test_examples_come_in_many_forms() -> None:
    total = np.sum
    wanted = 6.0
    for at in ([(3,)], ((3,),), {"w": (3,)}, [np.ones(3)], np.ones(3), {symbol("w"): np.ones(3)}):
        assert lower(lambda w: total(w), "value", at=at)([1, 2, 3]) == wanted
    assert lower(lambda w: w * 2, "value", at=3.0)(4.0) == 8.0
    assert lower(lambda *a: a[0] - a[1], "value", at=(1.0, 1.0))(5.0, 3.0) == 2.0
    assert lower(lambda a, b=3.0: a * b, "value")(5.0) == 15.0
    assert lower(lambda a, b=3.0: a * b, "value", at=(1.0, 1.0))(5.0, 2.0) == 10.0
    single = lower(lambda w: w * 2, "value", at=np.float32([1, 2]))
    assert single(np.float32([1, 2])).dtype == np.float32


def test_a_function_is_differentiated_by_its_first_parameter() -> None:
    assert lower(rosenbrock, "grad")(1.5, 2.0) == pytest.approx(151.0, rel=1e-14)
    value, gradient = lower(rosenbrock)(1.0, 1.0)
    assert (value, gradient) == (0.0, 0.0)


# life of a lowered function


def test_it_is_pickled_as_its_graphs() -> None:
    f = lower(x * np.exp(y) + np.sum(v), "value")
    again = pickle.loads(pickle.dumps(f))
    assert again.source == f.source
    assert (again.output, again.by, again.parameters) == (f.output, f.by, f.parameters)
    assert same(again(v=np.ones(4), x=1.0, y=2.0), f(v=np.ones(4), x=1.0, y=2.0))


def test_an_expression_without_variables_has_an_empty_gradient() -> None:
    for f in (lower(2 * pi, "grad"), lower(2 * pi, "hessian")):
        assert f() == pickle.loads(pickle.dumps(f))() == pasted(f)() == ()
    assert lower(2 * pi)() == (2 * np.pi, ())


def test_what_the_outputs_share_is_pickled_once() -> None:
    shared = x
    for _ in range(200):
        shared = np.sin(shared) * y
    one = len(pickle.dumps(lower(shared, "value")))
    three = len(pickle.dumps(lower(np.stack([shared, shared + 1, shared * 2]), "value")))
    assert three < 1.1 * one


def test_threads_do_not_disturb_one_another() -> None:
    f = lower((x**2 * np.sin(y) + np.exp(-x * y)) / x, "value")
    points = [np.full(50, i / 7) for i in range(40)]
    wanted = [f(p, p) for p in points]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda p: f(p, p), points))
    assert all(map(same, found, wanted))


def test_it_says_what_it_is() -> None:
    assert repr(lower(x * y, "value")) == "<Lowered value(x, y), 1 output>"
    assert repr(lower(x * y)) == "<Lowered value_and_grad(x, y) by reverse, 3 outputs>"


# errors


def test_numeric_is_refused_with_the_reason() -> None:
    with pytest.raises(ExpressionValueError, match=r"no formula to lower; use 'symbolic'"):
        lower(x, by="numeric")


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"f": x, "by": "magic"}, ExpressionValueError, "by='magic': choose among symbolic"),
        ({"f": x, "output": "curl"}, ExpressionValueError, "output='curl': choose among value"),
        ({"f": "x"}, ExpressionTypeError, "parse text first"),
        ({"f": x, "wrt": "z"}, ExpressionValueError, "wrt='z' is not a parameter"),
        ({"f": x, "at": 1.0}, ExpressionValueError, "leave out at="),
        ({"f": np.sin(v)}, ShapeError, "value_and_grad needs a scalar result, got shape"),
        ({"f": np.sin(v), "output": "hessian"}, ShapeError, "use output='jacobian'"),
        ({"f": lambda *a: a[0]}, ExpressionTypeError, "have no names"),
        ({"f": lambda a: a, "at": {"b": 1}}, ExpressionValueError, "at= names 'b'"),
        ({"f": lambda a: a, "at": (1, 2)}, ExpressionTypeError, "2 examples for 1 parameter"),
        ({"f": lambda a, b=1: a, "wrt": "b"}, ExpressionValueError, "'b' is left at its default"),
        ({"f": lambda a: a, "at": "text"}, ExpressionTypeError, "a is 'text'"),
    ],
    ids=str,
)
def test_a_wrong_question_is_refused(arguments, error, message) -> None:
    with pytest.raises(error, match=message):
        lower(**arguments)


@pytest.mark.parametrize(
    ("args", "kwargs", "error", "message"),
    [
        ((1.0,), {}, ExpressionTypeError, r"value\(v, x, y\): no value for 'x'"),
        ((1.0, 2.0, 3.0, 4.0), {}, ExpressionTypeError, "takes 3 values, got 4"),
        ((np.ones(4), 1.0), {"x": 1.0}, ExpressionTypeError, "'x' is given twice"),
        ((np.ones(4), 1.0, 2.0), {"z": 1.0}, ExpressionTypeError, "'z' is not a variable"),
        ((np.ones(3), 1.0, 2.0), {}, ShapeError, "v has shape"),
        ((np.ones(4), "1", 2.0), {}, ExpressionTypeError, "x is '1'"),
        ((np.ones(4), None, 2.0), {}, ExpressionTypeError, "x is None"),
        ((np.ones(4), x, 2.0), {}, ExpressionTypeError, "x is symbolic"),
        ((np.ones(4), np.ones(2), np.ones(3)), {}, ShapeError, "do not broadcast"),
    ],
)
def test_a_wrong_call_is_refused(args, kwargs, error, message) -> None:
    f = lower(x * y + np.sum(v), "value")
    with pytest.raises(error, match=message):
        f(*args, **kwargs)


def test_an_error_of_the_operations_themselves_is_passed_on() -> None:
    with pytest.raises(ValueError, match=r"same number of dimensions|must match"):
        lower(np.concatenate([v, x[None]]), "value")(np.ones(4), np.ones((2, 2)))


def test_a_row_without_a_form_in_numpy_is_named(monkeypatch) -> None:
    monkeypatch.delitem(definitions.FUNCTIONS, "relu")
    with pytest.raises(MissingRuleError, match="'relu' has no form in NumPy"):
        lower(apply("relu", (x,)), "value")


def test_without_scipy_the_extra_is_named(monkeypatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match="special"):
        lower(apply("erf", (x,)), "value")
