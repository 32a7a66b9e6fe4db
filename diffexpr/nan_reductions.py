"""Reductions of the elements that are numbers, NaN left out: NumPy's nansum and its kin.

An element that is NaN takes no part, so its derivative is 0.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from diffexpr.apply import apply
from diffexpr.operands import as_operand, given, implements, no_out
from diffexpr.reductions import MISSING, extreme, is_nan, prod, reduce, std, sum, var
from diffexpr.reductions import mean as _mean


def _without_nan(a: Any, otherwise: Any) -> Any:
    a = as_operand(a)
    return apply("where", (is_nan(a), otherwise, a))


def _numbers_only(a: Any, where: Any) -> Any:
    mask = apply("logical_not", (is_nan(a),))
    if given(where) and where is not True:
        mask = apply("logical_and", (mask, as_operand(where)))
    return mask


@implements(np.nansum)
def nansum(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = MISSING,
           initial: Any = MISSING, where: Any = MISSING) -> Any:  # fmt: skip
    """Sum of the elements that are numbers."""
    return sum(_without_nan(a, 0), axis, dtype, out, keepdims, initial, where)


@implements(np.nanprod)
def nanprod(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = MISSING,
            initial: Any = MISSING, where: Any = MISSING) -> Any:  # fmt: skip
    """Product of the elements that are numbers."""
    return prod(_without_nan(a, 1), axis, dtype, out, keepdims, initial, where)


@implements(np.nanmean)
def nanmean(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = MISSING,
            *, where: Any = MISSING) -> Any:  # fmt: skip
    """Mean of the elements that are numbers."""
    a = as_operand(a)
    return _mean(a, axis, dtype, out, keepdims, where=_numbers_only(a, where))


@implements(np.nanvar)
def nanvar(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0,
           keepdims: Any = MISSING, *, where: Any = MISSING, mean: Any = MISSING,
           correction: Any = MISSING) -> Any:  # fmt: skip
    """Variance of the elements that are numbers."""
    a = as_operand(a)
    return var(a, axis, dtype, out, ddof, keepdims, where=_numbers_only(a, where), mean=mean,
               correction=correction)  # fmt: skip


@implements(np.nanstd)
def nanstd(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0,
           keepdims: Any = MISSING, *, where: Any = MISSING, mean: Any = MISSING,
           correction: Any = MISSING) -> Any:  # fmt: skip
    """Standard deviation of the elements that are numbers."""
    a = as_operand(a)
    return std(a, axis, dtype, out, ddof, keepdims, where=_numbers_only(a, where), mean=mean,
               correction=correction)  # fmt: skip


def _nan_extreme(op: str, a: Any, axis: Any, out: Any, keepdims: Any, initial: Any,
                 where: Any) -> Any:  # fmt: skip
    a = as_operand(a)
    no_out(f"nan{op}", out)
    worst = -np.inf if op == "max" else np.inf
    filled = _without_nan(a, worst)
    pair = "maximum" if op == "max" else "minimum"
    found = extreme(op, pair, filled, axis, keepdims, initial, where)
    if given(initial):
        return found
    alone = reduce("min", apply("where", (is_nan(a), 1.0, 0.0)), axis, keepdims)
    return apply("where", (apply("equal", (alone, 1)), np.nan, found))


@implements(np.nanmax)
def nanmax(a: Any, axis: Any = None, out: Any = None, keepdims: Any = MISSING,
           initial: Any = MISSING, where: Any = MISSING) -> Any:  # fmt: skip
    """Largest of the elements that are numbers; NaN where there is none."""
    return _nan_extreme("max", a, axis, out, keepdims, initial, where)


@implements(np.nanmin)
def nanmin(a: Any, axis: Any = None, out: Any = None, keepdims: Any = MISSING,
           initial: Any = MISSING, where: Any = MISSING) -> Any:  # fmt: skip
    """Smallest of the elements that are numbers; NaN where there is none."""
    return _nan_extreme("min", a, axis, out, keepdims, initial, where)
