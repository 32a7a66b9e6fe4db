"""Operations of a user's own: every kind of rule, in every mode, to the second order."""

import math

import numpy as np
import pytest

from autodiff import (
    derivative,
    forward,
    grad,
    hessian,
    hvp,
    jacobian,
    jet,
    jvp,
    primitive,
    reverse,
    vjp,
)
from diffexpr import (
    Expr,
    ExpressionTypeError,
    MissingRuleError,
    ShapeError,
    trace,
)

MODES = [forward, reverse]
X = np.array([0.3, -1.2, 2.0])


@primitive
def softplus(x, scale=1.0):
    return scale * np.log1p(np.exp(x))


softplus.def_partials(lambda y, x, scale=1.0: scale / (1 + np.exp(-x)))


@primitive
def weighted(x, w):
    """Two arguments that broadcast, of which the second has no derivative."""
    return np.sin(x) * w


weighted.def_partials(lambda y, x, w: np.cos(x) * w, None)


def blur(x, n=1):
    for _ in range(n):
        x = (x + np.roll(x, 1)) / 2
    return x


def by_jvp():
    """A nonlinear operation that mixes entries, known by its tangent."""
    op = primitive(lambda x, y, n=1: blur(x * x, n) * np.sum(y))
    op.def_jvp(
        lambda out, primals, tangents, n=1: (
            blur(2 * primals[0] * tangents[0], n) * np.sum(primals[1])
            + blur(primals[0] * primals[0], n) * np.sum(tangents[1])
        )
    )
    return op


def by_vjp():
    """The same, known by its cotangents."""

    def back(g, n):
        for _ in range(n):
            g = (g + np.roll(g, -1)) / 2
        return g

    op = primitive(lambda x, y, n=1: blur(x * x, n) * np.sum(y))
    op.def_vjp(
        lambda out, primals, g, n=1: (
            2 * primals[0] * back(g, n) * np.sum(primals[1]),
            np.sum(g * blur(primals[0] * primals[0], n)) * np.ones(primals[1].shape),
        )
    )
    return op


def plain(x, y, n=1):
    """The same in NumPy's functions, which need no rule."""
    return blur(x * x, n) * np.sum(y)


# partials


@pytest.mark.parametrize("mode", MODES)
def test_partials_give_first_and_second_derivatives(mode):
    sigmoid = 1 / (1 + np.exp(-X))
    np.testing.assert_allclose(mode.grad(lambda x: np.sum(softplus(x)))(X), sigmoid, rtol=1e-15)
    found = mode.hessian(lambda x: np.sum(softplus(x)))(X)
    np.testing.assert_allclose(found, np.diag(sigmoid * (1 - sigmoid)), rtol=1e-14)
    np.testing.assert_allclose(mode.jacobian(softplus)(X), np.diag(sigmoid), rtol=1e-15)


def test_third_derivative_by_nesting_and_by_series():
    s = 1 / (1 + math.exp(-0.7))
    third = s * (1 - s) * (1 - 2 * s)
    assert derivative(derivative(derivative(softplus)))(0.7) == pytest.approx(third, rel=1e-13)
    assert derivative(softplus, n=3)(0.7) == pytest.approx(third, rel=1e-13)
    assert jet(softplus, (0.7,), ([1.0, 0.0, 0.0],))[1][2] == pytest.approx(third, rel=1e-13)


@pytest.mark.parametrize("mode", MODES)
def test_static_keyword_arguments_reach_the_rules_as_given(mode):
    found = mode.derivative(lambda x: softplus(x, scale=3.0))(0.4)
    assert found == pytest.approx(3 / (1 + math.exp(-0.4)), rel=1e-15)


@pytest.mark.parametrize("mode", MODES)
def test_an_argument_without_partial_is_constant_and_others_broadcast(mode):
    w = np.array([[1.0], [2.0]])
    gx, gw = mode.grad(lambda x, w: np.sum(weighted(x, w)), wrt=(0, 1))(X, w)
    np.testing.assert_allclose(gx, 3 * np.cos(X), rtol=1e-15)
    np.testing.assert_array_equal(gw, np.zeros((2, 1)))


@pytest.mark.parametrize("mode", MODES)
def test_a_branch_not_taken_does_not_poison_a_custom_operation(mode):
    root = primitive(np.sqrt).def_partials(lambda y, x: 0.5 / y)
    f = lambda x: np.sum(np.where(x > 1, root(x), 0))  # noqa: E731
    np.testing.assert_array_equal(mode.grad(f)(np.array([4.0, 0.0])), [0.25, 0.0])


