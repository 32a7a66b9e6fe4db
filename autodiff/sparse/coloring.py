"""Which columns of a sparse matrix may be found together? Those that share no row get one colour.

One directional derivative along the sum of the unit vectors of a colour then holds all the entries
of its columns, each in a row of its own (Curtis, Powell and Reid 1974, *On the estimation of sparse
Jacobian matrices*). In the words of Gebremedhin, Manne and Pothen (2005, *What color is your
Jacobian? Graph coloring for computing derivatives*) this is a partial distance-2 colouring of the
bipartite graph of rows and columns.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import numpy as np

from autodiff.sparse.index_sets import Indices

MOST_NEIGHBOURS = 500_000
"""Pairs of columns that share a row, beyond which the order by them is not worth its time."""


def column_colors(rows: Indices, columns: Indices, count: int) -> Indices:
    """Colours for the columns, so that no two of a colour have an entry in one row.

    Parameters
    ----------
    rows, columns : ndarray of int
        The entries, each once, row by row.
    count : int
        Number of columns.

    Returns
    -------
    ndarray of int, shape (count,)
        From 0; -1 for a column without entries.

    Notes
    -----
    A row of w entries needs w colours. Taking the columns in turn from w colours attains this for
    bands and blocks, and costs no loop. Otherwise each column takes the first colour that is free
    in all its rows, with the columns as they stand, then by the number of their neighbours, largest
    first, then smallest last, until one attains the bound; the best is kept. The work is nearly
    proportional to the number of entries.

    Examples
    --------
    >>> band = np.abs(np.subtract.outer(np.arange(5), np.arange(5))) <= 1
    >>> column_colors(*np.nonzero(band), 5)
    array([0, 1, 2, 0, 1])
    """
    used = np.bincount(columns, minlength=count) > 0
    colors = np.full(count, -1, np.intp)
    if used.all():
        return _colors(rows, columns, count) if count else colors
    if used.any():
        colors[used] = _colors(rows, (np.cumsum(used) - 1)[columns], int(used.sum()))
    return colors


def _colors(rows: Indices, columns: Indices, n: int) -> Indices:
    """The colours where every column has an entry."""
    height = int(rows.max()) + 1
    widths = np.bincount(rows, minlength=height)
    least = int(widths.max())
    in_turn = np.arange(n) % least
    if least == n or not _clashes(rows * least + in_turn[columns]):
        return in_turn
    if 2 * least > n:
        # More than half of all columns clash in one row: little could be saved.
        return np.arange(n)
    by_column = np.argsort(columns, kind="stable")
    ends = np.concatenate([[0], np.cumsum(np.bincount(columns, minlength=n))])
    rows_in_turn = rows[by_column].tolist()
    lists = [rows_in_turn[a:b] for a, b in pairwise(ends.tolist())]
    best = _first_free(lists, range(n), height)
    if best.max() + 1 == least:
        return best
    reach = np.bincount(columns, weights=widths[rows], minlength=n)
    best = better(best, _first_free(lists, np.argsort(-reach, kind="stable").tolist(), height))
    if best.max() + 1 == least or int((widths * widths).sum()) > MOST_NEIGHBOURS:
        return best
    return better(best, _first_free(lists, smallest_last(neighbours(rows, columns, n)), height))


def _clashes(keys: Indices) -> bool:
    keys = np.sort(keys)
    return bool((keys[1:] == keys[:-1]).any())


def better(one: Indices, other: Indices) -> Indices:
    """The colouring with fewer colours; the first where both have as many."""
    return other if other.max() < one.max() else one


def _first_free(lists: list[list[int]], order: Iterable[int], height: int) -> Indices:
    """Each column in turn gets the least colour that none of its rows has seen.

    The colours a row has seen are the bits of one integer, so that a full row costs no more than
    its entries.
    """
    seen = [0] * height
    colors = [0] * len(lists)
    for column in order:
        mine = lists[column]
        union = 0
        for row in mine:
            union |= seen[row]
        lowest = (union + 1) & ~union
        for row in mine:
            seen[row] |= lowest
        colors[column] = lowest.bit_length() - 1
    return np.array(colors, np.intp)


def neighbours(rows: Indices, columns: Indices, n: int) -> list[list[int]]:
    """For every column those that share a row with it."""
    widths = np.bincount(rows)
    starts = np.cumsum(widths) - widths
    size = widths[rows]
    ends = np.cumsum(size)
    partners = np.arange(int(ends[-1])) + np.repeat(starts[rows] - ends + size, size)
    pairs = np.unique(np.repeat(columns, size) * n + columns[partners])
    first, second = np.divmod(pairs, n)
    ends = np.concatenate([[0], np.cumsum(np.bincount(first, minlength=n))]).tolist()
    others = second.tolist()
    return [others[a:b] for a, b in pairwise(ends)]


def smallest_last(graph: list[list[int]]) -> list[int]:
    """The vertices so that each has the fewest neighbours among itself and those before it.

    Method: Matula and Beck (1983), *Smallest-last ordering and clustering and graph coloring
    algorithms*.

    Examples
    --------
    >>> smallest_last([[1, 2, 3], [0, 2], [0, 1], [0]])[-1]
    3
    """
    degrees = [len(others) for others in graph]
    waiting: list[list[int]] = [[] for _ in range(max(degrees, default=0) + 1)]
    for vertex, degree in enumerate(degrees):
        waiting[degree].append(vertex)
    order: list[int] = []
    low = 0
    while len(order) < len(graph):
        if not waiting[low]:
            low += 1
            continue
        vertex = waiting[low].pop()
        if degrees[vertex] != low:
            # It has lost neighbours since, and waits further down, or is done.
            continue
        order.append(vertex)
        degrees[vertex] = -1
        for other in graph[vertex]:
            degree = degrees[other] - 1
            if degree >= 0:
                degrees[other] = degree
                waiting[degree].append(other)
                low = min(low, degree)
    order.reverse()
    return order
