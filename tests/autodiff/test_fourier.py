"""np.fft and np.convolve: values and derivatives against NumPy's and differences."""

import numpy as np
import pytest
from smooth_checks import check_first_order, check_jacobians, check_second_order, numbers

from autodiff import forward, grad, jacobian, reverse
from diffexpr import ExpressionTypeError, ExpressionValueError, ShapeError, symbol, trace

MODES = [forward, reverse]
NORMS = [None, "backward", "ortho", "forward"]
OF_COMPLEX = ["fft", "ifft", "irfft", "hfft", "fft2", "ifft2", "irfft2", "fftn", "ifftn", "irfftn"]
OF_REAL = [*OF_COMPLEX, "rfft", "ihfft", "rfft2", "rfftn"]
SEVERAL = ("2", "n")


def options(name):
    if name[-1] in SEVERAL and not name.endswith("fft"):
        yield from ({}, {"axes": (0, 2)}, {"s": (3, 6), "axes": (2, 0)}, {"axes": (1,)})
        yield from ({"norm": norm} for norm in NORMS)
        return
    yield from ({"n": n, "axis": axis} for n in (None, 3, 4, 7) for axis in (0, -1))
    yield from ({"n": n, "norm": norm} for n in (None, 5) for norm in NORMS)


def transforms(kind, names):
    for name in names:
        for chosen in options(name):
            yield pytest.param(getattr(np.fft, name), chosen, kind, id=f"{name}-{chosen}")


REAL = [*transforms(float, OF_REAL)]
COMPLEX = [*transforms(complex, OF_COMPLEX)]


@pytest.mark.parametrize(("f", "chosen", "kind"), [*REAL, *COMPLEX])
def test_first_order(f, chosen, kind):
    check_first_order(lambda x: f(x, **chosen), numbers(3, 4, 5, kind=kind))


@pytest.mark.parametrize(("f", "chosen", "kind"), [*REAL[::5], *COMPLEX[::5]])
def test_second_order(f, chosen, kind):
    check_second_order(lambda x: f(x, **chosen), numbers(3, 2, 3, kind=kind))


@pytest.mark.parametrize("name", ["irfft", "hfft", "irfft2", "fftshift", "ifftshift"])
def test_real_transforms_have_the_jacobian_of_their_matrix(name):
    f = getattr(np.fft, name)
    x = numbers(2, 5)
    check_jacobians(f, x)
    units = np.eye(10).reshape(10, 2, 5)
    expected = np.moveaxis(np.array([f(unit) for unit in units]), 0, -1)
    found = jacobian(f)(x)
    np.testing.assert_allclose(found, expected.reshape(*expected.shape[:-1], 2, 5), atol=1e-14)


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 8])
def test_shifts_of_any_length(n):
    for f in (np.fft.fftshift, np.fft.ifftshift):
        for axes in (None, 0, (1,), (0, 1)):
            x = numbers(n, 3)
            value, tangent = forward.jvp(lambda v, a=axes, f=f: f(v, a), (x,), (2 * x,))
            np.testing.assert_array_equal(value, f(x, axes))
            np.testing.assert_array_equal(tangent, f(2 * x, axes))


@pytest.mark.parametrize("name", OF_REAL)
def test_expressions_have_numpy_s_values_and_kinds(name):
    f = getattr(np.fft, name)
    x = numbers(4, 6)
    graph = f(symbol("x", x.shape))
    assert graph.dtype == f(x).dtype
    assert graph.shape == f(x).shape
    np.testing.assert_allclose(graph(x=x), f(x), atol=1e-13)
    power = np.sum(np.abs(graph) ** 2 * np.arange(f(x).size).reshape(f(x).shape))
    weights = np.arange(f(x).size).reshape(f(x).shape)
    expected = grad(lambda v: np.sum(np.abs(f(v)) ** 2 * weights))(x)
    for mode in MODES:
        np.testing.assert_allclose(mode.grad(power, "x")(x=x), expected, rtol=1e-10, atol=1e-9)


@pytest.mark.parametrize("mode", MODES)
def test_parseval(mode):
    x = numbers(8)
    found = mode.grad(lambda v: np.sum(np.abs(np.fft.fft(v)) ** 2))(x)
    np.testing.assert_allclose(found, 16 * x, rtol=1e-13)


