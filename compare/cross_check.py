"""One derivative from every backend, held against the others and against 50 digits."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from concurrent.futures import Executor
from typing import Any

import numpy as np

import numdiff
from compare import fault
from compare.answers import EXACT, SOURCES, Answer, ask, complex_step_applies
from compare.executors import ask_each
from compare.judge import Verdict, agreement, judge, overall
from compare.kinks import kinks_at
from compare.problem import Problem, pose
from compare.results import BackendResult, CrossCheck
from compare.ulps import ulps_apart
from diffexpr import (
    CrossdiffError,
    Expr,
    ExpressionTypeError,
    ExpressionValueError,
    ShapeError,
)

Array = np.ndarray[Any, Any]
DIGITS = 50


def cross_check(
    f: Any,
    at: Any,
    verb: str = "grad",
    wrt: Any = None,
    backends: Sequence[str] | None = None,
    *,
    order: int = 1,
    executor: Executor | None = None,
) -> CrossCheck:
    """Differentiate by every backend and judge the answers against each other.

    Parameters
    ----------
    f : Expr, str or callable
        An expression, its text, or a Python function of numbers and NumPy arrays.
    at : mapping, tuple or number
        The point: values by name, by position, or the only value.
    verb : {'derivative', 'grad', 'value_and_grad', 'jacobian', 'hessian'}
        What to compute. Values are always compared first.
    wrt : position, name, symbol or tuple of these
        Defaults to all variables of an expression, and to the first parameter of a function.
    backends : sequence of str, optional
        Some of ``'symbolic'``, ``'forward'``, ``'reverse'``, ``'numeric'``, ``'complex-step'``;
        all that apply, unless given.
    order : int
        Order of the derivative, for ``verb='derivative'``.
    executor : concurrent.futures.Executor, optional
        Where the backends work, at the same time: threads, processes, or a cluster
        (``distributed.Client.get_executor()``). To check many points, map this function over
        them instead: a `CrossCheck` can be pickled.

    Returns
    -------
    CrossCheck
        With the shapes of the verb for every label.

    Raises
    ------
    ExpressionTypeError, ExpressionValueError
        If the point does not fit the function, or a name is unknown; if the function cannot be
        sent to the processes of the executor.
    ShapeError
        If the verb needs a scalar result and the function gives an array.

    Notes
    -----
    Two answers agree when they differ by no more than their error bars together, so there is no
    tolerance to choose. Votes are counted by independent source, see `compare.judge`.

    Examples
    --------
    >>> check = cross_check("x^2 sin(y)", at={"x": 1.0, "y": 2.0})
    >>> check.verdict
    'agree'
    >>> float(check["reverse"].values["x"])
    1.8185948536513634
    """
    problem = pose(f, at, verb, wrt, order)
    value, exact, value_ok = _values(problem)
    if value.shape and problem.verb in ("grad", "hessian"):
        raise ShapeError(
            f"{problem.verb} needs a scalar result, got shape {value.shape}; use jacobian"
        )
    asked = ask_each(ask, _names(backends, problem), problem, executor)
    answers = [a for a in asked if not a.absent]
    reference = _reference(problem, answers)
    culprit = None if value_ok else fault.wrong_value(problem)
    verdicts, odd = _judge(problem, answers, value, reference, culprit)
    kinks = kinks_at(problem.graph, problem.at) if problem.graph is not None else ()
    if (kinks or problem.graph is None) and not odd:
        _mark_kinks(problem, answers, verdicts)
    found = None
    if odd and culprit is None:
        found = fault.wrong_partial(problem, odd)
    verdict = _overall(problem, answers, verdicts)
    if not value_ok:
        verdict = "disagree"
    results = tuple(_result(a, problem, verdicts, reference) for a in asked)
    notes = _notes(problem, kinks if verdict == "kink" else (), culprit, odd, found)
    where = culprit.node if culprit else found.node if found else None
    return CrossCheck(
        problem, verdict, value, exact, value_ok, reference, results, tuple(odd), where, notes
    )


def _names(backends: Sequence[str] | None, problem: Problem) -> list[str]:
    if backends is None:
        names = ["symbolic", "forward", "reverse", "numeric"]
        return names + ["complex-step"] * complex_step_applies(problem)
    if isinstance(backends, str) or not backends:
        raise ExpressionValueError(
            f"backends={backends!r}: give a list of some of {', '.join(SOURCES)}"
        )
    for name in backends:
        if name not in SOURCES:
            raise ExpressionValueError(f"no backend {name!r}; choose among {', '.join(SOURCES)}")
    return list(dict.fromkeys(backends))


def _real(found: Any) -> Array:
    """What the function returned, as an array of real numbers."""
    try:
        value = np.asarray(found)
    except ValueError:
        value = np.asarray(None)
    if value.dtype.kind not in "biuf":
        raise ExpressionTypeError(
            f"the function returned {type(found).__name__} of dtype {value.dtype}; "
            "only real numbers can be cross-checked"
        )
    return value


def _values(problem: Problem) -> tuple[Array, Any, bool]:
    """NumPy's value, the 50-digit one, and whether they agree to rounding."""
    with np.errstate(all="ignore"):
        value = _real(problem.target.call(*problem.args))
    if problem.graph is None:
        return value, None, True
    symdiff = importlib.import_module("symdiff")
    try:
        exact = symdiff.evaluate(problem.graph, problem.at, digits=DIGITS)
        return value, exact, fault.value_error(problem.graph, problem.at) is None
    except CrossdiffError:
        return value, None, True


