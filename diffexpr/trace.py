"""Plain NumPy code as an expression, by running it once on symbols."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from diffexpr.errors import ExpressionTypeError
from diffexpr.evaluate import as_number
from diffexpr.expr import Expr, constant, symbol
from diffexpr.functions import stack


def trace(f: Callable[..., Any], *examples: Any) -> Expr:
    """The expression that a function of NumPy values computes.

    Parameters
    ----------
    f : callable
        Code in NumPy's functions and operators. It is run once; a branch or loop that depends
        on a value raises `ControlFlowError`, one that depends on a shape is unrolled.
    *examples : number, array, shape or Expr
        One per parameter: an example value, whose shape and precision count; a tuple of
        integers, taken as a shape; or an expression to be passed as it is. Without any, every
        parameter is a scalar.

    Returns
    -------
    Expr
        In variables named after the parameters.

    Raises
    ------
    ExpressionTypeError
        If the result is not a number, an array or an expression.
    ControlFlowError
        If the code asks for the value of a variable.

    Examples
    --------
    >>> import numpy as np
    >>> trace(lambda x, y: x * np.sin(y))
    x*sin(y)
    >>> trace(lambda w: np.sum(w**2), (3,)).shape
    ()
    """
    names = _names(f, len(examples))
    if examples and len(examples) != len(names):
        raise ExpressionTypeError(f"trace needs one example per parameter ({', '.join(names)})")
    operands = [
        _operand(name, example)
        for name, example in zip(names, examples or ((),) * len(names), strict=True)
    ]
    return as_expression(f(*operands))


def as_expression(result: Any) -> Expr:
    """What a traced function returned, as one expression."""
    if isinstance(result, (list, tuple)):
        try:
            result = stack([as_expression(item) for item in result])
        except ValueError as error:
            raise ExpressionTypeError(
                f"the function returned a {type(result).__name__} that is no array ({error}); "
                "return one array"
            ) from None
    return constant(result)


def _names(f: Callable[..., Any], count: int) -> list[str]:
    import inspect  # it takes longer to load than everything else here together

    try:
        parameters = list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):
        return [f"x{i}" for i in range(count)]
    if any(p.kind is p.VAR_POSITIONAL for p in parameters):
        return [f"x{i}" for i in range(count)]
    named = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    required = [p.name for p in named if p.default is p.empty]
    return [p.name for p in named[:count]] if count >= len(required) else required


def _operand(name: str, example: Any) -> Expr:
    if isinstance(example, Expr):
        return example
    if isinstance(example, tuple) and all(isinstance(n, int) for n in example):
        return symbol(name, example)
    array = np.asarray(as_number(example, name))
    return symbol(name, array.shape, array.dtype)
