"""A `CrossCheck` as text, Markdown, HTML, LaTeX, CSV or plain data: one table, many dresses."""

from __future__ import annotations

import csv
import html
import io
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from diffexpr import ExpressionValueError, latex, symbol

if TYPE_CHECKING:
    from compare.results import BackendResult, CrossCheck

Maker = TypeVar("Maker", bound=Callable[..., str])

REFERENCE_DIGITS = 50
SHOWN_ENTRIES = 12
"""Entries of one derivative that a table for people lists; JSON and CSV hold them all."""

HEADER = ("derivative", "backend", "value", "error bar", "ulps", "evaluations", "verdict")


def to_dict(check: CrossCheck) -> dict[str, Any]:
    """Plain data: numbers as floats, 50-digit numbers and what is not finite as text."""
    problem = check.problem
    return {
        "expression": expression_text(check),
        "at": {name: _plain(value) for name, value in problem.at.items()},
        "verb": problem.verb,
        "order": problem.order,
        "wrt": [problem.names[i] for i in problem.target.positions],
        "verdict": check.verdict,
        "value": {
            "numpy": _plain(check.value),
            "reference": _plain(check.value_reference),
            "ok": check.value_ok,
        },
        "reference": {
            "digits": REFERENCE_DIGITS,
            "values": {label: _plain(value) for label, value in check.reference.items()},
        },
        "backends": [_backend_dict(check, b) for b in check.backends],
        "odd": list(check.odd),
        "node": None if check.node is None else str(check.node),
        "notes": list(check.notes),
    }


def _backend_dict(check: CrossCheck, backend: BackendResult) -> dict[str, Any]:
    labels = check.problem.labels
    formula = (
        dict(zip(labels, map(str, backend.formulas), strict=True)) if backend.formulas else None
    )
    return {
        "name": backend.name,
        "formula": formula,
        "values": {label: _plain(v) for label, v in backend.values.items()},
        "errors": {label: _plain(v) for label, v in backend.errors.items()},
        "ulps": {label: _plain(v) for label, v in backend.ulps.items()},
        "evaluations": backend.evaluations,
        "seconds": backend.seconds,
        "verdict": backend.verdict,
        "note": backend.note,
    }


def _plain(value: Any) -> Any:
    """Nested lists of floats; text for 50 digits and for what JSON has no number for."""
    if value is None:
        return None
    array = np.asarray(value)
    if array.ndim:
        return [_plain(item) for item in array]
    item = array[()]
    if array.dtype == object:
        return digits(item)
    number = float(item)
    return number if math.isfinite(number) else repr(number)


def digits(value: Any, count: int = REFERENCE_DIGITS) -> str:
    """A number of many digits as text."""
    context = getattr(value, "context", None)
    return str(value) if context is None else context.nstr(value, count)


def expression_text(check: CrossCheck) -> str:
    """The function as the report names it."""
    graph = check.problem.graph
    if graph is not None:
        return str(graph)
    return getattr(check.problem.target.call, "__name__", "f")


def derivative_name(check: CrossCheck, label: str) -> str:
    """``df/dx``, ``d2f/dx2`` or ``d2f/dxdy``.

    Derivatives with respect to one variable are counted, mixed ones listed.
    """
    names = label.split(",")
    if len(names) == 1:
        return f"df/d{label}"
    if len(set(names)) == 1:
        return f"d{len(names)}f/d{names[0]}{len(names)}"
    return f"d{len(names)}f/" + "".join(f"d{name}" for name in names)


def rows(check: CrossCheck, limit: int | None = SHOWN_ENTRIES) -> Iterator[tuple[str, ...]]:
    """The table of a report: reference and backends, entry by entry."""
    for label in check.problem.labels:
        name = derivative_name(check, label)
        present = [b for b in check.backends if b.values]
        shape = present[0].values[label].shape if present else ()
        for count, index in enumerate(np.ndindex(shape)):
            if count == limit:
                left = int(np.prod(shape)) - count
                yield (f"{name}: {left} more", "", "", "", "", "", _worst(present, label))
                break
            entry = name + (f"[{', '.join(map(str, index))}]" if index else "")
            if label in check.reference:
                exact = np.broadcast_to(np.asarray(check.reference[label], object), shape)[index]
                yield (entry, "reference", digits(exact, 30), "", "", "", "")
            for b in present:
                yield (
                    entry,
                    b.name,
                    repr(float(b.values[label][index])),
                    f"{float(b.errors[label][index]):.1e}",
                    _ulps(float(b.ulps[label][index])),
                    str(b.evaluations),
                    str(b.verdicts[label][index]),
                )


