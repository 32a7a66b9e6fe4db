"""How the operations on numbers read in JavaScript, with ``Math`` and what that lacks."""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping

from compare.lower.scalars.in_python import SHARED
from compare.lower.scalars.javascript_functions import FUNCTIONS, NEEDS
from compare.lower.scalars.program import Spelling
from compare.lower.source import syntax

RESERVED = frozenset({
    "abstract", "arguments", "await", "boolean", "break", "byte", "case", "catch", "char",
    "class", "const", "continue", "debugger", "default", "delete", "do", "double", "else", "enum",
    "eval", "export", "extends", "false", "final", "finally", "float", "for", "function", "goto",
    "if", "implements", "import", "in", "instanceof", "int", "interface", "let", "long", "native",
    "new", "null", "package", "private", "protected", "public", "return", "short", "static",
    "super", "switch", "synchronized", "this", "throw", "throws", "transient", "true", "try",
    "typeof", "var", "void", "volatile", "while", "with", "yield", "async", "of", "get", "set",
    "undefined", "NaN", "Infinity", "Math", "Number", "Object", "Array",
})  # fmt: skip
"""What cannot name a variable, or would hide what the source calls (ECMA-262, section 12.7.2)."""

MATH = "Math"


class JavaScriptWords:
    """The functions that a program asks for.

    Attributes
    ----------
    defined : dict
        The functions that are to be written into the program, in the order in which they were
        asked for.
    """

    language = "JavaScript"

    def __init__(self) -> None:
        self.defined: dict[str, None] = {}

    @property
    def spellings(self) -> Mapping[str, Spelling]:
        """The operations by name."""
        return SPELLINGS

    def own(self, name: str) -> ast.expr:
        """A function that ``Math`` lacks, which is then written into the program."""
        waiting = [name]
        while waiting:
            found = waiting.pop()
            if found not in self.defined:
                self.defined[found] = None
                waiting.extend(NEEDS[found])
        return syntax.name(name)

    def number(self, value: float | bool, name: str = "") -> ast.expr:
        """A number; pi and e by their names."""
        if isinstance(value, bool):
            return ast.Constant(value)
        if name in ("pi", "e") and value == getattr(math, name):
            return of_math(name.upper())
        if math.isnan(value):
            return syntax.name("NaN")
        if math.copysign(1.0, value) < 0:
            return ast.UnaryOp(ast.USub(), self.number(-value))
        return syntax.name("Infinity") if math.isinf(value) else ast.Constant(value)

    def functions(self) -> list[str]:
        """The texts of the functions that are needed."""
        return [FUNCTIONS[name] for name in self.defined]


def of_math(name: str) -> ast.expr:
    """``Math.name``."""
    return ast.Attribute(syntax.name(MATH), name, ast.Load())


def _math(name: str) -> Spelling:
    return Spelling(lambda words, *operands: syntax.call(of_math(name), operands))


def _own(name: str) -> Spelling:
    return Spelling(lambda words, *operands: syntax.call(words.own(name), operands))


def _power(words: JavaScriptWords, a: ast.expr, b: ast.expr) -> ast.expr:
    # Math.pow differs only where the exponent is infinite or NaN.
    plain = isinstance(b.operand if isinstance(b, ast.UnaryOp) else b, ast.Constant)
    return syntax.call(of_math("pow") if plain else words.own("realPower"), [a, b])


def _exp2(words: JavaScriptWords, a: ast.expr) -> ast.expr:
    return syntax.call(of_math("pow"), [words.number(2.0), a])


def _as_number(words: JavaScriptWords, a: ast.expr) -> ast.expr:
    return syntax.call(syntax.name("Number"), [a])


SPELLINGS: dict[str, Spelling] = {
    **SHARED,
    "astype": Spelling(_as_number),
    "power": Spelling(_power),
    "exp2": Spelling(_exp2),
    "mod": _own("floorMod"),
    "round": _own("roundHalfEven"),
    "maximum": _math("max"),
    "minimum": _math("min"),
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
            "abs", "floor", "ceil", "sqrt", "cbrt", "exp", "expm1", "log", "log2", "log10",
            "log1p", "sin", "cos", "tan", "sinh", "cosh", "tanh", "hypot",
        )
    },
    "erf": _own("erf"),
    "erfc": _own("erfc"),
    "gamma": _own("gamma"),
    "gammaln": _own("logAbsGamma"),
    "loggamma": _own("logGamma"),
    "digamma": _own("digamma"),
}  # fmt: skip
"""The operations by name."""
