"""The verbs of Taylor mode against mpmath, closed forms, and the other modes."""

import math

import mpmath
import numpy as np
import pytest

import autodiff
from autodiff import forward, grad, jacobian, jvp, reverse
from autodiff.jet import directional_derivative, jet, taylor
from autodiff.series.taylor import slope
from diffexpr import parse, symbol, trace
from diffexpr.errors import (
    ControlFlowError,
    ExpressionTypeError,
    ExpressionValueError,
    MissingRuleError,
    ShapeError,
)
from diffexpr.walk import topological


def chain(x):
    return np.exp(np.sin(x))


def tangled(w):
    return np.sum(np.tanh(w * w[0]) * np.exp(w)) + np.linalg.norm(w) * np.prod(w)


W = np.array([0.3, 0.5, -0.2])
V = np.array([1.0, 2.0, -1.0])


def by_mpmath(f, at, n):
    """Taylor coefficients by differences at 60 digits."""
    with mpmath.workdps(60):
        return [float(c) for c in mpmath.taylor(f, mpmath.mpf(at), n)]


class TestTaylor:
    def test_order_ten_of_a_chain(self):
        expected = by_mpmath(lambda x: mpmath.exp(mpmath.sin(x)), 0.7, 10)
        # Each coefficient is a sum of a few dozen products of like size.
        np.testing.assert_allclose(taylor(chain, 0.7, 10), expected, rtol=1e-13)

    def test_order_sixty_keeps_its_digits(self):
        found = taylor(np.exp, 1.0, 60)
        expected = [math.e / math.factorial(k) for k in range(61)]
        np.testing.assert_allclose(found, expected, rtol=1e-14)
        geometric = taylor(lambda x: 1 / (1 - x), 0.5, 60)
        np.testing.assert_array_equal(geometric, 2.0 ** np.arange(1, 62))

    def test_composed_to_order_forty(self):
        def f(x):
            return np.sqrt(1 + x * x) * np.arctan(x) / np.cosh(x)

        def precise(x):
            return mpmath.sqrt(1 + x * x) * mpmath.atan(x) / mpmath.cosh(x)

        expected = np.array(by_mpmath(precise, 0.4, 40))
        # Rounding is relative to the size that neighbouring coefficients have: they oscillate.
        size = np.maximum(np.abs(expected), np.abs(np.roll(expected, 1)))
        assert np.max(np.abs(taylor(f, 0.4, 40) - expected) / size) < 1e-12

    def test_order_zero_is_the_value(self):
        np.testing.assert_array_equal(taylor(chain, W, 0), [chain(W)])
        assert jet(chain, (0.7,), ([],)) == (chain(0.7), [])
        assert directional_derivative(chain, 0.7, 1.0, 0) == chain(0.7)

    @pytest.mark.parametrize("f", [chain, np.tanh, lambda x: x**2.5, lambda x: x / (1 + x)])
    def test_order_one_is_the_jvp(self, f):
        value, tangent = jvp(f, (W * W,), (V,))
        np.testing.assert_allclose(taylor(f, W * W, 1, V), [value, tangent], rtol=1e-15)

    def test_entries_of_an_array_are_expanded_one_by_one(self):
        together = taylor(chain, W, 5)
        np.testing.assert_array_equal(together.T, [taylor(chain, x, 5) for x in W])

    def test_along_a_direction(self):
        found = taylor(tangled, W, 5, V)
        expected = taylor(lambda t: tangled(W + t * V), 0.0, 5)
        np.testing.assert_allclose(found, expected, rtol=1e-13)
        assert found[1] == pytest.approx(grad(tangled)(W) @ V, rel=1e-13)
        assert 2 * found[2] == pytest.approx(V @ autodiff.hessian(tangled)(W) @ V, rel=1e-13)

    def test_several_arguments(self):
        def f(x, y):
            return np.exp(x * y[0]) * y[1]

        found = taylor(f, (0.3, W[:2]), 4, (2.0, V[:2]))
        expected = taylor(lambda t: f(0.3 + 2 * t, W[:2] + t * V[:2]), 0.0, 4)
        np.testing.assert_allclose(found, expected, rtol=1e-14)

    def test_expression_by_name(self):
        found = taylor(parse("x^2 sin(y)"), {"y": 0.5, "x": 2.0}, 3, {"x": 1.0, "y": 0.0})
        np.testing.assert_allclose(found, np.sin(0.5) * np.array([4, 4, 1, 0]), rtol=1e-15)

    def test_nests_and_several_results(self):
        def f(p):
            return {"y": p["a"] * np.exp(p["b"]), "a": p["a"]}

        found = taylor(f, {"a": 2.0, "b": 0.0}, 2, {"a": 0.0, "b": 1.0})
        np.testing.assert_array_equal(found["y"], [2, 2, 1])
        np.testing.assert_array_equal(found["a"], [2, 0, 0])

    def test_constants(self):
        np.testing.assert_array_equal(taylor(lambda x: 5.0, 1.0, 3), [5, 0, 0, 0])
        np.testing.assert_array_equal(taylor(np.floor, 1.5, 3), [1, 0, 0, 0])
        np.testing.assert_array_equal(taylor(lambda x: x - x, 1.5, 2), [0, 0, 0])

    def test_branches_follow_the_value(self):
        def f(x):
            return x**3 if x > 0 else -x

        np.testing.assert_array_equal(taylor(f, 2.0, 3), [8, 12, 6, 1])
        np.testing.assert_array_equal(taylor(f, -2.0, 3), [2, -1, 0, 0])

    def test_lists_of_numbers_are_arrays(self):
        np.testing.assert_array_equal(
            taylor(lambda x: [x, x * x], 1.0, 2), [[1, 1], [1, 2], [0, 1]]
        )
        found = taylor(lambda x: np.array([x, 1.0]) @ np.array([x, x]), 2.0, 2)
        np.testing.assert_array_equal(found, [6, 5, 1])

    def test_result_belongs_to_the_caller(self):
        x = np.ones(3)
        taylor(lambda v: v, x, 1)[0][:] = 7
        np.testing.assert_array_equal(x, 1)


