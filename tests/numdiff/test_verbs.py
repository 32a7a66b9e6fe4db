"""The verbs: shapes, forms of wrt, expressions, and the errors that name the way out."""

import math
from dataclasses import dataclass

import numpy as np
import pytest

import numdiff


@dataclass(frozen=True)
class Symbol:
    name: str


class Expression:
    """x**2 * sin(y), known by its variables and called by name."""

    def __init__(self, names=("x", "y")):
        self.variables = tuple(Symbol(name) for name in names)

    def __call__(self, *, x, y=0.5, spare=None):
        return x**2 * np.sin(y)


def norm2(v):
    return np.sum(v**2)


def test_derivative_of_scalars_and_arrays():
    value = numdiff.derivative(np.sin)(0.3)
    assert isinstance(value, float)
    assert value == pytest.approx(math.cos(0.3), rel=1e-13)
    x = np.linspace(0, 1, 6).reshape(2, 3)
    np.testing.assert_allclose(numdiff.derivative(np.sin)(x), np.cos(x), rtol=1e-12)
    np.testing.assert_allclose(numdiff.derivative(np.sin, 0, 2)(x), -np.sin(x), atol=1e-10)
    np.testing.assert_allclose(numdiff.derivative(math.sin)([0.1, 0.2]), np.cos([0.1, 0.2]))


def test_derivative_beside_other_arguments():
    def f(x, a, *, b=1.0):
        return a * x**3 + b * x

    assert numdiff.derivative(f)(2.0, 3.0) == pytest.approx(37)
    assert numdiff.derivative(f, "a")(2.0, 3.0) == pytest.approx(8)
    assert numdiff.derivative(f, 1)(2.0, a=3.0) == pytest.approx(8)
    assert numdiff.derivative(f, "b")(2.0, 3.0, b=1.0) == pytest.approx(2)
    x, a = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    np.testing.assert_allclose(numdiff.derivative(f)(x, a), 3 * a * x**2 + 1, rtol=1e-12)
    np.testing.assert_allclose(
        numdiff.derivative(f, "a", method="cs")(x, a, b=0.0), x**3, rtol=1e-14
    )
    np.testing.assert_allclose(
        numdiff.derivative(f, method="3-point", rel_step=1e-4)(x, a), 3 * a * x**2 + 1, rtol=1e-6
    )
    np.testing.assert_allclose(
        numdiff.derivative(f, bounds=(1, 2))(x, a), 3 * a * x**2 + 1, rtol=1e-9
    )
    # A scalar that moves an array: the answer has the array's shape.
    np.testing.assert_allclose(numdiff.derivative(f, 0, 2)(2.0, a), 12 * a, rtol=1e-10)


def test_derivative_of_a_curve():
    def curve(t):
        return np.array([np.cos(t), np.sin(t)])

    np.testing.assert_allclose(numdiff.derivative(curve)(0.0), [0, 1], atol=1e-13)
    np.testing.assert_allclose(numdiff.derivative(curve, n=2)(0.0), [-1, 0], atol=1e-11)


def test_derivative_refuses_functions_that_mix_entries():
    with pytest.raises(numdiff.InputError, match="mixes the entries"):
        numdiff.derivative(lambda x, a: np.cumsum(x) * a)(np.ones(3), np.ones(3))
    with pytest.raises(numdiff.InputError, match=r"shape \(2, 2\) from \(2,\)"):
        numdiff.derivative(lambda x, a: np.outer(x, a))(np.ones(2), np.ones(2))
    with pytest.raises(numdiff.InputError, match="jacobian"):
        numdiff.derivative(lambda x: np.sum(x))(np.ones(2))


def test_complex_step_beside_arrays_falls_back():
    def f(x, a):
        return np.abs(x) * a

    x, a = np.array([-1.0, 2.0]), np.array([3.0, 4.0])
    np.testing.assert_allclose(numdiff.derivative(f, method="cs")(x, a), [-3, 4], rtol=1e-12)

    def shrinks(x, a):
        return (x * a).sum() if np.iscomplexobj(x) else x * a

    np.testing.assert_allclose(numdiff.derivative(shrinks, method="cs")(x, a), a, rtol=1e-12)


def test_grad_and_value_and_grad():
    x = np.array([[1.0, -2.0], [0.0, 3.0]])
    np.testing.assert_allclose(numdiff.grad(norm2)(x), 2 * x, rtol=1e-12, atol=1e-14)
    value, slope = numdiff.value_and_grad(norm2)(x)
    assert value == 14
    np.testing.assert_allclose(slope, 2 * x, rtol=1e-12, atol=1e-14)
    assert numdiff.grad(np.exp)(0).shape == ()
    assert numdiff.grad(np.exp, method="2-point", abs_step=1e-3)(0.0) == pytest.approx(1, abs=1e-3)


