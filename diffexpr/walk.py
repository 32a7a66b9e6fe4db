"""Order of a graph: operands before what uses them, without recursion."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from diffexpr.errors import ExpressionValueError
from diffexpr.expr import Expr


def topological(roots: Expr | Iterable[Expr]) -> list[Expr]:
    """Every node below the roots, each once, operands first.

    The order is that of a depth-first walk from left to right, so it is the same in every run.

    Examples
    --------
    >>> from diffexpr import symbols
    >>> x, y = symbols("x y")
    >>> topological(x * y + x)
    [x, y, x*y, x*y + x]
    """
    stack = [roots] if isinstance(roots, Expr) else list(roots)[::-1]
    done: set[Expr] = set()
    order: list[Expr] = []
    # Much of what is done to a large graph is this walk; names are quicker than attributes.
    pop, push, add, enter, all_done = (
        stack.pop, stack.append, done.add, order.append, done.issuperset,
    )  # fmt: skip
    while stack:
        node = pop()
        if node in done:
            continue
        args = node.args
        if all_done(args):
            add(node)
            enter(node)
        else:
            push(node)
            stack += args[::-1]
    return order


def variables(roots: Expr | Iterable[Expr]) -> tuple[Expr, ...]:
    """The symbols below the roots, in order of name.

    Raises
    ------
    ExpressionValueError
        If one name stands for two symbols of different shape or dtype.
    """
    found = sorted(
        (node for node in topological(roots) if node.op == "symbol"), key=lambda s: s.params[0]
    )
    for first, second in itertools.pairwise(found):
        if first.params[0] == second.params[0]:
            raise ExpressionValueError(
                f"two variables are named {first.params[0]!r}, of shapes {first.shape} and "
                f"{second.shape}; rename one"
            )
    return tuple(found)
