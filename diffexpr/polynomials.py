"""Polynomials by their coefficients, the highest first, by NumPy's names."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from diffexpr.apply import apply
from diffexpr.decompositions import eigvals
from diffexpr.errors import ExpressionValueError, ShapeError
from diffexpr.frozen import Index
from diffexpr.grids import vander
from diffexpr.joining import concatenate
from diffexpr.linear_algebra import lstsq
from diffexpr.operands import as_operand, float_kind, implements, is_symbolic, numbers, shape_of
from diffexpr.precision import double
from diffexpr.products import outer
from diffexpr.shapes import atleast_1d, broadcast_to, ravel


@implements(np.polyval)
def polyval(p: Any, x: Any) -> Any:
    """The value of a polynomial, by Horner's scheme."""
    p, x = ravel(atleast_1d(as_operand(p))), as_operand(x)
    count = shape_of(p)[0]
    if not count:
        return np.zeros(shape_of(x))[()]
    y = broadcast_to(p[0], shape_of(x))
    for k in range(1, count):
        y = y * x + p[k]
    return y


def _sum(name: str, op: str) -> Any:
    def combined(a1: Any, a2: Any) -> Any:
        a1, a2 = (atleast_1d(as_operand(a)) for a in (a1, a2))
        n = max(shape_of(a1)[0], shape_of(a2)[0])
        return apply(op, (_longer(a1, n), _longer(a2, n)))

    combined.__doc__ = f"``np.{name}`` of two polynomials."
    return combined


def _longer(a: Any, n: int) -> Any:
    missing = n - shape_of(a)[0]
    return concatenate([np.zeros(missing, float_kind(a)), a]) if missing else a


implements(np.polyadd)(_sum("polyadd", "add"))
implements(np.polysub)(_sum("polysub", "subtract"))


def _leading(a: Any) -> Any:
    """Coefficients from the first that is not zero, where the numbers are known."""
    a = atleast_1d(as_operand(a))
    if is_symbolic(a):
        return a
    kept = np.flatnonzero(numbers(a, "np.polymul"))
    return a[int(kept[0]) :] if len(kept) else a[:1]


@implements(np.polymul)
def polymul(a1: Any, a2: Any) -> Any:
    """The product of two polynomials."""
    a1, a2 = _leading(a1), _leading(a2)
    n, m = shape_of(a1)[0], shape_of(a2)[0]
    places = np.add.outer(np.arange(n), np.arange(m))
    return apply("scatter_add", (outer(a1, a2),), (Index((places,)), (n + m - 1,)))


@implements(np.polyder)
def polyder(p: Any, m: int = 1) -> Any:
    """The derivative of a polynomial, ``m`` times over."""
    p = double(atleast_1d(as_operand(p)))
    if m < 0:
        raise ExpressionValueError(f"polyder: m={m} is negative; use np.polyint")
    n = shape_of(p)[0] - 1
    if n < m:
        return p[:0]
    factors = [math.perm(k, m) for k in range(n, m - 1, -1)]
    return p[: n + 1 - m] * np.array(factors, float_kind(p))


@implements(np.polyint)
def polyint(p: Any, m: int = 1, k: Any = None) -> Any:
    """The integral of a polynomial, ``m`` times over, with constants ``k``."""
    p = double(atleast_1d(as_operand(p)))
    if m < 0:
        raise ExpressionValueError(f"polyint: m={m} is negative; use np.polyder")
    constants = atleast_1d(as_operand(0.0 if k is None else k))
    if shape_of(constants)[0] == 1 and m > 1:
        constants = broadcast_to(constants, (m,))
    if shape_of(constants)[0] < m:
        raise ExpressionValueError(f"polyint: m={m} integrals need as many constants k")
    for i in range(m):
        n = shape_of(p)[0]
        p = concatenate([p / np.arange(n, 0, -1).astype(float_kind(p)), constants[i : i + 1]])
    return p


@implements(np.poly)
def poly(seq_of_zeros: Any) -> Any:
    """The polynomial with given roots; of a matrix, see its eigenvalues."""
    roots = atleast_1d(as_operand(seq_of_zeros))
    if len(shape_of(roots)) != 1:
        raise ExpressionValueError(
            f"poly takes roots, got shape {shape_of(roots)}; use np.poly(np.linalg.eigvalsh(A))"
        )
    kind = float_kind(roots)
    p: Any = np.ones(1, kind)
    nothing = np.zeros(1, kind)
    for i in range(shape_of(roots)[0]):
        p = concatenate([p, nothing]) - concatenate([nothing, p * roots[i]])
    return p


@implements(np.roots)
def roots(p: Any) -> Any:
    """The roots of a polynomial: the eigenvalues of its companion matrix."""
    p = _leading(p)
    trailing = 0
    if not is_symbolic(p):
        nonzero = np.flatnonzero(numbers(p, "np.roots"))
        trailing = shape_of(p)[0] - 1 - int(nonzero[-1]) if len(nonzero) else 0
        p = p[: shape_of(p)[0] - trailing]
    n = shape_of(p)[0] - 1
    if n < 1:
        return np.zeros(trailing)
    below = np.eye(n - 1, n, dtype=float_kind(p))
    found = eigvals(concatenate([(-p[1:] / p[0])[None, :], below], 0))
    return concatenate([found, np.zeros(trailing, float_kind(p))]) if trailing else found


@implements(np.polyfit)
def polyfit(x: Any, y: Any, deg: Any, rcond: Any = None, full: bool = False, w: Any = None,
            cov: Any = False) -> Any:  # fmt: skip
    """The polynomial of a degree that fits points best, in the sense of least squares."""
    if full or cov or np.ndim(deg):
        raise ExpressionValueError(
            "polyfit: full=, cov= and a list of degrees are not in the language; "
            "use np.linalg.lstsq with np.vander"
        )
    x, y = as_operand(x), as_operand(y)
    if len(shape_of(x)) != 1 or not shape_of(x)[0] or shape_of(y)[:1] != shape_of(x):
        raise ShapeError(f"polyfit takes as many points as values: {shape_of(x)}, {shape_of(y)}")
    powers = vander(x, int(deg) + 1)
    if w is not None:
        w = as_operand(w)
        powers = powers * w[:, None]
        y = y * (w if len(shape_of(y)) == 1 else w[:, None])
    # Columns of one length, as NumPy takes them, which leave the solution as it is.
    scale = np.sqrt(np.sum(powers * powers, axis=0))
    found = lstsq(powers / scale, y, rcond)[0]
    return found / (scale if len(shape_of(found)) == 1 else scale[:, None])
