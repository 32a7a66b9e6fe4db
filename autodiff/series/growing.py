"""Series that grow by one coefficient after the other: operations without a recurrence.

The rule that forward mode has for an operation makes y' a formula in y, x and x', so that
coefficient k of y is coefficient k - 1 of the formula, divided by k. The formula is run once, on
`Growing` series, each of which computes a coefficient when it is asked for. Equal subexpressions
are one series, so that ``tanh' = sech**2`` and ``sech' = -sech tanh`` close on each other. The
cost is that of products of series, n**2; where a derivative leads to ever new functions (gamma,
digamma, trigamma, ...) it is n**3.

Method: van der Hoeven (2002), *Relax, but don't be too lazy*, on lazy power series; for
the differential equations, Griewank and Walther (2008), *Evaluating Derivatives*, section 13.2.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff.boxes import Box, settle
from autodiff.literals import product
from autodiff.push import push
from autodiff.series import series_arrays, series_products, series_rules
from autodiff.series.series_rules import Coefficients, Fixed, over, scaled, spread
from diffexpr import functions
from diffexpr.apply import apply

Shape = tuple[int, ...]
Step = Callable[[int], Any]


class Growing(Box):
    """A series inside a formula, known up to some coefficient.

    Attributes
    ----------
    coefficients : list
        Those known so far, at least the first.
    shape : tuple of int
    like : number, array, Expr or box of a lower level
        A value of its kind of number.
    op, operands, params
        The operation it comes from.
    sources : tuple of Growing
        What the next coefficient is computed from.
    shift : int
        Coefficient k needs those of the sources up to ``k + shift``.
    step : callable or None
        ``step(k)`` computes coefficient k; None where the operation is yet to be unfolded.
    """

    __slots__ = ("_level", "_shape", "coefficients", "like", "op", "operands", "params", "shift",
                 "sources", "step", "system")  # fmt: skip

    def __init__(
        self,
        system: System,
        coefficients: Coefficients,
        shape: Shape,
        like: Any,
        sources: tuple[Growing, ...] = (),
        shift: int = 0,
    ) -> None:
        self._level = system.level
        self.system = system
        self.coefficients = coefficients
        self._shape = shape
        self.like = like
        self.sources = sources
        self.shift = shift
        self.step: Step | None = None
        self.op = ""
        self.operands: tuple[Any, ...] = ()
        self.params: tuple[Any, ...] = ()
        system.nodes.append(self)

    @property
    def shape(self) -> Shape:
        return self._shape

    @property
    def dtype(self) -> Any:
        return self.like.dtype

    @property
    def primal(self) -> Any:
        return spread(self.coefficients[0], self.shape, self.like)

    def _apply(self, op: str, operands: tuple[Any, ...], params: tuple[Any, ...]) -> Any:
        return self.system.node(op, operands, params)


def grow(root: Growing, order: int) -> None:
    """Compute the coefficients of a series up to an order, and of others what that takes."""
    stack = [(root, order)]
    while stack:
        node, upto = stack[-1]
        k = len(node.coefficients)
        if k > upto:
            stack.pop()
            continue
        wanted = k + node.shift
        missing = [(s, wanted) for s in node.sources if len(s.coefficients) <= wanted]
        if missing:
            stack.extend(missing)
        elif node.step is None:
            node.system.unfold(node)
        else:
            node.coefficients.append(node.step(k))


class System:
    """The growing series of one formula, each subexpression once.

    Parameters
    ----------
    level : int
    order : int
        The highest coefficient wanted.
    """

    __slots__ = ("level", "memo", "nodes", "order")

    def __init__(self, level: int, order: int) -> None:
        self.level = level
        self.order = order
        self.memo: dict[Any, tuple[Any, tuple[Any, ...]]] = {}
        self.nodes: list[Growing] = []

    def owns(self, x: Any) -> bool:
        return type(x) is Growing and x.system is self

    def dissolve(self) -> None:
        """Cut the references among the series, which run in circles."""
        for node in self.nodes:
            node.sources, node.step, node.operands = (), None, ()
        self.memo.clear()

    def node(self, op: str, operands: tuple[Any, ...], params: tuple[Any, ...]) -> Any:
        """The series of an operation; the value itself where it does not vary."""
        operands = tuple([self._inside(x) for x in operands])
        key = (op, params, *map(_key, operands))
        if key in self.memo:
            return self.memo[key][0]
        # The operands are kept with it, so that their identities are not used again.
        self.memo[key] = made, _ = self._node(op, operands, params), operands
        return made

    def _node(self, op: str, operands: tuple[Any, ...], params: tuple[Any, ...]) -> Any:
        if op == "negative" and operands[0].op == op:  # sigmoid' has sigmoid(-x), and so on
            return operands[0].operands[0]
        values = tuple(x.primal if self.owns(x) else x for x in operands)
        y = apply(op, values, params)
        if y.dtype.kind not in "fc":
            return y
        active = tuple([self.owns(x) for x in operands])
        settled = operands
        if not all(active):
            pairs = zip(operands, settle(values, y), active, strict=True)
            settled = tuple([x if on else value for x, value, on in pairs])
        whole = self._composed(op, settled, params, active)
        if whole is not None:
            return whole if whole.shape == y.shape else functions.broadcast_to(whole, y.shape)
        recurrence = series_rules.RECURRENCES.get(op)
        if op == "power":
            plan = series_rules.recurrence_of_power(settled[0], settled[1], active)
            if plan is not None:
                recurrence, settled = plan
        sources = tuple(x for x in settled if self.owns(x))
        made = Growing(self, [y], y.shape, y, sources)
        made.op, made.operands, made.params = op, operands, params
        if recurrence is not None:
            known, rest = made.coefficients, [None] * self.order
            lists = [x.coefficients if self.owns(x) else Fixed((x, *rest)) for x in settled]
            if op == "multiply":
                known[0] = _product(lists[0][0], lists[1][0], y)
            made.step = recurrence(known, *lists)
        return made

    def _inside(self, x: Any) -> Any:
        """An operand; a whole series that a rule has brought from outside as one of these."""
        if getattr(x, "_level", None) != self.level or type(x) is Growing:
            return x
        key = ("whole", id(x))
        if key not in self.memo:
            self.memo[key] = Growing(self, x.coefficients, x.shape, x.primal), (x,)
        return self.memo[key][0]

    def _composed(
        self, op: str, operands: tuple[Any, ...], params: tuple[Any, ...], active: tuple[bool, ...]
    ) -> Any:
        """The result, where it is made of other operations; or None."""
        if op == "power" and not active[1]:
            return series_products.whole_power(operands[0], operands[1], self.order)
        if op == "sinc":
            return series_products.sinc(operands[0], self.order)
        if op == "einsum" and sum(active) > 2:
            return series_arrays.pairwise(operands, active, params)
        return None

    def unfold(self, node: Growing) -> None:
        """Find out how coefficients follow from those before, by the rule of forward mode."""
        op, operands, params = node.op, node.operands, node.params
        active = tuple(map(self.owns, operands))
        step = series_arrays.step(node, active)
        if step is not None:
            node.step = step
            return

        def call(*xs: Any) -> list[Any]:
            left = iter(xs)
            mixed = tuple(next(left) if on else x for on, x in zip(active, operands, strict=True))
            return [apply(op, mixed, params)]

        xs = [x for on, x in zip(active, operands, strict=True) if on]
        ((_, slope),) = push(call, xs, [self.derivative(x) for x in xs])
        if self.owns(slope):
            known = slope.coefficients
            node.sources, node.shift = (slope,), -1
            node.step = lambda k: over(known[k - 1], k)
        else:
            node.sources = ()
            node.step = lambda k: slope if k == 1 else None

    def derivative(self, x: Growing) -> Growing:
        """The series of x'."""
        key = ("derivative", id(x))
        if key not in self.memo:
            known = x.coefficients
            made = Growing(self, [known[1]], x.shape, x.like, (x,), 1)
            made.step = lambda k: scaled(known[k + 1], k + 1)
            self.memo[key] = made, (x,)
        return self.memo[key][0]


def _product(a: Any, b: Any, y: Any) -> Any:
    """The product of two first coefficients, literal where they are; it is ``y`` written out."""
    if a is None or b is None:
        return None
    return product(a, b) if type(a) is int or type(b) is int else y


def _key(x: Any) -> Any:
    """What tells an operand from others: a number by its value, anything else by identity."""
    if isinstance(x, (bool, int, float, complex, np.generic)):
        return type(x), x if x else str(x)  # 0.0 is not -0.0
    return id(x)
