"""The special functions of the language, by SciPy's names, on operands of any kind.

Their values come from SciPy (the extra ``special``), which is loaded when one is first needed.

Examples
--------
>>> from diffexpr import special, symbol
>>> special.j0(symbol("x")), round(float(special.j0(1.0)), 10)
(j0(x), 0.7651976866)
"""

from __future__ import annotations

from typing import Any

from diffexpr.apply import apply
from diffexpr.compositions import entr, erfcinv, kl_div, log_expit
from diffexpr.elementwise import beta, digamma, erf, erfc, erfi, gamma, loggamma, logit, polygamma
from diffexpr.elementwise import sigmoid as expit
from diffexpr.operands import as_operand

__all__ = [
    "beta",
    "betainc",
    "betaincc",
    "betaln",
    "digamma",
    "entr",
    "erf",
    "erfc",
    "erfcinv",
    "erfcx",
    "erfi",
    "erfinv",
    "exp1",
    "expi",
    "expit",
    "gamma",
    "gammainc",
    "gammaincc",
    "gammaln",
    "i0",
    "i0e",
    "i1",
    "i1e",
    "iv",
    "ive",
    "j0",
    "j1",
    "jv",
    "k0",
    "k1",
    "kl_div",
    "kv",
    "log_expit",
    "log_ndtr",
    "loggamma",
    "logit",
    "ndtr",
    "ndtri",
    "polygamma",
    "rel_entr",
    "stdtr",
    "xlog1py",
    "xlogy",
    "y0",
    "y1",
    "yv",
]


def _elementwise(op: str, *operands: Any) -> Any:
    return apply(op, tuple(as_operand(x) for x in operands))


def erfcx(x: Any) -> Any:
    """Scaled complementary error function, ``exp(x**2) erfc(x)``."""
    return _elementwise("erfcx", x)


def erfinv(x: Any) -> Any:
    """Inverse of `erf`."""
    return _elementwise("erfinv", x)


def gammaln(x: Any) -> Any:
    """Logarithm of the modulus of the gamma function, for negative x too."""
    return _elementwise("gammaln", x)


def betaln(a: Any, b: Any) -> Any:
    """Logarithm of the beta function."""
    return _elementwise("betaln", a, b)


def gammainc(a: Any, x: Any) -> Any:
    """Regularised lower incomplete gamma function; differentiable in x."""
    return _elementwise("gammainc", a, x)


def gammaincc(a: Any, x: Any) -> Any:
    """Regularised upper incomplete gamma function; differentiable in x."""
    return _elementwise("gammaincc", a, x)


def betainc(a: Any, b: Any, x: Any) -> Any:
    """Regularised incomplete beta function; differentiable in x."""
    return _elementwise("betainc", a, b, x)


def betaincc(a: Any, b: Any, x: Any) -> Any:
    """One minus `betainc`, without cancellation; differentiable in x."""
    return _elementwise("betaincc", a, b, x)


def expi(x: Any) -> Any:
    """Exponential integral Ei."""
    return _elementwise("expi", x)


def exp1(x: Any) -> Any:
    """Exponential integral E1."""
    return _elementwise("exp1", x)


def xlogy(x: Any, y: Any) -> Any:
    """``x log(y)``, and 0 where x is 0."""
    return _elementwise("xlogy", x, y)


def xlog1py(x: Any, y: Any) -> Any:
    """``x log(1 + y)``, and 0 where x is 0."""
    return _elementwise("xlog1py", x, y)


def rel_entr(x: Any, y: Any) -> Any:
    """Relative entropy ``x log(x/y)``, 0 where x is 0."""
    return _elementwise("rel_entr", x, y)


def ndtr(x: Any) -> Any:
    """Distribution function of the standard normal distribution."""
    return _elementwise("ndtr", x)


def log_ndtr(x: Any) -> Any:
    """Logarithm of `ndtr`, exact far in the left tail."""
    return _elementwise("log_ndtr", x)


def ndtri(p: Any) -> Any:
    """Inverse of `ndtr`: quantiles of the standard normal distribution."""
    return _elementwise("ndtri", p)


def stdtr(df: Any, t: Any) -> Any:
    """Distribution function of Student's t; differentiable in t."""
    return _elementwise("stdtr", df, t)


def j0(x: Any) -> Any:
    """Bessel function of the first kind of order 0."""
    return _elementwise("j0", x)


def j1(x: Any) -> Any:
    """Bessel function of the first kind of order 1."""
    return _elementwise("j1", x)


def jv(order: Any, x: Any) -> Any:
    """Bessel function of the first kind of real order; differentiable in x."""
    return _elementwise("jv", order, x)


def y0(x: Any) -> Any:
    """Bessel function of the second kind of order 0."""
    return _elementwise("y0", x)


def y1(x: Any) -> Any:
    """Bessel function of the second kind of order 1."""
    return _elementwise("y1", x)


def yv(order: Any, x: Any) -> Any:
    """Bessel function of the second kind of real order; differentiable in x."""
    return _elementwise("yv", order, x)


def i0(x: Any) -> Any:
    """Modified Bessel function of the first kind of order 0."""
    return _elementwise("i0", x)


def i1(x: Any) -> Any:
    """Modified Bessel function of the first kind of order 1."""
    return _elementwise("i1", x)


def iv(order: Any, x: Any) -> Any:
    """Modified Bessel function of the first kind of real order; differentiable in x."""
    return _elementwise("iv", order, x)


def i0e(x: Any) -> Any:
    """``exp(-|x|) i0(x)``."""
    return _elementwise("i0e", x)


def i1e(x: Any) -> Any:
    """``exp(-|x|) i1(x)``."""
    return _elementwise("i1e", x)


def ive(order: Any, x: Any) -> Any:
    """``exp(-|x|) iv(order, x)``; differentiable in x."""
    return _elementwise("ive", order, x)


def k0(x: Any) -> Any:
    """Modified Bessel function of the second kind of order 0."""
    return _elementwise("k0", x)


def k1(x: Any) -> Any:
    """Modified Bessel function of the second kind of order 1."""
    return _elementwise("k1", x)


def kv(order: Any, x: Any) -> Any:
    """Modified Bessel function of the second kind of real order; differentiable in x."""
    return _elementwise("kv", order, x)
