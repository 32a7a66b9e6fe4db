"""How dependence passes through each operation: which entries of an operand an entry may follow.

A dependence is a table of sets of indices and, for every entry of a value, the number of its set.
Operations that move entries about move these numbers, by the very function that moves the entries;
elementwise ones unite them; sums and products unite them along their axes. An operation not named
here is taken to mix everything with everything. Nothing depends on a value, so that an entry
multiplied by 0 counts: the answer is larger than need be at times, and never smaller.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autodiff import rules
from autodiff.sparse.dependence import Dependence, Shape, along, both, elementwise, gathered, mixed
from autodiff.sparse.index_sets import merged
from diffexpr import primitives
from diffexpr.apply import value_of
from diffexpr.arrays import split_subscripts

Operands = Sequence[Dependence | None]
Rule = Callable[[Operands, Sequence[Shape], tuple[Any, ...], Shape], Dependence]


def passed(
    op: Any, operands: Operands, shapes: Sequence[Shape], params: tuple[Any, ...], shape: Shape
) -> Dependence | None:
    """The dependence of a result on what its operands depend on.

    Parameters
    ----------
    op : str or other
        The operation.
    operands : sequence of Dependence or None
        None for one that depends on nothing.
    shapes : sequence of tuple
        Of the operands.
    params : tuple
        Static parameters of the operation.
    shape : tuple
        Of the result.

    Returns
    -------
    Dependence or None
        None where the derivative is zero whatever the operands are, as that of ``floor``.
    """
    if type(op) is not str and op.partials is not None:
        pairs = zip(operands, op.partials, strict=True)
        felt = [d for d, rule in pairs if d is not None and rule is not None]
        return elementwise(felt, shape) if felt else None
    if type(op) is str:
        row = rules.PARTIALS.get(op)
        if row is not None and op in primitives.TABLE:
            felt = [
                d
                for d, rule in zip(operands, row, strict=True)
                if d is not None and rule is not None and rule is not rules.zero
            ]
            return elementwise(felt, shape) if felt else None
        rule = RULES.get(op)
        if rule is not None:
            return rule(operands, shapes, params, shape)
    return mixed([d for d in operands if d is not None], shape)


# array operations


def _moving(op: str) -> Rule:
    """Entries change their places; where the result has others, they are constants."""

    def rule(
        operands: Operands, shapes: Sequence[Shape], params: tuple[Any, ...], shape: Shape
    ) -> Dependence:
        distinct = {id(d.table): d.table for d in operands if d is not None}
        table, shifts = next(iter(distinct.values())), dict.fromkeys(distinct, 0)
        if len(distinct) > 1:
            table, offsets = merged(list(distinct.values()))
            shifts = dict(zip(distinct, offsets, strict=True))
        moved = []
        for d, operand_shape in zip(operands, shapes, strict=True):
            if d is None:
                moved.append(np.zeros(operand_shape, np.intp))
                continue
            shift = shifts[id(d.table)]
            moved.append(np.where(d.labels == 0, 0, d.labels + shift) if shift else d.labels)
        return Dependence(table, np.asarray(value_of(op)(*moved, *params)))

    return rule


def _same(operands: Operands, shapes: Any, params: Any, shape: Shape) -> Dependence:
    return _only(operands)


def _only(operands: Operands) -> Dependence:
    (d,) = operands
    assert d is not None
    return d


def _reduction(operands: Operands, shapes: Any, params: Any, shape: Shape) -> Dependence:
    return along(_only(operands), *params)


def _along_axis(operands: Operands, shapes: Any, params: Any, shape: Shape) -> Dependence:
    reached = along(_only(operands), params, keepdims=True)
    return Dependence(reached.table, np.broadcast_to(reached.labels, shape))


def _by_matrix(
    operands: Operands, shapes: Sequence[Shape], params: Any, shape: Shape
) -> Dependence:
    """Every entry follows all of the matrices, but only those at its place in the batch."""
    batch = np.broadcast_shapes(*(s[:-2] for s in shapes))
    ones = (1,) * (len(shape) - len(batch))
    matrices = [d for d in operands if d is not None]
    wholes = [along(d, (d.labels.ndim - 2, d.labels.ndim - 1)) for d in matrices]
    found = elementwise(wholes, batch)
    return Dependence(found.table, np.broadcast_to(found.labels.reshape(batch + ones), shape))


def _solve(operands: Operands, shapes: Any, params: Any, shape: Shape) -> Dependence:
    """Each entry follows its matrix and its column of the right-hand sides."""
    left, right = operands
    parts = []
    if left is not None:
        parts.append(along(left, (left.labels.ndim - 2, left.labels.ndim - 1), True))
    if right is not None:
        parts.append(along(right, (right.labels.ndim - 2,), True))
    return elementwise(parts, shape)


def _fft(operands: Operands, shapes: Any, params: Any, shape: Shape) -> Dependence:
    return _along_axis(operands, shapes, params[0], shape)


def _cumulative(operands: Operands, shapes: Any, params: Any, shape: Shape) -> Dependence:
    """Each entry follows those before it: unions over twice as many in each round."""
    (axis,) = params
    found = _only(operands)
    step = 1
    while step < shape[axis]:
        late = (slice(None),) * axis + (slice(step, None),)
        early = (slice(None),) * axis + (slice(None, -step),)
        before = np.zeros(shape, np.intp)
        before[late] = found.labels[early]
        found = both(found, Dependence(found.table, before))
        step *= 2
    return found


def _scattered(
    operands: Operands, shapes: Sequence[Shape], params: tuple[Any, ...], shape: Shape
) -> Dependence:
    d = _only(operands)
    index = params[0]
    if index.is_basic:
        return _moving("scatter_add")(operands, shapes, params, shape)
    # An entry may be added to more than once.
    places = np.arange(math.prod(shape)).reshape(shape)[index.value]
    labels = np.broadcast_to(d.labels, places.shape)
    return gathered(Dependence(d.table, labels), places, shape)


def _matmul(operands: Operands, shapes: Sequence[Shape], params: Any, shape: Shape) -> Dependence:
    """Each entry follows a row of the left operand and a column of the right one."""
    m, n = len(shapes[0]), len(shapes[1])
    parts = []
    if operands[0] is not None:
        row = along(operands[0], (m - 1,), m > 1 and n > 1)
        parts.append(row)
    if operands[1] is not None:
        column = along(operands[1], (max(n - 2, 0),), m > 1 and n > 1)
        parts.append(column)
    return elementwise(parts, shape)


def _einsum(
    operands: Operands, shapes: Sequence[Shape], params: tuple[Any, ...], shape: Shape
) -> Dependence:
    """Each entry follows the entries of an operand whose letters agree with its own."""
    terms, result = split_subscripts(params[0])
    parts = []
    for d, term in zip(operands, terms, strict=True):
        if d is None:
            continue
        letters = "".join(dict.fromkeys(term))
        labels = d.labels
        if letters != term:
            # The diagonal over each letter that stands twice.
            labels = np.einsum(f"{term}->{letters}", labels)
        gone = tuple(i for i, letter in enumerate(letters) if letter not in result)
        d = along(Dependence(d.table, labels), gone)
        left = [letter for letter in letters if letter in result]
        order = sorted(range(len(left)), key=lambda i, left=left: result.index(left[i]))
        wide = [n if letter in left else 1 for letter, n in zip(result, shape, strict=True)]
        parts.append(Dependence(d.table, d.labels.transpose(order).reshape(wide)))
    return elementwise(parts, shape)


RULES: dict[str, Rule] = {
    **{op: _moving(op) for op in ("getitem", "reshape", "transpose", "broadcast_to", "diag")},
    **{op: _moving(op) for op in ("concatenate", "stack")},
    **dict.fromkeys(("sum", "mean", "prod", "max", "min", "norm", "logsumexp"), _reduction),
    **dict.fromkeys(("softmax", "sort"), _along_axis),
    **dict.fromkeys(("astype", "conjugate", "real", "imag"), _same),
    **dict.fromkeys(("inv", "det", "cofactor", "slogdet", "cholesky", "qr", "svd"), _by_matrix),
    **dict.fromkeys(("svdvals", "eigh", "eigvalsh", "eig", "eigvals", "pinv"), _by_matrix),
    **dict.fromkeys(("expm", "sqrtm", "solve_sylvester"), _by_matrix),
    "solve": _solve,
    "fft": _fft,
    "cumsum": _cumulative,
    "scatter_add": _scattered,
    "matmul": _matmul,
    "einsum": _einsum,
}
"""How dependence passes through the array operations that do not mix everything."""
