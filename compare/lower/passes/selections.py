"""Selections of selections: one index for two, and the part itself where parts were joined."""

from __future__ import annotations

from typing import Any

from diffexpr import Expr
from diffexpr.apply import apply
from diffexpr.frozen import Index

Shape = tuple[int, ...]


def selected(x: Expr, index: Index) -> Expr | None:
    """``x[index]`` in a shorter form, or None.

    Only basic indices without new axes are looked into. The index of a selection from a selection
    is worked out axis by axis on the ranges that slices are; selections from joined parts become
    selections from the one part in which they lie.

    Examples
    --------
    >>> from diffexpr import symbol
    >>> x = symbol("x", (9,))
    >>> selected(x[2:], x[1:4].params[0])
    x[3:6]
    """
    if not index.is_basic or None in index.value:
        return None
    if _is_whole(index, x.shape):
        return x
    if x.op == "getitem":
        return _again(x, index)
    if x.op == "stack":
        return _of_stack(x, index)
    if x.op == "concatenate":
        return _of_concatenate(x, index)
    return None


def _range(item: slice, n: int) -> range:
    return range(*item.indices(n))


def _is_whole(index: Index, shape: Shape) -> bool:
    return all(
        isinstance(item, slice) and _range(item, n) == range(n)
        for item, n in zip(index.value, shape, strict=False)
    )


def _slice(chosen: range) -> slice:
    """The slice of an axis that takes a range of its places."""
    if not chosen:
        return slice(0, 0, None)
    step = None if chosen.step == 1 else chosen.step
    # Going down to place 0, a slice ends before it: None, for -1 is the last place.
    return slice(chosen.start, chosen.stop if chosen.stop >= 0 else None, step)


def _again(x: Expr, index: Index) -> Expr | None:
    (first,) = x.params
    if not first.is_basic or None in first.value:
        return None
    (source,) = x.args
    after = iter(index.value)
    parts: list[Any] = []
    for item, n in zip(first.value, source.shape, strict=True):
        if not isinstance(item, slice):
            parts.append(item)
            continue
        chosen, then = _range(item, n), next(after)
        parts.append(_slice(chosen[then]) if isinstance(then, slice) else chosen[then])
    found = Index(tuple(parts), True)
    return source if _is_whole(found, source.shape) else apply("getitem", (source,), (found,))


def _of_stack(x: Expr, index: Index) -> Expr | None:
    (axis,) = x.params
    at = index.value[axis]
    if isinstance(at, slice):
        return None
    part = x.args[at]
    rest = Index((*index.value[:axis], *index.value[axis + 1 :]), True)
    if _is_whole(rest, part.shape):
        return part
    return apply("getitem", (part,), (rest,))


def _of_concatenate(x: Expr, index: Index) -> Expr | None:
    (axis,) = x.params
    at, n = index.value[axis], x.shape[axis]
    chosen = _range(at, n) if isinstance(at, slice) else range(at % n, at % n + 1)
    if not chosen:
        return None
    low, high = min(chosen[0], chosen[-1]), max(chosen[0], chosen[-1])
    start = 0
    for part in x.args:
        stop = start + part.shape[axis]
        if start <= low and high < stop:
            moved = range(chosen.start - start, chosen.stop - start, chosen.step)
            item = _slice(moved) if isinstance(at, slice) else moved[0]
            rest = Index((*index.value[:axis], item, *index.value[axis + 1 :]), True)
            return part if _is_whole(rest, part.shape) else apply("getitem", (part,), (rest,))
        start = stop
    return None
