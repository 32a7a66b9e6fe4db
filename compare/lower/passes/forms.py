"""How operands are written: the numbers, squares, exponentials and sums that rules look for."""

from __future__ import annotations

from compare.lower.passes.shapes import padded
from diffexpr import Expr
from diffexpr.apply import apply
from diffexpr.frozen import Frozen

# How many broadcasts and reshapes are looked through.
_WRAPPERS = 3
TERMS = 8
"""How many terms of a sum are looked at."""


def is_number(node: Expr, wanted: float) -> bool:
    """Whether a node is a real number wherever it stands: a scalar, or an array filled with it.

    Examples
    --------
    >>> import numpy as np
    >>> from diffexpr import constant
    >>> is_number(constant(1), 1), is_number(constant(np.ones(3)), 1), is_number(constant(2.0), 1)
    (True, True, False)
    """
    for _ in range(_WRAPPERS):
        if node.op != "broadcast_to" and node.op != "reshape":
            break
        node = node.args[0]
    if node.op != "constant":
        return False
    value = node.params[0]
    if not isinstance(value, Frozen):
        return type(value) is not bool and value == wanted
    array = value.array
    # Most arrays are told apart by their first entry.
    return array.dtype.kind == "f" and array.size > 0 and bool(
        array.flat[0] == wanted and (array == wanted).all()
    )  # fmt: skip


def other_than(node: Expr, wanted: float) -> Expr | None:
    """Of two operands in either order, the one beside a number."""
    a, b = node.args
    if is_number(a, wanted):
        return b
    return a if is_number(b, wanted) else None


def square_root_of(node: Expr) -> Expr | None:
    """What is squared, written ``square(x)``, ``x**2`` or ``x*x``."""
    product = node.op == "multiply" and node.args[0] is node.args[1]
    power = node.op == "power" and is_number(node.args[1], 2)
    if not (product or power or node.op == "square"):
        return None
    found = node.args[0]
    return found if found.shape == node.shape and found.dtype == node.dtype else None


def negated(x: Expr) -> Expr:
    """The negative of an operand, without a second sign where it has one; exact."""
    if x.op == "negative":
        return x.args[0]
    if x.op == "multiply" and is_number(x.args[0], -1) and x.args[1].shape == x.shape:
        return x.args[1]
    return apply("negative", (x,))


def opposite(x: Expr) -> Expr:
    """-x, for a difference by turning it round; exact, but for the sign of a zero."""
    return apply("subtract", x.args[::-1]) if x.op == "subtract" else negated(x)


def terms(node: Expr) -> list[Expr] | None:
    """The terms of a sum written with plus signs, from left to right; None where there are many."""
    found: list[Expr] = []
    waiting = [node]
    while waiting:
        node = waiting.pop()
        if node.op == "add":
            waiting += node.args[::-1]
        else:
            found.append(node)
        if len(found) + len(waiting) > TERMS:
            return None
    return found


def unwrapped(node: Expr, shape: tuple[int, ...]) -> Expr:
    """What a broadcast to a shape, and a reshape that moves only axes of length 1, stand around."""
    for _ in range(_WRAPPERS):
        inside = node.args[0] if node.args else node
        turned = node.op == "reshape" and _long(inside.shape) == _long(node.shape)
        if not turned and not (node.op == "broadcast_to" and node.shape == shape):
            break
        node = inside
    return node


def _long(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(n for n in shape if n != 1)


def lies_along(node: Expr, shape: tuple[int, ...], axes: tuple[int, ...]) -> bool:
    """Whether a factor of an array is constant along just these axes, broadcasts looked through."""
    while node.op == "broadcast_to" and node.shape == shape:
        node = node.args[0]
    kept = tuple(1 if axis in axes else n for axis, n in enumerate(shape))
    return len(node.shape) <= len(shape) and padded(node.shape, len(shape)) == kept


def in_place_of(node: Expr, found: Expr) -> Expr | None:
    """What was found, broadcast to the shape of a node; None where its kind of number differs."""
    if found.dtype != node.dtype:
        return None
    if found.shape != node.shape:
        return apply("broadcast_to", (found,), (node.shape,))
    return found
