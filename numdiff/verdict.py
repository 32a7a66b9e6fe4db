"""What do the tables together say of f at x: a derivative, an edge, a kink, a jump, or none?"""

from dataclasses import dataclass, replace
from math import factorial

import numpy as np
from numpy.typing import NDArray

from numdiff.ladder import Ladder
from numdiff.result import Status
from numdiff.survey import Scan, Survey
from numdiff.tables import Side

__all__ = ["Derivatives", "constant", "variation", "weigh"]

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

# Sides are told apart when they differ by this many times their error bars together.
_APART = 4.0
# An error bar is believed to tell something when it is this part of f's own variation.
_SETTLED = 0.25


@dataclass(frozen=True)
class Derivatives:
    """Estimates at P points; every array has shape (P,).

    `reach` is the step at which f leaves its parabola, infinite where it does not; `noise` that of
    the values of f.
    """

    value: Array
    error: Array
    status: NDArray[np.int64]
    step: Array
    order: NDArray[np.int64]
    left: Array
    right: Array
    reach: Array
    noise: Array


def constant(size: int) -> Derivatives:
    """The derivatives of what does not change at all; each array is one of its own."""
    return Derivatives(
        value=np.zeros(size),
        error=np.zeros(size),
        status=np.zeros(size, dtype=np.int64),
        step=np.zeros(size),
        order=np.zeros(size, dtype=np.int64),
        left=np.zeros(size),
        right=np.zeros(size),
        reach=np.zeros(size),
        noise=np.zeros(size),
    )


def weigh(
    scan: Scan, survey: Survey, sides: tuple[Side, Side, Side], natural: Array, n: int, given: bool
) -> Derivatives:
    """Weigh the central, right and left table against each other and say what f does at x.

    `natural` is the `variation` of f; `given` says that the steps were not chosen here.
    """
    _, right, left = sides
    edge = scan.right != scan.left
    jump = survey.jumps.any(axis=0)
    kink = _kinks(scan, survey, right, left, n)
    value, error, step, order = _smooth(scan, survey, sides, kink, n, given)
    status = np.where(edge, Status.EDGE, Status.CONVERGED)
    lost = ~(np.isfinite(error) & (error <= _SETTLED * natural))
    # At an edge the table converges slowly at best; its bar says how far it came.
    lost &= ~edge | ~np.isfinite(error)
    status = np.where(lost, Status.INCONCLUSIVE, status)
    status = np.where(kink, Status.KINK, status)
    status = np.where(jump, Status.JUMP, status)
    undefined = ~np.isfinite(scan.f0) | ~(scan.right | scan.left)
    status = np.where(undefined, Status.UNDEFINED, status)
    right_value, left_value = (
        _one_sided(scan, survey, side, k) for k, side in enumerate((right.value, left.value))
    )
    upright = (survey.steep[0] | ~scan.right) & (survey.steep[1] | ~scan.left)
    upright &= ~jump & ~undefined
    same = edge | (right_value == left_value)
    tangent = np.where(same, np.where(scan.right, right_value, left_value), np.nan)
    value, error = np.where(upright, tangent, value), np.where(upright, np.inf, error)
    status = np.where(upright, np.where(edge, Status.EDGE, Status.INCONCLUSIVE), status)
    none = np.isin(status, (Status.KINK, Status.JUMP, Status.UNDEFINED))
    return Derivatives(
        np.where(none, np.nan, value),
        np.where(none | ~np.isfinite(value) | np.isnan(error), np.inf, error),
        status.astype(np.int64),
        step,
        np.where(none, 0, order).astype(np.int64),
        np.where(undefined, np.nan, left_value),
        np.where(undefined, np.nan, right_value),
        survey.scale,
        np.ldexp(survey.noise, scan.exponent),
    )


def variation(scan: Scan, survey: Survey, ladder: Ladder, n: int, eps: float) -> Array:
    """How large a derivative would be that made f vary as it does over its own scale."""
    near = np.ldexp(ladder.h, ladder.unit) <= survey.reach
    both = np.concatenate([ladder.high, ladder.low]) - scan.f0
    rise = np.abs(both)
    swing = np.max(rise, axis=0, initial=0.0, where=np.isfinite(rise) & np.tile(near, (2, 1)))
    swing = np.where(swing > 8 * survey.noise, swing, 0.0)
    # Where f is constant but for noise, a slope that moves it by less than half its digits is none.
    swing = swing + np.sqrt(eps) * np.abs(scan.f0)
    return np.ldexp(swing, scan.exponent) / survey.reach**n * factorial(n)


def _kinks(scan: Scan, survey: Survey, right: Side, left: Side, n: int) -> Flags:
    """Where the two sides have different derivatives."""
    apart = np.abs(right.value - left.value)
    kink = apart > _APART * (right.error + left.error)
    if n == 1:
        kink &= _bends(scan, survey, apart)
    else:
        # A slope that jumps leaves no higher derivative, even where the two sides have equal ones.
        kink |= survey.corner
    return kink & scan.right & scan.left


def _bends(scan: Scan, survey: Survey, apart: Array) -> Flags:
    """Do the smallest steps that can tell show the corner that the one-sided tables claim?

    At a corner ``(f(x+h) + f(x-h))/2 - f(x)`` is |h| times half the difference of the slopes; for
    a smooth function it is smaller by a power of h, however steeply it bends further away.
    """
    claimed = np.ldexp(apart, -scan.exponent) / 2
    bend = np.abs((scan.high - scan.f0) + (scan.low - scan.f0)) / 2 / scan.h
    telling = np.isfinite(bend) & (16 * survey.noise / scan.h < claimed)
    first = telling.argmax(axis=0)
    return telling.any(axis=0) & (bend[first, np.arange(len(apart))] > claimed / 2)


def _smooth(
    scan: Scan, survey: Survey, sides: tuple[Side, Side, Side], kink: Flags, n: int, given: bool
) -> tuple[Array, Array, Array, NDArray[np.int64]]:
    """Value, error, step and order if f has a derivative: from the table that knows it best."""
    middle, right, left = sides
    edge = scan.right != scan.left
    worse = np.maximum(right.error, left.error)
    # Where f is smooth on both sides but not across (x |x| at 0), the sides know more.
    meets = (
        (n == 1)
        & ~edge
        & ~kink
        & (np.abs(right.value - left.value) <= right.error + left.error)
        & (worse < middle.error / 4)
        & (np.abs(right.value - middle.value) <= right.error + middle.error)
        & (given | (np.maximum(right.step, left.step) <= survey.known))
    )
    chosen = replace(
        middle,
        value=np.where(meets, (right.value + left.value) / 2, middle.value),
        error=np.where(meets, worse, middle.error),
    )
    only_right, only_left = edge & scan.right, edge & scan.left
    value, error, step, order = (
        np.where(only_right, a, np.where(only_left, b, c))
        for a, b, c in (
            (getattr(right, name), getattr(left, name), getattr(chosen, name))
            for name in ("value", "error", "step", "order")
        )
    )
    return value, error, step, order


def _one_sided(scan: Scan, survey: Survey, value: Array, k: int) -> Array:
    """A one-sided derivative as it is reported: infinite if the tangent is vertical, or none."""
    rise = (scan.high[0] - scan.f0, scan.f0 - scan.low[0])[k]
    value = np.where(survey.steep[k], np.sign(rise) * np.inf, value)
    return np.where(survey.jumps[k] | ~(scan.right, scan.left)[k], np.nan, value)