def _reference(problem: Problem, answers: Sequence[Answer]) -> dict[str, Any]:
    """The SymPy derivative at 50 digits, by label; empty without one."""
    symbolic = next((a for a in answers if a.name == "symbolic"), None)
    if symbolic is None:
        return {}
    symdiff = importlib.import_module("symdiff")
    try:
        return {
            label: symdiff.evaluate(formula, problem.at, digits=DIGITS)
            for label, formula in zip(problem.labels, symbolic.formulas, strict=True)
        }
    except CrossdiffError:
        return {}


def _judge(
    problem: Problem,
    answers: Sequence[Answer],
    value: Array,
    reference: dict[str, Any],
    culprit: fault.Fault | None,
) -> tuple[list[dict[str, Array]], list[str]]:
    """Verdicts by label and backend, and the backends found to be wrong."""
    verdicts: list[dict[str, Array]] = []
    odd: list[str] = []
    for part, label in enumerate(problem.labels):
        shape = np.broadcast_shapes(*(a.values[part].shape for a in answers)) if answers else ()
        values, errors, abstains = fault.flat(answers, part, shape)
        found, pinned = judge(values, errors, abstains, SOURCES)
        if culprit is not None and culprit.value == fault.NUMPY and label in reference:
            # NumPy's values are wrong, so a majority may be: only the 50 digits can judge.
            exact = np.broadcast_to(fault.as_float(reference[label]), shape).ravel()
            for name, verdict in found.items():
                right = agreement(values[name], errors[name], exact, np.spacing(np.abs(exact)))
                verdict[:] = np.where(right, "agree", "disagree")
            pinned = np.ones(len(exact), bool)
        elif culprit is None:
            none = _without_derivative(problem, answers, part, shape, value).ravel()
            pinned &= ~none
            for verdict in found.values():
                verdict[none] = "undefined"
        verdicts.append({name: v.reshape(shape) for name, v in found.items()})
        for name, verdict in found.items():
            if np.any((verdict == "disagree") & pinned) and name not in odd:
                odd.append(name)
    return verdicts, odd


def _mark_kinks(
    problem: Problem, answers: Sequence[Answer], verdicts: list[dict[str, Array]]
) -> None:
    """At a kink the differences have no answer, and the others have taken a convention."""
    numeric = next((a for a in answers if a.name == "numeric"), None)
    for part in range(len(problem.labels)):
        named = verdicts[part]
        if numeric is None:
            continue
        status = np.broadcast_to(numeric.status[part], named["numeric"].shape)
        broken = np.isin(status, (numdiff.Status.KINK, numdiff.Status.JUMP))
        for verdict in named.values():
            verdict[broken & (verdict != "disagree")] = "kink"


