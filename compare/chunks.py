"""What a lowered function over chunked data needs of Dask: the chunks, and the way to a worker."""

from __future__ import annotations

import functools
import importlib
import itertools
import pickle
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from compare.lower import Lowered, LoweredBatch
from diffexpr import ExpressionTypeError, ExpressionValueError, MissingExtraError, ShapeError

# So many lowered functions stay compiled in a process.
KEPT = 64


def dask_array() -> tuple[Any, Any]:
    """The modules ``dask`` and ``dask.array``, loaded on first use.

    Raises
    ------
    MissingExtraError
        If Dask is not installed.
    """
    try:
        return importlib.import_module("dask"), importlib.import_module("dask.array")
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            "data in chunks need Dask, which is not installed; pip install 'crossdiff[dask]'"
        ) from error


def is_dask(value: Any) -> bool:
    """Whether a value is a collection of Dask, without loading Dask to find out."""
    return hasattr(value, "__dask_graph__")


def fresh(name: str) -> str:
    """A name that nothing else in a graph of tasks has."""
    return f"{name}-{uuid.uuid4().hex}"


def aligned(arrays: Iterable[Any]) -> list[Any]:
    """Dask arrays cut along their first axis only, all at the same rows.

    The first of them says where. NumPy arrays may stand beside.

    Raises
    ------
    ExpressionTypeError, ExpressionValueError
        If none is a Dask array, one has no rows, or the length of a chunk is unknown.
    ShapeError
        If they differ in their number of rows.
    """
    _, da = dask_array()
    given = list(arrays)
    cut = next((a for a in given if is_dask(a)), None)
    if cut is None:
        found = ", ".join(type(a).__name__ for a in given) or "nothing"
        raise ExpressionTypeError(f"data is {found}; give Dask arrays, as da.from_array makes them")
    columns = [da.asarray(a) for a in given]
    for column in columns:
        if not column.ndim:
            raise ShapeError("data has a number among its arrays; give one with a row per sample")
        if np.isnan(column.shape).any():
            raise ExpressionValueError(
                f"data of shape {column.shape} has chunks of unknown length; call its "
                "compute_chunk_sizes() first"
            )
    counts = [len(column) for column in columns]
    if len(set(counts)) > 1:
        listed = " and ".join(map(str, counts))
        raise ShapeError(f"the data have {listed} rows; give arrays of the same number of rows")
    rows = cut.chunks[0]
    return [column.rechunk((rows, *column.shape[1:])) for column in columns]


class Program:
    """A lowered function on its way to the workers, compiled once in each process.

    The scheduler on the way handles bytes only.
    """

    def __init__(self, lowered: Lowered | LoweredBatch) -> None:
        self._lowered: Lowered | LoweredBatch | None = lowered
        self._content = pickle.dumps(lowered)

    def __call__(self, *values: Any) -> Any:
        """What the function gives."""
        if self._lowered is None:
            self._lowered = _compiled(self._content)
        return self._lowered(*values)

    def __reduce__(self) -> tuple[Any, tuple[bytes]]:
        return _received, (self._content,)


def _received(content: bytes) -> Program:
    program = Program.__new__(Program)
    program._lowered, program._content = None, content
    return program


@functools.lru_cache(maxsize=KEPT)
def _compiled(content: bytes) -> Lowered | LoweredBatch:
    return pickle.loads(content)


def leaves(nest: Any) -> Iterator[Any]:
    """The results in nested tuples, in order."""
    stack = [nest]
    while stack:
        item = stack.pop()
        if isinstance(item, tuple):
            stack.extend(reversed(item))
        else:
            yield item


def nested(like: Any, results: Iterator[Any]) -> Any:
    """Results in the place of the leaves of nested tuples."""
    if isinstance(like, tuple):
        return tuple(nested(item, results) for item in like)
    return next(results)


def over_rows(function: Callable[..., Any], work: Any, arrays: Sequence[Any]) -> Any:
    """A Dask array of objects, ``function(work, *blocks)`` for each chunk of rows.

    The blocks come as `only` takes them. What the work holds is sent to each worker once, and not
    with each chunk.
    """
    dask, da = dask_array()
    # Only the rows are an axis that the arrays share.
    numbers = itertools.count(1)
    pairs = [(array, (0, *itertools.islice(numbers, array.ndim - 1))) for array in arrays]
    return da.blockwise(
        function, (0,), dask.delayed(work, name=fresh("work"), traverse=False), None,
        *(part for pair in pairs for part in pair),
        name=fresh("rows"), dtype=object, meta=np.empty(0, object),
        adjust_chunks={0: 1}, align_arrays=False,
    )  # fmt: skip


def summed(
    programs: Mapping[int, Program],
    values: Sequence[Any],
    arrays: Sequence[Any],
    split_every: int | None,
) -> Any:
    """The sum over all chunks of what programs give, by the scheduler of Dask that is active.

    Parameters
    ----------
    programs : mapping from int to Program
        By the number of rows of a chunk.
    values : sequence of number or array
        The first arguments of every program.
    arrays : sequence of dask.array.Array
        The others, as `aligned` gives them.
    split_every : int or None
        How many sums are added at a time, in a tree.
    """
    dask, da = dask_array()
    sums = over_rows(_of_chunk, (dict(programs), tuple(values)), arrays)
    total = da.reduction(
        sums, chunk=_kept, aggregate=_added, axis=0, split_every=split_every, concatenate=False,
        name=fresh("sum"), dtype=object, meta=np.empty((), object),
    )  # fmt: skip
    return dask.compute(total.to_delayed().item())[0].result


class _Sum:
    """A nested result, which Dask hands on without looking into it."""

    __slots__ = ("result",)

    def __init__(self, result: Any) -> None:
        self.result = result


def _of_chunk(work: tuple[Mapping[int, Program], Sequence[Any]], *blocks: Any) -> _Sum:
    programs, values = work
    columns = [only(block) for block in blocks]
    return _Sum(programs[len(columns[0])](*values, *columns))


def only(block: Any) -> Any:
    """The one block along the axes that are not cut, without the copy of a concatenation."""
    while isinstance(block, list):
        (block,) = block
    return block


def _kept(block: _Sum, axis: Any, keepdims: bool) -> _Sum:
    return block


def _added(sums: _Sum | list[_Sum], axis: Any, keepdims: bool) -> _Sum:
    if isinstance(sums, _Sum):
        return sums
    parts = zip(*(leaves(s.result) for s in sums), strict=True)
    with np.errstate(all="ignore"):
        added = [functools.reduce(np.add, part) for part in parts]
    return _Sum(nested(sums[0].result, iter(added)))
