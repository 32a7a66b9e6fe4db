"""Selections between numbers as products with truth values, which do not branch.

``np.where`` and masked copies branch at each element. Where the truth values follow no pattern
the processor guesses every second one wrong: 3.5 nanoseconds an element, where the product takes
0.5 (float64, 32,768 elements). The derivatives of ``relu`` and ``abs`` are such selections.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from compare.lower.passes.intervals import literal
from compare.lower.passes.rewrite import rewrite
from diffexpr import Expr, constant
from diffexpr.apply import apply

LEAST = 4096
"""Elements from which selections are worth replacing."""


def unbranched(outputs: Sequence[Expr]) -> tuple[Expr, ...]:
    """The same outputs, with selections from two or three numbers written as products.

    =====================================  ==========================
    written                                becomes
    =====================================  ==========================
    where(c, 2.0, 0.0)                     c*2.0
    where(c, 0.0, 2.0)                     logical_not(c)*2.0
    where(c, 2.0, m), m from 0 to 2        maximum(c*2.0, m)
    where(c, m, 2.0), m from 0 to 2        maximum(logical_not(c)*2.0, m)
    =====================================  ==========================

    ``m`` is such a product or maximum itself, and never NaN. Only of arrays of float64, large
    enough to be worth it; exact.

    Parameters
    ----------
    outputs : sequence of Expr

    Returns
    -------
    tuple of Expr

    Examples
    --------
    >>> import numpy as np
    >>> from diffexpr import symbol
    >>> x = symbol("x", (9000,))
    >>> unbranched([np.where(x > 0, 1.0, np.where(x < 0, 0.0, 0.5))])
    (maximum((x > 0)*1.0, ~(x < 0)*0.5),)
    """
    largest: dict[Expr, float] = {}

    def rule(node: Expr) -> Expr | None:
        if node.op != "where" or math.prod(node.shape) < LEAST or node.dtype != float:
            return None
        condition, chosen, other = node.args
        if condition.dtype.kind != "b" or condition.shape != node.shape:
            return None
        for truth, number, rest in ((True, chosen, other), (False, other, chosen)):
            top = literal(number)
            if top is None or not 0 < top < math.inf:
                continue
            holds = condition if truth else apply("logical_not", (condition,))
            found = apply("multiply", (holds, constant(float(top))))
            if largest.get(rest, math.inf) <= top:
                found = apply("maximum", (found, rest))
            elif not _is_plus_zero(rest):
                continue
            if found.shape == node.shape and found.dtype == node.dtype:
                largest[found] = top
                return found
        return None

    return rewrite(outputs, rule)


def _is_plus_zero(node: Expr) -> bool:
    value = literal(node)
    return value == 0 and math.copysign(1.0, value) > 0
