"""Forward and reverse rules of the decompositions: Cholesky, QR, singular values, eigenvalues.

A cotangent here is the transpose of the tangent map, without conjugation: with ``<g, t>`` for the
real part of ``sum(g*t)``, each vjp is what moves the map from one side to the other. That gives a
holomorphic operation ``g*f'(x)``, and each conjugation in a jvp one in the vjp.

Where a matrix is Hermitian by contract NumPy reads one triangle, and so do these rules: the
derivative by an entry of the other triangle is 0, that by one of this triangle counts both.

Phases that LAPACK leaves open are held, as in JAX: eigenvectors of a Hermitian matrix turn only
into each other (``diag(V^H dV) = 0``), R has a real diagonal, and of a pair of singular vectors
``u, v`` the phase moves ``u`` alone.

Sources: Giles (2008), *Collected matrix derivative results*; Walter and Lehmann (2010),
*Algorithmic differentiation of linear algebra functions* (QR); Murray (2016), *Differentiation of
the Cholesky decomposition*; Townsend (2016), *Differentiating the singular value decomposition*;
Seeger et al. (2017), *Auto-differentiating linear algebra* (batches).
"""

from __future__ import annotations

from typing import Any

from autodiff.operations import degenerate
from autodiff.operations.array_rules import rules
from diffexpr.matrices import (
    adjoint,
    below,
    columns,
    conjugate,
    decomposed,
    diagonal,
    identity,
    is_complex,
    joined,
    product,
    real,
    rows,
    solution,
    spread_diagonal,
    taken_apart,
    turned,
)
from diffexpr.matrix_rows import parts

# one triangle of a Hermitian matrix


def hermitian(t: Any, lower: bool = True) -> Any:
    """The Hermitian matrix whose one triangle is that of ``t``."""
    n = t.shape[-1]
    mask = below(n, t) if lower else turned(below(n, t))
    half = mask * t
    return half + adjoint(half) + identity(n, t) * real(t)


def triangle(g: Any, lower: bool = True) -> Any:
    """The transpose of `hermitian`."""
    n = g.shape[-1]
    mask = below(n, g) if lower else turned(below(n, g))
    return mask * (g + adjoint(g)) + identity(n, g) * real(g)


def right_solution(x: Any, a: Any) -> Any:
    """``x @ inv(a)``."""
    return turned(solution(turned(a), turned(x)))


# Cholesky


def _lower_half(x: Any) -> Any:
    n = x.shape[-1]
    return x * (below(n, x) + identity(n, x) / 2)


def _cholesky_jvp(y: Any, operands: Any, params: Any, tangents: Any, lead: int) -> Any:
    # Murray (2016), equation 8: dL = L Phi(L^-1 dA L^-H).
    whole = right_solution(solution(y, hermitian(tangents[0])), adjoint(y))
    return product(y, _lower_half(whole))


def _cholesky_vjp(y: Any, operands: Any, params: Any, i: int, g: Any, lead: int) -> Any:
    inner = _lower_half(product(turned(y), g))
    return triangle(right_solution(solution(turned(y), inner), conjugate(y)))


rules("cholesky", _cholesky_jvp, _cholesky_vjp)


# QR of a tall matrix: Walter and Lehmann (2010), section 3.2


def _upper(m: Any) -> Any:
    """``U`` of ``m = U + W`` with ``U`` upper triangular of real diagonal, ``W`` antihermitian."""
    n = m.shape[-1]
    low = below(n, m)
    return turned(low) * m + adjoint(low * m) + identity(n, m) * real(m)


def _qr_jvp(y: Any, operands: Any, params: Any, tangents: Any, lead: int) -> Any:
    shapes = parts("qr", operands[0].shape)
    q, r = taken_apart(y, shapes)
    moved = right_solution(tangents[0], r)
    u = _upper(product(adjoint(q), moved))
    return joined([moved - product(q, u), product(u, r)], shapes)


def _qr_vjp(y: Any, operands: Any, params: Any, i: int, g: Any, lead: int) -> Any:
    shapes = parts("qr", operands[0].shape)
    q, r = taken_apart(y, shapes)
    gq, gr = taken_apart(g, shapes)
    gu = product(gr, turned(r)) - product(turned(q), gq)
    low = below(gu.shape[-1], gu)
    gm = turned(low) * gu + low * adjoint(gu) + identity(gu.shape[-1], gu) * real(gu)
    return right_solution(gq + product(conjugate(q), gm), turned(r))


rules("qr", _qr_jvp, _qr_vjp)


# eigenvalues of a Hermitian matrix


def _eigh_jvp(y: Any, operands: Any, params: Any, tangents: Any, lead: int) -> Any:
    shapes = parts("eigh", operands[0].shape)
    w, v = taken_apart(y, shapes)
    inner = product(product(adjoint(v), hermitian(tangents[0], *params)), v)
    gap = degenerate.gaps(real(w), v.shape[-1])
    return joined([real(diagonal(inner)), product(v, degenerate.divided(inner, gap))], shapes)


