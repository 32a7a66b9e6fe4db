"""The functions of the language, by NumPy's names and signatures, on operands of any kind.

Each brings its arguments into the one normal form that a row of `arrays.TABLE` takes and passes
them through `apply`; several NumPy functions are one operation (dot, inner and tensordot are
products, ravel and squeeze are reshapes).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from diffexpr.apply import apply
from diffexpr.errors import ExpressionTypeError, ExpressionValueError, ShapeError
from diffexpr.indexing import getitem
from diffexpr.operands import FUNCTIONS, as_operand, implements, normal_axes, shape_of
from diffexpr.products import dot, einsum, inner, matmul, outer, tensordot, vdot

__all__ = [
    "FUNCTIONS",
    "as_operand",
    "astype",
    "broadcast_to",
    "clip",
    "concatenate",
    "cumsum",
    "diag",
    "dot",
    "einsum",
    "expand_dims",
    "getitem",
    "inner",
    "logsumexp",
    "matmul",
    "max",
    "mean",
    "min",
    "moveaxis",
    "norm",
    "outer",
    "prod",
    "ravel",
    "reshape",
    "round",
    "shape_of",
    "softmax",
    "squeeze",
    "stack",
    "sum",
    "swapaxes",
    "tensordot",
    "trace",
    "transpose",
    "vdot",
    "where",
]


def _reduce(op: str, x: Any, axis: Any, keepdims: Any, options: dict[str, Any]) -> Any:
    unused = {k: v for k, v in options.items() if v is not None and v is not np._NoValue}
    if unused:
        raise ExpressionTypeError(f"np.{op}: {', '.join(unused)} is not part of the language")
    x = as_operand(x)
    return apply(op, (x,), (normal_axes(axis, len(shape_of(x))), keepdims is True))


@implements(np.sum)
def sum(x: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False,
        **options: Any) -> Any:  # fmt: skip
    """Sum over axes."""
    return _reduce("sum", x, axis, keepdims, {"dtype": dtype, "out": out, **options})


@implements(np.mean)
def mean(x: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False,
         **options: Any) -> Any:  # fmt: skip
    """Arithmetic mean over axes."""
    return _reduce("mean", x, axis, keepdims, {"dtype": dtype, "out": out, **options})


@implements(np.prod)
def prod(x: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False,
         **options: Any) -> Any:  # fmt: skip
    """Product over axes."""
    return _reduce("prod", x, axis, keepdims, {"dtype": dtype, "out": out, **options})


@implements(np.max, np.amax)
def max(x: Any, axis: Any = None, out: Any = None, keepdims: Any = False, **options: Any) -> Any:
    """Largest element over axes; ties share the derivative equally."""
    return _reduce("max", x, axis, keepdims, {"out": out, **options})


@implements(np.min, np.amin)
def min(x: Any, axis: Any = None, out: Any = None, keepdims: Any = False, **options: Any) -> Any:
    """Smallest element over axes; ties share the derivative equally."""
    return _reduce("min", x, axis, keepdims, {"out": out, **options})


def logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """``log(sum(exp(x)))`` without overflow."""
    return _reduce("logsumexp", x, axis, keepdims, {})


def softmax(x: Any, axis: int = -1) -> Any:
    """``exp(x)/sum(exp(x))`` along an axis, without overflow."""
    return apply("softmax", (x,), normal_axes(axis, len(shape_of(x))))


@implements(np.linalg.norm)
def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """Euclidean (Frobenius) norm; ``ord`` 1 and inf of vectors too. Its gradient at 0 is 0."""
    ndim = len(shape_of(x))
    vector = ndim == 1 or isinstance(axis, int)
    if ord is None or (ord == 2 and vector) or ord == "fro":
        return _reduce("norm", x, axis, keepdims, {})
    if ord == 1 and vector:
        return sum(apply("abs", (x,)), axis, keepdims=keepdims)
    if ord == np.inf and vector:
        return max(apply("abs", (x,)), axis, keepdims=keepdims)
    raise ExpressionValueError(f"norm: ord={ord!r} of {ndim} dimension(s) is not in the language")


@implements(np.cumsum)
def cumsum(x: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    """Running sum along an axis; of the flattened array without one."""
    if axis is None:
        x, axis = ravel(x), 0
    return apply("cumsum", (x,), normal_axes(axis, len(shape_of(x))))


@implements(np.trace)
def trace(x: Any) -> Any:
    """Sum of the diagonal of a matrix."""
    if len(shape_of(x)) != 2:
        raise ShapeError(f"trace takes a matrix, got shape {shape_of(x)}")
    return sum(diag(x))


@implements(np.diag, np.diagonal)
def diag(x: Any) -> Any:
    """The diagonal of a matrix, or the diagonal matrix of a vector."""
    return apply("diag", (as_operand(x),))


@implements(np.reshape)
def reshape(x: Any, shape: Any, *, order: str = "C") -> Any:
    """The same elements in another shape; one size may be -1."""
    if order != "C":
        raise ExpressionValueError(f"reshape: order={order!r} is not in the language; use 'C'")
    x = as_operand(x)
    sizes = [int(n) for n in ((shape,) if isinstance(shape, (int, np.integer)) else shape)]
    total = math.prod(shape_of(x))
    if sizes.count(-1) == 1:
        known = -math.prod(sizes)
        if known == 0 or total % known:
            raise ShapeError(f"cannot reshape {shape_of(x)} into {tuple(sizes)}")
        sizes[sizes.index(-1)] = total // known
    return apply("reshape", (x,), (tuple(sizes),))


@implements(np.ravel)
def ravel(x: Any) -> Any:
    """The elements in one row."""
    x = as_operand(x)
    return x if len(shape_of(x)) == 1 else reshape(x, -1 if math.prod(shape_of(x)) else 0)


@implements(np.squeeze)
def squeeze(x: Any, axis: Any = None) -> Any:
    """Axes of size one left out."""
    shape = shape_of(x)
    axes = normal_axes(axis, len(shape)) if axis is not None else None
    if axes is not None and any(shape[a] != 1 for a in axes):
        raise ShapeError(f"squeeze of axis {axis} of shape {shape}: its size is not 1")
    kept = [n for i, n in enumerate(shape) if (n != 1 if axes is None else i not in axes)]
    return reshape(x, kept)


@implements(np.expand_dims)
def expand_dims(x: Any, axis: Any) -> Any:
    """New axes of size one."""
    added = (axis,) if isinstance(axis, int) else tuple(axis)
    ndim = len(shape_of(x)) + len(added)
    places, sizes = normal_axes(added, ndim), iter(shape_of(x))
    return reshape(x, [1 if i in places else next(sizes) for i in range(ndim)])


@implements(np.transpose, np.permute_dims)
def transpose(x: Any, axes: Any = None) -> Any:
    """Axes in another order; reversed without one."""
    ndim = len(shape_of(x))
    order = tuple(range(ndim))[::-1] if axes is None else tuple(int(a) % ndim for a in axes)
    if sorted(order) != list(range(ndim)):
        raise ShapeError(f"transpose: {axes} is not an order of {ndim} axes")
    return apply("transpose", (x,), (order,))


@implements(np.swapaxes)
def swapaxes(x: Any, first: int, second: int) -> Any:
    """Two axes exchanged."""
    order = list(range(len(shape_of(x))))
    order[first], order[second] = order[second], order[first]
    return transpose(x, order)


@implements(np.moveaxis)
def moveaxis(x: Any, source: Any, destination: Any) -> Any:
    """Axes moved to other positions."""
    like = np.broadcast_to(np.int8(0), tuple(range(1, len(shape_of(x)) + 1)))
    return transpose(x, [n - 1 for n in np.moveaxis(like, source, destination).shape])


@implements(np.broadcast_to)
def broadcast_to(x: Any, shape: Any) -> Any:
    """The operand repeated to a shape."""
    sizes = (shape,) if isinstance(shape, int) else tuple(int(n) for n in shape)
    return apply("broadcast_to", (as_operand(x),), (sizes,))


@implements(np.concatenate)
def concatenate(operands: Any, axis: Any = 0) -> Any:
    """Operands joined along an existing axis."""
    parts = tuple(as_operand(x) for x in operands)
    if axis is None:
        parts, axis = tuple(ravel(x) for x in parts), 0
    return apply("concatenate", parts, normal_axes(axis, len(shape_of(parts[0]))))


@implements(np.stack)
def stack(operands: Any, axis: int = 0) -> Any:
    """Operands of one shape joined along a new axis."""
    parts = tuple(as_operand(x) for x in operands)
    if not parts:
        raise ShapeError("stack needs at least one operand")
    return apply("stack", parts, normal_axes(axis, len(shape_of(parts[0])) + 1))


@implements(np.where)
def where(condition: Any, x: Any = None, y: Any = None) -> Any:
    """One of two values by a condition; the branch not taken never reaches the derivative."""
    if x is None or y is None:
        raise ExpressionTypeError("where takes a condition and two values")
    return apply("where", (condition, as_operand(x), as_operand(y)))


@implements(np.clip)
def clip(x: Any, a_min: Any = None, a_max: Any = None, **options: Any) -> Any:
    """Values kept between two limits; ``None`` leaves one side open."""
    low, high = options.get("min", a_min), options.get("max", a_max)
    if low is None and high is None:
        return x
    if low is None:
        return apply("minimum", (x, high))
    return apply("maximum", (x, low)) if high is None else apply("clip", (x, low, high))


@implements(np.round, np.around)
def round(x: Any, decimals: int = 0) -> Any:
    """Rounded to an integer, halves to even."""
    if decimals:
        raise ExpressionValueError(f"round: decimals={decimals} is not in the language; use 0")
    return apply("round", (x,))


FUNCTIONS[np.sinc] = lambda x: apply("sinc", (x,))
FUNCTIONS[np.shape] = shape_of
FUNCTIONS[np.ndim] = lambda x: len(shape_of(x))
FUNCTIONS[np.size] = lambda x: math.prod(shape_of(x))
FUNCTIONS[np.copy] = lambda x, **_: x
FUNCTIONS[np.zeros_like] = lambda x, **_: np.zeros(shape_of(x))
FUNCTIONS[np.ones_like] = lambda x, **_: np.ones(shape_of(x))
FUNCTIONS[np.square] = lambda x: apply("square", (x,))
FUNCTIONS[np.vstack] = lambda parts: concatenate([_two_rows(x) for x in parts])
FUNCTIONS[np.hstack] = lambda parts: concatenate(
    parts, 0 if len(shape_of(as_operand(parts[0]))) == 1 else 1
)
FUNCTIONS[np.flip] = lambda x, axis=None: getitem(
    x,
    tuple(
        slice(None, None, -1) if i in normal_axes(axis, len(shape_of(x))) else slice(None)
        for i in range(len(shape_of(x)))
    ),
)


def _two_rows(x: Any) -> Any:
    x = as_operand(x)
    return reshape(x, (1, -1)) if len(shape_of(x)) < 2 else x


def astype(x: Any, dtype: Any) -> Any:
    """A change of precision that keeps the kind of number; nothing else can be differentiated."""
    kind = np.dtype(dtype)
    if kind == getattr(x, "dtype", None) or kind == np.float64:
        return x
    raise ExpressionTypeError(
        f"astype({kind}) of a value that is being differentiated; convert the input instead"
    )
