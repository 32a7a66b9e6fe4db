"""Which working array each value of a loop is written to: a slot is free after its last use."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from compare.lower.loops.order import last_uses
from diffexpr import Expr


@dataclass(frozen=True, slots=True)
class Slots:
    """The places of the values of a loop.

    Attributes
    ----------
    place : dict from Expr to str
        The name of the array that each value is written to.
    names : tuple of str
        The working arrays, in the order in which they are made.
    kinds : tuple
        What each working array holds, as the caller named it.
    """

    place: dict[Expr, str]
    names: tuple[str, ...]
    kinds: tuple[str, ...]


def assign(
    order: Sequence[Expr],
    ends: Collection[Expr],
    results: Mapping[Expr, str],
    kinds: Mapping[Expr, str],
    fixed: Mapping[Expr, str],
    fresh: Callable[[], str],
) -> Slots:
    """Give each node a place, results their own, in one walk over the order (linear scan).

    The nodes among ``ends`` read only: what they make is no array. Those among ``fixed`` have
    their places already, in which nothing else is put.

    The array of a result also serves as a slot for what is dead before the result is written, so
    that fewer arrays share the cache. An operation may be written over an operand that it is the
    last to use; `where`, which takes two steps, over its last operand only.
    """
    last = last_uses(order)
    place: dict[Expr, str] = {}
    names: list[str] = []
    made: list[str] = []
    free: dict[str, list[str]] = {}
    # A result's own array, and the last step at which something else may still be read from it.
    borrowed: dict[str, tuple[str, int]] = {
        name: (kinds[node], i - (node.op == "where"))
        for i, node in enumerate(order)
        if (name := results.get(node)) is not None
    }
    idle = set(borrowed)

    def release(node: Expr) -> None:
        if node in fixed:
            return
        name = place[node]
        if name not in borrowed:
            free.setdefault(kinds[node], []).append(name)
        elif node not in results:
            idle.add(name)

    def chosen(i: int, node: Expr) -> str:
        fitting = [
            name
            for name in idle
            if borrowed[name][0] == kinds[node] and borrowed[name][1] >= last[node]
        ]
        if fitting:
            name = min(fitting, key=lambda n: (borrowed[n][1], n))
            idle.discard(name)
            return name
        if free.get(kinds[node]):
            return free[kinds[node]].pop()
        names.append(fresh())
        made.append(kinds[node])
        return names[-1]

    for i, node in enumerate(order):
        dying = [arg for arg in dict.fromkeys(node.args) if last.get(arg) == i]
        dying = [arg for arg in dying if arg not in results]
        before = [arg for arg in dying if node.op != "where" or _only_last(node, arg)]
        for arg in before:
            release(arg)
        if node in results:
            place[node] = results[node]
            idle.discard(results[node])
        elif node in fixed:
            place[node] = fixed[node]
        elif node not in ends:
            place[node] = chosen(i, node)
        for arg in dying:
            if arg not in before:
                release(arg)
    return Slots(place, tuple(names), tuple(made))


def _only_last(node: Expr, arg: Expr) -> bool:
    return node.args[2] is arg and arg not in node.args[:2]
