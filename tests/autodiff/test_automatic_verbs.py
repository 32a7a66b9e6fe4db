"""The verbs: shapes, packing, kinds, precision, orders, and every error message."""

import numpy as np
import pytest

import autodiff
from autodiff import forward, reverse
from diffexpr import Expr, parse, symbol, symbols
from diffexpr.errors import ControlFlowError, ExpressionTypeError, ExpressionValueError, ShapeError

MODULES = [forward, reverse, autodiff]
pytestmark = pytest.mark.parametrize("ad", MODULES, ids=lambda m: m.__name__)

X = np.array([0.5, 1.5, 2.5])
M = np.arange(1.0, 7.0).reshape(2, 3)


def energy(x):
    return np.sum(np.sin(x) * x)


class TestShapes:
    def test_derivative_has_the_shape_of_the_result(self, ad):
        np.testing.assert_allclose(ad.derivative(np.sin)(M), np.cos(M))
        assert ad.derivative(np.sin)(0.5).shape == ()
        found = ad.derivative(lambda t: np.array([t, t**2, np.sin(t)]))(2.0)
        np.testing.assert_allclose(found, [1, 4, np.cos(2)])
        found = ad.derivative(lambda t: t * M)(2.0)
        np.testing.assert_allclose(found, M)

    def test_derivative_broadcasts(self, ad):
        column, row = np.ones((2, 1)), np.arange(3.0)
        found = ad.derivative(lambda a, b: a * a * b)(column, row)
        np.testing.assert_allclose(found, 2 * column * row)

    @pytest.mark.parametrize("shape", [(), (3,), (2, 3), (1,), (0,)])
    def test_grad_has_the_shape_of_the_variable(self, ad, shape):
        x = np.full(shape, 0.7)
        assert ad.grad(energy)(x).shape == shape
        value, grad = ad.value_and_grad(energy)(x)
        assert value.shape == ()
        assert grad.shape == shape
        assert ad.hessian(energy)(x).shape == shape * 2
        assert ad.hvp(energy, x, x).shape == shape

    @pytest.mark.parametrize("inner", [(), (3,), (2, 2)])
    @pytest.mark.parametrize("outer", [(), (4,), (2, 1)])
    def test_jacobian_rows_are_outputs(self, ad, inner, outer):
        weights = np.random.default_rng(0).normal(size=outer + inner)
        axes = tuple(range(len(outer), len(outer) + len(inner)))

        def f(x):
            return np.sum(np.sin(x) * weights, axis=axes) if axes else np.sin(x) * weights

        x = np.full(inner, 0.3)
        np.testing.assert_allclose(ad.jacobian(f)(x), weights * np.cos(0.3))
        value, tangent = ad.jvp(f, (x,), (np.ones(inner),))
        assert value.shape == tangent.shape == outer
        value, pullback = ad.vjp(f, x)
        (cotangent,) = pullback(np.ones(outer))
        assert cotangent.shape == inner

    def test_hessian_of_matrix(self, ad):
        found = ad.hessian(lambda m: np.sum(m**3))(M)
        expected = np.einsum("ij,ik,jl->ijkl", 6 * M, np.eye(2), np.eye(3))
        np.testing.assert_allclose(found, expected)


