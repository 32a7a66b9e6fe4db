"""The one walk that every pass takes: operands first, each node once, without recursion."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from compare.lower.passes.rebuilding import rebuilt
from diffexpr import Expr
from diffexpr.walk import topological

Rule = Callable[[Expr], Expr | None]


def rewrite(
    outputs: Sequence[Expr], rule: Rule, order: Sequence[Expr] | None = None
) -> tuple[Expr, ...]:
    """The same outputs, with each node replaced by what a rule makes of it.

    Parameters
    ----------
    outputs : sequence of Expr
    rule : callable
        Takes a node whose operands have been rewritten already; returns the node that takes its
        place, of the same shape, or None to leave it as it is. What it returns is not visited
        again.
    order : sequence of Expr, optional
        The nodes below the outputs, operands first, where that is known already.
    """
    # Only what becomes another node is entered: most of a graph stays as it is.
    made: dict[Expr, Expr] = {}
    for node in topological(outputs) if order is None else order:
        now = node
        if made:
            for arg in node.args:
                if arg in made:
                    now = rebuilt(node, tuple([made.get(arg, arg) for arg in node.args]))
                    break
        found = rule(now)
        if found is not None:
            now = found
        if now is not node:
            made[node] = now
    return tuple([made.get(output, output) for output in outputs])
