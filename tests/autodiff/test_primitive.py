"""What goes into an operation of a user's own, what comes out, and how it stands in a graph."""

import copy
import math
import pickle

import numpy as np
import pytest

from autodiff import grad, primitive
from diffexpr import (
    ExpressionTypeError,
    ExpressionValueError,
    MissingRuleError,
    ShapeError,
    latex,
    symbol,
    symbols,
)

X = np.array([0.3, -1.2, 2.0])


@primitive
def softplus(x, scale=1.0):
    """A module-level operation, which can be pickled."""
    return scale * np.log1p(np.exp(x))


softplus.def_partials(lambda y, x, scale=1.0: scale / (1 + np.exp(-x)))


@primitive
def weighted(x, w):
    return np.sin(x) * w


weighted.def_partials(lambda y, x, w: np.cos(x) * w, None)


# what goes in


def test_a_plain_call_is_the_function_itself():
    seen = []
    op = primitive(lambda *args, **options: seen.append((args, options)) or "anything")
    assert op("text", [1], key=None) == "anything"
    assert seen == [(("text", [1]), {"key": None})]
    assert softplus.__name__ == "softplus"
    assert "pickled" in softplus.__doc__
    assert repr(softplus) == "<primitive softplus>"


def test_what_cannot_be_an_operand_is_refused():
    with pytest.raises(ExpressionTypeError, match=r"argument 1 is a str.*by keyword"):
        grad(lambda x: softplus(x, "fast"))(1.0)
    with pytest.raises(ExpressionTypeError, match=r"scale= is static.*by position"):
        grad(lambda s: softplus(1.0, scale=s))(2.0)
    with pytest.raises(ExpressionTypeError, match="scale= is static"):
        grad(lambda s: softplus(s, scale=[s, 1.0]))(2.0)
    with pytest.raises(ExpressionTypeError, match="3 is no function"):
        primitive(3)
    for rule in ("def_jvp", "def_vjp", "def_sympy", "def_shape"):
        with pytest.raises(ExpressionTypeError, match=f"{rule} takes a function, got None"):
            getattr(softplus, rule)(None)


def test_what_comes_out_must_be_one_array():
    for result in ("text", None, ([1.0], [1.0, 2.0])):
        op = primitive(lambda x, result=result: result).def_partials(lambda y, x: 1)
        with pytest.raises(ExpressionTypeError, match="an operation returns one number or array"):
            grad(op)(1.0)


def test_a_value_from_outside_is_noticed():
    def f(x):
        inner = primitive(lambda y: y * x).def_partials(lambda out, y: x)
        return inner(2.0 * x)

    with pytest.raises(ExpressionTypeError, match="uses a value from outside"):
        grad(f)(3.0)


def test_whole_numbers_and_truth_values_become_floats():
    step = primitive(lambda x: int(x > 0)).def_partials(lambda y, x: 0)
    assert grad(lambda x: step(x) * x)(2.0) == 1.0
    assert grad(lambda x: (step(x) + 0.5) ** 2 * x)(2.0) == 2.25


def test_a_function_may_write_into_its_arguments_and_keep_its_result():
    buffer = np.zeros(3)

    @primitive
    def double(x):
        x *= 2
        buffer[:] = x
        return buffer

    double.def_partials(lambda y, x: 2)
    f = lambda x: np.sum(double(x) * double(3 * x) * x)  # noqa: E731
    np.testing.assert_allclose(grad(f)(X), 36 * X**2, rtol=1e-14)


# expressions


def test_a_node_prints_evaluates_and_differentiates():
    x, y = symbols("x y")
    e = softplus(x, scale=2.0) * y
    assert str(e) == "softplus_(x, scale=2.0)*y"
    assert r"\operatorname{softplus\_}_{\text{scale=2.0}}" in latex(e)
    assert softplus(x, scale=2.0) is softplus(x, scale=2.0)
    assert softplus(x, scale=2) is not softplus(x, scale=2.0)
    assert e(x=0.0, y=1.0) == pytest.approx(2 * math.log(2), rel=1e-15)
    dx, dy = grad(e)
    assert dx(x=0.0, y=3.0) == 3.0
    assert str(dy) == "softplus_(x, scale=2.0)"
    assert str(weighted(x, y)) == "weighted(x, y)"


def test_a_node_is_pickled_by_the_name_of_its_operation():
    e = softplus(symbol("x"), scale=2.0) + 1
    assert pickle.loads(pickle.dumps(e)) is e
    assert pickle.loads(pickle.dumps(softplus)) is softplus
    assert copy.deepcopy(softplus) is softplus
    with pytest.raises(ExpressionValueError, match=r"cannot be pickled.*top of a module"):
        pickle.dumps(primitive(lambda x: x))


def test_arrays_among_the_static_arguments_are_compared_by_content():
    op = primitive(lambda x, w: x @ w)
    op.def_shape(lambda shape, w: (*shape[:-1], w.shape[1]))
    x, w = symbol("x", (2,)), np.ones((2, 3))
    assert op(x, w=w) is op(x, w=w.copy())
    assert op(x, w=w).shape == (3,)


def test_shapes_by_broadcasting_by_rule_and_by_sample():
    w, v = symbol("w", (3, 1)), symbol("v", (4,), dtype=np.float32)
    assert weighted(w, v).shape == (3, 4)
    inverse = primitive(np.linalg.inv)
    a = symbol("a", (3, 3))
    assert inverse(a).shape == (3, 3)
    assert primitive(np.sum)(v).dtype == np.float32
    calls = []
    counted = primitive(lambda x: calls.append(1) or np.sum(x))
    assert [counted(a).shape, counted(2 * a).shape] == [(), ()]
    assert len(calls) == 1
    with pytest.raises(MissingRuleError, match=r"on a sample it raised.*def_shape"):
        primitive(np.linalg.cholesky)(symbol("b", (2, 3)))
    inverse.def_shape(lambda shape: 3)
    with pytest.raises(ShapeError, match=r"inv\.def_shape gave 3"):
        inverse(a)


def test_constants_keep_their_values_in_a_sample():
    shifted = primitive(lambda x, k: np.ones(int(k)) * np.sum(x))
    assert shifted(symbol("x", (2,)), 5).shape == (5,)
