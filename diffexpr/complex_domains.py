"""The functions of ``np.emath``: where numbers leave the real domain, the result is complex."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from diffexpr.apply import apply
from diffexpr.operands import as_operand, dtype_of, implements, numbers


def _widened(x: Any, name: str, leaves: Callable[[Any], Any]) -> Any:
    """An operand, as complex numbers if one of its elements leaves the real domain."""
    x = as_operand(x)
    if dtype_of(x).kind == "c" or not np.any(leaves(numbers(x, f"np.emath.{name}"))):
        return x
    return apply("add", (x, 0j))


def _negative(x: Any) -> Any:
    return np.less(x, 0)


def _outside(x: Any) -> Any:
    return np.greater(np.abs(x), 1)


def _enter(name: str, leaves: Callable[[Any], Any]) -> None:
    def function(x: Any) -> Any:
        return apply(name, (_widened(x, name, leaves),))

    function.__doc__ = f"``np.emath.{name}``."
    implements(getattr(np.emath, name))(function)


for _name in ("sqrt", "log", "log2", "log10"):
    _enter(_name, _negative)
for _name in ("arccos", "arcsin", "arctanh"):
    _enter(_name, _outside)


@implements(np.emath.logn)
def logn(n: Any, x: Any) -> Any:
    """The logarithm to a base."""
    top, base = (apply("log", (_widened(z, "logn", _negative),)) for z in (x, n))
    return apply("divide", (top, base))


@implements(np.emath.power)
def power(x: Any, p: Any) -> Any:
    """The power, complex where a base is negative."""
    p = as_operand(p)
    # As NumPy does, which makes an exponent an array: it is as wide as any other operand.
    wide = p if hasattr(p, "_level") else np.asarray(p)[()]
    return apply("power", (_widened(x, "power", _negative), wide))
