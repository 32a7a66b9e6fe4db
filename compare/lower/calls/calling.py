"""Which value belongs to which parameter in a call."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

from diffexpr import ExpressionTypeError


def signature_of(parameters: Sequence[str]) -> inspect.Signature:
    """The signature of a function that takes its values by position or by name."""
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    return inspect.Signature([inspect.Parameter(name, kind) for name in parameters])


def by_name(
    function: str, parameters: Sequence[str], args: Sequence[Any], kwargs: Mapping[str, Any]
) -> dict[str, Any]:
    """The values of a call by the name of their parameter.

    Raises
    ------
    ExpressionTypeError
        If there are too many or too few, one is given twice or has no parameter, or is symbolic.

    Examples
    --------
    >>> by_name("f", ("x", "y"), (1.0,), {"y": 2.0})
    {'x': 1.0, 'y': 2.0}
    """
    signature = f"{function}({', '.join(parameters)})"
    if len(args) > len(parameters):
        raise ExpressionTypeError(f"{signature} takes {len(parameters)} values, got {len(args)}")
    given = dict(zip(parameters, args, strict=False))
    for name, value in kwargs.items():
        if name not in parameters or name in given:
            wrong = "is given twice" if name in parameters else "is not a variable"
            raise ExpressionTypeError(f"{signature}: {name!r} {wrong}")
        given[name] = value
    missing = [name for name in parameters if name not in given]
    if missing:
        raise ExpressionTypeError(f"{signature}: no value for {missing[0]!r}")
    for name, value in given.items():
        if hasattr(value, "_level"):
            raise ExpressionTypeError(
                f"{signature}: {name} is symbolic; a lowered function takes numbers, call "
                "the expression itself instead"
            )
    return given
