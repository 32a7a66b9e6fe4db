"""Running the graph of an expression on boxed values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autodiff.replay import replayed
from diffexpr.evaluate import bind, evaluate_nodes
from diffexpr.expr import Expr
from diffexpr.walk import topological


def run(
    expr: Expr,
    symbols: Sequence[Expr],
    values: Sequence[Any],
    lift: Callable[[Any], Any] | None = None,
) -> Any:
    """The value of an expression where its symbols have these values."""
    by_name = {s.params[0]: value for s, value in zip(symbols, values, strict=True)}
    given = {s: bind(s, by_name) for s in symbols}
    order = topological(expr)
    found = None if lift else replayed(expr, order, symbols, list(given.values()))
    return evaluate_nodes(order, [expr], given, lift)[0] if found is None else found
