"""What do tangents and cotangents along sums of unit vectors give? The entries of a pattern.

Complex variables and results follow the convention of `holomorphic`, as dense Jacobians do.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff import pull, push
from autodiff.holomorphic import check, is_complex
from autodiff.literals import full
from autodiff.operations.complex_rules import real
from autodiff.problem import Call
from autodiff.snapshots import Lock
from autodiff.sparse.patterns import Pattern, check_rows
from autodiff.sparse.recovery import Plan
from diffexpr import functions
from diffexpr.operands import float_kind


def entries(call: Call, x: Any, pattern: Pattern, plan: Plan) -> tuple[Any, Pattern]:
    """The values of the entries of a pattern, in its order, and the pattern with its shape."""
    y = None
    places, values = [], []
    for pulled, direction in ((False, _pushed), (True, _pulled)):
        if (plan.row_colors if pulled else plan.column_colors).max(initial=-1) >= 0:
            y, found = direction(call, x, pattern, plan)
            places.append(np.flatnonzero(plan.pulled == pulled))
            values.append(found)
    if y is None:
        (y,) = call(x)
        check_rows(pattern, math.prod(y.shape))
        places, values = [np.zeros(0, np.intp)], [full(0, (0,), y)]
    shape = math.prod(y.shape), math.prod(x.shape)
    return _in_order(places, values), Pattern(pattern.rows, pattern.columns, shape)


def _in_order(places: list[np.ndarray], parts: list[Any]) -> Any:
    """Parts of an array put together, each entry in its place."""
    if len(parts) == 1:
        # All of them, and in order: neither a chunk nor a direction leaves any out.
        return parts[0]
    if any(hasattr(part, "_level") for part in parts):
        return functions.concatenate(parts, 0)[np.argsort(np.concatenate(places))]
    whole = np.empty(sum(map(len, places)), np.result_type(*parts))
    for place, part in zip(places, parts, strict=True):
        whole[place] = part
    return whole


def _pushed(call: Call, x: Any, pattern: Pattern, plan: Plan) -> tuple[Any, Any]:
    """The result, and what tangents along the sum of the columns of each colour give."""
    y: Any = None

    def push_on(seeds: np.ndarray) -> tuple[Any, Any]:
        nonlocal y
        ((y, t),) = push.push(call, [x], [seeds], 1)
        check_rows(pattern, math.prod(y.shape))
        return t, y

    def swept(unit: complex) -> Any:
        return _swept(plan, False, plan.column_colors, x, unit, push.COLUMNS, push_on)

    straight = swept(1)
    if is_complex(x):
        turned = swept(1j)
        if is_complex(y):
            check(straight, turned, 1j, "jacobian")
        else:
            straight = straight - 1j * turned
    return y, straight


def _pulled(call: Call, x: Any, pattern: Pattern, plan: Plan) -> tuple[Any, Any]:
    """The result, and what cotangents along the sum of the rows of each colour give."""
    with Lock() as lock:
        tape, (boxed,), (y,) = pull.record(call, [x], lock)
        check_rows(pattern, math.prod(y.shape))

        def pull_on(seeds: np.ndarray) -> tuple[Any, Any]:
            return pull.pull(tape, [(y, seeds)], 1).take(boxed.index), x

        def swept(unit: complex) -> Any:
            return _swept(plan, True, plan.row_colors, y, unit, pull.ROWS, pull_on)

        straight = swept(1)
        if is_complex(y):
            turned = swept(-1j)
            if is_complex(x):
                check(straight, turned, -1j, "jacobian")
            else:
                straight = real(straight) + 1j * real(turned)
        return pull.primal(tape, y), straight


def _swept(
    plan: Plan,
    pulled: bool,
    colors: np.ndarray,
    like: Any,
    unit: complex,
    most: int,
    sweep: Callable[[np.ndarray], tuple[Any, Any]],
) -> Any:
    """The entries that are read from sweeps one way, of which so many at most run at once.

    ``sweep`` takes seeds of the shape of ``like``, along a leading axis, and gives derivatives of
    the shape of what else it gives, or None where they are zero.
    """
    kind = float_kind(like)
    count = int(colors.max()) + 1
    # Of a pattern without a shape only the lines up to its last entry are known.
    colors = np.pad(colors, (0, math.prod(like.shape) - len(colors)), constant_values=-1)
    mine = np.flatnonzero(plan.pulled == pulled)
    numbers = plan.sweep[mine]
    places, parts = [], []
    for start in range(0, count, most):
        stop = min(start + most, count)
        seeds = (colors == np.arange(start, stop)[:, None]).astype(kind) * kind.type(unit)
        v, shaped = sweep(seeds.reshape(stop - start, *like.shape))
        here = np.flatnonzero((numbers >= start) & (numbers < stop))
        places.append(here)
        if v is None:
            parts.append(full(0, (len(here),), shaped))
        else:
            flat = functions.reshape(v, (stop - start, math.prod(shaped.shape)))
            parts.append(flat[numbers[here] - start, plan.place[mine[here]]])
    return _in_order(places, parts)
