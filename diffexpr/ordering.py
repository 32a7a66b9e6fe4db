"""Sorted values and what is read off them: medians, quantiles, the largest of several.

In a tie, elements are in the order in which they stand (a stable sort), and each keeps its own
derivative. A quantile is a mean of neighbours in that order.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from diffexpr.apply import apply
from diffexpr.errors import ExpressionTypeError, ExpressionValueError
from diffexpr.indexing import getitem
from diffexpr.joining import stack
from diffexpr.operands import (
    as_operand,
    float_kind,
    implements,
    is_symbolic,
    no_out,
    normal_axes,
    numbers,
    shape_of,
)
from diffexpr.precision import double
from diffexpr.reductions import is_nan
from diffexpr.selection import take_along_axis
from diffexpr.shapes import expand_dims, ravel, reshape, transpose


@implements(np.sort)
def sort(a: Any, axis: Any = -1, kind: Any = None, order: Any = None, *,
         stable: Any = None) -> Any:  # fmt: skip
    """The elements in order along an axis."""
    a = as_operand(a)
    if order is not None:
        raise ExpressionTypeError("sort: order= is for structured arrays; leave it out")
    if axis is None:
        a, axis = ravel(a), -1
    return apply("sort", (a,), normal_axes(axis, len(shape_of(a))))


@implements(np.partition)
def partition(a: Any, kth: Any, axis: Any = -1, kind: Any = "introselect",
              order: Any = None) -> Any:  # fmt: skip
    """The k-th element in its place, smaller ones before and larger ones behind."""
    a = as_operand(a)
    if axis is None:
        a, axis = ravel(a), -1
    if is_symbolic(a):
        # Sorted is one of the partitions.
        return sort(a, axis)
    return take_along_axis(a, np.argpartition(numbers(a, "np.partition"), kth, axis, kind), axis)


# quantiles

# Hyndman and Fan (1996), Sample quantiles in statistical packages: alpha and beta of the
# continuous estimates 4 to 9.
_PLACES = {
    "linear": (1.0, 1.0),
    "interpolated_inverted_cdf": (0.0, 1.0),
    "hazen": (0.5, 0.5),
    "weibull": (0.0, 0.0),
    "median_unbiased": (1 / 3, 1 / 3),
    "normal_unbiased": (3 / 8, 3 / 8),
}
_ROUNDED = {
    "lower": np.floor,
    "higher": np.ceil,
    "nearest": np.rint,
    "midpoint": lambda place: (np.floor(place) + np.ceil(place)) / 2,
}


def _place(q: Any, n: int, method: str) -> Any:
    """Where between the n elements in order the quantile lies, counted from 0."""
    if method in _PLACES:
        alpha, beta = _PLACES[method]
        if method == "linear":
            return np.multiply(n - 1, q)
        return n * q + (alpha + q * (1 - alpha - beta)) - 1
    if method in _ROUNDED:
        return _ROUNDED[method](np.multiply(n - 1, q))
    raise ExpressionValueError(
        f"quantile: method={method!r} is not in the language; use one of "
        f"{', '.join([*_PLACES, *_ROUNDED])}"
    )


def _in_a_row(a: Any, axis: Any) -> tuple[Any, tuple[int, ...]]:
    """The axes joined into one last axis."""
    a = as_operand(a)
    shape = shape_of(a)
    axes = normal_axes(axis, len(shape))
    kept = [i for i in range(len(shape)) if i not in axes]
    order = (*kept, *axes)
    moved = a if order == tuple(range(len(shape))) else transpose(a, order)
    if len(axes) == 1:
        return moved, axes
    return reshape(moved, (*(shape[i] for i in kept), math.prod(shape[i] for i in axes))), axes


def _between(ordered: Any, place: Any) -> Any:
    """The mean of the two neighbours of a place, weighted by how near they are."""
    n = shape_of(ordered)[-1]
    place = np.clip(place, 0, n - 1)
    low = int(np.floor(place))
    share = float_kind(ordered).type(place - low)
    below = getitem(ordered, (Ellipsis, low))
    if not share:
        return below
    above = getitem(ordered, (Ellipsis, low + 1))
    if share == 0.5:
        return (below + above) * 0.5
    return below + (above - below) * share


@implements(np.quantile)
def quantile(a: Any, q: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False,
             method: str = "linear", keepdims: Any = False, *,
             weights: Any = None) -> Any:  # fmt: skip
    """Values below which given shares of the elements lie; the shares are constants."""
    no_out("quantile", out)
    if weights is not None:
        raise ExpressionValueError("quantile: weights= is not in the language; leave it out")
    shares = np.asarray(numbers(q, "np.quantile(q=)"), float)
    if not ((shares >= 0) & (shares <= 1)).all():
        raise ExpressionValueError(f"quantile: q={q!r} is not between 0 and 1")
    row, axes = _in_a_row(a, axis)
    ordered = apply("sort", (row,), (len(shape_of(row)) - 1,))
    n = shape_of(row)[-1]
    if not n:
        raise ExpressionValueError(f"quantile of no elements: shape {shape_of(a)}")
    # NaN sorts last, and one of them makes every quantile NaN.
    last = getitem(ordered, (Ellipsis, n - 1))
    if method not in ("lower", "higher", "nearest") and not isinstance(q, (int, float)):
        # Shares in an array are of double precision, and so are means weighted with them.
        ordered = double(ordered)
    found = [_between(ordered, _place(s, n, method)) for s in shares.flat]
    found = [apply("where", (is_nan(last), np.nan, value)) for value in found]
    if keepdims is True:
        found = [expand_dims(value, axes) for value in found]
    if not shares.ndim:
        return found[0]
    joined = stack(found, 0)
    return reshape(joined, (*shares.shape, *shape_of(joined)[1:]))


def _hundredths(q: Any, what: str) -> Any:
    q = numbers(q, what)
    return q / 100 if isinstance(q, (int, float)) else np.true_divide(q, 100)


@implements(np.percentile)
def percentile(a: Any, q: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False,
               method: str = "linear", keepdims: Any = False, *,
               weights: Any = None) -> Any:  # fmt: skip
    """Quantiles of given percentages."""
    shares = _hundredths(q, "np.percentile(q=)")
    return quantile(a, shares, axis, out, overwrite_input, method, keepdims, weights=weights)


@implements(np.median)
def median(a: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False,
           keepdims: Any = False) -> Any:  # fmt: skip
    """The middle element in order, or the mean of the middle two."""
    return quantile(a, 0.5, axis, out, overwrite_input, "linear", keepdims)


@implements(np.nanquantile)
def nanquantile(a: Any, q: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False,
                method: str = "linear", keepdims: Any = False, *,
                weights: Any = None) -> Any:  # fmt: skip
    """Quantiles of the elements that are numbers; how many there are must be known."""
    row, axes = _in_a_row(a, axis)
    lengths = np.count_nonzero(~np.isnan(numbers(row, "np.nanquantile")), axis=-1)
    shape = shape_of(row)[:-1]
    lines = reshape(apply("sort", (row,), (len(shape),)), (-1, shape_of(row)[-1]))
    found = [
        quantile(lines[i, :n], q, 0, out, False, method, weights=weights)
        if n else np.full(np.shape(q), np.nan)
        for i, n in enumerate(map(int, np.ravel(lengths)))
    ]  # fmt: skip
    many = np.ndim(q)
    joined = reshape(stack(found, many), (*np.shape(q), *shape))
    if keepdims is True:
        joined = expand_dims(joined, tuple(many + i for i in axes))
    return joined


@implements(np.nanpercentile)
def nanpercentile(a: Any, q: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False,
                  method: str = "linear", keepdims: Any = False, *,
                  weights: Any = None) -> Any:  # fmt: skip
    """Percentiles of the elements that are numbers."""
    shares = _hundredths(q, "np.nanpercentile(q=)")
    return nanquantile(a, shares, axis, out, overwrite_input, method, keepdims, weights=weights)


@implements(np.nanmedian)
def nanmedian(a: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False,
              keepdims: Any = False) -> Any:  # fmt: skip
    """The median of the elements that are numbers."""
    return nanquantile(a, 0.5, axis, out, overwrite_input, "linear", keepdims)
