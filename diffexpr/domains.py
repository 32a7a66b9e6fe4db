"""Where a primitive is defined, where its derivative breaks, and points inside to sample."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

Test = Callable[..., Any]


class Domain(NamedTuple):
    """The real set one argument may come from.

    Attributes
    ----------
    text : str
        The condition on ``x``, as a table prints it; empty for the whole line.
    contains : callable
        ``contains(x)`` is true where the primitive has a real value, elementwise.
    samples : tuple of float
        Interior points, away from edges and kinks, where every derivative exists.
    """

    text: str
    contains: Test
    samples: tuple[float, ...]


class Kink(NamedTuple):
    """Where a primitive is continuous but not differentiable, or jumps.

    Attributes
    ----------
    margin : callable
        ``margin(*args)`` vanishes exactly on the kink and measures the distance from it in the
        units of the arguments.
    where : str
        The place, as a report names it.
    convention : str
        The derivative taken there.
    jump : bool
        True where the value itself is discontinuous.
    """

    margin: Test
    where: str
    convention: str
    jump: bool = False


def _everywhere(x: Any) -> Any:
    return np.isfinite(x)


def _off_integers_below_one(x: Any) -> Any:
    return (np.asarray(x) > 0) | (np.asarray(x) != np.floor(x))


REAL = Domain("", _everywhere, (-1.7, -0.6, 0.3, 0.9, 2.3))
POSITIVE = Domain("x > 0", lambda x: x > 0, (0.2, 0.7, 1.9, 4.3))
NOT_NEGATIVE = Domain("x >= 0", lambda x: x >= 0, (0.2, 0.7, 1.9, 4.3))
NONZERO = Domain("x != 0", lambda x: x != 0, (-2.1, -0.4, 0.6, 1.7))
ABOVE_MINUS_ONE = Domain("x > -1", lambda x: x > -1, (-0.6, -0.1, 0.4, 2.2))
UNIT = Domain("-1 <= x <= 1", lambda x: abs(x) <= 1, (-0.7, -0.2, 0.35, 0.8))
OPEN_UNIT = Domain("-1 < x < 1", lambda x: abs(x) < 1, (-0.7, -0.2, 0.35, 0.8))
OUTSIDE_UNIT = Domain("|x| >= 1", lambda x: abs(x) >= 1, (-3.1, -1.4, 1.3, 2.6))
OUTSIDE_CLOSED_UNIT = Domain("|x| > 1", lambda x: abs(x) > 1, (-3.1, -1.4, 1.3, 2.6))
AT_LEAST_ONE = Domain("x >= 1", lambda x: x >= 1, (1.2, 1.9, 3.4))
ZERO_TO_ONE = Domain("0 < x <= 1", lambda x: (x > 0) & (x <= 1), (0.15, 0.45, 0.85))
PROBABILITY = Domain("0 < x < 1", lambda x: (x > 0) & (x < 1), (0.15, 0.45, 0.85))
CLOSED_PROBABILITY = Domain("0 <= x <= 1", lambda x: (x >= 0) & (x <= 1), (0.15, 0.45, 0.85))
COS_NONZERO = Domain("cos(x) != 0", lambda x: np.cos(x) != 0, (-1.1, -0.4, 0.5, 2.4))
SIN_NONZERO = Domain("sin(x) != 0", lambda x: np.sin(x) != 0, (-2.2, -0.7, 0.6, 1.3))
GAMMA = Domain("x not in 0, -1, -2, ...", _off_integers_below_one, (-1.4, 0.6, 1.8, 4.2))
ORDER = Domain("0, 1, 2, ...", lambda x: (x >= 0) & (np.rint(x) == x), (1.0, 2.0))
DEGREE = Domain("", _everywhere, (0.0, 2.0, 3.0))
CONDITION = Domain("true or false", lambda x: np.asarray(x).dtype == bool, (0.0, 1.0))


def at(place: float, derivative: float | str, *, jump: bool = False) -> Kink:
    """A kink of a function of one variable at one place, with the derivative taken there."""
    return Kink(
        lambda x, *rest: np.asarray(x) - place, f"x = {place:g}", f"{derivative}", jump=jump
    )


def _to_integer(x: Any) -> Any:
    return np.asarray(x) - np.rint(x)


TIE = Kink(lambda a, b: np.asarray(a) - b, "a = b", "1/2 to each")
SWITCH = Kink(lambda a, b: np.asarray(a) - b, "a = b", "the chosen branch", jump=True)
INTEGERS = Kink(_to_integer, "x an integer", "0", jump=True)
HALVES = Kink(lambda x: _to_integer(np.asarray(x) - 0.5), "x half an odd integer", "0", jump=True)
WRAP = Kink(lambda x, y: y * _to_integer(np.asarray(x) / y), "x/y an integer", "1", jump=True)
DEGREE_ZERO = Kink(lambda n, x: np.where(np.asarray(n) == 0, x, 1.0), "x = 0 with order 0", "0")
BOTH_ZERO = Kink(lambda a, b: np.hypot(a, b), "a = b = 0", "0")
CLIP_EDGES = Kink(
    lambda x, lo, hi: np.where(abs(x - lo) < abs(x - hi), x - lo, x - hi),
    "x at a limit",
    "1/2 to each",
)
UNIT_EDGES = Kink(lambda x: abs(np.asarray(x)) - 1, "|x| = 1", "0")
