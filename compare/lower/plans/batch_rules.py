"""How each operation is written for a batch: one rule for each form of operation.

A rule gets the node, its operands with the batch axis in front of those that have one, and the
size of the batch. The size stands nowhere but at the front of a shape.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from diffexpr import Expr, MissingRuleError, constant
from diffexpr.apply import apply
from diffexpr.arrays import split_subscripts
from diffexpr.frozen import Index
from diffexpr.primitives import TABLE as PRIMITIVES

Shape = tuple[int, ...]


class Operand(NamedTuple):
    """One operand of an operation that is to be written for a batch.

    Attributes
    ----------
    value : Expr
        With the batch axis in front, if it has one.
    shape : tuple of int
        Without the batch axis.
    varies : bool
        Whether it has a batch axis.
    """

    value: Expr
    shape: Shape
    varies: bool


Rule = Callable[[Expr, Sequence[Operand], int], Expr]
RULES: dict[str, Rule] = {}
"""Array operations by name; at least one operand varies."""


def in_batch(node: Expr, operands: Sequence[Operand], size: int) -> Expr:
    """An operation on operands of which at least one has a batch axis.

    Raises
    ------
    MissingRuleError
        If there is no rule for the operation.
    """
    return _rule_of(node)(node, operands, size)


def _rule_of(node: Expr) -> Rule:
    if isinstance(node.op, str):
        rule = elementwise if node.op in PRIMITIVES else RULES.get(node.op)
        if rule is None:
            raise MissingRuleError(
                f"{node.op!r} has no form for a batch; enter one in "
                "compare/lower/plans/batch_rules.py"
            )
        return rule
    if node.op.partials is None:
        raise MissingRuleError(
            f"{node.op.name} is a Python function of its own and not elementwise, so that it has "
            "no form for a batch; call it for one argument after the other, or give def_partials"
        )
    return elementwise


def _enters(*ops: str) -> Callable[[Rule], Rule]:
    def enter(rule: Rule) -> Rule:
        RULES.update(dict.fromkeys(ops, rule))
        return rule

    return enter


def spread(x: Expr, size: int) -> Expr:
    """The same value for every member of the batch."""
    return apply("broadcast_to", (x,), ((size, *x.shape),))


def _whole(x: Operand, size: int) -> Expr:
    """An operand with a batch axis, whether it varies or not."""
    return x.value if x.varies else spread(x.value, size)


def _aligned(x: Operand, rank: int, size: int) -> Expr:
    """An operand whose batch axis stands before others of this rank when they are broadcast."""
    missing = rank - len(x.shape)
    if not x.varies or missing <= 0:
        return x.value
    return apply("reshape", (x.value,), ((size, *(1,) * missing, *x.shape),))


def elementwise(node: Expr, operands: Sequence[Operand], size: int) -> Expr:
    """Operands of lower rank get axes behind that of the batch."""
    rank = len(node.shape)
    return apply(node.op, tuple(_aligned(x, rank, size) for x in operands), node.params)


# Matrices stand in the last two axes and a batch in front of them: NumPy's own form.


@_enters("solve", "solve_sylvester")
def _matrices(node: Expr, operands: Sequence[Operand], size: int) -> Expr:
    rank = max(len(x.shape) for x in operands)
    return apply(node.op, tuple(_aligned(x, rank, size) for x in operands), node.params)


@_enters(
    "astype", "conjugate", "real", "imag", "inv", "det", "cofactor", "slogdet", "cholesky", "qr",
    "svd", "svdvals", "eigh", "eigvalsh", "eig", "eigvals", "pinv", "expm", "sqrtm",
)  # fmt: skip
def _as_it_is(node: Expr, operands: Sequence[Operand], size: int) -> Expr:
    return apply(node.op, (operands[0].value,), node.params)


# axes


@_enters("sum", "mean", "prod", "norm", "max", "min", "logsumexp", "fft")
def _over_axes(node: Expr, operands: Sequence[Operand], size: int) -> Expr:
    axes, option = node.params
    return apply(node.op, (operands[0].value,), (tuple(axis + 1 for axis in axes), option))


@_enters("softmax", "cumsum", "sort")
def _along_an_axis(node: Expr, operands: Sequence[Operand], size: int) -> Expr:
    return apply(node.op, (operands[0].value,), (node.params[0] + 1,))


@_enters("concatenate", "stack")
def _joined(node: Expr, operands: Sequence[Operand], size: int) -> Expr:
    return apply(node.op, tuple(_whole(x, size) for x in operands), (node.params[0] + 1,))


@_enters("transpose")
def _transposed(node: Expr, operands: Sequence[Operand], size: int) -> Expr:
    axes = (0, *(axis + 1 for axis in node.params[0]))
    return apply("transpose", (operands[0].value,), (axes,))


@_enters("reshape")
def _reshaped(node: Expr, operands: Sequence[Operand], size: int) -> Expr:
    return apply("reshape", (operands[0].value,), ((size, *node.shape),))


@_enters("broadcast_to")
def _broadcast(node: Expr, operands: Sequence[Operand], size: int) -> Expr:
    wide = _aligned(operands[0], len(node.shape), size)
    return apply("broadcast_to", (wide,), ((size, *node.shape),))


# selections


@_enters("getitem")
def _selected(node: Expr, operands: Sequence[Operand], size: int) -> Expr:
    index: Index = node.params[0]
    found = apply("getitem", (operands[0].value,), (_behind(index, size),))
    return _turned(found, _place(index), 0)


@_enters("scatter_add")
def _scattered(node: Expr, operands: Sequence[Operand], size: int) -> Expr:
    index, shape = node.params
    (x,) = operands
    # NumPy broadcasts what is added to the places it is added to, from the last axis on.
    places = np.broadcast_to(np.False_, shape)[index.value].shape
    wide = _aligned(x, len(places), size)
    added = _turned(wide, 0, _place(index))
    return apply("scatter_add", (added,), (_behind(index, size), (size, *shape)))


def _behind(index: Index, size: int) -> Index:
    """An index of every member of the batch."""
    return Index((slice(0, size, None), *index.value))


def _place(index: Index) -> int:
    """Which axis of a selection is that of the batch.

    Integer arrays that are not next to each other put their common axes in front of all others,
    so also of the batch; integers beside them count as arrays (NumPy's advanced indexing).
    """
    if index.is_basic:
        return 0
    places = [i for i, item in enumerate(index.value) if isinstance(item, (int, np.ndarray))]
    if places[-1] - places[0] == len(places) - 1:
        return 0
    arrays = [index.value[i] for i in places]
    return len(np.broadcast_shapes(*(np.shape(item) for item in arrays)))


def _turned(x: Expr, source: int, target: int) -> Expr:
    """One axis moved to another place."""
    if source == target:
        return x
    axes = [axis for axis in range(len(x.shape)) if axis != source]
    axes.insert(target, source)
    return apply("transpose", (x,), (tuple(axes),))


@_enters("diag")
def _diagonal(node: Expr, operands: Sequence[Operand], size: int) -> Expr:
    (x,) = operands
    if len(x.shape) == 2:
        places = np.arange(node.shape[0])
        index = Index((slice(0, size, None), places, places))
        return apply("getitem", (x.value,), (index,))
    # Chosen and not multiplied, so that an infinity does not make NaN of the zeros beside it.
    n = x.shape[0]
    rows = apply("reshape", (x.value,), ((size, 1, n),))
    return apply("where", (constant(np.eye(n, dtype=bool)), rows, constant(0)))


# products


@_enters("einsum")
def _einsum(node: Expr, operands: Sequence[Operand], size: int) -> Expr:
    terms, result = split_subscripts(node.params[0])
    letter = next(c for c in string.ascii_letters if c not in node.params[0])
    fronts = [letter if x.varies else "" for x in operands]
    marked = ",".join(front + term for front, term in zip(fronts, terms, strict=True))
    return apply("einsum", tuple(x.value for x in operands), (f"{marked}->{letter}{result}",))


@_enters("matmul")
def _matmul(node: Expr, operands: Sequence[Operand], size: int) -> Expr:
    a, b = operands
    ranks = len(a.shape), len(b.shape)
    if ranks == (1, 1) and a.varies and b.varies:
        return apply("einsum", (a.value, b.value), ("ab,ab->a",))
    if not b.varies and ranks[0] <= 2 and ranks[1] <= 2:
        return _one_product(a.value, b.value, (size, *node.shape))
    if not a.varies and ranks[1] == 1 and ranks[0] <= 2:
        # The rows of one matrix product, in place of a product for each.
        return apply("matmul", (b.value, _matrix_transposed(a.value)), ())
    # In all other cases a vector becomes a matrix of one row or one column.
    rank = max(*ranks, 2)
    left = _aligned(_as_matrix(a, 0, size), rank, size)
    right = _aligned(_as_matrix(b, 1, size), rank, size)
    found = apply("matmul", (left, right))
    wanted = (size, *node.shape)
    return found if found.shape == wanted else apply("reshape", (found,), (wanted,))


def _one_product(a: Expr, b: Expr, shape: Shape) -> Expr:
    """Vectors or matrices of a batch times one vector or matrix: a single product of matrices."""
    if len(a.shape) < 3 or len(b.shape) < 2:
        return apply("matmul", (a, b))
    flat = apply("reshape", (a,), ((a.shape[0] * a.shape[1], a.shape[2]),))
    return apply("reshape", (apply("matmul", (flat, b)),), (shape,))


def _matrix_transposed(x: Expr) -> Expr:
    return apply("transpose", (x,), ((1, 0),)) if len(x.shape) == 2 else x


def _as_matrix(x: Operand, axis: int, size: int) -> Operand:
    """A vector as a matrix of one row (axis 0) or of one column (axis 1)."""
    if len(x.shape) != 1:
        return x
    shape = (1, *x.shape) if axis == 0 else (*x.shape, 1)
    front = (size,) if x.varies else ()
    return Operand(apply("reshape", (x.value,), ((*front, *shape),)), shape, x.varies)
