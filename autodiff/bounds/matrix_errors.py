"""Rounding errors of the operations on matrices, for exact operands, in units of eps.

LAPACK's algorithms give the exact result of a matrix that is off by a modest multiple of n eps
times its norm; each bound is that change times the size of the derivative by the matrix. Sources:
Higham (2002), *Accuracy and Stability of Numerical Algorithms*, chapters 9, 10, 14, 19 and 24;
LAPACK Users' Guide (3rd edition), sections 4.7 to 4.9, for eigenvalues and singular values.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from diffexpr.matrix_rows import parts

Bound = Callable[[Any, tuple[Any, ...], tuple[Any, ...]], Any]

GROWTH = 4
"""The modest multiple."""


def _size(x: Any) -> Any:
    """The Frobenius norm of each matrix, as a matrix of one entry."""
    return np.sqrt(np.sum(np.abs(x) ** 2, axis=(-2, -1), keepdims=True))


def _moved(x: Any) -> Any:
    return GROWTH * max(x.shape[-2:]) * _size(x)


def _inverse(x: Any) -> Any:
    try:
        return np.linalg.inv(x)
    except np.linalg.LinAlgError:
        return np.full(x.shape, np.inf)


def _inv(y: Any, operands: Any, params: Any) -> Any:
    return np.broadcast_to(_size(y) ** 2 * _moved(operands[0]), y.shape)


def _solve(y: Any, operands: Any, params: Any) -> Any:
    a = operands[0]
    return np.broadcast_to(_size(_inverse(a)) * _moved(a) * _size(y), y.shape)


def _det(y: Any, operands: Any, params: Any) -> Any:
    x = operands[0]
    n = x.shape[-1]
    s = np.linalg.svd(x, compute_uv=False)
    # The largest of the products of all singular values but one, n times.
    slope = np.prod(s[..., : n - 1], axis=-1)
    return n * slope * _moved(x)[..., 0, 0] + n * np.abs(y)


def _cofactor(y: Any, operands: Any, params: Any) -> Any:
    x = operands[0]
    n = x.shape[-1]
    s = np.linalg.svd(x, compute_uv=False)
    slope = np.prod(s[..., : max(n - 2, 0)], axis=-1)[..., None, None]
    return np.broadcast_to(n * n * slope * _moved(x), y.shape)


def _slogdet(y: Any, operands: Any, params: Any) -> Any:
    x = operands[0]
    size = (_size(_inverse(x)) * _moved(x))[..., 0, 0]
    sign = size if y.dtype.kind == "c" else np.zeros(size.shape)
    return np.stack([sign, size + np.abs(y[..., 1])], axis=-1)


def _cholesky(y: Any, operands: Any, params: Any) -> Any:
    x = operands[0]
    bound = _size(y) * _size(_inverse(x)) * _moved(x)
    return np.tri(y.shape[-1]) * bound


def _joined(op: str, x: Any, *bounds: Any) -> Any:
    """Bounds for all of each part, end to end."""
    batch = x.shape[:-2]
    shapes = parts(op, x.shape)
    rows = [
        np.broadcast_to(bound, (*batch, *shape)).reshape(*batch, math.prod(shape))
        for bound, shape in zip(bounds, shapes, strict=True)
    ]
    return np.concatenate(rows, axis=-1)


def _gaps(values: Any) -> Any:
    """The distance of each value from the nearest other one."""
    n = values.shape[-1]
    apart = np.abs(values[..., None, :] - values[..., :, None])
    return np.min(np.where(np.eye(n, dtype=bool), np.inf, apart), axis=-1, initial=np.inf)


def _part(op: str, y: Any, x: Any, k: int) -> Any:
    shapes = parts(op, x.shape)
    sizes = [math.prod(shape) for shape in shapes]
    start = sum(sizes[:k])
    return y[..., start : start + sizes[k]].reshape(*y.shape[:-1], *shapes[k])


def _qr(y: Any, operands: Any, params: Any) -> Any:
    x = operands[0]
    r = _part("qr", y, x, 1)
    q_error = _size(_inverse(r)) * _moved(x)
    return _joined("qr", x, q_error, q_error * _size(r))


def _eigh(y: Any, operands: Any, params: Any) -> Any:
    x = operands[0]
    w = np.real(_part("eigh", y, x, 0))
    moved = _moved(x)
    return _joined("eigh", x, moved[..., 0], moved / _gaps(w)[..., None, :])


def _values(y: Any, operands: Any, params: Any) -> Any:
    return np.broadcast_to(_moved(operands[0])[..., 0], y.shape)


def _svd(y: Any, operands: Any, params: Any) -> Any:
    x = operands[0]
    s = np.real(_part("svd", y, x, 1))
    moved = _moved(x)
    # Vectors turn by 1/gap, and those that leave a space of fewer dimensions by 1/s.
    near = np.minimum(_gaps(s), s)
    return _joined("svd", x, moved / near[..., None, :], moved[..., 0], moved / near[..., :, None])


def _eig(y: Any, operands: Any, params: Any) -> Any:
    x = operands[0]
    w, v = (_part("eig", y, x, k) for k in (0, 1))
    moved = _moved(x) * _size(v) * _size(_inverse(v))
    return _joined("eig", x, moved[..., 0], moved / _gaps(w)[..., None, :])


def _eigvals(y: Any, operands: Any, params: Any) -> Any:
    x = operands[0]
    v = np.linalg.eig(x).eigenvectors
    return np.broadcast_to((_moved(x) * _size(v) * _size(_inverse(v)))[..., 0], y.shape)


def _pinv(y: Any, operands: Any, params: Any) -> Any:
    return np.broadcast_to(3 * _size(y) ** 2 * _moved(operands[0]), y.shape)


def _fft(y: Any, operands: Any, params: Any) -> Any:
    x, axes = operands[0], params[0]
    count = math.prod(x.shape[axis] for axis in axes)
    size = np.sqrt(count * np.sum(np.abs(x) ** 2, axis=axes, keepdims=True))
    return np.broadcast_to(GROWTH * max(math.log2(count), 1) * size, y.shape)


def _expm(y: Any, operands: Any, params: Any) -> Any:
    x = operands[0]
    # The derivative of the exponential is no larger than exp of the norm.
    return np.broadcast_to(_moved(x) * np.exp(np.minimum(_size(x), 700)), y.shape)


def _sylvester_size(a: Any, b: Any) -> Any:
    """The norm of the inverse of ``X -> A X + X B``, from its eigenvalues and vectors."""
    (p, u), (q, v) = np.linalg.eig(a), np.linalg.eig(b)
    nearest = np.min(np.abs(p[..., :, None] + q[..., None, :]), axis=(-2, -1), keepdims=True)
    return _size(u) * _size(_inverse(u)) * _size(v) * _size(_inverse(v)) / nearest


def _sqrtm(y: Any, operands: Any, params: Any) -> Any:
    return np.broadcast_to(_sylvester_size(y, y) * _moved(y) * _size(y), y.shape)


def _solve_sylvester(y: Any, operands: Any, params: Any) -> Any:
    a, b, _ = operands
    moved = (_moved(a) + _moved(b)) * _size(y)
    return np.broadcast_to(_sylvester_size(a, b) * moved, y.shape)


BOUNDS: dict[str, Bound] = {
    "inv": _inv,
    "solve": _solve,
    "det": _det,
    "cofactor": _cofactor,
    "slogdet": _slogdet,
    "cholesky": _cholesky,
    "qr": _qr,
    "svd": _svd,
    "svdvals": _values,
    "eigh": _eigh,
    "eigvalsh": _values,
    "eig": _eig,
    "eigvals": _eigvals,
    "pinv": _pinv,
    "fft": _fft,
    "expm": _expm,
    "sqrtm": _sqrtm,
    "solve_sylvester": _solve_sylvester,
}
