"""Who agrees with whom, and who is the odd one out: votes by independent source.

Two answers agree when they differ by no more than their error bars together. Forward and reverse
read one table of partials, symbolic reads SymPy, numeric reads values only; a disagreement is
pinned on whoever stands outside the largest set of mutually agreeing answers, counted by source.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal

import numpy as np

Verdict = Literal["agree", "disagree", "kink", "undefined", "inconclusive"]
Array = np.ndarray[Any, Any]


def agreement(a: Array, ea: Array, b: Array, eb: Array) -> Array:
    """Where two answers differ by no more than their error bars together; NaN agrees with NaN.

    Examples
    --------
    >>> bars = np.array([0.1, 0.1])
    >>> agreement(np.array([1.0, 2.0]), bars, np.array([1.15, 3.0]), bars)
    array([ True, False])
    """
    with np.errstate(all="ignore"):
        close = np.isfinite(a) & np.isfinite(b) & (np.abs(a - b) <= ea + eb)
    return close | (a == b) | (np.isnan(a) & np.isnan(b))


def judge(
    values: Mapping[str, Array],
    errors: Mapping[str, Array],
    abstains: Mapping[str, Array],
    sources: Mapping[str, str],
) -> tuple[dict[str, Array], Array]:
    """Verdict of every backend at every entry.

    Parameters
    ----------
    values, errors : mapping from backend to flat array
        Answers and error bars, entry by entry.
    abstains : mapping from backend to flat array of bool
        Where a backend itself says that it does not know.
    sources : mapping from backend to str
        What it reads.

    Returns
    -------
    verdicts : dict from backend to array of str
    pinned : array of bool
        Where those that disagree have been found out by a majority of sources.
    """
    names = list(values)
    size = len(values[names[0]]) if names else 0
    pairs = {
        (a, b): agreement(values[a], errors[a], values[b], errors[b])
        for a, b in itertools.combinations(names, 2)
    }
    verdicts = {name: np.full(size, "agree", dtype="<U12") for name in names}
    pinned = np.ones(size, bool)
    for entry in range(size):
        voting = [n for n in names if not abstains[n][entry]]
        apart = [(a, b) for (a, b), ok in pairs.items() if not ok[entry]]
        apart = [(a, b) for a, b in apart if a in voting and b in voting]
        odd, pinned[entry] = _odd_ones(voting, apart, sources)
        nowhere = bool(voting) and all(not np.isfinite(values[n][entry]) for n in voting)
        alone = len({sources[n] for n in voting}) < 2
        for name in names:
            if name not in voting:
                verdicts[name][entry] = "inconclusive"
            elif name in odd:
                verdicts[name][entry] = "disagree"
            elif nowhere:
                verdicts[name][entry] = "undefined"
            elif alone:
                verdicts[name][entry] = "inconclusive"
    return verdicts, pinned


def _odd_ones(
    voting: Sequence[str], apart: Sequence[tuple[str, str]], sources: Mapping[str, str]
) -> tuple[set[str], bool]:
    """Those outside the largest mutually agreeing set, and whether that set is the only one."""
    if not apart:
        return set(), True
    best: list[set[str]] = []
    most = 0
    for count in range(len(voting), 0, -1):
        for chosen in itertools.combinations(voting, count):
            group = set(chosen)
            if any(a in group and b in group for a, b in apart):
                continue
            if any(group < other for other in best):
                continue
            weight = len({sources[name] for name in group})
            if weight > most:
                best, most = [group], weight
            elif weight == most:
                best.append(group)
    if len(best) == 1 and most > 1:
        return set(voting) - best[0], True
    # Two sets of equal weight: somebody is wrong, and the votes do not say who.
    return {name for pair in apart for name in pair}, False


def overall(verdicts: Collection[str]) -> Verdict:
    """The verdict on several entries together: the worst of them."""
    order: tuple[Verdict, ...] = ("disagree", "undefined", "kink", "inconclusive")
    for worst in order:
        if worst in verdicts:
            return worst
    return "agree"
