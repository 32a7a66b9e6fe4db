"""How far one operation on exact operands may be off: a bound on its own rounding error.

Units are those of the result. Elementwise operations take theirs from ``primitives.TABLE``, in
units in the last place; an operation that happens to be exact (sums of small integers, products
with powers of two) counts nothing. Of array operations the sums matter: n terms are at worst off
by n - 1 roundings of the sum of their moduli (Higham 2002, *Accuracy and Stability of Numerical
Algorithms*, equation 4.4 and section 3.1).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autodiff import rules
from autodiff.bounds.matrix_errors import BOUNDS
from diffexpr import arrays, primitives
from diffexpr.arrays import reduced

_SPLITTER = {np.dtype(np.float64): 134217729.0, np.dtype(np.float32): 4097.0}


def local_error(op: Any, y: Any, operands: tuple[Any, ...], params: tuple[Any, ...]) -> Any:
    """A bound on the rounding error of one operation, elementwise and not negative."""
    info = np.finfo(np.asarray(y).dtype)
    eps, floor = float(info.eps), float(info.smallest_subnormal)
    row = primitives.TABLE.get(op)
    if row is None and not isinstance(op, str):
        return 4 * eps * np.abs(y) + floor  # as for a row that says nothing else
    if row is None:
        rule = _WHOLE.get(op)
        return np.zeros(np.shape(y)) if rule is None else eps * rule(y, operands, params)
    if row.ulps == 0:
        return np.zeros(np.shape(y))
    size = np.abs(y)
    if row.scale is not None:
        size = np.maximum(size, row.scale(*operands))
    error = eps * _ulps(op, row.ulps, operands) * np.where(np.isfinite(size), size, np.inf)
    error = error + _unknown(op, y, operands, eps)
    test = _EXACT.get(op)
    if test is None:
        return error + floor
    return np.where(test(y, *operands), 0.0, error + (0 if op in ("add", "subtract") else floor))


def _ulps(op: str, ulps: float, operands: tuple[Any, ...]) -> Any:
    if op != "power":
        return ulps
    base, exponent = (np.asarray(x) for x in operands)
    # An exponent with a long mantissa (0.1 - 1) may itself have been rounded: half an ulp of it.
    long = exponent * 2.0**20 != np.rint(exponent * 2.0**20)
    sensitivity = np.where(long, np.abs(exponent * np.log(np.abs(base))), 0.0)
    return ulps + 0.5 * np.where(np.isfinite(sensitivity), sensitivity, 0.0)


def _unknown(op: str, y: Any, operands: tuple[Any, ...], eps: float) -> Any:
    """By how much the rounding of arguments whose partial has no closed form moves the result.

    An argument that is no whole number may have been rounded; the function itself is asked.
    """
    error = 0.0
    for i in rules.REFUSED.get(op, ()):
        x = np.asarray(operands[i])
        if np.any(x != np.rint(x)):
            moved = (*operands[:i], x * (1 + eps), *operands[i + 1 :])
            change = np.abs(primitives.TABLE[op].value(*moved) - y)
            error = error + np.where(np.isfinite(change), change, 0.0)
    return error


def rounded_constant(x: Any) -> Any:
    """Half an ulp for a constant whose binary mantissa is long: it stands for pi or for 0.1.

    A constant of at most 32 bits, such as 3 or 0.75, is taken to be meant exactly.
    """
    x = np.asarray(x)
    if x.dtype.kind != "f":
        return np.zeros(x.shape)
    mantissa = np.frexp(x)[0].astype(float) * 2.0**32
    long = np.isfinite(mantissa) & (mantissa != np.rint(mantissa))
    return np.where(long, np.abs(x) * (float(np.finfo(x.dtype).eps) / 2), 0.0)


# which results are exact


def _exact_sum(s: Any, a: Any, b: Any) -> Any:
    """Knuth's two-sum: the error of a + b is itself a float, here compared with 0."""
    late = s - a
    return (a - (s - late)) + (b - late) == 0


def _exact_product(p: Any, a: Any, b: Any) -> Any:
    """Dekker's product (1971): the error of a*b from halves of the mantissas."""
    kind = np.asarray(p).dtype
    if kind not in _SPLITTER:
        return False
    a, b = np.asarray(a, kind), np.asarray(b, kind)
    (ah, al), (bh, bl) = _halves(a), _halves(b)
    error = al * bl - (((p - ah * bh) - al * bh) - ah * bl)
    # Where the product is so small that the halves underflow, the error no longer shows.
    info = np.finfo(kind)
    visible = np.abs(p) > float(info.tiny) / float(info.eps) ** 2
    return (error == 0) & visible | (a == 0) | (b == 0)


def _halves(x: Any) -> tuple[Any, Any]:
    wide = x * _SPLITTER[x.dtype]
    high = wide - (wide - x)
    return high, x - high


def _exact_quotient(q: Any, a: Any, b: Any) -> Any:
    a = np.asarray(a, np.asarray(q).dtype)
    return (np.multiply(q, b) == a) & _exact_product(a, q, b)


