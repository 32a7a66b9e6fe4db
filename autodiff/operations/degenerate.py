"""Quotients by gaps between eigenvalues, which have no value where eigenvalues coincide.

A derivative of eigenvectors divides by the gaps. Where a gap is zero, or smaller than the
rounding of the eigenvalues themselves, the vectors are any basis of their common space and have
no derivative. What asks for none there (a numerator that is 0, because eigenvalues alone are
used) gets 0; anything else is NaN on the way forward, where nobody knows yet which vectors will be
used, and an error on the way back.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from autodiff.literals import where
from diffexpr.apply import apply
from diffexpr.errors import ExpressionValueError
from diffexpr.matrices import columns, rows, weights
from diffexpr.operands import float_kind, plain, shape_of


class Divisor(NamedTuple):
    """Numbers to divide by, and which of them are none.

    Attributes
    ----------
    by : operand
        The divisor, with 1 where there is none.
    absent : array or Expr of bool, or None
        Where there is no divisor; None where there is one everywhere.
    kept : array or None
        One for every entry that may be asked for; None stands for all.
    """

    by: Any
    absent: Any
    kept: Any


def rounding(values: Any, size: int) -> Any:
    """The distance below which eigen- or singular values are one: their own rounding error.

    LAPACK's are off by a modest multiple of eps times the norm of the matrix (LAPACK Users'
    Guide, 3rd edition, sections 4.7 and 4.9).
    """
    values = plain(values)
    eps = float(np.finfo(float_kind(values)).eps)
    top = apply("max", (apply("abs", (values,)),), ((len(shape_of(values)) - 1,), True))
    return top * (size * eps)


def gaps(values: Any, size: int, sums: Any = None) -> Divisor:
    """Differences ``values[j] - values[i]``, times ``sums`` of the same places if given."""
    n = shape_of(values)[-1]
    eye = np.eye(n, dtype=bool)
    kept = weights(~eye, values)
    if n == 0:
        return Divisor(weights(eye, values), None, kept)
    gap = columns(values) - rows(values)
    close = apply("less_equal", (apply("abs", (plain(gap),)), rows(rounding(values, size))))
    by = gap if sums is None else gap * sums
    if isinstance(close, np.ndarray) and not np.any(close & ~eye):
        return Divisor(by + weights(eye, values), None, kept)
    return Divisor(where(close, 1, by), close, kept)


def nonzero(values: Any, size: int) -> Divisor:
    """Singular values as divisors of columns."""
    zero = apply("less_equal", (plain(values), rounding(values, size)))
    if isinstance(zero, np.ndarray) and not np.any(zero):
        return Divisor(columns(values), None, None)
    return Divisor(columns(where(zero, 1, values)), columns(zero), None)


def divided(x: Any, divisor: Divisor) -> Any:
    """The quotient, 0 where nothing is divided by nothing, NaN where something is."""
    if divisor.kept is not None:
        x = x * divisor.kept
    if divisor.absent is None:
        return x / divisor.by
    nothing = where(apply("equal", (x, 0)), 0 * x, np.nan)
    return where(divisor.absent, nothing, x / divisor.by)


def demand(x: Any, divisor: Divisor, op: str, values: str, vectors: str) -> None:
    """Raise where a way back asks for the derivative of vectors that have none."""
    absent = divisor.absent
    if absent is None or hasattr(absent, "_level"):
        return
    if divisor.kept is not None:
        absent = absent & (divisor.kept != 0)
    stack = [x]
    while stack:
        part = stack.pop()
        if hasattr(part, "primal"):
            stack.append(part.primal)
            if hasattr(part, "tangent"):
                stack.append(part.tangent)
        elif not hasattr(part, "_level") and np.any((part != 0) & absent):
            raise ExpressionValueError(
                f"{op}: {values} to rounding, so {vectors} have no derivative; differentiate the "
                "values alone, or move the matrix"
            )
