"""The verbs, once for every mode: what goes in, what comes out, and in which shape."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

import autodiff.contraction_rules
import autodiff.shape_rules  # noqa: F401  (both enter their rows into the tables)
from autodiff.boxes import Box, is_symbolic
from autodiff.literals import float_kind
from autodiff.problem import (
    Call,
    Problem,
    listed,
    matching,
    problem,
    repacked,
)
from diffexpr.errors import ExpressionTypeError, ExpressionValueError
from diffexpr.expr import Expr, constant
from diffexpr.signature import Target, Wrt, resolve

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
        return mode.slope(lambda x: given.call(*xs[:k], x, *xs[k + 1 :]), xs[k], n, unit)

    return [along(k) for k in range(len(xs))]


def gradients(mode: Mode, given: Problem, verb: str, unit: Any = 1) -> tuple[Any, list[Any]]:
    return mode.gradient(given.call, given.xs, unit, verb)


def jacobians(mode: Mode, given: Problem, unit: Any = 1) -> list[Any]:
    return mode.jacobian(given.call, given.xs, unit)[1][0]


def hessians(mode: Mode, given: Problem, unit: Any = 1) -> list[list[Any]]:
    def slope(*xs: Any) -> list[Any]:
        return mode.gradient(given.call, xs, unit, "hessian")[1]

    return mode.curvature(slope, given.xs, unit)[1]


# The verbs.


def derivative(mode: Mode, f: Any, wrt: Wrt | None, n: int) -> Any:
    order = checked_order(n)
    target = resolve(f, wrt, one_variable=True)

    def slope(*args: Any, **options: Any) -> Any:
        given = problem(target, args, options)
        with np.errstate(all="ignore"):
            return target.pack(tidy(slopes(mode, given, order), given))

    return _finish(target, slope, "derivative")


def checked_order(n: Any) -> int:
    if not isinstance(n, (int, np.integer)) or isinstance(n, bool) or n < 0:
        raise ExpressionValueError(f"the order of a derivative is 0, 1, 2, ..., got n={n!r}")
    return int(n)


def grad(mode: Mode, f: Any, wrt: Wrt | None) -> Any:
    target = resolve(f, wrt)

    def gradient(*args: Any, **options: Any) -> Any:
        given = problem(target, args, options)
        with np.errstate(all="ignore"):
            return target.pack(tidy(gradients(mode, given, "grad")[1], given))

    return _finish(target, gradient, "grad")


def value_and_grad(mode: Mode, f: Any, wrt: Wrt | None) -> Any:
    target = resolve(f, wrt)

    def both(*args: Any, **options: Any) -> tuple[Any, Any]:
        given = problem(target, args, options)
        with np.errstate(all="ignore"):
            value, parts = gradients(mode, given, "value_and_grad")
            return tidy([value], given, narrow=False)[0], target.pack(tidy(parts, given))

    return _finish(target, both, "value_and_grad")


def jacobian(mode: Mode, f: Any, wrt: Wrt | None) -> Any:
    target = resolve(f, wrt)

    def rows(*args: Any, **options: Any) -> Any:
        given = problem(target, args, options)
        with np.errstate(all="ignore"):
            return target.pack(tidy(jacobians(mode, given), given))

    return _finish(target, rows, "jacobian")


def hessian(mode: Mode, f: Any, wrt: Wrt | None) -> Any:
    target = resolve(f, wrt)

    def curvature(*args: Any, **options: Any) -> Any:
        given = problem(target, args, options)
        with np.errstate(all="ignore"):
            rows = hessians(mode, given)
            return target.pack([target.pack(tidy(row, given)) for row in rows])

    return _finish(target, curvature, "hessian")


def jvp(mode: Mode, f: Any, primals: Any, tangents: Any) -> tuple[Any, Any]:
    given, xs = _at(f, primals)
    vs = _directions(given, xs, tangents, "tangents")
    with np.errstate(all="ignore"):
        ((y, t),) = mode.differential(given.call, xs, vs)
        return tidy([y], given, narrow=False)[0], tidy([t], given)[0]


def vjp(mode: Mode, f: Any, primals: tuple[Any, ...]) -> tuple[Any, Callable[[Any], Any]]:
    by_name = len(primals) == 1 and isinstance(primals[0], dict)
    packing = primals[0] if by_name else primals
    given, xs = _at(f, packing)
    with np.errstate(all="ignore"):
        y, back = mode.pullback(given.call, xs)

    def pullback(cotangent: Any) -> Any:
        w = matching(cotangent, y, "the cotangent")
        with np.errstate(all="ignore"):
            return repacked(tidy(back(w), given), packing, given.target)

    return tidy([y], given, narrow=False)[0], pullback


def hvp(mode: Mode, f: Any, primals: Any, vector: Any) -> Any:
    given, xs = _at(f, primals)
    vs = _directions(given, xs, vector, "vector")

    def slope(*inner: Any) -> list[Any]:
        return mode.gradient(given.call, inner, 1, "hvp")[1]

    with np.errstate(all="ignore"):
        found = mode.differential(slope, xs, vs)
        return repacked(tidy([t for _, t in found], given), primals, given.target)


# Arguments and results.


def _at(f: Any, primals: Any) -> tuple[Problem, list[Any]]:
    """A problem that differentiates all of its arguments."""
    target = resolve(f, None)
    values = listed(primals, target, "primals")
    if target.expr is not None and len(values) != len(target.names):
        raise ExpressionTypeError(
            f"the expression has {len(target.names)} variables ({', '.join(target.names)}), "
            f"got {len(values)} primals"
        )
    every = Target(target.call, target.names, tuple(range(len(values))), False, target.expr)
    given = Problem(every, values)
    return given, given.xs


def _directions(given: Problem, xs: list[Any], vectors: Any, what: str) -> list[Any]:
    vs = listed(vectors, given.target, what)
    if len(vs) != len(xs):
        raise ExpressionTypeError(f"{len(xs)} primals need {len(xs)} {what}, got {len(vs)}")
    label = given.target.label
    return [
        matching(v, x, f"{what} of {label(k)}") for k, (v, x) in enumerate(zip(vs, xs, strict=True))
    ]


def _finish(target: Target, verb: Callable[..., Any], name: str) -> Any:
    verb.__name__ = verb.__qualname__ = name
    return target.finish(verb)


def tidy(results: Sequence[Any], given: Problem, *, narrow: bool = True) -> list[Any]:
    """Results that are the caller's own: no view of an input; derivatives as wide as the inputs."""
    if any(is_symbolic(x) for x in given.xs):
        return [y if isinstance(y, Box) else constant(y) for y in results]
    kinds = [float_kind(x) for x in given.xs] if narrow else []
    width = max((kind.itemsize for kind in kinds), default=0)
    return [y if isinstance(y, (Box, Expr)) else _own(y, width) for y in results]


def _own(y: Any, width: int) -> Any:
    y = np.array(y)
    if width and y.dtype == np.float64 and width < 8:
        y = y.astype(f"f{width}")
    return y[()]
