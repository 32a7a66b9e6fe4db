"""Reductions over axes, by NumPy's names: sums, products, extremes, averages, spreads."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from diffexpr.apply import apply
from diffexpr.complex_parts import absolute, imag, real
from diffexpr.errors import ExpressionValueError, ShapeError
from diffexpr.operands import (
    as_operand,
    dtype_of,
    float_kind,
    given,
    implements,
    is_symbolic,
    no_out,
    normal_axes,
    plain,
    shape_of,
)
from diffexpr.precision import converted
from diffexpr.shapes import broadcast_to, reshape

MISSING = np._NoValue
"""What stands for an argument that was not given, as in NumPy's own signatures."""


def reduced_axes(axis: Any, ndim: int) -> tuple[int, ...]:
    """Axes in normal form; of a scalar NumPy reduces its first axis too, which it has not."""
    if not ndim and axis in (0, -1):
        return ()
    return normal_axes(axis, ndim)


def reduce(op: str, x: Any, axis: Any, keepdims: Any) -> Any:
    """One reduction of the table over axes in any form."""
    x = as_operand(x)
    kept = given(keepdims) and bool(keepdims)
    return apply(op, (x,), (reduced_axes(axis, len(shape_of(x))), kept))


def selected(x: Any, where: Any, otherwise: Any) -> Any:
    """The operand with another value where it takes no part."""
    if not given(where) or where is True:
        return x
    return apply("where", (as_operand(where), x, otherwise))


def count(x: Any, axis: Any, where: Any = MISSING, keepdims: Any = False) -> Any:
    """How many elements take part, as a number that does not widen the operand."""
    shape = shape_of(x)
    axes = reduced_axes(axis, len(shape))
    if not given(where) or where is True:
        return math.prod(shape[a] for a in axes)
    kind = float_kind(x).type
    ones = apply("where", (as_operand(where), kind(1), kind(0)))
    return reduce("sum", broadcast_to(ones, shape), axis, keepdims)


@implements(np.sum)
def sum(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = MISSING,
        initial: Any = MISSING, where: Any = MISSING) -> Any:  # fmt: skip
    """Sum over axes."""
    no_out("sum", out)
    a = selected(converted(as_operand(a), dtype, "sum"), where, 0)
    total = reduce("sum", a, axis, keepdims)
    return total + initial if given(initial) else total


@implements(np.prod)
def prod(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = MISSING,
         initial: Any = MISSING, where: Any = MISSING) -> Any:  # fmt: skip
    """Product over axes."""
    no_out("prod", out)
    a = selected(converted(as_operand(a), dtype, "prod"), where, 1)
    total = reduce("prod", a, axis, keepdims)
    return total * initial if given(initial) else total


@implements(np.mean)
def mean(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = MISSING,
         *, where: Any = MISSING) -> Any:  # fmt: skip
    """Arithmetic mean over axes."""
    no_out("mean", out)
    a = converted(as_operand(a), dtype, "mean")
    if not given(where) or where is True:
        return reduce("mean", a, axis, keepdims)
    total = reduce("sum", selected(a, where, 0), axis, keepdims)
    return total / count(a, axis, where, keepdims)


def extreme(op: str, pair: str, a: Any, axis: Any, keepdims: Any, initial: Any,
             where: Any) -> Any:  # fmt: skip
    a = as_operand(a)
    chosen = given(where) and where is not True
    if chosen:
        if not given(initial):
            raise ExpressionValueError(f"np.{op} with where= needs initial=, as NumPy's does")
        a = selected(a, where, -np.inf if op == "max" else np.inf)
    if given(initial) and not count(a, axis):
        shape = np.sum(np.empty(shape_of(a)), axis=axis, keepdims=keepdims is True).shape
        return broadcast_to(initial, shape)
    found = reduce(op, a, axis, keepdims)
    return apply(pair, (found, initial)) if given(initial) else found


@implements(np.max, np.amax)
def max(a: Any, axis: Any = None, out: Any = None, keepdims: Any = MISSING,
        initial: Any = MISSING, where: Any = MISSING) -> Any:  # fmt: skip
    """Largest element over axes; ties share the derivative equally."""
    no_out("max", out)
    return extreme("max", "maximum", a, axis, keepdims, initial, where)


@implements(np.min, np.amin)
def min(a: Any, axis: Any = None, out: Any = None, keepdims: Any = MISSING,
        initial: Any = MISSING, where: Any = MISSING) -> Any:  # fmt: skip
    """Smallest element over axes; ties share the derivative equally."""
    no_out("min", out)
    return extreme("min", "minimum", a, axis, keepdims, initial, where)


