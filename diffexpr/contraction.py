"""The value of einsum: products of two large operands as products of matrices.

NumPy's einsum goes through its operands entry by entry; a sum over shared letters is a product of
matrices for every value of the letters that stand in both operands and in the result, and BLAS is
ten times as fast at it.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

FEW = 1 << 14
"""Multiplications up to which NumPy's own einsum is done before the operands are arranged."""


class Plan(NamedTuple):
    """How two operands become stacks of matrices, and the product the result.

    Attributes
    ----------
    first, second : tuple of int
        The orders of the axes: shared and kept, then rows and sums; then sums and columns.
    counts : tuple of int
        How many letters are shared and kept, rows, summed, columns.
    order : tuple of int
        The order of the axes of the product in the result.
    """

    first: tuple[int, ...]
    second: tuple[int, ...]
    counts: tuple[int, int, int, int]
    order: tuple[int, ...]


def einsum(*args: Any) -> Any:
    """``einsum(*operands, subscripts)`` with explicit subscripts."""
    *operands, subscripts = args
    if len(operands) != 2:
        return np.einsum(subscripts, *operands, optimize=len(operands) > 2)
    a, b = map(np.asarray, operands)
    chosen = plan(subscripts)
    if chosen is None or a.dtype.kind not in "fc" or b.dtype.kind not in "fc":
        return np.einsum(subscripts, a, b)
    columns = math.prod(b.shape[axis] for axis in chosen.second[len(b.shape) - chosen.counts[3] :])
    if a.size * columns < FEW:
        return np.einsum(subscripts, a, b)
    return _product(chosen, a.transpose(chosen.first), b.transpose(chosen.second))


def _product(chosen: Plan, a: np.ndarray[Any, Any], b: np.ndarray[Any, Any]) -> Any:
    shared, rows, sums, _ = chosen.counts
    front, left = a.shape[:shared], a.shape[shared : shared + rows]
    right = b.shape[shared + sums :]
    inner = math.prod(a.shape[shared + rows :])
    found = np.matmul(
        a.reshape((*front, math.prod(left), inner)), b.reshape((*front, inner, math.prod(right)))
    )
    return found.reshape((*front, *left, *right)).transpose(chosen.order)[()]


@lru_cache(maxsize=1024)
def plan(subscripts: str) -> Plan | None:
    """How a product of two operands is one of matrices; None where it is not."""
    (first, second), result = subscripts.split("->")[0].split(","), subscripts.split("->")[1]
    a, b, kept = set(first), set(second), set(result)
    if len(a) < len(first) or len(b) < len(second) or (a ^ b) - kept or not (a & b) - kept:
        return None
    shared = [c for c in result if c in a & b]
    rows = [c for c in result if c in a - b]
    columns = [c for c in result if c in b - a]
    sums = [c for c in first if c not in kept]
    made = shared + rows + columns
    return Plan(
        tuple(first.index(c) for c in shared + rows + sums),
        tuple(second.index(c) for c in shared + sums + columns),
        (len(shared), len(rows), len(sums), len(columns)),
        tuple(made.index(c) for c in result),
    )
