"""Points and expressions as a command line writes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from diffexpr import Expr, ExpressionValueError, parse, symbol

TRIED = (0.7, 1.3, -0.4, 2.1, 0.2, -1.6, 3.7)
"""Values given to variables where no point is asked for, until the function is finite there."""


def read_point(text: str) -> dict[str, Any]:
    """Values by name from ``x=1, w=[0.5, pi/2]``.

    Raises
    ------
    ExpressionValueError
        If a part is not ``name=value``, a name comes twice, or a value is no number.

    Examples
    --------
    >>> read_point("x=1,y=pi/2")
    {'x': 1.0, 'y': 1.5707963267948966}
    """
    point: dict[str, Any] = {}
    for part in _parts(text):
        name, equals, value = part.partition("=")
        name = name.strip()
        if not equals or not value.strip() or not name:
            raise ExpressionValueError(f"{part.strip()!r} is not a coordinate; write it as x=1")
        if name in point:
            raise ExpressionValueError(f"{name} is given twice; give each coordinate once")
        point[symbol(name).name] = _value(name, value.strip())
    return point


def _parts(text: str) -> Iterator[str]:
    """The text cut at commas outside brackets."""
    depth, start = 0, 0
    for i, c in enumerate(text):
        depth += (c in "([") - (c in ")]")
        if c == "," and depth == 0:
            yield text[start:i]
            start = i + 1
    yield text[start:]


def _value(name: str, text: str) -> Any:
    expr = parse(f"array({text})" if text.startswith("[") else text)
    if expr.variables:
        other = expr.variables[0].name
        raise ExpressionValueError(f"{name}={text}: {other} is no number; give {name} a value")
    value = np.asarray(expr())
    if value.dtype.kind == "c" or not np.all(np.isfinite(value)):
        raise ExpressionValueError(
            f"{name}={text} is {value}; a point is made of finite real numbers"
        )
    return float(value) if value.ndim == 0 else value.astype(float)


def read_expression(text: str, point: Mapping[str, Any]) -> Expr:
    """The expression of a text, its variables shaped like the values given for them."""
    arrays = [symbol(name, np.shape(v)) for name, v in point.items() if np.ndim(v)]
    return parse(text, symbols=arrays)


def choose_point(graph: Expr) -> dict[str, float]:
    """A point at which an expression of scalar variables is finite.

    Raises
    ------
    ExpressionValueError
        If none of the points tried is in the domain.
    """
    names = [v.name for v in graph.variables]
    for shift in range(len(TRIED)):
        point = {n: TRIED[(shift + 2 * i) % len(TRIED)] for i, n in enumerate(names)}
        if np.all(np.isfinite(graph(**point))):
            return point
    raise ExpressionValueError("the function is finite at no point tried; give one with --at")
