"""The curve of error against step, as a picture or drawn with characters."""

from __future__ import annotations

import importlib.util
import io
import math
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from compare.numeric import NumericReport
from compare.numeric_report import derivative_name, law_text, point, steps_csv
from diffexpr import ExpressionValueError
from diffexpr.errors import MissingExtraError
from numdiff import Curve, Differences, Law

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

KINDS = (".svg", ".png", ".csv")
# Okabe and Ito's palette, which the colour-blind can tell apart.
COLOURS = {"central": "#0072B2", "forward": "#D55E00", "backward": "#CC79A7"}
EXTRAPOLATED = "#009E73"
MARKERS = {"central": "o", "forward": "s", "backward": "^"}
LETTERS = {"central": "o", "forward": "x", "backward": "b"}
BOTH = "*"
LONGEST_TITLE = 70
PAST = 100.0
"""How far a slope is drawn beyond the step at which the other one takes over."""
WIDTH, HEIGHT = 68, 22
SUPERSCRIPT = str.maketrans("0123456789.-", "⁰¹²³⁴⁵⁶⁷⁸⁹·⁻")


def check_target(target: str, format: str, output: str | None) -> None:
    """Refuse a place for the curve that cannot be served, before any work is done.

    Raises
    ------
    ExpressionValueError
        If the ending is none of `KINDS`, or the report would be in the way.
    MissingExtraError
        If a picture is asked for and matplotlib is not installed.
    """
    if target == "-":
        if output is None and format in ("json", "csv"):
            raise ExpressionValueError(
                f"--curve - prints a plot, which is no {format}; give --curve or -o a file"
            )
        return
    if output is not None and Path(target).absolute() == Path(output).absolute():
        raise ExpressionValueError(f"--curve and -o both name {target}; give them a file each")
    kind = Path(target).suffix.lower()
    if kind not in KINDS:
        raise ExpressionValueError(
            f"--curve {target}: name a file that ends in {', '.join(KINDS[:-1])} or {KINDS[-1]}, "
            "or - for a plot in characters"
        )
    if kind != ".csv" and importlib.util.find_spec("matplotlib") is None:
        raise MissingExtraError(
            f"--curve {target} needs matplotlib; install it with "
            '`pip install "crossdiff[plot]"`, or use --curve - for a plot in characters'
        )


def plot_title(report: NumericReport) -> str:
    """What is differentiated where, in one line."""
    name = derivative_name(report, report.entries[0].name)
    whole = f"{name} by differences, {report.subject.title}"
    if len(whole) > LONGEST_TITLE:
        whole = whole[: LONGEST_TITLE - 3] + "..."
    return f"{whole} at {point(report)}"


def has_errors(curve: Curve) -> bool:
    """Whether there is a derivative to measure an error against."""
    return any(np.isfinite(d.error).any() for d in curve.differences)


def file_bytes(curve: Curve, target: str, title: str) -> bytes:
    """What goes into the file that `check_target` let pass."""
    kind = Path(target).suffix.lower()
    if kind == ".csv":
        return (steps_csv(curve) + "\n").encode()
    return picture(curve, title, kind[1:])


def text_plot(curve: Curve, title: str) -> str:
    """The errors in logarithmic axes, drawn with characters."""
    low, high = _error_range(curve)
    x = np.log10(curve.step)
    cells = np.full((HEIGHT, WIDTH), " ")
    bar = float(curve.estimate.error)

    def column(position: Any) -> Any:
        return np.rint((position - x[0]) / (x[-1] - x[0]) * (WIDTH - 1)).astype(int)

    def row(position: Any) -> Any:
        return HEIGHT - 1 - np.rint((position - low) / (high - low) * (HEIGHT - 1)).astype(int)

    def put(h: Any, error: Any, mark: str) -> None:
        at = np.log10(error)
        inside = (at >= low) & (at <= high)
        cells[row(at[inside]), column(np.log10(h)[inside])] = mark

    across = np.logspace(x[0], x[-1], 4 * WIDTH)
    if math.isfinite(bar) and bar > 0:
        put(across, np.full(len(across), bar), "-")
    for d in curve.differences:
        for law, where in _pieces(d, across):
            put(across[where], law(across[where]), ".")
    for d in curve.differences:
        seen = np.isfinite(d.error)
        y = np.log10(np.where(d.error > 0, d.error, 10.0**low))
        rows, columns = row(np.maximum(y[seen], low)), column(x[seen])
        taken = np.isin(cells[rows, columns], [*LETTERS.values(), BOTH])
        cells[rows, columns] = np.where(taken, BOTH, LETTERS[d.name])
    return "\n".join([title, "", *_framed(cells, (x[0], x[-1]), (low, high)), "", *_key(curve)])


