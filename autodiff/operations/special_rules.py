"""The local partials of the special functions, for the table in `autodiff.rules`.

Formulas are those of Abramowitz and Stegun, *Handbook of Mathematical Functions* (1964): the
error function 7.1.19, gamma functions chapter 6, incomplete ones 6.5.25 and 26.5, exponential
integrals chapter 5, Bessel functions 9.1.27, 9.6.26. The recurrences for Bessel functions are
taken in the symmetric form ``(J_{n-1} - J_{n+1})/2``, which divides by no ``x`` and so holds at 0
to every order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff.operations.student import log_density
from autodiff.refused import Refused
from diffexpr.apply import apply

SPECIAL: dict[str, tuple[Callable[..., Any] | None, ...]] = {}
"""The partials of each special function, one per argument, by its name."""

TWO_OVER_ROOT_PI = float(2 / np.sqrt(np.pi))
HALF_ROOT_PI = float(np.sqrt(np.pi) / 2)
ROOT_HALF = float(np.sqrt(0.5))
ROOT_TWO_PI = float(np.sqrt(2 * np.pi))
ROOT_TWO_OVER_PI = float(np.sqrt(2 / np.pi))


def _op(name: str) -> Callable[..., Any]:
    return lambda *operands: apply(name, operands)


where, equal, less, both = _op("where"), _op("equal"), _op("less"), _op("logical_and")
erfcx, digamma, polygamma = _op("erfcx"), _op("digamma"), _op("polygamma")
gammaln, betaln, xlogy, xlog1py = _op("gammaln"), _op("betaln"), _op("xlogy"), _op("xlog1py")
j0, j1, jv, y0, y1, yv = _op("j0"), _op("j1"), _op("jv"), _op("y0"), _op("y1"), _op("yv")
i0, i1, iv, i0e, i1e, ive = _op("i0"), _op("i1"), _op("iv"), _op("i0e"), _op("i1e"), _op("ive")
k0, k1, kv = _op("k0"), _op("k1"), _op("kv")


def partials(name: str, *rules: Callable[..., Any] | None) -> None:
    """Enter the partials of one special function."""
    SPECIAL[name] = rules


# error functions and the normal distribution


def erfcx_slope(y: Any, x: Any) -> Any:
    # 2 x y and 2/sqrt(pi) cancel far to the right; there, the asymptotic series of erfc (7.1.23)
    # differentiated term by term, which at x = 10 is exact to rounding after 15 terms.
    far = less(10, _real(x))
    w = 1 / where(far, x, 10.0) ** 2
    series = _ERFCX[-1]
    for coefficient in _ERFCX[-2::-1]:
        series = coefficient + w * series
    return where(far, w * series, 2 * where(far, 0, x) * where(far, 0, y) - TWO_OVER_ROOT_PI)


def _real(x: Any) -> Any:
    """The argument where it can be compared with a number: a complex one is never far."""
    return 0.0 if np.dtype(getattr(x, "dtype", float)).kind == "c" else x


def _series_of_erfcx() -> list[float]:
    """Coefficients of d/dx erfcx(x) = sum of c_k x**(-2k), k from 1."""
    found, odd = [], 1.0
    for k in range(16):
        found.append((-1) ** (k + 1) * odd * (2 * k + 1) / 2**k / float(np.sqrt(np.pi)))
        odd *= 2 * k + 1
    return found


_ERFCX = _series_of_erfcx()

partials("erf", lambda y, x: TWO_OVER_ROOT_PI * np.exp(-x * x))
partials("erfc", lambda y, x: -TWO_OVER_ROOT_PI * np.exp(-x * x))
partials("erfi", lambda y, x: TWO_OVER_ROOT_PI * np.exp(x * x))
partials("erfcx", erfcx_slope)
partials("erfinv", lambda y, x: HALF_ROOT_PI * np.exp(y * y))
partials("ndtr", lambda y, x: np.exp(-0.5 * (x * x)) / ROOT_TWO_PI)


def log_ndtr_slope(y: Any, x: Any) -> Any:
    # The density over the distribution is 0/0 in the left tail, where erfcx is their quotient;
    # erfcx overflows in the right tail.
    right = less(0, x)
    density = np.exp(-0.5 * (x * x) - where(right, y, 0)) / ROOT_TWO_PI
    return where(right, density, ROOT_TWO_OVER_PI / erfcx(-ROOT_HALF * where(right, 0, x)))


partials("log_ndtr", log_ndtr_slope)
partials("ndtri", lambda y, p: ROOT_TWO_PI * np.exp(0.5 * (y * y)))


partials(
    "stdtr",
    Refused("stdtr", "degrees of freedom"),
    lambda y, df, t: np.exp(log_density(t, df)),
)

# gamma and beta functions

partials("gamma", lambda y, x: y * digamma(x))
partials("loggamma", lambda y, x: digamma(x))
partials("gammaln", lambda y, x: digamma(x))
partials("digamma", lambda y, x: polygamma(1, x))
partials(
    "polygamma",
    Refused("polygamma", "order", "keep it a constant whole number"),
    lambda y, n, x: polygamma(n + 1, x),
)
partials(
    "beta",
    lambda y, a, b: y * (digamma(a) - digamma(a + b)),
    lambda y, a, b: y * (digamma(b) - digamma(a + b)),
)
partials(
    "betaln",
    lambda y, a, b: digamma(a) - digamma(a + b),
    lambda y, a, b: digamma(b) - digamma(a + b),
)


def gamma_density(y: Any, a: Any, x: Any) -> Any:
    return np.exp(xlogy(a - 1, x) - x - gammaln(a))


def beta_density(y: Any, a: Any, b: Any, x: Any) -> Any:
    return np.exp(xlogy(a - 1, x) + xlog1py(b - 1, -x) - betaln(a, b))


partials("gammainc", Refused("gammainc", "parameter a"), gamma_density)
partials("gammaincc", Refused("gammaincc", "parameter a"), lambda y, a, x: -gamma_density(y, a, x))
partials(
    "betainc", Refused("betainc", "parameter a"), Refused("betainc", "parameter b"), beta_density
)
partials(
    "betaincc",
    Refused("betaincc", "parameter a"),
    Refused("betaincc", "parameter b"),
    lambda y, a, b, x: -beta_density(y, a, b, x),
)

# exponential integrals, entropies

partials("expi", lambda y, x: np.exp(x) / x)
partials("exp1", lambda y, x: -np.exp(-x) / x)


def ratio(x: Any, y: Any) -> Any:
    """x/y, and 0 where both are 0: there x log(y) is 0 for every y."""
    return x / where(both(equal(x, 0), equal(y, 0)), 1, y)


partials("xlogy", lambda z, x, y: np.log(y), lambda z, x, y: ratio(x, y))
partials("xlog1py", lambda z, x, y: np.log1p(y), lambda z, x, y: ratio(x, 1 + y))
partials("rel_entr", lambda z, x, y: np.log(x / y) + 1, lambda z, x, y: -ratio(x, y))

# Bessel functions

partials("j0", lambda y, x: -j1(x))
partials("j1", lambda y, x: 0.5 * (j0(x) - jv(2, x)))
partials("jv", Refused("jv", "order"), lambda y, n, x: 0.5 * (jv(n - 1, x) - jv(n + 1, x)))
partials("y0", lambda y, x: -y1(x))
partials("y1", lambda y, x: 0.5 * (y0(x) - yv(2, x)))
partials("yv", Refused("yv", "order"), lambda y, n, x: 0.5 * (yv(n - 1, x) - yv(n + 1, x)))
partials("i0", lambda y, x: i1(x))
partials("i1", lambda y, x: 0.5 * (i0(x) + iv(2, x)))
partials("iv", Refused("iv", "order"), lambda y, n, x: 0.5 * (iv(n - 1, x) + iv(n + 1, x)))
partials("i0e", lambda y, x: i1e(x) - np.sign(x) * y)
partials("i1e", lambda y, x: 0.5 * (i0e(x) + ive(2, x)) - np.sign(x) * y)
partials(
    "ive",
    Refused("ive", "order"),
    lambda y, n, x: 0.5 * (ive(n - 1, x) + ive(n + 1, x)) - np.sign(x) * y,
)
partials("k0", lambda y, x: -k1(x))
partials("k1", lambda y, x: -0.5 * (k0(x) + kv(2, x)))
partials("kv", Refused("kv", "order"), lambda y, n, x: -0.5 * (kv(n - 1, x) + kv(n + 1, x)))
