"""How cotangents meet: added up where a value is used twice, summed where it was repeated."""

from __future__ import annotations

from typing import Any

import numpy as np

from diffexpr import functions
from diffexpr.apply import apply

Shape = tuple[int, ...]


def accumulate(old: Any, new: Any, owned: bool = False) -> Any:
    """The cotangent of a value that is used again: the sum of both.

    An ``old`` that is ``owned``, a sum that nobody else has seen, is added to in place.
    """
    if owned and type(old) is np.ndarray:
        kind = type(new)
        if kind is np.ndarray:
            fits = old.shape == new.shape and old.dtype == new.dtype
        else:
            fits = kind is int or kind is old.dtype.type
        if fits:
            old += new
            return old
    return old + new


def unbroadcast(g: Any, shape: Shape, lead: int = 0) -> Any:
    """The cotangent of an operand that was broadcast: summed over the axes it was repeated on."""
    have = g.shape
    extra = len(have) - lead - len(shape)
    start = lead + extra
    axes = [*range(lead, start)]
    axes += [start + i for i, n in enumerate(shape) if n == 1 and have[start + i] != 1]
    if axes:
        g = apply("sum", (g,), (tuple(axes), False))
    shape = (*have[:lead], *shape)
    return g if g.shape == shape else functions.reshape(g, shape)
