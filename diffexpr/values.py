"""NumPy values of the primitives that NumPy itself does not have.

Each takes floats or arrays (complex ones too where the primitive is analytic) and is written so
that no intermediate overflows or cancels where the result is representable.
"""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from diffexpr.errors import MissingExtraError

ROOT_HALF = 0.7071067811865476
ROOT_TWO_OVER_PI = 0.7978845608028654
SELU_SCALE = 1.0507009873554805
SELU_ALPHA = 1.6732632423543772
GELU_CUBIC = 0.044715
"""Coefficient of the cubic in the tanh form (Hendrycks and Gimpel 2016, arXiv:1606.08415)."""


class Special:
    """A function of ``scipy.special``, imported when it is first called."""

    __slots__ = ("__name__",)

    def __init__(self, name: str) -> None:
        self.__name__ = name

    def __call__(self, *args: Any) -> Any:
        try:
            special = importlib.import_module("scipy.special")
        except ImportError:
            raise MissingExtraError(
                f"{self.__name__} takes its values from SciPy, which is not installed; "
                "pip install 'crossdiff[special]'"
            ) from None
        return getattr(special, self.__name__)(*args)


erf, erfc, erfi = Special("erf"), Special("erfc"), Special("erfi")
erfcx, erfinv = Special("erfcx"), Special("erfinv")
gamma, loggamma, gammaln = Special("gamma"), Special("loggamma"), Special("gammaln")
digamma, beta, betaln = Special("digamma"), Special("beta"), Special("betaln")
gammainc, gammaincc = Special("gammainc"), Special("gammaincc")
betainc, betaincc = Special("betainc"), Special("betaincc")
expi, exp1 = Special("expi"), Special("exp1")
xlogy, xlog1py, rel_entr = Special("xlogy"), Special("xlog1py"), Special("rel_entr")
ndtr, log_ndtr, ndtri = Special("ndtr"), Special("log_ndtr"), Special("ndtri")
stdtr = Special("stdtr")
j0, j1, jv = Special("j0"), Special("j1"), Special("jv")
y0, y1, yv = Special("y0"), Special("y1"), Special("yv")
i0, i1, iv = Special("i0"), Special("i1"), Special("iv")
i0e, i1e, ive = Special("i0e"), Special("i1e"), Special("ive")
k0, k1, kv = Special("k0"), Special("k1"), Special("kv")


def wave_scale(x: Any) -> Any:
    """Amplitude of a Bessel function of the first or second kind, times 1 + |x|."""
    return np.sqrt(1 + np.absolute(x))


def betaln_scale(a: Any, b: Any) -> Any:
    """Size of the terms that cancel in loggamma(a) + loggamma(b) - loggamma(a + b)."""
    return 1 + (np.absolute(a) + np.absolute(b)) * np.log1p(np.absolute(a) + np.absolute(b))


def polygamma(order: Any, x: Any) -> Any:
    """The derivative of that order of digamma, as wide as ``x``."""
    kind = np.result_type(np.asarray(x).dtype, np.float16)  # integers become float64
    return np.asarray(Special("polygamma")(order, x), kind)[()]


def power(x: Any, y: Any) -> Any:
    """``x**y`` in floating point: integers never overflow, negative exponents are welcome."""
    if np.asarray(x).dtype.kind in "bui" and np.asarray(y).dtype.kind in "bui":
        x = np.asarray(x, float)[()]
    return np.power(x, y)


def sec(x: Any) -> Any:
    return 1 / np.cos(x)


def csc(x: Any) -> Any:
    return 1 / np.sin(x)


def cot(x: Any) -> Any:
    return np.cos(x) / np.sin(x)


def _outward(x: Any) -> Any:
    """The argument of an odd or reflected function, turned to the positive side."""
    return where(np.real(x) < 0, np.negative(x), x)


