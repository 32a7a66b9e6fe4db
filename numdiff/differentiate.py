"""What is the n-th derivative at each of P points? Three tables from one set of values."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import factorial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numdiff import steps
from numdiff.calls import sizes
from numdiff.extrapolate import Choice, Samples, choose
from numdiff.result import Status
from numdiff.survey import Survey, survey

__all__ = ["Derivatives", "differentiate"]

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

# The tables reach a little beyond the step at which f stops looking like a parabola: there the
# high orders still converge, and rounding hurts least.
_BEYOND = 1.5
# The entry whose error seemed least is apt to be one whose error was taken for too small; with n,
# the entries of a table that agree have more of their noise in common.
_FAVOUR = 1.5
# So many of their steps at least are among those that the survey saw to be well-behaved.
_BELOW = 6
# So many values of f serve a point, and so many more for each further order; two besides find out
# how f is called. But where the survey takes more, there are so many steps all the same.
_BUDGET = 62
_MORE = 8
_LEAST = 11
# Sides are told apart when they differ by this many times their error bars together.
_APART = 4.0


@dataclass(frozen=True)
class Derivatives:
    """Estimates at P points; every array has shape (P,). `reach`: the step at which f leaves
    its parabola, infinite where it does not.
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


@dataclass(frozen=True)
class _Side:
    """A derivative from one table, in the units of f and x."""

    value: Array
    error: Array
    step: Array
    order: NDArray[np.int64]


def differentiate(
    sample: Callable[[Array], Array],
    x: Array,
    n: int,
    dtype: np.dtype[Any],
    top: Array | None = None,
) -> Derivatives:
    """The n-th derivative of P functions of one variable, each at its own point.

    Parameters
    ----------
    sample : callable
        Takes points of shape (K, P), gives values of the same shape, NaN where not defined. Its
        attribute ``eps`` is the rounding unit of the values. It may have three more: ``noise``, the
        least noise to expect; ``sizes``, see `numdiff.calls.sizes`; and ``blur``, how many
        roundings of x its points may be off.
    x : ndarray of float64, shape (P,)
        Finite points, each a number of `dtype`.
    n : int
        Order of the derivative, at least 1.
    dtype : dtype
        The floating-point type in which f can tell points apart.
    top : ndarray, shape (P,), optional
        The largest step of the tables, instead of the one that the survey finds.

    Returns
    -------
    Derivatives
    """
    with np.errstate(all="ignore"):
        seen = survey(sample, x, n, dtype)
        rungs = steps.ladder(x, _top(seen) if top is None else top)
        plus, minus, h = steps.exact(x, rungs, dtype)
        high, low, h = _ladder(sample, seen, plus, minus, h, _BUDGET + _MORE * (n - 1))
        eps = max(float(np.finfo(np.float64).eps), getattr(sample, "eps", 0.0))
        large = tuple(
            np.ldexp(sizes(sample, at, np.ldexp(v, seen.exponent)), -seen.exponent)
            for at, v in ((plus, high), (minus, low))
        )
        unit = np.frexp(np.nanmax(np.where(np.isnan(h), 0.0, h), axis=0))[1].astype(np.intp)
        scaled = (np.ldexp(h, -unit), high, low, np.ldexp(rungs[-1], -unit))
        tables = _tables(seen, scaled, large, unit, n, eps, top is not None)
        powers = ((2, 2 - n % 2), (1, 1), (1, 1))
        sides = tuple(
            _units(choice, n, rungs, seen.exponent, unit, p)
            for choice, p in zip(tables, powers, strict=True)
        )
        if n == 1:
            unseen = _unseen(seen, x, dtype, getattr(sample, "blur", 1.0))
            sides = tuple(replace(side, error=side.error + unseen) for side in sides)
        middle, right, left = sides
        return _verdict(seen, scaled, unit, (middle, right, left), n, eps, top is not None)


def _top(seen: Survey) -> Array:
    """The largest step of the tables: a little beyond reach, and not too far from what was seen."""
    return np.minimum(_BEYOND * seen.reach, seen.known * steps.RATIO ** (steps.COUNT - 1 - _BELOW))


