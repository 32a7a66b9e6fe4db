"""The derivative of a function of one array along a direction: one table, whatever the size."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numdiff import points
from numdiff.arguments import check_function, read_bounds, real_array
from numdiff.calls import Lines
from numdiff.coordinates import along_coordinates
from numdiff.crossed import Scales, axis, mixed_partials, own_steps
from numdiff.differentiate import Derivatives, differentiate
from numdiff.elementwise import as_estimate
from numdiff.errors import InputError
from numdiff.result import Estimate, Status
from numdiff.verdict import constant

__all__ = ["Ray", "estimate_along", "estimate_curvature"]

Array = NDArray[np.float64]

# So many outputs are extrapolated together: enough to keep NumPy busy, few enough for memory.
_TOGETHER = 4096


class Ray:
    """Values of a function of one array on the line ``x + (s - start) v``, by output.

    The parameter starts at |x|/|v|, not at zero, so that a step in it is large or small against
    x as it would be for a function of one variable. `block` says which outputs are being worked
    on; what a call of f shows of the others is kept for them.
    """

    # Each coordinate is rounded by itself.
    blur = 4.0

    def __init__(self, lines: Lines, x: NDArray[Any], v: Array) -> None:
        self.block = slice(None)
        self._lines = lines
        self._x = x
        self._v = v
        self.start = float(np.max(np.abs(x), initial=0.0) / np.max(np.abs(v), initial=0.0))
        self._known: dict[float, Array] = {}

    @property
    def eps(self) -> float:
        """The rounding unit of the points and values: the coarser of the two."""
        return max(self._lines.eps, float(np.finfo(self._x.dtype).eps))

    def __call__(self, points: Array) -> Array:
        """Values at the parameters `points`, shape (K, P) for the P outputs of the block."""
        wanted = np.nonzero(np.isfinite(points))
        parameters, which = np.unique(points[wanted], return_inverse=True)
        rows = np.empty((len(parameters), points.shape[1]))
        for row, s in zip(rows, parameters.tolist(), strict=True):
            row[:] = self._all(s)[self.block]
        values = np.full(points.shape, np.nan)
        values[wanted] = rows[which, wanted[1]]
        return values

    def _all(self, s: float) -> Array:
        """All outputs at one parameter, from f only if this is the first block that asks."""
        if s not in self._known:
            moved = (self._x + (s - self.start) * self._v).astype(self._x.dtype)
            self._known[s] = self._lines.at(moved)
        return self._known[s]


def _read(f: Any, x: Any, v: Any) -> tuple[NDArray[Any], Array]:
    check_function(f)
    point, _ = real_array(x, "x")
    direction, _ = real_array(v, "the direction")
    if direction.shape != point.shape:
        raise InputError(
            f"the direction must have the shape of x, got {direction.shape} and {point.shape};"
            " reshape it"
        )
    return point, direction.astype(np.float64)


def _along(lines: Lines, x: NDArray[Any], v: Array, n: int) -> Derivatives:
    ray = Ray(lines, x, v)
    # The parameter itself is a double, but x moves in steps of its own type.
    dtype = np.dtype(np.float32) if lines.dtype == np.float32 else np.dtype(np.float64)
    start = np.full(lines.outputs, ray.start).astype(dtype).astype(np.float64)
    ray.start = float(start[0]) if start.size else 0.0
    parts = []
    for first in range(0, max(lines.outputs, 1), _TOGETHER):
        ray.block = slice(first, first + _TOGETHER)
        parts.append(differentiate(ray, start[ray.block], n, dtype))
    return points.joined(parts)


def estimate_along(f: Callable[[Any], Any], x: Any, v: Any) -> tuple[Array, Estimate]:
    """The value of f at x and its derivative along v, with error bars.

    Parameters
    ----------
    f : callable
        Takes an array of the shape of x and gives an array of any shape.
    x, v : array_like
        Where, and along which direction; of the same shape.

    Returns
    -------
    ndarray, Estimate
        f(x), and ``d/ds f(x + s v)`` at s = 0, both of f's shape.

    Raises
    ------
    InputError, InputTypeError
        As `estimate_jacobian`; and if the shapes of x and v differ.

    Examples
    --------
    >>> value, slope = estimate_along(lambda w: w[0] * w[1], [2.0, 3.0], [1.0, 1.0])
    >>> float(value), round(float(slope.value), 9)
    (6.0, 5.0)
    """
    point, direction = _read(f, x, v)
    lines = Lines(f, point, read_bounds(None, point))
    d = _along(lines, point, direction, 1) if direction.any() else constant(lines.outputs)
    return lines.value, as_estimate(d, lines.shape, lines.evaluations, "auto", "")


def estimate_curvature(f: Callable[[Any], Any], x: Any, v: Any) -> Estimate:
    """The Hessian of a scalar function times v, one cross table for each coordinate.

    Parameters
    ----------
    f : callable
        Takes an array of the shape of x and gives a scalar.
    x, v : array_like
        Where, and which vector; of the same shape.

    Returns
    -------
    Estimate
        Of the shape of x.

    Raises
    ------
    InputError, InputTypeError
        As `estimate_hessian`; and if the shapes of x and v differ.

    Examples
    --------
    >>> estimate_curvature(lambda w: w[0] ** 2 * w[1], [2.0, 3.0], [1.0, 0.0]).value.round(7)
    array([6., 4.])
    """
    point, direction = _read(f, x, v)
    lines = Lines(f, point, read_bounds(None, point))
    if lines.shape != ():
        raise InputError(f"hvp needs a scalar result, got shape {lines.shape}; use jacobian")
    if not direction.any():
        return as_estimate(constant(point.size), point.shape, lines.evaluations, "auto", "")
    along = along_coordinates(lines, point, 2, "auto", (None, None))
    ray = _along(lines, point, direction, 2)
    size, weights = point.size, direction.ravel()
    # f may hardly change along v, but what crosses it changes on the scale of the coordinates.
    own = own_steps(along, point.astype(np.float64).ravel())
    across_scale = np.min(own[weights != 0] / np.abs(weights[weights != 0]))
    sides = np.array([along.right, along.left])
    scales = Scales(
        np.stack([own, np.full(size, min(2 * float(ray.reach[0]), across_scale))]),
        False,
        np.logical_and(~np.isnan(sides).any(axis=0), ray.status[0] != Status.EDGE),
        np.full(size, np.nan_to_num(np.append(along.noise, ray.noise)).max()),
    )
    mixed = mixed_partials(lines, point, lambda i: (axis(i, size), weights), scales)
    with np.errstate(all="ignore"):
        # The steps along v are rounded in each coordinate: what that does to each term of the sum.
        terms = np.abs(mixed.value) + np.abs(along.value * weights)
    d = Derivatives(
        value=mixed.value,
        error=mixed.error + np.nan_to_num(terms) * float(np.finfo(np.float64).eps),
        status=mixed.status,
        step=mixed.step,
        order=mixed.order,
        left=np.full(size, np.nan),
        right=np.full(size, np.nan),
        reach=np.full(size, np.nan),
        noise=np.full(size, np.nan),
    )
    return as_estimate(d, point.shape, lines.evaluations, "auto", "")
