"""Running sums, products and extremes along an axis, by NumPy's names.

Sums are an operation of their own. The others double the width of a window until it covers
everything (Hillis and Steele 1986, *Data parallel algorithms*, section "Sum of an array"): no
division, so that zeros are right, and no more nodes than the logarithm of the length.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from diffexpr.apply import apply
from diffexpr.errors import ExpressionValueError
from diffexpr.joining import concatenate
from diffexpr.operands import (
    as_operand,
    float_kind,
    given,
    implements,
    no_out,
    normal_axes,
    shape_of,
)
from diffexpr.precision import astype, converted
from diffexpr.reductions import is_nan
from diffexpr.shapes import broadcast_to, ravel


def _line(a: Any, axis: Any) -> tuple[Any, int]:
    a = as_operand(a)
    if axis is None:
        return ravel(a), 0
    return a, normal_axes(axis, len(shape_of(a)))[0]


def scan(joined: Callable[[Any, Any], Any], a: Any, axis: int) -> Any:
    """What an associative operation makes of all elements up to each, along an axis."""
    before = (slice(None),) * axis
    n, width = shape_of(a)[axis], 1
    while width < n:
        behind, ahead = a[(*before, slice(None, n - width))], a[(*before, slice(width, None))]
        a = concatenate([a[(*before, slice(None, width))], joined(behind, ahead)], axis)
        width *= 2
    return a


@implements(np.cumsum)
def cumsum(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    """Running sum along an axis; of the flattened array without one."""
    no_out("cumsum", out)
    a, at = _line(converted(as_operand(a), dtype, "cumsum"), axis)
    return apply("cumsum", (a,), (at,)) if shape_of(a) else a


@implements(np.cumprod)
def cumprod(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    """Running product along an axis; of the flattened array without one."""
    no_out("cumprod", out)
    a, at = _line(converted(as_operand(a), dtype, "cumprod"), axis)
    return scan(lambda x, y: apply("multiply", (x, y)), a, at)


def running_extreme(op: str, a: Any, axis: int) -> Any:
    """Running maximum or minimum; where two windows tie, each has half of the derivative."""
    return scan(lambda x, y: apply(op, (x, y)), as_operand(a), axis)


def _cumulative(run: Any, first: float, x: Any, axis: Any, dtype: Any, out: Any,
                include_initial: bool) -> Any:  # fmt: skip
    x = as_operand(x)
    if axis is None and len(shape_of(x)) > 1:
        raise ExpressionValueError(f"an axis is needed for shape {shape_of(x)}; give axis=")
    (at,) = normal_axes(0 if axis is None else axis, len(shape_of(x)))
    found = run(x, at, dtype, out)
    if not include_initial:
        return found
    sizes = [1 if i == at else n for i, n in enumerate(shape_of(found))]
    return concatenate([np.full(sizes, first, float_kind(found)), found], at)


@implements(np.cumulative_sum)
def cumulative_sum(x: Any, /, *, axis: Any = None, dtype: Any = None, out: Any = None,
                   include_initial: bool = False) -> Any:  # fmt: skip
    """Running sum along an axis, from 0 if wanted."""
    return _cumulative(cumsum, 0.0, x, axis, dtype, out, include_initial)


@implements(np.cumulative_prod)
def cumulative_prod(x: Any, /, *, axis: Any = None, dtype: Any = None, out: Any = None,
                    include_initial: bool = False) -> Any:  # fmt: skip
    """Running product along an axis, from 1 if wanted."""
    return _cumulative(cumprod, 1.0, x, axis, dtype, out, include_initial)


def _numbers_or(a: Any, otherwise: float) -> Any:
    a = as_operand(a)
    return apply("where", (is_nan(a), otherwise, a))


@implements(np.nancumsum)
def nancumsum(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    """Running sum in which NaN counts as 0."""
    return cumsum(_numbers_or(a, 0), axis, dtype, out)


@implements(np.nancumprod)
def nancumprod(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    """Running product in which NaN counts as 1."""
    return cumprod(_numbers_or(a, 1), axis, dtype, out)


# differences, which undo a running sum


@implements(np.diff)
def diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = np._NoValue,
         append: Any = np._NoValue) -> Any:  # fmt: skip
    """Differences of neighbours along an axis, ``n`` times over."""
    a = as_operand(a)
    if n < 0:
        raise ExpressionValueError(f"diff: n={n} is negative")
    (at,) = normal_axes(axis, len(shape_of(a)))
    parts = []
    for more in (prepend, a, append):
        if more is a or given(more):
            more = as_operand(more)
            if not shape_of(more):
                more = broadcast_to(more, [1 if i == at else m for i, m in enumerate(shape_of(a))])
            parts.append(more)
    a = concatenate(parts, at) if len(parts) > 1 else a
    before = (slice(None),) * at
    for _ in range(n):
        a = apply("subtract", (a[(*before, slice(1, None))], a[(*before, slice(None, -1))]))
    return a


@implements(np.ediff1d)
def ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    """Differences of neighbours of the flattened array, with more at either end."""
    ary = as_operand(ary)
    kind = float_kind(ary)
    parts = [diff(ravel(ary))]
    if to_begin is not None:
        parts.insert(0, astype(ravel(as_operand(to_begin)), kind))
    if to_end is not None:
        parts.append(astype(ravel(as_operand(to_end)), kind))
    return concatenate(parts) if len(parts) > 1 else parts[0]
