"""``scipy.linalg`` on values that are being differentiated, with SciPy's signatures.

On plain arrays each function is SciPy's own. Options about memory and checks (``overwrite_a``,
``check_finite``, ...) are taken and change nothing; what SciPy has and this module has not works
on plain arrays and says so on any other.

Examples
--------
>>> import numpy as np
>>> from autodiff import grad
>>> from autodiff.scipy import linalg
>>> grad(lambda a: np.trace(linalg.expm(a)))(np.zeros((2, 2)))
array([[1., 0.],
       [0., 1.]])
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.scipy.banded import solve_banded
from autodiff.scipy.plain import attribute, of_scipy, only
from diffexpr import decompositions, linear_algebra, norms
from diffexpr.apply import apply
from diffexpr.errors import ExpressionValueError, MissingRuleError, ShapeError
from diffexpr.matrices import adjoint, conjugate, identity, operand, real, turned
from diffexpr.operands import float_kind, is_symbolic, plain, shape_of
from diffexpr.shapes import ravel

__all__ = [
    "block_diag",
    "cho_factor",
    "cho_solve",
    "cholesky",
    "det",
    "eig",
    "eigh",
    "eigvals",
    "eigvalsh",
    "expm",
    "inv",
    "lstsq",
    "norm",
    "pinv",
    "qr",
    "solve",
    "solve_banded",
    "solve_continuous_lyapunov",
    "solve_sylvester",
    "solve_triangular",
    "sqrtm",
    "svd",
    "svdvals",
    "toeplitz",
]  # fmt: skip

_linalg = of_scipy("linalg")


def __getattr__(name: str) -> Any:
    """Anything else of ``scipy.linalg``, for plain arrays."""
    return attribute("linalg", name)


def _half(a: Any, lower: bool, offset: int = 0) -> Any:
    """One triangle, with zeros, not multiples of 0, in the other."""
    n = shape_of(a)[-1]
    mask = np.tri(n, k=-offset, dtype=bool)
    return apply("where", (mask if lower else mask.T, a, 0))


def _of_triangle(a: Any, lower: bool) -> Any:
    """The Hermitian matrix of which one triangle is given."""
    strict = _half(a, lower, 1)
    return strict + adjoint(strict) + identity(shape_of(a)[-1], a) * real(a)


@_linalg
def inv(
    a: Any, overwrite_a: bool = False, check_finite: bool = True, *, assume_a: Any = None,
    lower: Any = None,
) -> Any:  # fmt: skip
    """The inverse."""
    return linear_algebra.inv(_assumed(operand(a), assume_a, bool(lower)))


@_linalg
def det(a: Any, overwrite_a: bool = False, check_finite: bool = True) -> Any:
    """The determinant."""
    return linear_algebra.det(a)


def _assumed(a: Any, structure: Any, lower: bool) -> Any:
    """The matrix as it is read: whole, or one triangle of a symmetric or triangular one."""
    if structure in (None, "gen", "general"):
        return a
    if structure in ("pos", "her", "positive definite", "hermitian"):
        return _of_triangle(a, lower)
    if structure in ("sym", "symmetric"):
        strict = _half(a, lower, 1)
        return strict + turned(strict) + identity(shape_of(a)[-1], a) * a
    if structure in ("lower triangular", "upper triangular"):
        return _half(a, structure.startswith("lower"))
    raise ExpressionValueError(
        f"assume_a={structure!r} is not read here; leave it out, or use 'gen', 'sym', 'her', 'pos'"
    )


@_linalg
def solve(
    a: Any, b: Any, lower: bool = False, overwrite_a: bool = False, overwrite_b: bool = False,
    check_finite: bool = True, assume_a: Any = None, transposed: bool = False,
) -> Any:  # fmt: skip
    """The solution of ``a @ x = b``."""
    a = _assumed(operand(a), assume_a, lower)
    return linear_algebra.solve(turned(a) if transposed else a, b)


@_linalg
def solve_triangular(
    a: Any, b: Any, trans: Any = 0, lower: bool = False, unit_diagonal: bool = False,
    overwrite_b: bool = False, check_finite: bool = True,
) -> Any:  # fmt: skip
    """The solution of ``a @ x = b`` for a triangular matrix, of which one triangle is read."""
    a = _half(operand(a), lower, 1 if unit_diagonal else 0)
    if unit_diagonal:
        a = a + identity(shape_of(a)[-1], a)
    if trans in (1, "T"):
        a = turned(a)
    elif trans in (2, "C"):
        a = adjoint(a)
    elif trans not in (0, "N"):
        raise ExpressionValueError(f"solve_triangular: trans={trans!r} is none of 0, 1, 2")
    return linear_algebra.solve(a, b)


@_linalg
def cholesky(
    a: Any, lower: bool = False, overwrite_a: bool = False, check_finite: bool = True
) -> Any:
    """The Cholesky factor, upper unless ``lower``; the same triangle of the matrix is read."""
    return decompositions.cholesky(a, upper=not lower)


@_linalg
def cho_factor(
    a: Any, lower: bool = False, overwrite_a: bool = False, check_finite: bool = True
) -> tuple[Any, bool]:
    """The Cholesky factor for `cho_solve`; its other triangle is 0, where SciPy leaves numbers."""
    return decompositions.cholesky(a, upper=not lower), lower


@_linalg
def cho_solve(
    c_and_lower: tuple[Any, bool], b: Any, overwrite_b: bool = False, check_finite: bool = True
) -> Any:
    """The solution of ``a @ x = b`` from the Cholesky factor of ``a``."""
    c, lower = c_and_lower
    c = _half(operand(c), lower)
    first, second = (c, adjoint(c)) if lower else (adjoint(c), c)
    return linear_algebra.solve(second, linear_algebra.solve(first, b))


@_linalg
def eigh(
    a: Any, b: Any = None, *, lower: bool = True, eigvals_only: bool = False,
    overwrite_a: bool = False, overwrite_b: bool = False, type: int = 1,
    check_finite: bool = True, subset_by_index: Any = None, subset_by_value: Any = None,
    driver: Any = None,
) -> Any:  # fmt: skip
    """Eigenvalues and eigenvectors of a Hermitian matrix, or of a pair ``a @ v = w * b @ v``.

    Method: Golub and Van Loan (2013), *Matrix Computations*, algorithm 8.7.1.
    """
    only("eigh", subset_by_index=subset_by_index, subset_by_value=subset_by_value)
    if type != 1:
        raise MissingRuleError(f"eigh(type={type}) has no derivative here; use type=1")
    uplo = "L" if lower else "U"
    if b is None:
        return decompositions.eigvalsh(a, uplo) if eigvals_only else decompositions.eigh(a, uplo)
    factor = decompositions.cholesky(_of_triangle(operand(b), lower))
    half = linear_algebra.solve(factor, _of_triangle(operand(a), lower))
    reduced = linear_algebra.solve(factor, adjoint(half))
    if eigvals_only:
        return decompositions.eigvalsh(reduced)
    w, v = decompositions.eigh(reduced)
    return w, linear_algebra.solve(adjoint(factor), v)


@_linalg
def eigvalsh(
    a: Any, b: Any = None, *, lower: bool = True, overwrite_a: bool = False,
    overwrite_b: bool = False, type: int = 1, check_finite: bool = True,
    subset_by_index: Any = None, subset_by_value: Any = None, driver: Any = None,
) -> Any:  # fmt: skip
    """Eigenvalues of a Hermitian matrix, or of a pair."""
    return eigh(a, b, lower=lower, eigvals_only=True, type=type,
                subset_by_index=subset_by_index, subset_by_value=subset_by_value)  # fmt: skip


@_linalg
def eig(
    a: Any, b: Any = None, left: bool = False, right: bool = True, overwrite_a: bool = False,
    overwrite_b: bool = False, check_finite: bool = True, homogeneous_eigvals: bool = False,
) -> Any:  # fmt: skip
    """Eigenvalues, complex always as SciPy's are, and right eigenvectors."""
    only("eig", b=b is not None, left=left, homogeneous_eigvals=homogeneous_eigvals)
    w, v = decompositions.eig(a)
    return (w + 0j, v) if right else w + 0j


