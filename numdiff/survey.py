"""On what scale does f vary near x, and is it smooth there? What a scan with wide steps says.

Starting from steps that only show the rounding of f, ever larger steps are looked at until the
values leave the parabola that the smaller ones fit. What happens at the smallest scale decides: a
kink a little way off must not be mistaken for the behaviour at x itself.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numdiff import breaks
from numdiff.reach import (
    CLEAR,
    LOW,
    Settled,
    departures,
    doubtful,
    largest_useful,
    levelling,
    raised_floor,
    settle,
)

__all__ = ["Scan", "Survey", "read_scan"]

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

_SMALLEST = float(np.finfo(np.float64).smallest_subnormal)


@dataclass(frozen=True)
class Scan:
    """Values of f about P points.

    They are scaled by ``2**-exponent``, so that no difference or square over- or underflows.

    Attributes
    ----------
    f0, jitter, unit : ndarray, shape (P,)
        The values at x, the noise between its neighbours, and the length that steps go by.
    exponent : ndarray of int, shape (P,)
    right, left : ndarray of bool, shape (P,)
        Whether f is defined on that side of x.
    h, high, low, size : ndarray, shape (K, P)
        The steps, ascending and NaN at the end, the values at x + h and x - h, and how large the
        numbers were that were rounded on the way to them.
    """

    f0: Array
    jitter: Array
    unit: Array
    exponent: NDArray[np.intp]
    right: Flags
    left: Flags
    h: Array
    high: Array
    low: Array
    size: Array


@dataclass(frozen=True)
class Survey:
    """What a scan says of P points.

    Attributes
    ----------
    noise, slope : ndarray, shape (P,)
        Of f near x, scaled as the values; the slope is the typical one well within `reach`.
    reach, known, scale : ndarray, shape (P,)
        The largest useful step, of which `known` is the part that was seen; and the step at which
        f leaves its parabola, infinite where it does not.
    anchors : ndarray, shape (2, 2, P)
        The first derivative and half the second, from small steps alone, each with a half width.
    jumps, steep : ndarray of bool, shape (2, P)
        Whether f jumps at x, and whether its tangent is vertical, on the right side and the left.
    corner : ndarray of bool, shape (P,)
        Whether the slope jumps at x.
    doubt : ndarray, shape (3, P)
        Steps about which noise may show that nearer values hid, NaN where none may.
    largest : ndarray, shape (2, P)
        The largest value up to steps of |x|, and up to steps of 1.
    unsettled : ndarray of bool, shape (P,)
        Whether larger steps would tell more.
    """

    noise: Array
    slope: Array
    reach: Array
    known: Array
    scale: Array
    anchors: Array
    jumps: Flags
    steep: Flags
    corner: Flags
    doubt: Array
    largest: Array
    unsettled: Flags


def read_scan(scan: Scan, n: int, eps: float) -> Survey:
    """Anchors, reach and breaks from a scan, for the derivative of order n.

    `eps` is the rounding unit of the values.
    """
    f0, h = scan.f0, scan.h
    up, down = scan.high - f0, scan.low - f0
    noise = np.maximum(scan.jitter, 0.3 * eps * np.abs(f0))
    # Below the smallest number all is lost, however small f may be.
    noise = np.maximum(noise, np.ldexp(_SMALLEST, -scan.exponent))
    both = scan.right & scan.left
    odd, even, wider = _parts(scan, up, down, n)
    floor = np.maximum(noise, 0.3 * eps * scan.size)
    floor = raised_floor(odd, h, 1, floor, np.abs(f0), scan.unit)
    floor = np.where(both, floor, wider * floor)
    floor = raised_floor(even, h, 2, floor, np.abs(f0), scan.unit)
    at_odd, at_even = settle(odd, h, 1, floor), settle(even, h, 2, floor)
    wanted = (n, 0) if n % 2 else (0, n)
    margin = np.where(both, 1.0, 0.25)
    doubts = (
        doubtful(odd, h, 1, floor, at_odd, wanted[0], margin),
        doubtful(even, h, 2, floor, at_even, wanted[1], margin),
    )
    doubt = np.where(doubts[0][1] <= np.fmin(doubts[0][1], doubts[1][1]), doubts[0], doubts[1])
    noise = np.maximum(noise, np.hypot(at_odd.noise, at_even.noise))
    anchors = _anchors(h, floor, (odd, at_odd), (even, at_even))
    floor = np.maximum(floor, noise)
    sides = (scan.right, scan.left)
    bad = departures((h, up, down), sides, (odd, at_odd.at), (even, at_even.at), floor)
    reach, scale, known, unsettled = largest_useful(h, bad, scan.size + noise / eps, n)
    unsettled |= ~np.any((np.abs(up) > 0) | (np.abs(down) > 0), axis=0)
    silent = np.all(~(np.fmax(np.abs(odd), np.abs(even)) > CLEAR * floor), axis=0)
    part = (odd, at_odd.at, 1) if n % 2 else (even, at_even.at, 2)
    level_at = levelling(part, h, floor, np.where(both, 2.0, 1.0))
    reach, scale = np.minimum(reach, level_at), np.minimum(scale, level_at)
    jumps, low_jumps, largest = _jumps(scan, up, down, noise, eps)
    return Survey(
        noise,
        np.abs(anchors[0, 0]) + np.abs(anchors[1, 0]) * reach / 4,
        reach,
        known,
        np.where(silent, np.inf, scale),
        anchors,
        jumps,
        np.stack([breaks.vertical(h, up), breaks.vertical(h, down)]),
        both & breaks.corner(h, even, floor),
        np.where(np.any(jumps & ~low_jumps, axis=0), np.nan, doubt),
        largest,
        unsettled,
    )


def _parts(scan: Scan, up: Array, down: Array, n: int) -> tuple[Array, Array, Array]:
    """What f does alike on both sides of x, and what it does not: its odd and its even part.

    And the factor of the noise in the even part, where f is known on one side only.
    """
    both = scan.right & scan.left
    alone, wider = _bend_of_one_side(scan.h, np.where(scan.right, up, -down), scan.right)
    # For a slope it is better left in: at an edge it may as well go like h**1.5.
    alone, wider = (alone, wider) if n > 1 else (np.zeros_like(up), np.ones_like(up))
    even = np.where(both, (up + down) / 2, alone)
    odd = np.where(both, (up - down) / 2, np.where(scan.right, up - even, even - down))
    return odd, even, wider


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


def _anchors(
    h: Array, floor: Array, odd: tuple[Array, Settled], even: tuple[Array, Settled]
) -> Array:
    """The first derivative and half the second at the last steps where they are constant."""

    def at(a: Array, settled: Settled) -> Array:
        return np.take_along_axis(a, settled.at[None], axis=0)[0]

    found = []
    for power, (part, settled) in enumerate((odd, even), 1):
        step = at(h, settled) ** power
        width = settled.off + 4 * CLEAR * at(floor, settled)
        found.append([at(part, settled) / step, width / step])
    return np.array(found)


def _jumps(
    scan: Scan, up: Array, down: Array, noise: Array, eps: float
) -> tuple[Flags, Flags, Array]:
    """On which sides f jumps, by so little that it may be rounding; and the largest values."""
    level = noise + 0.3 * eps * np.fmax(np.abs(scan.f0), scan.size[0])
    jumps = np.stack([breaks.jumps(up, level), breaks.jumps(down, level)])
    seen = np.isfinite(scan.size)
    limits = (scan.unit, np.maximum(scan.unit, 1.0))
    largest = np.stack(
        [np.max(scan.size, axis=0, initial=0.0, where=seen & (scan.h <= most)) for most in limits]
    )
    low = ~(np.abs(np.stack([up[0], down[0]])) > LOW * largest[0])
    return jumps, low, largest
