"""Expressions of Python under construction: operands, constants, and when a number is weak."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from compare.lower.source import syntax
from diffexpr import Expr
from diffexpr.frozen import Frozen

# Integers beyond this are written as the floats that evaluation makes of them.
_EXACT = 2**53
_NARROW = frozenset({"float16", "float32", "complex64"})


@dataclass(frozen=True, slots=True)
class Piece:
    """An expression of Python under construction.

    Attributes
    ----------
    tree : ast.expr
    width : int
        About how many characters it takes.
    depth : int
        How many operations lie one inside the other; 0 for names and numbers.
    weak : bool
        True for a Python number.
    floating : bool
        True where the value is surely of a floating type, so that a Python integer beside it
        means the float of the same value.
    """

    tree: ast.expr
    width: int
    depth: int = 0
    weak: bool = False
    floating: bool = False


class Surroundings(Protocol):
    """What an operation may ask of the module that it becomes a part of."""

    def array(self, value: Frozen) -> str:
        """The name of a constant array."""
        ...

    def definition(self, op: str) -> str:
        """The name of the function that stands for a row which NumPy lacks."""
        ...

    def special(self) -> ast.expr:
        """The name of ``scipy.special``."""
        ...


def constant(node: Expr, around: Surroundings) -> Piece:
    """The expression of a constant."""
    value = node.params[0]
    if len(node.params) == 2 and value == getattr(np, node.params[1], None):
        return Piece(syntax.numpy(node.params[1]), 5, weak=True)
    if not isinstance(value, Frozen):
        tree = syntax.number(value)
        return Piece(tree, len(repr(value)), weak=True)
    kind = value.array.dtype
    floating = kind.kind in "fc"
    if value.array.ndim == 0 and kind.name in _NARROW:
        one = syntax.call(syntax.dtype(kind), [syntax.number(value.array.item())])
        return Piece(one, 20, floating=floating)
    made = around.array(value)
    return Piece(syntax.name(made), len(made), floating=floating)


def as_float(piece: Piece) -> ast.expr:
    """A piece with a Python integer turned into the float that evaluation makes of it."""
    value = _literal(piece)
    return syntax.number(float(value)) if type(value) is int else piece.tree


def as_numpy(piece: Piece) -> ast.expr:
    """A piece as a NumPy value, also where it is a Python number."""
    if not piece.weak:
        return piece.tree
    value = _literal(piece)
    kind = "complex128" if isinstance(piece.tree, ast.Call) else "float64"
    return syntax.call(syntax.numpy("bool_" if type(value) is bool else kind), [as_float(piece)])


def _literal(piece: Piece) -> Any:
    """The number written in a piece, up to its type; None for anything else."""
    tree = piece.tree
    if isinstance(tree, ast.UnaryOp) and isinstance(tree.operand, ast.Constant) and piece.weak:
        return -tree.operand.value  # type: ignore[operator]
    return tree.value if isinstance(tree, ast.Constant) else None


def numbers(operands: Sequence[Piece]) -> list[ast.expr]:
    """Operands of an elementwise operation: integers stay where the operand beside is a float."""
    if any(piece.floating for piece in operands):
        return [
            as_float(piece) if abs(_literal(piece) or 0) > _EXACT else piece.tree
            for piece in operands
        ]
    return [as_float(piece) for piece in operands]


def scalar(piece: Piece) -> Piece:
    """The same value, with an array of no dimensions taken out of its shell."""
    return replace(piece, tree=syntax.taken_out(piece.tree))
