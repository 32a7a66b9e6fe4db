"""What one pass forward gives: tangents, slopes, columns of a Jacobian."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autodiff.boxes import Level, is_symbolic
from autodiff.dual import Dual
from autodiff.holomorphic import check, is_complex
from autodiff.literals import basis, received, written
from autodiff.problem import Call, unleaked
from diffexpr import functions
from diffexpr.errors import ExpressionValueError

COLUMNS = 1024
"""Tangents carried at once; more would only fill memory."""


def push(
    call: Call, xs: Sequence[Any], tangents: Sequence[Any], lead: int = 0
) -> list[tuple[Any, Any]]:
    """Values and tangents of the results; the tangent of a constant is None."""
    pairs = zip(xs, tangents, strict=True)
    with Level() as level:
        ys = call(*[x if t is None else Dual(level, x, t, lead) for x, t in pairs])
    return [split(y, level) for y in ys]


def split(y: Any, level: int) -> tuple[Any, Any]:
    if type(y) is Dual and y._level == level:
        return y.primal, y.tangent
    return unleaked(y, level), None


def slope(call: Call, x: Any, n: int, unit: Any) -> Any:
    """The n-th derivative of the result along one variable, by nesting."""
    if n == 0:
        return call(x)[0]
    seed = unit if type(unit) is int else written(unit, x.shape, x)
    ((y, t),) = push(lambda v: [slope(call, v, n - 1, unit)], [x], [seed])
    return written(t, y.shape, x if is_symbolic(x) else y)


def differential(call: Call, xs: Sequence[Any], vs: Sequence[Any]) -> list[tuple[Any, Any]]:
    """Values and directional derivatives of the results."""
    return [(y, written(t, y.shape, y)) for y, t in push(call, xs, vs)]


def gradient(call: Call, xs: Sequence[Any], unit: Any, verb: str) -> tuple[Any, list[Any]]:
    """The value and the gradient of a scalar result."""
    (y,), (row,) = jacobian(call, xs, unit, verb)
    return y, row


def jacobian(
    call: Call, xs: Sequence[Any], unit: Any, verb: str = ""
) -> tuple[list[Any], list[list[Any]]]:
    """The results and their Jacobians, one list per result, one block per variable.

    A ``verb`` that gives one number per variable refuses complex results of real variables.
    """
    ys, rows = _columns(call, xs, unit)
    if not any(map(is_complex, (*xs, *ys))):
        return ys, rows
    _, turned = _columns(call, xs, np.complex64(1j) * unit)
    for y, row, other in zip(ys, rows, turned, strict=True):
        for k, x in enumerate(xs):
            if not is_complex(y) and is_complex(x):
                row[k] = row[k] - 1j * other[k]
            elif is_complex(x):
                check(row[k], other[k], 1j, verb or "jacobian")
            elif verb and is_complex(y):
                raise ExpressionValueError(
                    f"{verb} by a real argument needs a real result, got {y.dtype}; use jacobian"
                )
    return ys, rows


def _columns(call: Call, xs: Sequence[Any], unit: Any) -> tuple[list[Any], list[list[Any]]]:
    """Results and the tangents of unit vectors times a unit."""
    symbolic = any(map(is_symbolic, xs))
    if symbolic or (len(xs) == 1 and not xs[0].shape):
        sweeps = [_one_variable(call, xs, k, unit) for k in range(len(xs))]
        ys = sweeps[0][0]
        return ys, [[columns[o] for _, columns in sweeps] for o in range(len(ys))]
    return _all_variables(call, xs, unit)


def _one_variable(call: Call, xs: Sequence[Any], k: int, unit: Any) -> tuple[list[Any], list[Any]]:
    """Results and their derivatives by variable ``k`` alone."""
    x = xs[k]
    scalar_seed = not x.shape
    seed = unit if scalar_seed else basis(x, 0, math.prod(x.shape), 0, unit)
    tangents = [seed if j == k else None for j in range(len(xs))]
    found = push(call, xs, tangents, 0 if scalar_seed else 1)
    blocks = []
    for y, t in found:
        if scalar_seed or t is None:
            blocks.append(written(t, (*y.shape, *x.shape), x if is_symbolic(x) else y))
        else:
            blocks.append(_rows_last(t, x.shape))
    return [y for y, _ in found], blocks


def _all_variables(call: Call, xs: Sequence[Any], unit: Any) -> tuple[list[Any], list[list[Any]]]:
    sizes = [math.prod(x.shape) for x in xs]
    total = sum(sizes)
    ys: list[Any] = []
    chunks: list[list[Any]] = []
    for start in range(0, max(total, 1), COLUMNS):
        count = min(COLUMNS, total - start)
        seeds = [basis(x, start, count, sum(sizes[:k]), unit) for k, x in enumerate(xs)]
        found = push(call, xs, seeds, 1)
        ys = [y for y, _ in found]
        chunks.append([written(t, (count, *y.shape), y) if t is None else t for y, t in found])
    blocks = []
    for o in range(len(ys)):
        parts = [chunk[o] for chunk in chunks]
        whole = parts[0] if len(parts) == 1 else functions.concatenate(parts, 0)
        ends = [sum(sizes[: k + 1]) for k in range(len(xs))]
        blocks.append(
            [
                _rows_last(whole[end - size : end], x.shape)
                for x, size, end in zip(xs, sizes, ends, strict=True)
            ]
        )
    return ys, blocks


def _rows_last(t: Any, shape: tuple[int, ...]) -> Any:
    """Tangents stacked along their first axis as a Jacobian: that axis last, in its shape."""
    n = len(t.shape)
    turned = t if n == 1 else functions.transpose(t, (*range(1, n), 0))
    return functions.reshape(turned, (*turned.shape[:-1], *shape))


def pullback(
    call: Call, xs: Sequence[Any]
) -> tuple[list[Any], Callable[[Sequence[Any]], list[Any]]]:
    """The values and the function that pulls cotangents back: products with the Jacobian."""
    ys, rows = jacobian(call, xs, 1)

    def back(ws: Sequence[Any]) -> list[Any]:
        found: list[Any] = [None] * len(xs)
        for y, w, blocks in zip(ys, ws, rows, strict=True):
            for k, (x, block) in enumerate(zip(xs, blocks, strict=True)):
                wide = functions.reshape(w, (*y.shape, *(1,) * len(x.shape)))
                axes = tuple(range(len(y.shape)))
                part = functions.sum(wide * block, axis=axes) if axes else wide * block
                found[k] = part if found[k] is None else found[k] + part
        return [received(part, x) for part, x in zip(found, xs, strict=True)]

    return ys, back
