"""What is fixed in a text: arrays of numbers, axes, shapes and indices."""

from __future__ import annotations

import ast
from typing import Any

import numpy as np

from diffexpr.errors import ParseError
from diffexpr.expr import Expr, constant
from diffexpr.frozen import Frozen
from diffexpr.functions import reshape, stack
from diffexpr.indexing import getitem
from diffexpr.parse_limits import Limits, exceeded

_DTYPES = ("bool", "float16", "float32", "float64", "complex64", "complex128")


class Selector:
    """Stands for ``np.s_`` in a text: ``np.s_[1:3, 0]`` is an index by itself."""

    __slots__ = ()


def operand(value: Any) -> Expr:
    """A value that an operation can take; a list is an array."""
    if isinstance(value, Expr):
        return value
    if isinstance(value, list):
        return array(value)
    shown = "a list of values in parentheses" if isinstance(value, tuple) else f"{value!r}"
    raise ParseError(f"{shown} stands where a number, an array or an expression is wanted")


def array(value: Any, dtype: str | None = None, shape: tuple[int, ...] | None = None) -> Expr:
    """The literal of an array; its elements are numbers or expressions."""
    sizes, flat = _flattened(value)
    numbers = [_number(x) for x in flat]
    if all(x is not None for x in numbers):
        found = np.array(numbers, dtype=dtype).reshape(sizes if shape is None else shape)
        return constant(found)
    if dtype is not None or shape is not None:
        raise ParseError("array takes dtype= and shape= with numbers only")
    if not sizes:
        return flat[0]
    stacked = stack(flat)
    return stacked if len(sizes) == 1 else reshape(stacked, (*sizes, *flat[0].shape))


def _flattened(value: Any) -> tuple[tuple[int, ...], list[Any]]:
    """Nested lists as their shape and their elements in order."""
    sizes: list[int] = []
    flat = [value]
    while flat and all(isinstance(x, (list, tuple)) for x in flat):
        lengths = {len(x) for x in flat}
        if len(lengths) > 1:
            raise ParseError(f"a ragged list is not an array: rows of {sorted(lengths)} elements")
        sizes.append(lengths.pop())
        flat = [x for row in flat for x in row]
    for x in flat:
        if not isinstance(x, Expr):
            shown = "a list" if isinstance(x, (list, tuple)) else repr(x)
            raise ParseError(f"an array holds numbers and expressions, not {shown} among them")
    return tuple(sizes), flat


def _number(x: Expr) -> bool | int | float | complex | None:
    """The number that a literal stands for; pi and e are not literals."""
    if x.op != "constant" or len(x.params) == 2 or isinstance(x.params[0], Frozen):
        return None
    return x.params[0]


def literal(value: Any) -> float:
    """A real number, written out."""
    number = _number(value) if isinstance(value, Expr) else None
    if isinstance(number, (int, float)):
        return number
    raise ParseError(f"{_shown(value)} stands where a number is wanted")


def dtype_name(value: Any) -> str:
    """The name of a dtype, as written after ``dtype=``."""
    if isinstance(value, Expr) and value.op == "symbol" and value.params[0] in _DTYPES:
        return value.params[0]
    raise ParseError(f"dtype= is one of {', '.join(_DTYPES)}")


def static(value: Any) -> Any:
    """An argument that is fixed: an integer, a truth value, inf, None, or a tuple of these."""
    if isinstance(value, (list, tuple)):
        return tuple(static(item) for item in value)
    if value is None:
        return None
    number = _number(value) if isinstance(value, Expr) else None
    if isinstance(number, int) or number == float("inf"):
        return number
    raise ParseError(f"{_shown(value)} stands where a fixed integer is wanted")


def static_tuple(value: Any) -> tuple[int, ...]:
    """A shape."""
    found = static(value)
    sizes = found if isinstance(found, tuple) else (found,)
    if any(type(n) is not int for n in sizes):
        raise ParseError("a shape is a tuple of integers, as in (2, 3)")
    return sizes


def _shown(value: Any) -> str:
    return value.op if isinstance(value, Expr) and value.args else f"{value!r}"


def cut(written: ast.Slice, parts: list[Any]) -> slice:
    """The slice of a subscript, from the parts of it that were written."""
    given = iter(parts)
    bounds = (written.lower, written.upper, written.step)
    return slice(*(None if bound is None else static(next(given)) for bound in bounds))


def selected(value: Any, index: Any, limits: Limits) -> Any:
    """The value of a subscript: elements of an array, or the index of ``np.s_``."""
    items = tuple(_index(item) for item in (index if isinstance(index, tuple) else (index,)))
    if isinstance(value, Selector):
        return items
    x = operand(value)
    size = x.size * max((item.size for item in items if isinstance(item, np.ndarray)), default=1)
    if size > 100 * limits.size:  # what the shape of the result could cost to work out
        exceeded("size", size, limits.size)
    return getitem(x, items)


def _index(item: Any) -> Any:
    if item is None or item is Ellipsis or isinstance(item, slice):
        return item
    if isinstance(item, list):
        item = array(item)
    if not isinstance(item, Expr) or item.op != "constant":
        raise ParseError("an index is made of fixed integers, slices, lists of integers or masks")
    held = item.params[0]
    if isinstance(held, Frozen):
        chosen = held.array
        if chosen.dtype == bool:
            return chosen
        whole = chosen.astype(np.intp)
        if not np.array_equal(whole, chosen):
            raise ParseError("an index is made of integers")
        return whole
    return static(item)
