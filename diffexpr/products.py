"""Products of arrays, by NumPy's names: all of them are ``matmul`` or ``einsum``."""

from __future__ import annotations

import math
import string
from collections.abc import Sequence
from typing import Any

import numpy as np

from diffexpr.apply import apply
from diffexpr.errors import ExpressionTypeError, ShapeError
from diffexpr.operands import as_operand, dtype_of, given, implements, no_out, shape_of
from diffexpr.precision import converted
from diffexpr.shapes import moveaxis, reshape

_NUMBERED = string.ascii_uppercase + string.ascii_lowercase
"""Letters in the order in which NumPy sorts them."""


def conjugated(x: Any) -> Any:
    """The complex conjugate; of a real operand, itself."""
    return apply("conjugate", (x,)) if dtype_of(x).kind == "c" else x


@implements(np.matmul)
def matmul(a: Any, b: Any, /, **options: Any) -> Any:
    """Matrix product with broadcast leading axes."""
    _plainly("matmul", options)
    return apply("matmul", (as_operand(a), as_operand(b)))


def _plainly(name: str, options: dict[str, Any]) -> None:
    used = sorted(key for key, value in options.items() if given(value))
    if used:
        raise ExpressionTypeError(
            f"np.{name}: {', '.join(used)}= is not part of the language; move the axes with "
            "np.moveaxis"
        )


@implements(np.dot)
def dot(a: Any, b: Any, out: Any = None) -> Any:
    """NumPy's dot: a product of scalars, vectors or matrices."""
    no_out("dot", out)
    a, b = as_operand(a), as_operand(b)
    m, n = len(shape_of(a)), len(shape_of(b))
    if m == 0 or n == 0:
        return apply("multiply", (a, b))
    if n <= 2 and (m <= 2 or n == 1):
        return matmul(a, b)
    return tensordot(a, b, axes=((m - 1,), (n - 2,)))


@implements(np.vdot)
def vdot(a: Any, b: Any, /) -> Any:
    """Inner product of the flattened operands, the first conjugated."""
    return matmul(conjugated(_flat(a)), _flat(b))


@implements(np.inner)
def inner(a: Any, b: Any, /) -> Any:
    """Inner product over the last axes."""
    a, b = as_operand(a), as_operand(b)
    m, n = len(shape_of(a)), len(shape_of(b))
    if m == 0 or n == 0:
        return apply("multiply", (a, b))
    return tensordot(a, b, axes=((m - 1,), (n - 1,)))


@implements(np.vecdot)
def vecdot(a: Any, b: Any, /, *, axis: int = -1, **options: Any) -> Any:
    """Inner product along one axis, leading axes broadcast, the first operand conjugated."""
    _plainly("vecdot", options)
    a, b = as_operand(a), as_operand(b)
    if not shape_of(a) or not shape_of(b):
        raise ShapeError(f"vecdot takes vectors, got shapes {shape_of(a)} and {shape_of(b)}")
    a, b = moveaxis(a, axis, -1), moveaxis(b, axis, -1)
    return einsum("...i,...i->...", conjugated(a), b)


@implements(np.matvec)
def matvec(a: Any, b: Any, /, **options: Any) -> Any:
    """Matrix times vector, leading axes broadcast."""
    _plainly("matvec", options)
    return einsum("...ij,...j->...i", a, b)


@implements(np.vecmat)
def vecmat(a: Any, b: Any, /, **options: Any) -> Any:
    """Vector, conjugated, times matrix, leading axes broadcast."""
    _plainly("vecmat", options)
    return einsum("...i,...ij->...j", conjugated(as_operand(a)), b)


@implements(np.kron)
def kron(a: Any, b: Any) -> Any:
    """The matrix of all products of elements: Kronecker's."""
    a, b = as_operand(a), as_operand(b)
    ndim = max(len(shape_of(a)), len(shape_of(b)))
    left = (1,) * (ndim - len(shape_of(a))) + shape_of(a)
    right = (1,) * (ndim - len(shape_of(b))) + shape_of(b)
    apart = reshape(a, [n for size in left for n in (size, 1)])
    within = reshape(b, [n for size in right for n in (1, size)])
    return reshape(apart * within, [n * m for n, m in zip(left, right, strict=True)])


