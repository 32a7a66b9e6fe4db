"""The verbs: one shape table for functions and expressions."""

import numpy as np
import pytest

from diffexpr import (
    ControlFlowError,
    Expr,
    ExpressionTypeError,
    ExpressionValueError,
    ShapeError,
    parse,
    symbol,
    symbols,
)
from symdiff import derivative, grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp

x, y = symbols("x y")
W = np.array([0.5, -1.0, 2.0])


def scalar(x, y):
    return x**2 * np.sin(y)


def loss(w, b):
    return np.sum((w * b - 1.0) ** 2)


def outputs(w):
    return np.stack([w, w * w])


def test_shapes_of_functions():
    assert grad(loss)(W, 2.0).shape == (3,)
    assert grad(loss, wrt="b")(W, 2.0).shape == ()
    both = grad(loss, wrt=(0, "b"))(W, 2.0)
    assert [part.shape for part in both] == [(3,), ()]
    assert jacobian(outputs)(W).shape == (2, 3, 3)
    assert hessian(loss)(W, 2.0).shape == (3, 3)
    blocks = hessian(loss, wrt=(0, 1))(W, 2.0)
    assert [[part.shape for part in row] for row in blocks] == [[(3, 3), (3,)], [(3,), ()]]
    value, gradient = value_and_grad(loss)(W, 2.0)
    assert value == pytest.approx(loss(W, 2.0))
    assert np.allclose(gradient, 4 * (2 * W - 1))
    assert np.allclose(hessian(loss)(W, 2.0), 8 * np.eye(3))


def test_shapes_of_expressions():
    f = parse("x^2 y")
    assert derivative(parse("x^3")) is 3 * x**2
    assert [str(g) for g in grad(f)] == ["2*x*y", "x**2"]
    assert str(grad(f, wrt="x")) == "2*x*y"
    assert str(grad(f, wrt=y)) == "x**2"
    value, gradient = value_and_grad(f)
    assert value is f
    assert len(gradient) == 2
    assert isinstance(jacobian(f, wrt="x"), Expr)
    assert isinstance(hessian(f, wrt="x"), Expr)
    assert [len(row) for row in hessian(f)] == [2, 2]
    w = symbol("w", (3,))
    assert jacobian(np.outer(w, w), wrt=w).shape == (3, 3, 3)
    assert str(derivative(parse("x^2 y"), wrt="y", n=1)) == "x**2"
    assert derivative(parse("x^4"), n=3)(x=2.0) == 48


def test_derivative_is_elementwise_over_arrays():
    d = derivative(lambda x, a: np.sin(a * x) * x)
    points = np.linspace(-1, 1, 20_000)
    assert np.allclose(d(points, 2.0), 2 * np.cos(2 * points) * points + np.sin(2 * points))
    assert derivative(lambda x: 3 * x)(points).shape == points.shape
    assert derivative(lambda x: np.exp(2 * x), n=3)(np.zeros(3)) == pytest.approx([8.0] * 3)
    m = np.arange(6.0).reshape(2, 3)
    assert np.allclose(derivative(lambda w: w * m)(W), m)
    w = symbol("w", (3,))
    assert derivative(np.sin(w) * symbol("c"), wrt=w) is symbol("c") * np.cos(w)
    c = symbol("c0", (3,))
    assert np.allclose(derivative(w * w * c, wrt=w)(w=W, c0=W), 2 * W * W)
    assert derivative(w * 1.0, wrt="w").shape == (3,)
    assert np.array_equal(derivative(lambda x: x * 0 + m)(1.0), np.zeros((2, 3)))


def test_derivative_along_all_elements_where_they_mix():
    assert derivative(lambda w: np.sum(w**2))(W) == pytest.approx(2 * W.sum())
    assert derivative(lambda w: np.cumsum(w))(W) == pytest.approx([1, 2, 3])
    t, w = symbol("t", (3,)), symbol("w", (3,))
    assert np.allclose(derivative(t * np.sum(w), wrt=w)(w=W, t=W), 3 * W)


