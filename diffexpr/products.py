"""Products of arrays, by NumPy's names: all of them are ``matmul`` or ``einsum``."""

from __future__ import annotations

import math
import string
from collections.abc import Sequence
from typing import Any

import numpy as np

from diffexpr.apply import apply
from diffexpr.errors import ExpressionTypeError, ShapeError
from diffexpr.operands import as_operand, implements, shape_of


@implements(np.matmul)
def matmul(a: Any, b: Any) -> Any:
    """Matrix product with broadcast leading axes."""
    return apply("matmul", (as_operand(a), as_operand(b)))


@implements(np.dot)
def dot(a: Any, b: Any) -> Any:
    """NumPy's dot: a product of scalars, vectors or matrices."""
    a, b = as_operand(a), as_operand(b)
    m, n = len(shape_of(a)), len(shape_of(b))
    if m == 0 or n == 0:
        return apply("multiply", (a, b))
    if n <= 2 and (m <= 2 or n == 1):
        return matmul(a, b)
    return tensordot(a, b, axes=((m - 1,), (n - 2,)))


@implements(np.vdot)
def vdot(a: Any, b: Any) -> Any:
    """Inner product of the flattened operands."""
    return matmul(_flat(a), _flat(b))


@implements(np.inner)
def inner(a: Any, b: Any) -> Any:
    """Inner product over the last axes."""
    m, n = len(shape_of(a)), len(shape_of(b))
    if m == 0 or n == 0:
        return apply("multiply", (a, b))
    return tensordot(a, b, axes=((m - 1,), (n - 1,)))


@implements(np.tensordot)
def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    """Sum of products over the paired axes."""
    m, n = len(shape_of(a)), len(shape_of(b))
    if isinstance(axes, int):
        axes = (tuple(range(m - axes, m)), tuple(range(axes)))
    left, right = (((s,) if isinstance(s, int) else tuple(s)) for s in axes)
    first = list(string.ascii_lowercase[:m])
    second = list(string.ascii_lowercase[m : m + n])
    for i, j in zip(left, right, strict=True):
        second[j] = first[i]
    shared = {first[i] for i in left}
    result = [c for c in first + second if c not in shared]
    return einsum(f"{''.join(first)},{''.join(second)}->{''.join(result)}", a, b)


@implements(np.einsum)
def einsum(subscripts: str, *operands: Any, optimize: Any = None, **options: Any) -> Any:
    """Einstein summation; the subscripts may leave the result or an ellipsis to be filled in."""
    if not isinstance(subscripts, str) or options:
        raise ExpressionTypeError("einsum takes subscripts as text and operands, nothing else")
    explicit = normal_subscripts(subscripts, [len(shape_of(x)) for x in operands])
    return apply("einsum", operands, (explicit,))


def normal_subscripts(subscripts: str, ndims: Sequence[int]) -> str:
    """Subscripts with an explicit result, no spaces, and letters in order of appearance."""
    text = subscripts.replace(" ", "")
    left, arrow, right = text.partition("->")
    terms = left.split(",")
    if len(terms) != len(ndims):
        raise ShapeError(f"einsum {subscripts!r} takes {len(terms)} operands, got {len(ndims)}")
    spare = [c for c in string.ascii_letters if c not in text]
    dots = [n - len(t) + 3 for t, n in zip(terms, ndims, strict=True) if "..." in t]
    width = max(dots, default=0)
    terms = [
        t.replace("...", "".join(spare[width - (n - len(t) + 3) : width])) if "..." in t else t
        for t, n in zip(terms, ndims, strict=True)
    ]
    batch = "".join(spare[:width])
    if arrow:
        right = right.replace("...", batch)
    else:
        letters = "".join(terms)
        right = batch + "".join(
            c for c in sorted(set(letters)) if letters.count(c) == 1 and c not in batch
        )
    names: dict[str, str] = {}
    for c in "".join(terms):
        names.setdefault(c, string.ascii_letters[8 + len(names)])  # i, j, k, ...
    unknown = set(right) - set(names)
    if unknown:
        raise ShapeError(f"einsum {subscripts!r}: {unknown.pop()!r} is in no operand")
    if len(set(right)) != len(right):
        raise ShapeError(f"einsum {subscripts!r}: the result names an axis twice")
    named = [",".join("".join(names[c] for c in t) for t in terms)]
    return "->".join([*named, "".join(names[c] for c in right)])


@implements(np.outer, np.multiply.outer)
def outer(a: Any, b: Any) -> Any:
    """Product of every element of one vector with every element of the other."""
    return einsum("i,j->ij", _flat(a), _flat(b))


def _flat(x: Any) -> Any:
    x = as_operand(x)
    shape = shape_of(x)
    return x if len(shape) == 1 else apply("reshape", (x,), ((math.prod(shape),),))
