"""Which columns of a sparse matrix share no row? Few groups of them, for few calls of f."""

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

__all__ = ["group_columns"]

Indices = NDArray[np.intp]


def group_columns(rows: Indices, columns: Indices, shape: tuple[int, int]) -> Indices:
    """The group of each column, so that no two columns of a group have an entry in one row.

    Parameters
    ----------
    rows, columns : ndarray of int, shape (P,)
        Where the entries are, each once; ascending by column.
    shape : (int, int)
        Of the matrix.

    Returns
    -------
    ndarray of int, shape (shape[1],)
        Groups are numbered from 0. Columns without entries are in group 0.

    Notes
    -----
    To find the least number of groups is to colour a graph, which is hard in general; each column
    in turn takes the first group that is free in all its rows, and the order of the columns decides
    how good that is (T. F. Coleman and J. J. Moré, "Estimation of sparse Jacobian matrices and
    graph coloring problems", SIAM J. Numer. Anal. 20 (1983) 187-209). Three are tried: as they
    stand, which is best for a band; from neighbour to neighbour, which finds a band that was
    shuffled; and largest degree first. A row of k entries needs k groups; where so few suffice,
    the search ends. The work is nearly proportional to the number of entries.

    Examples
    --------
    >>> band = np.abs(np.subtract.outer(np.arange(5), np.arange(5))) <= 1
    >>> columns, rows = np.nonzero(band.T)
    >>> group_columns(rows, columns, (5, 5))
    array([0, 1, 2, 0, 1])
    """
    m, n = shape
    width = np.bincount(rows, minlength=m)
    least = int(width.max(initial=1))
    ends = np.searchsorted(columns, np.arange(n + 1))
    degree = np.bincount(columns, weights=width[rows] - 1, minlength=n)
    lists = rows.tolist()
    of_column = [lists[a:b] for a, b in pairwise(ends)]
    best = _first_free(of_column, range(n), m)
    for order in (
        lambda: _neighbours(of_column, m),
        lambda: np.argsort(-degree, kind="stable").tolist(),
    ):
        if best.max(initial=0) < least:
            break
        other = _first_free(of_column, order(), m)
        best = min(best, other, key=lambda groups: groups.max(initial=0))
    return best


def _neighbours(of_column: list[list[int]], m: int) -> list[int]:
    """The columns breadth first: after each those that share a row with it."""
    of_row: list[list[int]] = [[] for _ in range(m)]
    for j, rows in enumerate(of_column):
        for r in rows:
            of_row[r].append(j)
    seen = [False] * len(of_column)
    order: list[int] = []
    done = 0
    for start in range(len(of_column)):
        if not seen[start]:
            seen[start] = True
            order.append(start)
        while done < len(order):
            for r in of_column[order[done]]:
                # Each row is gone through once, by the first of its columns.
                for k in of_row[r]:
                    if not seen[k]:
                        seen[k] = True
                        order.append(k)
                of_row[r] = []
            done += 1
    return order


def _first_free(of_column: list[list[int]], order: Iterable[int], m: int) -> Indices:
    """The groups, when each column in that order takes the first that is free in all its rows.

    The groups taken in a row are the bits of one integer: the work is proportional to the number
    of entries, a few words of bits for each, even where one row is full.
    """
    taken = [0] * m
    group = np.zeros(len(of_column), dtype=np.intp)
    for j in order:
        mine = of_column[j]
        busy = 0
        for r in mine:
            busy |= taken[r]
        free = ~busy & (busy + 1)
        for r in mine:
            taken[r] |= free
        group[j] = free.bit_length() - 1
    return group
