"""Complex arguments and values: the convention is JAX's, and whatever it cannot say is an error."""

import numpy as np
import pytest

import autodiff
from autodiff import forward, reverse
from autodiff.boxes import Box
from diffexpr import symbol
from diffexpr.errors import ExpressionValueError

MODES = (forward, reverse, autodiff)
Z = np.array([1 + 2j, 3 - 1j, -0.5 + 0.25j])
H = 1e-6

pytestmark = pytest.mark.parametrize("ad", MODES, ids=["forward", "reverse", "best"])


def by_parts(f, z):
    """df/dx - i df/dy of a real function, by central differences."""
    found = np.zeros(z.shape, complex)
    for i in np.ndindex(z.shape):
        for unit in (1, 1j):
            step = np.zeros(z.shape, complex)
            step[i] = H * unit
            found[i] += (f(z + step) - f(z - step)) / (2 * H) * np.conj(unit)
    return found


REAL_RESULTS = {
    "square of the modulus": lambda z: np.sum(np.abs(z) ** 2),
    "modulus": lambda z: np.sum(np.abs(z)),
    "angle": lambda z: np.sum(np.angle(z)),
    "degrees": lambda z: np.sum(np.angle(z, deg=True)) / 100,
    "real part of a product": lambda z: np.sum((z * np.conj(z) * z).real),
    "imaginary part": lambda z: np.sum(np.imag(np.exp(z))),
    "method": lambda z: np.sum((z.conj() * 1j * z**2).imag),
    "vdot": lambda z: np.real(np.vdot(z, z**2)),
    "sign": lambda z: np.sum(np.real(np.sign(z) * (1 + 2j))),
    "norm": lambda z: np.linalg.norm(z),
    "fourier": lambda z: np.sum(np.abs(np.fft.fft(z)) ** 2 * np.arange(3)),
    "real and back": lambda z: np.sum(np.real(1j * np.real(z**2) * z)),
}


@pytest.mark.parametrize("name", REAL_RESULTS)
def test_gradient_of_a_real_result(ad, name):
    f = REAL_RESULTS[name]
    found = ad.grad(f)(Z)
    assert found.dtype == complex
    np.testing.assert_allclose(found, by_parts(f, Z), rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("name", REAL_RESULTS)
def test_tangent_is_the_real_pairing_with_the_gradient(ad, name):
    f, v = REAL_RESULTS[name], np.array([0.3 - 1j, 2j, 1 + 1j])
    value, tangent = ad.jvp(f, (Z,), (v,))
    assert np.isrealobj(value)
    assert np.isrealobj(tangent)
    np.testing.assert_allclose(tangent, np.real(np.sum(ad.grad(f)(Z) * v)), rtol=1e-12)


def test_holomorphic_functions_have_their_derivative(ad):
    f = lambda z: np.exp(z) * z**2 / (1 + z)  # noqa: E731
    slope = np.exp(Z) * Z * (Z**2 + 2 * Z + 2) / (1 + Z) ** 2
    np.testing.assert_allclose(np.diag(ad.jacobian(f)(Z)), slope, rtol=1e-13)
    np.testing.assert_allclose(ad.derivative(f)(Z), slope, rtol=1e-13)
    assert ad.grad(f)(Z[0]) == pytest.approx(slope[0], rel=1e-13)
    _, pullback = ad.vjp(f, Z)
    np.testing.assert_allclose(pullback(1j * Z)[0], 1j * Z * slope, rtol=1e-13)


def test_what_is_not_holomorphic_has_no_single_derivative(ad):
    for f in (np.conj, lambda z: 1j * np.real(z), lambda z: np.abs(z) * z):
        with pytest.raises(ExpressionValueError, match="holomorphic"):
            ad.jacobian(f)(Z)
        with pytest.raises(ExpressionValueError, match="holomorphic"):
            ad.grad(lambda z, f=f: f(z)[0])(Z)


def test_jacobian_of_a_complex_result_by_a_real_argument(ad):
    x = np.array([0.3, 0.7])
    f = lambda x: np.array([1j, 2.0]) * np.real(np.exp(1j * x)) + x**2 * 1j  # noqa: E731
    wanted = np.diag(-np.array([1j, 2.0]) * np.sin(x) + 2j * x)
    np.testing.assert_allclose(ad.jacobian(f)(x), wanted, rtol=1e-13)
    with pytest.raises(ExpressionValueError, match="use jacobian"):
        ad.grad(lambda x: 1j * x)(1.0)


def test_gradients_by_real_arguments_are_real(ad):
    def f(a, z):
        return np.sum(np.abs(a * z + 1j * a**2) ** 2)

    a = np.array([0.3, -1.2, 2.0])
    by_a, by_z = ad.grad(f, (0, 1))(a, Z)
    assert by_a.dtype == float
    assert by_z.dtype == complex
    np.testing.assert_allclose(by_z, by_parts(lambda z: f(a, z), Z), rtol=1e-7)
    steps = [(f(a + H * e, Z) - f(a - H * e, Z)) / (2 * H) for e in np.eye(3)]
    np.testing.assert_allclose(by_a, steps, rtol=1e-7)


def test_second_derivatives_behind_complex_numbers_are_real(ad):
    f = lambda a: np.sum(np.sin(np.real((a + 1j) ** 2)))  # noqa: E731
    a = np.array([0.3, 0.7])
    wanted = np.diag(2 * np.cos(a**2 - 1) - 4 * a**2 * np.sin(a**2 - 1))
    for found in (ad.hessian(f)(a), np.stack([ad.hvp(f, a, e) for e in np.eye(2)])):
        assert np.isrealobj(found)
        np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-15)


