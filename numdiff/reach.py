"""Up to which step does f near x behave as it does at the smallest ones?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "CLEAR",
    "LOW",
    "Settled",
    "departures",
    "doubtful",
    "largest_useful",
    "levelling",
    "raised_floor",
    "settle",
]

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

# A departure is believed when it exceeds the noise by this factor: eight standard deviations.
CLEAR = 8.0
# Noise may turn out to be this much larger at other distances than between neighbouring points.
_MODEST = 1000.0
# Steps up to so many times |x| are about x.
_FAR = 4.0
# So many steps show that f goes on beyond stairs as it would without them.
_STAIRS = 3
# A stair higher than this part of f is no rounding: the cube root of eps.
LOW = float(np.cbrt(np.finfo(np.float64).eps))
# Beyond the step at which a parabola misses this part of f's variation, f is called curved.
_CURVED = 0.3


@dataclass(frozen=True)
class Settled:
    """Up to which step something grows like a power of it.

    `at` is the index of the step, `off` by how much the next departs (inf if not finite), and
    `noise` what the steps before it show (root mean square; the last may hold some truncation).
    """

    at: NDArray[np.intp]
    off: Array
    noise: Array


def settle(d: Array, h: Array, power: int, floor: Array) -> Settled:
    """The largest step up to which d grows like ``h**power``, within the noise seen so far."""
    change = np.abs(d[1:] / (h[1:] / h[:-1]) ** power - d[:-1])
    before = np.concatenate([np.zeros((1, d.shape[1])), change[:-1]])
    # As long as all steps fit, the noise seen so far is the largest change so far.
    level = np.fmin(np.fmax(np.fmax.accumulate(before, axis=0), floor[:-1]), CLEAR * floor[:-1])
    fits = np.logical_and.accumulate(change <= CLEAR * level, axis=0)
    at = fits.sum(axis=0)
    first = np.take_along_axis(change, np.minimum(at, len(change) - 1)[None], axis=0)[0]
    off = np.where((at < len(change)) & np.isfinite(first), first, np.inf)
    # Only values of about f(x)'s size tell of the noise at x.
    local = fits & (floor[:-1] <= 4 * floor[0])
    squares = np.sum(before**2, axis=0, where=local)
    return Settled(at, off, np.sqrt(squares / np.maximum(local.sum(axis=0) - 1, 1)))


def raised_floor(d: Array, h: Array, power: int, floor: Array, size: Array, unit: Array) -> Array:
    """The noise floor, raised where what looked like the end of smoothness was noise after all.

    The noise was measured at neighbouring points, where roundings repeat themselves; it may be
    larger than it looked. So the first departure is taken for noise if, with it, the differences
    settle again over further steps, which the truncation of a smooth function never does: it
    grows with the third power of the step. But a function that is bounded does so far out, so
    steps beyond `unit`, |x| or so, are no evidence about those within it. Besides, the departure
    must be small: not much above the floor; or, if f was flat before it and then settles on a
    slope that stands clear (a staircase from rounding inside f), low against `size`, the size of f
    itself.
    """
    columns = np.arange(d.shape[1])
    settled = settle(d, h, power, floor)
    at, off = settled.at, settled.off
    level = floor[at, columns]
    higher = np.where(np.isfinite(off), np.fmax(floor, off), floor)
    then = settle(d, h, power, higher).at
    last = np.maximum(np.sum(h <= _FAR * unit, axis=0) - 1, 0)
    then = np.where(h[at, columns] <= unit, np.minimum(then, last), then)
    modest = (off <= _MODEST * level) & (then >= at + 3)
    flat = np.abs(d[at, columns]) <= CLEAR * level
    clear = np.abs(d[then, columns]) > CLEAR**2 * higher[then, columns]
    # Beyond a kink close by, what was flat grows as well, but by a lower power.
    first = np.minimum(at + 1, len(h) - 1)
    growth = np.log(np.abs(d[then, columns] / d[first, columns]))
    grows = growth > (power - 0.5) * np.log(h[then, columns] / h[first, columns])
    stairs = flat & clear & grows & (off <= LOW * size) & (then >= at + _STAIRS)
    return np.where(modest | stairs, higher, floor)


def doubtful(
    d: Array, h: Array, power: int, floor: Array, settled: Settled, wanted: int, margin: Array
) -> Array:
    """The steps about which d departs from ``h**power`` otherwise than by truncation.

    The truncation of a smooth function grows by two powers of the step more than d itself. What
    grows like d says that the steps before showed no more than how f rounds: x**2 - 1 moves in
    exact multiples of h near 1, and exp(x) - 1 not at all near 0, without a trace of noise. Where
    d was nothing but noise until then, so does what grows like ``h**wanted``. Growth is like that
    of d where it exceeds it by less than `margin` powers.

    Returns
    -------
    ndarray, shape (3, P)
        The last step before, the first after and the next; NaN where all is well.
    """
    columns = np.arange(d.shape[1])
    at, off = settled.at, settled.off
    first, second = (np.minimum(at + k, len(h) - 1) for k in (1, 2))
    base = d[at, columns] / h[at, columns] ** power
    miss, then = (np.abs(d[k, columns] - base * h[k, columns] ** power) for k in (first, second))
    growth = np.log(then / miss) / np.log(h[second, columns] / h[first, columns])
    flat = np.abs(d[at, columns]) <= CLEAR * floor[at, columns]
    least = np.where(flat, max(power, wanted), power) + margin
    found = np.isfinite(off) & ((growth < least) | (flat & ~np.isfinite(growth)))
    return np.where(found, h[np.stack([at, first, second]), columns], np.nan)


def departures(
    scan: tuple[Array, Array, Array],
    sides: tuple[Flags, Flags],
    odd: tuple[Array, NDArray[np.intp]],
    even: tuple[Array, NDArray[np.intp]],
    floor: Array,
) -> Array:
    """By how much each step misses the parabola of the anchors, relative to f's variation.

    Infinite where f is not finite on a side where it was; 0 where the miss is within the noise or
    the step is not larger than the anchors' own; NaN where there is no step.
    """
    h, up, down = scan
    (d1, k1), (d2, k2) = odd, even
    slope = np.take_along_axis(d1, k1[None], axis=0) * (h / np.take_along_axis(h, k1[None], axis=0))
    bend = np.take_along_axis(d2, k2[None], axis=0)
    bend = bend * (h / np.take_along_axis(h, k2[None], axis=0)) ** 2
    slope, bend = np.nan_to_num(slope), np.nan_to_num(bend)
    size = np.abs(slope) + np.abs(bend)
    miss = np.zeros(h.shape)
    for side, values, model in ((sides[0], up, slope + bend), (sides[1], down, bend - slope)):
        off = np.abs(values - model)
        off = np.where(off <= CLEAR * floor, 0.0, off / np.maximum(size, np.finfo(float).tiny))
        off = np.where(np.isnan(off), np.inf, off)
        miss = np.where(side, np.maximum(miss, off), miss)
    rows = np.arange(len(h))[:, None]
    miss = np.where(rows <= np.minimum(k1, k2), 0.0, miss)
    return np.where(np.isnan(h), np.nan, miss)


def largest_useful(
    h: Array, miss: Array, magnitude: Array, n: int
) -> tuple[Array, Array, Array, Flags]:
    """The step up to which f is nearly a parabola and its values do not drown the differences.

    With it the step up to which it is one whatever its values, infinite if no end was seen; the
    largest at which it was seen to be one; and whether to look further.
    """
    count = h.shape[1]
    here = np.isfinite(h)
    last = np.maximum(here.sum(axis=0) - 1, 0)
    bad = here & (miss > _CURVED)
    first = np.where(bad.any(axis=0), bad.argmax(axis=0), last + 1)
    before = np.clip(first - 1, 0, last)
    columns = np.arange(count)
    grows = np.sqrt(_CURVED / np.maximum(miss[before, columns], np.finfo(float).tiny))
    reach = np.minimum(
        h[before, columns] * np.maximum(grows, 1.0), h[np.minimum(first, last), columns]
    )
    # Rounding moves the quotient by |f| eps / h**n: larger steps help only until |f| outgrows them.
    rows = np.arange(len(h))[:, None]
    relative = h / h[0]
    cost = np.where(here & (rows < np.maximum(first, 1)), magnitude / relative**n, np.inf)
    cost = np.where(np.isnan(cost), np.inf, cost)
    least = cost.min(axis=0)
    cheapest = np.where(least > 0, (cost <= 2 * least).argmax(axis=0), last)
    cap = h[np.minimum(cheapest + 1, last), columns]
    open_end = (first > last) & (cheapest >= last)
    whole = np.where(bad.any(axis=0), reach, np.inf)
    return np.minimum(reach, cap), whole, h[before, columns], open_end


def levelling(
    part: tuple[Array, NDArray[np.intp], int], h: Array, floor: Array, growth: Array
) -> Array:
    """The step at which the truncation of the difference quotient ceases to grow like a power.

    While the step is small against the scale of f, the quotient departs from its limit like
    ``h**growth`` or faster; slower growth says that the scale has been passed, even where the
    quotient is almost constant or another part of f dwarfs what changes.
    """
    d, at, power = part
    limit = (
        np.take_along_axis(d, at[None], axis=0) / np.take_along_axis(h, at[None], axis=0) ** power
    )
    off = np.abs(d / h**power - limit)
    rows = np.arange(len(h))[:, None]
    telling = (rows > at) & (
        off * np.take_along_axis(h, at[None], axis=0) ** power > CLEAR**2 * floor
    )
    rise = off[2:] / off[1:-1]
    slow = telling[1:-1] & (rise < (h[2:] / h[1:-1]) ** (growth / 2))
    first = slow.argmax(axis=0)[None]
    reach = h[1:-1] * np.maximum(rise, 1.0) ** (1 / growth)
    found = np.take_along_axis(reach, first, axis=0)[0]
    return np.where(slow.any(axis=0), found, np.inf)
