"""The function that a loop calls for each block, and what it is called with."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from compare.lower.loops import calls, costs, rows, slots
from compare.lower.loops.order import by_pressure
from compare.lower.source import syntax
from compare.lower.source.names import RESERVED, Names
from compare.lower.source.operations import operation
from compare.lower.source.pieces import Piece, Surroundings, as_numpy
from diffexpr import Expr
from diffexpr.frozen import Frozen

SHORT = 128
"""Up to which length a last axis is summed by a product with ones."""


@dataclass(frozen=True, slots=True)
class Task:
    """What a loop has to do.

    Attributes
    ----------
    nodes : sequence of Expr
        Its operations, operands first.
    reduced : sequence of Expr
        Reductions: a block returns its part of each.
    results : mapping from Expr to str
        The parameter that each result is written to.
    added : mapping from Expr to str
        Scattered terms, and the parameter, a slice of the sum, that each is added to.
    """

    nodes: Sequence[Expr]
    reduced: Sequence[Expr]
    results: Mapping[Expr, str]
    added: Mapping[Expr, str]


@dataclass(frozen=True, slots=True)
class Body:
    """A loop, written.

    Attributes
    ----------
    function : ast.FunctionDef
        Takes the working arrays, then a block of each operand and of each result.
    kinds : tuple of (str, int)
        What each working array holds, and how many rows it has; 0 for an array of one value.
    size : int
        Elements of a block.
    threads_from : int
        Elements of the whole from which a second thread pays.
    operations : int
        How many operations it takes.
    """

    function: ast.FunctionDef
    kinds: tuple[tuple[str, int], ...]
    size: int
    threads_from: int
    operations: int


def body(
    name: str,
    task: Task,
    given: Mapping[Expr, Piece],
    kind: Callable[[Expr], str],
    around: Surroundings,
    size: int | None,
) -> Body:
    """Write the function of one loop.

    Parameters
    ----------
    name : str
    task : Task
    given : mapping from Expr to Piece
        The operands from outside: names of parameters of the function, or numbers.
    kind : callable
        What the entries of a node are: a key, equal for nodes that may share a working array.
    around : Surroundings
    size : int or None
        Elements of a block, where the caller has chosen.
    """
    ends = {*task.reduced, *task.added}
    order = by_pressure([*task.nodes, *task.reduced, *task.added], [*task.results, *ends])
    words = [p.tree.id for p in given.values() if isinstance(p.tree, ast.Name)]
    words += [*task.results.values(), *task.added.values()]
    names = Names((*RESERVED, *words))
    work = names.fresh("work")
    kinds = {node: kind(node) for node in task.nodes}
    matrices = rows.arrange(order, task.results, names.numbered)
    fixed = {**matrices.place, **matrices.matrix}
    fresh = partial(names.numbered, "t")
    places = slots.assign(order, ends, task.results, kinds, fixed, fresh)
    arrays = len(words) + len(places.names) + sum(matrices.sizes.values())
    block = size or costs.block_size(arrays)
    writer = _Lines(task, dict(given), places.place, matrices, names, around, block)
    lines = [line for node in order for line in writer.of(node)]
    parts = [writer.pieces[node].tree for node in task.reduced]
    if parts:
        lines.append(ast.Return(parts[0] if len(parts) == 1 else syntax.tuple_of(parts)))
    held = (*places.names, *matrices.sizes)
    if held:
        unpacked = [syntax.unpacked(held, syntax.name(work))]
        unpacked += [syntax.unpacked(n, syntax.name(m)) for m, n in matrices.names.items()]
        lines[:0] = unpacked
    kind_of_rows = next((kinds[node] for node in task.nodes if node.dtype.kind == "f"), "")
    return Body(
        syntax.define(name, (work, *dict.fromkeys(words)), lines or [ast.Pass()]),
        (*((k, 0) for k in places.kinds), *((kind_of_rows, n) for n in matrices.sizes.values())),
        block,
        int(costs.THREAD_NANOSECONDS / costs.per_element(order)),
        len(order),
    )


@dataclass(frozen=True, slots=True)
class _Lines:
    """The lines of a loop, node by node; each enters its value among the pieces."""

    task: Task
    pieces: dict[Expr, Piece]
    place: Mapping[Expr, str]
    matrices: rows.Rows
    names: Names
    around: Surroundings
    block: int

    def of(self, node: Expr) -> list[ast.stmt]:
        """The lines of one node."""
        if node in self.matrices.matrix:
            return self._matrix(node)
        operands = [self.pieces[arg] for arg in node.args]
        if node in self.task.added:
            view = syntax.name(self.task.added[node])
            added = syntax.call(syntax.numpy("add"), [view, as_numpy(operands[0])], out=view)
            return [ast.Expr(added)]
        if node in self.task.reduced:
            made = self.names.numbered("r")
            self._enter(node, syntax.name(made))
            return [syntax.assign(made, _part(node, operands, self.around, self.block))]
        target = self._enter(node, syntax.name(self.place[node]))
        if node.op == "getitem":
            row = syntax.name(self.matrices.place[node])
            return [calls.copy(target, row)] if node in self.task.results else []
        if calls.can_be_written(node.op):
            return calls.statements(node, operands, target, self.around)
        return [calls.copy(target, operation(node, operands, self.around).tree)]

    def _matrix(self, node: Expr) -> list[ast.stmt]:
        """The lines that fill the rows of a matrix: with its terms, or with a product."""
        target = self._enter(node, syntax.name(self.place[node]))
        if node.op == "stack":
            return [
                calls.copy(syntax.name(name), as_numpy(self.pieces[term]))
                for name, term in zip(self.matrices.names[target.id], node.args, strict=True)
                if self.matrices.place.get(term) != name
            ]
        factors = syntax.name(self.around.array(node.args[0].params[0]))
        terms = syntax.name(self.matrices.matrix[node.args[1]])
        return [ast.Expr(syntax.call(syntax.name("mix_rows"), [factors, terms], out=target))]

    def _enter(self, node: Expr, target: ast.Name) -> ast.Name:
        floating = node.dtype.kind == "f"
        self.pieces[node] = Piece(target, len(target.id), floating=floating)
        return target


def _part(node: Expr, operands: Sequence[Piece], around: Surroundings, block: int) -> ast.expr:
    """What a block of so many elements contributes to a reduction."""
    trees = [as_numpy(piece) for piece in operands]
    if node.op == "matmul":
        return syntax.call(syntax.numpy("dot"), trees)
    function = syntax.numpy("sum" if node.op == "mean" else node.op)
    axes = node.params[0]
    if len(axes) == len(node.args[0].shape):
        return syntax.call(function, trees)
    shape = node.args[0].shape
    sums_rows = node.op in ("sum", "mean") and axes == (len(shape) - 1,)
    if sums_rows and shape[-1] <= min(SHORT, block):
        # NumPy sums a short last axis row by row; BLAS takes all rows at once.
        ones = around.array(Frozen(np.ones((shape[-1], 1), node.dtype)))
        return ast.BinOp(trees[0], ast.MatMult(), syntax.name(ones))
    axis = syntax.number(axes[0]) if len(axes) == 1 else syntax.integers(axes)
    return syntax.call(function, trees, axis=axis, keepdims=syntax.number(True))


def is_partial(node: Expr) -> bool:
    """Whether a reduction leaves some axes of its operand, which then must not be flattened."""
    return node.op != "matmul" and len(node.params[0]) < len(node.args[0].shape)


def combined(node: Expr, parts: ast.expr, size: int) -> ast.expr:
    """A reduction out of the parts of all blocks."""
    whole = "sum" if node.op in ("mean", "matmul") else node.op
    if is_partial(node):
        combine = {"sum": "add", "max": "maximum", "min": "minimum"}[whole]
        sizes, axes = syntax.integers(node.args[0].shape), syntax.integers(node.params[0])
        args = [syntax.numpy(combine), parts, sizes, axes]
        total = syntax.call(syntax.name("join_blocks"), args, size=syntax.number(size))
        if not node.params[1]:
            total = syntax.call(syntax.numpy("reshape"), [total, syntax.integers(node.shape)])
    else:
        total = syntax.call(syntax.numpy(whole), [parts])
        if node.shape:
            total = syntax.call(syntax.numpy("reshape"), [total, syntax.integers(node.shape)])
    if node.op == "mean":
        count = math.prod(node.args[0].shape[axis] for axis in node.params[0])
        total = ast.BinOp(total, ast.Div(), syntax.number(count))
    return total
