"""A `NumericReport` as text, Markdown, CSV or plain data."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from compare.numeric import Entry, NumericReport
from compare.report import aligned, markdown_table, named_format
from numdiff import Curve, Differences, Law, Status

WORDS = {
    Status.CONVERGED: "both sides agree on one derivative",
    Status.KINK: "the derivatives from the left and from the right differ",
    Status.JUMP: "f is not continuous there",
    Status.EDGE: "f has values on one side only; the derivative is that of this side",
    Status.UNDEFINED: "f has no value there, or none around it",
    Status.INCONCLUSIVE: "the values near the point settle on no derivative",
}
SIDED = (Status.KINK, Status.JUMP, Status.INCONCLUSIVE)
HEADER = ("derivative", "value", "error bar", "status", "evaluations", "step", "order")
LAWS = ("plain differences", "truncation", "rounding", "best step", "error there")


def derivative_name(report: NumericReport, variable: str) -> str:
    """``df/dx``, ``d2f/dx2``."""
    return f"df/d{variable}" if report.order == 1 else f"d{report.order}f/d{variable}{report.order}"


def point(report: NumericReport) -> str:
    """``x = 1, w = [0.5, 1]``."""
    return ", ".join(f"{name} = {_short(value)}" for name, value in report.subject.at.items())


def _short(value: Any) -> str:
    if np.ndim(value):
        return np.array2string(value, separator=", ", threshold=8, precision=6).replace("\n", "")
    return f"{value:g}" if float(f"{value:g}") == value else repr(value)


def law_text(law: Law, h: str = "h") -> str:
    """``0.45 h^2``, ``1.3e-16/h``; a dash where there is none."""
    if math.isnan(law.factor):
        return "-"
    size = f"{abs(law.power):.2g}"
    power = "" if law.power == 0 else h if size == "1" else f"{h}^{size}"
    return f"{law.factor:.2g}" + (f"/{power}" if law.power < 0 else f" {power}" if power else "")


def text(report: NumericReport) -> str:
    """The report for a terminal, without colour."""
    lines = [report.subject.title, f"at {point(report)}", f"f = {report.value!r}", ""]
    lines += aligned([HEADER, *_rows(report)])
    lines += ["", *_remarks(report)]
    if report.curve is not None and report.curve.differences:
        lines += ["", *aligned([LAWS, *_laws(report.curve)])]
        lines += ["", *aligned([_step_header(report.curve), *_steps(report.curve)])]
    return "\n".join(lines)


def markdown(report: NumericReport) -> str:
    """The report in Markdown."""
    lines = [f"`{report.subject.title}` at {point(report)}, where it is {report.value!r}", ""]
    lines += [*markdown_table(HEADER, _rows(report)), ""]
    lines += [f"- {remark}" for remark in _remarks(report)]
    if report.curve is not None and report.curve.differences:
        lines += ["", *markdown_table(LAWS, _laws(report.curve))]
        lines += ["", *markdown_table(_step_header(report.curve), _steps(report.curve))]
    return "\n".join(lines)


def _rows(report: NumericReport) -> Iterator[tuple[str, ...]]:
    for e in report.entries:
        yield (
            derivative_name(report, e.name),
            repr(e.value),
            f"{e.error:.1e}",
            e.status.name.lower(),
            str(e.evaluations),
            f"{e.step:.1e}",
            str(e.order or "-"),
        )


def _remarks(report: NumericReport) -> list[str]:
    """What each status means, the one-sided derivatives where they differ, and the notes."""
    found = dict.fromkeys(e.status for e in report.entries)
    lines = [f"{status.name.lower()}: {WORDS[status]}" for status in found]
    lines += [
        f"{derivative_name(report, e.name)} is {_side(e.left)} from the left, "
        f"{_side(e.right)} from the right"
        for e in report.entries
        if _sides_differ(e)
    ]
    lines += [
        f"{derivative_name(report, e.name)} is infinite: the tangent is vertical"
        for e in report.entries
        if math.isinf(e.value) and report.order == 1
    ]
    if report.curve is not None and report.curve.differences:
        known = report.curve.estimate.evaluations if report.method == "auto" else 0
        lines.append(f"the steps below took {report.curve.evaluations - known} evaluations more")
    return [*lines, *report.notes]


def _sides_differ(e: Entry) -> bool:
    return e.status in SIDED and e.left != e.right and not math.isnan(e.left + e.right)


def _side(value: float) -> str:
    return "none" if math.isnan(value) else f"{value + 0.0:.12g}"


def _laws(curve: Curve) -> Iterator[tuple[str, ...]]:
    """The two slopes of each formula and where they meet; the extrapolation for comparison."""
    for d in curve.differences:
        best = (
            ("-", "-") if math.isnan(d.best_step) else (f"{d.best_step:.1e}", f"{d.best_error:.1e}")
        )
        yield (d.name, law_text(d.truncation), law_text(d.rounding), *best)


def _step_header(curve: Curve) -> tuple[str, ...]:
    return ("step", *(cell for d in curve.differences for cell in (d.name, "error")), "")


def _steps(curve: Curve) -> Iterator[tuple[str, ...]]:
    """One step a decade, and the best step of each formula."""
    position = np.log10(curve.step)
    decades = np.arange(np.ceil(position[0]), np.floor(position[-1]) + 1)
    shown = {int(np.abs(position - decade).argmin()) for decade in decades}
    best: dict[int, list[str]] = {}
    for d in curve.differences:
        if not math.isnan(d.best_step):
            nearest = int(np.abs(position - np.log10(d.best_step)).argmin())
            best.setdefault(nearest, []).append(d.name)
    for k in sorted(shown | set(best)):
        cells = [cell for d in curve.differences for cell in _pair(d, k)]
        mark = f"best {' and '.join(best[k])}" if k in best else ""
        yield (f"{curve.step[k]:.1e}", *cells, mark)


def _pair(d: Differences, k: int) -> tuple[str, str]:
    value, error = float(d.value[k]), float(d.error[k])
    return (
        "-" if math.isnan(value) else f"{value:.12g}",
        "-" if math.isnan(error) else f"{error:.1e}",
    )


def csv_text(report: NumericReport) -> str:
    """One row for every entry."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*HEADER, "left", "right"])
    for e in report.entries:
        name, status = derivative_name(report, e.name), e.status.name.lower()
        numbers = (e.evaluations, repr(e.step), e.order, repr(e.left), repr(e.right))
        writer.writerow([name, repr(e.value), repr(e.error), status, *numbers])
    return out.getvalue().rstrip("\n")


