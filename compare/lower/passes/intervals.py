"""Between which numbers the result of an operation lies, from what is known of its operands.

Intervals are those of R. E. Moore, *Interval Analysis* (1966), chapter 3. The values of a scalar
symbol may arrive as float32, where 0.1 is a larger number than in float64: every bound is rounded
outward to what holds in both. NaN is outside all of this: a value that is NaN breaks no bound.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from diffexpr import Expr
from diffexpr.frozen import Frozen


def literal(node: Expr) -> float | None:
    """The real Python number that a node is, or None.

    Such a number gives way to the precision beside it; an array, even of no dimensions, does not.

    Examples
    --------
    >>> from diffexpr import constant, pi
    >>> literal(constant(2)), literal(pi), literal(constant([2.0]))
    (2, 3.141592653589793, None)
    """
    if node.op != "constant":
        return None
    value = node.params[0]
    return value if type(value) is float or type(value) is int else None


class Known(NamedTuple):
    """What is known of a value, NaN apart.

    Attributes
    ----------
    low, high : float
        It lies between these, both included.
    minus_zero : bool
        Whether it may be -0.0.
    """

    low: float = -math.inf
    high: float = math.inf
    minus_zero: bool = True

    @property
    def not_negative(self) -> bool:
        """Whether it is +0.0 or more."""
        return self.low >= 0 and not self.minus_zero

    def within(self, size: float) -> bool:
        """Whether its modulus is surely no larger."""
        return -size <= self.low and self.high <= size


Rule = Callable[[Expr, list[Known]], tuple[float, float, bool]]

# Rounding may carry a sine or a tangent a few units beyond 1; this is exact in float32 too.
_ONE = 1 + 2.0**-20
_LARGEST = 3.4028234663852886e38


def known(node: Expr, operands: list[Known]) -> Known:
    """What is known of a node, from what is known of its operands.

    Examples
    --------
    >>> from diffexpr import parse
    >>> known(parse("cosh(x)"), [Known()]).minus_zero
    False
    """
    if node.op == "constant":
        return _constant(node)
    if node.dtype.kind != "f":
        return Known()
    if node.op == "symbol" or type(node.op) is not str:
        return Known()
    rule = _RULES.get(node.op)
    if rule is None or any(arg.dtype.kind == "c" for arg in node.args):
        return Known()
    low, high, minus_zero = rule(node, operands)
    # An infinity less an infinity bounds nothing.
    low = -math.inf if math.isnan(low) else _outward(low, -1)
    high = math.inf if math.isnan(high) else _outward(high, 1)
    return Known(low, high, minus_zero)


def _constant(node: Expr) -> Known:
    value = node.params[0]
    if isinstance(value, Frozen):
        array = value.array
        if array.dtype.kind != "f" or not array.size or not np.isfinite(array).all():
            return Known()
        negative = bool(np.any((array == 0) & np.signbit(array)))
        return Known(_outward(float(array.min()), -1), _outward(float(array.max()), 1), negative)
    if type(value) is bool or type(value) is complex:
        return Known()
    number = float(value)
    if math.isnan(number):
        return Known()
    minus_zero = number <= 0 and math.copysign(1, number) < 0 and _single(number) == 0
    return Known(_outward(number, -1), _outward(number, 1), minus_zero)


def _single(x: float) -> float:
    if abs(x) > _LARGEST:
        return math.copysign(math.inf, x)
    return struct.unpack("f", struct.pack("f", x))[0]


def _outward(x: float, side: int) -> float:
    """The number, moved out to where its neighbours in float32 are within the bound as well."""
    if abs(x) > _LARGEST:
        # Overflow in float32; on the inner side the largest number stays a bound.
        return x if math.isinf(x) and x * side > 0 else _beyond(x, side)
    if _single(x) == x:
        return x
    return _beyond(x + side * (abs(x) * 2.0**-23 + 1.5e-45), side)


def _beyond(x: float, side: int) -> float:
    if x * side > _LARGEST:
        return side * math.inf
    return -side * _LARGEST if x * side < -_LARGEST else x


# the rules: low, high, whether -0.0 occurs


def _add(node: Expr, k: list[Known]) -> tuple[float, float, bool]:
    a, b = k
    return a.low + b.low, a.high + b.high, a.minus_zero and b.minus_zero


def _subtract(node: Expr, k: list[Known]) -> tuple[float, float, bool]:
    a, b = k
    zero = b.low <= 0 <= b.high
    return a.low - b.high, a.high - b.low, a.minus_zero and zero


def _product(a: float, b: float) -> float:
    # Below an infinite bound the numbers are finite: times 0 they are 0.
    return 0.0 if a == 0 or b == 0 else a * b


def _multiply(node: Expr, k: list[Known]) -> tuple[float, float, bool]:
    if node.args[0] is node.args[1]:
        return _square(node, k)
    a, b = k
    ends = [_product(x, y) for x in (a.low, a.high) for y in (b.low, b.high)]
    return min(ends), max(ends), not (a.not_negative and b.not_negative)


def _square(node: Expr, k: list[Known]) -> tuple[float, float, bool]:
    low, high = _modulus(k[0])
    return _product(low, low), _product(high, high), False


def _modulus(a: Known) -> tuple[float, float]:
    if a.low >= 0:
        return a.low, a.high
    return (-a.high if a.high <= 0 else 0.0), max(-a.low, a.high)


def _divide(node: Expr, k: list[Known]) -> tuple[float, float, bool]:
    a, b = k
    if not (a.low >= 0 and b.not_negative):
        return -math.inf, math.inf, True
    low = a.low / b.high if b.high > 0 and math.isfinite(b.high) else 0.0
    high = a.high / b.low if b.low > 0 and math.isfinite(a.high) else math.inf
    return low, high, not (a.not_negative and b.not_negative)


def _reciprocal(node: Expr, k: list[Known]) -> tuple[float, float, bool]:
    return _divide(node, [Known(1.0, 1.0, False), k[0]])


def _power(node: Expr, k: list[Known]) -> tuple[float, float, bool]:
    n = literal(node.args[1])
    if n is None or not math.isfinite(n):
        return -math.inf, math.inf, True
    # Only odd powers can be negative; of -0.0 and negative infinity, too. The power 1/2 is the
    # root in some versions of NumPy, and that of -0.0 is -0.0.
    if n % 2 != 1 and _single(float(n)) % 2 != 1:
        return 0.0, math.inf, k[0].minus_zero and _single(float(n)) == 0.5
    return (0.0, math.inf, False) if k[0].not_negative else (-math.inf, math.inf, True)


def _negative(node: Expr, k: list[Known]) -> tuple[float, float, bool]:
    (a,) = k
    return -a.high, -a.low, a.low <= 0 <= a.high


def _abs(node: Expr, k: list[Known]) -> tuple[float, float, bool]:
    return (*_modulus(k[0]), False)


def _sqrt(node: Expr, k: list[Known]) -> tuple[float, float, bool]:
    (a,) = k
    return math.sqrt(max(a.low, 0.0)), math.sqrt(max(a.high, 0.0)), a.minus_zero


def _exp(node: Expr, k: list[Known]) -> tuple[float, float, bool]:
    (a,) = k
    # A few units of rounding in float32.
    high = math.exp(min(a.high, 700.0)) * _ONE if a.high < 700 else math.inf
    return math.exp(min(a.low, 80.0)) / _ONE if a.low > -80 else 0.0, high, False


def _either(node: Expr, k: list[Known]) -> tuple[float, float, bool]:
    a, b = k[-2:]
    return min(a.low, b.low), max(a.high, b.high), a.minus_zero or b.minus_zero


def _maximum(node: Expr, k: list[Known]) -> tuple[float, float, bool]:
    a, b = k
    low = max(a.low, b.low)
    return low, max(a.high, b.high), low <= 0 and (a.minus_zero or b.minus_zero)


def _minimum(node: Expr, k: list[Known]) -> tuple[float, float, bool]:
    a, b = k
    high = min(a.high, b.high)
    return min(a.low, b.low), high, high >= 0 and (a.minus_zero or b.minus_zero)


def _between(low: float, high: float, minus_zero: bool = True) -> Rule:
    return lambda node, k: (low, high, minus_zero)


def _same(node: Expr, k: list[Known]) -> tuple[float, float, bool]:
    return k[0].low, k[0].high, k[0].minus_zero


def _total(node: Expr, k: list[Known]) -> tuple[float, float, bool]:
    (a,) = k
    return 0.0 if a.low >= 0 else -math.inf, 0.0 if a.high <= 0 else math.inf, a.minus_zero


def _all_of(node: Expr, k: list[Known]) -> tuple[float, float, bool]:
    return (
        min((a.low for a in k), default=0.0),
        max((a.high for a in k), default=0.0),
        any(a.minus_zero for a in k),
    )


_RULES: dict[str, Rule] = {
    "add": _add,
    "subtract": _subtract,
    "multiply": _multiply,
    "divide": _divide,
    "reciprocal": _reciprocal,
    "power": _power,
    "square": _square,
    "negative": _negative,
    "abs": _abs,
    "sqrt": _sqrt,
    "exp": _exp,
    "exp2": _between(0.0, math.inf, False),
    "where": _either,
    "maximum": _maximum,
    "minimum": _minimum,
    **dict.fromkeys(("sin", "cos", "tanh", "erf"), _between(-_ONE, _ONE)),
    "arctan": _between(-1.6, 1.6),
    "sigmoid": _between(0.0, _ONE, False),
    "sech": _between(0.0, _ONE, False),
    "cosh": _between(1 / _ONE, math.inf, False),
    **dict.fromkeys(("hypot", "softplus", "norm"), _between(0.0, math.inf, False)),
    "relu": _between(0.0, math.inf),
    **dict.fromkeys(
        ("transpose", "reshape", "broadcast_to", "getitem", "sort", "max", "min"), _same
    ),
    "sum": _total,
    "concatenate": _all_of,
    "stack": _all_of,
}
