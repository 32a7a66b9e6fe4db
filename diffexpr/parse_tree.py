"""Python's syntax tree as an expression, over a list of what is allowed."""

from __future__ import annotations

import ast
import math
from bisect import bisect_right
from typing import Any

from diffexpr.build import node
from diffexpr.compositions import floor_divide
from diffexpr.errors import BoundError, CrossdiffError, ParseError
from diffexpr.expr import Expr, constant, e, pi, symbol
from diffexpr.functions import matmul
from diffexpr.parse_calls import call
from diffexpr.parse_limits import Limits, Magnitudes, exceeded
from diffexpr.parse_literals import Selector, cut, operand, selected
from diffexpr.parse_tokens import Token, place

_CONSTANTS = {
    "pi": pi,
    "e": e,
    "inf": constant(math.inf),
    "nan": constant(math.nan),
    "s_": Selector(),
}
_BINARY: dict[type[ast.operator], str] = {
    ast.Add: "add",
    ast.Sub: "subtract",
    ast.Mult: "multiply",
    ast.Div: "divide",
    ast.Mod: "mod",
    ast.Pow: "power",
    ast.BitAnd: "logical_and",
    ast.BitOr: "logical_or",
}
_COMPARE: dict[type[ast.cmpop], str] = {
    ast.Lt: "less",
    ast.LtE: "less_equal",
    ast.Gt: "greater",
    ast.GtE: "greater_equal",
    ast.Eq: "equal",
    ast.NotEq: "not_equal",
}
# Every name is written with a letter for its kind before it, so that no name of the text can be
# mistaken for another kind, or for a word of Python.
_PREFIX = {"variable": "v_", "constant": "c_", "function": "f_", "piece": "p_"}


class Reader:
    """Reads the pieces of one text, in order."""

    def __init__(self, bound: dict[str, Expr], limits: Limits) -> None:
        self._limits = limits
        self._names = dict(bound)
        self._pieces: list[Any] = []
        self._sizes = Magnitudes(limits)
        self._piece: list[Token] = []
        self._starts: list[int] = []

    def define(self, name: str, value: Expr) -> None:
        """Give a name to a part."""
        self._names[name] = value

    def read_piece(self, piece: list[Token]) -> Expr:
        """The expression of one piece, which later pieces may use."""
        tree = self._tree(piece)
        stack: list[tuple[ast.AST, bool]] = [(tree, False)]
        values: list[Any] = []
        while stack:
            found, visited = stack.pop()
            children = _children(found)
            if visited or not children:
                operands = values[len(values) - len(children) :]
                del values[len(values) - len(children) :]
                values.append(self._combined(found, operands))
            else:
                stack.append((found, True))
                stack.extend((child, False) for child in reversed(children))
        result = operand(values.pop())
        self._pieces.append(result)
        return result

    def _tree(self, piece: list[Token]) -> ast.expr:
        """Python's own reading of a piece; the places of its words are kept for errors."""
        words, starts, length = [], [], 0
        for token in piece:
            word = _PREFIX.get(token.kind, "") + ("**" if token.text == "^" else token.text)
            if token.kind == "number":
                word = _plain_number(word)
            starts.append(length)
            words.append(word)
            length += len(word) + 1
        self._piece, self._starts = piece, starts
        try:
            return ast.parse(" ".join(words), mode="eval").body
        except SyntaxError as error:
            self._refuse_syntax(error.offset or 1)
        except (RecursionError, MemoryError):
            exceeded("nesting", len(piece), self._limits.nesting)
        raise AssertionError  # pragma: no cover

    def _refuse_syntax(self, offset: int) -> None:
        i = bisect_right(self._starts, offset - 1) - 1
        token = self._piece[i] if 0 <= i < len(self._piece) else None
        if token is None or offset - 1 >= self._starts[-1] + len(self._piece[-1].text) + 2:
            raise ParseError("the text ends where a value is wanted") from None
        last = self._piece[-1]
        if last.kind in ("op", "word") and last.text not in ("True", "False", "None", "..."):
            raise ParseError(f"{place(last.at)}{last.text!r} needs a value after it") from None
        raise ParseError(f"{place(token.at)}{token.text!r} does not fit here") from None

    def _place(self, found: ast.AST) -> str:
        column = getattr(found, "col_offset", 0)
        i = max(bisect_right(self._starts, column) - 1, 0)
        return place(self._piece[i].at) if self._piece else ""

    def _combined(self, found: ast.AST, parts: list[Any]) -> Any:
        try:
            made = self._made(found, parts)
        except CrossdiffError as error:
            if isinstance(error, BoundError) or str(error).startswith("column "):
                raise
            raise type(error)(f"{self._place(found)}{_shortened(str(error))}") from None
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            raise ParseError(f"{self._place(found)}{_shortened(str(error))}") from None
        if type(made) is Expr:
            self._sizes.check(made, self._place(found))
            size = math.prod(max(n, 1) for n in made.shape)
            if size > self._limits.size:
                exceeded("size", size, self._limits.size, self._place(found))
        return made

    def _made(self, found: ast.AST, parts: list[Any]) -> Any:
        match found:
            case ast.Constant(value=value):
                return constant(value) if isinstance(value, (bool, int, float, complex)) else value
            case ast.Name(id=name):
                return self._named(name)
            case ast.UnaryOp(op=op):
                return _unary(op, found.operand, parts[0])
            case ast.BinOp(op=op):
                return _binary(op, parts)
            case ast.Compare(ops=ops):
                return _chain(ops, [operand(part) for part in parts])
            case ast.BoolOp(op=op):
                return _joined("logical_and" if isinstance(op, ast.And) else "logical_or", parts)
            case ast.IfExp():
                test, chosen, other = (operand(part) for part in parts)
                return node("where", (_condition(test), chosen, other))
            case ast.Tuple():
                return tuple(parts)
            case ast.List():
                return parts
            case ast.Slice():
                return cut(found, parts)
            case ast.Subscript():
                return selected(parts[0], parts[1], self._limits)
            case ast.Call(func=ast.Name(id=name), keywords=keywords):
                count = len(found.args)
                given = {str(k.arg): part for k, part in zip(keywords, parts[count:], strict=True)}
                return call(name[2:], parts[:count], given)
        raise ParseError(f"{self._place(found)}this is not part of the language")

    def _named(self, name: str) -> Any:
        kind, text = name[:2], name[2:]
        if kind == "p_":
            return self._pieces[int(text)]
        if kind == "c_":
            return _CONSTANTS[text]
        if text not in self._names:
            self._names[text] = symbol(text)
        return self._names[text]


