"""Covariances and correlations of variables in rows, by NumPy's names."""

from __future__ import annotations

from typing import Any

import numpy as np

from diffexpr.apply import apply
from diffexpr.errors import ExpressionValueError, ShapeError
from diffexpr.joining import concatenate
from diffexpr.operands import as_operand, float_kind, implements, numbers, shape_of
from diffexpr.precision import converted, double
from diffexpr.products import conjugated, matmul
from diffexpr.reductions import average, sum
from diffexpr.selection import clip, diag
from diffexpr.shapes import atleast_2d, squeeze, transpose


@implements(np.cov)
def cov(m: Any, y: Any = None, rowvar: bool = True, bias: bool = False, ddof: int | None = None,
        fweights: Any = None, aweights: Any = None, *, dtype: Any = None) -> Any:  # fmt: skip
    """Covariance matrix; ``aweights`` may be differentiated, ``fweights`` are counts."""
    m = _variables(m, rowvar, dtype)
    if y is not None:
        m = concatenate([m, _variables(y, rowvar, dtype)], 0)
    n = shape_of(m)[1]
    ddof = (0 if bias else 1) if ddof is None else ddof
    weights: Any = None
    if fweights is not None:
        counts = np.asarray(numbers(fweights, "np.cov(fweights=)"))
        if counts.shape != (n,) or (counts < 0).any() or (counts != np.rint(counts)).any():
            raise ExpressionValueError(f"cov: fweights are {n} whole numbers, none negative")
        weights = counts.astype(float)
    if aweights is not None:
        aweights = as_operand(aweights)
        if shape_of(aweights) != (n,):
            raise ShapeError(f"cov: aweights of shape {shape_of(aweights)} for {n} observations")
        weights = aweights if weights is None else weights * aweights
    mean, total = average(m, 1, weights, returned=True)
    total = total[0]
    free: Any = total - ddof
    if weights is not None and aweights is not None and ddof:
        free = total - ddof * sum(weights * aweights) / total
    apart = m - mean[:, None]
    scaled = apart if weights is None else apart * weights
    if weights is None:
        free = float_kind(m).type(n - ddof)
    return squeeze(matmul(apart, conjugated(transpose(scaled))) / free)


def _variables(m: Any, rowvar: bool, dtype: Any) -> Any:
    m = double(as_operand(m)) if dtype is None else converted(as_operand(m), dtype, "cov")
    if len(shape_of(m)) > 2:
        raise ShapeError(f"cov takes at most two dimensions, got shape {shape_of(m)}")
    m = atleast_2d(m)
    return m if rowvar or shape_of(m)[0] == 1 else transpose(m)


@implements(np.corrcoef)
def corrcoef(x: Any, y: Any = None, rowvar: bool = True, *, dtype: Any = None) -> Any:
    """Correlation matrix; its limits of -1 and 1 are kept as NumPy keeps them."""
    c = cov(x, y, rowvar, dtype=dtype)
    if not shape_of(c):
        return c / c
    spread = apply("sqrt", (diag(c),))
    found = c / spread[:, None] / spread[None, :]
    return found if float_kind(found).kind == "c" else clip(found, -1, 1)
