"""Tables of derivatives in which every row has been confirmed by every backend."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import symdiff
from autodiff import reverse
from compare.cross_check import cross_check
from compare.report import aligned, latex_escape, markdown_table, named_format
from diffexpr import (
    CrossdiffError,
    Expr,
    ExpressionTypeError,
    ExpressionValueError,
    latex,
    parse,
)
from diffexpr.primitives import TABLE
from diffexpr.walk import topological

CALCULUS = {
    "identity": "x", "square": "x^2", "cube": "x^3", "reciprocal": "1/x",
    "square root": "sqrt(x)", "cube root": "cbrt(x)", "power": "x^x",
    "exponential": "exp(x)", "powers of two": "2^x", "logarithm": "ln(x)",
    "common logarithm": "log10(x)", "absolute value": "|x|",
    "sine": "sin(x)", "cosine": "cos(x)", "tangent": "tan(x)", "secant": "sec(x)",
    "cosecant": "csc(x)", "cotangent": "cot(x)",
    "arcsine": "asin(x)", "arccosine": "acos(x)", "arctangent": "atan(x)",
    "arcsecant": "asec(x)", "arccosecant": "acsc(x)", "arccotangent": "acot(x)",
    "hyperbolic sine": "sinh(x)", "hyperbolic cosine": "cosh(x)",
    "hyperbolic tangent": "tanh(x)", "hyperbolic secant": "sech(x)",
    "hyperbolic cosecant": "csch(x)", "hyperbolic cotangent": "coth(x)",
    "inverse hyperbolic sine": "asinh(x)", "inverse hyperbolic cosine": "acosh(x)",
    "inverse hyperbolic tangent": "atanh(x)",
}  # fmt: skip

ACTIVATIONS = {
    "sigmoid": "sigmoid(x)", "tanh": "tanh(x)", "relu": "relu(x)",
    "leaky relu": "leaky_relu(x, 0.01)", "elu": "elu(x, 1)", "selu": "selu(x)",
    "softplus": "softplus(x)", "silu": "silu(x)", "gelu": "gelu(x)",
    "gelu, tanh form": "gelu_tanh(x)", "gelu, sigmoid form": "x sigmoid(1.702x)",
    "mish": "mish(x)", "hard tanh": "hardtanh(x)", "softsign": "softsign(x)",
}  # fmt: skip

BUILT_IN: dict[str, dict[str, str]] = {"calculus": CALCULUS, "activations": ACTIVATIONS}

CANDIDATES = (0.35, 0.8, 1.3, -0.45, 2.6, -1.7, 4.2, -3.1, 0.1, -0.05, 7.5, -11.0)
"""Where rows are tried: inside and outside the unit interval, of both signs."""

POINTS = 3
"""Points at which a row has to be confirmed before it is printed."""

HEADER = ("name", "f", "f'", "domain", "kinks", "agreement")


@dataclass(frozen=True, slots=True)
class TableRow:
    """One confirmed row.

    Attributes
    ----------
    name : str
    f, derivative : Expr
    variable : str
        The variable differentiated.
    domain : str
        Conditions under which f is real; ``all x`` where there is none.
    kinks : str
        Where the derivative breaks, with the value taken there.
    points : tuple
        The points at which all backends agreed.
    backends : tuple of str
        Who agreed.
    """

    name: str
    f: Expr
    derivative: Expr
    variable: str
    domain: str
    kinks: str
    points: tuple[dict[str, float], ...]
    backends: tuple[str, ...]

    @property
    def agreement(self) -> str:
        """How many backends agree, at how many points."""
        return f"{len(self.backends)} backends at {len(self.points)} points"

    def cells(self) -> tuple[str, ...]:
        """The row in text."""
        return (
            self.name, str(self.f), str(self.derivative), self.domain, self.kinks, self.agreement
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class DerivativeTable:
    """Rows that were confirmed, and those that were not, with the reason.

    Attributes
    ----------
    rows : tuple of TableRow
    refused : tuple of (str, str)
        Names and reasons of rows left out.
    """

    rows: tuple[TableRow, ...]
    refused: tuple[tuple[str, str], ...]

    def __iter__(self) -> Iterator[TableRow]:
        return iter(self.rows)

    def markdown(self) -> str:
        """A Markdown table, formulas between dollar signs."""
        body = (
            (r.name, f"${latex(r.f)}$", f"${latex(r.derivative)}$", r.domain, r.kinks, r.agreement)
            for r in self.rows
        )
        return "\n".join(markdown_table(HEADER, body))

    def latex(self) -> str:
        """A tabular."""
        lines = [r"\begin{tabular}{llllll}", " & ".join(map(latex_escape, HEADER)) + r" \\ \hline"]
        for r in self.rows:
            cells = [latex_escape(r.name), f"${latex(r.f)}$", f"${latex(r.derivative)}$"]
            cells += map(latex_escape, (r.domain, r.kinks, r.agreement))
            lines.append(" & ".join(cells) + r" \\")
        return "\n".join([*lines, r"\end{tabular}"])

    def csv(self) -> str:
        """Comma-separated text."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows(r.cells() for r in self.rows)
        return out.getvalue().rstrip("\n")

    def __str__(self) -> str:
        return "\n".join(aligned([HEADER, *(r.cells() for r in self.rows)]))

    __repr__ = __str__

    def render(self, format: str) -> str:
        """The table as ``'text'``, ``'md'``, ``'latex'`` or ``'csv'``."""
        made = {"text": self.__str__, "md": self.markdown, "latex": self.latex, "csv": self.csv}
        return named_format(made, format)()


