"""The local partial derivatives of each primitive, by SymPy from its row in `translate`."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp

from diffexpr import Expr, MissingRuleError, constant, symbol
from diffexpr.build import node
from diffexpr.expr import is_constant
from diffexpr.primitives import TABLE as PRIMITIVES
from diffexpr.walk import topological
from symdiff import translate
from symdiff.constants import as_formula, is_float, is_zero, to_number
from symdiff.reductions import REDUCTIONS
from symdiff.sympy_to_expr import convert
from symdiff.translate import CONDITIONS, NAMES, placeholders


@dataclass(frozen=True, slots=True)
class Template:
    """An expression in placeholders, ready to be written with other operands.

    Attributes
    ----------
    formula : Expr
        In the variables ``a``, ``b``, ``c``, which stand for the operands.
    order : tuple of Expr
        Its nodes, operands first.
    """

    formula: Expr
    order: tuple[Expr, ...]

    def write(self, operands: Sequence[Expr]) -> Expr:
        """The formula with operands in the place of the placeholders."""
        made: dict[Expr, Expr] = {}
        for n in self.order:
            if n.op == "symbol":
                made[n] = operands[NAMES.index(n.params[0])]
            elif n.args:
                made[n] = _tidy(n.op, tuple(made[arg] for arg in n.args), n.params)
            else:
                made[n] = n
        return made[self.formula]


def _tidy(op: str, args: tuple[Expr, ...], params: tuple[Any, ...]) -> Expr:
    """The node, with the exponent of ``b*a**(b - 1)`` worked out where b is a number."""
    if op == "subtract" and all(_is_plain_number(arg) for arg in args):
        exact = sp.Rational(0) + to_number(args[0].params[0]) - to_number(args[1].params[0])
        if exact.is_finite and is_float(exact):
            return constant(int(exact) if exact.is_integer else float(exact))
    if op == "power" and is_constant(args[1], 1):
        return args[0]
    return node(op, args, params)


def _is_plain_number(n: Expr) -> bool:
    return n.op == "constant" and len(n.params) == 1 and isinstance(n.params[0], (int, float))


_lock = threading.Lock()
# One entry per argument of a primitive: the row it was made from, and the template. A row that has
# been replaced since no longer matches.
_cache: dict[tuple[str, int], tuple[Any, Template | None]] = {}


def partial(op: str, position: int) -> Template | None:
    """The derivative of a primitive with respect to one argument, None where it vanishes.

    Raises
    ------
    MissingRuleError
        If the derivative is no function of the language.

    Examples
    --------
    >>> partial("arctan", 0).formula
    1/(a**2 + 1)
    """
    row = translate.TABLE[op]
    with _lock:
        held = _cache.get((op, position))
    if held is not None and held[0] is row:
        return held[1]
    made = _derive(row, op, position)
    with _lock:
        _cache[op, position] = (row, made)
    return made


def _derive(row: Any, op: str, position: int) -> Template | None:
    if PRIMITIVES[op].kind == "bool" or (op, position) in CONDITIONS:
        return None
    with translate.SYMPY_LOCK:
        dummies = placeholders(op, PRIMITIVES[op].arity)
        slope = sp.diff(as_formula(row(*dummies)), dummies[position])
        if slope.has(sp.Derivative, sp.Subs):
            raise MissingRuleError(
                f"the derivative of {op} by argument {position} is no function of the language; "
                "keep that argument constant"
            )
        formula = convert(slope, {d: _placeholder(op, i) for i, d in enumerate(dummies)})
    return None if is_zero(formula) else Template(formula, tuple(topological(formula)))


def _placeholder(op: str, position: int) -> Expr:
    return symbol(NAMES[position], dtype=bool if (op, position) in CONDITIONS else float)


def reduction_slope(op: str) -> Template:
    """The slope of ``norm``, ``max``, ``min`` or ``logsumexp``.

    There a is one element, b the value and c the number of elements that have the value.
    """
    with translate.SYMPY_LOCK:
        dummies = [sp.Symbol(name, real=True) for name in NAMES]
        slope = REDUCTIONS[op].slope(*dummies)
        formula = convert(slope, {d: symbol(d.name) for d in dummies})
    return Template(formula, tuple(topological(formula)))
