"""What NumPy's ufuncs are in the language: called, reduced, accumulated, and as outer products."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from diffexpr.apply import apply
from diffexpr.complex_parts import absolute, conjugate, sign
from diffexpr.compositions import COMPOSED
from diffexpr.errors import ExpressionTypeError, ExpressionValueError
from diffexpr.joining import concatenate, stack
from diffexpr.operands import FUNCTIONS, as_operand, given, no_out, normal_axes, numbers, shape_of
from diffexpr.precision import converted, double
from diffexpr.primitives import NAMES
from diffexpr.products import matmul, matvec, vecdot, vecmat
from diffexpr.refusals import no_rule
from diffexpr.running import cumprod, cumsum, running_extreme, scan
from diffexpr.shapes import reshape
from diffexpr.special_primitives import CALLS as SPECIAL

CALLS: dict[str, Callable[..., Any]] = {
    "conjugate": conjugate,
    "absolute": absolute,
    "sign": sign,
    "positive": lambda x: x,
    "deg2rad": lambda x: apply("multiply", (x, np.pi / 180)),
    "radians": lambda x: apply("multiply", (x, np.pi / 180)),
    "rad2deg": lambda x: apply("multiply", (x, 180 / np.pi)),
    "degrees": lambda x: apply("multiply", (x, 180 / np.pi)),
    "float_power": lambda x, y: apply("power", (double(as_operand(x)), double(as_operand(y)))),
    **COMPOSED,
    **SPECIAL,
}
"""Ufuncs that are no row of the table, and what carries them out."""

PRODUCTS = {"matmul": matmul, "vecdot": vecdot, "matvec": matvec, "vecmat": vecmat}


def meaning(name: str) -> Callable[..., Any] | None:
    """What carries out the ufunc of a name, if anything does."""
    found = CALLS.get(name)
    if found is not None or name not in NAMES:
        return found
    op = NAMES[name]
    return lambda *operands: apply(op, operands)


def ufunc_method(
    ufunc: np.ufunc, method: str, inputs: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """A ufunc, or one of its methods, on operands of any kind."""
    name = ufunc.__name__
    if method == "at":
        raise ExpressionTypeError(
            f"np.{name}.at writes into an array, which cannot be differentiated; use np.bincount, "
            "or sums of what is selected"
        )
    no_out(name, kwargs.pop("out", None))
    if name in PRODUCTS and method == "__call__":
        return PRODUCTS[name](*inputs, **kwargs)
    suffix = "" if method == "__call__" else f".{method}"
    if _is_python(ufunc) and not suffix:
        return _by_element(ufunc, inputs)
    call = meaning(name)
    if call is None or (suffix and ufunc.nin != 2):
        no_rule(f"{name}{suffix}", "numpy" if hasattr(np, name) else "scipy.special")
    if method == "__call__":
        spare = sorted(set(kwargs) - {"dtype", "casting", "order", "subok"})
        if spare:
            no_rule(f"{name} with {', '.join(spare)}= (np.where makes the choice instead)")
        if given(kwargs.get("dtype")):
            inputs = tuple(converted(as_operand(x), kwargs["dtype"], name) for x in inputs)
        return call(*inputs)
    return _METHODS[method](name, call, *inputs, **kwargs)


def _is_python(ufunc: np.ufunc) -> bool:
    """Whether a ufunc calls a Python function, as those of ``np.frompyfunc`` do."""
    return len(ufunc.types) == 1 and set(ufunc.types[0]) <= set("O->")


def _by_element(ufunc: np.ufunc, inputs: tuple[Any, ...]) -> Any:
    """A Python function of one element after the other."""
    operands = [as_operand(x) for x in inputs]
    elements = []
    for x in operands:
        whole = np.empty(shape_of(x), dtype=object)
        for place in np.ndindex(whole.shape):
            whole[place] = x[place] if whole.ndim else x
        elements.append(whole)
    found = ufunc(*elements)
    return tuple(map(as_operand, found)) if isinstance(found, tuple) else as_operand(found)


# methods

_REDUCTIONS: dict[str, Any] = {
    "add": np.sum, "multiply": np.prod, "maximum": np.max, "minimum": np.min,
    "fmax": np.nanmax, "fmin": np.nanmin, "logical_and": np.all, "logical_or": np.any,
}  # fmt: skip
_ALONE = {"hypot": "norm", "logaddexp": "logsumexp"}
"""Ufuncs whose reduction is an operation of its own, on real operands."""


def _reduce(name: str, call: Any, array: Any, axis: Any = 0, dtype: Any = None, out: Any = None,
            keepdims: bool = False, initial: Any = np._NoValue,
            where: Any = True) -> Any:  # fmt: skip
    no_out(f"{name}.reduce", out)
    array = converted(as_operand(array), dtype, name)
    if name in _REDUCTIONS:
        options = {"initial": initial} if given(initial) else {}
        if where is not True:
            options["where"] = where
        return FUNCTIONS[_REDUCTIONS[name]](array, axis, keepdims=keepdims, **options)
    if where is not True:
        no_rule(f"{name}.reduce with where=")
    axes = normal_axes(axis, len(shape_of(array)))
    if name in _ALONE and axes:
        found = apply(_ALONE[name], (array,), (axes, keepdims))
        return call(initial, found) if given(initial) else found
    if len(axes) > 1:
        raise ExpressionValueError(f"{name}.reduce goes along one axis; axis={axis} names several")
    return _fold(name, call, array, axes, keepdims, initial)


def _fold(name: str, call: Any, array: Any, axes: Any, keepdims: bool, initial: Any) -> Any:
    """One element after the other, from the left, as NumPy reduces."""
    if not axes:
        return array
    lines = _lines(array, axes[0])
    if given(initial):
        lines = [initial, *lines]
    if not lines:
        raise ExpressionValueError(f"{name}.reduce of no elements; give initial=")
    found = lines[0]
    for line in lines[1:]:
        found = call(found, line)
    shape = shape_of(array)
    kept = [1 if i == axes[0] else n for i, n in enumerate(shape)]
    return reshape(found, kept) if keepdims else found


def _lines(array: Any, axis: int) -> list[Any]:
    before = (slice(None),) * axis
    return [array[(*before, i)] for i in range(shape_of(array)[axis])]


def _accumulate(name: str, call: Any, array: Any, axis: Any = 0, dtype: Any = None,
                out: Any = None) -> Any:  # fmt: skip
    no_out(f"{name}.accumulate", out)
    array = converted(as_operand(array), dtype, name)
    (at,) = normal_axes(axis, len(shape_of(array)))
    if name in ("add", "multiply"):
        return (cumsum if name == "add" else cumprod)(array, at)
    if name in ("maximum", "minimum"):
        return running_extreme(name, array, at)
    if name in ("logaddexp", "logaddexp2", "hypot", "fmax", "fmin"):
        return scan(call, array, at)
    lines = _lines(array, at)
    if not lines:
        return array
    found = lines[:1]
    for line in lines[1:]:
        found.append(call(found[-1], line))
    return stack(found, at)


def _reduceat(name: str, call: Any, array: Any, indices: Any, axis: Any = 0, dtype: Any = None,
              out: Any = None) -> Any:  # fmt: skip
    no_out(f"{name}.reduceat", out)
    array = as_operand(array)
    (at,) = normal_axes(axis, len(shape_of(array)))
    starts = [int(i) for i in np.ravel(numbers(indices, f"np.{name}.reduceat"))]
    before, n = (slice(None),) * at, shape_of(array)[at]
    found = []
    for start, stop in zip(starts, [*starts[1:], n], strict=True):
        part = array[(*before, slice(start, stop if stop > start else start + 1))]
        found.append(_reduce(name, call, part, at, dtype, keepdims=True))
    return concatenate(found, at)


def _outer(name: str, call: Any, a: Any, b: Any, **options: Any) -> Any:
    if options:
        no_rule(f"{name}.outer with {', '.join(options)}=")
    a, b = as_operand(a), as_operand(b)
    return call(reshape(a, shape_of(a) + (1,) * len(shape_of(b))), b)


_METHODS = {
    "reduce": _reduce,
    "accumulate": _accumulate,
    "reduceat": _reduceat,
    "outer": _outer,
}
