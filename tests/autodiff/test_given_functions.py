"""Which Python functions can be differentiated, and how they are called."""

from __future__ import annotations

import functools
import math

import numpy as np
import pytest

import autodiff
from autodiff import forward, reverse

MODULES = [forward, reverse, autodiff]
each = pytest.mark.parametrize("ad", MODULES, ids=lambda m: m.__name__)


class Model:
    factor = 2.0

    def method(self, x):
        return self.factor * x * x

    @classmethod
    def of_class(cls, x):
        return cls.factor * x**3

    @staticmethod
    def static(x):
        return x**4

    def __call__(self, x, y=1.0):
        return x * x * y


def keyword_only(x, *, k=2.0):
    return x * x * k


def any_number(*xs):
    return xs[0] * xs[1] ** 2


def any_names(x, **names):
    return x * x * names["k"]


def by_position(x, y, /):
    return x * y**2


def default(x, k=2.0):
    return x * x * k


@each
class TestSignatures:
    def test_keyword_only(self, ad):
        assert ad.grad(keyword_only)(3.0) == 12
        assert ad.grad(keyword_only)(3.0, k=5.0) == 30
        assert ad.value_and_grad(keyword_only, "x")(3.0, k=5.0) == (45, 30)
        assert ad.derivative(keyword_only, n=2)(3.0, k=5.0) == 10

    def test_default(self, ad):
        assert ad.grad(default)(3.0) == 12
        assert ad.grad(default)(3.0, k=5.0) == 30
        assert ad.grad(default, "k")(3.0, 5.0) == 9
        assert ad.grad(default, "k")(3.0, k=5.0) == 9
        assert ad.grad(default, ("k", "x"))(k=5.0, x=3.0) == (9, 30)
        assert ad.hessian(default, (0, 1))(3.0, 5.0) == ((10, 6), (6, 0))

    def test_any_number(self, ad):
        assert ad.grad(any_number)(3.0, 2.0) == 4
        assert ad.grad(any_number, 1)(3.0, 2.0) == 12
        assert ad.grad(any_number, (1, 0))(3.0, 2.0) == (12, 4)

    def test_any_names(self, ad):
        assert ad.grad(any_names)(3.0, k=2.0) == 12

    def test_by_position(self, ad):
        assert ad.grad(by_position, "y")(3.0, 2.0) == 12
        assert ad.grad(by_position, -1)(3.0, 2.0) == 12
        assert ad.grad(by_position, (-1, 0))(3.0, 2.0) == (12, 4)
        assert ad.grad(by_position, ())(3.0, 2.0) == ()

    def test_named_twice(self, ad):
        for wrt in ((0, 0), ("x", 0), (0, -2)):
            try:
                found = ad.grad(by_position, wrt)(3.0, 2.0)
            except ValueError as error:
                assert "twice" in str(error)  # noqa: PT017
            else:
                assert found == (4, 4)

    def test_methods_and_callable_objects(self, ad):
        model = Model()
        assert ad.grad(model.method)(3.0) == 12
        assert ad.grad(Model.method, 1)(model, 3.0) == 12
        assert ad.grad(Model.of_class)(1.0) == 6
        assert ad.grad(model.static)(1.0) == 4
        assert ad.grad(model)(3.0) == 6
        assert ad.grad(model, "y")(3.0, 2.0) == 9

    def test_partial(self, ad):
        assert ad.grad(functools.partial(by_position, 2.0))(3.0) == 12
        assert ad.grad(functools.partial(default, k=5.0))(3.0) == 30
        assert ad.grad(functools.partial(default, 3.0))(5.0) == 9

    def test_functions_of_numpy_and_of_python(self, ad):
        assert ad.grad(np.sin)(0.0) == 1
        assert ad.grad(np.multiply, (0, 1))(3.0, 2.0) == (2, 3)
        assert ad.grad(abs)(-2.0) == -1
        assert ad.grad(pow, (0, 1))(2.0, 3.0) == (12, 8 * math.log(2))
        np.testing.assert_array_equal(ad.grad(sum)(np.ones(3)), np.ones(3))
        np.testing.assert_array_equal(ad.grad(max)(np.array([1.0, 3.0, 2.0])), [0, 1, 0])

    def test_wrapped(self, ad):
        @functools.wraps(by_position)
        def wrapped(*args):
            return 3 * by_position(*args)

        assert ad.grad(wrapped, "y")(3.0, 2.0) == 36

    def test_vectorized(self, ad):
        x = np.array([2.0, -3.0])
        f = np.vectorize(lambda t: t * t if t > 0 else -t)
        np.testing.assert_array_equal(ad.grad(lambda x: np.sum(f(x)))(x), [4, -1])
        np.testing.assert_array_equal(ad.jacobian(f)(x), np.diag([4.0, -1.0]))

    @pytest.mark.parametrize("f", [3.0, "x**2", None, [np.sin]])
    def test_not_a_function(self, ad, f):
        with pytest.raises(TypeError):
            ad.grad(f)


