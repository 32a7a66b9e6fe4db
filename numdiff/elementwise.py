"""The n-th derivative of a function of one variable, at one point or at many."""

from collections.abc import Callable, Sequence
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from numdiff.arguments import check_function, read_order, real_array
from numdiff.calls import Elementwise
from numdiff.complexstep import complex_points, confirmed, imaginary_parts, slopes_of
from numdiff.differentiate import Derivatives
from numdiff.errors import InputError
from numdiff.methods import solve
from numdiff.options import Options, read_options, within_tolerances
from numdiff.points import joined
from numdiff.result import Estimate

__all__ = ["as_estimate", "estimate"]

# So many points are worked on together: memory stays bounded, and NumPy busy.
_TOGETHER = 16384


def estimate(
    f: Callable[..., Any], x: Any, n: int = 1, *, args: Any = (), **options: Unpack[Options]
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
    args : array_like or sequence of array_like
        Further arguments of f; arrays broadcast with x. One that is no tuple or list stands alone.
    method : {'auto', 'richardson', '2-point', '3-point', 'cs'}
        'auto' and 'richardson' extrapolate real values over a ladder of steps; '2-point' and
        '3-point' are plain differences (n = 1), 'cs' the complex step (n = 1), confirmed by one
        real estimate and given up for it where they disagree.
    bounds : (array_like, array_like), optional
        f is never evaluated outside. At a bound the status is EDGE, the value one-sided.
    rel_step, abs_step : array_like, optional
        The step of the plain methods, relative to |x| (to 1 at zero) or absolute; for 'auto' the
        largest step of the ladder. Signs do not count: for one side there is `step_direction`.
    tolerances : {'atol': float, 'rtol': float}, optional
        The status is INCONCLUSIVE where the error bar exceeds ``atol + rtol * abs(value)``, unless
        there is no derivative at all.
    maxiter : int, optional
        How many steps the ladder has, at most; n + 4 to 60.
    order : int, optional
        The highest order of the formulas, even: the power of the step with which their error falls.
    initial_step : array_like, optional
        The largest step of the ladder, as `abs_step`.
    step_factor : float, optional
        The ratio of one step to the next.
    step_direction : array_like, optional
        Where it is positive, f is evaluated at x and to the right alone, where negative to the
        left; the status is EDGE there, the value one-sided.
    workers : concurrent.futures.Executor, optional
        Makes the real calls of a function of single numbers; the answer is the same to the bit.

    Returns
    -------
    Estimate
        Arrays of the shape to which x and args broadcast.

    Raises
    ------
    InputError
        For n, bounds, method, options or shapes out of range, or x outside the bounds.
    InputTypeError
        If x is no array of real numbers, f cannot be called or gives no real numbers, or an option
        is of the wrong type.

    Notes
    -----
    A ladder of exact steps is placed by a survey of f at widely spaced steps; central and
    one-sided differences are extrapolated separately (Richardson and Gaunt 1927) by least-squares
    fits of all lengths, the noise of f is measured (Moré and Wild 2011), and the fit with the least
    truncation plus rounding is taken. All of it scales with f and with x.

    A bar holds what the values show: on a plateau of rounding wider than a millionth of x, as
    ``(1 - cos(x))/x**2`` has near 1e-7, the slope is that of the plateau; and a variation of less
    than about a hundred roundings of f passes for none.

    The names of the options are those of ``scipy.differentiate.derivative`` and of
    ``approx_derivative`` in ``scipy.optimize``.

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
    n = read_order(n)
    method = options.get("method", "auto")
    points, dtype = real_array(x, "x")
    extra = [np.asarray(a) for a in (args if isinstance(args, tuple | list) else (args,))]
    try:
        shape = np.broadcast_shapes(points.shape, *(a.shape for a in extra))
    except ValueError:
        shapes = [points.shape, *(a.shape for a in extra)]
        raise InputError(f"x and args must broadcast, got shapes {shapes}; reshape one") from None
    whole = np.broadcast_to(points, shape).astype(np.float64)
    question = read_options(whole, n, options)
    flat = whole.ravel()
    extra = [np.broadcast_to(a, shape).ravel() for a in extra]
    lower, upper = (bound.ravel() for bound in question.bounds)
    sample = Elementwise(f, flat, extra, dtype, (lower, upper), workers=options.get("workers"))
    parts, note = [], ""
    for start in range(0, max(flat.size, 1), _TOGETHER):
        sample.block = slice(start, start + _TOGETHER)
        here = flat[sample.block]
        relative, absolute = (None if s is None else s[sample.block] for s in question.given)
        parts.append(solve(sample, here, n, dtype, method, (relative, absolute), question.plan))
    result = joined(parts)
    if method == "cs":
        near = complex_points(flat, result.reach, (lower, upper))
        slopes, h = _complex_slopes(f, near, extra, sample.takes_arrays)
        sample.evaluations += slopes.size
        result, note = confirmed(slopes, h, result)
    result = within_tolerances(result, options.get("tolerances"))
    return as_estimate(result, shape, sample.evaluations, method, note)


def _complex_slopes(
    f: Callable[..., Any],
    near: tuple[NDArray[np.complex128], NDArray[np.float64]],
    args: Sequence[NDArray[Any]],
    takes_arrays: bool,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """``Im f/h`` at the points of the complex step, shape (K, P), and h."""
    points, h = near
    slopes = np.full(points.shape, np.nan)
    if takes_arrays:
        flat = [np.broadcast_to(a, points.shape).ravel() for a in args]
        parts = imaginary_parts(f, points.ravel(), *flat)
        if parts.shape == (points.size,):
            slopes = slopes_of(parts.reshape(points.shape), h)
    else:
        for k, row in enumerate(points):
            for p, z in enumerate(row):
                parts = imaginary_parts(f, z, *(a[p] for a in args))
                slopes[k, p] = slopes_of(parts, h[p]) if parts.shape == () else np.nan
    return slopes, h


def as_estimate(
    d: Derivatives,
    shape: tuple[int, ...] | Callable[[NDArray[Any]], Any],
    evaluations: int,
    method: str,
    note: str,
) -> Estimate:
    """The flat arrays of `d` in the shape of the answer, or as a function `shape` arranges them."""

    def shaped(a: NDArray[Any]) -> Any:
        return shape(a) if callable(shape) else a.reshape(shape)

    return Estimate(
        shaped(d.value),
        shaped(d.error),
        evaluations,
        shaped(d.status),
        shaped(d.step),
        shaped(d.order),
        shaped(d.left),
        shaped(d.right),
        method,
        note,
    )
