"""How is f kept quiet? No word of overflow and the like, whichever threads call it."""

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

__all__ = ["quiet"]


class _Silence:
    """Warnings held back for the whole process, from the first who asks until the last is done.

    The filters of `warnings` belong to all threads. If each thread saved and restored them by
    itself, one that ends before another which began later would leave the other's filters behind.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._callers = 0
        self._saved = warnings.catch_warnings()

    def begin(self) -> None:
        with self._lock:
            if self._callers == 0:
                self._saved = warnings.catch_warnings()
                self._saved.__enter__()
                warnings.simplefilter("ignore", RuntimeWarning)
                warnings.simplefilter("ignore", UserWarning)
            self._callers += 1

    def end(self) -> None:
        with self._lock:
            self._callers -= 1
            if self._callers == 0:
                self._saved.__exit__(None, None, None)


_SILENCE = _Silence()


@contextmanager
def quiet() -> Iterator[None]:
    """No word of overflow and the like: f is called far from x, where nobody asked for it."""
    with np.errstate(all="ignore"):
        _SILENCE.begin()
        try:
            yield
        finally:
            _SILENCE.end()
