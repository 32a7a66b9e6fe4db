"""Powers with a constant exponent: products, square roots and reciprocals, each computed once.

Whole exponents go by repeated squaring (D. E. Knuth, *The Art of Computer Programming*, volume 2,
section 4.6.3, algorithm A), each product a node that other powers of the same base share. With n
factors the result is off by at most n - 1 roundings: less than the rounding of the base itself
comes to, which a power magnifies n times.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from compare.lower.passes.intervals import literal
from compare.lower.passes.rewrite import rewrite
from compare.lower.passes.signs import Signs
from diffexpr import Expr, constant
from diffexpr.apply import apply

LARGEST = 16
"""The largest whole exponent that becomes a product."""

# Exponents k + 1/2 up to here are products of a square root.
_LARGEST_HALF = 3.5


def powers(outputs: Sequence[Expr], order: Sequence[Expr] | None = None) -> tuple[Expr, ...]:
    """The same outputs, with powers written as products, roots and reciprocals.

    ``x**n`` for whole n up to 16 in modulus becomes products of squares, of ``1/x`` where n is
    negative: ``1/x**n`` would be 0 where ``x**n`` overflows and ``x**-n`` has not vanished yet.
    ``x**(k + 0.5)`` is ``sqrt(x)`` or a product with it where x is known to be neither -0.0 nor
    negative infinity, of which 0 and infinity are such powers and not the roots. ``x*x`` is
    ``square(x)``. Powers 0 stay: what they give has the shape and precision of the base.

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
    >>> powers([parse("x^3 + x^-2"), parse("(1 + x^2)^-0.5"), parse("x^-0.5")])
    (square(x)*x + square(1/x), 1/sqrt(1 + square(x)), x**(-0.5))
    """
    signs = Signs()

    def rule(node: Expr) -> Expr | None:
        if node.op == "power":
            return _power(node, signs)
        if node.op == "multiply" and node.args[0] is node.args[1]:
            x = node.args[0]
            if node.dtype.kind == "f" and signs.is_floating(x):
                return apply("square", (x,))
        return None

    return rewrite(outputs, rule, order)


def _power(node: Expr, signs: Signs) -> Expr | None:
    x, exponent = node.args
    n = literal(exponent)
    # A Python number raised to a power is a NumPy number of its own precision: it stays.
    if n is None or literal(x) is not None or not signs.is_floating(x):
        return None
    if 1 <= abs(n) <= LARGEST and float(n).is_integer():
        base = x if n > 0 else apply("divide", (constant(1), x))
        return _product(base, int(abs(n)))
    if 0.5 <= abs(n) <= _LARGEST_HALF and float(2 * n).is_integer():
        return _half(x, n, signs)
    return None


def _product(x: Expr, n: int) -> Expr:
    """``x**n`` for n of at least 1."""
    made = x
    # The binary digits of n behind the first: square, and multiply where the digit is 1.
    for digit in bin(n)[3:]:
        made = apply("square", (made,))
        if digit == "1":
            made = apply("multiply", (made, x))
    return made


def _half(x: Expr, n: float, signs: Signs) -> Expr | None:
    """``x**n`` for n = k + 1/2 of both signs: no factor overflows or vanishes before the result."""
    known = signs.of(x)
    if known.minus_zero or known.low == -math.inf:
        return None
    root, k = apply("sqrt", (x,)), int(abs(n))
    if n < 0:
        root = apply("divide", (constant(1), root))
        x = apply("divide", (constant(1), x))
    # Of a negative number the root is NaN, as the power is.
    return apply("multiply", (_product(x, k), root)) if k else root
