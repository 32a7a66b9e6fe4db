"""Forward and reverse rules of the products: matmul and einsum.

Method: Giles (2008), *Collected matrix derivative results for forward and reverse mode
algorithmic differentiation*, section 2.2.
"""

from __future__ import annotations

import string
from typing import Any

import numpy as np

from autodiff import cotangents
from autodiff.array_rules import reshaped, rules
from autodiff.literals import padded
from autodiff.shape_rules import scattered
from diffexpr import functions
from diffexpr.arrays import broadcast, split_subscripts
from diffexpr.frozen import Index

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
    a = _matrix(operands[0], len(operands[0].shape), True)
    b = _matrix(operands[1], len(operands[1].shape), False)
    batch = broadcast((a.shape[:-2], b.shape[:-2]))
    g = reshaped(g, (*g.shape[:lead], *batch, a.shape[-2], b.shape[-1]))
    found = functions.matmul(g, _turned(b)) if i == 0 else functions.matmul(_turned(a), g)
    found = cotangents.unbroadcast(found, (a, b)[i].shape, lead)
    return reshaped(found, (*found.shape[:lead], *operands[i].shape))


rules("matmul", _matmul_jvp, _matmul_vjp)


def _spare(subscripts: str) -> str:
    return next(c for c in string.ascii_letters if c not in subscripts)


def _einsum_jvp(y: Any, operands: Any, params: Any, tangents: Any, lead: int) -> Any:
    terms, result = split_subscripts(params[0])
    front = _spare(params[0]) if lead else ""
    total = None
    for k, t in enumerate(tangents):
        if t is None:
            continue
        left = [front + term if j == k else term for j, term in enumerate(terms)]
        mixed = [t if j == k else x for j, x in enumerate(operands)]
        part = functions.einsum(f"{','.join(left)}->{front}{result}", *mixed)
        total = part if total is None else total + part
    return total


def _einsum_vjp(y: Any, operands: Any, params: Any, i: int, g: Any, lead: int) -> Any:
    terms, result = split_subscripts(params[0])
    front = _spare(params[0]) if lead else ""
    x, term = operands[i], terms[i]
    letters = "".join(dict.fromkeys(term))
    others = [j for j in range(len(terms)) if j != i]
    left = [front + result] + [terms[j] for j in others]
    factors = [g] + [operands[j] for j in others]
    # A letter summed in this operand alone: the cotangent is the same all along it.
    for letter in letters:
        if not any(letter in other for other in left):
            left.append(letter)
            factors.append(np.ones(x.shape[term.index(letter)]))
    found = functions.einsum(f"{','.join(left)}->{front}{letters}", *factors)
    if len(letters) == len(term):
        return found
    return scattered(found, _diagonals(term, letters, x.shape), x.shape, lead)


def _diagonals(term: str, letters: str, shape: Shape) -> Index:
    """The index of an array with repeated letters at which all equal letters agree."""
    grids = np.ix_(*(np.arange(shape[term.index(c)]) for c in letters))
    return Index(tuple(grids[letters.index(c)] for c in term))


rules("einsum", _einsum_jvp, _einsum_vjp)
