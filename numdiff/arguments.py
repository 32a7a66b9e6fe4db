"""Are the arguments of a question sound? Checked once, at the door, with errors that help."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from numdiff.errors import InputError, InputTypeError, shortened

__all__ = [
    "check_function",
    "check_method",
    "plain",
    "read_bounds",
    "read_order",
    "real_array",
    "spread_step",
]

_METHODS = ("auto", "richardson", "2-point", "3-point", "cs")
_HIGHEST = 4


def check_function(f: Any) -> None:
    """Refuse what cannot be called."""
    if not callable(f):
        raise InputTypeError(f"f must be a function, got {shortened(f)}; pass the function itself")


def check_method(method: Any, n: int = 1) -> None:
    """Refuse a method that is not one of `_METHODS`, or that does not give derivative n."""
    if not isinstance(method, str) or method not in _METHODS:
        raise InputError(
            f"method must be one of {', '.join(_METHODS)}, got {shortened(method)}; pick one"
        )
    if n > 1 and method not in ("auto", "richardson"):
        raise InputError(
            f"method {shortened(method)} gives first derivatives, got n={n}; use method='auto'"
        )


def read_order(n: Any) -> int:
    """The order of a derivative as an int."""
    if isinstance(n, bool) or not isinstance(n, int | np.integer):
        raise InputTypeError(f"n must be an integer, got {shortened(n)}; use n=1, 2, 3 or 4")
    if not 1 <= n <= _HIGHEST:
        raise InputError(
            f"n must be from 1 to {_HIGHEST}, got {n}; differentiate a derivative for higher orders"
        )
    return int(n)


def real_array(x: Any, name: str) -> tuple[NDArray[Any], np.dtype[Any]]:
    """`x` as a floating-point array, and the type at whose numbers f is to be evaluated."""
    try:
        array = np.asarray(x)
        if array.dtype.kind == "O":
            array = plain(array)
    except (TypeError, ValueError):
        raise InputTypeError(
            f"{name} must be real numbers, got {shortened(x)}; give a number or a rectangular array"
        ) from None
    if array.dtype.kind not in "fiub":
        raise InputTypeError(
            f"{name} must be real numbers, got {shortened(x)} of dtype {array.dtype}; give floats"
        )
    if array.dtype != np.float32:
        array = array.astype(np.float64)
    if not np.all(np.isfinite(array)):
        raise InputError(
            f"{name} must be finite, got {shortened(x)}; there is no derivative at inf or nan"
        )
    return array, array.dtype


def read_bounds(bounds: Any, x: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lower and upper bounds in the shape of x; without bounds, infinite ones."""
    if bounds is None:
        return np.full(x.shape, -np.inf), np.full(x.shape, np.inf)
    try:
        lower, upper = (np.broadcast_to(np.asarray(b, np.float64), x.shape) for b in bounds)
    except (TypeError, ValueError):
        raise InputError(
            f"bounds must be a pair (lower, upper) that broadcasts to x of shape {x.shape},"
            f" got {shortened(bounds)}; use -inf and inf where there is none"
        ) from None
    if not np.all((lower <= x) & (x <= upper)):
        raise InputError(
            f"x must lie within the bounds, got {shortened(x)} outside {shortened(bounds)};"
            " widen them"
        )
    return lower, upper


def plain(array: NDArray[Any]) -> NDArray[np.float64]:
    """An array of Python objects as floats; None, which NumPy would make NaN, is refused.

    Raises
    ------
    TypeError or ValueError
        If something in it is no real number.
    """
    if any(entry is None for entry in array.flat):
        raise TypeError("None is no number")
    return array.astype(np.float64)


def spread_step(step: Any, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """A step given by the caller, one for each entry of an array of `shape`, flattened."""
    try:
        spread = np.broadcast_to(np.asarray(step, dtype=np.float64), shape).ravel()
    except (TypeError, ValueError):
        raise InputError(
            f"a step must be a number or broadcast to shape {shape}, got {shortened(step)};"
            " give one number"
        ) from None
    if not np.all(np.isfinite(spread) & (spread != 0)):
        raise InputError(
            f"a step must be finite and not zero, got {shortened(step)}; or leave it out"
        )
    return spread
