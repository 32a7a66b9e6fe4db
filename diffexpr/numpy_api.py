"""NumPy's own functions and operators on everything that flows through `apply`.

`ArrayMethods` gives a class the operators, methods and protocols of an ndarray; `FUNCTIONS` says
which operation of the language each NumPy function is. Expressions and the boxed values of the
automatic backends share both, so that plain NumPy code runs on all of them.
"""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np

from diffexpr.apply import apply
from diffexpr.complex_parts import absolute, conjugate, imag, real, sign
from diffexpr.compositions import COMPOSED
from diffexpr.errors import ExpressionTypeError, MissingRuleError
from diffexpr.functions import FUNCTIONS, astype, getitem
from diffexpr.functions import matmul as _matmul
from diffexpr.primitives import NAMES

_IDENTITY = {"positive"}
_BY_KIND = {"conjugate": conjugate, "absolute": absolute, "sign": sign}
_REDUCE = {"add": np.sum, "multiply": np.prod, "maximum": np.max, "minimum": np.min}


class ArrayMethods:
    """Operators, methods and NumPy protocols in terms of `apply`.

    A subclass has ``shape`` and ``dtype``, an integer ``_level``, and ``_apply``.
    """

    __slots__ = ()
    __array_priority__ = 1000
    shape: Any
    dtype: Any

    # NumPy's protocols

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        name = ufunc.__name__
        if kwargs.get("out") is not None:
            raise ExpressionTypeError(
                f"np.{name}(..., out=) writes into an array, which cannot be differentiated; "
                "use the returned value"
            )
        if method == "__call__" and not kwargs:
            if name in _BY_KIND:
                return _BY_KIND[name](*inputs)
            if name in COMPOSED:
                return COMPOSED[name](*inputs)
            if name in NAMES:
                return apply(NAMES[name], inputs)
            if name == "matmul":
                return _matmul(*inputs)
            if name in _IDENTITY:
                return inputs[0]
            if name == "floor_divide":
                return apply("floor", (apply("divide", inputs),))
            if name == "deg2rad" or name == "radians":
                return apply("multiply", (inputs[0], np.pi / 180))
            if name == "rad2deg" or name == "degrees":
                return apply("multiply", (inputs[0], 180 / np.pi))
        if method == "reduce" and name in _REDUCE:
            kwargs.setdefault("axis", 0)
            return FUNCTIONS[_REDUCE[name]](*inputs, **kwargs)
        if method == "accumulate" and name == "add":
            return FUNCTIONS[np.cumsum](inputs[0], kwargs.get("axis", 0))
        if method == "outer" and name == "multiply":
            return FUNCTIONS[np.multiply.outer](*inputs)
        suffix = "" if method == "__call__" else f".{method}"
        _no_rule(f"{name}{suffix}" + (f" with {', '.join(kwargs)}" if kwargs else ""))

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        known = FUNCTIONS.get(func)
        if known is None:
            _no_rule(getattr(func, "__name__", str(func)))
        return known(*args, **kwargs)

    # operators

    def __add__(self, other: Any) -> Any:
        return apply("add", (self, other))

    def __radd__(self, other: Any) -> Any:
        return apply("add", (other, self))

    def __sub__(self, other: Any) -> Any:
        return apply("subtract", (self, other))

    def __rsub__(self, other: Any) -> Any:
        return apply("subtract", (other, self))

    def __mul__(self, other: Any) -> Any:
        return apply("multiply", (self, other))

    def __rmul__(self, other: Any) -> Any:
        return apply("multiply", (other, self))

    def __truediv__(self, other: Any) -> Any:
        return apply("divide", (self, other))

    def __rtruediv__(self, other: Any) -> Any:
        return apply("divide", (other, self))

    def __floordiv__(self, other: Any) -> Any:
        return apply("floor", (apply("divide", (self, other)),))

    def __rfloordiv__(self, other: Any) -> Any:
        return apply("floor", (apply("divide", (other, self)),))

    def __mod__(self, other: Any) -> Any:
        return apply("mod", (self, other))

    def __rmod__(self, other: Any) -> Any:
        return apply("mod", (other, self))

    def __pow__(self, other: Any) -> Any:
        return apply("power", (self, other))

    def __rpow__(self, other: Any) -> Any:
        return apply("power", (other, self))

    def __matmul__(self, other: Any) -> Any:
        return _matmul(self, other)

    def __rmatmul__(self, other: Any) -> Any:
        return _matmul(other, self)

    def __neg__(self) -> Any:
        return apply("negative", (self,))

    def __pos__(self) -> Any:
        return self

    def __abs__(self) -> Any:
        return absolute(self)

    def __lt__(self, other: Any) -> Any:
        return apply("less", (self, other))

    def __le__(self, other: Any) -> Any:
        return apply("less_equal", (self, other))

    def __gt__(self, other: Any) -> Any:
        return apply("greater", (self, other))

    def __ge__(self, other: Any) -> Any:
        return apply("greater_equal", (self, other))

    def __and__(self, other: Any) -> Any:
        return apply("logical_and", (self, other))

    def __rand__(self, other: Any) -> Any:
        return apply("logical_and", (other, self))

    def __or__(self, other: Any) -> Any:
        return apply("logical_or", (self, other))

    def __ror__(self, other: Any) -> Any:
        return apply("logical_or", (other, self))

    def __invert__(self) -> Any:
        return apply("logical_not", (self,))

    def __getitem__(self, index: Any) -> Any:
        return getitem(self, index)

    def __setitem__(self, index: Any, value: Any) -> None:
        raise ExpressionTypeError(
            "assignment into an array that is being differentiated; build a new one with "
            "np.where, np.stack or np.concatenate"
        )

    def __getattr__(self, name: str) -> Any:
        # NumPy's loops over object arrays ask each element for a method named like the ufunc.
        if name in NAMES:
            operation = NAMES[name]
            return lambda *others: apply(operation, (self, *others))
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    # the methods of ndarray

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return int(np.prod(self.shape, dtype=int))

    @property
    def T(self) -> Any:
        return FUNCTIONS[np.transpose](self)

    @property
    def real(self) -> Any:
        return real(self)

    @property
    def imag(self) -> Any:
        return imag(self)

    def conjugate(self) -> Any:
        return conjugate(self)

    conj = conjugate

    def sum(self, axis: Any = None, *, keepdims: bool = False) -> Any:
        return FUNCTIONS[np.sum](self, axis, keepdims=keepdims)

    def mean(self, axis: Any = None, *, keepdims: bool = False) -> Any:
        return FUNCTIONS[np.mean](self, axis, keepdims=keepdims)

    def prod(self, axis: Any = None, *, keepdims: bool = False) -> Any:
        return FUNCTIONS[np.prod](self, axis, keepdims=keepdims)

    def max(self, axis: Any = None, *, keepdims: bool = False) -> Any:
        return FUNCTIONS[np.max](self, axis, keepdims=keepdims)

    def min(self, axis: Any = None, *, keepdims: bool = False) -> Any:
        return FUNCTIONS[np.min](self, axis, keepdims=keepdims)

    def cumsum(self, axis: Any = None) -> Any:
        return FUNCTIONS[np.cumsum](self, axis)

    def dot(self, other: Any) -> Any:
        return FUNCTIONS[np.dot](self, other)

    def trace(self) -> Any:
        return FUNCTIONS[np.trace](self)

    def diagonal(self) -> Any:
        return FUNCTIONS[np.diagonal](self)

    def reshape(self, *shape: Any) -> Any:
        return FUNCTIONS[np.reshape](self, shape[0] if len(shape) == 1 else shape)

    def ravel(self) -> Any:
        return FUNCTIONS[np.ravel](self)

    flatten = ravel

    def squeeze(self, axis: Any = None) -> Any:
        return FUNCTIONS[np.squeeze](self, axis)

    def transpose(self, *axes: Any) -> Any:
        order = axes[0] if len(axes) == 1 else axes or None
        return FUNCTIONS[np.transpose](self, order)

    def clip(self, min: Any = None, max: Any = None) -> Any:
        return FUNCTIONS[np.clip](self, min, max)

    def astype(self, dtype: Any, **_: Any) -> Any:
        return astype(self, dtype)

    def copy(self) -> Any:
        return self


def _no_rule(name: str) -> NoReturn:
    raise MissingRuleError(
        f"numpy.{name} is not an operation of the language; write it with the functions listed "
        "in diffexpr.functions, or differentiate it numerically with numdiff"
    )
