"""What a problem is: one program for every library, a point, and what is asked of its gradient."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Problem:
    """A scalar function, where it is differentiated, and what is asked of its gradient.

    Attributes
    ----------
    program : callable
    arguments : tuple of ndarray
        Differentiated, all of them.
    data : tuple of ndarray
        Constants of the program.
    hand : callable
        ``hand(arguments, data)`` gives the gradients as NumPy code written by a human: the floor.
    limits : dict
        Peer, or ``value``, to the largest ratio of our time to its time.
    """

    name: str
    program: Callable
    arguments: tuple
    data: tuple
    hand: Callable
    limits: dict = field(default_factory=dict)


def random(seed=1):
    return np.random.default_rng(seed)
