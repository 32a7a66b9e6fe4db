"""How large a text may be: each bound by name, so that no text can exhaust the machine."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from diffexpr.errors import BoundError
from diffexpr.expr import Expr
from diffexpr.frozen import Frozen


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of `parse`.

    Attributes
    ----------
    length : int
        Characters of text.
    nodes : int
        Names, numbers, operators and brackets.
    nesting : int
        Brackets, powers and signs inside each other.
    exponent : int
        Largest constant exponent, and largest power of ten that an expression of constants
        alone may reach (``9**9**9`` has 370 million digits).
    digits : int
        Digits of one number.
    size : int
        Elements of an array that an operation makes.

    Examples
    --------
    >>> from diffexpr import parse
    >>> parse("x^20000", limits=Limits(exponent=20_000))
    x**20000
    """

    length: int = 100_000
    nodes: int = 20_000
    nesting: int = 100
    exponent: int = 10_000
    digits: int = 400
    size: int = 10_000_000


_MEANING = {
    "length": "characters",
    "nodes": "names, numbers, operators and brackets",
    "nesting": "levels of nesting",
    "exponent": "as constant exponent, or as power of ten of a constant",
    "digits": "digits in one number",
    "size": "elements in one array",
}


def exceeded(bound: str, value: float, limit: int, place: str = "") -> NoReturn:
    """Refuse what passes a bound; the message names it, its value and how to raise it."""
    shown = f"{value:.3g}" if isinstance(value, float) else f"{value}"
    raise BoundError(
        f"{place}{shown} {_MEANING[bound]}: more than the bound {bound}={limit}; "
        f"to allow it, parse(text, limits=Limits({bound}=...))",
        bound,
        limit,
    )


class Magnitudes:
    """Sizes of the constants of one text, estimated and never computed.

    A node made of numbers by ``+ - * / **`` alone has a value, as float, and a decimal
    logarithm, which stays finite where the value does not.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._known: dict[Expr, tuple[float, float]] = {}

    def check(self, made: Expr, place: str = "") -> None:
        """Refuse a node that is, or raises something to, a constant beyond the bounds."""
        limit = self._limits.exponent
        if made.op == "power":
            exponent = self._operand(made.args[1])
            if exponent is not None and limit < abs(exponent[0]) < math.inf:
                exceeded("exponent", abs(exponent[0]), limit, place)
        found = self._size(made)
        if found is not None and made.args and limit < abs(found[1]) < math.inf:
            exceeded("exponent", abs(found[1]), limit, place)

    def _size(self, node: Expr) -> tuple[float, float] | None:
        known = self._known.get(node)
        if known is not None:
            return known
        if node.op == "constant":
            value = node.params[0]
            if isinstance(value, (Frozen, complex)):
                return None
            found = _sized(float(value))
        else:
            combine = _COMBINE.get(node.op)
            if combine is None:
                return None
            sizes = [s for s in map(self._operand, node.args) if s is not None]
            if len(sizes) != len(node.args):
                return None
            found = combine(*sizes)
        self._known[node] = found
        return found

    def _operand(self, node: Expr) -> tuple[float, float] | None:
        # Operands were measured when they were made; only constants may be new.
        return self._size(node) if node.op == "constant" else self._known.get(node)


def _sized(value: float) -> tuple[float, float]:
    return value, math.log10(abs(value)) if value else -math.inf


_Size = tuple[float, float]


def _sum(a: _Size, b: _Size) -> _Size:
    return a[0] + b[0], max(a[1], b[1]) + math.log10(2)


def _product(a: _Size, b: _Size) -> _Size:
    return a[0] * b[0], a[1] + b[1]


def _quotient(a: _Size, b: _Size) -> _Size:
    return (a[0] / b[0] if b[0] else math.inf), a[1] - b[1]


def _power(a: _Size, b: _Size) -> _Size:
    logarithm = a[1] * b[0] if math.isfinite(a[1] * b[0]) else 0.0
    try:
        return float(abs(a[0]) ** b[0]), logarithm
    except (OverflowError, ZeroDivisionError):
        return math.inf, logarithm


_COMBINE: dict[str, Callable[..., _Size]] = {
    "add": _sum,
    "subtract": _sum,
    "multiply": _product,
    "divide": _quotient,
    "power": _power,
    "negative": lambda a: (-a[0], a[1]),
}
