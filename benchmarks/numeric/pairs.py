"""Set B: random smooth functions of the language at random points, and their derivatives there.

What is drawn is dropped only where the derivative is not there to be had: not finite at the point
or close to it, beyond the floats, or 0 everywhere. How the numeric backend fares is never asked.
"""

import math
import random
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

import symdiff
from diffexpr import CrossdiffError, Expr, evaluate_all, function, parse
from diffexpr.walk import topological
from numdiff import Status
from numeric.score import CONTEXT

SEED = 20240917
UNARY = (
    "sin", "cos", "tan", "exp", "log", "sqrt", "tanh", "sinh", "cosh", "arctan", "arcsin",
    "arccos", "arcsinh", "arctanh", "expm1", "log1p", "erf", "sigmoid", "softplus", "cbrt",
)  # fmt: skip
LEAST, MOST = np.finfo(float).tiny, np.finfo(float).max
ILL = 1e4
"""Units of eps by which a value may be wrong before its function counts as ill-conditioned."""

# Digits, and those of the step relative to x: the difference is right to 45 digits where the
# derivative is more than 1e-5 of f/x, or 1e-60, or 1e-210. What is still less is taken for a
# constant; the last line is for what turns within the steps before, such as sin(exp(x)) at 300.
PRECISIONS = ((90, 35), (160, 50), (360, 100), (900, 350))


@dataclass(frozen=True)
class Pair:
    """A function and a point, the derivative, and by how many eps the function's value is wrong."""

    text: str
    f: Any
    x: float
    truth: Any
    ulps: float


def pairs(count, seed=SEED, dropped=None):
    """`count` pairs, the same ones for the same seed; why others were dropped is counted."""
    rng = random.Random(seed)
    dropped = Counter() if dropped is None else dropped
    found = 0
    while found < count:
        text = polynomial(rng) if rng.random() < 0.15 else tree(rng, rng.randint(1, 5))
        x = math.copysign(10 ** rng.uniform(-6, 4), rng.random() - 0.5)
        pair = posed(text, x)
        if isinstance(pair, Pair):
            found += 1
            yield pair
        else:
            dropped[pair] += 1


def tree(rng, depth):
    """A random expression in x of at most this depth, fully bracketed."""
    if depth == 0:
        return "x"
    kind, inner = rng.random(), tree(rng, depth - 1)
    if kind < 0.5:
        return f"{rng.choice(UNARY)}({inner})"
    if kind < 0.62:
        return f"({inner})^{rng.choice(('2', '3', '4', '5', '1.5', '0.3', '(-1)', '(-2)'))}"
    other = constant(rng) if rng.random() < 0.5 else tree(rng, rng.randrange(depth))
    sides = [inner, other]
    rng.shuffle(sides)
    return f"({sides[0]}){'^' if kind < 0.65 else rng.choice('+-*/')}({sides[1]})"


def polynomial(rng):
    """A polynomial of degree 1 to 8 with coefficients of mixed scale."""
    degree = rng.randint(1, 8)
    return "+".join(f"({constant(rng)})*x^{k}" for k in range(degree + 1))


def constant(rng):
    """A number of mixed scale, negative in one case of four."""
    kind = rng.random()
    size = rng.randint(1, 10) if kind < 0.4 else 10 ** rng.uniform(*((-1, 1), (-4, 4))[kind > 0.7])
    return f"{'-' if rng.random() < 0.25 else ''}{size:.3g}"


def posed(text, x):
    """The pair, or in a word why there is none."""
    try:
        expr = parse(text)
    except CrossdiffError:
        return "beyond the bounds of the language"
    if not isinstance(expr, Expr) or not expr.variables:
        return "constant"
    f = function(expr, "x")
    around = x * (1 + np.array([-1e-6, -1e-9, 0.0, 1e-9, 1e-6]))
    for values in evaluate_all(topological(expr), {"x": around}):
        if not np.all(np.isfinite(values)):
            return "not finite"
    try:
        value = CONTEXT.mpf(symdiff.evaluate(expr, {"x": x}, digits=50))
        truth = slope(expr, x)
    except (CrossdiffError, ArithmeticError, MemoryError):
        return "no reference"
    if CONTEXT.isnan(truth):
        return "no reference"
    if truth == 0:
        return "constant or nearly"
    if not (LEAST <= abs(truth) <= MOST and abs(value) <= MOST):
        return "beyond the floats"
    if value and abs(value) < LEAST:
        return "beyond the floats"
    off = abs(CONTEXT.mpf(float(f(x))) - value) / (abs(value) or 1)
    return Pair(text, f, x, truth, float(off / 2**-52))


def slope(expr, x):
    """The derivative from values alone, by central differences in many digits.

    No rule of differentiation is read, and no constant is folded: the constants are the floats
    that f itself computes with. Differences over two steps have to agree to 45 digits; nan where
    they never do.
    """
    turns = False
    for digits, power in PRECISIONS:
        with CONTEXT.workdps(digits + 20):
            at = CONTEXT.mpf(x)
            step = abs(at) * CONTEXT.mpf(10) ** -power
            narrow, noise = _difference(expr, at, step, digits)
            if abs(narrow) <= noise:
                if power >= 100 and not turns:
                    return CONTEXT.mpf(0)
                continue
            # Far apart: a sawtooth that wraps in both steps would agree with itself over twice one.
            wide, _ = _difference(expr, at, 10**6 * step, digits)
            if abs(wide - narrow) <= abs(narrow) * CONTEXT.mpf(10) ** -45:
                return +narrow
            turns = True
    return CONTEXT.nan


def _difference(expr, at, step, digits):
    """A central difference, and how small it can be and still have 50 digits."""
    above, below = (
        CONTEXT.mpf(symdiff.evaluate(expr, {"x": at + side * step}, digits=digits))
        for side in (1, -1)
    )
    return (above - below) / (2 * step), abs(above / step) * CONTEXT.mpf(10) ** (50 - digits)


def statuses(outcomes):
    """How often each status was given."""
    said = Counter(outcome.status for outcome in outcomes)
    return {status.name: said[status.name] for status in Status}
