"""Fourier transforms, filters, curves and images; tensors and quantum states."""

import numpy as np
from user_functions import at, numbers, positive


@at(numbers(12))
def low_pass(x):
    spectrum = np.fft.rfft(x) * np.exp(-((np.fft.rfftfreq(12) * 10) ** 2))
    return np.sum(np.fft.irfft(spectrum, 12) ** 3)


@at(numbers(12))
def spectral_centroid(x):
    power = np.abs(np.fft.fft(x * np.hanning(12))) ** 2
    return np.sum(power * np.arange(12)) / np.sum(power)


@at(numbers(8))
def envelope_by_hilbert(x):
    weights = np.zeros(8)
    weights[[0, 4]] = 1
    weights[1:4] = 2
    return np.sum(np.abs(np.fft.ifft(np.fft.fft(x) * weights)))


@at(numbers(16))
def short_time_spectrum(x):
    frames = np.stack([x[i : i + 8] * np.hamming(8) for i in range(0, 9, 4)])
    return np.sum(np.log1p(np.abs(np.fft.rfft(frames, axis=1)) ** 2))


@at(numbers(10))
def autocorrelation(x):
    x = x - x.mean()
    r = np.correlate(x, x, mode="full")[len(x) - 1 :]
    return np.sum((r / r[0])[:5] * np.arange(5))


@at(numbers(8), analytic=True)
def haar_wavelets(x):
    total = 0.0
    while len(x) > 1:
        detail, x = (x[::2] - x[1::2]) / np.sqrt(2), (x[::2] + x[1::2]) / np.sqrt(2)
        total = total + np.sum(np.sqrt(detail**2 + 0.01))
    return total + x[0]


@at(np.array([0.3, 0.5]), analytic=True)
def recursive_filter(p):
    y, path = 0.0, []
    for t in range(10):
        y = p[0] * np.sin(t) + p[1] * y
        path.append(y)
    return np.sum(np.array(path) ** 2)


@at(np.array([0.31, 1.47, 2.65]))
def interpolated_points(x):
    return np.sum(np.interp(x, np.arange(5.0), np.array([0.0, 1, 4, 9, 16])) ** 2)


@at(np.array([0.3, -0.2]), numbers(6, 6))
def image_moved_bilinearly(shift, image):
    down, right = np.meshgrid(np.arange(4.0), np.arange(4.0), indexing="ij")
    down, right = down + 0.55 + shift[0], right + 0.7 + shift[1]
    i, j = np.floor(down).astype(int), np.floor(right).astype(int)
    a, b = down - i, right - j
    upper = image[i, j] * (1 - b) + image[i, j + 1] * b
    lower = image[i + 1, j] * (1 - b) + image[i + 1, j + 1] * b
    return np.sum((upper * (1 - a) + lower * a) ** 2)


@at(numbers(6), analytic=True)
def natural_spline(y):
    system = 4 * np.eye(4) + np.eye(4, k=1) + np.eye(4, k=-1)
    bend = np.concatenate([[0.0], np.linalg.solve(system, 6 * np.diff(y, 2)), [0.0]])
    s, t = 0.7, 0.3
    middle = s * y[:-1] + t * y[1:] + ((s**3 - s) * bend[:-1] + (t**3 - t) * bend[1:]) / 6
    return np.sum(middle**2)


@at(numbers(4, 2), analytic=True)
def curve_by_de_casteljau(points):
    def go(q, t):
        return q[0] if len(q) == 1 else go((1 - t) * q[:-1] + t * q[1:], t)

    return np.sum(go(points, 0.3) ** 3)


@at(np.array(1.37), analytic=False)
def spline_by_cox_and_de_boor(x):
    knots = list(range(7))

    def basis(i, k):
        if k == 0:
            return 1.0 if knots[i] <= x < knots[i + 1] else 0.0
        rise = (x - knots[i]) / (knots[i + k] - knots[i])
        fall = (knots[i + k + 1] - x) / (knots[i + k + 1] - knots[i + 1])
        return rise * basis(i, k - 1) + fall * basis(i + 1, k - 1)

    return 2 * basis(0, 3) + basis(1, 3)


@at(numbers(4, 4))
def directions_in_an_image(image):
    down, right = np.gradient(image)
    angle, size = np.arctan2(down, right), np.hypot(right, down)
    near = np.exp(-0.5 * (angle[..., None] - np.linspace(-3, 3, 5)) ** 2)
    return np.sum(near * size[..., None], axis=(0, 1))[2]


@at(numbers(4, 4))
def image_pooled_and_grown(image):
    small = image.reshape(2, 2, 2, 2).mean(axis=(1, 3))
    large = np.repeat(np.repeat(small, 2, 0), 2, axis=1)
    turned = np.rot90(image) * np.flipud(image) + np.fliplr(image) * image.T
    return np.sum((image - large) ** 2 * image) + np.sum(turned) + np.sum(np.tile(small, 2) ** 3)


@at(numbers(2, 3, 3), analytic=True)
def matrix_product_state(tensors):
    state = np.eye(3)
    for bit in (0, 1, 1, 0):
        state = state @ tensors[bit]
    transfer = sum(np.kron(t, t) for t in tensors)
    return np.trace(state) ** 2 / np.trace(np.linalg.matrix_power(transfer, 4))


@at(numbers(2, 3, 2), analytic=True)
def contracted_tensors(t):
    return (
        np.tensordot(t, t, axes=([0, 1], [0, 1])).trace()
        + np.einsum("ijk,ilk->jl", t, t)[0, 1]
        + np.einsum("iaj,jbi->ab", t, t[:, :, ::-1]).sum() ** 2
        + np.inner(t[0], t[1]).sum()
    )


@at(np.array([0.3, 1.1, -0.4]))
def quantum_circuit(angles):
    x = np.array([[0, 1], [1, 0]])
    y, z = np.array([[0, -1j], [1j, 0]]), np.diag([1.0, -1.0])
    swap = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]])

    def turn(axis, t):
        return np.cos(t / 2) * np.eye(2) - 1j * np.sin(t / 2) * axis

    state = np.kron(turn(x, angles[0]), turn(y, angles[1])) @ np.array([1, 0, 0, 0], complex)
    state = np.kron(np.eye(2), turn(z, angles[2])) @ swap @ state
    state = np.kron(turn(y, angles[2]), np.eye(2)) @ state
    return np.real(np.vdot(state, np.kron(z, x) @ state))


@at(numbers(3))
def purity_of_a_qubit(a):
    pauli = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
    rho = (np.eye(2) + np.einsum("k,kij->ij", a / (1 + a @ a), pauli)) / 2
    return np.real(np.trace(rho @ rho)) + np.abs(rho[0, 1]) ** 2


@at(np.array([0.8, 0.3]))
def impedance_of_a_circuit(p):
    frequency = np.linspace(0.5, 2, 7)
    z = p[0] + 1j * (frequency * p[1] - 1 / frequency)
    return np.sum(20 * np.log10(np.abs(1 / z)) + np.angle(z))


@at(np.array([0.4, 0.9]))
def mandelbrot_potential(p):
    z, c = 0j, p[0] + 1j * p[1]
    for _ in range(5):
        z = z * z + c
    return np.log(np.abs(z))


@at(numbers(3, 3))
def levels_of_a_hermitian_matrix(a):
    return np.sum(np.linalg.eigvalsh(a + a.T + 1j * (a - a.T)) ** 3)


@at(positive(5))
def unwrapped_phase(x):
    return np.sum(np.unwrap(np.cumsum(x) * 2.5) * x)
