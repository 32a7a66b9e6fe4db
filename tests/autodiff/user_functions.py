"""Functions as a scientist writes them, as data: the function, its arguments, how it is judged.

They stand in ``functions_of_*.py`` and know nothing of differentiation: plain NumPy, loops,
branches, classes, recursion. What their derivatives are is found from their values alone, by
complex steps where all of a function is analytic, else by differences.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np


class UserFunction(NamedTuple):
    """A function of which the first argument is differentiated.

    Attributes
    ----------
    call : callable
    args : tuple
    analytic : bool
        Whether a complex step goes through it.
    smooth : bool
        Whether the second derivative, too, is that of the values: not so where a kink or a branch
        is near, or where the last iteration carries all of the slope.
    """

    call: Callable[..., Any]
    args: tuple[Any, ...]
    analytic: bool
    smooth: bool


FUNCTIONS: dict[str, UserFunction] = {}
"""Every function by its name."""


def at(*args: Any, analytic: bool = False, smooth: bool = True) -> Callable[[Any], Any]:
    """Enter a function with the arguments at which it is looked at."""

    def enter(function: Callable[..., Any]) -> Callable[..., Any]:
        name = function.__name__
        if name in FUNCTIONS:
            raise ValueError(f"two functions are called {name}")
        FUNCTIONS[name] = UserFunction(function, args, analytic, smooth)
        return function

    return enter


def numbers(*shape: int, seed: int = 0) -> Any:
    """Normal numbers, the same on every run."""
    return np.random.default_rng([seed, *shape]).standard_normal(shape)


def positive(*shape: int, seed: int = 0) -> Any:
    """Numbers between 0.3 and 1.7, the same on every run."""
    return np.random.default_rng([seed, *shape]).uniform(0.3, 1.7, shape)
