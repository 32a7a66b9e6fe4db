"""Constant arrays in the source: lists where they are short, bytes where they are long."""

from __future__ import annotations

import ast
from typing import Any

import numpy as np

from compare.lower.array_api import spelling
from compare.lower.source import syntax

_CODES = {"float16": "e", "float32": "f", "float64": "d", "complex64": "ff", "complex128": "dd",
          "bool": "?", "int64": "q"}  # fmt: skip
_BUFFERS = "fdq"


def made(value: np.ndarray[Any, Any], data: str) -> ast.expr:
    """The call that makes a constant array on the device of the arguments.

    Parameters
    ----------
    value : array
        Integers are places in another array and become the integers that the namespace counts in.
    data : str
        The name under which the entries are to be found where `is_long`.
    """
    place = syntax.name(spelling.PLACE)
    places = value.dtype.kind in "iu"
    kind = None if places and not is_long(value) else spelling.widest(value.dtype.name)
    if is_uniform(value) and kind is not None:
        entry = spelling.number(value.reshape(-1)[0].item() if value.size else 0.0)
        shape = syntax.integers(value.shape)
        return syntax.call(spelling.xp("full"), [shape, entry], dtype=kind, device=place)
    if not is_long(value):
        listed = _nested(value.tolist())
        return syntax.call(spelling.xp("asarray"), [listed], dtype=kind, device=place)
    # What is returned is the caller's own, to write into.
    flat = syntax.call(
        spelling.xp("asarray"), [syntax.name(data)], dtype=kind, device=place,
        copy=syntax.number(True),
    )  # fmt: skip
    if value.ndim == 1:
        return flat
    return syntax.call(spelling.xp("reshape"), [flat, syntax.integers(value.shape)])


def is_uniform(value: np.ndarray[Any, Any]) -> bool:
    """Whether all entries have the same bits."""
    first = value.reshape(-1)[:1].tobytes()
    return value.ndim > 0 and value.tobytes() == first * value.size


def is_long(value: np.ndarray[Any, Any]) -> bool:
    """Whether the entries are better read as bytes."""
    return value.size > syntax.WRITTEN_OUT and not (is_uniform(value) and value.dtype.kind != "i")


def unpacked(value: np.ndarray[Any, Any]) -> ast.expr:
    """The entries of a long array in order, read from the bytes that they are."""
    code = _CODES[value.dtype.name]
    content = ast.Constant(value.astype(value.dtype.newbyteorder("<")).tobytes())
    if len(code) > 1:
        pair, entry = syntax.name("pair"), ast.Name("pair", ast.Store())
        read = syntax.call(syntax.name("iter_unpack"), [ast.Constant(f"<{code}"), content])
        number = syntax.call(syntax.name("complex"), [ast.Starred(pair, ast.Load())])
        return ast.ListComp(number, [ast.comprehension(entry, read, [], 0)])
    layout = ast.Constant(f"<{value.size}{code}")
    entries = syntax.call(syntax.name("unpack"), [layout, content])
    if code not in _BUFFERS:
        return syntax.call(syntax.name("list"), [entries])
    return syntax.call(syntax.name("array"), [ast.Constant(code), entries])


def _nested(value: Any) -> ast.expr:
    if isinstance(value, list):
        return ast.List([_nested(item) for item in value], ast.Load())
    return spelling.number(value)
