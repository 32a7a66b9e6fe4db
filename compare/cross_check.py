"""One derivative from every backend, held against the others and against 50 digits."""

from __future__ import annotations

import html
import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

import numdiff
from compare import fault
from compare.answers import SOURCES, Answer, ask, complex_step_applies
from compare.judge import Verdict, agreement, judge, overall
from compare.kinks import kinks_at
from compare.problem import Problem, pose
from diffexpr import CrossdiffError, Expr, ExpressionValueError

Array = np.ndarray[Any, Any]
DIGITS = 50


class DisagreementError(CrossdiffError, AssertionError):
    """`CrossCheck.raise_if_failed` found the backends apart."""


@dataclass(frozen=True, slots=True)
class BackendResult:
    """One backend's line of a `CrossCheck`.

    Attributes
    ----------
    name : str
        ``'symbolic'``, ``'forward'``, ``'reverse'``, ``'numeric'`` or ``'complex-step'``.
    formulas : tuple of Expr
        Its derivative as expressions, one per label, where it gives one.
    values, errors, ulps : dict of array
        By label: the derivative, its error bar, and its distance from the reference in units in
        the last place (NaN without a reference).
    verdicts : dict of array of str
        By label, entry by entry.
    evaluations : int
        Evaluations of the function.
    seconds : float
        Time taken for the derivative.
    verdict : str
        The worst of its verdicts.
    note : str
        What the reader should know besides; for a backend that does not apply, the reason.
    """

    name: str
    formulas: tuple[Expr, ...]
    values: dict[str, Array]
    errors: dict[str, Array]
    ulps: dict[str, Array]
    verdicts: dict[str, Array]
    evaluations: int
    seconds: float
    verdict: Verdict
    note: str = ""


@dataclass(frozen=True, slots=True)
class CrossCheck:
    """The verdict of `cross_check`, with all that it rests on.

    Attributes
    ----------
    problem : Problem
        What was asked: the function, the point, the verb, the labels of the parts.
    verdict : str
        ``'agree'``, ``'disagree'``, ``'kink'``, ``'undefined'`` or ``'inconclusive'``.
    value : array
        The function at the point, as NumPy computes it.
    value_reference : array or None
        The same to 50 digits (mpmath numbers), where there is a formula.
    value_ok : bool
        Whether the two agree to rounding.
    reference : dict
        By label, the derivative to 50 digits; empty without a formula.
    backends : tuple of BackendResult
    odd : tuple of str
        Backends found to be wrong by a majority of independent sources.
    node : Expr or None
        The first node of the graph at which they depart; None where the parts are right and
        the machinery is not, or where there is no graph.
    notes : tuple of str
        Kinks and their conventions, wrong values, and who is wrong where.
    """

    problem: Problem
    verdict: Verdict
    value: Array
    value_reference: Any
    value_ok: bool
    reference: dict[str, Any]
    backends: tuple[BackendResult, ...]
    odd: tuple[str, ...] = ()
    node: Expr | None = None
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """True where all that apply agree, or take a stated convention at a kink."""
        return self.verdict in ("agree", "kink")

    def __getitem__(self, name: str) -> BackendResult:
        for backend in self.backends:
            if backend.name == name:
                return backend
        known = ", ".join(b.name for b in self.backends)
        raise ExpressionValueError(f"no backend {name!r} in this check; it has {known}")

    def raise_if_failed(self) -> CrossCheck:
        """Return self, or raise `DisagreementError` with the whole report."""
        if not self.ok:
            raise DisagreementError(f"the verdict is {self.verdict!r}\n{self}")
        return self

    def to_dict(self) -> dict[str, Any]:
        """Plain data, as ``crossdiff diff --format json`` writes it."""
        from compare.report import to_dict

        return to_dict(self)

    def __str__(self) -> str:
        from compare.report import text

        return text(self)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(str(self))}</pre>"


def cross_check(
    f: Any,
    at: Any,
    verb: str = "grad",
    wrt: Any = None,
    backends: Sequence[str] | None = None,
    *,
    order: int = 1,
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

    Returns
    -------
    CrossCheck
        With the shapes of the verb for every label.

    Raises
    ------
    ExpressionTypeError, ExpressionValueError
        If the point does not fit the function, or a name is unknown.

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
    asked = [ask(name, problem) for name in _names(backends, problem)]
    answers = [a for a in asked if not a.absent]
    value, exact, value_ok = _values(problem)
    reference = _reference(problem, answers)
    culprit = None if value_ok else fault.wrong_value(problem)
    verdicts, odd = _judge(problem, answers, reference, culprit)
    kinks = kinks_at(problem.graph, problem.at) if problem.graph is not None else ()
    if kinks and not odd:
        _mark_kinks(problem, answers, verdicts)
    _mark_undefined(problem, value, verdicts)
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
    for name in backends:
        if name not in SOURCES:
            raise ExpressionValueError(f"no backend {name!r}; choose among {', '.join(SOURCES)}")
    return list(backends)


def _values(problem: Problem) -> tuple[Array, Any, bool]:
    """NumPy's value, the 50-digit one, and whether they agree to rounding."""
    with np.errstate(all="ignore"):
        value = np.asarray(problem.target.call(*problem.args))
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


def _mark_undefined(problem: Problem, value: Array, verdicts: Sequence[dict[str, Array]]) -> None:
    """Where the function has no finite value it has no derivative, whatever a formula says."""
    nowhere = ~np.isfinite(np.asarray(value, float))
    if not np.any(nowhere):
        return
    for named in verdicts:
        for verdict in named.values():
            # The axes of the function come first, those of the variables behind them.
            lead = nowhere if problem.verb in ("jacobian", "derivative") else np.any(nowhere)
            mask = np.reshape(lead, np.shape(lead) + (1,) * (verdict.ndim - np.ndim(lead)))
            verdict[np.broadcast_to(mask, verdict.shape) & (verdict != "disagree")] = "undefined"


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


def ulps_apart(values: Array, reference: Any) -> Array:
    """Distance from 50-digit numbers in units in the last place of the float type of ``values``.

    The unit is the gap between neighbouring floats at the reference (Muller et al., Handbook of
    Floating-Point Arithmetic, 2nd ed., definition 2.6).
    """
    if reference is None:
        return np.full(values.shape, np.nan)
    exact = np.broadcast_to(np.asarray(reference, dtype=object), values.shape)
    kind = values.dtype if values.dtype.kind == "f" else np.dtype(float)
    out = np.empty(values.shape)
    for index, true in np.ndenumerate(exact):
        rounded = float(true)
        value = float(values[index])
        if not np.isfinite(rounded) or not np.isfinite(value):
            same = rounded == value or (np.isnan(rounded) and np.isnan(value))
            out[index] = 0.0 if same else np.nan
            continue
        unit = float(np.spacing(np.abs(kind.type(rounded))))
        out[index] = abs(float(true - value)) / unit
    return out


def _notes(
    problem: Problem,
    kinks: Sequence[str],
    culprit: fault.Fault | None,
    odd: Sequence[str],
    found: fault.Fault | None,
) -> tuple[str, ...]:
    notes = list(kinks)
    if culprit is not None:
        whose = {fault.NUMPY: "NumPy's is wrong", fault.SYMPY: "SymPy's is wrong"}
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
