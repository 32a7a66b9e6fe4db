"""The rows of linear algebra and of the Fourier transform: NumPy's values, one array each.

An operation has one result. That of a decomposition holds its parts flattened end to end along
the last axis (eigenvalues before eigenvectors, say); `parts` says which shapes they have, and
`diffexpr.matrices` takes them apart. Leading axes are a batch throughout.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from diffexpr.arrays import broadcast, row
from diffexpr.errors import MissingExtraError, ShapeError

Shape = tuple[int, ...]
Params = tuple[Any, ...]


# shapes


def square(op: str, shape: Shape) -> Shape:
    """The shape, if it is one of square matrices."""
    if len(shape) < 2 or shape[-1] != shape[-2]:
        raise ShapeError(f"{op} takes square matrices, got shape {shape}")
    return shape


def _squares(op: str) -> Callable[[Sequence[Shape], Params], Shape]:
    return lambda shapes, params: square(op, shapes[0])


def _numbers(op: str) -> Callable[[Sequence[Shape], Params], Shape]:
    return lambda shapes, params: square(op, shapes[0])[:-2]


def matrix(op: str, shape: Shape) -> tuple[Shape, int, int]:
    """Batch, rows and columns of a stack of matrices."""
    if len(shape) < 2:
        raise ShapeError(f"{op} takes matrices, got shape {shape}")
    return shape[:-2], shape[-2], shape[-1]


def parts(op: str, shape: Shape) -> list[Shape]:
    """The shapes of the parts of a decomposition of matrices of a shape, without the batch."""
    _, m, n = matrix(op, shape)
    if op in ("eigh", "eig"):
        square(op, shape)
        return [(n,), (n, n)]
    if op == "slogdet":
        square(op, shape)
        return [(), ()]
    if op == "qr":
        if m < n:
            raise ShapeError(f"the operation qr takes tall matrices, got shape {shape}")
        return [(m, n), (n, n)]
    k = min(m, n)
    return [(m, k), (k,), (k, n)]


def _packed(op: str) -> Callable[[Sequence[Shape], Params], Shape]:
    def shape(shapes: Sequence[Shape], params: Params) -> Shape:
        return (*shapes[0][:-2], sum(map(math.prod, parts(op, shapes[0]))))

    return shape


def _solve_shape(shapes: Sequence[Shape], params: Params) -> Shape:
    a, b = square("solve", shapes[0]), shapes[1]
    batch, rows, columns = matrix("solve", b)
    if a[-1] != rows:
        raise ShapeError(f"solve: a system of shape {a} does not fit right-hand sides {b}")
    return (*broadcast([a[:-2], batch]), rows, columns)


def _sylvester_shape(shapes: Sequence[Shape], params: Params) -> Shape:
    a, b = (square("solve_sylvester", shape) for shape in shapes[:2])
    batch, rows, columns = matrix("solve_sylvester", shapes[2])
    if (a[-1], b[-1]) != (rows, columns):
        raise ShapeError(f"solve_sylvester: shapes {a}, {b} and {shapes[2]} do not fit each other")
    return (*broadcast([a[:-2], b[:-2], batch]), rows, columns)


def _values_shape(op: str) -> Callable[[Sequence[Shape], Params], Shape]:
    def shape(shapes: Sequence[Shape], params: Params) -> Shape:
        batch, m, n = matrix(op, shapes[0])
        return (*batch, min(m, n))

    return shape


def _eigenvalues_shape(shapes: Sequence[Shape], params: Params) -> Shape:
    return square("eigenvalues", shapes[0])[:-1]


def _pinv_shape(shapes: Sequence[Shape], params: Params) -> Shape:
    batch, m, n = matrix("pinv", shapes[0])
    return (*batch, n, m)


def _fft_shape(shapes: Sequence[Shape], params: Params) -> Shape:
    if any(shapes[0][axis] == 0 for axis in params[0]):
        raise ShapeError(f"fft needs at least one point along its axes, got shape {shapes[0]}")
    return shapes[0]


# kinds


def real_kind(kind: np.dtype[Any], params: Params = ()) -> np.dtype[Any]:
    """The real kind of a precision."""
    return np.finfo(kind).dtype


def complex_kind(kind: np.dtype[Any], params: Params = ()) -> np.dtype[Any]:
    """The complex kind of a precision."""
    return np.result_type(kind, np.complex64)


# values


def _joined(*found: Any) -> Any:
    """Parts of a decomposition end to end."""
    return np.concatenate(found, axis=-1)


def _flat(x: Any) -> Any:
    return np.reshape(x, (*x.shape[:-2], x.shape[-2] * x.shape[-1]))


def _cofactor(x: Any) -> Any:
    """The derivative of the determinant: det(x) inv(x).T, at singular matrices its limit."""
    n = x.shape[-1]
    if n < 2:
        return np.ones(x.shape, x.dtype)
    if n == 2:
        return x[..., ::-1, ::-1] * np.array([[1, -1], [-1, 1]], x.dtype)
    if n == 3:
        first, second, third = np.moveaxis(x, -2, 0)
        rows = np.cross(second, third), np.cross(third, first), np.cross(first, second)
        return np.stack(rows, axis=-2)
    try:
        inverse = np.linalg.inv(x)
        sizes = np.linalg.norm(x, 1, (-2, -1)) * np.linalg.norm(inverse, 1, (-2, -1))
        # Half the digits left: beyond, the singular vectors lose none.
        if not np.any(sizes * np.sqrt(np.finfo(x.dtype).eps) >= 1):
            return np.linalg.det(x)[..., None, None] * np.swapaxes(inverse, -1, -2)
    except np.linalg.LinAlgError:
        pass
    u, s, vh = np.linalg.svd(x)
    turn = np.linalg.det(u) * np.linalg.det(vh)
    kept = np.where(np.eye(s.shape[-1], dtype=bool), s.dtype.type(1), s[..., None, :])
    others = np.prod(kept, axis=-1) * turn[..., None]
    return (np.conj(u) * others[..., None, :]) @ np.conj(vh)


def _slogdet(x: Any) -> Any:
    sign, logdet = np.linalg.slogdet(x)
    return np.stack([sign, logdet.astype(sign.dtype)], axis=-1)


def _eigh(x: Any, lower: bool) -> Any:
    w, v = np.linalg.eigh(x, "L" if lower else "U")
    return _joined(w, _flat(v))


def _eigvalsh(x: Any, lower: bool) -> Any:
    return np.linalg.eigvalsh(x, "L" if lower else "U")


def _eig(x: Any) -> Any:
    w, v = np.linalg.eig(x)
    return _joined(w, _flat(v)).astype(complex_kind(v.dtype))


def _eigvals(x: Any) -> Any:
    w = np.linalg.eigvals(x)
    return w.astype(complex_kind(w.dtype))


def _svd(x: Any, hermitian: bool) -> Any:
    u, s, vh = np.linalg.svd(x, full_matrices=False, hermitian=hermitian)
    return _joined(_flat(u), s, _flat(vh))


def _svdvals(x: Any, hermitian: bool) -> Any:
    return np.linalg.svd(x, compute_uv=False, hermitian=hermitian)


def _qr(x: Any) -> Any:
    q, r = np.linalg.qr(x)
    return _joined(_flat(q), _flat(r))


def _pinv(x: Any, rcond: float, hermitian: bool) -> Any:
    return np.linalg.pinv(x, rcond, hermitian)


def fft(x: Any, axes: Shape, inverse: bool) -> Any:
    """The Fourier sum over some axes, or the one with the opposite sign; neither is scaled."""
    if inverse:
        return np.fft.ifftn(x, axes=axes, norm="forward")
    return np.fft.fftn(x, axes=axes, norm="backward")


class SciPyMatrix:
    """A function of ``scipy.linalg`` on matrices, imported when first called, on any batch."""

    __slots__ = ("__name__",)

    def __init__(self, name: str) -> None:
        self.__name__ = name

    def __call__(self, *args: Any) -> Any:
        function = getattr(scipy_module("linalg", self.__name__), self.__name__)
        batch = np.broadcast_shapes(*(x.shape[:-2] for x in args))
        if not batch:
            return self._as_wide(function(*args), args)
        spread = [np.broadcast_to(x, (*batch, *x.shape[-2:])) for x in args]
        rows = [function(*(x[place] for x in spread)) for place in np.ndindex(batch)]
        if not rows:
            return np.zeros((*batch, *args[-1].shape[-2:]), np.result_type(*args))
        return self._as_wide(np.reshape(rows, (*batch, *rows[0].shape)), args)

    @staticmethod
    def _as_wide(found: Any, args: Sequence[Any]) -> Any:
        """As precise as the operands: SciPy widens some float32 matrices."""
        kind = np.result_type(*args)
        wide = complex_kind(kind) if np.iscomplexobj(found) else kind
        return np.asarray(found, wide)


_ROOT = SciPyMatrix("sqrtm")


def _sqrtm(x: Any) -> Any:
    """The root; of a real matrix whose root is complex NaN, as with ``np.sqrt(-1.0)``."""
    found = _ROOT(x)
    if found.dtype.kind == "c" and x.dtype.kind != "c":
        real = np.all(found.imag == 0, axis=(-2, -1), keepdims=True)
        return np.where(real, found.real, np.nan).astype(x.dtype)
    return found


def scipy_module(module: str, wanted_by: str) -> Any:
    """A module of SciPy, or the error that names the extra which brings it."""
    try:
        return importlib.import_module(f"scipy.{module}")
    except ImportError:
        raise MissingExtraError(
            f"{wanted_by} takes its values from SciPy, which is not installed; "
            "pip install 'crossdiff[special]'"
        ) from None


row("inv", np.linalg.inv, _squares("inv"))
row("solve", np.linalg.solve, _solve_shape)
row("det", np.linalg.det, _numbers("det"))
# The derivative of det, an operation of its own because it exists where the inverse does not.
row("cofactor", _cofactor, _squares("cofactor"))
row("slogdet", _slogdet, _packed("slogdet"))
row("cholesky", np.linalg.cholesky, _squares("cholesky"))
row("qr", _qr, _packed("qr"))
row("svd", _svd, _packed("svd"), "hermitian")
row("svdvals", _svdvals, _values_shape("svdvals"), "hermitian", dtype=real_kind)
row("eigh", _eigh, _packed("eigh"), "lower")
row("eigvalsh", _eigvalsh, _eigenvalues_shape, "lower", dtype=real_kind)
row("eig", _eig, _packed("eig"), dtype=complex_kind)
row("eigvals", _eigvals, _eigenvalues_shape, dtype=complex_kind)
row("pinv", _pinv, _pinv_shape, "rcond", "hermitian")
row("fft", fft, _fft_shape, "axes", "inverse", dtype=complex_kind)
row("expm", SciPyMatrix("expm"), _squares("expm"))
row("sqrtm", _sqrtm, _squares("sqrtm"))
row("solve_sylvester", SciPyMatrix("solve_sylvester"), _sylvester_shape)
