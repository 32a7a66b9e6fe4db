"""Where loops stand in a program: over points given at run time, or over arrays of known shape."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from compare.lower.loops import calls, costs
from compare.lower.loops.assembly import Assembly, assemblies
from compare.lower.loops.masks import unbranched
from compare.lower.loops.regions import POINTS, Loop, Step, steps
from compare.lower.passes.rewrite import rewrite
from compare.lower.source import definitions
from diffexpr import Expr
from diffexpr.primitives import TABLE
from diffexpr.walk import topological

IN_CACHE = 2**18
"""Elements up to which NumPy's operations, one after another, find their operands in a cache."""


@dataclass(frozen=True, slots=True)
class Loops:
    """What the loops of a function compute, and how.

    Attributes
    ----------
    outputs : tuple of Expr
        The graphs of the function, written for loops.
    points : bool
        True where all variables are scalars, for each of which an array of points may be given.
    fixed : frozenset of Expr
        Of such variables: those that are given one number for all points.
    size : int or None
        Elements of a block, where the caller has chosen.
    threads : int
        At most; 0 for as many as there are processors.
    least : int
        Elements from which loops are used at all.
    alone : bool
        Whether the function is called with arrays of one shape only, and large ones.
    """

    outputs: tuple[Expr, ...]
    points: bool
    fixed: frozenset[Expr] = frozenset()
    size: int | None = None
    threads: int = 0
    least: int = costs.LEAST
    alone: bool = False

    def arrangement(self) -> tuple[list[Step], list[Assembly]]:
        """The program, in which some operations share loops, and the arrays put together."""
        order = topological(self.outputs)
        if self.points:
            varying = _varying(order, self.fixed)
            found = steps(order, self.outputs, lambda n: POINTS if n in varying else None, _none)
            return found, []
        made = [a for a in assemblies(order, self.outputs) if any(map(self._from_loop, a.parts))]
        parts = {part: part.args[0] for a in made for part in a.parts}
        inner = {node for a in made for node in (a.root, *a.inner)}

        def domain(node: Expr) -> tuple[int, ...] | None:
            return None if node in inner else self._domain(node)

        found = steps(order, self.outputs, domain, lambda n: parts[n] if n in parts else _folds(n))
        return [step for s in found for step in self._worth_it(s)], made

    def _worth_it(self, step: Step) -> list[Step]:
        """A loop that gains nothing is taken apart, its operations written as they stand.

        That is one of a single operation, and one whose arrays stay in the cache between two
        operations, unless it takes long enough for a second thread.
        """
        if not isinstance(step, Loop):
            return [step]
        if len(step.nodes) == 1 and not step.folded:
            return list(step.nodes)
        elements = math.prod(step.domain)  # type: ignore[arg-type]
        short = costs.per_element(step.nodes) * elements < costs.THREAD_NANOSECONDS
        if self.size is None and short and elements < IN_CACHE:
            return [*step.nodes, *step.folded]
        return [step]

    def _from_loop(self, part: Expr) -> bool:
        return self._domain(part.args[0]) is not None

    def _domain(self, node: Expr) -> tuple[int, ...] | None:
        if not calls.can_be_written(node.op) or math.prod(node.shape) < max(
            self.least, costs.LEAST_ARRAY
        ):
            return None
        return node.shape if node.dtype.kind in "fb" else None


def expanded(outputs: Sequence[Expr]) -> tuple[Expr, ...]:
    """The same outputs, rows that NumPy lacks replaced by what they mean in those it has.

    Selections that NumPy would branch for are written without branches.
    """
    found = definitions.written_out(outputs)
    while any(node.op in definitions.FUNCTIONS for node in topological(found)):
        found = rewrite(found, _meaning)
    return unbranched(found)


def _meaning(node: Expr) -> Expr | None:
    meaning = definitions.FUNCTIONS.get(node.op) if isinstance(node.op, str) else None
    return None if meaning is None else meaning(*node.args)


def is_over_points(nodes: Sequence[Expr]) -> bool:
    """Whether every variable and every operation is a scalar one, so that arrays may be given."""
    return all(not node.shape and node.dtype.kind in "fbi" for node in nodes) and all(
        op in ("symbol", "constant") or op in TABLE for op in {node.op for node in nodes}
    )


def _varying(order: Sequence[Expr], fixed: frozenset[Expr]) -> set[Expr]:
    """Operations whose value differs from point to point."""
    varying: set[Expr] = set()
    for node in order:
        given = node.op == "symbol" and node not in fixed
        if given or any(arg in varying for arg in node.args):
            varying.add(node)
    return {node for node in varying if node.args}


def _none(node: Expr) -> None:
    """No reduction."""


def _folds(node: Expr) -> Expr | None:
    """The operand of a reduction that a loop may take in."""
    if node.op in ("sum", "mean", "max", "min") and node.dtype.kind == "f":
        return node.args[0]
    if node.op == "matmul" and not node.shape:
        return next((arg for arg in node.args if arg.args), None)
    return None
