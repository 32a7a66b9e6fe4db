"""From which derivative along a sum of unit vectors is each entry of a sparse matrix read?

Columns of one colour are found together by one tangent pushed forward, rows by one cotangent pulled
back. A few full rows beside sparse ones are better pulled, while the rest is pushed, and a few full
columns the other way about (Coleman and Verma 1998, *The efficient computation of sparse Jacobian
matrices using automatic differentiation*); here the fullest are set apart, as many as make both
together cheapest.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from autodiff.sparse.coloring import column_colors
from autodiff.sparse.index_sets import Indices
from autodiff.sparse.patterns import Pattern
from autodiff.sparse.star_coloring import star_colors


class Plan(NamedTuple):
    """Which sweeps there are, and where in them each entry of a pattern stands.

    Attributes
    ----------
    column_colors, row_colors : ndarray of int
        The tangent that each column belongs to, the cotangent of each row; -1 for none.
    pulled : ndarray of bool
        Whether the entry is read from a cotangent.
    sweep, place : ndarray of int
        The number of the tangent or cotangent, and the position in it.
    """

    column_colors: Indices
    row_colors: Indices
    pulled: np.ndarray
    sweep: Indices
    place: Indices

    @property
    def sweeps(self) -> int:
        """The number of tangents and cotangents together."""
        return sum(int(colors.max(initial=-1)) + 1 for colors in self[:2])


def jacobian_plan(pattern: Pattern, columns: bool, rows: bool) -> Plan:
    """The way that takes the fewest tangents and cotangents.

    Parameters
    ----------
    pattern : Pattern
    columns, rows : bool
        Whether tangents may be pushed, and cotangents pulled.

    Examples
    --------
    An arrow has a full row and a full column: pushing or pulling alone would take five.

    >>> arrow = np.eye(5, dtype=bool)
    >>> arrow[0] = arrow[:, 0] = True
    >>> jacobian_plan(Pattern(*np.nonzero(arrow), (5, 5)), True, True).sweeps
    3
    """
    height, width = _extent(pattern)
    in_row = np.bincount(pattern.rows, minlength=height)
    in_column = np.bincount(pattern.columns, minlength=width)
    none, every = np.zeros(height, bool), np.ones(height, bool)
    ways: list[tuple[int, Callable[[], Plan]]] = []
    if columns:
        ways.append((int(in_row.max(initial=0)), lambda: _split(pattern, none, None)))
    if rows:
        ways.append((int(in_column.max(initial=0)), lambda: _split(pattern, every, None)))
    if columns and rows:
        cost, full_rows = _fullest(in_row)
        ways.append((cost, lambda: _split(pattern, full_rows, None)))
        cost, full_columns = _fullest(in_column)
        ways.append((cost, lambda: _split(pattern, None, full_columns)))
    # The first number of each way is what it takes at least, so that not all need be tried.
    ways.sort(key=lambda way: way[0])
    best = ways[0][1]()
    for least, plan in ways[1:]:
        if least < best.sweeps:
            best = min(best, plan(), key=lambda found: found.sweeps)
    return best


def _extent(pattern: Pattern) -> tuple[int, int]:
    """The shape, or the least one that has room for all places."""
    if pattern.shape is not None:
        return pattern.shape
    return int(pattern.rows.max(initial=-1)) + 1, int(pattern.columns.max(initial=-1)) + 1


def _fullest(counts: Indices) -> tuple[int, np.ndarray]:
    """Which lines to set apart, so that their number and the fullest of the rest are least."""
    order = np.argsort(-counts, kind="stable")
    cost = np.append(counts[order], 0) + np.arange(len(counts) + 1)
    apart = np.zeros(len(counts), bool)
    apart[order[: int(cost.argmin())]] = True
    return int(cost.min()), apart


def _split(pattern: Pattern, pulled_rows: np.ndarray | None, pushed: np.ndarray | None) -> Plan:
    """Some rows are pulled and the rest is pushed; or some columns pushed and the rest pulled."""
    height, width = _extent(pattern)
    rows, columns = pattern.rows, pattern.columns
    pulled = pulled_rows[rows] if pulled_rows is not None else ~pushed[columns]  # type: ignore[index]
    by_column = column_colors(rows[~pulled], columns[~pulled], width)
    turned = np.lexsort((rows[pulled], columns[pulled]))
    by_row = column_colors(columns[pulled][turned], rows[pulled][turned], height)
    return Plan(
        by_column,
        by_row,
        pulled,
        np.where(pulled, by_row[rows], by_column[columns]),
        np.where(pulled, columns, rows),
    )


def hessian_plan(pattern: Pattern, pull: bool) -> Plan:
    """The plan of a star colouring, all pushed or all pulled.

    Of an entry and its transpose one at least stands alone in its row among the columns of its
    colour (Gebremedhin, Manne and Pothen 2005, *What color is your Jacobian?*); it is read there.

    Parameters
    ----------
    pattern : Pattern
        Symmetric.
    pull : bool
        Whether cotangents are pulled; the matrix is symmetric, and they give what tangents would.
    """
    _, width = _extent(pattern)
    rows, columns = pattern.rows, pattern.columns
    colors = star_colors(rows, columns, width)
    keys = rows * (int(colors.max(initial=0)) + 1) + colors[columns]
    _, which, counts = np.unique(keys, return_inverse=True, return_counts=True)
    alone = counts[which] == 1
    idle = np.full(width, -1, np.intp)
    return Plan(
        idle if pull else colors,
        colors if pull else idle,
        np.full(len(rows), pull),
        np.where(alone, colors[columns], colors[rows]),
        np.where(alone, rows, columns),
    )
