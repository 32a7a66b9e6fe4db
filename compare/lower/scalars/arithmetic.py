"""One operation on numbers, in the simplest form that gives the same value.

Only what is exact, or a product in place of a small power, is done here. Nothing hides a NaN or
an infinity: ``0*x`` stays. Of the zeros, the integer 0 means that nothing is there (it is what
`scatter_add` fills up with and what Python's ``sum`` starts from) and falls away in a sum; the
float 0.0 is a summand, which turns -0.0 into 0.0.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from diffexpr import Expr, MissingRuleError, constant
from diffexpr.apply import value_of
from diffexpr.build import node
from diffexpr.expr import BOOL, FLOAT
from diffexpr.frozen import Frozen

NOTHING = constant(0)
"""The summand that is not there."""

_ARITHMETIC = frozenset({"add", "subtract", "multiply", "divide"})
_OF_TRUTHS = {
    "add": "logical_or",
    "multiply": "logical_and",
    "maximum": "logical_or",
    "minimum": "logical_and",
}
# What takes truth values as they are.
_OPEN = frozenset(
    {"less", "less_equal", "greater", "greater_equal", "equal", "not_equal", "where"}
    | {"logical_and", "logical_or", "logical_not", "astype"}
)
# A product of four factors is off by 1.5 units in the last place, and as fast as a power.
_PRODUCTS = range(-3, 5)


def number(expr: Expr) -> float | bool | None:
    """The value of a constant; None for anything else."""
    if expr.op != "constant":
        return None
    value = expr.params[0]
    if isinstance(value, Frozen):
        value = value.array.item()
    return value if isinstance(value, bool) else float(value)


def is_truth(expr: Expr) -> bool:
    """Whether a scalar is true or false, and not a number."""
    return expr.dtype == BOOL


def fits(expr: Expr) -> bool:
    """Whether a node is computed in float64 or truth values."""
    weak = expr.op == "constant" and not isinstance(expr.params[0], Frozen)
    return expr.dtype == FLOAT or is_truth(expr) or (weak and expr.dtype.kind == "i")


def simplified(op: Any, args: tuple[Expr, ...], params: tuple[Any, ...] = ()) -> Expr:
    """An operation on scalars as a node, or as the simpler one that has its value.

    Parameters
    ----------
    op : str
        An elementwise row, or ``'astype'``.
    args : tuple of Expr
        Scalars, each of them a float64 or a truth value.

    Raises
    ------
    MissingRuleError
        If the operation has another kind of result: of truth values NumPy makes small integers
        and float16.

    Examples
    --------
    >>> from diffexpr import symbol
    >>> x = symbol("x")
    >>> simplified("multiply", (constant(-1.0), simplified("power", (x, constant(2)))))
    -(x*x)
    """
    if args and op not in _OPEN and any(map(is_truth, args)):
        op, args = _of_truths(op, args)
    if op != "astype" and all(number(arg) is not None for arg in args):
        if op == "add" and NOTHING in args:
            return args[args[0] is NOTHING]
        return _folded(op, args)
    rule = _RULES.get(op)
    found = None if rule is None else rule(*args, *params)
    return node(op, args, params) if found is None else found


def _of_truths(op: Any, args: tuple[Expr, ...]) -> tuple[Any, tuple[Expr, ...]]:
    if all(map(is_truth, args)):
        if op in _OF_TRUTHS:
            return _OF_TRUTHS[op], args
        if op not in ("power", "divide"):
            raise MissingRuleError(
                f"{op!r} of truth values has no form in scalar code; multiply them by 1.0"
            )
    if op in _ARITHMETIC and not all(map(is_truth, args)):
        return op, args
    return op, tuple(as_float(arg) for arg in args)


def as_float(expr: Expr) -> Expr:
    """A truth value as 0.0 or 1.0; anything else as it is."""
    if not is_truth(expr):
        return expr
    value = number(expr)
    return node("astype", (expr,), ("float64",)) if value is None else constant(float(value))


def _folded(op: Any, args: tuple[Expr, ...]) -> Expr:
    with np.errstate(all="ignore"):
        found = np.asarray(value_of(op)(*map(number, args)))
    return constant(bool(found) if found.dtype == BOOL else float(found))


def _add(a: Expr, b: Expr) -> Expr | None:
    if a is NOTHING or _is_minus_zero(a):
        return as_float(b)
    if b is NOTHING or _is_minus_zero(b):
        return as_float(a)
    if b.op == "negative":
        return simplified("subtract", (a, b.args[0]))
    return simplified("subtract", (b, a.args[0])) if a.op == "negative" else None


def _subtract(a: Expr, b: Expr) -> Expr | None:
    if number(b) == 0 and not _is_minus_zero(b):
        return as_float(a)
    if a is NOTHING or _is_minus_zero(a):
        return simplified("negative", (as_float(b),))
    return simplified("add", (a, b.args[0])) if b.op == "negative" else None


def _multiply(a: Expr, b: Expr) -> Expr | None:
    if number(b) is not None:
        a, b = b, a
    factor = number(a)
    if factor is not None:
        if factor == 1:
            return as_float(b)
        if factor == -1:
            return simplified("negative", (as_float(b),))
        if b.op == "negative":
            return simplified("multiply", (constant(-factor), b.args[0]))
        merged = _merged(factor, b)
        return node("multiply", (a, b)) if merged is None else merged
    if a.op == "negative" and b.op == "negative":
        return simplified("multiply", (a.args[0], b.args[0]))
    if a.op == "negative":
        return simplified("negative", (simplified("multiply", (a.args[0], b)),))
    if b.op == "negative":
        return simplified("negative", (simplified("multiply", (a, b.args[0])),))
    return None


def _merged(factor: float, other: Expr) -> Expr | None:
    """``2*(100*x)`` as ``200*x``: both grow or both shrink, so neither overflows in between."""
    inner = number(other.args[0]) if other.op == "multiply" else None
    if inner is None:
        return None
    sizes, both = (abs(factor), abs(inner)), factor * inner
    grows, shrinks = min(sizes) >= 1, min(sizes) > 0 and max(sizes) <= 1
    # Rounded twice as before where neither factor is a power of two, and never more often.
    if (grows and math.isfinite(both)) or (shrinks and abs(both) > np.finfo(float).tiny):
        return simplified("multiply", (constant(both), other.args[1]))
    return None


def _divide(a: Expr, b: Expr) -> Expr | None:
    divisor, dividend = number(b), number(a)
    if divisor is not None and divisor and math.isfinite(divisor):
        if divisor == 1:
            return as_float(a)
        if abs(math.frexp(divisor)[0]) == 0.5 and 1e-300 < abs(divisor) < 1e300:
            # The reciprocal of a power of two is exact.
            return simplified("multiply", (constant(1 / divisor), a))
    if a.op == "negative" and b.op == "negative":
        return simplified("divide", (a.args[0], b.args[0]))
    if b.op == "negative":
        if dividend is not None:
            return simplified("divide", (constant(-dividend), b.args[0]))
        return simplified("negative", (simplified("divide", (a, b.args[0])),))
    if a.op == "negative":
        if divisor is not None:
            return simplified("divide", (a.args[0], constant(-divisor)))
        return simplified("negative", (simplified("divide", (a.args[0], b)),))
    return None


def _negative(a: Expr) -> Expr | None:
    if a.op == "negative":
        return a.args[0]
    factor = number(a.args[0]) if a.op in ("multiply", "divide") else None
    if factor is not None:
        return simplified(a.op, (constant(-factor), a.args[1]))
    return None


def _power(a: Expr, b: Expr) -> Expr | None:
    exponent = number(b)
    if exponent == 0.5:
        return node("sqrt", (a,))
    if exponent is None or exponent not in _PRODUCTS or not exponent:
        return None
    base = a if exponent > 0 else simplified("divide", (constant(1.0), a))
    found = base
    if abs(exponent) > 1:
        found = square = node("multiply", (base, base))
        if abs(exponent) > 2:
            found = node("multiply", (square, square if abs(exponent) == 4 else base))
    return found


def _square(a: Expr) -> Expr | None:
    return node("multiply", (a, a))


def _reciprocal(a: Expr) -> Expr | None:
    return simplified("divide", (constant(1.0), a))


def as_truth(expr: Expr) -> Expr:
    """Whether a number is not 0, NaN being true; a truth value as it is."""
    return expr if is_truth(expr) else simplified("not_equal", (expr, constant(0.0)))


def _logical(op: str) -> Callable[..., Expr | None]:
    def of_truths(*args: Expr) -> Expr | None:
        return None if all(map(is_truth, args)) else simplified(op, tuple(map(as_truth, args)))

    return of_truths


def _where(condition: Expr, a: Expr, b: Expr) -> Expr | None:
    decided = number(condition)
    if a is b:
        return a
    if is_truth(a) and is_truth(b):
        if decided is not None:
            return a if decided else b
        no = simplified("logical_not", (condition,))
        yes = simplified("logical_and", (condition, a))
        return simplified("logical_or", (yes, simplified("logical_and", (no, b))))
    if decided is not None:
        return as_float(a if decided else b)
    condition = as_truth(condition)
    if condition.op == "logical_not":
        return simplified("where", (condition.args[0], b, a))
    if condition.op == "logical_and" and not b.args:
        # One condition after the other, so that what stands under the first can wait for it.
        first, second = condition.args
        return simplified("where", (first, simplified("where", (second, a, b)), b))
    return node("where", (condition, as_float(a), as_float(b)))


def _astype(a: Expr, dtype: str) -> Expr | None:
    if dtype == "float64":
        return as_float(a)
    if dtype == "bool":
        return as_truth(a)
    raise MissingRuleError(f"scalar code computes in float64, not in {dtype}")


def _is_minus_zero(a: Expr) -> bool:
    value = number(a)
    return value == 0 and value is not False and math.copysign(1.0, value) < 0


_RULES: dict[str, Callable[..., Expr | None]] = {
    "add": _add,
    "subtract": _subtract,
    "multiply": _multiply,
    "divide": _divide,
    "negative": _negative,
    "power": _power,
    "square": _square,
    "reciprocal": _reciprocal,
    "logical_and": _logical("logical_and"),
    "logical_or": _logical("logical_or"),
    "logical_not": _logical("logical_not"),
    "where": _where,
    "astype": _astype,
}
