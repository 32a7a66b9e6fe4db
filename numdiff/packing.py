"""Several arrays as one flat array and back, so that a tuple of arguments is one point."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numdiff.arguments import read_bounds, real_array, spread_step
from numdiff.errors import InputError

__all__ = ["Packing", "matching"]


class Packing:
    """The shapes of several arrays and their places in one flat array."""

    def __init__(self, arrays: Sequence[Any], name: str) -> None:
        read = [real_array(a, name)[0] for a in arrays]
        self._arrays = read
        self.shapes = [a.shape for a in read]
        self._ends = np.cumsum([a.size for a in read])
        single = all(a.dtype == np.float32 for a in read)
        self.dtype = np.dtype(np.float32 if single else np.float64)
        self.flat = np.concatenate([a.astype(self.dtype).ravel() for a in read])

    def split(self, flat: NDArray[Any]) -> list[NDArray[Any]]:
        """The arrays that `flat` holds; scalars as NumPy scalars."""
        pieces = np.split(flat, self._ends[:-1])
        return [p.reshape(s)[()] for p, s in zip(pieces, self.shapes, strict=True)]

    def bounds(self, bounds: Any) -> tuple[NDArray[Any], NDArray[Any]] | None:
        """Bounds that broadcast to each array, as bounds of the flat one."""
        if bounds is None:
            return None
        pairs = [read_bounds(bounds, a) for a in self._arrays]
        return (
            np.concatenate([lower.ravel() for lower, _ in pairs]),
            np.concatenate([upper.ravel() for _, upper in pairs]),
        )

    def spread(self, step: Any) -> NDArray[np.float64] | None:
        """A step that broadcasts to each array, as one for each entry of the flat one."""
        if step is None:
            return None
        return np.concatenate([spread_step(step, shape) for shape in self.shapes])

    @property
    def slices(self) -> list[slice]:
        """Where each array lies in the flat one."""
        starts = [0, *self._ends[:-1]]
        return [slice(int(a), int(b)) for a, b in zip(starts, self._ends, strict=True)]


def matching(primals: Packing, tangents: Packing, name: str) -> NDArray[Any]:
    """The flat tangents, once their shapes are seen to be those of the primals.

    Raises
    ------
    InputError
        If the shapes differ.
    """
    if primals.shapes != tangents.shapes:
        raise InputError(
            f"{name} must have the shapes of the primals, got {tangents.shapes} for"
            f" {primals.shapes}; reshape them"
        )
    return tangents.flat
