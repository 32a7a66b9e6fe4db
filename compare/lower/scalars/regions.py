"""Which operations are needed in one branch of a ``where`` only, so that they can wait for it.

The home of a node is the smallest region that holds all its uses: the whole program, all that is
done under some conditions, or one branch of one ``where``. It is the nearest common dominator
(Cooper, Harvey and Kennedy 2001, "A simple, fast dominance algorithm"), found in one walk because
a graph of expressions has no cycles.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from diffexpr import Expr

# Conditions under conditions; beyond, both branches are computed. Python's compiler recurses.
DEEPEST = 8


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """A part of the program that runs under conditions.

    Attributes
    ----------
    parent : Region or None
        None for the whole program.
    depth : int
    condition : Expr or None
        What holds here beyond what holds in the parent.
    side : int
        1 where the condition holds, 2 where it does not.
    owner : Expr or None
        The ``where`` of which this is a branch; None for what several of them share.
    """

    parent: Region | None = None
    depth: int = 0
    condition: Expr | None = None
    side: int = 0
    owner: Expr | None = None


class Regions:
    """The homes of the nodes of a graph.

    Parameters
    ----------
    order : sequence of Expr
        The nodes, operands first.
    outputs : sequence of Expr
        Those which are needed in any case.

    Attributes
    ----------
    whole : Region
    uses : Counter of Expr
        How often a value is asked for.
    """

    def __init__(self, order: Sequence[Expr], outputs: Sequence[Expr]) -> None:
        self.whole = Region()
        self.uses = Counter(outputs)
        self._homes: dict[Expr, Region] = dict.fromkeys(outputs, self.whole)
        self._shared: dict[tuple[Region, Expr, int], Region] = {}
        self._branches: dict[tuple[Expr, int], Region] = {}
        self._decided: dict[Expr, int] = {}
        for node in reversed(order):
            # Every use of a node comes behind it, so its home is known by now.
            home = self._homes.get(node)
            if home is None:
                continue
            if node.op == "where":
                self._where(node, home)
                continue
            for arg in node.args:
                self._use(arg, home)

    def _where(self, node: Expr, home: Region) -> None:
        condition = node.args[0]
        side = self._decided[node] = _known(condition, home)
        if side:
            self._use(node.args[side], home)
            return
        around = _open(home)
        # What branches share asks for the condition, and comes before the first of them.
        self._use(condition, around if any(arg.args for arg in node.args[1:]) else home)
        for side in (1, 2):
            arg = node.args[side]
            lazy = arg.args and home.depth < 2 * DEEPEST
            self._use(arg, self._branch(node, side, around) if lazy else home)

    def _use(self, arg: Expr, where: Region) -> None:
        self.uses[arg] += 1
        known = self._homes.get(arg)
        self._homes[arg] = where if known is None else _common(known, where)

    def _branch(self, node: Expr, side: int, around: Region) -> Region:
        key = around, node.args[0], side
        shared = self._shared.get(key)
        if shared is None:
            shared = self._shared[key] = Region(around, around.depth + 1, node.args[0], side)
        found = Region(shared, shared.depth + 1, owner=node)
        self._branches[node, side] = found
        return found

    def home(self, node: Expr) -> Region | None:
        """The region in which a node is computed; None if nothing needs it."""
        return self._homes.get(node)

    def decided(self, node: Expr) -> int:
        """Which branch of a ``where`` is taken wherever it is computed; 0 if either may be."""
        return self._decided[node]

    def branches(self, node: Expr) -> list[Region]:
        """The regions of the two branches of a ``where``."""
        return [self._branches.get((node, side), Region()) for side in (1, 2)]

    def shared(self, node: Expr) -> tuple[Region, list[Region]]:
        """Those of what its branches share with others, and the region around these."""
        around = _open(self._homes[node])
        keys = [(around, node.args[0], side) for side in (1, 2)]
        return around, [self._shared.get(key, Region()) for key in keys]


def _open(region: Region) -> Region:
    """The smallest region around that is not one branch alone."""
    if region.owner is None:
        return region
    assert region.parent is not None
    return region.parent


def _known(condition: Expr, region: Region | None) -> int:
    while region is not None:
        if region.condition is condition:
            return region.side
        region = region.parent
    return 0


def _common(a: Region, b: Region) -> Region:
    while a is not b:
        if a.depth < b.depth:
            a, b = b, a
        assert a.parent is not None
        a = a.parent
    return a
