"""Names in a source: none means two things."""

from __future__ import annotations

import builtins
from collections import Counter
from collections.abc import Iterable

from compare.lower.source import runtime, syntax

RUNTIME = ("as_floats", "common_shape", "new_array", "zeros_in", "fill", "in_blocks",
           "join_blocks", "mix_rows")  # fmt: skip
"""The functions of `compare.lower.source.runtime` that lowered functions call."""

RESERVED = (syntax.NUMPY, syntax.SPECIAL, "complex", "__debug__", "zip", "result", *RUNTIME)
"""Names with a meaning in the source, which a variable must not take."""

MODULE_NAMES = (*dir(builtins), *vars(runtime))
"""Names that the functions of the runtime use, which the function of a module must not have."""


class Names:
    """Names that do not collide, for one scope."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)
        self._counts: Counter[str] = Counter()

    def inner(self) -> Names:
        """A scope within this one: what is taken here is taken there, not the other way."""
        return Names(self._taken)

    def fresh(self, wanted: str) -> str:
        """The wanted name, with underscores behind it where it is taken."""
        while wanted in self._taken:
            wanted += "_"
        self._taken.add(wanted)
        return wanted

    def numbered(self, letter: str) -> str:
        """The next of t1, t2, ... that is free."""
        while True:
            self._counts[letter] += 1
            found = f"{letter}{self._counts[letter]}"
            if found not in self._taken:
                self._taken.add(found)
                return found
