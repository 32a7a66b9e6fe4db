"""Values of an expression: numbers, arrays, or anything that operations accept, in for names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from diffexpr.apply import apply
from diffexpr.build import large_integer
from diffexpr.errors import ExpressionTypeError, ExpressionValueError, ShapeError
from diffexpr.expr import Expr
from diffexpr.frozen import Frozen
from diffexpr.walk import topological
from diffexpr.walk import variables as variables_of


def evaluate(expr: Expr, values: Mapping[str, Any]) -> Any:
    """The value of an expression where each variable has the value of its name.

    Parameters
    ----------
    expr : Expr
    values : mapping from name to number or array
        float64, float32, complex and object arrays are kept as they are, integers are promoted
        to float64. For a scalar variable an array may be given: the result broadcasts. Names
        that the expression does not have are ignored.

    Returns
    -------
    number or array
        A NumPy scalar (a Python number where only constants take part) or an array.

    Raises
    ------
    ExpressionValueError
        If the value of a variable is missing; the message names it.
    ShapeError
        If a value does not fit the shape of its variable.

    Examples
    --------
    >>> from diffexpr import parse
    >>> evaluate(parse("x^2 + y"), {"x": 3, "y": [0.0, 1.0]})
    array([ 9., 10.])
    """
    return evaluate_all([expr], values)[0]


def evaluate_all(exprs: Sequence[Expr], values: Mapping[str, Any]) -> list[Any]:
    """The values of several expressions, what they share computed once."""
    order = topological(exprs)
    given = {s: bind(s, values) for s in order if s.op == "symbol"}
    return evaluate_nodes(order, exprs, given)


def evaluate_nodes(
    order: Sequence[Expr],
    roots: Sequence[Expr],
    given: Mapping[Expr, Any],
    lift: Callable[[Any], Any] | None = None,
) -> list[Any]:
    """Run a graph in a given topological order from values of its symbols.

    ``lift`` is applied to each constant, for a backend that wants to watch constants too. On
    symbolic values the graph stays itself: constants are kept exact, and a node below which
    nothing changes is passed on as it is. A value is dropped after its last use, so that memory
    follows the width of the graph and not its length.
    """
    exact = any(getattr(value, "dtype", None) == np.dtype(object) for value in given.values())
    symbolic = any(is_symbolic(value) for value in given.values())
    uses: dict[Expr, int] = dict.fromkeys(roots, 1)
    for node in order:
        for arg in node.args:
            uses[arg] = uses.get(arg, 0) + 1
    held: dict[Expr, Any] = {}
    with np.errstate(all="ignore"):
        for node in order:
            if node.op == "symbol":
                held[node] = given[node]
                continue
            operands = tuple(held[arg] for arg in node.args)
            if symbolic and all(x is arg for x, arg in zip(operands, node.args, strict=True)):
                held[node] = node
            elif node.op == "constant":
                value = _constant(node.params[0], exact)
                held[node] = value if lift is None else lift(value)
            else:
                held[node] = apply(node.op, operands, node.params)
            for arg in node.args:
                uses[arg] -= 1
                if not uses[arg]:
                    del held[arg]
    return [held[root] for root in roots]


def is_symbolic(value: Any) -> bool:
    """Whether an expression is what a value, or the boxes around it, finally carry."""
    while hasattr(value, "primal"):
        value = value.primal
    return isinstance(value, Expr)


def _constant(value: Any, exact: bool) -> Any:
    if isinstance(value, Frozen):
        return value.array
    # Integers as floats: 2**-1 is 0.5 and 10**30 does not wrap. Objects (fractions, say) keep
    # the integer, which is exact for them.
    return float(value) if type(value) is int and not exact else value


def bind(symbol: Expr, values: Mapping[str, Any]) -> Any:
    """The value given for a symbol, as the operations want it."""
    name = symbol.params[0]
    if name not in values:
        given = ", ".join(sorted(values)) or "none"
        raise ExpressionValueError(f"no value for variable {name!r}; values given: {given}")
    value = as_number(values[name], name)
    if symbol.dtype.kind != "b" and getattr(value, "dtype", None) == np.dtype(bool):
        value = value.astype(np.float64)
    shape = np.shape(value) if not hasattr(value, "shape") else value.shape
    if symbol.shape and shape != symbol.shape:
        raise ShapeError(f"{name} has shape {symbol.shape}, got a value of shape {shape}")
    return value


def as_number(value: Any, name: str) -> Any:
    """A number, array or boxed value, with integers promoted to float."""
    if hasattr(value, "_level") or isinstance(value, float):
        return value
    if type(value) is int:
        return large_integer(value)
    if value is None or isinstance(value, (str, bytes, dict, set)):
        raise ExpressionTypeError(f"{name} is {value!r}; give a number or an array of numbers")
    try:
        array = np.asarray(value)
    except ValueError:
        raise ExpressionTypeError(f"{name} is a ragged list; give a rectangular array") from None
    if array.dtype.kind in "iu":
        array = array.astype(np.float64)
    elif array.dtype == object and any(isinstance(x, (str, bytes, type(None))) for x in array.flat):
        raise ExpressionTypeError(f"{name} holds a string or None; give numbers")
    elif array.dtype.kind not in "bfcO":
        raise ExpressionTypeError(f"{name} has dtype {array.dtype}; give numbers")
    return array if array.shape else array[()]


def function(expr: Expr, *names: str | Expr) -> Callable[..., Any]:
    """An expression as a Python function of its variables by position.

    Without names the parameters are the variables in order of name.

    Raises
    ------
    ExpressionValueError
        If a variable of the expression is not among the names.

    Examples
    --------
    >>> from diffexpr import parse
    >>> f = function(parse("x - y"), "y", "x")
    >>> f(1.0, 3.0)
    np.float64(2.0)
    """
    order = _parameter_names(expr, names)

    def call(*args: Any) -> Any:
        if len(args) != len(order):
            raise ExpressionTypeError(
                f"expected {len(order)} values ({', '.join(order)}), got {len(args)}"
            )
        return evaluate(expr, dict(zip(order, args, strict=True)))

    call.__name__ = call.__qualname__ = "expression"
    return call


def _parameter_names(expr: Expr, names: Iterable[str | Expr]) -> list[str]:
    order = [n.name if isinstance(n, Expr) else n for n in names]
    free = [v.name for v in variables_of(expr)]
    missing = [name for name in free if name not in order]
    if order and missing:
        raise ExpressionValueError(
            f"variable {missing[0]!r} of the expression is not among {', '.join(order)}"
        )
    return order or free
