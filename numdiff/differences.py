"""Plain two- and three-point differences with one given step, and what they are worth."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numdiff import steps
from numdiff.differentiate import Derivatives
from numdiff.result import Status

__all__ = ["difference"]

Array = NDArray[np.float64]


def difference(
    sample: Callable[[Array], Array],
    x: Array,
    method: str,
    dtype: np.dtype[Any],
    given: tuple[Any, Any],
) -> Derivatives:
    """First derivatives by one difference with a fixed step.

    '2-point' is ``(f(x+h) - f(x))/h``, of order 1; '3-point' is ``(f(x+h) - f(x-h))/(2h)``, of
    order 2, or ``(-3f(x) + 4f(x+h) - f(x+2h))/(2h)`` to the side where f is defined. The error bar
    is the change when the step is doubled or the side changed, plus the rounding of the values.
    """
    with np.errstate(all="ignore"):
        return _difference(sample, x, method, dtype, given)


def _difference(
    sample: Callable[[Array], Array],
    x: Array,
    method: str,
    dtype: np.dtype[Any],
    given: tuple[Any, Any],
) -> Derivatives:
    power = 1 if method == "2-point" else 2
    wanted = steps.difference_step(x, power, *given, float(np.finfo(dtype).eps))
    factors = (1.0, 2.0) if power == 1 else (1.0, 2.0, 4.0)
    rungs = np.stack([wanted * factor for factor in factors])
    plus, minus, h = steps.exact(x, rungs, dtype)
    values = sample(np.concatenate([x[None], plus, minus]))
    eps = max(float(np.finfo(dtype).eps), getattr(sample, "eps", 0.0))
    f0, high, low = values[0], values[1 : len(h) + 1], values[len(h) + 1 :]
    right, left = (high - f0) / h, (f0 - low) / h
    if power == 1:
        forward, backward = right, left
        middle = np.where(np.isfinite(right), right, left)
    else:
        forward, backward = (2 * s[:2] - s[1:] for s in (right, left))
        middle = ((high - low) / (2 * h))[:2]
    one_sided = np.where(np.isfinite(forward[0]), forward[:2], backward[:2])
    both = np.isfinite(right[0]) & np.isfinite(left[0])
    pair = np.where(both, middle[:2], one_sided)
    largest = np.nanmax(np.abs(np.where(np.isfinite(values), values, 0.0)), axis=0)
    value = pair[0]
    rounding = 2 * power * eps * largest / h[0]
    # A kink shows in how far the two sides stand apart.
    apart = np.where(both, np.abs(forward[0] - backward[0]), 0.0)
    error = np.fmax(np.abs(pair[1] - pair[0]), apart) + rounding
    status = np.where(both, Status.CONVERGED, Status.EDGE)
    status = np.where(np.isfinite(error), status, Status.INCONCLUSIVE)
    undefined = ~np.isfinite(f0) | ~np.isfinite(value)
    status = np.where(undefined, Status.UNDEFINED, status)
    count = x.shape
    return Derivatives(
        np.where(undefined, np.nan, value),
        np.where(np.isfinite(error) & ~undefined, error, np.inf),
        status.astype(np.int64),
        h[0],
        np.full(count, power, dtype=np.int64),
        backward[0],
        forward[0],
        h[0],
        eps * largest,
    )
