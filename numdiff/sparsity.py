"""Which entries of a Jacobian may be nonzero? Read from a pattern, and checked; or found out."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, islice
from math import comb
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numdiff import steps
from numdiff.calls import Lines
from numdiff.errors import InputError, InputTypeError, shortened

__all__ = ["Pattern", "check_pattern", "detect_pattern", "read_pattern"]

Array = NDArray[np.float64]
Indices = NDArray[np.intp]

# How far a coordinate is moved to see which outputs follow, in |x|: no simple numbers, so that
# hardly a function has equal values there by chance, and on both sides, for f may be even, or flat
# on one. The near ones see what happens at x; the far ones also what the ladders will meet.
_NEAR, _FAR = 0.01171, 0.7351
_DISTANCES = (_NEAR, -_NEAR, _FAR, -_FAR)
# Where f is not defined at any of these, it is moved by less.
_LESS = (1.0, 1e-3, 1e-6)
# This part of the way to a bound, at most.
_ROOM = 0.71


@dataclass(frozen=True)
class Pattern:
    """Where the entries are: by column, and by row in each; each once."""

    rows: Indices
    columns: Indices
    shape: tuple[int, int]


def read_pattern(sparsity: Any, shape: tuple[int, int]) -> Pattern:
    """The pattern that a matrix marks by its nonzeros.

    Parameters
    ----------
    sparsity : array_like or SciPy sparse matrix
    shape : (int, int)
        What its shape must be: the sizes of the result of f and of x.

    Returns
    -------
    Pattern

    Raises
    ------
    InputError
        For another shape, or a string.
    InputTypeError
        If it is no matrix of numbers.
    """
    if isinstance(sparsity, str):
        raise InputError(
            f"sparsity must be a matrix or 'detect', got {shortened(sparsity)}; pick one"
        )
    try:
        matrix = sparsity.tocoo() if hasattr(sparsity, "tocoo") else np.asarray(sparsity)
    except ValueError:
        matrix = None
    if matrix is None or matrix.dtype.kind not in "biufc":
        raise InputTypeError(
            f"sparsity must be a matrix of numbers or 'detect', got {shortened(sparsity)};"
            " give an array or SciPy matrix whose nonzeros mark the entries"
        )
    if matrix.shape != shape:
        raise InputError(
            f"sparsity must have the shape {shape} of outputs and inputs, got {matrix.shape};"
            " rows are outputs"
        )
    rows, columns = (np.asarray(a, dtype=np.intp) for a in matrix.nonzero())
    return _pattern(rows, columns, shape)


def _pattern(rows: Indices, columns: Indices, shape: tuple[int, int]) -> Pattern:
    # Twice the same entry is possible in SciPy's coordinate format, and where f moved twice.
    columns, rows = np.divmod(np.unique(columns * shape[0] + rows), max(shape[0], 1))
    return Pattern(rows, columns, shape)


def detect_pattern(lines: Lines) -> Pattern:
    """The outputs that change in any bit, or become NaN, when a coordinate moves.

    Every coordinate is moved alone, near by and far, to both sides: four calls of f for each, fewer
    beside bounds. Where f is not defined at any of these points it is moved by less; a column of
    which nothing can be learned counts as full.

    Raises
    ------
    InputError
        If an output is not finite at x: what it depends on cannot be seen.
    """
    base = lines.row
    if np.isnan(base).any():
        raise InputError(
            f"sparsity='detect' needs finite values, f gives {lines.value.flat[_first(base)]} in"
            f" row {_first(base)}; move x, or give the pattern"
        )
    found: list[tuple[Indices, int]] = []
    blind = np.arange(lines.x.size)
    for less in _LESS:
        to = np.stack([_beside(lines, less * distance) for distance in _DISTANCES])
        tasks = [(int(j), p) for j in blind for p in to[:, j] if np.isfinite(p)]
        seen = np.zeros(lines.x.size, dtype=np.bool_)
        rows = lines.each(_moved(lines, np.array([j]), p) for j, p in tasks)
        for (j, _), row in zip(tasks, rows, strict=True):
            # All lost together says no more than an error would.
            if row is not None and (row.size == 1 or not np.isnan(row).all()):
                seen[j] = True
                found.append((np.flatnonzero(row != base), j))
        blind = blind[~seen[blind]]
        if not blind.size:
            break
    found += [(np.arange(base.size), int(j)) for j in blind]
    none = np.zeros(0, dtype=np.intp)
    return _pattern(
        np.concatenate([none, *(rows for rows, _ in found)]),
        np.repeat([j for _, j in found], [len(rows) for rows, _ in found]).astype(np.intp),
        (lines.outputs, lines.x.size),
    )


def _first(row: Array) -> int:
    return int(np.isnan(row).argmax())


def _beside(lines: Lines, distance: float) -> Array:
    """For each coordinate a point about so far from it, in |x|, and within the bounds; or NaN."""
    x = lines.x.astype(np.float64).ravel()
    lower, upper = (b.ravel() for b in (lines.lower, lines.upper))
    room = _ROOM * (upper - x if distance > 0 else x - lower)
    plus, minus, _ = steps.exact(x, np.minimum(abs(distance) * steps.unit(x), room), lines.dtype)
    point = plus if distance > 0 else minus
    return np.where((point >= lower) & (point <= upper), point, np.nan)


def _moved(lines: Lines, columns: Indices, points: Any) -> NDArray[Any]:
    """The point x with some of its coordinates replaced."""
    x = lines.x.copy()
    x.flat[columns] = points
    return x


def check_pattern(lines: Lines, pattern: Pattern, group: Indices) -> None:
    """See that no output follows a column in which the pattern does not mark it.

    Parameters
    ----------
    lines : Lines
        The function.
    pattern : Pattern
        What is to be checked.
    group : ndarray of int, shape (columns,)
        Which columns will be moved together.

    Raises
    ------
    InputError
        If one does, even in one bit; it is named.

    Notes
    -----
    Of each group several subsets are moved, and no output may change but those of the columns in
    them. So that an output which follows a column of the group, while it is marked for another,
    cannot hide, there must be for each pair of columns a subset with the one and without the other.
    The least number of subsets that can do that for k columns is the b with (b choose b/2) >= k: a
    column is in half of them, and no two columns in the same half (E. Sperner, "Ein Satz über
    Untermengen einer endlichen Menge", Math. Z. 27 (1928) 544-548). 16 calls check 10,000 columns.
    """
    tasks = list(_subsets(group))
    base = lines.row
    for to in (_beside(lines, less * side * _NEAR) for less in _LESS for side in (1, -1)):
        rows = lines.each(_moved(lines, *_movable(columns, to)) for columns in tasks)
        refused = []
        for columns, row in zip(tasks, rows, strict=True):
            if row is None:
                refused.append(columns)
                continue
            changed = _changed(base, row)
            ends = np.searchsorted(pattern.columns, [columns, columns + 1])
            for a, b in ends.T:
                changed[pattern.rows[a:b]] = False
            if changed.any():
                _refuse(lines, int(changed.argmax()), _movable(columns, to))
        tasks = refused


def _changed(base: Array, row: Array) -> NDArray[np.bool_]:
    return (row != base) & ~(np.isnan(row) & np.isnan(base))


def _movable(columns: Indices, to: Array) -> tuple[Indices, Array]:
    """Those of the columns that can move, and where to."""
    free = columns[np.isfinite(to[columns])]
    return free, to[free]


def _subsets(group: Indices) -> Iterator[Indices]:
    """The columns to be moved in each call of `check_pattern`."""
    order = np.argsort(group, kind="stable")
    for columns in np.split(order, np.flatnonzero(np.diff(group[order])) + 1):
        b = 1
        while comb(b, (b + 1) // 2) < len(columns):
            b += 1
        codes = np.array(list(islice(combinations(range(b), (b + 1) // 2), len(columns))))
        for bit in range(b):
            chosen = columns[(codes == bit).any(axis=1)] if columns.size else columns
            if chosen.size:
                yield chosen


def _refuse(lines: Lines, row: int, moved: tuple[Indices, Array]) -> None:
    """Find one column that the row follows, among those that moved, and say so."""
    columns, points = moved
    base = lines.row
    while len(columns) > 1:
        half = len(columns) // 2
        values = next(lines.each([_moved(lines, columns[:half], points[:half])]))
        there = values is None or bool(_changed(base, values)[row])
        part = slice(0, half) if there else slice(half, None)
        columns, points = columns[part], points[part]
    raise InputError(
        f"sparsity has no entry in row {row}, column {int(columns[0])}, but f changes there;"
        " mark it, or use sparsity='detect'"
    )
