"""Who is asked for a first derivative, and how: crossdiff and the peers that are installed."""

import warnings
from dataclasses import dataclass

import numpy as np
from scipy.optimize._numdiff import approx_derivative  # private, but what least_squares runs on

import numdiff

RAISED = "raised"
PIP = "pip install 'crossdiff[bench]'"


@dataclass(frozen=True)
class Outcome:
    """One derivative: the value, the bar it claims (nan: none), the cost, what it says of f."""

    value: float
    bar: float
    evaluations: int
    status: str = ""


class Counted:
    """A function that counts the points at which it is evaluated."""

    def __init__(self, f):
        self.f = f
        self.points = 0

    def __call__(self, x):
        self.points += np.size(x)
        return self.f(x)


def crossdiff(method):
    def ask(f, x):
        counted = Counted(f)
        result = numdiff.estimate(counted, x, method=method)
        status = numdiff.Status(int(result.status)).name
        return Outcome(float(result.value), float(result.error), counted.points, status)

    return ask


def peer(call):
    """A peer's value and bar; what it raises is no answer, and its warnings are its own affair."""

    def ask(f, x):
        counted, status = Counted(f), ""
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                value, bar = (float(np.squeeze(part)) for part in call(counted, x))
            except (ArithmeticError, TypeError, ValueError):  # crossdiff's errors are among them
                value, bar, status = np.nan, np.nan, RAISED
        return Outcome(value, bar, counted.points, status)

    return ask


def approximate(method):
    return lambda f, x: (approx_derivative(f, np.array([x]), method=method), np.nan)


def methods():
    """Those that can run, by name, and the names of the absent."""
    found = {
        "crossdiff": crossdiff("auto"),
        "crossdiff cs": crossdiff("cs"),
        "scipy 2-point": peer(approximate("2-point")),
        "scipy 3-point": peer(approximate("3-point")),
        "scipy cs": peer(approximate("cs")),
    }
    absent = []
    try:
        from scipy.differentiate import derivative
    except ImportError:
        absent.append("scipy.differentiate (SciPy 1.15 on)")
    else:

        def by_scipy(f, x):
            result = derivative(f, x)
            return result.df, result.error

        found["scipy derivative"] = peer(by_scipy)
    try:
        from numdifftools import Derivative
    except ImportError:
        absent.append("numdifftools")
    else:

        def by_numdifftools(f, x):
            found = Derivative(f, full_output=True)(x)
            if hasattr(found, "estimate"):  # numdifftools 0.11 on
                return found.estimate, found.error_estimate
            return found[0], found[1].error_estimate

        found["numdifftools"] = peer(by_numdifftools)
    try:
        from jacobi import jacobi
    except ImportError:
        absent.append("jacobi")
    else:
        found["jacobi"] = peer(jacobi)
    return found, absent


NO_BAR = ("scipy 2-point", "scipy 3-point", "scipy cs")
