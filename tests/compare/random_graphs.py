"""Random graphs, and how far a lowered answer may be from the interpreter's."""

from __future__ import annotations

from typing import Any

import numpy as np

from compare.lower.comparing.error_bars import flat
from compare.lower.passes.rewrite import rewrite
from diffexpr import CrossdiffError, Expr, constant, evaluate, symbol, symbols
from diffexpr.apply import apply
from diffexpr.functions import logsumexp, norm, softmax
from diffexpr.primitives import TABLE
from symdiff import rounding_bound

EPS = float(np.finfo(float).eps)
SCALARS = symbols("x y z")
ARRAYS = (symbol("m", (5, 6)), symbol("v", (6,)), symbol("u", (30,)), symbol("x"))
NUMBERS = (constant(2), constant(-0.5), constant(3.0), constant(1))
MILD = ("sin", "cos", "tanh", "exp", "negative", "square", "arctan", "sigmoid", "abs", "sqrt",
        "softplus", "log1p", "relu", "expm1", "cosh", "reciprocal", "log")  # fmt: skip
# SciPy's zeta, which the derivatives of these rows end in, takes minutes at -1e300.
_SLOW = ("gamma", "loggamma", "digamma")
ROWS = [name for name, row in TABLE.items() if row.arity == 1 and name not in _SLOW]


def graph_of_points(rng: np.random.Generator, size: int) -> Expr:
    """An expression in scalars, of any elementwise rows; later nodes are more likely operands."""
    nodes: list[Expr] = [*SCALARS]
    for _ in range(size):
        kind = rng.random()
        pool = nodes[-6:] if rng.random() < 0.6 else nodes
        a, b, c = (
            NUMBERS[int(i) % len(NUMBERS)] if rng.random() < 0.1 else pool[int(i) % len(pool)]
            for i in rng.integers(1000, size=3)
        )
        if kind < 0.4:
            made = apply(str(rng.choice(MILD)), (a,))
        elif kind < 0.5:
            made = apply(str(rng.choice(ROWS)), (a,))
        elif kind < 0.82:
            op = rng.choice(["add", "multiply", "subtract", "multiply", "divide"])
            made = apply(str(op), (a, b))
        elif kind < 0.92:
            op = rng.choice(["maximum", "hypot", "arctan2", "minimum", "logaddexp"])
            made = apply(str(op), (a, b))
        elif kind < 0.96:
            made = a ** float(rng.choice([2, 3, 0.5, -1, 4]))
        else:
            made = np.where(a > b, b, c)
        nodes.append(_as_float(made))
    return nodes[-1] + nodes[-2] * nodes[-3]


def _as_float(node: Expr) -> Expr:
    return np.where(node, 1.0, 0.25) if node.dtype.kind == "b" else node


def graph_of_arrays(rng: np.random.Generator, size: int) -> Expr:
    """An expression in arrays of fixed shapes: elementwise rows, and others between them."""
    nodes: list[Expr] = [*ARRAYS, constant(2.0)]
    while size:
        pool = nodes[-5:] if rng.random() < 0.6 else nodes
        a, b, c = (pool[int(i)] for i in rng.integers(len(pool), size=3))
        try:
            made = _array_step(rng, a, b, c)
        except CrossdiffError:
            continue
        if made.size <= 64 and made.ndim <= 3:
            nodes.append(_as_float(made))
            size -= 1
    last = [node for node in nodes if node.args]
    return sum((np.sum(node) for node in last[-3:]), start=np.mean(last[-1]))


def _array_step(rng: np.random.Generator, a: Expr, b: Expr, c: Expr) -> Expr:
    kind = rng.random()
    if kind < 0.3:
        return apply(str(rng.choice(MILD[:10])), (a,))
    if kind < 0.6:
        return apply(str(rng.choice(["add", "multiply", "subtract", "divide", "maximum"])), (a, b))
    if kind < 0.7:
        axes = [None, *range(-a.ndim, a.ndim)]
        reduce = [np.sum, np.mean, np.max, np.min, logsumexp, norm][int(rng.integers(6))]
        axis = axes[int(rng.integers(len(axes)))]
        return reduce(a, axis=axis, keepdims=bool(rng.integers(2)))
    if kind < 0.72 and a.ndim:
        return softmax(a, int(rng.integers(a.ndim)))
    if kind < 0.88 and a.ndim:
        return a[tuple(_slice(rng, n) for n in a.shape)]
    if kind < 0.93:
        return a @ b
    if kind < 0.95:
        return np.where(a > b, b, c)
    if kind < 0.97:
        return np.transpose(a) * 2
    return np.concatenate([a, b]) if rng.random() < 0.5 else np.reshape(a, (a.size,))


def _slice(rng: np.random.Generator, n: int) -> slice:
    choices = [slice(None), slice(1, None), slice(None, -1), slice(0, None, 2), slice(1, -1),
               slice(None, None, -1)]  # fmt: skip
    return choices[int(rng.integers(len(choices) if n > 2 else 1))]


def _variable_rounded(node: Expr) -> Expr | None:
    return apply("multiply", (node, constant(1.0))) if node.op == "symbol" else None


def far_apart(outputs: Any, found: Any, values: dict[str, Any]) -> str:
    """What is wrong with the answer of a lowered function, in words; nothing if all is well.

    NaN and infinity are where the interpreter has them. Other numbers differ from its by no more
    than 4 units in the last place times the condition, that is 4 times the bound on what rounding
    does to the graph as it was given. The condition is that of the variables too, each of which
    counts as rounded: a cosine next to its zero is known no better than its angle.
    """
    for number, (graph, part) in enumerate(zip(outputs, flat(found), strict=True)):
        wanted = np.asarray(evaluate(graph, values))
        (rounded,) = rewrite((graph,), _variable_rounded)
        _, bar = rounding_bound(rounded, values)
        part = np.asarray(part)
        if part.ndim < wanted.ndim:
            part = np.broadcast_to(part, wanted.shape)
        if part.shape != np.broadcast_shapes(part.shape, wanted.shape):
            return f"output {number}: shape {part.shape} for {wanted.shape}"
        wanted, bar = np.broadcast_to(wanted, part.shape), np.broadcast_to(bar, part.shape)
        with np.errstate(all="ignore"):
            apart = np.abs(part - wanted)
            good = (part == wanted) | (np.isnan(part) & np.isnan(wanted))
            good |= (
                np.isfinite(part)
                & np.isfinite(wanted)
                & (apart <= 4 * bar + 4 * EPS * np.abs(wanted))
            )
        if not good.all():
            at = np.unravel_index(np.argmin(good), good.shape)
            return (
                f"output {number} at {at}: {part[at]!r} for {wanted[at]!r}, bound {bar[at]:.1e}: "
                f"{str(graph)[:600]}"
            )
    return ""
