"""The order of a program: which nodes get a line and a name, and which are written where used.

Common subexpressions are single nodes of the graph already, so sharing them takes a name only.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from compare.lower.loops.regions import Loop, Step
from compare.lower.loops.writer import LoopWriter
from compare.lower.source import syntax
from compare.lower.source.array_operations import index
from compare.lower.source.names import Names
from compare.lower.source.operations import operation
from compare.lower.source.pieces import Piece, Surroundings, as_float, constant, scalar
from diffexpr import Expr
from diffexpr.walk import topological

# A line grows up to about this many characters and this many operations inside one another.
# The second bound also keeps the compiler, which recurses, shallow.
LINE_WIDTH = 72
LINE_DEPTH = 8


class Dialect(NamedTuple):
    """How a program is spelled: what writes its operations and constants.

    Attributes
    ----------
    operation : callable
        Writes one node: takes it, its operands and the surroundings.
    constant : callable
        Writes a constant.
    shells : bool
        Whether arrays of no dimensions are taken out of their shells.
    """

    operation: Callable[[Expr, Sequence[Piece], Surroundings], Piece]
    constant: Callable[[Expr, Surroundings], Piece]
    shells: bool = True


NUMPY = Dialect(operation, constant)
"""NumPy, the dialect of all programs but those for another namespace."""


class Program:
    """Straight-line code of a graph: its statements and the expressions of its outputs.

    Attributes
    ----------
    statements : list of ast.stmt
    held : dict from str to Expr
        What each name holds.
    """

    def __init__(
        self,
        around: Surroundings,
        names: Names,
        given: Mapping[Expr, str],
        dialect: Dialect = NUMPY,
        write_loop: LoopWriter | None = None,
    ) -> None:
        self._around = around
        self._dialect = dialect
        self._names = names
        self._write_loop = write_loop
        self._pieces: dict[Expr, Piece] = {
            symbol: Piece(syntax.name(name), len(name), floating=symbol.dtype.kind in "fc")
            for symbol, name in given.items()
        }
        self.statements: list[ast.stmt] = []
        self.held: dict[str, Expr] = {}

    def run(
        self,
        outputs: Sequence[Expr],
        labels: Sequence[str],
        steps: Sequence[Step] | None = None,
    ) -> list[ast.expr]:
        """Write the statements; the expressions of the outputs.

        ``steps`` are the nodes in the order in which to compute them, where some share a loop.
        """
        order = topological(outputs)
        uses = Counter(arg for node in order for arg in node.args)
        named: dict[Expr, str] = {}
        for output, label in zip(outputs, labels, strict=True):
            if output.args:
                named.setdefault(output, label)
        # A single output that nothing else needs is written behind `return`.
        bare = outputs[0] if len(outputs) == 1 and not uses[outputs[0]] else None
        for node in order if steps is None else steps:
            if isinstance(node, Loop):
                assert self._write_loop is not None
                self._write_loop(self, node, named)
                continue
            if node in self._pieces:
                continue
            if self._write_loop is not None and self._write_loop.assembled(self, node, named):
                continue
            if node.op == "constant":
                self._pieces[node] = self._dialect.constant(node, self._around)
                continue
            if node.op == "scatter_add":
                self._pieces[node] = self._scatter(node, named.get(node, ""))
                continue
            piece = self._operation(node)
            if self._dialect.shells and node.op == "where" and node in named:
                piece = scalar(piece)
            if node is not bare and (node in named or uses[node] > 1):
                label = named.get(node)
                piece = self.assign(piece, self._names.fresh(label) if label else None)
            self.enter(node, piece)
        return [
            self._output(output, own=_is_own(output, outputs[:i]))
            for i, output in enumerate(outputs)
        ]

    def _operation(self, node: Expr) -> Piece:
        operands = [self._pieces[arg] for arg in node.args]
        excess = sum(piece.width for piece in operands) - LINE_WIDTH
        long = sorted(range(len(operands)), key=lambda i: operands[i].width, reverse=True)
        for i in long:
            piece = operands[i]
            if piece.depth and (excess > 0 or piece.depth >= LINE_DEPTH):
                excess -= piece.width
                operands[i] = self.assign(piece)
        return self._dialect.operation(node, operands, self._around)

    def operand(self, node: Expr) -> Piece:
        """A value that was computed before, under a name or as a number."""
        piece = self._pieces[node]
        if piece.depth:
            piece = self._pieces[node] = self.assign(piece)
        return piece

    def enter(self, node: Expr, piece: Piece) -> None:
        """Say where the value of a node is to be found."""
        self._pieces[node] = piece
        if isinstance(piece.tree, ast.Name):
            self.held[piece.tree.id] = node

    def name(self, label: str | None) -> str:
        """A name of its own: the label's, or a number."""
        return self._names.fresh(label) if label else self._names.numbered("t")

    def assign(self, piece: Piece, wanted: str | None = None) -> Piece:
        """Give a value a name."""
        name = wanted or self._names.numbered("t")
        self.statements.append(syntax.assign(name, piece.tree))
        return Piece(syntax.name(name), len(name), floating=piece.floating)

    def _scatter(self, node: Expr, label: str) -> Piece:
        """Zeros into which the operand is added: the one operation that takes two lines."""
        chosen, shape = node.params
        operand = self._pieces[node.args[0]]
        if operand.depth:
            operand = self.assign(operand)
        added = as_float(operand)
        kind = syntax.call(syntax.numpy("result_type"), [added])
        zeros = syntax.call(syntax.numpy("zeros"), [syntax.integers(shape), kind])
        name = self._names.fresh(label) if label else None
        piece = self.assign(Piece(zeros, 0, floating=operand.floating), name)
        where = index(chosen, shape, self._around)
        if chosen.is_basic:
            place = ast.Subscript(piece.tree, where, ast.Store())
            self.statements.append(ast.AugAssign(place, ast.Add(), added))
        else:
            at = ast.Attribute(syntax.numpy("add"), "at", ast.Load())
            if any(isinstance(part, ast.Slice) for part in ast.walk(where)):
                # A slice stands in brackets only.
                where = syntax.subscript(syntax.numpy("s_"), where)
            self.statements.append(ast.Expr(syntax.call(at, [piece.tree, where, added])))
        return piece

    def _output(self, output: Expr, own: bool) -> ast.expr:
        piece = self._pieces[output]
        held = output.params[0] if output.op == "constant" else None
        if type(held) is int:
            return syntax.number(float(held))
        if own or not self._dialect.shells:
            return piece.tree
        if output.dtype.kind == "b":
            return syntax.taken_out(syntax.call(syntax.numpy("copy"), [piece.tree]))
        return ast.UnaryOp(ast.UAdd(), piece.tree)


_VIEWS = frozenset(("reshape", "transpose", "broadcast_to", "getitem", "real", "imag"))


def _is_own(output: Expr, before: Sequence[Expr]) -> bool:
    """Whether an output is memory of its own: no argument, no other output, nor a view of one."""
    if output.op in ("constant", "broadcast_to"):
        return output.op == "constant"
    node = output
    while node.op in _VIEWS and node not in before:
        (node,) = node.args
    return node.op != "symbol" and node not in before
