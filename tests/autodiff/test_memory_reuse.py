"""The way back reuses memory and frees what it has read: nobody may see that.

Random programs use each value several times, in sums, products, views, reductions and selections,
on arrays small and large, so that cotangents meet in every order. Forward mode, which reuses
nothing, is the judge; arguments and constants must be what they were.
"""

from __future__ import annotations

import numpy as np
import pytest

import autodiff
from autodiff import forward, reverse

N = (4, 5_000, 20_000)  # below and above the sizes from which memory is reused, freed and held

UNARY = [
    lambda a: np.sin(a),
    lambda a: np.exp(-a * a),
    lambda a: -a,
    lambda a: a,
    lambda a: a[::-1],
    lambda a: a.reshape(2, -1).T.ravel(),
    lambda a: np.cumsum(a) / a.size,
    lambda a: a - np.mean(a),
    lambda a: a / (1 + np.sum(a * a) / a.size),
    lambda a: np.where(a > 0.1, a, np.cos(a)),
    lambda a: np.abs(a) * a,
    lambda a: np.concatenate([a[2:], a[:2]]),
    lambda a: np.broadcast_to(np.max(a), a.shape) * a,
    lambda a: a**2,
    lambda a: np.sqrt(1 + a * a),
    lambda a: a[np.arange(a.size) // 2],
    lambda a: np.stack([a, 2 * a])[1],
    lambda a: np.tanh(a) * 1.0 + 0.0,
]
BINARY = [
    lambda a, b: a + b,
    lambda a, b: a - b,
    lambda a, b: a * b,
    lambda a, b: a / (2 + b * b),
    lambda a, b: np.maximum(a, b),
    lambda a, b: np.where(a < b, a, 2 * b),
    lambda a, b: a * np.mean(b),
    lambda a, b: np.hypot(a, 1 + b),
    lambda a, b: a + a,
    lambda a, b: b * a * b,
]


def program(seed, constants):
    """A random function of two arrays that gives a number."""
    rng = np.random.default_rng(seed)
    steps = [(rng.random(), *rng.integers(0, 1000, 3)) for _ in range(14)]
    picks = rng.integers(0, 1000, 4)

    def f(x, y):
        values = [x, y, *constants]
        for kind, which, i, j in steps:
            a, b = values[i % len(values)], values[j % len(values)]
            if kind < 0.5:
                values.append(UNARY[which % len(UNARY)](a))
            else:
                values.append(BINARY[which % len(BINARY)](a, b))
        used = [values[-1 - p % 8] for p in picks]
        return np.sum(used[0] * used[1] + used[2] - used[3]) / x.size + np.mean(x * values[-1])

    return f


def given(n, seed):
    rng = np.random.default_rng(1000 + seed)
    arrays = [rng.normal(size=n) for _ in range(5)]
    for array in arrays:
        array.flags.writeable = True
    return arrays


def close(found, expected):
    # Sums of n terms of size 1, in two orders.
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("n", N)
@pytest.mark.parametrize("seed", range(12))
class TestPrograms:
    def test_gradients(self, n, seed):
        x, y, c, u, v = given(n, seed)
        before = [a.copy() for a in (x, y, c)]
        f = program(seed, [c])
        value, slope = forward.jvp(f, (x, y), (u, v))
        found, grads = reverse.value_and_grad(f, (0, 1))(x, y)
        close(found, value)
        close(grads[0] @ u + grads[1] @ v, slope)
        _, pullback = reverse.vjp(f, x, y)
        for factor in (1.0, -2.0, 1.0):
            for part, grad in zip(pullback(factor), grads, strict=True):
                close(part, factor * grad)
                part[:] = np.nan  # the caller's own
        close(reverse.jvp(f, (x, y), (u, v))[1], slope)
        for now, then in zip((x, y, c), before, strict=True):
            np.testing.assert_array_equal(now, then)
            assert now.flags.writeable

    def test_second_order(self, n, seed):
        x, y, c, u, v = given(n, seed)
        before = [a.copy() for a in (x, y, c, u, v)]
        f = program(seed, [c])
        both = (x, y), (u, v)
        # Forward over reverse, and reverse over reverse, which shares nothing with it but rules.
        one = autodiff.hvp(f, *both)
        two = reverse.hvp(f, *both)
        for a, b in zip(one, two, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-8, atol=1e-10)  # as above, twice
        for now, then in zip((x, y, c, u, v), before, strict=True):
            np.testing.assert_array_equal(now, then)


@pytest.mark.parametrize("n", N)
@pytest.mark.parametrize("ad", [reverse, autodiff], ids=lambda m: m.__name__)
class TestByName:
    """Where the same cotangent arrives at several places, each must have its own."""

    def test_sum_of_two_arguments(self, ad, n):
        x, y = np.ones(n), np.ones(n)
        a, b = ad.grad(lambda x, y: np.sum((x + y) ** 2) + np.sum(x * 3), (0, 1))(x, y)
        np.testing.assert_array_equal(a, np.full(n, 7.0))
        np.testing.assert_array_equal(b, np.full(n, 4.0))

    def test_identity_and_its_double(self, ad, n):
        w = np.arange(float(n))
        _, pullback = ad.vjp(lambda x: x + x, np.ones(n))
        np.testing.assert_array_equal(pullback(w)[0], 2 * w)
        np.testing.assert_array_equal(w, np.arange(float(n)))

    def test_cotangent_passed_on_to_two(self, ad, n):
        w = np.arange(float(n))
        _, pullback = ad.vjp(lambda x, y: x + y, np.ones(n), np.ones(n))
        a, b = pullback(w)
        a[:] = -1
        np.testing.assert_array_equal(b, w)
        np.testing.assert_array_equal(w, np.arange(float(n)))

    def test_view_of_one_cotangent_in_two_places(self, ad, n):
        def f(x):
            y = x * 1.0
            return np.sum((y + y[::-1]) * np.arange(float(n)) + y)

        expected = np.arange(float(n)) + np.arange(float(n))[::-1] + 1
        np.testing.assert_array_equal(ad.grad(f)(np.ones(n)), expected)

    def test_value_kept_by_the_function(self, ad, n):
        kept = []

        def f(x):
            y = np.exp(x)
            kept.append(y)
            return np.sum(y * y)

        x = np.zeros(n)
        np.testing.assert_array_equal(ad.grad(f)(x), np.full(n, 2.0))
        np.testing.assert_array_equal(kept[0].primal, np.ones(n))
