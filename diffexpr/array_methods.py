"""The attributes and methods of an ndarray, in terms of the functions of the language."""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np

from diffexpr.complex_parts import conjugate, imag, real
from diffexpr.errors import ExpressionTypeError
from diffexpr.operands import FUNCTIONS
from diffexpr.precision import astype

MISSING = np._NoValue


class NdarrayMethods:
    """What an ndarray has beside its operators; each method is the NumPy function of its name."""

    __slots__ = ()
    shape: Any
    dtype: Any

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return int(np.prod(self.shape, dtype=int))

    @property
    def itemsize(self) -> int:
        return self.dtype.itemsize

    @property
    def nbytes(self) -> int:
        return self.size * self.dtype.itemsize

    @property
    def T(self) -> Any:
        return FUNCTIONS[np.transpose](self)

    @property
    def mT(self) -> Any:
        return FUNCTIONS[np.matrix_transpose](self)

    @property
    def flat(self) -> Any:
        """The elements in one row, to run through or to choose from."""
        return FUNCTIONS[np.ravel](self)

    @property
    def real(self) -> Any:
        return real(self)

    @property
    def imag(self) -> Any:
        return imag(self)

    def conjugate(self) -> Any:
        return conjugate(self)

    conj = conjugate

    # reductions

    def sum(self, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = MISSING,
            initial: Any = MISSING, where: Any = MISSING) -> Any:  # fmt: skip
        return FUNCTIONS[np.sum](self, axis, dtype, out, keepdims, initial, where)

    def prod(self, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = MISSING,
             initial: Any = MISSING, where: Any = MISSING) -> Any:  # fmt: skip
        return FUNCTIONS[np.prod](self, axis, dtype, out, keepdims, initial, where)

    def mean(self, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = MISSING,
             *, where: Any = MISSING) -> Any:  # fmt: skip
        return FUNCTIONS[np.mean](self, axis, dtype, out, keepdims, where=where)

    def var(self, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0,
            keepdims: Any = MISSING, **options: Any) -> Any:  # fmt: skip
        return FUNCTIONS[np.var](self, axis, dtype, out, ddof, keepdims, **options)

    def std(self, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0,
            keepdims: Any = MISSING, **options: Any) -> Any:  # fmt: skip
        return FUNCTIONS[np.std](self, axis, dtype, out, ddof, keepdims, **options)

    def max(self, axis: Any = None, out: Any = None, keepdims: Any = MISSING,
            initial: Any = MISSING, where: Any = MISSING) -> Any:  # fmt: skip
        return FUNCTIONS[np.max](self, axis, out, keepdims, initial, where)

    def min(self, axis: Any = None, out: Any = None, keepdims: Any = MISSING,
            initial: Any = MISSING, where: Any = MISSING) -> Any:  # fmt: skip
        return FUNCTIONS[np.min](self, axis, out, keepdims, initial, where)

    def all(self, axis: Any = None, out: Any = None, keepdims: Any = MISSING,
            **options: Any) -> Any:  # fmt: skip
        return FUNCTIONS[np.all](self, axis, out, keepdims, **options)

    def any(self, axis: Any = None, out: Any = None, keepdims: Any = MISSING,
            **options: Any) -> Any:  # fmt: skip
        return FUNCTIONS[np.any](self, axis, out, keepdims, **options)

    def cumsum(self, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
        return FUNCTIONS[np.cumsum](self, axis, dtype, out)

    def cumprod(self, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
        return FUNCTIONS[np.cumprod](self, axis, dtype, out)

    def trace(self, *args: Any, **options: Any) -> Any:
        return FUNCTIONS[np.trace](self, *args, **options)

    def dot(self, b: Any, out: Any = None) -> Any:
        return FUNCTIONS[np.dot](self, b, out)

    # places, which are constants

    def argmax(self, *args: Any, **options: Any) -> Any:
        return FUNCTIONS[np.argmax](self, *args, **options)

    def argmin(self, *args: Any, **options: Any) -> Any:
        return FUNCTIONS[np.argmin](self, *args, **options)

    def argsort(self, *args: Any, **options: Any) -> Any:
        return FUNCTIONS[np.argsort](self, *args, **options)

    def argpartition(self, *args: Any, **options: Any) -> Any:
        return FUNCTIONS[np.argpartition](self, *args, **options)

    def nonzero(self) -> Any:
        return FUNCTIONS[np.nonzero](self)

    def searchsorted(self, v: Any, side: Any = "left", sorter: Any = None) -> Any:
        return FUNCTIONS[np.searchsorted](self, v, side, sorter)

    # selection

    def take(self, *args: Any, **options: Any) -> Any:
        return FUNCTIONS[np.take](self, *args, **options)

    def compress(self, condition: Any, axis: Any = None, out: Any = None) -> Any:
        return FUNCTIONS[np.compress](condition, self, axis, out)

    def choose(self, choices: Any, out: Any = None, mode: str = "raise") -> Any:
        return FUNCTIONS[np.choose](self, choices, out, mode)

    def repeat(self, repeats: Any, axis: Any = None) -> Any:
        return FUNCTIONS[np.repeat](self, repeats, axis)

    def diagonal(self, *args: Any, **options: Any) -> Any:
        return FUNCTIONS[np.diagonal](self, *args, **options)

    def clip(self, min: Any = MISSING, max: Any = MISSING, out: Any = None) -> Any:
        return FUNCTIONS[np.clip](self, min, max, out)

    def round(self, decimals: int = 0, out: Any = None) -> Any:
        return FUNCTIONS[np.round](self, decimals, out)

    # shape

    def reshape(self, *shape: Any, order: str = "C", copy: Any = None) -> Any:
        return FUNCTIONS[np.reshape](self, shape[0] if len(shape) == 1 else shape, order)

    def ravel(self, order: str = "C") -> Any:
        return FUNCTIONS[np.ravel](self, order)

    flatten = ravel

    def squeeze(self, axis: Any = None) -> Any:
        return FUNCTIONS[np.squeeze](self, axis)

    def transpose(self, *axes: Any) -> Any:
        order = axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes or None
        return FUNCTIONS[np.transpose](self, order)

    def swapaxes(self, axis1: int, axis2: int) -> Any:
        return FUNCTIONS[np.swapaxes](self, axis1, axis2)

    # the value itself

    def astype(self, dtype: Any, order: str = "K", casting: str = "unsafe", subok: bool = True,
               copy: bool = True) -> Any:  # fmt: skip
        return astype(self, dtype)

    def copy(self, order: str = "C") -> Any:
        return self

    def tolist(self) -> Any:
        """The elements in nested lists, each still differentiated."""
        if not self.shape:
            return self
        # As deep as there are axes, 64 at most.
        return [row.tolist() for row in self]  # type: ignore[attr-defined]

    def item(self, *args: Any) -> Any:
        """Refuse, as ``float`` does: a Python number would drop the derivative."""
        return float(self)  # type: ignore[arg-type]

    # what writes into the array

    def _writes(self, name: str, instead: str) -> NoReturn:
        raise ExpressionTypeError(
            f"x.{name}() writes into an array that is being differentiated; use {instead}"
        )

    def sort(self, *args: Any, **options: Any) -> NoReturn:
        self._writes("sort", "np.sort(x)")

    def partition(self, *args: Any, **options: Any) -> NoReturn:
        self._writes("partition", "np.partition(x, k)")

    def fill(self, value: Any) -> NoReturn:
        self._writes("fill", "np.full_like(x, value)")

    def put(self, *args: Any, **options: Any) -> NoReturn:
        self._writes("put", "np.where")

    def resize(self, *args: Any, **options: Any) -> NoReturn:
        self._writes("resize", "np.resize(x, shape)")
