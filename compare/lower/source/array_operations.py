"""How the array operations read in NumPy, one function for each form of call."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from compare.lower.source import syntax
from compare.lower.source.pieces import Piece, Surroundings, as_float, as_numpy
from diffexpr import Expr
from diffexpr.frozen import Frozen, Index

Writer = Callable[[Expr, Sequence[Piece], Surroundings], ast.expr]
WRITERS: dict[str, Writer] = {}
"""Array operations by name."""


def _writes(*ops: str) -> Callable[[Writer], Writer]:
    def enter(writer: Writer) -> Writer:
        WRITERS.update(dict.fromkeys(ops, writer))
        return writer

    return enter


SHORT = 128
"""Up to which length a last axis of squares is summed by BLAS, which does not sum by pairs."""


@_writes("sum", "prod", "max", "min", "mean")
def _reduction(node: Expr, operands: Sequence[Piece], around: Surroundings) -> ast.expr:
    axes, keepdims = node.params
    x = _squared(node, operands[0].tree)
    if x is not None:
        kept = syntax.number(True) if keepdims else None
        return syntax.call(syntax.numpy("vecdot"), [x, x], keepdims=kept)
    source = node.args[0].shape
    # NumPy's mean of nothing warns; a quotient does not.
    empty = node.op == "mean" and any(source[axis] == 0 for axis in axes)
    reduced = syntax.call(
        syntax.numpy("sum" if empty else node.op),
        [as_float(operands[0])],
        axis=syntax.number(axes[0]) if len(axes) == 1 else syntax.integers(axes),
        keepdims=syntax.number(True) if keepdims else None,
    )
    return ast.BinOp(reduced, ast.Div(), syntax.number(0)) if empty else reduced


def _squared(node: Expr, tree: ast.expr) -> ast.expr | None:
    """What is squared and then summed over a short last axis, where that has a name.

    One pass over it makes no array of squares, and NumPy's sum goes through a short axis slowly.
    """
    inner = node.args[0]
    if node.op != "sum" or inner.op != "square" or not isinstance(tree, ast.Call):
        return None
    shape, (x,) = inner.shape, tree.args
    is_short = len(shape) > 1 and node.params[0] == (len(shape) - 1,) and shape[-1] <= SHORT
    alike = inner.args[0].dtype == node.dtype and node.dtype in (np.float64, np.float32)
    return x if is_short and alike and isinstance(x, ast.Name) else None


@_writes("matmul")
def _matmul(node: Expr, operands: Sequence[Piece], around: Surroundings) -> ast.expr:
    left, right = operands
    return ast.BinOp(left.tree, ast.MatMult(), right.tree)


@_writes("einsum")
def _einsum(node: Expr, operands: Sequence[Piece], around: Surroundings) -> ast.expr:
    subscripts = ast.Constant(node.params[0])
    args = [as_float(piece) for piece in operands]
    ordered = syntax.number(True) if len(operands) > 2 else None
    return syntax.call(syntax.numpy("einsum"), [subscripts, *args], optimize=ordered)


@_writes("transpose")
def _transpose(node: Expr, operands: Sequence[Piece], around: Surroundings) -> ast.expr:
    (axes,) = node.params
    if axes == (1, 0):
        return ast.Attribute(as_numpy(operands[0]), "T", ast.Load())
    return syntax.call(syntax.numpy("transpose"), [as_float(operands[0]), syntax.integers(axes)])


@_writes("reshape", "broadcast_to")
def _reshape(node: Expr, operands: Sequence[Piece], around: Surroundings) -> ast.expr:
    shape = syntax.integers(node.params[0])
    return syntax.call(syntax.numpy(node.op), [as_float(operands[0]), shape])


@_writes("cumsum", "sort")
def _along(node: Expr, operands: Sequence[Piece], around: Surroundings) -> ast.expr:
    axis = syntax.number(node.params[0])
    return syntax.call(syntax.numpy(node.op), [operands[0].tree], axis=axis)


@_writes("conjugate", "real", "imag")
def _part(node: Expr, operands: Sequence[Piece], around: Surroundings) -> ast.expr:
    return syntax.call(syntax.numpy(node.op), [operands[0].tree])


@_writes("astype")
def _astype(node: Expr, operands: Sequence[Piece], around: Surroundings) -> ast.expr:
    dtype = syntax.numpy(node.params[0])
    if not node.shape:
        return syntax.call(dtype, [operands[0].tree])
    return syntax.call(syntax.numpy("astype"), [as_numpy(operands[0]), dtype])


@_writes("concatenate", "stack")
def _join(node: Expr, operands: Sequence[Piece], around: Surroundings) -> ast.expr:
    parts = ast.List([as_float(piece) for piece in operands], ast.Load())
    axis = syntax.number(node.params[0]) if node.params[0] else None
    return syntax.call(syntax.numpy(node.op), [parts], axis=axis)


@_writes("diag")
def _diag(node: Expr, operands: Sequence[Piece], around: Surroundings) -> ast.expr:
    return syntax.call(syntax.numpy("diag"), [operands[0].tree])


@_writes("getitem")
def _getitem(node: Expr, operands: Sequence[Piece], around: Surroundings) -> ast.expr:
    selected = index(node.params[0], node.args[0].shape, around)
    return syntax.subscript(as_numpy(operands[0]), selected)


def index(chosen: Index, shape: tuple[int, ...], around: Surroundings) -> ast.expr:
    """An index into an array of a given shape, as it is written between the brackets."""
    sizes = iter(shape)
    parts: list[ast.expr] = []
    kept = 0
    for item in chosen.value:
        size = None if item is None else next(sizes, 0)
        whole = isinstance(item, slice) and item == slice(0, size, None)
        parts.append(ast.Slice() if whole else _index_part(item, around))
        # What selects all of the last axes may be left out.
        kept = kept if whole else len(parts)
    parts = parts[:kept] or parts[:1]
    return parts[0] if len(parts) == 1 else syntax.tuple_of(parts)


def _index_part(item: Any, around: Surroundings) -> ast.expr:
    if isinstance(item, slice):
        ends = (item.start, item.stop, item.step)
        start, stop, step = (None if end is None else syntax.number(int(end)) for end in ends)
        return ast.Slice(start, stop, step)
    if isinstance(item, np.ndarray):
        return syntax.name(around.array(Frozen(item)))
    return ast.Constant(None) if item is None else syntax.number(int(item))
