"""Decompositions of matrices, by NumPy's names, signatures and named results."""

from __future__ import annotations

from typing import Any

import numpy as np

from diffexpr.apply import apply
from diffexpr.errors import ExpressionValueError, MissingRuleError
from diffexpr.matrices import adjoint, decomposed, is_complex, operand, product, real
from diffexpr.matrix_rows import matrix
from diffexpr.operands import implements, is_symbolic, plain, shape_of

# NumPy keeps its named tuples to itself; a decomposition of one number shows them.
_ONE = np.ones((1, 1))
EigResult: Any = type(np.linalg.eig(_ONE))
EighResult: Any = type(np.linalg.eigh(_ONE))
QRResult: Any = type(np.linalg.qr(_ONE))
SVDResult: Any = type(np.linalg.svd(_ONE))


@implements(np.linalg.cholesky)
def cholesky(a: Any, /, *, upper: bool = False) -> Any:
    """The Cholesky factor; like NumPy it reads one triangle of the matrix only."""
    a = operand(a)
    if upper:
        return adjoint(apply("cholesky", (adjoint(a),)))
    return apply("cholesky", (a,))


@implements(np.linalg.qr)
def qr(a: Any, mode: str = "reduced") -> Any:
    """The QR decomposition.

    ``mode="complete"`` of a tall matrix is refused: the columns that complete Q are any basis of
    what is left, and have no derivative.
    """
    a = operand(a)
    _, m, n = matrix("qr", shape_of(a))
    if mode == "complete" and m > n:
        raise MissingRuleError(
            f"qr(mode='complete') of shape {shape_of(a)}: the columns that complete Q are not "
            "unique and have no derivative; use mode='reduced'"
        )
    if mode not in ("reduced", "complete", "r"):
        raise ExpressionValueError(f"qr(mode={mode!r}) is not differentiated; use 'reduced' or 'r'")
    if m >= n:
        q, r = decomposed("qr", a)
    else:
        # The first columns make Q; the others are expressed in it.
        q, first = decomposed("qr", a[..., :m])
        r = apply("concatenate", (first, product(adjoint(q), a[..., m:])), (len(shape_of(a)) - 1,))
    return r if mode == "r" else QRResult(q, r)


@implements(np.linalg.svd)
def svd(
    a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False
) -> Any:
    """The singular value decomposition.

    ``full_matrices=True`` of a matrix that is not square is refused: the vectors that complete U
    or V are any basis of what is left, and have no derivative.
    """
    a = operand(a)
    if not compute_uv:
        return apply("svdvals", (a,), (bool(hermitian),))
    _, m, n = matrix("svd", shape_of(a))
    if full_matrices and m != n:
        raise MissingRuleError(
            f"svd of shape {shape_of(a)}: the vectors that complete U or V are not unique and "
            "have no derivative; use full_matrices=False"
        )
    u, s, vh = decomposed("svd", a, (bool(hermitian),))
    return SVDResult(u, real(s), vh)


@implements(np.linalg.svdvals)
def svdvals(x: Any, /) -> Any:
    """The singular values, the largest first."""
    return apply("svdvals", (operand(x),), (False,))


def _is_lower(UPLO: str) -> bool:
    if UPLO.upper() not in ("L", "U"):
        raise ExpressionValueError(f"UPLO={UPLO!r} is neither 'L' nor 'U'")
    return UPLO.upper() == "L"


@implements(np.linalg.eigh)
def eigh(a: Any, UPLO: str = "L") -> Any:
    """Eigenvalues and eigenvectors of a Hermitian matrix, of which one triangle is read."""
    w, v = decomposed("eigh", operand(a), (_is_lower(UPLO),))
    return EighResult(real(w), v)


@implements(np.linalg.eigvalsh)
def eigvalsh(a: Any, UPLO: str = "L") -> Any:
    """Eigenvalues of a Hermitian matrix, of which one triangle is read."""
    return apply("eigvalsh", (operand(a),), (_is_lower(UPLO),))


@implements(np.linalg.eig)
def eig(a: Any) -> Any:
    """Eigenvalues and eigenvectors, real where NumPy's are; of a symbol they are complex."""
    a = operand(a)
    w, v = decomposed("eig", a)
    return EigResult(real(w), real(v)) if _stays_real(a, w) else EigResult(w, v)


@implements(np.linalg.eigvals)
def eigvals(a: Any) -> Any:
    """Eigenvalues, real where NumPy's are; of a symbol they are complex."""
    a = operand(a)
    w = apply("eigvals", (a,))
    return real(w) if _stays_real(a, w) else w


def _stays_real(a: Any, w: Any) -> bool:
    """Whether NumPy gives real numbers: the matrix is real, and so is every eigenvalue."""
    if is_complex(a) or is_symbolic(w):
        return False
    return not np.any(np.imag(plain(w)))
