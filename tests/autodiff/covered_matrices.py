"""Linear algebra and Fourier transforms, by NumPy's names; convolutions."""

import numpy as np
from covered import M, S, T, V, W, case, sample

REGULAR = S + 2 * np.eye(3)
TALL = sample(4, 2)
BATCH = sample(2, 3, 3) + 2 * np.eye(3)


def symmetric(a):
    """A symmetric positive matrix of which every element of ``a`` is a part."""
    return a @ np.swapaxes(a, -1, -2) + np.diag(np.arange(1.0, 4.0))


MATRIX = {
    "inv": (np.linalg.inv, REGULAR),
    "det": (np.linalg.det, BATCH),
    "slogdet": (np.linalg.slogdet, REGULAR),
    "cholesky": (lambda a: np.linalg.cholesky(symmetric(a)), REGULAR),
    "eigh": (lambda a: np.linalg.eigh(symmetric(a))[0], REGULAR),
    "eigvalsh": (lambda a: np.linalg.eigvalsh(symmetric(a)), BATCH),
    "eigvals": (lambda a: np.real(np.linalg.eigvals(symmetric(a))), REGULAR),
    "eig": (lambda a: np.real(np.linalg.eig(symmetric(a))[0]), REGULAR),
    "svdvals": (np.linalg.svdvals, TALL),
    "svd": (lambda a: np.linalg.svd(a, full_matrices=False)[1], TALL),
    "qr": (lambda a: np.linalg.qr(a), TALL),
    "pinv": (np.linalg.pinv, TALL),
    "matrix_power": (lambda a: np.linalg.matrix_power(a, 3), S),
    "norm": (np.linalg.norm, M),
    "matrix_norm": (lambda a: np.linalg.matrix_norm(a), BATCH),
    "vector_norm": (lambda a: np.linalg.vector_norm(a, axis=1), M),
    "cond": (lambda a: np.linalg.cond(a), REGULAR),
    "trace": (np.linalg.trace, BATCH),
    "diagonal": (np.linalg.diagonal, BATCH),
    "matrix_transpose": (np.linalg.matrix_transpose, BATCH),
    "tensorinv": (lambda a: np.linalg.tensorinv(a, ind=1), sample(4, 2, 2) + 1),
}
for name, (f, a) in MATRIX.items():
    case(f"np.linalg.{name}", f, a)
case("np.linalg.inv", np.linalg.inv, BATCH)
case("np.linalg.matrix_power", lambda a: np.linalg.matrix_power(a, -2), REGULAR)
for ord in (1, 2, 3, -1, np.inf, -np.inf):
    case("np.linalg.norm", lambda v, o=ord: np.linalg.norm(v, o), V)
for ord in ("fro", "nuc", 1, 2, np.inf):
    case("np.linalg.norm", lambda a, o=ord: np.linalg.norm(a, o), M)
case("np.linalg.eigh", lambda a: np.linalg.eigh(symmetric(a))[1] ** 2, REGULAR)
case("np.linalg.svd", lambda a: [u**2 for u in np.linalg.svd(a, full_matrices=False)], TALL)
case("np.linalg.solve", np.linalg.solve, REGULAR, V[:3])
case("np.linalg.solve", np.linalg.solve, BATCH, sample(2, 3, 2))
case("np.linalg.lstsq", lambda a, b: np.linalg.lstsq(a, b)[0], TALL, V[:4])
case("np.linalg.multi_dot", lambda a, b, c: np.linalg.multi_dot([a, b, c]), M, S, V[:3])
case("np.linalg.cross", np.linalg.cross, M, V[:3])
case("np.linalg.outer", np.linalg.outer, V, W)
case("np.linalg.matmul", np.linalg.matmul, M, S)
case("np.linalg.tensordot", lambda a, b: np.linalg.tensordot(a, b, axes=1), M, S)
case("np.linalg.vecdot", np.linalg.vecdot, M, V[:3])
case("np.linalg.tensorsolve", np.linalg.tensorsolve, sample(2, 2, 4) + 1, TALL[:2])

# transforms

FIVE, GRID = V, sample(3, 4)
for name in ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft"):
    f = getattr(np.fft, name)
    case(f"np.fft.{name}", lambda x, f=f: f(x), FIVE)
    case(f"np.fft.{name}", lambda x, f=f: f(x, n=6, axis=0, norm="ortho"), GRID)
for name in ("fft2", "ifft2", "rfft2", "irfft2", "fftn", "ifftn", "rfftn", "irfftn"):
    case(f"np.fft.{name}", getattr(np.fft, name), GRID)
for name in ("fftshift", "ifftshift"):
    case(f"np.fft.{name}", getattr(np.fft, name), GRID)
for mode in ("full", "same", "valid"):
    case("np.convolve", lambda a, v, m=mode: np.convolve(a, v, m), V, W[:3])
    case("np.correlate", lambda a, v, m=mode: np.correlate(a, v, m), V, W[:3])
case("np.linalg.norm", lambda x: np.linalg.norm(x, axis=(0, 2)), T)