def arcsec(x: Any) -> Any:
    # 1/x is too coarse near 1, where arccos is steep; x - 1 is exact there.
    z = _outward(x)
    near = 2 * np.arctan(np.sqrt((z - 1) / (z + 1)))
    near = where(np.real(x) < 0, np.pi - near, near)
    return where(np.absolute(x) < 2, near, np.arccos(np.divide(1, x)))


def arccsc(x: Any) -> Any:
    z = _outward(x)
    near = np.arctan(1 / (np.sqrt(z - 1) * np.sqrt(z + 1)))
    near = where(np.real(x) < 0, np.negative(near), near)
    return where(np.absolute(x) < 2, near, np.arcsin(np.divide(1, x)))


def arccot(x: Any) -> Any:
    return np.arctan(np.divide(1, x))


def sech(x: Any) -> Any:
    y = np.cosh(x)
    return np.divide(1, y, out=y) if isinstance(y, np.ndarray) else 1 / y


def csch(x: Any) -> Any:
    return 1 / np.sinh(x)


def coth(x: Any) -> Any:
    return 1 / np.tanh(x)


def arcsech(x: Any) -> Any:
    near = 2 * np.arctanh(np.sqrt(np.subtract(1, x) / np.add(1, x)))
    return where(np.real(x) > 0.5, near, np.arccosh(np.divide(1, x)))


def arccsch(x: Any) -> Any:
    return np.arcsinh(np.divide(1, x))


def arccoth(x: Any) -> Any:
    near = 0.5 * np.log1p(2 / (_outward(x) - 1))
    near = where(np.real(x) < 0, np.negative(near), near)
    return where(np.absolute(x) < 2, near, np.arctanh(np.divide(1, x)))


def where(condition: Any, x: Any, y: Any) -> Any:
    return np.where(condition, x, y)[()]


def clip(x: Any, low: Any, high: Any) -> Any:
    return np.minimum(np.maximum(x, low), high)


def relu(x: Any) -> Any:
    return np.maximum(x, 0)


def leaky_relu(x: Any, slope: Any) -> Any:
    return where(np.greater(x, 0), x, np.multiply(slope, x))


def elu(x: Any, alpha: Any) -> Any:
    return where(np.greater(x, 0), x, np.multiply(alpha, np.expm1(np.minimum(x, 0))))


def selu(x: Any) -> Any:
    return SELU_SCALE * elu(x, SELU_ALPHA)


def softplus(x: Any) -> Any:
    positive = np.real(x) > 0
    tail = np.log1p(np.exp(where(positive, np.negative(x), x)))
    return where(positive, x + tail, tail)


def sigmoid(x: Any) -> Any:
    positive = np.real(x) > 0
    decayed = np.exp(where(positive, np.negative(x), x))
    return where(positive, 1 / (1 + decayed), decayed / (1 + decayed))


def logit(x: Any) -> Any:
    # The two logarithms cancel near 1/2, where 2x - 1 is exact.
    near = 2 * np.arctanh(np.multiply(2, x) - 1)
    far = np.log(x) - np.log1p(np.negative(x))
    return where(np.absolute(np.subtract(x, 0.5)) < 0.25, near, far)


def silu(x: Any) -> Any:
    return x * sigmoid(x)


def gelu(x: Any) -> Any:
    # erfc keeps the digits of the left tail that 1 + erf would cancel.
    return 0.5 * np.multiply(x, erfc(np.multiply(x, -ROOT_HALF)))


def gelu_tanh(x: Any) -> Any:
    # (1 + tanh u)/2 = sigmoid(2u), which does not cancel in the left tail.
    cube = np.multiply(x, np.multiply(x, x))
    return x * sigmoid(2 * ROOT_TWO_OVER_PI * (x + GELU_CUBIC * cube))


def mish(x: Any) -> Any:
    return x * np.tanh(softplus(x))


def hardtanh(x: Any) -> Any:
    return np.minimum(np.maximum(x, -1), 1)


def softsign(x: Any) -> Any:
    return x / (1 + np.absolute(x))
