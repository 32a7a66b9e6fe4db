"""Numbers in the place of expressions, to ask a function for the shape of its result."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from diffexpr.frozen import Frozen


def samples(given: Sequence[Any]) -> list[Any]:
    """Operands in general position: no zeros, no singular matrix.

    Parameters
    ----------
    given : sequence
        For each operand its shape and dtype, or the constant that it is.
    """
    numbers = np.random.default_rng(0)
    found: list[Any] = []
    for item in given:
        if not isinstance(item, tuple):
            value = item.params[0]
            found.append(value.array if isinstance(value, Frozen) else value)
            continue
        shape, kind = item
        drawn = np.asarray(numbers.uniform(0.25, 0.75, shape))
        if kind.kind == "c":
            drawn = drawn + 1j * numbers.uniform(0.25, 0.75, shape)
        found.append(np.asarray(drawn > 0 if kind.kind == "b" else drawn, kind)[()])
    return found
