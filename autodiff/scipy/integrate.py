"""``scipy.integrate``'s rules for samples, on values that are being differentiated.

On plain arrays each function is SciPy's own; what SciPy has and this module has not works on
plain arrays and says so on any other.

Examples
--------
>>> import numpy as np
>>> from autodiff import grad
>>> from autodiff.scipy import integrate
>>> print(grad(lambda y: integrate.simpson(y, dx=3.0))(np.zeros(3)))
[1. 4. 1.]
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.scipy.plain import attribute, of_scipy
from autodiff.scipy.trajectories import odeint
from diffexpr import sampling
from diffexpr.apply import apply
from diffexpr.errors import MissingRuleError, ShapeError
from diffexpr.matrices import operand
from diffexpr.operands import float_kind, shape_of
from diffexpr.reductions import sum
from diffexpr.shapes import moveaxis

__all__ = ["cumulative_trapezoid", "odeint", "simpson", "trapezoid"]

_integrate = of_scipy("integrate")


def __getattr__(name: str) -> Any:
    """Anything else of ``scipy.integrate``, for plain arrays."""
    return attribute("integrate", name)


@_integrate
def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    """The area under straight lines between samples."""
    return sampling.trapezoid(y, x, dx, axis)


def _steps(y: Any, x: Any, dx: Any, axis: int, name: str) -> tuple[Any, Any]:
    """Samples with their axis last, and the distances between them."""
    y = moveaxis(operand(y), axis, -1)
    n = shape_of(y)[-1]
    if not n:
        raise ShapeError(f"{name} needs at least one sample, got shape {shape_of(y)}")
    if x is None:
        return y, dx * np.ones(n - 1, float_kind(y))
    x = operand(x)
    x = x if len(shape_of(x)) == 1 else moveaxis(x, axis, -1)
    if shape_of(x)[-1] != n:
        raise ShapeError(f"{name}: {shape_of(x)[-1]} places for {n} samples")
    return y, x[..., 1:] - x[..., :-1]


@_integrate
def simpson(y: Any, x: Any = None, *, dx: Any = 1.0, axis: int = -1) -> Any:
    """The area under parabolas through three samples each.

    With an even number of samples the last interval has the parabola through the last three.
    Method: Cartwright (2017), *Simpson's rule cumulative integration with MS Excel and
    irregularly-spaced data*, Journal of Mathematical Sciences and Mathematics Education 12,
    equations 3 and 8.
    """
    y, h = _steps(y, x, dx, axis, "simpson")
    n = shape_of(y)[-1]
    if n == 1:
        return 0 * y[..., 0]
    if n == 2:
        return h[..., 0] * (y[..., 0] + y[..., 1]) / 2
    paired = n - 1 if n % 2 else n - 2
    first, second = h[..., 0:paired:2], h[..., 1:paired:2]
    both = first + second
    areas = both * (
        y[..., 0:paired:2] * (2 - second / first)
        + y[..., 1 : paired + 1 : 2] * (both * both / (first * second))
        + y[..., 2 : paired + 1 : 2] * (2 - first / second)
    )
    total = sum(areas, -1) / 6
    if n % 2:
        return total
    before, last = h[..., -2], h[..., -1]
    both = before + last
    return total + (
        y[..., -1] * (last * (2 * last + 3 * before) / (6 * both))
        + y[..., -2] * (last * (last + 3 * before) / (6 * before))
        - y[..., -3] * (last * last * last / (6 * before * both))
    )


@_integrate
def cumulative_trapezoid(
    y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1, initial: Any = None
) -> Any:
    """The area under straight lines up to each sample but the first, or with 0 for that one."""
    if initial not in (None, 0):
        raise MissingRuleError(f"cumulative_trapezoid(initial={initial!r}): use None or 0")
    y, h = _steps(y, x, dx, axis, "cumulative_trapezoid")
    areas = h * (y[..., 1:] + y[..., :-1]) / 2
    last = len(shape_of(areas)) - 1
    found = apply("cumsum", (areas,), (last,))
    if initial == 0:
        zeros = np.zeros((*shape_of(found)[:-1], 1), float_kind(y))
        found = apply("concatenate", (zeros, found), (last,))
    return moveaxis(found, -1, axis)
