"""Which kind of number and which layout of memory goes in, and that the same comes out."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

import autodiff
from autodiff import forward, reverse
from diffexpr import logsumexp, softplus

MODULES = [forward, reverse, autodiff]
each = pytest.mark.parametrize("ad", MODULES, ids=lambda m: m.__name__)

SCALAR_VALUED = {
    "Python's number": lambda x: np.sum(2.5 * x),
    "Python's integer": lambda x: np.sum(3 * x + 1),
    "float64 scalar": lambda x: np.sum(np.float64(2.5) * x),
    "float64 array": lambda x: np.sum(np.ones(3) * x),
    "float64 matrix": lambda x: np.sum(np.eye(3) @ x),
    "pi": lambda x: np.sum(np.sin(np.pi * x)),
    "power": lambda x: np.sum(x**3),
    "power of a number": lambda x: np.sum(2.0**x),
    "tanh": lambda x: np.sum(np.tanh(x)),
    "mean": np.mean,
    "prod": np.prod,
    "norm": np.linalg.norm,
    "max": np.max,
    "logsumexp": logsumexp,
    "softplus": lambda x: np.sum(softplus(x)),
    "where and a number": lambda x: np.sum(np.where(x > 1, x, 0.0)),
    "where and an integer": lambda x: np.sum(np.where(x > 1, x, 0)),
    "where and a power": lambda x: np.sum(np.where(x > 1, x**2, 2 * x)),
    "maximum": lambda x: np.sum(np.maximum(x, 1.5)),
    "clip": lambda x: np.sum(np.clip(x, 0, 2.0)),
    "abs": lambda x: np.sum(abs(x)),
    "sinc": lambda x: np.sum(np.sinc(x)),
    "hypot": lambda x: np.sum(np.hypot(x, 1)),
    "cumsum": lambda x: np.sum(np.cumsum(x) * x),
    "inner product": lambda x: x @ x,
    "einsum": lambda x: np.einsum("i,i->", x, x),
    "stack": lambda x: np.sum(np.stack([x, 2 * x])),
    "index": lambda x: np.sum(x[[0, 0, 1]]),
    "reshape": lambda x: np.sum(np.reshape(x, (3, 1)) * x),
    "constant": lambda x: 3.0,
    "only a part": lambda x: x[0],
}


def parts(ad, f, x):
    """What every verb says of a function, by the name of the verb."""
    value, grad = ad.value_and_grad(f)(x)
    return {
        "grad": grad,
        "jacobian": ad.jacobian(f)(x),
        "hessian": ad.hessian(f)(x),
        "hvp": ad.hvp(f, x, x),
        "derivative": ad.derivative(f)(x),
        "second derivative": ad.derivative(f, n=2)(x),
        "jvp": ad.jvp(f, x, x)[1],
        "vjp": ad.vjp(f, x)[1](np.ones_like(value))[0],
    }


@each
@pytest.mark.parametrize("name", SCALAR_VALUED)
class TestPrecision:
    @pytest.mark.parametrize("kind", [np.float32, np.float64])
    def test_kept(self, ad, name, kind):
        f, x = SCALAR_VALUED[name], np.array([1.25, 2.0, 0.5], kind)
        for verb, found in parts(ad, f, x).items():
            assert found.dtype == kind, verb

    def test_value_is_as_numpy_has_it(self, ad, name):
        f, x = SCALAR_VALUED[name], np.array([1.25, 2.0, 0.5], np.float32)
        value = f(x)
        for found in (ad.value_and_grad(f)(x)[0], ad.jvp(f, x, x)[0], ad.vjp(f, x)[0]):
            np.testing.assert_array_equal(found, value)
            assert found.dtype == np.result_type(np.asarray(value))

    def test_single_agrees_with_double(self, ad, name):
        f, x = SCALAR_VALUED[name], np.array([1.25, 2.0, 0.5])
        double, single = parts(ad, f, x), parts(ad, f, x.astype(np.float32))
        for verb, found in single.items():
            # A few operations, each good to half a unit in the last place of float32.
            np.testing.assert_allclose(found, double[verb], rtol=2e-5, atol=2e-5, err_msg=verb)


@each
class TestKinds:
    @pytest.mark.parametrize("kind", ["f2", "f4", "f8", "g", ">f4", ">f8", "<f8"])
    def test_floats_keep_their_width(self, ad, kind):
        x = np.array([1.0, 2.0], kind)
        for verb, found in parts(ad, lambda x: np.sum(x**2 * 1.5), x).items():
            assert found.dtype == np.dtype(kind).newbyteorder("="), verb
        np.testing.assert_array_equal(ad.grad(lambda x: np.sum(x**2 * 1.5))(x), [3, 6])

    @pytest.mark.parametrize("kind", ["i1", "i4", "i8", "u1", "u8", ">i4", "?"])
    def test_integers_and_truth_values_are_promoted(self, ad, kind):
        x = np.array([1, 0], kind)
        for verb, found in parts(ad, lambda x: np.sum(x**2 * 1.5), x).items():
            assert found.dtype == float, verb
        np.testing.assert_array_equal(ad.grad(lambda x: np.sum(x**2 * 1.5))(x), [3, 0])
        np.testing.assert_array_equal(ad.grad(lambda x: np.sum(x / 2))(x), [0.5, 0.5])

    @pytest.mark.parametrize("x", [3, True, 3.0, np.float64(3), np.int64(3), np.array(3.0),
                                   np.array(3), 10**30, np.float32(3)])  # fmt: skip
    def test_numbers(self, ad, x):
        found = ad.grad(lambda x: x * x)(x)
        assert found == 2 * float(x)
        assert found.shape == ()
        assert found.dtype == (np.float32 if type(x) is np.float32 else float)

    def test_lists(self, ad):
        np.testing.assert_array_equal(ad.grad(lambda x: x[0] * x[1])([2, 3]), [3, 2])
        np.testing.assert_array_equal(ad.grad(lambda x: np.sum(x * x))([[1], [2]]), [[2], [4]])

    def test_two_widths(self, ad):
        a, b = np.float32(2), np.float64(3)
        da, db = ad.grad(lambda a, b: a * b, (0, 1))(a, b)
        assert (da, db) == (3, 2)
        assert (da.dtype, db.dtype) == (np.float32, np.float64)

    @pytest.mark.parametrize("x", [None, "1", b"1", [1.0, "a"], [None], [[1.0], [1.0, 2.0]],
                                   Fraction(1, 2), Decimal("0.5"), object(),
                                   np.array("2020-01-01", "M8[D]")])  # fmt: skip
    def test_what_is_no_number_is_refused(self, ad, x):
        with pytest.raises(TypeError):
            ad.grad(lambda x: x * x)(x)

    @pytest.mark.parametrize("c", [None, "a", object(), [1.0, "a"]])
    def test_constants_that_are_no_numbers_are_refused(self, ad, c):
        with pytest.raises(TypeError):
            ad.grad(lambda x: np.sum(x * c))(np.ones(2))

    def test_huge_constants(self, ad):
        assert ad.grad(lambda x: x * 10**30)(1.0) == 1e30
        assert ad.grad(lambda x: x * 10**30)(np.float32(1)) == np.float32(1e30)


MATRIX = np.arange(1.0, 13.0).reshape(3, 4)

LAYOUTS = {
    "reversed": MATRIX[::-1],
    "every second column": MATRIX[:, ::2],
    "transposed": MATRIX.T,
    "Fortran order": np.asfortranarray(MATRIX),
    "repeated": np.broadcast_to(np.arange(1.0, 5.0), (3, 4)),
    "a part": MATRIX[1:2, 1:],
    "stride 0": np.lib.stride_tricks.as_strided(MATRIX, (2, 2), (0, 8)),
    "unaligned": np.frombuffer(b"0" + MATRIX.tobytes(), np.uint8)[1:].view(float),
}


@each
class TestMemory:
    @pytest.mark.parametrize("layout", LAYOUTS)
    def test_layouts(self, ad, layout):
        x = LAYOUTS[layout]
        plain = np.array(x, order="C", copy=True)
        before = plain.copy()
        for f in (
            lambda x: np.sum(x**3),
            lambda x: np.sum(np.cumsum(x, axis=0) * x),
            lambda x: np.sum(x[::-1] * np.ravel(x)[0]),
            lambda x: np.linalg.norm(x * x.T if x.ndim == 1 else x @ x.T),
        ):
            for verb, found in parts(ad, f, x).items():
                np.testing.assert_array_equal(found, parts(ad, f, plain)[verb], err_msg=verb)
        np.testing.assert_array_equal(x, before)

    def test_read_only(self, ad):
        x = np.ones(3)
        x.flags.writeable = False
        for verb, found in parts(ad, lambda x: np.sum(x), x).items():
            assert found.ndim == 0 or found.flags.writeable, verb
        assert ad.jvp(lambda x: x, x, x)[0].flags.writeable
        assert not x.flags.writeable

    def test_constants_of_any_layout(self, ad):
        x = np.array([2.0, 3.0])
        for c in (
            np.ones(4)[::2],
            np.ones((2, 2)).T[0],
            np.ones(2, ">f8"),
            np.ones(2, np.float32),
            np.ones(2, int),
            np.ones(2, bool),
            [1, 1],
            (1.0, 1.0),
        ):
            np.testing.assert_array_equal(ad.grad(lambda x, c=c: np.sum(x * c))(x), [1, 1])
            np.testing.assert_array_equal(ad.grad(lambda x, c=c: np.sum(c * x))(x), [1, 1])

    def test_masked_arrays_are_not_taken_for_whole_ones(self, ad):
        x = np.ma.masked_array([1.0, 2.0, 3.0], [False, True, False])
        f = lambda x: np.sum(x**2)  # noqa: E731  (10 by NumPy: what is masked does not count)
        try:
            value, found = ad.value_and_grad(f)(x)
        except TypeError as error:
            assert "mask" in str(error).lower()  # noqa: PT017
        else:
            assert value == f(x)
            np.testing.assert_array_equal(np.ma.filled(found, 0.0), [2, 0, 6])

    def test_masked_constants_are_not_taken_for_whole_ones(self, ad):
        c = np.ma.masked_array([1.0, 2.0, 3.0], [False, True, False])
        f = lambda x: np.sum(x * c)  # noqa: E731
        try:
            value, found = ad.value_and_grad(f)(np.ones(3))
        except TypeError as error:
            assert "mask" in str(error).lower()  # noqa: PT017
        else:
            assert value == 4
            np.testing.assert_array_equal(found, [1, 0, 3])

    def test_matrices_are_not_taken_for_arrays(self, ad):
        # np.matrix multiplies with *; nobody may get the elementwise derivative for it.
        x = np.array([[1.0, 2.0], [3.0, 4.0]])
        with pytest.warns(PendingDeprecationWarning):
            m = np.matrix(x)
        f = lambda m: np.sum(m * m)  # noqa: E731
        try:
            value, found = ad.value_and_grad(f)(m)
        except TypeError as error:
            assert "matrix" in str(error)  # noqa: PT017
        else:
            assert value == np.sum(x @ x)
            ones = np.ones((2, 2))
            np.testing.assert_array_equal(found, ones @ x.T + x.T @ ones)
