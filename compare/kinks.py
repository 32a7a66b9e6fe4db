"""Which kinks of a graph lie at a point, and the conventions taken there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from diffexpr import Expr
from diffexpr.evaluate import bind, evaluate_nodes
from diffexpr.primitives import TABLE
from diffexpr.walk import topological

_SHOWN = 60


def kinks_at(graph: Expr, at: Mapping[str, Any]) -> tuple[str, ...]:
    """The kinks that a point lies on, as sentences; empty at a smooth point.

    A point lies on a kink where the kink's margin is zero, or no larger than the rounding of the
    arguments whose difference it is.

    Examples
    --------
    >>> from diffexpr import parse
    >>> kinks_at(parse("abs(x - 1)"), {"x": 1.0})
    ('abs(x - 1): not differentiable at x = 0; derivative taken there: 0',)
    """
    order = topological(graph)
    suspects = [n for n in order if n.op in TABLE and TABLE[n.op].kink is not None]
    if not suspects:
        return ()
    operands = list(dict.fromkeys(arg for node in suspects for arg in node.args))
    given = {s: bind(s, at) for s in order if s.op == "symbol"}
    held = dict(zip(operands, evaluate_nodes(order, operands, given), strict=True))
    found = []
    for node in suspects:
        kink = TABLE[node.op].kink
        if kink is None:
            continue
        args = [held[arg] for arg in node.args]
        with np.errstate(all="ignore"):
            margin = np.abs(kink.margin(*args))
            # The margin is a difference of operands: it is known to their rounding and no better.
            scale = max((np.max(np.abs(a), initial=0.0) for a in args[:2]), default=0.0)
        if np.any(margin <= 4 * np.finfo(float).eps * scale) or np.any(margin == 0):
            kind = "jumps" if kink.jump else "not differentiable"
            found.append(
                f"{_short(str(node))}: {kind} at {kink.where}; "
                f"derivative taken there: {kink.convention}"
            )
    return tuple(dict.fromkeys(found))


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."
