"""Constant folding: an operation on constants becomes the constant that it gives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from compare.lower.passes.rewrite import rewrite
from diffexpr import CrossdiffError, Expr, arrays, constant, primitives
from diffexpr.apply import value_of
from diffexpr.expr import BOOL, FLOAT
from diffexpr.frozen import Frozen
from diffexpr.walk import topological

LARGEST = 1_000_000
"""Entries of the largest array that is folded."""

# Whole numbers up to here are floats without rounding.
_EXACT = 2**53


def folding(outputs: Sequence[Expr], order: Sequence[Expr] | None = None) -> tuple[Expr, ...]:
    """The same outputs, with constants where an operation had constants for operands.

    The value is that of the row's own NumPy function, to the last bit, the sign of a zero
    included. What comes of Python numbers is a Python number again, which takes the precision
    of the arrays beside it; in a graph that holds other precisions than float64 such operations
    stay, because NumPy's result would be a float64 that widens what it meets. No constant grows
    larger than the operands that it comes from.

    Parameters
    ----------
    outputs : sequence of Expr
    order : sequence of Expr, optional
        The nodes below them, operands first, where that is known already.

    Returns
    -------
    tuple of Expr

    Examples
    --------
    >>> from diffexpr import parse
    >>> folding([parse("sin(pi/2)*x")])
    (1.0*x,)
    """
    narrow: list[bool] = []

    def rule(node: Expr) -> Expr | None:
        args = node.args
        if not args:
            return None
        for arg in args:
            if arg.op != "constant":
                return None
        if node.op not in primitives.TABLE and node.op not in arrays.TABLE:
            return None  # a function of the user's own, called as often as it is written
        if all(not isinstance(arg.params[0], Frozen) for arg in args):
            if not narrow:
                narrow.append(
                    _holds_other_precisions(topological(outputs) if order is None else order)
                )
            return None if narrow[0] else _number(node)
        return _array(node)

    return rewrite(outputs, rule, order)


def _holds_other_precisions(order: Sequence[Expr]) -> bool:
    """Whether anything may come out in another precision than float64."""
    for node in order:
        if node.op == "constant" and not isinstance(node.params[0], Frozen):
            continue
        if node.dtype != FLOAT and node.dtype != BOOL:
            return True
        if node.args and node.dtype != BOOL and node.op != "where":
            truths = [arg for arg in node.args if arg.dtype.kind == "b"]
            if len(truths) == len(node.args):
                return True  # functions of truth values are of half precision
    return False


def _value(node: Expr) -> Any:
    """What evaluation gives, or None where it raises: then it shall raise when it is called."""
    operands = [
        held.array if isinstance(held := arg.params[0], Frozen)
        # Evaluation makes floats of integers.
        else float(held) if type(held) is int
        else held
        for arg in node.args
    ]  # fmt: skip
    try:
        with np.errstate(all="ignore"):
            return value_of(node.op)(*operands, *node.params)
    except (CrossdiffError, ArithmeticError, TypeError, ValueError):
        return None


def _number(node: Expr) -> Expr | None:
    value = _value(node)
    # An array of numbers is larger than they are, or hides that they give way; and functions of
    # truth values give float16 or int8, which no Python number stands for.
    if value is None or np.ndim(value) or np.asarray(value).dtype.char not in "?dD":
        return None
    value = value.item() if isinstance(value, (np.generic, np.ndarray)) else value
    whole = type(value) is float and abs(value) <= _EXACT and value == int(value)
    if whole and all(type(arg.params[0]) is int for arg in node.args):
        # 2*3 reads 6; but a zero with a sign is a float.
        value = value if value == 0 and np.signbit(value) else int(value)
    return constant(value)


def _array(node: Expr) -> Expr | None:
    size = 1
    for n in node.shape:
        size *= n
    given = 0
    for arg in node.args:
        held = arg.params[0]
        given += held.array.size if isinstance(held, Frozen) else 1
    if size > LARGEST or size > given:
        return None
    value = _value(node)
    return None if value is None else constant(np.asarray(value))
