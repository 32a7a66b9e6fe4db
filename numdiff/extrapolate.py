"""Which entry of an extrapolation table is best, and how wrong can it be?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numdiff.neville import table_weights, taylor_table

__all__ = ["Choice", "Samples", "choose"]

Array = NDArray[np.float64]

# Entries of higher degree carry more noise than they remove truncation.
_DEGREES = 12
# The rounding in the error bar, in standard deviations. They are themselves estimated, from few
# values; this is Student's t at 99 % for four degrees of freedom.
_SIGMAS = 4.6
# So many differences of neighbouring entries show how far they scatter.
_SCATTERED = 4
# They do so by less than this where the noise is as expected.
_USUAL = 1.5


@dataclass(frozen=True)
class Samples:
    """Difference quotients g at the nodes t of a ladder, and the noise of the values in them.

    Attributes
    ----------
    t, g : ndarray, shape (J, P)
        Nodes (powers of the step, signed for one side) and quotients.
    divisor : ndarray, shape (J, P)
        What the differences of values were divided by.
    noise : ndarray, shape (J, P)
        Standard deviation of the noise of each difference, independent between steps.
    common : ndarray, shape (P,)
        Standard deviation of the noise that all differences share: that of f(x).
    c : int
        Which Taylor coefficient in t is wanted.
    powers : (int, int)
        The powers of the step in `t` and in `divisor`.
    """

    t: Array
    g: Array
    divisor: Array
    noise: Array
    common: Array
    c: int
    powers: tuple[int, int]


@dataclass(frozen=True)
class Choice:
    """The chosen Taylor coefficient, its error bar, the rounding expected in it, where it stood.

    `scatter` is the factor by which the noise in the table exceeds what was expected.
    """

    value: Array
    error: Array
    rounding: Array
    row: NDArray[np.intp]
    degree: NDArray[np.intp]
    scatter: Array


def choose(
    s: Samples,
    ratio: float,
    anchor: tuple[Array, Array] | None = None,
    scatter: Array | None = None,
    near: NDArray[np.bool_] | None = None,
) -> Choice:
    """Take the entry with the least truncation plus rounding.

    The truncation of an entry is estimated by how far the two entries of the next degree, one
    with a further larger step and one with a further smaller, stand from it; the rounding by the
    entry's own weights and the noise of the values. Entries outside the anchor (value and half
    width, from small steps alone) are left out, and where none beats the anchor, it is the answer.
    So are those whose smallest step is not `near`: they know nothing of f at x. The noise is that
    of `s`, enlarged by `scatter`, or by what the table itself shows.

    Notes
    -----
    L. F. Richardson and J. A. Gaunt, "The deferred approach to the limit", Phil. Trans. R. Soc. A
    226 (1927) 299-361; the choice by neighbouring entries follows C. J. F. Ridders, "Accurate
    computation of F'(x) and F'(x)F''(x)", Adv. Eng. Software 4 (1982) 75-76.
    """
    count = s.t.shape[0]
    table = taylor_table(s.t, s.g, s.c)
    spread = _noise_table(s, ratio)
    louder = _scatter(table, spread, s.c) if scatter is None else scatter
    spread = [level * louder for level in spread]
    values, errors, roundings, rows, degrees = [], [], [], [], []
    for m in range(s.c, min(count - 1, _DEGREES)):
        entry, upper = table[m][1:-1], table[m + 1]
        truncation = np.maximum(np.abs(upper[1:] - entry), np.abs(upper[:-1] - entry))
        truncation = _margin(s.c) * np.maximum(truncation, _tail(table[m], spread[m]))
        values.append(entry)
        roundings.append(spread[m][1:-1])
        errors.append(truncation + _SIGMAS * spread[m][1:-1])
        rows.append(np.arange(1, len(entry) + 1))
        degrees.append(np.full(len(entry), m))
    value, error, rounding = (np.concatenate(a) for a in (values, errors, roundings))
    row, degree = np.concatenate(rows), np.concatenate(degrees)
    usable = np.isfinite(value) & np.isfinite(error)
    if near is not None:
        usable &= near[row]
    centre, width = (0.0, np.inf) if anchor is None else anchor
    usable &= ~(np.abs(value - centre) > width + error)
    score = np.where(usable, error, np.inf)
    ranked = np.argsort(score, axis=0, kind="stable")[:3]
    best = ranked[0]
    columns = np.arange(s.t.shape[1])
    found = usable[best, columns]
    chosen = np.where(found, value[best, columns], np.nan)
    # Three entries must agree: the bar reaches the next two wherever they stand apart.
    bar = error[best, columns]
    for other in ranked[1:]:
        apart = np.abs(value[other, columns] - chosen)
        bar = np.where(usable[other, columns], np.maximum(bar, apart), bar)
    bar = np.where(found, bar, np.inf)
    rounding = np.where(found, rounding[best, columns] / louder, np.inf)
    row, degree = row[best], degree[best]
    better = width < bar
    return Choice(
        np.where(better, centre, chosen),
        np.where(better, width, bar),
        rounding,
        np.where(better, 0, row),
        np.where(better, s.c, degree),
        louder,
    )


def _scatter(table: list[Array], spread: list[Array], c: int) -> Array:
    """By which factor neighbouring entries scatter more than the noise of the values explains.

    Among the smallest steps truncation is nothing, and what differs is noise: the noise at these
    steps, which that at x may not show. The column least troubled by truncation is taken.
    """
    factor = np.full(table[0].shape[1], np.inf)
    for m in range(c, min(c + _DEGREES, len(table) - _SCATTERED)):
        apart = np.diff(table[m][: _SCATTERED + 1], axis=0)
        expected = np.hypot(spread[m][1 : _SCATTERED + 1], spread[m][:_SCATTERED])
        ratio = np.sqrt(np.mean((apart / expected) ** 2, axis=0))
        factor = np.fmin(factor, ratio)
    return np.where(np.isfinite(factor) & (factor > _USUAL), factor, 1.0)


def _margin(c: int) -> float:
    """How much further off an entry can be than its neighbours: more for higher coefficients.

    The terms of the series that the neighbours leave out count ``(j choose c)`` times as much.
    """
    return 1.0 + 3.0 * c


def _tail(column: Array, rounding: Array) -> Array:
    """How far an entry stands from the limit of its column as the step goes to zero.

    Successive entries differ by terms of a geometric series, whose ratio shows how fast the column
    converges: slowly where f has a power of the step that the table does not remove, as h**1.5 at
    an edge. Differences within the rounding say nothing of that kind.
    """
    later, earlier = np.abs(column[1:-1] - column[:-2]), np.abs(column[2:] - column[1:-1])
    ratio = np.minimum(later / earlier, 0.95)
    clear = later > rounding[1:-1]
    return np.where(clear, later / (1 - ratio), 0.0)


def _noise_table(s: Samples, ratio: float) -> list[Array]:
    """Standard deviation of the rounding in every entry of the table."""
    p, q = s.powers
    count = s.t.shape[0]
    grid = ratio ** np.arange(count, dtype=np.float64)
    weights = table_weights(grid**p, s.c)
    variance = s.noise**2
    result = []
    for m, w in enumerate(weights):
        own = w * grid[: m + 1] ** -q
        rows = count - m
        total = sum(own[k] ** 2 * variance[k : k + rows] for k in range(m + 1))
        total = total + own.sum() ** 2 * s.common**2
        # Row i of the ladder stands ratio**i higher: its weights are smaller by that power.
        first = np.abs(s.t[:rows]) ** s.c * s.divisor[:rows]
        with np.errstate(all="ignore"):
            result.append(np.sqrt(total) / np.abs(first))
    return result
