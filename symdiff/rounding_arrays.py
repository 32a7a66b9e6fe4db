"""Rounding error of the array operations, from the errors of their operands.

Sums of n terms are off by at most n units of the sum of magnitudes, in whatever order NumPy adds:
N. J. Higham, Accuracy and Stability of Numerical Algorithms (2nd edition, 2002), section 4.2.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from diffexpr.apply import value_of
from diffexpr.frozen import Index

UNIT = float(np.finfo(float).eps) / 2
Errors = Sequence[Any]

RULES: dict[str, Callable[..., Any]] = {}
"""Operands, their errors, the value, static parameters: the error of the value."""


def errs(*names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Enter a rule for array operations."""

    def enter(rule: Callable[..., Any]) -> Callable[..., Any]:
        for name in names:
            RULES[name] = rule
        return rule

    return enter


def _count(x: Any, axes: Sequence[int]) -> int:
    return math.prod(np.shape(x)[axis] for axis in axes)


def _moves(name: str) -> Callable[..., Any]:
    """The rule of an operation that only moves elements: errors move with them."""

    def rule(operands: Sequence[Any], errors: Errors, value: Any, *params: Any) -> Any:
        return value_of(name)(*errors, *params)

    return rule


for _name in ("transpose", "reshape", "broadcast_to", "getitem", "concatenate", "stack", "diag"):
    RULES[_name] = _moves(_name)


@errs("sum")
def _sum(operands: Sequence[Any], errors: Errors, value: Any, axes: Any, keepdims: bool) -> Any:
    (x,), (e,) = operands, errors
    return np.sum(np.abs(x) * _count(x, axes) * UNIT + e, axis=axes, keepdims=keepdims)


@errs("mean")
def _mean(operands: Sequence[Any], errors: Errors, value: Any, axes: Any, keepdims: bool) -> Any:
    count = _count(operands[0], axes)
    return _sum(operands, errors, value, axes, keepdims) / count + UNIT * np.abs(value)


@errs("prod")
def _prod(operands: Sequence[Any], errors: Errors, value: Any, axes: Any, keepdims: bool) -> Any:
    (x,), (e,) = operands, errors
    # Each factor in turn gives way to its error; the others stand at their largest.
    kept = [i for i in range(np.ndim(x)) if i not in axes]
    rows = np.transpose(np.abs(x) + e, [*kept, *axes])
    slack = np.transpose(e, [*kept, *axes])
    shape = (*rows.shape[: len(kept)], -1)
    rows, slack = rows.reshape(shape), slack.reshape(shape)
    total = np.zeros(rows.shape[:-1])
    for i in range(rows.shape[-1]):
        others = np.prod(np.delete(rows, i, axis=-1), axis=-1)
        total = total + others * slack[..., i]
    total = total + rows.shape[-1] * UNIT * np.prod(rows, axis=-1)
    return total.reshape(np.shape(value))


@errs("cumsum")
def _cumsum(operands: Sequence[Any], errors: Errors, value: Any, axis: int) -> Any:
    (x,), (e,) = operands, errors
    return np.cumsum(np.abs(x) * np.shape(x)[axis] * UNIT + e, axis=axis)


@errs("scatter_add")
def _scatter_add(
    operands: Sequence[Any], errors: Errors, value: Any, index: Index, shape: Any
) -> Any:
    (x,), (e,) = operands, errors
    return value_of("scatter_add")(np.abs(x) * np.size(x) * UNIT + e, index, shape)


@errs("matmul")
def _matmul(operands: Sequence[Any], errors: Errors, value: Any) -> Any:
    a, b = (np.abs(x) for x in operands)
    left, right = errors
    terms = np.shape(a)[-1] + 1
    return a @ right + left @ b + left @ right + terms * UNIT * (a @ b)


@errs("einsum")
def _einsum(operands: Sequence[Any], errors: Errors, value: Any, subscripts: str) -> Any:
    large = [np.abs(x) + e for x, e in zip(operands, errors, strict=True)]
    terms, result = subscripts.split("->")
    sizes: dict[str, int] = {}
    for term, x in zip(terms.split(","), operands, strict=True):
        sizes.update(zip(term, np.shape(x), strict=True))
    summed = math.prod(n for letter, n in sizes.items() if letter not in result)
    total = (summed + len(operands)) * UNIT * np.einsum(subscripts, *large)
    for i, e in enumerate(errors):
        if np.any(e):
            total = total + np.einsum(subscripts, *large[:i], e, *large[i + 1 :])
    return total


@errs("norm")
def _norm(operands: Sequence[Any], errors: Errors, value: Any, axes: Any, keepdims: bool) -> Any:
    (x,), (e,) = operands, errors
    # The norm is 1-Lipschitz.
    return value_of("norm")(e, axes, keepdims) + (_count(x, axes) + 3) * UNIT * np.abs(value)


@errs("max", "min")
def _extreme(operands: Sequence[Any], errors: Errors, value: Any, axes: Any, keepdims: bool) -> Any:
    return np.max(errors[0], axis=axes, keepdims=keepdims)


@errs("sort")
def _sort(operands: Sequence[Any], errors: Errors, value: Any, axis: int) -> Any:
    # No element in order is off by more than the most uncertain one along the axis.
    return np.zeros(np.shape(value)) + np.max(errors[0], axis=axis, keepdims=True, initial=0.0)


@errs("astype")
def _astype(operands: Sequence[Any], errors: Errors, value: Any, dtype: str) -> Any:
    return errors[0] + np.abs(value) * (float(np.finfo(dtype).eps) / 2)


@errs("logsumexp")
def _logsumexp(
    operands: Sequence[Any], errors: Errors, value: Any, axes: Any, keepdims: bool
) -> Any:
    (x,), (e,) = operands, errors
    spread = np.max(e, axis=axes, keepdims=keepdims)
    top = np.abs(np.max(x, axis=axes, keepdims=keepdims))
    own = (2 * _count(x, axes) + 16 + 2 * top + 8 * np.abs(value)) * UNIT
    return spread + np.where(np.isfinite(own), own, 0.0)


@errs("softmax")
def _softmax(operands: Sequence[Any], errors: Errors, value: Any, axis: int) -> Any:
    (x,), (e,) = operands, errors
    mean = np.sum(value * e, axis=axis, keepdims=True)
    distance = np.max(x, axis=axis, keepdims=True) - x
    own = (np.shape(x)[axis] + 20 + distance) * UNIT
    return np.where(value > 0, value * (e + mean + own), 0.0) + 5e-324
