"""Products of matrices: in the order that costs least, and without transposes that BLAS can spare.

A transpose of a whole array is a view, and BLAS takes either layout for either operand: what
costs is the strided result, the statement, and the order of the multiplications. So a transpose of
a product becomes a product of transposes, of which those that meet another transpose vanish.
``a.T @ b.T`` stays: it has a contiguous result already, ``(b @ a).T`` has not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from compare.lower.passes.chains import chains
from compare.lower.passes.contractions import as_matmul, product
from compare.lower.passes.rowsums import rowsums
from compare.lower.passes.shapes import reshaped
from compare.lower.passes.sharing import rewrite_from, signed_zeros, uses
from diffexpr import Expr
from diffexpr.apply import apply
from diffexpr.walk import topological


def products(outputs: Sequence[Expr]) -> tuple[Expr, ...]:
    """The same outputs, with products of matrices written so that they cost less.

    ==================================  =============================================
    written                             becomes
    ==================================  =============================================
    A @ B @ v                           A @ (B @ v); see `chains`
    (A @ B).T                           B.T @ A.T, where nothing else uses A @ B; of stacks
                                        where it makes rows the last axis
    sum(A @ B, rows)                    sum(A, rows) @ B; see `rowsums`
    A.T.T, v.T                          A, v
    transpose of a row or a column      reshape
    A.T @ v, v @ A.T                    v @ A, A @ v
    (-A) @ B                            -(A @ B), where that is smaller
    column @ row                        column*row
    a vector reshaped, multiplied       the product with the vector
    and reshaped again
    einsum of two operands              matmul, where it is a product of (stacks of)
                                        matrices; see `contractions`
    ==================================  =============================================

    Parameters
    ----------
    outputs : sequence of Expr

    Returns
    -------
    tuple of Expr

    Notes
    -----
    All but the chains and sums over rows sum the same products, in an order that is BLAS's choice:
    NaN and infinite entries stay in their places, unless a sum overflows in one order only, and
    roundings stay within n eps |A||B|. What turns 0 into -0 is left alone where more hangs on that
    sign. Factors that are numbers stay where they are: to move one can make a product overflow.

    Examples
    --------
    >>> from diffexpr import symbol
    >>> a, b, v = symbol("a", (4, 4)), symbol("b", (4, 4)), symbol("v", (4,))
    >>> products([(a @ b.T).T, a @ b @ v])
    (b @ transpose(a), a @ (b @ v))
    """
    order = topological(outputs)
    if not any(node.op in _PRODUCTS for node in order):
        return tuple(outputs)
    return _outer(chains(rowsums(_turned(order, outputs))))


_PRODUCTS = frozenset(("matmul", "einsum", "transpose"))


def _turned(order: Sequence[Expr], outputs: Sequence[Expr]) -> tuple[Expr, ...]:
    used, signed = uses(order, outputs), signed_zeros(order)

    def transpose(node: Expr, origin: Expr) -> Expr | None:
        (x,), (axes,) = node.args, node.params
        if x.op == "matmul" and axes == (1, 0) and _is_flat(x):
            below = origin.args[0]
            if below.op == "matmul" and used[below] == 1:
                a, b = x.args
                return apply("matmul", (_transposed(b, (1, 0)), _transposed(a, (1, 0))))
        if used[origin.args[0]] == 1 and _ends_with_rows(x, axes):
            a, b = x.args
            last = len(axes) - 1
            swapped = (*range(last - 1), last, last - 1)
            product = apply("matmul", (_transposed(b, swapped), _transposed(a, swapped)))
            return _transposed(product, tuple(swapped[axis] for axis in axes))
        found = _transposed(x, axes)
        return None if found is node else found

    def matmul(node: Expr, origin: Expr) -> Expr | None:
        a, b = node.args
        if "transpose" in (a.op, b.op):
            found = product(a, b)
            return None if found is node else found
        if origin in signed or not _is_real(node):
            return None
        size = math.prod(node.shape)
        if a.op == "negative" and size < math.prod(a.shape):
            return apply("negative", (apply("matmul", (a.args[0], b)),))
        if b.op == "negative" and size < math.prod(b.shape):
            return apply("negative", (apply("matmul", (a, b.args[0])),))
        return None

    def reshape(node: Expr, origin: Expr) -> Expr | None:
        """A vector as a row or a column, multiplied and made a vector again."""
        (matrix,) = node.args
        if matrix.op != "matmul" or not _is_flat(matrix) or len(node.shape) != 1:
            return None
        if used[origin.args[0]] > 1:
            return None
        a, b = matrix.args
        if matrix.shape[0] == 1 and _is_vector(a):
            return product(a.args[0], b)
        if matrix.shape[1] == 1 and _is_vector(b):
            return product(a, b.args[0])
        return None

    rules = {
        "transpose": transpose,
        "matmul": matmul,
        "reshape": reshape,
        "einsum": lambda node, origin: as_matmul(node),
    }
    return rewrite_from(order, outputs, rules)


def _outer(outputs: Sequence[Expr]) -> tuple[Expr, ...]:
    """A column times a row entry by entry: no sums, and elementwise runs take it in."""
    order = topological(outputs)
    signed = signed_zeros(order)

    def matmul(node: Expr, origin: Expr) -> Expr | None:
        # A sum starts from 0 and makes 0 of -0.
        if origin in signed or not _is_flat(node) or node.args[0].shape[1] != 1:
            return None
        return apply("multiply", node.args) if _is_real(node) else None

    return rewrite_from(order, outputs, {"matmul": matmul})


def _transposed(x: Expr, axes: tuple[int, ...]) -> Expr:
    """``transpose(x, axes)`` in its shortest form."""
    if x.op == "transpose":
        # The inner axes, in the order in which the outer transpose takes them.
        (x,), (inner,) = x.args, x.params
        axes = tuple(inner[axis] for axis in axes)
    long = [axis for axis in axes if x.shape[axis] != 1]
    if axes == tuple(range(len(axes))):
        return x
    if long == sorted(long):
        # Only axes of length 1 change their places.
        return reshaped(x, tuple(x.shape[axis] for axis in axes))
    return apply("transpose", (x,), (axes,))


def _ends_with_rows(x: Expr, axes: tuple[int, ...]) -> bool:
    """Whether a transpose makes the rows of a stack of products its last axis.

    Then the product of the transposes has its entries in the order of memory.
    """
    return (
        x.op == "matmul"
        and len(axes) > 2
        and all(len(arg.shape) == len(axes) for arg in x.args)
        and axes[-1] == len(axes) - 2
    )


def _is_flat(product: Expr) -> bool:
    a, b = product.args
    return len(a.shape) == 2 and len(b.shape) == 2


def _is_vector(x: Expr) -> bool:
    """Whether a matrix is a vector, reshaped."""
    return x.op == "reshape" and len(x.args[0].shape) == 1


def _is_real(node: Expr) -> bool:
    return all(arg.dtype.kind == "f" for arg in node.args)