@each
class TestResults:
    """What a function may return."""

    @pytest.mark.parametrize(
        "f",
        [
            lambda x: [x[0] * x[1], 3.0],
            lambda x: (x[0] * x[1], 3),
            lambda x: np.array([x[0] * x[1], 3.0]),
            lambda x: np.stack([x[0] * x[1], 3.0]),
            lambda x: np.array([x[0] * x[1], 3.0], object),
        ],
    )
    def test_several_numbers(self, ad, f):
        np.testing.assert_array_equal(ad.jacobian(f)(np.array([2.0, 5.0])), [[5, 2], [0, 0]])

    @pytest.mark.parametrize("result", [7, 7.0, True, np.float32(7), np.array(7.0)])
    def test_constant(self, ad, result):
        f = lambda x: result  # noqa: E731
        x = np.ones(2)
        assert ad.grad(f)(x).tolist() == [0, 0]
        assert ad.jvp(f, x, x)[1] == 0
        assert ad.vjp(f, x)[1](1.0)[0].tolist() == [0, 0]
        assert ad.hessian(f)(x).tolist() == [[0, 0], [0, 0]]
        assert ad.hvp(f, x, x).tolist() == [0, 0]
        assert ad.derivative(f)(2.0) == 0

    @pytest.mark.parametrize("result", [None, "abc", b"abc", {1.0}, object(), (v for v in [1.0]),
                                        [[1.0], [1.0, 2.0]]])  # fmt: skip
    def test_not_a_number(self, ad, result):
        with pytest.raises(TypeError, match="the function returned"):
            ad.grad(lambda x: result)(1.0)

    def test_comparison(self, ad):
        assert ad.grad(lambda x: x > 1)(2.0) == 0


