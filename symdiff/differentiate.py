"""The derivative of an expression as an expression: written out by SymPy, or as a graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import sympy as sp

from diffexpr import Expr, ExpressionTypeError, ExpressionValueError, symbol
from diffexpr.errors import MissingRuleError
from symdiff import arrays
from symdiff.accumulate import gradient
from symdiff.elements import (
    MAX_ELEMENTS,
    Array,
    as_objects,
    assemble,
    elements,
    expanded,
    scalar_order,
)
from symdiff.expr_to_sympy import MAX_WRITTEN_OUT, Atoms, formulas
from symdiff.sympy_to_expr import convert
from symdiff.translate import SYMPY_LOCK

Method = Literal["formula", "graph"]

MAX_FORMULA = 300
"""Most operations, each repetition counted, of an expression that SymPy differentiates whole."""

MAX_WRITTEN = 3000
"""Most operations that the derivative may come to when written out: a nest of 75 sines."""

MAX_FORMULA_WORK = 3000
"""Most operations times variables; beyond, a gradient written out would take seconds."""


MAX_WORK = 500_000
"""Most graph nodes, counted anew for each entry of the result, that are accumulated."""


@dataclass(frozen=True, slots=True)
class Derivation:
    """A derivative and how it was found.

    Attributes
    ----------
    formula : Expr
        The derivative, of shape ``expr.shape + wrt.shape``.
    method : {'formula', 'graph'}
        ``'formula'``: `sympy.diff` of the whole expression. ``'graph'``: SymPy's partial of each
        operation, accumulated over the graph.
    operations : int
        Operations of the expression with every repetition counted, by which the method was chosen.
    """

    formula: Expr
    method: Method
    operations: int


def differentiate(
    expr: Expr, wrt: Expr | str | Sequence[Expr | str], n: int = 1, method: Method | None = None
) -> Any:
    """The n-th derivative of an expression with respect to a variable.

    Parameters
    ----------
    expr : Expr
        A scalar, or an array, which is differentiated element by element.
    wrt : Expr, str, or a sequence of these
        A variable or its name; a sequence gives a tuple.
    n : int
        Order, at least 1; above 1 the variable is a scalar.
    method : {'formula', 'graph'}, optional
        By size unless given: `sympy.diff` up to 300 operations, the graph beyond.

    Returns
    -------
    Derivation
        Whose formula has the shape ``expr.shape + wrt.shape``.

    Raises
    ------
    BoundError
        If an array, the graph or the result passes a bound; the message names it.
    MissingRuleError
        If a derivative is no function of the language.
    ExpressionValueError
        If the order is not a positive integer.

    Examples
    --------
    >>> from diffexpr import parse
    >>> differentiate(parse("x^2 sin(y)"), "x").formula
    2*x*sin(y)
    >>> import numpy as np
    >>> from diffexpr import symbols
    >>> y = symbols("x")[0]
    >>> for _ in range(40):
    ...     y = np.sin(y) + y * y
    >>> differentiate(y, "x").method
    'graph'
    """
    if not isinstance(expr, Expr):
        raise ExpressionTypeError(f"{expr!r} is not an expression; parse or trace it first")
    if isinstance(n, bool) or not isinstance(n, int) or n < 1:
        raise ExpressionValueError(f"n={n!r}: the order is an integer, at least 1")
    several = isinstance(wrt, (tuple, list))
    given = {v.params[0]: v for v in expr.variables}
    variables = [_variable(v, given) for v in (wrt if several else (wrt,))]
    if n > 1 and any(v.shape for v in variables):
        raise ExpressionValueError(f"n={n} needs a scalar variable; use jacobian of jacobian")
    found = derive(expr, variables, n, method)
    return tuple(found) if several else found[0]


def _variable(item: Any, given: dict[str, Expr]) -> Expr:
    if isinstance(item, str):
        return given[item] if item in given else symbol(item)
    if isinstance(item, Expr) and item.op == "symbol":
        return item
    raise ExpressionTypeError(f"wrt={item!r}: give a variable or its name")


def derive(
    expr: Expr, variables: Sequence[Expr], n: int = 1, method: Method | None = None
) -> list[Derivation]:
    """One derivation per variable, what they share done once."""
    parts = elements(expr)
    leaves = [elements(v) for v in variables]
    flat = [leaf for array in leaves for leaf in array.flat]
    roots: list[Expr] = list(parts.flat)
    entries = len(roots) * len(flat)
    if entries > MAX_ELEMENTS and (parts.ndim or len(flat) > MAX_ELEMENTS):
        raise arrays.too_many("the derivative", entries, "array elements", MAX_ELEMENTS)
    sizes = expanded(roots)
    operations = sum(whole for whole, _ in sizes)
    rows: list[list[Expr]] | None = None
    used: Method = "graph"
    small = operations * len(flat) <= MAX_FORMULA_WORK and all(
        whole <= MAX_FORMULA and slope <= MAX_WRITTEN for whole, slope in sizes
    )
    if method == "formula" and operations > MAX_WRITTEN_OUT:
        raise arrays.too_many("the formula", operations, "operations", MAX_WRITTEN_OUT)
    if method == "formula" or (method is None and small and not _is_extreme(roots)):
        rows = _whole(roots, flat, n)
        used = "formula" if rows is not None else "graph"
    if rows is None:
        rows = _graph(roots, flat, n)
    return _shaped(rows, parts, leaves, used, operations)


def _is_extreme(roots: list[Expr]) -> bool:
    """Whether a constant is so large or small that factors put in another order might overflow."""
    held = (n.params[0] for n in scalar_order(roots) if n.op == "constant")
    sizes = (abs(value) for value in held if value)
    return any(not 1e-100 < size < 1e100 for size in sizes)


def _shaped(
    rows: list[list[Expr]], parts: Array, leaves: list[Array], used: Method, operations: int
) -> list[Derivation]:
    found = []
    start = 0
    for array in leaves:
        chosen = [e for row in rows for e in row[start : start + array.size]]
        start += array.size
        formula = assemble(as_objects(chosen, parts.shape + array.shape))
        found.append(Derivation(formula, used, operations))
    return found


def _whole(roots: list[Expr], leaves: list[Expr], n: int) -> list[list[Expr]] | None:
    """`sympy.diff` of each root by each leaf; None where SymPy leaves the real language."""
    with SYMPY_LOCK:
        atoms = Atoms()
        wanted = [atoms.symbol(leaf) for leaf in leaves]
        try:
            made = formulas(roots, atoms)
            return [[convert(_diff(f, s, n), atoms.leaves) for s in wanted] for f in made]
        except (MissingRuleError, ExpressionValueError, TypeError, RecursionError):
            # A branch that is complex, a number beyond float64, or a function that SymPy cannot
            # write: the graph keeps the operations apart, or says what is at fault.
            return None


def _diff(formula: Any, s: Any, n: int) -> Any:
    if s not in formula.free_symbols:
        return sp.S.Zero
    found = sp.diff(formula, s, n)
    if found.has(sp.nan, sp.zoo, sp.oo, -sp.oo, sp.I, sp.Derivative, sp.Subs):
        raise MissingRuleError(f"SymPy's derivative by {s} is not a real formula")
    return found


def _graph(roots: list[Expr], leaves: list[Expr], n: int) -> list[list[Expr]]:
    """Rows of derivatives, one per root, by accumulation; n times for the n-th."""
    work = sum(len(scalar_order([root])) for root in roots)
    if work > MAX_WORK:
        raise arrays.too_many("the derivative", work, "graph nodes", MAX_WORK)
    rows = []
    for root in roots:
        row = gradient(root, leaves)
        for _ in range(n - 1):
            row = [gradient(e, [leaf])[0] for e, leaf in zip(row, leaves, strict=True)]
        rows.append(row)
    return rows
