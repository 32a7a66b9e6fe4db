"""The graph of an expression on a tape, without carrying out its operations once more.

What an operation gives on the expressions that it already stands on is its own node. So the tape
of an expression by its own variables is known from its graph: one record per node that depends on
a variable.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autodiff import rules
from autodiff.lookup import is_constant, vjp_of
from autodiff.tape import PASSES, Record, Tape, Taped
from diffexpr.expr import Expr


def replayed(
    expr: Expr, order: Sequence[Expr], symbols: Sequence[Expr], values: Sequence[Any]
) -> Any:
    """The expression on the tape on which its variables are, or None where that is not so simple.

    The records are those that its operations would leave if they were carried out one by one.

    Parameters
    ----------
    expr : Expr
    order : sequence of Expr
        The nodes below it, operands first.
    symbols, values : sequence
        The variables, and each of them on one tape or as it is.

    Returns
    -------
    Taped, Expr or None
        The expression itself if it depends on no variable of the tape. None where a variable has
        another value, or an operation is a user's own.

    Raises
    ------
    MissingRuleError
        If an operation has no derivative.
    """
    tape = _common_tape(symbols, values)
    if tape is None or any(type(node.op) is not str for node in order):
        return None
    places = {s: v.index for s, v in zip(symbols, values, strict=True) if type(v) is Taped}
    records = tape.records
    carrying: dict[str, bool] = {}
    for node in order:
        args, op = node.args, node.op
        for arg in args:
            if arg in places:
                break
        else:
            continue
        if op not in carrying:
            carrying[op] = _carries(op)
            tape.selects = tape.selects or (carrying[op] and op not in PASSES)
        if carrying[op]:
            record: Record = (op, node, args, node.params, tuple([places.get(a, -1) for a in args]))
            places[node] = len(records)
            records.append(record)
    return Taped(tape.level, expr, tape, places[expr]) if expr in places else expr


def _common_tape(symbols: Sequence[Expr], values: Sequence[Any]) -> Tape | None:
    """The one tape of the variables, where each of them stands for itself."""
    tape: Tape | None = None
    for symbol, value in zip(symbols, values, strict=True):
        if type(value) is Taped and value.primal is symbol:
            if tape is not None and value.tape is not tape:
                return None
            tape = value.tape
        elif value is not symbol:
            return None
    return tape


def _carries(op: str) -> bool:
    """Whether the result of an operation carries a derivative; an error where it has no rule."""
    if op not in rules.PARTIALS:
        if is_constant(op):
            return False
        vjp_of(op)
    return True