@_linalg
def eigvals(
    a: Any, b: Any = None, overwrite_a: bool = False, check_finite: bool = True,
    homogeneous_eigvals: bool = False,
) -> Any:  # fmt: skip
    """Eigenvalues, complex always as SciPy's are."""
    only("eigvals", b=b is not None, homogeneous_eigvals=homogeneous_eigvals)
    return decompositions.eigvals(a) + 0j


@_linalg
def svd(
    a: Any, full_matrices: bool = True, compute_uv: bool = True, overwrite_a: bool = False,
    check_finite: bool = True, lapack_driver: str = "gesdd",
) -> Any:  # fmt: skip
    """The singular value decomposition ``U, s, Vh``."""
    return decompositions.svd(a, full_matrices, compute_uv)


@_linalg
def svdvals(a: Any, overwrite_a: bool = False, check_finite: bool = True) -> Any:
    """The singular values, the largest first."""
    return decompositions.svdvals(a)


@_linalg
def qr(
    a: Any, overwrite_a: bool = False, lwork: Any = None, mode: str = "full",
    pivoting: bool = False, check_finite: bool = True,
) -> Any:  # fmt: skip
    """The QR decomposition; of a tall matrix the economic one alone has a derivative."""
    only("qr", pivoting=pivoting)
    a = operand(a)
    if mode == "economic":
        return tuple(decompositions.qr(a))
    if mode not in ("full", "r"):
        raise ExpressionValueError(f"qr(mode={mode!r}) is not differentiated; use 'economic'")
    if mode == "full":
        return tuple(decompositions.qr(a, "complete"))
    r = decompositions.qr(a, "r")
    m, n = shape_of(a)
    if m > n:
        r = apply("concatenate", (r, np.zeros((m - n, n), float_kind(a))), (0,))
    return (r,)


