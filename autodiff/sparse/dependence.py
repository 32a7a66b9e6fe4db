"""What each entry of a value may depend on, and how that is united over entries and axes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from autodiff.sparse.index_sets import Indices, Part, Table, united

Shape = tuple[int, ...]


class Dependence(NamedTuple):
    """For every entry of a value the set of indices that it may depend on.

    Attributes
    ----------
    table : Table
    labels : ndarray of int
        Of the shape of the value: numbers of sets.
    """

    table: Table
    labels: Indices


def elementwise(parts: Sequence[Dependence], shape: Shape) -> Dependence:
    """Of each entry what its operands there depend on, broadcast."""
    found, *rest = (Dependence(d.table, _spread(d.labels, shape)) for d in parts)
    for other in rest:
        found = both(found, other)
    return found


def _spread(labels: Indices, shape: Shape) -> Indices:
    return labels if labels.shape == shape else np.broadcast_to(labels, shape)


def both(a: Dependence, b: Dependence) -> Dependence:
    """The union entry by entry; where both are the same, nothing is to be done."""
    shape = a.labels.shape
    if a.table is b.table and (a.labels is b.labels or np.array_equal(a.labels, b.labels)):
        return a
    first, second = a.labels.ravel(), b.labels.ravel()
    if len(first) <= len(a.table) + len(b.table):
        owners = np.arange(len(first))
        parts = Part(a.table, owners, first), Part(b.table, owners, second)
        table, labels = united(parts, len(first))
        return Dependence(table, labels.reshape(shape))
    # Far more entries than sets: the same pairs of sets over and over.
    pairs, places = np.unique(first * len(b.table) + second, return_inverse=True)
    left, right = np.divmod(pairs, len(b.table))
    owners = np.arange(len(pairs))
    table, labels = united((Part(a.table, owners, left), Part(b.table, owners, right)), len(pairs))
    return Dependence(table, labels[places].reshape(shape))


def gathered(d: Dependence, owners: Indices, shape: Shape) -> Dependence:
    """The unions of the entries that have the same owner, a position in a result of a shape."""
    count = math.prod(shape)
    pairs = np.unique(owners.ravel() * len(d.table) + d.labels.ravel())
    table, labels = united([Part(d.table, *np.divmod(pairs, len(d.table)))], count)
    return Dependence(table, labels.reshape(shape))


def along(d: Dependence, axes: Sequence[int], keepdims: bool = False) -> Dependence:
    """The union along axes, which are left out or kept with size one."""
    shape = d.labels.shape
    kept = tuple(1 if i in axes else n for i, n in enumerate(shape))
    final = kept if keepdims else tuple(n for i, n in enumerate(shape) if i not in axes)
    if all(shape[i] == 1 for i in axes):
        return Dependence(d.table, d.labels.reshape(final))
    owners = np.broadcast_to(np.arange(math.prod(kept)).reshape(kept), shape)
    return gathered(d, owners, final)


def mixed(parts: Sequence[Dependence], shape: Shape) -> Dependence:
    """Every entry of a result of a shape depends on everything that any part does."""
    used = [np.unique(d.labels) for d in parts]
    zeros = [np.zeros(len(labels), np.intp) for labels in used]
    tables = [d.table for d in parts]
    table, labels = united(list(map(Part, tables, zeros, used)), 1)
    return Dependence(table, np.broadcast_to(labels.reshape((1,) * len(shape)), shape))
