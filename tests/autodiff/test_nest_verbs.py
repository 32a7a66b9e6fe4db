"""Every verb on nests: what goes in as a nest of parameters comes out as a nest of derivatives."""

import collections
import dataclasses
from typing import Any

import numpy as np
import pytest

import autodiff
from autodiff import forward, reverse
from autodiff.nests import flatten, nest_map
from diffexpr.errors import ExpressionTypeError, ShapeError


@dataclasses.dataclass(frozen=True)
class Layer:
    w: Any
    b: Any
    name: str = dataclasses.field(default="layer", metadata={"static": True})


W, V = np.array([1.0, 2.0]), np.array([0.5, -1.5])
PARAMS = {"layer": Layer(W, 1.0, "first"), "s": 3, "v": [0.5, -1.5], "none": None}

each = pytest.mark.parametrize("ad", [autodiff, forward, reverse], ids=lambda ad: ad.__name__)


def energy(p):
    """s |w|^2 + sum(v)^3, and nothing of b."""
    return np.sum(p["layer"].w ** 2) * p["s"] + np.sum(p["v"]) ** 3


GRADIENT = {
    "layer": Layer(6 * W, 0.0, "first"), "s": 5.0, "v": np.array([3.0, 3.0]), "none": None,
}  # fmt: skip


def assert_same(found, wanted):
    ours, structure = flatten(found)
    theirs, other = flatten(wanted)
    assert structure == other
    for x, y, path in zip(ours, theirs, structure.paths(), strict=True):
        np.testing.assert_allclose(x, y, rtol=1e-15, err_msg=path)
        assert np.shape(x) == np.shape(y), path


@each
def test_grad(ad):
    assert_same(ad.grad(energy)(PARAMS), GRADIENT)
    value, gradient = ad.value_and_grad(energy)(PARAMS)
    assert value == 14
    assert_same(gradient, GRADIENT)


@each
def test_several_arguments(ad):
    pair = collections.namedtuple("pair", "x y")
    slopes = ad.grad(lambda a, b, c: a[0] * b.x * b.y * np.sum(c), (0, 1))
    found = slopes((2.0, W), pair(3.0, 5.0), W)
    assert_same(found, ((45.0, 0 * W), pair(30.0, 18.0)))
    assert type(found[1]) is pair


@each
def test_products(ad):
    ones = nest_map(lambda x: np.ones_like(x, float), PARAMS)
    value, tangent = ad.jvp(energy, (PARAMS,), (ones,))
    assert (value, tangent) == (14, 18 + 5 + 6)
    value, pullback = ad.vjp(energy, PARAMS)
    assert value == 14
    assert_same(pullback(2.0), (nest_map(lambda g: 2.0 * g, GRADIENT),))
    bent = {"layer": Layer(2 * W + 6, 0.0, "first"), "s": 6.0, "v": -np.ones(2) * 12, "none": None}
    assert_same(ad.hvp(energy, (PARAMS,), (ones,)), (bent,))


@each
def test_jacobian_and_hessian(ad):
    found = ad.jacobian(lambda p: p["w"] * p["s"])({"w": W, "s": 3.0})
    assert_same(found, {"w": 3 * np.eye(2), "s": W})
    found = ad.hessian(lambda p: p["a"] ** 2 * p["b"][0])({"a": 2.0, "b": (5.0, W)})
    crossed = {"a": 4.0, "b": (0.0, 0 * W)}
    assert_same(found["a"], {"a": 10.0, "b": (4.0, 0 * W)})
    assert_same(found["b"][0], crossed)


@each
def test_derivatives_within_derivatives(ad):
    def inner(t):
        return ad.grad(energy)({**PARAMS, "s": t})["layer"].w[1]

    assert ad.grad(inner)(2.0) == 4.0
    assert ad.derivative(lambda t: energy({**PARAMS, "v": [t, t * t]}), n=2)(1.0) == (
        # d2/dt2 (t + t^2)^3 = 6 (t + t^2) (1 + 2 t)^2 + 6 (t + t^2)^2
        6 * 2 * 9 + 6 * 4
    )


@each
def test_precision_is_kept(ad):
    found = ad.grad(lambda p: np.sum(p["w"] ** 2) * p["s"])(
        {"w": np.float32(W), "s": np.float32(3)}
    )
    assert (found["w"].dtype, found["s"].dtype) == (np.float32, np.float32)


@each
def test_deep_nests(ad):
    tree = W
    for _ in range(10_000):
        tree = [tree]

    def total(tree):
        while isinstance(tree, list):
            (tree,) = tree
        return np.sum(tree**2)

    found = ad.grad(total)(tree)
    assert total(found) == 4 * total(tree)


@each
def test_errors_name_the_path(ad):
    with pytest.raises(ExpressionTypeError, match=r"\['v'\]: a ragged list"):
        ad.grad(energy)({**PARAMS, "v": [[1.0], [2.0, 3.0]]})
    with pytest.raises(ShapeError, match=r"\['layer'\]\.w has shape \(3,\)"):
        ad.jvp(energy, (PARAMS,), ({**PARAMS, "layer": Layer(np.ones(3), 1.0, "first")},))
