"""Forward and reverse rules of the array operations, in two columns.

``JVP[op](y, operands, params, tangents, lead)`` gives the tangent of the result; the tangent of
an operand that is not differentiated is None. ``VJP[op](y, operands, params, i, g, lead)`` gives
the cotangent of operand ``i``. With ``lead`` 1, tangents and cotangents carry one leading axis,
along which several are treated at once. Both are written in the language, so that they
differentiate again and run on expressions.

Here are the reductions; `shape_rules` has what moves numbers about, `contraction_rules` the
products. Method: Griewank and Walther (2008), *Evaluating Derivatives*, section 3.3
(Speelpenning's product), for products without division.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff.literals import bare, float_kind, products, where
from diffexpr import functions
from diffexpr.apply import apply
from diffexpr.arrays import reduced
from diffexpr.expr import Expr, is_constant

Shape = tuple[int, ...]
Rule = Callable[..., Any]

JVP: dict[str, Rule] = {}
VJP: dict[str, Rule] = {}


def rules(op: str, jvp: Rule, vjp: Rule) -> None:
    """Enter both rules of one operation."""
    JVP[op] = jvp
    VJP[op] = vjp


# shapes behind the leading axes


def reshaped(v: Any, shape: Shape) -> Any:
    return v if v.shape == shape else functions.reshape(v, shape)


def shifted(axes: Shape, lead: int) -> Shape:
    return tuple(axis + lead for axis in axes) if lead else axes


def regrown(v: Any, shape: Shape, params: tuple[Any, ...], lead: int = 0) -> Any:
    """A reduced value with its reduced axes back, of size one."""
    return reshaped(v, (*v.shape[:lead], *reduced(shape, params[0], True)))


def linear(run: Callable[[Any, tuple[Any, ...], int], Any]) -> Rule:
    """The jvp of an operation that is linear in its only operand: itself."""
    return lambda y, operands, params, tangents, lead: run(tangents[0], params, lead)


# sums


def _sum(t: Any, params: tuple[Any, ...], lead: int) -> Any:
    return apply("sum", (t,), (shifted(params[0], lead), params[1]))


def _mean(t: Any, params: tuple[Any, ...], lead: int) -> Any:
    return apply("mean", (t,), (shifted(params[0], lead), params[1]))


def _sum_vjp(y: Any, operands: Any, params: Any, i: int, g: Any, lead: int) -> Any:
    x = operands[0]
    return functions.broadcast_to(regrown(g, x.shape, params, lead), (*g.shape[:lead], *x.shape))


def _mean_vjp(y: Any, operands: Any, params: Any, i: int, g: Any, lead: int) -> Any:
    count = math.prod(operands[0].shape[axis] for axis in params[0])
    return _sum_vjp(y, operands, params, i, g / float_kind(y).type(count), lead)


rules("sum", linear(_sum), _sum_vjp)
rules("mean", linear(_mean), _mean_vjp)


# weighted sums


def _by_weights(op: str, weights: Callable[[Any, Any, Any], Any]) -> None:
    """Rules of a reduction whose derivative is a sum over weights of the shape of the operand."""

    def jvp(y: Any, operands: Any, params: Any, tangents: Any, lead: int) -> Any:
        w, t = weights(y, operands[0], params), tangents[0]
        return _sum(products(t, w) if lead else t * w, params, lead)

    def vjp(y: Any, operands: Any, params: Any, i: int, g: Any, lead: int) -> Any:
        found = weights(y, operands[0], params)
        if not lead and _is_one(g):
            return found  # a product with the 1 that every gradient starts from
        return regrown(g, operands[0].shape, params, lead) * found

    rules(op, jvp, vjp)


def _is_one(g: Any) -> bool:
    return is_constant(g, 1) if type(g) is Expr else isinstance(g, np.generic) and bool(g == 1)


def _norm_weights(y: Any, x: Any, params: Any) -> Any:
    kept = regrown(y, x.shape, params)
    flat = apply("equal", (kept, 0))
    if isinstance(flat, (np.ndarray, np.generic)) and not np.any(flat):
        return x / kept
    # 0 at 0, but written as a length: like a length it has no derivative there.
    length = np.sqrt(apply("sum", (x * x,), (params[0], True)))
    return where(flat, length, x / where(flat, 1, kept))


def _in_a_row(x: Any, axes: Shape) -> tuple[Any, Callable[[Any], Any]]:
    """The axes joined into one last axis, and the way back."""
    kept = tuple(i for i in range(len(x.shape)) if i not in axes)
    order = (*kept, *axes)
    back = tuple(sorted(range(len(order)), key=order.__getitem__))
    same = order == tuple(range(len(order)))
    moved = x if same else apply("transpose", (x,), (order,))
    shape = moved.shape
    row = reshaped(moved, (*shape[: len(kept)], math.prod(shape[len(kept) :])))

    def undo(v: Any) -> Any:
        v = reshaped(v, shape)
        return v if same else apply("transpose", (v,), (back,))

    return row, undo


def _softmax_weights(y: Any, x: Any, params: Any) -> Any:
    # exp(x - y) would be off by the rounding of y, which is large where y is.
    top = bare(y)
    if not isinstance(top, (np.ndarray, np.generic)) or np.isfinite(top).all():
        if len(params[0]) == 1:
            return apply("softmax", (x,), params[0])
        row, undo = _in_a_row(x, params[0])
        return undo(apply("softmax", (row,), (len(row.shape) - 1,)))
    # Infinities share the limit: all weight to those that are inf; none where all are -inf.
    kept = regrown(y, x.shape, params)
    level = regrown(top, x.shape, params)
    most = apply("equal", (x, np.inf))
    shared = where(most, 1.0, 0.0) / apply("sum", (where(most, 1.0, 0.0),), (params[0], True))
    finite = np.exp(x - where(np.isinf(level), 0.0, kept))
    return where(level == np.inf, shared, finite)


def _product_of_others(y: Any, x: Any, params: Any) -> Any:
    """For every element the product of all the others, by a tree of products.

    No division, so that one or two zeros are right, in higher derivatives too; two
    multiplications an element.
    """
    row, undo = _in_a_row(x, params[0])
    levels = []
    while row.shape[-1] > 1:
        half = (row.shape[-1] + 1) // 2
        first, second = row[..., :half], row[..., half:]
        if row.shape[-1] % 2:
            one = np.ones((*row.shape[:-1], 1), float_kind(row))
            second = functions.concatenate([second, one], -1)
        levels.append((first, second, row.shape[-1]))
        row = first * second
    others: Any = 1
    for first, second, size in reversed(levels):
        pair = (second, first) if type(others) is int else (others * second, others * first)
        others = functions.concatenate(pair, -1)[..., :size]
    return undo(np.ones(row.shape, float_kind(row)) if type(others) is int else others)


_by_weights("norm", _norm_weights)
_by_weights("logsumexp", _softmax_weights)
_by_weights("prod", _product_of_others)


def _extreme(op: str) -> None:
    """Rules of max and min: the elements that attain it share equally."""

    def share(y: Any, x: Any, params: Any) -> tuple[Any, Any]:
        kept = regrown(y, x.shape, params)
        hit = apply("equal", (x, kept))
        value = bare(kept)
        if not isinstance(value, (np.ndarray, np.generic)) or not np.isnan(np.sum(value)):
            return hit, apply("sum", (where(hit, 1.0, 0.0),), (params[0], True))
        # Without a value there is no share, not even none.
        lost = np.isnan(value)
        count = apply("sum", (where(hit, 1.0, 0.0),), (params[0], True))
        return apply("logical_or", (hit, lost)), where(lost, np.nan, count)

    def jvp(y: Any, operands: Any, params: Any, tangents: Any, lead: int) -> Any:
        hit, count = share(y, operands[0], params)
        return _sum(where(hit, tangents[0], 0) / count, params, lead)

    def vjp(y: Any, operands: Any, params: Any, i: int, g: Any, lead: int) -> Any:
        hit, count = share(y, operands[0], params)
        return where(hit, regrown(g, operands[0].shape, params, lead), 0) / count

    rules(op, jvp, vjp)


_extreme("max")
_extreme("min")


# along one axis


def _softmax_product(y: Any, v: Any, axis: int, lead: int) -> Any:
    """The Jacobian of softmax, which is symmetric, times a vector."""
    weighted = v * y
    return weighted - y * apply("sum", (weighted,), ((axis + lead,), True))


def _reversed(v: Any, axis: int) -> Any:
    return v[(slice(None),) * axis + (slice(None, None, -1),)]


def _cumsum_vjp(y: Any, operands: Any, params: Any, i: int, g: Any, lead: int) -> Any:
    axis = params[0] + lead
    return _reversed(apply("cumsum", (_reversed(g, axis),), (axis,)), axis)


rules(
    "softmax",
    lambda y, operands, params, tangents, lead: _softmax_product(y, tangents[0], params[0], lead),
    lambda y, operands, params, i, g, lead: _softmax_product(y, g, params[0], lead),
)
rules(
    "cumsum",
    linear(lambda t, params, lead: apply("cumsum", (t,), (params[0] + lead,))),
    _cumsum_vjp,
)
