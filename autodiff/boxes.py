"""What every boxed value shares: it behaves like the array it carries, as far as that is safe."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np

from diffexpr.apply import apply
from diffexpr.errors import ControlFlowError, ExpressionTypeError
from diffexpr.expr import Expr, constant
from diffexpr.functions import as_operand
from diffexpr.numpy_api import ArrayMethods

_tags = itertools.count()


def next_level() -> int:
    """A tag higher than every earlier one.

    The innermost of nested differentiations starts last, so it has the highest tag and acts
    first, and no two ever share one: perturbations cannot be confused (Siskind and Pearlmutter
    2005, *Perturbation confusion and referential transparency*). Nothing is ever reset, so an
    exception leaves nothing behind.
    """
    return next(_tags)


class Box(ArrayMethods):
    """A value that is being differentiated. Comparisons and branches see its primal."""

    __slots__ = ()
    _level: int
    primal: Any

    @property
    def shape(self) -> tuple[int, ...]:
        return self.primal.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.primal.dtype

    def __bool__(self) -> bool:
        return bool(self.primal)

    # A box in a cache or a set would keep a finished differentiation alive.
    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: Any) -> Any:
        return apply("equal", (self, other))

    def __ne__(self, other: Any) -> Any:
        return apply("not_equal", (self, other))

    def __len__(self) -> int:
        if not self.shape:
            raise ExpressionTypeError("a scalar that is being differentiated has no length")
        return self.shape[0]

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    def __round__(self, digits: int | None = None) -> Any:
        if digits:
            raise _no_number(f"round(x, {digits})")
        return apply("round", (self,))

    def __float__(self) -> float:
        raise _no_number("float()")

    def __int__(self) -> int:
        raise _no_number("int()")

    def __index__(self) -> int:
        raise _no_number("an index or range()")

    def __complex__(self) -> complex:
        raise _no_number("complex()")

    def __format__(self, spec: str) -> str:
        return format(self.primal, spec)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.primal!r})"


def _no_number(what: str) -> ControlFlowError:
    return ControlFlowError(
        f"{what} of a value that is being differentiated would silently drop its derivative; "
        "use NumPy's functions (np.sin, not math.sin), or take the number from something that "
        "is not differentiated"
    )


def is_symbolic(x: Any) -> bool:
    """Whether an expression is what the boxes finally carry."""
    while isinstance(x, Box):
        x = x.primal
    return type(x) is Expr


def stacked(array: Any) -> Any:
    """A list, or an array of objects such as ``np.array([box, 1.0])``, as one operand."""
    if isinstance(array, (list, tuple)):
        array = as_operand(array)
    if type(array) is not np.ndarray or not array.dtype.hasobject:
        return array
    items = tuple(array.ravel())
    return apply("reshape", (apply("stack", items, (0,)),), (array.shape,))


def settle(operands: tuple[Any, ...], y: Any) -> tuple[Any, ...]:
    """Operands with Python's numbers as wide as the result.

    In a partial, Python's own arithmetic would raise where NumPy gives inf, and a NumPy float64
    made from a Python number would widen a float32.
    """
    if is_symbolic(y):
        return tuple(constant(x) if type(x) in (int, float, complex) else x for x in operands)
    number = y.dtype.type
    if y.dtype.kind not in "fc":
        return operands
    return tuple(number(x) if type(x) in (int, float, complex) else x for x in operands)