def test_a_tuple_in_gives_a_tuple_out():
    def f(w, b):
        return np.sum(w**2) * b

    w = np.array([1.0, 2.0])
    dw, db = numdiff.grad(f, (0, "b"))(w, 3.0)
    np.testing.assert_allclose(dw, 6 * w, rtol=1e-12)
    assert db == pytest.approx(5)
    (only,) = numdiff.grad(f, (0,))(w, 3.0)
    np.testing.assert_allclose(only, 6 * w, rtol=1e-12)
    (ww, wb), (bw, bb) = numdiff.hessian(f, (0, 1))(w, 3.0)
    np.testing.assert_allclose(ww, 6 * np.eye(2), atol=1e-9)
    np.testing.assert_allclose(wb, 2 * w, rtol=1e-10)
    np.testing.assert_array_equal(bw, wb)
    assert bb.shape == ()
    assert bb == pytest.approx(0, abs=1e-12)


def test_jacobian_and_hessian_shapes():
    w = np.arange(6.0).reshape(2, 3)
    np.testing.assert_allclose(
        numdiff.jacobian(lambda x: w @ x)(np.ones(3)), w, rtol=1e-12, atol=1e-13
    )
    assert numdiff.jacobian(lambda x: w * x)(2.0).shape == (2, 3)
    assert numdiff.hessian(norm2)(np.ones((2, 1))).shape == (2, 1, 2, 1)
    assert numdiff.hessian(np.exp)(0.0) == pytest.approx(1, rel=1e-11)
    bounded = numdiff.hessian(norm2, bounds=(0, 5), rel_step=0.5)(np.ones(2))
    np.testing.assert_allclose(bounded, 2 * np.eye(2), atol=1e-9)


def test_expressions_by_name_position_and_symbol():
    e = Expression()
    dx, dy = numdiff.grad(e)(x=2.0, y=0.5)
    assert dx == pytest.approx(4 * math.sin(0.5))
    assert dy == pytest.approx(4 * math.cos(0.5))
    assert numdiff.grad(e)(2.0, 0.5) == (dx, dy)
    for wrt in ("y", 1, -1, e.variables[1]):
        assert numdiff.grad(e, wrt)(2.0, y=0.5) == dy
        assert numdiff.derivative(e, wrt)(x=2.0, y=0.5) == pytest.approx(dy)
    assert numdiff.derivative(Expression(("x",)))(3.0) == pytest.approx(6 * math.sin(0.5))
    (xx, xy), (yx, yy) = numdiff.hessian(e)(2.0, 0.5)
    assert xy == yx == pytest.approx(4 * math.cos(0.5))
    assert (xx, yy) == (pytest.approx(2 * math.sin(0.5)), pytest.approx(-4 * math.sin(0.5)))
    value, _ = numdiff.value_and_grad(e)(2.0, 0.5)
    assert value == pytest.approx(4 * math.sin(0.5))
    assert len(numdiff.jacobian(e)(2.0, 0.5)) == 2
    assert numdiff.grad(e, "x")(2.0, 0.5, spare=1) == dx


def test_jvp_and_vjp_agree_with_the_jacobian():
    rng = np.random.default_rng(5)
    m = rng.normal(size=(3, 4))
    x, v, w = rng.normal(size=4), rng.normal(size=4), rng.normal(size=3)

    def f(x):
        return np.sin(m @ x)

    jacobian = np.cos(m @ x)[:, None] * m
    value, tangent = numdiff.jvp(f, (x,), (v,))
    np.testing.assert_allclose(value, f(x))
    np.testing.assert_allclose(tangent, jacobian @ v, rtol=1e-10)
    value, pullback = numdiff.vjp(f, x)
    np.testing.assert_allclose(value, f(x))
    (cotangent,) = pullback(w)
    np.testing.assert_allclose(cotangent, w @ jacobian, rtol=1e-10)
    np.testing.assert_allclose(w @ tangent, cotangent @ v, rtol=1e-9)


def test_products_of_several_primals_and_expressions():
    def f(w, b):
        return np.sum(w**2) * b

    w = np.array([1.0, 2.0])
    value, tangent = numdiff.jvp(f, (w, 3.0), (np.array([1.0, 0.0]), 2.0))
    assert (value, tangent) == (15, pytest.approx(16))
    dw, db = numdiff.vjp(f, w, 3.0)[1](2.0)
    np.testing.assert_allclose(dw, 12 * w, rtol=1e-11)
    assert db == pytest.approx(10)
    hw, hb = numdiff.hvp(f, (w, 3.0), (np.array([1.0, 0.0]), 0.5))
    np.testing.assert_allclose(hw, [6 + 1, 2], rtol=1e-8)
    assert hb == pytest.approx(2, rel=1e-8)
    _, tangent = numdiff.jvp(Expression(), (2.0, 0.5), (1.0, 0.0))
    assert tangent == pytest.approx(4 * math.sin(0.5))


