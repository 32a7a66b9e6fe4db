"""NumPy's own functions and operators on everything that flows through `apply`.

`ArrayMethods` gives a class the operators, methods and protocols of an ndarray; `FUNCTIONS` says
which operation of the language each NumPy function is. Expressions and the boxed values of the
automatic backends share both, so that plain NumPy code runs on all of them.
"""

from __future__ import annotations

from typing import Any

import diffexpr.convolution
import diffexpr.fourier
import diffexpr.linear_algebra  # noqa: F401  (they enter their functions into the table)
from diffexpr.apply import apply
from diffexpr.array_methods import NdarrayMethods
from diffexpr.complex_parts import absolute
from diffexpr.compositions import divmod, floor_divide
from diffexpr.errors import ExpressionTypeError
from diffexpr.functions import FUNCTIONS, getitem, matmul
from diffexpr.primitives import NAMES
from diffexpr.refusals import no_rule
from diffexpr.ufuncs import CALLS, ufunc_method


class ArrayMethods(NdarrayMethods):
    """Operators, methods and NumPy protocols in terms of `apply`.

    A subclass has ``shape`` and ``dtype``, an integer ``_level``, and ``_apply``.
    """

    __slots__ = ()
    __array_priority__ = 1000

    # NumPy's protocols

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if method == "__call__" and not kwargs:
            name = ufunc.__name__
            call = CALLS.get(name)
            if call is not None:
                return call(*inputs)
            if name in NAMES:
                return apply(NAMES[name], inputs)
        return ufunc_method(ufunc, method, inputs, kwargs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        known = FUNCTIONS.get(func)
        if known is None:
            no_rule(_full_name(func))
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
        return floor_divide(self, other)

    def __rfloordiv__(self, other: Any) -> Any:
        return floor_divide(other, self)

    def __mod__(self, other: Any) -> Any:
        return apply("mod", (self, other))

    def __rmod__(self, other: Any) -> Any:
        return apply("mod", (other, self))

    def __divmod__(self, other: Any) -> Any:
        return divmod(self, other)

    def __rdivmod__(self, other: Any) -> Any:
        return divmod(other, self)

    def __pow__(self, other: Any) -> Any:
        return apply("power", (self, other))

    def __rpow__(self, other: Any) -> Any:
        return apply("power", (other, self))

    def __matmul__(self, other: Any) -> Any:
        return matmul(self, other)

    def __rmatmul__(self, other: Any) -> Any:
        return matmul(other, self)

    def __neg__(self) -> Any:
        return apply("negative", (self,))

    def __pos__(self) -> Any:
        return self

    def __abs__(self) -> Any:
        return absolute(self)

    # math.floor and its like; also what NumPy asks of each element of an array of objects

    def __floor__(self) -> Any:
        return apply("floor", (self,))

    def __ceil__(self) -> Any:
        return apply("ceil", (self,))

    def __trunc__(self) -> Any:
        return CALLS["trunc"](self)

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


def _full_name(function: Any) -> str:
    """A function's name as it is called: linalg.inv, fft.fft, sum."""
    module = getattr(function, "__module__", "") or ""
    front = module.removeprefix("numpy").lstrip(".").split(".")[0]
    name = getattr(function, "__name__", str(function))
    return f"{front}.{name}" if front in ("linalg", "fft") else name