class TestJet:
    def test_a_curve(self):
        # x = 0.5 + t + t**2/2 - t**3, in derivatives and in coefficients
        value, terms = jet(chain, (0.5,), ([1.0, 1.0, -6.0],))
        same, parts = jet(chain, (0.5,), ([1.0, 0.5, -1.0],), factorial_scaled=False)

        def curve(t):
            return mpmath.exp(mpmath.sin(mpmath.mpf(0.5) + t + t * t / 2 - t**3))

        expected = by_mpmath(curve, 0, 3)
        np.testing.assert_allclose([same, *parts], expected, rtol=1e-14)
        np.testing.assert_allclose([value, *terms], expected * np.array([1, 1, 2, 6]), rtol=1e-14)

    def test_linear_in_the_last_term(self):
        _, terms = jet(tangled, (W,), ([V, 0 * V, V],))
        _, without = jet(tangled, (W,), ([V, 0 * V, 0 * V],))
        assert terms[2] - without[2] == pytest.approx(grad(tangled)(W) @ V, rel=1e-12)

    def test_forms_of_packing(self):
        expected = jet(np.exp, (0.0,), ([1.0, 0.0],))
        assert jet(np.exp, 0.0, [1.0, 0.0]) == expected
        assert jet(np.exp, (0.0,), (np.array([1.0, 0.0]),)) == expected
        assert jet(parse("exp(u)"), {"u": 0.0}, {"u": [1.0, 0.0]}) == expected

    def test_nests(self):
        point, way = {"a": 2.0, "b": W}, {"a": 1.0, "b": V}
        rest = {"a": 0.0, "b": 0 * V}
        _, terms = jet(lambda p: p["a"] * np.sum(p["b"] ** 2), (point,), ([way, rest],))
        # (2 + t)|W + tV|^2
        squares = [W @ W, 2 * W @ V, V @ V]
        expected = [squares[0] + 2 * squares[1], 2 * (squares[1] + 2 * squares[2])]
        np.testing.assert_allclose(terms, expected, rtol=1e-15)

    def test_orders_beyond_the_factorials_that_numpy_holds(self):
        value, terms = jet(lambda x: np.exp(10 * x), (0.0,), ([1.0] + [0.0] * 179,))
        # Two roundings an order.
        np.testing.assert_allclose([value, *terms], 10.0 ** np.arange(181), rtol=1e-13)


