"""Expressions of SymPy as expressions of the language."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sympy as sp

from diffexpr import Expr, ExpressionTypeError, MissingRuleError, constant, symbol
from diffexpr.build import node
from symdiff.constants import from_constant, from_rational, is_short, negated, to_number
from symdiff.named import Named
from symdiff.reductions import Reduction
from symdiff.translate import SYMPY_LOCK

Build = Callable[[Sequence[Expr]], Expr]
Plan = tuple[Sequence[Any], Build]

FUNCTIONS: dict[Any, str] = {
    sp.exp: "exp", sp.log: "log",
    sp.sin: "sin", sp.cos: "cos", sp.tan: "tan", sp.sec: "sec", sp.csc: "csc", sp.cot: "cot",
    sp.asin: "arcsin", sp.acos: "arccos", sp.atan: "arctan",
    sp.asec: "arcsec", sp.acsc: "arccsc", sp.acot: "arccot", sp.atan2: "arctan2",
    sp.sinh: "sinh", sp.cosh: "cosh", sp.tanh: "tanh",
    sp.sech: "sech", sp.csch: "csch", sp.coth: "coth",
    sp.asinh: "arcsinh", sp.acosh: "arccosh", sp.atanh: "arctanh",
    sp.asech: "arcsech", sp.acsch: "arccsch", sp.acoth: "arccoth",
    sp.Abs: "abs", sp.sign: "sign", sp.floor: "floor", sp.ceiling: "ceil", sp.Mod: "mod",
    sp.Heaviside: "heaviside",
    sp.erf: "erf", sp.erfc: "erfc", sp.erfi: "erfi",
    sp.gamma: "gamma", sp.loggamma: "loggamma", sp.beta: "beta",
    sp.erfinv: "erfinv", sp.Ei: "expi",
    sp.besselj: "jv", sp.bessely: "yv", sp.besseli: "iv", sp.besselk: "kv",
}  # fmt: skip
"""SymPy's functions whose arguments are those of the language's."""

LOW_ORDERS: dict[Any, tuple[str, str]] = {
    sp.besselj: ("j0", "j1"), sp.bessely: ("y0", "y1"),
    sp.besseli: ("i0", "i1"), sp.besselk: ("k0", "k1"),
}  # fmt: skip
"""Bessel functions of order 0 and 1, which have rows of their own."""

RELATIONS: dict[Any, str] = {
    sp.StrictLessThan: "less", sp.LessThan: "less_equal",
    sp.StrictGreaterThan: "greater", sp.GreaterThan: "greater_equal",
    sp.Equality: "equal", sp.Unequality: "not_equal",
    sp.Not: "logical_not", sp.Piecewise: "where",
}  # fmt: skip

FOLDED: dict[Any, str] = {
    sp.Max: "maximum", sp.Min: "minimum", sp.And: "logical_and", sp.Or: "logical_or",
}  # fmt: skip
"""SymPy's functions of many arguments that the language takes two at a time."""


def from_sympy(expr: Any) -> Expr:
    """An expression of SymPy in the language.

    Parameters
    ----------
    expr : sympy.Expr or sympy Boolean
        Elementary and special functions of real symbols; Piecewise, Min, Max, relations.

    Returns
    -------
    Expr
        A scalar. Symbols keep their names, terms the order in which SymPy prints them.

    Raises
    ------
    MissingRuleError
        If the language has no such function; the message names it.
    ExpressionTypeError
        If ``expr`` is no expression of SymPy.

    Examples
    --------
    >>> import sympy
    >>> x, y = sympy.symbols("x y")
    >>> from_sympy(sympy.diff(x**2 * sympy.sin(y) + sympy.exp(-x * y), x))
    2*x*sin(y) - y*exp(-x*y)
    """
    if isinstance(expr, (bool, int, float)):
        return constant(expr)
    if not isinstance(expr, sp.Basic):
        raise ExpressionTypeError(f"{expr!r} is not an expression of SymPy; give a sympy.Expr")
    with SYMPY_LOCK:
        return convert(expr, {})


def convert(expr: Any, leaves: Mapping[Any, Expr]) -> Expr:
    """Convert with given meanings of some symbols; without recursion."""
    made: dict[Any, Expr] = dict(leaves)
    plans: dict[Any, Plan] = {}
    stack = [expr]
    while stack:
        e = stack[-1]
        if e in made:
            stack.pop()
            continue
        plan = plans.get(e)
        if plan is None:
            plan = plans[e] = _plan(e)
            missing = [child for child in plan[0] if child not in made]
            if missing:
                stack.extend(reversed(missing))
                continue
        children, build = plan
        made[e] = build([made[child] for child in children])
        stack.pop()
    return made[expr]


def _plan(e: Any) -> Plan:
    """What must be converted before a node, and how the node is built from it."""
    kind = type(e)
    if e.is_Symbol:
        return (), lambda _: symbol(e.name)
    if e is sp.true or e is sp.false:
        return (), lambda _: constant(bool(e))
    if e.is_Add:
        return _sum(e)
    if e.is_Mul:
        return _product(e)
    if e.is_Pow:
        return _power(e)
    if e.is_Atom:
        value = from_constant(e)
        if value is not None:
            return (), lambda _: value
    if isinstance(e, Reduction):
        return e.args, lambda parts: node(e.op, (node("stack", tuple(parts), (0,)),), ((0,), False))
    if isinstance(e, Named):
        return e.args, lambda parts: node(e.op, tuple(parts))
    if kind in LOW_ORDERS and e.args[0] in (0, 1):
        return e.args[1:], lambda parts: node(LOW_ORDERS[kind][int(e.args[0])], tuple(parts))
    if kind in FUNCTIONS:
        return e.args, lambda parts: node(FUNCTIONS[kind], tuple(parts))
    if kind in FOLDED:
        return sorted(e.args, key=sp.default_sort_key), lambda parts: _fold(FOLDED[kind], parts)
    if kind in RELATIONS:
        return _pieces(e) if kind is sp.Piecewise else (
            e.args, lambda parts: node(RELATIONS[kind], tuple(parts)))  # fmt: skip
    return _other(e)


