"""The n-th derivative of a function of one variable, at one point or at many."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numdiff import steps
from numdiff.arguments import (
    check_function,
    check_method,
    read_bounds,
    read_order,
    real_array,
    spread_step,
)
from numdiff.calls import Elementwise
from numdiff.complexstep import complex_points, confirmed, imaginary_parts
from numdiff.differences import difference
from numdiff.differentiate import Derivatives, differentiate
from numdiff.errors import InputError
from numdiff.result import Estimate

__all__ = ["estimate"]


def estimate(
    f: Callable[..., Any],
    x: Any,
    n: int = 1,
    *,
    args: Sequence[Any] = (),
    method: str = "auto",
    bounds: tuple[Any, Any] | None = None,
    rel_step: Any = None,
    abs_step: Any = None,
) -> Estimate:
    """Estimate the n-th derivative of an elementwise function, with an error bar.

    Parameters
    ----------
    f : callable
        ``f(x, *args)``. It may take arrays or only single numbers: with the first points, an array
        call is compared with scalar calls. Array calls are one-dimensional. Not defined (an
        ``ArithmeticError`` or ``ValueError``, or a value not finite) is allowed beside x.
    x : array_like
        Where. Integers are promoted to float64; at float32 input, f is evaluated at exactly
        representable float32 points.
    n : int
        Order of the derivative, 1 to 4.
    args : sequence of array_like
        Further arguments of f; arrays broadcast with x.
    method : {'auto', 'richardson', '2-point', '3-point', 'cs'}
        'auto' and 'richardson' extrapolate real values over a ladder of steps; '2-point' and
        '3-point' are plain differences (n = 1), 'cs' the complex step (n = 1), confirmed by one
        real estimate and given up for it where they disagree.
    bounds : (array_like, array_like), optional
        f is never evaluated outside. At a bound the status is EDGE, the value one-sided.
    rel_step, abs_step : array_like, optional
        The step of the plain methods, relative to |x| or absolute; for 'auto' the largest step
        of the ladder.

    Returns
    -------
    Estimate
        Arrays of the shape to which x and args broadcast.

    Raises
    ------
    InputError
        For n, bounds, method or shapes out of range, or x outside the bounds.
    InputTypeError
        If x is no array of real numbers or f cannot be called or gives no real numbers.

    Notes
    -----
    A ladder of exact steps is placed by a survey of f at widely spaced steps; central and
    one-sided differences are extrapolated separately by Neville's recursion (Richardson and Gaunt
    1927), the noise of f is measured (Moré and Wild 2011), and the entry with the least
    truncation plus rounding is taken. All of it scales with f and with x.

    Examples
    --------
    >>> result = estimate(np.exp, 0.0)
    >>> bool(abs(result.value - 1) <= result.error < 1e-12)
    True
    >>> from numdiff import Status
    >>> Status(int(estimate(np.abs, 0.0).status)).name
    'KINK'
    """
    check_function(f)
    order = read_order(n)
    check_method(method, order)
    points, dtype = real_array(x, "x")
    extra = [np.asarray(a) for a in args]
    try:
        shape = np.broadcast_shapes(points.shape, *(a.shape for a in extra))
    except ValueError:
        shapes = [points.shape, *(a.shape for a in extra)]
        raise InputError(f"x and args must broadcast, got shapes {shapes}; reshape one") from None
    flat = np.broadcast_to(points, shape).astype(np.float64).ravel()
    extra = [np.broadcast_to(a, shape).ravel() for a in extra]
    lower, upper = read_bounds(bounds, flat.reshape(shape))
    sample = Elementwise(f, flat, extra, dtype, (lower.ravel(), upper.ravel()))
    given = tuple(
        None if step is None else spread_step(step, shape) for step in (rel_step, abs_step)
    )
    note = ""
    if method in ("2-point", "3-point"):
        result = difference(sample, flat, method, dtype, (given[0], given[1]))
    else:
        result = differentiate(sample, flat, order, dtype, steps.largest(flat, *given))
        if method == "cs":
            slopes, h = _complex_slopes(f, flat, extra, sample.takes_arrays)
            sample.evaluations += slopes.size
            result, note = confirmed(slopes, h, result)
    return as_estimate(result, shape, sample.evaluations, method, note)


def _complex_slopes(
    f: Callable[..., Any],
    x: NDArray[np.float64],
    args: Sequence[NDArray[Any]],
    takes_arrays: bool,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """``Im f/h`` at the points of the complex step, shape (K, P), and h."""
    points, h = complex_points(x)
    slopes = np.full(points.shape, np.nan)
    if takes_arrays:
        flat = [np.broadcast_to(a, points.shape).ravel() for a in args]
        parts = imaginary_parts(f, points.ravel(), *flat)
        if parts.shape == (points.size,):
            slopes = parts.reshape(points.shape) / h
    else:
        for k, row in enumerate(points):
            for p, z in enumerate(row):
                parts = imaginary_parts(f, z, *(a[p] for a in args))
                slopes[k, p] = parts / h[p] if parts.shape == () else np.nan
    return slopes, h


def as_estimate(
    d: Derivatives, shape: tuple[int, ...], evaluations: int, method: str, note: str
) -> Estimate:
    """The flat arrays of `d` in the shape of the answer."""
    return Estimate(
        d.value.reshape(shape),
        d.error.reshape(shape),
        evaluations,
        d.status.reshape(shape),
        d.step.reshape(shape),
        d.order.reshape(shape),
        d.left.reshape(shape),
        d.right.reshape(shape),
        method,
        note,
    )
