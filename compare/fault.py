"""Where in a graph a wrong rule, translation or value sits.

Every node is put to the backends as a function of its own, at the values its operands have at
the point. The first node on which they fall apart is the node at fault; what is right about the
parts and wrong about the whole is the machinery of the backend that stands alone.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from compare.answers import Answer, ask
from compare.judge import agreement, judge
from compare.problem import Problem, pose
from compare.witness import opinion
from diffexpr import Expr, symbol
from diffexpr.build import node
from diffexpr.evaluate import bind, evaluate, evaluate_nodes
from diffexpr.walk import topological

LARGEST = 64
"""Nodes with more entries than this, operands and result together, are not tried one by one."""

NUMPY, SYMPY, FORMULA = "numpy", "sympy", "formula"


@dataclass(frozen=True, slots=True)
class Fault:
    """A node of the graph, and what is wrong there.

    Attributes
    ----------
    node : Expr
        The first node of the graph at which the answers fall apart.
    backends : tuple of str
        Whose local partials depart.
    value : str
        Of a wrong value, whose it is: ``'numpy'`` or ``'sympy'``, or ``'formula'`` where a custom
        operation and its formula are not the same; empty otherwise.
    """

    node: Expr
    backends: tuple[str, ...]
    value: str = ""


def wrong_partial(problem: Problem, suspects: Sequence[str]) -> Fault | None:
    """The first node on which one of the suspects is the odd one out, or None."""
    for found, operands in _nodes(problem):
        local = _local(found, operands)
        if local is None:
            continue
        odd = _odd(local, ("symbolic", "forward", "reverse", "numeric"))
        blamed = tuple(name for name in odd if name in suspects)
        if blamed:
            return Fault(found, blamed)
    return None


def wrong_value(problem: Problem) -> Fault | None:
    """The first node whose NumPy value is not its 50-digit value, and whose value is wrong."""
    for found, operands in _nodes(problem):
        local = _bare(found, operands)
        at = {v.name: value for v, value in zip(local.args, operands, strict=True)}
        if value_error(local, at) is not None:
            return Fault(found, (), _whose(found, operands, local, at))
    return None


def _whose(found: Expr, operands: Sequence[Any], local: Expr, at: Mapping[str, Any]) -> str:
    """Whose value is wrong: that of the two which is further from a third opinion."""
    if not isinstance(found.op, str):
        return FORMULA
    symdiff = importlib.import_module("symdiff")
    third = opinion(found.op, operands, found.params)
    by_numpy = np.asarray(evaluate(local, at), float)
    by_sympy = as_float(symdiff.evaluate(local, at))
    return NUMPY if _apart(by_numpy, third) > _apart(by_sympy, third) else SYMPY


def _apart(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any]) -> float:
    """The largest distance of two arrays; infinite where only one is a number."""
    with np.errstate(all="ignore"):
        distance = np.where((a == b) | (np.isnan(a) & np.isnan(b)), 0.0, np.abs(a - b))
    return float(np.max(np.where(np.isnan(distance), np.inf, distance), initial=0.0))


def value_error(graph: Expr, at: Mapping[str, Any]) -> float | None:
    """How far NumPy's value is from the 50-digit one, where that is beyond rounding."""
    symdiff = importlib.import_module("symdiff")
    value, bound = symdiff.rounding_bound(graph, at)
    exact = as_float(symdiff.evaluate(graph, at))
    value, bound = np.asarray(value, float), np.asarray(bound, float)
    apart = ~agreement(value, bound, exact, np.spacing(np.abs(exact)))
    # At a pole one may say NaN and the other infinity; neither is a value.
    apart &= np.isfinite(value) | np.isfinite(exact)
    with np.errstate(all="ignore"):
        return float(np.max(np.abs(value - exact)[apart])) if np.any(apart) else None


def as_float(value: Any) -> np.ndarray[Any, Any]:
    """50-digit numbers, one or an array of them, rounded to float64."""
    array = np.asarray(value, dtype=object)
    return np.array([float(x) for x in array.flat]).reshape(array.shape)


def _nodes(problem: Problem) -> list[tuple[Expr, list[Any]]]:
    """The operations of the graph, operands first, with the values of their operands."""
    graph = problem.graph
    if graph is None:
        return []
    order = topological(graph)
    given = {s: bind(s, problem.at) for s in order if s.op == "symbol"}
    held = dict(zip(order, evaluate_nodes(order, order, given), strict=True))
    return [(n, [held[arg] for arg in n.args]) for n in order if n.args]


def _bare(found: Expr, operands: Sequence[Any]) -> Expr:
    """The operation of a node alone, on symbols."""
    fresh = [
        symbol(f"u{i}", np.shape(value), np.asarray(value).dtype)
        for i, value in enumerate(operands)
    ]
    return node(found.op, tuple(fresh), found.params)


def _local(found: Expr, operands: Sequence[Any]) -> Problem | None:
    """The Jacobian of one node at the values of its operands, where it is small enough."""
    sizes = sum(int(np.size(value)) for value in operands) + int(np.prod(found.shape, dtype=int))
    floating = [i for i, value in enumerate(operands) if np.asarray(value).dtype.kind == "f"]
    if sizes > LARGEST or not floating or found.dtype.kind in "bc":
        return None
    if not all(np.all(np.isfinite(value)) for value in operands):
        return None
    at = {f"u{i}": value for i, value in enumerate(operands)}
    return pose(_bare(found, operands), at, "jacobian", tuple(f"u{i}" for i in floating))


def _odd(problem: Problem, names: Sequence[str]) -> set[str]:
    answers = [a for a in (ask(name, problem) for name in names) if not a.absent]
    odd: set[str] = set()
    for part in range(len(problem.labels)):
        shape = np.broadcast_shapes(*(a.values[part].shape for a in answers))
        values, errors, abstains = flat(answers, part, shape)
        verdicts, pinned = judge(values, errors, abstains, {a.name: a.source for a in answers})
        odd |= {n for n, v in verdicts.items() if np.any((v == "disagree") & pinned)}
    return odd


def flat(
    answers: Sequence[Answer], part: int, shape: tuple[int, ...]
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Values, error bars and abstentions of one label as flat arrays of one length."""
    from numdiff import Status

    values, errors, abstains = {}, {}, {}
    for a in answers:
        values[a.name] = np.broadcast_to(a.values[part], shape).astype(float).ravel()
        errors[a.name] = np.broadcast_to(a.errors[part], shape).astype(float).ravel()
        known = np.isfinite(errors[a.name]) | ~np.isfinite(values[a.name])
        if a.status:
            status = np.broadcast_to(a.status[part], shape).ravel()
            known = np.isin(status, (Status.CONVERGED, Status.EDGE)) & np.isfinite(errors[a.name])
        abstains[a.name] = ~known
    return values, errors, abstains
