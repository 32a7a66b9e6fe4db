"""Making a node from an operation and its operands: shape, dtype and checks in one place."""

from __future__ import annotations

import keyword
from functools import lru_cache
from typing import Any

import numpy as np

from diffexpr import arrays, primitives
from diffexpr.errors import (
    ExpressionTypeError,
    ExpressionValueError,
    MissingRuleError,
    ShapeError,
)
from diffexpr.expr import BOOL, FLOAT, Expr, Shape, constant, intern
from diffexpr.frozen import Frozen


def node(op: Any, operands: tuple[Any, ...], params: tuple[Any, ...] = ()) -> Expr:
    """The expression of an operation on expressions, numbers and arrays."""
    args = operands
    for x in operands:
        if type(x) is not Expr:
            args = tuple([x if type(x) is Expr else constant(x) for x in operands])
            break
    row = primitives.TABLE.get(op)
    if row is not None:
        if len(args) != len(row.domains):
            raise ExpressionTypeError(f"{op} takes {len(row.domains)} arguments, got {len(args)}")
        shape, alike, plain = args[0].shape, True, row.kind != "bool"
        for x in args:
            alike = alike and x.shape == shape
            plain = plain and (x.dtype is FLOAT or x.dtype is _WHOLE)
        if not alike:
            shape = arrays.broadcast([a.shape for a in args])
        # Of float64 and Python's numbers everything is float64, but truth values.
        kind = FLOAT if plain else _dtype(row.kind, *map(_dtype_key, args))
        return intern(op, args, params, shape, kind)
    array_row = arrays.TABLE.get(op)
    if array_row is None and type(op) is not str:
        shape, kind = op.outcome(args, params)
        common = _dtype("float", *map(_dtype_key, args))
        return intern(op, args, params, shape, common if kind is None else kind)
    if array_row is None:
        raise MissingRuleError(f"{op!r} is not an operation of the language")
    shape = array_row.shape([a.shape for a in args], params)
    kind = _dtype("float", *map(_dtype_key, args))
    if array_row.dtype is not None:
        kind = array_row.dtype(kind, params)
    return intern(op, args, params, shape, kind)


# The dtype of Python's whole numbers, which no other expression has.
_WHOLE = constant(0).dtype

# Expressions find here what carries out operations on them.
Expr._apply = staticmethod(node)


def _dtype_key(e: Expr) -> Any:
    # A Python number is weak: it takes part by its kind, not by its width.
    weak = e.op == "constant" and not isinstance(e.params[0], Frozen)
    return type(e.params[0]) if weak else e.dtype


@lru_cache(maxsize=1024)
def _dtype(kind: str, *keys: Any) -> np.dtype[Any]:
    if kind == "bool":
        return BOOL
    weak = {bool: True, int: 1, float: 1.0, complex: 1j}
    found = np.result_type(*(weak.get(key, key) for key in keys))
    if found.kind in "bui":
        return FLOAT
    if kind == "real" and found.kind == "c":
        return np.finfo(found).dtype
    return found


def check_name(name: str) -> str:
    """The name, if it can name a variable."""
    if not isinstance(name, str):
        raise ExpressionTypeError(f"a variable is named by a string, got {name!r}")
    if not name.isidentifier() or keyword.iskeyword(name) or not name.isascii():
        raise ExpressionValueError(f"{name!r} cannot name a variable; use letters, digits and _")
    return name


def check_shape(shape: Any) -> Shape:
    """The shape as a tuple of sizes."""
    sizes = (shape,) if isinstance(shape, int) else tuple(shape)
    if any(not isinstance(n, (int, np.integer)) or n < 0 for n in sizes):
        raise ShapeError(f"a shape is a tuple of sizes, got {shape!r}")
    return tuple(int(n) for n in sizes)


def large_integer(value: int) -> float:
    """An integer beyond 64 bits as the nearest float."""
    try:
        return float(value)
    except OverflowError:
        raise ExpressionValueError(
            f"an integer of {value.bit_length()} bits is beyond float64; write it as a float"
        ) from None


def constant_array(value: Any) -> Frozen | Expr:
    """An array of numbers, frozen; an array of expressions becomes one expression."""
    if value is None or isinstance(value, (str, bytes, dict, set)):
        raise ExpressionTypeError(
            f"{value!r} is not a number, an array or an expression; use parse for text"
        )
    try:
        array = np.asarray(value)
    except ValueError:
        raise ExpressionTypeError(f"a ragged list is not an array: {_shown(value)}") from None
    if array.dtype.kind in "iu":
        array = array.astype(np.float64)
    if array.dtype.char in "gG":
        raise ExpressionTypeError(
            f"{array.dtype} is not in the language, which has float64 at most; convert it"
        )
    if array.dtype.kind in "bfc":
        array = array.astype(array.dtype.newbyteorder("="), copy=False)
        return Frozen(array)
    if array.dtype == object and array.size and all(isinstance(x, Expr) for x in array.flat):
        return stacked(array)
    if array.dtype == object and array.size and all(_is_number(x) for x in array.flat):
        return stacked(array)
    raise ExpressionTypeError(
        f"{_shown(value)} is not a number, an array of numbers or an expression"
    )


def stacked(array: np.ndarray[Any, Any]) -> Expr:
    """An object array of scalar expressions and numbers as one expression of its shape."""
    flat = node("stack", tuple(constant(x) for x in array.flat), (0,))
    return flat if array.ndim == 1 else node("reshape", (flat,), (array.shape,))


def _is_number(x: Any) -> bool:
    return isinstance(x, (Expr, bool, int, float, complex, np.number, np.bool_))


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