class TestPacking:
    def test_wrt_by_position_name_and_tuple(self, ad):
        def f(a, b, c=1.0):
            return a * a * b * c

        assert ad.grad(f)(2.0, 3.0) == 12
        assert ad.grad(f, 1)(2.0, 3.0) == 4
        assert ad.grad(f, -1)(2.0, 3.0, 5.0) == 12
        assert ad.grad(f, "b")(2.0, 3.0) == 4
        assert ad.grad(f, "b")(2.0, b=3.0) == 4
        assert ad.grad(f, ("b", 0))(2.0, 3.0) == (4, 12)
        assert ad.grad(f)(2.0, 3.0, c=2.0) == 24
        assert ad.derivative(f, ("a", "b"))(2.0, 3.0) == (12, 4)
        value, (one,) = ad.value_and_grad(f, ("b",))(2.0, 3.0)
        assert (value, one) == (12, 4)

    def test_jacobian_and_hessian_of_tuples(self, ad):
        def f(a, b):
            return np.sum(a * a) * b

        rows = ad.hessian(f, (0, 1))(X, 2.0)
        np.testing.assert_allclose(rows[0][0], 4 * np.eye(3))
        np.testing.assert_allclose(rows[0][1], 2 * X)
        np.testing.assert_allclose(rows[1][0], 2 * X)
        np.testing.assert_allclose(rows[1][1], 0)
        left, right = ad.jacobian(lambda a, b: a * b, (0, 1))(X, 2.0)
        np.testing.assert_allclose(left, 2 * np.eye(3))
        np.testing.assert_allclose(right, X)

    def test_products_keep_the_packing_of_the_primals(self, ad):
        def f(a, b):
            return a**2 * b

        assert ad.hvp(f, (2.0, 3.0), (1.0, 0.0)) == (6, 4)
        assert ad.hvp(f, [2.0, 3.0], [0.0, 1.0]) == (4, 0)
        assert ad.hvp(lambda a: a**3, 2.0, 1.0) == 12
        assert ad.hvp(f, {"b": 3.0, "a": 2.0}, {"a": 1.0, "b": 0.0}) == {"a": 6, "b": 4}
        assert ad.jvp(f, {"b": 3.0, "a": 2.0}, {"a": 1.0, "b": 0.0}) == (12, 12)
        value, pullback = ad.vjp(f, {"a": 2.0, "b": 3.0})
        assert (value, pullback(1.0)) == (12, {"a": 12, "b": 4})
        value, pullback = ad.vjp(f, 2.0, 3.0)
        assert [pullback(1.0), pullback(2.0)] == [(12, 4), (24, 8)]

    def test_results_are_the_callers_own(self, ad):
        weights = np.ones(3)
        found = ad.grad(lambda x: np.sum(x * weights))(X)
        found[0] = 7
        assert weights[0] == 1
        assert X[0] == 0.5


class TestKinds:
    def test_float32_stays_float32(self, ad):
        x = X.astype(np.float32)
        assert ad.grad(lambda v: np.sum(2.5 * np.tanh(v) ** 2 / 3 + np.max(v)))(x).dtype == "f4"
        assert ad.derivative(lambda v: 2.0**v + np.where(v > 1, v, 0.0))(x).dtype == np.float32
        assert ad.jacobian(lambda v: v / 3)(x).dtype == np.float32
        assert ad.derivative(np.sin)(np.float32(1)).dtype == np.float32
        assert ad.hessian(lambda v: np.sum(v**3))(x).dtype == np.float32

    def test_integers_and_truth_values_become_floats(self, ad):
        assert ad.derivative(lambda x: x**2)(3) == 6.0
        assert ad.grad(np.sum)(np.array([1, 2])).dtype == float
        assert ad.grad(lambda x: x * 2)(True).dtype == float
        np.testing.assert_array_equal(ad.grad(lambda x: np.sum(x**2))([1, 2]), [2, 4])
        assert ad.value_and_grad(lambda x: 3)(1.0) == (3.0, 0.0)

    def test_complex_numbers_are_differentiated_holomorphically(self, ad):
        z = 0.3 + 0.4j
        assert ad.derivative(lambda z: np.exp(z) * z)(z) == pytest.approx(np.exp(z) * (1 + z))
        assert ad.grad(lambda z: z**3)(z) == pytest.approx(3 * z**2)

    def test_python_numbers_give_numpy_scalars(self, ad):
        assert isinstance(ad.derivative(lambda x: x * x)(2.0), np.float64)

    def test_constants_have_zero_derivatives(self, ad):
        np.testing.assert_array_equal(ad.jacobian(lambda x: np.ones(2))(X), np.zeros((2, 3)))
        np.testing.assert_array_equal(ad.jacobian(lambda x: [x[0], 1.0])(X), [[1, 0, 0], [0, 0, 0]])
        assert ad.derivative(lambda x: 5.0)(1.0) == 0
        assert ad.derivative(np.floor)(1.5) == 0
        assert ad.hvp(lambda x: x, 1.0, 1.0) == 0

    def test_lists_and_object_arrays_are_stacked(self, ad):
        for pack in (list, tuple, np.array):
            found = ad.jacobian(lambda x, pack=pack: pack([x[0] * x[1], x[2], 1.0]))(X)
            np.testing.assert_allclose(found, [[1.5, 0.5, 0], [0, 0, 1], [0, 0, 0]])
        found = ad.jacobian(lambda x: [[x[0], 2.0], [x[1], x[0] * x[1]]])(X)
        assert found.shape == (2, 2, 3)

    def test_object_arrays_are_operands(self, ad):
        def f(x):
            v = np.array([x, 2.0])
            return np.sum(x * v) + np.sum(v * v) + np.sum(v @ np.ones(2)) + np.dot(v, v)

        # x**2 + 2x + 2 (x**2 + 4) + x + 2
        assert ad.derivative(f)(3.0) == pytest.approx(6 * 3 + 3)
        assert ad.derivative(ad.derivative(f))(3.0) == pytest.approx(6)

    def test_lists_are_operands(self, ad):
        assert ad.derivative(lambda x: np.sum(x * [1.0, 2.0]))(3.0) == 3


