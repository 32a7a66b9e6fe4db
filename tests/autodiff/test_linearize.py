"""Linear maps, elementwise gradients, stopped gradients and what is handed back beside a value."""

import dataclasses

import numpy as np
import pytest

import autodiff
from autodiff import (
    derivative,
    elementwise_grad,
    forward,
    grad,
    hessian,
    jacobian,
    jvp,
    linearize,
    primitive,
    reverse,
    stop_gradient,
    taylor,
    value_and_grad,
)
from diffexpr import (
    ControlFlowError,
    ExpressionTypeError,
    ExpressionValueError,
    ShapeError,
    parse,
    symbol,
    symbols,
    trace,
)

X = np.array([0.3, -1.2, 2.0])
V = np.array([1.0, 0.5, -2.0])


def mixed(x):
    return np.outer(np.sin(x), x) @ np.exp(x) + np.where(x > 0, x**2, -x) + np.linalg.norm(x)


# linearize


def test_the_map_is_the_jacobian_and_the_function_runs_once():
    calls = []
    value, push = linearize(lambda x: calls.append(1) or mixed(x), X)
    np.testing.assert_allclose(value, mixed(X), rtol=1e-15)
    jac = jacobian(mixed)(X)
    for v in (V, 3 * V, np.eye(3)[1], np.zeros(3)):
        np.testing.assert_allclose(push(v), jac @ v, rtol=1e-13, atol=1e-14)
    assert len(calls) == 1


def test_several_primals_nests_and_results():
    f = lambda p, y: {"a": p["w"] * y, "b": (np.sum(p["w"]), y**2)}  # noqa: E731
    p = {"w": X}
    value, push = linearize(f, p, 2.0)
    found = push({"w": V}, 1.0)
    np.testing.assert_allclose(found["a"], V * 2.0 + X)
    np.testing.assert_allclose(found["b"], [np.sum(V), 4.0])
    np.testing.assert_array_equal(value["a"], 2 * X)
    wanted = jvp(f, (p, 2.0), ({"w": V}, 1.0))[1]
    np.testing.assert_array_equal(found["a"], wanted["a"])


def test_results_without_derivative_have_zero_tangents():
    value, push = linearize(lambda x: (np.ones((2, 2)), x[0], np.floor(x)), X)
    ones, first, steps = push(V)
    np.testing.assert_array_equal(ones, np.zeros((2, 2)))
    assert first == 1.0
    np.testing.assert_array_equal(steps, np.zeros(3))
    np.testing.assert_array_equal(value[2], np.floor(X))
    np.testing.assert_array_equal(linearize(lambda x: x, X)[1](V), V)


def test_the_map_can_be_differentiated_and_so_can_what_made_it():
    _, push = linearize(mixed, X)
    np.testing.assert_allclose(
        grad(lambda v: np.sum(push(v) ** 2))(V),
        2 * jacobian(mixed)(X).T @ (jacobian(mixed)(X) @ V),
        rtol=1e-12,
    )
    np.testing.assert_allclose(jacobian(push)(V), jacobian(mixed)(X), rtol=1e-13, atol=1e-14)

    def slope(x):
        return np.sum(linearize(mixed, x)[1](V))

    curved = lambda x: np.sum(jvp(mixed, (x,), (V,))[1])  # noqa: E731
    for mode in (forward, reverse):
        np.testing.assert_allclose(mode.grad(slope)(X), mode.grad(curved)(X), rtol=1e-13)


def test_a_map_of_a_gradient_gives_products_with_the_hessian():
    f = lambda x: np.sum(np.sin(x) * np.roll(x, 1) ** 2)  # noqa: E731
    slope, push = linearize(grad(f), X)
    np.testing.assert_allclose(slope, grad(f)(X))
    np.testing.assert_allclose(push(V), hessian(f)(X) @ V, rtol=1e-13)


