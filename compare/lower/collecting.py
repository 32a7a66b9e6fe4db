"""Without the search for cycles: graphs and programs have none, and it goes through all of them."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """Pause Python's search for unreachable cycles; what nobody refers to is freed as ever.

    While millions of nodes are made the search is started again and again, and finds that all of
    them are in use. In the end it is on again if it was on before, also after an error.

    Examples
    --------
    >>> with collector_paused():
    ...     gc.isenabled()
    False
    >>> gc.isenabled()
    True
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
