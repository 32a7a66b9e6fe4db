"""The array operations of the language, one row each: their NumPy value and their shape.

Parameters arrive normalised (axes sorted and not negative, indices as `Index`), so that a row,
a rule and a translation each need to understand one form only.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from diffexpr import array_values as values
from diffexpr import contraction
from diffexpr.domains import Kink
from diffexpr.errors import ShapeError

Shape = tuple[int, ...]


class ArrayRow(NamedTuple):
    """One array operation.

    Attributes
    ----------
    name : str
    value : callable
        ``value(*operands, *params)`` on NumPy arrays, object arrays included.
    shape : callable
        ``shape(shapes, params)``: the shape of the result; raises `ShapeError`.
    params : tuple of str
        Names of the static parameters, in order, as text prints them.
    kink : Kink or None
        Where the derivative breaks; its margin takes the operand and the parameters.
    dtype : callable or None
        ``dtype(kind, params)``: the kind of number that comes out for the common (floating)
        kind of the operands, where it is another one.
    """

    name: str
    value: Callable[..., Any]
    shape: Callable[[Sequence[Shape], tuple[Any, ...]], Shape]
    params: tuple[str, ...] = ()
    kink: Kink | None = None
    dtype: Callable[[np.dtype[Any], tuple[Any, ...]], np.dtype[Any]] | None = None


TABLE: dict[str, ArrayRow] = {}
"""Every array operation by its name."""


def row(
    name: str,
    value: Callable[..., Any],
    shape: Callable[..., Shape],
    *params: str,
    kink: Kink | None = None,
    dtype: Callable[..., np.dtype[Any]] | None = None,
) -> None:
    """Enter one array operation into the table."""
    TABLE[name] = ArrayRow(name, value, shape, params, kink, dtype)


def reduced(shape: Shape, axes: Sequence[int], keepdims: bool) -> Shape:
    """The shape left when the axes have been summed away."""
    if keepdims:
        return tuple(1 if i in axes else n for i, n in enumerate(shape))
    return tuple(n for i, n in enumerate(shape) if i not in axes)


def _reduction_shape(shapes: Sequence[Shape], params: tuple[Any, ...]) -> Shape:
    return reduced(shapes[0], *params)


def _nonempty_reduction_shape(shapes: Sequence[Shape], params: tuple[Any, ...]) -> Shape:
    if any(shapes[0][axis] == 0 for axis in params[0]):
        raise ShapeError(f"max, min and softmax need at least one element, got shape {shapes[0]}")
    return reduced(shapes[0], *params)


def _same_shape(shapes: Sequence[Shape], params: tuple[Any, ...]) -> Shape:
    return shapes[0]


def _sort_shape(shapes: Sequence[Shape], params: tuple[Any, ...]) -> Shape:
    if not 0 <= params[0] < len(shapes[0]):
        raise ShapeError(f"sort needs an axis to sort along, got shape {shapes[0]}")
    return shapes[0]


def _matmul_shape(shapes: Sequence[Shape], params: tuple[Any, ...]) -> Shape:
    a, b = shapes
    if not a or not b:
        raise ShapeError(f"matmul needs arrays, got shapes {a} and {b}; multiply scalars with *")
    inner = b[-2:][0]
    if a[-1] != inner:
        raise ShapeError(f"matmul of shapes {a} and {b}: {a[-1]} columns against {inner} rows")
    batch = broadcast([tuple(a[:-2]), tuple(b[:-2])])
    return batch + (a[-2:-1] if len(a) > 1 else ()) + (b[-1:] if len(b) > 1 else ())


def split_subscripts(subscripts: str) -> tuple[list[str], str]:
    """The letters of each operand and of the result of explicit einsum subscripts."""
    left, right = subscripts.split("->")
    return left.split(","), right


def _einsum_shape(shapes: Sequence[Shape], params: tuple[Any, ...]) -> Shape:
    terms, result = split_subscripts(params[0])
    sizes: dict[str, int] = {}
    if len(terms) != len(shapes):
        raise ShapeError(f"einsum {params[0]!r} takes {len(terms)} operands, got {len(shapes)}")
    for term, shape in zip(terms, shapes, strict=True):
        if len(term) != len(shape):
            raise ShapeError(f"einsum {params[0]!r}: {term!r} does not fit shape {shape}")
        for letter, n in zip(term, shape, strict=True):
            if sizes.setdefault(letter, n) != n:
                raise ShapeError(
                    f"einsum {params[0]!r}: {letter!r} is both {sizes[letter]} and {n}"
                )
    return tuple(sizes[letter] for letter in result)


def _transpose_shape(shapes: Sequence[Shape], params: tuple[Any, ...]) -> Shape:
    return tuple(shapes[0][axis] for axis in params[0])


def _reshape_shape(shapes: Sequence[Shape], params: tuple[Any, ...]) -> Shape:
    if math.prod(params[0]) != math.prod(shapes[0]):
        raise ShapeError(f"cannot reshape {shapes[0]} into {params[0]}: the sizes differ")
    return params[0]


def _broadcast_to_shape(shapes: Sequence[Shape], params: tuple[Any, ...]) -> Shape:
    if broadcast((shapes[0], params[0])) != params[0]:
        raise ShapeError(f"cannot broadcast {shapes[0]} to {params[0]}")
    return params[0]


def _getitem_shape(shapes: Sequence[Shape], params: tuple[Any, ...]) -> Shape:
    try:
        return np.broadcast_to(np.False_, shapes[0])[params[0].value].shape
    except IndexError as error:
        raise ShapeError(f"an index does not fit shape {shapes[0]}: {error}") from None


def _concatenate_shape(shapes: Sequence[Shape], params: tuple[Any, ...]) -> Shape:
    (axis,) = params
    first = shapes[0]
    for other in shapes[1:]:
        rest = other[:axis] + other[axis + 1 :]
        if len(other) != len(first) or rest != first[:axis] + first[axis + 1 :]:
            raise ShapeError(f"concatenate along axis {axis}: shapes {first} and {other} differ")
    return (*first[:axis], sum(shape[axis] for shape in shapes), *first[axis + 1 :])


def _stack_shape(shapes: Sequence[Shape], params: tuple[Any, ...]) -> Shape:
    (axis,) = params
    for other in shapes[1:]:
        if other != shapes[0]:
            raise ShapeError(f"stack needs equal shapes, got {shapes[0]} and {other}")
    return (*shapes[0][:axis], len(shapes), *shapes[0][axis:])


def _diag_shape(shapes: Sequence[Shape], params: tuple[Any, ...]) -> Shape:
    (shape,) = shapes
    if len(shape) == 1:
        return (shape[0], shape[0])
    if len(shape) == 2:
        return (min(shape),)
    raise ShapeError(f"diag takes one or two dimensions, got shape {shape}")


def broadcast(shapes: Sequence[Shape]) -> Shape:
    """The common shape of operands, or a `ShapeError` that shows them all.

    Examples
    --------
    >>> broadcast([(3, 1), (4,)])
    (3, 4)
    """
    first = shapes[0]
    for other in shapes[1:]:
        if other != first and other:
            break
    else:
        return first
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        listed = ", ".join(map(str, shapes))
        raise ShapeError(f"shapes {listed} do not broadcast together; reshape one") from None


def _untied(extreme: Callable[..., Any]) -> Callable[..., Any]:
    """Zero where the largest or smallest element stands more than once."""

    def margin(x: Any, axes: Shape, keepdims: bool) -> Any:
        return np.sum(x == extreme(x, axes, True), axis=axes) == 1

    return margin


_LARGEST = Kink(_untied(values.max), "a tie", "shared equally")
_SMALLEST = Kink(_untied(values.min), "a tie", "shared equally")

for _name, _value in (("sum", values.sum), ("mean", values.mean), ("prod", values.prod)):
    row(_name, _value, _reduction_shape, "axis", "keepdims")
row("norm", values.norm, _reduction_shape, "axis", "keepdims", kink=Kink(values.norm, "0", "0"))
row("max", values.max, _nonempty_reduction_shape, "axis", "keepdims", kink=_LARGEST)
row("min", values.min, _nonempty_reduction_shape, "axis", "keepdims", kink=_SMALLEST)
row("logsumexp", values.logsumexp, _nonempty_reduction_shape, "axis", "keepdims")
row("softmax", values.softmax, _same_shape, "axis")
row("cumsum", values.cumsum, _same_shape, "axis")
row("sort", values.sort, _sort_shape, "axis", kink=Kink(values.gaps, "a tie", "a stable order"))
row("matmul", np.matmul, _matmul_shape)
row("einsum", contraction.einsum, _einsum_shape, "subscripts")
row("transpose", values.transpose, _transpose_shape, "axes")
row("reshape", values.reshape, _reshape_shape, "shape")
row("broadcast_to", values.broadcast_to, _broadcast_to_shape, "shape")
row("getitem", values.getitem, _getitem_shape, "index")
# The adjoint of getitem: zeros of a shape, with the operand added in at the index.
row("scatter_add", values.scatter_add, lambda shapes, params: params[1], "index", "shape")
row("concatenate", values.concatenate, _concatenate_shape, "axis")
row("stack", values.stack, _stack_shape, "axis")
row("diag", np.diag, _diag_shape)
row(
    "astype",
    values.astype,
    _same_shape,
    "dtype",
    dtype=lambda kind, params: np.dtype(params[0]),
)
