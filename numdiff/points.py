"""The same record at some of its points: every array of it has one column for each point."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["at", "joined", "put"]

Record = TypeVar("Record")


def at(record: Record, columns: slice | NDArray[np.intp]) -> Record:
    """The record with its arrays cut to the columns.

    Examples
    --------
    >>> from numdiff.tables import Side
    >>> at(Side(*np.arange(8.0).reshape(4, 2)), np.array([1])).error
    array([3.])
    """
    return type(record)(*(array[..., columns] for array in _arrays(record)))


def put(whole: Record, part: Record, columns: NDArray[np.intp]) -> Record:
    """The record with those columns as `part` has them."""
    made = []
    for array, new in zip(_arrays(whole), _arrays(part), strict=True):
        made.append(array.copy())
        made[-1][..., columns] = new
    return type(whole)(*made)


def joined(parts: Sequence[Record]) -> Record:
    """One record for the points of several."""
    columns = zip(*map(_arrays, parts), strict=True)
    return type(parts[0])(*(np.concatenate(arrays, axis=-1) for arrays in columns))


def _arrays(record: Any) -> list[NDArray[Any]]:
    return [getattr(record, field.name) for field in fields(record)]
