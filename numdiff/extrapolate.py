"""Which fit to the samples of a ladder is best, and how wrong can it be?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numdiff.fits import Fits, fits
from numdiff.steps import Plan

__all__ = ["Choice", "Samples", "choose"]

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

# Fits of higher degree carry more noise than they remove truncation.
_DEGREES = 8
# How many samples more than coefficients: more average more noise, and see less of the truncation.
_SPARE = (0, 4)
# The rounding in the error bar, in standard deviations. They are themselves estimated, from few
# values; this is Student's t at 99 % for four degrees of freedom.
_SIGMAS = 4.6
# So many differences of neighbouring entries show how far they scatter.
_SCATTERED = 4
# They do so by less than this where the noise is as expected.
_USUAL = 1.5
# Noise of which the square is no float.
_DROWNED = 1e150


@dataclass(frozen=True)
class Samples:
    """Difference quotients g at the steps of a ladder, and the noise of the values in them.

    Attributes
    ----------
    h, g : ndarray, shape (J, P)
        Steps and quotients; NaN where there is none.
    top : ndarray, shape (P,)
        The largest step as it was meant; those taken differ from the ladder by their rounding.
    noise : ndarray, shape (J, P)
        Standard deviation of the noise of each difference of values, independent between steps.
    common : ndarray, shape (P,)
        Standard deviation of the noise that all differences share: that of f(x).
    c : int
        Which Taylor coefficient is wanted.
    powers : (int, int)
        The quotients are series in ``t = (sign * h)**powers[0]``; in them the differences were
        divided by ``h**powers[1]``.
    plan : Plan
        How the ladder was built.
    sign : float
        On which side of x the steps lie, -1 or 1; 1 for central differences.
    """

    h: Array
    g: Array
    top: Array
    noise: Array
    common: Array
    c: int
    powers: tuple[int, int]
    plan: Plan
    sign: float = 1.0


@dataclass(frozen=True)
class Choice:
    """The chosen Taylor coefficient, its error bar, the first of its samples and its degree.

    `scatter` is the factor by which the noise in the table exceeds what was expected.
    """

    value: Array
    error: Array
    row: NDArray[np.intp]
    degree: NDArray[np.intp]
    scatter: Array


def choose(
    s: Samples,
    anchor: tuple[Array, Array] | None = None,
    scatter: Array | None = None,
    near: Flags | None = None,
) -> Choice:
    """Take the fit with the least truncation plus rounding.

    The truncation of a fit is estimated by how far the two fits of the next degree, one with a
    further larger step and one with a further smaller, stand from it; the rounding by the fit's
    own weights and the noise of the values. Fits outside the anchor (value and half width, from
    small steps alone) are left out, and where none beats the anchor, it is the answer. So are
    those whose smallest step is not `near`: they know nothing of f at x. The noise is that of `s`,
    enlarged by `scatter`, or by what the table itself shows.

    Notes
    -----
    L. F. Richardson and J. A. Gaunt, "The deferred approach to the limit", Phil. Trans. R. Soc. A
    226 (1927) 299-361; the choice by neighbouring entries follows C. J. F. Ridders, "Accurate
    computation of F'(x) and F'(x)F''(x)", Adv. Eng. Software 4 (1982) 75-76.
    """
    # One-sided series have every power of the step; their truncation fades too slowly to average.
    spare = _SPARE if s.powers[0] == 2 else _SPARE[:1]
    highest = s.plan.order // s.powers[0] + s.c - 1
    # Those of one degree more judge the others.
    table = fits(s.plan.ratio, len(s.h), s.powers, s.c, min(_DEGREES, highest + 1), spare)
    values, spread = _entries(s, table)
    louder = _scatter(values, spread, table) if scatter is None else scatter
    value, rounding = values[table.inner], spread[table.inner] * louder
    truncation = np.maximum(
        np.abs(values[table.larger] - value), np.abs(values[table.larger - 1] - value)
    )
    tail = _tail(values[table.inner - 1], value, values[table.inner + 1], rounding)
    error = _margin(s.c) * np.maximum(truncation, tail) + _SIGMAS * rounding
    usable = np.isfinite(value) & np.isfinite(error)
    if near is not None:
        usable &= near[table.first[table.inner]]
    centre, width = (0.0, np.inf) if anchor is None else anchor
    usable &= ~(np.abs(value - centre) > width + error)
    best, bar = _three(value, np.where(usable, error, np.inf))
    chosen = np.where(np.isfinite(bar), np.take_along_axis(value, best[None], axis=0)[0], np.nan)
    at = table.inner[best]
    better = width < bar
    return Choice(
        np.where(better, centre, chosen),
        np.where(better, width, bar),
        np.where(better, 0, table.first[at]),
        np.where(better, s.c, table.degree[at]),
        louder,
    )


def _entries(s: Samples, table: Fits) -> tuple[Array, Array]:
    """What every fit says, and the standard deviation of the rounding in it, shape (R, P)."""
    p, q = s.powers
    nominal = s.top * s.plan.rungs()[:, None]
    per = 1 / nominal**q
    # What such noise hides is not known.
    known = np.isfinite(s.g) & (s.noise * per < _DROWNED)
    # Weighed are differences from one of the samples, so that equal samples give the same again.
    pivot = np.take_along_axis(s.g, known.argmax(axis=0)[None], axis=0)[0]
    pivot = np.where(np.isfinite(pivot), pivot, 0.0)
    g = np.where(known, s.g - pivot, 0.0)
    # The weights are those of the ladder as it was meant, so the samples are taken there along
    # their tangents: that matters where steps are few roundings of x.
    t = s.h**p
    g = g + np.where(known, _slopes(t, g, known) * (nominal**p - t), 0.0)
    values = table.weights @ g
    gaps = np.concatenate([np.zeros((1, g.shape[1])), np.cumsum(~known, axis=0)])
    values[gaps[table.first + table.length] > gaps[table.first]] = np.nan
    variance = table.weights**2 @ np.where(known, (s.noise * per) ** 2, 0.0)
    variance += (table.weights @ per) ** 2 * s.common**2
    if s.c == 0:
        return values + pivot, np.sqrt(variance)
    unit = s.top ** (p * s.c)
    return values / (s.sign**s.c * unit), np.sqrt(variance) / unit


def _slopes(t: Array, g: Array, known: Flags) -> Array:
    """The slope of the samples at each node: of the parabola through it and its neighbours."""
    gap = np.diff(t, axis=0)
    secant = np.where(known[1:] & known[:-1], np.diff(g, axis=0) / gap, 0.0)
    within = (secant[:-1] * gap[1:] + secant[1:] * gap[:-1]) / (gap[1:] + gap[:-1])
    both = known[2:] & known[:-2]
    # Beside a gap one secant is all there is; the other is zero.
    within = np.where(both, within, secant[:-1] + secant[1:])
    return np.concatenate([secant[:1], within, secant[-1:]])


def _scatter(values: Array, spread: Array, table: Fits) -> Array:
    """By which factor neighbouring entries scatter more than the noise of the values explains.

    Among the smallest steps truncation is nothing, and what differs is noise: the noise at these
    steps, which that at x may not show. The column least troubled by truncation is taken.
    """
    factor = np.full(values.shape[1], np.inf)
    for column in table.columns:
        few = slice(column.start, min(column.stop, column.start + 2 * _SCATTERED + 1))
        if few.stop - few.start <= _SCATTERED:
            continue
        apart, level = np.diff(values[few], axis=0), spread[few] ** 2
        ratio = apart**2 / (level[1:] + level[:-1])
        there = np.isfinite(ratio)
        place = np.cumsum(there, axis=0, dtype=np.int8)
        mean = np.where(there & (place <= _SCATTERED), ratio, 0.0).sum(axis=0) / _SCATTERED
        factor = np.where(place[-1] >= _SCATTERED, np.fmin(factor, mean), factor)
    factor = np.sqrt(factor)
    return np.where(np.isfinite(factor) & (factor > _USUAL), factor, 1.0)


def _three(value: Array, error: Array) -> tuple[NDArray[np.intp], Array]:
    """The entry of least error, and its bar: three entries must agree.

    The bar reaches the next two wherever they stand apart. `error`, infinite where an entry cannot
    be used, is spent.
    """
    columns = np.arange(value.shape[1])
    best = _least(error)
    chosen, bar = value[best, columns], error[best, columns]
    last = best
    for _ in range(2):
        error[last, columns] = np.inf
        last = _least(error)
        apart = np.abs(value[last, columns] - chosen)
        bar = np.where(np.isfinite(error[last, columns]), np.maximum(bar, apart), bar)
    return best, bar


def _least(error: Array) -> NDArray[np.intp]:
    """As ``error.argmin(axis=0)``, which NumPy does more slowly."""
    return (error == error.min(axis=0)).argmax(axis=0)


def _margin(c: int) -> float:
    """How much further off an entry can be than its neighbours: more for higher coefficients.

    The terms of the series that the neighbours leave out count ``(j choose c)`` times as much.
    """
    return 1.0 + 3.0 * c


def _tail(before: Array, value: Array, after: Array, rounding: Array) -> Array:
    """How far an entry stands from the limit of its column as the step goes to zero.

    Successive entries differ by terms of a geometric series, whose ratio shows how fast the column
    converges: slowly where f has a power of the step that the table does not remove, as h**1.5 at
    an edge. Differences within the rounding say nothing of that kind.
    """
    later, earlier = np.abs(value - before), np.abs(after - value)
    ratio = np.minimum(later / earlier, 0.95)
    return np.where(later > rounding, later / (1 - ratio), 0.0)