class TestDirectionalDerivative:
    def test_polynomial(self):
        found = directional_derivative(lambda x, y: x * y**2, (2.0, 3.0), (1.0, 1.0), 3)
        assert found == 6

    @pytest.mark.parametrize("n", [1, 2, 3])
    def test_nested_in_other_modes(self, n):
        def line(t):
            return tangled(W + t * V)

        f = line
        for _ in range(n):
            f = forward.grad(f)
        assert directional_derivative(tangled, W, V, n) == pytest.approx(f(0.0), rel=1e-12)


class TestNesting:
    def test_reverse_over_series(self):
        found = grad(lambda x: taylor(chain, x, 3)[3])(0.7)
        assert found == pytest.approx(4 * taylor(chain, 0.7, 4)[4], rel=1e-13)

    def test_series_over_reverse(self):
        found = taylor(reverse.grad(chain), 0.7, 4)
        expected = np.arange(1, 6) * taylor(chain, 0.7, 5)[1:]
        np.testing.assert_allclose(found, expected, rtol=1e-13)

    def test_forward_inside_and_outside(self):
        third = 6 * taylor(chain, 0.7, 3)[3]
        inside = directional_derivative(forward.derivative(chain), 0.7, 1.0, 2)
        outside = forward.derivative(lambda x: directional_derivative(chain, x, 1.0, 2))(0.7)
        np.testing.assert_allclose([inside, outside], third, rtol=1e-13)

    def test_series_over_series(self):
        found = taylor(lambda x: taylor(chain, x, 2)[2], 0.7, 2)
        c = taylor(chain, 0.7, 4)
        np.testing.assert_allclose(found, [c[2], 3 * c[3], 6 * c[4]], rtol=1e-13)

    def test_perturbations_are_not_confused(self):
        found = taylor(lambda x: x * taylor(lambda y: x + y, 1.0, 1)[1], 1.0, 2)
        np.testing.assert_array_equal(found, [1, 1, 0])

    def test_gradient_and_jacobian_of_a_coefficient(self):
        def third(w):
            return directional_derivative(tangled, w, V, 3)

        ahead = forward.grad(third)(W)
        np.testing.assert_allclose(reverse.grad(third)(W), ahead, rtol=1e-11)
        h = 1e-4
        along = (third(W + h * V) - third(W - h * V)) / (2 * h)
        # The error of the difference is h**2/6 times a fifth derivative of about 1e4.
        assert ahead @ V == pytest.approx(along, rel=1e-5)
        found = jacobian(lambda x: taylor(np.tanh, x, 2)[2])(W)
        np.testing.assert_allclose(np.diag(found), 3 * taylor(np.tanh, W, 3)[3], rtol=1e-13)

    def test_rule_that_brings_a_series_from_outside(self, monkeypatch):
        from autodiff import rules

        def f(x):
            # y' = x u' for y = tan(u), with x and u = 2x both on the curve
            monkeypatch.setitem(rules.PARTIALS, "tan", (lambda y, u: x,))
            return np.tan(2 * x)

        np.testing.assert_allclose(taylor(f, 0.5, 3), [np.tan(1.0), 1, 1, 0], rtol=1e-15)


