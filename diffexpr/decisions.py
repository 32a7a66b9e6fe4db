"""What the numbers alone decide: truth values, places and counts, constants to a derivative.

They see the value of what is being differentiated. A symbolic value has none: where a question
can be answered by an expression (`all`, `any`, `count_nonzero`, `isclose`) it is, and otherwise
an error says so.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from diffexpr.apply import apply
from diffexpr.operands import (
    FUNCTIONS,
    as_operand,
    decided,
    dtype_of,
    given,
    implements,
    is_symbolic,
    no_out,
    normal_axes,
    numbers,
    shape_of,
)
from diffexpr.reductions import MISSING, is_nan, reduce, selected

PLACES = (
    "argmax", "argmin", "nanargmax", "nanargmin", "argsort", "argpartition", "argwhere",
    "searchsorted", "digitize", "nonzero", "flatnonzero", "lexsort",
)  # fmt: skip
"""Functions whose result is made of positions."""

ANSWERS = (
    "allclose", "array_equal", "array_equiv", "isin", "isreal", "iscomplex", "isneginf",
    "isposinf", "array2string", "array_repr", "array_str",
)  # fmt: skip
"""Functions whose result is made of truth values, or is text."""

KINDS = (
    "shape", "ndim", "size", "result_type", "can_cast", "min_scalar_type", "common_type",
    "iscomplexobj", "isrealobj", "shares_memory", "may_share_memory", "diag_indices_from",
    "tril_indices_from", "triu_indices_from",
)  # fmt: skip
"""Functions that ask for a shape or a kind of number, and need no numbers."""

for _name in (*PLACES, *ANSWERS):
    FUNCTIONS[getattr(np, _name)] = decided(_name, getattr(np, _name))


@implements(np.isclose)
def isclose(a: Any, b: Any, rtol: Any = 1e-5, atol: Any = 1e-8, equal_nan: bool = False) -> Any:
    """Where two operands are equal within tolerances."""
    if not (is_symbolic(a) or is_symbolic(b)):
        a, b, rtol, atol = (numbers(x, "np.isclose") for x in (a, b, rtol, atol))
        return np.isclose(a, b, rtol, atol, equal_nan)
    a, b = as_operand(a), as_operand(b)
    gap = apply("less_equal", (abs(a - b), atol + rtol * apply("abs", (b,))))
    near = apply("logical_or", (gap, apply("equal", (a, b))))
    if equal_nan:
        near = apply("logical_or", (near, apply("logical_and", (is_nan(a), is_nan(b)))))
    return near


# questions about kinds of number, which need no numbers


def _kinds(args: tuple[Any, ...]) -> list[Any]:
    return [x.dtype if hasattr(x, "_level") else x for x in args]


implements(np.result_type)(lambda *args: np.result_type(*_kinds(args)))
implements(np.can_cast)(lambda from_, *to, **how: np.can_cast(*_kinds((from_, *to)), **how))
implements(np.min_scalar_type)(dtype_of)


@implements(np.common_type)
def common_type(*arrays: Any) -> Any:
    """The floating kind that holds all operands."""
    examples: list[Any] = [np.empty(0, dtype_of(x)) for x in arrays]
    return np.common_type(*examples)


implements(np.shape)(shape_of)
implements(np.ndim)(lambda a: len(shape_of(a)))
implements(np.size)(
    lambda a, axis=None: math.prod(shape_of(a)[i] for i in normal_axes(axis, len(shape_of(a))))
)
implements(np.diag_indices_from)(lambda arr: np.diag_indices_from(np.empty(shape_of(arr))))
implements(np.tril_indices_from)(lambda arr, k=0: np.tril_indices_from(np.empty(shape_of(arr)), k))
implements(np.triu_indices_from)(lambda arr, k=0: np.triu_indices_from(np.empty(shape_of(arr)), k))
implements(np.shares_memory, np.may_share_memory)(lambda a, b, max_work=None: a is b)


# how many, and whether


@implements(np.count_nonzero)
def count_nonzero(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    """How many elements are not zero: a constant, or an expression that counts them."""
    a = as_operand(a)
    if not is_symbolic(a):
        return np.count_nonzero(numbers(a, "np.count_nonzero"), axis=axis, keepdims=keepdims)
    return reduce("sum", apply("where", (apply("not_equal", (a, 0)), 1.0, 0.0)), axis, keepdims)


def _all_or_any(name: str, function: Any, a: Any, axis: Any, out: Any, keepdims: Any,
                where: Any) -> Any:  # fmt: skip
    no_out(name, out)
    a = as_operand(a)
    kept = given(keepdims) and bool(keepdims)
    if not is_symbolic(a):
        options = {"where": where} if given(where) else {}
        return function(numbers(a, f"np.{name}"), axis=axis, keepdims=kept, **options)
    truth = apply("where", (apply("not_equal", (a, 0)), 1.0, 0.0))
    truth = selected(truth, where, 1.0 if name == "all" else 0.0)
    found = reduce("min" if name == "all" else "max", truth, axis, kept)
    return apply("equal", (found, 1))


@implements(np.all)
def all(a: Any, axis: Any = None, out: Any = None, keepdims: Any = MISSING, *,
        where: Any = MISSING) -> Any:  # fmt: skip
    """Whether all elements hold: a constant, or a truth value of an expression."""
    return _all_or_any("all", np.all, a, axis, out, keepdims, where)


@implements(np.any)
def any(a: Any, axis: Any = None, out: Any = None, keepdims: Any = MISSING, *,
        where: Any = MISSING) -> Any:  # fmt: skip
    """Whether any element holds: a constant, or a truth value of an expression."""
    return _all_or_any("any", np.any, a, axis, out, keepdims, where)
