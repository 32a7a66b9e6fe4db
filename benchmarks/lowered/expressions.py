"""Twelve expressions of two to four numbers, each one program for every library.

The first parameter of a program is the library: NumPy, JAX, torch, autograd, SymPy. All have
``exp log sin cos tanh sqrt`` under these names, and operators for the rest.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

EXPRESSIONS = {}
"""By name, from a polynomial to a formula of 300 nodes."""


@dataclass(frozen=True)
class Expression:
    """A scalar program and the box from which its points are drawn.

    Attributes
    ----------
    name : str
    program : callable
        ``program(library, x, y, ...)``.
    box : tuple of pairs of float
        Least and largest value of each variable.
    """

    name: str
    program: Callable
    box: tuple

    @property
    def positions(self):
        """Of the variables, all of which are differentiated."""
        return tuple(range(len(self.box)))

    def points(self, n):
        """An array of n values for each variable."""
        rng = np.random.default_rng(len(self.name))
        return [rng.uniform(low, high, n) for low, high in self.box]


def over(*box):
    """Enter a program with the box of its variables."""

    def enter(program):
        EXPRESSIONS[program.__name__] = Expression(program.__name__, program, box)
        return program

    return enter


@over((-2, 2), (-2, 2))
def polynomial(m, x, y):
    return x**4 * y - 3 * x**2 * y**3 + 2 * x * y - 5 * x + y**5 + 1


@over((-2, 2), (-2, 2))
def rational(m, x, y):
    return (x**3 - 2 * x * y + 3) / (x**2 + y**2 + 1) + x * y / (1 + x**2 * y**2)


@over((-2, 2), (-2, 2))
def waves(m, x, y):
    return m.sin(x) * m.exp(-(x**2) - y**2) + m.log(1 + x**2) * m.tanh(y)


DRY, WET = 0.05, 0.45


@over((0.1, 10), (0.5, 3), (1.2, 3))
def retention(m, head, scale, shape):
    """Water in a soil: van Genuchten (1980), *A closed-form equation ...*, equation 3."""
    return DRY + (WET - DRY) * (1 + (scale * head) ** shape) ** (1 / shape - 1)


@over((0.6, 1.2), (0.6, 1.2), (0.6, 1.2))
def pair_potential(m, x, y, z):
    """The potential of Lennard-Jones between two atoms, from their difference."""
    sixth = (1 / (x**2 + y**2 + z**2)) ** 3
    return 4 * (sixth**2 - sixth)


STRIKE = 100.0
SLOPE, BEND = 0.7978845608028654, 0.044715
"""Of ``(1 + tanh(SLOPE (z + BEND z^3))) / 2``, which is the normal distribution to 3 digits."""


@over((80, 120), (0.1, 0.5), (0.01, 0.1), (0.1, 2))
def option(m, spot, volatility, rate, years):
    """A call option: Black and Scholes (1973), equation 13, by a distribution without erf."""

    def normal(z):
        return 0.5 * (1 + m.tanh(SLOPE * (z + BEND * z**3)))

    spread = volatility * m.sqrt(years)
    near = (m.log(spot / STRIKE) + (rate + volatility**2 / 2) * years) / spread
    discounted = STRIKE * m.exp(-rate * years)
    return spot * normal(near) - discounted * normal(near - spread)


BEACONS = ((3.0, 1.0, 3.5), (-2.0, 2.5, 2.0), (0.5, -4.0, 4.25))
"""Place and measured distance of each."""


@over((-1, 1), (-1, 1))
def ranging(m, x, y):
    """How badly a place fits its measured distances from three others."""
    return sum((m.sqrt((x - a) ** 2 + (y - b) ** 2) - seen) ** 2 for a, b, seen in BEACONS)


@over((-3, 3), (-2, 2), (-1, 1), (-2, 2))
def gate(m, x, weight, bias, steepness):
    """A softplus behind a sigmoid gate."""
    return m.log(1 + m.exp(weight * x + bias)) / (1 + m.exp(-steepness * x))


BUMPS = tuple(
    (0.5 + (7 * k % 10) / 10, (3 * k % 10) / 2.5 - 2, (k * k % 11) / 2.75 - 2, 0.4 + k / 20)
    for k in range(10)
)
"""Height, place and width of each."""


@over((-2, 2), (-2, 2))
def bumps(m, x, y):
    """A sum of Gaussians."""
    return sum(
        height * m.exp(((x - a) ** 2 + (y - b) ** 2) / (-2 * width**2))
        for height, a, b, width in BUMPS
    )


@over((0.5, 2), (0.1, 0.9), (1, 3), (0, 5))
def oscillator(m, amplitude, decay, frequency, time):
    """Where a damped oscillator is."""
    phase = m.sqrt(frequency**2 - decay**2) * time
    return amplitude * m.exp(-decay * time) * m.cos(phase)


LINKS, AIM = (1.0, 0.8, 0.5), (1.2, 0.7)


@over((-1.5, 1.5), (-1.5, 1.5), (-1.5, 1.5))
def arm(m, shoulder, elbow, wrist):
    """The squared distance of a hand of three joints from where it should be."""
    first, second = shoulder, shoulder + elbow
    angles = (first, second, second + wrist)
    across = sum(length * m.cos(angle) for length, angle in zip(LINKS, angles, strict=True))
    along = sum(length * m.sin(angle) for length, angle in zip(LINKS, angles, strict=True))
    return (across - AIM[0]) ** 2 + (along - AIM[1]) ** 2


def _weights(sizes):
    rng = np.random.default_rng(1)
    layers = itertools.pairwise(sizes)
    return [rng.normal(size=(after, before)) / before**0.5 for before, after in layers]


WEIGHTS = _weights((3, 10, 10, 1))
BIASES = tuple(np.random.default_rng(2).normal(size=(2, 10)) / 4)
"""Of the two hidden layers."""


@over((-1, 1), (-1, 1), (-1, 1))
def network(m, x, y, z):
    """A network 3-10-10-1 written out: 299 operations."""
    layer = [x, y, z]
    for weights, biases in zip(WEIGHTS, BIASES, strict=False):
        rows = zip(weights.tolist(), biases.tolist(), strict=True)
        layer = [m.tanh(_weighted(row, layer) + bias) for row, bias in rows]
    return _weighted(WEIGHTS[-1][0].tolist(), layer)


def _weighted(row, layer):
    total = row[0] * layer[0]
    for weight, value in zip(row[1:], layer[1:], strict=True):
        total = total + weight * value
    return total
