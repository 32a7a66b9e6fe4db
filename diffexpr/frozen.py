"""Arrays and indices that can stand in a node: unchangeable, compared by content."""

from __future__ import annotations

from typing import Any

import numpy as np


class Frozen:
    """A read-only array that hashes by its content."""

    __slots__ = ("_key", "array")

    def __init__(self, array: Any) -> None:
        held = np.array(array, order="C")
        if held.dtype.kind in "fc" and np.isnan(held).any():
            # One bit pattern for all NaNs, of which processors make several.
            parts = held.reshape(-1).view(np.real(held).dtype)
            parts[np.isnan(parts)] = np.nan
        held.flags.writeable = False
        self.array: np.ndarray[Any, Any] = held
        import hashlib  # not needed until there is an array constant

        # A digest keeps the key small; 32 bytes of BLAKE2 do not collide by accident.
        digest = hashlib.blake2b(held.tobytes(), digest_size=32).digest()
        self._key = (held.dtype.str, held.shape, digest)

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Frozen) and self._key == other._key

    def __reduce__(self) -> tuple[type, tuple[Any]]:
        return type(self), (np.array(self.array),)

    def __repr__(self) -> str:
        return f"Frozen({self.array!r})"


class Index:
    """A NumPy index (integers, slices, newaxis, integer arrays) that hashes by its content.

    Attributes
    ----------
    value : tuple
        The index as NumPy takes it. Masks have become integer arrays, the ellipsis is gone.
    is_basic : bool
        True without integer arrays: no entry of the source is selected twice.
    """

    __slots__ = ("_key", "is_basic", "value")

    def __init__(self, value: tuple[Any, ...], is_basic: bool = False) -> None:
        self.value = value
        self.is_basic = is_basic or not any(isinstance(item, np.ndarray) for item in value)
        self._key: tuple[Any, ...] | None = None

    @property
    def key(self) -> tuple[Any, ...]:
        """What it hashes by; worked out when it is first asked for, for only graphs ask."""
        if self._key is None:
            self._key = tuple(_part(item) for item in self.value)
        return self._key

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Index) and self.key == other.key

    def __reduce__(self) -> tuple[type, tuple[Any]]:
        return type(self), (self.value,)

    def __repr__(self) -> str:
        return f"Index({self.value!r})"


def _part(item: Any) -> Any:
    if isinstance(item, slice):
        return ("slice", item.start, item.stop, item.step)
    return Frozen(item) if isinstance(item, np.ndarray) else ("at", item)
