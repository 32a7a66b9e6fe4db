"""A change of the kind of number: how wide a float is, and nothing else about it."""

from __future__ import annotations

from typing import Any

import numpy as np

from diffexpr.apply import apply
from diffexpr.errors import ExpressionTypeError
from diffexpr.operands import dtype_of, given, implements, numbers


@implements(np.astype)
def astype(x: Any, dtype: Any, *, copy: bool = True, device: Any = None) -> Any:
    """The operand in another precision.

    A change to integers or truth values is a constant to every derivative, which is 0 wherever
    it exists, and a symbolic value has none to give.

    Raises
    ------
    ExpressionTypeError
        If the change is from a complex kind to a real one, which drops a part.
    ControlFlowError
        If a symbolic value is to become integers.

    Examples
    --------
    >>> from diffexpr import symbol
    >>> astype(symbol("x"), "float32")
    astype(x, float32)
    """
    kind = np.dtype(dtype)
    have = dtype_of(x)
    if kind == have:
        return x
    if kind.kind == "b":
        return apply("not_equal", (x, 0))
    if kind.kind in "iu":
        return numbers(x, f"astype({kind})").astype(kind)
    if kind.kind not in "fc" or kind.char in "gG":
        raise ExpressionTypeError(
            f"astype({kind}) of a value that is being differentiated; use a floating kind up to "
            "float64 or complex128"
        )
    if have.kind == "c" and kind.kind == "f":
        raise ExpressionTypeError(
            f"astype({kind}) of a {have} value drops its imaginary part; use np.real or np.abs"
        )
    if kind.kind == "c" and have.kind != "c":
        # A product, so that the rules of complex products say what becomes of the cotangent.
        return astype(x, np.finfo(kind).dtype) * kind.type(1)
    return apply("astype", (x,), (kind.name,))


def double(x: Any) -> Any:
    """The operand in double precision, which several of NumPy's functions always give."""
    return astype(x, np.result_type(dtype_of(x), np.float64))


def converted(x: Any, dtype: Any, name: str) -> Any:
    """The operand of a function that was given ``dtype=``."""
    if not given(dtype):
        return x
    kind = np.dtype(dtype)
    if kind.kind not in "fc" or kind.char in "gG":
        raise ExpressionTypeError(
            f"np.{name}(dtype={kind}) of a value that is being differentiated; use a floating kind"
        )
    return astype(x, kind)
