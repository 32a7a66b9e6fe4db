"""SymPy's local partials accumulated over a graph, from the result back to the variables.

Baur and Strassen, The complexity of partial derivatives (1983): all partial derivatives of one
result cost a small multiple of the result, however far the formula would swell when written out.
"""

from __future__ import annotations

from collections.abc import Sequence

from diffexpr import Expr, constant
from diffexpr.build import node
from diffexpr.expr import is_constant
from symdiff.constants import is_zero
from symdiff.elements import operands, scalar_order
from symdiff.partials import Template, partial, reduction_slope
from symdiff.reductions import REDUCTIONS


def gradient(root: Expr, leaves: Sequence[Expr]) -> list[Expr]:
    """The derivative of a scalar graph with respect to each leaf.

    A node below a branch of ``where`` counts only while that branch is chosen: its contributions
    stand behind the same condition, so that an infinity on a branch not taken stays there.
    """
    order = scalar_order([root])
    wanted = set(leaves)
    depends: set[Expr] = set()
    for n in order:
        if n in wanted or any(arg in depends for arg in operands(n)):
            depends.add(n)
    adjoint: dict[Expr, Expr] = {}
    active: dict[Expr, Expr | None] = {root: None}
    if root in depends:
        adjoint[root] = constant(1)
    for n in reversed(order):
        seed = adjoint.get(n)
        if seed is None or n in wanted:
            continue
        condition = active[n]
        for arg, slope in _slopes(n, depends):
            part, chosen = _product(seed, slope, condition)
            if arg in adjoint:
                adjoint[arg] = _add(adjoint[arg], part)
                active[arg] = _either(active[arg], chosen)
            else:
                adjoint[arg], active[arg] = part, chosen
    return [adjoint.get(leaf, constant(0)) for leaf in leaves]


def _slopes(n: Expr, depends: set[Expr]) -> list[tuple[Expr, Expr]]:
    """The operands that matter, each with the local partial."""
    below = operands(n)
    if n.op in REDUCTIONS:
        template = reduction_slope(n.op)
        count = _count(n, below) if n.op in ("max", "min") else n
        return [(x, template.write((x, n, count))) for x in below if x in depends]
    found = []
    for i, arg in enumerate(below):
        template = partial(n.op, i) if arg in depends else None
        if isinstance(template, Template):
            found.append((arg, template.write(below)))
    return found


def _count(n: Expr, below: Sequence[Expr]) -> Expr:
    """How many operands of a maximum equal it."""
    total: Expr | None = None
    for x in below:
        one = node("where", (node("equal", (x, n)), 1, 0))
        total = one if total is None else node("add", (total, one))
    return total if total is not None else constant(1)


def _product(seed: Expr, slope: Expr, condition: Expr | None) -> tuple[Expr, Expr | None]:
    """Adjoint times partial behind the conditions of both, and the condition as a whole."""
    if condition is not None:
        seed = _inside(seed, condition)
    if slope.op == "where" and (is_zero(slope.args[1]) or is_zero(slope.args[2])):
        chosen = slope.args[0]
        if is_zero(slope.args[1]):
            chosen = node("logical_not", (chosen,))
        inner = _inside(slope, chosen)
        condition = chosen if condition is None else _both(condition, chosen)
        return _guard(_multiply(seed, inner), condition), condition
    product = _multiply(seed, slope)
    return (product if condition is None else _guard(product, condition)), condition


def _inside(e: Expr, condition: Expr) -> Expr:
    """What a guarded expression is where its condition holds."""
    if e.op == "where":
        if e.args[0] is condition:
            return e.args[1]
        if condition.op == "logical_not" and condition.args[0] is e.args[0]:
            return e.args[2]
    return e


def _guard(e: Expr, condition: Expr) -> Expr:
    """The expression where the condition holds, else 0."""
    if condition.op == "logical_not":
        return node("where", (condition.args[0], 0, e))
    return node("where", (condition, e, 0))


def _both(a: Expr, b: Expr) -> Expr:
    return a if a is b else node("logical_and", (a, b))


def _either(a: Expr | None, b: Expr | None) -> Expr | None:
    """The condition under which one of two uses counts; None is always."""
    if a is None or b is None:
        return None
    if a is b:
        return a
    opposite = (a.op == "logical_not" and a.args[0] is b) or (
        b.op == "logical_not" and b.args[0] is a
    )
    return None if opposite else node("logical_or", (a, b))


def _multiply(a: Expr, b: Expr) -> Expr:
    for one, other in ((a, b), (b, a)):
        if is_constant(one, 1):
            return other
        if is_constant(one, -1):
            return node("negative", (other,))
    if b.op == "divide" and is_constant(b.args[0], 1):
        return node("divide", (a, b.args[1]))
    return node("multiply", (a, b))


def _add(a: Expr, b: Expr) -> Expr:
    if b.op == "negative":
        return node("subtract", (a, b.args[0]))
    return node("add", (a, b))
