"""einsum of two operands as a product of matrices, which is BLAS's.

NumPy's einsum goes through its operands entry by entry.
"""

from __future__ import annotations

import math

from compare.lower.passes.shapes import reshaped
from diffexpr import Expr, contraction
from diffexpr.apply import apply

Axes = tuple[int, ...]


def as_matmul(node: Expr) -> Expr | None:
    """An einsum as transposes, a matmul and reshapes; None where it is none, or is too small.

    The plan is the one by which the interpreter multiplies, and so is the size from which the
    copies that a reshape of a transpose makes are worth it. Where nothing needs to be copied,
    matmul takes over at any size.

    Parameters
    ----------
    node : Expr
        An einsum.

    Returns
    -------
    Expr or None

    Examples
    --------
    >>> import numpy as np
    >>> from diffexpr import symbol
    >>> a, b = symbol("a", (2, 3)), symbol("b", (4, 3))
    >>> as_matmul(np.einsum("ij,kj->ik", a, b))
    a @ transpose(b)
    """
    if len(node.args) != 2 or any(arg.dtype.kind not in "fc" for arg in node.args):
        return None
    plan = contraction.plan(node.params[0])
    if plan is None:
        return None
    a, b = node.args
    shared, rows, sums, columns = plan.counts
    inner = shared + sums
    plain = rows <= 1 and columns <= 1 and sums == 1 and not shared
    size = math.prod(a.shape) * math.prod(b.shape[axis] for axis in plan.second[inner:])
    if size < contraction.FEW and not (plain and _is_sorted(plan.order)):
        return None
    left, right = _transposed(a, plan.first), _transposed(b, plan.second)
    front, above = left.shape[:shared], left.shape[shared : shared + rows]
    below, k = right.shape[inner:], math.prod(left.shape[shared + rows :])
    # A vector stays one; within a stack it is a row or a column.
    tall = (math.prod(above),) if rows or shared else ()
    wide = (math.prod(below),) if columns or shared else ()
    found = product(reshaped(left, (*front, *tall, k)), reshaped(right, (*front, k, *wide)))
    return _transposed(reshaped(found, (*front, *above, *below)), plan.order)


def product(a: Expr, b: Expr) -> Expr:
    """``a @ b``, with a vector on the other side of a matrix that would be transposed."""
    if a.op == "transpose" and len(b.shape) == 1 and len(a.shape) == 2:
        return apply("matmul", (b, a.args[0]))
    if b.op == "transpose" and len(a.shape) == 1 and len(b.shape) == 2:
        return apply("matmul", (b.args[0], a))
    return apply("matmul", (a, b))


def _is_sorted(axes: Axes) -> bool:
    return axes == tuple(range(len(axes)))


def _transposed(x: Expr, axes: Axes) -> Expr:
    return x if _is_sorted(axes) else apply("transpose", (x,), (axes,))
