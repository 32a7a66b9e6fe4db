"""Edges of functions of numbers: branches, powers, roots, logarithms, kinks, angles, scales."""

from __future__ import annotations

import math

import numpy as np
from edges import Edge, Group

from diffexpr import relu, sigmoid, softplus
from diffexpr.apply import apply

INF, NAN, PI = math.inf, math.nan, math.pi

# fmt: off
branch = Group("Branches")
branch("where(x > 0, log(x), 0)", lambda x: np.where(x > 0, np.log(x), 0.0), 0.0, (0, 0, 0),
       "convention", "the branch taken is 0; that of log, infinite here, never enters")
branch("where(x > 0, 1/x, x)", lambda x: np.where(x > 0, 1 / x, x), 0.0, (1, 0, 0),
       "convention", "the branch taken alone")
branch("where(x != 0, sin(x)/x, 1)", lambda x: np.where(x != 0, np.sin(x) / x, 1.0), 0.0, (0, 0),
       "convention", "the branch taken is constant; it hides that the second derivative of "
       "sin(x)/x tends to -1/3: use sinc")
branch("where(x < 1, x, exp(1e4 x))", lambda x: np.where(x < 1, x, np.exp(1e4 * x)), 0.5, (1, 0),
       "exact", "the other branch overflows, and is not taken")
branch("where(x > 0, x, nan)", lambda x: np.where(x > 0, x, NAN), 1.0, (1, 0, 0),
       "exact", "NaN in the branch not taken")
branch("where(x > 0, x^2, x nan)", lambda x: np.where(x > 0, x * x, x * NAN), 3.0, (6, 2, 0),
       "exact", "a NaN slope in the branch not taken")
branch("where(x > 0, sqrt(x - 5), x^2)", lambda x: np.where(x > 0, np.sqrt(x - 5), x * x), -3.0,
       (-6, 2, 0), "exact", "sqrt(-8) is NaN, and not taken")
branch("where(x > 0, where(x > 1, sqrt(x - 1), x^3), exp(-x))",
       lambda x: np.where(x > 0, np.where(x > 1, np.sqrt(x - 1), x**3), np.exp(-x)), 0.5,
       (0.75, 3, 6), "exact", "the inner branch that is taken: 3x^2, 6x, 6")
branch("where(x > 0, 1, where(x < 0, -1, log(x)))",
       lambda x: np.where(x > 0, 1.0, np.where(x < 0, -1.0, np.log(x))), 2.0, (0, 0),
       "exact", "a constant, whatever stands in the branches of the branch")
branch("where(x > 0, x, 0) sqrt(x)", lambda x: np.where(x > 0, x, 0.0) * np.sqrt(x), 4.0,
       (3, 3 / 8), "exact", "x^(3/2) above 0: 3/2 sqrt(x), 3/(4 sqrt(x))")
branch("sqrt(where(x > 0, x, 1))", lambda x: np.sqrt(np.where(x > 0, x, 1.0)), 0.0, (0, 0),
       "convention", "the branch taken is constant")
branch("where(x == 0, 0, x/x)", lambda x: np.where(x == 0, 0.0, x / x), 0.0, (0, 0),
       "convention", "the branch taken is constant")

power = Group("Powers")
for _n, _orders in (
    (0, (0, 0, 0)), (1, (1, 0, 0)), (2, (0, 2, 0)), (3, (0, 0, 6)), (4, (0, 0, 0, 24)),
):  # fmt: skip
    _why = "n x^(n-1), where x^0 = 1 at 0 too and a factor n = 0 ends it"
    power(f"x**{_n}", lambda x, n=_n: x**n, 0.0, _orders, "exact", _why)
    power(f"x**{_n}.0", lambda x, n=_n: x ** float(n), 0.0, _orders, "exact", _why)
    power(f"x**array({_n}.0)", lambda x, n=_n: x ** np.array(float(n)), 0.0, _orders, "exact", _why)
    power(f"x**array({_n})", lambda x, n=_n: x ** np.array(n), 0.0, _orders, "exact", _why)
    power(f"x**(n + 0x), n = {_n}", lambda x, n=_n: x ** (n + 0 * x), 2.0,
          tuple(math.perm(_n, k) * 2.0 ** max(_n - k, 0) for k in (1, 2, 3)), "exact",
          "n x^(n-1); the exponent varies in name only")
