"""Reshapes and broadcasts in their shortest form."""

from __future__ import annotations

import math

from diffexpr import Expr
from diffexpr.apply import apply

Shape = tuple[int, ...]


def padded(shape: Shape, ndim: int) -> Shape:
    """A shape with axes of length 1 in front, as broadcasting has it."""
    return (1,) * (ndim - len(shape)) + shape


def bare(shape: Shape) -> Shape:
    """A shape without the axes of length 1 in front, which broadcasting supplies."""
    start = 0
    while start < len(shape) and shape[start] == 1:
        start += 1
    return shape[start:]


def reshaped(x: Expr, shape: Shape) -> Expr:
    """``reshape(x, shape)``, where it does something.

    Examples
    --------
    >>> from diffexpr import symbol
    >>> x = symbol("x", (2, 3))
    >>> reshaped(reshaped(x, (6,)), (2, 3))
    x
    """
    while x.op == "reshape":
        x = x.args[0]
    if x.shape == shape:
        return x
    if x.op == "broadcast_to":
        inner = _inner_shape(x.args[0].shape, x.shape, shape)
        if inner is not None:
            return broadcasted(reshaped(x.args[0], inner), shape)
    return apply("reshape", (x,), (shape,))


def _inner_shape(inner: Shape, outer: Shape, shape: Shape) -> Shape | None:
    """What broadcasts to a shape as ``inner`` did to ``outer``, if only axes of length 1 differ."""
    if math.prod(inner) == 1:
        return ()
    sizes = [
        n for n, m in zip(padded(inner, len(outer)), outer, strict=True) if m != 1
    ]  # fmt: skip
    if [m for m in outer if m != 1] != [m for m in shape if m != 1]:
        return None
    left = iter(sizes)
    return bare(tuple(1 if m == 1 else next(left) for m in shape))


def stripped(x: Expr) -> Expr:
    """An operand of what broadcasts anyway, without its own broadcasts and leading axes."""
    while x.op == "broadcast_to" or (
        x.op == "reshape"
        and len(x.args[0].shape) <= len(x.shape)
        and bare(x.args[0].shape) == bare(x.shape)
    ):
        x = x.args[0]
    return x


def broadcasted(x: Expr, shape: Shape) -> Expr:
    """``broadcast_to(x, shape)``, where it does something.

    Examples
    --------
    >>> from diffexpr import symbol
    >>> x = symbol("x", (3,))
    >>> broadcasted(broadcasted(x, (2, 3)), (2, 3))
    broadcast_to(x, (2, 3))
    """
    if x.shape == shape:
        return x
    x = stripped(x)
    if x.shape == shape:
        return x
    if math.prod(x.shape) == math.prod(shape):
        return reshaped(x, shape)
    return apply("broadcast_to", (x,), (shape,))
