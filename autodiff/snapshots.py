"""Arrays of the caller, kept as they were when they were recorded.

The way back reads operands that were recorded on the way there. NumPy cannot tell whether someone
has written into an array in the meantime, so that a small one is copied, and a large one cannot
be written into until the differentiation is over: an error at the very line that tries. Two ways
around the lock are left, a view that was made before, and another thread; so that entries spread
over the whole array are compared in the end.
"""

from __future__ import annotations

from sys import getrefcount
from types import TracebackType
from typing import Any

import numpy as np

from autodiff.allocation import ALONE_AS_BASE
from diffexpr.errors import ExpressionTypeError, ExpressionValueError

SMALL = 1 << 14
"""Elements up to which a copy costs no more than the operation that the array takes part in."""

SAMPLES = 1 << 10
"""Entries of a large array that are compared in the end."""


class Lock:
    """Large arrays that may be read and not written until the lock is left.

    Attributes
    ----------
    arrays : dict
        By identity: the array, what its entries were, and whether this lock made it read-only.
    """

    __slots__ = ("arrays",)

    def __init__(self) -> None:
        self.arrays: dict[int, tuple[np.ndarray[Any, Any], bytes, bool]] = {}

    def __enter__(self) -> Lock:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        changed = None
        for array, sample, mine in self.arrays.values():
            if mine:
                array.flags.writeable = True
            if kind is None and _sample(array) != sample:
                changed = array
        if changed is not None:
            raise ExpressionValueError(
                f"an array of shape {changed.shape} was written into while a function that uses "
                "it was being differentiated; write into a copy of it"
            )

    def hold(self, array: np.ndarray[Any, Any]) -> None:
        if id(array) in self.arrays:
            return
        mine = array.flags.writeable
        array.flags.writeable = False
        self.arrays[id(array)] = (array, _sample(array), mine)


def _sample(array: np.ndarray[Any, Any]) -> bytes:
    """The bytes of entries spread evenly over an array, the last one included."""
    flat = array.reshape(-1) if array.flags.c_contiguous else array.T.reshape(-1)
    step = max(flat.size // SAMPLES, 1)
    return flat[::-step].tobytes()


def kept(x: Any, lock: Lock | None) -> Any:
    """An operand that stays as it is: itself, held by the lock, or a copy.

    One of several views is always copied, for the others can be written into; and so is
    everything where there is no lock, because the tape outlives the call.

    Raises
    ------
    ExpressionTypeError
        For a masked array or a matrix, whose arithmetic is not that of arrays.
    """
    if not isinstance(x, np.ndarray):
        return x
    if type(x) is not np.ndarray:
        x = plain(x)
    if x.size > SMALL:
        if lock is not None and x.flags.forc and _is_alone(x):
            lock.hold(x)
            return x
    elif x.base is None and not x.flags.writeable:
        return x
    copy = x.copy(order="K")
    copy.flags.writeable = False  # nobody else has it, so that it need not be copied again
    return copy


def _is_alone(x: np.ndarray[Any, Any]) -> bool:
    """Whether an array is the only one that it says it shares its memory with."""
    if x.base is None:
        return True
    return type(x.base) is np.ndarray and getrefcount(x.base) == ALONE_AS_BASE


def plain(x: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """An array of a subclass as an array, where both mean the same."""
    if isinstance(x, (np.ma.MaskedArray, np.matrix)):
        raise ExpressionTypeError(
            f"a {type(x).__name__} has an arithmetic of its own that is not differentiated; "
            "give a plain array (np.asarray, .filled()) and say with np.where what is left out"
        )
    return np.asarray(x)
