"""Taylor coefficients in one sweep, beside derivatives of derivatives."""

import math

import mpmath
import numpy as np

import autodiff
from autodiff.jet import jet
from automatic.timing import race

POINT = 0.7


def f(x):
    return np.exp(np.sin(x))


def truth(order):
    """The derivatives of orders 0 to ``order``, from the series of 50 digits."""
    with mpmath.workdps(50):
        found = mpmath.taylor(lambda x: mpmath.exp(mpmath.sin(x)), mpmath.mpf(POINT), order)
        return [float(c * math.factorial(k)) for k, c in enumerate(found)]


def nested(order):
    """All derivatives up to the order: each one the derivative of the one below."""
    g = f
    for _ in range(order):
        g = autodiff.derivative(g)
    return g


def derivatives(order):
    """The same from one sweep along the line x + t."""
    value, terms = jet(f, (POINT,), ([1.0] + [0.0] * (order - 1),))
    return [float(value), *map(float, terms)]


def jets(order, rounds):
    """Times of one sweep and of the highest nested derivative, and the largest relative errors."""
    highest, exact = nested(order), truth(order)
    calls = {"jet": lambda: derivatives(order), "nested": lambda: highest(POINT)}
    found = zip(derivatives(order), exact, strict=True)
    times = race(calls, rounds)
    return {
        "series of": f"exp(sin(x)), order {order}",
        "jet, ms": times.median("jet") * 1e3,
        "nested, ms": times.median("nested") * 1e3,
        "nested/jet": times.ratio("nested", "jet"),
        "off": max(abs(one / other - 1) for one, other in found),
        "nested off": abs(float(highest(POINT)) / exact[-1] - 1),
    }