def test_the_number_of_partials_and_the_shape_are_checked():
    with pytest.raises(ExpressionTypeError, match=r"softplus has 1 partial.* with 2 argument"):
        grad(lambda x: softplus(x, x))(1.0)
    total = primitive(np.sum).def_partials(lambda y, x: 1)
    with pytest.raises(ShapeError, match=r"use sum\.def_jvp and def_vjp"):
        grad(total)(X)
    with pytest.raises(ExpressionTypeError, match="a partial per argument"):
        primitive(np.sum).def_partials()
    with pytest.raises(ExpressionTypeError, match="def_partials takes a function, got 3"):
        primitive(np.sum).def_partials(3)


# rules for tangents and cotangents


@pytest.mark.parametrize("n", [1, 2])
@pytest.mark.parametrize("verb", ["jacobian", "hessian"])
@pytest.mark.parametrize("mode", MODES)
def test_a_rule_for_tangents_serves_both_modes(mode, verb, n):
    op, y = by_jvp(), np.array([1.5, -0.5])
    one = lambda f: lambda x, y: np.sum(np.tanh(f(x, y, n=n)))  # noqa: E731
    many = lambda f: lambda x, y: f(x, y, n=n)  # noqa: E731
    make = one if verb == "hessian" else many
    found = getattr(mode, verb)(make(op), wrt=(0, 1))(X, y)
    wanted = getattr(mode, verb)(make(plain), wrt=(0, 1))(X, y)
    for a, b in zip(_flat(found), _flat(wanted), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14)


def _flat(nested):
    stack, found = [nested], []
    while stack:
        item = stack.pop()
        if isinstance(item, tuple):
            stack.extend(item)
        else:
            found.append(item)
    return found


def test_a_rule_for_cotangents_serves_reverse_mode_to_the_second_order():
    op, y = by_vjp(), np.array([1.5, -0.5])
    f = lambda f: lambda x, y: np.sum(np.tanh(f(x, y, n=2)))  # noqa: E731
    for verb in (reverse.grad, reverse.hessian):
        found, wanted = (verb(f(g), wrt=(0, 1))(X, y) for g in (op, plain))
        for a, b in zip(_flat(found), _flat(wanted), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14)
    found = reverse.jacobian(lambda x: op(x, y))(X)
    np.testing.assert_allclose(found, jacobian(lambda x: plain(x, y))(X), rtol=1e-13, atol=1e-15)


def test_with_both_rules_every_combination_of_modes_agrees():
    op, y = by_vjp(), np.array([1.5, -0.5])
    op.def_jvp(by_jvp().jvp_rule)
    f, g = (lambda x, h=h: np.sum(np.exp(h(x, y) / 4)) for h in (op, plain))
    wanted = hessian(g)(X)
    for found in (hessian(f)(X), forward.hessian(f)(X), reverse.hessian(f)(X)):
        np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-13)
    v = np.array([1.0, 2.0, -1.0])
    np.testing.assert_allclose(hvp(f, X, v), wanted @ v, rtol=1e-12, atol=1e-13)


def test_the_rule_of_a_mode_comes_before_partials():
    op = primitive(lambda x: x * 1.0).def_partials(lambda y, x: 2.0)
    op.def_jvp(lambda y, primals, tangents: 3.0 * tangents[0])
    assert forward.derivative(op)(1.0) == 3.0
    assert reverse.derivative(op)(1.0) == 2.0
    op.def_vjp(lambda y, primals, g: 5.0 * g)
    assert reverse.derivative(op)(1.0) == 5.0


def test_tangents_of_constants_are_zeros_of_their_shape():
    seen = []
    op = primitive(lambda a, b, c: a + np.sum(b) + c)

    @op.def_jvp
    def rule(y, primals, tangents):
        seen.append(tangents)
        return tangents[0] + np.sum(tangents[1]) + tangents[2]

    assert forward.derivative(lambda x: op(x, np.ones(2), 3))(1.0) == 1.0
    np.testing.assert_array_equal(seen[0][1], np.zeros(2))
    assert seen[0][2] == 0.0
    assert rule is op.jvp_rule


@pytest.mark.parametrize("mode", MODES)
def test_none_stands_for_zero(mode):
    op = primitive(lambda x, y: x * 2.0 + np.floor(y))
    op.def_jvp(lambda out, primals, tangents: None)
    op.def_vjp(lambda out, primals, g: (2.0 * g, None))
    gx, gy = mode.grad(lambda x, y: np.sum(op(x, y) + y), wrt=(0, 1))(X, X)
    np.testing.assert_array_equal(gx, np.full(3, 0.0 if mode is forward else 2.0))
    np.testing.assert_array_equal(gy, np.ones(3))


