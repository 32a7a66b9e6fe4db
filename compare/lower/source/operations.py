"""How one operation reads in NumPy: operands written as Python expressions in, expression out.

A scalar constant is a Python number, which NumPy lets give way to the precision beside it. Two
Python numbers together would be left to Python's arithmetic, which raises where NumPy returns an
infinity, so operators are written only where one operand is a NumPy value.
"""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterable, Sequence

import numpy as np

from compare.lower.source import definitions, syntax
from compare.lower.source.array_operations import WRITERS as ARRAY_WRITERS
from compare.lower.source.matrix_operations import OF_SCIPY
from compare.lower.source.pieces import Piece, Surroundings, as_float, as_numpy, numbers
from diffexpr import Expr, MissingExtraError, MissingRuleError
from diffexpr.frozen import Index
from diffexpr.primitives import TABLE
from diffexpr.values import Special


def operation(node: Expr, operands: Sequence[Piece], around: Surroundings) -> Piece:
    """The expression of one node whose operands are given."""
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
    spelling = _in_numpy(op, value)
    if not spelling:
        raise _no_form(op)
    return syntax.call(syntax.numpy(spelling), args)


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


def check_forms(nodes: Iterable[Expr]) -> None:
    """Demand a form in NumPy, or in SciPy where it is installed, of every operation.

    Raises
    ------
    MissingRuleError
        If one has none.
    MissingExtraError
        If one is SciPy's, which is not there.
    """
    for op in dict.fromkeys(node.op for node in nodes if node.args):
        if not isinstance(op, str):
            raise MissingRuleError(
                f"{op.name} is a Python function of its own, which has no form in NumPy to be "
                "written; call the derivative function itself, or write it in NumPy's functions"
            )
        if op in OF_SCIPY:
            raise MissingRuleError(
                f"{op!r} is SciPy's and has no form in NumPy; call the expression itself"
            )
        if op in definitions.ARRAYS or op in _WRITERS or op == "scatter_add":
            continue
        value = TABLE[op].value
        special = isinstance(value, Special) or op in definitions.BODIES
        if special and importlib.util.find_spec("scipy") is None:
            raise MissingExtraError(
                "the values of special functions come from SciPy, which is not installed; "
                "pip install 'crossdiff[special]'"
            )
        if not (special or op in definitions.FUNCTIONS or _in_numpy(op, value)):
            raise _no_form(op)


def _in_numpy(op: str, value: object) -> str:
    """The name under which NumPy has a function, or none."""
    for spelling in (op, getattr(value, "__name__", "")):
        if value is not None and getattr(np, spelling, None) is value:
            return spelling
    return ""


def _no_form(op: str) -> MissingRuleError:
    return MissingRuleError(
        f"{op!r} has no form in NumPy; enter one in compare/lower/source/definitions.py"
    )


_WRITERS = {"power": _power, "where": _where, **ARRAY_WRITERS}
