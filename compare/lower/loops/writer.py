"""How a loop stands in a lowered function: arrays for its results, the call, the sums out of it."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from compare.lower.loops.assembly import Assembly, offset
from compare.lower.loops.body import Body, Task, body, combined, is_partial
from compare.lower.loops.regions import POINTS, Loop
from compare.lower.loops.rows import is_factors
from compare.lower.source import syntax
from compare.lower.source.array_operations import index
from compare.lower.source.pieces import Piece, Surroundings, as_numpy
from diffexpr import Expr


class Program(Protocol):
    """What a loop needs of the program that it becomes a part of."""

    statements: list[ast.stmt]

    def operand(self, node: Expr) -> Piece:
        """A value that was computed before, under a name or as a number."""
        ...

    def enter(self, node: Expr, piece: Piece) -> None:
        """Say where the value of a node is to be found."""
        ...

    def name(self, label: str | None) -> str:
        """A name of its own: the label's, or a number."""
        ...


def _own_shape(loop: Loop) -> ast.expr:
    return syntax.integers(loop.domain)  # type: ignore[arg-type]


def _own_kind(node: Expr) -> str:
    return "bool_" if node.dtype.kind == "b" else node.dtype.name


@dataclass
class LoopWriter:
    """Writes loops into a program.

    Attributes
    ----------
    around : Surroundings
    define : callable
        Enters the function of a loop into the module: takes what makes it for a name.
    shape : callable
        The expression of the shape over which a loop runs.
    kind : callable
        What a node's entries are: a key, equal for nodes that may share a working array.
    dtype : callable
        The expression of the type that such a key stands for.
    out : mapping from Expr to ast.expr
        Where an array for a result may be given: an expression, None at run time if not.
    size : int or None
        Elements of a block, where the caller has chosen.
    assemblies : sequence of Assembly
        The arrays that loops put together.
    threads : int
        Threads at most; 0 for as many as there are processors.
    """

    around: Surroundings
    define: Callable[[Callable[[str], Body]], Body]
    out: Mapping[Expr, ast.expr]
    size: int | None
    threads: int
    assemblies: Sequence[Assembly] = ()
    shape: Callable[[Loop], ast.expr] = _own_shape
    kind: Callable[[Expr], str] = _own_kind
    dtype: Callable[[str], ast.expr] = syntax.numpy

    def __post_init__(self) -> None:
        self._of: dict[Expr, Assembly] = {
            node: a for a in self.assemblies for node in (a.root, *a.inner, *a.parts)
        }
        self._targets: dict[Expr, str] = {}
        self._written: set[Expr] = set()

    def __call__(self, program: Program, loop: Loop, labels: Mapping[Expr, str]) -> None:
        """Write one loop into a program; outputs are called by their labels."""
        reduced = [node for node in loop.folded if node not in self._of]
        members = {*loop.nodes, *loop.folded}
        outside = dict.fromkeys(
            arg
            for node in (*loop.nodes, *loop.folded)
            for arg in node.args
            if arg not in members and not (loop.domain == POINTS and is_factors(arg))
        )
        given = {arg: program.operand(arg) for arg in outside}
        results: dict[Expr, str] = {}
        for node in loop.results:
            results[node] = program.name(labels.get(node))
            array = self._array("new_array", node, self.shape(loop))
            program.statements.append(syntax.assign(results[node], array))
        added = {
            part: self._slice(program, part, labels) for part in loop.folded if part in self._of
        }
        task = Task(loop.nodes, reduced, results, added)
        made = self.define(lambda n: body(n, task, given, self.kind, self.around, self.size))
        by_root: dict[Expr, list[Expr]] = {}
        for part in added:
            by_root.setdefault(self._of[part].root, []).append(part)
        seams = max((offset(parts) for parts in by_root.values()), default=0)
        arrays = [word.arg for word in made.function.args.args[1:]]
        call = syntax.call(
            syntax.name("in_blocks"),
            [
                syntax.name(made.function.name),
                self.shape(loop),
                syntax.tuple_of(syntax.name(word) for word in arrays),
                syntax.tuple_of(self._slots(made.kinds)),
            ],
            size=syntax.number(made.size),
            threads=syntax.number(self.threads),
            least=syntax.number(made.threads_from),
            flat=syntax.number(False) if any(map(is_partial, reduced)) else None,
            seams=syntax.number(seams) if seams else None,
        )
        for node, name in results.items():
            program.enter(
                node, Piece(syntax.name(name), len(name), floating=node.dtype.kind == "f")
            )
        self._take(program, reduced, call, made.size, labels)
        for part in added:
            if self._of[part].root is part:
                self.assembled(program, part, labels)

    def assembled(self, program: Program, node: Expr, labels: Mapping[Expr, str]) -> bool:
        """Write what a node adds to an assembly, if it belongs to one; whether it does."""
        assembly = self._of.get(node)
        if assembly is None:
            return False
        if node in assembly.parts and node not in self._written:
            view = syntax.name(self._slice(program, node, labels))
            program.statements.append(_add(view, program.operand(node.args[0])))
        if node is assembly.root:
            target = syntax.name(self._target(program, assembly, labels))
            for other in assembly.others:
                program.statements.append(_add(target, program.operand(other)))
            program.enter(node, Piece(target, len(target.id), floating=True))
        return True

    def _slice(self, program: Program, part: Expr, labels: Mapping[Expr, str]) -> str:
        """The name of the slice of an assembly that a part is added to."""
        self._written.add(part)
        target = syntax.name(self._target(program, self._of[part], labels))
        chosen = index(part.params[0], part.shape, self.around)
        name = program.name(None)
        program.statements.append(syntax.assign(name, syntax.subscript(target, chosen)))
        return name

    def _target(self, program: Program, assembly: Assembly, labels: Mapping[Expr, str]) -> str:
        """The name of the array that an assembly becomes; it begins as zeros."""
        root = assembly.root
        if root not in self._targets:
            name = self._targets[root] = program.name(labels.get(root))
            zeros = self._array("zeros_in", root, syntax.integers(root.shape))
            program.statements.append(syntax.assign(name, zeros))
        return self._targets[root]

    def _slots(self, kinds: Sequence[tuple[str, int]]) -> list[ast.expr]:
        """The working arrays of a loop; many of one kind are written once."""
        found: list[ast.expr] = []
        for (kind, rows), same in itertools.groupby(kinds):
            count = len(list(same))
            slot = self.dtype(kind)
            slot = syntax.tuple_of([slot, syntax.number(rows)]) if rows else slot
            if count < 3:
                found += [slot] * count
            else:
                many = ast.BinOp(syntax.tuple_of([slot]), ast.Mult(), syntax.number(count))
                found.append(ast.Starred(many, ast.Load()))
        return found

    def _array(self, maker: str, node: Expr, shape: ast.expr) -> ast.expr:
        out = self.out.get(node, ast.Constant(None))
        return syntax.call(syntax.name(maker), [out, shape, self.dtype(self.kind(node))])

    def _take(
        self,
        program: Program,
        reduced: Sequence[Expr],
        call: ast.expr,
        size: int,
        labels: Mapping[Expr, str],
    ) -> None:
        """Write the call of a loop, and the reductions out of what its blocks return."""
        if not reduced:
            program.statements.append(ast.Expr(call))
            return
        parts = [program.name("parts") for _ in reduced]
        whole = program.name("parts") if len(parts) > 1 else parts[0]
        program.statements.append(syntax.assign(whole, call))
        if len(parts) > 1:
            columns = syntax.call(syntax.name("zip"), [ast.Starred(syntax.name(whole), ast.Load())])
            program.statements.append(syntax.unpacked(parts, columns))
        for node, name in zip(reduced, parts, strict=True):
            label = program.name(labels.get(node))
            total = combined(node, syntax.name(name), size)
            program.statements.append(syntax.assign(label, total))
            program.enter(node, Piece(syntax.name(label), len(label), floating=True))


def _add(target: ast.expr, value: Piece) -> ast.stmt:
    return ast.Expr(syntax.call(syntax.numpy("add"), [target, as_numpy(value)], out=target))