def _ladder(
    sample: Callable[[Array], Array],
    seen: Survey,
    plus: Array,
    minus: Array,
    h: Array,
    budget: int,
) -> tuple[Array, Array, Array]:
    """The scaled values on both sides of x, and the steps for which they are known.

    What the survey has seen is not looked up again; and where it took long, the smallest steps are
    left out, of which the table has more than it needs.
    """
    before = [h == step for step in seen.h]
    fresh = ~np.any(before, axis=0)
    pairs = np.cumsum(fresh[::-1], axis=0)[::-1]
    rows = np.arange(len(h))[:, None]
    left_out = fresh & (pairs > (budget - seen.spent) // 2) & (rows < len(h) - _LEAST)
    left_out &= h < seen.known / steps.RATIO**_BELOW
    h = np.where(left_out, np.nan, h)
    fresh &= ~left_out
    values = sample(np.where(fresh, [plus, minus], np.nan).reshape(2 * len(h), h.shape[1]))
    high, low = np.ldexp(values, -seen.exponent).reshape(2, *h.shape)
    for same, *known in zip(before, seen.high, seen.low, strict=True):
        high, low = (np.where(same, k, v) for k, v in zip(known, (high, low), strict=True))
    return high, low, h


def _tables(
    seen: Survey,
    scaled: tuple[Array, Array, Array, Array],
    large: tuple[Array, ...],
    unit: NDArray[np.intp],
    n: int,
    eps: float,
    given: bool,
) -> tuple[Choice, Choice, Choice]:
    """The best entries of the central, right and left tables, in scaled units."""
    h, high, low, top = scaled
    at_high, at_low = (
        _rounding(seen, np.ldexp(h, unit), side, eps * size)
        for side, size in zip((high, low), large, strict=True)
    )
    f0 = seen.f0
    at_f0 = np.maximum(seen.noise, 0.3 * eps * np.abs(seen.f0))
    pair = np.hypot(at_high, at_low) / 2
    if n % 2:
        middle = Samples(h, (high - low) / (2 * h), top, pair, 0 * at_f0, (n - 1) // 2, (2, 1))
    else:
        bend = ((high - f0) + (low - f0)) / (2 * h * h)
        middle = Samples(h, bend, top, pair, at_f0, (n - 2) // 2, (2, 2))
    anchor = beside = None
    if n <= 2:
        centre, width = (np.ldexp(a, n * unit) for a in seen.anchors[n - 1])
        one_sided = seen.right != seen.left
        anchor = (centre, np.where(one_sided, np.inf, width))
        # Beside an edge the survey saw one side alone, and its slope anchors that side's table.
        beside = (centre, np.where(one_sided & (n == 1), width, np.inf))
    right = Samples(h, (high - f0) / h, top, at_high, at_f0, n - 1, (1, 1))
    left = Samples(h, (low - f0) / -h, top, at_low, at_f0, n - 1, (1, 1), -1.0)
    near = np.ldexp(h, unit) <= np.where(given, np.inf, seen.known)
    centred = choose(middle, anchor, near=near)
    # In the tables of one side truncation fades more slowly, and would pass for noise.
    return (
        centred,
        choose(right, beside, centred.scatter),
        choose(left, beside, centred.scatter),
    )


def _rounding(seen: Survey, h: Array, values: Array, unit: Array) -> Array:
    """Standard deviation of the noise of `values` on one side of x.

    At least their own rounding to multiples of `unit`; and the noise seen near x, which grows with
    the slope of f where that outgrows its size at x: most of it is rounding of what f does with x
    first.
    """
    slope = np.abs(np.diff(values, axis=0)) / np.diff(h, axis=0)
    slope = np.concatenate([slope[:1], slope])
    # Where f has no slope of its own, all that is seen is noise.
    growth = np.fmax(slope / np.where(seen.slope > 0, seen.slope, np.inf), 1.0)
    return np.maximum(seen.noise * growth, 0.3 * unit)


def _unseen(seen: Survey, x: Array, dtype: np.dtype[Any], blur: float) -> Array:
    """What rounding inside f can do to the slope without showing in any value.

    Where f starts by adding a constant to x, all x of one binade are rounded by the same amount:
    the values are those of f, smooth as ever, a little way along. Half a rounding of x moves the
    slope by that times the second derivative; `blur` times as much where f gets its points from
    coordinates that were rounded one by one.
    """
    centre, width = seen.anchors[1]
    bend = np.where(width < np.abs(centre), 2 * np.abs(centre), 0.0)
    if blur > 1:
        bend = blur * np.fmax(bend, 2 * np.fmin(width, seen.slope / seen.reach))
    return np.ldexp(bend, seen.exponent) * np.abs(x) * float(np.finfo(dtype).eps) / 2


def _units(
    choice: Choice,
    n: int,
    rungs: Array,
    exponent: NDArray[np.intp],
    unit: NDArray[np.intp],
    powers: tuple[int, int],
) -> _Side:
    """From a scaled Taylor coefficient to the derivative itself."""
    shift = exponent - n * unit
    value = np.ldexp(choice.value * factorial(n), shift)
    error = np.ldexp(choice.error * factorial(n), shift) * (1.0 if n == 1 else _FAVOUR)
    p, q = powers
    c = (n - q) // p
    return _Side(
        value,
        error + np.spacing(np.abs(value)) / 2,
        np.take_along_axis(rungs, choice.row[None], axis=0)[0],
        (p * (choice.degree - c + 1)).astype(np.int64),
    )


def _verdict(
    seen: Survey,
    scaled: tuple[Array, Array, Array, Array],
    unit: NDArray[np.intp],
    sides: tuple[_Side, _Side, _Side],
    n: int,
    eps: float,
    given: bool,
) -> Derivatives:
    """Weigh the three tables against each other and say what f does at x."""
    middle, right, left = sides
    edge = seen.right != seen.left
    apart = np.abs(right.value - left.value)
    together = right.error + left.error
    jump = seen.jumps[0] | seen.jumps[1]
    kink = ~edge & (apart > _APART * together) & (_bends(seen, apart) if n == 1 else True)
    # A slope that jumps leaves no higher derivative, even where the two sides have equal ones.
    kink |= ~edge & seen.corner & (n > 1)
    # Where f is smooth on both sides but not across (x |x| at 0), the sides know more.
    meets = (
        (n == 1)
        & ~edge
        & ~kink
        & (apart <= together)
        & (np.maximum(right.error, left.error) < middle.error / 4)
        & (given | (np.maximum(right.step, left.step) <= seen.known))
    )
    value = np.where(meets, (right.value + left.value) / 2, middle.value)
    error = np.where(meets, np.maximum(right.error, left.error), middle.error)
    chosen = replace(middle, value=value, error=error)
    for open_side, side in ((edge & seen.right, right), (edge & seen.left, left)):
        chosen = _where(open_side, side, chosen)
    value, error, step, order = chosen.value, chosen.error, chosen.step, chosen.order
    status = np.where(edge, Status.EDGE, Status.CONVERGED)
    lost = ~_settled(seen, scaled, unit, error, n, eps)
    # At an edge the table converges slowly at best; its bar says how far it came.
    lost &= ~edge | ~np.isfinite(error)
    status = np.where(lost, Status.INCONCLUSIVE, status)
    status = np.where(kink, Status.KINK, status)
    status = np.where(jump, Status.JUMP, status)
    undefined = ~np.isfinite(seen.f0) | ~(seen.right | seen.left)
    status = np.where(undefined, Status.UNDEFINED, status)
    right_value, left_value = (
        _one_sided(seen, side, k) for k, side in enumerate((right.value, left.value))
    )
    steep = (seen.steep[0] | ~seen.right) & (seen.steep[1] | ~seen.left) & ~jump & ~undefined
    same = edge | (right_value == left_value)
    upright = np.where(seen.right, right_value, left_value)
    value = np.where(steep, np.where(same, upright, np.nan), value)
    error = np.where(steep, np.inf, error)
    status = np.where(steep, np.where(edge, Status.EDGE, Status.INCONCLUSIVE), status)
    none = (status == Status.KINK) | (status == Status.JUMP) | (status == Status.UNDEFINED)
    return Derivatives(
        np.where(none, np.nan, value),
        np.where(none | ~np.isfinite(value) | np.isnan(error), np.inf, error),
        status.astype(np.int64),
        step,
        np.where(none, 0, order).astype(np.int64),
        np.where(undefined, np.nan, left_value),
        np.where(undefined, np.nan, right_value),
        seen.scale,
        np.ldexp(seen.noise, seen.exponent),
    )


def _where(wanted: Flags, a: _Side, b: _Side) -> _Side:
    """The one table's answer where it is wanted, the other's elsewhere."""
    return _Side(
        np.where(wanted, a.value, b.value),
        np.where(wanted, a.error, b.error),
        np.where(wanted, a.step, b.step),
        np.where(wanted, a.order, b.order),
    )


def _one_sided(seen: Survey, value: Array, k: int) -> Array:
    """A one-sided derivative as it is reported: infinite if the tangent is vertical, or none."""
    rise = np.sign(seen.up[0]) if k == 0 else -np.sign(seen.down[0])
    value = np.where(seen.steep[k], rise * np.inf, value)
    return np.where(seen.jumps[k] | ~(seen.right, seen.left)[k], np.nan, value)


def _bends(seen: Survey, apart: Array) -> Flags:
    """Do the smallest steps that can tell show the corner that the one-sided tables claim?

    At a corner ``(f(x+h) + f(x-h))/2 - f(x)`` is |h| times half the difference of the slopes; for
    a smooth function it is smaller by a power of h, however steeply it bends further away.
    """
    claimed = np.ldexp(apart, -seen.exponent) / 2
    bend = np.abs(seen.up + seen.down) / 2 / seen.h
    telling = np.isfinite(bend) & (16 * seen.noise / seen.h < claimed)
    first = telling.argmax(axis=0)
    columns = np.arange(apart.shape[0])
    return telling.any(axis=0) & (bend[first, columns] > claimed / 2)


def _settled(
    seen: Survey,
    scaled: tuple[Array, Array, Array, Array],
    unit: NDArray[np.intp],
    error: Array,
    n: int,
    eps: float,
) -> Flags:
    """Is the error bar small against f's own variation over its scale?"""
    h, high, low, _ = scaled
    near = np.ldexp(h, unit) <= seen.reach
    both = np.concatenate([np.where(near, high, np.nan), np.where(near, low, np.nan)])
    rise = np.abs(both - seen.f0)
    swing = np.max(rise, axis=0, initial=0.0, where=np.isfinite(rise))
    swing = np.where(swing > 8 * seen.noise, swing, 0.0)
    # Where f is constant but for noise, a slope that moves it by less than half its digits is none.
    swing = swing + np.sqrt(eps) * np.abs(seen.f0)
    scale = np.ldexp(swing, seen.exponent) / seen.reach**n * factorial(n)
    return np.isfinite(error) & (error <= scale / 4)