def derivative_table(rows: str | Path | Mapping[str, Any] = "calculus") -> DerivativeTable:
    """A table of functions and derivatives, every row confirmed before it is in.

    Parameters
    ----------
    rows : str, path or mapping
        ``'calculus'``, ``'activations'``, a file with one ``name: expression`` or bare
        expression a line (``#`` starts a comment), or a mapping from name to expression.

    Returns
    -------
    DerivativeTable
        A function of several variables gives a row for each.

    Raises
    ------
    ExpressionValueError
        If there is no such table or file, or a line does not parse; nothing is computed then.

    Examples
    --------
    >>> table = derivative_table({"parabola": "x^2"})
    >>> [(row.name, str(row.derivative), row.agreement) for row in table]
    [('parabola', '2*x', '4 backends at 3 points')]
    """
    named = _expressions(rows)
    confirmed: list[TableRow] = []
    refused: list[tuple[str, str]] = []
    for name, expr in named:
        variables = [v.name for v in expr.variables]
        for variable in variables:
            label = name if len(variables) == 1 else f"{name}, d/d{variable}"
            try:
                confirmed.append(_row(label, expr, variable))
            except CrossdiffError as error:
                refused.append((label, str(error).splitlines()[0]))
        if not variables:
            refused.append((name, "it has no variable to differentiate"))
    return DerivativeTable(tuple(confirmed), tuple(refused))


def _expressions(rows: str | Path | Mapping[str, Any]) -> list[tuple[str, Expr]]:
    if isinstance(rows, Mapping):
        return [(str(name), _expression(str(name), e)) for name, e in rows.items()]
    if not isinstance(rows, (str, Path)):
        raise ExpressionTypeError(
            f"{rows!r} is no table; use calculus, activations, a file or a mapping"
        )
    if str(rows) in BUILT_IN:
        return [(name, parse(text)) for name, text in BUILT_IN[str(rows)].items()]
    path = Path(rows)
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise ExpressionValueError(
            f"no table {str(rows)!r}: {reason}; use calculus, activations or a file of expressions"
        ) from None
    found = []
    for number, line in enumerate(lines, 1):
        content = line.partition("#")[0].strip()
        if not content:
            continue
        name, colon, text = content.partition(":")
        try:
            found.append((name.strip() if colon else content, parse(text if colon else content)))
        except ExpressionValueError as error:
            raise ExpressionValueError(f"{path}, line {number}: {error}") from None
    if not found:
        raise ExpressionValueError(f"{path} holds no expression; write one a line")
    return found


