"""Dual numbers: a value with its tangent, pushed forward through every operation.

Method: Griewank and Walther (2008), *Evaluating Derivatives*, section 3.1; one or many tangents
at once as in their vector mode, section 3.2.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff import rules
from autodiff.boxes import VIEWS, Box, Parts, has_parts, settle, stacked, with_part
from autodiff.literals import bare, is_truth, padded, product, products, where, written
from autodiff.lookup import forward_row, is_constant, jvp_of
from diffexpr.apply import apply
from diffexpr.expr import Expr


class Dual(Box):
    """A value and its tangent, tagged with the differentiation they belong to.

    Attributes
    ----------
    primal : number, array, Expr or box of a lower level
    tangent : the same, or a literal int
        Of shape ``primal.shape``; with ``lead`` 1, of shape ``(k, *primal.shape)``: k tangents.
    lead : {0, 1}
    part : bool
        Whether NumPy would have it share its memory with the value that it was taken from.
    parts : tuple of weakref or None
        The values that were taken from it and share its memory.
    """

    __slots__ = ("__weakref__", "_level", "lead", "part", "parts", "primal", "tangent")

    def __init__(
        self, level: int, primal: Any, tangent: Any, lead: int, part: bool = False
    ) -> None:
        self._level = level
        self.primal = primal
        self.tangent = tangent
        self.lead = lead
        self.part = part
        self.parts: Parts = None

    def _is_part(self) -> bool:
        return self.part or has_parts(self.parts)

    def _take(self, new: Dual) -> None:
        self.primal = new.primal
        self.tangent = new.tangent
        self.part = new.part
        self.parts = None

    def _apply(self, op: Any, operands: tuple[Any, ...], params: tuple[Any, ...]) -> Any:
        level = self._level
        values = []
        tangents = []
        loose = False
        for x in operands:
            if type(x) is Dual and x._level == level:
                values.append(x.primal)
                tangents.append(x.tangent)
            else:
                kind = type(x)
                if (kind is np.ndarray and x.dtype.hasobject) or kind is list or kind is tuple:
                    return apply(op, tuple(map(stacked, operands)), params)
                if kind is float or kind is int or kind is complex:
                    loose = True
                values.append(x)
                tangents.append(None)
        primals = tuple(values)
        y = apply(op, primals, params)
        partials = rules.PARTIALS.get(op)
        if partials is None and type(op) is not str:
            partials = forward_row(op, params)
        if partials is not None:
            if loose:
                primals = settle(primals, y)
            t = _elementwise(op, partials, y, primals, tangents, self.lead)
            if op == "multiply" and t is not None and any(v is None for v in tangents):
                t = _without_zeros(t, primals[tangents[0] is not None], y, self.lead)
        elif is_constant(op):
            return y
        else:
            t = _whole(op, y, primals, params, tangents, self.lead)
        if t is None:
            return y
        if op not in VIEWS or not y.shape:
            return Dual(level, y, t, self.lead)
        found = Dual(level, y, t, self.lead, True)
        operands[0].parts = with_part(operands[0].parts, found)
        return found


def _elementwise(
    op: Any, partials: Any, y: Any, values: tuple[Any, ...], tangents: list[Any], lead: int
) -> Any:
    """The tangent of an elementwise operation: the sum of partial times tangent."""
    total, last = None, None
    selects = op in rules.SELECTIONS
    for rule, t in zip(partials, tangents, strict=True):
        if t is None or rule is None:
            continue
        p = rule(y, *values)
        if type(p) is int and p == 0:
            continue
        if lead:
            t = padded(t, len(y.shape), lead)
        if selects:
            if last is not None and _complements(last[0], p):
                total = where(last[0], last[1], t)
                continue
            part = _selected(p, y.dtype.type(t) if type(t) is int and is_truth(p) else t, lead)
            last = (p, t)
            if part is None:
                continue
        else:
            part = products(t, p) if lead and type(p) is not int else product(t, p)
        total = part if total is None else total + part
    if total is None or type(total) is int:
        return total
    return total if total.shape[lead:] == y.shape else written(total, y.shape, y, lead)


def _without_zeros(t: Any, factor: Any, y: Any, lead: int) -> Any:
    """The tangent of a product with a constant, 0 where that is exactly 0: it selects."""
    if not isinstance(factor, (np.ndarray, np.generic)) or np.all(factor):
        return t
    found = bare(t)
    if not isinstance(found, (np.ndarray, np.generic)) or np.isfinite(np.sum(found)):
        return t
    return where(np.broadcast_to(factor != 0, y.shape), t, 0)


def _selected(p: Any, t: Any, lead: int) -> Any:
    """The tangent where a selection passes it, and 0, not 0*t, where it does not."""
    if is_truth(p):
        if isinstance(p, (bool, np.bool_)):
            return t if p else None
        return where(p, t, 0)
    if type(t) is int and t == 1:
        return p
    return where(apply("not_equal", (p, 0)), products(t, p) if lead else t * p, 0)


def _complements(p: Any, q: Any) -> bool:
    """Whether one condition of an expression is the other's negation: then one where does."""
    return type(p) is Expr and p.dtype == bool and apply("logical_not", (p,)) is q


def _whole(
    op: Any,
    y: Any,
    values: tuple[Any, ...],
    params: tuple[Any, ...],
    tangents: list[Any],
    lead: int,
) -> Any:
    """The tangent of an array operation, by its own rule."""
    full = [
        written(t, x.shape, x) if type(t) is int else t
        for x, t in zip(values, tangents, strict=True)
    ]
    return jvp_of(op)(y, values, params, full, lead)
