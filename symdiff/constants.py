"""Numbers of the language as SymPy's, and back: float64 stays exact, and comes back as it was."""

from __future__ import annotations

import math
import sys
from fractions import Fraction
from typing import Any

import sympy as sp

from diffexpr import Expr, ExpressionValueError, constant, e, pi
from diffexpr.build import node
from diffexpr.expr import is_constant


def as_formula(value: Any) -> Any:
    """What a row of the table gave, a plain number included, as SymPy's."""
    return value if isinstance(value, sp.Basic) else to_number(value)


SHORT = 10**4
"""Up to this size numerator and denominator are written out: 2/3, not 0.6666666666666666."""
EXACT = 2**53
SMALL = range(1, 65)
TERMS = 3
"""Floats added to the nearest one: four hold 212 bits, 63 digits."""


def to_number(value: Any, name: str = "") -> Any:
    """A scalar constant of the language in SymPy; floats become the rationals they are.

    Examples
    --------
    >>> to_number(0.75)
    3/4
    """
    if name:
        return {"pi": sp.pi, "e": sp.E}.get(name) or sp.Rational(*value.as_integer_ratio())
    if isinstance(value, bool):
        return sp.true if value else sp.false
    if isinstance(value, int):
        return sp.Integer(value)
    if isinstance(value, complex):
        return to_number(value.real) + sp.I * to_number(value.imag)
    value = float(value)
    if math.isfinite(value):
        return sp.Rational(*value.as_integer_ratio())
    return sp.nan if math.isnan(value) else sp.oo if value > 0 else -sp.oo


def from_rational(q: Any) -> Expr:
    """A rational number of SymPy as constants: a float, a short division, or a sum of floats.

    Examples
    --------
    >>> from_rational(sp.Rational(2, 3))
    2/3
    >>> from_rational(to_number(0.1)), from_rational(3 * to_number(0.1))
    (0.1, 3*0.1)
    """
    p, d = int(q.p), int(q.q)
    if d == 1 and abs(p) < 2**63:
        return constant(p)
    if is_short(q):
        return node("divide", (constant(p), constant(d)))
    nearest = _nearest(p, d)
    if not math.isfinite(nearest) or abs(nearest) < sys.float_info.min:
        raise ExpressionValueError(
            f"a number of {max(abs(p), d).bit_length()} bits is beyond float64; scale the variables"
        )
    return constant(nearest) if is_float(q) else _composed(q)


def _composed(q: Any) -> Expr:
    """A number no float64 holds, in floats that give it to well over 50 digits."""
    for k in SMALL:
        if is_float(q / k):
            return node("multiply", (constant(k), constant(_nearest(q.p, q.q * k))))
        for whole in (k, -k):
            if is_float(q - whole):
                op = "subtract" if whole < 0 else "add"
                part = q - whole
                return node(op, (constant(_nearest(part.p, part.q)), constant(k)))
    total = constant(_nearest(q.p, q.q))
    for _ in range(TERMS):
        q = q - to_number(_nearest(q.p, q.q))
        term = _nearest(q.p, q.q)
        if not term:
            break
        total = node("add" if term > 0 else "subtract", (total, constant(abs(term))))
    return total


def is_short(q: Any) -> bool:
    """Whether a rational reads better as numerator over denominator than as a decimal."""
    longest = max(abs(int(q.p)), int(q.q))
    return longest <= SHORT or (longest <= EXACT and not is_float(q))


def is_long(value: float) -> bool:
    """Whether a float is no short fraction, as most decimals are not."""
    if not math.isfinite(value):
        return False
    p, d = value.as_integer_ratio()
    return d > SHORT or abs(p) > EXACT


def is_float(q: Any) -> bool:
    """Whether a float64 holds the rational exactly."""
    p, d = int(q.p), int(q.q)
    if d & (d - 1) or abs(p) >= 2**1024 or d >= 2**1074:
        return False
    value = _nearest(p, d)
    return math.isfinite(value) and value.as_integer_ratio() == (p, d)


def _nearest(p: Any, d: Any) -> float:
    try:
        return float(Fraction(int(p), int(d)))
    except OverflowError:
        return math.inf if p > 0 else -math.inf


NAMED: dict[Any, Expr] = {sp.pi: pi, sp.E: e}
"""SymPy's constants that the language knows by name."""


def from_constant(value: Any) -> Expr | None:
    """A number of SymPy as a constant, or None where it is none."""
    if value.is_Rational:
        return from_rational(value)
    if value in NAMED:
        return NAMED[value]
    if value.is_Float or value.is_NumberSymbol:
        return constant(float(value))
    if value in (sp.oo, -sp.oo):
        return constant(math.inf if value is sp.oo else -math.inf)
    if value is sp.nan or value is sp.zoo:
        return constant(math.nan)
    return None


def negated(x: Expr) -> Expr:
    """The negative, of a number as a number."""
    plain = x.op == "constant" and len(x.params) == 1 and not x.shape
    return constant(-x.params[0]) if plain else node("negative", (x,))


def is_zero(x: Expr) -> bool:
    """Whether a node is the constant zero."""
    return is_constant(x, 0)
