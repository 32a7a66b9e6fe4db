"""The elementwise primitives of the language, one row each.

A row says what a function is: its NumPy value, where it is defined, where its derivative breaks
and which convention holds there, and whether it may be called with complex numbers. How to
differentiate it is the business of each backend, in a table of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import numpy as np

from diffexpr import domains as d
from diffexpr import values as v
from diffexpr.domains import Domain, Kink

Kind = Literal["float", "bool", "real"]


class Primitive(NamedTuple):
    """One elementwise function of the language.

    Attributes
    ----------
    name : str
        Its name in graphs and in text.
    value : callable
        NumPy arrays in, NumPy array out.
    domains : tuple of Domain
        One per argument; their number is the arity.
    kink : Kink or None
        Where the derivative breaks, and the convention taken there.
    analytic : bool
        Whether it may be called with complex arguments and is holomorphic there.
    aliases : tuple of str
        Other names under which text and NumPy know it.
    defaults : tuple of float
        Values of trailing arguments that may be left out.
    kind : {'float', 'bool', 'real'}
        What comes out: a float as wide as the arguments, a truth value, always a real number.
    ulps : float
        Rounding error of ``value`` for exact arguments, in units in the last place.
    scale : callable or None
        Of the arguments: what those units are of, where the value can be small against it
        because it cancels or is reached through a rounded multiple of pi.
    """

    name: str
    value: Callable[..., Any]
    domains: tuple[Domain, ...]
    kink: Kink | None = None
    analytic: bool = True
    aliases: tuple[str, ...] = ()
    defaults: tuple[float, ...] = ()
    kind: Kind = "float"
    ulps: float = 4.0
    scale: Callable[..., Any] | None = None

    @property
    def arity(self) -> int:
        """Number of arguments, those with a default included."""
        return len(self.domains)


TABLE: dict[str, Primitive] = {}
"""Every row by its name."""

NAMES: dict[str, str] = {}
"""Every spelling of a row, aliases included, to its name."""


def row(
    name: str,
    value: Callable[..., Any],
    domains: tuple[Domain, ...],
    kink: Kink | None = None,
    **fields: Any,
) -> None:
    """Enter one primitive into the table."""
    entry = Primitive(name, value, domains, kink, **fields)
    TABLE[name] = entry
    for spelling in (name, *entry.aliases):
        NAMES[spelling] = name


REAL, POSITIVE, NONZERO = (d.REAL,), (d.POSITIVE,), (d.NONZERO,)
TWO_REAL = (d.REAL, d.REAL)

# arithmetic
row("add", np.add, TWO_REAL, ulps=0.5)
row("subtract", np.subtract, TWO_REAL, aliases=("sub",), ulps=0.5)
row("multiply", np.multiply, TWO_REAL, aliases=("mul",), ulps=0.5)
row("divide", np.divide, (d.REAL, d.NONZERO), aliases=("div", "true_divide"), ulps=0.5)
row("power", v.power, (d.POSITIVE, d.REAL), aliases=("pow", "float_power"))
row("negative", np.negative, REAL, aliases=("neg",), ulps=0)
row("square", np.square, REAL, ulps=0.5)
row("reciprocal", np.reciprocal, NONZERO, ulps=0.5)
row("sqrt", np.sqrt, (d.NOT_NEGATIVE,), ulps=0.5)
row("cbrt", np.cbrt, REAL, analytic=False)
row("mod", np.mod, (d.REAL, d.NONZERO), d.WRAP, analytic=False, aliases=("remainder", "Mod"))

# pieces and selections
row("abs", np.absolute, REAL, d.at(0, 0), analytic=False, kind="real", ulps=0,
    aliases=("absolute", "fabs", "Abs"))  # fmt: skip
row("sign", np.sign, REAL, d.at(0, 0, jump=True), analytic=False, ulps=0, aliases=("sgn",))
row("maximum", np.maximum, TWO_REAL, d.TIE, analytic=False, ulps=0, aliases=("Max",))
row("minimum", np.minimum, TWO_REAL, d.TIE, analytic=False, ulps=0, aliases=("Min",))
row("where", v.where, (d.CONDITION, d.REAL, d.REAL), analytic=False, ulps=0)
row("clip", v.clip, (d.REAL, Domain("", d.REAL.contains, (-0.5, -0.1)),
                     Domain("", d.REAL.contains, (0.5, 1.1))), d.CLIP_EDGES,
    analytic=False, ulps=0)  # fmt: skip
row("floor", np.floor, REAL, d.INTEGERS, analytic=False, ulps=0)
row("ceil", np.ceil, REAL, d.INTEGERS, analytic=False, ulps=0, aliases=("ceiling",))
row("round", np.rint, REAL, d.HALVES, analytic=False, ulps=0, aliases=("rint",))
row("heaviside", np.heaviside, TWO_REAL, d.at(0, "0", jump=True), analytic=False, ulps=0,
    defaults=(0.5,), aliases=("Heaviside",))  # fmt: skip

# comparisons and logic
for _name, _value in (
    ("less", np.less),
    ("less_equal", np.less_equal),
    ("greater", np.greater),
    ("greater_equal", np.greater_equal),
    ("equal", np.equal),
    ("not_equal", np.not_equal),
):
    row(_name, _value, TWO_REAL, d.SWITCH, analytic=False, kind="bool", ulps=0)
row("logical_and", np.logical_and, (d.CONDITION,) * 2, analytic=False, kind="bool", ulps=0)
row("logical_or", np.logical_or, (d.CONDITION,) * 2, analytic=False, kind="bool", ulps=0)
row("logical_not", np.logical_not, (d.CONDITION,), analytic=False, kind="bool", ulps=0)

# exponentials and logarithms
row("exp", np.exp, REAL)
row("exp2", np.exp2, REAL)
row("expm1", np.expm1, REAL)
row("log", np.log, POSITIVE, aliases=("ln",))
row("log2", np.log2, POSITIVE)
row("log10", np.log10, POSITIVE)
row("log1p", np.log1p, (d.ABOVE_MINUS_ONE,))
row("logaddexp", np.logaddexp, TWO_REAL, analytic=False,
    scale=lambda a, b: np.absolute(np.maximum(a, b)))  # fmt: skip

# trigonometry
row("sin", np.sin, REAL)
row("cos", np.cos, REAL)
row("tan", np.tan, (d.COS_NONZERO,))
row("sec", v.sec, (d.COS_NONZERO,))
row("csc", v.csc, (d.SIN_NONZERO,), aliases=("cosec",))
row("cot", v.cot, (d.SIN_NONZERO,))
row("arcsin", np.arcsin, (d.UNIT,), aliases=("asin",))
row("arccos", np.arccos, (d.UNIT,), aliases=("acos",))
row("arctan", np.arctan, REAL, aliases=("atan",))
row("arctan2", np.arctan2, (d.REAL, d.NONZERO), analytic=False, aliases=("atan2",))
row("arcsec", v.arcsec, (d.OUTSIDE_UNIT,), aliases=("asec",), ulps=8)
row("arccsc", v.arccsc, (d.OUTSIDE_UNIT,), aliases=("acsc",), ulps=8)
row("arccot", v.arccot, NONZERO, aliases=("acot",))
row("sinc", np.sinc, REAL, ulps=4, scale=lambda x: 1.0)
row("hypot", np.hypot, TWO_REAL, d.BOTH_ZERO, analytic=False)

# hyperbolic functions
row("sinh", np.sinh, REAL)
row("cosh", np.cosh, REAL)
row("tanh", np.tanh, REAL)
row("sech", v.sech, REAL)
row("csch", v.csch, NONZERO)
row("coth", v.coth, NONZERO)
row("arcsinh", np.arcsinh, REAL, aliases=("asinh",))
row("arccosh", np.arccosh, (d.AT_LEAST_ONE,), aliases=("acosh",))
row("arctanh", np.arctanh, (d.OPEN_UNIT,), aliases=("atanh",))
row("arcsech", v.arcsech, (d.ZERO_TO_ONE,), aliases=("asech",), ulps=8)
row("arccsch", v.arccsch, NONZERO, aliases=("acsch",))
row("arccoth", v.arccoth, (d.OUTSIDE_CLOSED_UNIT,), aliases=("acoth",), ulps=8)

# special functions: values from SciPy
row("erf", v.erf, REAL)
row("erfc", v.erfc, REAL, ulps=16)
row("erfi", v.erfi, REAL, ulps=16)
row("erfcx", v.erfcx, REAL, ulps=16)
row("erfinv", v.erfinv, (d.OPEN_UNIT,), analytic=False, ulps=16)
row("gamma", v.gamma, (d.GAMMA,), ulps=16)
row("loggamma", v.loggamma, POSITIVE, ulps=16)
row("gammaln", v.gammaln, (d.GAMMA,), analytic=False, aliases=("lgamma",), ulps=16,
    scale=lambda x: 1 + np.absolute(x) * np.log1p(np.absolute(x)))  # fmt: skip
row("digamma", v.digamma, (d.GAMMA,), aliases=("psi",), ulps=16)
row("polygamma", v.polygamma, (d.ORDER, d.GAMMA), analytic=False, ulps=64)
row("beta", v.beta, (d.POSITIVE, d.POSITIVE), analytic=False, ulps=64)
row("betaln", v.betaln, (d.POSITIVE, d.POSITIVE), analytic=False, ulps=16, scale=v.betaln_scale)
row("gammainc", v.gammainc, (d.POSITIVE, d.NOT_NEGATIVE), analytic=False, ulps=64)
row("gammaincc", v.gammaincc, (d.POSITIVE, d.NOT_NEGATIVE), analytic=False, ulps=64)
row("betainc", v.betainc, (d.POSITIVE, d.POSITIVE, d.CLOSED_PROBABILITY), analytic=False, ulps=64)
row("betaincc", v.betaincc, (d.POSITIVE, d.POSITIVE, d.CLOSED_PROBABILITY), analytic=False,
    ulps=64)  # fmt: skip
row("expi", v.expi, NONZERO, analytic=False, ulps=16, scale=lambda x: 1.0)
row("exp1", v.exp1, POSITIVE, ulps=16)

# entropies and probabilities
row("xlogy", v.xlogy, (d.REAL, d.POSITIVE))
row("xlog1py", v.xlog1py, (d.REAL, d.ABOVE_MINUS_ONE))
row("rel_entr", v.rel_entr, (d.NOT_NEGATIVE, d.POSITIVE), analytic=False, ulps=8)
# The argument of the exponential in the tail, x**2/2, is rounded.
row("ndtr", v.ndtr, REAL, ulps=16, scale=lambda x: np.absolute(v.ndtr(x) * (1 + x * x)))
row("log_ndtr", v.log_ndtr, REAL, analytic=False, ulps=16)
row("ndtri", v.ndtri, (d.PROBABILITY,), analytic=False, ulps=16, scale=lambda p: 1.0)
row("stdtr", v.stdtr, (d.POSITIVE, d.REAL), analytic=False, ulps=64)

# Bessel functions; those of the first kinds oscillate, with an amplitude of |x|**-1/2 and a phase
# whose rounding error grows as |x|
row("j0", v.j0, REAL, analytic=False, ulps=16, scale=v.wave_scale)
row("j1", v.j1, REAL, analytic=False, ulps=16, scale=v.wave_scale)
row("jv", v.jv, (d.DEGREE, d.REAL), analytic=False, aliases=("jn",), ulps=16,
    scale=lambda n, x: v.wave_scale(x))  # fmt: skip
row("y0", v.y0, POSITIVE, analytic=False, ulps=16, scale=v.wave_scale)
row("y1", v.y1, POSITIVE, analytic=False, ulps=16, scale=v.wave_scale)
row("yv", v.yv, (d.DEGREE, d.POSITIVE), analytic=False, ulps=64,
    scale=lambda n, x: v.wave_scale(x))  # fmt: skip
row("i0", v.i0, REAL, analytic=False, ulps=16)
row("i1", v.i1, REAL, analytic=False, ulps=16)
row("iv", v.iv, (d.DEGREE, d.REAL), analytic=False, ulps=64)
row("i0e", v.i0e, REAL, d.at(0, 0), analytic=False, ulps=16)
row("i1e", v.i1e, REAL, analytic=False, ulps=16)
row("ive", v.ive, (d.DEGREE, d.REAL), d.DEGREE_ZERO, analytic=False, ulps=64)
row("k0", v.k0, POSITIVE, analytic=False, ulps=16)
row("k1", v.k1, POSITIVE, analytic=False, ulps=16)
row("kv", v.kv, (d.DEGREE, d.POSITIVE), analytic=False, ulps=64)

# activations
row("relu", v.relu, REAL, d.at(0, 0), analytic=False, ulps=0)
row("leaky_relu", v.leaky_relu, TWO_REAL, d.at(0, "the slope"), analytic=False, ulps=0.5,
    defaults=(0.01,))  # fmt: skip
row("elu", v.elu, TWO_REAL, d.at(0, "alpha"), analytic=False, defaults=(1.0,))
row("selu", v.selu, REAL, d.at(0, "scale times alpha"), analytic=False)
row("softplus", v.softplus, REAL)
row("sigmoid", v.sigmoid, REAL, aliases=("expit",))
row("logit", v.logit, (d.PROBABILITY,))
row("silu", v.silu, REAL, aliases=("swish",))
row("gelu", v.gelu, REAL, ulps=16)
row("gelu_tanh", v.gelu_tanh, REAL, ulps=16)
row("mish", v.mish, REAL, ulps=16)
row("hardtanh", v.hardtanh, REAL, d.UNIT_EDGES, analytic=False, ulps=0)
row("softsign", v.softsign, REAL, analytic=False)


def is_smooth(name: str) -> bool:
    """Whether a primitive has a derivative everywhere inside its domain."""
    return TABLE[name].kink is None
