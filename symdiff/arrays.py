"""What each array operation does to its elements, whatever the elements are.

Operands are object arrays. The elements know nothing of each other: every sum, product and
comparison goes through an `Algebra`, which is expressions when an array expression is taken apart
and numbers of many digits when the reference is computed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

from diffexpr.errors import BoundError
from diffexpr.frozen import Index

Array = np.ndarray[Any, Any]


class Algebra(Protocol):
    """How elements are combined."""

    def call(self, op: str, *elements: Any) -> Any:
        """An elementwise primitive, or ``norm``, ``max``, ``min``, ``logsumexp`` of elements."""
        ...

    def number(self, value: float) -> Any:
        """An element from a number."""
        ...

    def bound(self, count: int) -> None:
        """Raise `BoundError` if that many operations on elements are too many."""
        ...


TABLE: dict[str, Callable[..., Array]] = {}
"""Every array operation: algebra, operands and static parameters in, object array out."""


def means(*names: str) -> Callable[[Callable[..., Array]], Callable[..., Array]]:
    """Enter a function as the meaning of array operations."""

    def enter(function: Callable[..., Array]) -> Callable[..., Array]:
        for name in names:
            TABLE[name] = function
        return function

    return enter


def as_objects(values: Any, shape: tuple[int, ...]) -> Array:
    """A flat sequence of elements as an object array of a shape."""
    out = np.empty(len(values), object)
    for i, value in enumerate(values):
        out[i] = value
    return out.reshape(shape)


def elementwise(algebra: Algebra, op: str, operands: Sequence[Array]) -> Array:
    """An elementwise primitive on broadcast operands."""
    spread = np.broadcast_arrays(*operands)
    algebra.bound(spread[0].size)
    columns = zip(*(part.flat for part in spread), strict=True)
    return as_objects([algebra.call(op, *column) for column in columns], spread[0].shape)


def total(algebra: Algebra, elements: Sequence[Any]) -> Any:
    """The sum, from left to right."""
    return _chain(algebra, "add", elements, 0.0)


def _chain(algebra: Algebra, op: str, elements: Sequence[Any], empty: float) -> Any:
    if len(elements) == 0:
        return algebra.number(empty)
    value = elements[0]
    for element in elements[1:]:
        value = algebra.call(op, value, element)
    return value


def _reduce(x: Array, axes: Sequence[int], keepdims: bool, fold: Callable[[Any], Any]) -> Array:
    """Fold the elements that lie along the axes, for every place of the other axes."""
    kept = [i for i in range(x.ndim) if i not in axes]
    sizes = tuple(x.shape[i] for i in kept)
    rows = np.transpose(x, [*kept, *axes]).reshape(
        int(np.prod(sizes, dtype=int)), int(np.prod([x.shape[i] for i in axes], dtype=int))
    )
    shape = tuple(1 if i in axes else n for i, n in enumerate(x.shape)) if keepdims else sizes
    return as_objects([fold(row) for row in rows], shape)


@means("sum")
def _sum(algebra: Algebra, x: Array, axes: Sequence[int], keepdims: bool) -> Array:
    algebra.bound(x.size)
    return _reduce(x, axes, keepdims, lambda row: total(algebra, row))


@means("mean")
def _mean(algebra: Algebra, x: Array, axes: Sequence[int], keepdims: bool) -> Array:
    algebra.bound(x.size)
    return _reduce(
        x,
        axes,
        keepdims,
        lambda row: algebra.call("divide", total(algebra, row), algebra.number(len(row))),
    )


@means("prod")
def _prod(algebra: Algebra, x: Array, axes: Sequence[int], keepdims: bool) -> Array:
    algebra.bound(x.size)
    return _reduce(x, axes, keepdims, lambda row: _chain(algebra, "multiply", row, 1.0))


def _reduction(op: str) -> Callable[..., Array]:
    def reduce(algebra: Algebra, x: Array, axes: Sequence[int], keepdims: bool) -> Array:
        algebra.bound(x.size)
        return _reduce(x, axes, keepdims, lambda row: algebra.call(op, *row))

    return reduce


for _name in ("norm", "max", "min", "logsumexp"):
    TABLE[_name] = _reduction(_name)


@means("softmax")
def _softmax(algebra: Algebra, x: Array, axis: int) -> Array:
    scale = TABLE["logsumexp"](algebra, x, (axis,), True)
    return elementwise(algebra, "exp", [elementwise(algebra, "subtract", [x, scale])])


@means("cumsum")
def _cumsum(algebra: Algebra, x: Array, axis: int) -> Array:
    algebra.bound(x.size)
    out = np.array(x, dtype=object)
    rows = np.moveaxis(out, axis, 0)
    for i in range(1, len(rows)):
        rows[i : i + 1] = elementwise(algebra, "add", [rows[i - 1 : i], rows[i : i + 1]])
    return out


@means("sort")
def _sort(algebra: Algebra, x: Array, axis: int) -> Array:
    """By exchanges of neighbours, odd and even ones in turn (Knuth 1998, section 5.3.4)."""
    out = np.array(x, dtype=object)
    rows = np.moveaxis(out, axis, 0)
    n = len(rows)
    algebra.bound(x.size * n)
    for turn in range(n):
        for i in range(turn % 2, n - 1, 2):
            pair = [rows[i : i + 1].copy(), rows[i + 1 : i + 2].copy()]
            rows[i : i + 1] = elementwise(algebra, "minimum", pair)
            rows[i + 1 : i + 2] = elementwise(algebra, "maximum", pair)
    return out


@means("astype")
def _astype(_: Algebra, x: Array, dtype: str) -> Array:
    """The same numbers: they are exact here."""
    return x


@means("matmul")
def _matmul(algebra: Algebra, a: Array, b: Array) -> Array:
    batch = "abcdefgh"
    left = batch[8 - max(a.ndim - 2, 0) :] + ("ik" if a.ndim > 1 else "k")
    right = batch[8 - max(b.ndim - 2, 0) :] + ("kj" if b.ndim > 1 else "k")
    longest = batch[8 - max(a.ndim - 2, b.ndim - 2, 0) :]
    result = longest + ("i" if a.ndim > 1 else "") + ("j" if b.ndim > 1 else "")
    return contract(algebra, [left, right], result, [a, b])


@means("einsum")
def _einsum(algebra: Algebra, *args: Any) -> Array:
    *operands, subscripts = args
    terms, result = subscripts.split("->")
    return contract(algebra, terms.split(","), result, operands)


def contract(
    algebra: Algebra, terms: Sequence[str], result: str, operands: Sequence[Array]
) -> Array:
    """The sum of products over the letters that the result does not have."""
    sizes: dict[str, int] = {}
    for term, operand in zip(terms, operands, strict=True):
        for letter, n in zip(term, operand.shape, strict=True):
            sizes[letter] = n if sizes.get(letter, 1) == 1 else sizes[letter]
    summed = [letter for letter in sizes if letter not in result]
    order = [*result, *summed]
    algebra.bound(int(np.prod([sizes[c] for c in order], dtype=float)) * len(operands))
    spread = [_aligned(x, term, order) for x, term in zip(operands, terms, strict=True)]
    shape = tuple(sizes[c] for c in order)
    product = np.broadcast_to(spread[0], shape)
    for factor in spread[1:]:
        product = elementwise(algebra, "multiply", [product, np.broadcast_to(factor, shape)])
    axes = tuple(range(len(result), len(order)))
    return _reduce(product, axes, False, lambda row: total(algebra, row))


def _aligned(x: Array, term: str, order: Sequence[str]) -> Array:
    """The operand with one axis per letter of the order, a repeated letter as its diagonal."""
    letters = list(term)
    for letter in dict.fromkeys(term):
        while letters.count(letter) > 1:
            i = letters.index(letter)
            j = letters.index(letter, i + 1)
            x = np.diagonal(x, axis1=i, axis2=j)
            letters = [*letters[:i], *letters[i + 1 : j], *letters[j + 1 :], letter]
    present = [c for c in order if c in letters]
    x = np.transpose(x, [letters.index(c) for c in present])
    at = iter(x.shape)
    return x.reshape([next(at) if c in present else 1 for c in order])


# Operations that only move elements


@means("transpose")
def _transpose(_: Algebra, x: Array, axes: Sequence[int]) -> Array:
    return np.transpose(x, axes)


@means("reshape")
def _reshape(_: Algebra, x: Array, shape: tuple[int, ...]) -> Array:
    return x.reshape(shape)


@means("broadcast_to")
def _broadcast_to(algebra: Algebra, x: Array, shape: tuple[int, ...]) -> Array:
    algebra.bound(int(np.prod(shape, dtype=float)))
    return np.broadcast_to(x, shape)


@means("getitem")
def _getitem(_: Algebra, x: Array, index: Index) -> Array:
    found = x[index.value]
    return found if isinstance(found, np.ndarray) else as_objects([found], ())


@means("scatter_add")
def _scatter_add(algebra: Algebra, x: Array, index: Index, shape: tuple[int, ...]) -> Array:
    count = int(np.prod(shape, dtype=int))
    algebra.bound(count + x.size)
    places = np.arange(count).reshape(shape)[index.value]
    flat: list[Any] = [None] * count
    for place, element in zip(np.ravel(places), x.flat, strict=True):
        held = flat[place]
        flat[place] = element if held is None else algebra.call("add", held, element)
    zero = algebra.number(0.0)
    return as_objects([zero if e is None else e for e in flat], shape)


@means("concatenate")
def _concatenate(_: Algebra, *args: Any) -> Array:
    *operands, axis = args
    return np.concatenate(operands, axis=axis)


@means("stack")
def _stack(_: Algebra, *args: Any) -> Array:
    *operands, axis = args
    return np.stack(operands, axis=axis)


@means("diag")
def _diag(algebra: Algebra, x: Array) -> Array:
    if x.ndim == 2:
        return np.diagonal(x)
    algebra.bound(x.size**2)
    out = as_objects([algebra.number(0.0)] * x.size**2, (x.size, x.size))
    for i, element in enumerate(x):
        out[i, i] = element
    return out


def too_many(what: str, count: int, bound: str, limit: int) -> BoundError:
    """The error that names a bound that was passed."""
    return BoundError(
        f"{what}: {count:,} {bound}, more than the bound of {limit:,}; "
        "use autodiff, which has none, or take fewer at a time",
        bound,
        limit,
    )
