"""Which operations share a loop: a program as steps, single operations and loops of many.

Nodes of one domain whose operands are at hand at the same stage share a loop. A stage ends where
something needs a whole array that a loop makes: a sum, a product of matrices, another domain. Two
steps of one stage never wait for each other, so the steps in order of stages are a program.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field

from diffexpr import Expr

Domain = Hashable

POINTS = "points"
"""The domain of values at points whose number is known at run time."""


@dataclass(slots=True)
class Loop:
    """Elementwise operations over one domain, and the reductions that end in it.

    Attributes
    ----------
    domain : hashable
        What the nodes have in common: a shape.
    nodes : list of Expr
        Operands first.
    folded : list of Expr
        Reductions over the whole domain, of which a block gives a part.
    results : list of Expr
        Nodes whose whole arrays are needed after the loop.
    """

    domain: Domain
    nodes: list[Expr] = field(default_factory=list)
    folded: list[Expr] = field(default_factory=list)
    results: list[Expr] = field(default_factory=list)


Step = Expr | Loop


def steps(
    order: Sequence[Expr],
    outputs: Sequence[Expr],
    domain: Callable[[Expr], Domain | None],
    folds: Callable[[Expr], Expr | None],
) -> list[Step]:
    """Arrange nodes, operands first, into steps.

    Parameters
    ----------
    order : sequence of Expr
        Nodes in topological order.
    outputs : sequence of Expr
    domain : callable
        The domain of a node that may be part of a loop; None for others.
    folds : callable
        For a reduction that a loop may take in: the operand over whose domain it runs; else None.
    """
    domains = {node: domain(node) for node in order}
    folded = {
        node: domains[over]
        for node in order
        if domains[node] is None
        and (over := folds(node)) is not None
        and domains.get(over) is not None
    }
    stage = _stages(order, domains, folded)
    wanted = set(outputs)
    _sink(order, domains, folded, stage, wanted)
    for node in order:
        for arg in node.args:
            if domains[arg] is not None and not _together(arg, node, domains, folded, stage):
                wanted.add(arg)
    by_stage: dict[int, tuple[list[Step], dict[Domain, Loop]]] = {}
    for node in order:
        singles, loops = by_stage.setdefault(stage[node], ([], {}))
        where = domains[node] if domains[node] is not None else folded.get(node)
        if where is None:
            singles.append(node)
            continue
        loop = loops.setdefault(where, Loop(where))
        (loop.folded if node in folded else loop.nodes).append(node)
        if node in wanted and node not in folded:
            loop.results.append(node)
    found: list[Step] = []
    for _, (singles, loops) in sorted(by_stage.items()):
        found += [*singles, *loops.values()]
    return found


def _together(
    arg: Expr,
    node: Expr,
    domains: dict[Expr, Domain | None],
    folded: dict[Expr, Domain | None],
    stage: dict[Expr, int],
) -> bool:
    """Whether a node reads an operand within the loop that both are in."""
    where = domains[node] if domains[node] is not None else folded.get(node)
    return where == domains[arg] and stage[node] == stage[arg]


def _stages(
    order: Sequence[Expr],
    domains: dict[Expr, Domain | None],
    folded: dict[Expr, Domain | None],
) -> dict[Expr, int]:
    """The first stage at which each node can be computed."""
    stage: dict[Expr, int] = {}
    for node in order:
        where = domains[node] if domains[node] is not None else folded.get(node)
        at = 0
        for arg in node.args:
            made = domains[arg] is not None and domains[arg] != where
            at = max(at, stage[arg] + (made or arg in folded))
        stage[node] = at
    return stage


def _sink(
    order: Sequence[Expr],
    domains: dict[Expr, Domain | None],
    folded: dict[Expr, Domain | None],
    stage: dict[Expr, int],
    outputs: set[Expr],
) -> None:
    """Move each node of a loop to the loop that first needs it, so that it need not be kept.

    Only where every reader is in a loop of its domain; what is read elsewhere stays.
    """
    first: dict[Expr, int] = {}
    bound: set[Expr] = set(outputs)
    for node in reversed(order):
        if domains[node] is not None and node not in bound and node in first:
            stage[node] = first[node]
        where = domains[node] if domains[node] is not None else folded.get(node)
        for arg in node.args:
            if domains[arg] is None:
                continue
            if where == domains[arg]:
                first[arg] = min(first.get(arg, stage[node]), stage[node])
            else:
                bound.add(arg)
