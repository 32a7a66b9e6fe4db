"""Arrays of the caller, kept as they were when they were recorded.

The way back reads operands that were recorded on the way there. NumPy cannot tell whether someone
has written into an array in the meantime, so that a small one is copied, and a large one cannot
be written into until the differentiation is over: an error at the very line that tries.
"""

from __future__ import annotations

from sys import getrefcount
from types import TracebackType
from typing import Any

import numpy as np

from autodiff.allocation import ALONE_AS_BASE

SMALL = 1 << 14
"""Elements up to which a copy costs no more than the operation that the array takes part in."""


class Lock:
    """Large arrays that may be read and not written until the lock is left."""

    __slots__ = ("arrays",)

    def __init__(self) -> None:
        self.arrays: list[np.ndarray[Any, Any]] = []

    def __enter__(self) -> Lock:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        for array in self.arrays:
            array.flags.writeable = True

    def hold(self, array: np.ndarray[Any, Any]) -> None:
        array.flags.writeable = False
        self.arrays.append(array)


def kept(x: Any, lock: Lock | None) -> Any:
    """An operand that stays as it is: itself, held by the lock, or a copy.

    One of several views is always copied, for the others can be written into; and so is
    everything where there is no lock, because the tape outlives the call.
    """
    if type(x) is not np.ndarray or not x.flags.writeable:
        return x
    if x.size > SMALL and lock is not None:
        if x.base is None:
            lock.hold(x)
            return x
        if type(x.base) is np.ndarray and getrefcount(x.base) == ALONE_AS_BASE:
            lock.hold(x)
            return x
    copy = x.copy(order="K")
    copy.flags.writeable = False  # nobody else has it, so that it need not be copied again
    return copy
