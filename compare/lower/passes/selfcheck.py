"""Whether a pass is harmless: the graph before it and after it, evaluated at the same points."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from compare.lower.passes.roundings import Values, is_scalar, overflowed, roundings, undecided
from diffexpr import Expr, ExpressionValueError
from diffexpr.evaluate import evaluate_all
from diffexpr.walk import topological, variables

SLACK = 4
"""Values may differ by so many times the rounding of the graph that was given."""

# Points: random ones of each magnitude, and for each special value some that hold it.
_MAGNITUDES = (1e-5, 1e-2, 0.3, 1.0, 1.0, 3.0, 30.0, 1e4)
_PER_MAGNITUDE = 8
_SHARES = ((1, 1), (1, 0), (0, 1))
_SEED = 20_240_229

_SAVE_DIGITS = frozenset(("stable", "overflow"))
# Sums taken in another order: what is infinite on the way may meet its opposite, or not.
_REORDER = "products"


class HarmfulPassError(ExpressionValueError):
    """A pass changed what a graph computes; ``name`` is the pass."""

    def __init__(self, message: str, name: str) -> None:
        super().__init__(message)
        self.name = name

    def __reduce__(self) -> tuple[type, tuple[str, str]]:
        return type(self), (str(self), self.name)


def check_harmless(before: Sequence[Expr], after: Sequence[Expr], name: str) -> None:
    """Evaluate two graphs at random and special points, and raise where they differ.

    Values may differ by four times the rounding of the graph before: the running error analysis
    of `symdiff.rounding_bound` (Higham 2002, *Accuracy and Stability of Numerical Algorithms*,
    section 3.3), the inputs counted as rounded as well. NaN and infinities are to be at the same
    points, unless rounding alone moves them in the graph before: there every operation is
    disturbed by a unit in the last place at random (D. S. Parker 1997, *Monte Carlo arithmetic*)
    and the disturbed graph tells what may come of it. By such samples large graphs are judged,
    and those with operations of which no bound is known. For the passes that save digits,
    ``stable`` and ``overflow``, only those points count at which nothing overflowed in the graph
    before, and for the second only those where its value is finite. For ``products``, which takes
    sums in another order, only points count at which all is finite.

    Parameters
    ----------
    before, after : sequence of Expr
    name : str
        Of the pass, for the message.

    Raises
    ------
    HarmfulPassError
        With the pass, the point and both values.

    Examples
    --------
    >>> from diffexpr import parse
    >>> check_harmless([parse("x*x*x")], [parse("x^3")], "powers")
    >>> check_harmless([parse("x*y/y")], [parse("x")], "algebra")
    Traceback (most recent call last):
    ...
    compare.lower.passes.selfcheck.HarmfulPassError: pass 'algebra' changes output 0 at ...
    """
    names = {s.name for s in variables(before)}
    given = variables([*before, *after])
    strange = [s.name for s in given if s.name not in names]
    if strange:
        raise HarmfulPassError(f"pass {name!r} brings in the variable {strange[0]!r}", name)
    at_once = all(is_scalar(node) for node in topological([*before, *after]))
    for values in _points(given, at_once):
        try:
            old = evaluate_all(before, values)
        except (np.linalg.LinAlgError, TypeError):
            continue  # no value that could change: a matrix of NaN, the negative of a truth value
        new = evaluate_all(after, values)
        for position, (graph, x, y) in enumerate(zip(before, old, new, strict=True)):
            _compare(graph, values, np.asarray(x), np.asarray(y), name, position)


def _points(symbols: Sequence[Expr], at_once: bool) -> Iterator[dict[str, Any]]:
    """Values for the symbols: all points in one array each for elementwise graphs of scalars."""
    rng = np.random.default_rng(_SEED)
    rows = [
        [_random(rng, s, magnitude) for s in symbols]
        for magnitude in _MAGNITUDES
        for _ in range(_PER_MAGNITUDE if at_once else 1)
    ]
    for k in range(len(_specials(np.dtype(float)))):
        # Everywhere, in every other variable, in the others, and here and there.
        for shares in _SHARES if at_once else ():
            rows.append([_special(rng, s, k, shares[i % 2]) for i, s in enumerate(symbols)])
        rows.append([_special(rng, s, k, 0.3) for s in symbols])
    names = [s.name for s in symbols]
    if not symbols:
        yield {}
    elif at_once:
        yield {
            n: np.stack(column) for n, column in zip(names, zip(*rows, strict=True), strict=True)
        }
    else:
        yield from (dict(zip(names, row, strict=True)) for row in rows)


def _specials(kind: np.dtype[Any]) -> tuple[float, ...]:
    info = np.finfo(kind)
    largest = float(info.max)
    # The last are where exp has overflowed and exp of the negative has not vanished.
    return (
        0.0, -0.0, 1.0, -1.0, 2.0, -0.5, np.inf, -np.inf, np.nan,
        0.75 * largest, -0.75 * largest, 4 * largest**0.5,
        float(info.tiny), -16 * float(info.smallest_subnormal), float(info.eps),
        1.015 * np.log(largest), -1.015 * np.log(largest),
    )  # fmt: skip


def _random(rng: np.random.Generator, s: Expr, magnitude: float) -> Any:
    if s.dtype.kind == "b":
        return np.asarray(rng.random(s.shape) < 0.5)
    value = magnitude * rng.standard_normal(s.shape)
    if s.dtype.kind == "c":
        value = value + 1j * magnitude * rng.standard_normal(s.shape)
    return np.asarray(value, s.dtype)


def _special(rng: np.random.Generator, s: Expr, k: int, share: float) -> Any:
    """An ordinary value, a share of whose entries are the special value."""
    value = _random(rng, s, 1.0)
    if s.dtype.kind == "b":
        return value
    special = _specials(np.finfo(s.dtype).dtype)[k]
    return np.where(rng.random(s.shape) < share, np.asarray(special, s.dtype), value)


def _compare(graph: Expr, values: Values, x: Any, y: Any, name: str, position: int) -> None:
    if x.shape != y.shape or x.dtype != y.dtype:
        raise HarmfulPassError(
            f"pass {name!r} makes {y.dtype} of shape {y.shape} of output {position}, which was "
            f"{x.dtype} of shape {x.shape}",
            name,
        )
    if x.dtype.kind not in "fc":
        _report(graph, values, x, y, x != y, name, position)
        return
    with np.errstate(all="ignore"):
        finite = np.isfinite(x) & np.isfinite(y)
        same = (x == y) | (np.isnan(x) & np.isnan(y))
        if name == _REORDER and not all(np.isfinite(v).all() for v in values.values()):
            return
        if not same.all() and (name in _SAVE_DIGITS or name == _REORDER):
            same |= overflowed(graph, values)
            if name in ("overflow", _REORDER):
                same |= ~np.isfinite(x)
        if same.all():
            return
        apart = np.where(finite & ~same, np.abs(x - y), 0)
        wrong = apart > 0
        for rounding in roundings(graph, values, x):
            wrong &= apart > SLACK * rounding
            if not wrong.any():
                break
        moved = ~finite & ~same
        if moved.any():
            wrong |= moved & ~undecided(graph, values, x)
    _report(graph, values, x, y, wrong, name, position)


def _report(
    graph: Expr, values: Values, x: Any, y: Any, wrong: Any, name: str, position: int
) -> None:
    if not np.any(wrong):
        return
    where = tuple(np.argwhere(wrong)[0])
    point = ", ".join(f"{n}={_shown(v, x, where)}" for n, v in values.items())
    raise HarmfulPassError(
        f"pass {name!r} changes output {position} at {point}: {x[where]!s} before, "
        f"{y[where]!s} after; leave it out by naming the others in passes=",
        name,
    )


def _shown(value: Any, x: Any, where: tuple[int, ...]) -> str:
    array = np.asarray(value)
    one = array[where] if array.shape == x.shape else array
    return repr(one.item()) if one.ndim == 0 else " ".join(str(one).split())