def steps_csv(curve: Curve) -> str:
    """The curve as data: one row for every step."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    names = [name for d in curve.differences for name in (d.name, f"{d.name} error")]
    writer.writerow(["step", *names])
    columns = [column for d in curve.differences for column in (d.value, d.error)]
    for row in zip(curve.step, *columns, strict=True):
        writer.writerow([repr(float(cell)) for cell in row])
    return out.getvalue().rstrip("\n")


def json_text(report: NumericReport) -> str:
    """`to_dict` as JSON."""
    return json.dumps(to_dict(report), indent=2, allow_nan=False)


def to_dict(report: NumericReport) -> dict[str, Any]:
    """Plain data: numbers as floats, those that are not finite as text."""
    return {
        "function": report.subject.title,
        "at": {name: _plain(value) for name, value in report.subject.at.items()},
        "f": _plain(report.value),
        "order": report.order,
        "method": report.method,
        "entries": [
            {
                "derivative": derivative_name(report, e.name),
                "value": _plain(e.value),
                "error": _plain(e.error),
                "status": e.status.name.lower(),
                "evaluations": e.evaluations,
                "step": _plain(e.step),
                "order": e.order,
                "left": _plain(e.left),
                "right": _plain(e.right),
            }
            for e in report.entries
        ],
        "curve": None if report.curve is None else _curve_dict(report.curve),
        "notes": list(report.notes),
    }


def _curve_dict(curve: Curve) -> dict[str, Any]:
    return {
        "evaluations": curve.evaluations,
        "noise": _plain(curve.noise),
        "scale": _plain(curve.scale),
        "step": _plain(curve.step),
        "differences": [
            {
                "name": d.name,
                "target": _plain(d.target),
                "value": _plain(d.value),
                "error": _plain(d.error),
                "truncation": {k: _plain(v) for k, v in vars(d.truncation).items()},
                "rounding": {k: _plain(v) for k, v in vars(d.rounding).items()},
                "best_step": _plain(d.best_step),
                "best_error": _plain(d.best_error),
            }
            for d in curve.differences
        ],
    }


def _plain(value: Any) -> Any:
    if np.ndim(value):
        return [_plain(item) for item in value]
    return float(value) if math.isfinite(value) else repr(float(value))


FORMATS: dict[str, Callable[[NumericReport], str]] = {
    "text": text,
    "md": markdown,
    "json": json_text,
    "csv": csv_text,
}


def render(report: NumericReport, format: str = "text") -> str:
    """The report in one of `FORMATS`.

    Raises
    ------
    ExpressionValueError
        If the format is unknown.
    """
    return named_format(FORMATS, format)(report)
