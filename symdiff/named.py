"""Real functions of the language that SymPy lacks, or knows only over the complex numbers.

SymPy's own ``Abs``, ``sign``, ``floor``, ``Max`` and ``Heaviside`` differentiate to ``DiracDelta``,
``Derivative`` or ``Subs`` where an argument is not provably real. The classes here differentiate by
the language's conventions instead, and keep a function that floating point wants whole (``expm1``,
``log1p``, the sigmoid) from dissolving into one that overflows or cancels. What each means in plain
SymPy is its `definition`.
"""

from __future__ import annotations

from typing import Any, ClassVar

import sympy as sp
from sympy.core.function import ArgumentIndexError

from diffexpr import MissingRuleError

HALF = sp.Rational(1, 2)


class Named(sp.Function):
    """Base of the functions that stand for one operation of the language.

    Attributes
    ----------
    op : str
        The operation it stands for.
    """

    op: ClassVar[str] = ""

    def __new__(cls, *args: Any, **options: Any) -> Any:
        return super().__new__(cls, *args, **options)

    @property
    def operands(self) -> Any:
        """The arguments; SymPy's stubs give `args` a type that knows no arithmetic."""
        return self.args

    def definition(self) -> Any:
        """The function in plain SymPy."""
        raise NotImplementedError

    def slopes(self) -> tuple[Any, ...]:
        """The derivative with respect to each argument, None where it has no closed form."""
        raise NotImplementedError

    def fdiff(self, argindex: int = 1) -> Any:
        slopes = self.slopes()
        if not 1 <= argindex <= len(slopes):
            raise ArgumentIndexError(self, argindex)
        slope = slopes[argindex - 1]
        if slope is None:
            raise MissingRuleError(
                f"the derivative of {self.op} by argument {argindex - 1} is no function of the "
                "language; keep that argument constant"
            )
        return sp.Integer(slope) if isinstance(slope, int) else slope

    def _eval_is_extended_real(self) -> bool:
        return True

    def _eval_is_commutative(self) -> bool:
        return True

    def _eval_evalf(self, prec: int) -> Any:
        return self.definition()._eval_evalf(prec)


class Where(Named):
    """One of two values by a condition. The derivative is that of the chosen branch."""

    op = "where"

    def definition(self) -> Any:
        condition, x, y = self.operands
        return sp.Piecewise((x, condition), (y, True), evaluate=False)

    def slopes(self) -> tuple[Any, ...]:
        condition = self.operands[0]
        return (0, Where(condition, 1, 0), Where(condition, 0, 1))

    def _eval_derivative(self, s: Any) -> Any:
        condition, x, y = self.operands
        left, right = x.diff(s), y.diff(s)
        return left if left == right else Where(condition, left, right)


class Abs(Named):
    op = "abs"

    def definition(self) -> Any:
        return sp.Abs(self.operands[0])

    def slopes(self) -> tuple[Any, ...]:
        return (Sign(self.operands[0]),)


class Step(Named):
    """A function that is constant between its jumps."""

    def slopes(self) -> tuple[Any, ...]:
        return (0,)


class Sign(Step):
    op = "sign"

    def definition(self) -> Any:
        return sp.sign(self.operands[0])


class Floor(Step):
    op = "floor"

    def definition(self) -> Any:
        return sp.floor(self.operands[0])


class Ceil(Step):
    op = "ceil"

    def definition(self) -> Any:
        return sp.ceiling(self.operands[0])


class Round(Step):
    """The nearest integer, halves to even."""

    op = "round"

    def definition(self) -> Any:
        (x,) = self.operands
        up = sp.floor(x + HALF)
        return sp.Piecewise((2 * sp.floor(up / 2), sp.Eq(up - x, HALF)), (up, True))


class Mod(Named):
    op = "mod"

    def definition(self) -> Any:
        x, y = self.operands
        return x - y * sp.floor(x / y)

    def slopes(self) -> tuple[Any, ...]:
        x, y = self.operands
        return (1, -Floor(x / y))


class Heaviside(Named):
    op = "heaviside"

    def definition(self) -> Any:
        return sp.Heaviside(*self.operands)

    def slopes(self) -> tuple[Any, ...]:
        return (0, Where(sp.Eq(self.operands[0], 0, evaluate=False), 1, 0))


