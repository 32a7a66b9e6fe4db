"""What is the pattern of a sparse matrix, and in which forms may it be given?"""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.sparse.index_sets import Indices
from diffexpr.errors import ExpressionTypeError, ExpressionValueError, ShapeError

DETECT = "detect"


class Pattern:
    """The places of a matrix that may hold something other than zero.

    Attributes
    ----------
    rows, columns : ndarray of int
        The places, each once, row by row and ascending in each.
    shape : tuple of int, or None
        Of the matrix, where it is known.
    everywhere : bool
        Whether the pattern holds at every point: it was given, or found without looking at a
        number. False for a function that asked for numbers, as a Python ``if`` does: its pattern
        holds where its branches fall as they did.

    Examples
    --------
    >>> Pattern([0, 1, 0, 1], [0, 1, 2, 1], (2, 3)).toarray()
    array([[ True, False,  True],
           [False,  True, False]])
    """

    __slots__ = ("columns", "everywhere", "rows", "shape")

    def __init__(
        self, rows: Any, columns: Any, shape: tuple[int, int] | None, everywhere: bool = True
    ) -> None:
        rows, columns = np.asarray(rows, np.intp), np.asarray(columns, np.intp)
        down, same = rows[1:] > rows[:-1], rows[1:] == rows[:-1]
        if not (down | (same & (columns[1:] > columns[:-1]))).all():
            order = np.lexsort((columns, rows))
            rows, columns = rows[order], columns[order]
            new = (rows[1:] != rows[:-1]) | (columns[1:] != columns[:-1])
            keep = np.concatenate([[True], new])
            rows, columns = rows[keep], columns[keep]
        self.rows: Indices = rows
        self.columns: Indices = columns
        self.shape = shape
        self.everywhere = everywhere

    def __repr__(self) -> str:
        where = "at every point" if self.everywhere else "near one point"
        return f"Pattern of {len(self.rows)} places, shape {self.shape}, {where}"

    def same_places(self, other: Pattern) -> bool:
        """Whether another pattern marks the same places of a matrix of the same shape."""
        return (
            self.shape == other.shape
            and np.array_equal(self.rows, other.rows)
            and np.array_equal(self.columns, other.columns)
        )

    def toarray(self) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """The pattern as a matrix of truth values."""
        if self.shape is None:
            raise ExpressionValueError(
                "the pattern was given by rows and columns alone and has no shape; give a matrix"
            )
        marked = np.zeros(self.shape, bool)
        marked[self.rows, self.columns] = True
        return marked

    def symmetric(self) -> Pattern:
        """The pattern together with its transpose."""
        rows = np.concatenate([self.rows, self.columns])
        columns = np.concatenate([self.columns, self.rows])
        return Pattern(rows, columns, self.shape, self.everywhere)


def read_pattern(sparsity: Any) -> Pattern | None:
    """What the option ``sparsity`` says: a pattern, or None where it is to be detected.

    Parameters
    ----------
    sparsity : 'detect', Pattern, array_like, SciPy sparse matrix, or tuple of index arrays
        A matrix marks the places by its nonzeros; a tuple ``(rows, columns)`` lists them.

    Raises
    ------
    ExpressionValueError
        For a string other than ``'detect'``, negative indices or lists of different lengths.
    ExpressionTypeError
        If it is no matrix of numbers.
    """
    if isinstance(sparsity, Pattern):
        return sparsity
    if isinstance(sparsity, str):
        if sparsity == DETECT:
            return None
        raise ExpressionValueError(
            f"sparsity is a pattern or {DETECT!r}, got {sparsity!r}; give one of these"
        )
    if type(sparsity) is tuple and len(sparsity) == 2:
        return _from_lists(*sparsity)
    tocoo = getattr(sparsity, "tocoo", None)
    try:
        matrix = np.asarray(sparsity) if tocoo is None else tocoo()
    except ValueError:
        matrix = None
    if matrix is None or matrix.dtype.kind not in "biufc" or len(matrix.shape) != 2:
        raise ExpressionTypeError(
            f"sparsity is a matrix whose nonzeros mark the places, a pair (rows, columns) or "
            f"{DETECT!r}, got {_brief(sparsity)}; give one of these"
        )
    rows, columns = matrix.nonzero()
    height, width = matrix.shape
    return Pattern(rows, columns, (int(height), int(width)))


def _from_lists(rows: Any, columns: Any) -> Pattern:
    rows, columns = np.asarray(rows), np.asarray(columns)
    for name, array in (("rows", rows), ("columns", columns)):
        if array.ndim != 1 or (array.size and array.dtype.kind not in "iu"):
            raise ExpressionTypeError(
                f"sparsity=(rows, columns) takes two lists of integers, got {_brief(array)} for "
                f"the {name}; give a list [[...], [...]] for a matrix of two rows"
            )
        if array.size and int(array.min()) < 0:
            raise ExpressionValueError(
                f"sparsity: {int(array.min())} among the {name}; count from 0"
            )
    if len(rows) != len(columns):
        raise ShapeError(
            f"sparsity: {len(rows)} rows and {len(columns)} columns; give one of each per place"
        )
    return Pattern(rows, columns, None)


def _brief(value: Any) -> str:
    shape = getattr(value, "shape", None)
    kind = type(value).__name__
    return f"{kind} {value!r:.40}" if shape is None else f"{kind} of shape {shape}"


# whether a pattern fits


def check_columns(pattern: Pattern, size: int) -> None:
    """Raise unless the pattern is one for a variable of a size."""
    if pattern.shape is not None and pattern.shape[1] != size:
        raise ShapeError(
            f"sparsity has shape {pattern.shape}, but the variable has size {size}; its columns "
            "are the entries of the variable"
        )
    if int(pattern.columns.max(initial=-1)) >= size:
        raise ShapeError(
            f"sparsity marks column {int(pattern.columns.max())}, but the variable has size "
            f"{size}; count from 0"
        )


def check_rows(pattern: Pattern, size: int) -> None:
    """Raise unless the pattern is one for a result of a size."""
    if pattern.shape is not None and pattern.shape[0] != size:
        raise ShapeError(
            f"sparsity has shape {pattern.shape}, but the result has size {size}; its rows are "
            "the entries of the result, of the gradient for a Hessian"
        )
    if int(pattern.rows.max(initial=-1)) >= size:
        raise ShapeError(
            f"sparsity marks row {int(pattern.rows.max())}, but the result has size {size}; "
            "count from 0"
        )
