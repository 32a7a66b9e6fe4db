"""Forward and reverse rules of inverses, systems, determinants and functions of matrices.

A cotangent is the transpose of the tangent map, without conjugation (see `decomposition_rules`).

Sources: Giles (2008), *Collected matrix derivative results for forward and reverse mode
algorithmic differentiation*, section 2.2; Golub and Pereyra (1973), *The differentiation of
pseudo-inverses and nonlinear least squares problems whose variables separate*; Higham (2008),
*Functions of Matrices*, equation 3.16 (Mathias).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff import cotangents
from autodiff.literals import padded, where
from autodiff.operations.array_rules import rules
from autodiff.operations.decomposition_rules import hermitian, triangle
from diffexpr import functions
from diffexpr.apply import apply
from diffexpr.arrays import broadcast
from diffexpr.matrices import (
    adjoint,
    conjugate,
    decomposed,
    diagonal,
    identity,
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
from diffexpr.operands import float_kind, plain


def _trace(x: Any) -> Any:
    found = diagonal(x)
    return apply("sum", (found,), ((len(found.shape) - 1,), False))


def _as_matrix(x: Any) -> Any:
    """A number for each matrix of a batch, as matrices of one entry."""
    return rows(rows(x))


# inverse


def _inv_jvp(y: Any, operands: Any, params: Any, tangents: Any, lead: int) -> Any:
    return -product(product(y, tangents[0]), y)


def _inv_vjp(y: Any, operands: Any, params: Any, i: int, g: Any, lead: int) -> Any:
    back = turned(y)
    return -product(product(back, g), back)


rules("inv", _inv_jvp, _inv_vjp)


# systems


def _ready(t: Any, y: Any, lead: int) -> Any:
    """A tangent of an operand that is broadcast over the batch of the result."""
    return t if t is None else padded(t, len(y.shape), lead)


def _solve_jvp(y: Any, operands: Any, params: Any, tangents: Any, lead: int) -> Any:
    ta, tb = (_ready(t, y, lead) for t in tangents)
    right = tb
    if ta is not None:
        right = -product(ta, y) if tb is None else tb - product(ta, y)
    return solution(operands[0], right)


def _solve_vjp(y: Any, operands: Any, params: Any, i: int, g: Any, lead: int) -> Any:
    found = solution(turned(operands[0]), g)
    if i == 0:
        found = -product(found, turned(y))
    return cotangents.unbroadcast(found, operands[i].shape, lead)


rules("solve", _solve_jvp, _solve_vjp)


def _sylvester_jvp(y: Any, operands: Any, params: Any, tangents: Any, lead: int) -> Any:
    a, b, _ = operands
    ta, tb, tq = (_ready(t, y, lead) for t in tangents)
    found = [part for part in (
        tq,
        None if ta is None else -product(ta, y),
        None if tb is None else -product(y, tb),
    ) if part is not None]  # fmt: skip
    right = found[0]
    for part in found[1:]:
        right = right + part
    return apply("solve_sylvester", (a, b, right))


def _sylvester_vjp(y: Any, operands: Any, params: Any, i: int, g: Any, lead: int) -> Any:
    a, b, _ = operands
    found = apply("solve_sylvester", (turned(a), turned(b), g))
    if i == 0:
        found = -product(found, turned(y))
    elif i == 1:
        found = -product(turned(y), found)
    return cotangents.unbroadcast(found, operands[i].shape, lead)


rules("solve_sylvester", _sylvester_jvp, _sylvester_vjp)


# determinants


def _det_jvp(y: Any, operands: Any, params: Any, tangents: Any, lead: int) -> Any:
    slopes = apply("cofactor", operands)
    n = len(tangents[0].shape)
    return apply("sum", (tangents[0] * slopes,), ((n - 2, n - 1), False))


def _det_vjp(y: Any, operands: Any, params: Any, i: int, g: Any, lead: int) -> Any:
    return _as_matrix(g) * apply("cofactor", operands)


rules("det", _det_jvp, _det_vjp)


def _bend(x: Any, y: Any, t: Any) -> Any:
    """The second derivative of the determinant times a direction; it is symmetric."""
    if x.shape[-1] < 2:
        return 0 * t
    if _is_far_from_singular(plain(x)):
        inverse = apply("inv", (x,))
        along = _as_matrix(_trace(product(inverse, t)))
        back = turned(inverse)
        return y * along - product(product(y, turned(t)), back)
    # In the bases of the singular vectors the matrix is diagonal, and the determinant a product:
    # no inverse is needed, and of the singular values only products of all but two.
    n = x.shape[-1]
    u, s, vh = decomposed("svd", x, (False,))
    s = real(s)
    turn = apply("det", (u,)) * apply("det", (vh,))
    inner = product(product(adjoint(u), t), adjoint(vh))
    eye = np.eye(n, dtype=bool)
    left_out = eye[:, None, :] | eye[None, :, :]
    row = functions.reshape(s, (*s.shape[:-1], 1, 1, n))
    rest = apply("prod", (where(left_out, weights(1.0, s), row),), ((len(s.shape) + 1,), False))
    rest = rest * weights(~eye, s)
    bent = -turned(rest * inner) + spread_diagonal(
        functions.squeeze(product(rest, rows(diagonal(inner))), -1)
    )
    return _as_matrix(turn) * product(product(conjugate(u), bent), conjugate(vh))


def _is_far_from_singular(x: Any) -> bool:
    """Whether the numbers of a matrix lose less than half of their digits in its inverse."""
    if hasattr(x, "_level"):
        return False
    s = np.linalg.svd(x, compute_uv=False)
    return bool(np.all(s[..., -1] > np.sqrt(np.finfo(s.dtype).eps) * s[..., 0]))


rules(
    "cofactor",
    lambda y, operands, params, tangents, lead: _bend(operands[0], y, tangents[0]),
    lambda y, operands, params, i, g, lead: _bend(operands[0], y, g),
)


def _slogdet_jvp(y: Any, operands: Any, params: Any, tangents: Any, lead: int) -> Any:
    shapes = parts("slogdet", operands[0].shape)
    sign = taken_apart(y, shapes)[0]
    along = _trace(solution(operands[0], tangents[0]))
    turn = sign * (1j * imag(along)) if is_complex(along) else 0 * along
    return joined([turn, real(along)], shapes)


def _slogdet_vjp(y: Any, operands: Any, params: Any, i: int, g: Any, lead: int) -> Any:
    shapes = parts("slogdet", operands[0].shape)
    sign = taken_apart(y, shapes)[0]
    turn, scale = taken_apart(g, shapes)
    scale = real(scale)
    if is_complex(operands[0]):
        scale = scale + 1j * imag(turn * sign)
    return _as_matrix(scale) * turned(apply("inv", operands))


rules("slogdet", _slogdet_jvp, _slogdet_vjp)


# the pseudo-inverse, along matrices of the same rank: Golub and Pereyra (1973), equation 4.12


def _pinv_parts(y: Any, x: Any, params: Any) -> tuple[Any, ...]:
    m, n = x.shape[-2:]
    x = hermitian(x) if params[1] else x
    outside_rows = identity(m, x) - product(x, y)
    outside_columns = identity(n, x) - product(y, x)
    back = adjoint(y)
    return product(y, back), outside_rows, outside_columns, product(back, y)


def _pinv_jvp(y: Any, operands: Any, params: Any, tangents: Any, lead: int) -> Any:
    t = hermitian(tangents[0]) if params[1] else tangents[0]
    right, outside_rows, outside_columns, left = _pinv_parts(y, operands[0], params)
    back = adjoint(t)
    found = product(product(right, back), outside_rows)
    found = found + product(product(outside_columns, back), left)
    return found - product(product(y, t), y)


def _pinv_vjp(y: Any, operands: Any, params: Any, i: int, g: Any, lead: int) -> Any:
    right, outside_rows, outside_columns, left = _pinv_parts(y, operands[0], params)
    back = turned(g)
    found = product(product(outside_rows, back), right)
    found = conjugate(found + product(product(left, back), outside_columns))
    found = found - product(product(turned(y), g), turned(y))
    return triangle(found) if params[1] else found


rules("pinv", _pinv_jvp, _pinv_vjp)


# functions of matrices


def _of_block(op: str, a: Any, t: Any) -> Any:
    """The derivative of a function of a matrix, as a corner of its value at a larger matrix."""
    n = a.shape[-1]
    batch = broadcast((a.shape[:-2], t.shape[:-2]))
    a, t = (functions.broadcast_to(x, (*batch, n, n)) for x in (a, t))
    zeros = np.zeros((*batch, n, n), float_kind(a))
    last = len(batch) + 1
    top = apply("concatenate", (a, t), (last,))
    bottom = apply("concatenate", (zeros, a), (last,))
    whole = apply(op, (apply("concatenate", (top, bottom), (last - 1,)),))
    front = (slice(None),) * len(batch)
    return whole[(*front, slice(0, n), slice(n, 2 * n))]


rules(
    "expm",
    lambda y, operands, params, tangents, lead: _of_block("expm", operands[0], tangents[0]),
    lambda y, operands, params, i, g, lead: _of_block("expm", turned(operands[0]), g),
)


def _sqrtm_jvp(y: Any, operands: Any, params: Any, tangents: Any, lead: int) -> Any:
    return apply("solve_sylvester", (y, y, tangents[0]))


def _sqrtm_vjp(y: Any, operands: Any, params: Any, i: int, g: Any, lead: int) -> Any:
    back = turned(y)
    found = apply("solve_sylvester", (back, back, g))
    return found if is_complex(operands[0]) else real(found)


rules("sqrtm", _sqrtm_jvp, _sqrtm_vjp)
