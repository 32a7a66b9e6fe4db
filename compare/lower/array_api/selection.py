"""Selection by any index, and its adjoint, in the indices that the standard has.

Those are integers and slices that run forwards inside the array, ``flip`` for slices that run
backwards, and ``take`` of a list of places along one axis.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from diffexpr import Expr, constant
from diffexpr.apply import apply
from diffexpr.frozen import Index
from diffexpr.indexing import normal_index

Shape = tuple[int, ...]
BACKWARDS = slice(None, None, -1)


def getitem(x: Expr, index: Index) -> Expr:
    """``x[index]`` by steps that each select in one of the ways above.

    Examples
    --------
    >>> from diffexpr import symbol
    >>> v = symbol("v", 5)
    >>> getitem(v, Index((slice(3, None, -2),)))
    v[1:4:2][::-1]
    """
    items = normal_index(index.value, x.shape).value
    if any(isinstance(item, np.ndarray) for item in items):
        return _fancy(x, items)
    sizes = iter(x.shape)
    forwards: list[Any] = []
    backwards: list[int] = []
    axis = 0
    for item in items:
        if isinstance(item, slice):
            run, turned = _forwards(item, next(sizes))
            forwards.append(run)
            if turned:
                backwards.append(axis)
        else:
            forwards.append(None if item is None else int(item) % next(sizes))
        axis += item is None or isinstance(item, slice)
    whole = len(forwards) == len(x.shape) and all(
        item == slice(0, n, None) for item, n in zip(forwards, x.shape, strict=True)
    )
    y = x if whole else _at(x, forwards)
    for axis in backwards:
        y = _along(y, axis, BACKWARDS)
    return y


def _at(x: Expr, items: Sequence[Any]) -> Expr:
    return apply("getitem", (x,), (Index(tuple(items)),))


def _along(x: Expr, axis: int, item: Any) -> Expr:
    """A selection along one axis, all of the others."""
    items: list[Any] = [slice(0, n, None) for n in x.shape]
    items[axis] = item
    return _at(x, items)


def _forwards(item: slice, n: int) -> tuple[slice, bool]:
    """A slice of n places as one that runs forwards inside them, and whether it must be turned."""
    places = range(*item.indices(n))
    if len(places) < 2:
        return (slice(places[0], places[0] + 1, None) if places else slice(0, 0, None)), False
    turned = places.step < 0
    places = places[::-1] if turned else places
    step = None if places.step == 1 else places.step
    return slice(places[0], places[-1] + 1, step), turned


def _fancy(x: Expr, items: tuple[Any, ...]) -> Expr:
    """A selection with lists of places: its slices first, then the places along one axis."""
    shape = np.broadcast_to(np.False_, x.shape)[items].shape
    given = [item for item in items if item is not None]
    listed = [axis for axis, item in enumerate(given) if not isinstance(item, slice)]
    slices = [item if isinstance(item, slice) else slice(0, n, None)
              for item, n in zip(given, x.shape, strict=True)]  # fmt: skip
    sizes = [x.shape[axis] for axis in listed]
    places = np.broadcast_arrays(
        *(np.asarray(given[axis]) % max(n, 1) for axis, n in zip(listed, sizes, strict=True))
    )
    y = getitem(x, Index(tuple(slices)))
    if len(listed) == 1:
        return _reshaped(_taken(y, listed[0], places[0].reshape(-1)), shape)
    others = [axis for axis in range(len(given)) if axis not in listed]
    y = apply("transpose", (y,), ((*listed, *others),))
    y = _reshaped(y, (math.prod(sizes), *y.shape[len(listed) :]))
    flat = np.ravel_multi_index(places, sizes) if places[0].size else np.zeros(0, np.intp)
    y = _taken(y, 0, np.reshape(flat, -1))
    at = [i for i, item in enumerate(items) if not (item is None or isinstance(item, slice))]
    if at[-1] - at[0] == len(at) - 1:
        # What several lists that stand side by side select stays where they stood.
        before = sum(isinstance(item, slice) for item in items[: at[0]])
        axes = (*range(1, before + 1), 0, *range(before + 1, len(y.shape)))
        y = apply("transpose", (y,), (axes,))
    return _reshaped(y, shape)


def _taken(x: Expr, axis: int, places: np.ndarray[Any, Any]) -> Expr:
    """The entries at places along an axis."""
    return _along(x, axis, places.astype(np.intp) if places.size else slice(0, 0, None))


def scatter_add(x: Expr, index: Index, shape: Shape) -> Expr:
    """Zeros of a shape with ``x`` added in at an index, made of zeros joined to it."""
    index = normal_index(index.value, shape)
    selected = np.broadcast_to(np.False_, shape)[index.value].shape
    if x.shape != selected:
        x = apply("broadcast_to", (x,), (selected,))
    if not math.prod(selected):
        return _zeros(shape)
    return _padded(x, index, shape) if index.is_basic else _gathered(x, index, shape)


def _padded(x: Expr, index: Index, shape: Shape) -> Expr:
    """The adjoint of slices: zeros before, behind and between, one axis after the other."""
    given = [item for item in index.value if item is not None]
    runs = [_forwards(item if isinstance(item, slice) else _one(item), n)
            for item, n in zip(given, shape, strict=True)]  # fmt: skip
    x = _reshaped(x, tuple(len(range(*run.indices(n)))
                           for (run, _), n in zip(runs, shape, strict=True)))  # fmt: skip
    for axis, (run, turned) in enumerate(runs):
        if turned:
            x = _along(x, axis, BACKWARDS)
        x = _spread(x, axis, run.start, run.step or 1, shape[axis])
    return x


def _one(place: Any) -> slice:
    return slice(int(place), int(place) + 1 or None, None)


def _spread(x: Expr, axis: int, start: int, step: int, n: int) -> Expr:
    """Entries along an axis at ``start, start + step, ...`` of n places, zeros elsewhere."""
    before, m, after = x.shape[:axis], x.shape[axis], x.shape[axis + 1 :]
    if step > 1:
        between = _zeros((*before, m, step - 1, *after))
        x = _reshaped(x, (*before, m, 1, *after))
        x = _reshaped(_joined((x, between), axis + 1), (*before, m * step, *after))
        kept = min(m * step, n - start)
        x = _along(x, axis, slice(0, kept, None))
        m = kept
    parts = [x]
    if start:
        parts.insert(0, _zeros((*before, start, *after)))
    if start + m < n:
        parts.append(_zeros((*before, n - start - m, *after)))
    return _joined(parts, axis)


def _gathered(x: Expr, index: Index, shape: Shape) -> Expr:
    """The adjoint of lists of places: every place takes what was added there, in layers.

    No entry is multiplied by zero, so that a NaN or an infinity stays in its place.
    """
    items = list(index.value)
    kept = len(shape)
    while isinstance(items[-1], slice) and items[-1] == slice(0, shape[kept - 1]):
        items.pop()
        kept -= 1
    lead, rest = shape[:kept], shape[kept:]
    places = np.arange(math.prod(lead)).reshape(lead)[tuple(items)].reshape(-1)
    width, count = math.prod(rest), places.size
    order = np.argsort(places, kind="stable")
    hit, first, times = np.unique(places[order], return_index=True, return_counts=True)
    layers = np.full((int(times.max()), hit.size), count)
    column = np.repeat(np.arange(hit.size), times)
    layers[np.arange(count) - first[column], column] = order
    x, held = _reshaped(x, (count, width)), layers[0]
    if len(layers) > 1:
        x = _taken(_with_zeros(x), 0, layers.reshape(-1))
        x = apply("sum", (_reshaped(x, (*layers.shape, width)),), ((0,), False))
        count, held = hit.size, np.arange(hit.size)
    source = np.full(math.prod(lead), count)
    source[hit] = held
    x = _taken(_with_zeros(x), 0, source)
    return _reshaped(x, shape)


def _with_zeros(x: Expr) -> Expr:
    """A row of zeros below the others, for the places that nothing is added to."""
    return _joined((x, _zeros((1, *x.shape[1:]))), 0)


def _zeros(shape: Shape) -> Expr:
    return apply("broadcast_to", (constant(0.0),), (shape,))


def _joined(parts: Sequence[Expr], axis: int) -> Expr:
    return parts[0] if len(parts) == 1 else apply("concatenate", tuple(parts), (axis,))


def _reshaped(x: Expr, shape: Shape) -> Expr:
    return x if x.shape == shape else apply("reshape", (x,), (shape,))