def test_products_with_jacobians():
    def f(w, b):
        return np.stack([w[0] * w[1] * b, np.sum(w) + b])

    value, tangent = jvp(f, (W, 2.0), (np.ones(3), 1.0))
    exact = np.array([W[1] * 2 + W[0] * 2 + W[0] * W[1], 4.0])
    assert np.allclose(value, f(W, 2.0))
    assert np.allclose(tangent, exact)
    value, pullback = vjp(f, W, 2.0)
    back_w, back_b = pullback(np.array([1.0, 10.0]))
    assert np.allclose(back_w, [W[1] * 2 + 10, W[0] * 2 + 10, 10])
    assert back_b == pytest.approx(W[0] * W[1] + 10)
    assert np.allclose(hvp(lambda w: np.sum(w**3), (W,), np.ones(3)), 6 * W)
    first, second = hvp(scalar, (1.0, 2.0), (1.0, 0.0))
    assert first == pytest.approx(2 * np.sin(2))
    assert second == pytest.approx(2 * np.cos(2))
    assert jvp(parse("x y"), (2.0, 3.0), (1.0, 10.0)) == (6.0, 23.0)
    assert vjp(parse("x y"), 2.0, 3.0)[1](1.0) == (3.0, 2.0)
    assert hvp(lambda x: x * 1.0, (2.0,), 1.0) == 0


def test_called_with_symbols_a_derivative_gives_an_expression():
    found = derivative(np.sin)(x)
    assert found is np.cos(x)
    assert isinstance(grad(scalar)(x, y), Expr)
    value, tangent = jvp(scalar, (x, y), (1.0, 0.0))
    assert isinstance(value, Expr)
    assert isinstance(tangent, Expr)
    _, pullback = vjp(scalar, x, y)
    assert all(isinstance(part, Expr) for part in pullback(1.0))


def test_nested_derivatives_do_not_confuse_their_variables():
    def outer(x):
        return x * derivative(lambda y: x + y)(1.0)

    assert derivative(outer)(1.0) == 1

    def same_name(x):
        return x * derivative(lambda x: x * x)(x)

    assert derivative(same_name)(3.0) == 12
    assert derivative(derivative(derivative(lambda x: x**4)))(2.0) == 48


def test_what_a_function_closes_over_may_change():
    scale = {"by": 2.0}
    d = derivative(lambda x: x * scale["by"])
    assert d(1.0) == 2
    scale["by"] = 5.0
    assert d(1.0) == 5
    for i in range(40):
        scale["by"] = float(i)
        assert d(1.0) == i


def test_arguments_that_steer_the_code_stay_what_they_are():
    def power(x, n, name="x"):
        for _ in range(n - 1):
            x = x * x
        return x if name == "x" else -x

    assert derivative(power)(2.0, 3, "x") == 32
    assert derivative(power)(2.0, 3, "y") == -32

    def branch(x, limit):
        return x**2 if limit > 0.5 else x**3

    assert derivative(branch)(2.0, 1.0) == 4
    assert derivative(branch)(2.0, 0.0) == 12
    with pytest.raises(ControlFlowError):
        derivative(lambda x: x if x > 0 else -x)(1.0)


def test_integers_are_numbers_and_results_are_the_callers_own():
    assert grad(lambda x, y: x / y)(1, 2) == 0.5
    found = jacobian(lambda w: 2.0 * w)(W)
    found[0, 0] = 7
    assert jacobian(lambda w: 2.0 * w)(W)[0, 0] == 2
    assert jacobian(lambda w: 2.0 * w, wrt=0)([1, 2]).shape == (2, 2)


def test_parameters_without_python_names():
    assert grad(lambda *args: args[0] * args[1])(2.0, 3.0) == 3
    assert derivative(np.tanh)(0.0) == 1


def test_bad_requests_are_named():
    with pytest.raises(ShapeError, match=r"grad needs a scalar result, got shape \(3,\)"):
        grad(lambda w: w * 2.0)(W)
    with pytest.raises(ShapeError, match="use jacobian"):
        hessian(symbol("w", (3,)) * 2)
    with pytest.raises(ExpressionTypeError, match="one variable"):
        derivative(scalar, wrt=(0, 1))
    with pytest.raises(ExpressionValueError, match="say which one"):
        derivative(parse("x y"))
    with pytest.raises(ExpressionTypeError, match="wrt names argument 1"):
        grad(scalar, wrt=1)(1.0)
    with pytest.raises(ExpressionTypeError, match="neither a function"):
        grad("x^2")
    with pytest.raises(ShapeError, match="tangents have shapes"):
        jvp(scalar, (1.0, 2.0), (W, 1.0))
    with pytest.raises(ShapeError, match="cotangent has shape"):
        vjp(scalar, 1.0, 2.0)[1](W)
    with pytest.raises(ExpressionTypeError, match="give a tuple"):
        jvp(scalar, 1.0, 2.0)
    with pytest.raises(ExpressionTypeError, match="expected 2 values"):
        jvp(parse("x y"), (1.0,), (1.0,))
    with pytest.raises(ShapeError, match="hvp needs a scalar"):
        hvp(lambda w: w * 2.0, (W,), W)
    with pytest.raises(ExpressionTypeError, match="None"):
        grad(scalar)(None, 1.0)
