"""Every edge, by every verb that its derivatives determine, in every mode."""

from __future__ import annotations

import numpy as np
import pytest
from edge_arrays import ARRAYS
from edge_numbers import NUMBERS

import autodiff
from autodiff import forward, reverse

MODULES = {"forward": forward, "reverse": reverse, "best": autodiff}
EDGES = (*NUMBERS, *ARRAYS)

# Formulas of a few operations, each right to some units in the last place.
ROUNDING = 1e-13


def same(found, expected, edge=None):
    """Equal to rounding, NaN and infinities in their places, nothing smaller taken for 0."""
    assert found.dtype == float
    if edge is not None and edge.kind == "indeterminate":
        found = np.where(np.isnan(found), expected, found)
    np.testing.assert_allclose(found, expected, rtol=ROUNDING, atol=0, equal_nan=True)


def values_of(edge):
    return tuple(np.array(x)[()] for x in edge.arguments)


def blocks(given, count):
    """The parts of an answer, one per argument."""
    return tuple(given) if count > 1 else (given,)


def steps(xs):
    """Directions with no two entries alike and none 0."""
    rest = iter(range(1, 100))
    return tuple(
        np.array([next(rest) for _ in range(x.size)], float).reshape(x.shape)[()] for x in xs
    )


def along(block, v):
    """A block with its last axes contracted with a direction."""
    block = np.asarray(block, float)
    axes = tuple(range(block.ndim - np.ndim(v), block.ndim))
    return np.sum(block * v, axis=axes) if axes else block * v


def cases(order):
    return [
        pytest.param(edge, name, id=f"{edge}-{name}")
        for edge in EDGES
        if len(edge.orders) >= order
        for name in MODULES
    ]


@pytest.mark.parametrize(("edge", "name"), cases(1))
class TestFirst:
    def test_jacobian(self, edge, name):
        xs = values_of(edge)
        found = MODULES[name].jacobian(edge.f, tuple(range(len(xs))))(*xs)
        for part, expected in zip(found, blocks(edge.orders[0], len(xs)), strict=True):
            same(part, expected, edge)

    def test_grad(self, edge, name):
        xs = values_of(edge)
        with np.errstate(all="ignore"):
            value = edge.f(*xs)
        if np.shape(value):
            with pytest.raises(ValueError, match="use jacobian"):
                MODULES[name].grad(edge.f)(*xs)
            return
        found, parts = MODULES[name].value_and_grad(edge.f, tuple(range(len(xs))))(*xs)
        same(found, value)
        for part, expected in zip(parts, blocks(edge.orders[0], len(xs)), strict=True):
            same(part, expected, edge)

    def test_derivative(self, edge, name):
        xs = values_of(edge)
        # One argument along which all entries move together.
        for k, block in enumerate(blocks(edge.orders[0], len(xs))):
            found = MODULES[name].derivative(edge.f, k)(*xs)
            same(found, along(block, np.ones(xs[k].shape)), edge)

    def test_products(self, edge, name):
        xs = values_of(edge)
        row = blocks(edge.orders[0], len(xs))
        vs = steps(xs)
        with np.errstate(all="ignore"):
            value = np.asarray(edge.f(*xs))
            tangent = sum(along(b, v) for b, v in zip(row, vs, strict=True))
        found = MODULES[name].jvp(edge.f, xs, vs)
        same(found[0], value)
        same(found[1], tangent, edge)
        (w,) = steps([value])
        found, pullback = MODULES[name].vjp(edge.f, *xs)
        same(found, value)
        with np.errstate(all="ignore"):
            for part, block, x in zip(pullback(w), row, xs, strict=True):
                weights = np.reshape(w, value.shape + (1,) * x.ndim)
                same(part, np.sum(weights * block, axis=tuple(range(value.ndim))), edge)


@pytest.mark.parametrize(("edge", "name"), cases(2))
class TestSecond:
    def test_hessian(self, edge, name):
        xs = values_of(edge)
        if len(xs) == 1 and np.ndim(edge.orders[1]) != 2 * xs[0].ndim:
            pytest.fail("the second order of an edge is a Hessian")
        found = MODULES[name].hessian(edge.f, tuple(range(len(xs))))(*xs)
        for row, expected in zip(found, blocks(edge.orders[1], len(xs)), strict=True):
            for part, block in zip(row, blocks(expected, len(xs)), strict=True):
                same(part, block, edge)

    def test_hvp(self, edge, name):
        xs = values_of(edge)
        vs = steps(xs)
        found = MODULES[name].hvp(edge.f, xs, vs)
        for part, expected in zip(found, blocks(edge.orders[1], len(xs)), strict=True):
            row = blocks(expected, len(xs))
            with np.errstate(all="ignore"):
                same(part, sum(along(b, v) for b, v in zip(row, vs, strict=True)), edge)

    def test_derivative(self, edge, name):
        xs = values_of(edge)
        if len(xs) == 1 and not xs[0].ndim:
            for n, expected in enumerate(edge.orders[1:], 2):
                same(MODULES[name].derivative(edge.f, n=n)(*xs), expected, edge)