def _shortened(message: str) -> str:
    return message if len(message) <= 300 else f"{message[:297]}..."


def _plain_number(word: str) -> str:
    """A number without the leading zeros that Python refuses."""
    return word.lstrip("0_") or "0" if word.replace("_", "").isdigit() else word


def _children(found: ast.AST) -> list[ast.AST]:
    match found:
        case ast.UnaryOp(operand=inner):
            return [inner]
        case ast.BinOp(left=left, right=right):
            return [left, right]
        case ast.Compare(left=left, comparators=others):
            return [left, *others]
        case ast.BoolOp(values=values):
            return list(values)
        case ast.IfExp(test=test, body=body, orelse=other):
            return [test, body, other]
        case ast.Tuple(elts=elements) | ast.List(elts=elements):
            return list(elements)
        case ast.Slice(lower=lower, upper=upper, step=step):
            return [part for part in (lower, upper, step) if part is not None]
        case ast.Subscript(value=value, slice=index):
            return [value, index]
        case ast.Call(func=ast.Name(), args=args, keywords=keywords):
            return [*args, *(k.value for k in keywords)]
    return []


def _condition(value: Expr) -> Expr:
    if value.dtype.kind != "b":
        raise ParseError(
            "a condition is wanted, as in x > 0; put comparisons joined by & | ~ in parentheses"
        )
    return value


def _unary(op: ast.unaryop, written: ast.expr, part: Any) -> Expr:
    value = operand(part)
    if isinstance(op, ast.UAdd):
        return value
    if not isinstance(op, ast.USub):
        return node("logical_not", (_condition(value),))
    # -2 is a number and not the negative of one; -True is an operation.
    if isinstance(written, ast.Constant) and type(written.value) in (int, float, complex):
        return constant(-written.value)  # type: ignore[operator]
    if isinstance(written, ast.Name) and written.id in ("c_inf", "c_nan"):
        return constant(-value.params[0])
    return node("negative", (value,))


def _binary(op: ast.operator, parts: list[Any]) -> Expr:
    a, b = (operand(part) for part in parts)
    if isinstance(op, (ast.BitAnd, ast.BitOr)):
        return _joined(_BINARY[type(op)], parts)
    if isinstance(op, ast.MatMult):
        return matmul(a, b)
    if isinstance(op, ast.FloorDiv):
        return floor_divide(a, b)
    return node(_BINARY[type(op)], (a, b))


def _joined(op: str, parts: list[Any]) -> Expr:
    first, *others = (_condition(operand(part)) for part in parts)
    for other in others:
        first = node(op, (first, other))
    return first


def _chain(ops: list[ast.cmpop], parts: list[Expr]) -> Expr:
    """``a < b < c`` as ``(a < b) & (b < c)``."""
    links = [node(_COMPARE[type(op)], (parts[i], parts[i + 1])) for i, op in enumerate(ops)]
    return _joined("logical_and", links)
