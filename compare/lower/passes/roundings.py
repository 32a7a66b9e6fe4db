"""How far rounding may move the values of a graph: by a bound where one is known, and by trial.

The bound is the running error analysis of `symdiff.rounding_bound` (Higham 2002, *Accuracy and
Stability of Numerical Algorithms*, section 3.3). The trials are Monte Carlo arithmetic (D. S.
Parker 1997): every operation is disturbed by its own rounding, one way or the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from compare.lower.passes.rebuilding import rebuilt
from diffexpr import CrossdiffError, Expr, constant
from diffexpr.apply import apply, value_of
from diffexpr.frozen import Frozen
from diffexpr.primitives import TABLE
from diffexpr.walk import topological

JUDGED_NODES = 5_000
"""Nodes up to which the rounding of a graph is bounded; beyond, it is sampled."""

_SAMPLES = 48
_SEED = 20_240_229

_GROWING = frozenset((
    "add", "subtract", "multiply", "square", "exp", "exp2", "expm1", "sinh", "cosh", "sum", "prod",
    "matmul", "einsum",
))  # fmt: skip

Values = Mapping[str, Any]


def is_scalar(node: Expr) -> bool:
    """Whether a node is an elementwise function of scalars, or one of these itself."""
    return not node.shape and (node.op in TABLE or not node.args)


def roundings(graph: Expr, values: Values, x: Any) -> Iterator[Any]:
    """By how much rounding may have moved each entry of a value: what is quickly known first."""
    info = np.finfo(x.dtype)
    least = float(info.eps) / 2 * np.abs(x) + float(info.smallest_subnormal)
    yield least
    bound = _bound(graph, values, x)
    if bound is not None:
        # A bound of float64 is wider in single precision, but in proportion only to first order.
        yield bound * (float(info.eps) / float(np.finfo(float).eps))
    # Samples see as well what a tangent misses because it overflows.
    spread = np.zeros(x.shape)
    for sample in _disturbed(graph, values, inputs=True):
        step = np.abs(sample - x)
        spread = np.fmax(spread, np.where(np.isnan(step), np.inf, step))
    yield spread + least


def _bound(graph: Expr, values: Values, x: Any) -> Any:
    """The bound of the running error analysis, or None where there is none."""
    kinds = [np.asarray(value).dtype.kind for value in values.values()]
    if x.dtype.kind == "c" or "c" in kinds or len(topological(graph)) > JUDGED_NODES:
        return None
    from symdiff import rounding_bound  # SymPy takes longer to load than the check does

    rounded = _inputs_rounded(graph)
    try:
        _, bound = rounding_bound(rounded, values)
    except (CrossdiffError, KeyError):
        return None  # an operation of which no bound is known
    return np.where(np.isnan(bound), np.inf, bound)


def _inputs_rounded(graph: Expr) -> Expr:
    """The graph with every variable times 1, which an error analysis counts as a rounding."""
    made: dict[Expr, Expr] = {}
    for node in topological(graph):
        if node.op == "symbol":
            made[node] = apply("multiply", (node, constant(1))) if node.dtype.kind == "f" else node
        else:
            made[node] = rebuilt(node, tuple(made[arg] for arg in node.args))
    return made[graph]


def undecided(graph: Expr, values: Values, x: Any) -> Any:
    """Where rounding alone decides whether a value is a number, NaN or an infinity."""
    found = np.zeros(x.shape, bool)
    for sample in _disturbed(graph, values, inputs=False):
        both = np.isnan(sample) & np.isnan(x) | np.isfinite(sample) & np.isfinite(x)
        found |= ~(both | (sample == x))
    return found


def overflowed(graph: Expr, values: Values) -> Any:
    """Where an operation has made an infinity of numbers that has no pole there."""
    found = np.zeros((), bool)
    for node, operands, value in _evaluated(graph, values, lambda node, value: value):
        if node.op not in _GROWING:
            continue
        finite = np.asarray(np.all([np.all(np.isfinite(x)) for x in operands]))
        if is_scalar(node):
            finite = np.all(np.broadcast_arrays(*map(np.isfinite, operands)), axis=0)
            found = found | (finite & np.isinf(value))
        else:
            found = found | bool(finite & np.any(np.isinf(value)))
    return found


def _disturbed(graph: Expr, values: Values, inputs: bool) -> Iterator[Any]:
    """Values of a graph each of whose operations is off by its rounding, one way or the other."""
    rng = np.random.default_rng(_SEED)
    large = len(topological(graph)) > JUDGED_NODES
    for sample in range(_SAMPLES // 4 if large else _SAMPLES):
        # All of the rounding and shares of it: some results meet only after the least step.
        share = 0.5 ** (sample % 6)

        def moved(node: Expr, value: Any, share: float = share) -> Any:
            return value if not node.args and not inputs else _moved(rng, share, node, value)

        *_, (_, _, last) = _evaluated(graph, values, moved)
        yield np.asarray(last)


def _evaluated(
    graph: Expr, values: Values, changed: Callable[[Expr, Any], Any]
) -> Iterator[tuple[Expr, tuple[Any, ...], Any]]:
    """The nodes of a graph, each with its operands and its value, which may be changed."""
    held: dict[Expr, Any] = {}
    for node in topological(graph):
        operands = tuple(held[arg] for arg in node.args)
        if node.op == "constant":
            value = node.params[0]
            value = value.array if isinstance(value, Frozen) else value
            held[node] = float(value) if type(value) is int else value
        else:
            value = (
                values[node.name] if node.op == "symbol"
                else value_of(node.op)(*operands, *node.params)
            )  # fmt: skip
            held[node] = changed(node, value)
        yield node, operands, held[node]


def _moved(rng: np.random.Generator, share: float, node: Expr, value: Any) -> Any:
    row = TABLE.get(node.op)
    array = np.asarray(value)
    if array.dtype.kind not in "fc" or (row is not None and not row.ulps):
        return value
    ulps = 1.0 if row is None else max(share * row.ulps, 0.5)
    step = ulps * float(np.finfo(array.dtype).eps) * rng.choice((-1, 1), array.shape)
    return (array * (1 + step)).astype(array.dtype)[()]
