"""Constants that would widen the precision of the variables beside them.

In arithmetic a Python number gives way to the array beside it. Where numbers and arrays are
joined into one array it counts as a float64, and so does a constant array that is all of a
result.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from compare.lower.passes.rewrite import rewrite
from diffexpr import Expr, constant
from diffexpr.apply import apply
from diffexpr.frozen import Frozen

_JOINS = ("stack", "concatenate")


def narrowed(outputs: tuple[Expr, ...], variables: Iterable[Expr]) -> tuple[Expr, ...]:
    """The same outputs; where all variables are narrow, with constants as narrow as they are.

    Only constants that lose nothing by it are narrowed.

    Examples
    --------
    >>> import numpy as np
    >>> from diffexpr import symbol
    >>> x = symbol("x", dtype=np.float32)
    >>> (found,) = narrowed((np.stack([x, 0.5]),), [x])
    >>> found(x=np.float32(1.0)).dtype
    dtype('float32')
    """
    kinds = [v.dtype for v in variables if v.dtype.kind in "fc"]
    kind = np.result_type(*kinds) if kinds else np.dtype(float)
    if np.finfo(kind.type).bits >= 64:
        return outputs

    def rule(node: Expr) -> Expr | None:
        if node.op not in _JOINS:
            return None
        parts = tuple(_narrow(arg, kind) for arg in node.args)
        return None if parts == node.args else apply(node.op, parts, node.params)

    return tuple(_narrow(o, kind) if o.shape else o for o in rewrite(outputs, rule))


def _narrow(x: Expr, kind: np.dtype[Any]) -> Expr:
    """A constant in a kind of number, if it is one that the kind holds."""
    if x.op != "constant" or x.dtype.kind not in "fi":
        return x
    held = x.params[0].array if isinstance(x.params[0], Frozen) else x.params[0]
    with np.errstate(all="ignore"):
        small = np.asarray(held, kind)
    return constant(small) if np.array_equal(small, held, equal_nan=True) else x