@implements(np.ptp)
def ptp(a: Any, axis: Any = None, out: Any = None, keepdims: Any = MISSING) -> Any:
    """Largest less smallest element; ties share the derivative equally."""
    no_out("ptp", out)
    return max(a, axis, keepdims=keepdims) - min(a, axis, keepdims=keepdims)


def logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """``log(sum(exp(x)))`` without overflow."""
    return reduce("logsumexp", x, axis, keepdims)


def softmax(x: Any, axis: int = -1) -> Any:
    """``exp(x)/sum(exp(x))`` along an axis, without overflow."""
    return apply("softmax", (x,), normal_axes(axis, len(shape_of(x))))


def _deviation(a: Any, axis: Any, dtype: Any, where: Any, average: Any) -> Any:
    a = converted(as_operand(a), dtype, "var")
    if not given(average):
        average = mean(a, axis, keepdims=True, where=where)
    return selected(a - average, where, 0)


def _freedom(a: Any, axis: Any, ddof: Any, where: Any, keepdims: Any, correction: Any) -> Any:
    """The number that a sum of squares is divided by: elements less ``ddof``, at least 0."""
    if given(correction):
        if ddof:
            raise ExpressionValueError("var: give ddof= or correction=, which are the same")
        ddof = correction
    n = count(a, axis, where, keepdims)
    if isinstance(n, int):
        return float_kind(a).type(n - ddof if n > ddof else 0)
    return apply("maximum", (n - ddof, 0))


@implements(np.var)
def var(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0,
        keepdims: Any = MISSING, *, where: Any = MISSING, mean: Any = MISSING,
        correction: Any = MISSING) -> Any:  # fmt: skip
    """Mean squared deviation over axes."""
    no_out("var", out)
    a = as_operand(a)
    apart = _deviation(a, axis, dtype, where, mean)
    square = apply("square", (real(apart),))
    if dtype_of(apart).kind == "c":
        square = square + apply("square", (imag(apart),))
    total = reduce("sum", square, axis, keepdims)
    return total / _freedom(square, axis, ddof, where, keepdims, correction)


@implements(np.std)
def std(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0,
        keepdims: Any = MISSING, *, where: Any = MISSING, mean: Any = MISSING,
        correction: Any = MISSING) -> Any:  # fmt: skip
    """Root of `var`: a norm, whose gradient where all elements are equal is 0."""
    no_out("std", out)
    a = as_operand(a)
    apart = _deviation(a, axis, dtype, where, mean)
    if dtype_of(apart).kind == "c":
        apart = absolute(apart)
    free = _freedom(apart, axis, ddof, where, keepdims, correction)
    return reduce("norm", apart, axis, keepdims) / apply("sqrt", (free,))


@implements(np.average)
def average(a: Any, axis: Any = None, weights: Any = None, returned: bool = False, *,
            keepdims: Any = MISSING) -> Any:  # fmt: skip
    """Weighted mean over axes; both the elements and the weights may be differentiated."""
    a = as_operand(a)
    shape = shape_of(a)
    if weights is None:
        found = mean(a, axis, keepdims=keepdims)
        total: Any = broadcast_to(float_kind(a).type(count(a, axis)), shape_of(found))
    else:
        w = _weights(as_operand(weights), shape, axis)
        total = sum(w, axis, keepdims=keepdims)
        if not is_symbolic(total) and np.any(np.equal(plain(total), 0)):
            raise ExpressionValueError("average: the weights sum to zero and cannot be normalised")
        found = sum(a * w, axis, keepdims=keepdims) / total
        total = broadcast_to(total, shape_of(found))
    return (found, total) if returned else found


def _weights(w: Any, shape: tuple[int, ...], axis: Any) -> Any:
    """Weights of the shape of what they weigh."""
    have = shape_of(w)
    if have == shape:
        return w
    axes = normal_axes(axis, len(shape)) if axis is not None else ()
    if have != tuple(shape[a] for a in axes):
        raise ShapeError(f"average: weights of shape {have} for {shape} along axis {axis}")
    sizes = [n if i in axes else 1 for i, n in enumerate(shape)]
    return broadcast_to(reshape(w, sizes), shape)


def is_nan(x: Any) -> Any:
    """Where an operand is not a number, the only value that differs from itself."""
    return apply("not_equal", (x, x))
