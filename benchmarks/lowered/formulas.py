"""The expressions as SymPy's formulas: what its printer, and who reads its text, start from."""

from functools import cache

import sympy

from lowered.expressions import EXPRESSIONS


@cache
def formulas(name):
    """The symbols of an expression, and its value and partial derivatives."""
    expression = EXPRESSIONS[name]
    symbols = sympy.symbols(f"x:{len(expression.box)}", real=True)
    value = expression.program(sympy, *symbols)
    return symbols, [value, *(sympy.diff(value, symbol) for symbol in symbols)]


def printed(name, modules="numpy"):
    """What ``lambdify(cse=True)`` makes of them."""
    symbols, outputs = formulas(name)
    return sympy.lambdify(symbols, outputs, modules=modules, cse=True)


def steps(name):
    """Names of the variables; pairs of a name and the text of a subexpression; texts of outputs."""
    symbols, outputs = formulas(name)
    common, left = sympy.cse(outputs, symbols=sympy.numbered_symbols("t"))
    return (
        [symbol.name for symbol in symbols],
        [(symbol.name, str(formula)) for symbol, formula in common],
        [str(formula) for formula in left],
    )