def _worst(present: Sequence[BackendResult], label: str) -> str:
    from compare.judge import overall

    return overall([v for b in present for v in b.verdicts[label].ravel().tolist()])


def _ulps(value: float) -> str:
    if math.isnan(value):
        return "-"
    return f"{value:.2g}" if value < 1e4 else f"{value:.1e}"


def formulas(check: CrossCheck) -> list[tuple[str, str, str]]:
    """Name, text and LaTeX of every derivative, by the first backend that gives formulas."""
    for backend in check.backends:
        if backend.formulas:
            return [
                (derivative_name(check, label), str(formula), latex(formula))
                for label, formula in zip(check.problem.labels, backend.formulas, strict=True)
            ]
    return []


def _point(check: CrossCheck) -> str:
    return ", ".join(f"{name} = {_short(value)}" for name, value in check.problem.at.items())


def _short(value: Any) -> str:
    array = np.asarray(value)
    if array.ndim == 0:
        number = float(array)
        return f"{number:g}" if float(f"{number:g}") == number else repr(number)
    return np.array2string(array, separator=", ", threshold=8, precision=6).replace("\n", "")


def absences(check: CrossCheck) -> list[str]:
    """One line for each backend that did not answer, with its reason, and for each note."""
    lines = []
    for b in check.backends:
        if not b.values:
            lines.append(f"{b.name} does not apply: {b.note}")
        elif b.note:
            lines.append(f"{b.name}: {b.note}")
    return [*lines, *check.notes]


def text(check: CrossCheck) -> str:
    """The report for a terminal, without colour."""
    problem = check.problem
    arguments = ", ".join(problem.names)
    lines = [f"f({arguments}) = {expression_text(check)}", f"at {_point(check)}", ""]
    if check.value.ndim == 0:
        lines.insert(2, f"f = {float(check.value)!r}" + ("" if check.value_ok else "  (wrong)"))
    found = formulas(check)
    lines += [f"{name} = {formula}" for name, formula, _ in found] + [""] * bool(found)
    lines += aligned([HEADER, *rows(check)])
    notes = absences(check)
    lines += ["", *notes] if notes else []
    lines += ["", f"verdict: {check.verdict}"]
    return "\n".join(lines)


def aligned(table: Sequence[Sequence[str]], gap: str = "  ") -> list[str]:
    """Columns padded to the same width."""
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return [
        gap.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    ]


def markdown(check: CrossCheck) -> str:
    """The report in Markdown, formulas between dollar signs."""
    graph = check.problem.graph
    shown = f"${latex(graph)}$" if graph is not None else f"`{expression_text(check)}`"
    lines = [f"**f** = {shown}, at {_point(check)}", ""]
    lines += [f"- {name} = ${formula}$" for name, _, formula in formulas(check)]
    lines += ["", *markdown_table(HEADER, rows(check)), ""]
    lines += [f"- {note}" for note in absences(check)]
    lines += ["", f"**Verdict: {check.verdict}**"]
    return "\n".join(lines)


def markdown_table(header: Sequence[str], body: Iterator[tuple[str, ...]]) -> list[str]:
    """A table in Markdown; a bar inside a cell is escaped."""
    lines = ["| " + " | ".join(header) + " |", "|" + " --- |" * len(header)]
    for row in body:
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |")
    return lines


def html_page(check: CrossCheck) -> str:
    """The report as a page that needs nothing else."""
    head = "".join(f"<th>{html.escape(cell)}</th>" for cell in HEADER)
    body = "\n".join(
        f'<tr class="{html.escape(row[-1] or "reference")}">'
        + "".join(f"<td>{html.escape(cell)}</td>" for cell in row)
        + "</tr>"
        for row in rows(check)
    )
    shown = "".join(
        f"<p><code>{html.escape(name)} = {html.escape(formula)}</code></p>\n"
        for name, formula, _ in formulas(check)
    )
    notes = "".join(f"<li>{html.escape(note)}</li>\n" for note in absences(check))
    title = html.escape(f"f = {expression_text(check)}")
    return _PAGE.format(
        title=title, point=html.escape(_point(check)), formulas=shown, head=head, body=body,
        notes=f"<ul>\n{notes}</ul>" if notes else "", verdict=check.verdict,
    )  # fmt: skip


