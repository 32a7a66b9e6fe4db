"""What is known of the values of a node: their signs, their range, their kind."""

from __future__ import annotations

from compare.lower.passes.intervals import Known, known
from diffexpr import Expr


class Signs:
    """What is known of nodes, worked out when asked and remembered.

    Examples
    --------
    >>> from diffexpr import parse
    >>> signs = Signs()
    >>> known = signs.of(parse("1 + x^2"))
    >>> known.low, known.high, known.minus_zero
    (1.0, inf, False)
    """

    def __init__(self) -> None:
        self._found: dict[Expr, Known] = {}
        self._floating: dict[Expr, bool] = {}

    def is_floating(self, node: Expr) -> bool:
        """Whether the values of a node are surely real floating-point numbers.

        Sums and products of truth values have a floating dtype in the graph, but NumPy keeps them
        truth values.
        """
        verdicts = self._floating
        stack = [] if node in verdicts else [node]
        while stack:
            top = stack[-1]
            waiting, verdict = None, False
            for arg in _taking_part(top):
                verdict = verdicts.get(arg)
                if verdict:
                    break
                if verdict is None and waiting is None:
                    waiting = arg
            # One floating operand makes the result floating: most often the first one is.
            if waiting is not None and not verdict:
                stack.append(waiting)
                continue
            verdicts[top] = bool(verdict) or _is_floating_itself(top)
            stack.pop()
        return verdicts[node]

    def of(self, node: Expr) -> Known:
        """What is known of one node; no recursion, and each node once."""
        found = self._found
        stack = [] if node in found else [node]
        while stack:
            top = stack[-1]
            waiting = [arg for arg in top.args if arg not in found]
            if waiting:
                stack.extend(waiting)
                continue
            stack.pop()
            if top not in found:
                found[top] = known(top, [found[arg] for arg in top.args])
        return found[node]


def _taking_part(node: Expr) -> tuple[Expr, ...]:
    """The operands whose kind of number decides that of the result."""
    if node.dtype.kind != "f" or type(node.op) is not str:
        return ()
    return node.args[1:] if node.op == "where" else node.args


def _is_floating_itself(node: Expr) -> bool:
    """Whether a node is floating whatever its operands are."""
    if node.dtype.kind != "f":
        # A whole number is a float to evaluation.
        return node.op == "constant" and type(node.params[0]) is int
    if node.op == "symbol" or node.op == "constant":
        return True
    # A modulus of complex numbers, say.
    return type(node.op) is str and any(arg.dtype.kind == "c" for arg in node.args)
