"""The Jacobian of a function of one array: the first derivative along every coordinate."""

from collections.abc import Callable
from dataclasses import replace
from math import factorial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numdiff import steps
from numdiff.arguments import check_function, check_method, read_bounds, real_array, spread_step
from numdiff.calls import Lines
from numdiff.complexstep import complex_points, confirmed, imaginary_parts
from numdiff.differences import difference
from numdiff.differentiate import Derivatives, differentiate
from numdiff.reach import CLEAR
from numdiff.result import Estimate

__all__ = ["along_coordinates", "coordinate_steps", "estimate_jacobian"]

# So many problems are extrapolated together: enough to keep NumPy busy, few enough for memory.
_TOGETHER = 4096


def estimate_jacobian(
    f: Callable[[Any], Any],
    x: Any,
    *,
    method: str = "auto",
    bounds: tuple[Any, Any] | None = None,
    rel_step: Any = None,
    abs_step: Any = None,
) -> Estimate:
    """Estimate the Jacobian of a function of one array, every entry with its own error bar.

    Parameters
    ----------
    f : callable
        Takes an array of the shape of x (a scalar for a scalar) and gives an array of any shape;
        it gets a copy each time, so it may change its argument.
    x : array_like
        Where.
    method, bounds, rel_step, abs_step
        As in `estimate`; steps broadcast to x.

    Returns
    -------
    Estimate
        `value` of shape ``out.shape + in.shape``; the gradient where f gives a scalar.

    Raises
    ------
    InputError
        For bounds, method or shapes out of range, x outside the bounds, or a result of f that
        changes its shape.
    InputTypeError
        If x is no array of real numbers or f cannot be called or gives no real numbers.

    Notes
    -----
    Each coordinate is a problem of one variable, solved as in `estimate`; a call of f serves all
    its outputs, which share the rungs of their ladders.

    Examples
    --------
    >>> result = estimate_jacobian(lambda v: np.array([v[0] * v[1], v[0] ** 2]), [2.0, 3.0])
    >>> result.value.round(9).tolist()
    [[3.0, 2.0], [4.0, 0.0]]
    """
    return estimate_columns(
        f, x, 1, method=method, bounds=bounds, rel_step=rel_step, abs_step=abs_step
    )


def estimate_columns(
    f: Callable[[Any], Any],
    x: Any,
    n: int,
    *,
    method: str,
    bounds: tuple[Any, Any] | None,
    rel_step: Any,
    abs_step: Any,
) -> Estimate:
    """The n-th derivative of every output along every coordinate, as `estimate_jacobian`."""
    check_function(f)
    check_method(method, n)
    point, _ = real_array(x, "x")
    limits = read_bounds(bounds, point)
    lines = Lines(f, point, limits)
    given = coordinate_steps(point, (rel_step, abs_step))
    d = along_coordinates(lines, point, n, method, given)
    calls, note = lines.evaluations, ""
    if method == "cs":
        d, more, note = _complex_columns(f, point, lines, d)
        calls += more
    into = (*lines.shape, *point.shape)

    def shaped(a: NDArray[Any]) -> NDArray[Any]:
        return a.reshape(point.size, lines.outputs).T.reshape(into)

    return Estimate(
        shaped(d.value),
        shaped(d.error),
        calls,
        shaped(d.status),
        shaped(d.step),
        shaped(d.order),
        shaped(d.left),
        shaped(d.right),
        method,
        note,
    )


def coordinate_steps(x: NDArray[Any], given: tuple[Any, Any]) -> tuple[Any, Any]:
    """`rel_step` and `abs_step` with one entry for each coordinate of x, flattened."""
    relative, absolute = (None if step is None else spread_step(step, x.shape) for step in given)
    return relative, absolute


def along_coordinates(
    lines: Lines, x: NDArray[Any], n: int, method: str, given: tuple[Any, Any]
) -> Derivatives:
    """n-th derivatives of all outputs along all coordinates, coordinate by coordinate."""
    count = max(lines.outputs, 1)
    batch = max(_TOGETHER // count, 1)
    parts = []
    for start in range(0, x.size, batch):
        lines.coordinates = np.arange(start, min(start + batch, x.size))
        at = np.repeat(x.ravel()[lines.coordinates].astype(np.float64), lines.outputs)
        widths = tuple(
            None if s is None else np.repeat(s[lines.coordinates], lines.outputs) for s in given
        )
        if method in ("2-point", "3-point"):
            parts.append(difference(lines, at, method, lines.dtype, (widths[0], widths[1])))
        else:
            parts.append(differentiate(lines, at, n, lines.dtype, steps.largest(at, *widths)))
    if not parts:
        none = np.zeros(0)
        whole = np.zeros(0, dtype=np.int64)
        return Derivatives(none, none, whole, none, whole, none, none, none, none)
    d = Derivatives(*(np.concatenate([getattr(p, name) for p in parts]) for name in vars(parts[0])))
    return replace(d, error=np.where(d.error == 0, _of_no_effect(d, x, n), d.error))


def _of_no_effect(d: Derivatives, x: NDArray[Any], n: int) -> NDArray[np.float64]:
    """The error bars where a coordinate moves not one bit of f.

    That says that it moves f by less than its noise, and of noise other coordinates may have shown
    more.
    """
    noise = np.nan_to_num(d.noise).reshape(x.size, -1).max(axis=0)
    at = np.repeat(x.ravel().astype(np.float64), noise.size)
    with np.errstate(all="ignore"):
        width = np.fmin(d.reach, steps.unit(at)) ** n
        bar = CLEAR * factorial(n) * np.tile(noise, x.size) / width
    return np.where(np.isfinite(bar), bar, 0.0)


def _complex_columns(
    f: Callable[[Any], Any], x: NDArray[Any], lines: Lines, real: Derivatives
) -> tuple[Derivatives, int, str]:
    """Complex-step columns where the real estimate confirms them, and the calls they took."""
    points, h = complex_points(x.astype(np.float64).ravel())
    slopes = np.full((len(points), x.size, lines.outputs), np.nan)
    for k, row in enumerate(points):
        for j, z in enumerate(row):
            moved = x.astype(np.complex128)
            moved.flat[j] = z
            parts = imaginary_parts(f, moved[()])
            if parts.shape == lines.shape:
                with np.errstate(all="ignore"):  # a step may vanish beside the smallest floats
                    slopes[k, j] = parts.ravel() / h[j]
    flat = slopes.reshape(len(points), -1)
    result, note = confirmed(flat, np.repeat(h, lines.outputs), real)
    return result, points.size, note
