"""Several threads that differentiate at once: no tape, level or lock of one is seen by another."""

from __future__ import annotations

import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import autodiff
from autodiff import forward, reverse
from autodiff.boxes import Box

MODULES = [forward, reverse, autodiff]
each = pytest.mark.parametrize("ad", MODULES, ids=lambda m: m.__name__)
PATIENCE = 20.0  # seconds until a thread that waits for another is taken for stuck
LARGE = 20_000  # above the size from which arrays are held and not copied


@pytest.fixture(autouse=True)
def _many_switches():
    """Let threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def together(work, count):
    """Results of ``work(k)`` in as many threads, which all start at the same moment."""
    barrier = threading.Barrier(count)

    def run(k):
        barrier.wait(PATIENCE)
        return work(k)

    with ThreadPoolExecutor(count) as pool:
        return [f.result(PATIENCE) for f in [pool.submit(run, k) for k in range(count)]]


class Steps:
    """Lets two threads meet at named moments."""

    def __init__(self) -> None:
        self.events = {}

    def __getitem__(self, name):
        return self.events.setdefault(name, threading.Event())

    def reached(self, name):
        self[name].set()

    def wait(self, name):
        assert self[name].wait(PATIENCE), f"nobody reached {name!r}"


def model(w):
    x = np.linspace(-1, 1, 12).reshape(4, 3)
    hidden = np.tanh(x @ w)
    return np.sum(np.where(hidden > 0, hidden**2, np.sin(hidden))) + np.max(hidden)


@each
@pytest.mark.parametrize("count", [2, 8])
class TestAtOnce:
    def test_the_same_function_at_different_points(self, ad, count):
        points = [np.linspace(0.1, 0.5 + k, 6).reshape(3, 2) for k in range(count)]
        alone = [ad.grad(model)(p) for p in points]
        for _ in range(5):
            found = together(lambda k: ad.grad(model)(points[k]), count)
            for a, b in zip(alone, found, strict=True):
                np.testing.assert_array_equal(a, b)

    def test_every_verb(self, ad, count):
        x, v = np.array([0.3, 0.7, 1.1]), np.array([1.0, -2.0, 0.5])
        f = lambda x: np.sum(np.sin(x) * x**2) * np.prod(x)  # noqa: E731
        g = lambda x: np.sin(x) * np.sum(x)  # noqa: E731
        jobs = [
            lambda: ad.grad(f)(x),
            lambda: ad.hessian(f)(x),
            lambda: ad.jacobian(g)(x),
            lambda: ad.jvp(g, x, v)[1],
            lambda: ad.vjp(g, x)[1](v)[0],
            lambda: ad.hvp(f, x, v),
            lambda: ad.derivative(np.tan, n=3)(x),
            lambda: ad.grad(lambda x: np.sum(ad.grad(f)(x) ** 2))(x),
        ]
        alone = [job() for job in jobs]
        found = together(lambda k: [job() for job in jobs[k:] + jobs[:k]], count)
        for k, results in enumerate(found):
            for a, b in zip(alone[k:] + alone[:k], results, strict=True):
                np.testing.assert_array_equal(a, b)

    def test_perturbations_are_not_confused(self, ad, count):
        def work(k):
            D = ad.derivative
            return [D(lambda x: x * D(lambda y: x + k * y)(1.0))(1.0) for _ in range(50)]

        assert together(work, count) == [[float(k)] * 50 for k in range(count)]

    def test_a_shared_constant(self, ad, count):
        c = np.arange(float(LARGE))

        def work(k):
            return [ad.jvp(lambda x: np.sum(x * c * k), c, c)[1] for _ in range(5)]

        expected = float(c @ c)
        found = together(work, count)
        for k in range(count):
            # Sums of 20 000 squares, in whatever order.
            np.testing.assert_allclose(found[k], [k * expected] * 5, rtol=1e-12)
        assert c.flags.writeable

    def test_one_pullback_used_by_all(self, ad, count):
        x = np.linspace(0.2, 2.0, 5)
        _, pullback = ad.vjp(lambda x: np.sin(x) * np.sum(x * x), x)
        ws = [np.arange(5.0) + k for k in range(count)]
        alone = [pullback(w)[0] for w in ws]
        found = together(lambda k: [pullback(ws[k])[0] for _ in range(20)], count)
        for a, results in zip(alone, found, strict=True):
            for b in results:
                np.testing.assert_array_equal(a, b)

    def test_errors_in_some(self, ad, count):
        def work(k):
            def f(x):
                y = x * x
                if k % 2:
                    raise ArithmeticError(str(k))
                return y

            found = []
            for _ in range(20):
                try:
                    found.append(ad.grad(f)(3.0))
                except ArithmeticError as error:
                    found.append(str(error))
            return found

        assert together(work, count) == [[str(k) if k % 2 else 6.0] * 20 for k in range(count)]


@each
class TestEachOther:
    """Boxes of one differentiation in another one that runs in another thread."""

    def test_an_inner_derivative_in_another_thread(self, ad):
        def f(x):
            (inner,) = together(lambda _: ad.grad(lambda y: x * y * y)(3.0), 1)
            return inner * x  # 6 x**2

        assert ad.grad(f)(2.0) == 24

    def test_parts_of_a_function_in_several_threads(self, ad):
        def f(x):
            return sum(together(lambda k: np.sum(np.sin(x * k)), 4))

        x = np.array([0.5, 1.5])
        expected = sum(k * np.cos(k * x) for k in range(4))
        np.testing.assert_allclose(ad.grad(f)(x), expected, rtol=1e-13)  # sums of four terms

    def test_parts_with_large_arrays(self, ad):
        def f(x):
            return sum(together(lambda k: np.sum(x * k), 4))

        x = np.ones(LARGE)
        assert ad.jvp(f, x, x)[1] == 6 * LARGE

    def test_a_newer_box_from_another_thread(self, ad):
        steps, box, outcome = Steps(), [], []

        def other():
            def g(y):
                box.append(y)
                steps.reached("lent")
                steps.wait("over")
                return y * y

            outcome.append(ad.grad(g)(5.0))

        def f(x):
            thread = threading.Thread(target=other)
            thread.start()
            steps.wait("lent")
            try:
                return x * box[0]
            finally:
                steps.reached("over")
                thread.join(PATIENCE)

        with pytest.raises(TypeError, match="differentiation"):
            ad.grad(f)(2.0)
        assert outcome == [10.0]

    def test_an_older_box_from_another_thread(self, ad):
        steps, box, outcome = Steps(), [], []

        def g(y):
            box.append(y)
            steps.reached("lent")
            steps.wait("over")
            return y * y

        thread = threading.Thread(target=lambda: outcome.append(ad.grad(g)(5.0)))
        thread.start()
        steps.wait("lent")
        try:
            # The other one could be around this one, so that its box comes out as it is.
            value, slope = ad.value_and_grad(lambda x: x * box[0])(2.0)
            for found in (value, slope):
                assert isinstance(found, Box)
                with pytest.raises(TypeError, match="drop its derivative"):
                    float(found)
        finally:
            steps.reached("over")
            thread.join(PATIENCE)
        assert outcome == [10.0]


@pytest.mark.parametrize("ad", [reverse, autodiff], ids=lambda m: m.__name__)
class TestLocks:
    """A large constant that two threads use at once may be written by neither meanwhile."""

    def test_lock_outlives_the_thread_that_made_it(self, ad):
        c, steps, outcome = np.ones(LARGE), Steps(), []

        def first(x):
            y = np.sum(x * c)
            steps.reached("first has used it")
            steps.wait("second has used it")
            return y

        def second(x):
            steps.wait("first has used it")
            y = np.sum(x * c)
            steps.reached("second has used it")
            steps.wait("first is over")
            c[:] = 0
            return y

        def run_second():
            try:
                outcome.append(np.sum(ad.grad(second)(np.ones(LARGE))))
            except ValueError as error:
                outcome.append(str(error))

        thread = threading.Thread(target=run_second)
        thread.start()
        try:
            assert np.sum(ad.grad(first)(np.ones(LARGE))) == LARGE
        finally:
            steps.reached("second has used it")
            steps.reached("first is over")
            thread.join(PATIENCE)
        refused = any(words in str(outcome[0]) for words in ("read-only", "written into"))
        assert outcome[0] == LARGE or refused
        assert c.flags.writeable

    def test_flags_are_as_they_were(self, ad):
        arrays = [np.ones(LARGE) for _ in range(3)]
        arrays[1].flags.writeable = False
        f = lambda x: sum(np.sum(x * a) for a in arrays)  # noqa: E731
        together(lambda k: [ad.grad(f)(arrays[0]) for _ in range(5)], 8)
        assert [a.flags.writeable for a in arrays] == [True, False, True]


@each
class TestNumPyState:
    def test_error_state_is_restored(self, ad):
        with np.errstate(all="raise"):
            assert ad.grad(np.log)(0.0) == np.inf
            assert np.geterr()["divide"] == "raise"
            with pytest.raises(ZeroDivisionError):
                ad.grad(lambda x: x * (1 / 0))(1.0)
            assert np.geterr()["divide"] == "raise"

    def test_each_thread_has_its_own(self, ad):
        def work(k):
            with np.errstate(divide="raise" if k % 2 else "ignore"):
                found = [ad.grad(np.log)(0.0) for _ in range(20)]
                return found, np.geterr()["divide"]

        expected = [([np.inf] * 20, "raise" if k % 2 else "ignore") for k in range(4)]
        assert together(work, 4) == expected
