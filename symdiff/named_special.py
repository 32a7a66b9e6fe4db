"""Special functions of the language that SymPy lacks, or writes as something that overflows."""

from __future__ import annotations

from typing import Any

import sympy as sp

from symdiff.named import HALF, Log1p, Named, Sign, Where

ROOT_TWO_PI = sp.sqrt(2 * sp.pi)


class Erfcx(Named):
    """exp(x**2) erfc(x)."""

    op = "erfcx"

    def definition(self) -> Any:
        (x,) = self.operands
        return sp.exp(x**2) * sp.erfc(x)

    def slopes(self) -> tuple[Any, ...]:
        return (2 * self.operands[0] * self - 2 / sp.sqrt(sp.pi),)


class Gammaln(Named):
    """The logarithm of the modulus of the gamma function, below 0 by reflection."""

    op = "gammaln"

    def definition(self) -> Any:
        (x,) = self.operands
        reflected = sp.log(sp.pi / sp.Abs(sp.sin(sp.pi * x))) - sp.loggamma(1 - x)
        right = sp.Gt(x, 0, evaluate=False)
        return sp.Piecewise((sp.loggamma(x), right), (reflected, True), evaluate=False)

    def slopes(self) -> tuple[Any, ...]:
        return (sp.digamma(self.operands[0]),)


class Betaln(Named):
    op = "betaln"

    def definition(self) -> Any:
        a, b = self.operands
        return sp.loggamma(a) + sp.loggamma(b) - sp.loggamma(a + b)

    def slopes(self) -> tuple[Any, ...]:
        a, b = self.operands
        return (sp.digamma(a) - sp.digamma(a + b), sp.digamma(b) - sp.digamma(a + b))


def _gamma_density(a: Any, x: Any) -> Any:
    return sp.exp(Xlogy(a - 1, x) - x - Gammaln(a))


class Gammainc(Named):
    """The lower incomplete gamma function over the gamma function."""

    op = "gammainc"

    def definition(self) -> Any:
        a, x = self.operands
        return sp.lowergamma(a, x) / sp.gamma(a)

    def slopes(self) -> tuple[Any, ...]:
        return (None, _gamma_density(*self.operands))


class Gammaincc(Named):
    """The upper incomplete gamma function over the gamma function."""

    op = "gammaincc"

    def definition(self) -> Any:
        a, x = self.operands
        return sp.uppergamma(a, x) / sp.gamma(a)

    def slopes(self) -> tuple[Any, ...]:
        return (None, -_gamma_density(*self.operands))


def _beta_density(a: Any, b: Any, x: Any) -> Any:
    return sp.exp(Xlogy(a - 1, x) + Xlog1py(b - 1, -x) - Betaln(a, b))


class Betainc(Named):
    """The regularised incomplete beta function."""

    op = "betainc"

    def definition(self) -> Any:
        a, b, x = self.operands
        return sp.betainc_regularized(a, b, 0, x)

    def slopes(self) -> tuple[Any, ...]:
        return (None, None, _beta_density(*self.operands))


class Betaincc(Named):
    """One minus the regularised incomplete beta function."""

    op = "betaincc"

    def definition(self) -> Any:
        a, b, x = self.operands
        return sp.betainc_regularized(b, a, 0, 1 - x)

    def slopes(self) -> tuple[Any, ...]:
        return (None, None, -_beta_density(*self.operands))


class Exp1(Named):
    op = "exp1"

    def definition(self) -> Any:
        return sp.expint(1, self.operands[0])

    def slopes(self) -> tuple[Any, ...]:
        (x,) = self.operands
        return (-sp.exp(-x) / x,)


def _ratio(x: Any, y: Any) -> Any:
    """x/y, and 0 where both are 0."""
    nonzero = sp.Ne(x, 0, evaluate=False), sp.Ne(y, 0, evaluate=False)
    either: Any = sp.Or
    return Where(either(*nonzero, evaluate=False), x / y, 0)


