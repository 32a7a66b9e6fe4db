"""Functions of ``scipy.special`` beyond the table: operations that bring their own rules.

Here stands what they are, in `autodiff.operations.special_primitive_rules` how they are
differentiated. What is made of other functions needs no rule and is written out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from diffexpr.apply import apply
from diffexpr.custom import Primitive
from diffexpr.operands import as_operand
from diffexpr.values import Special

CALLS: dict[str, Callable[..., Any]] = {}
"""By the name of the ufunc, what carries it out."""

LN10 = float(np.log(10.0))


def _primitive(name: str) -> Primitive:
    """A ufunc of SciPy as an operation, entered under its name."""
    made = Primitive(Special(name))
    vars(made).update(__module__=__name__, __qualname__=name)
    CALLS[name] = made
    return made


def _part(ufunc: str, name: str, place: int) -> Primitive:
    """One of the two results of a ufunc as an operation."""
    both = Special(ufunc)

    def part(x: Any) -> Any:
        return both(x)[place]

    part.__name__ = part.__qualname__ = name
    made = Primitive(part)
    made.__module__ = __name__
    return made


rgamma = _primitive("rgamma")
expn = _primitive("expn")
spence = _primitive("spence")
ellipk = _primitive("ellipk")
ellipe = _primitive("ellipe")
dawsn = _primitive("dawsn")
hyp0f1 = _primitive("hyp0f1")
hyp1f1 = _primitive("hyp1f1")
hyp2f1 = _primitive("hyp2f1")
k0e = _primitive("k0e")
k1e = _primitive("k1e")
kve = _primitive("kve")
zeta = Primitive(Special("zeta"))
vars(zeta).update(__module__=__name__, __qualname__="zeta")  # SciPy's is no ufunc
sine_integral = _part("sici", "sine_integral", 0)
cosine_integral = _part("sici", "cosine_integral", 1)
fresnel_sine = _part("fresnel", "fresnel_sine", 0)
fresnel_cosine = _part("fresnel", "fresnel_cosine", 1)


def _op(op: str) -> Callable[..., Any]:
    return lambda *operands: apply(op, tuple(map(as_operand, operands)))


_plus, _minus, _times, _over = _op("add"), _op("subtract"), _op("multiply"), _op("divide")
_where, _less, _abs = _op("where"), _op("less"), _op("abs")
_exp, _log, _gammaln = _op("exp"), _op("log"), _op("gammaln")


def composed(function: Callable[..., Any]) -> Callable[..., Any]:
    """Enter a function as the meaning of the ufunc of its name."""
    CALLS[function.__name__] = function
    return function


@composed
def sici(x: Any) -> tuple[Any, Any]:
    """The sine and the cosine integral."""
    return sine_integral(x), cosine_integral(x)


@composed
def fresnel(x: Any) -> tuple[Any, Any]:
    """Fresnel's integrals of the sine and the cosine of ``pi t^2/2``."""
    return fresnel_sine(x), fresnel_cosine(x)


@composed
def gammasgn(x: Any) -> Any:
    """The sign of the gamma function, which is constant between its poles."""
    whole = _op("floor")(x)
    even = _minus(1.0, _times(2.0, _op("mod")(whole, 2.0)))
    pole = _op("logical_and")(_less(x, 0), _op("equal")(whole, x))
    return _where(pole, np.nan, _where(_less(x, 0), even, 1.0))


@composed
def poch(z: Any, m: Any) -> Any:
    """The rising factorial ``gamma(z + m)/gamma(z)``."""
    top = _plus(z, m)
    size = _exp(_minus(_gammaln(top), _gammaln(z)))
    return _times(_times(gammasgn(top), gammasgn(z)), size)


@composed
def exp10(x: Any) -> Any:
    """10 to the power of x."""
    return _op("power")(10.0, x)


@composed
def exprel(x: Any) -> Any:
    """``(exp(x) - 1)/x``, 1 at 0, smooth there: the hypergeometric function of 1 and 2."""
    return hyp1f1(1.0, 2.0, x)


@composed
def boxcox(x: Any, lmbda: Any) -> Any:
    """``(x^lambda - 1)/lambda``, the logarithm at 0 (Box and Cox 1964)."""
    log = _log(x)
    return _times(log, exprel(_times(lmbda, log)))


@composed
def boxcox1p(x: Any, lmbda: Any) -> Any:
    """`boxcox` of ``1 + x``."""
    log = _op("log1p")(x)
    return _times(log, exprel(_times(lmbda, log)))


@composed
def huber(delta: Any, r: Any) -> Any:
    """``r^2/2`` up to delta, a straight line beyond; infinite for a negative delta."""
    size = _abs(r)
    line = _times(delta, _minus(size, _times(0.5, delta)))
    near = _op("less_equal")(size, delta)
    loss = _where(near, _times(0.5, _op("square")(r)), line)
    return _where(_less(delta, 0), np.inf, loss)


@composed
def pseudo_huber(delta: Any, r: Any) -> Any:
    """``delta^2 (sqrt(1 + (r/delta)^2) - 1)``, written so that small r do not cancel."""
    t = _over(r, delta)
    root = _op("sqrt")(_plus(1.0, _op("square")(t)))
    return _over(_times(r, r), _plus(1.0, root))


@composed
def cosm1(x: Any) -> Any:
    """``cos(x) - 1``, which does not cancel for small x."""
    return _times(-2.0, _op("square")(_op("sin")(_times(0.5, x))))
