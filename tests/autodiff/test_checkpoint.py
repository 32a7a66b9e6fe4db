"""Checkpointing changes neither values nor derivatives, only memory; what it cannot do, it says."""

import dataclasses
import threading

import numpy as np
import pytest

from autodiff import (
    checkpoint,
    forward,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    linearize,
    primitive,
    reverse,
    rounding_bound,
    value_and_grad,
    vjp,
)
from diffexpr import ExpressionTypeError, ExpressionValueError, symbol

X = np.array([0.3, -1.2, 2.0])
W = np.array([1.5, 0.4, -0.7])


def layer(x):
    return np.sin(x) * np.tanh(x) + np.where(x > 0, x, x**2)


def chained(wrap, steps=5):
    piece = wrap(layer)

    def f(x):
        for _ in range(steps):
            x = piece(x)
        return np.sum(x)

    return f


def same(f):
    return f


# equal to the last bit


@pytest.mark.parametrize("mode", [forward, reverse])
def test_values_and_gradients_are_equal_to_the_last_bit(mode):
    for found, wanted in zip(
        mode.value_and_grad(chained(checkpoint))(X),
        mode.value_and_grad(chained(same))(X),
        strict=True,
    ):
        np.testing.assert_array_equal(found, wanted)


def test_a_gradient_agrees_with_the_complex_step():
    f = checkpoint(lambda x: np.sin(x) * np.exp(x))
    step = 1e-30
    for k in range(3):
        moved = X + 1j * step * np.eye(3)[k]
        exact = np.sum(np.sin(moved) * np.exp(moved)).imag / step
        assert grad(lambda x: np.sum(f(x)))(X)[k] == pytest.approx(exact, rel=1e-15)


def gradient_of_gradient(f):
    return reverse.jacobian(reverse.grad(f))


@pytest.mark.parametrize("outer", [hessian, forward.hessian, reverse.hessian, gradient_of_gradient])
def test_second_order_in_every_combination(outer):
    found, wanted = (outer(chained(w))(X) for w in (checkpoint, same))
    # What arrives at a value is added up in another order where a way back is itself recorded.
    np.testing.assert_allclose(found, wanted, rtol=1e-14)


def test_products_and_jacobians():
    f = checkpoint(lambda x: np.outer(np.sin(x), x) @ W)
    g = lambda x: np.outer(np.sin(x), x) @ W  # noqa: E731
    np.testing.assert_array_equal(reverse.jacobian(f)(X), reverse.jacobian(g)(X))
    np.testing.assert_array_equal(jacobian(f)(X), jacobian(g)(X))
    np.testing.assert_array_equal(jvp(f, (X,), (W,))[1], jvp(g, (X,), (W,))[1])
    total = lambda h: lambda x: np.sum(h(x) ** 2)  # noqa: E731
    np.testing.assert_array_equal(hvp(total(f), X, W), hvp(total(g), X, W))
    value, push = linearize(f, X)
    np.testing.assert_array_equal(push(W), jvp(g, (X,), (W,))[1])
    np.testing.assert_array_equal(value, g(X))


def test_a_pullback_runs_the_function_again_every_time():
    calls = []
    f = checkpoint(lambda x: calls.append(1) or np.sin(x))
    value, back = vjp(lambda x: f(x) * 2, X)
    assert len(calls) == 1
    for count in (2, 3):
        np.testing.assert_array_equal(back(W)[0], 2 * W * np.cos(X))
        assert len(calls) == count
    np.testing.assert_array_equal(value, 2 * np.sin(X))


def test_pieces_inside_pieces():
    inner = checkpoint(layer)
    middle = checkpoint(lambda x: inner(inner(x)))
    outer = checkpoint(lambda x: middle(middle(x)))
    f = lambda x: np.sum(outer(x))  # noqa: E731
    np.testing.assert_array_equal(grad(f)(X), grad(chained(same, 4))(X))
    np.testing.assert_allclose(hessian(f)(X), hessian(chained(same, 4))(X), rtol=1e-14)


