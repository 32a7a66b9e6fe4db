"""Writing a graph in any notation: parentheses where they are needed, names where text swells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from diffexpr.expr import Expr
from diffexpr.frozen import Frozen
from diffexpr.walk import topological

Operand = tuple[Expr, int, bool]
"""A node inside a layout, the least precedence that needs no parentheses there, and whether a
sign in front of it needs them."""

Layout = tuple[list[Any], int]
"""The parts of a node, strings and operands, and how many levels lie around its operands."""

_SMALL = 1000
"""Words up to which a repeated part is written out every time."""
_DEEP = 75
"""Levels of brackets up to which text nests; a parser's default is 100."""
_HUGE = 10**18


class Writer:
    """Writes the nodes of one graph.

    Parameters
    ----------
    layout : callable
        ``layout(node, first)``: the parts of a node, given the first characters of operands.
    precedence : callable
        How tightly the notation of a node holds together.
    brackets : pair of str
        Parentheses.
    """

    def __init__(
        self,
        layout: Callable[[Expr, dict[Expr, str]], Layout],
        precedence: Callable[[Expr], int],
        brackets: tuple[str, str] = ("(", ")"),
    ) -> None:
        self._layout = layout
        self._precedence = precedence
        self._open, self._close = brackets
        self._first: dict[Expr, str] = {}

    def statements(
        self, root: Expr, fresh: Callable[[int], str]
    ) -> tuple[list[tuple[str, str]], str]:
        """Definitions, as pairs of name and text, and the text of the root in terms of them.

        ``fresh(n)`` is the n-th name. There are no definitions unless the text would exceed
        twice its graph, or nest too deeply; its length is linear in the size of the graph.
        """
        order = topological(root)
        names: dict[Expr, str] = {}
        made: list[tuple[str, str]] = []
        for node in self._named_parts(order):
            body = self._written(node, names)
            names[node] = fresh(len(made) + 1)
            made.append((names[node], body))
        return made, self._written(root, names)

    def _named_parts(self, order: Sequence[Expr]) -> list[Expr]:
        """The nodes to name: sizes of their text are counted, never written."""
        swells, uses = _repetition(order)
        named: list[Expr] = []
        depth: dict[Expr, int] = {}
        for node in order:
            reached = self._levels(node, depth)
            repeated = swells and uses.get(node, 0) > 1 and (node.args or _is_array(node))
            if (repeated or reached > _DEEP) and node is not order[-1]:
                named.append(node)
                reached = 0
            depth[node] = reached
        return named

    def _levels(self, node: Expr, depth: dict[Expr, int]) -> int:
        """Brackets and signs inside each other in the text of a node."""
        parts, inner = self._layout(node, self._first)
        first = parts[0]
        if type(first) is str:
            self._first[node] = first[:1]
        else:
            wrapped = self._wrapped(*first)
            self._first[node] = self._open[0] if wrapped else self._first[first[0]]
        reached = inner
        for part in parts:
            if type(part) is not str:
                reached = max(reached, depth[part[0]] + inner + self._wrapped(*part))
        return reached

    def _wrapped(self, node: Expr, least: int, unsigned: bool) -> bool:
        return (unsigned and self._first[node] == "-") or self._precedence(node) < least

    def _written(self, root: Expr, names: dict[Expr, str]) -> str:
        """The text of one node in terms of those that have names."""
        out: list[str] = []
        stack: list[Any] = [(root, 0, False)]
        while stack:
            part = stack.pop()
            if type(part) is str:
                out.append(part)
                continue
            node = part[0]
            name = names.get(node)
            if name is not None:
                out.append(name)
                continue
            if self._wrapped(*part):
                out.append(self._open)
                stack.append(self._close)
            stack.extend(reversed(self._layout(node, self._first)[0]))
        return "".join(out)


def _is_array(node: Expr) -> bool:
    return node.op == "constant" and isinstance(node.params[0], Frozen)


def _repetition(order: Sequence[Expr]) -> tuple[bool, dict[Expr, int]]:
    """Whether text without names would swell, and how often each node is used."""
    sizes: dict[Expr, int] = {}
    uses: dict[Expr, int] = {}
    linear = 0
    for node in order:
        own = 1 + (node.params[0].array.size if _is_array(node) else 0)
        linear += own + len(node.args)
        for arg in node.args:
            own += sizes[arg]
            uses[arg] = uses.get(arg, 0) + 1
        sizes[node] = min(own, _HUGE)
    return sizes[order[-1]] > max(_SMALL, 2 * linear), uses
