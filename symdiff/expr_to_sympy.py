"""Expressions of the language as expressions of SymPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import sympy as sp

from diffexpr import BoundError, Expr, constant
from diffexpr.expr import is_constant
from symdiff import translate
from symdiff.arrays import too_many
from symdiff.constants import as_formula, is_long, to_number
from symdiff.elements import elements, expanded, is_element, operands, scalar_order
from symdiff.named import Named, Power, Where, native
from symdiff.reductions import REDUCTIONS
from symdiff.reference import evaluate
from symdiff.translate import CONDITIONS, MAX_BITS, SYMPY_LOCK, bits, placeholders

GROWING = {"gamma", "loggamma", "digamma", "polygamma", "beta", "gammaln", "betaln"}
"""Functions that SymPy writes out at integers, as factorials and harmonic numbers."""
MAX_ARGUMENT = 64

MAX_WRITTEN_OUT = 100_000
"""Most operations, each repetition counted, of an expression that goes to SymPy whole: what is a
graph here is a tree there."""


class Atoms:
    """SymPy symbols for the leaves of a graph, one each, and the way back.

    A leaf is a variable, an element of an array variable, or a constant that SymPy must not touch:
    an infinity, or a number of thousands of digits.
    """

    def __init__(self) -> None:
        self.symbols: dict[Expr, Any] = {}
        self.leaves: dict[Any, Expr] = {}
        self._names: set[str] = set()

    def symbol(self, leaf: Expr) -> Any:
        """The symbol of a leaf."""
        found = self.symbols.get(leaf)
        if found is None:
            name = _name(leaf)
            while name in self._names:
                name += "_"
            self._names.add(name)
            if leaf.dtype.kind == "b":
                found = sp.Symbol(name)
            elif leaf.op == "constant" and leaf.params[0] > 0:
                found = sp.Symbol(name, positive=True)
            else:
                found = sp.Symbol(name, real=True)
            self.symbols[leaf] = found
            self.leaves[found] = leaf
        return found


def _name(leaf: Expr) -> str:
    if leaf.op == "symbol":
        return leaf.params[0]
    if leaf.op == "getitem":
        return "_".join([leaf.args[0].params[0], *map(str, leaf.params[0].value)])
    return repr(leaf.params[0]) if leaf.op == "constant" else "c"


def to_sympy(expr: Expr) -> Any:
    """An expression of the language in SymPy.

    Parameters
    ----------
    expr : Expr

    Returns
    -------
    sympy.Expr or ndarray of object
        An array of the expression's shape where it is not a scalar. Variables are real symbols of
        their names, ``w[0, 1]`` is the symbol ``w_0_1``; floats are the rationals they are.

    Raises
    ------
    BoundError
        If an array has more than 10,000 elements, the graph more than 100,000 nodes, the formula
        written out more than 100,000 operations or more depth than SymPy can take.

    Examples
    --------
    >>> from diffexpr import symbols
    >>> import numpy as np
    >>> x, y = symbols("x y")
    >>> to_sympy(x**2 * np.sin(y) + abs(y))
    x**2*sin(y) + Abs(y)
    """
    atoms = Atoms()
    parts = elements(expr)
    written = sum(whole for whole, _ in expanded(list(parts.flat)))
    if written > MAX_WRITTEN_OUT:
        raise too_many("the expression, written out", written, "operations", MAX_WRITTEN_OUT)
    with SYMPY_LOCK:
        try:
            made = formulas(list(parts.flat), atoms, plain=True)
        except RecursionError:
            raise BoundError(
                "the expression is nested too deeply for SymPy; use autodiff, which has no bound",
                "depth",
                1000,
            ) from None
    if not expr.shape:
        return made[0]
    out = np.empty(parts.size, object)
    out[:] = made
    return out.reshape(parts.shape)


def formulas(roots: list[Expr], atoms: Atoms, *, plain: bool = False) -> list[Any]:
    """Scalar expressions in SymPy: with the classes of `named`, or in plain SymPy."""
    made: dict[Expr, Any] = {}
    variable: set[Expr] = set()
    for n in scalar_order(roots):
        below = operands(n)
        if is_element(n) or any(arg in variable for arg in below):
            variable.add(n)
        if not below:
            made[n] = _leaf(n, atoms, plain)
            continue
        args = [_fitting(n.op, i, arg, made[arg]) for i, arg in enumerate(below)]
        if n in variable:
            made[n] = _in_plain_sympy(n, args) if plain else as_formula(meaning(n.op)(*args))
        else:
            made[n] = _number(n, args, atoms, plain)
    return [made[root] for root in roots]


def meaning(op: str) -> Callable[..., Any]:
    """The row of a primitive or the class of a reduction."""
    return REDUCTIONS[op] if op in REDUCTIONS else translate.TABLE[op]


def _in_plain_sympy(n: Expr, args: list[Any]) -> Any:
    """A node whose operands are in SymPy's own functions already: only its row is looked at.

    To look through the operands as well would take forever: a graph is a tree to SymPy.
    """
    found = as_formula(meaning(n.op)(*args))
    if n.op in REDUCTIONS or isinstance(found, Power):
        return found.definition()
    dummies = placeholders(n.op, len(args))
    template = as_formula(meaning(n.op)(*dummies))
    if not template.has(Named):
        return found
    return native(template).xreplace(dict(zip(dummies, args, strict=True)))


def _leaf(n: Expr, atoms: Atoms, plain: bool) -> Any:
    if is_element(n):
        return atoms.symbol(n)
    value, *name = n.params
    if not plain and type(value) is float and is_long(value):
        # A symbol, so that 0.3**2 stays what was written instead of becoming 106 bits.
        return atoms.symbol(n) if value > 0 else -atoms.symbol(constant(-value))
    number = to_number(value, *name)
    if not plain and (number.has(sp.I) or not number.is_finite) and n.dtype.kind != "b":
        return atoms.symbol(n)
    return number


def _fitting(op: str, position: int, arg: Expr, value: Any) -> Any:
    """A number where a number is wanted, a condition where a condition is."""
    truth = arg.dtype.kind == "b"
    if (op, position) in CONDITIONS:
        return value if truth else sp.Ne(value, 0, evaluate=False)
    return Where(value, sp.S.One, sp.S.Zero) if truth else value


def _number(n: Expr, args: list[Any], atoms: Atoms, plain: bool) -> Any:
    """A node without variables; a giant, or what is no real number, stays as it is."""
    found = None if _grows(n, args) else as_formula(meaning(n.op)(*args))
    if found is not None and (n.dtype.kind == "b" or _is_fit(found)):
        return _in_plain_sympy(n, args) if plain else found
    return to_float(n) if plain else atoms.symbol(n)


def _grows(n: Expr, args: list[Any]) -> bool:
    """Whether SymPy must not even be asked."""
    if n.op == "divide" and is_constant(n.args[1], 0):
        return True
    return n.op in GROWING and any(arg.is_Rational and abs(arg) > MAX_ARGUMENT for arg in args)


UNREAL = {sp.zoo, sp.nan, sp.oo, -sp.oo, sp.I}


def _is_fit(found: Any) -> bool:
    if isinstance(found, Power) or (found.is_Rational and bits(found) > MAX_BITS):
        return False
    near = (found, *found.args, *(part for arg in found.args for part in arg.args))
    return not any(part in UNREAL for part in near)


def to_float(n: Expr) -> Any:
    """A constant as a float of SymPy, whose exponent has no bound."""
    value = evaluate(n, {}, digits=30)
    if mpmath.isnan(value):
        return sp.nan
    if mpmath.isinf(value):
        return sp.oo if value > 0 else -sp.oo
    return sp.Float(value, 30)