def test_wrong_shapes_and_counts_are_named():
    op = primitive(lambda x, y: x * y)
    op.def_jvp(lambda out, primals, tangents: np.ones(5))
    with pytest.raises(ShapeError, match=r"def_jvp gave a tangent of shape \(5,\)"):
        forward.jacobian(lambda x: op(x, X))(X)
    op.def_vjp(lambda out, primals, g: (g,))
    with pytest.raises(ExpressionTypeError, match="def_vjp gave a tuple of 1 for 2 arguments"):
        reverse.jacobian(lambda x: op(x, X))(X)
    op.def_vjp(lambda out, primals, g: (g, g))
    with pytest.raises(ShapeError, match=r"argument 1 of shape \(\); sum over the axes"):
        reverse.grad(lambda x: np.sum(op(x, 2.0)))(X)


def test_complex_values_follow_the_convention():
    z = np.array([0.3 + 0.4j, -1.0 + 0.2j])
    cube = primitive(lambda z: z**3)
    cube.def_jvp(lambda y, primals, tangents: 3 * primals[0] ** 2 * tangents[0])
    for mode in MODES:
        np.testing.assert_allclose(mode.jacobian(cube)(z), np.diag(3 * z**2), rtol=1e-14)
        size = mode.grad(lambda z: np.sum(np.abs(cube(z)) ** 2))(z)
        np.testing.assert_allclose(
            size, mode.grad(lambda z: np.sum(np.abs(z**3) ** 2))(z), rtol=1e-13
        )


def test_single_precision_stays_single():
    x = X.astype(np.float32)
    assert grad(lambda x: np.sum(softplus(x)))(x).dtype == np.float32
    y, t = jvp(lambda x: by_jvp()(x, x), (x,), (x,))
    assert (y.dtype, t.dtype) == (np.float32, np.float32)


@pytest.mark.parametrize("mode", MODES)
def test_empty_and_0d_arrays(mode):
    assert mode.grad(lambda x: np.sum(softplus(x)))(np.zeros(0)).shape == (0,)
    assert mode.jacobian(lambda x: by_jvp()(x, x))(np.zeros(0)).shape == (0, 0)
    assert mode.grad(softplus)(np.array(0.0)) == 0.5


def test_lists_with_boxed_entries_are_arrays():
    found = grad(lambda x: np.sum(softplus([x, 2 * x])))(0.0)
    assert found == pytest.approx(1.5, rel=1e-15)


# what is missing


def test_missing_rules_are_named_with_the_way_out():
    nothing = primitive(lambda x: x + 1.0)
    with pytest.raises(MissingRuleError, match=r"no forward rule; give it one with .*def_jvp"):
        forward.grad(nothing)(1.0)
    with pytest.raises(MissingRuleError, match=r"no reverse rule; give it one with .*def_vjp"):
        reverse.grad(nothing)(1.0)
    with pytest.raises(MissingRuleError, match="differentiate it in reverse mode"):
        forward.grad(lambda x: np.sum(by_vjp()(x, x)))(X)
    assert nothing(1.0) == 2.0


# by other ways


@pytest.mark.parametrize("mode", MODES)
def test_the_derivative_of_a_trace_is_that_of_the_function(mode):
    op = by_jvp()
    f = lambda x: np.sum(op(x, x) ** 2)  # noqa: E731
    graph = trace(f, (3,))
    assert isinstance(graph, Expr)
    np.testing.assert_allclose(mode.grad(graph)[0](x=X), grad(f)(X), rtol=1e-13)
    np.testing.assert_allclose(mode.hessian(graph)[0][0](x=X), hessian(f)(X), rtol=1e-12)


def test_a_pullback_can_be_called_again():
    value, back = vjp(lambda x: by_jvp()(x, x), X)
    np.testing.assert_array_equal(back(value)[0], back(value)[0])


def test_rules_agree_with_differences():
    op = by_jvp()
    f = lambda x: np.sum(np.sin(op(x, np.cos(x), n=3)))  # noqa: E731
    step = 1e-6
    differences = [(f(X + step * e) - f(X - step * e)) / (2 * step) for e in np.eye(3)]
    # Central differences: step**2 for truncation, 1e-16/step for rounding.
    np.testing.assert_allclose(reverse.grad(f)(X), differences, atol=1e-8)
    np.testing.assert_allclose(forward.grad(f)(X), differences, atol=1e-8)
