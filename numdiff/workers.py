"""Who calls f? This thread, or the workers of an executor: the answers are the same to the bit."""

import os
import pickle
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from itertools import islice
from typing import Any, TypeVar

from numdiff.errors import InputError, InputTypeError, shortened
from numdiff.silence import quiet

__all__ = ["check_workers", "results"]

Item = TypeVar("Item")
Result = TypeVar("Result")

# Calls are handed to an executor some at a time: no more than this many, nor than hold so many
# bytes, since an executor keeps all that it is given until it is done.
_MOST_CALLS = 1024
_MOST_BYTES = 1 << 26
# So many chunks for each processor: few messages, and none idle for long at the end.
_CHUNKS = 4


def check_workers(workers: Any, f: Callable[..., Any]) -> None:
    """Refuse what is no executor, and a function that cannot travel to another process.

    Raises
    ------
    InputTypeError
        If `workers` is neither None nor a ``concurrent.futures.Executor``.
    InputError
        If it is a process pool and f cannot be pickled.
    """
    if workers is None:
        return
    if not isinstance(workers, Executor):
        raise InputTypeError(
            f"workers must be a concurrent.futures.Executor, got {shortened(workers)};"
            " pass a ThreadPoolExecutor or ProcessPoolExecutor"
        )
    if isinstance(workers, ProcessPoolExecutor):
        try:
            pickle.dumps(f)
        except Exception as error:  # whatever __reduce__ may raise
            raise InputError(
                f"a process pool cannot pickle f, {shortened(f)}: {shortened(error)}; define"
                " it with def at the top of a module, or use a ThreadPoolExecutor"
            ) from None


def results(
    call: Callable[[Item], Result], items: Iterable[Item], workers: Executor | None, width: int
) -> Iterator[Result]:
    """``call(item)`` for each item, in order.

    Parameters
    ----------
    call : callable
        A function of a module's top level, or a ``functools.partial`` of one.
    items : iterable
        What it is called with; taken only as fast as the results are.
    workers : Executor or None
        Where it is called; None for here and now.
    width : int
        How many numbers one item and its result hold together.

    Yields
    ------
    result
        An exception is raised where its result would stand.
    """
    if workers is None:
        yield from map(call, items)
        return
    most = max(1, min(_MOST_CALLS, _MOST_BYTES // (8 * max(width, 1))))
    iterator = iter(items)
    while window := list(islice(iterator, most)):
        chunk = max(1, len(window) // (_CHUNKS * (os.cpu_count() or 1)))
        with quiet():  # the filters of warnings are set once, not by every worker in turn
            done = list(workers.map(call, window, chunksize=chunk))
        yield from done
