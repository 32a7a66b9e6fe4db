"""A first-order bound on the rounding error of a derivative, from its own adjoints.

The computation of the derivative is itself run on a tape. Every recorded value may be off by its
local rounding error, and its adjoint says by how much that moves the result; to first order the
result is off by no more than the sum of modulus of adjoint times local error (Griewank and
Walther 2008, *Evaluating Derivatives*, section 2.3 and exercise 3.5; Linnainmaa 1976, *Taylor
expansion of the accumulated rounding error*).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np

from autodiff import best, forward, reverse
from autodiff.bounds.local_errors import local_error, rounded_constant
from autodiff.boxes import Level
from autodiff.literals import float_kind
from autodiff.mode import Mode, checked_order, gradients, hessians, jacobians, slopes
from autodiff.problem import Problem
from autodiff.sweep import pull
from autodiff.tape import Record, Tape
from diffexpr.errors import ExpressionTypeError, ExpressionValueError
from diffexpr.signature import Wrt, resolve

Verb = Literal["value", "derivative", "grad", "value_and_grad", "jacobian", "hessian"]
ROWS = 64
"""Entries of the result whose adjoints are carried at once."""

_ARITHMETIC = frozenset(("add", "subtract", "multiply", "divide"))
_MODES = {"forward": forward.MODE, "reverse": reverse.MODE, "best": best.MODE}


def rounding_bound(
    f: Any,
    args: Sequence[Any],
    verb: Verb = "grad",
    wrt: Wrt | None = None,
    mode: Literal["forward", "reverse", "best"] = "reverse",
    n: int = 1,
) -> tuple[Any, Any]:
    """A derivative and a first-order bound on its rounding error.

    Parameters
    ----------
    f : callable or Expr
    args : sequence of numbers or arrays
        By position; for an expression, values of its variables in order of name. They count as
        exact. A constant that is no short binary fraction (pi, 0.1) counts as rounded itself.
    verb : {'value', 'derivative', 'grad', 'jacobian', 'hessian'}
    wrt : int, str, Expr, or a tuple of these, optional
        As the verb takes it.
    mode : {'forward', 'reverse', 'best'}
        Whose computation is watched; ``'best'`` is that of the package's own verbs.
    n : int
        Order of the derivative, for ``'derivative'``.

    Returns
    -------
    value, bound
        Packed and shaped as the result of the verb. The bound is not negative. It is zero where
        every operation was exact, and infinite or NaN where the value is.

    Raises
    ------
    ExpressionValueError
        If there is no such verb or mode.
    ExpressionTypeError
        If an argument is an expression or a boxed value and not a number.

    Examples
    --------
    >>> from diffexpr import parse
    >>> value, bound = rounding_bound(parse("exp(x)"), [1.0], "derivative")
    >>> print(value, 0 < bound < 1e-14)
    2.718281828459045 True
    """
    if mode not in _MODES:
        raise ExpressionValueError(f"mode={mode!r}: choose among {', '.join(_MODES)}")
    run = _VERBS.get(verb)
    if run is None:
        raise ExpressionValueError(f"verb={verb!r} has no bound; choose among {', '.join(_VERBS)}")
    target = resolve(f, wrt, one_variable=verb == "derivative")
    plain = Problem(target, tuple(args))
    if any(not isinstance(x, (np.ndarray, np.generic)) for x in plain.xs):
        raise ExpressionTypeError("a rounding bound needs numbers, not expressions")
    watch = Watch()
    with np.errstate(all="ignore"), Level(watch.tape.level):
        given = watch.problem(plain)
        packed = run(_MODES[mode], given, watch.unit(plain.xs), checked_order(n))
        return (_mapped(watch.value, packed), _mapped(watch.bound, packed))


class Watch:
    """A tape under a whole computation, constants included.

    Attributes
    ----------
    tape : Tape
    inexact : dict
        Positions of constants that are rounded themselves, with their errors.
    """

    __slots__ = ("inexact", "tape")

    def __init__(self) -> None:
        self.tape = Tape()
        self.inexact: dict[int, Any] = {}

    def problem(self, plain: Problem) -> Problem:
        """The same call with its numbers taped."""
        target = plain.target
        watched = list(plain.args)
        for i, x in zip(target.positions, plain.xs, strict=True):
            watched[i] = self.tape.variable(x)
        if target.expr is not None:
            watched = [
                x if self.tape.holds(x) else self.tape.variable(np.asarray(x, float)[()])
                for x in watched
            ]
        return Problem(target, tuple(watched), plain.options, self.lift)

    def lift(self, value: Any) -> Any:
        """A constant, taped: what is computed from constants alone is rounded too."""
        if not isinstance(value, (float, np.ndarray)):
            return value
        taped = self.tape.variable(np.asarray(value, float)[()])
        error = rounded_constant(taped.primal)
        if np.any(error):
            self.inexact[taped.index] = error
        return taped

    def unit(self, xs: Sequence[Any]) -> Any:
        """The seed 1, taped, so that products of partials are recorded from the first one on."""
        kind = max((float_kind(x) for x in xs), key=lambda k: k.itemsize, default=np.dtype(float))
        return self.tape.variable(kind.type(1))

    def value(self, y: Any) -> Any:
        return np.array(y.primal if self.tape.holds(y) else y)[()]

    def bound(self, y: Any) -> Any:
        """The bound of every entry of one result."""
        if not self.tape.holds(y):
            return np.zeros(np.shape(y))[()]
        size = math.prod(y.shape)
        found = np.zeros(size)
        for start in range(0, size, ROWS):
            count = min(ROWS, size - start)
            rows = np.eye(count, size, start).reshape(count, *y.shape)
            found[start : start + count] = self._rows(y, rows)
        value = np.ravel(self.value(y))
        found = np.where(np.isnan(value), np.nan, np.where(np.isinf(value), np.inf, found))
        return found.reshape(y.shape)[()]

    def _rows(self, y: Any, seeds: Any) -> Any:
        total = np.zeros(len(seeds))

        def visit(_: int, record: Record, g: Any) -> None:
            nonlocal total
            op, value, operands, params, parents = record
            error = local_error(op, value, operands, params)
            if op in _ARITHMETIC and -1 in parents:
                x = operands[parents.index(-1)]
                share = value if op in ("multiply", "divide") else x
                error = error + rounded_constant(x) / np.where(x == 0, 1, np.abs(x)) * np.abs(share)
            total = total + _moved(g, error)

        sweep = pull(self.tape, [(y, seeds)], 1, visit)
        for index, error in self.inexact.items():
            g = sweep.take(index)
            if g is not None:
                total = total + _moved(g, error)
        return total


def _moved(g: Any, error: Any) -> Any:
    """By how much an error moves each entry of the result: nothing times anything is nothing."""
    size = np.abs(g)
    still = (size == 0) | (error == 0)
    parts = np.where(still, 0.0, size * np.where(still, 0.0, error))
    return np.sum(parts, axis=tuple(range(1, parts.ndim)))


def _mapped(one: Callable[[Any], Any], packed: Any) -> Any:
    return tuple(_mapped(one, p) for p in packed) if type(packed) is tuple else one(packed)


def _values(mode: Mode, given: Problem, unit: Any, n: int) -> Any:
    return given.call(*given.xs)[0]


def _derivatives(mode: Mode, given: Problem, unit: Any, n: int) -> Any:
    return given.target.pack(slopes(mode, given, n, unit))


def _grads(mode: Mode, given: Problem, unit: Any, n: int) -> Any:
    return given.target.pack(gradients(mode, given, "grad", unit)[1])


def _both(mode: Mode, given: Problem, unit: Any, n: int) -> Any:
    value, parts = gradients(mode, given, "value_and_grad", unit)
    return value, given.target.pack(parts)


def _jacobians(mode: Mode, given: Problem, unit: Any, n: int) -> Any:
    return given.target.pack(jacobians(mode, given, unit)[0])


def _hessians(mode: Mode, given: Problem, unit: Any, n: int) -> Any:
    pack: Callable[[Any], Any] = given.target.pack
    return pack([pack(row) for row in hessians(mode, given, unit)])


_VERBS: dict[str, Callable[[Mode, Problem, Any, int], Any]] = {
    "value": _values,
    "derivative": _derivatives,
    "grad": _grads,
    "value_and_grad": _both,
    "jacobian": _jacobians,
    "hessian": _hessians,
}
