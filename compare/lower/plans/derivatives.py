"""Which graphs answer a question about derivatives, by one backend alone.

Forward and reverse run their verbs on symbols. SymPy's formulas are gradients and Jacobians, and
the products are made of them: a Jacobian times a vector is the sum of partials times tangents, a
vector times a Jacobian the gradient of a weighted sum, a Hessian times a vector the gradient of a
slope. Nothing computed by one backend is used for another, so that they stay witnesses of each
other.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from diffexpr import Expr, ExpressionValueError, ShapeError, constant
from diffexpr.apply import apply
from diffexpr.evaluate import function

BACKENDS = {"symbolic": "symdiff", "forward": "autodiff.forward", "reverse": "autodiff.reverse"}
"""Where the formulas come from: the name of a backend to its module, loaded on first use."""

Structure = int | tuple["Structure", ...]


class Question(NamedTuple):
    """What is to be differentiated.

    Attributes
    ----------
    graph : Expr
        The value.
    wrt : tuple of Expr
        Those of the parameters to differentiate by, each once.
    single : bool
        Whether results are bare and not in a tuple.
    seeds : tuple of Expr
        Directions, one per variable, or the cotangent.
    by : str
        The backend.
    order : int
        Of Taylor coefficients.
    """

    graph: Expr
    wrt: tuple[Expr, ...]
    single: bool
    seeds: tuple[Expr, ...] = ()
    by: str = "reverse"
    order: int = 0

    @property
    def backend(self) -> Any:
        """The module that speaks the verbs."""
        return importlib.import_module(BACKENDS[self.by])


class Answer(NamedTuple):
    """Graphs, a name for each, and their positions as they are returned."""

    graphs: tuple[Any, ...]
    labels: tuple[str, ...]
    structure: Structure


def check_backend(by: str) -> None:
    """Raise unless a backend of that name gives formulas."""
    if by == "numeric":
        raise ExpressionValueError(
            "by='numeric': differences of values estimate a derivative and give no formula to "
            "lower; use 'symbolic', 'forward' or 'reverse'"
        )
    if by not in BACKENDS:
        raise ExpressionValueError(f"by={by!r}: choose among {', '.join(BACKENDS)}")


# outputs


def _value(q: Question) -> Answer:
    return Answer((q.graph,), ("value",), 0)


def _grad(q: Question) -> Answer:
    return _per_variable(q, "d", _slopes(q, _scalar(q, "grad")))


def _value_and_grad(q: Question) -> Answer:
    return _after_value(q, _slopes(q, _scalar(q, "value_and_grad")))


def _jacobian(q: Question) -> Answer:
    return _per_variable(q, "d", _slopes(q, q.graph))


def _hessian(q: Question) -> Answer:
    found = _found(q, "hessian", _scalar(q, "hessian"))
    pairs = [(a, b) for a in q.wrt for b in q.wrt]
    blocks = [
        found[a][b] if a in found and b in found else _zeros(a.shape + b.shape, a) for a, b in pairs
    ]
    labels = tuple(f"d{a.name}d{b.name}" for a, b in pairs)
    n = len(q.wrt)
    rows = tuple(tuple(range(i * n, i * n + n)) for i in range(n))
    return Answer(tuple(blocks), labels, rows[0][0] if q.single else rows)


def _hvp(q: Question) -> Answer:
    graph = _scalar(q, "hvp")
    moving = _present(q, graph)
    if q.by == "symbolic":
        slopes = zip(q.seeds, _slopes(q, graph), strict=True)
        found = _slopes(q, _total(apply("multiply", pair) for pair in slopes))
        return _per_variable(q, "h", found)
    found = dict.fromkeys(q.wrt)
    if moving:
        xs, vs = zip(*moving, strict=True)
        parts = q.backend.hvp(_call(q, graph, xs), xs, vs)
        found.update(zip(xs, parts, strict=True))
    return _per_variable(q, "h", [_or_zeros(found[x], x.shape, x) for x in q.wrt])


def _jvp(q: Question) -> Answer:
    return Answer((q.graph, _tangent(q, q.graph)), ("value", "tangent"), (0, 1))


def _vjp(q: Question) -> Answer:
    (w,) = q.seeds
    if q.by == "symbolic":
        return _after_value(q, _slopes(q, _total([apply("multiply", (w, q.graph))])))
    if q.by == "forward":
        return _after_value(q, [_weighted(w, block) for block in _slopes(q, q.graph)])
    found: dict[Expr, Any] = dict.fromkeys(q.wrt)
    xs = tuple(x for x, _ in _present(q, q.graph))
    if xs:
        _, pullback = q.backend.vjp(_call(q, q.graph, xs), *xs)
        found.update(zip(xs, pullback(w), strict=True))
    return _after_value(q, [_or_zeros(found[x], x.shape, x) for x in q.wrt])


def _taylor(q: Question) -> Answer:
    labels = tuple(f"c{k}" for k in range(q.order + 1))
    if q.by == "forward":
        graphs = _series(q)
    else:
        derivatives = [q.graph]
        for _ in range(q.order):
            derivatives.append(_tangent(q, derivatives[-1]))
        graphs = [_over(d, math.factorial(k)) for k, d in enumerate(derivatives)]
    return Answer(tuple(graphs), labels, tuple(range(q.order + 1)))


OUTPUTS: dict[str, Callable[[Question], Answer]] = {
    "value": _value,
    "grad": _grad,
    "value_and_grad": _value_and_grad,
    "jacobian": _jacobian,
    "hessian": _hessian,
    "hvp": _hvp,
    "jvp": _jvp,
    "vjp": _vjp,
    "taylor": _taylor,
}
"""What can be lowered, and how its graphs are found."""


# what they are made of


def _slopes(q: Question, graph: Expr) -> list[Any]:
    """The Jacobian of a graph by each variable; of a scalar graph that is its gradient."""
    found = _found(q, "jacobian" if graph.shape else "grad", graph)
    return [_or_zeros(found.get(x), graph.shape + x.shape, x) for x in q.wrt]


def _tangent(q: Question, graph: Expr) -> Any:
    """The directional derivative of a graph."""
    moving = _present(q, graph)
    if not moving:
        return _zeros(graph.shape, graph)
    if q.by == "symbolic":
        parts = zip(_slopes(q, graph), q.wrt, q.seeds, strict=True)
        chosen = {x for x, _ in moving}
        return _total((_along(block, v) for block, x, v in parts if x in chosen), graph.shape)
    xs, vs = zip(*moving, strict=True)
    return q.backend.jvp(_call(q, graph, xs), xs, vs)[1]


def _series(q: Question) -> list[Any]:
    """Taylor coefficients by truncated series, pushed through the graph once."""
    moving = _present(q, q.graph)
    if not moving or not q.order:
        return [q.graph, *(_zeros(q.graph.shape, q.graph) for _ in range(q.order))]
    taylor = importlib.import_module("autodiff.series.taylor")
    xs, vs = zip(*moving, strict=True)
    call = _call(q, q.graph, xs)
    curves = [[v, *[None] * (q.order - 1)] for v in vs]
    (found,) = taylor.expand(lambda *inner: [call(*inner)], xs, curves)
    return [q.graph, *found[1:]]


def _found(q: Question, verb: str, graph: Expr) -> dict[Expr, Any]:
    """What a verb of the backend gives for each variable that the graph has."""
    present = tuple(x for x, _ in _present(q, graph))
    if not present:
        return {}
    parts = getattr(q.backend, verb)(graph, tuple(x.name for x in present))
    if verb == "hessian":
        parts = [dict(zip(present, row, strict=True)) for row in parts]
    return dict(zip(present, parts, strict=True))


def _present(q: Question, graph: Expr) -> list[tuple[Expr, Any]]:
    """The variables that a graph has, each with its direction where there are some."""
    free = set(graph.variables)
    seeds = q.seeds if len(q.seeds) == len(q.wrt) else (None,) * len(q.wrt)
    return [(x, v) for x, v in zip(q.wrt, seeds, strict=True) if x in free]


def _call(q: Question, graph: Expr, xs: Sequence[Expr]) -> Callable[..., Any]:
    """A graph as a function of some of its variables; the others stay symbols."""
    free = graph.variables
    run = function(graph, *free)

    def call(*values: Any) -> Any:
        given = dict(zip(xs, values, strict=True))
        return run(*(given.get(v, v) for v in free))

    return call


def _along(block: Any, direction: Expr) -> Any:
    """A block of a Jacobian times a direction."""
    product = apply("multiply", (block, direction))
    last = range(len(product.shape) - len(direction.shape), len(product.shape))
    return apply("sum", (product,), (tuple(last), False)) if direction.shape else product


def _weighted(cotangent: Expr, block: Any) -> Any:
    """A cotangent times a block of a Jacobian."""
    lead = len(cotangent.shape)
    if not lead:
        return apply("multiply", (cotangent, block))
    ones = (1,) * (len(block.shape) - lead)
    wide = apply("reshape", (cotangent,), (cotangent.shape + ones,)) if ones else cotangent
    return apply("sum", (apply("multiply", (wide, block)),), (tuple(range(lead)), False))


def _total(terms: Any, shape: tuple[int, ...] = ()) -> Any:
    """The sum of terms; down to a single number unless they are to have a shape."""
    total: Any = None
    for term in terms:
        if term.shape != shape:
            term = apply("sum", (term,), (tuple(range(len(term.shape))), False))
        total = term if total is None else apply("add", (total, term))
    return constant(0.0) if total is None else total


def _over(graph: Any, divisor: int) -> Any:
    return graph if divisor == 1 else apply("divide", (graph, constant(divisor)))


def _scalar(q: Question, output: str) -> Expr:
    if q.graph.shape:
        instead = "jvp" if output == "hvp" else "jacobian"
        raise ShapeError(
            f"{output} needs a scalar result, got shape {q.graph.shape}; use output={instead!r}"
        )
    return q.graph


def _per_variable(q: Question, letter: str, parts: Sequence[Any]) -> Answer:
    labels = tuple(f"{letter}{x.name}" for x in q.wrt)
    return Answer(tuple(parts), labels, 0 if q.single else tuple(range(len(parts))))


def _after_value(q: Question, parts: Sequence[Any]) -> Answer:
    labels = ("value", *(f"d{x.name}" for x in q.wrt))
    rest = 1 if q.single else tuple(range(1, len(labels)))
    return Answer((q.graph, *parts), labels, (0, rest))


def _or_zeros(part: Any, shape: tuple[int, ...], like: Expr) -> Any:
    """What a variable that the graph does not have would contribute is zero."""
    return _zeros(shape, like) if part is None else part


def _zeros(shape: tuple[int, ...], like: Expr) -> Expr:
    # A number gives way to the precision beside it; an array has to be of that precision.
    kind = like.dtype if like.dtype.kind in "fc" else np.float64
    return constant(np.zeros(shape, kind) if shape else 0.0)
