"""Which entries of a Jacobian are worked on together? Whole columns, several at a time."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Entries", "all_entries", "some_entries"]

Indices = NDArray[np.intp]


@dataclass(frozen=True)
class Entries:
    """Entries of a Jacobian, by column, and the columns by group.

    Attributes
    ----------
    rows : ndarray of int, shape (P,)
        Which output each entry is of.
    place : ndarray of int, shape (P,)
        The place of its column in `columns`; ascending.
    columns : ndarray of int, shape (C,)
        Which coordinate each column is.
    ends : ndarray of int, shape (G,)
        Where in `columns` each group ends.
    """

    rows: Indices
    place: Indices
    columns: Indices
    ends: Indices

    @property
    def coordinates(self) -> Indices:
        """The coordinate of each entry."""
        return self.columns[self.place]


def all_entries(outputs: int, inputs: int, together: int) -> Iterator[Entries]:
    """Every entry of a full Jacobian, each column a group of its own.

    So many columns come at a time as have `together` entries; one at least.
    """
    step = max(together // max(outputs, 1), 1)
    place = np.arange(min(step, inputs))
    rows, places = np.tile(np.arange(outputs), len(place)), np.repeat(place, outputs)
    for start in range(0, inputs, step):
        count = min(step, inputs - start)
        some = slice(0, count * outputs)  # views of the same arrays each time
        yield Entries(rows[some], places[some], start + place[:count], 1 + place[:count])


def some_entries(
    rows: Indices, columns: Indices, group: Indices, together: int, most: int
) -> Iterator[Entries]:
    """The entries of a sparse Jacobian, several groups at a time.

    Parameters
    ----------
    rows, columns : ndarray of int, shape (P,)
        Where they are, ascending by column.
    group : ndarray of int, shape (inputs,)
        Which columns may move together.
    together : int
        So many entries come at a time, or those of one group.
    most : int
        A group of more is divided: what its columns ask for must be in memory at the same time.
    """
    ends = np.searchsorted(columns, np.arange(len(group) + 1))
    count = np.diff(ends)
    waiting: list[list[int]] = []
    size = 0
    for piece, entries in _pieces(group, count, most):
        if waiting and size + entries > together:
            yield _entries(waiting, rows, ends)
            waiting, size = [], 0
        waiting.append(piece)
        size += entries
    if waiting:
        yield _entries(waiting, rows, ends)


def _pieces(group: Indices, count: Indices, most: int) -> Iterator[tuple[list[int], int]]:
    """Groups without their empty columns, those of too many entries divided; and their sizes."""
    piece: list[int] = []
    size = 0
    order = np.argsort(group, kind="stable")
    last = -1
    for j, g, entries in zip(
        order.tolist(), group[order].tolist(), count[order].tolist(), strict=True
    ):
        if piece and (g != last or size + entries > most):
            yield piece, size
            piece, size = [], 0
        last = g
        if entries:
            piece.append(j)
            size += entries
    if piece:
        yield piece, size


def _entries(pieces: list[list[int]], rows: Indices, ends: Indices) -> Entries:
    columns = np.concatenate([np.array(piece, dtype=np.intp) for piece in pieces])
    return Entries(
        np.concatenate([rows[ends[j] : ends[j + 1]] for j in columns]),
        np.repeat(np.arange(len(columns)), ends[columns + 1] - ends[columns]),
        columns,
        np.cumsum([len(piece) for piece in pieces]),
    )
