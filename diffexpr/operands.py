"""Operands of any kind in normal form, and which function of NumPy is which of the language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from diffexpr.apply import apply
from diffexpr.errors import ShapeError

Shape = tuple[int, ...]
FUNCTIONS: dict[Any, Callable[..., Any]] = {}
"""NumPy function to the function here that carries it out."""


def implements(*numpy_functions: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Enter a function as the meaning of NumPy functions."""

    def enter(function: Callable[..., Any]) -> Callable[..., Any]:
        for numpy_function in numpy_functions:
            FUNCTIONS[numpy_function] = function
        return function

    return enter


def shape_of(x: Any) -> Shape:
    """The shape of an operand of any kind, a list of operands included."""
    shape = getattr(x, "shape", None)
    return np.shape(x) if shape is None else shape


def as_operand(x: Any) -> Any:
    """A list or tuple of operands as one operand."""
    if not isinstance(x, (list, tuple)):
        return x
    if any(hasattr(item, "_level") or isinstance(item, (list, tuple)) for item in x):
        return apply("stack", tuple(as_operand(item) for item in x), (0,))
    return np.asarray(x)


def normal_axes(axis: Any, ndim: int) -> Shape:
    """Axes as a sorted tuple of positions counted from the front; None means all of them."""
    if axis is None:
        return tuple(range(ndim))
    axes = axis if isinstance(axis, (tuple, list)) else (axis,)
    for a in axes:
        if not -ndim <= a < ndim:
            raise ShapeError(f"axis {a} is out of range for {ndim} dimension(s)")
    found = tuple(sorted({int(a) % ndim for a in axes}))
    if len(found) != len(axes):
        raise ShapeError(f"axis {axis} names one dimension twice")
    return found
