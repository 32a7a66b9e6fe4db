"""How one operation reads in NumPy: operands written as Python expressions in, expression out.

A scalar constant is a Python number, which NumPy lets give way to the precision beside it. Two
Python numbers together would be left to Python's arithmetic, which raises where NumPy returns an
infinity, so operators are written only where one operand is a NumPy value.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

import numpy as np

import compare.lower.matrix_operations  # noqa: F401  (it enters its forms into the table)
from compare.lower import definitions, syntax
from compare.lower.array_operations import WRITERS as ARRAY_WRITERS
from compare.lower.pieces import Piece, Surroundings, as_float, as_numpy, numbers
from diffexpr import Expr, MissingRuleError
from diffexpr.frozen import Index
from diffexpr.primitives import TABLE
from diffexpr.values import Special


def operation(node: Expr, operands: Sequence[Piece], around: Surroundings) -> Piece:
    """The expression of one node whose operands are given."""
    if not isinstance(node.op, str):
        raise MissingRuleError(
            f"{node.op.name} is a Python function of its own, which has no form in NumPy to be "
            "written; call the derivative function itself, or write it in NumPy's functions"
        )
    writer = _WRITERS.get(node.op)
    if writer is None:
        tree = _elementwise(node, operands, around)
    else:
        tree = writer(node, operands, around)
    result = operands[1:] if node.op == "where" else operands
    return Piece(
        tree,
        sum(piece.width + 2 for piece in operands) + _own_width(node, tree),
        1 + max((piece.depth for piece in operands), default=0),
        floating=node.dtype.kind in "fc" and any(piece.floating for piece in result),
    )


def _own_width(node: Expr, tree: ast.expr) -> int:
    """About how many characters a node adds to its operands: a function's name, parameters."""
    if not node.params:
        return len(node.op) + 4 if isinstance(tree, ast.Call) else 1
    first = node.params[0]
    if isinstance(first, Index):
        return 4 * len(first.value)
    return len(node.op) + 10 + sum(len(repr(parameter)) for parameter in node.params)


_BINARY: dict[str, type[ast.operator]] = {
    "add": ast.Add,
    "subtract": ast.Sub,
    "multiply": ast.Mult,
    "divide": ast.Div,
}
_COMPARISONS: dict[str, type[ast.cmpop]] = {
    "less": ast.Lt,
    "less_equal": ast.LtE,
    "greater": ast.Gt,
    "greater_equal": ast.GtE,
    "equal": ast.Eq,
    "not_equal": ast.NotEq,
}


def _elementwise(node: Expr, operands: Sequence[Piece], around: Surroundings) -> ast.expr:
    op, args = node.op, numbers(operands)
    if not all(piece.weak for piece in operands):
        if op in _BINARY:
            return ast.BinOp(args[0], _BINARY[op](), args[1])
        if op in _COMPARISONS:
            return ast.Compare(args[0], [_COMPARISONS[op]()], [args[1]])
        if op == "negative":
            return ast.UnaryOp(ast.USub(), args[0])
    row = TABLE.get(op)
    value = None if row is None else row.value
    if isinstance(value, Special):
        return syntax.call(ast.Attribute(around.special(), value.__name__, ast.Load()), args)
    if op in definitions.FUNCTIONS or op in definitions.BODIES:
        if all(piece.weak for piece in operands):
            args[0] = as_numpy(operands[0])
        return syntax.call(syntax.name(around.definition(op)), args)
    for spelling in (op, getattr(value, "__name__", "")):
        if value is not None and getattr(np, spelling, None) is value:
            return syntax.call(syntax.numpy(spelling), args)
    raise MissingRuleError(
        f"{op!r} has no form in NumPy; enter one in compare/lower/definitions.py"
    )


def _power(node: Expr, operands: Sequence[Piece], around: Surroundings) -> ast.expr:
    args = numbers(operands)
    if not any(piece.floating for piece in operands) and not isinstance(args[0], ast.Constant):
        # NumPy's powers of truth values are integers; evaluation makes floats of them.
        args[0] = ast.BinOp(args[0], ast.Mult(), syntax.number(1.0))
    # Not the operator: for scalars it rounds otherwise than the function does.
    return syntax.call(syntax.numpy("power"), args)


def _where(node: Expr, operands: Sequence[Piece], around: Surroundings) -> ast.expr:
    condition, *branches = operands
    return syntax.call(syntax.numpy("where"), [as_float(condition), *numbers(branches)])


_WRITERS = {"power": _power, "where": _where, **ARRAY_WRITERS}