power("x**0.5", lambda x: x**0.5, 0.0, (INF, -INF, INF), "one-sided", "1/2 x^(-1/2) and so on")
power("x**1.5", lambda x: x**1.5, 0.0, (0, INF, -INF), "one-sided", "3/2 x^(1/2), 3/4 x^(-1/2)")
power("x**2.5", lambda x: x**2.5, 0.0, (0, 0, INF), "one-sided", "15/8 x^(-1/2) in third order")
power("x**-1", lambda x: x**-1, 0.0, (-INF, INF), "one-sided", "-1/x^2 from the right")
power("1/x", lambda x: 1 / x, 0.0, (-INF, INF), "one-sided", "-1/x^2, 2/x^3 from the right")
power("1/x", lambda x: 1 / x, -0.0, (-INF, -INF), "one-sided", "2/x^3 from the left is -inf")
power("x**3.0", lambda x: x**3.0, -2.0, (12, -12, 6), "exact", "3x^2, 6x, 6; no logarithm of -2")
power("x**array(3.0)", lambda x: x ** np.array(3.0), -2.0, (12, -12, 6), "exact", "the same")
power("x**-2.0", lambda x: x**-2.0, -2.0, (0.25, 0.375), "exact", "-2x^-3, 6x^-4")
power("x**(1/3)", lambda x: x ** (1 / 3), -8.0, (NAN, NAN), "undefined",
      "a real power of a negative number is not defined; cbrt is")
power("x**y", lambda x, y: x**y, (-2.0, 3.0), ((12, NAN),), "undefined",
      "(-2)^y is real at isolated y only; along x it is 3x^2")
power("x**y", lambda x, y: x**y, (0.0, 2.0), ((0, 0),), "exact", "2x, and 0^y = 0 for all y > 0")
power("x**y", lambda x, y: x**y, (0.0, 1.0), ((1, 0),), "exact", "x^0 = 1, and 0^y = 0 for y > 0")
power("x**y", lambda x, y: x**y, (2.0, 0.0), ((0, math.log(2)),), "exact", "0, and 2^0 ln 2")
power("x**y", lambda x, y: x**y, (0.0, 0.0), ((0, -INF),), "one-sided",
      "x^0 = 1 for every x; 0^y falls from 1 to 0 at once, and x^y ln x tends to -inf too")
power("x**x", lambda x: x**x, 0.0, (-INF,), "one-sided", "x^x (1 + ln x) falls without bound")
power("0**x", lambda x: 0**x, 2.0, (0, 0), "exact", "0 for all x > 0")
power("0.0**x", lambda x: 0.0**x, 0.5, (0, 0), "exact", "0 for all x > 0")
power("1**x", lambda x: 1**x, 3.0, (0, 0), "exact", "ln 1 = 0")
power("(-1.0)**x", lambda x: (-1.0) ** x, 2.0, (NAN,), "undefined", "real at integers only")
power("square(x)", np.square, 0.0, (0, 2, 0), "exact", "2x")
power("cbrt(x)", np.cbrt, 0.0, (INF,), "exact", "the graph stands upright at 0")
power("cbrt(x)", np.cbrt, -8.0, (1 / 12, 1 / 144), "exact", "1/(3 y^2), -2/(9 y^5)")

root = Group("Roots and zeros that meet infinity")
root("sqrt(x)", np.sqrt, 0.0, (INF, -INF, INF), "one-sided", "1/(2 sqrt x) from the right")
root("sqrt(x)*0", lambda x: np.sqrt(x) * 0, 0.0, (0, 0), "one-sided",
     "a constant 0 times a finite number is 0 for every x >= 0")
root("0.0*sqrt(x)", lambda x: 0.0 * np.sqrt(x), 0.0, (0, 0), "one-sided", "the same")
root("sqrt(0 x)", lambda x: np.sqrt(0 * x), 3.0, (0,), "indeterminate",
     "constant; but sqrt is upright at 0")
root("sqrt(x)**2", lambda x: np.sqrt(x) ** 2, 0.0, (1,), "indeterminate",
     "x for x >= 0; the rules see 2*0 times infinity")
root("sqrt(x**2)", lambda x: np.sqrt(x**2), 0.0, (NAN,), "undefined",
     "|x|, with a kink; write abs(x) for the convention 0")
root("sqrt(x*x)", lambda x: np.sqrt(x * x), 0.0, (NAN,), "undefined", "the same")
root("sqrt(x*x)", lambda x: np.sqrt(x * x), 1e-150, (1,), "exact", "away from 0 it is x")
root("x sqrt(x)", lambda x: x * np.sqrt(x), 0.0, (0,), "indeterminate",
     "x^(3/2); the rules see 0 times infinity; write x**1.5")
