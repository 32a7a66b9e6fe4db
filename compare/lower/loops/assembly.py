"""Arrays put together out of parts: sums of scattered arrays, written where the parts are made.

The gradient of slices is a sum of arrays that are zero but for one slice each. Instead of making
them all, a loop adds each part to the slice of one array.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from diffexpr import Expr
from diffexpr.frozen import Index


@dataclass(frozen=True, slots=True)
class Assembly:
    """A sum of which some terms are scattered.

    Attributes
    ----------
    root : Expr
        The sum.
    parts : tuple of Expr
        Its terms that are scattered: each ``scatter_add``.
    others : tuple of Expr
        Its other terms.
    inner : tuple of Expr
        The additions between, which nothing else reads.
    """

    root: Expr
    parts: tuple[Expr, ...]
    others: tuple[Expr, ...]
    inner: tuple[Expr, ...]


def assemblies(order: Sequence[Expr], outputs: Sequence[Expr]) -> list[Assembly]:
    """The sums with scattered terms in a graph, each as large as it can be."""
    uses = Counter(arg for node in order for arg in node.args)
    uses.update(outputs)
    found: list[Assembly] = []
    taken: set[Expr] = set()
    for node in reversed(order):
        if node in taken or not (_joins(node) or _is_scattered(node)):
            continue
        parts: list[Expr] = []
        others: list[Expr] = []
        inner: list[Expr] = []
        stack = [node]
        while stack:
            term = stack.pop()
            alone = term is node or uses[term] == 1
            if alone and _is_scattered(term):
                parts.append(term)
            elif alone and _joins(term):
                inner.append(term)
                stack.extend(reversed(term.args))
            else:
                others.append(term)
        if parts:
            taken.update(inner, parts)
            found.append(Assembly(node, tuple(parts), tuple(others), tuple(inner)))
    return found


def offset(parts: Sequence[Expr]) -> int:
    """How many elements of the whole lie at most between the beginnings of two slices."""
    starts: list[int] = []
    for part in parts:
        index, shape = part.params
        at = 0
        for i, n in enumerate(shape):
            chosen = index.value[i] if i < len(index.value) else slice(None)
            at = at * n + chosen.indices(n)[0]
        starts.append(at)
    return max(starts) - min(starts)


def _joins(node: Expr) -> bool:
    return node.op == "add" and all(arg.shape == node.shape for arg in node.args)


def _is_scattered(node: Expr) -> bool:
    """Whether a node adds to a slice, in which no element comes twice, of zeros of its rank."""
    if node.op != "scatter_add" or node.dtype.kind != "f":
        return False
    index, shape = node.params
    return (
        isinstance(index, Index)
        and len(index.value) <= len(shape)
        and all(isinstance(item, slice) and (item.step or 1) > 0 for item in index.value)
    )
