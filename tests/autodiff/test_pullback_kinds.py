"""A cotangent is of the kind of its variable, and the caller's own."""

import numpy as np
import pytest

import autodiff
from autodiff import forward, reverse

each = pytest.mark.parametrize(
    "ad", [forward, reverse, autodiff], ids=["forward", "reverse", "autodiff"]
)


@each
def test_complex_variables_have_complex_cotangents(ad):
    for f, x, w in (
        (np.real, np.complex128(1j), 1.0),
        (np.imag, np.array([1j, 2.0]), np.ones(2)),
        (np.abs, np.array([3 + 4j]), np.ones(1)),
    ):
        (found,) = ad.vjp(f, x)[1](w)
        assert np.asarray(found).dtype == np.complex128
    (found,) = ad.vjp(lambda x: x * (1 + 2j), 1.0)[1](1 + 0j)
    assert found == 1
    assert np.asarray(found).dtype == np.float64


@each
def test_each_is_as_wide_as_its_own_variable(ad):
    a, b = ad.vjp(lambda a, b: a * b, np.float32(2), np.float64(3))[1](1.0)
    assert (a.dtype, b.dtype) == (np.float32, np.float64)


@each
def test_what_is_handed_through_is_copied(ad):
    w = np.ones(3)
    for f in (lambda x: x, lambda x: x.reshape(3), lambda x: x[:]):
        (found,) = ad.vjp(f, np.zeros(3))[1](w)
        assert not np.shares_memory(found, w)
        found[0] = 5
        assert w[0] == 1
