"""What an edge is: a point where a derivative is easily got wrong, and the argued answer there.

The answers are written down from mathematics, never taken from the code under test. The points
stand in `edge_numbers` (functions of numbers) and `edge_arrays` (functions of arrays);
``docs/make_conventions.py`` prints them all as ``docs/conventions.md``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

KINDS = {
    "exact": "the derivative exists there, and nothing else may come out",
    "one-sided": "the domain ends or the function jumps there; the limit from inside, "
    "which may be infinite",
    "convention": "no derivative exists; what comes out is the choice that is argued",
    "undefined": "no derivative exists and no choice is better than another: NaN says so",
    "indeterminate": "the derivative exists, but rules for one operation at a time may meet 0 "
    "times infinity; where they know no more NaN comes out, and never another number",
}
"""What may be said of a derivative at an edge."""


@dataclass(frozen=True)
class Edge:
    """A function at a point, with its derivatives there.

    Attributes
    ----------
    group : str
        Heading under which it is listed.
    formula : str
        The function as a reader sees it.
    f : callable
    at : number, list or tuple
        The point; a tuple holds one value per argument.
    orders : tuple
        The first derivative, the second, and so on, as far as they were worked out. The first
        has the shape of a Jacobian, the second that of a Hessian; with several arguments they
        are tuples, one block per argument.
    kind : str
        One of `KINDS`.
    why : str
    """

    group: str
    formula: str
    f: Callable[..., Any]
    at: Any
    orders: tuple[Any, ...]
    kind: str
    why: str

    def __post_init__(self) -> None:
        assert self.kind in KINDS, self.kind

    @property
    def arguments(self) -> tuple[Any, ...]:
        return self.at if isinstance(self.at, tuple) else (self.at,)

    def __str__(self) -> str:
        return f"{self.formula} at {self.at}"


class Group:
    """Edges under one heading."""

    def __init__(self, heading: str) -> None:
        self.heading = heading
        self.edges: list[Edge] = []

    def __call__(
        self, formula: str, f: Callable[..., Any], at: Any, orders: Any, kind: str, why: str
    ) -> None:
        """Enter one edge."""
        orders = orders if isinstance(orders, tuple) else (orders,)
        self.edges.append(Edge(self.heading, formula, f, at, orders, kind, why))
