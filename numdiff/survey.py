"""On what scale does f vary near x, and is it smooth there? A first look with widely spaced steps.

Starting from steps that only show the rounding of f, ever larger steps are taken until the values
leave the parabola that the smaller ones fit. What happens at the smallest scale decides: a kink
a little way off must not be mistaken for the behaviour at x itself.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numdiff import breaks, steps
from numdiff import noise as noise_level
from numdiff.calls import sizes
from numdiff.reach import (
    CLEAR,
    LOW,
    departures,
    doubtful,
    largest_useful,
    levelling,
    raised_floor,
    settle,
)

__all__ = ["Survey", "survey"]

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

# Distance of the points at which noise is measured, in smallest steps.
_APART = 8.0
# And of those about a larger step, in such steps: from twice the step that shows something, at no
# simple fractions of it, so that they round freely.
_BESIDE = 2 + 0.5118 * np.arange(noise_level.SAMPLES)[:, None]
# So often is the noise looked for at a larger step, and f judged anew.
_DOUBTS = 20
# Steps of one, five and twenty-five roundings of x, in smallest steps.
_CLOSER = np.array([[1 / 300], [1 / 60], [1 / 12]])
# So much of a jump must be there.
_LASTS = 0.7
_SMALLEST = float(np.finfo(np.float64).smallest_subnormal)
# Noise is low against f's own size within |x|, by less where it shows at very small steps; or,
# where f is tiny there because larger numbers cancel, so many roundings of what f is within 1.
_FEW = 1000.0
# Steps of so many bits are generic numbers.
_FINE = 40
# It is looked for between steps no further apart than this.
_NARROW = 4.0
# Or further out, up to so many times as far.
_FARTHEST = 16.0


@dataclass(frozen=True)
class Survey:
    """What the first look at P points found; all arrays have shape (P,) but `h`, `high` and
    `low`: the steps, ascending, and the values at x + h and x - h.

    Values are scaled by ``2**-exponent``, so that no difference or square over- or underflows.
    `slope` is the typical slope of f well within `reach`, of which `known` is the part that was
    seen. `scale` is the step at which f leaves its parabola, infinite where it does not. `anchors`
    are the first derivative and half the second from small steps alone, each with a half width.
    `jumps` and `steep` (a vertical tangent) are told for the right and the left side; `corner` says
    that the slope jumps. `doubt`, of shape (3, P), holds the steps about which noise may show that
    nearer values hid, NaN where none may; `size`, of shape (2, P), the largest value up to steps of
    |x|, and up to steps of 1. `spent` counts the values of f.
    """

    f0: Array
    exponent: NDArray[np.intp]
    noise: Array
    slope: Array
    reach: Array
    known: Array
    scale: Array
    right: Flags
    left: Flags
    jumps: tuple[Flags, Flags]
    steep: tuple[Flags, Flags]
    corner: Flags
    doubt: Array
    size: Array
    anchors: tuple[tuple[Array, Array], tuple[Array, Array]]
    h: Array
    high: Array
    low: Array
    spent: NDArray[np.intp]

    @property
    def up(self) -> Array:
        """What f rises from x to x + h."""
        return self.high - self.f0

    @property
    def down(self) -> Array:
        """What f rises from x to x - h."""
        return self.low - self.f0


def survey(f: Callable[[Array], Array], x: Array, n: int, dtype: np.dtype[Any]) -> Survey:
    """Look at f near the points x.

    Parameters
    ----------
    f : callable
        Values at an array of points, shape (K, P).
    x : ndarray, shape (P,)
        Finite points.
    n : int
        Which derivative is wanted.
    dtype : dtype
        The floating-point type in which f can tell points apart.

    Returns
    -------
    Survey
    """
    eps = float(np.finfo(dtype).eps)
    spent = np.zeros(x.shape, dtype=np.intp)

    def sample(points: Array) -> Array:
        nonlocal spent
        spent = spent + np.isfinite(points).sum(axis=0)
        return f(points)

    plus, minus, h = steps.exact(x, steps.coarse(x, eps), dtype)
    values = sample(np.concatenate([x[None], plus, minus]))
    f0, high, low = values[0], values[1 : len(h) + 1], values[len(h) + 1 :]
    exponent = _exponent(np.abs(f0), np.fmax(sizes(f, plus, high), sizes(f, minus, low)))
    right, left = np.isfinite(high[0]), np.isfinite(low[0])
    outward = np.where(right, 1.0, -1.0)
    # Not at x itself, where f may jump.
    apart = np.arange(1.0, noise_level.SAMPLES + 1)[:, None] * (outward * _APART * h[0])
    jitter = noise_level.ecnoise(np.ldexp(sample(_rounded(x + apart, dtype)), -exponent))
    jitter = np.maximum(jitter, np.ldexp(getattr(f, "noise", np.zeros(x.shape)), -exponent))

    def look(h: Array, high: Array, low: Array) -> tuple[Survey, Flags]:
        order = np.argsort(h, axis=0)
        h, high, low = (np.take_along_axis(a, order, axis=0) for a in (h, high, low))
        size = np.fmax(sizes(f, x + h, high), sizes(f, x - h, low))
        size = np.ldexp(size, -exponent)
        value_eps = max(eps, getattr(f, "eps", 0.0))
        return _judge(
            np.ldexp(f0, -exponent),
            exponent,
            jitter,
            (right, left),
            (h, np.ldexp(high, -exponent), np.ldexp(low, -exponent)),
            size,
            steps.unit(x),
            n,
            value_eps,
        )

    def more(wanted: Array) -> tuple[Survey, Flags]:
        nonlocal h, high, low
        plus, minus, step = steps.exact(x, wanted, dtype)
        values = sample(np.concatenate([plus, minus]))
        h = np.concatenate([h, step])
        high = np.concatenate([high, values[: len(step)]])
        low = np.concatenate([low, values[len(step) :]])
        return look(h, high, low)

    def look_beside(h: Array, step: Array) -> Array:
        """The noise about the steps h, on that side where f moves more at `step`."""
        if not np.isfinite(h).any():
            return np.zeros(x.shape)
        rise, fall = (
            np.abs(np.where(found.h == step, side, 0.0)).max(axis=0, initial=0.0)
            for side in (found.up, found.down)
        )
        values = sample(_rounded(x + _BESIDE * (np.where(fall > rise, -1.0, outward) * h), dtype))
        values = np.ldexp(values, -exponent)
        hidden = noise_level.certain_noise(values)
        # Points of few bits, close to x, have coarse values even where nothing is rounded.
        fine = np.abs(x) * eps < np.ldexp(h, -_FINE)
        return np.where(fine, np.fmax(hidden, 0.3 * noise_level.grain(values)), hidden)

    found, unsettled = look(h, high, low)
    ended, distance = x == 0, np.ones(x.shape)
    for _ in range(_DOUBTS):
        about = found.doubt
        first = about[1]
        gaps = about[1:] > _NARROW * about[:-1]
        between = np.where(gaps, np.sqrt(about[:-1]) * np.sqrt(about[1:]), np.nan)
        wide = gaps.any(axis=0)
        beside = np.where(wide | (distance > _FARTHEST), np.nan, first)
        noise = look_beside(distance * beside, first)
        part = np.where(first <= LOW * steps.unit(x), np.sqrt(LOW), LOW)
        believed = noise <= np.maximum(part * found.size[0], _FEW * eps * found.size[1])
        louder = believed & (noise > jitter)
        jitter = np.where(louder, noise, jitter)
        distance = np.where(np.isfinite(beside) & believed & ~louder, 4 * distance, distance)
        distance = np.where(~believed & ended, np.inf, distance)
        last = np.nanmax(np.where(np.isnan(h), 0.0, h), axis=0)
        on = (unsettled | (first == last) | ~believed) & ~ended
        further = np.where(on, steps.further(x, last), np.nan)
        ended |= on & np.isnan(further)
        wanted = np.concatenate([between, further[None]])
        if not (np.isfinite(wanted).any() or np.isfinite(beside).any()):
            break
        found, unsettled = more(wanted)
    between = steps.between(found.h, found.reach)
    if np.isfinite(between).any():
        found, _ = more(between)
    broken = found.jumps[0] | found.jumps[1]
    if broken.any():
        # A stair of rounding may begin anywhere; a jump at x is there from the very next number on.
        height = np.fmax(*(np.where(j, np.abs(s[0]), 0.0) for j, s in _sides(found)))
        plus, minus, _ = steps.exact(x, np.where(broken, _CLOSER * found.h[0], np.nan), dtype)
        values = np.ldexp(sample(np.concatenate([plus, minus])), -exponent) - found.f0
        moved = np.where(np.isnan(values), np.inf, np.abs(values))
        rise = (moved[: len(plus)].min(axis=0), moved[len(plus) :].min(axis=0))
        level = [j & (d < _LASTS * height) for (j, _), d in zip(_sides(found), rise, strict=True)]
        stairs = level[0] | level[1]
        if stairs.any():
            jitter = np.where(stairs, np.fmax(jitter, height), jitter)
            found, _ = look(h, high, low)
    return replace(found, spent=spent)


def _sides(found: Survey) -> tuple[tuple[Flags, Array], tuple[Flags, Array]]:
    """Whether f jumps on the right side of x, and what it rises there; and on the left."""
    return (found.jumps[0], found.up), (found.jumps[1], found.down)


def _rounded(points: Array, dtype: np.dtype[Any]) -> Array:
    return points.astype(dtype).astype(np.float64)


def _exponent(here: Array, around: Array) -> NDArray[np.intp]:
    """The binary exponent of f near x, from the sizes of its values; of the first that is not 0."""
    seen = np.concatenate([here[None], around])
    seen = np.where(np.isfinite(seen), seen, 0.0)
    near = seen[:4].max(axis=0)
    first = np.take_along_axis(seen, (seen > 0).argmax(axis=0)[None], axis=0)[0]
    return np.frexp(np.where(near > 0, near, first))[1].astype(np.intp)


def _bend_of_one_side(h: Array, slope: Array, right: Flags) -> tuple[Array, Array]:
    """The part of f that goes like h**2, where f is known on one side only, and its noise.

    Two neighbouring steps tell it from the part that goes like h.

    Parameters
    ----------
    h, slope : ndarray, shape (K, P)
        Ascending steps, and what f rises over them towards the right.
    right : ndarray of bool, shape (P,)
        Whether the side is the right one.

    Returns
    -------
    ndarray, ndarray, both of shape (K, P)
        The noise in units of that of f.
    """
    change = np.diff(slope / h, axis=0) / np.diff(h, axis=0)
    bend = np.where(right, 1.0, -1.0) * np.concatenate([change[:1], change]) * h**2
    stride = h[1:] / h[:-1]
    return bend, np.concatenate([stride[:1], stride])


def _judge(
    f0: Array,
    exponent: NDArray[np.intp],
    jitter: Array,
    sides: tuple[Flags, Flags],
    scan: tuple[Array, Array, Array],
    magnitude: Array,
    scale: Array,
    n: int,
    eps: float,
) -> tuple[Survey, Flags]:
    """Anchors, reach and jumps from the sorted scan, and where the scan must go on."""
    right, left = sides
    h, high, low = scan
    up, down = high - f0, low - f0
    noise = np.maximum(jitter, 0.3 * eps * np.abs(f0))
    # Below the smallest number all is lost, however small f may be.
    noise = np.maximum(noise, np.ldexp(_SMALLEST, -exponent))
    floor = np.maximum(noise, 0.3 * eps * magnitude)
    both = right & left
    alone, wider = _bend_of_one_side(h, np.where(right, up, -down), right)
    # For a slope it is better left in: at an edge it may as well go like h**1.5.
    alone, wider = (alone, wider) if n > 1 else (np.zeros_like(h), np.ones_like(h))
    even = np.where(both, (up + down) / 2, alone)
    odd = np.where(both, (up - down) / 2, np.where(right, up - even, even - down))
    floor = raised_floor(odd, h, 1, floor, np.abs(f0))
    floor = raised_floor(even, h, 2, np.where(both, floor, wider * floor), np.abs(f0))
    powers = (n, 0) if n % 2 else (0, n)
    doubts = [
        doubtful(d, h, p, floor, q, np.where(both, 1.0, 0.25))
        for d, p, q in zip((odd, even), (1, 2), powers, strict=True)
    ]
    at_odd, odd_off, odd_noise = settle(odd, h, 1, floor)
    at_even, even_off, even_noise = settle(even, h, 2, floor)
    noise = np.maximum(noise, np.hypot(odd_noise, even_noise))
    floor = np.maximum(floor, noise)
    bad = departures((h, up, down), (right, left), (odd, at_odd), (even, at_even), floor)
    reach, scale_of_f, known, open_end = largest_useful(h, bad, magnitude + noise / eps, n)
    open_end |= ~np.any((np.abs(up) > 0) | (np.abs(down) > 0), axis=0)
    silent = np.all(~(np.fmax(np.abs(odd), np.abs(even)) > CLEAR * floor), axis=0)
    part = (odd, at_odd, 1) if n % 2 else (even, at_even, 2)
    level_at = levelling(part, h, floor, np.where(both, 2.0, 1.0))
    reach, scale_of_f = np.minimum(reach, level_at), np.minimum(scale_of_f, level_at)
    scale_of_f = np.where(silent, np.inf, scale_of_f)
    level = noise + 0.3 * eps * np.fmax(np.abs(f0), magnitude[0])
    jumps = (breaks.jumps(up, level), breaks.jumps(down, level))
    doubt = np.where(doubts[0][1] <= np.fmin(doubts[0][1], doubts[1][1]), doubts[0], doubts[1])
    size = np.stack(
        [
            np.max(magnitude, axis=0, initial=0.0, where=np.isfinite(magnitude) & (h <= limit))
            for limit in (scale, np.maximum(scale, 1.0))
        ]
    )
    # A low jump may be one of rounding.
    clear = [
        jump & (np.abs(d[0]) > LOW * size[0]) for jump, d in zip(jumps, (up, down), strict=True)
    ]
    doubt = np.where(clear[0] | clear[1], np.nan, doubt)
    steep = (breaks.vertical(h, up), breaks.vertical(h, down))
    corner = both & breaks.corner(h, even, floor)

    def at(a: Array, k: NDArray[np.intp]) -> Array:
        return np.take_along_axis(a, k[None], axis=0)[0]

    h_odd, h_even = at(h, at_odd), at(h, at_even)
    anchors = (
        (at(odd, at_odd) / h_odd, (odd_off + 4 * CLEAR * at(floor, at_odd)) / h_odd),
        (at(even, at_even) / h_even**2, (even_off + 4 * CLEAR * at(floor, at_even)) / h_even**2),
    )
    slope = np.abs(anchors[0][0]) + np.abs(anchors[1][0]) * reach / 4
    found = Survey(
        f0,
        exponent,
        noise,
        slope,
        reach,
        known,
        scale_of_f,
        right,
        left,
        jumps,
        steep,
        corner,
        doubt,
        size,
        anchors,
        h,
        high,
        low,
        np.zeros(f0.shape, dtype=np.intp),
    )
    return found, open_end
