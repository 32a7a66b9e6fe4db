"""What lowered programs call while they run; each function is also printed into their source.

Therefore every function here needs NumPy and the standard library alone, and nothing from this
file but functions that the source then holds too.
"""

from __future__ import annotations

import itertools
import os
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np


def as_floats(*values: Any) -> list[Any]:
    """Integers become float64; a Python float takes the precision of the arrays beside it."""
    known = [np.real(np.asarray(v)).dtype for v in values if type(v) is not float]
    shared = np.result_type(1.0, *known)
    kinds = [shared if type(v) is float else np.result_type(1.0, np.asarray(v)) for v in values]
    return [np.asarray(v, kind)[()] for v, kind in zip(values, kinds, strict=True)]


def common_shape(least: int, *values: Any) -> Any:
    """The shape that arrays of one precision share; None if they do not, or are too small."""
    first = values[0]
    for v in values:
        if v.dtype != first.dtype or v.shape != first.shape or not v.ndim:
            return None
    return first.shape if first.dtype.kind == "f" and first.size >= least else None


def new_array(out: Any, shape: Any, kind: Any) -> Any:
    """A new array, unless there is one to write into."""
    return np.empty(shape, kind) if out is None else out


def zeros_in(out: Any, shape: Any, kind: Any) -> Any:
    """Zeros, in an array that is there if there is one."""
    if out is None:
        return np.zeros(shape, kind)
    out[...] = 0
    return out


def fill(out: Any, value: Any) -> Any:
    """A result, copied into the arrays that were given for it."""
    if out is None or out is value:
        return value
    if isinstance(value, tuple):
        return tuple(fill(o, v) for o, v in zip(out, value, strict=True))
    np.copyto(out, value)
    return out


def in_blocks(
    body: Callable[..., Any],
    shape: tuple[int, ...],
    arrays: Sequence[Any],
    slots: Sequence[Any],
    size: int,
    threads: int,
    least: int,
    flat: bool = True,
    seams: int = 0,
) -> list[Any]:
    """Run the body of a loop on every block of its arrays; what it returns, in order of blocks.

    The body takes its working arrays and a view of each array. A block has about ``size``
    elements. With ``threads`` of 0 all processors are used; below ``least`` elements there is one
    thread. Where all arrays allow it, they are taken as flat, unless ``flat`` is false. Blocks
    that are up to ``seams`` elements apart may write to the same element; they never run at the
    same time.
    """
    if flat and all(not np.ndim(a) or (a.shape == shape and a.flags.c_contiguous) for a in arrays):
        arrays = [a.reshape(-1) if np.ndim(a) else a for a in arrays]
        shape = (int(np.prod(shape, dtype=int)),)
    count = int(np.prod(shape, dtype=int))
    if threads < 1:
        threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
    threads = threads if count >= least else 1
    if flat and not seams:
        # As many blocks for each thread as for any other.
        size = min(size, -(-count // threads))
    blocks = cut_blocks(shape, size)
    threads = max(min(threads, len(blocks)), 1)
    if seams and len(blocks) // (2 * threads) * size < 2 * (seams + count // max(shape[0], 1)):
        threads = 1
    found: list[Any] = [None] * len(blocks)

    # Made here, where memory that was freed before is at hand: a new thread has none.
    room = [[working_array(size, slot) for slot in slots] for _ in range(threads)]

    def work(share: deque[tuple[int, int]], buffers: list[Any]) -> None:
        whole, views = None, []
        with np.errstate(all="ignore"):
            while True:
                try:
                    first, last = share.popleft()
                except IndexError:
                    return
                for i in range(first, last):
                    parts = [part_of(a, blocks[i], len(shape)) for a in arrays]
                    extent = tuple(s.stop - s.start for s in blocks[i])
                    if extent != whole:
                        whole, count = extent, int(np.prod(extent, dtype=int))
                        views = [b[..., :count].reshape(b.shape[:-1] + extent) for b in buffers]
                    found[i] = body(views, *parts)

    for share in share_blocks(len(blocks), threads, seams):
        if threads == 1:
            work(share, room[0])
            continue
        with ThreadPoolExecutor(threads - 1) as pool:
            others = [pool.submit(work, share, buffers) for buffers in room[1:]]
            work(share, room[0])
            for other in others:
                other.result()
    return found


def working_array(size: int, slot: Any) -> Any:
    """Room for one value of each element of a block; for several if a number of rows is given."""
    kind, *rows = slot if isinstance(slot, tuple) else (slot,)
    return np.empty((*rows, size), kind)


def mix_rows(factors: Any, rows: Any, out: Any) -> None:
    """The product of a matrix of numbers with rows of values.

    It is taken in parts so small that BLAS starts no threads of its own beside those that run.
    """
    factors = factors.astype(rows.dtype, copy=False)
    rows, out = rows.reshape(len(rows), -1), out.reshape(len(out), -1)
    step = max(200_000 // factors.size, 1)
    for i in range(0, rows.shape[1], step):
        np.matmul(factors, rows[:, i : i + step], out=out[:, i : i + step])


def share_blocks(count: int, threads: int, seams: int) -> list[deque[tuple[int, int]]]:
    """Ranges of blocks that may run at the same time, one queue after another."""
    if threads == 1:
        return [deque([(0, count)])]
    if not seams:
        return [deque((i, i + 1) for i in range(count))]
    ends = [count * i // (2 * threads) for i in range(2 * threads + 1)]
    runs = list(itertools.pairwise(ends))
    return [deque(runs[0::2]), deque(runs[1::2])]


def cut_blocks(shape: tuple[int, ...], size: int) -> list[tuple[slice, ...]]:
    """Blocks of at most about ``size`` elements that cover an array, in order of its memory."""
    blocks: list[tuple[slice, ...]] = [()]
    for axis, n in enumerate(shape):
        inner = max(int(np.prod(shape[axis + 1 :], dtype=int)), 1)
        step = max(min(size // inner, n), 1)
        blocks = [(*b, slice(i, min(i + step, n))) for b in blocks for i in range(0, n, step)]
    return blocks


def part_of(array: Any, block: tuple[slice, ...], ndim: int) -> Any:
    """The view of an array that belongs to a block; axes of length 1 are taken whole."""
    lacking = ndim - np.ndim(array)
    if lacking == ndim:
        return array
    own = zip(block[lacking:], array.shape, strict=True)
    return array[tuple(s if n > 1 else slice(None) for s, n in own)]


def join_blocks(
    combine: Any, parts: Sequence[Any], shape: tuple[int, ...], axes: tuple[int, ...], size: int
) -> Any:
    """A reduction over some axes, of length 1 then, out of the reductions of all blocks."""
    kept = tuple(1 if axis in axes else n for axis, n in enumerate(shape))
    whole = np.empty(kept, parts[0].dtype)
    for block, piece in zip(cut_blocks(shape, size), parts, strict=True):
        at = tuple(slice(None) if axis in axes else s for axis, s in enumerate(block))
        if all(block[axis].start == 0 for axis in axes):
            whole[at] = piece
        else:
            combine(whole[at], piece, out=whole[at])
    return whole
