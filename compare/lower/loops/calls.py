"""How one elementwise operation is written into an array that is there: ``np.sin(x, out=t1)``."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from functools import cache

import numpy as np

from compare.lower.source import syntax
from compare.lower.source.pieces import Piece, Surroundings, as_float
from diffexpr import Expr
from diffexpr.primitives import TABLE
from diffexpr.values import Special


def can_be_written(op: object) -> bool:
    """Whether an operation can be written into an array that is there.

    That holds for `where` and for the universal functions of NumPy and SciPy, which take ``out=``.
    """
    return op in ("where", "power") or _ufunc(op) is not None


@cache
def _ufunc(op: object) -> tuple[str, str] | None:
    """The module and the name of the universal function that an operation is, if it is one."""
    row = TABLE.get(op) if isinstance(op, str) else None
    if row is None:
        return None
    if isinstance(row.value, Special):
        return syntax.SPECIAL, row.value.__name__
    for spelling in (row.name, getattr(row.value, "__name__", "")):
        if isinstance(row.value, np.ufunc) and getattr(np, spelling, None) is row.value:
            return syntax.NUMPY, spelling
    return None


def statements(
    node: Expr, operands: Sequence[Piece], target: ast.Name, around: Surroundings
) -> list[ast.stmt]:
    """The lines that compute a node into the array ``target``."""
    args = [as_float(piece) if piece.weak else piece.tree for piece in operands]
    if node.op == "where":
        condition, chosen, other = args
        if node.args[0].dtype.kind != "b":
            condition = ast.Compare(condition, [ast.NotEq()], [syntax.number(0)])
        same = isinstance(other, ast.Name) and other.id == target.id
        lines = [] if same else [copy(target, other)]
        return [*lines, copy(target, chosen, where=condition)]
    module, name = (syntax.NUMPY, "power") if node.op == "power" else _ufunc(node.op) or ("", "")
    if module == syntax.SPECIAL:
        around.special()
    # A long loop has many such lines: what is whole already need not be walked again.
    place = syntax.PLACE if all("lineno" in arg.__dict__ for arg in args) else {}
    out = [ast.keyword("out", target, **place)]
    return [ast.Expr(ast.Call(syntax.member(module, name), args, out, **place), **place)]


def copy(target: ast.expr, source: ast.expr, where: ast.expr | None = None) -> ast.stmt:
    """``np.copyto(target, source)``."""
    return ast.Expr(syntax.call(syntax.numpy("copyto"), [target, source], where=where))
