"""Functions of many arguments, symmetric in them: norm, largest, smallest, log-sum-exp."""

from __future__ import annotations

from typing import Any

import sympy as sp

from symdiff.named import Named, Where


class Reduction(Named):
    """A function of many arguments, symmetric in them.

    `slope` gives the derivative in terms of one argument and the value, so that a large one is not
    written out once for every argument.
    """

    @classmethod
    def slope(cls, x: Any, value: Any, count: Any) -> Any:
        """The derivative with respect to the argument ``x``, ``count`` of which have the value."""
        raise NotImplementedError

    def ties(self) -> Any:
        """How many arguments equal the value."""
        return sp.Add(*(Where(sp.Eq(x, self, evaluate=False), 1, 0) for x in self.operands))

    def slopes(self) -> tuple[Any, ...]:
        count = self.ties()
        return tuple(self.slope(x, self, count) for x in self.operands)


class Norm(Reduction):
    """The Euclidean length; its gradient at 0 is 0."""

    op = "norm"

    def definition(self) -> Any:
        return sp.sqrt(sp.Add(*(x**2 for x in self.operands)))

    @classmethod
    def slope(cls, x: Any, value: Any, count: Any) -> Any:
        return Where(sp.Ne(value, 0, evaluate=False), x / value, 0)


class Largest(Reduction):
    """The largest argument; ties share the derivative equally."""

    op = "max"

    def definition(self) -> Any:
        return sp.Max(*self.operands)

    @classmethod
    def slope(cls, x: Any, value: Any, count: Any) -> Any:
        return Where(sp.Eq(x, value, evaluate=False), 1 / count, 0)


class Smallest(Largest):
    """The smallest argument; ties share the derivative equally."""

    op = "min"

    def definition(self) -> Any:
        return sp.Min(*self.operands)


class Logsumexp(Reduction):
    op = "logsumexp"

    def definition(self) -> Any:
        return sp.log(sp.Add(*(sp.exp(x) for x in self.operands)))

    @classmethod
    def slope(cls, x: Any, value: Any, count: Any) -> Any:
        return sp.exp(x - value)


REDUCTIONS: dict[str, type[Reduction]] = {
    cls.op: cls for cls in (Norm, Largest, Smallest, Logsumexp)
}
"""The functions of many arguments by the operation they stand for."""
