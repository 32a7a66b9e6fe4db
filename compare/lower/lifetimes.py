"""Names of large arrays are deleted after their last use, so that their memory serves the next."""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping, Sequence

from diffexpr import Expr

LARGE = 16384
"""Elements from which an array is worth deleting early."""


def with_deletions(
    statements: Sequence[ast.stmt], held: Mapping[str, Expr], result: ast.expr
) -> list[ast.stmt]:
    """The same lines with ``del`` behind the last that reads a large array.

    Parameters
    ----------
    statements : sequence of ast.stmt
    held : mapping from str to Expr
        What names hold; others are left alone.
    result : ast.expr
        What is returned in the end: what it reads is not deleted.
    """
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


def _names(tree: ast.AST) -> list[str]:
    return [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
