"""The derivative along one variable, element by element: one formula for a whole array."""

from __future__ import annotations

from diffexpr import Expr, constant, symbol
from diffexpr.build import node
from diffexpr.evaluate import evaluate
from diffexpr.primitives import TABLE as PRIMITIVES
from diffexpr.walk import topological
from symdiff.custom import written_out
from symdiff.differentiate import derive, differentiate


def along(expr: Expr, variable: Expr, n: int = 1) -> Expr:
    """The n-th derivative of an expression along one variable, of the expression's shape.

    Where every operation between variable and result is elementwise, one scalar formula is derived
    and written with the arrays; otherwise the variable moves along (1, 1, ..., 1).

    Raises
    ------
    BoundError
        If operations that mix elements make the expression too large to take apart.

    Examples
    --------
    >>> import numpy as np
    >>> w = symbol("w", (1000,))
    >>> along(np.sin(w), w, 2)
    -sin(w)
    """
    expr = written_out(expr)
    if not expr.shape and not variable.shape:
        return differentiate(expr, variable, n).formula
    scalar = _one_element(expr, variable)
    if scalar is not None:
        formula, place, others = scalar
        found = differentiate(formula, place, n).formula
        return _of_shape(constant(evaluate(found, others)), expr.shape)
    itself = {v.params[0]: v for v in expr.variables}
    step = symbol(_unused("t", set(itself)))
    moved = evaluate(expr, itself | {variable.params[0]: variable + step})
    found = derive(moved, [step], n)[0].formula
    return constant(evaluate(found, itself | {step.params[0]: constant(0)}))


def _one_element(expr: Expr, variable: Expr) -> tuple[Expr, Expr, dict[str, Expr]] | None:
    """The expression for one element: its formula, its variable, and what the names stand for.

    None where an operation on the way mixes elements.
    """
    place = symbol(variable.params[0])
    made: dict[Expr, Expr] = {variable: place}
    depends: set[Expr] = {variable}
    scalar: set[Expr] = set()
    stands = {v.params[0]: v for v in expr.variables if not v.shape} | {place.params[0]: variable}
    taken = {v.params[0] for v in expr.variables}
    for n in topological(expr):
        if not n.shape and all(arg in scalar for arg in n.args):
            scalar.add(n)
        if not any(arg in depends for arg in n.args):
            continue
        if n.op not in PRIMITIVES:
            return None
        for arg in n.args:
            if arg not in made:
                made[arg] = arg if arg in scalar else _stand_in(arg, taken, stands)
        depends.add(n)
        made[n] = node(n.op, tuple(made[arg] for arg in n.args), n.params)
    return made.get(expr, constant(0)), place, stands


def _stand_in(n: Expr, taken: set[str], stands: dict[str, Expr]) -> Expr:
    """A scalar of an unused name for a whole array."""
    name = _unused(f"c{len(stands)}", taken)
    taken.add(name)
    stands[name] = n
    return symbol(name, dtype=n.dtype)


def _unused(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_"
    return name


def _of_shape(found: Expr, shape: tuple[int, ...]) -> Expr:
    return found if found.shape == shape else node("broadcast_to", (found,), (shape,))
