"""A third opinion on values, for when NumPy's and SymPy's differ: mpmath's own functions.

Derivatives cannot settle whose value is wrong: twice ``exp`` is its own derivative as well as
``exp`` is. So every primitive is written down once more, scalar by scalar, in terms of mpmath and
Python's operators, and every array operation in plain loops. Nothing else reads these rows.
"""

from __future__ import annotations

import itertools
import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

import mpmath
import numpy as np

from compare.matrix_witness import ARRAYS as MATRICES

Array = np.ndarray[Any, Any]
# A context of its own: its precision is set once and never changed, so threads can share it.
mp = mpmath.MPContext()
mp.dps = 30


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + mp.exp(-x))


def _softplus(x: Any) -> Any:
    return mp.log1p(mp.exp(x))


def _elu(x: Any, alpha: Any) -> Any:
    return x if x > 0 else alpha * mp.expm1(x)


def _student(df: Any, t: Any) -> Any:
    """The distribution function of Student's t by its hypergeometric series."""
    density = mp.gamma((df + 1) / 2) / (mp.sqrt(mp.pi * df) * mp.gamma(df / 2))
    return mp.mpf(1) / 2 + t * density * mp.hyp2f1(0.5, (df + 1) / 2, 1.5, -t * t / df)


def _half_even(x: Any) -> Any:
    return mp.mpf(round(float(x)))


def _power(x: Any, y: Any) -> Any:
    return mp.mpf(1) if y == 0 else mp.power(x, y)


ELEMENTWISE: dict[str, Callable[..., Any]] = {
    "add": operator.add, "subtract": operator.sub, "multiply": operator.mul,
    "divide": operator.truediv, "power": _power, "negative": operator.neg,
    "square": lambda x: x * x, "reciprocal": lambda x: 1 / x, "sqrt": mp.sqrt,
    "cbrt": lambda x: mp.sign(x) * mp.cbrt(abs(x)), "mod": lambda x, y: x - y * mp.floor(x / y),
    "abs": abs, "sign": mp.sign, "maximum": max, "minimum": min,
    "where": lambda c, x, y: x if c else y, "clip": lambda x, lo, hi: min(max(x, lo), hi),
    "floor": mp.floor, "ceil": mp.ceil, "round": _half_even,
    "heaviside": lambda x, h: h if x == 0 else mp.mpf(x > 0),
    "less": operator.lt, "less_equal": operator.le, "greater": operator.gt,
    "greater_equal": operator.ge, "equal": operator.eq, "not_equal": operator.ne,
    "logical_and": lambda a, b: bool(a and b), "logical_or": lambda a, b: bool(a or b),
    "logical_not": operator.not_,
    "exp": mp.exp, "exp2": lambda x: mp.power(2, x), "expm1": mp.expm1, "log": mp.log,
    "log2": lambda x: mp.log(x, 2), "log10": mp.log10, "log1p": mp.log1p,
    "logaddexp": lambda a, b: mp.log(mp.exp(a) + mp.exp(b)),
    "sin": mp.sin, "cos": mp.cos, "tan": mp.tan, "sec": mp.sec, "csc": mp.csc, "cot": mp.cot,
    "arcsin": mp.asin, "arccos": mp.acos, "arctan": mp.atan, "arctan2": mp.atan2,
    "arcsec": mp.asec, "arccsc": mp.acsc, "arccot": lambda x: mp.atan(1 / x),
    "sinc": mp.sincpi, "hypot": mp.hypot,
    "sinh": mp.sinh, "cosh": mp.cosh, "tanh": mp.tanh, "sech": mp.sech, "csch": mp.csch,
    "coth": mp.coth, "arcsinh": mp.asinh, "arccosh": mp.acosh, "arctanh": mp.atanh,
    "arcsech": mp.asech, "arccsch": mp.acsch, "arccoth": mp.acoth,
    "erf": mp.erf, "erfc": mp.erfc, "erfi": mp.erfi, "gamma": mp.gamma,
    "loggamma": mp.loggamma, "digamma": mp.digamma,
    "polygamma": lambda n, x: mp.psi(int(n), x), "beta": mp.beta,
    "erfcx": lambda x: mp.exp(x * x) * mp.erfc(x), "erfinv": mp.erfinv,
    "gammaln": lambda x: mp.log(abs(mp.gamma(x))), "betaln": lambda a, b: mp.log(mp.beta(a, b)),
    "gammainc": lambda a, x: mp.gammainc(a, 0, x, regularized=True),
    "gammaincc": lambda a, x: mp.gammainc(a, x, regularized=True),
    "betainc": lambda a, b, x: mp.betainc(a, b, 0, x, regularized=True),
    "betaincc": lambda a, b, x: mp.betainc(a, b, x, 1, regularized=True),
    "expi": mp.ei, "exp1": mp.e1,
    "xlogy": lambda x, y: mp.zero if x == 0 else x * mp.log(y),
    "xlog1py": lambda x, y: mp.zero if x == 0 else x * mp.log1p(y),
    "rel_entr": lambda x, y: mp.zero if x == 0 else x * mp.log(x / y),
    "ndtr": mp.ncdf, "log_ndtr": lambda x: mp.log(mp.ncdf(x)),
    "ndtri": lambda p: mp.sqrt(2) * mp.erfinv(2 * p - 1), "stdtr": _student,
    "j0": mp.j0, "j1": mp.j1, "jv": mp.besselj,
    "y0": lambda x: mp.bessely(0, x), "y1": lambda x: mp.bessely(1, x), "yv": mp.bessely,
    "i0": lambda x: mp.besseli(0, x), "i1": lambda x: mp.besseli(1, x), "iv": mp.besseli,
    "i0e": lambda x: mp.exp(-abs(x)) * mp.besseli(0, x),
    "i1e": lambda x: mp.exp(-abs(x)) * mp.besseli(1, x),
    "ive": lambda n, x: mp.exp(-abs(x)) * mp.besseli(n, x),
    "k0": lambda x: mp.besselk(0, x), "k1": lambda x: mp.besselk(1, x), "kv": mp.besselk,
    "relu": lambda x: max(x, mp.zero), "leaky_relu": lambda x, s: x if x > 0 else s * x,
    "elu": _elu,
    "selu": lambda x: mp.mpf("1.0507009873554804934193349852946") * _elu(
        x, mp.mpf("1.6732632423543772848170429916717")),
    "softplus": _softplus, "sigmoid": _sigmoid, "logit": lambda x: mp.log(x / (1 - x)),
    "silu": lambda x: x * _sigmoid(x), "gelu": lambda x: x * mp.ncdf(x),
    "gelu_tanh": lambda x: x / 2 * (
        1 + mp.tanh(mp.sqrt(2 / mp.pi) * (x + mp.mpf("0.044715") * x**3))),
    "mish": lambda x: x * mp.tanh(_softplus(x)),
    "hardtanh": lambda x: min(max(x, mp.mpf(-1)), mp.one), "softsign": lambda x: x / (1 + abs(x)),
}  # fmt: skip
"""Each primitive on mpmath numbers and truth values, by its name."""


