"""Arrays that are written into while a differentiation is under way.

What was recorded is what counts: the answer is that of the moment of recording, or an error at
the line that writes. A wrong number in silence is the one thing that may not happen.
"""

from __future__ import annotations

import numpy as np
import pytest
from right_or_refused import right_or_refused

import autodiff
from autodiff import forward, reverse

# Below and above the size from which copying would cost more than the operation itself.
sizes = pytest.mark.parametrize("n", [3, 20_000])

# The derivative along the direction of ones: every mode can give it at every size.
WAYS = {
    "forward.jvp": lambda f, x: forward.jvp(f, (x,), (np.ones_like(x),))[1],
    "reverse.jvp": lambda f, x: reverse.jvp(f, (x,), (np.ones_like(x),))[1],
    "reverse.grad": lambda f, x: np.sum(reverse.grad(f)(x)),
    "reverse.vjp": lambda f, x: np.sum(reverse.vjp(f, x)[1](1.0)[0]),
    "best.jacobian": lambda f, x: np.sum(autodiff.jacobian(f)(x)),
    "best.value_and_grad": lambda f, x: np.sum(autodiff.value_and_grad(f)(x)[1]),
}
ways = pytest.mark.parametrize("way", WAYS)


class Own(np.ndarray):
    """A subclass that changes nothing."""


def whole(n):
    c = np.ones(n)
    return c, c


def viewed(n):
    c = np.ones(n)
    return c, c[:]


def part(n):
    c = np.ones(n + 1)
    return c[1:], c


def strided(n):
    c = np.ones(2 * n)
    return c[::2], c


def turned(n):
    c = np.ones((1, n))
    return c.T[:, 0], c


def repeated(n):
    c = np.ones(1)
    return np.broadcast_to(c, (n,)), c


def windowed(n):
    c = np.ones(n + 1)
    return np.lib.stride_tricks.sliding_window_view(c, n)[0], c


def fenced(n):
    c = np.ones(n)
    v = c.view()
    v.flags.writeable = False
    return v, c


def derived(n):
    c = np.ones(n).view(Own)
    return c, c


def raw(n):
    memory = bytearray(np.ones(n).tobytes())
    return np.frombuffer(memory), np.frombuffer(memory)


def narrow(n):
    c = np.ones(n, np.float32)
    return c, c


def counted(n):
    c = np.ones(n, int)
    return c, c


def swapped(n):
    c = np.ones(n, ">f8")
    return c, c


MEMORY = [whole, viewed, part, strided, turned, repeated, windowed, fenced, derived, raw, narrow,
          counted, swapped]  # fmt: skip

WRITES = {
    "c[:] = 0": lambda c: c.__setitem__(slice(None), 0),
    "c *= 0": lambda c: c.__imul__(0),
    "multiply(c, 0, out=c)": lambda c: np.multiply(c, 0, out=c),
    "c.fill(0)": lambda c: c.fill(0),
    "copyto(c, 0)": lambda c: np.copyto(c, 0),
    "put(c, range, 0)": lambda c: np.put(c, range(c.size), 0),
}

# With c all ones each of these has slope 1 in every entry of x.
USES = {
    "x*c": lambda x, c: np.sum(x * c),
    "c*x": lambda x, c: np.sum(c * x),
    "multiply(c, x)": lambda x, c: np.sum(np.multiply(c, x)),
    "x/c": lambda x, c: np.sum(x / c),
    "x**c": lambda x, c: np.sum(x**c),
    "x @ c": lambda x, c: x @ c,
    "c @ x": lambda x, c: c @ x,
    "dot": lambda x, c: np.dot(c, x),
    "einsum": lambda x, c: np.einsum("i,i->", x, c),
    "inner": lambda x, c: np.inner(x, c),
    "where": lambda x, c: np.sum(np.where(c, x, 0)),
    "two steps": lambda x, c: np.sum((x - 1) * c * c),
    "stacked": lambda x, c: np.sum(np.stack([x, x])[0] * c),
    "behind a selection": lambda x, c: np.sum(np.where(x > 0, x * c, x)),
}


