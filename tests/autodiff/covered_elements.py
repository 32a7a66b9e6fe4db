"""Elementwise functions: every ufunc that has a derivative."""

import numpy as np
from covered import DECIDED, M, N, X, case

UNIT = 0.35 * M
ONE = {
    "positive": M, "negative": M, "absolute": M, "fabs": M, "sign": M, "sqrt": M, "cbrt": M,
    "square": M, "reciprocal": M, "exp": M, "exp2": M, "expm1": M, "log": M, "log2": M,
    "log10": M, "log1p": M, "sin": M, "cos": M, "tan": UNIT, "arcsin": UNIT, "arccos": UNIT,
    "arctan": M, "sinh": M, "cosh": M, "tanh": M, "arcsinh": M, "arccosh": M + 1,
    "arctanh": UNIT, "deg2rad": M, "rad2deg": M, "degrees": M, "radians": M, "floor": M,
    "ceil": M, "trunc": M, "rint": M, "conjugate": M, "conj": M, "modf": M,
}  # fmt: skip
for name, x in ONE.items():
    f = getattr(np, name)
    case(f"np.{name}", lambda x, f=f: f(x), x)
TWO = ("add", "subtract", "multiply", "divide", "true_divide", "power", "float_power", "pow",
       "maximum", "minimum", "fmax", "fmin", "arctan2", "atan2", "hypot", "logaddexp",
       "logaddexp2", "mod", "remainder", "fmod", "floor_divide", "divmod", "copysign")  # fmt: skip
for name in TWO:
    f = getattr(np, name)
    case(f"np.{name}", lambda x, y, f=f: f(x, y), M, N + 0.01)  # fmt: skip
case("np.power", lambda x: np.power(x, 3) + np.power(2.0, x), M)
case("np.heaviside", lambda x: x * np.heaviside(x - 1, 0.5), M)
case("np.ldexp", lambda x: np.ldexp(x, 3), M)
case("np.add", lambda x: np.add(x, 1, dtype=np.float64), M)
for name in ("round", "around"):
    f = getattr(np, name)
    case(f"np.{name}", lambda x, f=f: x * f(x, 1) + f(10 * x, decimals=-1), M)
case("np.fix", lambda x: x * np.fix(x), M)
case("np.real", lambda x: np.real(x), M)
case("np.imag", lambda x: x + np.imag(x), M)
case("np.angle", lambda x: x + np.angle(x), M)
case("np.real_if_close", lambda x: np.real_if_close(x), M)
case("np.i0", lambda x: np.i0(x), M)
case("np.sinc", lambda x: np.sinc(x), X)
COMPARE = ("less", "less_equal", "greater", "greater_equal", "equal", "not_equal")
for name in COMPARE:
    f = getattr(np, name)
    case(f"np.{name}", lambda x, f=f: np.where(f(x, 1.0), x, x**2), M)
for name in ("isnan", "isinf", "isfinite", "signbit"):
    f = getattr(np, name)
    case(f"np.{name}", lambda x, f=f: np.where(f(x), x, x**2), M)
for name in ("logical_and", "logical_or", "logical_xor"):
    f = getattr(np, name)
    case(f"np.{name}", lambda x, f=f: np.where(f(x > 1, x < 1.5), x, x**2), M)
case("np.logical_not", lambda x: np.where(np.logical_not(x > 1), x, x**2), M)
case("np.isclose", lambda x: np.where(np.isclose(x, x + 1e-12), x, x**2), M)
for name in ("sqrt", "log", "log2", "log10"):
    f = getattr(np.emath, name)
    case(f"np.emath.{name}", lambda x, f=f: f(x - 3), M, expression=DECIDED)
for name in ("arccos", "arcsin", "arctanh"):
    f = getattr(np.emath, name)
    case(f"np.emath.{name}", lambda x, f=f: f(x), UNIT, expression=DECIDED)
case("np.emath.logn", lambda x: np.emath.logn(2, x), M, expression=DECIDED)
case("np.emath.power", lambda x: np.emath.power(x - 3, 3), M, expression=DECIDED)
