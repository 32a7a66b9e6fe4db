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
    open_: set[Expr] = set()
    order: list[Expr] = []
    while stack:
        node = stack[-1]
        if node in done:
            stack.pop()
        elif node in open_ or not node.args:
            stack.pop()
            done.add(node)
            order.append(node)
        else:
            open_.add(node)
            stack.extend(arg for arg in reversed(node.args) if arg not in done)
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
