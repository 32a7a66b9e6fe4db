"""The question put to each backend, and what it answers: values, error bars, cost, formula.

Each backend is asked through its own public verbs. Nothing computed for one is used for another.
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

import autodiff
import numdiff
from compare.problem import Counter, Problem
from diffexpr import CrossdiffError, Expr, MissingRuleError, ShapeError, symbol
from diffexpr.primitives import TABLE
from diffexpr.walk import topological

Array = np.ndarray[Any, Any]

SOURCES = {
    "symbolic": "sympy",
    "forward": "rules",
    "reverse": "rules",
    "numeric": "values",
    "complex-step": "values",
}
"""What each backend reads, and so which of them are one voice about a wrong rule or value."""


EXACT = ("symbolic", "forward", "reverse")
"""The backends that know rules, and not only values."""


NOT_ANALYTIC = frozenset((
    "max", "min", "norm", "logsumexp", "softmax", "cholesky", "slogdet", "qr", "svd", "svdvals",
    "eigh", "eigvalsh", "eig", "eigvals", "pinv", "fft", "real", "imag", "conjugate",
))  # fmt: skip
"""Array operations whose values off the real line are not those of one analytic function."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one backend answered.

    Attributes
    ----------
    name : str
    values, errors : list of array
        One array per label of the problem, and its error bar.
    status : list of array
        Of a numeric backend, a `numdiff.Status` per entry; empty otherwise.
    formulas : tuple of Expr
        One per label, where the backend gives formulas.
    evaluations : int
        Calls of the function, or points at which it was evaluated.
    seconds : float
        For the derivative alone, without its error bar.
    note : str
        What a reader should know: which method was used, or why there is no answer.
    """

    name: str
    values: list[Array]
    errors: list[Array]
    status: list[Array]
    formulas: tuple[Expr, ...]
    evaluations: int
    seconds: float
    note: str = ""

    @property
    def source(self) -> str:
        """The table or values the backend reads."""
        return SOURCES[self.name]

    @property
    def absent(self) -> bool:
        """True where the backend does not apply to the problem."""
        return not self.values


def ask(name: str, problem: Problem) -> Answer:
    """The answer of one backend, absent with the reason where it does not apply."""
    try:
        return _ASK[name](problem)
    except (CrossdiffError, numdiff.NumdiffError, np.linalg.LinAlgError) as error:
        reason = str(error)
    except Exception as error:
        if problem.target.expr is not None:
            raise
        # Somebody's own function met with a dual number, say: whatever it raises is a reason.
        reason = f"{type(error).__name__}: {error}"
    return Answer(name, [], [], [], (), 0, 0.0, reason)


def symbols_of(problem: Problem) -> tuple[Expr, ...]:
    """A symbol per parameter, shaped like the point."""
    if problem.target.expr is not None:
        return problem.target.symbols
    return tuple(
        symbol(name, np.shape(a), np.asarray(a).dtype)
        for name, a in zip(problem.names, problem.args, strict=True)
    )


def verb_of(module: Any, problem: Problem, f: Callable[..., Any]) -> Callable[..., Any]:
    """The derivative function that a backend makes of ``f`` for this problem."""
    make = getattr(module, problem.verb)
    if problem.verb == "derivative":
        return make(f, problem.wrt, problem.order)
    return make(f, problem.wrt)


def formulas_of(module: Any, problem: Problem) -> tuple[Expr, ...]:
    """The derivative as expressions, one per label; none without a graph."""
    if problem.graph is None:
        return ()
    result = verb_of(module, problem, problem.target.call)(*symbols_of(problem))
    stack, leaves = [result], []
    while stack:
        item = stack.pop()
        if isinstance(item, tuple):
            stack.extend(reversed(item))
        else:
            leaves.append(item)
    return tuple(leaves)


def _symbolic(problem: Problem) -> Answer:
    symdiff = importlib.import_module("symdiff")
    if problem.graph is None:
        raise MissingRuleError(f"no formula: {problem.no_graph}")
    start = time.perf_counter()
    formulas = formulas_of(symdiff, problem)
    seconds = time.perf_counter() - start
    pairs = [symdiff.rounding_bound(formula, problem.at) for formula in formulas]
    values = [np.asarray(value) for value, _ in pairs]
    errors = [np.asarray(bound) for _, bound in pairs]
    return Answer("symbolic", values, errors, [], formulas, 1, seconds)


def _automatic(name: Literal["forward", "reverse"], module: Any, problem: Problem) -> Answer:
    counter = Counter(problem.target.call)
    start = time.perf_counter()
    values = problem.parts(verb_of(module, problem, counter)(*problem.args))
    seconds = time.perf_counter() - start
    expr = problem.target.expr
    f = problem.target.call if expr is None else expr
    _, bound = autodiff.rounding_bound(
        f, problem.args, problem.verb, problem.wrt, mode=name, n=problem.order
    )
    formulas = formulas_of(module, problem)
    return Answer(name, values, problem.parts(bound), [], formulas, counter.calls, seconds)


def _forward(problem: Problem) -> Answer:
    return _automatic("forward", autodiff.forward, problem)


def _reverse(problem: Problem) -> Answer:
    return _automatic("reverse", autodiff.reverse, problem)


def _numeric(problem: Problem, name: str = "numeric", method: str = "auto") -> Answer:
    start = time.perf_counter()
    if problem.verb == "derivative":
        estimates = [_along_one(problem, method)]
    elif problem.verb == "hessian":
        return _numeric_hessian(problem)
    else:
        estimates = [
            numdiff.estimate_jacobian(_partial(problem, i), problem.args[i], method=method)
            for i in problem.target.positions
        ]
    seconds = time.perf_counter() - start
    for estimate, i in zip(estimates, problem.target.positions, strict=True):
        outer = np.shape(estimate.value)[: np.ndim(estimate.value) - np.ndim(problem.args[i])]
        if problem.verb == "grad" and outer:
            raise ShapeError(f"grad needs a scalar result, got shape {outer}; use jacobian")
    return Answer(
        name,
        [np.asarray(e.value) for e in estimates],
        [np.asarray(e.error) for e in estimates],
        [np.asarray(e.status) for e in estimates],
        (),
        sum(e.evaluations for e in estimates),
        seconds,
        "; ".join(dict.fromkeys(e.note for e in estimates if e.note)),
    )


def _along_one(problem: Problem, method: str) -> Any:
    (i,) = problem.target.positions
    f = _partial(problem, i)
    return numdiff.estimate(f, problem.args[i], problem.order, method=method)


def _partial(problem: Problem, position: int) -> Callable[[Any], Any]:
    """The function of one argument with the others held."""

    def along(value: Any) -> Any:
        args = list(problem.args)
        args[position] = value
        return problem.target.call(*args)

    return along


def _numeric_hessian(problem: Problem) -> Answer:
    """The Hessian over all chosen arguments at once, cut into blocks."""
    positions = problem.target.positions
    shapes = [np.shape(problem.args[i]) for i in positions]
    sizes = [int(np.prod(s, dtype=int)) for s in shapes]
    ends = np.cumsum(sizes)
    start = time.perf_counter()

    def joined(point: Array) -> Any:
        args = list(problem.args)
        for i, shape, pieces in zip(positions, shapes, np.split(point, ends[:-1]), strict=True):
            args[i] = pieces.reshape(shape) if shape else pieces[0]
        return problem.target.call(*args)

    point = np.concatenate([np.ravel(problem.args[i]) for i in positions])
    estimate = numdiff.estimate_hessian(joined, point)
    seconds = time.perf_counter() - start
    blocks: dict[str, list[Array]] = {"value": [], "error": [], "status": []}
    for rows in range(len(positions)):
        for columns in range(len(positions)):
            for key, collected in blocks.items():
                whole = np.asarray(getattr(estimate, key))
                part = whole[
                    ends[rows] - sizes[rows] : ends[rows],
                    ends[columns] - sizes[columns] : ends[columns],
                ]
                collected.append(part.reshape(shapes[rows] + shapes[columns]))
    return Answer(
        "numeric", blocks["value"], blocks["error"], blocks["status"], (),
        estimate.evaluations, seconds, estimate.note,
    )  # fmt: skip


def _complex_step(problem: Problem) -> Answer:
    return _numeric(problem, "complex-step", "cs")


def complex_step_applies(problem: Problem) -> bool:
    """Whether every operation on the way is analytic and the derivative is a first one."""
    if problem.graph is None or problem.order > 1:
        return False
    operations = {node.op for node in topological(problem.graph)}
    return all(
        isinstance(op, str) and op not in NOT_ANALYTIC and (op not in TABLE or TABLE[op].analytic)
        for op in operations
    )


_ASK: dict[str, Callable[[Problem], Answer]] = {
    "symbolic": _symbolic,
    "forward": _forward,
    "reverse": _reverse,
    "numeric": _numeric,
    "complex-step": _complex_step,
}
