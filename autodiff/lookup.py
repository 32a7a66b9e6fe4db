"""Which rule an operation is differentiated by, or an error that says that it has none."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np

from autodiff import rules
from autodiff.operations import array_rules
from diffexpr import primitives
from diffexpr.apply import apply
from diffexpr.errors import MissingRuleError
from diffexpr.operands import as_operand
from diffexpr.static_options import options_of

Row = tuple[Callable[..., Any] | None, ...]


def jvp_of(op: Any) -> Any:
    """The forward rule of an operation that has no partials."""
    rule = array_rules.JVP.get(op)
    if rule is None and type(op) is not str:
        from autodiff import custom_rules  # it needs the tape, which looks up its rules here

        return custom_rules.jvp_of(op)
    return _missing(op) if rule is None else rule


def vjp_of(op: Any) -> Any:
    """The reverse rule of an operation that has no partials."""
    rule = array_rules.VJP.get(op)
    if rule is None and type(op) is not str:
        from autodiff import custom_rules

        return custom_rules.vjp_of(op)
    return _missing(op) if rule is None else rule


def forward_row(op: Any, params: tuple[Any, ...]) -> Row | None:
    """The partials of a user's own operation, unless it has a rule for tangents."""
    return _row(op, params) if op.jvp_rule is None else None


def reverse_row(op: Any, params: tuple[Any, ...]) -> Row | None:
    """The partials of a user's own operation, unless it has a rule for cotangents."""
    return _row(op, params) if op.vjp_rule is None else None


def _row(op: Any, params: tuple[Any, ...]) -> Row | None:
    if op.partials is None:
        return None
    options = options_of(params)
    return tuple(rule and functools.partial(_number, rule, options) for rule in op.partials)


def _number(rule: Callable[..., Any], options: dict[str, Any], y: Any, *operands: Any) -> Any:
    """The partial of a user's own rule as the table has them: an operand, or an int.

    A truth value is a number, 1 or 0, for only the operations of the language are known to select.
    """
    p = as_operand(rule(y, *operands, **options))
    kind = type(p)
    if kind is int:
        return p
    if kind is bool or kind is float or kind is complex:
        p = np.asarray(p, np.result_type(y.dtype, kind))[()]
    if p.dtype == bool:
        return apply("where", (p, y.dtype.type(1), y.dtype.type(0)))
    return p


def is_constant(op: Any) -> bool:
    """Whether the result carries no derivative: a truth value does not."""
    if op in rules.PARTIALS or op in array_rules.VJP:
        return False
    row = primitives.TABLE.get(op)
    return row is not None and row.kind == "bool"


def _missing(op: Any) -> NoReturn:
    raise MissingRuleError(f"{op} has no partials in autodiff.rules; add a row there")
