"""What rows without a spelling of their own are in terms of rows that have one."""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Sequence
from typing import Any

import numpy as np

from compare.lower.scalars.arithmetic import NOTHING, number, simplified
from compare.lower.source import definitions
from diffexpr import Expr, constant
from diffexpr.apply import apply
from diffexpr.functions import where
from diffexpr.walk import topological


def _sinc(x: Any) -> Any:
    scaled = float(np.pi) * x
    return where(np.equal(x, 0), 1, np.sin(scaled) / scaled)


def _logaddexp(a: Any, b: Any) -> Any:
    # Infinities that are equal have no difference.
    tail = np.log1p(np.exp(-np.abs(a - b)))
    return where(np.equal(a, b), a + math.log(2), np.maximum(a, b) + tail)


def _heaviside(x: Any, at_zero: Any) -> Any:
    return where(x < 0, 0, where(x > 0, 1, where(np.equal(x, 0), at_zero, x)))


def _sign(x: Any) -> Any:
    return where(x > 0, 1, where(x < 0, -1, where(np.equal(x, 0), 0, x)))


def _times_log(log: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    """``x*log(y)``, 0 where x is, whatever the logarithm."""

    def product(x: Any, y: Any) -> Any:
        nothing = apply("logical_and", (np.equal(x, 0), np.equal(y, y)))
        return where(nothing, 0, x * log(y))

    return product


MEANINGS: dict[str, Callable[..., Any]] = {
    **definitions.FUNCTIONS,
    "sinc": _sinc,
    "logaddexp": _logaddexp,
    "heaviside": _heaviside,
    "sign": _sign,
    "xlogy": _times_log(np.log),
    "xlog1py": _times_log(np.log1p),
    "ndtr": lambda x: 0.5 * apply("erfc", (x * -math.sqrt(0.5),)),
}
"""By name, a function of the operands."""


def spelled_out(outputs: Sequence[Expr], spelled: Container[str]) -> tuple[Expr, ...]:
    """The same scalars in operations that can be written, each in its simplest form.

    Parameters
    ----------
    outputs : sequence of Expr
    spelled : container of str
        The operations that can be written as they are. What is neither among them nor has a
        meaning stays, for the writer to refuse.

    Examples
    --------
    >>> from diffexpr import relu, symbol
    >>> spelled_out([relu(symbol("x"))], {"maximum"})
    (maximum(x, 0),)
    """
    current = tuple(outputs)
    while True:
        made: dict[Expr, Expr] = {}
        written = True
        for node in topological(current):
            args = tuple(made[arg] for arg in node.args)
            if not args:
                made[node] = _leaf(node)
            elif node.op in MEANINGS and node.op not in spelled:
                # It may stand on others that have to be written out in their turn.
                made[node] = MEANINGS[node.op](*args)
                written = False
            else:
                made[node] = simplified(node.op, args, node.params)
        current = tuple(made[output] for output in current)
        if written:
            return current


def _leaf(node: Expr) -> Expr:
    value = number(node)
    if value is None or node is NOTHING or len(node.params) > 1:
        return node
    return constant(value)
