"""Arrays that a caller gives for the results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from compare.lower.plans.plan import Structure
from diffexpr import ExpressionTypeError, ShapeError


def checked_out(out: Any, structure: Structure, name: str) -> Any:
    """The nest of arrays given for results, lists turned into tuples.

    Raises
    ------
    ExpressionTypeError
        If it is not a nest of writeable arrays in the form of the result.
    """
    if isinstance(structure, int):
        if not isinstance(out, np.ndarray) or not out.flags.writeable:
            raise ExpressionTypeError(
                f"out= of {name} needs a writeable array for each result, got "
                f"{type(out).__name__}{' that is read-only' if isinstance(out, np.ndarray) else ''}"
            )
        return out
    if not isinstance(out, (tuple, list)) or len(out) != len(structure):
        got = f"{len(out)} parts" if isinstance(out, (tuple, list)) else type(out).__name__
        raise ExpressionTypeError(
            f"out= of {name} needs a tuple of {len(structure)} parts, like its result; got {got}"
        )
    return tuple(checked_out(o, part, name) for o, part in zip(out, structure, strict=True))


def fill_out(out: Any, result: Any) -> Any:
    """A result copied into the arrays given for it, if there are any; it may broadcast.

    Raises
    ------
    ShapeError
        If an array has not the shape of its result.
    ExpressionTypeError
        If an array cannot hold the type of its result.
    """
    if out is None or out is result:
        return result
    pairs = [(array, value) for array, value in _pairs(out, result) if array is not value]
    # All are checked before one is written.
    for array, value in pairs:
        shape = np.shape(value)
        if not _broadcasts(shape, array.shape):
            raise ShapeError(f"out= has an array of shape {array.shape} for a result of {shape}")
        if not np.can_cast(np.asarray(value).dtype, array.dtype, "same_kind"):
            raise ExpressionTypeError(
                f"out= has an array of {array.dtype}, which cannot hold {np.asarray(value).dtype}"
            )
    # A result may be a part of what an earlier one is written over.
    apart = [
        (array, np.copy(value) if any(np.may_share_memory(value, a) for a, _ in pairs) else value)
        for array, value in pairs
    ]
    for array, value in apart:
        np.copyto(array, value, casting="same_kind")
    return out


def _broadcasts(shape: tuple[int, ...], to: tuple[int, ...]) -> bool:
    lacking = len(to) - len(shape)
    return lacking >= 0 and all(n in (1, m) for n, m in zip(shape, to[lacking:], strict=True))


def may_be_written_early(
    out: Any, likes: Sequence[tuple[tuple[int, ...], Any]], inputs: Sequence[Any]
) -> bool:
    """Whether a program may write to the arrays of ``out`` before it has read all of its inputs.

    Parameters
    ----------
    out : nest of arrays
    likes : sequence of (shape, dtype)
        What the arrays have to be for the program to write to them, in order.
    inputs : sequence of numbers and arrays
    """
    arrays = _leaves(out)
    fit = all(
        array.shape == shape and array.dtype == dtype
        for array, (shape, dtype) in zip(arrays, likes, strict=True)
    )
    others = [v for v in inputs if isinstance(v, np.ndarray)]
    return fit and not any(
        np.may_share_memory(array, other)
        for i, array in enumerate(arrays)
        for other in (*others, *arrays[:i])
    )


def _leaves(out: Any) -> list[np.ndarray[Any, Any]]:
    if not isinstance(out, tuple):
        return [out]
    return [leaf for part in out for leaf in _leaves(part)]


def _pairs(out: Any, result: Any) -> list[tuple[np.ndarray[Any, Any], Any]]:
    if not isinstance(out, tuple):
        return [(out, result)]
    return [pair for o, r in zip(out, result, strict=True) for pair in _pairs(o, r)]