def test_a_filter_in_frequencies_is_a_convolution():
    x, k = numbers(16), numbers(16, seed=1)
    around = np.array([[k[(i - j) % 16] for j in range(16)] for i in range(16)])
    f = jacobian(lambda v: np.fft.irfft(np.fft.rfft(v) * np.fft.rfft(k)))
    np.testing.assert_allclose(f(x), around, atol=1e-14)


@pytest.mark.parametrize("mode", MODES)
def test_single_precision_stays(mode):
    x = numbers(6).astype(np.float32)
    for f, kind in ((np.fft.fft, np.complex64), (lambda v: np.fft.irfft(v, 7), np.float32),
                    (np.fft.rfft, np.complex64)):  # fmt: skip
        value, tangent = mode.jvp(f, (x,), (x,))
        assert value.dtype == tangent.dtype == kind
        assert mode.grad(lambda v, f=f: np.sum(np.abs(f(v))))(x).dtype == np.float32


def test_frequencies_are_constants():
    found = grad(lambda x: np.sum(np.fft.fftfreq(4, 0.5) * x + np.fft.rfftfreq(7) * x))(np.ones(4))
    np.testing.assert_allclose(found, np.fft.fftfreq(4, 0.5) + np.fft.rfftfreq(7))


def test_an_empty_list_of_axes_changes_nothing():
    np.testing.assert_array_equal(
        jacobian(lambda x: np.fft.fftn(x, axes=()))(np.ones(2)), np.eye(2)
    )


@pytest.mark.parametrize(
    ("f", "error"),
    [
        (lambda x: np.fft.fft(x, 0), ExpressionValueError),
        (lambda x: np.fft.fft(x, norm="other"), ExpressionValueError),
        (lambda x: np.fft.hfft(x, norm="other"), ExpressionValueError),
        (lambda x: np.fft.fft(x, axis=2), ShapeError),
        (lambda x: np.fft.fftn(x, axes=(0, 0)), ShapeError),
        (lambda x: np.fft.fftn(x, s=(1,), axes=(0, 1)), ShapeError),
        (lambda x: np.fft.rfft(1j * x), ExpressionTypeError),
        (lambda x: np.fft.fft(x, out=np.zeros((2, 3), complex)), ExpressionTypeError),
        (lambda x: np.fft.irfft(x[:, :1]), ExpressionValueError),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(f, error):
    for run in (
        lambda: trace(f, (2, 3)),
        lambda: forward.jvp(f, (np.ones((2, 3)),), (np.ones((2, 3)),)),
    ):
        with pytest.raises(error) as caught:
            run()
        assert "\n" not in str(caught.value)


# convolution

LENGTHS = [(1, 1), (5, 1), (5, 2), (5, 3), (4, 4), (2, 5), (3, 6)]


@pytest.mark.parametrize("kind", [float, complex])
@pytest.mark.parametrize("mode", ["full", "same", "valid"])
@pytest.mark.parametrize("f", [np.convolve, np.correlate])
def test_convolutions_of_vectors(f, mode, kind):
    for m, n in LENGTHS:
        check_first_order(lambda a, v: f(a, v, mode), numbers(m, kind=kind), numbers(n, kind=kind))
    check_second_order(lambda a, v: f(a, v, mode), numbers(5, kind=kind), numbers(2, kind=kind))


def test_convolution_with_plain_numbers_lists_and_symbols():
    x = numbers(4)
    np.testing.assert_array_equal(
        jacobian(lambda v: np.convolve([1.0, 2.0], v))(x),
        np.eye(5, 4) + 2 * np.eye(5, 4, -1),
    )
    graph = np.convolve(symbol("x", (4,)), np.array([1.0, -1.0]), "valid")
    np.testing.assert_allclose(graph(x=x), np.diff(x))
    assert trace(lambda a: np.correlate(a, a), (3,)).shape == (1,)


def test_long_vectors_go_by_way_of_the_fourier_transform():
    a, v = numbers(5000), numbers(3000)
    w = numbers(7999)
    found = reverse.vjp(lambda x: np.convolve(x, v), a)[1](w)[0]
    np.testing.assert_allclose(found, np.correlate(w, v, "valid"), rtol=0, atol=1e-11)


@pytest.mark.parametrize("f", [np.convolve, np.correlate])
def test_convolutions_that_do_not_fit(f):
    for call, error in ((lambda x: f(x, np.ones((2, 2))), ShapeError),
                        (lambda x: f(x, np.ones(0)), ShapeError),
                        (lambda x: f(x, x, "other"), ExpressionValueError)):  # fmt: skip
        with pytest.raises(error):
            trace(call, (3,))