class TestKindsOfNumbers:
    def test_complex(self):
        at = 0.3 + 0.2j
        with mpmath.workdps(40):
            point = mpmath.mpc(at)
            exact = mpmath.taylor(lambda z: mpmath.exp(mpmath.sin(z)), point, 6)
        np.testing.assert_allclose(taylor(chain, at, 6), [complex(c) for c in exact], rtol=1e-13)

    def test_modulus_along_a_real_parameter(self):
        # |exp((0.3 + i)t)| = exp(0.3 t)
        found = taylor(lambda t: np.abs(np.exp((0.3 + 1j) * t)), 0.0, 4)
        assert found.dtype == float
        np.testing.assert_allclose(found, 0.3 ** np.arange(5) / [1, 1, 2, 6, 24], rtol=1e-13)

    @pytest.mark.parametrize(
        "f",
        [
            chain,
            np.tanh,
            lambda x: x**2.5 * np.where(x > 0, x, 0),
            lambda x: np.sinc(x) + x**3 - 2 / x,
            lambda x: np.maximum(x, 0.0) * np.log(x) + np.hypot(x, 2.0),
            lambda x: np.sum(x) * np.exp(-x) / 3,
        ],
    )
    def test_float32_stays_float32(self, f):
        x = np.array([0.5, 1.5], np.float32)
        found = taylor(f, x, 4)
        assert found.dtype == np.float32
        _, terms = jet(f, (x,), ([np.ones(2), np.zeros(2)],))
        assert [v.dtype for v in terms] == [np.float32] * 2
        np.testing.assert_allclose(found, taylor(f, x.astype(float), 4), rtol=3e-6, atol=1e-6)

    def test_integers_are_promoted(self):
        np.testing.assert_array_equal(taylor(lambda x: x**3, 2, 4), [8, 12, 6, 1, 0])

    def test_symbols_give_expressions(self):
        x = symbol("x")
        assert str(taylor(np.sin, x, 2)) == "stack([sin(x), cos(x), -sin(x)/2])"
        assert str(taylor(np.tanh, x, 1)) == "stack([tanh(x), sech(x)**2])"
        formula = taylor(chain, x, 6)
        np.testing.assert_allclose(formula(x=0.7), taylor(chain, 0.7, 6), rtol=1e-14)
        w = symbol("w", (3,))
        value, terms = jet(tangled, (w,), ([V, 0 * V, 0 * V],))
        expected, numbers = jet(tangled, (W,), ([V, 0 * V, 0 * V],))
        np.testing.assert_allclose(value(w=W), expected, rtol=1e-14)
        np.testing.assert_allclose([t(w=W) for t in terms], numbers, rtol=1e-12)

    def test_powers_of_symbols_hold_at_zero(self):
        x = symbol("x")
        for n in (0, 1, 2, 3):
            formula = taylor(lambda v, n=n: v**n, x, 4)
            np.testing.assert_array_equal(formula(x=0.0), np.eye(5)[n])

    def test_empty_arrays(self):
        assert taylor(chain, np.zeros((0, 3)), 2).shape == (3, 0, 3)
        np.testing.assert_array_equal(taylor(np.sum, np.zeros(0), 2), [0, 0, 0])
        value, terms = jet(np.tanh, (np.zeros(0),), ([np.zeros(0)] * 2,))
        assert [v.shape for v in (value, *terms)] == [(0,)] * 3

    def test_strided_input(self):
        x = np.arange(1.0, 13).reshape(3, 4).T[::2]
        np.testing.assert_allclose(taylor(np.log, x, 2)[2], -0.5 / x**2, rtol=1e-15)


INF, NAN = np.inf, np.nan


@pytest.mark.parametrize(
    ("f", "at", "expected"),
    [
        (lambda x: x**3, 0.0, [0, 0, 0, 1, 0]),
        (lambda x: x**3.0, 0.0, [0, 0, 0, 1, 0]),
        (lambda x: x**0, 0.0, [1, 0, 0, 0, 0]),
        (lambda x: x**70, 0.0, [0, 0, 0, 0, 0]),
        (lambda x: (x + x * x) ** 2, 0.0, [0, 0, 1, 2, 1]),
        (lambda x: x**3, 1e-300, [0, 0, 3e-300, 1, 0]),
        (lambda x: x ** np.arange(3), 0.0, np.eye(5, 3)),
        (lambda x: x ** np.array([2.0, 2.5]), 0.0, [[0, 0], [0, 0], [1, 0], [0, INF], [0, -INF]]),
        (lambda x: 0**x, 0.0, [1, -INF, INF, -INF, INF]),
        (lambda x: 0.0**x, 2.0, [0, 0, 0, 0, 0]),
        (lambda x: x**2.5, 0.0, [0, 0, 0, INF, -INF]),
        (np.sqrt, 0.0, [0, INF, -INF, INF, -INF]),
        (np.log, 0.0, [-INF, INF, -INF, INF, -INF]),
        (np.log, -1.0, [NAN] * 5),
        (lambda x: 1 / x, 0.0, [INF, -INF, INF, -INF, INF]),
        (np.abs, 0.0, [0, 0, 0, 0, 0]),
        (np.abs, -2.0, [2, -1, 0, 0, 0]),
        (np.sign, 0.0, [0, 0, 0, 0, 0]),
        (lambda x: np.maximum(x, 0.0), 0.0, [0, 0.5, 0, 0, 0]),
        (lambda x: np.where(x > 0, x, np.sqrt(-x)), 1.0, [1, 1, 0, 0, 0]),
        (lambda x: np.where(x > 0, np.log(x), x**2), 0.0, [0, 0, 1, 0, 0]),
        (lambda x: np.where(x > 0, x, NAN), 1.0, [1, 1, 0, 0, 0]),
        (lambda x: np.sqrt(np.where(x > 0, x, 1.0)), 0.0, [1, 0, 0, 0, 0]),
        (lambda x: np.sqrt(x * x), 0.0, [0, NAN, NAN, NAN, NAN]),
        (np.exp, -INF, [0, 0, 0, 0, 0]),
    ],
)
def test_edges(f, at, expected):
    np.testing.assert_allclose(taylor(f, at, 4), expected, rtol=1e-15, equal_nan=True)