def _framed(cells: Any, across: tuple[float, float], upward: tuple[float, float]) -> list[str]:
    """The cells with an axis of powers of ten on each side."""
    (left, right), (low, high) = across, upward
    labels = {}
    for k in _decades(low, high, HEIGHT // 3):
        labels[HEIGHT - 1 - round((k - low) / (high - low) * (HEIGHT - 1))] = f"1e{k:+03d}"
    lines = [
        f"{labels.get(i, ''):>6} {'+' if i in labels else '|'}" + "".join(line).rstrip()
        for i, line in enumerate(cells)
    ]
    ticks, names = [" "] * (WIDTH + 8), [" "] * (WIDTH + 16)
    ticks[7:] = ["+", *"-" * WIDTH]
    for k in _decades(left, right, WIDTH // 10):
        at = 8 + round((k - left) / (right - left) * (WIDTH - 1))
        ticks[at] = "+"
        names[at - 2 : at + 3] = f"1e{k:+03d}"
    return [*lines, "".join(ticks), "".join(names).rstrip(), f"{'step h':>{8 + WIDTH // 2}}"]


def _decades(low: float, high: float, most: int) -> range:
    """Powers of ten between two others, no more than asked for."""
    first, last = math.ceil(low), math.floor(high)
    stride = max(1, math.ceil((last - first + 1) / most))
    return range(first + -first % stride, last + 1, stride)


def _key(curve: Curve) -> list[str]:
    lines = []
    for d in curve.differences:
        laws = [
            f"{name} {law_text(law)}"
            for name, law in (("truncation", d.truncation), ("rounding", d.rounding))
            if not math.isnan(law.factor)
        ]
        lines.append(f"{LETTERS[d.name]} {d.name} difference, its slopes dotted: {', '.join(laws)}")
    if len(lines) > 1:
        lines.append(f"{BOTH} both")
    bar = float(curve.estimate.error)
    if math.isfinite(bar) and bar > 0:
        lines.append(f"- error bar of the extrapolated derivative: {bar:.1e}")
    if any((d.error == 0).any() for d in curve.differences):
        lines.append("on the bottom line: no error at all")
    return lines


def _error_range(curve: Curve) -> tuple[float, float]:
    """Powers of ten below and above all errors and the extrapolated one."""
    errors = np.concatenate([d.error for d in curve.differences])
    errors = np.append(errors, float(curve.estimate.error))
    errors = errors[np.isfinite(errors) & (errors > 0)]
    if not errors.size:
        return -17.0, 0.0
    low, high = np.floor(np.log10(errors.min())), np.ceil(np.log10(errors.max()))
    return float(low), float(max(high, low + 1))


def _pieces(d: Differences, h: Any) -> list[tuple[Law, Any]]:
    """Each law with the steps at which it rules."""
    if math.isnan(d.best_step):
        return [(law, h > 0) for law in (d.truncation,) if not math.isnan(law.factor)] or [
            (d.rounding, h > 0)
        ] * (not math.isnan(d.rounding.factor))
    return [(d.rounding, h <= d.best_step), (d.truncation, h >= d.best_step)]


def picture(curve: Curve, title: str, kind: str) -> bytes:
    """The curve as an SVG or PNG file; the same curve gives the same bytes."""
    import matplotlib as mpl

    out = io.BytesIO()
    # These two have no other switch; the context puts them back.
    settings: Any = {"svg.hashsalt": "crossdiff", "svg.fonttype": "none"}
    metadata = {"Date": None} if kind == "svg" else {"Software": None}
    with mpl.rc_context(settings), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph", UserWarning)  # a letter the font has not
        figure(curve, title).savefig(out, format=kind, metadata=metadata)
    return out.getvalue()


def figure(curve: Curve, title: str) -> Figure:
    """The curve as a matplotlib figure that belongs to no window."""
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    made = Figure(figsize=(7.6, 5.6), dpi=150, layout="constrained")
    axes = made.subplots()
    low, high = (10.0**p for p in _error_range(curve))
    bottom = low / 3
    columns = [_draw(axes, d, curve.step, bottom) for d in curve.differences]
    bar = float(curve.estimate.error)
    if math.isfinite(bar) and bar > 0:
        label = f"extrapolated: error bar {bar:.1e}"
        columns[0].append(axes.axhline(bar, color=EXTRAPOLATED, lw=1.6, label=label))
        columns[0][-1].set_gid("extrapolated")
    axes.set(xscale="log", yscale="log", ylim=(bottom, high * 3))
    axes.set_xlabel("step h")
    axes.set_ylabel("error: distance from the extrapolated derivative")
    axes.set_title(title, parse_math=False, fontsize=11)
    axes.grid(True, which="major", color="0.9", lw=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    # A column of the legend for each formula, filled up with nothing to the same length.
    longest = max(map(len, columns))
    blank = Line2D([], [], linestyle="none", label=" ")
    handles = [line for c in columns for line in [*c, *[blank] * (longest - len(c))]]
    made.legend(
        handles=handles, loc="outside lower center", ncols=len(columns), frameon=False, fontsize=9
    )
    return made


def _draw(axes: Axes, d: Differences, h: Any, bottom: float) -> list[Line2D]:
    """One formula: its errors, its two slopes, and the step at which they meet."""
    lines: list[Line2D] = []

    def add(x: Any, y: Any, marks: str, part: str, label: str, **style: Any) -> None:
        gid = f"{d.name}-{part}"
        lines.extend(axes.plot(x, y, marks, color=COLOURS[d.name], label=label, gid=gid, **style))

    # Open marks are drawn larger, so that the two formulas show where they coincide.
    size, face = (3.5, COLOURS[d.name]) if d.name == "central" else (6.5, "none")
    seen, none = d.error > 0, d.error == 0
    if seen.any():
        add(
            h[seen], d.error[seen], MARKERS[d.name], "error", f"{d.name} difference",
            ms=size, mfc=face, zorder=3,
        )  # fmt: skip
    if none.any():
        add(
            h[none], np.full(none.sum(), bottom), "v", "exact", f"{d.name}: no error at all",
            ms=size + 1, mfc=face, clip_on=False, zorder=3,
        )  # fmt: skip
    meet = d.best_step
    ends = (0.0, np.inf) if math.isnan(meet) else (meet / PAST, meet * PAST)
    for name, law, style, there in (
        ("truncation", d.truncation, "--", h >= ends[0]),
        ("rounding", d.rounding, ":", h <= ends[1]),
    ):
        if not math.isnan(law.factor):
            label = f"{d.name}: {name} {_with_superscripts(law_text(law))}"
            add(h[there], law(h[there]), style, name, label, lw=1.6)
    if not math.isnan(meet):
        label = f"{d.name}: best step {meet:.1e}, error {d.best_error:.1e}"
        add(meet, d.best_error, "*", "best", label, ms=14, mec="white", mew=0.8, zorder=5)
    return lines


def _with_superscripts(law: str) -> str:
    base, hat, power = law.partition("^")
    return base + power.translate(SUPERSCRIPT) if hat else law