def _eigh_vjp(y: Any, operands: Any, params: Any, i: int, g: Any, lead: int) -> Any:
    shapes = parts("eigh", operands[0].shape)
    w, v = taken_apart(y, shapes)
    gw, gv = taken_apart(g, shapes)
    gap = degenerate.gaps(real(w), v.shape[-1])
    asked = product(turned(v), gv)
    degenerate.demand(asked, gap, "eigh", "eigenvalues coincide", "their eigenvectors")
    inner = degenerate.divided(asked, gap) + spread_diagonal(real(gw))
    return triangle(product(product(conjugate(v), inner), turned(v)), *params)


def _eigvalsh_jvp(y: Any, operands: Any, params: Any, tangents: Any, lead: int) -> Any:
    _, v = decomposed("eigh", operands[0], params)
    return real(diagonal(product(product(adjoint(v), hermitian(tangents[0], *params)), v)))


def _eigvalsh_vjp(y: Any, operands: Any, params: Any, i: int, g: Any, lead: int) -> Any:
    _, v = decomposed("eigh", operands[0], params)
    return triangle(product(conjugate(v) * columns(real(g)), turned(v)), *params)


rules("eigh", _eigh_jvp, _eigh_vjp)
rules("eigvalsh", _eigvalsh_jvp, _eigvalsh_vjp)


# singular values: Townsend (2016), equations 15 to 21


def _svd_jvp(y: Any, operands: Any, params: Any, tangents: Any, lead: int) -> Any:
    shapes = parts("svd", operands[0].shape)
    (m, k), (_, n) = shapes[0], shapes[2]
    u, s, vh = taken_apart(y, shapes)
    s, v = real(s), adjoint(vh)
    t = hermitian(tangents[0]) if params[0] else tangents[0]
    inner = product(product(adjoint(u), t), v)
    by_gap = degenerate.gaps(s, max(m, n), columns(s) + rows(s))
    by_value = degenerate.nonzero(s, max(m, n)) if k else None
    left = inner * columns(s)
    right = rows(s) * inner
    turn_u = degenerate.divided(left + adjoint(left), by_gap)
    turn_v = degenerate.divided(right + adjoint(right), by_gap)
    if is_complex(inner) and by_value is not None:
        phase = inner - adjoint(inner)
        turn_u = turn_u + degenerate.divided(identity(k, phase) * phase / 2, by_value)
    du, dv = product(u, turn_u), product(v, turn_v)
    if m > k and by_value is not None:
        du = du + degenerate.divided(product(t, v) - product(u, inner), by_value)
    if n > k and by_value is not None:
        out = product(adjoint(t), u) - product(v, adjoint(inner))
        dv = dv + degenerate.divided(out, by_value)
    return joined([du, real(diagonal(inner)), adjoint(dv)], shapes)


def _svd_vjp(y: Any, operands: Any, params: Any, i: int, g: Any, lead: int) -> Any:
    shapes = parts("svd", operands[0].shape)
    (m, k), (_, n) = shapes[0], shapes[2]
    u, s, vh = taken_apart(y, shapes)
    gu, gs, gvh = taken_apart(g, shapes)
    s, v, gv = real(s), adjoint(vh), adjoint(gvh)
    by_gap = degenerate.gaps(s, max(m, n), columns(s) + rows(s))
    by_value = degenerate.nonzero(s, max(m, n)) if k else None
    turn_u, turn_v = product(turned(u), gu), product(turned(v), gv)
    for asked in (turn_u, turn_v):
        degenerate.demand(asked, by_gap, "svd", "singular values coincide", "their vectors")
    left, right = degenerate.divided(turn_u, by_gap), degenerate.divided(turn_v, by_gap)
    inner = (left + adjoint(left)) * columns(s) + rows(s) * (right + adjoint(right))
    inner = inner + spread_diagonal(real(gs))
    if is_complex(inner) and by_value is not None:
        phase = identity(k, inner) * (turn_u - conjugate(turn_u)) / 2
        _demand_value(phase, by_value)
        inner = inner + degenerate.divided(phase, by_value)
    outer = None
    if m > k and by_value is not None:
        rest = gu - product(conjugate(u), turn_u)
        _demand_value(rest, by_value)
        outer = product(degenerate.divided(rest, by_value), turned(v))
    if n > k and by_value is not None:
        rest = gv - product(conjugate(v), turn_v)
        _demand_value(rest, by_value)
        part = product(conjugate(u), adjoint(degenerate.divided(rest, by_value)))
        outer = part if outer is None else outer + part
    found = product(product(conjugate(u), inner), turned(v))
    found = found if outer is None else found + outer
    return triangle(found) if params[0] else found


def _demand_value(asked: Any, by_value: degenerate.Divisor) -> None:
    degenerate.demand(asked, by_value, "svd", "a singular value is 0", "its vectors")


def _svdvals_jvp(y: Any, operands: Any, params: Any, tangents: Any, lead: int) -> Any:
    u, _, vh = decomposed("svd", operands[0], params)
    t = hermitian(tangents[0]) if params[0] else tangents[0]
    return real(diagonal(product(product(adjoint(u), t), adjoint(vh))))


def _svdvals_vjp(y: Any, operands: Any, params: Any, i: int, g: Any, lead: int) -> Any:
    u, _, vh = decomposed("svd", operands[0], params)
    found = product(conjugate(u) * columns(real(g)), conjugate(vh))
    return triangle(found) if params[0] else found


rules("svd", _svd_jvp, _svd_vjp)
rules("svdvals", _svdvals_jvp, _svdvals_vjp)
