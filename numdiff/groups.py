"""How are many derivatives looked for with few calls of f? Columns move together, in groups.

A problem is one entry of the Jacobian: one output, as a function of one coordinate (its column).
Columns of one group share no output, so a call of f can move them all: each output follows the one
column that it depends on.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numdiff.calls import Lines
from numdiff.entries import Entries

__all__ = ["Groups"]

Array = NDArray[np.float64]
Indices = NDArray[np.intp]


@dataclass(frozen=True)
class _Move:
    """One call of f: columns lo to hi of one group, each to its own point where that is no NaN."""

    slot: int
    lo: int
    hi: int
    points: Array


class Groups:
    """Values of `Entries` along their columns, with no point of a column evaluated twice.

    What a call of f shows is kept for entries that ask later: those of a column with very many
    outputs come in several blocks, since the tables of all of them would not fit in memory.

    Notes
    -----
    A. R. Curtis, M. J. D. Powell and J. K. Reid, "On the estimation of sparse Jacobian matrices",
    IMA J. Appl. Math. 13 (1974) 117-119. Here every column of a group has steps of its own: call i
    moves each of them to the i-th of the points that its entries ask for.
    """

    def __init__(self, lines: Lines, entries: Entries) -> None:
        self.block = slice(0, len(entries.rows))
        self._lines = lines
        self._entries = entries
        self._x = lines.x.astype(np.float64).ravel()[entries.columns]
        self._lower, self._upper = (b.ravel()[entries.columns] for b in (lines.lower, lines.upper))
        self._group = np.repeat(np.arange(len(entries.ends)), np.diff(entries.ends, prepend=0))
        # Where the entries of each column begin, and of one more.
        self._first = np.searchsorted(entries.place, np.arange(len(entries.columns) + 1))
        self._calls = np.zeros(len(entries.ends), dtype=np.intp)
        # In slot 0 is x itself; in slot i, for every group, its i-th call.
        self._points = [self._x]
        self._values = [lines.row[entries.rows]]

    @property
    def eps(self) -> float:
        """The rounding unit of the values."""
        return self._lines.eps

    def __call__(self, points: Array) -> Array:
        """Values at `points`, shape (K, P) for the P entries of the current `block`."""
        place = self._entries.place[self.block]
        which, who = _distinct(points, place)
        column, point = place[who[1]], points[who]
        inside = (point >= self._lower[column]) & (point <= self._upper[column])
        slot = np.where(inside, self._look_up(column, point), -2)
        new = slot == -1
        slot[new] = self._add(column[new], point[new])
        return self._gather(np.where(which < 0, -2, slot[which]) if slot.size else which)

    def _look_up(self, column: Indices, point: Array) -> Indices:
        """The slots that hold these points; -1 for those that none does."""
        slot = np.full(point.shape, -1)
        for s, known in enumerate(self._points):
            slot[known[column] == point] = s
        return slot

    def _add(self, column: Indices, point: Array) -> Indices:
        """The slots of new points, after calling f there."""
        order = np.lexsort((point, column))
        column, point = column[order], point[order]
        fresh = np.ones(len(point), dtype=np.bool_)
        fresh[1:] = (column[1:] != column[:-1]) | (point[1:] != point[:-1])
        at = np.flatnonzero(fresh)
        owner = column[at]
        rank = np.arange(len(at)) - np.searchsorted(owner, owner)
        slot = self._calls[self._group[owner]] + rank + 1
        before = self._calls.copy()
        np.maximum.at(self._calls, self._group[owner], slot)
        for _ in range(len(self._points), int(self._calls.max(initial=0)) + 1):
            self._points.append(np.full(self._x.shape, np.nan))
            self._values.append(np.full(self._entries.rows.shape, np.nan))
        by_slot = np.argsort(slot, kind="stable")
        for one in np.split(by_slot, np.flatnonzero(np.diff(slot[by_slot])) + 1):
            if one.size:
                self._points[slot[one[0]]][owner[one]] = point[at[one]]
        self._call(before)
        found = np.empty(len(point), dtype=np.intp)
        found[order] = slot[np.cumsum(fresh) - 1]
        return found

    def _call(self, before: Indices) -> None:
        """Make the calls that each group has been given beyond those `before`.

        Where f raises for a group it is asked for either half, until the columns are found at which
        it is not defined.
        """
        moves = list(self._moves(before))
        while moves:
            again = []
            rows = self._lines.each(self._moved(move) for move in moves)
            for move, row in zip(moves, rows, strict=True):
                if row is not None:
                    self._keep(move, row)
                elif np.isfinite(move.points).sum() > 1:
                    again.extend(_halves(move))
            moves = again

    def _moves(self, before: Indices) -> Iterator[_Move]:
        starts = np.concatenate([[0], self._entries.ends[:-1]])
        for g in np.flatnonzero(self._calls > before):
            lo, hi = int(starts[g]), int(self._entries.ends[g])
            for slot in range(int(before[g]) + 1, int(self._calls[g]) + 1):
                yield _Move(slot, lo, hi, self._points[slot][lo:hi])

    def _moved(self, move: _Move) -> NDArray[np.floating]:
        x = self._lines.x.copy()
        moves = np.isfinite(move.points)
        x.flat[self._entries.columns[move.lo : move.hi][moves]] = move.points[moves]
        return x

    def _keep(self, move: _Move, row: Array) -> None:
        # Also for columns that did not move, but nobody looks them up in this slot.
        mine = slice(int(self._first[move.lo]), int(self._first[move.hi]))
        self._values[move.slot][mine] = row[self._entries.rows[mine]]

    def _gather(self, slot: Indices) -> Array:
        """The value in each slot, shape (K, P), for the entries of the block; NaN for none."""
        values = np.full(slot.shape, np.nan)
        flat = slot.ravel()
        order = np.argsort(flat, kind="stable")
        for one in np.split(order, np.flatnonzero(np.diff(flat[order])) + 1):
            if one.size and flat[one[0]] >= 0:
                entry = self.block.start + one % slot.shape[1]
                values.flat[one] = self._values[flat[one[0]]][entry]
        return values


def _halves(move: _Move) -> list[_Move]:
    """The first half of the columns that move, and the second."""
    moving = np.flatnonzero(np.isfinite(move.points))
    middle = int(moving[len(moving) // 2])
    return [
        _Move(move.slot, move.lo, move.lo + middle, move.points[:middle]),
        _Move(move.slot, move.lo + middle, move.hi, move.points[middle:]),
    ]


def _distinct(points: Array, place: Indices) -> tuple[Indices, tuple[Indices, Indices]]:
    """Points without most of the repetitions: entries of one column often ask for the same.

    Returns
    -------
    ndarray of int, shape (K, P)
        For each point the number of one that is equal, below; -1 for those that are not finite.
    (ndarray of int, ndarray of int)
        Row and column in `points` of those that remain.
    """
    wanted = np.isfinite(points)
    fresh = wanted.copy()
    beside = place[1:] == place[:-1]
    fresh[:, 1:] &= ~(beside & wanted[:, :-1] & (points[:, 1:] == points[:, :-1]))
    number = np.cumsum(fresh.ravel()).reshape(points.shape) - 1
    row, column = np.nonzero(fresh)
    return np.where(wanted, number, -1), (row, column)
