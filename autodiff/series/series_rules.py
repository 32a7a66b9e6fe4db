"""Coefficients of a truncated Taylor series, one after the other, for the arithmetic operations.

A recurrence ``rule(y, *operands)`` takes the lists of coefficients of the result and the operands
and gives a function ``step(k)``, to be called for k = 1, 2, ... in turn: coefficient ``k`` of the
result from those of the operands up to ``k`` and those of the result below ``k``. Coefficients are
divided by ``k!``. An operation that is not here goes the general way of `taylor`, which finds the
same recurrences from the derivative; these few are what most functions are made of.

A coefficient that is structurally zero is None, one that is a literal is a Python number; any
other may have fewer axes than its series, with which it broadcasts.

Method: Griewank and Walther (2008), *Evaluating Derivatives*, section 13.2 with its
tables; the recurrence of the power is Miller's formula, Knuth (1997), *The Art of
Computer Programming*, volume 2, section 4.7, equation (9).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autodiff.boxes import is_symbolic
from autodiff.literals import full, product
from diffexpr import functions
from diffexpr.apply import apply
from diffexpr.operands import plain

Coefficients = list[Any]
Step = Callable[[int], Any]
Recurrence = Callable[..., Step]
Shape = tuple[int, ...]


class Fixed(list[Any]):
    """The coefficients of a constant: its value, and None from there on."""

    __slots__ = ()


# coefficients that may be None or literal


def plus(a: Any, b: Any) -> Any:
    if a is None:
        return b
    return a if b is None else a + b


def minus(a: Any, b: Any) -> Any:
    if b is None:
        return a
    return -b if a is None else a - b


def scaled(v: Any, factor: Any) -> Any:
    """A coefficient times a number."""
    return None if v is None else product(v, factor)


def over(v: Any, k: int) -> Any:
    """A coefficient divided by a number."""
    return v if v is None or k == 1 else v / k


def factorial_times(v: Any, k: int) -> Any:
    """A Taylor coefficient times k!: the derivative."""
    for factor in _factors(k):
        v = product(v, factor)
    return v


def factorial_over(v: Any, k: int) -> Any:
    """A derivative divided by k!: the Taylor coefficient."""
    for factor in _factors(k):
        v = v / factor
    return v


def _factors(k: int) -> list[int | float]:
    """Numbers with the product k!, each within NumPy's range: 170! is the largest in a float."""
    if k <= 20:
        return [math.factorial(k)]
    return [float(math.factorial(min(k, 170))), *range(171, k + 1)]


def quotient(top: Any, bottom: Any) -> Any:
    return None if top is None else top / bottom


def is_literal(v: Any) -> bool:
    return type(v) is int or type(v) is float


def spread(v: Any, shape: Shape, like: Any) -> Any:
    """A coefficient written out, of the shape of its series and the precision of ``like``."""
    if v is None or is_literal(v):
        return full(v or 0, shape, like)
    return v if v.shape == shape else functions.broadcast_to(v, shape)


def convolve(a: Sequence[Any], b: Sequence[Any], k: int, start: int, stop: int) -> Any:
    """The sum of ``a[j] * b[k - j]`` for j from ``start`` to ``stop - 1``."""
    total = None
    for j in range(start, stop):
        p = a[j]
        if p is None:
            continue
        q = b[k - j]
        if q is None:
            continue
        term = product(p, q) if type(p) is int or type(q) is int else p * q
        total = term if total is None else total + term
    return total