def test_modulus_at_zero_has_gradient_zero(ad):
    assert ad.grad(np.abs)(0j) == 0
    assert ad.grad(lambda z: np.linalg.norm(z))(np.zeros(2, complex)).tolist() == [0, 0]


def test_real_operands_have_no_imaginary_part(ad):
    def f(x):
        kept = x.real if isinstance(x, Box) else np.real(x)
        assert np.all(np.imag(x) == 0)
        assert not np.iscomplexobj(x)
        return np.sum(np.conj(kept) * np.real(x) + np.angle(x))

    np.testing.assert_array_equal(ad.grad(f)(np.array([1.0, -2.0])), [2, -4])


def test_complex64_stays_complex64(ad):
    z = Z.astype(np.complex64)
    assert ad.grad(lambda z: np.sum(np.abs(z) ** 2))(z).dtype == np.complex64


def test_expressions_of_complex_symbols(ad):
    z = symbol("z", (3,), complex)
    (slope,) = (ad.grad(np.sum(np.abs(z * np.conj(z)) + np.imag(z))),)
    slope = slope[0] if isinstance(slope, tuple) else slope
    np.testing.assert_allclose(slope(z=Z), 2 * np.conj(Z) - 1j, rtol=1e-13)


def test_derivative_of_a_real_result_by_a_complex_variable(ad):
    np.testing.assert_allclose(ad.derivative(lambda z: np.abs(z) ** 2)(Z), 2 * np.conj(Z))
    for f in (np.conj, lambda z: 1j * np.real(z)):
        with pytest.raises(ExpressionValueError, match="holomorphic"):
            ad.derivative(f)(1 + 2j)
    with pytest.raises(ExpressionValueError, match="order 2"):
        ad.derivative(np.abs, n=2)(1 + 2j)
    assert ad.derivative(np.exp, n=4)(1j) == pytest.approx(np.exp(1j), rel=1e-13)


def test_cotangents_of_real_arguments_are_real(ad):
    _, pullback = ad.vjp(lambda x: np.exp(1j * x), np.array([0.3]))
    (found,) = pullback(np.array([1 + 2j]))
    np.testing.assert_allclose(found, np.real(1j * np.exp(0.3j) * (1 + 2j)), rtol=1e-14)
    assert np.isrealobj(found)
