"""The cotangent of a whole from those of its parts, added to it in place.

A loop over the entries of an array would cost the square of their number if each part were made
as large as the whole first.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.retention import LARGE
from autodiff.tape import Record


def scattered(held: list[Any], owned: set[int], record: Record, g: Any) -> bool:
    """Add the cotangent of ``whole[index]`` to that of the whole.

    Parameters
    ----------
    held, owned
        Those of a `Sweep`.
    record : Record
        Of the operation getitem.
    g : int, number or array
        The cotangent of the part.

    Returns
    -------
    bool
        Whether it was done; it is not where numbers of two kinds meet.
    """
    _, _, (x,), (index,), (parent,) = record
    kind = type(g)
    old = held[parent]
    if parent not in owned or type(old) is not np.ndarray or old.shape != x.shape:
        if not x.shape:
            return False
        owned.add(parent)
        if old is None and x.shape[0] > LARGE and kind is np.ndarray and g.ndim:
            first = index.value[0]
            if index.is_basic and len(index.value) == 1 and type(first) is slice:
                held[parent] = _spread(g, first, x)
                return True
        old = _buffer(old, x, g)
        held[parent] = old
    elif kind is not int and kind is not np.float64 and g.dtype != old.dtype:
        return False
    if index.is_basic:
        old[index.value] += g
    else:
        np.add.at(old, index.value, g)
    return True


def _buffer(old: Any, x: Any, g: Any) -> np.ndarray[Any, Any]:
    """What has arrived at the whole so far, as an array that can be added to."""
    kind = x.dtype
    if type(g) is not int and g.dtype != kind:
        kind = np.result_type(kind, g)
    if old is None:
        return np.zeros(x.shape, kind)
    return np.array(np.broadcast_to(old, x.shape), np.result_type(kind, old))


def _spread(g: np.ndarray[Any, Any], part: slice, x: Any) -> np.ndarray[Any, Any]:
    """Zeros with a cotangent in a part along the first axis, every entry written once."""
    start, stop, step = part.indices(x.shape[0])
    whole = np.empty(x.shape, np.result_type(x.dtype, g))
    if step == 1 and start <= stop:
        whole[:start] = 0
        whole[stop:] = 0
    else:
        whole[...] = 0
    whole[part] = g
    return whole
