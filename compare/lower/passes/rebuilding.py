"""A node with other operands: cheap where nothing that its kind depends on has changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from diffexpr import Expr
from diffexpr.apply import apply
from diffexpr.expr import intern

Choice = Callable[[Expr, tuple[Expr, ...]], Expr | None]


def rebuilt(node: Expr, args: tuple[Expr, ...]) -> Expr:
    """The operation of a node on other operands.

    Operands of the shapes and dtypes of the old ones give a node of the old shape and dtype,
    which then need not be worked out again. Constants are excepted: a Python number takes part
    by its kind and not by its dtype.

    Examples
    --------
    >>> from diffexpr import symbols
    >>> x, y, z = symbols("x y z")
    >>> rebuilt(x * y, (x, z))
    x*z
    """
    same = True
    for new, old in zip(args, node.args, strict=True):
        if new is not old:
            same = False
            if (
                new.dtype is not old.dtype
                or new.shape != old.shape
                or new.op == "constant"
                or old.op == "constant"
            ):
                return apply(node.op, args, node.params)
    return node if same else intern(node.op, args, node.params, node.shape, node.dtype)


def replaced(order: Sequence[Expr], outputs: Sequence[Expr], choose: Choice) -> tuple[Expr, ...]:
    """The same outputs, for a pass that has looked over the whole graph beforehand.

    Parameters
    ----------
    order : sequence of Expr
        The nodes below the outputs, operands first.
    outputs : sequence of Expr
    choose : callable
        Takes a node as it was and its operands as they are now; returns what takes its place, of
        the same shape, or None to leave it as it is.
    """
    made: dict[Expr, Expr] = {}
    for node in order:
        now, args = node, node.args
        if made and not made.keys().isdisjoint(args):
            args = tuple([made.get(arg, arg) for arg in args])
        found = choose(node, args)
        if found is not None:
            now = found
        elif args is not node.args:
            now = rebuilt(node, args)
        if now is not node:
            made[node] = now
    return tuple([made.get(output, output) for output in outputs])
