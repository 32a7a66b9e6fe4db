"""Syntax trees of straight-line programs on numbers, written as JavaScript."""

from __future__ import annotations

import ast
from collections.abc import Sequence

INDENT = "  "

_BINARY: dict[type[ast.operator], tuple[str, int]] = {
    ast.Add: ("+", 6),
    ast.Sub: ("-", 6),
    ast.Mult: ("*", 7),
    ast.Div: ("/", 7),
}
_COMPARED: dict[type[ast.cmpop], tuple[str, int]] = {
    ast.Lt: ("<", 5),
    ast.LtE: ("<=", 5),
    ast.Gt: (">", 5),
    ast.GtE: (">=", 5),
    # Not the strict ones: true equals 1 here.
    ast.Eq: ("==", 4),
    ast.NotEq: ("!=", 4),
}
_CHOICE, _OR, _AND, _UNARY, _ATOM = 1, 2, 3, 8, 9


def expression(tree: ast.expr) -> str:
    """An expression; trees are as deep as a line of the program, so this may recurse."""
    return _written(tree)[0]


def _written(tree: ast.expr) -> tuple[str, int]:
    """The text and how tightly it binds (ECMA-262, section 13)."""
    match tree:
        case ast.Constant(value=bool(value)):
            return str(value).lower(), _ATOM
        case ast.Constant(value=float(value)):
            return _number(value), _ATOM
        case ast.Name(id=name):
            return name, _ATOM
        case ast.Attribute(value=value, attr=name):
            return f"{expression(value)}.{name}", _ATOM
        case ast.Call(func=function, args=args):
            return f"{expression(function)}({', '.join(map(expression, args))})", _ATOM
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            return f"[{', '.join(map(expression, elements))}]", _ATOM
        case ast.UnaryOp(op=operator, operand=operand):
            # A minus in brackets behind a minus: together they would be a decrement.
            inner = _within(operand, _ATOM)
            return ("!" if isinstance(operator, ast.Not) else "-") + inner, _UNARY
        case ast.BinOp(left=left, op=operator, right=right):
            sign, rank = _BINARY[type(operator)]
            return f"{_within(left, rank)} {sign} {_within(right, rank + 1)}", rank
        case ast.Compare(left=left, ops=[operator], comparators=[right]):
            sign, rank = _COMPARED[type(operator)]
            return f"{_within(left, rank + 1)} {sign} {_within(right, rank + 1)}", rank
        case ast.BoolOp(op=operator, values=values):
            rank, sign = (_AND, "&&") if isinstance(operator, ast.And) else (_OR, "||")
            return f" {sign} ".join(_within(value, rank + 1) for value in values), rank
        case ast.IfExp(test=test, body=body, orelse=otherwise):
            parts = _within(test, _OR), _within(body, _OR), _within(otherwise, _CHOICE)
            return "{} ? {} : {}".format(*parts), _CHOICE
    raise TypeError(f"{type(tree).__name__} is not part of a program on numbers")


def _within(tree: ast.expr, rank: int) -> str:
    text, own = _written(tree)
    return text if own >= rank else f"({text})"


def _number(value: float) -> str:
    """The shortest text that reads back as the same number, as in Python, without ``.0``."""
    return repr(value).removesuffix(".0")


def statements(body: Sequence[ast.stmt], depth: int = 1) -> list[str]:
    """The lines of a program; what is assigned under a condition is declared before."""
    lines: list[str] = []
    inner = [target for line in body if isinstance(line, ast.If) for target in _assigned(line)]
    if depth == 1 and inner:
        lines.append(f"{INDENT}let {', '.join(dict.fromkeys(inner))};")
    indent = INDENT * depth
    for line in body:
        match line:
            case ast.Assign(targets=[target], value=value):
                kept = "const " if depth == 1 else ""
                lines.append(f"{indent}{kept}{expression(target)} = {expression(value)};")
            case ast.If(test=test, body=then, orelse=otherwise):
                lines += [f"{indent}if ({expression(test)}) {{", *statements(then, depth + 1)]
                if otherwise:
                    lines += [f"{indent}}} else {{", *statements(otherwise, depth + 1)]
                lines.append(f"{indent}}}")
            case ast.Return(value=ast.expr() as value):
                lines.append(f"{indent}return {expression(value)};")
            case _:
                raise TypeError(f"{type(line).__name__} is not part of a program on numbers")
    return lines


def _assigned(line: ast.If) -> list[str]:
    """The names assigned under a condition, in order."""
    return [
        node.id
        for node in ast.walk(line)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    ]
