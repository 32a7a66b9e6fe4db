"""Arrays of scalar expressions, as arrays of the places where those stand in one list.

Places are integers, so everything that only moves entries about is NumPy's own operation on an
array of them. The first place holds the zero that fills up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from compare.lower.scalars.arithmetic import NOTHING, simplified
from diffexpr import Expr, constant

Places = np.ndarray[Any, np.dtype[np.intp]]

# Up to this many are summed one after the other, more of them by halves (Higham 2002, "Accuracy
# and Stability of Numerical Algorithms", section 4.2), as NumPy does.
IN_A_ROW = 8


class TooMany(Exception):
    """More operations than were allowed."""


class Cells:
    """The scalar expressions made so far.

    Parameters
    ----------
    limit : int
        How many operations there may be; one more raises `TooMany`.

    Attributes
    ----------
    entries : list of Expr
    operations : int
        How many of them are operations.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.entries: list[Expr] = []
        self.operations = 0
        self._where: dict[Expr, int] = {}
        self.place(NOTHING)

    def place(self, entry: Expr) -> int:
        """Where an expression stands, which is entered if it is new."""
        found = self._where.setdefault(entry, len(self.entries))
        if found == len(self.entries):
            self.entries.append(entry)
            if entry.args:
                self.operations += 1
                if self.operations > self.limit:
                    raise TooMany
        return found

    def array(self, entries: Iterable[Expr], shape: tuple[int, ...]) -> Places:
        """The places of expressions, in the order of an array of that shape."""
        return np.fromiter(map(self.place, entries), np.intp).reshape(shape)

    def taken(self, places: Places) -> np.ndarray[Any, Any]:
        """The expressions of an array."""
        chosen = (self.entries[place] for place in places.flat)
        return np.fromiter(chosen, np.dtype(object), places.size).reshape(places.shape)

    def apply(self, op: Any, *operands: int, params: tuple[Any, ...] = ()) -> int:
        """The place of an operation on the expressions at some places."""
        args = tuple(self.entries[operand] for operand in operands)
        return self.place(simplified(op, args, params))

    def constant(self, value: float) -> int:
        """The place of a number."""
        return self.place(constant(float(value)))

    def mapped(self, op: Any, *operands: Places, params: tuple[Any, ...] = ()) -> Places:
        """An elementwise operation on arrays, which broadcast."""
        spread = np.broadcast_arrays(*operands)
        self._room_for(spread[0].size)
        made = [
            self.apply(op, *row, params=params)
            for row in zip(*(array.ravel().tolist() for array in spread), strict=True)
        ]
        return np.array(made, np.intp).reshape(spread[0].shape)

    def _room_for(self, size: int) -> None:
        if size > max(4 * self.limit, 64):
            raise TooMany

    def reduced(
        self,
        places: Places,
        axes: Sequence[int],
        keepdims: bool,
        reduction: Callable[[list[int]], int],
    ) -> Places:
        """Whatever becomes of the entries along some axes, one number for each place beside."""
        kept = [axis for axis in range(places.ndim) if axis not in axes]
        rows = places.transpose(*kept, *axes)
        beside = rows.shape[: len(kept)]
        flat = rows.reshape(*beside, int(np.prod(rows.shape[len(kept) :])))
        made = [reduction(flat[index].tolist()) for index in np.ndindex(*beside)]
        found = np.array(made, np.intp).reshape(beside)
        return np.expand_dims(found, tuple(axes)) if keepdims else found

    def total(self, terms: Sequence[int]) -> int:
        """A sum; of nothing 0."""
        parts = [self.chain("add", terms[i : i + IN_A_ROW]) for i in range(0, len(terms), IN_A_ROW)]
        while len(parts) > 1:
            last = parts[-1:] if len(parts) % 2 else []
            pairs = zip(parts[::2], parts[1::2], strict=False)
            parts = [self.apply("add", a, b) for a, b in pairs] + last
        return parts[0] if parts else self.constant(0.0)

    def chain(self, op: Any, terms: Sequence[int]) -> int:
        """Terms joined by an operation from left to right."""
        found = terms[0]
        for term in terms[1:]:
            found = self.apply(op, found, term)
        return found

    def dot(self, first: Sequence[int], second: Sequence[int]) -> int:
        """The sum of products."""
        pairs = zip(first, second, strict=True)
        return self.total([self.apply("multiply", a, b) for a, b in pairs])