def _without_derivative(
    problem: Problem,
    answers: Sequence[Answer],
    part: int,
    shape: tuple[int, ...],
    value: Array,
) -> Array:
    """The entries at which there is no derivative to agree on, so that nobody is wrong.

    The function has no finite value there; or every exact backend says so; or one of them does,
    and the differences find no two-sided derivative either.
    """
    nowhere = ~np.isfinite(value)
    # The axes of the function come first, those of the variables behind them.
    lead = nowhere if problem.verb in ("jacobian", "derivative") else np.any(nowhere)
    lead = np.reshape(lead, np.shape(lead) + (1,) * (len(shape) - np.ndim(lead)))
    mask = np.array(np.broadcast_to(lead, shape))
    exact = [np.broadcast_to(a.values[part], shape) for a in answers if a.name in EXACT]
    if exact:
        broken = ~np.isfinite(np.stack(exact))
        mask |= broken.all(axis=0)
        for a in answers:
            if a.name == "numeric":
                mask |= broken.any(axis=0) & (a.status[part] != numdiff.Status.CONVERGED)
    return mask


def _overall(
    problem: Problem, answers: Sequence[Answer], verdicts: Sequence[dict[str, Array]]
) -> Verdict:
    found: set[str] = set()
    for named in verdicts:
        stacked = np.stack([v.ravel() for v in named.values()]) if named else np.empty((0, 0))
        for entry in stacked.T:
            present = set(entry.tolist())
            decided = [n for n, v in zip(named, entry, strict=True) if v == "agree"]
            if "agree" in present and len({SOURCES[n] for n in decided}) > 1:
                present.discard("inconclusive")
            found |= present
    return overall(sorted(found)) if found else "inconclusive"


def _result(
    answer: Answer,
    problem: Problem,
    verdicts: Sequence[dict[str, Array]],
    reference: dict[str, Any],
) -> BackendResult:
    name = answer.name
    if answer.absent:
        return BackendResult(name, (), {}, {}, {}, {}, 0, 0.0, "inconclusive", answer.note)
    labels = problem.labels
    own = {label: verdicts[i][name] for i, label in enumerate(labels)}
    shapes = {label: v.shape for label, v in own.items()}
    values = {
        label: np.broadcast_to(v, shapes[label])
        for label, v in zip(labels, answer.values, strict=True)
    }
    errors = {
        label: np.broadcast_to(v, shapes[label])
        for label, v in zip(labels, answer.errors, strict=True)
    }
    ulps = {label: ulps_apart(values[label], reference.get(label)) for label in labels}
    worst = overall([v for label in labels for v in own[label].ravel().tolist()])
    return BackendResult(
        name, answer.formulas, values, errors, ulps, own,
        answer.evaluations, answer.seconds, worst, answer.note,
    )  # fmt: skip


def _notes(
    problem: Problem,
    kinks: Sequence[str],
    culprit: fault.Fault | None,
    odd: Sequence[str],
    found: fault.Fault | None,
) -> tuple[str, ...]:
    notes = list(kinks)
    if culprit is not None:
        whose = {
            fault.NUMPY: "NumPy's is wrong",
            fault.SYMPY: "SymPy's is wrong",
            fault.FORMULA: "the function and its def_sympy are not the same",
        }
        notes.append(
            f"values: NumPy and SymPy differ at {_short(culprit.node)}; {whose[culprit.value]}"
        )
    if odd:
        place = f"; first departs at {_short(found.node)}" if found else ""
        if found is None and culprit is None and problem.graph is not None:
            place = "; every local partial is right, so the machinery around them is not"
        notes.append(f"odd one out: {', '.join(odd)}{place}")
    if problem.graph is None:
        notes.append(f"no formula: {problem.no_graph}")
    return tuple(notes)


def _short(node: Expr) -> str:
    text = str(node)
    return text if len(text) <= 80 else text[:77] + "..."
