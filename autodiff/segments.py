"""Parts of a tape that are thrown away, and run again when the way back comes to them.

In place of its operations a checkpointed call leaves a `Segment` with what went in, and for each
result an `Output`. On the way back the outputs hand their cotangents to the segment. It runs the
function again, which appends the operations to the end of the tape, goes back over these, and
takes them off again. As they are recorded on the same tape, by the same boxed values, cotangents of
arguments and of what the function closes over arrive where they belong, masks included.

Method: Griewank and Walther (2008), *Evaluating Derivatives*, chapter 12; Chen et al. (2016),
*Training deep nets with sublinear memory cost*, arXiv:1604.06174.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from autodiff.boxes import Box, Level
from autodiff.literals import bare
from autodiff.snapshots import kept
from autodiff.substitution import boxes, exchanged
from autodiff.tape import Record, Tape, Taped
from diffexpr.errors import ExpressionTypeError, ExpressionValueError

SAMPLES = 1 << 10
"""Entries of a result that are compared when the function has run again."""


class Rerun:
    """An operation that is no function of its operands, but knows its own way back."""

    __slots__ = ()

    def resume(self, sweep: Any, record: Record, arrived: tuple[Any, ...], how: Any) -> None:
        """Go on with the cotangent that has arrived, and what belongs to it.

        ``how`` is what ``sweep.run`` takes second.
        """
        raise NotImplementedError


class Gone(Rerun):
    """In the place of an operation that was thrown away."""

    __slots__ = ()

    def resume(self, sweep: Any, record: Record, arrived: tuple[Any, ...], how: Any) -> None:
        raise ExpressionTypeError(
            "a value that was made inside a checkpointed function is used outside of it; "
            "let the function return it"
        )


class Output(Rerun):
    """One result of a segment, which hands its cotangent on."""

    __slots__ = ("place",)

    def __init__(self, place: int) -> None:
        self.place = place

    def resume(self, sweep: Any, record: Record, arrived: tuple[Any, ...], how: Any) -> None:
        (segment,) = record[4]
        waiting = sweep.held[segment]
        if waiting is None:
            sweep.held[segment] = waiting = []
        waiting.append((self.place, arrived))


class Inputs(NamedTuple):
    """What a checkpointed function was called with, as it was then."""

    args: tuple[Any, ...]
    options: dict[str, Any]


class Segment(Rerun):
    """A call that is run again on the way back.

    Attributes
    ----------
    function : callable
    inputs : Inputs
    samples : list
        What tells the results of this call from others.
    """

    __slots__ = ("function", "inputs", "samples")

    def __init__(self, function: Callable[..., Any], inputs: Inputs, samples: list[Any]) -> None:
        self.function = function
        self.inputs = inputs
        self.samples = samples

    def resume(self, sweep: Any, record: Record, arrived: tuple[Any, ...], how: Any) -> None:
        waiting: list[tuple[int, tuple[Any, ...]]] = arrived[0]
        tape: Tape = sweep.tape
        with tape.turn:
            start, known = len(tape.records), len(sweep.held)
            try:
                ys = self._again(tape, start, record[4])
                sweep.held.extend([None] * (len(tape.records) - known))
                last = -1
                while waiting:
                    place, g = waiting.pop()
                    last = max(last, ys[place])
                    sweep.add(ys[place], *g)
                    del g  # the sweep alone holds it, and frees it
                sweep.run(last, how, start)
            finally:
                del tape.records[start:]
                sweep.cut(known)

    def _again(self, tape: Tape, start: int, parents: Sequence[int]) -> list[int]:
        """Run the function once more; the positions of its results."""
        with Level(tape.level):
            result = self.function(*fresh(self.inputs.args), **fresh(self.inputs.options))
        outputs = made(tape, start, result)
        foreign = outside(tape.records, start) - set(parents)
        samples = [sample(y.primal) for y in outputs]
        if foreign or not _alike(samples, self.samples):
            raise ExpressionValueError(
                "a checkpointed function did not do the same when it was run again; what it uses "
                "and may change in between (a loop variable, random numbers, a counter) must be "
                "an argument"
            )
        return [y.index for y in outputs]


_GONE = (Gone(), None, (), (), ())


def forget(tape: Tape, start: int) -> None:
    """Throw away the operations from a position on; their places stay, and are never used again."""
    tape.records[start:] = [_GONE] * (len(tape.records) - start)


def outside(records: Sequence[Record | None], start: int) -> set[int]:
    """Positions before the start that the operations from there on take operands from."""
    return {
        parent
        for record in records[start:]
        if record is not None
        for parent in record[4]
        if 0 <= parent < start
    }


def made(tape: Tape, start: int, result: Any) -> list[Taped]:
    """The boxed values in a result that were made from a position on."""
    return [y for y in boxes(result) if isinstance(y, Taped) and is_made(tape, start, y)]


def is_made(tape: Tape, start: int, y: Any) -> bool:
    return tape.holds(y) and y.index >= start


def taken(inputs: Inputs, tape: Tape) -> Inputs:
    """Arguments as they are now: nothing that is done to them later changes these."""

    def snapshot(x: Any) -> Any:
        return _copy(x) if isinstance(x, Box) else kept(x, tape.lock)

    return Inputs(exchanged(inputs.args, snapshot), exchanged(inputs.options, snapshot))


def fresh(tree: Any) -> Any:
    """The same arguments in boxes of their own, so that ``+=`` does not change ours."""
    return exchanged(tree, _copy)


def _copy(x: Any) -> Any:
    return Taped(x._level, x.primal, x.tape, x.index) if isinstance(x, Taped) else x


def record(
    tape: Tape, function: Callable[..., Any], inputs: Inputs, ys: Sequence[Taped], start: int
) -> list[Taped]:
    """Put a segment in the place of the operations from a position on; its outputs."""
    if tape.turn is None:
        tape.turn = threading.RLock()
    mine = {x.index for x in boxes(inputs) if isinstance(x, Taped) and tape.holds(x)}
    parents = tuple(sorted(outside(tape.records, start) | mine))
    forget(tape, start)
    segment = Segment(function, inputs, [sample(y.primal) for y in ys])
    position = len(tape.records)
    tape.records.append((segment, None, (), (), parents))
    found: list[Taped] = []
    for place, y in enumerate(ys):
        tape.records.append((Output(place), None, (), (), (position,)))
        found.append(Taped(tape.level, y.primal, tape, len(tape.records) - 1))
    return found


def sample(value: Any) -> Any:
    """What tells a value from others: its shape, and entries spread evenly over it."""
    value = bare(value)
    if not isinstance(value, np.ndarray):
        return value
    step = max(value.size // SAMPLES, 1)
    return value.shape, value.flat[::step]


def _alike(new: list[Any], old: list[Any]) -> bool:
    return len(new) == len(old) and all(map(_is_same, new, old))


def _is_same(a: Any, b: Any) -> bool:
    if type(a) is not type(b):
        return False
    if type(a) is tuple:
        return a[0] == b[0] and _is_same(a[1], b[1])
    if hasattr(a, "_level") or hasattr(b, "_level"):
        return a is b
    if a.dtype != b.dtype or a.dtype.kind not in "fc":
        return a.dtype == b.dtype and bool(np.all(a == b))
    # Products of matrices may round otherwise in other memory, by far less than half the digits.
    near = float(np.sqrt(np.finfo(a.dtype).eps))
    with np.errstate(all="ignore"):
        size = np.max(np.abs(b[np.isfinite(b)]), initial=0)
    return np.allclose(a, b, rtol=near, atol=near * float(size), equal_nan=True)
