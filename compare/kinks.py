"""Which kinks of a graph lie at a point, and the conventions taken there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from diffexpr import Expr, arrays, primitives
from diffexpr.domains import Kink
from diffexpr.evaluate import bind, evaluate_nodes
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
    suspects = [n for n in order if _kink(n) is not None]
    if not suspects:
        return ()
    operands = list(dict.fromkeys(arg for node in suspects for arg in node.args))
    given = {s: bind(s, at) for s in order if s.op == "symbol"}
    held = dict(zip(operands, evaluate_nodes(order, operands, given), strict=True))
    found: list[str] = []
    for node in suspects:
        kink = _kink(node)
        if kink is not None and _on(kink, [held[arg] for arg in node.args], node.params):
            kind = "jumps" if kink.jump else "not differentiable"
            found.append(
                f"{_short(str(node))}: {kind} at {kink.where}; "
                f"derivative taken there: {kink.convention}"
            )
    return tuple(dict.fromkeys(found))


def _kink(node: Expr) -> Kink | None:
    row = primitives.TABLE.get(node.op) or arrays.TABLE.get(node.op)
    return None if row is None else row.kink


def _on(kink: Kink, args: list[Any], params: tuple[Any, ...]) -> bool:
    with np.errstate(all="ignore"):
        margin = np.abs(np.asarray(kink.margin(*args, *params), float))
        # The margin is a difference of operands: it is known to their rounding and no better.
        scale = max((np.max(np.abs(a), initial=0.0) for a in args[:2]), default=0.0)
    near = 4 * np.finfo(float).eps * scale
    return bool(np.any(margin == 0) or (not params and np.any(margin <= near)))


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."
