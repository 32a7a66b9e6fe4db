"""Branches, loops, nesting, threads, exceptions, depth: the machinery around the rules."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import autodiff
from autodiff import cotangents, forward, reverse, rules
from autodiff.boxes import Box
from diffexpr import Expr, symbol, symbols
from diffexpr.apply import apply
from diffexpr.errors import MissingRuleError
from diffexpr.expr import constant

MODULES = [forward, reverse, autodiff]
each = pytest.mark.parametrize("ad", MODULES, ids=lambda m: m.__name__)


@each
class TestNesting:
    def test_perturbations_are_not_confused(self, ad):
        D = ad.derivative
        assert D(lambda x: x * D(lambda y: x + y)(1.0))(1.0) == 1
        assert D(lambda x: x * D(lambda y: x * y)(2.0))(3.0) == 6
        assert D(lambda x: D(lambda y: x * y**2)(x))(3.0) == 12
        assert D(lambda x: D(lambda y: D(lambda z: x * y * z)(y))(x))(2.0) == 1

    def test_modes_mix(self, ad):
        for other in MODULES:
            f = lambda x, o=other: x * o.derivative(lambda y: x * y**3)(x)  # noqa: E731
            # x * 3 x**3
            assert ad.derivative(f)(2.0) == pytest.approx(12 * 8)

    def test_inner_gradient_of_arrays(self, ad):
        def f(x):
            return np.sum(ad.grad(lambda y: np.sum(x * y**2))(x))

        np.testing.assert_allclose(ad.grad(f)(np.array([1.0, 2.0])), [4, 8])

    def test_inner_call_gets_an_array_of_boxes(self, ad):
        f = lambda a: np.sum(ad.grad(lambda v: np.sum(v**2))(np.array([a, 2 * a])))  # noqa: E731
        assert ad.derivative(f)(1.0) == 6


@each
class TestControlFlow:
    def test_branches_and_loops(self, ad):
        def f(x):
            total = 0.0
            while total < 10:
                total = total + x * x if x > 1 else total + x + 5
            return total

        assert ad.derivative(f)(2.0) == 12  # 3 x**2
        assert ad.derivative(f)(0.5) == 2  # 2 (x + 5)

    def test_comparisons_are_plain(self, ad):
        seen = []

        def f(x):
            seen.extend([x == 2.0, x != 2.0, x >= 2.0, (x > 0) & (x < 1), bool(x)])
            return x

        ad.grad(f)(2.0)
        assert seen == [True, False, True, False, True]
        assert not any(isinstance(s, Box) for s in seen)

    def test_iteration_and_length(self, ad):
        f = lambda v: sum(a * i for i, a in enumerate(v)) * len(v)  # noqa: E731
        np.testing.assert_array_equal(ad.grad(f)(np.ones(3)), [0, 3, 6])

    def test_printing_shows_the_value(self, ad):
        seen = []
        ad.grad(lambda x: seen.append((f"{x:.2f}", repr(x))) or x)(2.0)
        assert seen[0][0] == "2.00"
        assert "(np.float64(2.0))" in seen[0][1]

    def test_rounding_has_derivative_zero(self, ad):
        assert ad.grad(lambda x: round(x) * x)(2.4) == 2


@each
class TestSelections:
    """A branch that is not taken never reaches the derivative."""

    @pytest.mark.parametrize("x", [1.0, np.array(1.0)])
    def test_number(self, ad, x):
        f = lambda x: np.where(x > 0, x, np.sqrt(-x))  # noqa: E731
        assert ad.derivative(f)(x) == 1
        assert ad.grad(f)(x) == 1
        assert ad.derivative(f, n=2)(x) == 0

    def test_mixed_conditions(self, ad):
        x = np.array([1.0, -4.0, 9.0])
        f = lambda x: np.where(x > 0, x, np.sqrt(-x))  # noqa: E731
        np.testing.assert_array_equal(ad.grad(lambda x: np.sum(f(x)))(x), [1, -0.25, 1])
        np.testing.assert_array_equal(ad.jacobian(f)(x), np.diag([1, -0.25, 1]))
        expected = np.diag([0, -1 / 32, 0])
        np.testing.assert_allclose(ad.hessian(lambda x: np.sum(f(x)))(x), expected)

    @pytest.mark.parametrize(
        "through",
        [
            lambda v: np.reshape(np.sqrt(np.reshape(v, (3, 1))), (3,)),
            lambda v: np.transpose(np.sqrt(v[None, :]))[:, 0],
            lambda v: np.sqrt(v)[::-1][::-1],
            lambda v: np.concatenate([np.sqrt(v[:1]), np.sqrt(v[1:])]),
            lambda v: np.stack([np.sqrt(a) for a in v]),
            lambda v: np.diag(np.diag(np.sqrt(v))),
            lambda v: np.sum(np.broadcast_to(np.sqrt(v), (2, 3)), axis=0) / 2,
            lambda v: np.sum(np.sqrt(v)[:, None] * np.ones(2), axis=1) / 2,
            lambda v: np.sqrt(v)[np.array([0, 1, 2])],
            lambda v: np.maximum(np.sqrt(v), -1),
            lambda v: -np.sqrt(v) * -1,
            lambda v: np.max(np.sqrt(v)[:, None] * np.array([1.0, 0.5]), axis=1),
        ],
    )
    def test_through_operations_on_shapes(self, ad, through):
        x = np.array([4.0, 0.0, -1.0])
        found = ad.grad(lambda x: np.sum(np.where(x > 0, through(x), 2 * x)))(x)
        np.testing.assert_array_equal(found, [0.25, 2, 2])

    def test_used_in_two_selections(self, ad):
        def f(x):
            root = np.sqrt(x)
            return np.sum(np.where(x > 0, root, 0) + np.where(x > 1, root, x))

        np.testing.assert_array_equal(ad.grad(f)(np.array([4.0, 0.25, 0.0])), [0.5, 2, 1])

    def test_used_in_and_outside_a_selection(self, ad):
        def f(x):
            y = x * x
            return np.sum(np.where(x > 0, y, 1 / y) + y)

        np.testing.assert_array_equal(ad.grad(f)(np.array([2.0, -1.0])), [8, 0])

    def test_same_condition_twice(self, ad):
        def f(x):
            on, root = x > 0, np.sqrt(x)
            return np.sum(np.where(on, root, x) * np.where(on, root, 1.0))

        np.testing.assert_allclose(ad.grad(f)(np.array([4.0, 0.0, -2.0])), [1, 1, 1])

    def test_scalar_condition_on_arrays_and_back(self, ad):
        f = lambda x, c: np.sum(np.where(c, x, np.sqrt(x)))  # noqa: E731
        np.testing.assert_array_equal(ad.grad(f)(np.zeros(2), True), [1, 1])
        column = np.array([[True], [False]])
        found = ad.grad(lambda x: np.sum(np.where(column, x, np.log(x) * 0)))(np.array([0.0, 1.0]))
        assert found[1] == 1

    def test_condition_that_is_a_number(self, ad):
        assert ad.grad(lambda x: np.where(x, 3 * x, np.log(x)))(2.0) == 3
        assert ad.grad(lambda x: np.where(x - x, np.log(x - 5), 3 * x))(2.0) == 3

    def test_other_selections(self, ad):
        far = lambda x: np.log(x)  # noqa: E731  (minus infinity at 0)
        assert ad.grad(lambda x: np.maximum(far(x), 0.0))(0.0) == 0
        assert ad.grad(lambda x: np.clip(far(x), -1.0, 1.0))(0.0) == 0
        assert ad.grad(lambda x: apply("relu", (far(x),)))(0.0) == 0
        assert ad.grad(lambda x: np.max(np.stack([far(x), 1 + x])))(0.0) == 1
        assert ad.grad(lambda x: np.stack([far(x), x])[1])(0.0) == 1

    def test_running_sums_and_products_behind_a_selection(self, ad):
        x = np.array([4.0, 1.0])
        f = lambda x: np.sum(np.where(x > 2, np.cumsum(np.sqrt(x)), x))  # noqa: E731
        np.testing.assert_array_equal(ad.grad(f)(x), [0.25, 1])
        f = lambda x: np.sum(np.where(x > 2, np.eye(2) @ np.sqrt(x), x))  # noqa: E731
        np.testing.assert_array_equal(ad.grad(f)(x), [0.25, 1])

    def test_conventions(self, ad):
        D = ad.derivative
        assert D(abs)(0.0) == 0
        assert D(np.sign)(0.0) == 0
        assert D(lambda x: apply("relu", (x,)))(0.0) == 0
        assert ad.grad(np.maximum, (0, 1))(1.0, 1.0) == (0.5, 0.5)
        assert ad.grad(np.minimum, (0, 1))(1.0, 1.0) == (0.5, 0.5)
        assert ad.grad(lambda *a: np.clip(*a), (0, 1, 2))(1.0, 1.0, 2.0) == (0.5, 0.5, 0)
        assert ad.grad(lambda *a: np.clip(*a), (0, 1, 2))(2.0, 1.0, 2.0) == (0.5, 0, 0.5)
        found = D(lambda x: apply("hardtanh", (x,)))(np.array([-1.0, 0.5, 1.0]))
        assert found.tolist() == [0, 1, 0]
        assert D(lambda x: apply("leaky_relu", (x, 0.25)))(0.0) == 0.25
        assert D(lambda x: apply("elu", (x, 1.5)))(0.0) == 1.5
        assert ad.grad(np.hypot, (0, 1))(0.0, 0.0) == (0, 0)
        assert D(lambda h: np.heaviside(0.0, h))(0.5) == 1
        assert D(lambda h: np.heaviside(2.0, h))(0.5) == 0
        assert D(np.heaviside)(0.0, 0.5) == 0

    def test_symbolic_selections_of_arrays(self, ad):
        v = symbol("v", (3,))
        at = np.array([4.0, 0.0, -1.0])
        for through in (
            lambda r: r,
            lambda r: np.reshape(r, (3, 1))[:, 0],
            lambda r: np.sum(r[:, None] * np.ones(2), axis=1) / 2,
            lambda r: np.cumsum(r),
        ):
            f = np.sum(np.where(v > 0, through(np.sqrt(v)), 2 * v))
            np.testing.assert_array_equal(ad.grad(f, v)(v=at), [0.25, 2, 2])


@each
class TestState:
    def test_exceptions_leave_nothing_behind(self, ad):
        def fails(x):
            ad.grad(lambda y: 1 / 0)(x)

        for _ in range(3):
            with pytest.raises(ZeroDivisionError):
                ad.grad(fails)(1.0)
        assert ad.derivative(lambda x: x * ad.derivative(lambda y: x + y)(1.0))(1.0) == 1

    def test_threads_do_not_meet(self, ad):
        def work(k):
            f = lambda x: np.sum(np.sin(x * k) ** 2) * ad.derivative(np.exp)(x[0])  # noqa: E731
            return ad.grad(f)(np.linspace(0, 1, 5))

        alone = [work(k) for k in range(24)]
        with ThreadPoolExecutor(8) as pool:
            together = list(pool.map(work, range(24)))
        np.testing.assert_array_equal(alone, together)

    def test_generators(self, ad):
        def steps(x):
            for _ in range(3):
                x = x * x
                yield x

        assert ad.derivative(lambda x: sum(steps(x)))(1.0) == 14

    def test_unused_variable(self, ad):
        assert ad.grad(lambda x, y: x, (0, 1))(1.0, 2.0) == (1, 0)
        np.testing.assert_array_equal(ad.jacobian(lambda x, y: x * 2, 1)(np.ones(2), 1.0), [0, 0])


@pytest.mark.parametrize("n", [10_000, pytest.param(500_000, marks=pytest.mark.slow)])
@pytest.mark.parametrize("ad", [forward, reverse], ids=lambda m: m.__name__)
class TestDepth:
    """Twice n operations at Python's default recursion limit of 1000, deletion included."""

    def test_loop(self, ad, n):
        def f(x):
            for _ in range(n):
                x = x * 1.000001 + 0.0
            return x

        assert ad.grad(f)(1.0) == pytest.approx(1.000001**n, rel=1e-9)

    def test_expression(self, ad, n):
        (x,) = symbols("x")
        f: Expr = x
        for _ in range(n):
            f = f * 1.000001 + x
        # f(x) = x (1 + r + ... + r**n), so f' is f(1).
        value, pullback = ad.vjp(f, 1.0)
        assert pullback(1.0)[0] == pytest.approx(value, rel=1e-9)
        assert ad.jvp(f, 1.0, 1.0)[1] == pytest.approx(value, rel=1e-9)
        assert ad.derivative(f)(x=1.0) == pytest.approx(value, rel=1e-9)


