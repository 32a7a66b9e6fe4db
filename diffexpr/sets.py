"""Values as sets, by NumPy's names: each value is the first of its equals, with its derivative.

Which values are equal is decided by the numbers, so that a symbolic operand is refused.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from diffexpr.indexing import getitem
from diffexpr.joining import concatenate
from diffexpr.operands import as_operand, implements, numbers, shape_of
from diffexpr.selection import take, unique
from diffexpr.shapes import ravel

implements(np.unique_values)(unique)


@implements(np.union1d)
def union1d(ar1: Any, ar2: Any) -> Any:
    """The values that occur in either operand, in order."""
    return unique(concatenate([ar1, ar2], None))


@implements(np.intersect1d)
def intersect1d(ar1: Any, ar2: Any, assume_unique: bool = False,
                return_indices: bool = False) -> Any:  # fmt: skip
    """The values that occur in both operands, in order; the first one's carry the derivative."""
    first, second = (numbers(as_operand(x), "np.intersect1d") for x in (ar1, ar2))
    _, places, others = np.intersect1d(first, second, assume_unique, True)
    found = take(ar1, places)
    return (found, places, others) if return_indices else found


@implements(np.setdiff1d)
def setdiff1d(ar1: Any, ar2: Any, assume_unique: bool = False) -> Any:
    """The values of the first operand that do not occur in the second, in order."""
    values = ravel(as_operand(ar1)) if assume_unique else unique(ar1)
    known = np.isin(numbers(values, "np.setdiff1d"), numbers(as_operand(ar2), "np.setdiff1d"))
    return getitem(values, ~known)


@implements(np.setxor1d)
def setxor1d(ar1: Any, ar2: Any, assume_unique: bool = False) -> Any:
    """The values that occur in one operand only, in order."""
    parts = [ravel(as_operand(x)) if assume_unique else unique(x) for x in (ar1, ar2)]
    joined = concatenate(parts)
    _, first, counts = np.unique(
        numbers(joined, "np.setxor1d"), return_index=True, return_counts=True
    )
    return getitem(joined, first[counts == 1])


@implements(np.trim_zeros)
def trim_zeros(filt: Any, trim: str = "fb", axis: Any = None) -> Any:
    """A vector without the zeros at its ends."""
    filt = as_operand(filt)
    kept = np.flatnonzero(numbers(filt, "np.trim_zeros"))
    n = shape_of(filt)[0]
    start = int(kept[0]) if len(kept) and "f" in trim.lower() else 0 if len(kept) else n
    stop = int(kept[-1]) + 1 if len(kept) and "b" in trim.lower() else n
    return getitem(filt, slice(start, stop))
