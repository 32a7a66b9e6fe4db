"""Set C: 60 functions that have no two-sided derivative at the point: kinks, jumps and edges.

Each row: what it is, the function, the point, and bounds where there are any. All of them take
arrays but the ones of ``math``. Every kink has two finite slopes that differ, every jump two
finite limits or values that differ, and every edge a finite value with nothing on one side.
"""

import math

import numpy as np


def _tip(slope):
    return lambda x: np.abs(x) * slope


def _at_zero(value, f):
    """`f`, given a value at 0, where it is not defined."""

    def g(x):
        x = np.asarray(x, float)
        with np.errstate(all="ignore"):
            return np.where(x == 0, value, f(np.where(x == 0, 1.0, x)))

    return g


def _power(p):
    """A power that is NaN below 0, as NumPy has it; ``float ** float`` would go complex."""
    return lambda x: np.power(x, p)


def _x_log_x(x):
    x = np.asarray(x, float)
    return np.where(x == 0, 0.0, x * np.log(np.where(x == 0, 1.0, x)))


def _raises_below(x):
    if x < 2.0:
        raise ValueError("not defined below 2")
    return x * x


def _nan_above(x):
    return np.where(np.asarray(x) <= 3.0, np.cos(x), np.nan)


KINKS = [
    ("|x| at 0", np.abs, 0.0),
    ("|x-1| at 1", lambda x: np.abs(x - 1), 1.0),
    ("|sin(pi x)| at 1", lambda x: np.abs(np.sin(np.pi * x)), 1.0),
    ("max(x,0) at 0", lambda x: np.maximum(x, 0.0), 0.0),
    ("leaky relu at 0", lambda x: np.where(x > 0, x, 0.01 * x), 0.0),
    ("max(x,x^2) at 1", lambda x: np.maximum(x, x * x), 1.0),
    ("max(x,x^2) at 0", lambda x: np.maximum(x, x * x), 0.0),
    ("min(sin,cos) at pi/4", lambda x: np.minimum(np.sin(x), np.cos(x)), np.pi / 4),
    ("x+1e-3|x-2| at 2", lambda x: x + 1e-3 * np.abs(x - 2), 2.0),
    ("exp(x)+1e-3|x| at 0", lambda x: np.exp(x) + 1e-3 * np.abs(x), 0.0),
    ("1e3+|x| at 0", lambda x: 1e3 + np.abs(x), 0.0),
    ("1e12|x| at 0", _tip(1e12), 0.0),
    ("1e-12|x| at 0", _tip(1e-12), 0.0),
    ("|1e12 x-1| at 1e-12", lambda x: np.abs(1e12 * x - 1), 1e-12),
    ("|1e-12 x-1| at 1e12", lambda x: np.abs(1e-12 * x - 1), 1e12),
    ("|x-1e6| at 1e6", lambda x: np.abs(x - 1e6), 1e6),
    ("|x^2-4| at -2", lambda x: np.abs(x * x - 4), -2.0),
    ("exp(-|x|) at 0", lambda x: np.exp(-np.abs(x)), 0.0),
    ("sqrt(x^2) at 0", lambda x: np.sqrt(x * x), 0.0),
    ("math.fabs(x) cos(x) at 0", lambda x: math.fabs(x) * math.cos(x), 0.0),
]

JUMPS = [
    ("sign at 0", np.sign, 0.0),
    ("floor at 3", np.floor, 3.0),
    ("ceil at -2", np.ceil, -2.0),
    ("x-floor(x) at 1", lambda x: x - np.floor(x), 1.0),
    ("heaviside at 0, middle 0.5", lambda x: np.heaviside(x, 0.5), 0.0),
    ("x>=1 at 1", lambda x: np.where(np.asarray(x) >= 1, 1.0, 0.0), 1.0),
    ("round at 0.5", np.rint, 0.5),
    ("sin(x)+[x>=1] at 1", lambda x: np.sin(x) + np.where(np.asarray(x) >= 1, 1.0, 0.0), 1.0),
    ("1+1e-3[x>0.5] at 0.5", lambda x: 1 + np.where(np.asarray(x) > 0.5, 1e-3, 0.0), 0.5),
    ("exp(x)(1+1e-3[x>=2]) at 2", lambda x: np.exp(x) * np.where(x >= 2, 1.001, 1.0), 2.0),
    ("floor at 1e5", np.floor, 1e5),
    ("x+[x>=1e5] at 1e5", lambda x: x + np.where(np.asarray(x) >= 1e5, 1.0, 0.0), 1e5),
    ("atan(1/x) at 0, pi/2 there", _at_zero(np.pi / 2, lambda x: np.arctan(1 / x)), 0.0),
    ("atan(1/x) at 0, 0 there", _at_zero(0.0, lambda x: np.arctan(1 / x)), 0.0),
    ("tanh(1/x) at 0, -1 there", _at_zero(-1.0, lambda x: np.tanh(1 / x)), 0.0),
    ("1e12 sign(x) at 0", lambda x: 1e12 * np.sign(x), 0.0),
    ("1e-12 sign(x) at 0", lambda x: 1e-12 * np.sign(x), 0.0),
    ("sign(x-1e-9) at 1e-9", lambda x: np.sign(x - 1e-9), 1e-9),
    ("mod(x,2) at 4", lambda x: np.mod(x, 2.0), 4.0),
    ("math.floor(x)+x at 7", lambda x: math.floor(x) + x, 7.0),
]

EDGES = [
    ("sqrt at 0", np.sqrt, 0.0),
    ("x^1.5 at 0", _power(1.5), 0.0),
    ("x^2.5 at 0", _power(2.5), 0.0),
    ("x log x at 0, 0 there", _x_log_x, 0.0),
    ("arcsin at 1", np.arcsin, 1.0),
    ("arcsin at -1", np.arcsin, -1.0),
    ("arccosh at 1", np.arccosh, 1.0),
    ("sqrt(1-x^2) at 1", lambda x: np.sqrt(1 - x * x), 1.0),
    ("math.sqrt at 0", math.sqrt, 0.0),
    ("math.sqrt(x-5)+x at 5", lambda x: math.sqrt(x - 5) + x, 5.0),
    ("math.acos at -1", math.acos, -1.0),
    ("x^2, ValueError below 2, at 2", _raises_below, 2.0),
    ("cos(x), NaN above 3, at 3", _nan_above, 3.0),
    ("(x-1)^1.5 at 1", lambda x: np.power(x - 1, 1.5), 1.0),
    ("1e3+x^1.5 at 0", lambda x: 1e3 + np.power(x, 1.5), 0.0),
    ("exp(x) on [0, 1] at 0", np.exp, 0.0, (0.0, 1.0)),
    ("exp(x) on [0, 1] at 1", np.exp, 1.0, (0.0, 1.0)),
    ("x^3 on [-inf, 1e6] at 1e6", lambda x: x**3, 1e6, (-np.inf, 1e6)),
    ("(x-2)^2.5 exp(x) at 2", lambda x: np.power(x - 2, 2.5) * np.exp(x), 2.0),
    ("x, NaN below 1e-6, at 1e-6", lambda x: np.where(x >= 1e-6, x, np.nan), 1e-6),
]

BREAKS = [
    (kind, name, f, x, bounds[0] if bounds else None)
    for kind, rows in (("KINK", KINKS), ("JUMP", JUMPS), ("EDGE", EDGES))
    for name, f, x, *bounds in rows
]