def convolve_self(a: Sequence[Any], k: int, start: int) -> Any:
    """The sum of ``a[j] * a[k - j]`` for j from ``start`` to ``k - start``, half of it computed."""
    half = scaled(convolve(a, a, k, start, (k + 1) // 2), 2)
    if k % 2 or k < 2 * start or a[k // 2] is None:
        return half
    return plus(half, product(a[k // 2], a[k // 2]))


# recurrences


def _add(y: Coefficients, a: Coefficients, b: Coefficients) -> Step:
    return lambda k: plus(a[k], b[k])


def _subtract(y: Coefficients, a: Coefficients, b: Coefficients) -> Step:
    return lambda k: minus(a[k], b[k])


def _negative(y: Coefficients, x: Coefficients) -> Step:
    return lambda k: minus(None, x[k])


def _multiply(y: Coefficients, a: Coefficients, b: Coefficients) -> Step:
    if a is b:
        return _square(y, a)
    if type(a) is Fixed or type(b) is Fixed:
        return _times_constant(b, a[0]) if type(a) is Fixed else _times_constant(a, b[0])
    return lambda k: convolve(a, b, k, 0, k + 1)


def _times_constant(a: Coefficients, c: Any) -> Step:
    # A constant that is exactly 0 selects, as in forward mode: nothing passes, not even infinity.
    numbers = isinstance(c, (np.ndarray, np.generic))
    passing = c != 0 if numbers and not np.all(c) else None

    def step(k: int) -> Any:
        found = scaled(a[k], c)
        if passing is None or found is None or np.all(np.isfinite(plain(found))):
            return found
        return apply("where", (passing, found, 0))

    return step


def _square(y: Coefficients, x: Coefficients) -> Step:
    return lambda k: convolve_self(x, k, 0)


def _divide(y: Coefficients, a: Coefficients, b: Coefficients) -> Step:
    return lambda k: quotient(minus(a[k], convolve(b, y, k, 1, k + 1)), b[0])


def _reciprocal(y: Coefficients, x: Coefficients) -> Step:
    return lambda k: quotient(minus(None, convolve(x, y, k, 1, k + 1)), x[0])


def _sqrt(y: Coefficients, x: Coefficients) -> Step:
    return lambda k: quotient(minus(x[k], convolve_self(y, k, 1)), 2 * y[0])


def _where(y: Coefficients, c: Coefficients, a: Coefficients, b: Coefficients) -> Step:
    def step(k: int) -> Any:
        if a[k] is None and b[k] is None:
            return None
        pair = (spread(v, (), y[0]) if v is None or is_literal(v) else v for v in (a[k], b[k]))
        return apply("where", (c[0], *pair))

    return step


def exponential(y: Coefficients, w: Coefficients) -> Step:
    """``y = exp(w)`` from ``y' = y w'``, whatever formula gave the value of y."""
    slopes: Coefficients = [None]

    def step(k: int) -> Any:
        slopes.append(scaled(w[k], k))
        return over(convolve(slopes, y, k, 1, k + 1), k)

    return step


def _log(y: Coefficients, x: Coefficients) -> Step:
    slopes: Coefficients = [None]
    first = x[0]
    if not is_symbolic(first) and np.any(np.isnan(plain(y[0]))):  # no real logarithm, no slope
        first = apply("where", (np.isnan(plain(y[0])), np.nan, first))

    def step(k: int) -> Any:
        known = over(convolve(slopes, x, k, 1, k), k)
        found = quotient(minus(x[k], known), first)
        slopes.append(scaled(found, k))
        return found

    return step


def _wave(other: str, up: int, down: int) -> Recurrence:
    """``y' = up * z x'`` and ``z' = down * y x'``, where z is the function ``other`` of x."""

    def recurrence(y: Coefficients, x: Coefficients) -> Step:
        z, slopes = [apply(other, (x[0],))], [None]

        def step(k: int) -> Any:
            slopes.append(scaled(x[k], k))
            found = scaled(over(convolve(slopes, z, k, 1, k + 1), k), up)
            z.append(scaled(over(convolve(slopes, y, k, 1, k + 1), k), down))
            return found

        return step

    return recurrence


def _real_power(y: Coefficients, x: Coefficients, r: Coefficients) -> Step:
    """``x**r`` for a constant r, from ``x y' = r x' y``; x must not be 0."""

    def step(k: int) -> Any:
        total = None
        for j in range(1, k + 1):
            if x[j] is not None and y[k - j] is not None:
                total = plus(total, product(x[j], ((r[0] + 1) * j - k) * y[k - j]))
        return quotient(total, k * x[0])

    return step


RECURRENCES: dict[str, Recurrence] = {
    "add": _add, "subtract": _subtract, "negative": _negative, "multiply": _multiply,
    "square": _square, "divide": _divide, "reciprocal": _reciprocal, "sqrt": _sqrt,
    "where": _where, "exp": exponential, "log": _log, "sin": _wave("cos", 1, -1),
    "cos": _wave("sin", -1, 1), "sinh": _wave("cosh", 1, 1), "cosh": _wave("sinh", 1, 1),
}  # fmt: skip
"""The recurrence of an operation, by its name."""


# powers


def recurrence_of_power(x: Any, r: Any, active: Sequence[bool]) -> tuple[Recurrence, Any] | None:
    """A recurrence for ``x**r`` with the series it takes.

    None where a recurrence would divide by x = 0, for there the partials know what holds; and for
    expressions, which may become 0.
    """
    if not active[0] or is_symbolic(x) or is_symbolic(r) or not np.all(plain(x)):
        return None
    return (exponential, (r * np.log(x),)) if active[1] else (_real_power, (x, r))
