"""Programs too long to be compiled: a list of operations that is gone through one by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from compare.lower.collecting import collector_paused
from compare.lower.plans.plan import Plan, Structure
from diffexpr import Expr
from diffexpr.apply import value_of
from diffexpr.frozen import Frozen
from diffexpr.walk import topological

MOST_STATEMENTS = 100_000
"""Programs of more operations than this are interpreted."""


class Interpreted:
    """A program as a list: each operation with the places of its operands and of its result.

    A place is used again when what it held has been read for the last time.
    """

    def __init__(self, plan: Plan) -> None:
        with collector_paused():
            self._write(plan)
        self._structure = plan.structure

    def _write(self, plan: Plan) -> None:
        order = topological(plan.outputs)
        # Numbers in place of nodes: each is looked up once, and the rest are lists.
        number = {node: i for i, node in enumerate(order)}
        operands = [tuple([number[arg] for arg in node.args]) for node in order]
        last = [0] * len(order)
        for i, at in enumerate(operands):
            for k in at:
                last[k] = i
        for output in plan.outputs:
            last[number[output]] = len(order)
        given = {number[p]: i for i, p in enumerate(plan.parameters) if p in number}
        self._outputs = [number[output] for output in plan.outputs]
        del number
        self._constants: list[tuple[int, Any]] = []
        self._steps: list[tuple[Callable[..., Any], tuple[int, ...], tuple[Any, ...], int]] = []
        values: dict[Any, Callable[..., Any]] = {}
        places = [0] * len(order)
        free: list[int] = []
        count = len(plan.parameters)
        for i, (node, at) in enumerate(zip(order, operands, strict=True)):
            if i in given:
                places[i] = given[i]
                continue
            if node.op == "constant":
                places[i] = count
                self._constants.append((count, _number(node)))
                count += 1
                continue
            found = tuple([places[k] for k in at])
            for k in set(at) if len(at) > 1 else at:
                if last[k] == i and operands[k]:
                    free.append(places[k])
            if free:
                place = free.pop()
            else:
                place, count = count, count + 1
            places[i] = place
            function = values.get(node.op)
            if function is None:
                function = values[node.op] = value_of(node.op)
            self._steps.append((function, found, node.params, place))
        self._count = count
        self._outputs = [places[k] for k in self._outputs]

    def __call__(self, *values: Any) -> Any:
        """The results for values of the parameters."""
        held: list[Any] = [None] * self._count
        held[: len(values)] = values
        for place, value in self._constants:
            held[place] = value
        with np.errstate(all="ignore"):
            for function, at, params, place in self._steps:
                held[place] = function(*[held[i] for i in at], *params)
        return _packed(self._structure, [held[i] for i in self._outputs])


def _number(node: Expr) -> Any:
    value = node.params[0]
    if isinstance(value, Frozen):
        return value.array
    return float(value) if type(value) is int else value


def _packed(structure: Structure, values: list[Any]) -> Any:
    if isinstance(structure, int):
        return values[structure]
    return tuple(_packed(part, values) for part in structure)