class TestTables:
    def test_rules_are_read_when_they_are_used(self, monkeypatch):
        monkeypatch.setitem(rules.PARTIALS, "sin", (lambda y, x: 2 * np.cos(x),))
        for ad in MODULES:
            assert ad.derivative(np.sin)(0.0) == 2

    def test_accumulation_and_unbroadcasting_belong_to_reverse(self, monkeypatch):
        monkeypatch.setattr(cotangents, "accumulate", lambda old, new, owned=False: new)
        f = lambda x: x * x  # noqa: E731
        assert forward.grad(f)(3.0) == 6
        assert reverse.grad(f)(3.0) == 3
        monkeypatch.setattr(cotangents, "unbroadcast", lambda g, shape, lead=0: np.zeros(shape))
        g = lambda x: np.sum(x * np.ones(3))  # noqa: E731
        assert forward.grad(g)(3.0) == 3
        assert reverse.grad(g)(3.0) == 0

    def test_missing_partials_are_named(self, monkeypatch):
        monkeypatch.delitem(rules.PARTIALS, "sin")
        for ad in MODULES:
            with pytest.raises(MissingRuleError, match="sin has no partials"):
                ad.derivative(np.sin)(1.0)

    def test_constant_expression(self):
        assert forward.jvp(constant(2.0) * symbols("x")[0], 1.0, 1.0) == (2, 2)


def test_import_is_light():
    code = (
        "import sys, autodiff; "
        "print([m for m in ('sympy', 'scipy', 'mpmath', 'matplotlib') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
