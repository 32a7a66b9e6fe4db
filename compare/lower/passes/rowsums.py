"""Sums over the rows of products of matrices, without the products."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from compare.lower.passes.shapes import padded, reshaped
from compare.lower.passes.sharing import rewrite_from, signed_zeros, uses
from diffexpr import Expr
from diffexpr.apply import apply
from diffexpr.walk import topological

# How many operations between a sum and a product are looked through.
_DEPTH = 6


class _Sum(NamedTuple):
    """A sum over axes, which stay with length 1, and how many multiplications it spares."""

    node: Expr
    spared: int


def rowsums(outputs: Sequence[Expr]) -> tuple[Expr, ...]:
    """The same outputs, with sums over the rows of products drawn into the products.

    =====================================  =====================================
    written                                becomes
    =====================================  =====================================
    sum(A @ B, rows)                       sum(A, rows) @ B
    sum(A @ B + C, rows)                   sum(A, rows) @ B + sum(C, rows)
    sum(A @ B + c*D, rows), c the same     sum(A, rows) @ B + c*sum(D, rows)
    in all rows
    =====================================  =====================================

    Also of the negative and of transposes of these, and of stacks of matrices. Nothing else may
    use the product. In the gradient by the location of a quadratic form it is the largest of
    the products.

    Parameters
    ----------
    outputs : sequence of Expr

    Returns
    -------
    tuple of Expr

    Notes
    -----
    A sum over rows is a product with a row of ones, and its place in the chain of products that
    of `chains`, with what is said there of roundings and overflow. That of ``A @ B + C`` is taken
    apart only where the one of ``A @ B`` is drawn in: where C cancels A @ B, the rounding of A @ B
    is at least as large as that of the sums.

    Examples
    --------
    >>> import numpy as np
    >>> from diffexpr import symbol
    >>> a, b = symbol("a", (500, 9)), symbol("b", (9, 9))
    >>> rowsums([np.sum(a @ b, axis=0)])
    (reshape(sum(a, axis=0, keepdims=True) @ b, (9,)),)
    """
    order = topological(outputs)
    if not any(node.op == "matmul" for node in order):
        return tuple(outputs)
    used, signed = uses(order, outputs), signed_zeros(order)

    def total(node: Expr, origin: Expr) -> Expr | None:
        if origin in signed or node.dtype.kind != "f" or node.args[0].dtype != node.dtype:
            return None
        if used[origin.args[0]] > 1:
            return None
        found = _drawn(node.args[0], origin.args[0], node.params[0], used, _DEPTH)
        return reshaped(found.node, node.shape) if found.spared > 0 else None

    return rewrite_from(order, outputs, {"sum": total})


def _drawn(x: Expr, origin: Expr, axes: tuple[int, ...], used: Counter[Expr], depth: int) -> _Sum:
    """The sum of a node, drawn into it as far as a product of matrices is reached."""
    whole = _Sum(apply("sum", (x,), (axes, True)), 0)
    # Only where rewriting has kept the form is it known who else uses the operands.
    if depth == 0 or x.op != origin.op or used[origin] > 1 or x.dtype.kind != "f":
        return whole
    inner = list(zip(x.args, origin.args, strict=True))
    if x.op == "matmul":
        return _of_product(x, axes) or whole
    if x.op == "negative":
        found = _drawn(*inner[0], axes, used, depth - 1)
        return _Sum(apply("negative", (found.node,)), found.spared) if found.spared else whole
    if x.op == "transpose":
        (turned,) = x.params
        found = _drawn(*inner[0], tuple(sorted(turned[i] for i in axes)), used, depth - 1)
        return _Sum(_turned(found.node, turned), found.spared) if found.spared else whole
    if x.op == "multiply":
        for (one, from_one), other in ((inner[0], x.args[1]), (inner[1], x.args[0])):
            sizes = padded(other.shape, len(x.shape))
            if one.shape == x.shape and all(sizes[axis] == 1 for axis in axes):
                found = _drawn(one, from_one, axes, used, depth - 1)
                return _Sum(apply("multiply", (other, found.node)), found.spared)
    if x.op == "add" and all(arg.shape == x.shape and arg.dtype == x.dtype for arg in x.args):
        a, b = (_drawn(*pair, axes, used, depth - 1) for pair in inner)
        if a.spared or b.spared:
            return _Sum(apply("add", (a.node, b.node)), a.spared + b.spared)
    return whole


def _total(x: Expr, axes: tuple[int, ...]) -> Expr:
    """The sum over axes, which stay with length 1; of what is transposed, transposed later."""
    if x.op != "transpose":
        return apply("sum", (x,), (axes, True))
    (turned,) = x.params
    inner = tuple(sorted(turned[axis] for axis in axes))
    return _turned(apply("sum", x.args, (inner, True)), turned)


def _turned(x: Expr, axes: tuple[int, ...]) -> Expr:
    """``transpose(x, axes)``, a reshape where only axes of length 1 change their places."""
    long = [axis for axis in axes if x.shape[axis] != 1]
    if long == sorted(long):
        return reshaped(x, tuple(x.shape[axis] for axis in axes))
    return apply("transpose", (x,), (axes,))


def _of_product(x: Expr, axes: tuple[int, ...]) -> _Sum | None:
    """The sum over the rows, or the columns, of each product of a stack."""
    a, b = x.args
    last = len(x.shape) - 1
    if len(a.shape) != len(b.shape) or last < 1 or any(arg.dtype != x.dtype for arg in x.args):
        return None
    if a.shape[:-2] != b.shape[:-2] or x.shape[axes[0]] < 2:
        return None
    if axes == (last - 1,):
        a = _total(a, axes)
    elif axes == (last,):
        b = _total(b, axes)
    else:
        return None
    found = apply("matmul", (a, b))
    spared = math.prod(x.shape) - math.prod(found.shape)
    return _Sum(found, spared * x.args[0].shape[-1])
