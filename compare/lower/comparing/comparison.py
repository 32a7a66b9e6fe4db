"""What each backend's formula costs when it is lowered: the classic comparison, as a table.

Written out, the derivative of a formula swells; as a graph it shares what is common. Forward mode
costs a multiple of the function for every variable, reverse mode a small multiple for all of them
together (Griewank and Walther 2008, *Evaluating Derivatives*, chapters 3 and 4).
"""

from __future__ import annotations

import html
import importlib
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from compare.lower.comparing.counting import operations_of, shown, written_out
from compare.lower.comparing.error_bars import agree, distance
from compare.lower.comparing.trials import Trial, tried, where
from compare.lower.plans.derivatives import BACKENDS, check_backend
from compare.lower.plans.plan import plan
from compare.report import aligned
from diffexpr import CrossdiffError, ExpressionValueError

HEADER = (
    "lowered", "operations", "written out", "after passes", "deriving", "lowering", "one call",
    "times f", "largest difference", "agrees",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LoweringRow:
    """What one backend's formula costs.

    Attributes
    ----------
    name : str
        The backend; ``'f'`` for the function itself.
    operations : int
        Of the graph, each counted once.
    written_out : int
        Of the same formulas without sharing: their swell.
    after_passes : int
        Of the program that is run.
    deriving : float
        Seconds in which the backend found the graph.
    lowering : float
        Seconds from the graph to the first answer: passes, writing, compiling, one call.
    running : float
        Seconds of a call, the median.
    difference : float
        The largest difference from the first backend of the table, relative to the largest entry.
    agrees : bool or None
        Whether it differs from that by no more than their error bars together; None where no
        error bar is known.
    note : str
        For a backend that does not apply, the reason.
    """

    name: str
    operations: int = 0
    written_out: int = 0
    after_passes: int = 0
    deriving: float = math.nan
    lowering: float = math.nan
    running: float = math.nan
    difference: float = math.nan
    agrees: bool | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class LoweringComparison:
    """The table of `compare_lowerings`.

    Attributes
    ----------
    subject : str
        What was lowered, in words.
    output : str
    points : str
        At what arguments it was run, in words.
    function : LoweringRow
        The function itself, lowered as its value.
    rows : tuple of LoweringRow
        One for each backend.
    """

    subject: str
    output: str
    points: str
    function: LoweringRow
    rows: tuple[LoweringRow, ...]

    @property
    def ok(self) -> bool:
        """True unless two answers are found to differ."""
        return all(row.agrees is not False for row in self.rows)

    def __getitem__(self, name: str) -> LoweringRow:
        for row in self.rows:
            if row.name == name:
                return row
        known = ", ".join(row.name for row in self.rows)
        raise ExpressionValueError(f"no backend {name!r} in this comparison; it has {known}")

    def to_dict(self) -> dict[str, Any]:
        """Plain data: counts beyond 2**53 and what is not finite as text."""
        return {
            "subject": self.subject,
            "output": self.output,
            "points": self.points,
            "function": self._row_dict(self.function),
            "backends": [self._row_dict(row) for row in self.rows],
        }

    def _row_dict(self, row: LoweringRow) -> dict[str, Any]:
        if row.note:
            return {"name": row.name, "note": row.note}
        return {
            "name": row.name,
            "operations": row.operations,
            "written_out": row.written_out if row.written_out < 2**53 else shown(row.written_out),
            "after_passes": row.after_passes,
            "deriving_seconds": row.deriving,
            "lowering_seconds": row.lowering,
            "running_seconds": row.running,
            "times_function": self._times(row),
            "difference": row.difference if math.isfinite(row.difference) else repr(row.difference),
            "agrees": row.agrees,
        }

    def _times(self, row: LoweringRow) -> float:
        return row.running / self.function.running

    def table(self) -> list[tuple[str, ...]]:
        """Header, the function, and a row for each backend that applies."""
        return [HEADER, *(self._cells(r) for r in (self.function, *self.rows) if not r.note)]

    def _cells(self, row: LoweringRow) -> tuple[str, ...]:
        own = row is self.function
        verdict = "" if own else {True: "yes", False: "NO", None: "-"}[row.agrees]
        return (
            row.name,
            shown(row.operations),
            shown(row.written_out),
            shown(row.after_passes),
            _duration(row.deriving),
            _duration(row.lowering),
            _duration(row.running),
            f"{self._times(row):.2f}",
            "" if own else f"{row.difference:.1e}" if row.difference else "0",
            verdict,
        )

    def _remarks(self) -> list[str]:
        absent = [f"{r.name} does not apply: {r.note}" for r in self.rows if r.note]
        if any(r.agrees is None and not r.note for r in self.rows):
            absent.append("agrees -: no error bar is known for such a graph or such numbers")
        return absent

    def __str__(self) -> str:
        remarks = self._remarks()
        lines = [self.subject, self.points, "", *aligned(self.table())]
        return "\n".join([*lines, *([""] if remarks else []), *remarks])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head, *body = self.table()
        heads = "".join(f"<th>{html.escape(cell)}</th>" for cell in head)
        cells = ("".join(f"<td>{html.escape(cell)}</td>" for cell in row) for row in body)
        rows = "".join(f"<tr>{row}</tr>" for row in cells)
        words = "".join(f"<p>{html.escape(line)}</p>" for line in (self.subject, self.points))
        notes = "".join(f"<p>{html.escape(line)}</p>" for line in self._remarks())
        return f"{words}<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>{notes}"


def compare_lowerings(
    f: Any,
    at: Any = None,
    wrt: Any = None,
    output: str = "value_and_grad",
    backends: Sequence[str] = tuple(BACKENDS),
    points: Any = 1000,
    order: int | None = None,
) -> LoweringComparison:
    """Lower one question by every backend, and compare what that costs.

    Parameters
    ----------
    f : Expr or callable
    at, wrt, output, order
        As for `lower`.
    backends : sequence of str
        Among ``'symbolic'``, ``'forward'``, ``'reverse'``; the others are compared with the first
        that applies.
    points : int, or values in a tuple or by name
        How many points are drawn for a function of scalars; a function of arrays is run at one.
        Or the arguments themselves; what is left out is drawn.

    Returns
    -------
    LoweringComparison
        Printed as a table; ``.rows``, ``.to_dict()``. A backend that does not apply has a row
        with the reason.

    Raises
    ------
    ExpressionTypeError, ExpressionValueError
        As for `lower`, where no backend can answer.

    Examples
    --------
    >>> import numpy as np
    >>> from diffexpr import symbols
    >>> y = x = symbols("x")[0]
    >>> for _ in range(6):
    ...     y = np.sin(y) * y
    >>> found = compare_lowerings(y, points=10)
    >>> found.ok, found.function.operations, found.function.written_out
    (True, 12, 126)
    >>> found["symbolic"].written_out > 10 * found["symbolic"].operations
    True
    """
    names = (backends,) if isinstance(backends, str) else tuple(backends)
    for name in names:
        check_backend(name)
        importlib.import_module(BACKENDS[name])  # loading it is no part of what it costs
    trials: dict[str, Trial] = {}
    absent: dict[str, CrossdiffError] = {}
    for name in names:
        start = time.perf_counter()
        try:
            made = plan(f, output, wrt, name, at, order=order)
            trials[name] = tried(made, output, name, time.perf_counter() - start, points)
        except CrossdiffError as error:
            absent[name] = error
    if not trials:
        raise next(iter(absent.values()), ExpressionValueError("backends=(): name at least one"))
    first = next(iter(trials.values()))
    start = time.perf_counter()
    made = plan(f, "value", wrt, "reverse", at)
    own = {p.name: first.values[p.name] for p in made.parameters}
    function = tried(made, "value", "reverse", time.perf_counter() - start, own)
    rows = tuple(
        _row(name, trials[name], first) if name in trials
        else LoweringRow(name, note=str(absent[name]).splitlines()[0])
        for name in names
    )  # fmt: skip
    subject = first.plan.subject.partition(", derived by")[0].replace("\n", " ")
    said = where(first.plan.parameters, points)
    return LoweringComparison(subject, output, said, _row("f", function, function), rows)


def _row(name: str, trial: Trial, first: Trial) -> LoweringRow:
    return LoweringRow(
        name,
        operations_of(trial.plan.outputs),
        written_out(trial.plan.outputs),
        trial.after_passes,
        trial.deriving,
        trial.lowering,
        trial.running,
        distance(first.answers, trial.answers),
        agree(first.judged, trial.judged),
    )


def _duration(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-6:.3g} us"
