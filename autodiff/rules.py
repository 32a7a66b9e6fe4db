"""The table of local partials: one scalar partial per argument of every elementwise primitive.

A partial takes ``y``, the value already computed, and the arguments, and is written in the
language itself, so that it runs on numbers, arrays, expressions and boxed values and can be
differentiated again. Forward and reverse both read it, at call time, as ``PARTIALS[name]``.

Three shorthands keep derivative graphs free of noise. An ``int`` 1, -1 or 0 is a literal: the
derivative passes, is negated, or is absent. A truth value selects: the derivative passes where it
holds. ``None`` stands for an argument that carries no derivative; one whose derivative exists but
has no closed form has a `Refused`, which raises when it is asked for.

The formulas are those of Abramowitz and Stegun, *Handbook of Mathematical Functions* (1964),
chapters 3 to 7, rearranged where the textbook form would cancel or overflow: ``1 - tanh(x)**2``
has no digits left at x = 20, ``sech(x)**2`` has all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import autodiff.operations.special_primitive_rules  # noqa: F401  (gives them their rules)
from autodiff.literals import bare, is_truth
from autodiff.operations.special_rules import SPECIAL
from autodiff.refused import Refused
from diffexpr.apply import apply
from diffexpr.expr import Expr
from diffexpr.values import GELU_CUBIC, SELU_ALPHA, SELU_SCALE

Partial = Callable[..., Any]

PARTIALS: dict[str, tuple[Partial | None, ...]] = {}
"""The partials of each primitive, one per argument, by its name."""

SELECTIONS = frozenset(("where", "maximum", "minimum", "clip", "relu", "hardtanh", "heaviside"))
"""Primitives that choose: where a partial is 0 or false, nothing passes, not even NaN."""


def is_differentiable(name: str, position: int) -> bool:
    """Whether an argument of a primitive has a partial derivative that can be computed."""
    rule = PARTIALS[name][position]
    return rule is not None and not isinstance(rule, Refused)


def known(row: tuple[Partial | None, ...] | None) -> tuple[Partial | None, ...] | None:
    """A row with None in the place of what would refuse, for an estimate of errors."""
    return row and tuple(None if isinstance(rule, Refused) else rule for rule in row)


def partials(name: str, *rules: Partial | None) -> None:
    """Enter the partials of one primitive."""
    PARTIALS[name] = rules


def one(y: Any, *args: Any) -> int:
    return 1


def minus_one(y: Any, *args: Any) -> int:
    return -1


def zero(y: Any, *args: Any) -> int:
    return 0


LN2, LN10 = float(np.log(2.0)), float(np.log(10.0))
ONE_OVER_ROOT_TWO_PI = float(1 / np.sqrt(2 * np.pi))
ROOT_TWO_OVER_PI = float(np.sqrt(2 / np.pi))


def _op(name: str) -> Callable[..., Any]:
    return lambda *operands: apply(name, operands)


where, equal, greater = _op("where"), _op("equal"), _op("greater")
less, minimum, maximum, heaviside = _op("less"), _op("minimum"), _op("maximum"), _op("heaviside")
sec, cot, sech, csch, coth = _op("sec"), _op("cot"), _op("sech"), _op("csch"), _op("coth")
erfc, sigmoid, softplus = _op("erfc"), _op("sigmoid"), _op("softplus")


def literal(x: Any) -> Any:
    """The number that ``x`` plainly is, or None: not an array, and not something that varies."""
    if type(x) is Expr and x.op == "constant" and not x.shape:
        x = x.params[0]
    return x if isinstance(x, (int, float, np.floating)) else None


def _is_complex(x: Any) -> bool:
    return np.dtype(getattr(x, "dtype", float)).kind == "c"


# arithmetic


def power_base(y: Any, x: Any, exponent: Any) -> Any:
    n = literal(exponent)
    if n is None:
        # x**0 is 1 everywhere, 0**0 included; 0 * 0**-1 would be NaN.
        flat = equal(exponent, 0)
        return where(flat, 0, exponent * x ** (where(flat, 1, exponent) - 1))
    if n == 2:
        return 2 * x
    if n in (0, 1):
        return int(n)
    return -(x**-2) if n == -1 else n * x ** (n - 1)


def power_exponent(y: Any, x: Any, exponent: Any) -> Any:
    n = literal(x)
    if n is not None and n != 0:
        return y if _is_e(x) else y * np.log(x)
    # 0**y is 0 for y > 0, and stays so; log(0) would make it NaN. At y = 0 it falls from 1 to 0.
    stays = apply("logical_and", (equal(x, 0), apply("not_equal", (exponent, 0))))
    return y * np.log(where(stays, 1, x))


def _is_e(x: Any) -> bool:
    return type(x) is Expr and x.params[1:] == ("e",)


partials("add", one, one)
partials("subtract", one, minus_one)
partials("multiply", lambda y, a, b: b, lambda y, a, b: a)
partials("divide", lambda y, a, b: 1 / b, lambda y, a, b: -y / b)
partials("power", power_base, power_exponent)
partials("negative", minus_one)
partials("square", lambda y, x: 2 * x)
partials("reciprocal", lambda y, x: -y * y)
partials("sqrt", lambda y, x: 0.5 / y)
partials("cbrt", lambda y, x: 1 / (3 * y * y))
partials("mod", one, lambda y, a, b: -np.floor(a / b))


# pieces and selections


def above(a: Any, b: Any) -> Any:
    """The share of a in maximum(a, b): 1, 0, or 1/2 where they tie; NaN where one is NaN."""
    x, y = bare(a), bare(b)
    if isinstance(x, _NUMBERS) and isinstance(y, _NUMBERS):
        return _share(x, y)
    return where(greater(a, b), 1, where(less(a, b), 0, 0.5))


_NUMBERS = (np.ndarray, np.generic, int, float)


def _share(x: Any, y: Any) -> Any:
    """The same of numbers, in few passes over large arrays."""
    ties = np.equal(x, y)
    kind = np.result_type(x, y, np.float16)
    share = np.greater(x, y).astype(kind)
    if ties.any():
        share = share + kind.type(0.5) * ties
    if np.isnan(np.sum(x)) or np.isnan(np.sum(y)):  # or infinities of both signs: no harm
        share = np.where(np.isnan(x) | np.isnan(y), np.nan, share).astype(kind)
    return share[()]


def from_below(x: Any, low: float, p: Any) -> Any:
    """A partial, but NaN where ``x`` lies below the domain; `defined`, without the value."""
    at = bare(x)
    if not isinstance(at, (np.ndarray, np.generic)) or at.dtype.kind == "c":
        return p
    outside = np.less(at, low)
    return p * np.where(outside, np.nan, 1) if np.any(outside) else p


def defined(y: Any, p: Any) -> Any:
    """A partial, but NaN where the value is: outside its domain a function has no slope either.

    Only numbers are looked at, so that graphs stay as they are in the textbook.
    """
    value = bare(y)
    if not isinstance(value, (np.ndarray, np.generic)) or not np.isnan(np.sum(value)):
        return p
    return p * np.where(np.isnan(value), np.nan, 1)  # a factor: its derivatives are NaN, too


def truth(c: Any) -> Any:
    """A condition as a truth value, for ``where`` takes any number."""
    return c if is_truth(c) else apply("not_equal", (c, 0))


partials("abs", lambda y, x: np.sign(x))
partials("sign", zero)
partials("floor", zero)
partials("ceil", zero)
partials("round", zero)
partials("heaviside", zero, lambda y, x, h: equal(x, 0))
partials("maximum", lambda y, a, b: above(a, b), lambda y, a, b: above(b, a))
partials("minimum", lambda y, a, b: above(b, a), lambda y, a, b: above(a, b))
partials("where", None, lambda y, c, a, b: truth(c), lambda y, c, a, b: apply("logical_not", (c,)))
partials(
    "clip",  # minimum(maximum(x, low), high)
    lambda y, x, low, high: above(x, low) * above(high, maximum(x, low)),
    lambda y, x, low, high: above(low, x) * above(high, maximum(x, low)),
    lambda y, x, low, high: above(maximum(x, low), high),
)

# exponentials and logarithms

partials("exp", lambda y, x: y)
partials("exp2", lambda y, x: y * LN2)
partials("expm1", lambda y, x: np.exp(x))
partials("log", lambda y, x: from_below(x, 0, 1 / x))
partials("log2", lambda y, x: from_below(x, 0, 1 / (x * LN2)))
partials("log10", lambda y, x: from_below(x, 0, 1 / (x * LN10)))
partials("log1p", lambda y, x: from_below(x, -1, 1 / (1 + x)))
partials("logaddexp", lambda y, a, b: sigmoid(a - b), lambda y, a, b: sigmoid(b - a))

# trigonometry


def sinc_slope(y: Any, x: Any) -> Any:
    # (cos(pi x) - sinc x)/x cancels near 0; below |pi x| = 1/2 eight terms of Taylor's series
    # are exact to rounding, their derivatives too.
    near = less(abs(x), 0.16)
    z = np.pi * where(near, x, 0)
    square = z * z
    series = _SINC[8]
    for k in range(7, 0, -1):
        series = _SINC[k] + square * series
    return where(near, np.pi * z * series, (np.cos(np.pi * x) - y) / where(near, 1, x))


def _taylor_of_sinc() -> dict[int, float]:
    """Coefficients of d/dz sin(z)/z = z * sum of c_k z**(2k - 2), k from 1."""
    found, factorial = {}, 1.0
    for k in range(1, 9):
        factorial *= 2 * k * (2 * k + 1)
        found[k] = (-1) ** k * 2 * k / factorial
    return found


_SINC = _taylor_of_sinc()


def unit(part: Any, other: Any, length: Any) -> Any:
    """part/length, and 0 where the length is 0: the gradient that hypot and norm take there.

    There the zero is written as a length, which has no derivative of its own at 0: neither has
    the gradient.
    """
    flat = equal(length, 0)
    if isinstance(flat, (np.ndarray, np.generic)) and not np.any(flat):
        return part / length
    return where(flat, np.sqrt(part * part + other * other), part / where(flat, 1, length))


def hypot_partial(y: Any, part: Any, other: Any) -> Any:
    return part / y if literal(other) else unit(part, other, y)


def asinh_slope(y: Any, x: Any) -> Any:
    return 1 / np.sqrt(1 + x * x) if _is_complex(x) else 1 / np.hypot(1, x)


def acsch_slope(y: Any, x: Any) -> Any:
    if _is_complex(x):
        return -1 / (x * x * np.sqrt(1 + 1 / (x * x)))
    return -1 / (abs(x) * np.hypot(1, x))


def asec_slope(y: Any, x: Any) -> Any:
    # 1/(|x| sqrt(x**2 - 1)) without the modulus, which is not holomorphic.
    return 1 / (x * x * np.sqrt((x - 1) / x * ((x + 1) / x)))


partials("sin", lambda y, x: np.cos(x))
partials("cos", lambda y, x: -np.sin(x))
partials("tan", lambda y, x: 1 + y * y)
partials("sec", lambda y, x: y * np.tan(x))
partials("csc", lambda y, x: -y * cot(x))
partials("cot", lambda y, x: -(1 + y * y))
partials("arcsin", lambda y, x: 1 / np.sqrt((1 - x) * (1 + x)))
partials("arccos", lambda y, x: -1 / np.sqrt((1 - x) * (1 + x)))
partials("arctan", lambda y, x: 1 / (1 + x * x))
partials(
    "arctan2",
    lambda y, a, b: b / np.hypot(a, b) / np.hypot(a, b),
    lambda y, a, b: -a / np.hypot(a, b) / np.hypot(a, b),
)
partials("arcsec", asec_slope)
partials("arccsc", lambda y, x: -asec_slope(y, x))
partials("arccot", lambda y, x: -1 / (1 + x * x))
partials("sinc", sinc_slope)
partials("hypot", lambda y, a, b: hypot_partial(y, a, b), lambda y, a, b: hypot_partial(y, b, a))

# hyperbolic functions

partials("sinh", lambda y, x: np.cosh(x))
partials("cosh", lambda y, x: np.sinh(x))
partials("tanh", lambda y, x: sech(x) ** 2)
partials("sech", lambda y, x: -y * np.tanh(x))
partials("csch", lambda y, x: -y * coth(x))
partials("coth", lambda y, x: -(csch(x) ** 2))
partials("arcsinh", asinh_slope)
partials("arccosh", lambda y, x: 1 / (np.sqrt(x - 1) * np.sqrt(x + 1)))
partials("arctanh", lambda y, x: defined(y, 1 / ((1 - x) * (1 + x))))
partials("arcsech", lambda y, x: -1 / (x * np.sqrt((1 - x) * (1 + x))))
partials("arccsch", acsch_slope)
partials("arccoth", lambda y, x: 1 / ((1 - x) * (1 + x)))

# special functions

PARTIALS.update(SPECIAL)

REFUSED = {
    name: tuple(i for i, rule in enumerate(row) if isinstance(rule, Refused))
    for name, row in SPECIAL.items()
    if any(isinstance(rule, Refused) for rule in row)
}
"""By primitive, the positions of the arguments whose partial has no closed form."""

# activations


def silu_slope(y: Any, x: Any) -> Any:
    return sigmoid(x) * (1 + x * sigmoid(-x))


def gelu_slope(y: Any, x: Any) -> Any:
    normal = 0.5 * erfc(-np.sqrt(0.5) * x)
    return normal + x * (ONE_OVER_ROOT_TWO_PI * np.exp(-0.5 * x * x))


def gelu_tanh_slope(y: Any, x: Any) -> Any:
    u = 2 * ROOT_TWO_OVER_PI * (x + GELU_CUBIC * x * (x * x))
    slope = 2 * ROOT_TWO_OVER_PI * (1 + 3 * GELU_CUBIC * (x * x))
    return sigmoid(u) * (1 + x * sigmoid(-u) * slope)


def mish_slope(y: Any, x: Any) -> Any:
    s = softplus(x)
    return np.tanh(s) + x * sech(s) ** 2 * sigmoid(x)


partials("relu", lambda y, x: greater(x, 0))
partials(
    "leaky_relu",
    lambda y, x, slope: where(greater(x, 0), 1, slope),
    lambda y, x, slope: minimum(x, 0),
)
partials(
    "elu",
    lambda y, x, alpha: where(greater(x, 0), 1, alpha * np.exp(where(greater(x, 0), 0, x))),
    lambda y, x, alpha: np.expm1(where(greater(x, 0), 0, x)),
)
partials(
    "selu",
    lambda y, x: (
        SELU_SCALE * where(greater(x, 0), 1, SELU_ALPHA * np.exp(where(greater(x, 0), 0, x)))
    ),
)
partials("softplus", lambda y, x: sigmoid(x))
partials("sigmoid", lambda y, x: y * sigmoid(-x))
partials("logit", lambda y, x: defined(y, 1 / (x * (1 - x))))
partials("silu", silu_slope)
partials("gelu", gelu_slope)
partials("gelu_tanh", gelu_tanh_slope)
partials("mish", mish_slope)
partials("hardtanh", lambda y, x: less(abs(x), 1))
partials("softsign", lambda y, x: 1 / (1 + abs(x)) ** 2)
