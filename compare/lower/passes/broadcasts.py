"""What graphs of arrays carry needlessly: broadcasts, reshapes, ones, and selections twice over.

Reverse mode writes them. The cotangent of a sum is a broadcast, that of a broadcast is a sum, and
the rule of one operation does not know that the next one undoes it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from compare.lower.passes.forms import is_number
from compare.lower.passes.selections import selected
from compare.lower.passes.shapes import bare, broadcasted, padded, reshaped, stripped
from compare.lower.passes.sharing import rewrite_from, signed_zeros, uses
from diffexpr import Expr
from diffexpr.apply import apply
from diffexpr.arrays import reduced
from diffexpr.primitives import TABLE
from diffexpr.walk import topological


def broadcasts(outputs: Sequence[Expr]) -> tuple[Expr, ...]:
    """The same outputs, without the broadcasts, reshapes and selections that change nothing.

    =====================================  ============================================
    written                                becomes
    =====================================  ============================================
    f(broadcast_to(x), y)                  f(x, y), broadcast where y does not do it
    broadcast_to, reshape of the same      one of them, or none
    x * ones, x / ones                     x
    ones @ x, x @ ones, of matrices        sum(x) over rows or columns, broadcast
    sum(broadcast_to(x))                   n * sum(x) over what is left
    max, min of a broadcast                the same of what is left
    sum(-x)                                -sum(x), where that is smaller
    sum over no axes, or of length 1       x, reshaped
    reshape(sum(x, axis))                  sum(x, axis, keepdims=True)
    x[:], x[2:][1:4], stack([a, b])[1]     x, x[3:6], b
    scatter_add(x, index)[index]           x, where an index takes no place twice
    scatter_add of both + scatter_add      scatter_add of the sum, at the same index
    astype twice to the same               astype
    =====================================  ============================================

    Parameters
    ----------
    outputs : sequence of Expr

    Returns
    -------
    tuple of Expr

    Notes
    -----
    All but two are exact. ``n*x`` rounds once where the sum of n equal numbers may round n times
    (Higham 2002, section 4.2); it overflows where that does. A product with ones is the same sum,
    in an order of NumPy's choice instead of BLAS's. Rules that may turn 0 into -0 are
    left out where more than the sign of a zero hangs on it. A Python number behind a broadcast
    has become an array of float64; beside the other operand it is a number again, so that
    float32 stays float32. Zero times anything, and sums of sums, stay: a NaN or an infinity
    could be hidden by the one, made or moved by the other.

    Examples
    --------
    >>> import numpy as np
    >>> from diffexpr import symbol
    >>> x = symbol("x", (9,))
    >>> broadcasts([x * np.broadcast_to(2 * x[0], (9,)), np.sum(np.broadcast_to(x, (4, 9)))])
    (x*(2*x[0]), 4*sum(x))
    """
    order = topological(outputs)
    if not any(node.shape for node in order):
        return tuple(outputs)
    used, signed = uses(order, outputs), signed_zeros(order)

    def total(node: Expr, origin: Expr) -> Expr | None:
        if node.dtype.kind != "f" or node.args[0].dtype.kind != "f" or origin in signed:
            return None
        return _sum(node)

    def reshape(node: Expr, origin: Expr) -> Expr | None:
        x = node.args[0]
        if x.op in _REDUCTIONS and not x.params[1] and used[origin.args[0]] == 1:
            axes = x.params[0]
            if reduced(x.args[0].shape, axes, True) == node.shape:
                return apply(x.op, x.args, (axes, True))
        found = reshaped(x, node.shape)
        return None if found is node else found

    def getitem(node: Expr, origin: Expr) -> Expr | None:
        (x,), (index,) = node.args, node.params
        if x.op == "broadcast_to" and math.prod(x.args[0].shape) == 1:
            return broadcasted(x.args[0], node.shape)
        if x.op == "scatter_add" and x.params[0] == index and index.is_basic:
            added = x.args[0]
            same = added.shape == node.shape and added.dtype == node.dtype
            return added if same and origin not in signed else None
        return selected(x, index)

    def add(node: Expr, origin: Expr) -> Expr | None:
        a, b = node.args
        if a.op == b.op == "scatter_add" and a.params == b.params and origin not in signed:
            (x,), (y,) = a.args, b.args
            if a.params[0].is_basic and x.shape == y.shape:
                return apply("scatter_add", (apply("add", (x, y)),), a.params)
        return _elementwise(node)

    rules = {
        **dict.fromkeys(TABLE, lambda node, origin: _elementwise(node)),
        "add": add,
        "multiply": lambda node, origin: _without_ones(node, either=True),
        "divide": lambda node, origin: _without_ones(node, either=False),
        "matmul": lambda node, origin: None if origin in signed else _with_ones(node),
        "sum": total,
        "max": lambda node, origin: _extreme(node),
        "min": lambda node, origin: _extreme(node),
        "reshape": reshape,
        "broadcast_to": lambda node, origin: _changed(node, broadcasted(node.args[0], node.shape)),
        "getitem": getitem,
        "astype": lambda node, origin: _astype(node),
    }
    return rewrite_from(order, outputs, rules)


_REDUCTIONS = frozenset(("sum", "mean", "prod", "max", "min", "norm", "logsumexp"))


def _changed(node: Expr, found: Expr) -> Expr | None:
    return None if found is node else found


def _elementwise(node: Expr) -> Expr | None:
    """The operation on operands that are not broadcast beforehand."""
    for arg in node.args:
        if arg.op == "broadcast_to" or arg.op == "reshape":
            break
    else:
        return None
    args = tuple([stripped(arg) for arg in node.args])
    if args == node.args:
        return None
    return broadcasted(apply(node.op, args), node.shape)


def _without_ones(node: Expr, *, either: bool) -> Expr | None:
    """A product with ones, or a quotient by them, is the other operand."""
    a, b = node.args
    found = None
    if is_number(b, 1):
        found = a
    elif either and is_number(a, 1):
        found = b
    # Of complex numbers the product with 1 can make NaN of an infinity.
    if found is not None and found.dtype == node.dtype and node.dtype.kind == "f":
        return broadcasted(found, node.shape)
    return _elementwise(node)


def _with_ones(node: Expr) -> Expr | None:
    """A product with a matrix of ones has equal rows, or equal columns: sums."""
    a, b = node.args
    if len(a.shape) != 2 or len(b.shape) != 2 or any(x.dtype != node.dtype for x in (a, b)):
        return None
    if node.dtype.kind != "f" or 0 in (*a.shape, *b.shape):
        return None
    # A row or a column of ones stays: BLAS sums as fast.
    if a.shape[0] > 1 and is_number(a, 1):
        return broadcasted(apply("sum", (b,), ((0,), False)), node.shape)
    if b.shape[1] > 1 and is_number(b, 1):
        return broadcasted(apply("sum", (a,), ((1,), True)), node.shape)
    return None


def _sum(node: Expr) -> Expr | None:
    (x,), (axes, _) = node.args, node.params
    if all(x.shape[axis] == 1 for axis in axes):
        return reshaped(x, node.shape)
    if x.op == "negative" and math.prod(node.shape) < math.prod(x.shape):
        return apply("negative", (apply("sum", x.args, node.params),))
    # A count beyond the largest float16 would be infinite.
    if x.op != "broadcast_to" or node.dtype.itemsize < 4:
        return None
    part, count = _part(node)
    if count == 0:
        return None
    return broadcasted(part if count == 1 else apply("multiply", (count, part)), node.shape)


def _extreme(node: Expr) -> Expr | None:
    return broadcasted(_part(node)[0], node.shape) if node.args[0].op == "broadcast_to" else None


def _part(node: Expr) -> tuple[Expr, int]:
    """What is left to reduce of a broadcast, reduced, and how often it stands there."""
    (x,), (axes, keepdims) = node.args, node.params
    (inner,) = x.args
    lead = len(x.shape) - len(inner.shape)
    sizes = padded(inner.shape, len(x.shape))
    count = math.prod(x.shape[axis] for axis in axes if sizes[axis] == 1)
    rest = tuple(axis - lead for axis in axes if sizes[axis] != 1)
    part = apply(node.op, (inner,), (rest, keepdims)) if rest else inner
    if not keepdims:
        # Of the axes that are reduced, those of length 1 are still there.
        kept = (1 if axis - lead in rest else n for axis, n in enumerate(sizes))
        part = reshaped(part, bare(tuple(n for axis, n in enumerate(kept) if axis not in axes)))
    return part, count


def _astype(node: Expr) -> Expr | None:
    (x,) = node.args
    return x if x.op == "astype" and x.params == node.params else None
