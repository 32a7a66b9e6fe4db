"""Forward and reverse rules of the products: matmul and einsum.

Method: Giles (2008), *Collected matrix derivative results for forward and reverse mode
algorithmic differentiation*, section 2.2.
"""

from __future__ import annotations

import string
from functools import lru_cache
from typing import Any

import numpy as np

from autodiff import cotangents
from autodiff.literals import float_kind, padded
from autodiff.operations.array_rules import reshaped, rules
from autodiff.operations.shape_rules import scattered
from diffexpr import functions
from diffexpr.apply import apply
from diffexpr.arrays import broadcast, split_subscripts
from diffexpr.frozen import Index
from diffexpr.products import normal_subscripts

Shape = tuple[int, ...]


def _matrix(v: Any, ndim: int, left: bool, lead: int = 0) -> Any:
    """An operand of matmul as a matrix: a vector is a row on the left, a column on the right."""
    if ndim > 1:
        return v
    n = v.shape[-1]
    return reshaped(v, (*v.shape[:lead], 1, n) if left else (*v.shape[:lead], n, 1))


def _turned(v: Any) -> Any:
    return functions.swapaxes(v, -1, -2)


def _matmul_jvp(y: Any, operands: Any, params: Any, tangents: Any, lead: int) -> Any:
    a, b = operands
    m, n = len(a.shape), len(b.shape)
    deep = max(m, n, 2)
    total = None
    for k, t in enumerate(tangents):
        if t is None:
            continue
        t = padded(_matrix(t, (m, n)[k], k == 0, lead), deep, lead)
        other = _matrix(operands[1 - k], (n, m)[k], k == 1)
        part = functions.matmul(t, other) if k == 0 else functions.matmul(other, t)
        total = part if total is None else total + part
    assert total is not None
    return reshaped(total, (*total.shape[:lead], *y.shape))


def _matmul_vjp(y: Any, operands: Any, params: Any, i: int, g: Any, lead: int) -> Any:
    # Of the operand itself only the shape is read: it may not have been kept.
    left, right = operands[0].shape, operands[1].shape
    if not lead and i == 1 and len(left) == 2 and len(right) == 1:
        return functions.matmul(_turned(operands[0]), g)  # as a vector it is twice as fast
    left = left if len(left) > 1 else (1, *left)
    right = right if len(right) > 1 else (*right, 1)
    batch = broadcast((left[:-2], right[:-2]))
    g = reshaped(g, (*g.shape[:lead], *batch, left[-2], right[-1]))
    other = _matrix(operands[1 - i], len(operands[1 - i].shape), i == 1)
    found = functions.matmul(g, _turned(other)) if i == 0 else functions.matmul(_turned(other), g)
    found = cotangents.unbroadcast(found, (left, right)[i], lead)
    return reshaped(found, (*found.shape[:lead], *operands[i].shape))


rules("matmul", _matmul_jvp, _matmul_vjp)


def _spare(subscripts: str) -> str:
    return next(c for c in string.ascii_letters if c not in subscripts)


def _einsum_jvp(y: Any, operands: Any, params: Any, tangents: Any, lead: int) -> Any:
    total = None
    for k, t in enumerate(tangents):
        if t is None:
            continue
        mixed = tuple(t if j == k else x for j, x in enumerate(operands))
        part = apply("einsum", mixed, (_with_tangent(params[0], k, lead),))
        total = part if total is None else total + part
    return total


@lru_cache(maxsize=1024)
def _with_tangent(subscripts: str, k: int, lead: int) -> str:
    """The subscripts with a leading axis on operand ``k`` and on the result."""
    terms, result = split_subscripts(subscripts)
    front = _spare(subscripts) if lead else ""
    left = [front + term if j == k else term for j, term in enumerate(terms)]
    return normal_subscripts(f"{','.join(left)}->{front}{result}", tuple(map(len, left)))


def _einsum_vjp(y: Any, operands: Any, params: Any, i: int, g: Any, lead: int) -> Any:
    subscripts, alone, letters = _with_cotangent(params[0], i, lead)
    x, term = operands[i], split_subscripts(params[0])[0][i]
    factors = [g, *(other for j, other in enumerate(operands) if j != i)]
    factors += [np.ones(x.shape[axis], float_kind(y)) for axis in alone]
    found = apply("einsum", tuple(factors), (subscripts,))
    if len(letters) == len(term):
        return found
    return scattered(found, _diagonals(term, letters, x.shape), x.shape, lead)


@lru_cache(maxsize=1024)
def _with_cotangent(subscripts: str, i: int, lead: int) -> tuple[str, tuple[int, ...], str]:
    """The subscripts of the cotangent of operand ``i``.

    With them the axes that are summed in this operand alone, all along which the cotangent is the
    same, and the letters of the operand without repetition.
    """
    terms, result = split_subscripts(subscripts)
    front = _spare(subscripts) if lead else ""
    letters = "".join(dict.fromkeys(terms[i]))
    left = [front + result] + [term for j, term in enumerate(terms) if j != i]
    alone = [c for c in letters if not any(c in other for other in left)]
    left += alone
    explicit = f"{','.join(left)}->{front}{letters}"
    axes = tuple(terms[i].index(c) for c in alone)
    return normal_subscripts(explicit, tuple(map(len, left))), axes, letters


def _diagonals(term: str, letters: str, shape: Shape) -> Index:
    """The index of an array with repeated letters at which all equal letters agree."""
    grids = np.ix_(*(np.arange(shape[term.index(c)]) for c in letters))
    return Index(tuple(grids[letters.index(c)] for c in term))


rules("einsum", _einsum_jvp, _einsum_vjp)
