"""Arrays without elements, and operands of different shapes."""

from __future__ import annotations

import math

import numpy as np
import pytest

import autodiff
from autodiff import forward, reverse

MODULES = [forward, reverse, autodiff]
each = pytest.mark.parametrize("ad", MODULES, ids=lambda m: m.__name__)


@each
class TestNothing:
    """Empty arrays and results, by every verb."""

    @pytest.mark.parametrize("shape", [(0,), (0, 3), (2, 0)])
    def test_shapes(self, ad, shape):
        x = np.zeros(shape)
        f = lambda x: np.sum(np.sin(x) * x)  # noqa: E731
        value, grad = ad.value_and_grad(f)(x)
        assert value == 0
        assert grad.shape == shape
        assert ad.hessian(f)(x).shape == shape * 2
        assert ad.hvp(f, x, x).shape == shape
        assert ad.jvp(f, x, x)[1] == 0
        assert ad.jacobian(np.sin)(x).shape == shape * 2
        assert ad.derivative(np.sin)(x).shape == shape
        assert ad.vjp(np.sin, x)[1](x)[0].shape == shape

    def test_no_largest_element(self, ad):
        with pytest.raises(ValueError, match=r"zero-size|at least one"):
            ad.grad(np.max)(np.zeros(0))

    def test_beside_something(self, ad):
        empty, x = np.zeros(0), np.array([1.0, 2.0])
        grads = ad.grad(lambda a, b: np.sum(a) + np.sum(b * b), (0, 1))(empty, x)
        assert grads[0].shape == (0,)
        np.testing.assert_array_equal(grads[1], [2, 4])
        found = ad.jacobian(lambda x: np.concatenate([x[:0], 3 * x, x[2:]]))(x)
        np.testing.assert_array_equal(found, [[3, 0], [0, 3]])


@each
class TestBroadcasting:
    def test_column_with_row(self, ad):
        a, b = np.array([[1.0], [2.0], [3.0]]), np.array([[1.0, -1.0, 2.0, 0.5]])
        da, db = ad.grad(lambda a, b: np.sum(a**2 * b), (0, 1))(a, b)
        np.testing.assert_array_equal(da, 2 * a * np.sum(b))
        np.testing.assert_array_equal(db, np.full((1, 4), 14.0))
        ja, jb = ad.jacobian(lambda a, b: a * b, (0, 1))(a, b)
        np.testing.assert_array_equal(ja, np.einsum("ik,j->ijk", np.eye(3), b[0])[..., None])
        np.testing.assert_array_equal(jb, np.einsum("i,jl->ijl", a[:, 0], np.eye(4))[:, :, None])

    @pytest.mark.parametrize(
        ("left", "right"),
        [((), (3,)), ((1,), (3,)), ((3, 1), (4,)), ((1, 1), (2, 3)), ((2, 1, 4), (3, 1))],
    )
    def test_any_shapes(self, ad, left, right):
        # Of sum(a**2 b) the gradients are 2a and a**2, times the sum over what was repeated.
        rng = np.random.default_rng(5)
        a, b = rng.normal(size=left), rng.normal(size=right)
        da, db = ad.grad(lambda a, b: np.sum(a**2 * b), (0, 1))(a, b)
        assert da.shape == left
        assert db.shape == right
        wide = np.broadcast_shapes(left, right)
        for found, each_entry, shape in ((da, 2 * a * b, left), (db, a**2 + 0 * b, right)):
            full = np.broadcast_to(each_entry, wide)
            lead = tuple(range(len(wide) - len(shape)))
            full = full.sum(axis=lead)
            axes = tuple(i for i, n in enumerate(shape) if n == 1)
            expected = full.sum(axis=axes, keepdims=True) if axes else full
            # Sums of at most 24 terms in another order.
            np.testing.assert_allclose(found, expected, rtol=1e-13, atol=1e-13)

    def test_not_finite(self, ad):
        x = np.array([math.inf, -math.inf, math.nan, 2.0])
        np.testing.assert_array_equal(
            ad.grad(lambda x: np.sum(x * x))(x), [math.inf, -math.inf, math.nan, 4]
        )
        np.testing.assert_array_equal(ad.grad(lambda x: np.sum(3 * x))(x), [3, 3, 3, 3])
