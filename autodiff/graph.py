"""Running the graph of an expression on boxed values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autodiff.boxes import is_symbolic
from diffexpr.apply import apply
from diffexpr.evaluate import bind, evaluate_nodes
from diffexpr.expr import Expr
from diffexpr.walk import topological


def run(
    expr: Expr,
    symbols: Sequence[Expr],
    values: Sequence[Any],
    lift: Callable[[Any], Any] | None = None,
) -> Any:
    """The value of an expression where its symbols have these values.

    On symbolic values the graph stays itself: integers and pi are kept exact, and a node below
    which nothing changes is passed on as it is, so that a derivative shares it.
    """
    order = topological(expr)
    by_name = {s.params[0]: value for s, value in zip(symbols, values, strict=True)}
    given = {s: bind(s, by_name) for s in symbols}
    if not any(is_symbolic(value) for value in values):
        return evaluate_nodes(order, [expr], given, lift)[0]
    held: dict[Expr, Any] = {}
    uses: dict[Expr, int] = {expr: 1}
    for node in order:
        for arg in node.args:
            uses[arg] = uses.get(arg, 0) + 1
    for node in order:
        if node.op == "symbol":
            held[node] = given[node]
            continue
        operands = tuple(held[arg] for arg in node.args)
        same = all(x is arg for x, arg in zip(operands, node.args, strict=True))
        held[node] = node if same else apply(node.op, operands, node.params)
        for arg in node.args:
            uses[arg] -= 1
            if not uses[arg]:
                del held[arg]
    return held[expr]
