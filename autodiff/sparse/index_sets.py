"""Tables of sets of indices: many small sets in two integer arrays, and unions of them.

A table is laid out as the rows of a matrix in compressed sparse row form, without values. Whoever
uses it holds for each of its entries the number of a set, so that entries with equal sets share
one, and moving entries about moves numbers only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

Indices = np.ndarray[Any, np.dtype[np.intp]]

MANY = 2**24
"""Members beyond which sets that are dense anyway are no longer told apart."""
DENSE = 1 / 8
"""The part of all indices that the average set must have for that."""


class Table:
    """Sets of indices below ``universe``; set 0 is empty.

    Attributes
    ----------
    starts : ndarray of int, shape (sets + 1,)
        Where each set begins in ``members``.
    members : ndarray of int
        The sets one after the other, each ascending.
    sizes : ndarray of int, shape (sets,)
    largest : int
    universe : int
    """

    __slots__ = ("largest", "members", "sizes", "starts", "universe")

    def __init__(self, starts: Indices, members: Indices, universe: int) -> None:
        self.starts = starts
        self.members = members
        self.sizes = np.diff(starts)
        self.largest = int(self.sizes.max())
        self.universe = universe

    def __len__(self) -> int:
        return len(self.sizes)


class Part(NamedTuple):
    """Sets that go into a union: set ``labels[i]`` of the table into the union ``owners[i]``."""

    table: Table
    owners: Indices
    labels: Indices


def singletons(n: int) -> Table:
    """Set ``i + 1`` is ``{i}``, for each of ``n`` indices.

    Examples
    --------
    >>> singletons(3).members
    array([0, 1, 2])
    """
    return Table(np.maximum(np.arange(-1, n + 1), 0), np.arange(n), n)


def listed(table: Table, owners: Indices, labels: Indices) -> tuple[Indices, Indices]:
    """Every member of the labelled sets, with its owner."""
    sizes = table.sizes[labels]
    starts = table.starts[labels]
    if table.largest == 1 and sizes.all():
        return owners, table.members[starts]
    ends = np.cumsum(sizes)
    total = int(ends[-1]) if len(ends) else 0
    places = np.arange(total) + np.repeat(starts - ends + sizes, sizes)
    return np.repeat(owners, sizes), table.members[places]


def united(parts: Sequence[Part], count: int) -> tuple[Table, Indices]:
    """The unions, as a table and the number of the set of each of ``count`` owners.

    Where a union is everything that can be, it is one shared set. Where there would be very many
    members and the sets are dense, each owner gets the union of all: larger than need be, never
    smaller.

    Examples
    --------
    >>> table = singletons(4)
    >>> owners = np.array([0, 0, 1])
    >>> union, labels = united([Part(table, owners, np.array([1, 3, 2]))], 2)
    >>> [union.members[union.starts[k] : union.starts[k + 1]].tolist() for k in labels]
    [[0, 2], [1]]
    """
    universe = parts[0].table.universe
    whole = np.zeros(count, bool)
    for part in parts:
        if part.table.largest == universe:
            whole[part.owners[part.table.sizes[part.labels] == universe]] = True
    some_whole = bool(whole.any())
    if some_whole:
        parts = [_kept(part, ~whole[part.owners]) for part in parts]
    total = sum(int(part.table.sizes[part.labels].sum()) for part in parts)
    if total > max(MANY, DENSE * count * universe):
        return _all_in_one(parts, whole, universe)
    lists = [listed(*part) for part in parts]
    keys = np.concatenate([owners * universe + members for owners, members in lists])
    keys.sort()
    if len(keys):
        keys = keys[np.concatenate([[True], keys[1:] != keys[:-1]])]
    starts = np.searchsorted(keys, np.arange(count + 1) * universe)
    members = keys - np.repeat(np.arange(count) * universe, np.diff(starts))
    labels = np.arange(1, count + 1)
    tail: list[int] = []
    if some_whole:
        members = np.concatenate([members, np.arange(universe)])
        tail = [len(members)]
        labels[whole] = count + 1
    return Table(np.concatenate([[0], starts, tail]).astype(np.intp), members, universe), labels


def _kept(part: Part, keep: Any) -> Part:
    return Part(part.table, part.owners[keep], part.labels[keep])


def _all_in_one(parts: Sequence[Part], whole: Any, universe: int) -> tuple[Table, Indices]:
    """One set for all owners, the union of all, but for those that have everything."""
    present = np.zeros(universe, bool)
    for part in parts:
        used = np.unique(part.labels)
        present[listed(part.table, used, used)[1]] = True
    some = np.flatnonzero(present)
    starts = np.cumsum([0, 0, len(some), universe])
    members = np.concatenate([some, np.arange(universe)])
    return Table(starts, members, universe), np.where(whole, 2, 1)


def merged(tables: Sequence[Table]) -> tuple[Table, list[int]]:
    """One table with all the sets of several, and what to add to the numbers other than 0 of each.

    Examples
    --------
    >>> table, shifts = merged([singletons(2), singletons(2)])
    >>> len(table), shifts
    (5, [0, 2])
    """
    starts = [np.zeros(1, np.intp)]
    shifts = []
    sets = members = 0
    for k, table in enumerate(tables):
        starts.append(table.starts[2 if k else 1 :] + members)
        shifts.append(sets)
        sets += len(table) - 1
        members += len(table.members)
    every = np.concatenate([table.members for table in tables])
    return Table(np.concatenate(starts), every, tables[0].universe), shifts
