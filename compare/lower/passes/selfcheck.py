"""Whether a pass is harmless: the graph before it and after it, evaluated at the same points."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from compare.lower.passes.rebuilding import rebuilt
from diffexpr import CrossdiffError, Expr, ExpressionValueError, constant
from diffexpr.apply import apply, value_of
from diffexpr.evaluate import evaluate_all
from diffexpr.frozen import Frozen
from diffexpr.primitives import TABLE
from diffexpr.walk import topological, variables

SLACK = 4
"""Values may differ by so many times the rounding of the graph that was given."""

JUDGED_NODES = 5_000
"""Nodes up to which the rounding of a graph is bounded; beyond, it is sampled."""

# Points: random ones of each magnitude, and for each special value some that hold it.
_MAGNITUDES = (1e-5, 1e-2, 0.3, 1.0, 1.0, 3.0, 30.0, 1e4)
_PER_MAGNITUDE, _PER_SPECIAL = 8, 3
_SAMPLES = 48
_SEED = 20_240_229

Values = Mapping[str, Any]


class HarmfulPassError(ExpressionValueError):
    """A pass changed what a graph computes; ``name`` is the pass."""

    def __init__(self, message: str, name: str) -> None:
        super().__init__(message)
        self.name = name

    def __reduce__(self) -> tuple[type, tuple[str, str]]:
        return type(self), (str(self), self.name)


def check_harmless(before: Sequence[Expr], after: Sequence[Expr], name: str) -> None:
    """Evaluate two graphs at random and special points, and raise where they differ.

    Values may differ by four times the rounding of the graph before: the running error analysis
    of `symdiff.rounding_bound` (Higham 2002, *Accuracy and Stability of Numerical Algorithms*,
    section 3.3), the inputs counted as rounded as well. NaN and infinities are to be at the same
    points, unless rounding alone moves them in the graph before: there every operation is
    disturbed by a unit in the last place at random (D. S. Parker 1997, *Monte Carlo arithmetic*)
    and the disturbed graph tells what may come of it. By such samples large graphs are judged,
    and those with operations of which no bound is known. For the pass ``overflow``, which makes
    finite what overflowed, only points count where the graph before is finite.

    Parameters
    ----------
    before, after : sequence of Expr
    name : str
        Of the pass, for the message.

    Raises
    ------
    HarmfulPassError
        With the pass, the point and both values.

    Examples
    --------
    >>> from diffexpr import parse
    >>> check_harmless([parse("x*x*x")], [parse("x^3")], "powers")
    >>> check_harmless([parse("x*y/y")], [parse("x")], "algebra")
    Traceback (most recent call last):
    ...
    compare.lower.passes.selfcheck.HarmfulPassError: pass 'algebra' changes output 0 at ...
    """
    names = {s.name for s in variables(before)}
    given = variables([*before, *after])
    strange = [s.name for s in given if s.name not in names]
    if strange:
        raise HarmfulPassError(f"pass {name!r} brings in the variable {strange[0]!r}", name)
    at_once = all(_is_scalar(node) for node in topological([*before, *after]))
    for values in _points(given, at_once):
        old, new = evaluate_all(before, values), evaluate_all(after, values)
        for position, (graph, x, y) in enumerate(zip(before, old, new, strict=True)):
            _compare(graph, values, np.asarray(x), np.asarray(y), name, position)


def _is_scalar(node: Expr) -> bool:
    return not node.shape and (node.op in TABLE or not node.args)


def _points(symbols: Sequence[Expr], at_once: bool) -> Iterator[dict[str, Any]]:
    """Values for the symbols: all points in one array each for elementwise graphs of scalars."""
    rng = np.random.default_rng(_SEED)
    rows = [
        [_random(rng, s, magnitude) for s in symbols]
        for magnitude in _MAGNITUDES
        for _ in range(_PER_MAGNITUDE if at_once else 1)
    ]
    for k in range(len(_specials(np.dtype(float)))):
        for share in np.linspace(0.2, 1, _PER_SPECIAL if at_once else 1):
            rows.append([_special(rng, s, k, share) for s in symbols])
    names = [s.name for s in symbols]
    if not symbols:
        yield {}
    elif at_once:
        yield {
            n: np.stack(column) for n, column in zip(names, zip(*rows, strict=True), strict=True)
        }
    else:
        yield from (dict(zip(names, row, strict=True)) for row in rows)


def _specials(kind: np.dtype[Any]) -> tuple[float, ...]:
    info = np.finfo(kind)
    large, root = float(info.max) * 0.75, float(info.max) ** 0.5
    return (
        0.0, -0.0, 1.0, -1.0, 2.0, -0.5, np.inf, -np.inf, np.nan, large, -large, 4 * root,
        float(info.tiny), -16 * float(info.smallest_subnormal), float(info.eps),
    )  # fmt: skip


def _random(rng: np.random.Generator, s: Expr, magnitude: float) -> Any:
    if s.dtype.kind == "b":
        return np.asarray(rng.random(s.shape) < 0.5)
    value = magnitude * rng.standard_normal(s.shape)
    if s.dtype.kind == "c":
        value = value + 1j * magnitude * rng.standard_normal(s.shape)
    return np.asarray(value, s.dtype)


def _special(rng: np.random.Generator, s: Expr, k: int, share: float) -> Any:
    """An ordinary value, a share of whose entries are the special value."""
    value = _random(rng, s, 1.0)
    if s.dtype.kind == "b":
        return value
    special = _specials(np.finfo(s.dtype).dtype)[k]
    return np.where(rng.random(s.shape) < share, np.asarray(special, s.dtype), value)


def _compare(graph: Expr, values: Values, x: Any, y: Any, name: str, position: int) -> None:
    if x.shape != y.shape or x.dtype != y.dtype:
        raise HarmfulPassError(
            f"pass {name!r} makes {y.dtype} of shape {y.shape} of output {position}, which was "
            f"{x.dtype} of shape {x.shape}",
            name,
        )
    if x.dtype.kind not in "fc":
        _report(graph, values, x, y, x != y, name, position)
        return
    with np.errstate(all="ignore"):
        finite = np.isfinite(x) & np.isfinite(y)
        same = (x == y) | (np.isnan(x) & np.isnan(y))
        if name == "overflow":
            same |= ~np.isfinite(x)
        if same.all():
            return
        apart = np.where(finite & ~same, np.abs(x - y), 0)
        wrong = apart > 0
        for rounding in _roundings(graph, values, x):
            wrong &= apart > SLACK * rounding
            if not wrong.any():
                break
        moved = ~finite & ~same
        if moved.any():
            wrong |= moved & ~_may_become(graph, values, y)
    _report(graph, values, x, y, wrong, name, position)


def _report(
    graph: Expr, values: Values, x: Any, y: Any, wrong: Any, name: str, position: int
) -> None:
    if not np.any(wrong):
        return
    where = tuple(np.argwhere(wrong)[0])
    point = ", ".join(f"{n}={_shown(v, x, where)}" for n, v in values.items())
    raise HarmfulPassError(
        f"pass {name!r} changes output {position} at {point}: {x[where]!s} before, "
        f"{y[where]!s} after; leave it out by naming the others in passes=",
        name,
    )


def _shown(value: Any, x: Any, where: tuple[int, ...]) -> str:
    array = np.asarray(value)
    one = array[where] if array.shape == x.shape else array
    return repr(one.item()) if one.ndim == 0 else " ".join(str(one).split())


def _roundings(graph: Expr, values: Values, x: Any) -> Iterator[Any]:
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


def _may_become(graph: Expr, values: Values, y: Any) -> Any:
    """Where rounding alone may bring the graph to a number, NaN or infinity as found after."""
    found = np.zeros(y.shape, bool)
    for sample in _disturbed(graph, values, inputs=False):
        both = np.isnan(sample) & np.isnan(y) | np.isfinite(sample) & np.isfinite(y)
        found |= both | (sample == y)
    return found


def _disturbed(graph: Expr, values: Values, inputs: bool) -> Iterator[Any]:
    """Values of a graph each of whose operations is off by its rounding, one way or the other."""
    order = topological(graph)
    rng = np.random.default_rng(_SEED)
    for sample in range(_SAMPLES):
        # All of the rounding and shares of it: some results meet only after the least step.
        share = 0.5 ** (sample % 6)
        held: dict[Expr, Any] = {}
        for node in order:
            if node.op == "symbol":
                value = values[node.name]
                held[node] = _moved(rng, share, node, value) if inputs else value
            elif node.op == "constant":
                value = node.params[0]
                held[node] = value.array if isinstance(value, Frozen) else value
                if type(value) is int:
                    held[node] = float(value)
            else:
                operands = tuple(held[arg] for arg in node.args)
                held[node] = _moved(rng, share, node, value_of(node.op)(*operands, *node.params))
        yield np.asarray(held[graph])


def _moved(rng: np.random.Generator, share: float, node: Expr, value: Any) -> Any:
    row = TABLE.get(node.op)
    array = np.asarray(value)
    if array.dtype.kind not in "fc" or (row is not None and not row.ulps):
        return value
    ulps = 1.0 if row is None else max(share * row.ulps, 0.5)
    step = ulps * float(np.finfo(array.dtype).eps) * rng.choice((-1, 1), array.shape)
    return (array * (1 + step)).astype(array.dtype)[()]
