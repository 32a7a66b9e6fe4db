"""How the rate of an optimiser changes: functions of the number of steps already taken.

A schedule is called with 0 for the first step, and its value is a float. All of them are written
as closed formulas of the step, so that a run can be taken up anywhere.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from diffexpr.errors import ExpressionValueError

__all__ = [
    "Schedule",
    "constant",
    "cosine",
    "exponential",
    "linear_warmup",
    "staircase",
    "warmup_cosine",
]

Schedule = Callable[[int], float]


def constant(rate: float) -> Schedule:
    """The same rate at every step: the steps of Robbins and Monro (1951) without their decay.

    Parameters
    ----------
    rate : float

    Examples
    --------
    >>> constant(0.1)(1000)
    0.1
    """
    rate = number(rate, "rate")
    return lambda step: rate


def staircase(rate: float, factor: float, every: int) -> Schedule:
    """A rate that falls by a factor after each so many steps.

    ``rate * factor**floor(t/every)``, as in He et al. (2016), *Deep residual learning for image
    recognition*, section 3.4, with a tenth at each stair.

    Parameters
    ----------
    rate, factor : float
    every : int
        The length of a stair, in steps.

    Examples
    --------
    >>> rate = staircase(1.0, 0.5, every=10)
    >>> rate(9), rate(10), rate(25)
    (1.0, 0.5, 0.25)
    """
    rate, factor, every = number(rate, "rate"), number(factor, "factor"), count(every, "every")
    return lambda step: rate * factor ** (step // every)


def exponential(rate: float, factor: float) -> Schedule:
    """A rate that falls by the same factor at every step.

    ``rate * factor**t``: the exponential schedule of Senior et al. (2013), *An empirical study of
    learning rates in deep neural networks for speech recognition*, section 3, with the factor of
    one step in place of a decay length.

    Parameters
    ----------
    rate, factor : float

    Examples
    --------
    >>> exponential(1.0, 0.5)(3)
    0.125
    """
    rate, factor = number(rate, "rate"), number(factor, "factor")
    return lambda step: rate * factor**step


def cosine(rate: float, steps: int, floor: float = 0.0) -> Schedule:
    """Half a cosine from the rate down to a floor, where it stays.

    ``floor + (rate - floor) * (1 + cos(pi*t/steps))/2``: Loshchilov and Hutter (2017), *SGDR:
    stochastic gradient descent with warm restarts*, equation (5), without the restarts.

    Parameters
    ----------
    rate : float
    steps : int
        When the floor is reached.
    floor : float

    Examples
    --------
    >>> rate = cosine(1.0, 100, floor=0.1)
    >>> rate(0), rate(50), rate(100), rate(1000)
    (1.0, 0.55, 0.1, 0.1)
    """
    rate, floor, steps = number(rate, "rate"), number(floor, "floor"), count(steps, "steps")

    def at(step: int) -> float:
        share = (1 + math.cos(math.pi * min(step, steps) / steps)) / 2
        return floor + (rate - floor) * share

    return at


def linear_warmup(rate: float, steps: int, start: float = 0.0) -> Schedule:
    """A rate that rises evenly to its full value and stays there.

    ``start + (rate - start) * t/steps`` for t < steps: the gradual warm-up of Goyal et al. (2017),
    *Accurate, large minibatch SGD: training ImageNet in 1 hour*, section 2.2.

    Parameters
    ----------
    rate : float
    steps : int
        When the full rate is reached.
    start : float
        The rate of the first step.

    Examples
    --------
    >>> rate = linear_warmup(1.0, 4)
    >>> [rate(step) for step in range(6)]
    [0.0, 0.25, 0.5, 0.75, 1.0, 1.0]
    """
    rate, start, steps = number(rate, "rate"), number(start, "start"), count(steps, "steps")
    return lambda step: start + (rate - start) * (min(step, steps) / steps)


def warmup_cosine(
    rate: float, warmup: int, steps: int, start: float = 0.0, floor: float = 0.0
) -> Schedule:
    """A linear warm-up, then half a cosine down to a floor.

    `linear_warmup` over the first ``warmup`` steps and `cosine` over the rest: the usual schedule
    of transformers since Radford et al. (2018), *Improving language understanding by generative
    pre-training*, section 4.1.

    Parameters
    ----------
    rate : float
        The highest rate, that of step ``warmup``.
    warmup, steps : int
        When the highest rate and when the floor is reached, both counted from the beginning.
    start, floor : float
        The first and the last rate.

    Examples
    --------
    >>> rate = warmup_cosine(1.0, warmup=10, steps=110)
    >>> rate(5), rate(10), rate(60), rate(110)
    (0.5, 1.0, 0.5, 0.0)
    """
    rising = linear_warmup(rate, warmup, start)
    if count(steps, "steps") <= warmup:
        raise ExpressionValueError(
            f"steps={steps} leaves no step after warmup={warmup}; both count from the beginning"
        )
    falling = cosine(rate, steps - warmup, floor)
    return lambda step: rising(step) if step < warmup else falling(step - warmup)


# what they are made with


def number(value: Any, name: str, low: float = 0.0, below: float = math.inf) -> float:
    """A hyperparameter, if it lies where it must; one that is being differentiated as it is."""
    if hasattr(value, "_level"):
        return value
    try:
        found = float(value)
    except (TypeError, ValueError):
        found = math.nan
    if not low <= found < below:
        bound = f"from {low:g}" + (f" to below {below:g}" if below < math.inf else " up, finite")
        raise ExpressionValueError(f"{name} must be a number {bound}, got {value!r}")
    return found


def count(value: Any, name: str) -> int:
    """A number of steps."""
    if isinstance(value, bool) or not hasattr(value, "__index__") or value < 1:
        raise ExpressionValueError(f"{name} must be a number of steps, 1 or more, got {value!r}")
    return int(value)
