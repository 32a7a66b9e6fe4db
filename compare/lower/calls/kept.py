"""A bounded store of what was made before; the least recently used goes first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """Things by their key, at most so many, for several threads.

    Examples
    --------
    >>> kept = Kept(most=1)
    >>> kept.get("a", lambda: 1), kept.get("a", lambda: 2), kept.get("b", lambda: 3), len(kept)
    (1, 1, 3, 1)
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._found: OrderedDict[Hashable, T] = OrderedDict()

    def get(
        self, key: Hashable, make: Callable[[], T], worth: Callable[[T], bool] | None = None
    ) -> T:
        """What is kept under a key, made if it is not there.

        Making it holds no lock: two threads may both make it, and one of the two is kept, unless
        ``worth`` says that it is not worth it.
        """
        with self._lock:
            if key in self._found:
                self._found.move_to_end(key)
                return self._found[key]
        made = make()
        if worth is not None and not worth(made):
            return made
        with self._lock:
            made = self._found.setdefault(key, made)
            self._found.move_to_end(key)
            while len(self._found) > self._most:
                self._found.popitem(last=False)
        return made

    def __len__(self) -> int:
        return len(self._found)
