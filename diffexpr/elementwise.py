"""The elementwise functions that NumPy does not have, on numbers, arrays and expressions alike.

Where NumPy has a function of the name (``np.sin``, ``np.where``), it works on expressions itself.

Examples
--------
>>> from diffexpr import relu, symbol
>>> relu(symbol("x")), float(relu(-2.0)), relu([1.0, -1.0])
(relu(x), 0.0, array([1., 0.]))
"""

from __future__ import annotations

from typing import Any

from diffexpr.apply import apply
from diffexpr.operands import as_operand


def _elementwise(op: str, *operands: Any) -> Any:
    return apply(op, tuple(as_operand(x) for x in operands))


def sec(x: Any) -> Any:
    """Secant, ``1/cos(x)``."""
    return _elementwise("sec", x)


def csc(x: Any) -> Any:
    """Cosecant, ``1/sin(x)``."""
    return _elementwise("csc", x)


def cot(x: Any) -> Any:
    """Cotangent, ``cos(x)/sin(x)``."""
    return _elementwise("cot", x)


def arcsec(x: Any) -> Any:
    """Inverse secant, ``arccos(1/x)``."""
    return _elementwise("arcsec", x)


def arccsc(x: Any) -> Any:
    """Inverse cosecant, ``arcsin(1/x)``."""
    return _elementwise("arccsc", x)


def arccot(x: Any) -> Any:
    """Inverse cotangent, ``arctan(1/x)``, odd in x."""
    return _elementwise("arccot", x)


def sech(x: Any) -> Any:
    """Hyperbolic secant, ``1/cosh(x)``."""
    return _elementwise("sech", x)


def csch(x: Any) -> Any:
    """Hyperbolic cosecant, ``1/sinh(x)``."""
    return _elementwise("csch", x)


def coth(x: Any) -> Any:
    """Hyperbolic cotangent, ``1/tanh(x)``."""
    return _elementwise("coth", x)


def arcsech(x: Any) -> Any:
    """Inverse hyperbolic secant, ``arccosh(1/x)``."""
    return _elementwise("arcsech", x)


def arccsch(x: Any) -> Any:
    """Inverse hyperbolic cosecant, ``arcsinh(1/x)``."""
    return _elementwise("arccsch", x)


def arccoth(x: Any) -> Any:
    """Inverse hyperbolic cotangent, ``arctanh(1/x)``."""
    return _elementwise("arccoth", x)


def erf(x: Any) -> Any:
    """Error function; its values, like those of the next, need the extra ``special``."""
    return _elementwise("erf", x)


def erfc(x: Any) -> Any:
    """Complementary error function, ``1 - erf(x)``."""
    return _elementwise("erfc", x)


def erfi(x: Any) -> Any:
    """Imaginary error function, ``-i erf(i x)``."""
    return _elementwise("erfi", x)


def gamma(x: Any) -> Any:
    """Gamma function, ``(x - 1)!``."""
    return _elementwise("gamma", x)


def loggamma(x: Any) -> Any:
    """Logarithm of the gamma function."""
    return _elementwise("loggamma", x)


def digamma(x: Any) -> Any:
    """Derivative of `loggamma`."""
    return _elementwise("digamma", x)


def polygamma(order: Any, x: Any) -> Any:
    """Derivative of `digamma` of a fixed order."""
    return _elementwise("polygamma", order, x)


def beta(a: Any, b: Any) -> Any:
    """Beta function, ``gamma(a) gamma(b) / gamma(a + b)``."""
    return _elementwise("beta", a, b)


def relu(x: Any) -> Any:
    """Rectified linear unit, ``max(x, 0)``."""
    return _elementwise("relu", x)


def leaky_relu(x: Any, slope: Any = 0.01) -> Any:
    """``x`` above 0, ``slope * x`` below."""
    return _elementwise("leaky_relu", x, slope)


def elu(x: Any, alpha: Any = 1.0) -> Any:
    """Exponential linear unit: ``x`` above 0, ``alpha * (exp(x) - 1)`` below."""
    return _elementwise("elu", x, alpha)


def selu(x: Any) -> Any:
    """Scaled exponential linear unit (Klambauer et al. 2017, arXiv:1706.02515)."""
    return _elementwise("selu", x)


def softplus(x: Any) -> Any:
    """``log(1 + exp(x))``, without overflow."""
    return _elementwise("softplus", x)


def sigmoid(x: Any) -> Any:
    """Logistic function, ``1/(1 + exp(-x))``, without overflow."""
    return _elementwise("sigmoid", x)


def logit(x: Any) -> Any:
    """Inverse of `sigmoid`, ``log(x/(1 - x))``."""
    return _elementwise("logit", x)


def silu(x: Any) -> Any:
    """``x * sigmoid(x)``, also known as swish."""
    return _elementwise("silu", x)


def gelu(x: Any) -> Any:
    """Gaussian error linear unit, ``x (1 + erf(x/sqrt(2)))/2``."""
    return _elementwise("gelu", x)


def gelu_tanh(x: Any) -> Any:
    """The approximation of `gelu` by tanh (Hendrycks and Gimpel 2016, arXiv:1606.08415)."""
    return _elementwise("gelu_tanh", x)


def mish(x: Any) -> Any:
    """``x * tanh(softplus(x))``."""
    return _elementwise("mish", x)


def hardtanh(x: Any) -> Any:
    """``x`` kept between -1 and 1."""
    return _elementwise("hardtanh", x)


def softsign(x: Any) -> Any:
    """``x/(1 + |x|)``."""
    return _elementwise("softsign", x)
