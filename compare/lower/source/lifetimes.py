"""Memory of large arrays serves again: names are deleted early, selections written in place."""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping, Sequence

from compare.lower.source import syntax
from diffexpr import Expr

LARGE = 16384
"""Elements from which an array is worth deleting early."""


def with_deletions(
    statements: Sequence[ast.stmt], held: Mapping[str, Expr], result: ast.expr
) -> list[ast.stmt]:
    """The same lines with ``del`` behind the last that reads a large array.

    Where rows or columns of a new array are replaced by a number, that is done in place.

    Parameters
    ----------
    statements : sequence of ast.stmt
    held : mapping from str to Expr
        What names hold; others are left alone.
    result : ast.expr
        What is returned in the end: what it reads is not deleted.
    """
    statements = [line for given in statements for line in _in_place(given, held)]
    large = {
        name
        for name, node in held.items()
        if node.args and math.prod(node.shape) >= LARGE and node.op != "broadcast_to"
    }
    large -= set(_names(result))
    last: dict[str, int] = {}
    for i, line in enumerate(statements):
        for name in _names(line):
            if name in large:
                last[name] = i
    dying: dict[int, list[str]] = {}
    for name, i in last.items():
        dying.setdefault(i, []).append(name)
    found: list[ast.stmt] = []
    for i, line in enumerate(statements):
        found.append(line)
        if i in dying:
            found.append(ast.Delete([ast.Name(name, ast.Del()) for name in dying[i]]))
    return found


def _in_place(line: ast.stmt, held: Mapping[str, Expr]) -> list[ast.stmt]:
    """``t = np.where(c, x + y, 0)`` as ``t = x + y`` and a masked copy, where ``c`` is a row.

    A masked copy of a row goes through what is not to be replaced at once.
    """
    if not isinstance(line, ast.Assign) or not isinstance(line.targets[0], ast.Name):
        return [line]
    call, node = line.value, held.get(line.targets[0].id)
    if isinstance(call, ast.Subscript):
        call = call.value  # of the shell, which an array with axes has not
    if node is None or node.op != "where" or math.prod(node.shape) < LARGE:
        return [line]
    condition, chosen, other = node.args
    is_row = math.prod(condition.shape) * 8 <= math.prod(node.shape)
    alike = chosen.shape == node.shape and chosen.dtype == node.dtype and not other.shape
    if not (isinstance(call, ast.Call) and is_row and alike and condition.dtype.kind == "b"):
        return [line]
    # An operator makes a new array; a name or a view may be read elsewhere.
    if not isinstance(call.args[1], ast.BinOp):
        return [line]
    target = line.targets[0]
    others = syntax.call(syntax.numpy("logical_not"), [call.args[0]])
    name = syntax.name(target.id)
    copy = syntax.call(syntax.numpy("copyto"), [name, call.args[2]], where=others)
    return [syntax.assign(target.id, call.args[1]), ast.Expr(copy)]


def _names(tree: ast.AST) -> list[str]:
    return [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
