"""Ufuncs of NumPy and SciPy that are several operations of the language.

A derivative of theirs is a derivative of what they are made of, so they need no row. Those with a
truth value (``isnan``, ``signbit``) carry no derivative; those with two results (``divmod``,
``modf``) return a tuple.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from diffexpr.apply import apply
from diffexpr.complex_parts import absolute
from diffexpr.errors import ExpressionTypeError, ExpressionValueError
from diffexpr.operands import as_operand, float_kind, implements

COMPOSED: dict[str, Callable[..., Any]] = {}
"""By the name of the ufunc, what computes it."""

LN2 = float(np.log(2.0))
ROOT_HALF = 0.7071067811865476


def composed(function: Callable[..., Any]) -> Callable[..., Any]:
    """Enter a function as the meaning of the ufunc of its name."""
    COMPOSED[function.__name__] = function
    return function


def _op(name: str) -> Callable[..., Any]:
    return lambda *operands: apply(name, tuple(as_operand(x) for x in operands))


_less, _equal, _differ = _op("less"), _op("equal"), _op("not_equal")
_abs, _floor, _ceil, _mod, _times = (
    _op("abs"),
    _op("floor"),
    _op("ceil"),
    _op("mod"),
    _op("multiply"),
)
_both, _minus, _over, _plus = _op("logical_and"), _op("subtract"), _op("divide"), _op("add")
_negative, _round = _op("negative"), _op("round")


def _where(condition: Any, x: Any, y: Any) -> Any:
    """One of two values of one shape; a condition that is known already leaves no trace."""
    if isinstance(condition, (bool, np.bool_)):
        return as_operand(x if condition else y)
    return apply("where", (condition, as_operand(x), as_operand(y)))


def _known(x: Any) -> Any:
    """The number that an expression plainly is, or the operand itself."""
    plain = getattr(x, "op", None) == "constant" and not x.shape and len(x.params) == 1
    return x.params[0] if plain else x


# truth values


@composed
def isnan(x: Any) -> Any:
    """Whether a value is not a number: nothing else differs from itself."""
    return _differ(x, x)


@composed
def isinf(x: Any) -> Any:
    """Whether a value is infinite."""
    return _equal(absolute(as_operand(x)), np.inf)


@composed
def isfinite(x: Any) -> Any:
    """Whether a value is a finite number."""
    return _less(absolute(as_operand(x)), np.inf)


@composed
def signbit(x: Any) -> Any:
    """Whether a value has a minus sign; -0.0 has one, which arctan2 sees."""
    return _less(apply("arctan2", (as_operand(x), -1.0)), 0)


@composed
def logical_xor(a: Any, b: Any) -> Any:
    """Whether one of two values is true and the other is not."""
    return _differ(_truth(a), _truth(b))


def _truth(x: Any) -> Any:
    x = as_operand(x)
    return x if np.dtype(getattr(x, "dtype", type(x))) == np.dtype(bool) else _differ(x, 0)


# rounding, remainders, signs


@composed
def trunc(x: Any) -> Any:
    """The integer part, toward zero."""
    return _where(_less(x, 0), _ceil(x), _floor(x))


implements(np.fix)(trunc)


@composed
def floor_divide(a: Any, b: Any) -> Any:
    """The whole number of times b goes into a; ``floor(a/b)`` is one too many for 1 and 0.1."""
    whole = _round(_over(_minus(a, _mod(a, b)), b))
    return _where(_equal(_known(b), 0), _over(a, b), whole)


@composed
def divmod(a: Any, b: Any) -> tuple[Any, Any]:
    """`floor_divide` and ``mod``."""
    return floor_divide(a, b), _mod(a, b)


@composed
def fmod(a: Any, b: Any) -> Any:
    """The remainder with the sign of a; its derivative is 1 in a and ``-trunc(a/b)`` in b."""
    minus = _less(a, 0)
    size = _mod(_where(minus, _negative(a), a), _where(_less(b, 0), _negative(b), b))
    return _where(minus, _negative(size), size)


@composed
def modf(x: Any) -> tuple[Any, Any]:
    """The fractional and the integer part, both with the sign of x."""
    whole = trunc(x)
    return _minus(x, whole), whole


@composed
def copysign(x: Any, y: Any) -> Any:
    """The modulus of x with the sign of y, where no derivative passes."""
    size = _abs(x)
    return _where(signbit(y), _negative(size), size)


@composed
def ldexp(x: Any, exponent: Any) -> Any:
    """``x 2**exponent`` for whole exponents, which are constants."""
    if hasattr(exponent, "_level"):
        raise ExpressionTypeError(
            "ldexp takes constant integers for its exponent; write x * np.exp2(exponent)"
        )
    half = np.floor_divide(exponent, 2)  # 2**exponent alone may overflow
    one = float_kind(x).type(1)
    return _times(_times(x, np.ldexp(one, half)), np.ldexp(one, np.subtract(exponent, half)))


# the larger and the smaller, NaN passed over


@composed
def fmax(a: Any, b: Any) -> Any:
    """The larger of two values, or the one that is a number."""
    return _where(
        isnan(a), b, _where(isnan(b), a, apply("maximum", (as_operand(a), as_operand(b))))
    )


@composed
def fmin(a: Any, b: Any) -> Any:
    """The smaller of two values, or the one that is a number."""
    return _where(
        isnan(a), b, _where(isnan(b), a, apply("minimum", (as_operand(a), as_operand(b))))
    )


# exponentials and special functions


@composed
def logaddexp2(a: Any, b: Any) -> Any:
    """``log2(2**a + 2**b)`` without overflow."""
    return _over(apply("logaddexp", (_times(a, LN2), _times(b, LN2))), LN2)


@composed
def log_expit(x: Any) -> Any:
    """Logarithm of the logistic function."""
    return _negative(apply("softplus", (_negative(x),)))


@composed
def erfcinv(x: Any) -> Any:
    """Inverse of the complementary error function, exact where x is small."""
    return _times(-ROOT_HALF, apply("ndtri", (_times(0.5, x),)))


@composed
def entr(x: Any) -> Any:
    """``-x log(x)``, 0 at 0, where its derivative is infinite, and -inf below."""
    below = _less(x, 0)
    inside = _where(below, 1.0, x)
    return _where(below, -np.inf, _negative(apply("xlogy", (inside, inside))))


@composed
def kl_div(x: Any, y: Any) -> Any:
    """``x log(x/y) - x + y``, and infinite outside of the domain."""
    outside = apply("logical_or", (_less(x, 0), _less(y, 0)))
    gap = _where(outside, 0.0, _minus(y, x))
    return _plus(apply("rel_entr", (as_operand(x), as_operand(y))), gap)


@composed
def yn(order: Any, x: Any) -> Any:
    """Bessel function of the second kind of whole order."""
    return apply("yv", (_whole_order(order), as_operand(x)))


@composed
def kn(order: Any, x: Any) -> Any:
    """Modified Bessel function of the second kind of whole order."""
    return apply("kv", (_whole_order(order), as_operand(x)))


def _whole_order(order: Any) -> Any:
    """An integer as float64, which is what SciPy computes with for integers."""
    order = as_operand(order)
    if hasattr(order, "_level"):
        return order
    given = np.asarray(order)
    if given.dtype.kind == "f" and not np.all(given == np.round(given)):
        raise ExpressionValueError(f"yn and kn take whole orders, got {given}; yv and kv take any")
    return given.astype(float)[()] if given.dtype.kind in "iu" else order


implements(np.i0)(_op("i0"))

_ONE = ("isnan", "isinf", "isfinite", "signbit", "trunc", "log_expit", "erfcinv", "entr")
_TWO = ("logical_xor", "floor_divide", "fmod", "copysign", "fmax", "fmin", "logaddexp2", "kl_div")
IN_TEXT = {
    **{name: (COMPOSED[name], "x") for name in _ONE},
    **{name: (COMPOSED[name], "a b") for name in _TWO},
    **{name: (COMPOSED[name], "order x") for name in ("yn", "kn")},
}
"""Those that may be called in a text, each with the names of its arguments."""
