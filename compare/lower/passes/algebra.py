"""Algebra that holds for every float: NaN, infinities and the sign of a zero included.

What IEEE 754 arithmetic does not grant is not here: 0*x is NaN where x is infinite, x - x and
a*c/c are NaN or worse there, 0 + x loses the sign of -0.0, and 0.5*(2*x) is infinite where x is
large. D. Goldberg, *What every computer scientist should know about floating-point arithmetic*
(1991), section 3.2.3, tells which identities survive.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from compare.lower.passes.factors import WHOLE, factor, is_power_of_two, opposite, written
from compare.lower.passes.intervals import literal
from compare.lower.passes.rewrite import rewrite
from compare.lower.passes.signs import Signs
from diffexpr import Expr, constant
from diffexpr.apply import apply

# How far down the graph is searched for the variables of an operand that would be dropped.
_SEARCHED = 200

# NumPy's functions are even and odd to the last bit.
_EVEN = ("abs", "square", "cos", "cosh", "sec", "sech")
_ODD = ("sin", "tan", "sinh", "tanh", "arcsin", "arctan", "arcsinh", "arctanh", "cbrt")


def algebra(outputs: Sequence[Expr], order: Sequence[Expr] | None = None) -> tuple[Expr, ...]:
    """The same outputs with fewer operations, by identities that are exact for every float.

    Multiplication by 1 and -1, signs that cancel or can be moved out of a product, neighbouring
    constant factors whose product is exact, division by a power of two, even and odd functions
    of a negative, and choices that are no choice. Where a rule drops an operand, the variables
    below it stand below what is left, too: the result broadcasts as before.

    Parameters
    ----------
    outputs : sequence of Expr
    order : sequence of Expr, optional
        The nodes below them, operands first, where that is known already.

    Returns
    -------
    tuple of Expr

    Examples
    --------
    >>> from diffexpr import parse
    >>> algebra([parse("2*(3*x) + (-y)*z"), parse("0*x"), parse("x + 0")])
    (6*x - y*z, 0*x, x + 0)
    """
    rules = _Rules()
    table = {
        "add": rules.add,
        "subtract": rules.subtract,
        "multiply": rules.multiply,
        "divide": rules.divide,
        "negative": rules.negative,
        "where": rules.where,
        "power": rules.power,
        **dict.fromkeys(_EVEN, rules.even),
        **dict.fromkeys(_ODD, rules.odd),
    }

    def rule(node: Expr) -> Expr | None:
        found = table.get(node.op)
        return None if found is None or node.dtype.kind != "f" else found(node)

    return rewrite(outputs, rule, order)


class _Rules:
    """The rules by operation: each takes a node of real numbers, and gives another or None."""

    def __init__(self) -> None:
        self._signs = Signs()

    # what is kept

    def _stays(self, x: Expr, node: Expr) -> Expr | None:
        """An operand in the place of a node: of its shape, and floating as the node is."""
        # A Python number alone would give way where NumPy's result of it does not.
        fits = x.shape == node.shape and x.dtype == node.dtype and literal(x) is None
        return x if fits and self._plain(x) else None

    def _plain(self, x: Expr) -> bool:
        return self._signs.is_floating(x)

    def _negative_of(self, x: Expr) -> Expr | None:
        """What an operand is the negative of."""
        if x.op != "negative" or literal(x.args[0]) is not None or not self._plain(x):
            return None
        return x.args[0]

    def negated(self, x: Expr) -> Expr:
        """``-x``, the sign drawn into a constant where there is one."""
        node = apply("negative", (x,))
        return _first(self.negative(node), node)

    def times(self, a: Expr, b: Expr) -> Expr:
        """``a*b`` in its shortest form."""
        node = apply("multiply", (a, b))
        return _first(self.multiply(node), node)

    # the rules

    def add(self, node: Expr) -> Expr | None:
        a, b = node.args
        for x, y in ((a, b), (b, a)):
            if (found := self._negative_of(y)) is not None:
                return apply("subtract", (x, found))
        if a is b:
            return self.times(constant(2), a) if self._plain(a) else None
        for x, y in ((a, b), (b, a)):
            if (c := literal(y)) is not None and c == 0:
                # x + 0.0 is not x where x is -0.0; x + -0.0 is.
                if math.copysign(1, c) > 0 and self._signs.of(x).minus_zero:
                    return None
                return self._stays(x, node)
        return None

    def subtract(self, node: Expr) -> Expr | None:
        a, b = node.args
        if (found := self._negative_of(b)) is not None:
            return apply("add", (a, found))
        if (c := literal(b)) is not None and c == 0:
            if math.copysign(1, c) < 0 and self._signs.of(a).minus_zero:
                return None
            return self._stays(a, node)
        return None

    def negative(self, node: Expr) -> Expr | None:
        (x,) = node.args
        if x.op == "negative":
            return self._stays(x.args[0], node)
        if x.op not in ("multiply", "divide"):
            return None
        a, b = x.args
        if (c := literal(a)) is not None:
            made = apply(x.op, (constant(opposite(c)), b))
        elif (c := literal(b)) is not None:
            d = constant(opposite(c))
            made = apply(x.op, (d, a) if x.op == "multiply" else (a, d))
        else:
            return None
        return _first(self.multiply(made), made) if x.op == "multiply" else made

    def multiply(self, node: Expr) -> Expr | None:
        a, b = node.args
        for x, y in ((a, b), (b, a)):
            c = literal(x)
            if c is None:
                continue
            if c == 1:
                return self._stays(y, node)
            if c == -1:
                return self.negated(y) if self._plain(y) and literal(y) is None else None
            return self._scaled(c, y)
        return self._signs_out(node, self.times)

    def _signs_out(self, node: Expr, of: Callable[[Expr, Expr], Expr]) -> Expr | None:
        """A product or quotient without the signs of its operands, or behind one sign.

        A sign goes out only as long as it need not be spread over more entries.
        """
        a, b = node.args
        p, q = self._negative_of(a), self._negative_of(b)
        if p is not None and q is not None:
            return of(p, q)
        if p is not None and p.shape == node.shape:
            return self.negated(of(p, b))
        if q is not None and q.shape == node.shape:
            return self.negated(of(a, q))
        return None

    def _scaled(self, c: float, y: Expr) -> Expr | None:
        """``c*y`` where y brings a sign or another factor."""
        if (found := self._negative_of(y)) is not None:
            return self.times(constant(opposite(c)), found)
        if y.op != "multiply":
            return None
        for inner, rest in (y.args, y.args[::-1]):
            other = literal(inner)
            if other is not None:
                product = factor(c, other)
                return None if product is None else self.times(constant(product), rest)
        return None

    def divide(self, node: Expr) -> Expr | None:
        a, b = node.args
        c = literal(b)
        if c is None:
            return self._signs_out(node, lambda p, q: apply("divide", (p, q)))
        if c == 1:
            return self._stays(a, node)
        if is_power_of_two(c):
            return self.times(constant(written(1 / c)), a)
        found = self._negative_of(a)
        return None if found is None else apply("divide", (found, constant(opposite(c))))

    def even(self, node: Expr) -> Expr | None:
        (x,) = node.args
        inner = x.args[0] if x.op == "abs" and node.op != "abs" else self._negative_of(x)
        if inner is not None and self._plain(inner) and literal(inner) is None:
            made = apply(node.op, (inner,))
            return _first(self.even(made), made)
        if node.op == "abs" and self._signs.of(x).not_negative:
            return self._stays(x, node)
        return None

    def odd(self, node: Expr) -> Expr | None:
        found = self._negative_of(node.args[0])
        return None if found is None else apply("negative", (apply(node.op, (found,)),))

    def power(self, node: Expr) -> Expr | None:
        x, exponent = node.args
        n = literal(exponent)
        if n is None or n % 2 != 0 or abs(n) > WHOLE:
            return None
        inner = x.args[0] if x.op == "abs" else self._negative_of(x)
        if inner is None or not self._plain(inner) or literal(inner) is not None:
            return None
        made = apply("power", (inner, exponent))
        return _first(self.power(made), made)

    def where(self, node: Expr) -> Expr | None:
        condition, a, b = node.args
        turned = None
        while condition.op == "logical_not":
            condition, a, b = condition.args[0], b, a
            turned = apply("where", (condition, a, b))
        chosen = condition.params[0] if condition.op == "constant" else None
        found = None
        if a is b:
            found = self._instead(node, a, (condition,))
        elif isinstance(chosen, (bool, int, float)):
            taken, dropped = (a, b) if chosen else (b, a)
            found = self._instead(node, taken, (dropped,))
        return turned if found is None else found

    def _instead(self, node: Expr, kept: Expr, dropped: tuple[Expr, ...]) -> Expr | None:
        found = self._stays(kept, node)
        if found is None:
            return None
        lost = _symbols(dropped, _SEARCHED)
        return found if None not in lost and lost <= _symbols((kept,), _SEARCHED) else None


def _first(found: Expr | None, otherwise: Expr) -> Expr:
    return otherwise if found is None else found


def _symbols(nodes: tuple[Expr, ...], limit: int) -> set[Expr | None]:
    """The symbols below; with None among them in a graph too large to be searched."""
    found: set[Expr | None] = set()
    seen: set[Expr] = set()
    stack = list(nodes)
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        if len(seen) > limit:
            return {*found, None}
        if node.op == "symbol":
            found.add(node)
        stack.extend(node.args)
    return found
