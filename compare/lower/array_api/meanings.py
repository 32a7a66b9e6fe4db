"""What rows of the language mean in the array API standard, written in the language itself.

A graph is rewritten until every node has a spelling in the standard. Python numbers that meet no
array are worked out here: the standard leaves them to Python, which raises where NumPy does not.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from compare.lower.array_api.contraction import einsum
from compare.lower.array_api.selection import getitem, scatter_add
from compare.lower.passes.rewrite import rewrite
from compare.lower.source import definitions
from diffexpr import Expr, constant
from diffexpr.apply import apply, value_of
from diffexpr.frozen import Frozen
from diffexpr.functions import where
from diffexpr.primitives import TABLE

MEANINGS: dict[str, Callable[..., Any]] = {
    **definitions.FUNCTIONS,
    **definitions.ARRAYS,
    "einsum": einsum,
    "getitem": getitem,
    "scatter_add": scatter_add,
    "reciprocal": lambda x: 1.0 / x,
    "exp2": lambda x: np.power(2.0, x),
    "heaviside": lambda x, half: where(_equal(x, 0), half, 0.5 * (1 + np.sign(x))),
    "xlogy": lambda x, y: where(_nothing(x, y), 0, x * np.log(y)),
    "xlog1py": lambda x, y: where(_nothing(x, y), 0, x * np.log1p(y)),
}
"""By the name of a row: of its operands and static parameters, an expression."""


def _meaning(function: Callable[..., Any]) -> Callable[..., Any]:
    MEANINGS[function.__name__] = function
    return function


def _equal(x: Any, y: Any) -> Any:
    return apply("equal", (x, y))


def _nothing(x: Any, y: Any) -> Any:
    """Whether a product by x is zero whatever the logarithm of y, unless y is NaN."""
    return apply("logical_and", (_equal(x, 0), _equal(y, y)))


@_meaning
def cbrt(x: Any) -> Any:
    """A power is as far off as 1/3 is, times a logarithm; a step of Newton's mends that.

    Newton's step for ``y**3 - x``, written so that ``y**3`` does not overflow.
    """
    size = np.abs(x)
    y = np.power(size, 1 / 3)
    y = y - (y - size / (y * y)) / 3
    inside = apply("logical_and", (size > 0, size < np.inf))
    return where(inside, where(x < 0, -y, y), x)


@_meaning
def sinc(x: Any) -> Any:
    # As in NumPy, whose sine of so small a number is that number.
    y = np.pi * where(_equal(x, 0), 1e-20, x)
    return np.sin(y) / y


@_meaning
def rel_entr(x: Any, y: Any) -> Any:
    inside = apply("logical_and", (x > 0, y > 0))
    edge = apply("logical_and", (_equal(x, 0), y >= 0))
    outside = where(apply("logical_and", (_equal(x, x), _equal(y, y))), np.inf, x + y)
    return where(inside, x * np.log(x / y), where(edge, 0, outside))


@_meaning
def mean(x: Any, axes: Sequence[int], keepdims: bool) -> Any:
    count = math.prod(x.shape[axis] for axis in axes)
    return apply("sum", (x,), (axes, keepdims)) / float(count)


@_meaning
def norm(x: Any, axes: Sequence[int], keepdims: bool) -> Any:
    """The root of a sum of squares, of numbers none of which is above 1."""
    size = np.abs(x)
    if not math.prod(x.shape):
        return np.sqrt(apply("sum", (np.square(size),), (axes, keepdims)))
    top = apply("max", (size,), (axes, True))
    top = where(apply("logical_and", (top > 0, top < np.inf)), top, 1)
    found = np.sqrt(apply("sum", (np.square(size / top),), (axes, True))) * top
    first = tuple(0 if axis in axes else slice(None) for axis in range(len(x.shape)))
    return found if keepdims else found[first]


@_meaning
def diag(x: Any) -> Any:
    """Zeros joined to a column, read along the rows in another width; and the way back."""
    n = min(x.shape)
    if len(x.shape) == 2:
        return x[:n, :n].reshape(n * n)[:: n + 1]
    zeros = apply("broadcast_to", (constant(0.0),), ((n, n),))
    wide = apply("concatenate", (x.reshape(n, 1), zeros), (1,))
    return wide.reshape(n * (n + 1))[: n * n].reshape(n, n)


def in_the_standard(outputs: Sequence[Expr]) -> tuple[Expr, ...]:
    """The same outputs, in operations that the standard has."""
    found = tuple(outputs)
    while True:
        # What a meaning is written in may have a meaning itself.
        made = rewrite(found, _rewritten)
        if made == found:
            return found
        found = made


def _rewritten(node: Expr) -> Expr | None:
    if node.op in TABLE:
        if all(_is_number(arg) for arg in node.args):
            return _worked_out(node)
        if node.op == "where" and _is_number(node.args[0]):
            chosen = node.args[1 if node.args[0].params[0] else 2]
            spread = chosen.shape != node.shape
            return apply("broadcast_to", (chosen,), (node.shape,)) if spread else chosen
        if node.op in _ORDERS and any(arg.dtype.kind == "c" for arg in node.args):
            return _lexical(node)
    meaning = MEANINGS.get(node.op) if isinstance(node.op, str) else None
    return None if meaning is None else constant(meaning(*node.args, *node.params))


def _is_number(node: Expr) -> bool:
    return node.op == "constant" and not isinstance(node.params[0], Frozen)


def _worked_out(node: Expr) -> Expr:
    """A row of Python numbers, which stays a Python number and so widens no array."""
    values = [arg.params[0] for arg in node.args]
    values = [float(value) if type(value) is int else value for value in values]
    with np.errstate(all="ignore"):
        return constant(np.asarray(value_of(node.op)(*values)).item())


_ORDERS = ("less", "less_equal", "greater", "greater_equal")


def _lexical(node: Expr) -> Expr:
    """An order of complex numbers as NumPy has it: the imaginary parts decide between equals."""
    a, b = (
        (apply("real", (arg,)), apply("imag", (arg,)))
        if arg.dtype.kind == "c"
        else (arg, constant(0.0))
        for arg in node.args
    )
    strictly = apply("less" if "less" in node.op else "greater", (a[0], b[0]))
    tied = apply("logical_and", (_equal(a[0], b[0]), apply(node.op, (a[1], b[1]))))
    return apply("logical_or", (strictly, tied))