class Xlogy(Named):
    """x log(y), and 0 where x is 0."""

    op = "xlogy"

    def definition(self) -> Any:
        x, y = self.operands
        return sp.Piecewise((x * sp.log(y), sp.Ne(x, 0, evaluate=False)), (0, True), evaluate=False)

    def slopes(self) -> tuple[Any, ...]:
        x, y = self.operands
        return (sp.log(y), _ratio(x, y))


class Xlog1py(Named):
    """x log(1 + y), and 0 where x is 0."""

    op = "xlog1py"

    def definition(self) -> Any:
        x, y = self.operands
        return sp.Piecewise(
            (x * sp.log(1 + y), sp.Ne(x, 0, evaluate=False)), (0, True), evaluate=False
        )

    def slopes(self) -> tuple[Any, ...]:
        x, y = self.operands
        return (Log1p(y), _ratio(x, 1 + y))


class RelEntr(Named):
    """x log(x/y), and 0 where x is 0."""

    op = "rel_entr"

    def definition(self) -> Any:
        x, y = self.operands
        return sp.Piecewise(
            (x * sp.log(x / y), sp.Ne(x, 0, evaluate=False)), (0, True), evaluate=False
        )

    def slopes(self) -> tuple[Any, ...]:
        x, y = self.operands
        return (sp.log(x / y) + 1, -_ratio(x, y))


class Ndtr(Named):
    """The distribution function of the standard normal distribution."""

    op = "ndtr"

    def definition(self) -> Any:
        return sp.erfc(-self.operands[0] / sp.sqrt(2)) / 2

    def slopes(self) -> tuple[Any, ...]:
        return (sp.exp(-(self.operands[0] ** 2) / 2) / ROOT_TWO_PI,)


class LogNdtr(Named):
    op = "log_ndtr"

    def definition(self) -> Any:
        return sp.log(sp.erfc(-self.operands[0] / sp.sqrt(2)) / 2)

    def slopes(self) -> tuple[Any, ...]:
        return (sp.sqrt(2 / sp.pi) / Erfcx(-self.operands[0] / sp.sqrt(2)),)


class Ndtri(Named):
    """The quantile function of the standard normal distribution."""

    op = "ndtri"

    def definition(self) -> Any:
        return sp.sqrt(2) * sp.erfinv(2 * self.operands[0] - 1)

    def slopes(self) -> tuple[Any, ...]:
        return (ROOT_TWO_PI * sp.exp(self**2 / 2),)


class Stdtr(Named):
    """The distribution function of Student's t."""

    op = "stdtr"

    def definition(self) -> Any:
        df, t = self.operands
        tail = sp.betainc_regularized(df / 2, HALF, 0, df / (df + t**2)) / 2
        left = sp.Lt(t, 0, evaluate=False)
        return sp.Piecewise((tail, left), (1 - tail, True), evaluate=False)

    def slopes(self) -> tuple[Any, ...]:
        df, t = self.operands
        log = -Xlog1py(df + 1, t**2 / df) / 2 - Betaln(df / 2, HALF)
        return (None, sp.exp(log) / sp.sqrt(df))


class Ive(Named):
    """exp(-|x|) I_n(x)."""

    op = "ive"

    def definition(self) -> Any:
        n, x = self.operands
        return sp.exp(-sp.Abs(x)) * sp.besseli(n, x)

    def slopes(self) -> tuple[Any, ...]:
        n, x = self.operands
        return (None, (Ive(n - 1, x) + Ive(n + 1, x)) / 2 - Sign(x) * self)


class I0e(Named):
    op = "i0e"

    def definition(self) -> Any:
        (x,) = self.operands
        return sp.exp(-sp.Abs(x)) * sp.besseli(0, x)

    def slopes(self) -> tuple[Any, ...]:
        (x,) = self.operands
        return (I1e(x) - Sign(x) * self,)


class I1e(Named):
    op = "i1e"

    def definition(self) -> Any:
        (x,) = self.operands
        return sp.exp(-sp.Abs(x)) * sp.besseli(1, x)

    def slopes(self) -> tuple[Any, ...]:
        (x,) = self.operands
        return ((I0e(x) + Ive(2, x)) / 2 - Sign(x) * self,)
