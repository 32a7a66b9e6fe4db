"""Literal derivatives: a Python int in place of an array whose entries all are that number.

Seeds and the partials of sums are 1. Carrying them as literals leaves no ``1*`` and no ``0 +`` in
a derivative graph and saves the multiplication; ``None`` is a derivative that is structurally
zero. A computed zero is never dropped, for 0*inf is NaN and must be seen.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autodiff.boxes import Box, is_symbolic
from diffexpr import functions
from diffexpr.apply import apply
from diffexpr.expr import BOOL, constant

Shape = tuple[int, ...]


def product(a: Any, b: Any) -> Any:
    """``a*b``, where a literal 1 or -1 costs nothing."""
    if type(b) is int:
        if b == 1:
            return a
        if b == -1:
            return -a
    elif type(a) is int:
        if a == 1:
            return b
        if a == -1:
            return -b
    return a * b


def products(v: Any, p: Any) -> Any:
    """``v*p`` for several derivatives ``v`` along a leading axis, with 0*inf taken for 0 there.

    Unit vectors are zero by structure: beside the infinite slope of sqrt at 0 they must stay so.
    Where all derivatives vanish, the zero was computed, and NaN is the honest answer.
    """
    found = v * p
    slope = bare(p)
    if isinstance(slope, (np.ndarray, np.generic)) and not np.isfinite(slope).all():
        zero = apply("equal", (bare(v), 0))
        alive = ~zero.all(axis=0)
        found = where(zero & alive & ~np.isfinite(slope), 0, found)
    return found


def bare(x: Any) -> Any:
    """What boxes finally carry."""
    while isinstance(x, Box):
        x = x.primal
    return x


def where(condition: Any, x: Any, y: Any) -> Any:
    return apply("where", (condition, x, y))


def is_truth(p: Any) -> bool:
    """Whether a partial is a truth value, which selects, and not a number, which scales."""
    return type(p) is bool or getattr(p, "dtype", None) == BOOL


def full(value: int, shape: Shape, like: Any) -> Any:
    """A literal written out, of the shape and the precision of ``like``."""
    if is_symbolic(like):
        return constant(value) if not shape else constant(np.full(shape, float(value)))
    kind = float_kind(like)
    return np.full(shape, value, kind) if shape else kind.type(value)


def float_kind(like: Any) -> np.dtype[Any]:
    """The precision of an operand; float64 for integers and truth values."""
    kind = np.dtype(getattr(like, "dtype", float))
    return kind if kind.kind in "fc" else np.dtype(float)


def written(v: Any, shape: Shape, like: Any, lead: int = 0) -> Any:
    """A derivative without literals, broadcast to its full shape behind ``lead`` leading axes."""
    if v is None or type(v) is int:
        return full(v or 0, shape, like)
    wanted = (*v.shape[:lead], *shape)
    return v if v.shape == wanted else functions.broadcast_to(padded(v, len(shape), lead), wanted)


def received(v: Any, x: Any) -> Any:
    """A cotangent as the variable ``x`` receives it: without literals, and real if that is real.

    The imaginary part that the cotangent of a real value may carry is left out only here; see
    `complex_rules`.
    """
    v = written(v, x.shape, x)
    if v.dtype.kind == "c" and x.dtype.kind != "c":
        return apply("real", (v,))
    return v


def padded(v: Any, ndim: int, lead: int) -> Any:
    """Axes of size one after the leading ones, so that the rest aligns with ``ndim`` axes."""
    missing = ndim + lead - len(v.shape)
    if not lead or missing <= 0:
        return v
    return functions.reshape(v, (*v.shape[:lead], *(1,) * missing, *v.shape[lead:]))


def basis(x: Any, start: int, count: int, offset: int, unit: Any) -> Any:
    """Unit vectors ``start`` to ``start + count`` of all variables: their part in ``x``.

    The part of ``x``, which begins at ``offset``, has shape ``(count, *x.shape)``.
    """
    size = math.prod(x.shape)
    rows = np.eye(count, size, start - offset, dtype=float_kind(x)).reshape(count, *x.shape)
    return rows if type(unit) is int else rows * unit
