"""Functions known by their values at points: slopes, areas, values in between.

Where the points themselves are differentiated, which of them lie left and right is decided by
the numbers; on expressions every interval is written out with the condition that it is the one.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from diffexpr.apply import apply
from diffexpr.errors import ExpressionTypeError, ExpressionValueError, ShapeError
from diffexpr.frozen import Index
from diffexpr.grids import same_axis
from diffexpr.indexing import getitem
from diffexpr.joining import concatenate
from diffexpr.operands import (
    as_operand,
    implements,
    is_symbolic,
    normal_axes,
    numbers,
    shape_of,
)
from diffexpr.precision import double
from diffexpr.reductions import sum
from diffexpr.running import diff
from diffexpr.selection import take
from diffexpr.shapes import broadcast_to, reshape


@implements(np.gradient)
def gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    """Slopes by central differences, one-sided at the ends, along each axis.

    Second order inside, also for unequal distances; Fornberg (1988), *Generation of finite
    difference formulas on arbitrarily spaced grids*, table 1, gives the same weights.
    """
    f = as_operand(f)
    ndim = len(shape_of(f))
    axes = normal_axes(axis, ndim) if axis is None else tuple(
        normal_axes(i, ndim)[0] for i in (axis if isinstance(axis, (tuple, list)) else (axis,))
    )  # fmt: skip
    if not varargs:
        spacings: list[Any] = [None] * len(axes)
    elif len(varargs) == 1 and not shape_of(as_operand(varargs[0])):
        spacings = [varargs[0]] * len(axes)
    elif len(varargs) == len(axes):
        spacings = [as_operand(x) for x in varargs]
    else:
        raise ExpressionTypeError(f"gradient: {len(varargs)} spacings for {len(axes)} axes")
    if edge_order not in (1, 2):
        raise ExpressionValueError(f"gradient: edge_order={edge_order}; use 1 or 2")
    found = [_slopes(f, h, at, edge_order) for h, at in zip(spacings, axes, strict=True)]
    return found[0] if len(found) == 1 else tuple(found)


def _slopes(f: Any, spacing: Any, axis: int, edge_order: int) -> Any:
    n = shape_of(f)[axis]
    if n < edge_order + 1:
        raise ShapeError(f"gradient with edge_order={edge_order} needs more than {n} points")
    before = (slice(None),) * axis

    def at(start: int | None, stop: int | None) -> Any:
        return f[(*before, slice(start, stop))]

    equal = spacing is None or not shape_of(spacing)
    steps: Any = None if equal else same_axis(_steps(spacing, n), axis, len(shape_of(f)))
    if equal:
        inner = (at(2, None) - at(None, -2)) / (2.0 if spacing is None else 2.0 * spacing)
    else:
        left, right = steps[(*before, slice(None, -1))], steps[(*before, slice(1, None))]
        inner = (
            at(None, -2) * (-right / (left * (left + right)))
            + at(1, -1) * ((right - left) / (left * right))
            + at(2, None) * (left / (right * (left + right)))
        )

    def step(i: int) -> Any:
        if equal:
            return 1.0 if spacing is None else spacing
        return steps[(*before, slice(i, i + 1 or None))]

    if edge_order == 1:
        first, last = at(1, 2) - at(0, 1), at(-1, None) - at(-2, -1)
        if spacing is not None:
            first, last = first / step(0), last / step(-1)
    else:
        first = _edge(at(0, 1), at(1, 2), at(2, 3), step(0), step(1))
        last = -_edge(at(-1, None), at(-2, -1), at(-3, -2), step(-1), step(-2))
    return concatenate([first, inner, last] if n > 2 else [first, last], axis)


def _steps(points: Any, n: int) -> Any:
    if shape_of(points) != (n,):
        raise ShapeError(f"gradient: {n} points along the axis, coordinates {shape_of(points)}")
    return diff(points)


def _edge(y0: Any, y1: Any, y2: Any, h1: Any, h2: Any) -> Any:
    """The slope of the parabola through three points, at the first of them."""
    return (
        y0 * (-(2.0 * h1 + h2) / (h1 * (h1 + h2)))
        + y1 * ((h1 + h2) / (h1 * h2))
        + y2 * (-h1 / (h2 * (h1 + h2)))
    )


@implements(np.trapezoid)
def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    """The area under straight lines between points."""
    y = as_operand(y)
    ndim = len(shape_of(y))
    (at,) = normal_axes(axis, ndim)
    width: Any = dx
    if x is not None:
        x = as_operand(x)
        width = diff(x, axis=axis if len(shape_of(x)) > 1 else -1)
        width = same_axis(width, at, ndim) if len(shape_of(x)) == 1 else width
    before = (slice(None),) * at
    ends = y[(*before, slice(1, None))] + y[(*before, slice(None, -1))]
    return sum(width * ends / 2.0, at)


@implements(np.interp)
def interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None,
           period: Any = None) -> Any:  # fmt: skip
    """Values on straight lines between points; at a point, the slope of the line behind it."""
    x, xp, fp = (double(as_operand(v)) for v in (x, xp, fp))
    n = shape_of(xp)[0] if len(shape_of(xp)) == 1 else 0
    if not n or shape_of(fp) != (n,):
        raise ShapeError(f"interp takes as many points as values, got {shape_of(xp)} and "
                         f"{shape_of(fp)}")  # fmt: skip
    if period is not None:
        x, xp, fp = _periodic(x, xp, fp, period)
        left = right = None
        n += 2
    left = fp[0] if left is None else left
    right = fp[-1] if right is None else right
    if n == 1:
        inside = broadcast_to(fp[0], shape_of(x))
    elif is_symbolic(x) or is_symbolic(xp):
        inside = _by_conditions(x, xp, fp)
    else:
        inside = _by_places(x, xp, fp)
    inside = apply("where", (apply("greater", (x, xp[-1])), right, inside))
    return apply("where", (apply("less", (x, xp[0])), left, inside))


def _periodic(x: Any, xp: Any, fp: Any, period: Any) -> tuple[Any, Any, Any]:
    if not is_symbolic(period) and not numbers(period, "np.interp"):
        raise ExpressionValueError("interp: period=0; leave it out or give another")
    period = abs(period)
    x, xp = apply("mod", (x, period)), apply("mod", (xp, period))
    order = np.argsort(numbers(xp, "np.interp(period=)"), kind="stable")
    xp, fp = take(xp, order), take(fp, order)
    wide = [xp[-1:] - period, xp, xp[:1] + period]
    return x, concatenate(wide), concatenate([fp[-1:], fp, fp[:1]])


def _by_places(x: Any, xp: Any, fp: Any) -> Any:
    points = numbers(xp, "np.interp")
    place = np.searchsorted(points, numbers(x, "np.interp"), side="right") - 1
    place = np.clip(place, 0, len(points) - 2)
    x0, y0 = getitem(xp, place), getitem(fp, place)
    return (getitem(fp, place + 1) - y0) / (getitem(xp, place + 1) - x0) * (x - x0) + y0


def _by_conditions(x: Any, xp: Any, fp: Any) -> Any:
    n = shape_of(xp)[0]
    shape = shape_of(x)
    wide = reshape(x, (*shape, 1))
    slopes = diff(fp) / diff(xp)
    lines = slopes * (wide - xp[:-1]) + fp[:-1]
    if n == 2:
        return reshape(lines, shape)
    # The last point before x: the first and the last line go on for ever.
    begun = concatenate(
        [np.ones((*shape, 1)), apply("where", (apply("less_equal", (xp[1:-1], wide)), 1.0, 0.0))],
        -1,
    )
    over = concatenate([begun[..., 1:], np.zeros((*shape, 1))], -1)
    here = apply("greater", (begun, over))
    return sum(apply("where", (here, lines, 0)), -1)


@implements(np.unwrap)
def unwrap(p: Any, discont: Any = None, axis: int = -1, *, period: float = 2 * np.pi) -> Any:
    """Angles without jumps: each moved by whole periods, which are constants."""
    p = as_operand(p)
    bare = numbers(p, "np.unwrap")
    return p + (np.unwrap(bare, discont, axis, period=period) - bare)


@implements(np.bincount)
def bincount(x: Any, /, weights: Any = None, minlength: int = 0) -> Any:
    """Sums of the weights of each whole number; the numbers themselves are constants."""
    places = np.asarray(numbers(as_operand(x), "np.bincount"))
    if weights is None:
        return np.bincount(places, minlength=minlength)
    weights = double(as_operand(weights))
    if places.dtype.kind not in "iu" and places.size:
        raise ExpressionTypeError(f"bincount counts whole numbers, got {places.dtype}")
    if shape_of(weights) != places.shape or places.ndim != 1:
        raise ShapeError(f"bincount: weights {shape_of(weights)} for {places.shape} numbers")
    size = max(int(places.max(initial=-1)) + 1, minlength)
    return apply("scatter_add", (weights,), (Index((places.astype(np.intp),)), (size,)))