root("x/x", lambda x: x / x, 0.0, (NAN, NAN), "undefined", "0/0: the function has no value there")
root("x**2/x", lambda x: x**2 / x, 0.0, (NAN,), "undefined", "0/0: no value there")
root("sin(x)/x", lambda x: np.sin(x) / x, 0.0, (NAN,), "undefined", "0/0; sinc has the value")
root("sinc(x)", np.sinc, 0.0, (0, -PI**2 / 3, 0, PI**4 / 5), "exact",
     "series: 1 - (pi x)^2/6 + (pi x)^4/120")
root("sinc(x)", np.sinc, 1e-9, (-PI**2 / 3 * 1e-9, -PI**2 / 3), "exact", "series")
root("sinc(x)", np.sinc, 1.0, (-1, 2), "exact", "cos(pi x)/x - sinc(x)/x and its derivative")
root("x*0", lambda x: x * 0, 5.0, (0, 0), "exact", "constant")

log = Group("Logarithms at the end of their domain")
log("log(x)", np.log, 0.0, (INF, -INF, INF), "one-sided", "1/x from the right; the value is -inf")
log("log2(x)", np.log2, 0.0, (INF, -INF), "one-sided", "1/(x ln 2) from the right")
log("log10(x)", np.log10, 0.0, (INF, -INF), "one-sided", "1/(x ln 10) from the right")
log("log1p(x)", np.log1p, -1.0, (INF, -INF), "one-sided", "1/(1+x) from the right")
log("log1p(x)", np.log1p, 1e-20, (1, -1), "exact", "1/(1+x)")
log("expm1(x)", np.expm1, 1e-20, (1, 1), "exact", "e^x")
log("x log(x)", lambda x: x * np.log(x), 0.0, (NAN,), "undefined",
    "0 times -inf: no value there; where(x > 0, ...) gives one")
log("where(x > 0, x log(x), 0)", lambda x: np.where(x > 0, x * np.log(x), 0.0), 0.0, (0,),
    "convention", "the branch taken; from the right the slope is -inf")
log("log(x)", np.log, -1.0, (NAN, NAN), "undefined", "no value there, so no slope")
log("log2(x)", np.log2, -1.0, (NAN, NAN), "undefined", "no value there")
log("log10(x)", np.log10, -1.0, (NAN, NAN), "undefined", "no value there")
log("log1p(x)", np.log1p, -2.0, (NAN, NAN), "undefined", "no value there")
log("arctanh(x)", np.arctanh, 2.0, (NAN, NAN), "undefined", "no value there")
log("arcsin(x)", np.arcsin, 2.0, (NAN, NAN), "undefined", "no value there")
log("arccosh(x)", np.arccosh, 0.5, (NAN, NAN), "undefined", "no value there")
log("logit(x)", lambda x: apply("logit", (x,)), 2.0, (NAN, NAN), "undefined", "no value there")
log("arcsin(x)", np.arcsin, 1.0, (INF,), "one-sided", "1/sqrt(1-x^2) from the left")
log("arcsin(x)", np.arcsin, -1.0, (INF,), "one-sided", "1/sqrt(1-x^2) from the right")
log("arccos(x)", np.arccos, 1.0, (-INF,), "one-sided", "-1/sqrt(1-x^2) from the left")
log("arctanh(x)", np.arctanh, 1.0, (INF,), "one-sided", "1/(1-x^2) from the left")
log("arccosh(x)", np.arccosh, 1.0, (INF,), "one-sided", "1/sqrt(x^2-1) from the right")
log("logaddexp(x, y)", np.logaddexp, (-INF, 0.0), ((0, 1), ((0, 0), (0, 0))), "one-sided",
    "weights e^x/(e^x + e^y): 0 and 1")
log("logaddexp(x, y)", np.logaddexp, (INF, 0.0), ((1, 0),), "one-sided", "the limit: 1 and 0")
log("logaddexp(x, y)", np.logaddexp, (-INF, -INF), ((NAN, NAN),), "undefined",
    "the weights depend on how both fall")

kink = Group("Kinks, jumps and ties")
kink("abs(x)", abs, 0.0, (0, 0), "convention", "the middle of [-1, 1]; its slope is that of sign")
kink("abs(x)", abs, -0.0, (0, 0), "convention", "the sign of zero changes nothing")
kink("x abs(x)", lambda x: x * abs(x), 0.0, (0, 0), "convention",
     "2|x|, which is 0; its own kink is taken for 0")
