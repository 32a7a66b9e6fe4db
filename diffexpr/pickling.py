"""Expressions as flat records, so that a graph of any depth can be pickled."""

from __future__ import annotations

from typing import Any

from diffexpr.build import node
from diffexpr.expr import Expr, constant, named_constant, symbol
from diffexpr.walk import topological

Record = tuple[Any, tuple[int, ...], tuple[Any, ...]]


def flatten(root: Expr) -> tuple[list[Record]]:
    """The arguments of `rebuild`: one record per node, operands by their position."""
    order = topological(root)
    position = {n: i for i, n in enumerate(order)}
    records: list[Record] = []
    for n in order:
        params = (*n.params, n.shape, n.dtype) if n.op == "symbol" else n.params
        records.append((n.op, tuple(position[a] for a in n.args), params))
    return (records,)


def rebuild(records: list[Record]) -> Expr:
    """The expression of flat records; equal graphs become the same object again."""
    made: list[Expr] = []
    for op, args, params in records:
        if op == "symbol":
            made.append(symbol(*params))
        elif op == "constant" and len(params) == 2:
            made.append(named_constant(params[1], params[0]))
        elif op == "constant":
            value = params[0]
            made.append(constant(getattr(value, "array", value)))
        else:
            made.append(node(op, tuple(made[i] for i in args), params))
    return made[-1]
