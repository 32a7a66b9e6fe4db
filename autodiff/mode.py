"""A way to differentiate, and the parts of every verb that it is made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

import autodiff.operations.complex_rules
import autodiff.operations.contraction_rules
import autodiff.operations.decomposition_rules
import autodiff.operations.eigenvalue_rules
import autodiff.operations.fourier_rules
import autodiff.operations.linear_algebra_rules
import autodiff.operations.order_rules
import autodiff.operations.shape_rules  # noqa: F401  (both enter their rows into the tables)
from autodiff.boxes import Box, is_symbolic
from autodiff.holomorphic import check, is_complex
from autodiff.literals import float_kind, full
from autodiff.problem import Call, Problem
from diffexpr.errors import ExpressionValueError
from diffexpr.expr import Expr, constant

Blocks = tuple[list[Any], list[list[Any]]]


class Mode(NamedTuple):
    """One way to differentiate: the five things every verb is made of.

    Attributes
    ----------
    slope : callable
        ``slope(call, x, n, unit)``, the n-th derivative along one variable.
    gradient : callable
        ``gradient(call, xs, unit, verb)``, the value and gradient of a scalar result.
    jacobian : callable
        ``jacobian(call, xs, unit)``, the results and their blocks.
    differential : callable
        ``differential(call, xs, vs)``, values and directional derivatives.
    pullback : callable
        ``pullback(call, xs)``, the value and the function that pulls a cotangent back.
    curvature : callable
        The ``jacobian`` that a Hessian takes of the gradient.
    """

    slope: Callable[[Call, Any, int, Any], Any]
    gradient: Callable[[Call, Sequence[Any], Any, str], tuple[Any, list[Any]]]
    jacobian: Callable[[Call, Sequence[Any], Any], Blocks]
    differential: Callable[[Call, Sequence[Any], Sequence[Any]], list[tuple[Any, Any]]]
    pullback: Callable[[Call, Sequence[Any]], tuple[Any, Any]]
    curvature: Callable[[Call, Sequence[Any], Any], Blocks]


# The parts of each verb, before they are packed: also what the rounding bound watches.


def slopes(mode: Mode, given: Problem, n: int, unit: Any = 1) -> list[Any]:
    """The n-th derivative along each chosen variable."""
    xs = given.xs

    def along(k: int) -> Any:
        def call(x: Any) -> list[Any]:
            return given.call(*xs[:k], x, *xs[k + 1 :])

        if n and is_complex(xs[k]):
            return _complex_slope(mode, call, xs[k], n, unit)
        return mode.slope(call, xs[k], n, unit)

    return [along(k) for k in range(len(xs))]


def _complex_slope(mode: Mode, call: Call, x: Any, n: int, unit: Any) -> Any:
    """The same along a complex variable, which must be one number for both directions."""
    one = full(1, x.shape, x)
    ((y, straight),) = mode.differential(call, [x], [one])
    ((_, turned),) = mode.differential(call, [x], [1j * one])
    if is_complex(y):
        check(straight, turned, 1j, "derivative")
        return straight if n == 1 else mode.slope(call, x, n, unit)
    if n == 1:
        return straight - 1j * turned
    raise ExpressionValueError(
        f"derivative of order {n} by a complex variable needs a holomorphic function, got a real "
        "result; differentiate by the real and the imaginary part"
    )


def gradients(mode: Mode, given: Problem, verb: str, unit: Any = 1) -> tuple[Any, list[Any]]:
    return mode.gradient(given.scalar_call(verb), given.xs, unit, verb)


def jacobians(mode: Mode, given: Problem, unit: Any = 1) -> list[list[Any]]:
    """One list per result, with one block per variable."""
    return mode.jacobian(given.call, given.xs, unit)[1]


def hessians(mode: Mode, given: Problem, unit: Any = 1) -> list[list[Any]]:
    def slope(*xs: Any) -> list[Any]:
        return mode.gradient(given.scalar_call("hessian"), xs, unit, "hessian")[1]

    return mode.curvature(slope, given.xs, unit)[1]


def checked_order(n: Any) -> int:
    if not isinstance(n, (int, np.integer)) or isinstance(n, bool) or n < 0:
        raise ExpressionValueError(f"the order of a derivative is 0, 1, 2, ..., got n={n!r}")
    return int(n)


def tidy(
    results: Sequence[Any], given: Problem, *, narrow: bool = True, own: bool = False
) -> list[Any]:
    """Results that are the caller's own: no view of an input; derivatives as wide as the inputs.

    ``own`` says that the results are gradients, each as wide as its own variable, and that a
    writeable array among them is nobody else's already.
    """
    if any(map(is_symbolic, given.xs)):
        return [y if isinstance(y, Box) else constant(y) for y in results]
    if own:
        kinds = [float_kind(x).newbyteorder("=") for x in given.xs]
        return [_as_kind(y, kind) for y, kind in zip(results, kinds, strict=True)]
    width = max((_width(float_kind(x)) for x in given.xs), default=0) if narrow else 0
    return [y if isinstance(y, (Box, Expr)) else _own(y, width) for y in results]


def _width(kind: np.dtype[Any]) -> int:
    """The bytes of a real number of a kind."""
    return np.finfo(kind).dtype.itemsize


def _as_kind(y: Any, kind: np.dtype[Any]) -> Any:
    """A gradient as wide as its variable, and complex if that is."""
    if isinstance(y, (Box, Expr)):
        return y
    if type(y) is not np.ndarray or not y.flags.writeable:
        y = np.array(y)
    if y.dtype.kind == "c" and kind.kind != "c":
        y = np.real(y)
    return y.astype(kind, copy=False)[()]


def _own(y: Any, width: int) -> Any:
    y = np.array(y)
    if y.dtype.kind in "bui":
        y = y.astype(float)
    if 0 < width < 8:
        if y.dtype == np.float64:
            y = y.astype(f"f{width}")
        elif y.dtype == np.complex128:
            y = y.astype(f"c{2 * max(width, 4)}")
    return y[()]