class TestCost:
    def test_formulas_grow_as_the_square_of_the_order(self):
        """Operations are counted as the nodes of the coefficients' formulas."""

        def operations(n):
            return len(topological(taylor(chain, symbol("x"), n)))

        # 2 n**2 and less in n: nested derivatives would multiply by 2**10 at each step.
        assert 3 < operations(20) / operations(10) < 4.5
        assert 3.5 < operations(40) / operations(20) < 4.2

    def test_the_function_is_run_once(self):
        calls = []

        def f(x):
            calls.append(x)
            return np.tanh(x)

        taylor(f, 0.5, 20)
        assert len(calls) == 1


@pytest.mark.parametrize("n", [0, 1, 2, 3, 5])
def test_slope_is_the_nested_derivative(n):
    def call(x):
        return [np.tanh(x) * x**2.5 + np.abs(x)]

    from autodiff import push

    for x in (np.float64(0.7), W * W):
        expected = push.slope(call, x, n, 1)
        np.testing.assert_allclose(slope(call, x, n, 1), expected, rtol=1e-12)


class TestErrors:
    @pytest.mark.parametrize(
        ("attempt", "error", "says"),
        [
            (lambda: taylor(chain, 1.0, -1), ExpressionValueError, "n=-1"),
            (lambda: taylor(chain, 1.0, 1.5), ExpressionValueError, "n=1.5"),
            (lambda: taylor(chain, 1.0, 2, V), ShapeError, "direction of x has shape"),
            (lambda: taylor(chain, (1.0,), 2, (1.0, 2.0)), ExpressionTypeError, "1 primals"),
            (lambda: taylor(chain, "a", 2), ExpressionTypeError, "'a'"),
            (lambda: taylor("chain", 1.0, 2), ExpressionTypeError, "neither a function"),
            (lambda: taylor(lambda x: "a", 1.0, 2), ExpressionTypeError, "returned 'a'"),
            (lambda: taylor(lambda x: math.sin(x), 1.0, 2), ControlFlowError, "np.sin"),
            (lambda: taylor(parse("x y"), 1.0, 2), ExpressionTypeError, "2 variables"),
            (lambda: jet(chain, (1.0,), ([1.0], [1.0])), ExpressionTypeError, "as many series"),
            (lambda: jet(chain, (1.0,), (1.0,)), ExpressionTypeError, "a list of x'"),
            (lambda: jet(chain, (1.0,), ([1.0, V],)), ShapeError, "term 2 of the series of x"),
            (
                lambda: jet(np.hypot, (1.0, 2.0), ([1.0], [1.0, 0.0])),
                ShapeError,
                "differ in length: 1, 2",
            ),
        ],
    )
    def test_message(self, attempt, error, says):
        with pytest.raises(error, match=says):
            attempt()

    def test_error_inside_the_function_leaves_nothing_behind(self):
        def broken(x):
            raise KeyError(np.tanh(x) and "mine")

        with pytest.raises(KeyError, match="mine"):
            taylor(broken, 1.0, 3)
        np.testing.assert_array_equal(taylor(lambda x: x, 1.0, 1), [1, 1])

    def test_missing_rule(self, monkeypatch):
        from autodiff import rules

        monkeypatch.delitem(rules.PARTIALS, "tanh")
        with pytest.raises(MissingRuleError, match="tanh"):
            taylor(np.tanh, 0.5, 2)

    def test_series_of_a_finished_sweep(self):
        kept = []
        taylor(lambda x: kept.append(x) or x, 1.0, 2)
        with pytest.raises(ExpressionTypeError, match="has ended"):
            taylor(lambda x: kept[0], 1.0, 1)


def test_traced_function_and_expression_agree():
    expression = trace(tangled, (3,))
    np.testing.assert_allclose(
        taylor(expression, {"w": W}, 4, {"w": V}), taylor(tangled, W, 4, V), rtol=1e-14
    )
