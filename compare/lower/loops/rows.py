"""Which values of a loop are rows of a matrix, so that a product takes many of them at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from compare.lower.loops.order import last_uses
from diffexpr import Expr


@dataclass(frozen=True, slots=True)
class Rows:
    """The matrices of a loop and what stands in their rows.

    Attributes
    ----------
    matrix : dict from Expr to str
        The working matrix of each ``stack`` and each product.
    place : dict from Expr to str
        The rows that are written where they are computed, and those of products.
    sizes : dict from str to int
        The rows of each working matrix.
    names : dict from str to tuple of str
        The name of each row of a working matrix.
    """

    matrix: dict[Expr, str]
    place: dict[Expr, str]
    sizes: dict[str, int]
    names: dict[str, tuple[str, ...]]


def arrange(order: Sequence[Expr], results: Collection[Expr], fresh: Callable[[str], str]) -> Rows:
    """Place the terms of products in rows, each where it is computed if nothing is against it.

    Parameters
    ----------
    order : sequence of Expr
        The operations of a loop.
    results : collection of Expr
        Those that are written to arrays of their own.
    fresh : callable
        A new name that begins with a letter.
    """
    at = {node: i for i, node in enumerate(order)}
    last = last_uses(order)
    owner: dict[Expr, tuple[Expr, int]] = {}
    for node in order:
        if node.op == "stack":
            for i, term in enumerate(node.args):
                if term in at and term not in results and _is_computed(term):
                    owner.setdefault(term, (node, i))
    spans: list[tuple[int, int, Expr, int]] = []
    for node in order:
        if node.op == "stack":
            own = [term for term in node.args if owner.get(term, (None,))[0] is node]
            first = min([at[node], *(at[term] for term in own)])
            until = max([last[node], *(last[term] for term in own)])
            spans.append((first, until, node, len(node.args)))
        elif node.op == "matmul" and node.shape:
            taken = [user for user in order if user.op == "getitem" and user.args[0] is node]
            spans.append((at[node], max(last[user] for user in taken), node, node.shape[0]))
    matrix, sizes = _shared(spans, fresh)
    names = {name: tuple(fresh("r") for _ in range(size)) for name, size in sizes.items()}
    place = {term: names[matrix[stack]][i] for term, (stack, i) in owner.items()}
    for node in order:
        if node.op == "getitem" and node.args[0] in matrix:
            place[node] = names[matrix[node.args[0]]][node.params[0].value[0]]
    return Rows(matrix, place, sizes, names)


def is_factors(node: Expr) -> bool:
    """Whether a node is the matrix of numbers of a product: no operand that has blocks."""
    return node.op == "constant" and len(node.shape) == 2


def _is_computed(term: Expr) -> bool:
    """Whether a value is made by an operation that can write it anywhere."""
    return term.op not in ("stack", "matmul", "getitem") and term.dtype.kind == "f"


def _shared(
    spans: Sequence[tuple[int, int, Expr, int]], fresh: Callable[[str], str]
) -> tuple[dict[Expr, str], dict[str, int]]:
    """A working matrix for each span of steps; one serves again when its span is over."""
    matrix: dict[Expr, str] = {}
    sizes: dict[str, int] = {}
    busy: list[tuple[int, str]] = []
    for first, until, node, rows in sorted(spans, key=lambda span: span[0]):
        idle = next((n for end, n in busy if end < first and sizes[n] == rows), None)
        if idle is None:
            idle = fresh("m")
            sizes[idle] = rows
        else:
            busy = [(end, name) for end, name in busy if name != idle]
        busy.append((until, idle))
        matrix[node] = idle
    return matrix, sizes
