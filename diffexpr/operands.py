"""Operands of any kind in normal form, and which function of NumPy is which of the language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from diffexpr.apply import apply
from diffexpr.errors import ControlFlowError, ExpressionTypeError, ShapeError

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


def dtype_of(x: Any) -> np.dtype[Any]:
    """The dtype of an operand of any kind; that of Python's own numbers as NumPy takes them."""
    kind = getattr(x, "dtype", None)
    return np.asarray(x).dtype if kind is None else np.dtype(kind)


def float_kind(x: Any) -> np.dtype[Any]:
    """The floating kind an operand is or becomes."""
    kind = dtype_of(x)
    return kind if kind.kind in "fc" else np.dtype(float)


def as_operand(x: Any) -> Any:
    """A list or tuple of operands, or an array of them, as one operand."""
    if type(x) is np.ndarray and x.dtype.hasobject and x.size:
        items = tuple(x.flat)
        if any(hasattr(item, "_level") for item in items):
            flat = apply("stack", items, (0,))
            return flat if x.ndim == 1 else apply("reshape", (flat,), (x.shape,))
    if not isinstance(x, (list, tuple)):
        return x
    if any(hasattr(item, "_level") or isinstance(item, (list, tuple)) for item in x):
        return apply("stack", tuple(as_operand(item) for item in x), (0,))
    return np.asarray(x)


def plain(x: Any) -> Any:
    """What the boxes around a value finally carry: a number, an array or an expression."""
    while True:
        inner = getattr(x, "primal", None)
        if inner is None:
            return x
        x = inner


def is_symbolic(x: Any) -> bool:
    """Whether a value is an expression, inside any boxes around it."""
    return hasattr(plain(x), "_level")


def numbers(x: Any, what: str) -> Any:
    """The numbers of an operand, or of operands in a list, without their derivatives.

    Raises
    ------
    ControlFlowError
        If one of them is symbolic, and has none.
    """
    if isinstance(x, (list, tuple)):
        return type(x)(numbers(item, what) for item in x)
    bare = plain(x)
    if hasattr(bare, "_level"):
        raise ControlFlowError(
            f"{what} asks for the numbers of a symbolic value; call the expression with "
            "numbers, or differentiate the function itself with autodiff"
        )
    return bare


def decided(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """A NumPy function whose result is a constant: it sees the numbers alone."""

    def decide(*args: Any, **options: Any) -> Any:
        what = f"np.{name}"
        return function(
            *(numbers(x, what) for x in args),
            **{key: numbers(x, what) for key, x in options.items()},
        )

    decide.__doc__ = f"``np.{name}``, decided on the numbers: a constant to every derivative."
    return decide


def no_out(name: str, out: Any) -> None:
    """Refuse to write into an array."""
    if out is not None and out is not np._NoValue:
        raise ExpressionTypeError(
            f"np.{name}(..., out=) writes into an array, which cannot be differentiated; "
            "use the returned value"
        )


def given(value: Any) -> bool:
    """Whether an optional argument was given at all."""
    return value is not None and value is not np._NoValue


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
