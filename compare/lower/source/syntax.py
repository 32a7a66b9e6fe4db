"""Small pieces of Python's syntax tree: what an expression of NumPy looks like as `ast` nodes."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

NUMPY = "np"
SPECIAL = "special"

# Arrays up to this many elements are written out; larger ones as the bytes they are.
WRITTEN_OUT = 64


# Every line of a source made as a tree is the first; only text has lines.
PLACE: dict[str, Any] = {"lineno": 1, "col_offset": 0}
_LOAD = ast.Load()


def name(text: str) -> ast.Name:
    """A name that is read."""
    return ast.Name(text, _LOAD, **PLACE)


def numpy(attribute: str) -> ast.expr:
    """``np.attribute``."""
    return member(NUMPY, attribute)


def member(module: str, attribute: str) -> ast.expr:
    """``module.attribute``."""
    return ast.Attribute(name(module), attribute, _LOAD, **PLACE)


def located(tree: ast.Module) -> ast.Module:
    """The same tree, with a place for every node that lacks one; what has one is not entered."""
    stack: list[ast.AST] = [tree]
    while stack:
        node = stack.pop()
        if "lineno" in node._attributes:
            node.lineno, node.col_offset = 1, 0  # type: ignore[attr-defined]
        for field in node._fields:
            value = getattr(node, field, None)
            if isinstance(value, list):
                stack.extend(v for v in value if _lacks_place(v))
            elif _lacks_place(value):
                stack.append(value)  # type: ignore[arg-type]
    return tree


def _lacks_place(value: object) -> bool:
    return isinstance(value, ast.AST) and "lineno" not in value.__dict__


def call(function: ast.expr, args: Iterable[ast.expr], **keywords: ast.expr | None) -> ast.Call:
    """A call; keywords whose value is None are left out."""
    given = [ast.keyword(key, value) for key, value in keywords.items() if value is not None]
    return ast.Call(function, list(args), given)


def subscript(value: ast.expr, index: ast.expr) -> ast.Subscript:
    """``value[index]``."""
    return ast.Subscript(value, index, ast.Load())


def tuple_of(items: Iterable[ast.expr]) -> ast.Tuple:
    """A tuple."""
    return ast.Tuple(list(items), ast.Load())


def integers(values: Sequence[int]) -> ast.expr:
    """A tuple of integers: a shape or axes."""
    return tuple_of(number(int(n)) for n in values)


def assign(target: str, value: ast.expr) -> ast.Assign:
    """``target = value``."""
    return ast.Assign([ast.Name(target, ast.Store())], value)


def unpacked(targets: Sequence[str], value: ast.expr) -> ast.Assign:
    """``a, b = value``, or ``[a] = value``."""
    stored: list[ast.expr] = [ast.Name(target, ast.Store()) for target in targets]
    kind = ast.Tuple if len(targets) > 1 else ast.List
    return ast.Assign([kind(stored, ast.Store())], value)


def taken_out(array: ast.expr) -> ast.Subscript:
    """``array[()]``: the scalar of an array without dimensions, any other array as it is."""
    return subscript(array, tuple_of(()))


def define(name: str, parameters: tuple[str, ...], body: list[ast.stmt]) -> ast.FunctionDef:
    """``def name(parameters): body``."""
    arguments = ast.arguments([], [ast.arg(p) for p in parameters], None, [], [], None, [])
    return ast.FunctionDef(name, arguments, body, [])


def number(value: complex) -> ast.expr:
    """A Python number in a form that reads back as the same bits, signs of zero included."""
    if isinstance(value, complex):
        return call(name("complex"), [number(value.real), number(value.imag)])
    if math.isnan(value):
        return numpy("nan")
    if math.copysign(1.0, value) < 0:
        # A negative literal would bind less tightly than the power beside it.
        return ast.UnaryOp(ast.USub(), number(-value), **PLACE)
    return numpy("inf") if math.isinf(value) else ast.Constant(value, **PLACE)


def dtype(kind: np.dtype[Any]) -> ast.expr:
    """``np.float32`` and the like."""
    return numpy("bool_" if kind.kind == "b" else kind.name)


def array(value: np.ndarray[Any, Any]) -> ast.expr:
    """The call that makes a constant array again, bit by bit."""
    kind = value.dtype
    first = value.reshape(-1)[:1].tobytes()
    if value.size > 1 and value.tobytes() == first * value.size:
        return _uniform(value)
    if value.ndim == 2 and value.shape[0] == value.shape[1] and _same(value, np.eye(len(value))):
        return call(numpy("eye"), [number(len(value))], dtype=_unless(kind, np.float64))
    if value.size > WRITTEN_OUT:
        return _from_bytes(value)
    if not value.size:
        return call(numpy("zeros"), [integers(value.shape)], dtype=_unless(kind, np.float64))
    usual = np.asarray(value.reshape(-1)[0].item()).dtype
    return call(numpy("array"), [_nested(value.tolist())], dtype=_unless(kind, usual))


def _uniform(value: np.ndarray[Any, Any]) -> ast.expr:
    shape, kind = integers(value.shape), value.dtype
    entry = value.reshape(-1)[0].item()
    for plain, maker in ((0, "zeros"), (1, "ones")):
        if _same(value, np.broadcast_to(plain, value.shape)):
            return call(numpy(maker), [shape], dtype=_unless(kind, np.float64))
    usual = np.asarray(entry).dtype
    return call(numpy("full"), [shape, number(entry)], dtype=_unless(kind, usual))


def _from_bytes(value: np.ndarray[Any, Any]) -> ast.expr:
    content = ast.Constant(value.tobytes())
    flat = call(numpy("frombuffer"), [content], dtype=ast.Constant(value.dtype.str))
    return call(ast.Attribute(flat, "reshape", ast.Load()), [integers(value.shape)])


def _same(value: np.ndarray[Any, Any], other: np.ndarray[Any, Any]) -> bool:
    return value.tobytes() == other.astype(value.dtype).tobytes()


def _unless(kind: np.dtype[Any], usual: Any) -> ast.expr | None:
    return None if kind == usual else dtype(kind)


def _nested(value: Any) -> ast.expr:
    if isinstance(value, list):
        return ast.List([_nested(item) for item in value], ast.Load())
    return number(value)
