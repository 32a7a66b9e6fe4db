"""Which columns of a sparse symmetric matrix may be found together? Fewer colours, by symmetry.

An entry of a Hessian can be read in its own place or in the transposed one. That suffices where two
columns that meet have different colours and no path of four columns has only two: the columns of
any two colours then form stars (Coleman and Moré 1984, *Estimation of sparse Hessian matrices and
graph coloring problems*; Gebremedhin, Manne and Pothen 2005, *What color is your Jacobian?*).
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import numpy as np

from autodiff.sparse.coloring import better, column_colors, smallest_last
from autodiff.sparse.index_sets import Indices


def star_colors(rows: Indices, columns: Indices, count: int) -> Indices:
    """A star colouring of the graph of a symmetric pattern.

    Parameters
    ----------
    rows, columns : ndarray of int
        The entries, both triangles, each once, row by row.
    count : int
        Number of columns.

    Returns
    -------
    ndarray of int, shape (count,)
        From 0; -1 for a column without entries.

    Notes
    -----
    Where columns that share no row do as well, they are a star colouring too and need no loop: a
    band of halfwidth b needs 2b + 1 colours either way (Coleman and Moré 1984). Else each column
    takes the first colour allowed, as they stand and smallest last, and the best is kept.

    Examples
    --------
    An arrow needs two colours; columns that share no row would need five.

    >>> arrow = np.eye(5, dtype=bool)
    >>> arrow[0] = arrow[:, 0] = True
    >>> star_colors(*np.nonzero(arrow), 5)
    array([0, 1, 1, 1, 1])
    """
    if not len(rows):
        return np.full(count, -1, np.intp)
    widths = np.bincount(rows, minlength=count)
    widest = int(widths.max())
    apart = None
    if 2 * np.count_nonzero(widths == widest) >= np.count_nonzero(widths):
        apart = column_colors(rows, columns, count)
        if apart.max() + 1 == widest:
            return apart
    off = rows != columns
    others = columns[off].tolist()
    ends = np.concatenate([[0], np.cumsum(np.bincount(rows[off], minlength=count))]).tolist()
    graph = [others[a:b] for a, b in pairwise(ends)]
    best = better(_first_allowed(graph, range(count)), _first_allowed(graph, smallest_last(graph)))
    best[widths == 0] = -1
    return best if apart is None else better(best, apart)


def _first_allowed(graph: list[list[int]], order: Iterable[int]) -> Indices:
    """Each vertex in turn gets the least colour that leaves only stars.

    Sets of colours are the bits of one integer. For a vertex: ``once``, the colours of its coloured
    neighbours; ``twice``, those that two of them have, so that it is the hub of a star; ``hubs``,
    the colours of the hubs whose star it belongs to, with its own colour at the spokes. A vertex
    may take no colour of a neighbour; none of a hub that a neighbour is a spoke of, for the path
    vertex, neighbour, hub, other spoke would have two colours; and where two neighbours have one
    colour, so that it becomes a hub itself, none that either of them sees.
    """
    n = len(graph)
    once, twice, hubs = [0] * n, [0] * n, [0] * n
    colors = [-1] * n
    first: dict[tuple[int, int], int] = {}
    for vertex in order:
        forbidden = once[vertex]
        pairs = twice[vertex]
        for other in graph[vertex]:
            color = colors[other]
            if color >= 0:
                forbidden |= hubs[other]
                if pairs >> color & 1:
                    forbidden |= once[other]
        bit = (forbidden + 1) & ~forbidden
        color = bit.bit_length() - 1
        colors[vertex] = color
        for other in graph[vertex]:
            theirs = colors[other]
            if theirs >= 0 and pairs >> theirs & 1:
                hubs[other] |= bit
            if not once[other] & bit:
                once[other] |= bit
                first[other, color] = vertex
                continue
            twice[other] |= bit
            if theirs >= 0:
                hubs[vertex] |= 1 << theirs
                hubs[first[other, color]] |= 1 << theirs
    return np.array(colors, np.intp)
