"""Reverse mode on one page, for reading in class: it does for single numbers what a tape does.

A program that computes a number is a chain of small steps, each with a derivative known from
school. A `Value` is a number that remembers its step: which operation made it, and from what.

>>> x, y = Value(2.0), Value(3.0)
>>> z = x * y + x.sin()
>>> z.backward()
>>> print(z.data, x.grad, y.grad)
6.909297426825682 2.5838531634528574 2.0

So dz/dx = y + cos(x) and dz/dy = x, and nobody wrote these formulas down: `backward` found them.
Read on in this order: what is known of each operation, the number that remembers, the way back.
"""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

# 1. What is known from school. For each operation its value, and for each operand the partial
# derivative of the result y, as a formula in y and the operands. This table is all the calculus
# there is; the rest of the file is bookkeeping.


class Rule(NamedTuple):
    """An operation: its value, and its partial derivative by each operand."""

    value: Callable[..., Any]
    partials: tuple[Callable[..., Any], ...]


def power_by_base(y: Any, a: Any, n: Any) -> Any:
    return None if n == 0 else n * a ** (n - 1)


def power_by_exponent(y: Any, a: Any, n: Any) -> Any:
    return y * np.log(1.0 if a == 0 and n != 0 else a)


RULES = {
    "add": Rule(operator.add, (lambda y, a, b: 1.0, lambda y, a, b: 1.0)),
    "subtract": Rule(operator.sub, (lambda y, a, b: 1.0, lambda y, a, b: -1.0)),
    "multiply": Rule(operator.mul, (lambda y, a, b: b, lambda y, a, b: a)),
    "divide": Rule(operator.truediv, (lambda y, a, b: 1 / b, lambda y, a, b: -y / b)),
    "power": Rule(operator.pow, (power_by_base, power_by_exponent)),
    "exponential": Rule(np.power, (power_by_base, power_by_exponent)),
    "negative": Rule(operator.neg, (lambda y, a: -1.0,)),
    "sqrt": Rule(np.sqrt, (lambda y, a: 0.5 / y,)),
    "exp": Rule(np.exp, (lambda y, a: y,)),
    "log": Rule(np.log, (lambda y, a: 1 / a,)),
    "sin": Rule(np.sin, (lambda y, a: np.cos(a),)),
    "cos": Rule(np.cos, (lambda y, a: -np.sin(a),)),
    "tanh": Rule(np.tanh, (lambda y, a: (1 / np.cosh(a)) ** 2,)),
    "relu": Rule(lambda a: np.maximum(a, 0), (lambda y, a: 1.0 if a > 0 else None,)),
}
# Two choices stand in the table. The derivative of tanh is mostly written 1 - y**2, which has no
# digits left where y is nearly 1. And relu has a branch that is not taken, x**0 no slope at all:
# None says that nothing passes, while 0.0 would make NaN of an infinite derivative that arrives.

# 2. The number that remembers. Every operator ends in `apply`, which computes the number and notes
# the step. Nothing is differentiated yet.


def apply(operation: str, *operands: Any) -> Value:
    data = RULES[operation].value(*map(number, operands))
    return Value(data, operation, operands)


def number(x: Any) -> Any:
    return x.data if isinstance(x, Value) else x


def unary(operation: str) -> Any:
    return lambda a: apply(operation, a)


def binary(operation: str) -> Any:
    return lambda a, b: apply(operation, a, b), lambda b, a: apply(operation, a, b)


_births = itertools.count()


class Value:
    """A number that remembers how it was made.

    ``data`` is the number. ``grad`` is the derivative by this number of what `backward` was called
    on, added up from call to call until `reset`. NumPy's functions work, too: ``np.exp(x)``.
    """

    __slots__ = ("birth", "data", "grad", "operands", "operation")

    def __init__(self, data: Any, operation: str = "", operands: tuple[Any, ...] = ()) -> None:
        self.data, self.grad = np.float64(data), np.float64(0.0)
        self.operation, self.operands = operation, operands
        self.birth = next(_births)

    __add__, __radd__ = binary("add")
    __sub__, __rsub__ = binary("subtract")
    __mul__, __rmul__ = binary("multiply")
    __truediv__, __rtruediv__ = binary("divide")
    __pow__, __rpow__ = binary("power")[0], binary("exponential")[1]
    __neg__, sqrt, exp, log = unary("negative"), unary("sqrt"), unary("exp"), unary("log")
    sin, cos, tanh, relu = unary("sin"), unary("cos"), unary("tanh"), unary("relu")

    def __repr__(self) -> str:
        return f"Value({self.data}, grad={self.grad})"

    # 3. The way back. Let g be the derivative of the end by y = f(a, b). By the chain rule, a is
    # owed g * df/da. What is used in several places is owed something by each, and it adds up; so
    # y may pay only when all who used it have paid. They were born after it: go by age.

    def backward(self) -> None:
        """Add the derivative of this number by each that it was made of to their ``grad``."""
        owed: dict[Value, Any] = {self: np.float64(1.0)}
        with np.errstate(all="ignore"):  # an infinite slope is an answer, no accident
            for y in sorted(self.ancestors(), key=lambda y: y.birth, reverse=True):
                g = owed.get(y)
                if g is None:
                    continue
                y.grad = y.grad + g if y.grad else g  # a first -0.0 keeps its sign
                numbers = [number(x) for x in y.operands]
                for k, x in enumerate(y.operands):
                    if isinstance(x, Value):
                        slope = RULES[y.operation].partials[k](y.data, *numbers)
                        if slope is not None:
                            owed[x] = owed[x] + slope * g if x in owed else slope * g

    def ancestors(self) -> set[Value]:
        """Itself and all that it was made of, found without recursion, for chains are long."""
        found: set[Value] = {self}
        waiting: list[Value] = [self]
        while waiting:
            new = {x for x in waiting.pop().operands if isinstance(x, Value)} - found
            found |= new
            waiting += new
        return found

    def reset(self) -> None:
        """Set ``grad`` to 0 here and in each number that this one was made of."""
        for value in self.ancestors():
            value.grad = np.float64(0.0)
