"""Every primitive by mpmath alone: the witness against which SymPy's meanings are judged."""

import mpmath
from mpmath import mp

SLOPE, ALPHA = mpmath.mpf(1.0507009873554805), mpmath.mpf(1.6732632423543772)
CUBIC = mpmath.mpf(0.044715)


def cbrt(x):
    return mp.sign(x) * mp.root(abs(x), 3)


def round_even(x):
    return mp.nint(x)


def elu(x, alpha):
    return x if x > 0 else alpha * mp.expm1(x)


def sigmoid(x):
    return 1 / (1 + mp.exp(-x))


def softplus(x):
    return mp.log1p(mp.exp(x))


def gelu_tanh(x):
    return x / 2 * (1 + mp.tanh(mp.sqrt(2 / mp.pi) * (x + CUBIC * x**3)))


TRUTHS = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b,
    "power": lambda a, b: a**b,
    "negative": lambda x: -x,
    "square": lambda x: x * x,
    "reciprocal": lambda x: 1 / x,
    "sqrt": mp.sqrt,
    "cbrt": cbrt,
    "mod": lambda a, b: a - b * mp.floor(a / b),
    "abs": abs,
    "sign": mp.sign,
    "maximum": max,
    "minimum": min,
    "where": lambda c, a, b: a if c else b,
    "clip": lambda x, low, high: min(max(x, low), high),
    "floor": mp.floor,
    "ceil": mp.ceil,
    "round": round_even,
    "heaviside": lambda x, h: h if x == 0 else mp.mpf(x > 0),
    "exp": mp.exp,
    "exp2": lambda x: mp.mpf(2) ** x,
    "expm1": mp.expm1,
    "log": mp.log,
    "log2": lambda x: mp.log(x, 2),
    "log10": mp.log10,
    "log1p": mp.log1p,
    "logaddexp": lambda a, b: mp.log(mp.exp(a) + mp.exp(b)),
    "sin": mp.sin,
    "cos": mp.cos,
    "tan": mp.tan,
    "sec": mp.sec,
    "csc": mp.csc,
    "cot": mp.cot,
    "arcsin": mp.asin,
    "arccos": mp.acos,
    "arctan": mp.atan,
    "arctan2": mp.atan2,
    "arcsec": mp.asec,
    "arccsc": mp.acsc,
    "arccot": mp.acot,
    "sinc": mp.sincpi,
    "hypot": mp.hypot,
    "sinh": mp.sinh,
    "cosh": mp.cosh,
    "tanh": mp.tanh,
    "sech": mp.sech,
    "csch": mp.csch,
    "coth": mp.coth,
    "arcsinh": mp.asinh,
    "arccosh": mp.acosh,
    "arctanh": mp.atanh,
    "arcsech": mp.asech,
    "arccsch": mp.acsch,
    "arccoth": mp.acoth,
    "erf": mp.erf,
    "erfc": mp.erfc,
    "erfi": mp.erfi,
    "gamma": mp.gamma,
    "loggamma": mp.loggamma,
    "digamma": mp.digamma,
    "polygamma": lambda n, x: mp.polygamma(int(n), x),
    "beta": mp.beta,
    "relu": lambda x: max(x, mp.mpf(0)),
    "leaky_relu": lambda x, slope: x if x > 0 else slope * x,
    "elu": elu,
    "selu": lambda x: SLOPE * elu(x, ALPHA),
    "softplus": softplus,
    "sigmoid": sigmoid,
    "logit": lambda x: mp.log(x / (1 - x)),
    "silu": lambda x: x * sigmoid(x),
    "gelu": lambda x: x * mp.ncdf(x),
    "gelu_tanh": gelu_tanh,
    "mish": lambda x: x * mp.tanh(softplus(x)),
    "hardtanh": lambda x: min(max(x, mp.mpf(-1)), mp.mpf(1)),
    "softsign": lambda x: x / (1 + abs(x)),
}
