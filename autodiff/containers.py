"""What counts as a container of arrays, what it holds, and how it is built again.

Containers are dicts, lists, tuples, named tuples and dataclasses. A list or tuple that holds
numbers and nothing else is not one of them but an array, as everywhere in NumPy: ``[1.0, 2.0]`` is
a vector, ``[[1.0, 2.0], [3.0, 4.0]]`` a matrix, while ``[w, 1.0]`` with an array ``w`` and
``(1.0, [2.0, 3.0])`` are containers of two. Only kinds and shapes decide, never whether a value is
being differentiated, so that a function sees the same nest at every order. An empty list or tuple
is a container without arrays; lists of unequal length are a mistake, and said to be one.
"""

from __future__ import annotations

import collections
import dataclasses
import numbers
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from autodiff.boxes import stacked
from diffexpr.errors import ExpressionTypeError

MOST_AXES = 64
"""The most axes an array of NumPy can have; a list nested deeper is a nest."""

NUMERIC = "biufc"
_NUMBERS = frozenset((float, int, complex, bool, np.float64, np.float32))
_CONSTANT_SEQUENCES = (str, bytes, bytearray, range, memoryview)


class Node(NamedTuple):
    """A container without what it holds.

    Attributes
    ----------
    kind : type
    keys : tuple
        The keys of a dict in the order of flattening, the names of fields, the positions of a list.
    order : tuple
        The keys of a dict in the order of insertion.
    factory : object
        The ``default_factory`` of a defaultdict.
    static : tuple of (str, object)
        Fields of a dataclass that are no arrays by declaration.
    """

    kind: type
    keys: tuple[Any, ...]
    order: tuple[Any, ...] = ()
    factory: Any = None
    static: tuple[tuple[str, Any], ...] = ()

    def fits(self, other: Node) -> bool:
        """Whether both are the same container; static fields apart."""
        return self.kind is other.kind and self.keys == other.keys

    def step(self, i: int) -> str:
        """How part ``i`` is written in a path."""
        if issubclass(self.kind, (Mapping, list)) or not self._has_names():
            return f"[{self.keys[i]!r}]"
        return f".{self.keys[i]}"

    def _has_names(self) -> bool:
        return dataclasses.is_dataclass(self.kind) or hasattr(self.kind, "_fields")

    def __str__(self) -> str:
        name = self.kind.__name__
        if self._has_names() or issubclass(self.kind, Mapping):
            return f"a {name} with {', '.join(map(str, self.keys)) or 'nothing'}"
        return f"a {name} of {len(self.keys)}"


def opened(x: Any) -> tuple[Node, list[Any]] | None:
    """A container and its parts; None for anything else. A list of numbers is opened, too."""
    kind = type(x)
    if kind is np.ndarray or kind in _NUMBERS or hasattr(x, "_level"):
        return None
    if isinstance(x, Mapping):
        keys = _sorted_keys(x)
        factory = getattr(x, "default_factory", None)
        return Node(kind, keys, tuple(x), factory), [x[key] for key in keys]
    if isinstance(x, (list, tuple)):
        keys = getattr(x, "_fields", None) or tuple(range(len(x)))
        return Node(kind, tuple(keys)), list(x)
    if dataclasses.is_dataclass(x) and not isinstance(x, type):
        fields = [field for field in dataclasses.fields(x) if hasattr(x, field.name)]
        moving = tuple(field.name for field in fields if not field.metadata.get("static"))
        static = tuple(
            (field.name, getattr(x, field.name)) for field in fields if field.name not in moving
        )
        return Node(kind, moving, static=static), [getattr(x, name) for name in moving]
    return None


def _sorted_keys(mapping: Mapping[Any, Any]) -> tuple[Any, ...]:
    """Keys in an order that does not depend on insertion, as far as they can be compared."""
    try:
        return tuple(sorted(mapping))
    except TypeError:
        by_type: dict[str, list[Any]] = {}
        for key in mapping:
            by_type.setdefault(type(key).__qualname__, []).append(key)
        found: list[Any] = []
        for name in sorted(by_type):
            try:
                found += sorted(by_type[name])
            except TypeError:
                found += by_type[name]
        return tuple(found)