def test_custom_rules_are_used_once():
    calls = []
    op = primitive(np.sin)
    op.def_jvp(lambda y, p, t: calls.append(1) or np.cos(p[0]) * t[0])
    _, push = linearize(op, X)
    np.testing.assert_allclose([push(V), push(V)], [np.cos(X) * V] * 2)
    assert len(calls) == 1


def test_expressions_and_complex_numbers():
    x, y = symbols("x y")
    value, push = linearize(parse("x*sin(y)"), 2.0, 0.5)
    assert value == 2 * np.sin(0.5)
    assert push(1.0, 1.0) == pytest.approx(np.sin(0.5) + 2 * np.cos(0.5), rel=1e-15)
    value, push = linearize(lambda x: x * x, x)
    assert (str(value), str(push(y))) == ("x*x", str(jvp(lambda x: x * x, (x,), (y,))[1]))
    z = X + 1j * V
    _, push = linearize(lambda z: np.exp(z) * z, z)
    np.testing.assert_allclose(push(V + 0j), (1 + z) * np.exp(z) * V, rtol=1e-14)


def test_tangents_are_checked():
    _, push = linearize(lambda x, y: x * y, X, 2.0)
    with pytest.raises(ExpressionTypeError, match="2 primals need 2 tangents, got 1"):
        push(V)
    with pytest.raises(ShapeError, match=r"tangents of x has shape \(2,\)"):
        push(V[:2], 1.0)


def test_a_long_chain():
    def f(x):
        for _ in range(20_000):
            x = x * 1.0001
        return x

    _, push = linearize(f, 1.0)
    assert push(2.0) == pytest.approx(2 * 1.0001**20_000, rel=1e-11)


# elementwise_grad


def test_the_derivative_of_an_elementwise_function():
    x = np.linspace(-2, 2, 7)
    found = elementwise_grad(np.tanh)(x)
    np.testing.assert_allclose(found, 1 / np.cosh(x) ** 2, rtol=1e-14)
    np.testing.assert_allclose(found, derivative(np.tanh)(x), rtol=1e-14)
    second = elementwise_grad(elementwise_grad(np.tanh))(x)
    np.testing.assert_allclose(second, -2 * np.tanh(x) / np.cosh(x) ** 2, rtol=1e-13, atol=1e-16)


def test_it_is_the_gradient_of_the_sum():
    f = lambda x, y: x[:, None] * np.sin(y)  # noqa: E731
    for wrt, jac in enumerate(jacobian(f, wrt=(0, 1))(X, V)):
        found = elementwise_grad(f, wrt=wrt)(X, V)
        np.testing.assert_allclose(found, np.sum(jac, axis=(0, 1)), rtol=1e-14)
    both = elementwise_grad(f, wrt=(0, 1))(X, V)
    assert [g.shape for g in both] == [(3,), (3,)]
    p = elementwise_grad(lambda p: p["a"] ** 2)({"a": X})
    np.testing.assert_array_equal(p["a"], 2 * X)


def test_elementwise_grad_of_expressions_and_complex_numbers():
    w = symbol("w", (3,))
    np.testing.assert_allclose(elementwise_grad(np.sin(w))[0](w=X), np.cos(X))
    z = X + 1j * V
    np.testing.assert_allclose(elementwise_grad(np.exp)(z), np.exp(z))
    with pytest.raises(ExpressionValueError, match="elementwise_grad of a complex result"):
        elementwise_grad(np.conj)(z)
    with pytest.raises(ExpressionTypeError, match="elementwise_grad"):
        elementwise_grad(lambda x: {"a": x})(X)
    assert elementwise_grad(np.sin).__name__ == "elementwise_grad"


# stop_gradient


@pytest.mark.parametrize("mode", [forward, reverse])
def test_a_stopped_value_is_constant_in_every_mode(mode):
    f = lambda x: np.sum(x * stop_gradient(x**2))  # noqa: E731
    np.testing.assert_array_equal(mode.grad(f)(X), X**2)
    np.testing.assert_array_equal(mode.hessian(f)(X), np.zeros((3, 3)))
    np.testing.assert_allclose(taylor(f, X, 2), [np.sum(X**3), np.sum(X**2), 0.0], rtol=1e-15)


