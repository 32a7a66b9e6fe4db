"""How one operation reads in the array API standard (2024.12), over any namespace ``xp``.

Operators and functions take Python numbers beside an array, which give way to its type. Truth
values are no numbers in the standard and become numbers where one is wanted.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from compare.lower.array_api.error_functions import MEANINGS as ERRORS
from compare.lower.array_api.matrices import BODIES
from compare.lower.source import syntax
from compare.lower.source.pieces import Piece, Surroundings
from diffexpr import Expr, MissingRuleError
from diffexpr.frozen import Frozen, Index

NAMESPACE, KIND, PLACE = "xp", "kind", "place"
"""The namespace, the real type that the arguments have in common, the device they are on."""

Writer = Callable[[Expr, Sequence[Piece], Surroundings], ast.expr]

SPELLINGS = {
    **{name: name for name in (
        "square", "sqrt", "abs", "sign", "maximum", "minimum", "floor", "ceil", "round", "hypot",
        "exp", "expm1", "log", "log2", "log10", "log1p", "logaddexp", "sin", "cos", "tan", "sinh",
        "cosh", "tanh", "real", "conj", "logical_and", "logical_or", "logical_not",
    )},
    "power": "pow", "mod": "remainder", "arctan2": "atan2", "conjugate": "conj",
    "arcsin": "asin", "arccos": "acos", "arctan": "atan",
    "arcsinh": "asinh", "arccosh": "acosh", "arctanh": "atanh",
}  # fmt: skip
"""Functions that take their operands and nothing else, by the name of the row."""

_OPERATORS: dict[str, type[ast.operator]] = {
    "add": ast.Add, "subtract": ast.Sub, "multiply": ast.Mult, "divide": ast.Div,
}  # fmt: skip
_COMPARISONS: dict[str, type[ast.cmpop]] = {
    "less": ast.Lt, "less_equal": ast.LtE, "greater": ast.Gt, "greater_equal": ast.GtE,
    "equal": ast.Eq, "not_equal": ast.NotEq,
}  # fmt: skip
# Integers beyond this are written as the floats that evaluation makes of them.
_EXACT = 2**53


def xp(attribute: str) -> ast.expr:
    """``xp.attribute``."""
    return ast.Attribute(syntax.name(NAMESPACE), attribute, ast.Load())


def widest(kind: str) -> ast.expr:
    """A type by name, or what stands for it where the namespace has none so wide."""
    return syntax.call(xp("result_type"), [xp(kind)])


def number(value: complex) -> ast.expr:
    """A Python number that reads back as the same bits; infinities and NaN are the namespace's."""
    if isinstance(value, complex):
        return syntax.call(syntax.name("complex"), [number(value.real), number(value.imag)])
    if math.isnan(value):
        return xp("nan")
    if math.copysign(1.0, value) < 0:
        return ast.UnaryOp(ast.USub(), number(-value))
    return xp("inf") if math.isinf(value) else ast.Constant(value)


def constant(node: Expr, around: Surroundings) -> Piece:
    """The expression of a constant."""
    value = node.params[0]
    if len(node.params) == 2 and value == getattr(math, node.params[1], None):
        return Piece(xp(node.params[1]), 5, weak=True)
    if not isinstance(value, Frozen):
        return Piece(number(value), len(repr(value)), weak=True)
    made = around.array(value)
    return Piece(syntax.name(made), len(made))


def operation(node: Expr, operands: Sequence[Piece], around: Surroundings) -> Piece:
    """The expression of one node whose operands are given."""
    return Piece(
        _tree(node, operands, around),
        sum(piece.width + 2 for piece in operands) + len(str(node.op)) + 4 * len(node.params),
        1 + max((piece.depth for piece in operands), default=0),
    )