def opinion(op: str, operands: Sequence[Any], params: tuple[Any, ...]) -> Array:
    """The value of one operation at given floats, as float64.

    Parameters
    ----------
    op : str
        A primitive or an array operation.
    operands : sequence of float or array
    params : tuple
        Static parameters of an array operation.

    Returns
    -------
    array of float64

    Examples
    --------
    >>> float(opinion("square", [3.0], ()))
    9.0
    """
    if op in ELEMENTWISE:
        arrays = np.broadcast_arrays(*operands)
        values = [_scalar(op, items) for items in zip(*(a.flat for a in arrays), strict=True)]
        return np.array(values, float).reshape(arrays[0].shape)
    return np.asarray(ARRAYS[op](*[np.asarray(x, float) for x in operands], *params), float)


def _scalar(op: str, items: Sequence[Any]) -> float:
    try:
        found = ELEMENTWISE[op](
            *(x if isinstance(x, np.bool_) else mp.mpf(float(x)) for x in items)
        )
        return float(found)
    except (ValueError, ZeroDivisionError, TypeError):
        return math.nan  # outside the real domain, or at a pole


def _folded(fold: Callable[[list[float]], float]) -> Callable[..., Array]:
    """A reduction in a loop, from what it makes of a list."""

    def reduction(x: Array, axes: Sequence[int], keepdims: bool) -> Array:
        kept = [i for i in range(x.ndim) if i not in axes]
        shape = tuple(x.shape[i] for i in kept)
        out = np.empty(shape)
        for place in np.ndindex(shape):
            index: list[Any] = [slice(None)] * x.ndim
            for axis, at in zip(kept, place, strict=True):
                index[axis] = at
            out[place] = fold([float(v) for v in x[tuple(index)].flat])
        full = tuple(1 if i in axes else n for i, n in enumerate(x.shape))
        return out.reshape(full) if keepdims else out

    return reduction


def _logsumexp(values: list[float]) -> float:
    return float(mp.log(mp.fsum([mp.exp(v) for v in values])))