def test_products_along_nothing_and_from_zero():
    value, tangent = numdiff.jvp(np.sin, 0.3, 0.0)
    assert (value, tangent) == (pytest.approx(math.sin(0.3)), 0)
    np.testing.assert_array_equal(numdiff.hvp(norm2, np.ones(2), np.zeros(2)), [0, 0])
    zero = np.zeros(3)
    _, tangent = numdiff.jvp(lambda v: np.exp(v).sum(), (zero,), (np.ones(3),))
    assert tangent == pytest.approx(3, rel=1e-12)
    np.testing.assert_allclose(
        numdiff.hvp(lambda v: np.exp(v.sum()), zero, np.ones(3)), [3, 3, 3], rtol=1e-8
    )
    x32 = np.array([1.0, 2.0], dtype=np.float32)
    assert numdiff.jvp(norm2, x32, np.ones(2))[1] == pytest.approx(6, rel=1e-4)


def test_hvp_is_the_hessian_times_the_vector():
    def f(v):
        return v[0] ** 2 * v[1] + np.sin(v[2] * v[1])

    x, v = np.array([1.5, -0.5, 0.7]), np.array([1.0, 2.0, -1.0])
    product = numdiff.hvp(f, x, v)
    np.testing.assert_allclose(product, numdiff.hessian(f)(x) @ v, rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: numdiff.grad(lambda v: v)(np.ones(3)), ValueError, r"\(3,\); use jacobian"),
        (lambda: numdiff.grad(3), TypeError, "function or an expression, got 3"),
        (lambda: numdiff.grad(norm2, 1.5), TypeError, "1.5"),
        (lambda: numdiff.grad(norm2, True), TypeError, "True"),
        (lambda: numdiff.grad(norm2, method="newton"), ValueError, "newton"),
        (lambda: numdiff.grad(norm2, 3)(np.ones(2)), ValueError, "wrt=3"),
        (lambda: numdiff.grad(norm2, "w")(np.ones(2)), ValueError, "wrt='w'"),
        (lambda: numdiff.grad(np.sin, "w")(1.0), ValueError, "wrt='w'"),
        (lambda: numdiff.grad(norm2)(None), TypeError, "None"),
        (lambda: numdiff.derivative(norm2, (0,)), TypeError, "one variable"),
        (lambda: numdiff.derivative(norm2, n=0), ValueError, "got 0"),
        (lambda: numdiff.derivative(Expression()), ValueError, "x, y; name one"),
        (lambda: numdiff.grad(Expression(), "z"), ValueError, "x, y"),
        (lambda: numdiff.grad(Expression(), 2), ValueError, "wrt=2"),
        (lambda: numdiff.grad(Expression())(1.0), ValueError, "no value for y"),
        (lambda: numdiff.grad(Expression())(1.0, 2.0, 3.0), ValueError, "2 variables"),
        (lambda: numdiff.grad(Expression())(1.0, x=2.0), ValueError, "give it once"),
        (lambda: numdiff.hessian(norm2, method="2-point"), ValueError, "n=2"),
        (lambda: numdiff.jvp(norm2, (np.ones(2),), (np.ones(3),)), ValueError, "shapes"),
        (lambda: numdiff.vjp(norm2, np.ones(2))[1](np.ones(2)), ValueError, "cotangent"),
        (lambda: numdiff.hvp(lambda v: v, np.ones(2), np.ones(2)), ValueError, "scalar"),
    ],
)
def test_errors_name_the_value_and_the_way_out(call, error, words):
    with pytest.raises(error, match=words) as caught:
        call()
    assert isinstance(caught.value, numdiff.NumdiffError)
    assert "\n" not in str(caught.value)


def test_arguments_are_copied():
    def spoils(v):
        y = np.sum(v**2)
        v[...] = -1
        return y

    x = np.array([1.0, 2.0])
    for verb in (numdiff.grad, numdiff.hessian):
        verb(spoils)(x)
    numdiff.jvp(spoils, (x,), (np.ones(2),))
    np.testing.assert_array_equal(x, [1.0, 2.0])
    np.testing.assert_allclose(numdiff.grad(spoils)(x), [2, 4], rtol=1e-12)


def test_errors_of_f_itself_pass():
    def broken(x):
        raise TypeError("no such thing")

    with pytest.raises(TypeError, match="no such thing"):
        numdiff.derivative(broken)(1.0)


def test_built_in_functions_have_no_names_to_choose_by():
    with pytest.raises(numdiff.InputError, match="wrt='y'"):
        numdiff.derivative(math.hypot, "y")(3.0, 4.0)
    assert numdiff.derivative(math.hypot, 1)(3.0, 4.0) == pytest.approx(0.8)
