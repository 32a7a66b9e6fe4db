"""What ways back over a tape give: gradients, rows of a Jacobian, and, twice over, tangents."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from autodiff.boxes import Level, is_symbolic
from autodiff.holomorphic import check, is_complex
from autodiff.literals import basis, full, received, written
from autodiff.operations.complex_rules import real
from autodiff.problem import Call, unleaked
from autodiff.snapshots import Lock
from autodiff.sweep import Seeds, arrived, pull
from autodiff.tape import Tape, Taped
from diffexpr import functions
from diffexpr.errors import ExpressionValueError

ROWS = 1024
"""Cotangents pulled at once; more would only fill memory."""


def record(
    call: Call, xs: Sequence[Any], lock: Lock | None = None, *, lean: bool = False
) -> tuple[Tape, list[Taped], list[Any]]:
    """Run a function on a fresh tape, which may outlive the call only without a lock."""
    tape = Tape(lock, lean)
    boxed = [tape.variable(x) for x in xs]
    with Level(tape.level):
        # A value may change under its name (+=), and the variables are still wanted.
        ys = call(*[Taped(tape.level, v.primal, tape, v.index) for v in boxed])
    return tape, boxed, [unleaked(y, tape.level) for y in ys]


def primal(tape: Tape, y: Any) -> Any:
    return y.primal if tape.holds(y) else y


def gradient(call: Call, xs: Sequence[Any], unit: Any, verb: str) -> tuple[Any, list[Any]]:
    """The value and the gradient of a scalar result."""
    with Lock() as lock:
        tape, boxed, (y,) = record(call, xs, lock, lean=True)
        value = primal(tape, y)
        if not is_complex(y):
            return value, _arrived(tape, boxed, [(y, unit)], consume=True)
        found = _arrived(tape, boxed, [(y, unit)])
        turned = _arrived(tape, boxed, [(y, y.dtype.type(-1j) * unit)])
        for x, straight, other in zip(xs, found, turned, strict=True):
            if not is_complex(x):
                raise ExpressionValueError(
                    f"{verb} by a real argument needs a real result, got {y.dtype}; use jacobian"
                )
            check(straight, other, -1j, verb)
        return value, found


def _arrived(
    tape: Tape, boxed: Sequence[Taped], seeds: Seeds, *, consume: bool = False
) -> list[Any]:
    """Cotangents of the variables, written out."""
    found = arrived(tape, boxed, seeds, consume=consume)
    return [received(g, v.primal) for g, v in zip(found, boxed, strict=True)]


def jacobian(call: Call, xs: Sequence[Any], unit: Any) -> tuple[list[Any], list[list[Any]]]:
    """The results and their Jacobians, one list per result, one block per variable."""
    with Lock() as lock:
        return rows(*record(call, xs, lock), unit)


def rows(
    tape: Tape, boxed: Sequence[Taped], ys: Sequence[Any], unit: Any
) -> tuple[list[Any], list[list[Any]]]:
    """The same of a function that has been recorded."""
    return [primal(tape, y) for y in ys], [_rows(tape, boxed, y, unit) for y in ys]


def _rows(tape: Tape, boxed: Sequence[Taped], y: Any, unit: Any) -> list[Any]:
    """The Jacobian of one result, a complex one by two ways back."""
    found = _some_rows(tape, boxed, y, unit)
    if is_complex(y):
        turned = _some_rows(tape, boxed, y, y.dtype.type(-1j) * unit)
        for k, v in enumerate(boxed):
            if is_complex(v):
                check(found[k], turned[k], -1j, "jacobian")
            else:
                found[k] = real(found[k]) + 1j * real(turned[k])
        return found
    return [g if is_complex(v) else real(g) for v, g in zip(boxed, found, strict=True)]


def _some_rows(tape: Tape, boxed: Sequence[Taped], y: Any, unit: Any) -> list[Any]:
    """Cotangents of unit vectors times a unit: all at once, or in chunks."""
    if not y.shape:
        found = arrived(tape, boxed, [(y, unit)])
        return [written(g, v.shape, v.primal) for g, v in zip(found, boxed, strict=True)]
    size = math.prod(y.shape)
    if not tape.holds(y) or not size:
        return [full(0, (*y.shape, *v.shape), v.primal) for v in boxed]
    chunks = []
    for start in range(0, size, ROWS):
        count = min(ROWS, size - start)
        sweep = pull(tape, [(y, basis(y, start, count, 0, unit))], 1)
        found = [sweep.take(v.index) for v in boxed]
        chunks.append(
            [
                full(0, (count, *v.shape), v.primal) if g is None else g
                for v, g in zip(boxed, found, strict=True)
            ]
        )
    found = []
    for k, v in enumerate(boxed):
        parts = [chunk[k] for chunk in chunks]
        whole = parts[0] if len(parts) == 1 else functions.concatenate(parts, 0)
        found.append(functions.reshape(whole, (*y.shape, *v.shape)))
    return found


def pullback(
    call: Call, xs: Sequence[Any]
) -> tuple[list[Any], Callable[[Sequence[Any]], list[Any]]]:
    """The values and the function that pulls cotangents back, as often as wanted."""
    tape, boxed, ys = record(call, xs)
    values = [primal(tape, y) for y in ys]
    return values, lambda ws: _arrived(tape, boxed, list(zip(ys, ws, strict=True)))


def differential(call: Call, xs: Sequence[Any], vs: Sequence[Any]) -> list[tuple[Any, Any]]:
    """Values and directional derivatives: the way back is linear, and is taped and pulled itself.

    Method: Townsend (2017), *A new trick for calculating Jacobian vector products*.
    """
    with Lock() as lock:
        tape, boxed, ys = record(call, xs, lock)
        return [(primal(tape, y), _transposed(tape, boxed, y, vs)) for y in ys]


def _transposed(tape: Tape, boxed: Sequence[Taped], y: Any, vs: Sequence[Any]) -> Any:
    back = Tape(constants=False)
    like = primal(tape, y)
    w = back.variable(full(1, y.shape, like))
    rows = _arrived(tape, boxed, [(y, w)])
    (found,) = arrived(back, [w], list(zip(rows, vs, strict=True)))
    return received(found, like)


def slope(call: Call, x: Any, n: int, unit: Any) -> Any:
    """The n-th derivative of the result along one variable, by nesting."""
    if n == 0:
        return call(x)[0]

    def below(v: Any) -> list[Any]:
        return [slope(call, v, n - 1, unit)]

    with Lock() as lock:
        tape, boxed, (y,) = record(below, [x], lock)
        like = x if is_symbolic(x) else primal(tape, y)
        if not y.shape and not x.shape:
            return written(arrived(tape, boxed, [(y, unit)])[0], (), like)
        seed = unit if type(unit) is int else written(unit, x.shape, x)
        return _transposed(tape, boxed, y, [seed])
