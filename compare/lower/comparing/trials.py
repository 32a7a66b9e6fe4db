"""At which arguments a lowered function is run, how long it takes, and what it answers."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from compare.lower.calls.options import options
from compare.lower.comparing.error_bars import Judged, with_bars
from compare.lower.lowered import Lowered
from compare.lower.plans.plan import Plan
from diffexpr import Expr, ExpressionTypeError, ExpressionValueError

SAMPLE = 1e-3
"""Seconds that one measurement takes at least: a thousand times the clock's resolution."""

BUDGET = 0.2
"""Seconds spent on measuring one function, unless five calls take longer."""

JUDGED_POINTS = 16
"""Points at which answers are compared: an error bar costs many evaluations."""


class Trial(NamedTuple):
    """A plan, lowered and run.

    Attributes
    ----------
    plan : Plan
    deriving, lowering, running : float
        Seconds: until there was a graph, from there to the first answer, and of a call.
    after_passes : int
        Operations of the program.
    values : dict
        The arguments, by name.
    answers : nested tuples of arrays
    judged : list of (array, array), or None
        The answers at the first points, with error bars.
    """

    plan: Plan
    deriving: float
    lowering: float
    running: float
    after_passes: int
    values: dict[str, Any]
    answers: Any
    judged: Judged | None


def tried(made: Plan, output: str, by: str, deriving: float, points: Any) -> Trial:
    """Lower a plan and run it at points; see `arguments_for`."""
    values = arguments_for(made.parameters, points)
    start = time.perf_counter()
    # Not by lower(), which may have it already.
    lowered = Lowered(made, output, by, options("numpy", None, None, None, False))
    answers = lowered(**values)
    lowering = time.perf_counter() - start
    few = _few_points(made.parameters, values)
    return Trial(
        plan=made,
        deriving=deriving,
        lowering=lowering,
        running=median_seconds(lambda: lowered(**values)),
        after_passes=sum(lowered.operations.after.values()),
        values=values,
        answers=answers,
        judged=with_bars(made.outputs, lowered(**few), few),
    )


def _few_points(parameters: Sequence[Expr], values: Mapping[str, Any]) -> dict[str, Any]:
    """The first of the points, where scalars have been given arrays of them."""
    return {
        p.name: values[p.name][:JUDGED_POINTS]
        if np.ndim(values[p.name]) == 1 and not p.shape
        else values[p.name]
        for p in parameters
    }


def arguments_for(parameters: Sequence[Expr], points: Any) -> dict[str, Any]:
    """Values for the parameters, by name.

    Parameters
    ----------
    parameters : sequence of Expr
    points : int, sequence or mapping
        How many points are drawn where all parameters are scalars (a function of arrays gets one
        draw of their shapes), or values, in order or by name; what is left out is drawn.
    """
    names = [p.name for p in parameters]
    given: dict[str, Any] = {}
    count = 1
    if isinstance(points, (int, np.integer)) and not isinstance(points, bool):
        if points < 1:
            raise ExpressionValueError(f"points={points!r}: give at least one point")
        count = int(points)
    elif isinstance(points, Mapping):
        given = {getattr(key, "name", key): value for key, value in points.items()}
        unknown = [name for name in given if name not in names]
        if unknown:
            raise ExpressionValueError(
                f"points= names {unknown[0]!r}, which is not a parameter; choose among "
                f"{', '.join(names)}"
            )
    elif isinstance(points, (tuple, list)):
        if len(points) > len(names):
            raise ExpressionTypeError(
                f"points= has {len(points)} values for {len(names)} parameters ({', '.join(names)})"
            )
        given = dict(zip(names, points, strict=False))
    else:
        raise ExpressionTypeError(
            f"points={points!r}: give a number of points, or values in a tuple or by name"
        )
    lead = () if count == 1 or any(p.shape for p in parameters) else (count,)
    return {p.name: given[p.name] if p.name in given else _drawn(p, lead) for p in parameters}


def _drawn(parameter: Expr, lead: tuple[int, ...]) -> Any:
    """Numbers between 1/2 and 3/2, where most functions are defined; the same in every run."""
    seed = np.frombuffer(parameter.name.encode(), np.uint8)
    rng = np.random.default_rng(seed)
    values = rng.uniform(0.5, 1.5, lead + parameter.shape)
    if parameter.dtype.kind == "b":
        return values > 1
    return values.astype(parameter.dtype)[()]


def median_seconds(call: Callable[[], Any]) -> float:
    """How long a call takes: the median of measurements, each long enough for the clock."""
    call()
    start = time.perf_counter()
    call()
    once = time.perf_counter() - start
    repeats = max(1, int(SAMPLE / max(once, 1e-9)))
    measured: list[float] = []
    begun = time.perf_counter()
    while len(measured) < 5 or (time.perf_counter() - begun < BUDGET and len(measured) < 101):
        start = time.perf_counter()
        for _ in range(repeats):
            call()
        measured.append((time.perf_counter() - start) / repeats)
    return statistics.median(measured)


def where(parameters: Sequence[Expr], points: Any) -> str:
    """At what arguments a function is run, in words."""
    if not isinstance(points, (int, np.integer)):
        return "at the arguments given"
    shapes = ", ".join(f"{p.name} {p.shape}" for p in parameters if p.shape)
    if shapes:
        return f"at random arguments of the shapes {shapes}"
    return f"at {points} random points" if points > 1 else "at a random point"
