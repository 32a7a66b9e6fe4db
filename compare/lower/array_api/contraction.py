"""Einstein's sums in products of matrices, which the standard has, instead of ``einsum``."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from diffexpr import Expr
from diffexpr.apply import apply
from diffexpr.arrays import split_subscripts
from diffexpr.frozen import Index

Labelled = tuple[Expr, str]
"""An array and a letter for each of its axes."""


def einsum(*args: Any) -> Expr:
    """``einsum(*operands, subscripts)`` with explicit subscripts, two operands at a time.

    Examples
    --------
    >>> from diffexpr import symbol
    >>> a, b = symbol("a", (2, 3)), symbol("b", (3, 4))
    >>> einsum(a, b, "ij,jk->ik")
    a @ b
    """
    *operands, subscripts = args
    terms, result = split_subscripts(subscripts)
    parts = list(zip(operands, terms, strict=True))
    for places in _path(subscripts, operands):
        chosen = [parts.pop(place) for place in sorted(places, reverse=True)][::-1]
        made = chosen[0]
        for i, other in enumerate(chosen[1:], 2):
            needed = {c for _, letters in (*parts, *chosen[i:]) for c in letters}
            made = _product(made, other, needed | set(result))
        parts.append(made)
    (last,) = parts
    x, letters = _shortened(last, set(result))
    return _ordered(x, letters, result)


def _path(subscripts: str, operands: Sequence[Expr]) -> list[tuple[int, ...]]:
    """Which operands are multiplied, step by step."""
    if len(operands) < 3:
        return [tuple(range(len(operands)))]
    shapes = [np.broadcast_to(0.0, x.shape) for x in operands]
    return list(np.einsum_path(subscripts, *shapes, optimize="greedy")[0][1:])


def _shortened(part: Labelled, needed: set[str]) -> Labelled:
    """A diagonal where a letter stands twice, a sum over letters that nothing else needs."""
    x, letters = part
    for c in dict.fromkeys(letters):
        while letters.count(c) > 1:
            rest = [i for i, other in enumerate(letters) if other != c]
            i, j, *more = (i for i, other in enumerate(letters) if other == c)
            n = x.shape[i]
            kept = (*rest, *more)
            x = apply("transpose", (x,), ((*kept, i, j),))
            front = x.shape[:-2]
            x = apply("reshape", (x,), ((*front, n * n),))
            whole = tuple(slice(0, m, None) for m in front)
            x = apply("getitem", (x,), (Index((*whole, slice(0, n * n, n + 1))),))
            letters = "".join(letters[k] for k in kept) + c
    gone = tuple(i for i, c in enumerate(letters) if c not in needed)
    if gone:
        x = apply("sum", (x,), (gone, False))
    return x, "".join(c for c in letters if c in needed)


def _product(first: Labelled, second: Labelled, needed: set[str]) -> Labelled:
    """Two operands multiplied and summed over the letters that nothing else needs."""
    a, left = _shortened(first, needed | set(second[1]))
    b, right = _shortened(second, needed | set(left))
    both = [c for c in left if c in right]
    shared = "".join(c for c in both if c in needed)
    summed = "".join(c for c in both if c not in needed)
    rows = "".join(c for c in left if c not in right)
    columns = "".join(c for c in right if c not in left)
    made = shared + rows + columns
    a = _ordered(a, left, shared + rows + summed)
    b = _ordered(b, right, shared + summed + columns)
    front = a.shape[: len(shared)]
    high = a.shape[len(shared) : len(shared + rows)]
    wide = b.shape[len(shared + summed) :]
    if not summed:
        a = _reshaped(a, (*front, *high, *(1,) * len(wide)))
        b = _reshaped(b, (*front, *(1,) * len(high), *wide))
        return apply("multiply", (a, b)), made
    inner = math.prod(a.shape[len(shared + rows) :])
    a = _reshaped(a, (*front, math.prod(high), inner))
    b = _reshaped(b, (*front, inner, math.prod(wide)))
    return _reshaped(apply("matmul", (a, b)), (*front, *high, *wide)), made


def _ordered(x: Expr, letters: str, wanted: str) -> Expr:
    if letters == wanted:
        return x
    return apply("transpose", (x,), (tuple(letters.index(c) for c in wanted),))


def _reshaped(x: Expr, shape: tuple[int, ...]) -> Expr:
    return x if x.shape == shape else apply("reshape", (x,), (shape,))
