"""Set E: second derivatives of functions of several variables, each entry with its truth."""

import math

import numpy as np

import symdiff
from diffexpr import function, parse
from numeric.score import CONTEXT

ROSENBROCK = "100*(y-x^2)^2+(1-x)^2"
ROSENBROCK_5 = "+".join(f"100*(x{i + 1}-x{i}^2)^2+(1-x{i})^2" for i in range(1, 5))

CASES = [
    ("Rosenbrock", ROSENBROCK, {"x": -1.2, "y": 1.0}),
    ("Rosenbrock", ROSENBROCK, {"x": 1.0, "y": 1.0}),
    ("Rosenbrock n=5", ROSENBROCK_5, {f"x{i}": v for i, v in enumerate((-1.2, 1, 0.5, 2, -1), 1)}),
    ("Rosenbrock n=5", ROSENBROCK_5, {f"x{i}": 1.0 for i in range(1, 6)}),
    # Variables of 1e-6, 1 and 1e6 with terms that are alike, and with terms that are not; then
    # coefficients.
    (
        "quadratic, variables 1e-6 1 1e6",
        "1e12*x^2+2*y^2+1e-12*z^2+1e6*x*y-1e-6*y*z+x*z",
        {"x": 1.5e-6, "y": -0.7, "z": 2.3e6},
    ),
    ("plain quadratic", "x^2+y^2+z^2+x*y+y*z+x*z", {"x": 1e-6, "y": 1, "z": 1e6}),
    ("quadratic, coefficients 1e-6 1 1e6", "1e-6*x^2+y^2+1e6*z^2", {"x": 1, "y": 1, "z": 1}),
    ("sin(100 x) y", "sin(100*x)*y", {"x": 0.3, "y": 2.0}),
    ("sin(100 x) y", "sin(100*x)*y", {"x": 10.0, "y": -0.01}),
    ("exp(x y)", "exp(x*y)", {"x": 0.0, "y": 0.0}),
    ("exp(x y)", "exp(x*y)", {"x": 1.0, "y": 2.0}),
    ("exp(x y)", "exp(x*y)", {"x": -3.0, "y": 0.5}),
    ("x^y", "x^y", {"x": 2.0, "y": 3.0}),
    ("x^y", "x^y", {"x": 0.1, "y": 0.5}),
    ("x^y", "x^y", {"x": 50.0, "y": -2.0}),
]


def hessian_cases():
    """``(name, f of one array, point, truths, scales)``; a scale is None where the truth is not 0.

    Where an entry is 0 its error is taken relative to sqrt(|H_ii H_jj|), which has its units, or
    where that is 0 too, to the largest entry of the Hessian.
    """
    for name, text, at in CASES:
        expr = parse(text)
        names = list(at)
        f = function(expr, *names)
        where = ", ".join(f"{value:g}" for value in at.values())
        truths = [[_second(expr, at, i, j) for j in names] for i in names]
        scales = [[_scale(truths, i, j) for j in range(len(at))] for i in range(len(at))]
        point = np.array([float(value) for value in at.values()])
        yield f"{name} at ({where})", lambda v, f=f: f(*v), point, truths, scales


def _second(expr, at, i, j):
    """Second derivative from values alone: differences of steps of 1e-45 in 150 digits."""
    step = CONTEXT.mpf(10) ** -45

    def value(a, b):
        moved = {name: CONTEXT.mpf(v) for name, v in at.items()}
        with CONTEXT.workdps(200):
            moved[i] += a * step
            moved[j] += b * step
            return CONTEXT.mpf(symdiff.evaluate(expr, moved, digits=150))

    with CONTEXT.workdps(200):
        found = (value(1, 1) - value(1, -1) - value(-1, 1) + value(-1, -1)) / (4 * step**2)
    # What is left of an entry that is 0 are terms of the steps' square.
    return CONTEXT.mpf(0) if abs(found) < CONTEXT.mpf(10) ** -45 else +found


def _scale(truths, i, j):
    if truths[i][j]:
        return None
    own = math.sqrt(abs(truths[i][i] * truths[j][j]))
    return own or max(abs(entry) for row in truths for entry in row) or 1