def _tree(node: Expr, operands: Sequence[Piece], around: Surroundings) -> ast.expr:
    op = node.op
    if not isinstance(op, str):
        raise MissingRuleError(
            f"{op.name} is a Python function of its own, which no array namespace has; write it "
            "in the language, or call the derivative function itself"
        )
    args = [_number(*pair) for pair in zip(node.args, operands, strict=True)]
    if op in _OPERATORS:
        return ast.BinOp(args[0], _OPERATORS[op](), args[1])
    if op in _COMPARISONS:
        return ast.Compare(args[0], [_COMPARISONS[op]()], [args[1]])
    if op == "negative":
        return ast.UnaryOp(ast.USub(), args[0])
    if op.startswith("logical"):
        args = [_truth(*pair) for pair in zip(node.args, operands, strict=True)]
    if op in SPELLINGS:
        return syntax.call(xp(SPELLINGS[op]), args)
    if op in WRITERS:
        return WRITERS[op](node, operands, around)
    # What the error functions are written in holds for real numbers only.
    if op in BODIES or (op in ERRORS and node.dtype.kind != "c"):
        arrays = [_array(*pair) for pair in zip(node.args, operands, strict=True)]
        fixed = [syntax.integers(p) if isinstance(p, tuple) else number(p) for p in node.params]
        function = syntax.name(around.definition(op))
        return syntax.call(function, [syntax.name(NAMESPACE), *arrays, *fixed])
    raise MissingRuleError(
        f"{op!r} is not in the array API standard and has no form in its functions; lower with "
        "target='numpy', or write it in functions that the standard has"
    )


# operands


def _number(arg: Expr, piece: Piece) -> ast.expr:
    """An operand as a number: truth values as 0 and 1."""
    if not piece.weak:
        if arg.dtype.kind != "b":
            return piece.tree
        return syntax.call(xp("astype"), [piece.tree, syntax.name(KIND)])
    value = arg.params[0]
    if type(value) is bool or (type(value) is int and abs(value) > _EXACT):
        return number(float(value))
    return piece.tree


def _truth(arg: Expr, piece: Piece) -> ast.expr:
    """An operand as a truth value: a number is true unless it is 0."""
    if piece.weak:
        return ast.Constant(bool(arg.params[0]))
    if arg.dtype.kind == "b":
        return piece.tree
    return ast.Compare(piece.tree, [ast.NotEq()], [number(0)])


def _array(arg: Expr, piece: Piece) -> ast.expr:
    """An operand as an array, a Python number as one of the type of the arguments."""
    if not piece.weak:
        return _number(arg, piece)
    return _on_place("asarray", [_number(arg, piece)], arg)


def _on_place(function: str, args: list[ast.expr], arg: Expr) -> ast.expr:
    kind: ast.expr = syntax.name(KIND)
    if isinstance(arg.params[0], complex):
        kind = syntax.call(xp("result_type"), [kind, xp("complex64")])
    return syntax.call(xp(function), args, dtype=kind, device=syntax.name(PLACE))


# operations with parameters


def _where(node: Expr, operands: Sequence[Piece], around: Surroundings) -> ast.expr:
    branches = [_number(*pair) for pair in zip(node.args[1:], operands[1:], strict=True)]
    if all(piece.weak for piece in operands[1:]):
        branches[0] = _array(node.args[1], operands[1])
    return syntax.call(xp("where"), [_truth(node.args[0], operands[0]), *branches])


def _reduction(node: Expr, operands: Sequence[Piece], around: Surroundings) -> ast.expr:
    axes, keepdims = node.params
    operand = _array(node.args[0], operands[0])
    if not axes:
        return operand
    return syntax.call(
        xp(node.op),
        [operand],
        axis=number(axes[0]) if len(axes) == 1 else syntax.integers(axes),
        keepdims=number(True) if keepdims else None,
    )


def _along(node: Expr, operands: Sequence[Piece], around: Surroundings) -> ast.expr:
    function = "cumulative_sum" if node.op == "cumsum" else node.op
    operand = _array(node.args[0], operands[0])
    return syntax.call(xp(function), [operand], axis=number(node.params[0]))


