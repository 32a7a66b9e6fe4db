"""What each primitive means in SymPy: one row each, a function of SymPy arguments.

A row is read when it is used, never copied, so that a test may put a wrong one in its place.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import sympy as sp

from symdiff import named as n
from symdiff import named_special as special

SYMPY_LOCK = threading.RLock()
"""Held while SymPy works: its caches of assumptions are not made for several threads."""

TABLE: dict[str, Callable[..., Any]] = {}
"""The meaning of every primitive by its name."""


CONDITIONS = {("where", 0), ("logical_not", 0)} | {
    (op, i) for op in ("logical_and", "logical_or") for i in (0, 1)
}
"""The arguments of primitives that are truth values."""

NAMES = ("a", "b", "c")
"""What the arguments of a primitive are called in a template."""


def placeholders(op: str, arity: int) -> list[Any]:
    """SymPy symbols for the arguments of a primitive."""
    return [
        sp.Symbol(NAMES[i]) if (op, i) in CONDITIONS else sp.Symbol(NAMES[i], real=True)
        for i in range(arity)
    ]


def row(name: str, meaning: Callable[..., Any]) -> None:
    """Enter the meaning of one primitive."""
    TABLE[name] = meaning


MAX_BITS = 4096
"""Longest number that SymPy writes out; a longer one stays a power."""

MAX_EXPONENT = 256
"""Largest power of a product that SymPy may take apart into powers of its factors."""


def power(a: Any, b: Any) -> Any:
    """``a**b``, kept whole where SymPy would write out a giant number or divide by ``a``."""
    if a.is_Rational and b.is_Rational:
        small = max(bits(a), 1) * abs(b) <= MAX_BITS
        return sp.Pow(a, b) if small else n.Power(a, b)
    if b.is_Rational:
        return sp.Pow(a, b) if a.is_Symbol or abs(b) <= MAX_EXPONENT else n.Power(a, b)
    if (a.is_Number or a.is_NumberSymbol) and a.is_positive:
        return sp.Pow(a, b)
    return n.Power(a, b)


def bits(q: Any) -> int:
    """Bits of the longer of numerator and denominator."""
    return max(abs(int(q.p)).bit_length(), int(q.q).bit_length())


def sinc(x: Any) -> Any:
    """``sin(pi x)/(pi x)``, with its Taylor polynomial at 0 for the derivatives there."""
    t = sp.pi * x
    taylor = 1 - t**2 / 6 + t**4 / 120 - t**6 / 5040
    return n.Where(sp.Ne(x, 0, evaluate=False), sp.sin(t) / t, taylor)


def exactly(value: float) -> Any:
    """A float64 as the rational number it is."""
    return sp.Rational(*value.as_integer_ratio())


# The constants of the published definitions, as float64 holds them.
SELU_SCALE = exactly(1.0507009873554805)
SELU_ALPHA = exactly(1.6732632423543772)
GELU_CUBIC = exactly(0.044715)


AND: Any = sp.And  # SymPy's stubs do not know evaluate=
OR: Any = sp.Or


def elu(x: Any, alpha: Any) -> Any:
    return n.Where(sp.Gt(x, 0, evaluate=False), x, alpha * n.Expm1(x))


def hardtanh(x: Any) -> Any:
    inner = n.Where(sp.Le(x, -1, evaluate=False), -1, x)
    return n.Where(sp.Ge(x, 1, evaluate=False), 1, inner)


def gelu_tanh(x: Any) -> Any:
    return x * n.Sigmoid(2 * sp.sqrt(2 / sp.pi) * (x + GELU_CUBIC * x**3))


# arithmetic
row("add", lambda a, b: a + b)
row("subtract", lambda a, b: a - b)
row("multiply", lambda a, b: a * b)
row("divide", lambda a, b: a / b)
row("power", power)
row("negative", lambda x: -x)
row("square", lambda x: power(x, sp.Integer(2)))
row("reciprocal", lambda x: 1 / x)
row("sqrt", sp.sqrt)
row("cbrt", n.Cbrt)
row("mod", n.Mod)

# pieces and selections
row("abs", n.Abs)
row("sign", n.Sign)
row("maximum", n.Maximum)
row("minimum", n.Minimum)
row("where", n.Where)
row("clip", lambda x, low, high: n.Minimum(n.Maximum(x, low), high))
row("floor", n.Floor)
row("ceil", n.Ceil)
row("round", n.Round)
row("heaviside", n.Heaviside)

# comparisons and logic; unevaluated, because SymPy would try to prove them
row("less", lambda a, b: sp.Lt(a, b, evaluate=False))
row("less_equal", lambda a, b: sp.Le(a, b, evaluate=False))
row("greater", lambda a, b: sp.Gt(a, b, evaluate=False))
row("greater_equal", lambda a, b: sp.Ge(a, b, evaluate=False))
row("equal", lambda a, b: sp.Eq(a, b, evaluate=False))
row("not_equal", lambda a, b: sp.Ne(a, b, evaluate=False))
row("logical_and", lambda a, b: AND(a, b, evaluate=False))
row("logical_or", lambda a, b: OR(a, b, evaluate=False))
row("logical_not", lambda a: sp.Not(a, evaluate=False))

# exponentials and logarithms
row("exp", sp.exp)
row("exp2", lambda x: power(sp.Integer(2), x))
row("expm1", n.Expm1)
row("log", sp.log)
row("log2", lambda x: sp.log(x) / sp.log(2))
row("log10", lambda x: sp.log(x) / sp.log(10))
row("log1p", n.Log1p)
row("logaddexp", n.Logaddexp)

# trigonometry
row("sin", sp.sin)
row("cos", sp.cos)
row("tan", sp.tan)
row("sec", sp.sec)
row("csc", sp.csc)
row("cot", sp.cot)
row("arcsin", sp.asin)
row("arccos", sp.acos)
row("arctan", sp.atan)
row("arctan2", n.Arctan2)
row("arcsec", sp.asec)
row("arccsc", sp.acsc)
row("arccot", sp.acot)
row("sinc", sinc)
row("hypot", n.Hypot)

# hyperbolic functions
row("sinh", sp.sinh)
row("cosh", sp.cosh)
row("tanh", sp.tanh)
row("sech", sp.sech)
row("csch", sp.csch)
row("coth", sp.coth)
row("arcsinh", sp.asinh)
row("arccosh", sp.acosh)
row("arctanh", sp.atanh)
row("arcsech", sp.asech)
row("arccsch", sp.acsch)
row("arccoth", sp.acoth)

# special functions
row("erf", sp.erf)
row("erfc", sp.erfc)
row("erfi", sp.erfi)
row("erfcx", special.Erfcx)
row("erfinv", sp.erfinv)
row("gamma", sp.gamma)
row("loggamma", sp.loggamma)
row("gammaln", special.Gammaln)
row("digamma", sp.digamma)
row("polygamma", sp.polygamma)
row("beta", sp.beta)
row("betaln", special.Betaln)
row("gammainc", special.Gammainc)
row("gammaincc", special.Gammaincc)
row("betainc", special.Betainc)
row("betaincc", special.Betaincc)
row("expi", sp.Ei)
row("exp1", special.Exp1)

# entropies and probabilities
row("xlogy", special.Xlogy)
row("xlog1py", special.Xlog1py)
row("rel_entr", special.RelEntr)
row("ndtr", special.Ndtr)
row("log_ndtr", special.LogNdtr)
row("ndtri", special.Ndtri)
row("stdtr", special.Stdtr)

# Bessel functions
row("j0", lambda x: sp.besselj(0, x))
row("j1", lambda x: sp.besselj(1, x))
row("jv", sp.besselj)
row("y0", lambda x: sp.bessely(0, x))
row("y1", lambda x: sp.bessely(1, x))
row("yv", sp.bessely)
row("i0", lambda x: sp.besseli(0, x))
row("i1", lambda x: sp.besseli(1, x))
row("iv", sp.besseli)
row("i0e", special.I0e)
row("i1e", special.I1e)
row("ive", special.Ive)
row("k0", lambda x: sp.besselk(0, x))
row("k1", lambda x: sp.besselk(1, x))
row("kv", sp.besselk)

# activations
row("relu", n.Relu)
row("leaky_relu", lambda x, slope: n.Where(sp.Gt(x, 0, evaluate=False), x, slope * x))
row("elu", elu)
row("selu", lambda x: SELU_SCALE * elu(x, SELU_ALPHA))
row("softplus", n.Softplus)
row("sigmoid", n.Sigmoid)
row("logit", lambda x: sp.log(x) - n.Log1p(-x))
row("silu", lambda x: x * n.Sigmoid(x))
row("gelu", lambda x: x * n.Erfc(-x / sp.sqrt(2)) / 2)
row("gelu_tanh", gelu_tanh)
row("mish", lambda x: x * sp.tanh(n.Softplus(x)))
row("hardtanh", hardtanh)
row("softsign", n.Softsign)