_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title}</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; }}
table {{ border-collapse: collapse; font-variant-numeric: tabular-nums; }}
td, th {{ border-bottom: 1px solid #ccc; padding: .25rem .75rem; text-align: left; }}
tr.disagree td {{ background: #fdd; }}
tr.kink td, tr.undefined td, tr.inconclusive td {{ background: #ffd; }}
tr.reference td {{ font-weight: 600; }}
</style>
</head>
<body>
<h1><code>{title}</code></h1>
<p>at {point}</p>
{formulas}<table>
<thead><tr>{head}</tr></thead>
<tbody>
{body}
</tbody>
</table>
{notes}
<p><strong>verdict: {verdict}</strong></p>
</body>
</html>"""


def latex_fragment(check: CrossCheck) -> str:
    """The report as LaTeX: an align* of formulas and a tabular, for amsmath."""
    graph = check.problem.graph
    whole = (
        latex(graph) if graph is not None else rf"\text{{{latex_escape(expression_text(check))}}}"
    )
    lines = [r"\begin{align*}", f"f &= {whole}" + (r" \\" if formulas(check) else "")]
    names = [_latex_name(label) for label in check.problem.labels]
    equations = [
        f"{name} &= {formula}"
        for name, (_, _, formula) in zip(names, formulas(check), strict=False)
    ]
    lines += [" \\\\\n".join(equations)] * bool(equations)
    lines += [r"\end{align*}", *latex_table(HEADER, rows(check))]
    lines += [f"{latex_escape(note)}\n" for note in absences(check)]
    lines += [f"Verdict: {check.verdict}."]
    return "\n".join(lines)


def _latex_name(label: str) -> str:
    names = label.split(",")
    power = f"^{{{len(names)}}}" if len(names) > 1 else ""
    below = " ".join(
        rf"\partial {latex(symbol(name))}"
        + (f"^{{{names.count(name)}}}" if names.count(name) > 1 else "")
        for name in dict.fromkeys(names)
    )
    return rf"\frac{{\partial{power} f}}{{{below}}}"


def latex_table(header: Sequence[str], body: Iterator[tuple[str, ...]]) -> list[str]:
    """A tabular of plain text cells."""
    lines = [rf"\begin{{tabular}}{{{'l' * len(header)}}}"]
    lines += [" & ".join(map(latex_escape, header)) + r" \\ \hline"]
    lines += [" & ".join(map(latex_escape, row)) + r" \\" for row in body]
    return [*lines, r"\end{tabular}"]


def latex_escape(cell: str) -> str:
    """Text in which nothing is a LaTeX command."""
    special = {
        "\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
        "|": r"\textbar{}", "<": r"\textless{}", ">": r"\textgreater{}",
        **{c: f"\\{c}" for c in "&%$#_{}"},
    }  # fmt: skip
    return "".join(special.get(c, c) for c in cell)


def csv_text(check: CrossCheck) -> str:
    """Every entry of every backend, with the time each took."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*HEADER, "seconds"])
    seconds = {b.name: f"{b.seconds:.6f}" for b in check.backends}
    for row in rows(check, None):
        writer.writerow([*row, seconds.get(row[1], "")])
    return out.getvalue().rstrip("\n")


def json_text(check: CrossCheck) -> str:
    """`to_dict` as JSON."""
    return json.dumps(to_dict(check), indent=2, allow_nan=False)


FORMATS: dict[str, Callable[[CrossCheck], str]] = {
    "text": text,
    "md": markdown,
    "html": html_page,
    "latex": latex_fragment,
    "json": json_text,
    "csv": csv_text,
}


def render(check: CrossCheck, format: str = "text") -> str:
    """The report in one of `FORMATS`.

    Raises
    ------
    ExpressionValueError
        If the format is unknown.
    """
    return named_format(FORMATS, format)(check)


def named_format(formats: Mapping[str, Maker], format: str) -> Maker:
    """What makes the report in that format.

    Raises
    ------
    ExpressionValueError
        If the format is unknown.
    """
    if format not in formats:
        raise ExpressionValueError(f"no format {format!r}; choose among {', '.join(formats)}")
    return formats[format]