def test_a_stopped_value_is_constant_to_every_order():
    f = lambda x: grad(lambda y: stop_gradient(x) * y * x)(x)  # noqa: E731
    assert grad(f)(3.0) == 3.0
    assert grad(lambda x: stop_gradient(grad(lambda y: y**3)(x)) * x)(2.0) == 12.0


def test_nests_and_plain_values_are_handed_on():
    nest = {"a": [X, "text", None], "b": (1, 2.0)}
    assert stop_gradient(nest) is nest
    assert stop_gradient(X) is X
    found = []

    def f(x):
        kept = stop_gradient({"a": [x, "text"], "b": 2.0})
        found.append(kept)
        return np.sum(kept["a"][0] * x)

    np.testing.assert_array_equal(grad(f)(X), X)
    assert found[0]["a"][1] == "text"
    assert type(found[0]["a"][0]) is np.ndarray


def test_writing_into_a_stopped_value_changes_nothing_else():
    def f(x):
        y = np.sin(x)
        kept = stop_gradient(y)
        z = y * y
        kept[:] = 100.0
        return np.sum(z)

    np.testing.assert_allclose(grad(f)(X), np.sin(2 * X), rtol=1e-14)


def test_a_formula_has_no_stopped_part():
    with pytest.raises(ControlFlowError, match="stop_gradient of a symbolic value"):
        trace(lambda x: x * stop_gradient(x))
    x = symbol("x")
    assert grad(lambda y: y * stop_gradient(y))(x) is x


# has_aux


@dataclasses.dataclass
class Report:
    hidden: object
    name: str


@pytest.mark.parametrize("mode", [autodiff, forward, reverse])
def test_what_is_handed_back_beside_a_value(mode):
    def f(x):
        h = np.tanh(x)
        return np.sum(h**2), {"h": h, "report": Report([h[0], 2], "tanh"), "n": 3}

    slope, aux = mode.grad(f, has_aux=True)(X)
    np.testing.assert_allclose(slope, 2 * np.tanh(X) / np.cosh(X) ** 2, rtol=1e-14)
    (value, again), same = mode.value_and_grad(f, has_aux=True)(X)
    np.testing.assert_array_equal(same, slope)
    assert value == pytest.approx(np.sum(np.tanh(X) ** 2), rel=1e-15)
    for held in (aux, again):
        assert type(held["h"]) is np.ndarray
        np.testing.assert_array_equal(held["h"], np.tanh(X))
        assert held["report"].name == "tanh"
        assert held["report"].hidden == [np.tanh(X[0]), 2]
        assert held["n"] == 3
        held["h"][:] = 0.0


def test_what_is_handed_back_can_still_be_differentiated_further_out():
    def f(x):
        slope, square = grad(lambda y: (x * y**3, x * y**2), has_aux=True)(x)
        return slope + square

    # slope = 3 x^3 with x = y, square = x^3; the inner derivative is by y alone.
    assert grad(f)(2.0) == pytest.approx(9 * 4.0 + 3 * 4.0, rel=1e-15)


def test_aux_is_the_only_second_part():
    with pytest.raises(ExpressionTypeError, match=r"returns \(value, aux\), got 9\.0"):
        grad(lambda x: 9.0, has_aux=True)(3.0)
    with pytest.raises(ExpressionTypeError, match="an expression has a value only"):
        value_and_grad(parse("x^2"), has_aux=True)


# what the package offers


def test_every_public_name_is_there():
    for name in autodiff.__all__:
        assert getattr(autodiff, name) is not None
        assert name in dir(autodiff)
    assert callable(autodiff.checkpoint)
    assert callable(autodiff.jet)
    assert callable(autodiff.laplacian)
    assert autodiff.nests.flatten([1.0])[0]
    assert autodiff.engine.Value(1.0).data == 1.0
    assert callable(autodiff.optim.adam)
    with pytest.raises(AttributeError, match="no attribute 'gradient'"):
        autodiff.gradient  # noqa: B018
