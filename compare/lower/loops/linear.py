"""Sums of multiples, several over the same values, become one product with a matrix of numbers.

Ten sums of ten terms are 190 passes of NumPy over a block, or one call of BLAS: 8 nanoseconds a
point instead of 48. Networks written out entry by entry, changes of coordinates and regressions
are full of them, and so are their gradients.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np

from diffexpr import Expr, constant
from diffexpr.apply import apply
from diffexpr.build import node as build
from diffexpr.expr import is_constant
from diffexpr.frozen import Index
from diffexpr.walk import topological

Form = tuple[dict[Expr, float], float]
"""What a sum of multiples is: the factor of each term, and a number beside them."""

LEAST_TERMS = 3
MOST_TERMS = 256

# Nanoseconds a point: of an elementwise pass; of a product, for its call and for each entry of
# the matrix; and of a value that is copied to its row.
_PASS, _CALL, _ENTRY, _COPY = 0.25, 0.3, 0.08, 0.17


def linear_forms(outputs: Sequence[Expr]) -> tuple[Expr, ...]:
    """The same outputs over points, with groups of sums of multiples as products of matrices.

    Terms are added in their order, but without rounding between product and sum where the
    processor has such an instruction.

    Parameters
    ----------
    outputs : sequence of Expr
        Graphs of scalars.

    Examples
    --------
    >>> from diffexpr import symbols
    >>> x, y, z = symbols("x y z")
    >>> linear_forms([2.0 * x + 3.0 * y - z, x - y + 0.5 * z])[1].op
    'getitem'
    """
    order = topological(outputs)
    groups = _groups(order, outputs)
    if not groups:
        return tuple(outputs)
    root_of = {root: (group, i) for group in groups for i, (root, _) in enumerate(group)}
    made: dict[Expr, Expr] = {}
    products: dict[int, Expr] = {}
    for node in order:
        if node not in root_of:
            args = tuple(made[arg] for arg in node.args)
            made[node] = node if args == node.args else apply(node.op, args, node.params)
            continue
        group, i = root_of[node]
        if id(group) not in products:
            products[id(group)] = _product(group, made)
        value = build("getitem", (products[id(group)],), (Index((i,), True),))
        shift = group[i][1][1]
        made[node] = apply("add", (value, constant(shift))) if shift else value
    return tuple(made[output] for output in outputs)


Group = list[tuple[Expr, Form]]


def _groups(order: Sequence[Expr], outputs: Sequence[Expr]) -> list[Group]:
    """The sums over the same terms that are worth a product."""
    uses = Counter(arg for node in order for arg in node.args)
    uses.update(outputs)
    forms: dict[Expr, Form] = {}
    within: set[Expr] = set()
    for node in order:
        form, taken = _form(node, forms, uses)
        if form is not None:
            forms[node] = form
            within.update(taken)
    found: dict[frozenset[Expr], Group] = {}
    for node, form in forms.items():
        if node not in within and LEAST_TERMS <= len(form[0]) <= MOST_TERMS:
            found.setdefault(frozenset(form[0]), []).append((node, form))
    return [group for terms, group in found.items() if _pays(len(terms), len(group))]


def _pays(terms: int, sums: int) -> bool:
    passes = sums * (2 * terms - 1) * _PASS
    product = _CALL + max(sums, 2) * terms * _ENTRY + terms * _COPY
    return product < 0.8 * passes


def _form(
    node: Expr, forms: dict[Expr, Form], uses: Counter[Expr]
) -> tuple[Form | None, list[Expr]]:
    """A node as a sum of multiples, and the nodes that it takes in."""
    taken: list[Expr] = []

    def of(arg: Expr) -> Form:
        value = _number(arg)
        if value is not None:
            return {}, value
        if arg in forms and uses[arg] == 1:
            taken.append(arg)
            return forms[arg]
        return {arg: 1.0}, 0.0

    if node.op in ("add", "subtract"):
        (a, shift), (b, other) = map(of, node.args)
        sign = -1.0 if node.op == "subtract" else 1.0
        if a.keys() & b.keys() or len(a) + len(b) > MOST_TERMS:
            return None, []
        return ({**a, **{t: sign * f for t, f in b.items()}}, shift + sign * other), taken
    if node.op == "negative":
        a, shift = of(node.args[0])
        return ({t: -f for t, f in a.items()}, -shift), taken
    if node.op == "multiply":
        first, second = map(_number, node.args)
        factor = first if first is not None else second
        if factor is None or not math.isfinite(factor) or factor == 0:
            return None, []
        a, shift = of(node.args[1 if first is not None else 0])
        # A shift would have to be multiplied, and so to be rounded once more.
        return (None, []) if shift else (({t: factor * f for t, f in a.items()}, 0.0), taken)
    return None, []


def _number(node: Expr) -> float | None:
    value = node.params[0] if is_constant(node) else None
    return float(value) if isinstance(value, (int, float)) else None


def _product(group: Group, made: dict[Expr, Expr]) -> Expr:
    terms = list(group[0][1][0])
    rows = [[form[term] for term in terms] for _, (form, _) in group]
    if len(rows) == 1:
        # BLAS has another function for a single row, which starts threads of its own.
        rows.append([0.0] * len(terms))
    stacked = build("stack", tuple(made[term] for term in terms), (0,))
    return build("matmul", (constant(np.array(rows)), stacked))
