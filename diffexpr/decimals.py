"""Rounding to a number of decimals, whose derivative is 0 wherever it exists."""

from __future__ import annotations

from typing import Any

import numpy as np

from diffexpr.apply import apply
from diffexpr.operands import as_operand, implements, no_out


@implements(np.round, np.around)
def round(a: Any, decimals: int = 0, out: Any = None) -> Any:
    """Rounded to so many decimals, halves to even; tens and hundreds for negative ones."""
    no_out("round", out)
    a = as_operand(a)
    if not decimals:
        return apply("round", (a,))
    scale = 10.0 ** abs(int(decimals))
    if decimals > 0:
        return apply("round", (a * scale,)) / scale
    return apply("round", (a / scale,)) * scale
