"""The tape: every operation on a value that is being differentiated, in order, and the way back.

Method: Griewank and Walther (2008), *Evaluating Derivatives*, sections 3.2 and 4.6. The tape is
one flat list whose records name their operands by position, so that neither the way back nor the
deletion of a tape recurses. Partials are computed on the way back, and only those that are needed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autodiff import array_rules, cotangents, masks, rules
from autodiff.boxes import Box, next_level, settle, stacked
from autodiff.literals import is_truth, product, products, written
from diffexpr import primitives
from diffexpr.apply import apply
from diffexpr.errors import MissingRuleError

Record = tuple[str, Any, tuple[Any, ...], tuple[Any, ...], tuple[int, ...]]
Visit = Callable[[int, Record, Any], None]


class Tape:
    """The operations of one differentiation, in the order in which they ran.

    Attributes
    ----------
    level : int
    records : list
        One entry per taped value: None for a variable, else operation, result, operands, static
        parameters and the positions of the operands (-1 for one that is not on this tape).
    """

    __slots__ = ("level", "records")

    def __init__(self) -> None:
        self.level = next_level()
        self.records: list[Record | None] = []

    def variable(self, value: Any) -> Taped:
        """A value to differentiate with respect to."""
        self.records.append(None)
        return Taped(self.level, value, self, len(self.records) - 1)

    def holds(self, value: Any) -> bool:
        return type(value) is Taped and value._level == self.level


class Taped(Box):
    """A value on a tape.

    Attributes
    ----------
    primal : number, array, Expr or box of a lower level
    tape : Tape
    index : int
        Its position on the tape.
    """

    __slots__ = ("_level", "index", "primal", "tape")

    def __init__(self, level: int, primal: Any, tape: Tape, index: int) -> None:
        self._level = level
        self.primal = primal
        self.tape = tape
        self.index = index

    def _apply(self, op: str, operands: tuple[Any, ...], params: tuple[Any, ...]) -> Any:
        level = self._level
        values = []
        parents = []
        loose = False
        for x in operands:
            if type(x) is Taped and x._level == level:
                values.append(x.primal)
                parents.append(x.index)
            else:
                kind = type(x)
                if (kind is np.ndarray and x.dtype.hasobject) or kind is list or kind is tuple:
                    return apply(op, tuple(map(stacked, operands)), params)
                if kind is float or kind is int or kind is complex:
                    loose = True
                values.append(x)
                parents.append(-1)
        primals = tuple(values)
        y = apply(op, primals, params)
        if op not in rules.PARTIALS and op not in array_rules.VJP:
            if primitives.TABLE[op].kind == "bool":
                return y
            raise MissingRuleError(f"{op} has no partials in autodiff.rules; add a row there")
        if loose:
            primals = settle(primals, y)
        records = self.tape.records
        records.append((op, y, primals, params, tuple(parents)))
        return Taped(level, y, self.tape, len(records) - 1)


class Sweep:
    """One way back over a tape: the cotangents that have arrived so far."""

    __slots__ = ("held", "lead", "masks", "tape")

    def __init__(self, tape: Tape, lead: int) -> None:
        self.tape = tape
        self.lead = lead
        self.held: list[Any] = [None] * len(tape.records)
        self.masks: dict[int, tuple[Any, bool]] = {}

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
        g = self.held[index]
        return g if g is None else masks.cleaned(g, *self.masks.get(index, (None, True)))

    def run(self, last: int, visit: Visit | None = None) -> None:
        """Go back from a position to the beginning."""
        held, records, partials = self.held, self.tape.records, rules.PARTIALS
        waiting = self.masks
        for i in range(last, -1, -1):
            g = held[i]
            if g is None:
                continue
            record = records[i]
            if record is None:
                continue
            mask, clean = waiting.pop(i, (None, True)) if waiting else (None, True)
            held[i] = None
            if visit is not None:
                visit(i, record, masks.cleaned(g, mask, clean))
            row = partials.get(record[0])
            if row is None:
                self._pull_whole(record, g, mask, clean)
            elif mask is None and record[0] not in rules.SELECTIONS:
                self._pull_plain(record, row, g)
            else:
                self._pull_masked(record, row, g, mask, clean)

    def _pull_plain(self, record: Record, row: Any, g: Any) -> None:
        """Elementwise, without masks: partial times cotangent."""
        _, y, operands, _, parents = record
        lead, held = self.lead, self.held
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
            if self.masks:
                self.add(parent, c)
            else:
                old = held[parent]
                held[parent] = c if old is None else cotangents.accumulate(old, c)

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
        if type(g) is int and mask is None and op in ("sum", "reshape", "transpose"):
            self.add(parents[0], g)
            return
        g = masks.cleaned(written(g, y.shape, y, self.lead), mask, clean)
        rule = array_rules.VJP[op]
        for i, parent in enumerate(parents):
            if parent < 0:
                continue
            c = rule(y, operands, params, i, g, self.lead)
            passed = None
            if mask is not None or self.tape.records[parent] is not None:
                # A variable wants no mask: nothing is multiplied any more.
                passed = masks.pulled_mask(op, mask, y, operands, params, i)
                if passed is False:
                    continue
            self.add(parent, c, passed)


def pull(
    tape: Tape, seeds: Sequence[tuple[Any, Any]], lead: int = 0, visit: Visit | None = None
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
    """
    sweep = Sweep(tape, lead)
    last = -1
    for value, seed in seeds:
        if tape.holds(value) and seed is not None:
            sweep.add(value.index, seed)
            last = max(last, value.index)
    sweep.run(last, visit)
    return sweep
