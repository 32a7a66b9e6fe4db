"""How a distribution is moved and scaled, and what holds outside of its support.

A condition on numbers that holds nowhere leaves no trace on the tape; on expressions it becomes a
choice by `where`, whose derivative outside of the support is 0.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff.boxes import Box
from diffexpr.apply import apply
from diffexpr.errors import MissingRuleError
from diffexpr.operands import as_operand


def quiet(function: Callable[..., Any]) -> Callable[..., Any]:
    """Lists as arrays, and log(0) = -inf without a warning, for a function of a distribution."""

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        named = {name: as_operand(value) for name, value in kwargs.items()}
        with np.errstate(all="ignore"):
            return function(*map(as_operand, args), **named)

    return call


def op(name: str, *operands: Any) -> Any:
    """One operation of the language."""
    return apply(name, operands)


def chosen(condition: Any, x: Any, y: Any) -> Any:
    """One value where the condition holds, else another, untouched if it holds nowhere."""
    if not hasattr(condition, "_level") and not np.any(condition):
        return y
    return apply("where", (condition, x, y))


def either(a: Any, b: Any) -> Any:
    """Where one of two conditions holds."""
    return apply("logical_or", (a, b))


def standardized(x: Any, loc: Any, scale: Any, *shapes: Any) -> tuple[Any, Any]:
    """``(x - loc)/scale`` and the scale, NaN where it or a shape parameter is not positive."""
    for parameter in (scale, *shapes):
        scale = chosen(apply("less_equal", (parameter, 0)), np.nan, scale)
    if hasattr(x, "_level") and is_default(loc, 0) and is_default(scale, 1):
        return x, scale
    return (x - loc) / scale, scale


def is_default(value: Any, default: int) -> bool:
    """Whether a parameter was left out, so that nothing need be computed with it."""
    return type(value) is int and value == default


def per_scale(density: Any, scale: Any) -> Any:
    """A standard density as one of that scale."""
    return density if is_default(scale, 1) else density / scale


def log_per_scale(density: Any, scale: Any) -> Any:
    """The logarithm of a standard density as that of one of that scale."""
    return density if is_default(scale, 1) else density - np.log(scale)


def log_share(share: Any, rest: Any, empty: Any = False, nothing: Any = -np.inf) -> Any:
    """``log(share)`` where both parts of a whole are known, exact near 0 and near 1.

    Where the share is 0 because the place is outside of the support, ``empty`` holds, and the
    logarithm is ``nothing``; log(0) itself would multiply derivatives of 0 to NaN.
    """
    share, rest = chosen(empty, 1.0, share), chosen(empty, 0.0, rest)
    small = apply("less", (share, 0.5))
    near_one = np.log1p(-apply("where", (small, 0.0, rest)))
    found = apply("where", (small, np.log(apply("where", (small, share, 1.0))), near_one))
    return chosen(empty, nothing, found)


def constant(value: Any, function: str, argument: str) -> Any:
    """An argument with respect to which there is no derivative.

    Raises
    ------
    MissingRuleError
        If it is being differentiated.
    """
    if isinstance(value, Box):
        raise MissingRuleError(
            f"{function} has no derivative with respect to {argument}, which is discrete; "
            "keep it constant"
        )
    return value


def fixed(x: Any) -> Any:
    """The value of an operand, without its derivatives."""
    while isinstance(x, Box):
        x = x.primal
    return x
