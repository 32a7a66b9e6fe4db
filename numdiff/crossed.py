"""The Hessian of a scalar function: curvature along coordinates and across pairs of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numdiff import steps
from numdiff.arguments import check_function, check_method, read_bounds, real_array
from numdiff.calls import Lines
from numdiff.coordinates import along_coordinates, coordinate_steps
from numdiff.differentiate import Derivatives
from numdiff.errors import InputError
from numdiff.extrapolate import Samples, choose
from numdiff.result import Estimate, Status

__all__ = ["Mixed", "estimate_hessian", "mixed_partials"]

Array = NDArray[np.float64]

# The ladder of a pair is tried again with all steps smaller where the scales of the two
# directions alone led too far: twice its own length down is enough for any product.
_ATTEMPTS = 3


@dataclass(frozen=True)
class Mixed:
    """Second derivatives along pairs of directions; arrays of shape (Q,)."""

    value: Array
    error: Array
    status: NDArray[np.int64]
    step: Array
    order: NDArray[np.int64]


@dataclass(frozen=True)
class Scales:
    """What is known about Q pairs of directions before any cross difference is taken.

    Attributes
    ----------
    top : ndarray, shape (2, Q)
        The largest step along each direction, negative where only that side is open.
    central : ndarray of bool, shape (Q,)
        Whether both sides of both directions are open.
    noise : ndarray, shape (Q,)
        Standard deviation of the noise of f.
    """

    top: Array
    central: NDArray[np.bool_]
    noise: Array


def estimate_hessian(
    f: Callable[[Any], Any],
    x: Any,
    *,
    method: str = "auto",
    bounds: tuple[Any, Any] | None = None,
    rel_step: Any = None,
    abs_step: Any = None,
) -> Estimate:
    """Estimate the Hessian of a scalar function of one array, each entry with its own error bar.

    Parameters
    ----------
    f : callable
        Takes an array of the shape of x and gives a scalar; it gets a copy each time.
    x : array_like
        Where.
    bounds : (array_like, array_like), optional
        f is never evaluated outside; at a bound the differences are one-sided.
    method : {'auto', 'richardson'}
        Both extrapolate real values over a ladder of steps.
    rel_step, abs_step : array_like, optional
        The largest steps of the ladders, relative to |x| or absolute; broadcast to x.

    Returns
    -------
    Estimate
        `value` of shape ``in.shape + in.shape``, exactly symmetric. `left` and `right` are known
        on the diagonal only.

    Raises
    ------
    InputError
        If f gives no scalar, x lies outside the bounds, or shapes do not fit.
    InputTypeError
        If x is no array of real numbers or f cannot be called or gives no real numbers.

    Notes
    -----
    The diagonal comes from `estimate`'s own tables for n = 2. The mixed entries are cross
    differences ``(f(++) - f(+-) - f(-+) + f(--))/(4 h k)``, which are even in a common factor of
    both steps (Abramowitz and Stegun, 25.3.26) and so are extrapolated in its square.

    Examples
    --------
    >>> result = estimate_hessian(lambda v: v[0] ** 2 * v[1], [2.0, 3.0])
    >>> result.value.round(7).tolist()
    [[6.0, 4.0], [4.0, 0.0]]
    """
    check_function(f)
    check_method(method, 2)
    point, _ = real_array(x, "x")
    lines = Lines(f, point, read_bounds(bounds, point))
    if lines.shape != ():
        raise InputError(f"hessian needs a scalar result, got shape {lines.shape}; use jacobian")
    size = point.size
    given = coordinate_steps(point, (rel_step, abs_step))
    along = along_coordinates(lines, point, 2, method, given)
    top = steps.largest(point.astype(np.float64).ravel(), *given)
    upper = np.triu_indices(size, 1)
    directions = np.eye(size)
    mixed = mixed_partials(
        lines, point, directions[upper[0]], directions[upper[1]], _scales(along, upper, top)
    )
    result = []
    for diagonal, beside in (
        (along.value, mixed.value),
        (along.error, mixed.error),
        (along.status, mixed.status),
        (along.step, mixed.step),
        (along.order, mixed.order),
        (along.left, np.full(len(upper[0]), np.nan)),
        (along.right, np.full(len(upper[0]), np.nan)),
    ):
        full = np.zeros((size, size), dtype=diagonal.dtype)
        full[np.diag_indices(size)] = diagonal
        full[upper] = beside
        full.T[upper] = beside
        result.append(full.reshape(point.shape * 2))
    value, error, status, step, order, left, right = result
    return Estimate(value, error, lines.evaluations, status, step, order, left, right)


def _scales(along: Derivatives, pairs: tuple[NDArray[np.intp], ...], given: Array | None) -> Scales:
    """The largest steps for each pair, from what the diagonal showed."""
    side = np.where(np.isnan(along.right) & ~np.isnan(along.left), -1.0, 1.0)
    top = side * (2 * along.reach if given is None else given)
    edge = along.status == Status.EDGE
    noise = np.where(np.isfinite(along.noise), along.noise, 0.0)
    first, second = pairs
    # An edge in one direction makes the cross difference one-sided in both.
    return Scales(
        np.stack([top[first], top[second]]),
        ~(edge[first] | edge[second]),
        np.maximum(noise[first], noise[second]),
    )


def mixed_partials(
    lines: Lines,
    x: NDArray[Any],
    first: Array,
    second: Array,
    scales: Scales,
) -> Mixed:
    """Second derivatives of a scalar function, once along each of two directions.

    Parameters
    ----------
    lines : Lines
        The function; its evaluations are counted there.
    x : ndarray
        Where.
    first, second : ndarray, shape (Q, x.size)
        The directions.
    scales : Scales
        Steps and noise of each pair.

    Returns
    -------
    Mixed
    """
    count = len(first)
    value, error, step = np.full(count, np.nan), np.full(count, np.inf), np.full(count, np.nan)
    order = np.zeros(count, dtype=np.int64)
    status = np.full(count, Status.INCONCLUSIVE, dtype=np.int64)
    shrink = 1.0
    for _ in range(_ATTEMPTS):
        open_pairs = np.nonzero(status == Status.INCONCLUSIVE)[0]
        if not open_pairs.size:
            break
        for central in (True, False):
            q = open_pairs[scales.central[open_pairs] == central]
            if q.size:
                here = Scales(scales.top[:, q] * shrink, scales.central[q], scales.noise[q])
                found = _one_ladder(lines, x, (first[q], second[q]), here, central)
                better = found.error < error[q]
                value[q] = np.where(better, found.value, value[q])
                error[q] = np.where(better, found.error, error[q])
                step[q] = np.where(better, found.step, step[q])
                order[q] = np.where(better, found.order, order[q])
                status[q] = found.status
        shrink *= steps.RATIO ** -(steps.COUNT - 1)
    return Mixed(value, error, status, step, order)


def _one_ladder(
    lines: Lines, x: NDArray[Any], pair: tuple[Array, Array], scales: Scales, central: bool
) -> Mixed:
    """Extrapolate the cross differences of each pair over one common ladder of both steps."""
    flat = x.astype(np.float64).ravel()
    top = scales.top
    count = top.shape[1]
    rungs = steps.RATIO ** np.arange(1.0 - steps.COUNT, 1.0)
    signs = ((1, 1), (1, -1), (-1, 1), (-1, -1)) if central else ((1, 1), (1, 0), (0, 1), (0, 0))
    values = np.full((len(rungs), 4, count), np.nan)
    divisor = np.full((len(rungs), count), np.nan)
    for k, rung in enumerate(rungs):
        for p in range(count):
            u, du = _moved(flat, pair[0][p], rung * top[0, p], lines.dtype)
            v, dv = _moved(flat, pair[1][p], rung * top[1, p], lines.dtype)
            divisor[k, p] = (4 if central else 1) * du * dv
            for s, (a, b) in enumerate(signs):
                moved = (flat + a * u + b * v).astype(lines.dtype).reshape(x.shape)
                values[k, s, p] = lines.at(moved)[0]
    with np.errstate(all="ignore"):
        return _extrapolated(lines, values, divisor, rungs, scales, central)


def _extrapolated(
    lines: Lines, values: Array, divisor: Array, rungs: Array, scales: Scales, central: bool
) -> Mixed:
    exponent = np.frexp(np.abs(float(lines.value)) or np.nanmax(np.abs(values), initial=0.0))[1]
    values = np.ldexp(values, -exponent)
    unit = divisor[-1] / rungs[-1] ** 2
    cross = values[:, 0] - values[:, 1] - values[:, 2] + values[:, 3]
    scaled = divisor / unit
    power = 2 if central else 1
    t = np.broadcast_to((rungs**power)[:, None], cross.shape)
    noise = np.ldexp(scales.noise, -exponent)
    rounding = np.sqrt(np.sum(np.maximum(0.3 * lines.eps * np.abs(values), noise) ** 2, axis=1))
    samples = Samples(t, cross / scaled, scaled, rounding, np.zeros(cross.shape[1]), 0, (power, 2))
    choice = choose(samples, steps.RATIO)
    value = np.ldexp(choice.value / unit, exponent)
    error = np.ldexp(choice.error / np.abs(unit), exponent) + np.spacing(np.abs(value)) / 2
    columns = np.arange(cross.shape[1])
    largest = np.max(np.abs(values[choice.row, :, columns]), axis=1)
    swing = np.ldexp(largest / np.abs(divisor[choice.row, columns]), exponent)
    small = (error <= 1e-6 * np.abs(value)) | (choice.error <= 20 * choice.rounding)
    small |= error <= 1e-10 * swing
    status = np.where(np.isfinite(value) & small, Status.CONVERGED, Status.INCONCLUSIVE)
    return Mixed(
        value,
        np.where(np.isfinite(value), error, np.inf),
        status.astype(np.int64),
        rungs[choice.row] * np.max(np.abs(scales.top), axis=0),
        (power * (choice.degree + 1)).astype(np.int64),
    )


def _moved(x: Array, direction: Array, step: float, dtype: np.dtype[Any]) -> tuple[Array, float]:
    """The displacement of x by a step along a direction, and the step as it came out."""
    only = np.flatnonzero(direction)
    if len(only) == 1 and direction[only[0]] == 1:
        j = only[0]
        _, _, exact = steps.exact(x[j], np.abs(step), dtype)
        shift = np.zeros_like(x)
        shift[j] = np.copysign(exact, step)
        return shift, float(shift[j])
    return step * direction, step