class TestOrders:
    @pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 5])
    def test_nth_derivative(self, ad, n):
        expected = [np.sin, np.cos, lambda x: -np.sin(x), lambda x: -np.cos(x)][n % 4]
        assert ad.derivative(np.sin, n=n)(0.7) == pytest.approx(expected(0.7), rel=1e-13)
        np.testing.assert_allclose(ad.derivative(np.sin, n=n)(X), expected(X), rtol=1e-13)

    def test_verbs_nest(self, ad):
        cubic = lambda x: np.sum(x**3)  # noqa: E731
        third = ad.jacobian(ad.hessian(cubic))(X)
        expected = np.zeros((3, 3, 3))
        expected[range(3), range(3), range(3)] = 6
        np.testing.assert_allclose(third, expected)
        assert ad.derivative(ad.derivative(ad.derivative(np.exp)))(1.0) == pytest.approx(np.e)

    def test_jvp_of_vjp(self, ad):
        def pulled(x):
            return ad.vjp(lambda v: v**3, x)[1](np.ones(3))[0]

        _, tangent = ad.jvp(pulled, (X,), (np.ones(3),))
        np.testing.assert_allclose(tangent, 6 * X)

    def test_gradient_of_a_jvp_and_of_a_pullback(self, ad):
        found = ad.grad(lambda x: ad.jvp(np.sin, (x,), (2.0,))[1])(0.3)
        assert found == pytest.approx(-2 * np.sin(0.3))
        _, pullback = ad.vjp(np.sin, 0.3)
        assert ad.grad(lambda w: pullback(w)[0])(5.0) == pytest.approx(np.cos(0.3))


