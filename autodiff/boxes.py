"""What every boxed value shares: it behaves like the array it carries, as far as that is safe."""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

import numpy as np

from diffexpr.apply import apply
from diffexpr.errors import ControlFlowError, ExpressionTypeError, ShapeError
from diffexpr.expr import Expr, constant
from diffexpr.functions import as_operand
from diffexpr.numpy_api import ArrayMethods

_tags = itertools.count()

VIEWS = frozenset(("getitem", "reshape", "transpose", "broadcast_to", "real", "imag", "diag"))
"""Operations whose results share memory in NumPy."""


_active: ContextVar[tuple[int, ...]] = ContextVar("active", default=())


class Level:
    """A tag for one differentiation, active as long as its function runs.

    Used as ``with Level() as level``. What is active is known to each thread for itself, so that
    a value that was saved from an ended differentiation, or came from another thread, is noticed.
    """

    __slots__ = ("_token", "tag")

    def __init__(self, tag: int | None = None) -> None:
        self.tag = next_level() if tag is None else tag

    def __enter__(self) -> int:
        self._token = _active.set((*_active.get(), self.tag))
        return self.tag

    def __exit__(self, *_: object) -> None:
        _active.reset(self._token)


def is_active(level: int) -> bool:
    """Whether the differentiation with this tag is running, in this thread."""
    return level in _active.get()


def next_level() -> int:
    """A tag higher than every earlier one.

    The innermost of nested differentiations starts last, so it has the highest tag and acts
    first, and no two ever share one: perturbations cannot be confused (Siskind and Pearlmutter
    2005, *Perturbation confusion and referential transparency*). Nothing is ever reset, so an
    exception leaves nothing behind.
    """
    return next(_tags)


Parts = tuple["weakref.ref[Any]", ...] | None


def with_part(parts: Parts, part: Box) -> Parts:
    """The parts that are still in use, and one more."""
    alive = tuple(ref for ref in parts if ref() is not None) if parts else ()
    return (*alive, weakref.ref(part))


def has_parts(parts: Parts) -> bool:
    """Whether a part is still in use, which NumPy would change along with the whole."""
    return parts is not None and any(ref() is not None for ref in parts)


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

    def __copy__(self) -> Box:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Box:
        return self

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise ExpressionTypeError(
            "a value that is being differentiated cannot be pickled, for it belongs to a "
            "differentiation that runs here and now; pickle its result"
        )

    def __iadd__(self, other: Any) -> Any:
        return self._become(self + other)

    def __isub__(self, other: Any) -> Any:
        return self._become(self - other)

    def __imul__(self, other: Any) -> Any:
        return self._become(self * other)

    def __itruediv__(self, other: Any) -> Any:
        return self._become(self / other)

    def __ipow__(self, other: Any) -> Any:
        return self._become(self**other)

    def _become(self, new: Any) -> Any:
        """The result of an operator such as ``+=``, seen under every name of this value.

        A scalar is bound anew, as in NumPy; of an array every name sees the change.
        """
        if not self.shape or type(new) is not type(self) or new._level != self._level:
            return new
        if new.shape != self.shape:
            raise ShapeError(
                f"an array of shape {self.shape} cannot become one of shape {new.shape} in "
                "place; write y = y + z"
            )
        if self._is_part():
            raise ExpressionTypeError(
                "+= into an array that is being differentiated and of which there are views (a "
                "part, another shape) would have to change them, too; write y = y + z, or build "
                "the whole with np.where or np.concatenate"
            )
        self._take(new)
        return self

    def _is_part(self) -> bool:
        """Whether NumPy would have this share its memory with another value."""
        raise NotImplementedError

    def _take(self, new: Any) -> None:
        """Become another value of the same differentiation."""
        raise NotImplementedError

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
