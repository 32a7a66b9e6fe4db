"""The order of a program on single numbers: what gets a name, and what waits for its condition.

Expressions and statements are Python's syntax trees, whatever language they end up in; the
operations of one language or another come from its table of spellings.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol

from compare.lower.scalars.arithmetic import number
from compare.lower.scalars.regions import Region, Regions
from compare.lower.source import syntax
from compare.lower.source.names import Names
from diffexpr import Expr, MissingRuleError
from diffexpr.walk import topological

# A line grows up to about this many characters, and this many operations inside one another.
LINE_WIDTH = 84
LINE_DEPTH = 12


class Spelling(NamedTuple):
    """How one operation is written.

    Attributes
    ----------
    write : callable
        ``write(words, *operands)`` gives the expression.
    repeats : bool
        Whether operands are written more than once, so that each must be a name or a number.
    """

    write: Callable[..., ast.expr]
    repeats: bool = False


class Words(Protocol):
    """What a language brings: its table, its numbers, the functions it is asked for."""

    @property
    def language(self) -> str:
        """Its name, for messages."""
        ...

    @property
    def spellings(self) -> Mapping[str, Spelling]:
        """The operations by name."""
        ...

    def number(self, value: float | bool, name: str = "") -> ast.expr:
        """A number, which may be known by name."""
        ...


class _Piece(NamedTuple):
    tree: ast.expr
    width: int
    depth: int = 0


class Program:
    """Straight-line code of a graph of scalars.

    Parameters
    ----------
    words : Words
        The language.
    names : Names
        The names that are taken; those of the program are added.
    given : mapping from Expr to str
        The names of the symbols.

    Attributes
    ----------
    statements : list of ast.stmt
    count : int
        How many lines there are, those under a condition included.
    """

    def __init__(self, words: Words, names: Names, given: Mapping[Expr, str]) -> None:
        self._words = words
        self._names = names
        self._pieces = {s: _Piece(syntax.name(name), len(name)) for s, name in given.items()}
        self._lines: defaultdict[Region, list[ast.stmt]] = defaultdict(list)
        self.statements: list[ast.stmt] = []
        self.count = 0

    def run(self, outputs: Sequence[Expr], labels: Sequence[str] = ()) -> list[ast.expr]:
        """Write the statements; the expressions of the outputs.

        Where these are too long for one line each gets one, and the name of its label.
        """
        order = topological(outputs)
        regions = Regions(order, outputs)
        self._lines[regions.whole] = self.statements
        for node in order:
            home = regions.home(node)
            if node in self._pieces or home is None:
                continue
            if not node.args:
                self._pieces[node] = self._constant(node)
                continue
            if node.op == "where":
                piece = self._where(node, regions, home)
            else:
                piece = self._operation(node, regions)
            if regions.uses[node] > 1 and piece.depth:
                piece = self._assign(piece, home)
            self._pieces[node] = piece
        if sum(self._pieces[output].width for output in outputs) > LINE_WIDTH:
            for i, output in enumerate(outputs if len(outputs) > 1 else ()):
                if self._pieces[output].depth:
                    wanted = labels[i] if labels else ""
                    named = self._assign(self._pieces[output], regions.whole, wanted)
                    self._pieces[output] = named
        return [self._pieces[output].tree for output in outputs]

    def _constant(self, node: Expr) -> _Piece:
        value = number(node)
        assert value is not None
        name = node.params[1] if len(node.params) > 1 else ""
        return _Piece(self._words.number(value, name), len(repr(value)))

    def _operation(self, node: Expr, regions: Regions) -> _Piece:
        spelling = self._words.spellings.get(node.op)
        if spelling is None:
            raise MissingRuleError(
                f"{node.op!r} has no form in {self._words.language}; lower to NumPy instead, or "
                "evaluate the expression itself"
            )
        operands = self._fitted(node, regions, spelling.repeats)
        tree = spelling.write(self._words, *(piece.tree for piece in operands))
        return _joined(tree, operands, len(node.op) + 4 if isinstance(tree, ast.Call) else 3)

    def _fitted(self, node: Expr, regions: Regions, repeats: bool) -> list[_Piece]:
        """The operands, those named that would make the line too long or stand in it twice."""
        operands = [self._pieces[arg] for arg in node.args]
        excess = sum(piece.width for piece in operands) - LINE_WIDTH
        for i in sorted(range(len(operands)), key=lambda i: -operands[i].width):
            piece = operands[i]
            if piece.depth and (repeats or excess > 0 or piece.depth >= LINE_DEPTH):
                excess -= piece.width
                # Where the operand is computed: for a branch of a where, that branch.
                operands[i] = self._assign(piece, regions.home(node.args[i]) or regions.whole)
                self._pieces[node.args[i]] = operands[i]
        return operands

    def _where(self, node: Expr, regions: Regions, home: Region) -> _Piece:
        side = regions.decided(node)
        if side:
            return self._pieces[node.args[side]]
        condition, first, second = operands = self._fitted(node, regions, False)
        around, common = regions.shared(node)
        shared = [self._lines.pop(region, []) for region in common]
        lines = [self._lines.pop(region, []) for region in regions.branches(node)]
        if any(lines) and around is home:
            lines = [before + own for before, own in zip(shared, lines, strict=True)]
        else:
            # What the branches of several conditions share comes before the first of them.
            self._branch(condition.tree, shared, around)
        if not any(lines):
            chosen = ast.IfExp(condition.tree, first.tree, second.tree)
            return _joined(chosen, operands, 10)
        name = self._names.numbered("t")
        for own, piece in zip(lines, (first, second), strict=True):
            own.append(syntax.assign(name, piece.tree))
            self.count += 1
        self._branch(condition.tree, lines, home)
        return _Piece(syntax.name(name), len(name))

    def _branch(self, condition: ast.expr, lines: Sequence[list[ast.stmt]], home: Region) -> None:
        then, otherwise = lines
        if then:
            self._lines[home].append(ast.If(condition, then, otherwise))
        elif otherwise:
            no = ast.UnaryOp(ast.Not(), condition)
            self._lines[home].append(ast.If(no, otherwise, []))

    def _assign(self, piece: _Piece, home: Region, wanted: str = "") -> _Piece:
        name = self._names.fresh(wanted) if wanted else self._names.numbered("t")
        self._lines[home].append(syntax.assign(name, piece.tree))
        self.count += 1
        return _Piece(syntax.name(name), len(name))


def _joined(tree: ast.expr, operands: Sequence[_Piece], own: int) -> _Piece:
    width = own + sum(piece.width for piece in operands)
    return _Piece(tree, width, 1 + max(piece.depth for piece in operands))
