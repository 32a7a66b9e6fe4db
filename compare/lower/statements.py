"""The order of a program: which nodes get a line and a name, and which are written where used.

Common subexpressions are single nodes of the graph already, so sharing them takes a name only.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from compare.lower import syntax
from compare.lower.array_operations import index
from compare.lower.operations import operation
from compare.lower.pieces import Piece, Surroundings, as_float, constant, scalar
from diffexpr import Expr
from diffexpr.walk import topological

# A line grows up to about this many characters and this many operations inside one another.
# The second bound also keeps the compiler, which recurses, shallow.
LINE_WIDTH = 72
LINE_DEPTH = 8


class Names:
    """Names that do not collide, for one scope."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)
        self._counts: Counter[str] = Counter()

    def fresh(self, wanted: str) -> str:
        """The wanted name, with underscores behind it where it is taken."""
        while wanted in self._taken:
            wanted += "_"
        self._taken.add(wanted)
        return wanted

    def numbered(self, letter: str) -> str:
        """The next of t1, t2, ... that is free."""
        while True:
            self._counts[letter] += 1
            found = f"{letter}{self._counts[letter]}"
            if found not in self._taken:
                self._taken.add(found)
                return found


class Program:
    """Straight-line code of a graph: its statements and the expressions of its outputs."""

    def __init__(self, around: Surroundings, names: Names, given: Mapping[Expr, str]) -> None:
        self._around = around
        self._names = names
        self._pieces: dict[Expr, Piece] = {
            symbol: Piece(syntax.name(name), len(name), floating=symbol.dtype.kind in "fc")
            for symbol, name in given.items()
        }
        self.statements: list[ast.stmt] = []

    def run(self, outputs: Sequence[Expr], labels: Sequence[str]) -> list[ast.expr]:
        """Write the statements; the expressions of the outputs."""
        order = topological(outputs)
        uses = Counter(arg for node in order for arg in node.args)
        named: dict[Expr, str] = {}
        for output, label in zip(outputs, labels, strict=True):
            if output.args:
                named.setdefault(output, label)
        # A single output that nothing else needs is written behind `return`.
        bare = outputs[0] if len(outputs) == 1 and not uses[outputs[0]] else None
        for node in order:
            if node in self._pieces:
                continue
            if node.op == "constant":
                self._pieces[node] = constant(node, self._around)
                continue
            if node.op == "scatter_add":
                self._pieces[node] = self._scatter(node, named.get(node, ""))
                continue
            piece = self._operation(node)
            if node.op == "where" and node in named:
                piece = scalar(piece)
            if node is not bare and (node in named or uses[node] > 1):
                label = named.get(node)
                piece = self._assign(piece, self._names.fresh(label) if label else None)
            self._pieces[node] = piece
        return [self._output(output) for output in outputs]

    def _operation(self, node: Expr) -> Piece:
        operands = [self._pieces[arg] for arg in node.args]
        excess = sum(piece.width for piece in operands) - LINE_WIDTH
        long = sorted(range(len(operands)), key=lambda i: operands[i].width, reverse=True)
        for i in long:
            piece = operands[i]
            if piece.depth and (excess > 0 or piece.depth >= LINE_DEPTH):
                excess -= piece.width
                operands[i] = self._assign(piece)
        return operation(node, operands, self._around)

    def _assign(self, piece: Piece, wanted: str | None = None) -> Piece:
        name = wanted or self._names.numbered("t")
        self.statements.append(syntax.assign(name, piece.tree))
        return Piece(syntax.name(name), len(name), floating=piece.floating)

    def _scatter(self, node: Expr, label: str) -> Piece:
        """Zeros into which the operand is added: the one operation that takes two lines."""
        chosen, shape = node.params
        operand = self._pieces[node.args[0]]
        if operand.depth:
            operand = self._assign(operand)
        added = as_float(operand)
        kind = syntax.call(syntax.numpy("result_type"), [added])
        zeros = syntax.call(syntax.numpy("zeros"), [syntax.integers(shape), kind])
        name = self._names.fresh(label) if label else None
        piece = self._assign(Piece(zeros, 0, floating=operand.floating), name)
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

    def _output(self, output: Expr) -> ast.expr:
        piece = self._pieces[output]
        held = output.params[0] if output.op == "constant" else None
        return syntax.number(float(held)) if type(held) is int else piece.tree