class Maximum(Named):
    op = "maximum"

    def definition(self) -> Any:
        return sp.Max(*self.operands)

    def slopes(self) -> tuple[Any, ...]:
        a, b = self.operands
        return (Heaviside(a - b, HALF), Heaviside(b - a, HALF))


class Minimum(Named):
    op = "minimum"

    def definition(self) -> Any:
        return sp.Min(*self.operands)

    def slopes(self) -> tuple[Any, ...]:
        a, b = self.operands
        return (Heaviside(b - a, HALF), Heaviside(a - b, HALF))


class Relu(Named):
    op = "relu"

    def definition(self) -> Any:
        return sp.Max(self.operands[0], 0)

    def slopes(self) -> tuple[Any, ...]:
        return (Heaviside(self.operands[0], sp.S.Zero),)


class Power(Named):
    """``a**b`` with an exponent that is not a number.

    SymPy writes the first slope ``b*a**b/a``, which is 0/0 at a = 0.
    """

    op = "power"

    def definition(self) -> Any:
        return sp.Pow(*self.operands, evaluate=False)

    def slopes(self) -> tuple[Any, ...]:
        a, b = self.operands
        return (b * Power(a, b - 1), sp.log(a) * self)


class Cbrt(Named):
    """The real cube root."""

    op = "cbrt"

    def definition(self) -> Any:
        (x,) = self.operands
        return sp.sign(x) * sp.Abs(x) ** sp.Rational(1, 3)

    def slopes(self) -> tuple[Any, ...]:
        return (1 / (3 * self**2),)


class Hypot(Named):
    op = "hypot"

    def definition(self) -> Any:
        a, b = self.operands
        return sp.sqrt(a**2 + b**2)

    def slopes(self) -> tuple[Any, ...]:
        away = sp.Ne(self, 0, evaluate=False)
        return tuple(Where(away, arg / self, 0) for arg in self.operands)


class Arctan2(Named):
    op = "arctan2"

    def definition(self) -> Any:
        return sp.atan2(*self.operands)

    def slopes(self) -> tuple[Any, ...]:
        y, x = self.operands
        return (x / (x**2 + y**2), -y / (x**2 + y**2))


class Expm1(Named):
    op = "expm1"

    def definition(self) -> Any:
        return sp.exp(self.operands[0]) - 1

    def slopes(self) -> tuple[Any, ...]:
        return (sp.exp(self.operands[0]),)


class Log1p(Named):
    op = "log1p"

    def definition(self) -> Any:
        return sp.log(1 + self.operands[0])

    def slopes(self) -> tuple[Any, ...]:
        return (1 / (1 + self.operands[0]),)


class Logaddexp(Named):
    op = "logaddexp"

    def definition(self) -> Any:
        a, b = self.operands
        return sp.log(sp.exp(a) + sp.exp(b))

    def slopes(self) -> tuple[Any, ...]:
        a, b = self.operands
        return (Sigmoid(a - b), Sigmoid(b - a))


class Sigmoid(Named):
    op = "sigmoid"

    def definition(self) -> Any:
        return 1 / (1 + sp.exp(-self.operands[0]))

    def slopes(self) -> tuple[Any, ...]:
        # s(x) s(-x): s(x) (1 - s(x)) would cancel on the right.
        return (self * Sigmoid(-self.operands[0]),)


class Softplus(Named):
    op = "softplus"

    def definition(self) -> Any:
        return sp.log(1 + sp.exp(self.operands[0]))

    def slopes(self) -> tuple[Any, ...]:
        return (Sigmoid(self.operands[0]),)


class Softsign(Named):
    op = "softsign"

    def definition(self) -> Any:
        (x,) = self.operands
        return x / (1 + sp.Abs(x))

    def slopes(self) -> tuple[Any, ...]:
        return (1 / (1 + Abs(self.operands[0])) ** 2,)


class Erfc(Named):
    """The complementary error function, whose SymPy namesake turns erfc(-x) into 2 - erfc(x)."""

    op = "erfc"

    def definition(self) -> Any:
        return sp.erfc(self.operands[0])

    def slopes(self) -> tuple[Any, ...]:
        return (-2 * sp.exp(-(self.operands[0] ** 2)) / sp.sqrt(sp.pi),)


def native(expr: Any) -> Any:
    """An expression with every function defined here written in SymPy's own."""
    if not isinstance(expr, sp.Basic) or not expr.has(Named):
        return expr
    return expr.replace(lambda e: isinstance(e, Named), lambda e: e.definition())
