"""A gradient that someone wrote, judged entry by entry against every backend that applies."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from compare.answers import EXACT
from compare.cross_check import cross_check
from compare.fault import as_float
from compare.judge import Verdict, agreement, overall
from compare.report import aligned
from compare.results import BackendResult, CrossCheck, DisagreementError
from diffexpr import ExpressionTypeError, ExpressionValueError, parse
from diffexpr.signature import resolve

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class GradEntry:
    """One entry of a gradient under check.

    Attributes
    ----------
    label : str
        The parameter.
    index : tuple of int
        The place in it; empty for a scalar.
    yours, reference, error : float
        The value under check, what it should be, and the error bars of both together.
    verdict : str
    """

    label: str
    index: tuple[int, ...]
    yours: float
    reference: float
    error: float
    verdict: Verdict

    @property
    def name(self) -> str:
        """The entry as a report names it."""
        return self.label + (f"[{', '.join(map(str, self.index))}]" if self.index else "")


@dataclass(frozen=True, slots=True)
class GradCheck:
    """The verdict of `gradcheck`.

    Attributes
    ----------
    verdict : str
        The worst of the entries.
    entries : tuple of GradEntry
    check : CrossCheck
        What the backends said without your gradient.
    """

    verdict: Verdict
    entries: tuple[GradEntry, ...]
    check: CrossCheck

    @property
    def ok(self) -> bool:
        """True where every entry agrees, or takes the stated convention at a kink."""
        return self.verdict in ("agree", "kink")

    @property
    def wrong(self) -> tuple[GradEntry, ...]:
        """The entries that disagree."""
        return tuple(e for e in self.entries if e.verdict == "disagree")

    def raise_if_failed(self) -> GradCheck:
        """Return self, or raise `DisagreementError` with the report."""
        if not self.ok:
            raise DisagreementError(f"the verdict is {self.verdict!r}\n{self}")
        return self

    def to_dict(self) -> dict[str, Any]:
        """Plain data; numbers that are not finite as text."""

        def plain(x: float) -> float | str:
            return x if np.isfinite(x) else repr(x)

        return {
            "verdict": self.verdict,
            "entries": [
                {
                    "parameter": e.label,
                    "index": list(e.index),
                    "yours": plain(e.yours),
                    "reference": plain(e.reference),
                    "error": plain(e.error),
                    "verdict": e.verdict,
                }
                for e in self.entries
            ],
            "backends": {b.name: b.note or b.verdict for b in self.check.backends},
        }

    def table(self) -> list[tuple[str, ...]]:
        """Header and one row per entry."""
        header = ("entry", "yours", "reference", "error bar", "verdict")
        return [
            header,
            *(
                (e.name, repr(e.yours), repr(e.reference), f"{e.error:.1e}", e.verdict)
                for e in self.entries
            ),
        ]

    def __str__(self) -> str:
        used = ", ".join(b.name for b in self.check.backends if b.values)
        right = sum(e.verdict == "agree" for e in self.entries)
        lines = [*aligned(self.table()), "", f"checked against {used}"]
        lines += [f"{b.name} does not apply: {b.note}" for b in self.check.backends if not b.values]
        lines += list(self.check.notes) if self.verdict != "agree" else []
        return "\n".join(
            [*lines, f"verdict: {self.verdict} ({right} of {len(self.entries)} entries right)"]
        )

    __repr__ = __str__


def gradcheck(
    f: Callable[..., Any],
    grad: Callable[..., Any],
    at: Any,
    wrt: Any = None,
    backends: Sequence[str] | None = None,
) -> GradCheck:
    """Judge a hand-written gradient against every backend that applies.

    Parameters
    ----------
    f : callable or Expr
        The scalar-valued function.
    grad : callable
        Takes the same arguments and returns the gradient: one array, a tuple of arrays in the
        order of the parameters, or a mapping from parameter to array.
    at : mapping, tuple or number
        The point.
    wrt : position, name or tuple of these, optional
        What ``grad`` differentiates with respect to. Read off what it returns, unless given.
    backends : sequence of str, optional
        As in `cross_check`.

    Returns
    -------
    GradCheck
        One `GradEntry` for every entry of the gradient, with its index.

    Raises
    ------
    ExpressionTypeError, ExpressionValueError
        If the gradient does not have the shape of the parameter.

    Notes
    -----
    The reference is the 50-digit derivative where the function has a formula, and otherwise the
    answer with the smallest error bar among those not found wrong. Your value is granted the
    rounding error of the automatic backends, widened to the precision of its own dtype.

    Examples
    --------
    >>> import numpy as np
    >>> def loss(w):
    ...     return np.sum(np.tanh(w) ** 2)
    >>> def wrong(w):
    ...     return 2 * np.tanh(w)
    >>> result = gradcheck(loss, wrong, at=np.array([0.0, 1.0]))
    >>> [(entry.name, entry.verdict) for entry in result.entries]
    [('w[0]', 'agree'), ('w[1]', 'disagree')]
    """
    f = parse(f) if isinstance(f, str) else f
    target = resolve(f, wrt)
    if target.expr is None and wrt is None and isinstance(at, Mapping):
        wrt = tuple(name for name in target.names if name in at)
    args = _positional(target.names, at)
    returned = grad(*(np.array(a) if isinstance(a, (np.ndarray, list)) else a for a in args))
    names, yours = _labelled(returned, target.names, wrt, len(args))
    check = cross_check(f, at, "grad", names, backends)
    entries: list[GradEntry] = []
    for label, given in zip(check.problem.labels, yours, strict=True):
        entries.extend(_entries(check, label, given))
    return GradCheck(overall([e.verdict for e in entries]), tuple(entries), check)


def _positional(names: Sequence[str], at: Any) -> tuple[Any, ...]:
    if isinstance(at, Mapping):
        missing = [n for n in names if n not in at]
        given = [n for n in names if n in at]
        if missing and list(names[: len(given)]) != given:
            raise ExpressionValueError(
                f"no value for parameter {missing[0]!r}; add it to the point"
            )
        return tuple(at[n] for n in given)
    return at if isinstance(at, tuple) else (at,)


def _labelled(
    returned: Any, names: Sequence[str], wrt: Any, count: int
) -> tuple[tuple[Any, ...], list[Array]]:
    """Which parameters a returned gradient belongs to, and its parts as arrays."""
    if isinstance(returned, Mapping) and not returned:
        raise ExpressionValueError("the gradient under check is empty; return one per parameter")
    if isinstance(returned, Mapping):
        return tuple(returned), [_array(part, name) for name, part in returned.items()]
    if wrt is not None and not isinstance(wrt, (tuple, list)):
        return (wrt,), [_array(returned, str(wrt))]
    places = tuple(wrt) if wrt is not None else tuple(range(count))
    if len(places) == 1 and not (isinstance(returned, tuple) and len(returned) == 1):
        return places, [_array(returned, str(places[0]))]
    if isinstance(returned, (tuple, list)) and len(returned) == len(places):
        return places, [
            _array(part, names[i] if i < len(names) else str(i)) for i, part in enumerate(returned)
        ]
    if wrt is None and not isinstance(returned, (tuple, list)):
        return (0,), [_array(returned, names[0] if names else "argument 0")]
    shown = len(returned) if isinstance(returned, (tuple, list)) else 1
    raise ExpressionValueError(
        f"the gradient under check has {shown} part(s) for {len(places)} parameter(s); "
        "return one per parameter, or say with wrt= which ones it has"
    )


def _array(part: Any, name: str) -> Array:
    try:
        array = np.asarray(part)
    except ValueError:
        array = np.asarray(None)
    if array.dtype.kind not in "biuf":
        raise ExpressionTypeError(
            f"the gradient under check returned {type(part).__name__} for {name}; "
            "return real numbers"
        )
    return array


def _entries(check: CrossCheck, label: str, given: Array) -> Iterator[GradEntry]:
    present = [b for b in check.backends if b.values]
    if not present:
        reasons = "; ".join(f"{b.name}: {b.note}" for b in check.backends)
        raise ExpressionValueError(f"no backend applies to the function: {reasons}")
    shape = present[0].values[label].shape
    if given.shape != shape:
        raise ExpressionValueError(
            f"the gradient under check has shape {given.shape} for {label}, wanted {shape}, "
            f"the shape of {label}"
        )
    widen = 1.0
    if given.dtype.kind == "f":
        widen = max(1.0, float(np.finfo(given.dtype).eps / np.finfo(float).eps))
    for index in np.ndindex(shape):
        yield _entry(check, present, label, index, float(given[index]), widen)


def _entry(
    check: CrossCheck,
    present: Sequence[BackendResult],
    label: str,
    index: tuple[int, ...],
    yours: float,
    widen: float,
) -> GradEntry:
    trusted = [
        b
        for b in present
        if b.verdicts[label][index] != "disagree" and np.isfinite(b.errors[label][index])
    ]
    split = any(b.verdicts[label][index] == "disagree" for b in present) and not check.odd
    if not trusted or split:
        return GradEntry(label, index, yours, np.nan, np.nan, "inconclusive")
    best = min(trusted, key=lambda b: float(b.errors[label][index]))
    reference, bar = float(best.values[label][index]), float(best.errors[label][index])
    if label in check.reference and "symbolic" not in check.odd:
        exact = np.broadcast_to(as_float(check.reference[label]), present[0].values[label].shape)
        reference = float(exact[index])
        bar = float(np.spacing(abs(reference))) if np.isfinite(reference) else 0.0
    rounding = max((float(b.errors[label][index]) for b in trusted if b.name in EXACT), default=0.0)
    error = bar + max(rounding, float(np.spacing(abs(reference)))) * widen
    right = bool(agreement(np.array(yours), np.array(0.0), np.array(reference), np.array(error)))
    verdict: Verdict = "agree" if right else "disagree"
    states = {str(b.verdicts[label][index]) for b in present}
    if "kink" in states and right:
        verdict = "kink"
    elif "undefined" in states:
        verdict = "undefined"
    elif not np.isfinite(reference):
        verdict = "undefined" if right or np.isnan(reference) else "disagree"
    return GradEntry(label, index, yours, reference, error, verdict)
