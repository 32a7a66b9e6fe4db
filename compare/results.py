"""What a cross-check found: every backend's line, and the verdict with all that it rests on."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Any

import numpy as np

from compare.judge import Verdict
from compare.problem import Problem
from diffexpr import CrossdiffError, Expr, ExpressionValueError

Array = np.ndarray[Any, Any]


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
