"""An expression as text that `parse` reads back to the same node."""

from __future__ import annotations

import math
from collections.abc import Collection
from itertools import count
from typing import Any

from diffexpr import printing_constants as write
from diffexpr.expr import Expr, constant
from diffexpr.frozen import Frozen
from diffexpr.matrix_text import IN_TEXT as MATRICES
from diffexpr.matrix_text import words as matrix_words
from diffexpr.primitives import TABLE
from diffexpr.printing_writer import Layout, Writer
from diffexpr.walk import topological

_COMPARE, _OR, _AND, _SUM, _PRODUCT, _UNARY, _POWER, _ATOM, _NAME = range(1, 10)

_BINARY = {
    "add": (" + ", _SUM),
    "subtract": (" - ", _SUM),
    "multiply": ("*", _PRODUCT),
    "divide": ("/", _PRODUCT),
    "mod": (" % ", _PRODUCT),
    "matmul": (" @ ", _PRODUCT),
    "logical_and": (" & ", _AND),
    "logical_or": (" | ", _OR),
    "less": (" < ", _COMPARE),
    "less_equal": (" <= ", _COMPARE),
    "greater": (" > ", _COMPARE),
    "greater_equal": (" >= ", _COMPARE),
    "equal": (" == ", _COMPARE),
    "not_equal": (" != ", _COMPARE),
    "power": ("**", _POWER),
}


def text(expr: Expr) -> str:
    """An expression as text, in the order in which it was written.

    Parameters
    ----------
    expr : Expr

    Returns
    -------
    str
        ``parse(text(expr), symbols=expr.variables) is expr``. Where the same parts occur so
        often, or so far inside each other, that the text would swell, they are named first:
        ``t1 = ...; t2 = t1*t1 + t1; t2*t2``. Its length is linear in the size of the graph.

    Examples
    --------
    >>> from diffexpr import parse
    >>> text(parse("2x^-1 + |y|"))
    '2*x**(-1) + abs(y)'
    """
    taken = {node.params[0] for node in topological(expr) if node.op == "symbol"}
    fresh = (name for n in count(1) if (name := f"t{n}") not in taken)
    writer = Writer(_Notation(taken).layout, _precedence)
    defined, last = writer.statements(expr, lambda n: next(fresh))
    return "; ".join([*(f"{name} = {body}" for name, body in defined), last])


class _Notation:
    """The layout of each node in the notation of the language; ``taken`` names are variables."""

    def __init__(self, taken: Collection[str]) -> None:
        self._taken = taken

    def layout(self, node: Expr, first: dict[Expr, str]) -> Layout:
        """The parts of a node, and how many levels lie around its operands."""
        op, args = node.op, node.args
        precedence = _precedence(node)
        if not args:
            return [self._leaf(node)], 0
        if precedence < _UNARY or precedence == _POWER:
            sign = _BINARY[op][0]
            left, right, inner = precedence, precedence + 1, 0
            if precedence == _POWER:
                left, right, inner = _ATOM, _POWER, 1
            elif precedence == _COMPARE:
                left = right = _SUM
            elif precedence <= _AND:
                inner = 1
            return [(args[0], left, False), sign, (args[1], right, True)], inner
        if precedence == _UNARY:
            return ["-" if op == "negative" else "~", (args[0], _UNARY, True)], 1
        if op == "getitem":
            least = _NAME if _is_literal(args[0]) else _ATOM
            chosen = write.index(node.params[0], args[0].shape)
            return [(args[0], least, False), f"[{chosen}]"], 3
        return _call(node), 2

    def _leaf(self, node: Expr) -> str:
        value = node.params[0]
        if node.op == "symbol":
            return value
        if len(node.params) == 2:
            return write.known(node.params[1], self._taken)
        if isinstance(value, Frozen):
            return write.array(value.array, self._taken)
        return write.number(value, self._taken)


def _call(node: Expr) -> list[Any]:
    op, args, words = node.op, node.args, ""
    row = TABLE.get(op)
    if row is not None:
        if row.defaults and args[-1] is constant(row.defaults[-1]):
            args = args[:-1]
    else:
        words = _parameters(node)
        if op == "einsum" and node.params[0] == "i,j->ij":
            op, words = "outer", ""
    parts: list[Any] = [f"{op}("]
    if op == "einsum":
        parts = [f'einsum("{node.params[0]}", ']
    elif op in ("stack", "concatenate"):
        parts = [f"{op}(["]
        words = f"]{words}"
    for arg in args:
        parts += [(arg, 0, False), ", "]
    parts[-1] = f"{words})"
    return parts


def _is_literal(node: Expr) -> bool:
    """Whether a node is written as a number."""
    return node.op == "constant" and len(node.params) == 1 and type(node.params[0]) is not Frozen


def _precedence(node: Expr) -> int:
    op, args = node.op, node.args
    if not args:
        value = node.params[0]
        if isinstance(value, (int, float)) and len(node.params) == 1:
            return _UNARY if math.copysign(1, value) < 0 and value == value else _ATOM
        return _ATOM
    if op == "negative":
        # -2 is a number; the negative of the number 2 needs another spelling.
        number = _is_literal(args[0]) and not isinstance(args[0].params[0], bool)
        return _ATOM if number else _UNARY
    if op == "logical_not":
        return _UNARY if args[0].dtype.kind == "b" else _ATOM
    if op in ("logical_and", "logical_or"):
        conditions = all(arg.dtype.kind == "b" for arg in args)
        return _BINARY[op][1] if conditions else _ATOM
    entry = _BINARY.get(op)
    return _ATOM if entry is None else entry[1]


def _parameters(node: Expr) -> str:
    """The static parameters of an array operation, where they are not what it takes unasked."""
    op, params, shape = node.op, node.params, node.args[0].shape
    if type(op) is not str:
        return f", {params[0]}" if params else ""
    ndim = len(shape)
    if op in ("reshape", "broadcast_to"):
        return f", {params[0]}"
    if op == "transpose":
        return "" if params[0] == tuple(range(ndim))[::-1] else f", {params[0]}"
    if op == "scatter_add":
        return f", np.s_[{write.index(params[0], params[1])}], {params[1]}"
    if op == "astype":
        return f", {params[0]}"
    if op in ("stack", "concatenate", "softmax", "cumsum", "sort"):
        last, flat = ndim - 1, 0 if ndim == 1 else None
        usual = {"softmax": last, "sort": last, "cumsum": flat}.get(op, 0)
        return "" if params[0] == usual else f", axis={params[0]}"
    if op in MATRICES:
        return matrix_words(node)
    if len(params) == 2:
        axes, keepdims = params
        shown = "" if axes == tuple(range(ndim)) else f", axis={_axis(axes)}"
        return f"{shown}, keepdims=True" if keepdims else shown
    return ""


def _axis(axes: tuple[int, ...]) -> str:
    return str(axes[0]) if len(axes) == 1 else str(axes)
