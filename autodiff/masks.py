"""Cotangents behind a selection: a branch that was not taken never poisons the result.

Behind ``where``, ``maximum`` or an index a cotangent is held as its value and a mask. What the
mask leaves out is put to 0 only when it has to be: 0 times the infinite partial of a branch that
was not taken would be NaN, while a masked entry may become NaN and is never seen.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff import array_rules
from autodiff.literals import is_truth, where
from diffexpr import functions
from diffexpr.apply import apply

Shape = tuple[int, ...]


def cleaned(g: Any, mask: Any, clean: bool) -> Any:
    """The cotangent with 0 where the mask leaves it out."""
    return g if clean or mask is None else where(mask, g, 0)


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
    **{op: op for op in ("concatenate", "stack", "diag", "cumsum")},
}


def pulled_mask(
    op: str,
    mask: Any,
    y: Any,
    operands: tuple[Any, ...],
    params: tuple[Any, ...],
    i: int,
) -> Any:
    """The mask of operand ``i``: the entries that some unmasked entry of the result depends on."""
    x = operands[i]
    if op in ("max", "min"):
        kept = array_rules.regrown(y, x.shape, params)
        winners = apply("equal", (x, kept))
        if mask is None:
            return settled(winners)
        grown = array_rules.VJP["sum"](y, operands, params, i, mask, 0)
        return settled(apply("logical_and", (winners, grown)))
    if mask is None:
        drops = op == "getitem" or (op == "diag" and len(x.shape) == 2)
        if not drops:
            return None
        mask = np.ones(y.shape, bool)
    rule = _AS.get(op)
    if rule is not None:
        return settled(_truth(array_rules.VJP[rule](y, operands, params, i, mask, 0)))
    # Products mix entries: all of the operand counts if anything does.
    everywhere = tuple(range(len(y.shape)))
    some = apply("max", (mask,), (everywhere, False)) if everywhere else mask
    return settled(_truth(functions.broadcast_to(some, x.shape)))


def _truth(mask: Any) -> Any:
    return mask if is_truth(mask) else apply("not_equal", (mask, 0))