@sizes
@ways
class TestConstants:
    """A constant that the function has used, and that changes before the way back."""

    @pytest.mark.parametrize("memory", MEMORY, ids=lambda m: m.__name__)
    def test_wherever_the_memory_is(self, way, n, memory):
        operand, writable = memory(n)

        def f(x):
            y = np.sum(x * operand)
            writable[...] = 0
            return y

        right_or_refused(lambda: WAYS[way](f, np.full(n, 2.0)), n)

    @pytest.mark.parametrize("use", USES)
    def test_however_it_is_used(self, way, n, use):
        c = np.ones(n)

        def f(x):
            y = USES[use](x, c)
            c[:] = 0
            return y

        right_or_refused(lambda: WAYS[way](f, np.full(n, 2.0)), n)

    @pytest.mark.parametrize("write", WRITES)
    def test_however_it_is_written(self, way, n, write):
        c = np.ones(n)

        def f(x):
            y = np.sum(x * c)
            WRITES[write](c)
            return y

        right_or_refused(lambda: WAYS[way](f, np.full(n, 2.0)), n)

    def test_buffer_used_again(self, way, n):
        buffer = np.empty(n)

        def f(x):
            total = 0.0
            for k in (1.0, 2.0, 3.0):
                buffer[:] = k
                total = total + np.sum(x * buffer)
            return total

        right_or_refused(lambda: WAYS[way](f, np.ones(n)), 6 * n)

    def test_some_entries_through_a_view(self, way, n):
        c = np.ones(n)
        view = c[:]

        def f(x):
            y = np.sum(x * c)
            # Of a large array entries here and there are compared: a single one may be missed.
            view[n // 2 : n // 2 + max(1, n // 100)] = 5.0
            return y

        right_or_refused(lambda: WAYS[way](f, np.full(n, 2.0)), n)

    def test_order_of_entries_through_a_view(self, way, n):
        c = np.arange(float(n))
        view = c[:]

        def f(x):
            y = np.sum(x * c)
            view[:] = view[::-1].copy()
            return y

        # The direction of ones cannot tell: the largest entry alone can.
        right_or_refused(lambda: WAYS[way](lambda x: f(x * (c == n - 1)), np.ones(n)), n - 1.0)

    def test_condition(self, way, n):
        condition = np.ones(n, bool)

        def f(x):
            y = np.sum(np.where(condition, x, 0.0))
            condition[:] = False
            return y

        right_or_refused(lambda: WAYS[way](f, np.ones(n)), n)

    def test_index(self, way, n):
        index = np.zeros(n, int)

        def f(x):
            y = np.sum(x[index] * np.arange(n))
            index[:] = 1
            return y

        right_or_refused(lambda: WAYS[way](f, np.ones(n)), n * (n - 1) / 2)

    def test_memory_mapped_file(self, way, n, tmp_path):
        c = np.memmap(tmp_path / "c", float, "w+", shape=(n,))
        c[:] = 1

        def f(x):
            y = np.sum(x * c)
            c[:] = 0
            return y

        right_or_refused(lambda: WAYS[way](f, np.ones(n)), n)

    def test_the_argument_itself(self, way, n):
        x = np.full(n, 3.0)

        def f(z):
            y = np.sum(z * z)
            x[:] = 0
            return y

        right_or_refused(lambda: WAYS[way](f, x), 6 * n)

    def test_the_argument_through_a_view(self, way, n):
        x = np.full(n, 3.0)
        view = x[:]

        def f(z):
            y = np.sum(z * z)
            view[:] = 0
            return y

        right_or_refused(lambda: WAYS[way](f, x), 6 * n)

    def test_it_may_be_written_afterwards(self, way, n):
        c, x = np.ones(n), np.ones(n)
        WAYS[way](lambda z: np.sum(z * c), x)
        c[:], x[:] = 2, 2
        assert WAYS[way](lambda z: np.sum(z * c), x) == 2 * n

    def test_it_may_be_written_after_an_error(self, way, n):
        c, x = np.ones(n), np.ones(n)

        def f(z):
            raise ArithmeticError(str(np.sum(z * c)))

        with pytest.raises(ArithmeticError):
            WAYS[way](f, x)
        c[:], x[:] = 2, 2
        assert WAYS[way](lambda z: np.sum(z * c), x) == 2 * n

    def test_what_was_read_only_stays_so(self, way, n):
        c = np.ones(n)
        c.flags.writeable = False
        assert WAYS[way](lambda z: np.sum(z * c), c) == n
        assert not c.flags.writeable


# Forward mode builds the whole Jacobian when it is asked for a pullback: not at the larger size.
@pytest.mark.parametrize(("ad", "n"), [(forward, 3), (reverse, 3), (reverse, 20_000),
                                       (autodiff, 20_000)])  # fmt: skip
class TestBetween:
    """The caller writes after the value and before the pullback, which may come much later."""

    def test_argument(self, ad, n):
        x = np.full(n, 3.0)
        _, pullback = ad.vjp(lambda x: np.sum(x * x), x)
        x[:] = 7
        np.testing.assert_array_equal(pullback(1.0)[0], np.full(n, 6.0))
        np.testing.assert_array_equal(pullback(2.0)[0], np.full(n, 12.0))

    def test_argument_through_a_view(self, ad, n):
        x = np.full(n, 3.0)
        _, pullback = ad.vjp(lambda x: np.sum(x * x), x[:])
        x[:] = 7
        np.testing.assert_array_equal(pullback(1.0)[0], np.full(n, 6.0))

    @pytest.mark.parametrize("memory", MEMORY, ids=lambda m: m.__name__)
    def test_constant(self, ad, n, memory):
        c, writable = memory(n)
        _, pullback = ad.vjp(lambda x: np.sum(x * c), np.ones(n))
        writable[...] = 0
        np.testing.assert_array_equal(pullback(1.0)[0], np.ones(n))

    def test_cotangent_and_results(self, ad, n):
        x, w = np.ones(n), np.ones(n)
        value, pullback = ad.vjp(lambda x: x, x)
        value[:] = 7
        (found,) = pullback(w)
        found[:] = 8
        for kept in (x, w, *pullback(w)):
            np.testing.assert_array_equal(kept, np.ones(n))