def test_recursive_bisection():
    def power(x, n):
        if n == 1:
            return np.sin(x)
        half = checkpoint(power)
        return half(half(x, n // 2), n - n // 2)

    def plain(x):
        for _ in range(100):
            x = np.sin(x)
        return x

    assert grad(lambda x: power(x, 100))(1.0) == grad(plain)(1.0)


@dataclasses.dataclass
class Pair:
    left: object
    right: object
    name: str = dataclasses.field(default="pair", metadata={"static": True})


def test_nests_of_arguments_and_results():
    def f(p, pair, axes, *, scale=1.0):
        assert axes == [0]
        return {"u": np.sin(p["a"]) * scale, "rest": [pair.left**2, (3.0, "text", None)]}, pair

    def total(wrap):
        def g(p, x):
            (found, pair) = wrap(f)(p, Pair(x, [1.0, 2.0]), [0], scale=np.sum(p["b"][0]))
            assert found["rest"][1][1:] == ("text", None)
            assert pair.right == [1.0, 2.0]
            return np.sum(found["u"] * found["rest"][0]) * found["rest"][1][0] + np.sum(pair.left)

        return g

    p = {"a": X, "b": [W, 2.0]}
    found, wanted = (grad(total(w), wrt=(0, 1))(p, X) for w in (checkpoint, same))
    np.testing.assert_array_equal(found[0]["a"], wanted[0]["a"])
    np.testing.assert_array_equal(found[0]["b"][0], wanted[0]["b"][0])
    np.testing.assert_array_equal(found[1], wanted[1])


def test_lists_of_boxed_numbers():
    f = checkpoint(lambda xs: [xs[0] * xs[1], np.sin(xs[0])])
    found = grad(lambda x: f([x[0], x[1]])[0] + f(np.array([x[1], x[0]]))[1])(X[:2])
    np.testing.assert_array_equal(found, [X[1], X[0] + np.cos(X[1])])


def test_results_that_are_arguments_or_constants():
    f = checkpoint(lambda x: (x, 2.0, np.ones(3), x))
    g = lambda x: np.sum(f(x)[0] * f(x)[1] * f(x)[2] * f(x)[3])  # noqa: E731
    np.testing.assert_array_equal(grad(g)(X), 4 * X)
    assert grad(lambda x: checkpoint(lambda y: 3.0)(x) * x)(2.0) == 3.0


# where a function closes over what is differentiated


def test_closed_over_values_get_their_gradients():
    f = lambda wrap: lambda x, w: np.sum(wrap(lambda x: np.tanh(x * w) / w)(x) * w)  # noqa: E731
    found, wanted = (grad(f(c), wrt=(0, 1))(X, W) for c in (checkpoint, same))
    for a, b in zip(found, wanted, strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_function_of_closed_over_values_alone():
    found = grad(lambda w: np.sum(checkpoint(lambda x: np.sin(w) * x)(2.0)))(W)
    np.testing.assert_array_equal(found, 2 * np.cos(W))


def test_closed_over_values_of_another_differentiation():
    def f(wrap):
        inside = lambda x: grad(lambda w: np.sum(wrap(lambda y: y * w**2)(x)))(W)  # noqa: E731
        outside = lambda x: grad(lambda w: np.sum(wrap(lambda v: x * v**3)(w)))(W)  # noqa: E731
        return lambda x: np.sum(inside(x) * outside(x) * x)

    np.testing.assert_allclose(grad(f(checkpoint))(X), grad(f(same))(X), rtol=1e-15)


def test_a_derivative_inside():
    def f(wrap):
        slope = lambda w: lambda x: grad(lambda u: np.sum(np.sin(u * w) * x))(x)  # noqa: E731
        return lambda x, w: np.sum(wrap(slope(w))(x))

    found, wanted = (grad(f(c), wrt=(0, 1))(X, W) for c in (checkpoint, same))
    for a, b in zip(found, wanted, strict=True):
        np.testing.assert_array_equal(a, b)


# selections


def test_a_zero_that_selects_stays_one():
    root = checkpoint(np.sqrt)
    at = np.array([4.0, 0.0])
    np.testing.assert_array_equal(grad(lambda x: root(x)[0])(at), [0.25, 0.0])
    np.testing.assert_array_equal(
        grad(lambda x: np.sum(np.where(x > 1, root(x), 0)))(at), [0.25, 0.0]
    )
    np.testing.assert_array_equal(reverse.jacobian(root)(at), [[0.25, 0.0], [0.0, np.inf]])


# other kinds of values


def test_complex_and_single_precision():
    z = X + 1j * W
    f = lambda wrap: lambda z: np.sum(np.abs(wrap(lambda z: np.exp(z) * z)(z)))  # noqa: E731
    np.testing.assert_array_equal(grad(f(checkpoint))(z), grad(f(same))(z))
    assert grad(chained(checkpoint))(X.astype(np.float32)).dtype == np.float32


def test_expressions_come_out_the_same():
    x = symbol("x")
    assert grad(chained(checkpoint))(x) is grad(chained(same))(x)
    assert checkpoint(layer)(x) is layer(x)


def test_plain_calls_and_custom_operations():
    f = checkpoint(layer)
    assert f.__name__ == "layer"
    np.testing.assert_array_equal(f(X), layer(X))
    op = primitive(np.sin).def_partials(lambda y, x: np.cos(x))
    np.testing.assert_array_equal(grad(lambda x: np.sum(checkpoint(op)(x)))(X), np.cos(X))


def test_a_rounding_bound_runs_through():
    value, bound = rounding_bound(chained(checkpoint), [X])
    np.testing.assert_array_equal(value, grad(chained(same))(X))
    plain = rounding_bound(chained(same), [X])[1]
    assert np.all((bound >= 0.5 * plain) & (bound < 1e-12))


# what is noticed


def test_a_loop_variable_that_is_closed_over():
    def f(x):
        for k in range(3):
            x = checkpoint(lambda x: x * W[k] + k)(x)  # noqa: B023
        return np.sum(x)

    with pytest.raises(ExpressionValueError, match=r"did not do the same.*loop variable"):
        grad(f)(X)

    def g(x):
        for k in range(3):
            x = checkpoint(lambda x, k: x * W[k] + k)(x, k)
        return np.sum(x)

    np.testing.assert_allclose(grad(g)(X), np.full(3, np.prod(W)), rtol=1e-15)


def test_a_loop_variable_that_is_differentiated():
    def f(w):
        x = w[0]
        for v in w:
            x = checkpoint(lambda x: np.tanh(x * v))(x)  # noqa: B023
        return x

    with pytest.raises(ExpressionValueError, match="did not do the same"):
        grad(f)(np.array([0.5, 0.5, 0.5]))


def test_random_numbers():
    numbers = np.random.default_rng(0)
    with pytest.raises(ExpressionValueError, match="random numbers"):
        grad(lambda x: np.sum(checkpoint(lambda x: x * numbers.normal(size=3))(x)))(X)


def test_values_that_leak():
    def f(x):
        kept = []
        y = checkpoint(lambda x: kept.append(np.sin(x)) or kept[-1] * 2)(x)
        return np.sum(y * kept[0])

    with pytest.raises(ExpressionTypeError, match="used outside of it; let the function return it"):
        grad(f)(X)


def test_writing_into_an_argument():
    def double(x):
        x *= 2
        return x

    with pytest.raises(ExpressionTypeError, match="writes into its argument"):
        grad(lambda x: np.sum(checkpoint(double)(x * 1.0)))(X)


def test_arrays_are_taken_as_they_were():
    def f(x, size):
        w = np.full(size, 2.0)
        y = checkpoint(lambda x, w: np.sum(x) * np.sum(w))(x, w)
        w[:] = 7.0
        return y

    np.testing.assert_array_equal(grad(f)(X, 3), np.full(3, 6.0))
    with pytest.raises(ValueError, match="read-only"):
        grad(f)(X, 1 << 15)


def test_an_exception_leaves_nothing_behind():
    def f(x):
        y = np.sin(x)
        raise ZeroDivisionError(str(y.shape))

    def g(x):
        y = x * 2
        try:
            checkpoint(f)(y)
        except ZeroDivisionError:
            y = checkpoint(np.sin)(y)
        return np.sum(y)

    np.testing.assert_array_equal(grad(g)(X), 2 * np.cos(2 * X))


def test_an_exception_on_the_way_back_leaves_the_tape_as_it_was():
    failing = [False, True, False]

    def f(x):
        if failing.pop(0):
            raise ZeroDivisionError
        return np.sin(x)

    value, back = vjp(checkpoint(f), X)
    with pytest.raises(ZeroDivisionError):
        back(W)
    np.testing.assert_array_equal(back(W)[0], W * np.cos(X))
    np.testing.assert_array_equal(value, np.sin(X))


def test_threads_may_share_a_pullback():
    value, back = vjp(chained(checkpoint, 20), X)
    wanted = back(1.0)[0]
    found = []

    def work():
        found.extend(back(1.0)[0] for _ in range(20))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 80
    for one in found:
        np.testing.assert_array_equal(one, wanted)
    assert value == value_and_grad(chained(same, 20))(X)[0]
