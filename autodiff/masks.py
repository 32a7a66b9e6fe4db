"""Cotangents behind a selection: a branch that was not taken never poisons the result.

Behind ``where``, ``maximum`` or an index a cotangent is held as its value and a mask. What the
mask leaves out is put to 0 only when it has to be: 0 times the infinite partial of a branch that
was not taken would be NaN, while a masked entry may become NaN and is never seen.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.literals import is_truth, where
from autodiff.operations import array_rules
from diffexpr import functions
from diffexpr.apply import apply

Shape = tuple[int, ...]
Record = tuple[Any, Any, tuple[Any, ...], tuple[Any, ...], tuple[int, ...]]


def cleaned(g: Any, mask: Any, clean: bool) -> Any:
    """The cotangent with 0 where the mask leaves it out."""
    if clean or mask is None:
        return g
    if type(g) is int and isinstance(mask, (np.ndarray, np.generic)):
        g = float(g)  # np.where of two ints would be one of integers
    return where(mask, g, 0)


def narrowed(mask: Any, p: Any, shape: Shape) -> Any:
    """The mask behind a selection with partial ``p``, of the shape of its result.

    None where everything passes, False where nothing does.
    """
    passes = _truth(p)
    if isinstance(passes, (bool, np.bool_)):
        return mask if passes else False
    if passes.shape != shape:
        passes = functions.broadcast_to(passes, shape)
    return settled(passes if mask is None else apply("logical_and", (mask, passes)))


def settled(mask: Any) -> Any:
    """A mask of plain truth values that are all equal, as None or False."""
    if isinstance(mask, (np.ndarray, np.bool_)):
        if mask.all():
            return None
        if not mask.any():
            return False
    return mask


# How a mask passes back through an array operation: as a cotangent through this one's vjp.
_AS = {
    **dict.fromkeys(("sum", "mean", "prod", "norm", "logsumexp", "max", "min"), "sum"),
    **{op: op for op in ("transpose", "reshape", "broadcast_to", "getitem", "scatter_add")},
    **{op: op for op in ("concatenate", "stack", "diag", "cumsum", "sort", "astype")},
}


def pulled_mask(record: Record, mask: Any, i: int, zeros: bool) -> Any:
    """The mask of operand ``i``: the entries that some unmasked entry of the result depends on.

    ``zeros`` says that a constant factor selects where it is 0.
    """
    op, y, operands, params, parents = record
    x = operands[i]
    if op in ("max", "min"):
        kept = array_rules.regrown(y, x.shape, params)
        winners = apply("logical_or", (apply("equal", (x, kept)), apply("not_equal", (kept, kept))))
        if mask is None:
            return settled(winners)
        grown = array_rules.VJP["sum"](y, operands, params, i, mask, 0)
        return settled(apply("logical_and", (winners, grown)))
    if mask is None:
        drops = op == "getitem" or (op == "diag" and len(x.shape) == 2)
        if not drops and not zeros:
            return None
        mask = np.ones(y.shape, bool)
    rule = _AS.get(op)
    if rule is not None:
        return settled(_truth(array_rules.VJP[rule](y, operands, params, i, mask, 0)))
    if op in ("matmul", "einsum"):
        pairs = zip(operands, parents, strict=True)
        factors = tuple(_counts(x, parent, zeros) for x, parent in pairs)
        paths = array_rules.VJP[op](y, factors, params, i, where(mask, 1.0, 0.0), 0)
        return settled(_truth(paths))
    # Other operations mix entries: all of the operand counts if anything does.
    everywhere = tuple(range(len(y.shape)))
    some = apply("max", (mask,), (everywhere, False)) if everywhere else mask
    return settled(_truth(functions.broadcast_to(some, x.shape)))


def has_zero_factor(record: Record) -> bool:
    """Whether an operation multiplies by a constant that is exactly 0 somewhere.

    Such a zero selects, for nothing that stands before it can matter; one that was computed from
    the variables does not, for it may not stay 0.
    """
    op, _, operands, _, parents = record
    if op not in ("multiply", "matmul", "einsum") or -1 not in parents:
        return False
    return any(
        not np.all(x)
        for x, parent in zip(operands, parents, strict=True)
        if parent < 0 and isinstance(x, (np.ndarray, np.generic, int, float, complex))
    )


def _counts(x: Any, parent: int, zeros: bool) -> Any:
    """A factor as a count of paths: 1 everywhere, but 0 where it is a constant 0."""
    if zeros and parent < 0 and isinstance(x, np.ndarray):
        return (x != 0).astype(float)
    return np.ones(x.shape)


def _truth(mask: Any) -> Any:
    return mask if is_truth(mask) else apply("not_equal", (mask, 0))