@implements(np.cross)
def cross(a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1,
          axis: int | None = None) -> Any:  # fmt: skip
    """The vector product of vectors of three components."""
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = moveaxis(as_operand(a), axisa, -1), moveaxis(as_operand(b), axisb, -1)
    if shape_of(a)[-1] != 3 or shape_of(b)[-1] != 3:
        raise ShapeError(
            f"cross takes vectors of 3 components, got {shape_of(a)[-1]} and {shape_of(b)[-1]}"
        )
    following, before = np.array([1, 2, 0]), np.array([2, 0, 1])
    found = a[..., following] * b[..., before] - a[..., before] * b[..., following]
    return moveaxis(found, -1, axisc)


@implements(np.tensordot)
def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    """Sum of products over the paired axes."""
    a, b = as_operand(a), as_operand(b)
    m, n = len(shape_of(a)), len(shape_of(b))
    if isinstance(axes, (int, np.integer)):
        axes = (tuple(range(m - axes, m)), tuple(range(axes)))
    left, right = ((int(s),) if np.ndim(s) == 0 else tuple(map(int, s)) for s in axes)
    if len(left) != len(right):
        raise ShapeError(f"tensordot pairs {len(left)} axes with {len(right)}: {axes}")
    letters = iter(string.ascii_letters)
    first = [next(letters) for _ in range(m)]
    second = [next(letters) for _ in range(n)]
    for i, j in zip(left, right, strict=True):
        second[j] = first[i]
    shared = {first[i] for i in left}
    result = [c for c in first + second if c not in shared]
    return einsum(f"{''.join(first)},{''.join(second)}->{''.join(result)}", a, b)


@implements(np.einsum)
def einsum(subscripts: Any, *operands: Any, out: Any = None, optimize: Any = False,
           dtype: Any = None, order: str = "K", casting: str = "safe") -> Any:  # fmt: skip
    """Einstein summation; the subscripts may leave the result or an ellipsis to be filled in."""
    no_out("einsum", out)
    if not isinstance(subscripts, str):
        subscripts, operands = _lettered(subscripts, *operands)
    operands = tuple(converted(as_operand(x), dtype, "einsum") for x in operands)
    explicit = normal_subscripts(subscripts, [len(shape_of(x)) for x in operands])
    return apply("einsum", *_unrepeated(explicit, operands))


def _unrepeated(subscripts: str, operands: tuple[Any, ...]) -> tuple[tuple[Any, ...], tuple[str]]:
    """Operands without the axes of size one that broadcast against another operand's."""
    left, result = subscripts.split("->")
    terms = left.split(",")
    sizes: dict[str, int] = {}
    for term, x in zip(terms, operands, strict=True):
        for c, n in zip(term, shape_of(x), strict=False):
            sizes[c] = max(sizes.get(c, n), n)
    kept = [
        [i for i, c in enumerate(term) if i >= len(shape_of(x)) or shape_of(x)[i] == sizes[c]
         or shape_of(x)[i] != 1]
        for term, x in zip(terms, operands, strict=True)
    ]  # fmt: skip
    if all(len(k) == len(t) for k, t in zip(kept, terms, strict=True)):
        return operands, (subscripts,)
    operands = tuple(
        x if len(k) == len(t) else reshape(x, [shape_of(x)[i] for i in k])
        for x, k, t in zip(operands, kept, terms, strict=True)
    )
    terms = ["".join(t[i] for i in k) for k, t in zip(kept, terms, strict=True)]
    return operands, (normal_subscripts(f"{','.join(terms)}->{result}", [len(t) for t in terms]),)


def _lettered(*arguments: Any) -> tuple[str, tuple[Any, ...]]:
    """Operands with lists of numbers in place of letters, as NumPy takes them too."""
    operands, lists = arguments[::2], arguments[1::2]
    result = None
    if len(arguments) % 2:
        operands, result = operands[:-1], arguments[-1]
    if not operands or not all(isinstance(axes, (list, tuple)) for axes in lists):
        raise ExpressionTypeError(
            "einsum takes subscripts as text and operands, or operands with lists of whole numbers"
        )

    def term(axes: Any) -> str:
        return "".join("..." if i is Ellipsis else _NUMBERED[i] for i in axes)

    text = ",".join(map(term, lists))
    return (text if result is None else f"{text}->{term(result)}"), operands


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


@implements(np.outer)
def outer(a: Any, b: Any, out: Any = None) -> Any:
    """Product of every element of one vector with every element of the other."""
    no_out("outer", out)
    return einsum("i,j->ij", _flat(a), _flat(b))


def _flat(x: Any) -> Any:
    x = as_operand(x)
    shape = shape_of(x)
    return x if len(shape) == 1 else apply("reshape", (x,), ((math.prod(shape),),))
