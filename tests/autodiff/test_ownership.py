"""Whose memory it is: what comes out is the caller's own, what went in stays untouched."""

from __future__ import annotations

import numpy as np
import pytest
from right_or_refused import right_or_refused

import autodiff
from autodiff import forward, reverse

MODULES = [forward, reverse, autodiff]
each = pytest.mark.parametrize("ad", MODULES, ids=lambda m: m.__name__)


@each
class TestOwnership:
    """What comes out belongs to the caller, and what went in still does."""

    def test_identity(self, ad):
        x = np.ones(3)
        outs = [
            ad.value_and_grad(lambda x, y: x[0], (0, 1))(x, x)[1][0],
            ad.jvp(lambda x: x, x, x)[0],
            ad.jvp(lambda x: x, x, x)[1],
            ad.vjp(lambda x: x, x)[0],
            ad.vjp(lambda x: x, x)[1](x)[0],
            ad.derivative(lambda x: x, n=0)(x),
            ad.hvp(lambda x: x @ x / 2, x, x),
        ]
        for out in outs:
            assert out.flags.writeable
            assert not np.shares_memory(out, x)

    def test_constant(self, ad):
        c = np.ones(3)
        outs = [
            ad.jvp(lambda x: c, 2.0, 1.0)[0],
            ad.vjp(lambda x: c, 2.0)[0],
            ad.derivative(lambda x: x * c)(2.0),
            ad.jacobian(lambda x: x * c)(2.0),
            ad.grad(lambda x: np.sum(x * c))(np.zeros(3)),
        ]
        for out in outs:
            assert out.flags.writeable
            assert not np.shares_memory(out, c)

    def test_two_gradients_are_two_arrays(self, ad):
        a, b = ad.grad(lambda x, y: np.sum(x + y), (0, 1))(np.ones(3), np.ones(3))
        a[:] = 5
        np.testing.assert_array_equal(b, np.ones(3))

    def test_the_direction_is_read_once(self, ad):
        v = np.ones(3)

        def f(x):
            v[:] = 5
            return x * x

        right_or_refused(lambda: ad.jvp(f, np.ones(3), v)[1], [2, 2, 2])

    def test_hessian(self, ad):
        c = np.ones(3)

        def f(x):
            y = np.sum(c * x**3)
            c[:] = 0
            return y

        right_or_refused(lambda: ad.hessian(f)(np.ones(3)), 6 * np.eye(3))
        c[:] = 1
        right_or_refused(lambda: ad.hvp(f, np.ones(3), np.ones(3)), [6, 6, 6])

    def test_nested(self, ad):
        c = np.ones(3)

        def f(x):
            inner = ad.grad(lambda y: np.sum(c * y**3))(x)
            c[:] = 0
            return np.sum(inner)

        right_or_refused(lambda: ad.grad(f)(np.ones(3)), [6, 6, 6])
