"""Which rule an operation is differentiated by, or an error that says that it has none."""

from __future__ import annotations

from typing import Any, NoReturn

from autodiff import array_rules, rules
from diffexpr import primitives
from diffexpr.errors import MissingRuleError


def jvp_of(op: Any) -> Any:
    """The forward rule of an operation that has no partials."""
    rule = array_rules.JVP.get(op)
    return _missing(op) if rule is None else rule


def vjp_of(op: Any) -> Any:
    """The reverse rule of an operation that has no partials."""
    rule = array_rules.VJP.get(op)
    return _missing(op) if rule is None else rule


def is_constant(op: Any) -> bool:
    """Whether the result carries no derivative: a truth value does not."""
    if op in rules.PARTIALS or op in array_rules.VJP:
        return False
    row = primitives.TABLE.get(op)
    return row is not None and row.kind == "bool"


def _missing(op: Any) -> NoReturn:
    raise MissingRuleError(f"{op} has no partials in autodiff.rules; add a row there")
