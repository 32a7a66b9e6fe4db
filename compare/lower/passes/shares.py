"""Shares: exponentials over sums of exponentials, also as derivatives write them."""

from __future__ import annotations

import math
from typing import NamedTuple

from compare.lower.passes.forms import is_number, lies_along, unwrapped
from compare.lower.passes.shapes import Shape, reshaped
from diffexpr import Expr
from diffexpr.apply import apply

DIVIDED = frozenset(("exp", "softmax", "sigmoid"))
"""What makes a share together with a quotient."""

# How many factors of a product are looked at.
_FACTORS = 8


class _Product(NamedTuple):
    """A product of factors over a product of others, each to be broadcast."""

    above: list[Expr]
    below: list[Expr]


def share_times(first: Expr, other: Expr) -> Expr | None:
    """``first * other``, where a denominator in ``other`` makes a share of ``first``, or None.

    Derivatives of log(S) have exp(a) * (1/S * g), where S is a sum with that exponential, and
    those of log(p) have p * (1/p * g), where p is a share and not 0 but for underflow.
    """
    factors = _factors(other)
    for i, total in enumerate(factors.below):
        found = None
        if first.op == "exp":
            found = share_of(first, total)
            if found is None:
                continue
        elif total is not first:
            continue
        for factor in factors.above:
            found = factor if found is None else apply("multiply", (found, factor))
        if found is None:
            return None
        for rest in (*factors.below[:i], *factors.below[i + 1 :]):
            found = apply("divide", (found, rest))
        return found
    return None


def _factors(node: Expr) -> _Product:
    """The factors of a product, ones left out, through broadcasts and reshapes around it."""
    found = _Product([], [])
    waiting: list[tuple[Expr, Shape | None]] = [(node, None)]
    left = _FACTORS
    while waiting:
        x, shape = waiting.pop()
        if shape is None:
            while x.op == "broadcast_to":
                x = x.args[0]
            inside = unwrapped(x, ())
            if inside is not x:
                x, shape = inside, x.shape
        left -= 1
        plain = left > 0 and (shape is None or all(y.shape in ((), x.shape) for y in x.args))
        if plain and x.op == "multiply":
            waiting += [(part, shape) for part in x.args[::-1]]
        elif plain and x.op == "divide":
            found.below.append(_laid(x.args[1], shape))
            waiting.append((x.args[0], shape))
        elif plain and x.op == "reciprocal":
            found.below.append(_laid(x.args[0], shape))
        elif not is_number(x, 1) or x.shape:
            found.above.append(_laid(x, shape))
    return found


def _laid(x: Expr, shape: Shape | None) -> Expr:
    return x if shape is None or not x.shape else reshaped(x, shape)


def share_of(grown: Expr, total: Expr) -> Expr | None:
    """exp(a)/S where S is a sum of which exp(a) is one term: softmax or sigmoid."""
    (a,) = grown.args
    if total.op == "add" and grown in total.args:
        other = total.args[0] if total.args[1] is grown else total.args[1]
        if is_number(other, 1):
            return apply("sigmoid", (a,))
        if other.op == "exp":
            return apply("sigmoid", (apply("subtract", (a, other.args[0])),))
        return None
    inner = unwrapped(total, grown.shape)
    if inner.op not in ("sum", "mean") or inner.args[0] is not grown:
        return None
    axes = inner.params[0]
    if not math.prod(grown.shape) or not lies_along(total, grown.shape, axes):
        return None
    if len(axes) == 1:
        share = apply("softmax", (a,), axes)
    else:
        share = apply("exp", (apply("subtract", (a, apply("logsumexp", (a,), (axes, True)))),))
    count = math.prod(grown.shape[axis] for axis in axes)
    return share if inner.op == "sum" else apply("multiply", (share, count))