class TestExpressions:
    def test_expression_in_expression_out(self, ad):
        x, y = symbols("x y")
        f = x**2 * np.sin(y)
        assert str(ad.derivative(f, x)) == "2*x*sin(y)"
        assert isinstance(ad.derivative(f, "y"), Expr)
        grad = ad.grad(f)
        assert [type(g) for g in grad] == [Expr, Expr]
        at = {"x": 1.5, "y": 0.4}
        assert [g(**at) for g in grad] == pytest.approx([3 * np.sin(0.4), 2.25 * np.cos(0.4)])
        value, _ = ad.value_and_grad(f)
        assert value is f
        rows = ad.hessian(f)
        assert rows[0][1](**at) == pytest.approx(3 * np.cos(0.4))
        assert rows[1][0](**at) == pytest.approx(3 * np.cos(0.4))
        assert ad.hessian(f, x)(**at) == pytest.approx(2 * np.sin(0.4))
        (jacobian,) = ad.jacobian(np.stack([x, x**2]), (x,))
        np.testing.assert_allclose(jacobian(x=3.0), [1, 6])

    def test_only_variable_is_the_default_of_derivative(self, ad):
        assert ad.derivative(parse("sin(x)"))(x=0.0) == 1
        assert ad.derivative(parse("sin(x)"), n=2)(x=1.0) == pytest.approx(-np.sin(1))
        with pytest.raises(ExpressionValueError, match="2 variables"):
            ad.derivative(parse("x*y"))

    def test_structural_values_are_constants(self, ad):
        x, y = symbols("x y")
        assert str(ad.derivative(x, x)) == "1"
        assert str(ad.derivative(3 * x + y, x)) == "3"
        assert str(ad.derivative(np.floor(x), x)) == "0"
        w = symbol("w", (2,))
        np.testing.assert_array_equal(ad.derivative(w, w)(w=np.zeros(2)), [1, 1])
        np.testing.assert_array_equal(ad.grad(np.sum(w), w)(w=np.zeros(2)), [1, 1])

    def test_function_called_with_symbols_gives_an_expression(self, ad):
        x = symbols("x")[0]
        found = ad.derivative(lambda t: np.exp(t) * t)(x)
        assert isinstance(found, Expr)
        assert found(x=1.0) == pytest.approx(2 * np.e)
        w = symbol("w", (3,))
        found = ad.grad(energy)(w)
        np.testing.assert_allclose(found(w=X), ad.grad(energy)(X))
        found = ad.hessian(energy)(w)
        np.testing.assert_allclose(found(w=X), ad.hessian(energy)(X))

    def test_only_some_arguments_symbolic(self, ad):
        x = symbols("x")[0]
        found = ad.grad(lambda a, b: a * b**2, "b")(x, 3.0)
        assert found(x=2.0) == 12

    def test_products_of_expressions(self, ad):
        f = parse("x**2*y")
        assert ad.jvp(f, (2.0, 3.0), (1.0, 0.0)) == (12, 12)
        assert ad.jvp(f, {"y": 3.0, "x": 2.0}, {"x": 1.0, "y": 0.0}) == (12, 12)
        value, pullback = ad.vjp(f, 2.0, 3.0)
        assert (value, pullback(1.0)) == (12, (12, 4))
        assert ad.hvp(f, (2.0, 3.0), (1.0, 0.0)) == (6, 4)
        x, y = symbols("x y")
        value, tangent = ad.jvp(f, (x, y), (1.0, 0.0))
        assert value is f
        assert tangent(x=2.0, y=3.0) == 12
        hvp = ad.hvp(f, (x, y), (1.0, 0.0))
        assert [h(x=2.0, y=3.0) for h in hvp] == [6, 4]

    def test_named_constants_stay_exact(self, ad):
        assert "pi" in str(ad.derivative(parse("sin(pi*x)")))
        assert str(ad.derivative(parse("e**x"))) == str(parse("e**x"))

    def test_branch_not_taken_does_not_poison(self, ad):
        f = parse("where(x > 0, x, sqrt(-x))")
        graph = ad.derivative(f)
        assert graph(x=1.0) == 1
        assert graph(x=-4.0) == -0.25
        np.testing.assert_array_equal(graph(x=np.array([1.0, -4.0])), [1, -0.25])
        assert ad.derivative(f, n=2)(x=1.0) == 0


