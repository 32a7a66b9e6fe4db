"""What the array operations are entry by entry: places in, places out."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import numpy as np

from compare.lower.scalars.arithmetic import is_truth
from compare.lower.scalars.cells import Cells, Places, TooMany
from diffexpr import Expr, arrays
from diffexpr.apply import value_of

Form = Callable[..., Places]
FORMS: dict[str, Form] = {}
"""By the name of the operation: a function of the cells, the node, and the operands' places."""


def _form(*ops: str) -> Callable[[Form], Form]:
    def enter(form: Form) -> Form:
        FORMS.update(dict.fromkeys(ops, form))
        return form

    return enter


@_form("transpose", "reshape", "broadcast_to", "getitem", "concatenate", "stack", "diag")
def _moved(cells: Cells, node: Expr, *operands: Places) -> Places:
    # Of truth values beside numbers NumPy makes numbers.
    truths = [
        bool(places.size) and all(is_truth(cells.entries[p]) for p in places.flat)
        for places in operands
    ]
    if any(truths) and not all(truths):
        operands = tuple(map(_floats, itertools.repeat(cells), operands))
    return np.asarray(value_of(node.op)(*operands, *node.params), np.intp)


def _floats(cells: Cells, places: Places) -> Places:
    """The same entries, truth values as 0.0 and 1.0."""
    if not any(is_truth(cells.entries[place]) for place in places.flat):
        return places
    return cells.mapped("astype", places, params=("float64",))


@_form("scatter_add")
def _scatter_add(cells: Cells, node: Expr, operand: Places) -> Places:
    index, shape = node.params
    places = np.arange(math.prod(shape)).reshape(shape)[index.value]
    found = [0] * math.prod(shape)
    added = np.broadcast_to(_floats(cells, operand), places.shape)
    for place, term in zip(places.ravel().tolist(), added.ravel().tolist(), strict=True):
        found[place] = cells.apply("add", found[place], term)
    return np.array(found, np.intp).reshape(shape)


@_form("sum")
def _sum(cells: Cells, node: Expr, operand: Places) -> Places:
    axes, keepdims = node.params
    return cells.reduced(_floats(cells, operand), axes, keepdims, cells.total)


@_form("mean")
def _mean(cells: Cells, node: Expr, operand: Places) -> Places:
    axes, keepdims = node.params
    count = cells.constant(math.prod(operand.shape[axis] for axis in axes))

    def mean(terms: list[int]) -> int:
        return cells.apply("divide", cells.total(terms), count)

    return cells.reduced(_floats(cells, operand), axes, keepdims, mean)


@_form("prod")
def _prod(cells: Cells, node: Expr, operand: Places) -> Places:
    axes, keepdims = node.params

    def product(terms: list[int]) -> int:
        return cells.chain("multiply", terms) if terms else cells.constant(1.0)

    return cells.reduced(_floats(cells, operand), axes, keepdims, product)


@_form("max", "min")
def _extreme(cells: Cells, node: Expr, operand: Places) -> Places:
    op = "maximum" if node.op == "max" else "minimum"
    axes, keepdims = node.params
    return cells.reduced(operand, axes, keepdims, lambda terms: cells.chain(op, terms))


@_form("norm")
def _norm(cells: Cells, node: Expr, operand: Places) -> Places:
    axes, keepdims = node.params
    return cells.reduced(_floats(cells, operand), axes, keepdims, lambda row: _length(cells, row))


def _length(cells: Cells, row: list[int]) -> int:
    """The root of a sum of squares, of scaled numbers where those overflow or vanish."""
    apply, info = cells.apply, np.finfo(float)
    if not row:
        return cells.constant(0.0)
    sizes = [apply("abs", each) for each in row]
    if len(row) == 1:
        return sizes[0]
    total = cells.total([apply("multiply", each, each) for each in row])
    large = apply("less", total, cells.constant(float(info.max)))
    small = apply("greater", total, cells.constant(float(info.tiny / info.eps)))
    top = cells.chain("maximum", sizes)
    one, nothing = cells.constant(1.0), cells.constant(0.0)
    usable = apply("less", top, cells.constant(math.inf))
    usable = apply("logical_and", apply("greater", top, nothing), usable)
    top = apply("where", usable, top, one)
    parts = [apply("divide", size, top) for size in sizes]
    scaled = apply("sqrt", cells.total([apply("multiply", part, part) for part in parts]))
    scaled = apply("multiply", scaled, top)
    fine = apply("logical_and", large, small)
    return apply("where", fine, apply("sqrt", total), scaled)


@_form("cumsum")
def _cumsum(cells: Cells, node: Expr, operand: Places) -> Places:
    (axis,) = node.params
    along = np.moveaxis(_floats(cells, operand), axis, 0)
    found = list(along[:1])
    for term in along[1:]:
        found.append(cells.mapped("add", found[-1], term))
    return np.moveaxis(np.array(found, np.intp).reshape(along.shape), 0, axis)


@_form("matmul")
def _matmul(cells: Cells, node: Expr, left: Places, right: Places) -> Places:
    rows = left[None] if left.ndim == 1 else left
    columns = right[None] if right.ndim == 1 else np.swapaxes(right, -1, -2)
    rows, columns = np.broadcast_arrays(rows[..., :, None, :], columns[..., None, :, :])
    if rows.size > cells.limit:
        raise TooMany
    places = np.ndindex(*rows.shape[:-1])
    made = [cells.dot(rows[place].tolist(), columns[place].tolist()) for place in places]
    return np.array(made, np.intp).reshape(node.shape)


@_form("einsum")
def _einsum(cells: Cells, node: Expr, *operands: Places) -> Places:
    terms, result = arrays.split_subscripts(node.params[0])
    sizes = {
        letter: n
        for term, places in zip(terms, operands, strict=True)
        for letter, n in zip(term, places.shape, strict=True)
    }
    summed = [letter for letter in sizes if letter not in result]
    order = [*result, *summed]
    if math.prod(sizes.values()) * len(terms) > cells.limit:
        raise TooMany
    spread: list[Places] = []
    for term, places in zip(terms, operands, strict=True):
        own = [letter for letter in order if letter in term]
        # A letter that stands twice takes the diagonal; nothing is summed here.
        places = np.einsum(f"{term}->{''.join(own)}", places)
        shape = [sizes[letter] if letter in own else 1 for letter in order]
        spread.append(places.reshape(shape))
    found = spread[0]
    for places in spread[1:]:
        found = cells.mapped("multiply", found, places)
    found = np.broadcast_to(found, [sizes[letter] for letter in order])
    return cells.reduced(found, range(len(result), len(order)), False, cells.total)


@_form("astype")
def _astype(cells: Cells, node: Expr, operand: Places) -> Places:
    return cells.mapped("astype", operand, params=node.params)


@_form("real", "conjugate")
def _real(cells: Cells, node: Expr, operand: Places) -> Places:
    return operand


@_form("imag")
def _imag(cells: Cells, node: Expr, operand: Places) -> Places:
    return np.full(operand.shape, cells.constant(0.0))