def _expression(name: str, given: Any) -> Expr:
    if isinstance(given, Expr):
        return given
    if not isinstance(given, str):
        raise ExpressionTypeError(f"row {name!r} is {given!r}; give an expression or its text")
    try:
        return parse(given)
    except ExpressionValueError as error:
        raise ExpressionValueError(f"row {name!r}: {error}") from None


def _row(name: str, expr: Expr, variable: str) -> TableRow:
    derivative = min(
        (module.derivative(expr, variable) for module in (symdiff, reverse)),
        key=lambda d: len(str(d)),
    )
    points: list[dict[str, float]] = []
    agreed: tuple[str, ...] = ()
    for at in _points(expr):
        check = cross_check(expr, at, "derivative", variable)
        if check.verdict == "disagree":
            raise ExpressionValueError(f"the backends disagree at {at}")
        whole = [b for b in check.backends if b.verdict == "agree"]
        if check.verdict != "agree" or len(whole) < len(check.backends):
            continue
        points.append(at)
        agreed = tuple(b.name for b in whole if b.name != "complex-step")
        if len(points) == POINTS:
            break
    if len(points) < POINTS:
        raise ExpressionValueError(f"confirmed at {len(points)} point(s) only, {POINTS} are wanted")
    return TableRow(
        name, expr, derivative, variable, _domain(expr), _kinks(expr), tuple(points), agreed
    )


def _points(expr: Expr) -> Iterator[dict[str, float]]:
    """Points inside the domain; the variables take different values at each."""
    names = [v.name for v in expr.variables]
    for shift in range(len(CANDIDATES)):
        at = {n: CANDIDATES[(shift + 5 * i) % len(CANDIDATES)] for i, n in enumerate(names)}
        if np.all(np.isfinite(expr(**at))):
            yield at


def _domain(expr: Expr) -> str:
    """What every operation asks of its argument."""
    conditions = []
    for node in topological(expr):
        if node.op == "power":
            conditions += _power_domain(*node.args)
        elif node.op in TABLE:
            for domain, arg in zip(TABLE[node.op].domains, node.args, strict=True):
                if domain.text and arg.variables:
                    conditions.append(_about(domain.text, {"x": arg}))
    return ", ".join(dict.fromkeys(conditions)) or "all x"


def _power_domain(base: Expr, exponent: Expr) -> list[str]:
    """A power is defined for negative bases too where its exponent is an integer."""
    if not base.variables:
        return []
    value = None if exponent.variables else float(exponent())
    if value is not None and value.is_integer():
        return [f"{base} != 0"] if value < 0 else []
    return [f"{base} >= 0" if value is not None and value > 0 else f"{base} > 0"]


def _kinks(expr: Expr) -> str:
    found = []
    for node in topological(expr):
        row = TABLE.get(node.op)
        if row is not None and row.kink is not None and row.kind != "bool":
            names = ("a", "b") if row.kink.where.startswith("a") else ("x", "y")
            place = _about(row.kink.where, dict(zip(names, node.args, strict=False)))
            found.append(f"{place} (taken: {row.kink.convention})")
    return ", ".join(dict.fromkeys(found)) or "none"


def _about(condition: str, arguments: Mapping[str, Expr]) -> str:
    """A condition on ``x`` (or on ``a`` and ``b``) as one on the arguments of a node."""

    def name(match: re.Match[str]) -> str:
        arg = arguments.get(match[0])
        if arg is None:
            return match[0]
        return str(arg) if arg.op in ("symbol", "constant") else f"({arg})"

    return re.sub(r"\b[abxy]\b", name, condition)
