"""A function's derivative by way of its trace: derived once, valued at every call."""

from __future__ import annotations

import itertools
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from diffexpr import ControlFlowError, Expr, ShapeError, evaluate_all, symbol
from diffexpr.signature import Target
from diffexpr.trace import as_expression
from symdiff.differentiate import derive

MAX_CACHED = 16
_fresh = itertools.count()

Derive = Callable[[Expr, tuple[Expr, ...]], Sequence[Expr]]


class Traced:
    """A function whose derivative is derived from its trace at every call.

    The trace is taken anew each time, because what the function closes over may have changed; a
    derivation is kept by the expression it belongs to, so that only a new one is derived again.
    """

    def __init__(self, target: Target, derive: Derive) -> None:
        self.target = target
        self._derive = derive
        self._mark = next(_fresh)
        self._kept: OrderedDict[tuple[Expr, ...], Sequence[Expr]] = OrderedDict()
        self._lock = threading.Lock()

    def __call__(self, args: tuple[Any, ...]) -> tuple[Any, list[Any], tuple[Any, ...]]:
        """Value, derived values, and the values of the arguments to differentiate."""
        chosen = self.target.split(args)
        given = list(self.target.join(args, chosen))
        try:
            expr, wrt, values = self._trace(given, constants=False)
        except ControlFlowError:
            # A branch on an argument that is not differentiated needs its value.
            expr, wrt, values = self._trace(given, constants=True)
        formulas = self._formulas(expr, wrt)
        values.update({v.params[0]: v for v in expr.variables if v.params[0] not in values})
        shapes = [f.shape for f in (expr, *formulas)]
        found = evaluate_all([expr, *formulas], values)
        value, *derived = [_own(x, s) for x, s in zip(found, shapes, strict=True)]
        return value, derived, chosen

    def _trace(
        self, args: list[Any], *, constants: bool
    ) -> tuple[Expr, tuple[Expr, ...], dict[str, Any]]:
        operands = list(args)
        values: dict[str, Any] = {}
        for i, arg in enumerate(args):
            if i in self.target.positions or (not constants and _is_variable(arg)):
                operands[i] = symbol(f"{self._name(i)}_{self._mark}", shape_of_value(arg))
                values[operands[i].params[0]] = arg
        expr = as_expression(self.target.call(*operands))
        return expr, tuple(operands[i] for i in self.target.positions), values

    def _name(self, i: int) -> str:
        name = self.target.label(i)
        return name if name.isascii() and name.isidentifier() else f"x{i}"

    def _formulas(self, expr: Expr, wrt: tuple[Expr, ...]) -> Sequence[Expr]:
        key = (expr, *wrt)
        with self._lock:
            found = self._kept.get(key)
        if found is None:
            found = self._derive(expr, wrt)
            with self._lock:
                self._kept[key] = found
                while len(self._kept) > MAX_CACHED:
                    self._kept.popitem(last=False)
        return found


def _is_variable(arg: Any) -> bool:
    """Arguments that become variables of the trace: floats, arrays and boxed values."""
    kind = getattr(arg, "dtype", None)
    return isinstance(arg, float) or (kind is not None and np.dtype(kind).kind == "f")


def shape_of_value(arg: Any) -> tuple[int, ...]:
    return getattr(arg, "shape", ())


def _own(value: Any, shape: tuple[int, ...]) -> Any:
    """A value the caller may write into, of its full shape."""
    if hasattr(value, "_level"):
        return value
    array = np.asarray(value, None if isinstance(value, np.ndarray) else float)
    if array.ndim < len(shape):
        array = np.broadcast_to(array, shape)
    return np.array(array)[()]


def scalar_only(shape: tuple[int, ...], verb: str) -> None:
    if shape:
        raise ShapeError(f"{verb} needs a scalar result, got shape {shape}; use jacobian")


def gradients(verb: str) -> Derive:
    def gradients(expr: Expr, wrt: tuple[Expr, ...]) -> Sequence[Expr]:
        scalar_only(expr.shape, verb)
        return [d.formula for d in derive(expr, wrt)]

    return gradients
