"""A function near a point as a linear map: run once, then applied to any number of tangents.

Dual numbers whose tangents are on a tape compute all partials on the way and record what they do
to a tangent, which is linear. To apply the map is to run that record again on other tangents.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autodiff.boxes import Level
from autodiff.dual import Dual
from autodiff.literals import full, written
from autodiff.mode import tidy
from autodiff.points import directions, everywhere
from autodiff.problem import Call
from autodiff.push import split
from autodiff.tape import Tape
from diffexpr.apply import apply

Step = tuple[int, Any, tuple[Any, ...], tuple[Any, ...], tuple[int, ...], tuple[int, ...]]
"""Position, operation, operands, static parameters, where operands come from, what is done with."""


def linearize(f: Any, *primals: Any) -> tuple[Any, Callable[..., Any]]:
    """The value of a function and its derivative as a linear map of tangents.

    The function is run once; the map can be applied as often as wanted, at the cost of the
    products with its partials alone.

    Parameters
    ----------
    f : callable or Expr
    *primals : numbers, arrays or nests
        Values of all parameters; of the variables of an expression, in order of name.

    Returns
    -------
    value : number, array, nest or Expr
        ``f(*primals)``.
    f_jvp : callable
        Takes one tangent per primal, of its shape, and gives the tangent of the value: Jacobian
        times tangent. It can itself be differentiated.

    Raises
    ------
    ExpressionTypeError
        If the number of tangents is not that of the primals.
    ShapeError
        If a tangent does not have the shape of its primal.

    See Also
    --------
    jvp : For a single tangent.
    vjp : The transposed map.

    Examples
    --------
    >>> value, f_jvp = linearize(lambda x, y: x * y, 2.0, 3.0)
    >>> print(value, f_jvp(1.0, 0.0), f_jvp(0.0, 1.0))
    6.0 3.0 2.0
    """
    given = everywhere(f, primals)
    xs = given.xs
    with np.errstate(all="ignore"):
        ys, push_on = _linear(given.call, xs)
    out = given.out

    def f_jvp(*tangents: Any) -> Any:
        vs = directions(given, xs, tangents, "tangents")
        with np.errstate(all="ignore"):
            ts = tidy(push_on(vs), given)
        return ts[0] if out is None else out.unflatten(ts)

    return given.result(tidy(ys, given, narrow=False)), f_jvp


def _linear(
    call: Call, xs: Sequence[Any]
) -> tuple[list[Any], Callable[[Sequence[Any]], list[Any]]]:
    """Values of the results, and the map from tangents of the variables to theirs."""
    tape = Tape(constants=False)
    tangents = [tape.variable(full(1, x.shape, x)) for x in xs]
    with Level(tape.level), Level() as level:
        boxed = [Dual(level, x, t, 0) for x, t in zip(xs, tangents, strict=True)]
        ys, ts = zip(*[split(y, level) for y in call(*boxed)], strict=True)
    ends = [t.index if tape.holds(t) else -1 for t in ts]
    steps = _needed(tape, ends)

    def push_on(vs: Sequence[Any]) -> list[Any]:
        held: dict[int, Any] = dict(enumerate(vs))
        for position, op, operands, params, parents, spent in steps:
            pairs = zip(operands, parents, strict=True)
            values = tuple([x if parent < 0 else held[parent] for x, parent in pairs])
            held[position] = apply(op, values, params)
            del values
            for parent in spent:
                del held[parent]
        return [
            written(t if end < 0 else held[end], y.shape, y)
            for t, end, y in zip(ts, ends, ys, strict=True)
        ]

    return list(ys), push_on


def _needed(tape: Tape, ends: Sequence[int]) -> list[Step]:
    """The operations that the ends depend on, without what they gave for the first tangents."""
    used = set(ends)
    found: list[Step] = []
    for position in range(len(tape.records) - 1, -1, -1):
        record = tape.records[position]
        if record is None or position not in used:
            continue
        op, _, operands, params, parents = record
        taken = {parent for parent in parents if parent >= 0}
        spent = tuple(taken - used)
        used |= taken
        rest = tuple(x if p < 0 else None for x, p in zip(operands, parents, strict=True))
        found.append((position, op, rest, params, parents, spent))
    return found[::-1]