def _other(e: Any) -> Plan:
    """Functions whose arguments differ from the language's."""
    kind = type(e)
    if kind is sp.polygamma:
        order, x = e.args
        if order == 0:
            return (x,), lambda parts: node("digamma", tuple(parts))
        return (order, x), lambda parts: node("polygamma", tuple(parts))
    if kind is sp.sinc:  # SymPy's is sin(x)/x, NumPy's sin(pi x)/(pi x)
        return (e.args[0] / sp.pi,), lambda parts: node("sinc", tuple(parts))
    if kind is sp.factorial:
        return (e.args[0] + 1,), lambda parts: node("gamma", tuple(parts))
    if kind in (sp.lowergamma, sp.uppergamma):
        op = "gammainc" if kind is sp.lowergamma else "gammaincc"
        return e.args, lambda parts: node(
            "multiply", (node(op, tuple(parts)), node("gamma", (parts[0],)))
        )
    if kind is sp.betainc_regularized and e.args[2] == 0:
        a, b, _, x = e.args
        return (a, b, x), lambda parts: node("betainc", tuple(parts))
    if kind is sp.expint and e.args[0] == 1:
        return e.args[1:], lambda parts: node("exp1", tuple(parts))
    if kind is sp.ITE:
        return e.args, lambda parts: node("where", tuple(parts))
    name = "I, the imaginary unit," if e is sp.I else kind.__name__
    raise MissingRuleError(
        f"{name} of SymPy is not in the language; rewrite it with elementary functions first"
    )


def _sum(e: Any) -> Plan:
    terms = _ordered(e)
    negative = [bool(term.as_coeff_Mul()[0].is_negative) for term in terms]
    children = [-term if minus else term for term, minus in zip(terms, negative, strict=True)]

    def build(parts: Sequence[Expr]) -> Expr:
        total = negated(parts[0]) if negative[0] else parts[0]
        for part, minus in zip(parts[1:], negative[1:], strict=True):
            total = node("subtract" if minus else "add", (total, part))
        return total

    return children, build


def _ordered(e: Any) -> list[Any]:
    """The terms as SymPy prints them; sorting a long sum would take longer than reading it."""
    if len(e.args) > 100:
        return list(e.args)
    try:
        return list(e.as_ordered_terms())
    except (OverflowError, ValueError, TypeError):
        return list(e.args)


def _product(e: Any) -> Plan:
    number, rest = e.as_coeff_Mul()
    if number.is_Float:
        number = to_number(float(number))
    if not number.is_Rational:
        number, rest = sp.S.One, e
    top: list[Any] = []
    bottom: list[Any] = []
    above, below = number, sp.S.One
    if is_short(number):
        above, below = sp.Integer(number.p), sp.Integer(number.q)
    for factor in rest.as_ordered_factors():
        (bottom if _is_divisor(factor) else top).append(factor)
    children = [*top, *(1 / factor for factor in bottom)]

    def build(parts: Sequence[Expr]) -> Expr:
        over = _multiply(above, parts[: len(top)])
        if not bottom and below == 1:
            return over
        return node("divide", (over, _multiply(below, parts[len(top) :])))

    return children, build


def _is_divisor(factor: Any) -> bool:
    return bool(factor.is_Pow and factor.exp.is_Rational and factor.exp.is_negative)


def _multiply(number: Any, factors: Sequence[Expr]) -> Expr:
    if not factors or abs(number) != 1:
        return _fold("multiply", [from_rational(number), *factors])
    first = factors[0] if number == 1 else negated(factors[0])
    return _fold("multiply", [first, *factors[1:]])


def _fold(op: str, parts: Sequence[Expr]) -> Expr:
    total = parts[0]
    for part in parts[1:]:
        total = node(op, (total, part))
    return total


def _power(e: Any) -> Plan:
    base, exponent = e.base, e.exp
    if not exponent.is_Rational:
        return (base, exponent), lambda parts: node("power", tuple(parts))
    if exponent.is_negative:
        under = sp.Pow(base, -exponent)
        return (under,), lambda parts: node("divide", (constant(1), parts[0]))
    if exponent == sp.S.Half:
        return (base,), lambda parts: node("sqrt", (parts[0],))
    return (base,), lambda parts: node("power", (parts[0], from_rational(exponent)))


def _pieces(e: Any) -> Plan:
    """Nested choices; where no condition holds the value is undefined."""
    pairs = [(piece.expr, piece.cond) for piece in e.args]
    children = [part for pair in pairs for part in pair]
    complete = pairs[-1][1] == sp.true

    def build(parts: Sequence[Expr]) -> Expr:
        chosen = parts[-2] if complete else constant(float("nan"))
        for i in range(len(pairs) - (2 if complete else 1), -1, -1):
            chosen = node("where", (parts[2 * i + 1], parts[2 * i], chosen))
        return chosen

    return children, build
