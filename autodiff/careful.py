"""The careful way back: what a selection left out never counts, whatever it is multiplied by.

Behind ``where``, ``maximum``, an index or a factor that is exactly 0 a cotangent is held as its
value and a mask (`masks`). This is how several cotangents are pulled at once, how expressions and
values of other differentiations are, and how numbers are where the plain way back met 0 times inf.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff import cotangents, masks, rules
from autodiff.boxes import is_symbolic
from autodiff.literals import is_truth, product, products, written
from autodiff.lookup import reverse_row, vjp_of
from autodiff.segments import Rerun
from autodiff.tape import Record, Tape
from diffexpr.apply import apply
from diffexpr.expr import constant
from diffexpr.frozen import Index

Visit = Callable[[int, Record, Any], None]


class MaskedSweep:
    """One careful way back over a tape: the cotangents that have arrived so far.

    Attributes
    ----------
    held : list
        The cotangent of each position, None where none has arrived.
    pieces : dict
        For variables of a graph the cotangents of single entries, with their indices: they are
        scattered together in the end, for one by one each would cost as much as the whole.
    masks : dict
        For positions behind a selection the entries that count, and whether the others are 0.
    """

    __slots__ = ("held", "lead", "masks", "pieces", "shapes", "tape")

    def __init__(self, tape: Tape, lead: int) -> None:
        self.tape = tape
        self.lead = lead
        self.held: list[Any] = [None] * len(tape.records)
        self.masks: dict[int, tuple[Any, bool]] = {}
        self.pieces: dict[int, list[tuple[tuple[int, ...], Any]]] = {}
        self.shapes: dict[int, tuple[int, ...]] = {}

    def add(self, index: int, g: Any, mask: Any = None, clean: bool = True) -> None:
        """Let one more cotangent arrive at a position."""
        old = self.held[index]
        waiting = self.masks
        if mask is None and not waiting:
            self.held[index] = g if old is None else cotangents.accumulate(old, g)
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

    def take(self, index: int) -> Any:
        """What has arrived at a position in the end."""
        pieces = self.pieces.pop(index, None)
        if pieces is not None:
            self.add(index, _gathered(pieces, self.shapes[index]))
        g = self.held[index]
        return g if g is None else masks.cleaned(g, *self.masks.get(index, (None, True)))

    def cut(self, first: int) -> None:
        """Forget what has arrived from a position on: those behind it are other values now."""
        del self.held[first:]
        for i in [i for i in self.masks if i >= first]:
            del self.masks[i]

    def run(self, last: int, visit: Visit | None = None, first: int = 0) -> None:
        """Go back from a position to the first."""
        held, records, partials = self.held, self.tape.records, rules.PARTIALS
        waiting, selections = self.masks, rules.SELECTIONS
        for i in range(last, first - 1, -1):
            g = held[i]
            if g is None:
                continue
            record = records[i]
            if record is None:
                continue
            mask, clean = waiting.pop(i, (None, True)) if waiting else (None, True)
            held[i] = None
            op = record[0]
            row = partials.get(op)
            if row is None and type(op) is not str:
                if isinstance(op, Rerun):
                    op.resume(self, record, (g, mask, clean), visit)
                    continue
                row = reverse_row(op, record[3])
            if visit is not None:
                visit(i, record, masks.cleaned(g, mask, clean))
                row = rules.known(row)
            if row is None:
                self._pull_whole(record, g, mask, clean)
            elif mask is not None or op in selections or self._zero_factor(record):
                self._pull_masked(record, row, g, mask, clean)
            else:
                self._pull_plain(record, row, g)

    def _zero_factor(self, record: Record) -> bool:
        return self.tape.constants and masks.has_zero_factor(record)

    def _is_variable(self, index: int) -> bool:
        return self.tape.records[index] is None

    def _pull_plain(self, record: Record, row: Any, g: Any) -> None:
        """Elementwise, without masks: partial times cotangent."""
        _, y, operands, _, parents = record
        lead = self.lead
        for rule, parent, x in zip(row, parents, operands, strict=True):
            if parent < 0 or rule is None:
                continue
            p = rule(y, *operands)
            if type(p) is int and p == 0:
                continue
            c = _times(p, g, y, lead)
            if x.shape != y.shape:
                c = cotangents.unbroadcast(written(c, y.shape, y, lead), x.shape, lead)
            elif type(c) is not int and c.shape[lead:] != y.shape:
                c = written(c, y.shape, y, lead)
            self.add(parent, c)

    def _pull_masked(self, record: Record, row: Any, g: Any, mask: Any, clean: bool) -> None:
        """Elementwise, behind or through a selection."""
        op, y, operands, _, parents = record
        lead = self.lead
        selects = op in rules.SELECTIONS or self._zero_factor(record)
        for rule, parent, x in zip(row, parents, operands, strict=True):
            if parent < 0 or rule is None:
                continue
            p = rule(y, *operands)
            if type(p) is int and p == 0:
                continue
            passed, still = mask, clean and (type(p) is int)
            if selects:
                passed = masks.narrowed(mask, p, y.shape)
                if passed is False:
                    continue
                still = clean and passed is mask
            c = g if selects and is_truth(p) else _times(p, g, y, lead)
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
            if op == "getitem" and is_symbolic(y) and not y.shape and self._is_variable(parents[0]):
                self.pieces.setdefault(parents[0], []).append((params[0].value, g))
                self.shapes[parents[0]] = operands[0].shape
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
                passed = masks.pulled_mask(record, mask, i, self._zero_factor(record))
                if passed is False:
                    continue
            self.add(parent, c, passed, passed is None)


def _times(p: Any, g: Any, y: Any, lead: int) -> Any:
    """Partial times cotangent, never a bare Python float."""
    if lead and type(p) is not int:
        return products(g, p)
    c = product(p, g)
    return y.dtype.type(c) if type(c) is float else c


def _gathered(pieces: list[tuple[tuple[int, ...], Any]], shape: tuple[int, ...]) -> Any:
    """The cotangent of a whole from those of its entries."""
    places, parts = zip(*reversed(pieces), strict=True)
    if len(parts) == 1:
        return apply("scatter_add", parts, (Index(places[0]), shape))
    index = Index(tuple(np.array(axis) for axis in zip(*places, strict=True)))
    whole = tuple(constant(g) if type(g) is int else g for g in parts)
    return apply("scatter_add", (apply("stack", whole, (0,)),), (index, shape))
