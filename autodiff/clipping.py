"""Keeping a gradient in bounds before a step: its norm over the whole nest, or every entry."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autodiff.nests import flatten, nest_map
from autodiff.schedules import number

__all__ = ["clip_by_norm", "clip_by_value", "global_norm"]


def global_norm(gradient: Any) -> Any:
    """The Euclidean norm of all numbers of a nest together.

    Parameters
    ----------
    gradient : nest

    Returns
    -------
    scalar
        Where no entry overflows, neither does a square on the way: they are scaled by the largest.

    Examples
    --------
    >>> print(global_norm({"w": [3.0, 0.0], "b": 4.0}))
    5.0
    """
    leaves, _ = flatten(gradient)
    if any(hasattr(leaf, "_level") for leaf in leaves):
        return np.sqrt(sum(np.sum(abs(leaf) ** 2) for leaf in leaves))
    wide = [np.asarray(leaf, np.result_type(leaf, np.float64)) for leaf in leaves]
    largest = max((float(abs(leaf).max(initial=0)) for leaf in wide), default=0.0)
    if not 0 < largest < math.inf:
        return np.float64(largest)
    return largest * np.sqrt(sum(np.sum(abs(leaf / largest) ** 2) for leaf in wide))


def clip_by_norm(gradient: Any, limit: float) -> Any:
    """A gradient scaled down to a norm, if it is longer.

    ``g <- g * limit/norm`` where ``norm > limit``, with one norm for the whole nest: Pascanu,
    Mikolov and Bengio (2013), *On the difficulty of training recurrent neural networks*,
    algorithm 1.

    Parameters
    ----------
    gradient : nest
    limit : float

    Examples
    --------
    >>> clip_by_norm({"w": np.array([3.0, 0.0]), "b": 4.0}, limit=1.0)
    {'w': array([0.6, 0. ]), 'b': np.float64(0.8)}
    """
    limit = number(limit, "limit")
    norm = global_norm(gradient)
    if norm > limit:
        factor = limit / (norm if hasattr(norm, "_level") else float(norm))
        return nest_map(lambda g: _floating(g) * factor, gradient)
    return nest_map(_floating, gradient)


def clip_by_value(gradient: Any, limit: float) -> Any:
    """A gradient with every entry between -limit and limit.

    Mikolov (2012), *Statistical language models based on neural networks*, section 3.2.2.

    Parameters
    ----------
    gradient : nest
    limit : float

    Examples
    --------
    >>> clip_by_value({"w": np.array([3.0, -0.5])}, limit=1.0)
    {'w': array([ 1. , -0.5])}
    """
    limit = number(limit, "limit")
    return nest_map(lambda g: np.clip(_floating(g), -limit, limit), gradient)


def _floating(leaf: Any) -> Any:
    """A leaf that NumPy's functions take with its own precision: no Python number."""
    return leaf if hasattr(leaf, "dtype") else np.float64(leaf)
