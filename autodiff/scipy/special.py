"""``scipy.special`` on numbers, arrays, expressions and values that are being differentiated.

The ufuncs are SciPy's own: they find the rules of this package by themselves. The functions that
SciPy writes in Python (`logsumexp`, `softmax`, `polygamma`, ...) are written here in the language;
on plain arrays they are SciPy's.

Examples
--------
>>> from autodiff import grad
>>> from autodiff.scipy import special
>>> print(grad(special.gammaln)(2.5))
0.7031566406452432
>>> print(grad(special.logsumexp)([0.0, 0.0]))
[0.5 0.5]
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.boxes import Box
from autodiff.scipy.plain import are_plain, attribute
from diffexpr import functions, special_primitives
from diffexpr.apply import apply
from diffexpr.errors import ExpressionTypeError
from diffexpr.matrix_rows import scipy_module
from diffexpr.operands import as_operand, shape_of
from diffexpr.precision import double

__all__ = [
    "factorial", "log_softmax", "logsumexp", "multigammaln", "polygamma", "softmax", "softplus",
    "zeta",
]  # fmt: skip

LARGEST_EXPONENT = 700.0
"""exp of more than this overflows."""


def __getattr__(name: str) -> Any:
    """Anything else of ``scipy.special``: a ufunc as it is, a Python function behind a guard."""
    if not name.startswith("__"):
        found = getattr(scipy_module("special", f"scipy.special.{name}"), name)
        if isinstance(found, np.ufunc):
            return found
    return attribute("special", name)


def __dir__() -> list[str]:
    return sorted({*__all__, *scipy_module("special", "scipy.special").__all__})


def _fixed(x: Any) -> Any:
    """The value of an operand, without its derivatives."""
    while isinstance(x, Box):
        x = x.primal
    return x


def _op(name: str, *operands: Any) -> Any:
    return apply(name, operands)


def logsumexp(
    a: Any, axis: Any = None, b: Any = None, keepdims: bool = False, return_sign: bool = False
) -> Any:
    """Logarithm of the sum of ``b exp(a)``, without overflow.

    Parameters
    ----------
    a : array
    axis : int, tuple of int or None
        Axes to sum over; None means all.
    b : array, optional
        Weights of either sign, broadcast against ``a``.
    keepdims : bool
    return_sign : bool
        Whether to return the logarithm of the modulus of the sum, and its sign.

    Returns
    -------
    array, or a tuple of two
        NaN where the sum is negative and its sign is not asked for.

    Examples
    --------
    >>> from autodiff import grad
    >>> print(grad(logsumexp)([1000.0, 1000.0]))
    [0.5 0.5]
    >>> print(grad(lambda b: logsumexp([0.0, 0.0], b=b))([1.0, 3.0]))
    [0.25 0.25]
    """
    if are_plain(a, b):
        options = {"keepdims": keepdims, "return_sign": return_sign}
        return scipy_module("special", "logsumexp").logsumexp(a, axis=axis, b=b, **options)
    a = as_operand(a)
    if b is None and not return_sign:
        return functions.logsumexp(a, axis, keepdims=keepdims)
    total, top = _scaled_sum(a, axis, b)
    sign = np.sign(total)
    result = np.log(abs(total) if return_sign else total) + top
    if not keepdims:
        result, sign = _without(result, axis), _without(sign, axis)
    return (result, sign) if return_sign else result


def _scaled_sum(a: Any, axis: Any, b: Any) -> tuple[Any, Any]:
    """The sum of ``b exp(a - top)`` with kept axes, and ``top``."""
    weights = 1.0 if b is None else as_operand(b)
    idle = _op("equal", weights, 0)
    some = hasattr(idle, "_level") or bool(np.any(idle))
    counted = _op("where", idle, -np.inf, a) if some else a
    top = functions.max(_fixed(counted), axis, keepdims=True)
    top = _op("where", np.isfinite(top), top, 0.0)
    above = a - top
    if some:
        # What does not count must not overflow either; below that, b = 0 has its derivative.
        large = _op("greater", above, LARGEST_EXPONENT)
        above = _op("where", _op("logical_and", idle, large), -np.inf, above)
    return functions.sum(weights * np.exp(above), axis, keepdims=True), top


def _without(x: Any, axis: Any) -> Any:
    """The axes that were summed over left out."""
    if axis is None:
        return functions.reshape(x, ())
    return functions.squeeze(x, axis)


def softmax(x: Any, axis: Any = None) -> Any:
    """``exp(x)/sum(exp(x))`` over axes, all of them by default, without overflow.

    Examples
    --------
    >>> from autodiff import jacobian
    >>> print(jacobian(softmax)([0.0, 0.0]))
    [[ 0.25 -0.25]
     [-0.25  0.25]]
    """
    if are_plain(x):
        return scipy_module("special", "softmax").softmax(x, axis=axis)
    x = as_operand(x)
    if isinstance(axis, int):
        return functions.softmax(x, axis)
    grown = np.exp(x - functions.max(_fixed(x), axis, keepdims=True))
    return grown / functions.sum(grown, axis, keepdims=True)


def log_softmax(x: Any, axis: Any = None) -> Any:
    """Logarithm of `softmax`, exact where softmax underflows.

    Examples
    --------
    >>> from autodiff import jacobian
    >>> print(jacobian(log_softmax)([0.0, 1000.0]))
    [[ 1. -1.]
     [ 0.  0.]]
    """
    if are_plain(x):
        return scipy_module("special", "log_softmax").log_softmax(x, axis=axis)
    x = as_operand(x)
    top = functions.max(_fixed(x), axis, keepdims=True)
    below = x - _op("where", np.isfinite(top), top, 0.0)
    return below - functions.logsumexp(below, axis, keepdims=True)


def polygamma(n: Any, x: Any) -> Any:
    """The n-th derivative of digamma, for constant whole ``n``.

    Examples
    --------
    >>> from autodiff import grad
    >>> print(grad(lambda x: polygamma(0, x))(1.0))
    1.6449340668482266
    """
    return _op("polygamma", as_operand(n), as_operand(x))


def multigammaln(a: Any, d: int) -> Any:
    """Logarithm of the multivariate gamma function of dimension ``d``.

    Method: Muirhead (1982), *Aspects of Multivariate Statistical Theory*, theorem 2.1.12.

    Parameters
    ----------
    a : array
        More than ``(d - 1)/2``; NaN below.
    d : int

    Examples
    --------
    >>> from autodiff import grad
    >>> print(grad(lambda a: multigammaln(a, 1))(2.5))
    0.7031566406452432
    """
    if are_plain(a, d):
        return scipy_module("special", "multigammaln").multigammaln(a, d)
    if hasattr(d, "_level") or int(d) != d or d < 1:
        raise ExpressionTypeError(f"multigammaln takes a positive whole dimension, got {d!r}")
    a = as_operand(a)
    defined = _op("greater", a, 0.5 * (d - 1))
    total = _op("where", defined, 0.25 * d * (d - 1) * float(np.log(np.pi)), np.nan)
    if shape_of(total) != shape_of(a):
        total = functions.broadcast_to(total, shape_of(a))
    for j in range(int(d)):
        total = total + _op("gammaln", a - 0.5 * j)
    return total


def factorial(n: Any, exact: bool = False, extend: str = "zero") -> Any:
    """``gamma(n + 1)``, 0 below 0.

    Examples
    --------
    >>> from autodiff import grad
    >>> print(grad(factorial)(0.0))
    -0.5772156649015329
    """
    if are_plain(n):
        options = {"exact": exact, "extend": extend}
        return scipy_module("special", "factorial").factorial(n, **options)
    if exact or extend != "zero":
        raise ExpressionTypeError("factorial(exact=True) and extend= are for whole numbers alone")
    n = double(as_operand(n))
    below = _op("less", n, 0)
    return _op("where", below, 0.0, _op("gamma", _op("where", below, 0.0, n) + 1))


def softplus(x: Any, **options: Any) -> Any:
    """``log(1 + exp(x))`` without overflow."""
    if are_plain(x) or options:
        return attribute("special", "softplus")(x, **options)
    return _op("softplus", as_operand(x))


def zeta(x: Any, q: Any = None) -> Any:
    """Hurwitz's zeta function ``sum (k + q)^-x``; differentiable in q, for constant x.

    Examples
    --------
    >>> from autodiff import grad
    >>> print(grad(lambda q: zeta(2.0, q))(1.0))
    -2.404113806319188
    """
    if are_plain(x, q):
        return scipy_module("special", "zeta").zeta(x, q)
    return special_primitives.zeta(as_operand(x), as_operand(1.0 if q is None else q))