kink("abs(x)**3", lambda x: abs(x) ** 3, 0.0, (0, 0, 0), "convention",
     "3 x|x|, 6|x|, and the kink in third order")
kink("sqrt(abs(x))", lambda x: np.sqrt(abs(x)), 0.0, (NAN,), "undefined", "+inf against -inf")
kink("sign(x)", np.sign, 0.0, (0, 0), "convention", "0 on both sides of the jump")
kink("floor(x)", np.floor, 2.0, (0, 0), "convention", "0 on both sides of the jump")
kink("heaviside(x, 0.5)", lambda x: np.heaviside(x, 0.5), 0.0, (0, 0), "convention",
     "0 on both sides of the jump")
kink("x % 1", lambda x: x % 1, 2.0, (1, 0), "convention", "1 on both sides of the jump")
kink("maximum(x, x)", lambda x: np.maximum(x, x), 3.0, (1, 0), "exact", "halves of x itself")
kink("maximum(x, -x)", lambda x: np.maximum(x, -x), 0.0, (0, 0), "convention",
     "half of 1 and half of -1, as abs has it")
kink("maximum(x, 0)", lambda x: np.maximum(x, 0), 0.0, (0.5, 0), "convention",
     "a tie: half of the slope")
kink("relu(x)", relu, 0.0, (0, 0), "convention", "0, as neural networks take it")
kink("maximum(x, y)", np.maximum, (1.0, 1.0), ((0.5, 0.5), ((0, 0), (0, 0))), "convention",
     "a tie is shared")
kink("minimum(x, y)", np.minimum, (-0.0, 0.0), ((0.5, 0.5),), "convention", "-0 = 0: a tie")
kink("maximum(x, y)", np.maximum, (INF, INF), ((0.5, 0.5),), "convention", "a tie is shared")
kink("maximum(x, y)", np.maximum, (1.0, NAN), ((NAN, NAN),), "undefined", "the value is NaN")
kink("fmax(x, y)", np.fmax, (1.0, NAN), ((1, 0),), "exact", "fmax passes NaN over: it is x")
kink("clip(x, 0, 1)", lambda x: np.clip(x, 0, 1), 1.0, (0.5, 0), "convention",
     "a tie of x and the limit")
kink("clip(x, 0, 1)", lambda x: np.clip(x, 0, 1), INF, (0, 0), "exact", "the limit is constant")
kink("x if x > 0 else -x", lambda x: x if x > 0 else -x, 0.0, (-1, 0), "convention",
     "the branch that Python takes")
kink("0 if x == 0 else x", lambda x: 0.0 if x == 0 else x, 0.0, (0, 0), "convention",
     "Python takes the constant; the slope of x is not seen")

angle = Group("Angles and lengths")
angle("arctan2(y, x)", np.arctan2, (0.0, 0.0), ((NAN, NAN),), "undefined",
      "every angle meets in the origin")
angle("arctan2(y, x)", np.arctan2, (-0.0, -0.0), ((NAN, NAN),), "undefined", "the same")
angle("arctan2(y, x)", np.arctan2, (0.0, -1.0), ((-1, 0), ((0, -1), (-1, 0))), "one-sided",
      "(x, -y)/(x^2+y^2) on the upper side of the cut; the slope is the same on both")
angle("arctan2(y, x)", np.arctan2, (-0.0, -1.0), ((-1, 0),), "one-sided", "the lower side")
angle("arctan2(y, x)", np.arctan2, (1.0, 0.0), ((0, -1), ((0, 1), (1, 0))), "exact", "-y/(x^2+y^2)")
angle("arctan2(y, x)", np.arctan2, (1e300, 1e300), ((5e-301, -5e-301),), "exact",
      "no square is formed, which would overflow")
angle("arctan2(y, x)", np.arctan2, (3e-300, 4e-300), ((16e298, -12e298),), "exact",
      "x/(x^2+y^2) with x^2 + y^2 below the smallest number")
angle("hypot(x, y)", np.hypot, (0.0, 0.0), ((0, 0), ((NAN, NAN), (NAN, NAN))), "convention",
      "the middle of all directions; the slope of the direction is not defined")
angle("hypot(x, y)", np.hypot, (3.0, 0.0), ((1, 0), ((0, 0), (0, 1 / 3))), "exact",
      "(x, y)/r, and (y^2, x^2)/r^3")