def _softmax(x: Array, axis: int) -> Array:
    total = _folded(_logsumexp)(x, (axis,), True)
    shifted = x - total
    return np.array([math.exp(v) for v in shifted.flat]).reshape(x.shape)


def _cumsum(x: Array, axis: int) -> Array:
    rows = np.moveaxis(x, axis, -1)
    out = [list(itertools.accumulate(map(float, row))) for row in rows.reshape(-1, x.shape[axis])]
    return np.moveaxis(np.array(out).reshape(rows.shape), -1, axis)


def _einsum(*arguments: Any) -> Array:
    *operands, subscripts = arguments
    left, result = subscripts.split("->")
    terms = left.split(",")
    sizes = {
        c: n for t, x in zip(terms, operands, strict=True) for c, n in zip(t, x.shape, strict=True)
    }
    out = np.zeros([sizes[c] for c in result])
    for place in itertools.product(*(range(n) for n in sizes.values())):
        at = dict(zip(sizes, place, strict=True))
        factors = [x[tuple(at[c] for c in t)] for t, x in zip(terms, operands, strict=True)]
        out[tuple(at[c] for c in result)] += math.prod(map(float, factors))
    return out


def _matmul(a: Array, b: Array) -> Array:
    left = a if a.ndim > 1 else a[None, :]
    right = b if b.ndim > 1 else b[:, None]
    lead = np.broadcast_shapes(left.shape[:-2], right.shape[:-2])
    left = np.broadcast_to(left, (*lead, *left.shape[-2:]))
    right = np.broadcast_to(right, (*lead, *right.shape[-2:]))
    out = np.empty((*lead, left.shape[-2], right.shape[-1]))
    for *batch, i, j in np.ndindex(out.shape):
        row, column = left[(*batch, i)], right[(*batch, slice(None), j)]
        out[(*batch, i, j)] = math.fsum(
            float(p) * float(q) for p, q in zip(row, column, strict=True)
        )
    shape = lead + a.shape[:-1][-1:] * (a.ndim > 1) + b.shape[-1:] * (b.ndim > 1)
    return out.reshape(shape)


def _scatter_add(x: Array, index: Any, shape: tuple[int, ...]) -> Array:
    places = np.arange(math.prod(shape)).reshape(shape)[index.value]
    out = [0.0] * math.prod(shape)
    for place, value in zip(np.ravel(places), np.ravel(x), strict=True):
        out[place] += float(value)
    return np.array(out).reshape(shape)


def _diag(x: Array) -> Array:
    if x.ndim == 2:
        return np.array([float(x[i, i]) for i in range(min(x.shape))])
    return np.array([[float(v) if i == j else 0.0 for j in range(len(x))] for i, v in enumerate(x)])


def _concatenate(*arguments: Any) -> Array:
    *operands, axis = arguments
    return np.moveaxis(
        np.array([row for x in operands for row in np.moveaxis(x, axis, 0)]), 0, axis
    )


def _stack(*arguments: Any) -> Array:
    *operands, axis = arguments
    return np.moveaxis(np.array([x.tolist() for x in operands]), 0, axis)


def _sort(x: Array, axis: int) -> Array:
    lines = np.moveaxis(x, axis, -1)
    ordered = [sorted(line) for line in lines.reshape(-1, lines.shape[-1]).tolist()]
    return np.moveaxis(np.array(ordered).reshape(lines.shape), -1, axis)


def _astype(x: Array, dtype: str) -> Array:
    return np.array(list(map(np.dtype(dtype).type, x.flat)), dtype).reshape(x.shape)


ARRAYS: dict[str, Callable[..., Array]] = {
    "sum": _folded(math.fsum), "prod": _folded(math.prod), "max": _folded(max),
    "min": _folded(min), "mean": _folded(lambda v: math.fsum(v) / len(v)),
    "norm": _folded(lambda v: math.hypot(*v)), "logsumexp": _folded(_logsumexp),
    "softmax": _softmax, "cumsum": _cumsum, "einsum": _einsum, "matmul": _matmul,
    "transpose": lambda x, axes: x.transpose(axes), "reshape": lambda x, shape: x.reshape(shape),
    "broadcast_to": lambda x, shape: x + np.zeros(shape), "getitem": lambda x, i: x[i.value],
    "scatter_add": _scatter_add, "concatenate": _concatenate, "stack": _stack, "diag": _diag,
    "sort": _sort, "astype": _astype,
    **MATRICES,
}  # fmt: skip
"""Each array operation on float64 arrays, by its name."""
