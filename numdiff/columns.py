"""What are the derivatives for some entries of a Jacobian? Their columns are worked on by turns."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from math import factorial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numdiff import points, steps
from numdiff.calls import Lines
from numdiff.complexstep import complex_points, confirmed, imaginary_parts, slopes_of
from numdiff.differentiate import Derivatives
from numdiff.entries import Entries
from numdiff.groups import Groups
from numdiff.methods import solve
from numdiff.reach import CLEAR
from numdiff.verdict import constant
from numdiff.workers import results

__all__ = ["complex_columns", "derivatives"]


def derivatives(
    lines: Lines,
    entries: list[Entries],
    n: int,
    method: str,
    given: tuple[Any, Any],
    together: int,
    plan: steps.Plan,
) -> Derivatives:
    """n-th derivatives for all the entries, in their order.

    Parameters
    ----------
    lines : Lines
        The function.
    entries : list of Entries
        Each is done with before the next begins; no column is in two of them.
    n, method : int, str
        As in `estimate`.
    given : (ndarray or None, ndarray or None)
        Relative and absolute steps, one for each coordinate.
    together : int
        So many entries of one column are extrapolated at a time.
    plan : Plan
        How the ladders are built.

    Returns
    -------
    Derivatives
    """
    parts = [part for e in entries for part in _blocks(lines, e, n, method, given, together, plan)]
    if not parts:
        return constant(0)
    d = points.joined(parts)
    return replace(d, error=np.where(d.error == 0, _of_no_effect(d, lines, entries, n), d.error))


def _blocks(
    lines: Lines,
    entries: Entries,
    n: int,
    method: str,
    given: tuple[Any, Any],
    together: int,
    plan: steps.Plan,
) -> Iterator[Derivatives]:
    """The derivatives for entries whose values are kept while they are worked on."""
    groups = Groups(lines, entries)
    x = lines.x.astype(np.float64).ravel()
    whole = len(entries.rows)
    # A column moves alone for one block of its outputs as it would for all; columns that move
    # together must be asked together.
    size = together if len(entries.ends) == len(entries.columns) else whole
    for start in range(0, whole, size):
        groups.block = slice(start, min(start + size, whole))
        coordinates = entries.coordinates[groups.block]
        at = x[coordinates]
        widths = tuple(None if s is None else s[coordinates] for s in given)
        yield solve(groups, at, n, lines.dtype, method, (widths[0], widths[1]), plan)


def _of_no_effect(
    d: Derivatives, lines: Lines, entries: list[Entries], n: int
) -> NDArray[np.float64]:
    """The error bars where a coordinate moves not one bit of f.

    That says that it moves f by less than its noise, and of noise other coordinates may have shown
    more.
    """
    noise = np.zeros(lines.outputs)
    ends = np.cumsum([len(e.rows) for e in entries])
    found = np.split(np.nan_to_num(d.noise), ends[:-1])
    for e, own in zip(entries, found, strict=True):
        np.maximum.at(noise, e.rows, own)
    bar = np.concatenate([noise[e.rows] for e in entries])
    x = lines.x.astype(np.float64).ravel()
    unit = np.concatenate([steps.unit(x)[e.coordinates] for e in entries])
    with np.errstate(all="ignore"):
        bar = CLEAR * factorial(n) * bar / np.fmin(d.reach, unit) ** n
    return np.where(np.isfinite(bar), bar, 0.0)


def complex_columns(
    f: Callable[[Any], Any], lines: Lines, entries: list[Entries], real: Derivatives
) -> tuple[Derivatives, str]:
    """Complex-step columns where the real estimate confirms them."""
    x = lines.x.astype(np.float64).ravel()
    reach = np.full(x.shape, np.inf)
    coordinates = np.concatenate([np.zeros(0, dtype=np.intp), *(e.coordinates for e in entries)])
    np.minimum.at(reach, coordinates, real.reach)
    at, h = complex_points(x, reach, (lines.lower.ravel(), lines.upper.ravel()))
    call = partial(imaginary_parts, f)
    width = 2 * (lines.x.size + lines.outputs)
    none = np.zeros((len(at), 0))
    slopes = [none]
    for e in entries:
        moves = [
            (k, slice(int(a), int(b)))
            for k in range(len(at))
            for a, b in zip(np.append(0, e.ends[:-1]), e.ends, strict=True)
        ]
        first = np.searchsorted(e.place, np.arange(len(e.columns) + 1))
        found = np.full((len(at), len(e.rows)), np.nan)
        moved = (_complex_point(lines, e.columns[group], at[k]) for k, group in moves)
        for (k, group), parts in zip(
            moves, results(call, moved, lines.workers, width), strict=True
        ):
            lines.evaluations += 1
            if parts.shape == lines.shape:
                mine = slice(int(first[group.start]), int(first[group.stop]))
                found[k, mine] = parts.ravel()[e.rows[mine]]
        slopes.append(slopes_of(found, h[e.coordinates]))
    return confirmed(np.concatenate(slopes, axis=1), h[coordinates], real)


def _complex_point(lines: Lines, columns: NDArray[np.intp], z: NDArray[np.complex128]) -> Any:
    moved = lines.x.astype(np.complex128)
    moved.flat[columns] = z[columns]
    return moved[()]
