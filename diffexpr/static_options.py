"""Static keyword arguments of a custom operation, as one parameter of a node."""

from __future__ import annotations

from typing import Any

import numpy as np

from diffexpr.frozen import Frozen


class Options:
    """Static keyword arguments of a call, which compare by content as far as they can.

    Attributes
    ----------
    values : dict
    """

    __slots__ = ("_key", "values")

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values
        self._key = tuple((name, _key(values[name])) for name in sorted(values))

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Options) and self._key == other._key

    def __reduce__(self) -> tuple[type, tuple[Any, ...]]:
        return type(self), (self.values,)

    def __repr__(self) -> str:
        return ", ".join(f"{name}={value!r}" for name, value in self.values.items())


def _key(value: Any) -> Any:
    if isinstance(value, np.ndarray) and not value.dtype.hasobject:
        return Frozen(value)
    try:
        hash(value)
    except TypeError:
        return id(value)
    return type(value), value, str(value) if isinstance(value, float) else ""  # 0.0 is not -0.0


def options_of(params: tuple[Any, ...]) -> dict[str, Any]:
    """The keyword arguments among the static parameters of a custom operation."""
    return params[0].values if params else {}


def holds_boxes(x: Any) -> bool:
    """Whether an argument is boxed or symbolic, or a list or array with such an entry."""
    stack = [x]
    while stack:
        item = stack.pop()
        if hasattr(item, "_level"):
            return True
        if isinstance(item, (list, tuple)):
            stack.extend(item)
        elif isinstance(item, np.ndarray) and item.dtype.hasobject:
            stack.extend(item.flat)
    return False
