"""Forward and reverse rules of eigenvalues and eigenvectors of any square matrix.

Eigenvectors keep length 1 and a real largest component, as LAPACK's do. A cotangent is the
transpose of the tangent map, without conjugation (see `decomposition_rules`).

Source: Boeddeker et al. (2017), *On the computation of complex-valued gradients with application
to statistically optimum beamforming*, section 4.9, for the length; the phase is LAPACK's.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.literals import where
from autodiff.operations import degenerate
from autodiff.operations.array_rules import rules
from diffexpr.apply import apply
from diffexpr.errors import ExpressionValueError
from diffexpr.matrices import (
    conjugate,
    decomposed,
    diagonal,
    imag,
    is_complex,
    joined,
    product,
    real,
    rows,
    solution,
    spread_diagonal,
    taken_apart,
    turned,
    weights,
)
from diffexpr.matrix_rows import parts
from diffexpr.operands import plain, shape_of


def _diagonalisable(v: Any) -> Any:
    """The eigenvectors, if they are a basis: to rounding, where they are numbers."""
    bare = plain(v)
    if isinstance(bare, np.ndarray) and bare.size:
        s = np.linalg.svd(bare, compute_uv=False)
        if np.any(s[..., -1] <= bare.shape[-1] * np.finfo(bare.dtype).eps * s[..., 0]):
            raise ExpressionValueError(
                "eig: the matrix is defective (its eigenvectors are no basis), where eigenvalues "
                "have no derivative; move the matrix"
            )
    return v


def _real_components(v: Any) -> Any:
    """For each eigenvector one at its largest real component, over that component squared."""
    bare = plain(v)
    size = where(apply("equal", (imag(bare), 0)), apply("abs", (bare,)), 0)
    top = apply("max", (size,), ((len(shape_of(size)) - 2,), True))
    hit = where(apply("equal", (size, top)), weights(1.0, size), 0)
    return hit / _down(hit * real(conjugate(v) * v))


def _down(x: Any) -> Any:
    """Sums of columns, as a row."""
    return apply("sum", (x,), ((len(shape_of(x)) - 2,), True))


def _eig_jvp(y: Any, operands: Any, params: Any, tangents: Any, lead: int) -> Any:
    shapes = parts("eig", operands[0].shape)
    w, v = taken_apart(y, shapes)
    n = v.shape[-1]
    inner = solution(_diagonalisable(v), product(tangents[0], v))
    moved = product(v, degenerate.divided(inner, degenerate.gaps(w, n)))
    if n:
        along = conjugate(v) * moved
        kept = real(_down(along)) + 1j * imag(_down(_real_components(v) * along))
        moved = moved - v * kept
    return joined([diagonal(inner), moved], shapes)


def _eig_vjp(y: Any, operands: Any, params: Any, i: int, g: Any, lead: int) -> Any:
    shapes = parts("eig", operands[0].shape)
    w, v = taken_apart(y, shapes)
    gw, gv = taken_apart(g, shapes)
    n = v.shape[-1]
    if n:
        along = -_down(v * gv)
        back = real(along) + 1j * (imag(along) * _real_components(v))
        gv = gv + back * conjugate(v)
    gap = degenerate.gaps(w, n)
    asked = product(turned(v), gv)
    degenerate.demand(asked, gap, "eig", "eigenvalues coincide", "their eigenvectors")
    inner = degenerate.divided(asked, gap) + spread_diagonal(gw)
    found = solution(turned(_diagonalisable(v)), product(inner, turned(v)))
    return found if is_complex(operands[0]) else real(found)


def _eigvals_jvp(y: Any, operands: Any, params: Any, tangents: Any, lead: int) -> Any:
    _, v = decomposed("eig", operands[0])
    return diagonal(solution(_diagonalisable(v), product(tangents[0], v)))


def _eigvals_vjp(y: Any, operands: Any, params: Any, i: int, g: Any, lead: int) -> Any:
    _, v = decomposed("eig", operands[0])
    found = solution(turned(_diagonalisable(v)), rows(g) * turned(v))
    return found if is_complex(operands[0]) else real(found)


rules("eig", _eig_jvp, _eig_vjp)
rules("eigvals", _eigvals_jvp, _eigvals_vjp)
