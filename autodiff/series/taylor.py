"""Truncated Taylor series, pushed forward through every operation.

A `Series` carries the Taylor coefficients of a value along a curve. The operations that most
functions are made of have recurrences (`series_rules`), all others are found from their forward
rules (`growing`), linear ones and products among them cheaply (`series_arrays`).

Method: Griewank and Walther (2008), *Evaluating Derivatives*, chapter 13.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autodiff import push
from autodiff.boxes import Box, Level, is_symbolic, settle, stacked
from autodiff.problem import Call, unleaked
from autodiff.series import series_rules
from autodiff.series.growing import Growing, System, grow
from autodiff.series.series_rules import Coefficients, Fixed, factorial_times, spread
from diffexpr.apply import apply


class Series(Box):
    """The Taylor coefficients of a value along a curve, tagged with their differentiation.

    Attributes
    ----------
    coefficients : list
        Divided by k!, from 0, the value itself, to the order; see `series_rules` for what stands
        for those that are zero or literal.
    """

    __slots__ = ("_level", "coefficients")

    def __init__(self, level: int, coefficients: Coefficients) -> None:
        self._level = level
        self.coefficients = coefficients

    @property
    def primal(self) -> Any:
        return self.coefficients[0]

    def _apply(self, op: str, operands: tuple[Any, ...], params: tuple[Any, ...]) -> Any:
        level, order = self._level, len(self.coefficients) - 1
        for x in operands:
            kind = type(x)
            if kind is list or kind is tuple or (kind is np.ndarray and x.dtype.hasobject):
                return apply(op, tuple(map(stacked, operands)), params)
            if kind is Growing and x._level == level:
                return x.system.node(op, operands, params)
        recurrence = series_rules.RECURRENCES.get(op)
        if recurrence is None:
            return self._grown(op, operands, params)
        values = tuple([x.primal if _is_series(x, level) else x for x in operands])
        y = apply(op, values, params)
        lists = [
            x.coefficients if _is_series(x, level) else Fixed((value, *[None] * order))
            for x, value in zip(operands, settle(values, y), strict=True)
        ]
        found = [y]
        step = recurrence(found, *lists)
        for k in range(1, order + 1):
            found.append(step(k))
        return self._made(found)

    def _grown(self, op: str, operands: tuple[Any, ...], params: tuple[Any, ...]) -> Any:
        level, order = self._level, len(self.coefficients) - 1
        system = System(level, order)
        y = system.node(op, operands, params)
        if not system.owns(y):
            return y
        grow(y, order)
        found = [*y.coefficients]
        if y.op != op:  # made of other operations: the value is that of the operation itself
            values = tuple([x.primal if _is_series(x, level) else x for x in operands])
            found[0] = apply(op, values, params)
        system.dissolve()
        return self._made(found)

    def _made(self, coefficients: Coefficients) -> Any:
        if all(v is None for v in coefficients[1:]):
            return coefficients[0]
        return Series(self._level, coefficients)


def _is_series(x: Any, level: int) -> bool:
    return type(x) is Series and x._level == level


def expand(call: Call, xs: Sequence[Any], curves: Sequence[Coefficients]) -> list[Coefficients]:
    """Taylor coefficients of each result along curves.

    Parameters
    ----------
    call : callable
        A function of the variables that gives a list of results.
    xs : sequence
        Values of the variables.
    curves : sequence of list
        For each variable its coefficients from the first on, all to one order.
    """
    order = max(map(len, curves), default=0)
    pairs = zip(xs, curves, strict=True)
    with Level() as level:
        boxed = [
            Series(level, [x, *curve]) if any(v is not None for v in curve) else x
            for x, curve in pairs
        ]
        ys = call(*boxed)
    return [_split(y, level, order) for y in ys]


def _split(y: Any, level: int, order: int) -> Coefficients:
    if _is_series(y, level):
        return [spread(v, y.shape, y.primal) for v in y.coefficients]
    y = unleaked(y, level)
    return [y, *(spread(None, y.shape, y) for _ in range(order))]


def slope(call: Call, x: Any, n: int, unit: Any) -> Any:
    """The n-th derivative of the result along one variable, in one sweep.

    For a first or second derivative, and for formulas, which nesting leaves simpler, dual numbers
    are nested; so they are where ``unit`` is a number that the rounding bound watches.
    """
    if n < 3 or type(unit) is not int or is_symbolic(x):
        return push.slope(call, x, n, unit)
    ((*_, last),) = expand(call, [x], [[unit, *[None] * (n - 1)]])
    return factorial_times(last, n)
