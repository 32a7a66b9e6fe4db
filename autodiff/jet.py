"""Derivatives of high order in one forward sweep: the verbs of Taylor mode.

Order n costs about n**2 times the function, where nesting n derivatives costs 2**n times.

Method: Griewank and Walther (2008), *Evaluating Derivatives*, chapter 13.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autodiff.mode import checked_order, tidy
from autodiff.points import everywhere
from autodiff.problem import Problem, by_name, listed, matching, named
from autodiff.series.series_rules import factorial_over, factorial_times
from autodiff.series.taylor import expand
from diffexpr import functions
from diffexpr.errors import ExpressionTypeError, ShapeError

__all__ = ["directional_derivative", "jet", "taylor"]


def jet(
    f: Any, primals: Any, series: Any, *, factorial_scaled: bool = True
) -> tuple[Any, list[Any]]:
    """Push a curve through a function: derivatives of ``f(x(t))`` at t = 0, to the order given.

    The signature and its meaning are those of ``jax.experimental.jet``.

    Parameters
    ----------
    f : callable or Expr
    primals : tuple, dict by name, or a single value
        ``x(0)``: values of all parameters; of the variables of an expression, in order of name.
    series : the same
        For each primal the list of ``x'(0), x''(0), ...``, each of the shape of the primal; lists
        of one length, which is the order.
    factorial_scaled : bool
        True if the entries, those given and those returned, are derivatives; False if they are
        Taylor coefficients, which are derivatives divided by k!.

    Returns
    -------
    value : number, array or Expr
        ``f(x(0))``.
    terms : list
        The first derivative of ``f(x(t))``, the second, and so on, each of the shape of the value.

    Raises
    ------
    ExpressionTypeError
        If the lists do not match the primals.
    ShapeError
        If an entry does not have the shape of its primal, or lists differ in length.

    See Also
    --------
    taylor : Taylor coefficients along a straight line.

    Examples
    --------
    >>> import numpy as np
    >>> value, terms = jet(np.exp, (0.0,), ([1.0, 0.0, 0.0],))
    >>> print(value, *terms)
    1.0 1.0 1.0 1.0
    >>> value, terms = jet(lambda x, y: x * y, (2.0, 3.0), ([1.0, 0.0], [1.0, 0.0]))
    >>> print(value, *terms)
    6.0 5.0 2.0
    """
    given = everywhere(f, primals)
    orders = _orders(given, primals, series)
    if factorial_scaled:
        orders = [[factorial_over(v, k) for v in vs] for k, vs in enumerate(orders, 1)]
    curves = [list(vs) for vs in zip(*orders, strict=True)] or [[] for _ in given.xs]
    value, *terms = _coefficients(given, curves)
    if factorial_scaled:
        terms = [[factorial_times(v, k) for v in vs] for k, vs in enumerate(terms, 1)]
    rest = [given.result(tidy(vs, given)) for vs in terms]
    return given.result(tidy(value, given, narrow=False)), rest


def taylor(f: Any, x: Any, n: int, direction: Any = None) -> Any:
    """Taylor coefficients of ``f(x + t*direction)`` in t, to order n.

    Parameters
    ----------
    f : callable or Expr
    x : tuple, dict by name, or a single value
        Values of all parameters; of the variables of an expression, in order of name.
    n : int
        The order.
    direction : the same, optional
        Of the shapes of ``x``; ones unless given, so that an elementwise function of an array is
        expanded in each entry by itself.

    Returns
    -------
    array or Expr
        The derivatives of order 0 to n, each divided by k!: of shape ``(n + 1, *out.shape)``.

    Raises
    ------
    ExpressionValueError
        If ``n`` is no order.
    ShapeError
        If a direction does not have the shape of its variable.

    Examples
    --------
    >>> import numpy as np
    >>> taylor(np.exp, 0.0, 3)
    array([1.        , 1.        , 0.5       , 0.16666667])
    >>> taylor(lambda x: np.sum(x**2), np.array([1.0, 2.0]), 2, np.array([1.0, 0.0]))
    array([5., 2., 1.])
    """
    order = checked_order(n)
    given = everywhere(f, x)
    found = _coefficients(given, _line(given, direction, order))
    parts = [functions.stack(vs, 0) for vs in zip(*found, strict=True)]
    return given.result(tidy(parts, given))


def directional_derivative(f: Any, primals: Any, tangents: Any, n: int = 1) -> Any:
    """The n-th derivative of ``f(x + t*v)`` in t, at t = 0.

    Parameters
    ----------
    f : callable or Expr
    primals : tuple, dict by name, or a single value
        The point x: values of all parameters.
    tangents : the same
        The direction v, of the shapes of the primals; it is not normalised.
    n : int
        The order; 0 is the value.

    Returns
    -------
    number, array or Expr
        Of the shape of the result.

    Raises
    ------
    ExpressionValueError
        If ``n`` is no order.
    ShapeError
        If a tangent does not have the shape of its primal.

    Examples
    --------
    >>> print(directional_derivative(lambda x, y: x * y**2, (2.0, 3.0), (1.0, 1.0), 3))
    6.0
    """
    order = checked_order(n)
    given = everywhere(f, primals)
    last = _coefficients(given, _line(given, tangents, order))[-1]
    return given.result(tidy([factorial_times(v, order) for v in last], given))


# what goes in and what comes out


def _orders(given: Problem, primals: Any, series: Any) -> list[list[Any]]:
    """Entries of all variables, order by order."""
    if by_name(primals, given.target):
        lists = named(series, given.target, "series")
    else:
        lists = series if isinstance(primals, (tuple, list)) else (series,)
    if not isinstance(lists, (tuple, list)) or len(lists) != len(given.nests):
        raise ExpressionTypeError(
            f"{len(given.nests)} primals need as many series, each a list, got {series!r}"
        )
    for terms in lists:
        if not isinstance(terms, (tuple, list)) and not getattr(terms, "shape", ()):
            raise ExpressionTypeError(f"a series is a list of x', x'', ..., got {terms!r}")
    lengths = [len(terms) for terms in lists]
    if len(set(lengths)) > 1:
        raise ShapeError(
            f"series differ in length: {', '.join(map(str, lengths))}; fill them up with zeros"
        )
    return [
        _matched(given, [terms[k] for terms in lists], f"term {k + 1} of the series of ")
        for k in range(max(lengths, default=0))
    ]


def _matched(given: Problem, values: Sequence[Any], what: str) -> list[Any]:
    """One entry per leaf, of the shape of its primal and no wider."""
    labels = [what + label for label in given.labels()]
    found = map(matching, given.scattered(values), given.xs, labels)
    return [_narrow(v, x) for v, x in zip(found, given.xs, strict=True)]


def _narrow(v: Any, x: Any) -> Any:
    numbers = isinstance(v, (np.ndarray, np.generic)) and isinstance(x, (np.ndarray, np.generic))
    return v.astype(x.dtype) if numbers and v.dtype.kind == x.dtype.kind else v


def _line(given: Problem, direction: Any, order: int) -> list[list[Any]]:
    """The coefficients, from the first, of a straight line."""
    if not order:
        return [[] for _ in given.xs]
    if direction is None:
        firsts: list[Any] = [1] * len(given.xs)
    else:
        values = listed(direction, given.target, "direction")
        if len(values) != len(given.nests):
            raise ExpressionTypeError(
                f"{len(given.nests)} primals need {len(given.nests)} directions, got {len(values)}"
            )
        firsts = _matched(given, values, "direction of ")
    return [[first, *[None] * (order - 1)] for first in firsts]


def _coefficients(given: Problem, curves: Sequence[list[Any]]) -> list[list[Any]]:
    """Taylor coefficients of all results along curves, order by order."""
    with np.errstate(all="ignore"):
        found = expand(given.call, given.xs, curves)
    return [list(vs) for vs in zip(*found, strict=True)]
