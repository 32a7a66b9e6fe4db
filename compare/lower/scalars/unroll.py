"""Small arrays as single numbers: a graph of arrays becomes one of scalars."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from compare.lower.scalars.arithmetic import fits
from compare.lower.scalars.array_forms import FORMS
from compare.lower.scalars.cells import Cells, Places, TooMany
from compare.lower.source import definitions
from compare.lower.source.names import Names
from diffexpr import Expr, MissingRuleError, constant, symbol
from diffexpr.frozen import Frozen
from diffexpr.primitives import TABLE
from diffexpr.walk import topological

LIMIT = 4000
"""How many scalar operations a graph may become unless more are asked for."""


@dataclass(frozen=True, slots=True)
class Unrolled:
    """A graph in which every node is a number.

    Attributes
    ----------
    symbols : tuple of Expr
        The parameters as they were.
    parameters : tuple of numpy.ndarray
        For each an object array of its shape that holds the symbols of its entries; a scalar
        parameter stays itself, in an array without dimensions.
    outputs : tuple of numpy.ndarray
        For each output an object array of its shape that holds the expressions of its entries.
    operations : int
        How many operations there are.
    """

    symbols: tuple[Expr, ...]
    parameters: tuple[np.ndarray[Any, Any], ...]
    outputs: tuple[np.ndarray[Any, Any], ...]
    operations: int

    @property
    def expressions(self) -> list[Expr]:
        """The entries of all outputs, one after the other."""
        return [entry for output in self.outputs for entry in output.flat]


def unroll(
    outputs: Sequence[Expr], parameters: Sequence[Expr], limit: int = LIMIT
) -> Unrolled | None:
    """The same outputs, every entry of every array an expression of its own.

    The values are the same but for rounding, where sums are taken in another order, and for the
    sign of a zero to which nothing was added: `scatter_add` fills up with zeros, which fall away.

    Parameters
    ----------
    outputs : sequence of Expr
    parameters : sequence of Expr
        The symbols that they depend on, or more.
    limit : int, optional
        How many scalar operations there may be.

    Returns
    -------
    Unrolled or None
        None if there would be more of them, if an operation has no form on single numbers
        (a decomposition, say), or if something is computed in another precision than float64.

    Examples
    --------
    >>> import numpy as np
    >>> from diffexpr import symbol
    >>> x = symbol("x", 3)
    >>> found = unroll([x[1:] * x[:-1], np.sum(x)], [x])
    >>> found.parameters[0]
    array([x_0, x_1, x_2], dtype=object)
    >>> found.outputs[0], found.outputs[1].item()
    (array([x_1*x_0, x_2*x_1], dtype=object), x_0 + x_1 + x_2)
    """
    written = definitions.written_out(outputs)
    order = topological(written)
    known = FORMS.keys() | TABLE.keys() | {"symbol", "constant"}
    most = max(limit, 64)
    for node in (*parameters, *order):
        # By type first: an operation of a user's own hashes as it likes.
        if type(node.op) is not str or node.op not in known or not fits(node):
            return None
        if math.prod(node.shape) > most:
            return None
    cells = Cells(limit)
    found: dict[Expr, Places] = _entries(cells, parameters)
    given = tuple(cells.taken(found[parameter]) for parameter in parameters)
    try:
        for node in order:
            if node not in found:
                found[node] = _unrolled(cells, node, found)
    except (TooMany, MissingRuleError):
        return None
    made = tuple(cells.taken(found[output]) for output in written)
    return Unrolled(tuple(parameters), given, made, cells.operations)


def _unrolled(cells: Cells, node: Expr, found: Mapping[Expr, Places]) -> Places:
    if node.op == "constant":
        return _constant(cells, node)
    operands = [found[arg] for arg in node.args]
    if node.op in FORMS:
        return FORMS[node.op](cells, node, *operands)
    return cells.mapped(node.op, *operands, params=node.params)


def _constant(cells: Cells, node: Expr) -> Places:
    value = node.params[0]
    if isinstance(value, Frozen):
        entries = map(constant, value.array.ravel().tolist())
        return cells.array(entries, value.array.shape)
    # Evaluation makes floats of integers. The integer 0 keeps its meaning: nothing is there.
    plain = type(value) is int and value
    return cells.array([constant(float(value)) if plain else node], ())


def _entries(cells: Cells, parameters: Sequence[Expr]) -> dict[Expr, Places]:
    """A symbol for each entry of each parameter, under a name that none has yet."""
    names = Names(parameter.name for parameter in parameters)
    found: dict[Expr, Places] = {}
    for parameter in parameters:
        entries = [parameter]
        if parameter.shape:
            entries = [
                symbol(
                    names.fresh("_".join([parameter.name, *map(str, place)])), (), parameter.dtype
                )
                for place in np.ndindex(*parameter.shape)
            ]
        found[parameter] = cells.array(entries, parameter.shape)
    return found