def _exact_power(p: Any, base: Any, exponent: Any) -> Any:
    square = (np.asarray(exponent) == 2) & _exact_product(p, base, base)
    return np.isin(exponent, (0, 1)) | square


_EXACT = {
    "add": _exact_sum,
    "subtract": lambda d, a, b: _exact_sum(d, a, np.negative(b)),
    "multiply": _exact_product,
    "divide": _exact_quotient,
    "reciprocal": lambda q, b: _exact_quotient(q, 1, b),
    "square": lambda p, a: _exact_product(p, a, a),
    "sqrt": lambda r, a: (np.square(r) == a) & _exact_product(np.asarray(a), r, r),
    "power": _exact_power,
}


# array operations, in units of eps


def _count(x: Any, axes: tuple[int, ...]) -> int:
    return math.prod(np.shape(x)[axis] for axis in axes)


def _sum(y: Any, operands: Any, params: Any) -> Any:
    (x,), (axes, keepdims) = operands, params
    return max(_count(x, axes) - 1, 0) / 2 * np.sum(np.abs(x), axis=axes, keepdims=keepdims)


def _mean(y: Any, operands: Any, params: Any) -> Any:
    return _sum(y, operands, params) / max(_count(operands[0], params[0]), 1) + np.abs(y) / 2


def _prod(y: Any, operands: Any, params: Any) -> Any:
    return max(_count(operands[0], params[0]) - 1, 0) / 2 * np.abs(y)


def _norm(y: Any, operands: Any, params: Any) -> Any:
    # Squares, sum and root: half of (1 + n - 1) roundings, and one more.
    return (_count(operands[0], params[0]) / 4 + 0.5) * np.abs(y)


def _spread(x: Any, axes: tuple[int, ...]) -> tuple[Any, Any]:
    """Distances from the largest element, and the weights of softmax."""
    below = np.max(x, axis=axes, keepdims=True) - x
    grown = np.exp(-below)
    weights = grown / np.sum(grown, axis=axes, keepdims=True)
    return np.where(weights > 0, below, 0.0), weights


def _logsumexp(y: Any, operands: Any, params: Any) -> Any:
    (x,), axes = operands, params[0]
    below, weights = _spread(x, axes)
    moved = np.sum(weights * below, axis=axes, keepdims=True) / 2
    top = np.max(x, axis=axes, keepdims=True)
    kept = np.reshape(y, reduced(np.shape(x), axes, True))
    # Distances, exponentials (4), sum, logarithm (4), and the last addition.
    total = moved + 4 + _count(x, axes) / 2 + 4 * np.abs(kept - top) + np.abs(kept) / 2
    return np.reshape(total, np.shape(y))


def _softmax(y: Any, operands: Any, params: Any) -> Any:
    (x,), (axis,) = operands, params
    below, weights = _spread(x, (axis,))
    mean = np.sum(weights * below, axis=axis, keepdims=True)
    return np.abs(y) * (below / 2 + mean / 2 + 8.5 + np.shape(x)[axis] / 2)


def _cumsum(y: Any, operands: Any, params: Any) -> Any:
    (x,), (axis,) = operands, params
    counts = np.arange(np.shape(x)[axis]).reshape(
        [-1 if i == axis else 1 for i in range(np.ndim(x))]
    )
    return counts / 2 * np.cumsum(np.abs(x), axis=axis)


def _matmul(y: Any, operands: Any, params: Any) -> Any:
    a, b = operands
    return np.shape(a)[-1] / 2 * np.matmul(np.abs(a), np.abs(b))


def _einsum(y: Any, operands: Any, params: Any) -> Any:
    terms, result = arrays.split_subscripts(params[0])
    sizes: dict[str, int] = {}
    for term, x in zip(terms, operands, strict=True):
        sizes.update(zip(term, np.shape(x), strict=True))
    summed = math.prod(n for c, n in sizes.items() if c not in result)
    roundings = len(operands) - 1 + max(summed - 1, 0)
    return roundings / 2 * np.einsum(params[0], *(np.abs(x) for x in operands))


def _scatter_add(y: Any, operands: Any, params: Any) -> Any:
    index, shape = params
    if index.is_basic:
        return np.zeros(shape)
    value = arrays.TABLE["scatter_add"].value
    hits = value(np.ones(np.shape(operands[0])), index, shape)
    return np.maximum(hits - 1, 0) / 2 * value(np.abs(operands[0]), index, shape)


_WHOLE = {
    "sum": _sum,
    "mean": _mean,
    "prod": _prod,
    "norm": _norm,
    "logsumexp": _logsumexp,
    "softmax": _softmax,
    "cumsum": _cumsum,
    "matmul": _matmul,
    "einsum": _einsum,
    "scatter_add": _scatter_add,
    "astype": lambda y, operands, params: np.where(operands[0] == y, 0.0, np.abs(y) / 2),
    **BOUNDS,
}
"""The operations that only move numbers are not here: they are exact."""
