"""How far floating point may carry the value of a formula from its exact value.

A running error analysis: every operation rounds by at most its units in the last place, and passes
on the errors of its operands times its partial derivatives. N. J. Higham, Accuracy and Stability
of Numerical Algorithms (2nd edition, 2002), section 3.3.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

import symdiff.rounding_matrices  # noqa: F401  (it enters its rules into the table)
from diffexpr import Expr, MissingRuleError
from diffexpr.apply import value_of
from diffexpr.evaluate import bind, evaluate, evaluate_nodes
from diffexpr.frozen import Frozen
from diffexpr.primitives import TABLE as PRIMITIVES
from diffexpr.walk import topological
from symdiff.custom import written_out
from symdiff.partials import Template, partial
from symdiff.rounding_arrays import RULES
from symdiff.translate import CONDITIONS, NAMES

EPS = float(np.finfo(float).eps)
TINY = float(np.finfo(float).tiny)
SMALLEST = 5e-324
NO_UNDERFLOW = {"add", "subtract", "log", "log2", "log10", "arccosh", "loggamma"}
"""Primitives whose result 0 is exact: it is never a small number that was lost."""

LARGE = 1e-8
"""Relative error of an argument beyond which a tangent no longer bounds the change."""


def rounding_bound(expr: Expr, at: Mapping[str, Any]) -> tuple[Any, Any]:
    """The float64 value of an expression and a first-order bound on its rounding error.

    Parameters
    ----------
    expr : Expr
        A formula; of a function as well as of a derivative.
    at : mapping from name to number or array
        Taken as exact.

    Returns
    -------
    value, bound : float or ndarray
        Of one shape. The exact value lies within ``bound`` of ``value``, to first order in the
        unit roundoff; where a comparison or jump is closer than the error of its operands, the
        bound covers both sides.

    Raises
    ------
    ExpressionValueError
        If a variable has no value.

    Examples
    --------
    >>> from diffexpr import parse
    >>> value, bound = rounding_bound(parse("(1 + x) - 1"), {"x": 1e-10})
    >>> bool(abs(value - 1e-10) <= bound < 1e-15)
    True
    """
    held: dict[Expr, Any] = {}
    errors: dict[Expr, Any] = {}
    formula = written_out(expr)
    with np.errstate(all="ignore"):
        for n in topological(formula):
            if n.op == "symbol":
                held[n], errors[n] = _as_float(bind(n, at)), 0.0
            elif n.op == "constant":
                held[n], errors[n] = _constant(*n.params)
            else:
                operands = [held[arg] for arg in n.args]
                given = [errors[arg] for arg in n.args]
                held[n] = value_of(n.op)(*operands, *n.params)
                if n.op in PRIMITIVES:
                    errors[n] = _primitive(n.op, operands, given, held[n])
                else:
                    spread = [
                        np.broadcast_to(e, np.shape(x))
                        for x, e in zip(operands, given, strict=True)
                    ]
                    errors[n] = RULES[n.op](operands, spread, held[n], *n.params)
        # A custom operation is bounded by its formula, but its value is its own.
        value = np.asarray(held[formula] if formula is expr else evaluate(expr, at))
    bound = np.where(np.isnan(value), np.nan, np.broadcast_to(errors[formula], value.shape))
    return np.array(value)[()], bound[()]


def _as_float(value: Any) -> Any:
    array = np.asarray(value)
    return (array if array.dtype.kind == "b" else array.astype(float))[()]


def _constant(value: Any, name: str = "") -> tuple[Any, Any]:
    """A constant and its error: named ones are rounded, others are what they are."""
    if isinstance(value, Frozen):
        array = _as_float(value.array)
        return array, np.zeros(np.shape(array))
    if isinstance(value, bool):
        return value, 0.0
    found = float(value)
    if name:
        return found, abs(found) * EPS / 2
    # An integer beyond 2**53 is rounded when it becomes a float.
    return found, float(abs(int(found) - value)) if isinstance(value, int) else 0.0


def _primitive(op: str, operands: Sequence[Any], errors: Sequence[Any], value: Any) -> Any:
    """The error of an elementwise operation."""
    row = PRIMITIVES[op]
    if row.kind == "bool":
        return _truth(op, operands, errors)
    total = _rounding(op, operands, value)
    if not any(np.any(e) for e in errors):
        return total
    if op == "where":
        return total + _chosen(operands, errors)
    for i, (x, e) in enumerate(zip(operands, errors, strict=True)):
        if np.any(e):
            total = total + _passed_on(op, i, operands, x, e, value)
    return total


def _rounding(op: str, operands: Sequence[Any], value: Any) -> Any:
    """The error of the operation itself, for exact operands."""
    ulps, scale = PRIMITIVES[op].ulps, PRIMITIVES[op].scale
    if not ulps:
        return 0.0
    size = np.abs(value) if scale is None else np.maximum(np.abs(value), scale(*operands))
    own = np.where(np.isfinite(size), ulps * EPS * size, 0.0)
    lost = size < TINY
    if np.any(lost) and op not in NO_UNDERFLOW:
        for x in operands:
            lost = lost & (np.asarray(x) != 0)
        own = own + np.where(lost, max(ulps, 1.0) * SMALLEST, 0.0)
    return own


def _passed_on(
    op: str, position: int, operands: Sequence[Any], x: Any, error: Any, value: Any
) -> Any:
    """What the error of one operand comes to in the result."""
    slope = _slope(op, position, operands)
    first = np.where(np.asarray(error) == 0, 0.0, np.abs(slope) * error)
    kinked = PRIMITIVES[op].kink is not None
    doubtful = ~np.isfinite(first) | (np.asarray(error) > LARGE * np.abs(x))
    if not kinked and not np.any(doubtful):
        return first
    # A tangent is no bound at a kink, at a pole, or across an error as large as its argument:
    # there the function itself is asked.
    change = np.zeros(np.shape(first))
    for side in (-1.0, 1.0):
        moved = [*operands]
        moved[position] = x + side * error
        step = np.abs(value_of(op)(*moved) - value)
        change = np.fmax(change, np.where(np.isfinite(step), step, 0.0))
    first = np.where(np.isfinite(first), first, 0.0)
    return np.where(kinked | doubtful, np.maximum(first, change), first)


def _slope(op: str, position: int, operands: Sequence[Any]) -> Any:
    try:
        template = partial(op, position)
    except MissingRuleError:
        return np.nan  # no closed form: the function itself is asked
    if not isinstance(template, Template):
        return 0.0
    given = {n: operands[NAMES.index(n.params[0])] for n in template.order if n.op == "symbol"}
    return evaluate_nodes(template.order, [template.formula], given)[0]


def _truth(op: str, operands: Sequence[Any], errors: Sequence[Any]) -> Any:
    """1 where the answer could be the other one, else 0."""
    if (op, 0) in CONDITIONS:
        return np.maximum.reduce([np.asarray(e) for e in np.broadcast_arrays(*errors)])
    error = np.asarray(errors[0]) + errors[1]
    close = np.abs(np.asarray(operands[0], float) - operands[1]) <= error
    return np.where(close & (error > 0), 1.0, 0.0)


def _chosen(operands: Sequence[Any], errors: Sequence[Any]) -> Any:
    """The error of the branch that was taken, of both where the condition is in doubt."""
    condition, x, y = operands
    doubt, ex, ey = errors
    sure = np.where(condition, ex, ey)
    if not np.any(doubt):
        return sure
    either = np.fmax(ex, ey) + np.abs(np.asarray(x, float) - y)
    return np.where((np.asarray(doubt) > 0) & np.isfinite(either), either, sure)
