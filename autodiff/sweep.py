"""The way back over a tape: cotangents pulled through every operation, last to first.

Method: Griewank and Walther (2008), *Evaluating Derivatives*, sections 3.2 and 4.6. Partials are
computed on the way back, and only those that are needed.

A cotangent is held in the least form that says it: a Python int where all of its entries are that
number, an array that broadcasts to the shape of the value (the cotangents of a sum are one number
each), and it is written out where an operation wants it whole.

Numbers go back plainly first. A selection leaves zeros behind it, and all is well unless one of
them meets an infinite partial: then NaN arrives at a variable, and the way is gone once more with
care (`careful`), which tells a zero that selects from one that was computed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from sys import getrefcount
from typing import Any

import numpy as np

from autodiff import cotangents, rules
from autodiff.allocation import ALONE
from autodiff.careful import MaskedSweep
from autodiff.literals import is_truth, product, where, written
from autodiff.lookup import reverse_row, vjp_of
from autodiff.parts import scattered
from autodiff.retention import LARGE
from autodiff.segments import Rerun
from autodiff.tape import Record, Tape, Taped

Visit = Callable[[int, Record, Any], None]
Seeds = Sequence[tuple[Any, Any]]


class Sweep:
    """One plain way back over a tape of numbers.

    Attributes
    ----------
    held : list
        The cotangent of each position, None where none has arrived.
    owned : set
        Positions whose cotangent is an array that nobody else has: it is added to in place.
    """

    __slots__ = ("held", "owned", "tape")

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self.held: list[Any] = [None] * len(tape.records)
        self.owned: set[int] = set()

    def add(self, index: int, g: Any) -> None:
        """Let one more cotangent arrive at a position."""
        old = self.held[index]
        if old is None:
            self.held[index] = g
            return
        owned = self.owned
        self.held[index] = cotangents.accumulate(old, g, index in owned)
        owned.add(index)

    def give(self, index: int) -> Any:
        """What has arrived at a position in the end, as an array that nobody else has."""
        g = self.held[index]
        self.held[index] = None
        if type(g) is np.ndarray and (g.base is not None or getrefcount(g) != ALONE):
            return g.copy()
        return g

    def cut(self, first: int) -> None:
        """Forget what has arrived from a position on: those behind it are other values now."""
        del self.held[first:]
        self.owned.difference_update([i for i in self.owned if i >= first])

    def run(self, last: int, consume: bool, first: int = 0) -> None:
        """Go back from a position to the first; ``consume`` frees the tape on the way."""
        held, records, partials = self.held, self.tape.records, rules.PARTIALS
        selections = rules.SELECTIONS
        for i in range(last, first - 1, -1):
            g = held[i]
            if g is None:
                continue
            record = records[i]
            if record is None:
                continue
            held[i] = None
            if consume:
                records[i] = None
            op = record[0]
            row = partials.get(op)
            if row is None and type(op) is not str:
                if isinstance(op, Rerun):
                    op.resume(self, record, (g,), True)
                    continue
                row = reverse_row(op, record[3])
            if row is None:
                self._pull_whole(record, g)
            elif op in selections:
                self._pull_selected(record, row, g)
            else:
                self._pull_product(record, row, g)

    def _pull_product(self, record: Record, row: Any, g: Any) -> None:
        """Elementwise: partial times cotangent."""
        _, y, operands, _, parents = record
        held = self.held
        for rule, parent, x in zip(row, parents, operands, strict=True):
            if parent < 0 or rule is None:
                continue
            if type(g) is np.float64 and rule is rules.power_base and _is_two(operands[1]):
                c = x * (g + g)  # the terms of a sum of squares, in one pass
            elif type(p := rule(y, *operands)) is int:
                if p == 0:
                    continue
                c = g if p == 1 else product(p, g)
            elif type(g) is int:
                c = product(p, g)
                if type(c) is float:
                    c = y.dtype.type(c)
            elif type(p) is np.ndarray and p.size > LARGE and getrefcount(p) == ALONE:
                c = _scaled(p, g)
            else:
                c = p * g
            shape = x.shape
            if shape != y.shape:
                c = cotangents.unbroadcast(written(c, y.shape, y), shape)
            if held[parent] is None:
                held[parent] = c
            else:
                self.add(parent, c)

    def _pull_selected(self, record: Record, row: Any, g: Any) -> None:
        """Elementwise, through a selection: the cotangent where it passes, and 0 elsewhere."""
        _, y, operands, _, parents = record
        for rule, parent, x in zip(row, parents, operands, strict=True):
            if parent < 0 or rule is None:
                continue
            p = rule(y, *operands)
            if type(p) is int and p == 0:
                continue
            if isinstance(p, (bool, np.bool_)):
                if not p:
                    continue
                c = g
            elif is_truth(p):
                c = _passed(p, y.dtype.type(g) if type(g) is int else g)
            else:
                c = product(p, g)
            if x.shape != y.shape:
                c = cotangents.unbroadcast(written(c, y.shape, y), x.shape)
            self.add(parent, c)

    def _pull_whole(self, record: Record, g: Any) -> None:
        """An array operation, by its own rule."""
        op, y, operands, params, parents = record
        if op == "sum" and (type(g) is int or not g.shape):
            self.add(parents[0], g)
            return
        if op in ("reshape", "transpose") and type(g) is int:
            self.add(parents[0], g)
            return
        if op == "getitem" and scattered(self.held, self.owned, record, g):
            return
        g = written(g, y.shape, y)
        rule = vjp_of(op)
        for i, parent in enumerate(parents):
            if parent >= 0:
                self.add(parent, rule(y, operands, params, i, g, 0))


def _is_two(x: Any) -> bool:
    return (type(x) is int or type(x) is float) and x == 2


def _passed(p: Any, g: Any) -> Any:
    """The cotangent where a condition holds, and 0 elsewhere."""
    c = g * p  # several times as fast as np.where, and the same if nothing is infinite
    return c if np.isfinite(np.sum(c)) else where(p, g, 0)


def _scaled(p: np.ndarray[Any, Any], g: Any) -> Any:
    """``p*g`` for a partial that nobody else holds: in its own memory where that fits."""
    kind = type(g)
    if kind is np.ndarray:
        fits = g.dtype == p.dtype and (g.shape == p.shape or not g.shape)
    else:
        fits = kind is p.dtype.type
    return np.multiply(p, g, out=p) if fits and p.base is None and p.flags.writeable else p * g


def arrived(
    tape: Tape, boxed: Sequence[Taped], seeds: Seeds, *, consume: bool = False
) -> list[Any]:
    """The cotangents of variables, None where nothing has arrived.

    Parameters
    ----------
    tape : Tape
    boxed : sequence of Taped
        The variables.
    seeds : sequence of (Taped, cotangent)
        Values of other kinds are constants and are passed over.
    consume : bool
        Whether the tape is not needed any more, and its values may be freed on the way.
    """
    if all(map(_is_plain, seeds)):
        sweep = Sweep(tape)
        sweep.run(_sown(sweep, seeds), consume and not tape.selects)
        found = [sweep.give(v.index) for v in boxed]
        if not tape.selects or not any(map(_has_nan, found)):
            return found
    careful = pull(tape, seeds)
    found = [careful.take(v.index) for v in boxed]
    # Nothing is known of who else has these.
    return [g.copy() if type(g) is np.ndarray else g for g in found]


def pull(tape: Tape, seeds: Seeds, lead: int = 0, visit: Visit | None = None) -> MaskedSweep:
    """Pull cotangents of taped values back over the tape, with care.

    Parameters
    ----------
    tape, seeds
        As for `arrived`.
    lead : {0, 1}
        Number of leading axes, along which several cotangents are pulled at once.
    visit : callable, optional
        Shown each record on the way, with its position and its cotangent.
    """
    sweep = MaskedSweep(tape, lead)
    sweep.run(_sown(sweep, seeds), visit)
    return sweep


def _sown(sweep: Sweep | MaskedSweep, seeds: Seeds) -> int:
    """Put the seeds in their places; the last of these."""
    last = -1
    for value, seed in seeds:
        if sweep.tape.holds(value) and seed is not None:
            sweep.add(value.index, seed)
            last = max(last, value.index)
    return last


def _is_plain(pair: tuple[Any, Any]) -> bool:
    """Whether a seed and its value are numbers, and no expressions or boxes of lower levels."""
    value, seed = pair
    bare = value.primal if type(value) is Taped else value
    numbers = (np.ndarray, np.generic)
    return isinstance(bare, numbers) and (
        seed is None or type(seed) is int or isinstance(seed, numbers)
    )


def _has_nan(g: Any) -> bool:
    """Whether NaN has arrived; it may also say so where infinities cancel, which is seldom."""
    if g is None or type(g) is int:
        return False
    if type(g) is np.ndarray and g.dtype.kind == "f" and g.flags.c_contiguous:
        flat = g.reshape(-1)
        return bool(np.isnan(np.dot(flat, flat)))  # of all reductions the fastest
    return bool(np.isnan(np.sum(g)))
