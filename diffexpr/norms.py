"""Norms of vectors and matrices, every order that NumPy has; the derivative of each at 0 is 0."""

from __future__ import annotations

from typing import Any

import numpy as np

from diffexpr.apply import apply
from diffexpr.complex_parts import absolute, is_complex
from diffexpr.errors import ExpressionValueError, ShapeError
from diffexpr.operands import as_operand, implements, normal_axes, shape_of
from diffexpr.reductions import max, min, reduce, sum
from diffexpr.shapes import moveaxis, reshape

Shape = tuple[int, ...]


@implements(np.linalg.norm)
def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """A norm of vectors along one axis, or of matrices along two."""
    x = as_operand(x)
    ndim = len(shape_of(x))
    if ord is None and axis is None:
        return _euclidean(x, None, keepdims)
    axes = tuple(range(ndim)) if axis is None else axis
    axes = (axes,) if isinstance(axes, (int, np.integer)) else tuple(axes)
    if ord is None:
        return _euclidean(x, axes, keepdims)
    if len(axes) not in (1, 2):
        raise ShapeError(f"norm(ord={ord!r}) takes one or two axes, got {len(axes)}; give axis=")
    if len(axes) == 1:
        return _of_vectors(x, ord, axes, keepdims)
    return _of_matrices(x, ord, axes, keepdims)


@implements(np.linalg.vector_norm)
def vector_norm(x: Any, /, *, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Any:
    """A norm of everything along some axes, taken as one vector."""
    return _of_vectors(as_operand(x), ord, axis, keepdims)


@implements(np.linalg.matrix_norm)
def matrix_norm(x: Any, /, *, keepdims: bool = False, ord: Any = "fro") -> Any:
    """A norm of the matrices in the last two axes."""
    return _of_matrices(as_operand(x), ord, (-2, -1), keepdims)


def _euclidean(x: Any, axes: Any, keepdims: bool) -> Any:
    return reduce("norm", absolute(x) if is_complex(x) else x, axes, keepdims)


def _of_vectors(x: Any, ord: Any, axes: Any, keepdims: bool) -> Any:
    if not isinstance(ord, (int, float, np.number)):
        raise ExpressionValueError(f"norm: ord={ord!r} is no order of a vector norm; use a number")
    if ord == 2:
        return _euclidean(x, axes, keepdims)
    size = absolute(x)
    empty = apply("equal", (size, 0))
    if ord == 0:
        return sum(apply("where", (empty, 0.0, 1.0)), axes, keepdims=keepdims)
    if ord == 1:
        return sum(size, axes, keepdims=keepdims)
    if abs(ord) == np.inf:
        return (max if ord > 0 else min)(size, axes, keepdims=keepdims)
    # Zeros are put aside, and put back as the constants they are: an infinite slope of the power
    # or the root must not meet a zero and make NaN.
    powers = apply("power", (apply("where", (empty, 1, size)), float(ord)))
    if ord > 0:
        total = sum(apply("where", (empty, 0, powers)), axes, keepdims=keepdims)
        none = apply("equal", (total, 0))
    else:
        total = sum(powers, axes, keepdims=keepdims)
        zeros = sum(apply("where", (empty, 1.0, 0.0)), axes, keepdims=keepdims)
        none = apply("greater", (zeros, 0))
    root = apply("power", (apply("where", (none, 1, total)), 1 / float(ord)))
    return apply("where", (none, 0, root))


def _of_matrices(x: Any, ord: Any, axes: Any, keepdims: bool) -> Any:
    if ord == "fro":
        return _euclidean(x, axes, keepdims)
    ndim = len(shape_of(x))
    both = normal_axes(axes, ndim)
    x = moveaxis(x, axes, (-2, -1))
    if ord in (1, -1, np.inf, -np.inf):
        lines = sum(absolute(x), ndim - 2 if abs(ord) == 1 else ndim - 1)
        found = (max if ord > 0 else min)(lines, ndim - 2)
    elif ord in (2, -2, "nuc"):
        s = apply("svdvals", (x,), (False,))
        # At 0 a singular value has a kink like that of abs, and the same convention.
        s = apply("where", (apply("greater", (s, 0)), s, 0))
        found = sum(s, -1) if ord == "nuc" else (max if ord > 0 else min)(s, -1)
    else:
        raise ExpressionValueError(
            f"norm: ord={ord!r} is no order of a matrix norm; use 1, -1, 2, -2, inf, -inf, "
            "'fro' or 'nuc'"
        )
    if not keepdims:
        return found
    shape = list(shape_of(found))
    for axis in both:
        shape.insert(axis, 1)
    return reshape(found, shape)
