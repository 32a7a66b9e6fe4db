"""Series made of products of series, where a recurrence would divide by 0 or by too little."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autodiff.boxes import Box, is_symbolic
from autodiff.literals import float_kind
from diffexpr.apply import apply
from diffexpr.expr import Expr
from diffexpr.operands import plain

INTEGER_POWERS = 64
"""Integer powers up to this one are products, which are right at 0 and near it as well."""


def whole_power(x: Any, r: Any, order: int) -> Any:
    """``x**r`` by products, if all the exponents are whole numbers and not too large; or None."""
    exponents = None if is_symbolic(x) else small_integers(r, max(order, INTEGER_POWERS))
    return None if exponents is None else integer_power(x, exponents)


def small_integers(r: Any, largest: int) -> Any:
    """The exponents as integers, if all of them are whole numbers from 0 to ``largest``."""
    if isinstance(r, (Box, Expr)):
        return None
    values = np.asarray(r)
    if values.dtype.kind not in "fiu" or not np.all((values >= 0) & (values <= largest)):
        return None
    whole = values.astype(np.int64)
    return whole if np.array_equal(whole, values) else None


def integer_power(x: Any, exponents: Any) -> Any:
    """``x**n`` by repeated squaring: no division, so that x may be 0.

    Knuth (1997), *The Art of Computer Programming*, volume 2, section 4.6.3, algorithm A.
    """
    result: Any = None
    while True:
        bits = exponents % 2 == 1
        if bits.any():
            factor = x if bits.all() else apply("where", (bits, x, 1))
            result = factor if result is None else result * factor
        exponents = exponents // 2
        if not exponents.any():
            return np.ones(x.shape, float_kind(x))[()] if result is None else result
        x = apply("square", (x,))


# sinc


def sinc(x: Any, order: int) -> Any:
    """``sin(z)/z`` with ``z = pi x``, right at 0 and near it to every order; or None.

    The quotient loses a factor of about ``k! / |z|**k`` in coefficient k. Where that would tell,
    the power series of sin(z)/z in z**2 is summed, at the cost of some more products; expressions,
    which may take any value, are left to the partials.
    """
    if is_symbolic(x):
        return None
    reach = max(1.0, order / 3)
    z = np.pi * x
    near = np.abs(plain(z)) < reach
    quotients = None
    if not np.all(near):
        away = apply("where", (near, 1, z))
        quotients = apply("sin", (away,)) / away
        if not np.any(near):
            return quotients
    w = apply("square", (apply("where", (near, z, 0)),))
    last = math.ceil(order / 2 + reach) + 15
    total: Any = 1.0
    for m in range(last, 0, -1):
        total = 1 - w * total / (2 * m * (2 * m + 1))
    return total if quotients is None else apply("where", (near, total, quotients))
