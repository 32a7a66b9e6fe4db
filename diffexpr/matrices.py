"""Matrices of any kind of operand: turned, conjugated, masked and taken apart."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from diffexpr.apply import apply
from diffexpr.complex_parts import conjugate, imag, is_complex, real
from diffexpr.matrix_rows import parts
from diffexpr.operands import as_operand, float_kind, shape_of
from diffexpr.shapes import reshape

__all__ = [
    "adjoint",
    "below",
    "columns",
    "conjugate",
    "decomposed",
    "diagonal",
    "identity",
    "imag",
    "is_complex",
    "joined",
    "operand",
    "product",
    "real",
    "rows",
    "solution",
    "spread_diagonal",
    "taken_apart",
    "turned",
    "weights",
]

Shape = tuple[int, ...]


def operand(x: Any) -> Any:
    """A list, number or array as an operand with a shape and a floating kind."""
    x = as_operand(x)
    if hasattr(x, "_level"):
        return x
    x = np.asarray(x)
    return x.astype(float) if x.dtype.kind in "bui" else x


def turned(x: Any) -> Any:
    """The transpose of the last two axes."""
    n = len(shape_of(x))
    return apply("transpose", (x,), ((*range(n - 2), n - 1, n - 2),))


def adjoint(x: Any) -> Any:
    """The conjugate transpose of the last two axes."""
    return turned(conjugate(x))


def product(a: Any, b: Any) -> Any:
    """The matrix product, leading axes broadcast."""
    return apply("matmul", (a, b))


def solution(a: Any, b: Any) -> Any:
    """The solution of ``a @ x = b`` for a stack of matrices ``b``."""
    return apply("solve", (a, b))


def weights(array: Any, like: Any) -> Any:
    """Numbers that scale an operand without widening it."""
    kind = float_kind(like)
    return np.asarray(array, np.finfo(kind).dtype)


def identity(n: int, like: Any) -> Any:
    return weights(np.eye(n), like)


def below(n: int, like: Any, columns: int | None = None) -> Any:
    """One strictly below the diagonal, zero elsewhere."""
    return weights(np.tri(n, columns, -1), like)


def diagonal(x: Any) -> Any:
    """The diagonal of the last two axes."""
    at = np.arange(min(shape_of(x)[-2:]))
    return x[(*(slice(None),) * (len(shape_of(x)) - 2), at, at)]


def columns(x: Any) -> Any:
    """A vector as a row that scales the columns of a matrix."""
    shape = shape_of(x)
    return reshape(x, (*shape[:-1], 1, shape[-1]))


def rows(x: Any) -> Any:
    """A vector as a column that scales the rows of a matrix."""
    return reshape(x, (*shape_of(x), 1))


def spread_diagonal(x: Any) -> Any:
    """The diagonal matrix of a vector."""
    return columns(x) * identity(shape_of(x)[-1], x)


def joined(found: list[Any], shapes: list[Shape]) -> Any:
    """Parts of a decomposition end to end along one last axis; a part of zeros may be None."""
    first = next(part for part in found if part is not None)
    at = next(i for i, part in enumerate(found) if part is not None)
    batch = shape_of(first)[: len(shape_of(first)) - len(shapes[at])]
    flat = []
    for part, shape in zip(found, shapes, strict=True):
        size = (*batch, math.prod(shape))
        flat.append(np.zeros(size, float_kind(first)) if part is None else reshape(part, size))
    return apply("concatenate", tuple(flat), (len(batch),))


def taken_apart(packed: Any, shapes: list[Shape]) -> list[Any]:
    """The parts of a decomposition, from their end-to-end row."""
    batch = shape_of(packed)[:-1]
    found, start = [], 0
    for shape in shapes:
        stop = start + math.prod(shape)
        piece = packed[(*(slice(None),) * len(batch), slice(start, stop))]
        found.append(piece if len(shape) == 1 else reshape(piece, (*batch, *shape)))
        start = stop
    return found


def decomposed(op: str, x: Any, params: tuple[Any, ...] = ()) -> list[Any]:
    """The parts of a decomposition of an operand."""
    return taken_apart(apply(op, (x,), params), parts(op, shape_of(x)))