class TestErrors:
    def test_grad_needs_a_scalar(self, ad):
        with pytest.raises(ShapeError) as caught:
            ad.grad(lambda x: x * 2)(X)
        assert str(caught.value) == "grad needs a scalar result, got shape (3,); use jacobian"
        with pytest.raises(ShapeError, match="hessian needs a scalar result"):
            ad.hessian(lambda x: x * 2)(X)
        with pytest.raises(ShapeError, match="value_and_grad needs a scalar result"):
            ad.value_and_grad(lambda x: x * 2)(X)
        with pytest.raises(ShapeError, match="hvp needs a scalar result"):
            ad.hvp(lambda x: x * 2, X, X)

    @pytest.mark.parametrize("bad", ["text", None, [[1.0], [2.0, 3.0]], {"a": 1}])
    def test_arguments_must_be_numbers(self, ad, bad):
        with pytest.raises((ExpressionTypeError, ExpressionValueError)):
            ad.grad(lambda x: x)(bad)

    @pytest.mark.parametrize("bad", ["text", None, {"a": 1}, [[1.0], [2.0, 3.0]], object()])
    def test_results_must_be_numbers(self, ad, bad):
        with pytest.raises(ExpressionTypeError, match="returned"):
            ad.grad(lambda x: bad)(1.0)

    def test_dates_are_not_numbers(self, ad):
        with pytest.raises(ExpressionTypeError, match="dtype"):
            ad.grad(lambda x: x)(np.array(["2020-01-01"], "datetime64[D]"))

    @pytest.mark.parametrize("n", [-1, 1.5, True, "2"])
    def test_order_must_be_a_natural_number(self, ad, n):
        with pytest.raises(ExpressionValueError, match="the order of a derivative"):
            ad.derivative(np.sin, n=n)

    def test_ragged_result(self, ad):
        with pytest.raises(ExpressionTypeError, match="that is no array"):
            ad.jacobian(lambda x: [x, [x, x]])(1.0)

    def test_missing_and_misshapen_tangents(self, ad):
        with pytest.raises(ShapeError, match=r"tangents of x has shape \(2,\)"):
            ad.jvp(lambda x: x, (X,), (np.ones(2),))
        with pytest.raises(ShapeError, match="vector of x has shape"):
            ad.hvp(energy, X, 1.0)
        with pytest.raises(ExpressionTypeError, match="2 primals need 2 tangents, got 1"):
            ad.jvp(lambda x, y: x, (1.0, 2.0), (1.0,))
        with pytest.raises(ShapeError, match=r"the cotangent has shape \(3,\)"):
            ad.vjp(lambda x: np.sum(x), X)[1](X)
        with pytest.raises(ExpressionValueError, match="primals: no value for 'y'; given: x"):
            ad.jvp(lambda x, y: x, {"x": 1.0}, {"x": 1.0})
        with pytest.raises(ExpressionTypeError, match=r"2 variables \(x, y\), got 1 primals"):
            ad.jvp(parse("x*y"), (1.0,), (1.0,))

    def test_missing_argument(self, ad):
        with pytest.raises(ExpressionTypeError, match="wrt names argument 1"):
            ad.grad(lambda x, y: x, 1)(1.0)
        with pytest.raises(ExpressionTypeError, match="wrt names argument 1"):
            ad.grad(lambda x, y=2.0: x * y, "y")(x=1.0)

    def test_not_a_function(self, ad):
        with pytest.raises(ExpressionTypeError, match="neither a function nor an expression"):
            ad.grad("x**2")

    @pytest.mark.parametrize(
        ("use", "name"),
        [
            (float, "float"),
            (int, "int"),
            (complex, "complex"),
            (range, "range"),
            (lambda x: [1, 2][x], "index"),
            (lambda x: round(x, 2), "round"),
        ],
    )
    def test_a_number_is_not_given_away(self, ad, use, name):
        with pytest.raises(ControlFlowError, match=f"{name}.*silently drop its derivative"):
            ad.grad(use)(1.0)

    def test_boxes_are_not_hashed(self, ad):
        with pytest.raises(TypeError, match="unhashable"):
            ad.grad(lambda x: {x: 1})(1.0)

    def test_length_of_a_scalar(self, ad):
        with pytest.raises(ExpressionTypeError, match="no length"):
            ad.grad(lambda x: x * len(x))(1.0)

    def test_leaked_value(self, ad):
        kept = []

        def f(x):
            ad.derivative(lambda y: kept.append(y) or y)(x)
            return kept[-1]

        with pytest.raises(ExpressionTypeError, match="differentiation that has ended"):
            ad.derivative(f)(1.0)

    def test_condition_on_an_expression(self, ad):
        with pytest.raises(ControlFlowError):
            ad.derivative(lambda x: x if x > 0 else -x)(symbols("x")[0])

    def test_operation_without_a_rule(self, ad):
        with pytest.raises(ExpressionTypeError, match="histogram"):
            ad.grad(lambda x: np.histogram(x))(X)


def test_second_order_through_a_number_that_was_broadcast(ad):
    c = np.array([0.1, 0.2, 0.3])
    f = lambda s: np.exp(np.sum(s + c) / 10)  # noqa: E731
    wanted = 0.09 * f(0.5)
    assert ad.hessian(f)(0.5) == pytest.approx(wanted, rel=1e-13)
    assert ad.hvp(f, 0.5, 1.0) == pytest.approx(wanted, rel=1e-13)
    assert ad.grad(ad.grad(f))(0.5) == pytest.approx(wanted, rel=1e-13)
