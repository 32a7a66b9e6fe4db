"""One call of a verb: the function, its arguments, and which of them are differentiated."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from autodiff import graph
from autodiff.boxes import Box, stacked
from diffexpr.errors import ExpressionTypeError, ExpressionValueError, ShapeError
from diffexpr.evaluate import as_number
from diffexpr.expr import Expr
from diffexpr.signature import Target

Call = Callable[..., list[Any]]
"""A function of the variables alone that gives a list of results."""


class Problem:
    """A function with its arguments.

    Attributes
    ----------
    target : Target
    args : tuple
    options : dict
        Keyword arguments, passed on as they are.
    lift : callable or None
        Applied to each constant of an expression.
    xs : list
        The arguments to differentiate, as floats or boxes.
    """

    __slots__ = ("args", "lift", "options", "target", "xs")

    def __init__(
        self,
        target: Target,
        args: tuple[Any, ...],
        options: dict[str, Any] | None = None,
        lift: Callable[[Any], Any] | None = None,
    ) -> None:
        self.target = target
        self.args = args
        self.options = options or {}
        self.lift = lift
        names = map(target.label, target.positions)
        chosen = zip(target.split(args), names, strict=True)
        self.xs = [variable(x, name) for x, name in chosen]

    def call(self, *xs: Any) -> list[Any]:
        """Run the function on (boxed) variables; its result as a list of one operand."""
        args = self.target.join(self.args, xs)
        if self.target.expr is None:
            return [operand(self.target.call(*args, **self.options))]
        if len(args) != len(self.target.names):
            names = ", ".join(self.target.names)
            raise ExpressionTypeError(
                f"the expression has {len(self.target.names)} variables ({names}), "
                f"got {len(args)} values"
            )
        return [operand(graph.run(self.target.expr, self.target.symbols, args, self.lift))]


def problem(target: Target, args: tuple[Any, ...], options: dict[str, Any]) -> Problem:
    """Arguments as a verb's function was given them, positional ones by name included."""
    rest = dict(options)
    full = list(args)
    while len(full) <= max(target.positions, default=-1) and len(full) < len(target.names):
        name = target.names[len(full)]
        if name not in rest:
            break
        full.append(rest.pop(name))
    return Problem(target, tuple(full), rest)


def variable(x: Any, name: str) -> Any:
    """A number or array to differentiate with respect to, always of a floating kind."""
    x = stacked(as_number(x, name))
    if isinstance(x, (Box, Expr)):
        return x
    x = np.asarray(x)
    if x.dtype.kind == "b":
        x = x.astype(float)
    if x.dtype.kind not in "fc":
        raise ExpressionTypeError(f"{name} has dtype {x.dtype}; give real or complex numbers")
    return x[()]


def operand(result: Any) -> Any:
    """What a function returned, as one operand: a list of numbers is an array."""
    if result is None or isinstance(result, (str, bytes, dict, set)):
        raise ExpressionTypeError(
            f"the function returned {result!r}; return a number or an array of numbers"
        )
    if isinstance(result, (Box, Expr)):
        return result
    try:
        result = stacked(result)
    except ValueError as error:
        raise ExpressionTypeError(
            f"the function returned a {type(result).__name__} that is no array ({error}); "
            "return one array"
        ) from None
    if isinstance(result, (Box, Expr)):
        return result
    array = np.asarray(result)
    if array.dtype.kind in "bui":
        array = array.astype(float)
    if array.dtype.kind not in "fc":
        raise ExpressionTypeError(
            f"the function returned {type(result).__name__} of dtype {array.dtype}; "
            "return a number or an array of numbers"
        )
    return array[()]


def unleaked(y: Any, level: int) -> Any:
    """A result, unless it belongs to a differentiation that is over."""
    if isinstance(y, Box) and y._level > level:
        raise ExpressionTypeError(
            "the function returned a value of a differentiation that has ended; return what the "
            "inner derivative gave, not what its function saved"
        )
    return y


def scalar(y: Any, verb: str) -> Any:
    """The result, if it is a scalar."""
    if y.shape:
        raise ShapeError(f"{verb} needs a scalar result, got shape {y.shape}; use jacobian")
    return y


def matching(v: Any, x: Any, name: str) -> Any:
    """A tangent or cotangent, if it has the shape of its value."""
    v = variable(v, name)
    if v.shape != x.shape:
        raise ShapeError(f"{name} has shape {v.shape}, but its value has shape {x.shape}")
    return v


def named(values: Mapping[str, Any], target: Target, what: str) -> tuple[Any, ...]:
    """Values by name, in the order of the parameters."""
    missing = [name for name in target.names if name not in values]
    if missing or not target.names:
        raise ExpressionValueError(
            f"{what}: no value for {', '.join(map(repr, missing)) or 'a nameless parameter'}; "
            f"given: {', '.join(map(str, values)) or 'none'}"
        )
    return tuple(values[name] for name in target.names)


def listed(values: Any, target: Target, what: str) -> tuple[Any, ...]:
    """Primals or tangents as a tuple: given as such, by name, or as a single one."""
    if isinstance(values, Mapping):
        return named(values, target, what)
    return tuple(values) if isinstance(values, (tuple, list)) else (values,)


def repacked(parts: Sequence[Any], given: Any, target: Target) -> Any:
    """Results in the same packing as the primals were given in."""
    if isinstance(given, Mapping):
        return dict(zip(target.names, parts, strict=True))
    return tuple(parts) if isinstance(given, (tuple, list)) else parts[0]
