"""What an optimiser is: a state, and a step over nests made of the rule for one number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from autodiff.nests import Structure, flatten
from autodiff.schedules import Schedule, constant, number
from diffexpr.errors import ExpressionTypeError, ShapeError

Moments = tuple[Any, ...]
Rule = Callable[[int, float, Any, Any, Moments], tuple[Any, Moments]]
"""``rule(t, rate, p, g, moments)``: the next parameter and its next moments."""


class State(NamedTuple):
    """What an optimiser remembers.

    Attributes
    ----------
    step : int
        The number of steps taken.
    moments : tuple of nests
        Running averages, each of the structure of the parameters; which ones, the optimiser says.
    """

    step: int
    moments: Moments


class Optimizer(NamedTuple):
    """An optimiser.

    Attributes
    ----------
    init : callable
        ``init(params)``, the state before the first step.
    update : callable
        ``update(state, params, gradient)``, the next state and the next parameters.
    """

    init: Callable[[Any], State]
    update: Callable[[State, Any, Any], tuple[State, Any]]


def elementwise(rate: float | Schedule, averages: int, rule: Rule) -> Optimizer:
    """The optimiser that applies a rule to every number by itself.

    Parameters
    ----------
    rate : float or schedule
    averages : int
        The number of its moments; all begin at 0.
    rule : callable
        On arrays of one shape and one precision.
    """
    schedule = rate if callable(rate) else constant(rate)

    def init(params: Any) -> State:
        leaves, structure = flatten(params)
        ps = map(real, leaves, structure.paths())
        zeros = [np.zeros(p.shape, p.dtype)[()] for p in ps]
        return State(0, tuple(structure.unflatten(zeros) for _ in range(averages)))

    def update(state: State, params: Any, gradient: Any) -> tuple[State, Any]:
        if len(state.moments) != averages:
            raise ExpressionTypeError(
                f"the state has {len(state.moments)} moments, wanted {averages}; "
                "make it with the init of this optimiser"
            )
        leaves, structure = flatten(params)
        ps = [*map(real, leaves, structure.paths())]
        gs = _beside(ps, structure, gradient, "gradient")
        moments = [_beside(ps, structure, moment, "state") for moment in state.moments]
        step = state.step + 1
        now = number(schedule(state.step), f"the rate of step {step}")
        found, after = [], []
        for k, (p, g) in enumerate(zip(ps, gs, strict=True)):
            p, ms = rule(step, now, p, g, tuple(moment[k] for moment in moments))
            found.append(p)
            after.append(ms)
        averaged = (structure.unflatten([ms[k] for ms in after]) for k in range(averages))
        return State(step, tuple(averaged)), structure.unflatten(found)

    return Optimizer(init, update)


def real(x: Any, path: str) -> Any:
    """A leaf as an array of real floats, or a scalar of one; a boxed value as it is."""
    if hasattr(x, "_level"):
        return x
    x = np.asarray(x)
    if x.dtype.kind in "iu":
        x = x.astype(np.float64)
    if x.dtype.kind != "f":
        raise ExpressionTypeError(
            f"{path or 'the parameter'} has dtype {x.dtype}; optimisers move real numbers, so "
            "give real and imaginary part as two leaves"
        )
    return x[()]


def _beside(ps: list[Any], structure: Structure, tree: Any, what: str) -> list[Any]:
    """The leaves of a gradient or a moment, of the shape and the precision of the parameters."""
    paths = structure.paths()
    found = []
    for p, x, path in zip(ps, structure.leaves_of(tree), paths, strict=True):
        x = real(x, path)
        if x.shape != p.shape:
            raise ShapeError(
                f"{path or 'the parameter'} has shape {p.shape}, but its {what} has shape {x.shape}"
            )
        plain = not (hasattr(x, "_level") or hasattr(p, "_level"))
        found.append(x.astype(p.dtype) if plain and x.dtype != p.dtype else x)
    return found
