"""The way back over a tape: cotangents pulled through every operation, last to first.

Method: Griewank and Walther (2008), *Evaluating Derivatives*, sections 3.2 and 4.6. Partials are
computed on the way back, and only those that are needed.

A cotangent is held in the least form that says it: a Python int where all of its entries are that
number, an array that broadcasts to the shape of the value (the cotangents of a sum are one number
each), and it is written out where an operation wants it whole.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from sys import getrefcount
from typing import Any

import numpy as np

from autodiff import cotangents, masks, rules
from autodiff.allocation import ALONE
from autodiff.literals import is_truth, product, products, written
from autodiff.lookup import vjp_of
from autodiff.retention import LARGE, Hull
from autodiff.tape import Record, Tape
from diffexpr.apply import apply

Visit = Callable[[int, Record, Any], None]


def _scaled(p: np.ndarray[Any, Any], g: Any) -> Any:
    """``p*g`` for a partial that nobody else holds: in its own memory where that fits."""
    kind = type(g)
    if kind is np.ndarray:
        fits = g.dtype == p.dtype and (g.shape == p.shape or not g.shape)
    else:
        fits = kind is p.dtype.type
    return np.multiply(p, g, out=p) if fits and p.base is None else p * g


class Sweep:
    """One way back over a tape: the cotangents that have arrived so far.

    Attributes
    ----------
    held : list
        The cotangent of each position, None where none has arrived.
    masks : dict
        For positions behind a selection the entries that count, and whether the others are 0.
    owned : set
        Positions whose cotangent is an array that nobody else has: it is added to in place.
    """

    __slots__ = ("held", "lead", "masks", "owned", "tape")

    def __init__(self, tape: Tape, lead: int) -> None:
        self.tape = tape
        self.lead = lead
        self.held: list[Any] = [None] * len(tape.records)
        self.masks: dict[int, tuple[Any, bool]] = {}
        self.owned: set[int] = set()

    def add(self, index: int, g: Any, mask: Any = None, clean: bool = True) -> None:
        """Let one more cotangent arrive at a position."""
        old = self.held[index]
        waiting = self.masks
        if mask is None and not waiting:
            self.held[index] = g if old is None else self._sum(index, old, g)
            return
        if old is None:
            if mask is not None:
                waiting[index] = (mask, clean)
            self.held[index] = g
            return
        old_mask, old_clean = waiting.pop(index, (None, True))
        if mask is old_mask:
            if mask is not None:
                waiting[index] = (mask, clean and old_clean)
        else:
            old = masks.cleaned(old, old_mask, old_clean)
            g = masks.cleaned(g, mask, clean)
            if mask is not None and old_mask is not None:
                both = masks.settled(apply("logical_or", (mask, old_mask)))
                if both is not None:
                    waiting[index] = (both, True)
        self.held[index] = cotangents.accumulate(old, g)

    def _sum(self, index: int, old: Any, new: Any) -> Any:
        owned = self.owned
        found = cotangents.accumulate(old, new, index in owned)
        owned.add(index)
        return found

    def take(self, index: int) -> Any:
        """What has arrived at a position in the end."""
        g = self.held[index]
        return g if g is None else masks.cleaned(g, *self.masks.get(index, (None, True)))

    def give(self, index: int) -> Any:
        """What has arrived at a position in the end, as an array that nobody else has."""
        g = self.take(index)
        self.held[index] = None
        if type(g) is np.ndarray and (g.base is not None or getrefcount(g) != ALONE):
            return g.copy()
        return g

    def run(self, last: int, visit: Visit | None = None, consume: bool = False) -> None:
        """Go back from a position to the beginning; ``consume`` frees the tape on the way."""
        held, records, partials = self.held, self.tape.records, rules.PARTIALS
        waiting, selections = self.masks, rules.SELECTIONS
        for i in range(last, -1, -1):
            g = held[i]
            if g is None:
                continue
            record = records[i]
            if record is None:
                continue
            mask, clean = waiting.pop(i, (None, True)) if waiting else (None, True)
            held[i] = None
            if consume:
                records[i] = None
            op = record[0]
            if visit is not None:
                visit(i, record, masks.cleaned(g, mask, clean))
            row = partials.get(op) if visit is None else rules.known(partials.get(op))
            if row is None:
                self._pull_whole(record, g, mask, clean)
            elif mask is not None or op in selections:
                self._pull_masked(record, row, g, mask, clean)
            elif self.lead:
                self._pull_plain(record, row, g)
            else:
                self._pull_one(record, row, g)

    def _pull_one(self, record: Record, row: Any, g: Any) -> None:
        """Elementwise, one cotangent, no masks: partial times cotangent."""
        _, y, operands, _, parents = record
        held = self.held
        for rule, parent, x in zip(row, parents, operands, strict=True):
            if parent < 0 or rule is None:
                continue
            p = rule(y, *operands)
            if type(p) is int:
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
            old = held[parent]
            if old is None:
                held[parent] = c
            elif self.masks:
                self.add(parent, c)
            else:
                held[parent] = self._sum(parent, old, c)

    def _pull_plain(self, record: Record, row: Any, g: Any) -> None:
        """Elementwise, several cotangents, no masks."""
        _, y, operands, _, parents = record
        lead = self.lead
        for rule, parent, x in zip(row, parents, operands, strict=True):
            if parent < 0 or rule is None:
                continue
            p = rule(y, *operands)
            if type(p) is int and p == 0:
                continue
            c = products(g, p) if lead and type(p) is not int else product(p, g)
            if type(c) is int:
                if x.shape != y.shape:
                    c = cotangents.unbroadcast(written(c, y.shape, y), x.shape)
            elif c.shape[lead:] != x.shape:
                c = cotangents.unbroadcast(written(c, y.shape, y, lead), x.shape, lead)
            self.add(parent, c)

    def _pull_masked(self, record: Record, row: Any, g: Any, mask: Any, clean: bool) -> None:
        """Elementwise, behind or through a selection."""
        op, y, operands, _, parents = record
        lead = self.lead
        for rule, parent, x in zip(row, parents, operands, strict=True):
            if parent < 0 or rule is None:
                continue
            p = rule(y, *operands)
            if type(p) is int and p == 0:
                continue
            passed, still = mask, clean and (type(p) is int)
            if op in rules.SELECTIONS:
                passed = masks.narrowed(mask, p, y.shape)
                if passed is False:
                    continue
                still = clean and passed is mask
            if op in rules.SELECTIONS and is_truth(p):
                c = g
            else:
                c = products(g, p) if lead and type(p) is not int else product(p, g)
            if x.shape != y.shape:
                c = masks.cleaned(written(c, y.shape, y, lead), passed, still)
                c = cotangents.unbroadcast(c, x.shape, lead)
                still = True
                if passed is not None:
                    passed = cotangents.unbroadcast(passed, x.shape)
                    passed = masks.settled(apply("not_equal", (passed, 0)))
            elif type(c) is not int and c.shape[lead:] != y.shape:
                c = written(c, y.shape, y, lead)
            self.add(parent, c, passed, still)

    def _pull_whole(self, record: Record, g: Any, mask: Any, clean: bool) -> None:
        """An array operation, by its own rule."""
        op, y, operands, params, parents = record
        lead = self.lead
        if mask is None and not lead:
            if op == "sum" and (type(g) is int or not g.shape):
                self.add(parents[0], g)
                return
            if op in ("reshape", "transpose") and type(g) is int:
                self.add(parents[0], g)
                return
            if op == "getitem" and self._scattered(record, g):
                return
        g = masks.cleaned(written(g, y.shape, y, lead), mask, clean)
        rule = vjp_of(op)
        for i, parent in enumerate(parents):
            if parent < 0:
                continue
            c = rule(y, operands, params, i, g, lead)
            passed = None
            if mask is not None or self.tape.records[parent] is not None:
                # A variable wants no mask: nothing is multiplied any more.
                passed = masks.pulled_mask(op, mask, y, operands, params, i)
                if passed is False:
                    continue
            self.add(parent, c, passed)

    def _scattered(self, record: Record, g: Any) -> bool:
        """Whether the cotangent of a part of a variable was added to it in place."""
        _, _, (x,), (index,), (parent,) = record
        kind = type(g)
        if kind is not np.ndarray and kind is not np.float64 and kind is not int:
            return False
        old = self.held[parent]
        if parent not in self.owned or type(old) is not np.ndarray or old.shape != x.shape:
            if self.tape.records[parent] is not None or parent in self.masks:
                return False
            if type(x) is not np.ndarray and type(x) is not Hull:
                return False
            old = _buffer(old, x, g)
            if old is None:
                return False
            self.owned.add(parent)
            self.held[parent] = old
        elif parent in self.masks or (kind is np.ndarray and g.dtype != old.dtype):
            return False
        if index.is_basic:
            old[index.value] += g
        else:
            np.add.at(old, index.value, g)
        return True


def _buffer(old: Any, x: Any, g: Any) -> Any:
    """What has arrived at a variable so far, as an array that can be added to; or None."""
    kind = x.dtype if type(g) is int else np.result_type(x.dtype, g)
    if old is None:
        return np.zeros(x.shape, kind)
    if type(old) is int or isinstance(old, (np.ndarray, np.generic)):
        return np.array(np.broadcast_to(old, x.shape), np.result_type(kind, old))
    return None


def pull(
    tape: Tape,
    seeds: Sequence[tuple[Any, Any]],
    lead: int = 0,
    visit: Visit | None = None,
    *,
    consume: bool = False,
) -> Sweep:
    """Pull cotangents of taped values back over the tape.

    Parameters
    ----------
    tape : Tape
    seeds : sequence of (Taped, cotangent)
        Values of other kinds are constants and are passed over.
    lead : {0, 1}
        Number of leading axes, along which several cotangents are pulled at once.
    visit : callable, optional
        Shown each record on the way, with its position and its cotangent.
    consume : bool
        Whether the tape is not needed any more, and its values are freed on the way.
    """
    sweep = Sweep(tape, lead)
    last = -1
    for value, seed in seeds:
        if tape.holds(value) and seed is not None:
            sweep.add(value.index, seed)
            last = max(last, value.index)
    sweep.run(last, visit, consume)
    return sweep