@_linalg
def pinv(
    a: Any, *, atol: Any = None, rtol: Any = None, return_rank: bool = False,
    check_finite: bool = True,
) -> Any:  # fmt: skip
    """The pseudo-inverse."""
    only("pinv", atol=atol)
    found = linear_algebra.pinv(a, rtol=rtol)
    return (found, linear_algebra.matrix_rank(a, rtol=rtol)) if return_rank else found


@_linalg
def lstsq(
    a: Any, b: Any, cond: Any = None, overwrite_a: bool = False, overwrite_b: bool = False,
    check_finite: bool = True, lapack_driver: Any = None,
) -> Any:  # fmt: skip
    """Least squares for a matrix of full rank: solution, residuals, rank, singular values."""
    x, residuals, rank, s = linear_algebra.lstsq(a, b, cond)
    if len(shape_of(b)) == 1 and shape_of(residuals) == (1,):
        residuals = residuals[0]
    return x, residuals, rank, s


@_linalg
def norm(
    a: Any, ord: Any = None, axis: Any = None, keepdims: bool = False, check_finite: bool = True
) -> Any:
    """A norm of a vector or matrix."""
    return norms.norm(a, ord, axis, keepdims)


def _with_a_root(a: Any) -> Any:
    """A real matrix whose root is complex is made complex first, as its root's kind must be."""
    if is_symbolic(a) or float_kind(a).kind == "c":
        return a
    found = apply("sqrtm", (plain(a),))
    return a + 0j if np.any(np.isnan(found)) else a


@_linalg
def sqrtm(A: Any, disp: Any = None, blocksize: Any = None) -> Any:
    """The principal square root of a matrix."""
    return apply("sqrtm", (_with_a_root(operand(A)),))


@_linalg
def expm(A: Any) -> Any:
    """The exponential of a matrix."""
    return apply("expm", (operand(A),))


@_linalg
def solve_sylvester(a: Any, b: Any, q: Any) -> Any:
    """The solution of ``a @ x + x @ b = q``."""
    return apply("solve_sylvester", (operand(a), operand(b), operand(q)))


@_linalg
def solve_continuous_lyapunov(a: Any, q: Any) -> Any:
    """The solution of ``a @ x + x @ a^H = q``."""
    a = operand(a)
    return apply("solve_sylvester", (a, adjoint(a), operand(q)))


@_linalg
def block_diag(*arrs: Any) -> Any:
    """Matrices along the diagonal of a larger one."""
    blocks = [_as_row(operand(x)) for x in arrs]
    width = sum(shape_of(x)[1] for x in blocks)
    rows, start = [], 0
    for x in blocks:
        m, n = shape_of(x)
        kind = float_kind(x)
        left, right = np.zeros((m, start), kind), np.zeros((m, width - start - n), kind)
        rows.append(apply("concatenate", (left, x, right), (1,)))
        start += n
    return apply("concatenate", tuple(rows), (0,))


def _as_row(x: Any) -> Any:
    shape = shape_of(x)
    if len(shape) > 2:
        raise ShapeError(f"block_diag takes matrices, got shape {shape}")
    return x if len(shape) == 2 else apply("reshape", (x,), ((1, shape[0] if shape else 1),))


@_linalg
def toeplitz(c: Any, r: Any = None) -> Any:
    """The matrix with the same number all along each diagonal, from its first column and row."""
    c = ravel(operand(c))
    r = conjugate(c) if r is None else ravel(operand(r))
    m, n = shape_of(c)[0], shape_of(r)[0]
    both = apply("concatenate", (r[:0:-1], c), (0,)) if n > 1 else c
    return both[n - 1 + np.arange(m)[:, None] - np.arange(n)]
