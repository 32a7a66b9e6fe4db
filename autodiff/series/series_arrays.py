"""Taylor coefficients of array operations: which are linear, which are products, found by trial.

An operation is linear in some operands when the tangent of its result does not ask for their
values. That is seen by running the forward rule on operands that carry no value (`Probe`), with
nothing to be declared for a new row. What is neither linear nor a product goes the general way of
`taylor`; so would these, at more cost, if they were taken for something else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autodiff.boxes import Box
from autodiff.literals import float_kind
from autodiff.operations import array_rules
from autodiff.series.series_rules import spread
from diffexpr import functions
from diffexpr.apply import apply
from diffexpr.arrays import split_subscripts
from diffexpr.errors import CrossdiffError

Step = Callable[[int], Any]

PRODUCTS = frozenset(("matmul", "einsum"))
"""Operations known to be linear in each operand, which saves the trial."""


MATRIX_FUNCTIONS = frozenset(("expm",))
"""Analytic functions of a square matrix, whose forward rule doubles the matrix."""


class _Asked(CrossdiffError):
    """A rule asked for the value of a probe."""


class Probe(Box):
    """An operand, or result, of which only the shape and the kind of number may be seen."""

    __slots__ = ("_level", "primal")

    def __init__(self, level: int, primal: Any) -> None:
        self._level = level
        self.primal = primal

    def _apply(self, op: str, operands: tuple[Any, ...], params: tuple[Any, ...]) -> Any:
        raise _Asked(op)


def step(node: Any, active: Sequence[bool]) -> Step | None:
    """How to compute coefficient k of a linear operation or a product; None for all else.

    Parameters
    ----------
    node : Growing
        The result, with its operation and its operands.
    active : sequence of bool
        Which operands are series.
    """
    if node.op in MATRIX_FUNCTIONS:
        return _matrix_step(node)
    rule = array_rules.JVP.get(node.op)
    if rule is None:
        return None
    trial = _Trial(rule, node, active)
    places = [i for i, on in enumerate(active) if on]
    if node.op not in PRODUCTS or len(places) == 1:
        if trial.is_linear(places):
            return trial.linear_step(places)
        if len(places) != 2 or not all(trial.is_linear([i]) for i in places):
            return None
        if not _vanishes_with_each(node, places):
            return None
    return _product_step(node, places) if len(places) == 2 else None


class _Trial:
    """The forward rule of an operation, run on probes."""

    __slots__ = ("node", "operands", "probes", "rule")

    def __init__(self, rule: Callable[..., Any], node: Any, active: Sequence[bool]) -> None:
        self.rule = rule
        self.node = node
        self.operands: tuple[Any, ...] = node.operands
        self.probes = tuple(
            Probe(node._level, x.primal) if on else x
            for on, x in zip(active, self.operands, strict=True)
        )

    def run(self, places: Sequence[int], tangents: list[Any]) -> Any:
        """The tangent of the result for these of the operands, values unseen at these places."""
        probes = tuple(
            probe if i in places or type(probe) is not Probe else probe.primal
            for i, probe in enumerate(self.probes)
        )
        y = Probe(self.node._level, self.node.primal)
        return self.rule(y, probes, self.node.params, tangents, 0)

    def is_linear(self, places: Sequence[int]) -> bool:
        """Whether the result is linear in the operands at these places together."""
        try:
            self.run(
                places, [_zeros(x) if i in places else None for i, x in enumerate(self.probes)]
            )
        except _Asked:
            return False
        return True

    def linear_step(self, places: Sequence[int]) -> Step:
        def linear(k: int) -> Any:
            tangents = [None] * len(self.operands)
            for i in places:
                x = self.operands[i]
                v = x.coefficients[k]
                tangents[i] = None if v is None else spread(v, x.shape, x.like)
            return None if all(t is None for t in tangents) else self.run(places, tangents)

        return linear


def _zeros(x: Any) -> Any:
    return np.broadcast_to(float_kind(x).type(0), x.shape)


def _vanishes_with_each(node: Any, places: Sequence[int]) -> bool:
    """Whether a result that is affine in either operand is 0 where that is 0: a product."""
    for i in places:
        numbers = tuple(
            np.zeros(np.shape(x)) if j == i else 1 + np.arange(np.size(x)).reshape(np.shape(x))
            for j, x in enumerate(node.operands)
        )
        if np.any(apply(node.op, numbers, node.params)):
            return False
    return True


def _product_step(node: Any, places: Sequence[int]) -> Step:
    """Coefficient k of a product: the sum of products of coefficients j and k - j."""
    first, second = (node.operands[i] for i in places)

    def term(p: Any, q: Any) -> Any:
        mixed = list(node.operands)
        mixed[places[0]] = spread(p, first.shape, first.like)
        mixed[places[1]] = spread(q, second.shape, second.like)
        return apply(node.op, tuple(mixed), node.params)

    def product(k: int) -> Any:
        total = None
        for j in range(k + 1):
            p, q = first.coefficients[j], second.coefficients[k - j]
            if p is not None and q is not None:
                total = term(p, q) if total is None else total + term(p, q)
        return total

    return product


def _matrix_step(node: Any) -> Step:
    """Coefficient k of an analytic function of a matrix, from that of a block Toeplitz matrix.

    The truncated series of a matrix is the matrix with coefficient ``j - i`` as its block (i, j),
    for products of the one are products of the other; functions follow. Mathias (1996), *A chain
    rule for matrix functions and applications*.
    """
    (x,) = node.operands
    m = x.shape[-1]

    def step(k: int) -> Any:
        blocks = [spread(x.coefficients[j], x.shape, x.like) for j in range(k + 1)]
        zero = np.zeros(x.shape, float_kind(x))
        rows = [functions.concatenate([zero] * i + blocks[: k + 1 - i], -1) for i in range(k + 1)]
        whole = apply(node.op, (functions.concatenate(rows, -2),), node.params)
        return whole[..., :m, k * m :]

    return step


def pairwise(operands: tuple[Any, ...], active: Sequence[bool], params: tuple[Any, ...]) -> Any:
    """An einsum of three or more series as one of two, and one of what is left."""
    terms, result = split_subscripts(params[0])
    i, j = [k for k, on in enumerate(active) if on][:2]
    others = [k for k in range(len(terms)) if k not in (i, j)]
    kept = set(result).union(*(terms[k] for k in others))
    between = "".join(c for c in dict.fromkeys(terms[i] + terms[j]) if c in kept)
    pair = functions.einsum(f"{terms[i]},{terms[j]}->{between}", operands[i], operands[j])
    left = ",".join([between, *(terms[k] for k in others)])
    return functions.einsum(f"{left}->{result}", pair, *(operands[k] for k in others))
