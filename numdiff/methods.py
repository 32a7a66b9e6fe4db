"""Which method gives the derivatives: extrapolation over a ladder, or one plain difference?"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numdiff import steps
from numdiff.differences import difference
from numdiff.differentiate import Derivatives, differentiate

__all__ = ["solve"]

Array = NDArray[np.float64]


def solve(
    sample: Callable[[Array], Array],
    x: Array,
    n: int,
    dtype: np.dtype[Any],
    method: str,
    given: tuple[Array | None, Array | None],
    plan: steps.Plan = steps.PLAN,
) -> Derivatives:
    """The n-th derivatives at P points by the method; `given` are relative and absolute steps.

    For 'cs' the derivatives from real values, which the complex step needs to be confirmed.
    """
    if method in ("2-point", "3-point"):
        return difference(sample, x, method, dtype, given)
    return differentiate(sample, x, n, dtype, steps.largest(x, *given), plan)