def built(node: Node, parts: Sequence[Any]) -> Any:
    """The container with other parts.

    A dataclass is filled field by field, without its ``__init__``: a check in there that suits
    parameters (``sigma > 0``) need not suit a gradient.
    """
    kind = node.kind
    if kind is list:
        return list(parts)
    if kind is tuple:
        return tuple(parts)
    if issubclass(kind, Mapping):
        by_key = dict(zip(node.keys, parts, strict=True))
        items = {key: by_key[key] for key in node.order}
        if kind is dict:
            return items
        try:
            if issubclass(kind, collections.defaultdict):
                return kind(node.factory, items)
            return kind(items)  # type: ignore[call-arg]
        except (TypeError, ValueError, AttributeError) as error:
            raise ExpressionTypeError(
                f"a {kind.__name__} cannot be built from its items ({error}); give a dict"
            ) from None
    if hasattr(kind, "_fields"):
        return kind._make(parts)  # type: ignore[attr-defined]
    if issubclass(kind, (list, tuple)):
        return kind(parts)
    filled = object.__new__(kind)
    for name, part in (*zip(node.keys, parts, strict=True), *node.static):
        object.__setattr__(filled, name, part)
    return filled


def is_nest(x: Any) -> bool:
    """Whether an argument is a container of arrays, and not an array or a list of numbers.

    Examples
    --------
    >>> from autodiff.nests import is_nest
    >>> is_nest({"w": 1.0}), is_nest([1.0, 2.0]), is_nest([[1.0, 2.0], {"b": 3.0}])
    (True, False, True)
    """
    if isinstance(x, (list, tuple)):
        return not is_array(x, set())
    return opened(x) is not None


# arrays


def is_scalar(x: Any) -> bool:
    """Whether a value is a single number of any kind."""
    if type(x) in _NUMBERS:
        return True
    if hasattr(x, "_level"):
        return x.shape == ()
    if isinstance(x, np.ndarray):
        return x.shape == () and x.dtype.kind in NUMERIC
    if isinstance(x, np.generic):
        return x.dtype.kind in NUMERIC
    return isinstance(x, numbers.Number)


def is_array(x: list[Any] | tuple[Any, ...], nests: set[int]) -> bool:
    """Whether a list or tuple is an array: of numbers only, or of lists of numbers only.

    If it is not, the identities of the lists on the way to what shows it are added to ``nests``:
    they are none either, and need not be searched again.
    """
    path: list[tuple[int, Iterator[Any]]] = []
    on_path: set[int] = set()
    item: Any = x
    while _may_be_array(item) and id(item) not in on_path and id(item) not in nests:
        on_path.add(id(item))
        if is_scalar(item[0]) and len(path) < MOST_AXES:
            if not all(map(is_scalar, item)):
                break
            on_path.discard(id(item))
        else:
            path.append((id(item), iter(item)))
        while path:
            item = next(path[-1][1], _END)
            if item is not _END:
                break
            on_path.discard(path.pop()[0])
        else:
            return True
    nests.update(on_path)
    return False


_END = object()


def _may_be_array(x: Any) -> bool:
    return isinstance(x, (list, tuple)) and len(x) > 0 and not hasattr(x, "_fields")


def array(x: Any) -> Any:
    """What is differentiated in a leaf; None if it is static: a string, a truth value, a function.

    Raises
    ------
    ExpressionTypeError
        If a list of numbers is ragged, or a sequence is of a kind that is not opened.
    """
    if type(x) in _NUMBERS:
        return None if type(x) is bool else x
    if hasattr(x, "_level"):
        return x
    if isinstance(x, (list, tuple)):
        try:
            x = stacked(x)
        except ValueError:
            raise ExpressionTypeError("a ragged list; give a rectangular array") from None
    if type(x) is np.ndarray and x.dtype.hasobject:
        return stacked(x) if any(hasattr(item, "_level") for item in x.flat) else None
    kind = getattr(getattr(x, "dtype", None), "kind", None)
    if kind is not None:
        return x if kind in "iufc" else None
    if isinstance(x, (Sequence, collections.deque)) and not isinstance(x, _CONSTANT_SEQUENCES):
        raise ExpressionTypeError(
            f"a {type(x).__name__} is no container of arrays; use a dict, list, tuple or dataclass"
        )
    return x if isinstance(x, numbers.Number) else None
