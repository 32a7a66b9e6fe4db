"""How the operations on numbers read in Python, with the functions of ``math``.

Each spelling gives the value that NumPy gives, or raises ValueError, ZeroDivisionError or
OverflowError; none of them silently gives another one. So ``**``, which leaves the real numbers,
is not used, and a comparison that chooses between two numbers says what becomes of NaN.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping

from compare.lower.scalars.program import Spelling
from compare.lower.source import syntax
from compare.lower.source.names import Names
from diffexpr import MissingRuleError
from diffexpr.primitives import TABLE
from diffexpr.values import Special

BUILTINS = ("abs", "float", "round")
"""Functions of Python itself that the spellings call."""


class PythonWords:
    """The functions that a program asks for, under names of their own.

    Attributes
    ----------
    imported : dict
        From module and name to the name in the program.
    """

    language = "Python's floats"

    def __init__(self, names: Names) -> None:
        self._names = names
        self.imported: dict[tuple[str, str], str] = {}

    @property
    def spellings(self) -> Mapping[str, Spelling]:
        """The operations by name."""
        return SPELLINGS

    def of(self, module: str, name: str) -> ast.expr:
        """A function of a module, or a module of a package, which is then imported."""
        key = module, name
        if key not in self.imported:
            self.imported[key] = self._names.fresh(name)
        return syntax.name(self.imported[key])

    def number(self, value: float | bool, name: str = "") -> ast.expr:
        """A number as it reads in Python; pi and e by their names."""
        if isinstance(value, bool):
            return ast.Constant(value)
        if name in ("pi", "e") and value == getattr(math, name):
            return self.of("math", name)
        if math.isnan(value):
            return self.of("math", "nan")
        if math.copysign(1.0, value) < 0:
            return ast.UnaryOp(ast.USub(), self.number(-value))
        return self.of("math", "inf") if math.isinf(value) else ast.Constant(value)

    def imports(self) -> list[ast.stmt]:
        """The lines that bring the functions in."""
        modules: dict[str, list[ast.alias]] = {}
        for (module, name), known in sorted(self.imported.items()):
            alias = ast.alias(name, None if known == name else known)
            modules.setdefault(module, []).append(alias)
        return [ast.ImportFrom(module, found, 0) for module, found in modules.items()]


Write = Callable[..., ast.expr]


def binary(operator: type[ast.operator]) -> Write:
    """An operator between two operands."""
    return lambda words, a, b: ast.BinOp(a, operator(), b)


def compared(operator: type[ast.cmpop]) -> Write:
    """A comparison."""
    return lambda words, a, b: ast.Compare(a, [operator()], [b])


def joined(operator: type[ast.boolop]) -> Write:
    """A connective of truth values."""
    return lambda words, a, b: ast.BoolOp(operator(), [a, b])


SHARED: dict[str, Spelling] = {
    "add": Spelling(binary(ast.Add)),
    "subtract": Spelling(binary(ast.Sub)),
    "multiply": Spelling(binary(ast.Mult)),
    "divide": Spelling(binary(ast.Div)),
    "negative": Spelling(lambda words, a: ast.UnaryOp(ast.USub(), a)),
    "less": Spelling(compared(ast.Lt)),
    "less_equal": Spelling(compared(ast.LtE)),
    "greater": Spelling(compared(ast.Gt)),
    "greater_equal": Spelling(compared(ast.GtE)),
    "equal": Spelling(compared(ast.Eq)),
    "not_equal": Spelling(compared(ast.NotEq)),
    "logical_and": Spelling(joined(ast.And)),
    "logical_or": Spelling(joined(ast.Or)),
    "logical_not": Spelling(lambda words, a: ast.UnaryOp(ast.Not(), a)),
}
"""What reads the same in every language."""


def _math(name: str) -> Spelling:
    return Spelling(lambda words, *operands: syntax.call(words.of("math", name), operands))


def _built_in(name: str) -> Spelling:
    return Spelling(lambda words, a: syntax.call(syntax.name(name), [a]))


def _special(name: str) -> Spelling:
    def write(words: PythonWords, *operands: ast.expr) -> ast.expr:
        function = ast.Attribute(words.of("scipy", "special"), name, ast.Load())
        # A number of NumPy's would be slow in all that follows, and would divide by zero.
        return syntax.call(syntax.name("float"), [syntax.call(function, operands)])

    return Spelling(write)


def _polygamma(words: PythonWords, order: ast.expr, x: ast.expr) -> ast.expr:
    """DLMF 5.15.1, where SciPy's own function would warn of orders that it does not have."""
    degree = order.value if isinstance(order, ast.Constant) else None
    if not isinstance(degree, float) or degree != int(degree):
        raise MissingRuleError("polygamma of an order that is not given has no form in floats")
    if not degree:
        return _special("digamma").write(words, x)
    zeta = _special("zeta").write(words, ast.Constant(degree + 1), x)
    factor = (-1.0) ** (degree + 1) * math.gamma(degree + 1)
    return ast.BinOp(words.number(factor), ast.Mult(), zeta)


def _whole(round_: Callable[[PythonWords], ast.expr]) -> Spelling:
    """Rounded to an integer, with the sign of the number also where that is zero."""

    def write(words: PythonWords, a: ast.expr) -> ast.expr:
        return syntax.call(words.of("math", "copysign"), [syntax.call(round_(words), [a]), a])

    return Spelling(write, repeats=True)


def _extreme(beyond: type[ast.cmpop], at_least: type[ast.cmpop]) -> Spelling:
    """``c if x < c else x`` for a number c; NaN is not less, and stays."""

    def write(words: PythonWords, a: ast.expr, b: ast.expr) -> ast.expr:
        for x, c in ((a, b), (b, a)):
            if _is_number(c):
                return ast.IfExp(ast.Compare(x, [beyond()], [c]), c, x)
        kept = ast.BoolOp(
            ast.Or(), [ast.Compare(a, [at_least()], [b]), ast.Compare(a, [ast.NotEq()], [a])]
        )
        return ast.IfExp(kept, a, b)

    return Spelling(write, repeats=True)


def _is_number(tree: ast.expr) -> bool:
    inner = tree.operand if isinstance(tree, ast.UnaryOp) else tree
    return isinstance(inner, ast.Constant)


SPELLINGS: dict[str, Spelling] = {
    **{name: _special(name) for name, row in TABLE.items() if isinstance(row.value, Special)},
    **SHARED,
    "polygamma": Spelling(_polygamma),
    "abs": _built_in("abs"),
    "astype": _built_in("float"),
    "mod": Spelling(binary(ast.Mod)),
    "maximum": _extreme(ast.Lt, ast.GtE),
    "minimum": _extreme(ast.Gt, ast.LtE),
    "floor": _whole(lambda words: words.of("math", "floor")),
    "ceil": _whole(lambda words: words.of("math", "ceil")),
    "round": _whole(lambda words: syntax.name("round")),
    "power": _math("pow"),
    "arcsin": _math("asin"),
    "arccos": _math("acos"),
    "arctan": _math("atan"),
    "arctan2": _math("atan2"),
    "arcsinh": _math("asinh"),
    "arccosh": _math("acosh"),
    "arctanh": _math("atanh"),
    **{
        name: _math(name)
        for name in (
            "sqrt", "cbrt", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sin", "cos",
            "tan", "sinh", "cosh", "tanh", "hypot", "erf", "erfc", "gamma",
        )
    },
}  # fmt: skip
"""The operations by name."""
