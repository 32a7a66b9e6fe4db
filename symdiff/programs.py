"""The rows of `translate` as short programs for mpmath, compiled once and run at any precision."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import mpmath
import sympy as sp

from diffexpr.primitives import TABLE as PRIMITIVES
from symdiff import translate
from symdiff.constants import as_formula
from symdiff.mp_functions import Reals
from symdiff.named import native
from symdiff.translate import placeholders

REALS = Reals(mpmath.MPContext())
"""A context of our own, so that nobody's precision changes; one thread uses it at a time."""

Step = tuple[Callable[..., Any], tuple[int, ...]]
Program = tuple[int, tuple[Any, ...], tuple[Step, ...]]
# The row a program was made from, and the program; a replaced row no longer matches.
_programs: dict[str, tuple[Any, Program]] = {}


def program(op: str) -> Program:
    """The row of a primitive as steps on numbered places: arguments, constants, results."""
    row = translate.TABLE[op]
    held = _programs.get(op)
    if held is not None and held[0] is row:
        return held[1]
    with translate.SYMPY_LOCK:
        dummies = placeholders(op, PRIMITIVES[op].arity)
        made = _compiled(native(as_formula(row(*dummies))), dummies)
    _programs[op] = (row, made)
    return made


def _compiled(formula: Any, dummies: Sequence[Any]) -> Program:
    nodes = [n for n in sp.postorder_traversal(formula) if not isinstance(n, sp.Tuple)]
    place: dict[Any, int] = {d: i for i, d in enumerate(dummies)}
    constants = [n for n in dict.fromkeys(nodes) if n.is_Atom and n not in place]
    for n in constants:
        place[n] = len(place)
    steps: list[Step] = []
    for n in nodes:
        if n in place:
            continue
        for function, *operands in _steps(n):
            inputs = tuple(place[x] for x in operands)
            steps.append((function, inputs))
            place[n] = len(dummies) + len(constants) + len(steps) - 1
    if not steps:
        steps.append((lambda x: x, (place[formula],)))
    return len(dummies), tuple(constants), tuple(steps)


def _steps(n: Any) -> list[tuple[Any, ...]]:
    """What computes a node from its arguments; sums and products of many, one at a time."""
    if n.is_Add or n.is_Mul:
        first, *rest = n.args
        function = REALS.add if n.is_Add else REALS.multiply
        if n.is_Mul and len(n.args) == 2:
            for divisor, other in ((n.args[0], n.args[1]), (n.args[1], n.args[0])):
                if divisor.is_Pow and divisor.exp == -1:
                    return [(REALS.divide, other, divisor.base)]
        steps = [(function, first, rest[0])]
        return [*steps, *((function, n, x) for x in rest[1:])]
    if n.is_Pow:
        if n.exp == sp.S.Half:
            return [(REALS.sqrt, n.base)]
        if n.exp == -1:
            return [(REALS.reciprocal, n.base)]
        return [(REALS.power, n.base, n.exp)]
    if isinstance(n, sp.Piecewise):
        return [(_choose, *(part for piece in n.args for part in piece.args))]
    return [(REALS.function(type(n)), *n.args)]


def _choose(*parts: Any) -> Any:
    """The first value whose condition holds."""
    for i in range(0, len(parts), 2):
        if parts[i + 1]:
            return parts[i]
    return REALS.nan


def runner(compiled: Program) -> Callable[..., Any]:
    """The program with its constants at the current precision."""
    count, symbols, steps = compiled
    constants = [_value(c) for c in symbols]
    if len(steps) == 1 and steps[0][1] == tuple(range(count)):
        return steps[0][0]

    def run(*args: Any) -> Any:
        places = [*args, *constants]
        for function, inputs in steps:
            places.append(function(*[places[i] for i in inputs]))
        return places[-1]

    return run


def _value(constant: Any) -> Any:
    context = REALS.context
    if constant in (sp.true, sp.false):
        return bool(constant)
    if constant.is_Rational:
        return context.mpf(int(constant.p)) / int(constant.q)
    named = {sp.pi: context.pi, sp.E: context.e, sp.oo: context.inf, -sp.oo: -context.inf}
    return +named[constant] if constant in named else context.nan