angle("hypot(x, y)", np.hypot, (1e300, 1e300), ((math.sqrt(0.5),) * 2,), "exact", "x/r")
angle("hypot(x, y)", np.hypot, (3e-300, 4e-300), ((0.6, 0.8), ((1.28e299, -9.6e298),
      (-9.6e298, 7.2e298))), "exact", "x/r, and (y^2, -xy, x^2)/r^3")

scale = Group("Far out and close in")
scale("exp(-x**2)", lambda x: np.exp(-(x**2)), 30.0, (0, 0), "exact", "below the smallest number")
scale("exp(-x**2)", lambda x: np.exp(-(x**2)), 1e200, (0, 0), "exact",
      "the square overflows, its exponential is 0, and so is the slope")
scale("exp(-x**2)", lambda x: np.exp(-(x**2)), 5.0, (-10 * math.exp(-25), 98 * math.exp(-25)),
      "exact", "-2x y, (4x^2 - 2) y")
scale("tanh(x)", np.tanh, 1e300, (0, 0), "exact", "sech(x)^2 without overflow of cosh")
scale("tanh(x)", np.tanh, 400.0, (0,), "exact", "sech(400)^2 is below the smallest number")
scale("tanh(x)", np.tanh, 20.0, (4 * math.exp(-40),),
      "exact", "sech(x)^2, where 1 - y^2 has no digit")
scale("tanh(x)", np.tanh, 1e-300, (1,), "exact", "sech(0)^2")
scale("sigmoid(x)", sigmoid, 1000.0, (0, 0), "exact", "y (1 - y)")
scale("sigmoid(x)", sigmoid, -1000.0, (0, 0), "exact", "y (1 - y)")
scale("sigmoid(x)", sigmoid, 40.0, (math.exp(-40), -math.exp(-40)), "exact",
      "y (1 - y), where 1 - y has no digit")
scale("softplus(x)", softplus, 1e300, (1, 0), "exact", "sigmoid")
scale("softplus(x)", softplus, -1e300, (0, 0), "exact", "sigmoid")
scale("logaddexp(x, y)", np.logaddexp, (1e300, -1e300), ((1, 0), ((0, 0), (0, 0))), "exact",
      "weights 1 and 0")
scale("logaddexp(x, y)", np.logaddexp, (1000.0, 1000.0), ((0.5, 0.5), ((0.25, -0.25),
      (-0.25, 0.25))), "exact", "w, and w (1 - w)")
scale("arcsinh(x)", np.arcsinh, 1e300, (1e-300,), "exact", "1/sqrt(1+x^2) without the square")
scale("arctan(x)", np.arctan, 1e200, (0,), "exact", "1/(1+x^2), below the smallest number")
scale("arctan(x)", np.arctan, INF, (0,), "one-sided", "the limit")
scale("exp(x)", np.exp, -INF, (0, 0), "one-sided", "the limit")
scale("exp(x)", np.exp, INF, (INF, INF), "one-sided", "the limit")
scale("exp(x)", np.exp, 1000.0, (INF,), "exact", "above the largest number, as the value is")
scale("tanh(x)", np.tanh, INF, (0,), "one-sided", "the limit")
scale("sigmoid(x)", sigmoid, -INF, (0,), "one-sided", "the limit")
scale("sin(x)", np.sin, INF, (NAN,), "undefined", "no value, no slope")
scale("sin(x)", np.sin, NAN, (NAN,), "undefined", "NaN in, NaN out")
scale("x*x", lambda x: x * x, NAN, (NAN,), "undefined", "NaN in, NaN out")
scale("x*x", lambda x: x * x, 1e200, (2e200, 2), "exact", "2x, though the value overflows")
scale("x**3", lambda x: x**3, 1e-200, (0, 6e-200, 6), "exact", "3x^2 is below the smallest number")
scale("log(x)", np.log, 1e-300, (1e300,), "exact", "1/x")
scale("log(x)", np.log, 5e-324, (INF,), "exact", "1/x is above the largest number")
scale("sqrt(x)", np.sqrt, 1e-300, (0.5e150,), "exact", "1/(2 sqrt x)")
scale("log(exp(x))", lambda x: np.log(np.exp(x)), 1000.0, (1,), "indeterminate",
      "x; but exp(1000) is inf, and the rules see infinity over infinity")
# fmt: on

NUMBERS: tuple[Edge, ...] = tuple(
    edge for group in (branch, power, root, log, kink, angle, scale) for edge in group.edges
)