@each
class TestControl:
    """Python's own control flow, followed at the values at hand."""

    def test_while(self, ad):
        def f(x):
            while x < 100:
                x = x * x
            return x

        assert ad.derivative(f)(3.0) == 8 * 3.0**7

    def test_early_return(self, ad):
        def f(x):
            for k in range(10):
                if x > 10:
                    return x * k
                x = 2 * x
            return x

        assert ad.derivative(f)(3.0) == 8

    def test_recursion(self, ad):
        def f(x, n):
            return x if n == 0 else np.sin(f(x, n - 1))

        slope, x = 1.0, 0.5
        for _ in range(300):
            slope, x = slope * math.cos(x), math.sin(x)
        # 300 factors, each rounded once here and once there.
        assert ad.derivative(lambda x: f(x, 300))(0.5) == pytest.approx(slope, rel=1e-13)

    def test_deep_composition(self, ad):
        f = lambda x: functools.reduce(lambda v, _: np.sin(v), range(3000), x)  # noqa: E731
        slope, x = 1.0, 0.5
        for _ in range(3000):
            slope, x = slope * math.cos(x), math.sin(x)
        # 3000 factors, each rounded once here and once there.
        assert ad.derivative(f)(0.5) == pytest.approx(slope, rel=1e-12)

    def test_comparisons(self, ad):
        def f(x):
            return x * (1 if 0 < x < 2 else 2) * (3 if x in [1.0, 5.0] else 4)

        assert ad.derivative(f)(1.0) == 3
        assert ad.derivative(f)(1.5) == 4
        assert ad.derivative(f)(3.0) == 8

    def test_at_the_switch_python_decides(self, ad):
        assert ad.derivative(lambda x: x if x >= 0 else -x)(0.0) == 1
        assert ad.derivative(lambda x: x if x > 0 else -x)(0.0) == -1
        assert ad.derivative(lambda x: 5 * x if x == 0 else x)(0.0) == 5
        assert ad.derivative(lambda x: x if x else 5 * x)(0.0) == 5

    def test_against_things_that_are_no_numbers(self, ad):
        assert ad.derivative(lambda x: x if x is None else 2 * x)(3.0) == 2
        assert ad.derivative(lambda x: x if x == None else 2 * x)(3.0) == 2  # noqa: E711

    def test_comprehensions_generators_and_unpacking(self, ad):
        x = np.array([1.0, 2.0, 3.0])
        assert ad.grad(lambda x: sum(v * v for v in x))(x).tolist() == [2, 4, 6]
        assert ad.grad(lambda x: sum([v * k for k, v in enumerate(x)]))(x).tolist() == [0, 1, 2]
        assert ad.grad(lambda x: math.prod(v for v in x))(x).tolist() == [6, 3, 2]

        def f(x):
            first, *rest = x
            return first * rest[-1]

        assert ad.grad(f)(x).tolist() == [3, 0, 1]
        assert ad.grad(lambda x: {"a": x[0]}["a"] * x[1])(x).tolist() == [2, 1, 0]

    def test_exceptions_caught_inside(self, ad):
        def f(x):
            try:
                ad.grad(lambda y: [x * y, 1 / 0])(x)
            except ZeroDivisionError:
                return x * ad.grad(lambda y: x * y)(1.0)

        assert ad.grad(f)(3.0) == 6
        assert ad.derivative(lambda x: x * ad.derivative(lambda y: x + y)(1.0))(1.0) == 1

    def test_exceptions_of_every_verb(self, ad):
        def f(x):
            raise LookupError(str(x.shape))

        x = np.ones(2)
        for run in (
            ad.grad(f), ad.value_and_grad(f), ad.jacobian(f), ad.hessian(f), ad.derivative(f),
            lambda x: ad.jvp(f, x, x), lambda x: ad.vjp(f, x), lambda x: ad.hvp(f, x, x),
        ):  # fmt: skip
            with pytest.raises(LookupError, match=r"\(2,\)"):
                run(x)
        assert ad.grad(lambda x: np.sum(x * ad.grad(lambda y: x @ y)(x)))(x).tolist() == [2, 2]

    def test_same_variable_nested(self, ad):
        D = ad.derivative
        assert D(lambda x: D(lambda x: D(lambda x: x**4)(x))(x) * x)(2.0) == 36 * 4
        assert D(lambda x: x * D(lambda x: x * x)(x))(3.0) == 12
        # The inner function reads the outer variable twice, as argument and by closure.
        assert D(lambda x: D(lambda y: x * x * y * y)(x))(2.0) == 6 * 4
        assert ad.grad(lambda x: ad.grad(lambda a, b: a * b * b, (0, 1))(x, x)[1])(3.0) == 12

    def test_higher_order_functions(self, ad):
        # Manzyuk et al. (2019), section 3: the function returned by an inner derivative must not
        # carry its perturbation along.
        shifted = lambda u: lambda f: lambda x: f(x + u)  # noqa: E731
        D = ad.derivative
        f = lambda x: D(lambda u: shifted(u)(np.exp)(x))(0.0)  # noqa: E731
        assert D(lambda x: f(f(x)))(0.0) == pytest.approx(math.exp(1.0), rel=1e-15)
