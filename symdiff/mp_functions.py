"""SymPy's functions of real numbers as mpmath computes them: nan outside the reals, never complex.

Infinities are those of IEEE 754 arithmetic. A result too large for mpmath to form is an infinity
or a zero.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import sympy as sp
from mpmath.libmp.libhyper import NoConvergence

from diffexpr import MissingRuleError

HUGE_BITS = 64
"""exp of a number beyond 2**64 is taken as infinite: its exponent would not fit in memory."""


class Reals:
    """The real functions of one mpmath context.

    Attributes
    ----------
    context : mpmath context
        Whose precision every function works in.
    table : dict
        SymPy class to function.
    doubt : bool
        Set where numbers cancelled to nothing or compared equal: a lost digit may have decided it.
    """

    def __init__(self, context: Any) -> None:
        self.context = context
        self.nan, self.inf = context.nan, context.inf
        self.zero, self.one = context.mpf(0), context.mpf(1)
        self.doubt = False
        self.table: dict[Any, Callable[..., Any]] = {
            sp.exp: self.exp, sp.log: self.log,
            sp.Abs: abs, sp.sign: context.sign,
            sp.floor: context.floor, sp.ceiling: context.ceil,
            sp.Max: self.largest, sp.Min: self.smallest,
            sp.Heaviside: self.heaviside,
            sp.gamma: self.gamma, sp.loggamma: self.loggamma,
            sp.polygamma: self.guarded(lambda n, x: context.polygamma(int(n), x)),
            sp.erfinv: self.erfinv, sp.besseli: self.guarded(self.besseli),
            sp.lowergamma: self.guarded(lambda a, x: context.gammainc(a, 0, x)),
            sp.uppergamma: self.guarded(lambda a, x: context.gammainc(a, x)),
            sp.betainc_regularized: self.guarded(
                lambda a, b, low, high: context.betainc(a, b, low, high, regularized=True)),
        }  # fmt: skip
        for kind, name in (
            (sp.asin, "asin"), (sp.acos, "acos"), (sp.atan, "atan"), (sp.atan2, "atan2"),
            (sp.asec, "asec"), (sp.acsc, "acsc"), (sp.acot, "acot"),
            (sp.sinh, "sinh"), (sp.cosh, "cosh"), (sp.tanh, "tanh"),
            (sp.sech, "sech"), (sp.csch, "csch"), (sp.coth, "coth"),
            (sp.asinh, "asinh"), (sp.acosh, "acosh"), (sp.atanh, "atanh"),
            (sp.asech, "asech"), (sp.acsch, "acsch"), (sp.acoth, "acoth"),
            (sp.sin, "sin"), (sp.cos, "cos"), (sp.tan, "tan"),
            (sp.sec, "sec"), (sp.csc, "csc"), (sp.cot, "cot"),
            (sp.erf, "erf"), (sp.erfc, "erfc"), (sp.erfi, "erfi"), (sp.beta, "beta"),
            (sp.Ei, "ei"), (sp.expint, "expint"),
            (sp.besselj, "besselj"), (sp.bessely, "bessely"),
            (sp.besselk, "besselk"),
        ):  # fmt: skip
            self.table[kind] = self.guarded(getattr(context, name))
        for kind, relation in RELATIONS.items():
            self.table[kind] = self.compare(relation)
        self.table[sp.And] = lambda *args: all(args)
        self.table[sp.Or] = lambda *args: any(args)
        self.table[sp.Not] = operator.not_

    def function(self, kind: Any) -> Callable[..., Any]:
        """The function of a SymPy class."""
        found = self.table.get(kind)
        if found is None:
            raise MissingRuleError(
                f"{kind.__name__} of SymPy has no value here; use the functions of the language"
            )
        return found

    def guarded(self, f: Callable[..., Any]) -> Callable[..., Any]:
        """A function of mpmath with nan for what is complex, undefined or beyond computing."""
        real, nan = self.context.mpf, self.nan

        def value(*args: Any) -> Any:
            for x in args:
                if x != x or _magnitude(x) > 2**17:
                    return nan if x != x else self.far(f, args)
            try:
                found = f(*args)
            except (ValueError, ZeroDivisionError, OverflowError, NoConvergence):
                return nan
            if type(found) is not real:
                return nan
            if not found and any(args):
                self.doubt = True
            return found

        return value

    def far(self, f: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        """The value at an argument beyond 2**131072: that at infinity, where there is one."""
        limits = [self.context.sign(x) * self.inf if _magnitude(x) > 2**17 else x for x in args]
        try:
            found = f(*limits)
        except (ValueError, ZeroDivisionError, OverflowError, NoConvergence):
            return self.nan
        return found if type(found) is self.context.mpf else self.nan

    def add(self, a: Any, b: Any) -> Any:
        found = a + b
        if not found and a:
            self.doubt = True
        return found

    def multiply(self, a: Any, b: Any) -> Any:
        return a * b

    def divide(self, a: Any, b: Any) -> Any:
        if b:
            return a / b
        return self.nan if not a or a != a else self.inf * self.context.sign(a)

    def reciprocal(self, a: Any) -> Any:
        return self.one / a if a else self.inf

    def sqrt(self, x: Any) -> Any:
        return self.context.sqrt(x) if x >= 0 else self.nan

    def exp(self, x: Any) -> Any:
        if _magnitude(x) > HUGE_BITS:
            return self.inf if x > 0 else self.zero
        return self.context.exp(x)

    def log(self, x: Any) -> Any:
        if x > 0:
            self.doubt = self.doubt or x == 1
            return self.context.ln(x)
        return -self.inf if x == 0 else self.nan

    def power(self, a: Any, b: Any) -> Any:
        """``a**b`` by IEEE 754: 0 to a negative power is infinite."""
        if a != a or b != b:
            return self.nan
        whole = self.context.isint(b)
        if a == 0:
            return self.one if b == 0 else self.zero if b > 0 else self.inf
        if abs(a) == self.inf or abs(b) == self.inf:
            return self._unbounded(a, b)
        if a < 0 and not whole:
            return self.nan
        self.doubt = self.doubt or a == 1
        if _magnitude(b) + max(_magnitude(_exponent(a)), 0) > HUGE_BITS:
            large = (abs(a) > 1) == (b > 0)
            return self.one if abs(a) == 1 else self.inf if large else self.zero
        return a ** int(b) if whole else a**b

    def _unbounded(self, a: Any, b: Any) -> Any:
        if abs(b) == self.inf:
            if abs(a) == 1:
                return self.one
            return self.inf if (abs(a) > 1) == (b > 0) else self.zero
        if b == 0:
            return self.one
        size = self.inf if b > 0 else self.zero
        odd = self.context.isint(b) and int(b) % 2 == 1
        return -size if a < 0 and odd else size

    def largest(self, *args: Any) -> Any:
        return self.nan if any(x != x for x in args) else max(args)

    def smallest(self, *args: Any) -> Any:
        return self.nan if any(x != x for x in args) else min(args)

    def heaviside(self, x: Any, middle: Any) -> Any:
        if x != x:
            return x
        return middle if x == 0 else self.one if x > 0 else self.zero

    def gamma(self, x: Any) -> Any:
        if x == self.inf or _magnitude(x) > HUGE_BITS:
            return self.inf if x > 0 else self.nan
        return self.inf if x == 0 else self.guarded(self.context.gamma)(x)

    def loggamma(self, x: Any) -> Any:
        if x <= 0 and self.context.isint(x):
            return self.inf
        # scipy.special.loggamma of a negative real is nan, as the logarithm of a negative is.
        return self.guarded(self.context.loggamma)(x)

    def erfinv(self, x: Any) -> Any:
        # A number just below 1 may have been rounded to it.
        self.doubt = self.doubt or abs(x) == 1
        return self.guarded(self.context.erfinv)(x)

    def besseli(self, n: Any, x: Any) -> Any:
        # I_{-n} is I_n for whole n, which mpmath takes through the complex numbers below 0.
        return self.context.besseli(abs(n) if self.context.isint(n) else n, x)

    def compare(self, relation: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
        """A comparison; where both sides are equal, only as far as the digits go."""

        def value(a: Any, b: Any) -> bool:
            if a == b:
                self.doubt = True
            return relation(a, b)

        return value


RELATIONS: dict[Any, Callable[[Any, Any], bool]] = {
    sp.StrictLessThan: operator.lt,
    sp.LessThan: operator.le,
    sp.StrictGreaterThan: operator.gt,
    sp.GreaterThan: operator.ge,
    sp.Equality: operator.eq,
    sp.Unequality: operator.ne,
}
"""Comparisons by SymPy class."""


def _exponent(x: Any) -> int:
    """The binary exponent: the x of 2**x that bounds the number."""
    _, mantissa, exponent, bits = x._mpf_
    return exponent + bits if mantissa else 0


def _magnitude(x: Any) -> int:
    """Bits before the point; of an infinity or nan, none."""
    if isinstance(x, int):
        return x.bit_length()
    _, mantissa, exponent, bits = x._mpf_
    return exponent + bits if mantissa else 0
