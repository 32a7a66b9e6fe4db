"""Whether the answers of two lowered functions agree, and how far apart they are.

Two answers agree when they differ by no more than their error bars together; an error bar bounds
the rounding of the graph that was lowered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from compare.judge import agreement
from diffexpr import CrossdiffError, Expr
from diffexpr.walk import topological

JUDGED_NODES = 20_000
"""Nodes up to which a graph is given an error bar."""

Judged = list[tuple[Any, Any]]
"""Answers, each with a bound on its rounding error."""


def flat(result: Any) -> list[Any]:
    """The numbers and arrays of nested tuples, in order."""
    if not isinstance(result, tuple):
        return [result]
    return [leaf for part in result for leaf in flat(part)]


def with_bars(outputs: Sequence[Expr], answers: Any, values: Mapping[str, Any]) -> Judged | None:
    """Answers of a lowered function, with error bars.

    Parameters
    ----------
    outputs : sequence of Expr
        The graphs it was lowered from, whose rounding is bounded.
    answers : nested tuples of arrays
        What it returned.
    values : mapping
        For what arguments.

    Returns
    -------
    list of (array, array), or None
        None where no bound is known: for complex numbers, a graph beyond `JUDGED_NODES`, and
        operations without a rule.
    """
    from symdiff import rounding_bound  # SymPy takes longer to load than everything else here

    parts = [np.asarray(part) for part in flat(answers)]
    numbers = [np.asarray(value) for value in values.values()]
    if any(x.dtype.kind not in "biuf" for x in (*parts, *numbers)):
        return None
    if len(topological(outputs)) > JUDGED_NODES:
        return None
    found: Judged = []
    for output, part in zip(outputs, parts, strict=True):
        try:
            _, bar = rounding_bound(output, values)
        except (CrossdiffError, KeyError):
            return None
        # The bound is that of float64; in single precision every rounding is as much larger.
        wider = np.finfo(part.dtype).eps / np.finfo(float).eps if part.dtype.kind == "f" else 1.0
        found.append((part, np.asarray(bar) * wider))
    return found


def agree(one: Judged | None, other: Judged | None) -> bool | None:
    """Whether answers lie within their error bars together; None where nobody can tell."""
    if one is None or other is None:
        return None
    pairs = zip(one, other, strict=True)
    return all(bool(np.all(agreement(a, ea, b, eb))) for (a, ea), (b, eb) in pairs)


def distance(one: Any, other: Any) -> float:
    """The largest difference of answers, relative to the largest entry of each output.

    Where both are NaN, or the same infinity, they do not differ.
    """
    worst = 0.0
    for a, b in zip(map(np.asarray, flat(one)), map(np.asarray, flat(other)), strict=True):
        with np.errstate(all="ignore"):
            same = (a == b) | (np.isnan(a) & np.isnan(b))
            apart = np.where(same, 0, np.abs(a - b))
            sizes = np.abs(np.where(np.isfinite(a), a, 0))
            largest = float(np.max(apart, initial=0))
            size = float(np.max(sizes, initial=0))
        if largest:
            worst = max(worst, largest / size) if size else np.inf
        if np.isnan(largest):
            return np.nan
    return worst
