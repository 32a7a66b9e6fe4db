"""Convolution along some axes and products over others, against loops over SciPy's."""

import numpy as np
import pytest
import scipy.signal as ss

from autodiff import forward, reverse
from autodiff.scipy import signal
from diffexpr import ExpressionValueError, ShapeError

both_modes = pytest.mark.parametrize("mode", [forward, reverse], ids=["forward", "reverse"])
MODES = ("full", "same", "valid")


def normal(*shape):
    return np.random.default_rng(shape).standard_normal(shape)


@pytest.mark.parametrize("mode", MODES)
def test_layers_of_a_network(mode):
    images, filters = normal(2, 3, 6, 5), normal(3, 4, 3, 2)
    found = signal.convolve(images, filters, mode, axes=([2, 3], [2, 3]), dot_axes=([1], [0]))
    for i in range(2):
        for j in range(4):
            wanted = sum(ss.convolve(images[i, c], filters[c, j], mode) for c in range(3))
            np.testing.assert_allclose(found[i, j], wanted, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("m", "n"), [(5, 3), (5, 2), (4, 4), (1, 1)])
def test_one_axis_of_each(mode, m, n):
    a, b = normal(2, m), normal(n, 3)
    found = signal.convolve(a, b, mode, axes=([1], [0]))
    for i in range(2):
        for j in range(3):
            np.testing.assert_allclose(found[i, j], ss.convolve(a[i], b[:, j], mode), atol=1e-13)


def test_the_larger_may_come_second_and_axes_may_be_crossed():
    a, b = normal(2, 3), normal(5, 4)
    found = signal.convolve(a, b, "valid", axes=([0, 1], [1, 0]))
    np.testing.assert_allclose(found, ss.convolve(a, b.T, "valid"), atol=1e-13)
    rows = signal.convolve(a, b, "valid", axes=([1], [1]))
    np.testing.assert_allclose(rows[1, 2], ss.convolve(a[1], b[2], "valid"), atol=1e-13)
    np.testing.assert_allclose(
        signal.convolve(a, b[:2], axes=([], []), dot_axes=([0], [0])), a.T @ b[:2], atol=1e-13
    )


@both_modes
@pytest.mark.parametrize("part", MODES)
def test_derivatives(mode, part):
    a, b = normal(2, 3, 4), normal(3, 2, 3)

    def whole(a, b):
        return signal.convolve(a, b, part, axes=([2], [2]), dot_axes=([1], [0]))

    def by_loops(a, b):
        return np.stack([
            np.stack([sum(np.convolve(a[i, c], b[c, j], part) for c in range(3)) for j in range(2)])
            for i in range(2)
        ])  # fmt: skip

    for k in (0, 1):
        found, wanted = (mode.jacobian(f, wrt=k)(a, b) for f in (whole, by_loops))
        np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-13)


def test_what_is_refused():
    a, b = normal(2, 3), normal(4, 3)
    with pytest.raises(ShapeError, match="one axis twice"):
        signal.convolve(a, b, axes=([1], [1]), dot_axes=([1], [0]))
    with pytest.raises(ShapeError, match="must be pairs"):
        signal.convolve(a, b, axes=([0, 1], [1]))
    with pytest.raises(ExpressionValueError, match="'wrap' is none of"):
        signal.convolve(a, b, "wrap", axes=([1], [1]))
    with pytest.raises(ShapeError, match="must hold the other"):
        signal.convolve(normal(2, 5), normal(4, 3), "valid", axes=([0, 1], [0, 1]))