def _called(node: Expr, operands: Sequence[Piece], around: Surroundings) -> ast.expr:
    """A function of arrays and of one tuple of integers, or of none."""
    function = "permute_dims" if node.op == "transpose" else node.op
    arrays = [_array(*pair) for pair in zip(node.args, operands, strict=True)]
    return syntax.call(xp(function), [*arrays, *map(syntax.integers, node.params)])


def _linear(node: Expr, operands: Sequence[Piece], around: Surroundings) -> ast.expr:
    function = ast.Attribute(xp("linalg"), node.op, ast.Load())
    return syntax.call(function, [_array(*p) for p in zip(node.args, operands, strict=True)])


def _broadcast(node: Expr, operands: Sequence[Piece], around: Surroundings) -> ast.expr:
    (arg,), (piece,), (shape,) = node.args, operands, node.params
    if not piece.weak:
        return _called(node, operands, around)
    return _on_place("full", [syntax.integers(shape), _number(arg, piece)], arg)


def _join(node: Expr, operands: Sequence[Piece], around: Surroundings) -> ast.expr:
    parts = [_array(*pair) for pair in zip(node.args, operands, strict=True)]
    function = "stack" if node.op == "stack" else "concat"
    axis = number(node.params[0]) if node.params[0] else None
    return syntax.call(xp(function), [ast.List(parts, ast.Load())], axis=axis)


def _astype(node: Expr, operands: Sequence[Piece], around: Surroundings) -> ast.expr:
    (arg,), (piece,), (kind,) = node.args, operands, node.params
    operand = _array(arg, piece)
    if arg.dtype.kind == "c" and np.dtype(kind).kind == "f":
        operand = syntax.call(xp("real"), [operand])
    return syntax.call(xp("astype"), [operand, xp(kind)])


def _getitem(node: Expr, operands: Sequence[Piece], around: Surroundings) -> ast.expr:
    operand = _array(node.args[0], operands[0])
    items, sizes = node.params[0].value, node.args[0].shape
    chosen = _chosen_axis(node.params[0], sizes)
    if chosen is None:
        left = iter(sizes)
        parts = [_part(item, None if item is None else next(left)) for item in items]
        if not sizes:
            # A number may be an array of any shape when the function is called.
            parts.append(ast.Constant(...))
        return syntax.subscript(operand, parts[0] if len(parts) == 1 else syntax.tuple_of(parts))
    axis = number(chosen)
    if isinstance(items[chosen], slice):
        return syntax.call(xp("flip"), [operand], axis=axis)
    places = syntax.name(around.array(Frozen(items[chosen])))
    return syntax.call(xp("take"), [operand, places], axis=axis)


def _chosen_axis(index: Index, sizes: tuple[int, ...]) -> int | None:
    """The axis along which entries are listed or run backwards."""
    for axis, item in enumerate(index.value):
        if isinstance(item, np.ndarray) or (isinstance(item, slice) and (item.step or 1) < 0):
            return axis
    return None


def _part(item: Any, size: int | None) -> ast.expr:
    if isinstance(item, slice):
        if item == slice(0, size, None):
            return ast.Slice()
        ends = (item.start, item.stop, item.step)
        return ast.Slice(*(None if end is None else number(int(end)) for end in ends))
    return ast.Constant(None) if item is None else number(int(item))


WRITERS: dict[str, Writer] = {
    "where": _where,
    **dict.fromkeys(("sum", "prod", "max", "min"), _reduction),
    **dict.fromkeys(("cumsum", "sort"), _along),
    **dict.fromkeys(("matmul", "reshape", "transpose"), _called),
    **dict.fromkeys(("inv", "solve", "det"), _linear),
    "broadcast_to": _broadcast,
    **dict.fromkeys(("concatenate", "stack"), _join),
    "astype": _astype,
    "getitem": _getitem,
}
