"""An array expression taken apart: one scalar expression per element."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

import symdiff.matrices  # noqa: F401  (it enters its operations into the table)
from diffexpr import Expr, constant
from diffexpr.build import node
from diffexpr.expr import is_constant
from diffexpr.frozen import Frozen
from diffexpr.functions import getitem
from diffexpr.primitives import TABLE as PRIMITIVES
from diffexpr.walk import topological
from symdiff import arrays
from symdiff.arrays import Array, as_objects
from symdiff.custom import written_out

MAX_ELEMENTS = 10_000
"""Largest array, input or result, that is taken apart."""

MAX_NODES = 100_000
"""Most operations on elements that one expression may come to."""


CEILING = 10**9
"""Where counting stops: the number of operations written out doubles with every nesting."""


class Scalars:
    """The algebra of scalar expressions: the sums and products of `arrays`, as graph nodes."""

    def __init__(self) -> None:
        self.count = 0

    def call(self, op: str, *elements: Expr) -> Expr:
        if op in arrays.TABLE:
            return node(op, (node("stack", elements, (0,)),), ((0,), False))
        if op == "add":
            # Zeros that stand where nothing was scattered, not values.
            if is_constant(elements[0], 0):
                return elements[1]
            if is_constant(elements[1], 0):
                return elements[0]
        return node(op, elements)

    def number(self, value: float) -> Expr:
        return constant(int(value))

    def bound(self, count: int) -> None:
        self.count += count
        if self.count > MAX_NODES:
            raise arrays.too_many(
                "the expression, element by element", self.count, "graph nodes", MAX_NODES
            )


def elements(expr: Expr) -> Array:
    """The elements of an expression, an object array of scalar expressions of its shape.

    Elements of an array variable are its subscripts, ``w[0, 1]``.

    Raises
    ------
    BoundError
        If an array has more than `MAX_ELEMENTS` elements or the whole more than `MAX_NODES`
        operations.

    Examples
    --------
    >>> from diffexpr import symbol
    >>> w = symbol("w", (2,))
    >>> elements(w * w)
    array([w[0]*w[0], w[1]*w[1]], dtype=object)
    """
    algebra = Scalars()
    expr = written_out(expr)
    order = topological(expr)
    if len(order) > MAX_NODES:
        raise arrays.too_many("the expression", len(order), "graph nodes", MAX_NODES)
    made: dict[Expr, Any] = {}
    for n in order:
        if n.shape and n.size > MAX_ELEMENTS:
            raise arrays.too_many(
                f"an array of shape {n.shape}, element by element",
                n.size,
                "array elements",
                MAX_ELEMENTS,
            )
        made[n] = _apart(n, made, algebra)
    whole = made[expr]
    return whole if isinstance(whole, np.ndarray) else as_objects([whole], ())


def _apart(n: Expr, made: dict[Expr, Any], algebra: Scalars) -> Any:
    """The elements of one node: a scalar expression for a scalar, an object array otherwise."""
    if not n.args:
        return _leaf(n)
    operands = [made[arg] for arg in n.args]
    if n.op in PRIMITIVES:
        if not n.shape:
            if all(new is old for new, old in zip(operands, n.args, strict=True)):
                return n
            return node(n.op, tuple(operands), n.params)
        return arrays.elementwise(algebra, n.op, [_array(x) for x in operands])
    found = arrays.TABLE[n.op](algebra, *(_array(x) for x in operands), *n.params)
    return found if n.shape else found.reshape(())[()]


def _array(x: Any) -> Array:
    return x if isinstance(x, np.ndarray) else as_objects([x], ())


def _leaf(n: Expr) -> Any:
    if n.op == "constant":
        held = n.params[0]
        if not isinstance(held, Frozen):
            return n
        found = as_objects([constant(x) for x in held.array.flat], held.array.shape)
        return found if n.shape else found[()]
    if not n.shape:
        return n
    places = itertools.product(*(range(size) for size in n.shape))
    return as_objects([getitem(n, place) for place in places], n.shape)


def is_element(n: Expr) -> bool:
    """Whether a scalar node is a variable or one element of an array variable."""
    return n.op == "symbol" or (n.op == "getitem" and n.args[0].op == "symbol")


def scalar_order(roots: list[Expr]) -> list[Expr]:
    """Every scalar node below the roots, operands first; elements of variables are leaves.

    The stack under a reduction belongs to the reduction: its elements are the operands.
    """
    done: set[Expr] = set()
    open_: set[Expr] = set()
    order: list[Expr] = []
    stack = roots[::-1]
    while stack:
        n = stack[-1]
        if n in done:
            stack.pop()
            continue
        below = operands(n)
        if n in open_ or not below:
            stack.pop()
            done.add(n)
            order.append(n)
        else:
            open_.add(n)
            stack.extend(arg for arg in reversed(below) if arg not in done)
    return order


def operands(n: Expr) -> tuple[Expr, ...]:
    """The scalar operands of a scalar node."""
    if is_element(n):
        return ()
    if n.args and n.args[0].op == "stack" and n.op in arrays.TABLE:
        return n.args[0].args
    return n.args


def assemble(parts: Array) -> Expr:
    """Scalar expressions as one expression of the shape of their array."""
    flat: list[Expr] = list(parts.flat)
    if parts.ndim == 0:
        return flat[0]
    if not flat or all(p.op == "constant" for p in flat):
        values = np.array([p.params[0] for p in flat], float)
        return constant(values.reshape(parts.shape))
    stacked = node("stack", tuple(flat), (0,))
    return stacked if parts.ndim == 1 else node("reshape", (stacked,), (parts.shape,))


def expanded(roots: Sequence[Expr]) -> list[tuple[int, int]]:
    """Operations of each graph written out as a formula, and about those of its derivative.

    Counted without writing either. By the chain rule every operation enters the derivative once
    for each operation above it, so the second is the sum of the sizes of all subexpressions.
    """
    size: dict[Expr, tuple[int, int]] = {}
    for n in scalar_order(list(roots)):
        below = operands(n)
        whole = min(CEILING, (len(below) > 0) + sum(size[arg][0] for arg in below))
        size[n] = whole, min(CEILING, whole + sum(size[arg][1] for arg in below))
    return [size[root] for root in roots]
