"""Which rule an operation is differentiated by, or an error that says that it has none."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NoReturn

from autodiff import rules
from autodiff.operations import array_rules
from diffexpr import primitives
from diffexpr.errors import MissingRuleError
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
    options = options_of(params)
    if op.partials is None or not options:
        return op.partials
    return tuple(rule and functools.partial(rule, **options) for rule in op.partials)


def is_constant(op: Any) -> bool:
    """Whether the result carries no derivative: a truth value does not."""
    if op in rules.PARTIALS or op in array_rules.VJP:
        return False
    row = primitives.TABLE.get(op)
    return row is not None and row.kind == "bool"


def _missing(op: Any) -> NoReturn:
    raise MissingRuleError(f"{op} has no partials in autodiff.rules; add a row there")
