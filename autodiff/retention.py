"""What of an operation the way back will read, so that everything else can be freed.

A tape that is pulled once and then dropped keeps of a large array no more than the rules will
want: of a sum only the shapes. The rows below say so operation by operation; an operation without
a row keeps everything. A `Hull` has no entries: a rule that reads one is wrong in its row, and the
tests run each row over large arrays. (Griewank and Walther 2008, *Evaluating Derivatives*, section
4.3, count the values that must survive.)
"""

from __future__ import annotations

from typing import Any

import numpy as np

LARGE = 1 << 12
"""Entries from which freeing an array is worth the look."""


class Hull:
    """What is left of an array whose entries nobody will read."""

    __slots__ = ("dtype", "shape")

    def __init__(self, array: Any) -> None:
        self.shape: tuple[int, ...] = array.shape
        self.dtype: np.dtype[Any] = array.dtype

    def __repr__(self) -> str:
        return f"Hull(shape={self.shape}, dtype={self.dtype})"


NOTHING = frozenset(
    (
        *("add", "subtract", "negative", "sum", "mean", "reshape", "transpose", "broadcast_to"),
        *("concatenate", "stack", "getitem", "scatter_add", "cumsum", "diag", "real", "imag"),
        "conjugate",
    )
)
"""Operations whose rules read shapes only."""

RESULT = frozenset(("exp", "exp2", "sqrt", "tan", "softmax"))
"""Operations whose rules read the result and not the operands."""

OPERANDS = frozenset(
    (
        *("sin", "cos", "log", "log2", "log10", "log1p", "expm1", "square", "tanh", "sinh", "cosh"),
        *("abs", "relu", "arctan", "arcsin", "arccos", "erf", "erfc", "softplus"),
    )
)
"""Operations whose rules read the operands and not the result."""

BILINEAR = frozenset(("multiply", "matmul", "einsum"))
"""Operations whose rules read an operand only for the sake of another one, and never the result."""


def retained(
    op: Any, y: Any, operands: tuple[Any, ...], parents: tuple[int, ...]
) -> tuple[Any, tuple[Any, ...]]:
    """The result and the operands, with a `Hull` for every large array that is not read."""
    if op in NOTHING:
        return _hull(y), tuple(map(_hull, operands))
    if op in RESULT:
        return y, tuple(map(_hull, operands))
    if op in OPERANDS:
        return _hull(y), operands
    if op in BILINEAR:
        taped = sum(parent >= 0 for parent in parents)
        kept = (
            x if taped > (parent >= 0) else _hull(x)
            for x, parent in zip(operands, parents, strict=True)
        )
        return _hull(y), tuple(kept)
    if op == "divide" and parents[1] < 0:
        return _hull(y), (_hull(operands[0]), operands[1])
    if op == "power" and parents[1] < 0:
        return _hull(y), operands
    return y, operands


def _hull(x: Any) -> Any:
    return Hull(x) if type(x) is np.ndarray and x.size > LARGE else x
