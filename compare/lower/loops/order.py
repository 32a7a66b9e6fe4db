"""The order of operations within a loop: such that few values are needed at the same time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from diffexpr import Expr


def by_pressure(nodes: Sequence[Expr], results: Sequence[Expr]) -> list[Expr]:
    """Nodes in an order that keeps few values alive, operands first.

    Of two orders the one that needs fewer slots: depth first, the operand that needs more slots
    before the one that needs fewer (Sethi and Ullman 1970, "The generation of optimal code for
    arithmetic expressions", which is exact for trees), and the order given.
    """
    members = set(nodes)
    deep = _depth_first(nodes, results, members)
    return min((deep, list(nodes)), key=lambda order: most_alive(order, results))


def last_uses(order: Sequence[Expr]) -> dict[Expr, int]:
    """The place in an order at which each of its nodes is read for the last time, or made."""
    last: dict[Expr, int] = {}
    for i, node in enumerate(order):
        last[node] = i
        for arg in node.args:
            if arg in last:
                last[arg] = i
    return last


def most_alive(order: Sequence[Expr], results: Collection[Expr]) -> int:
    """The largest number of values that are needed at once, results not counted."""
    members, kept = set(order), set(results)
    uses = Counter(arg for node in order for arg in set(node.args) if arg in members)
    alive = most = 0
    for node in order:
        alive += node not in kept
        most = max(most, alive)
        for arg in set(node.args) & members:
            uses[arg] -= 1
            alive -= not uses[arg] and arg not in kept
    return most


def _depth_first(nodes: Sequence[Expr], results: Sequence[Expr], members: set[Expr]) -> list[Expr]:
    needs: dict[Expr, int] = {}
    ranked: dict[Expr, list[Expr]] = {}
    for node in nodes:
        args = [arg for arg in dict.fromkeys(node.args) if arg in members]
        args.sort(key=lambda arg: -needs[arg])
        ranked[node] = args
        needs[node] = max((needs[arg] + i for i, arg in enumerate(args)), default=1)
    order: list[Expr] = []
    done: set[Expr] = set()
    stack = [*reversed(nodes), *reversed(list(results))]
    opened: set[Expr] = set()
    while stack:
        node = stack[-1]
        if node in done or node not in members:
            stack.pop()
        elif node in opened:
            stack.pop()
            done.add(node)
            order.append(node)
        else:
            opened.add(node)
            stack.extend(arg for arg in reversed(ranked[node]) if arg not in done)
    return order
