"""All numbers of a nest as one vector, there and back, and differentiated."""

import numpy as np
import pytest

from autodiff import forward, reverse
from autodiff.nests import ravel
from diffexpr import symbols
from diffexpr.errors import ShapeError

W, B = np.arange(6.0).reshape(2, 3), np.ones(3, np.float32)


def test_ravel_there_and_back():
    tree = {"w": W, "b": B, "s": 2.0, "n": 3, "e": np.zeros((0, 2)), "name": "x"}
    vector, unravel = ravel(tree)
    np.testing.assert_array_equal(vector, [1, 1, 1, 3, 2, 0, 1, 2, 3, 4, 5])
    assert vector.dtype == np.float64
    again = unravel(vector)
    for name in "wbsne":
        np.testing.assert_array_equal(again[name], tree[name], strict=name in "wbe")
    assert again["n"].dtype == np.float64
    assert again["name"] == "x"
    assert ravel({"a": B})[0].dtype == np.float32
    assert ravel({"a": 1, "b": np.arange(2)})[0].dtype == np.float64
    assert ravel({"a": 1j})[0].dtype == np.complex128


def test_ravel_copies():
    vector, unravel = ravel({"w": W})
    vector[0] = 99
    assert W[0, 0] == 0
    again = unravel(vector)
    vector[0] = 55
    assert again["w"][0, 0] == 99


def test_ravel_of_nothing():
    vector, unravel = ravel({"a": (), "b": None})
    assert vector.shape == (0,)
    assert unravel(vector) == {"a": (), "b": None}


def test_unravel_wants_its_own_length():
    _, unravel = ravel([W, B])
    with pytest.raises(ShapeError, match=r"9 numbers in all, got a vector of shape \(3,\)"):
        unravel(np.ones(3))
    with pytest.raises(ShapeError, match=r"got a vector of shape \(3, 3\)"):
        unravel(np.ones((3, 3)))


def test_a_complex_vector_keeps_its_imaginary_part():
    vector, unravel = ravel({"w": np.ones(2)})
    np.testing.assert_array_equal(unravel(vector + 1j)["w"], [1 + 1j, 1 + 1j])


@pytest.mark.parametrize("mode", [forward, reverse])
def test_both_ways_are_differentiated(mode):
    tree = {"w": np.array([[1.0, 2.0], [3.0, 4.0]]), "b": 0.5}
    vector, unravel = ravel(tree)

    def loss(v):
        p = unravel(v)
        return np.sum(p["w"] ** 3) * p["b"]

    cubes = np.sum(tree["w"] ** 3)
    slope = np.concatenate([[cubes], 1.5 * tree["w"].ravel() ** 2])
    np.testing.assert_allclose(mode.grad(loss)(vector), slope, rtol=1e-15)
    curvature = mode.hessian(loss)(vector)
    np.testing.assert_allclose(np.diag(curvature), [0, *(3 * tree["w"].ravel())], rtol=1e-15)
    np.testing.assert_allclose(curvature[0, 1:], 3 * tree["w"].ravel() ** 2, rtol=1e-15)

    def total(x):
        return np.sum(ravel({"a": x * np.ones(2), "b": [x, 2.0]})[0] ** 2)

    assert mode.grad(total)(3.0) == 18.0
    assert mode.derivative(total, n=2)(3.0) == 6.0


def test_nests_of_expressions():
    x, y = symbols("x y")
    vector, unravel = ravel({"a": x, "b": [y, x * y]})
    assert vector.shape == (3,)
    again = unravel(vector)
    assert again["a"](x=2.0, y=3.0) == 2.0
    np.testing.assert_array_equal(again["b"](x=2.0, y=3.0), [3.0, 6.0])
