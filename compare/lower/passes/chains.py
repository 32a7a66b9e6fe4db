"""The cheapest order of a chain of matrix products."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

from compare.lower.passes.rebuilding import rebuilt
from compare.lower.passes.sharing import uses
from diffexpr import Expr
from diffexpr.apply import apply
from diffexpr.walk import topological

# The search takes the cube of the number of factors; beyond this many, only the order as written,
# from the left and from the right are compared.
_LONGEST = 12
# An order is changed if it saves a tenth: less is not worth other roundings.
_SAVING = 0.9

Order = Callable[[int, int], int]


class _Chain(NamedTuple):
    """The factors of a product of matrices, from left to right, and its cost as it is written."""

    factors: list[Expr]
    cost: int


def chains(outputs: Sequence[Expr]) -> tuple[Expr, ...]:
    """The same outputs, with chains of matrix products multiplied in the order that costs least.

    Parameters
    ----------
    outputs : sequence of Expr

    Returns
    -------
    tuple of Expr

    Notes
    -----
    The order is found by dynamic programming over the shapes, which are static (Godbole 1973, *On
    efficient computation of matrix chain products*; Cormen et al., *Introduction to algorithms*,
    section 15.2, equation 15.7); the cost is the number of multiplications. A product that is used
    more than once is a factor and is not taken apart, but for one of a column and a row, which
    is cheaper to avoid than to share. Vectors are factors at the ends; a stack of matrices is a
    factor by itself.

    Another order has other roundings: each is within the bound |A||B||C| n eps, entry by entry
    (Higham 2002, section 3.5), which is large against the product where that cancels. And where
    a partial product overflows, or has an infinite entry, infinities and NaN can be in other
    places: all that is certain is that finite partial products without overflow stay finite.

    Examples
    --------
    >>> from diffexpr import symbol
    >>> a, b, v = symbol("a", (9, 9)), symbol("b", (9, 9)), symbol("v", (9,))
    >>> chains([a @ b @ v])
    (a @ (b @ v),)
    """
    order = topological(outputs)
    if sum(node.op == "matmul" for node in order) < 2:
        return tuple(outputs)
    absorbed = _absorbed(order, uses(order, outputs))
    made: dict[Expr, Expr] = {}
    for node in order:
        args = tuple([made[arg] for arg in node.args])
        now = rebuilt(node, args)
        if node.op == "matmul" and node not in absorbed and _is_flat(node):
            now = _reordered(now, _chain(node, absorbed), made)
        made[node] = now
    return tuple(made[output] for output in outputs)


def _is_flat(node: Expr) -> bool:
    a, b = node.args
    return len(a.shape) <= 2 and len(b.shape) <= 2


def _joins(side: int, inner: Expr) -> bool:
    """Whether a product may be taken apart where it stands on one side of another product.

    A vector belongs to the chain where it stands at its end. The product of a matrix and a
    vector, used as a row, does not.
    """
    if inner.op != "matmul" or not _is_flat(inner):
        return False
    return len(inner.shape) == 2 or (len(inner.shape) == 1 and len(inner.args[side].shape) == 1)


def _is_outer(node: Expr) -> bool:
    return len(node.shape) == 2 and node.args[0].shape[1] == 1


def _absorbed(order: Sequence[Expr], used: Counter[Expr]) -> set[Expr]:
    """The products that are taken apart by the one product which uses them."""
    return {
        inner
        for node in order
        if node.op == "matmul" and _is_flat(node)
        for side, inner in enumerate(node.args)
        if used[inner] == 1 and _joins(side, inner)
    }


def _chain(root: Expr, absorbed: set[Expr]) -> _Chain:
    factors: list[Expr] = []
    cost = 0
    waiting = [(root, True)]
    while waiting:
        node, opened = waiting.pop()
        if not opened:
            factors.append(node)
            continue
        if node is root or node in absorbed:
            # What is shared has been paid for by others.
            cost += _cost(node)
        inside = node is root or node in absorbed
        for side in (1, 0):
            inner = node.args[side]
            shared = inside and _joins(side, inner) and _is_outer(inner)
            waiting.append((inner, inside and (inner in absorbed or shared)))
    return _Chain(factors, cost)


def _cost(product: Expr) -> int:
    a, b = product.args
    return math.prod(a.shape) * (b.shape[1] if len(b.shape) == 2 else 1)


def _reordered(now: Expr, chain: _Chain, made: dict[Expr, Expr]) -> Expr:
    """The product in its cheapest order, if that is worth it."""
    factors, written = chain
    n = len(factors)
    if n < 3:
        return now
    first, last = factors[0].shape, factors[-1].shape
    dims = [first[0] if len(first) == 2 else 1]
    dims += [factor.shape[0] for factor in factors[1:]]
    dims.append(last[1] if len(last) == 2 else 1)
    cost, split = _cheapest(dims) if n <= _LONGEST else _from_one_end(dims)
    if cost > _SAVING * written:
        return now
    return _product([made[factor] for factor in factors], split)


def _cheapest(dims: Sequence[int]) -> tuple[int, Order]:
    """The least cost, and after which factor the product of factors i to j is split."""
    n = len(dims) - 1
    cost = [[0] * n for _ in range(n)]
    split = [[0] * n for _ in range(n)]
    for length in range(1, n):
        for i in range(n - length):
            j = i + length
            ends = dims[i] * dims[j + 1]
            cost[i][j], split[i][j] = min(
                (cost[i][k] + cost[k + 1][j] + ends * dims[k + 1], k) for k in range(i, j)
            )
    return cost[0][n - 1], lambda i, j: split[i][j]


def _from_one_end(dims: Sequence[int]) -> tuple[int, Order]:
    """The cheaper of multiplying from the left and from the right."""
    n = len(dims) - 1
    left = sum(dims[0] * dims[k] * dims[k + 1] for k in range(1, n))
    right = sum(dims[k] * dims[k + 1] * dims[n] for k in range(n - 1))
    if left <= right:
        return left, lambda i, j: j - 1
    return right, lambda i, j: i


def _product(factors: Sequence[Expr], split: Order) -> Expr:
    found: dict[tuple[int, int], Expr] = {(i, i): factor for i, factor in enumerate(factors)}
    waiting = [(0, len(factors) - 1)]
    while waiting:
        i, j = waiting[-1]
        k = split(i, j)
        missing = [part for part in ((i, k), (k + 1, j)) if part not in found]
        if missing:
            waiting += missing
            continue
        waiting.pop()
        found[i, j] = apply("matmul", (found[i, k], found[k + 1, j]))
    return found[0, len(factors) - 1]
