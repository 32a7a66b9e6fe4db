"""Elementwise functions that can only be called with all their entries at once.

Where another argument is an array, f at one entry of x needs that argument's entry too. Instead of
guessing which arguments go along, f is called with the whole of x, every entry moved by its own
step; and two calls check that no entry looks at its neighbours.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numdiff import steps
from numdiff.calls import NOT_DEFINED, quiet, real_values
from numdiff.complexstep import complex_points, confirmed, imaginary_parts, slopes_of
from numdiff.elementwise import as_estimate
from numdiff.errors import InputError
from numdiff.methods import solve
from numdiff.options import Options, read_options, within_tolerances
from numdiff.result import Estimate

__all__ = ["Rows", "estimate_rows"]

Array = NDArray[np.float64]


class Rows:
    """Values of f with every entry of x replaced at once, one call for each row of points."""

    def __init__(
        self, f: Callable[[Any], Any], x: NDArray[Any], bounds: tuple[Array, Array]
    ) -> None:
        self.eps = float(np.finfo(np.float64).eps)
        self.evaluations = 0
        self._f = f
        self._x = x
        self._lower, self._upper = (b.ravel() for b in bounds)
        base = self._call(x)
        if base.shape != x.shape:
            raise InputError(
                f"derivative needs an elementwise f, got shape {base.shape} from {x.shape};"
                " broadcast x first, or use jacobian"
            )
        self._check(base)

    def _call(self, x: NDArray[Any]) -> Array:
        self.evaluations += x.size
        with quiet():
            values, eps = real_values(self._f(x.copy()))
        self.eps = max(self.eps, eps)
        return values

    def _check(self, base: Array) -> None:
        """Move every other entry: the outputs between them must not change."""
        x, shape = self._x.astype(np.float64).ravel(), self._x.shape
        above, below, _ = steps.exact(x, 1e-3 * steps.unit(x), self._x.dtype)
        room = np.where(above <= self._upper, above, np.where(below >= self._lower, below, x))
        near = np.where(np.isfinite(room), room, x).reshape(shape)
        moved_first = (np.arange(x.size) % 2 == 0).reshape(shape)
        for moves in (moved_first, ~moved_first):
            try:
                values = self._call(np.where(moves, near, self._x).astype(self._x.dtype))
            except NOT_DEFINED:  # an edge so close says nothing of the other entries
                continue
            if not np.array_equal(values[~moves], base[~moves], equal_nan=True):
                raise InputError(
                    f"derivative needs an elementwise f, got one that mixes the entries of its"
                    f" argument of shape {self._x.shape}; use jacobian"
                )

    def __call__(self, points: Array) -> Array:
        """Values at `points`, shape (K, x.size)."""
        wanted = np.isfinite(points) & (points >= self._lower) & (points <= self._upper)
        values = np.full(points.shape, np.nan)
        for k, row in enumerate(points):
            if wanted[k].any():
                values[k] = self._row(row, wanted[k])
        return values

    def _row(self, row: Array, wanted: NDArray[np.bool_]) -> Array:
        """Values with all wanted entries moved; one at a time if f is not defined at them all."""
        moved = np.where(wanted, row, self._x.ravel())
        try:
            result = self._call(moved.astype(self._x.dtype).reshape(self._x.shape)).ravel()
        except NOT_DEFINED:
            alone = [np.arange(row.size) == i for i in np.flatnonzero(wanted)]
            if len(alone) == 1:
                return np.full(row.shape, np.nan)
            return np.fmax.reduce([self._row(row, one) for one in alone])
        return np.where(wanted & np.isfinite(result), result, np.nan)


def estimate_rows(f: Callable[[Any], Any], x: NDArray[Any], n: int, asked: Options) -> Estimate:
    """As `estimate`, for an f that takes x only whole."""
    method = asked.get("method", "auto")
    question = read_options(x, n, asked)
    rows = Rows(f, x, question.bounds)
    flat = x.astype(np.float64).ravel()
    result = solve(rows, flat, n, x.dtype, method, question.given, question.plan)
    note = ""
    if method == "cs":
        lower, upper = (bound.ravel() for bound in question.bounds)
        points, h = complex_points(flat, result.reach, (lower, upper))
        slopes = np.full(points.shape, np.nan)
        for k, row in enumerate(points):
            parts = imaginary_parts(f, row.reshape(x.shape))
            if parts.shape == x.shape:
                slopes[k] = slopes_of(parts.ravel(), h)
        rows.evaluations += points.size
        result, note = confirmed(slopes, h, result)
    result = within_tolerances(result, asked.get("tolerances"))
    return as_estimate(result, x.shape, rows.evaluations, method, note)
