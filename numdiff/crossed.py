"""The Hessian of a scalar function: curvature along coordinates and across pairs of them."""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numdiff import points, steps
from numdiff.arguments import check_function, check_method, read_bounds, real_array
from numdiff.calls import Lines
from numdiff.coordinates import along_coordinates, coordinate_steps
from numdiff.differentiate import Derivatives, differentiate
from numdiff.errors import InputError
from numdiff.result import Estimate, Status

__all__ = ["Mixed", "Scales", "axis", "estimate_hessian", "mixed_partials", "own_steps"]

Array = NDArray[np.float64]
Directions = Callable[[int], tuple[Array, Array]]

# So many pairs are worked on together, in some 10 MB that are free again before the next: as many
# as `differentiate` extrapolates together, so that it divides them at the same places.
_TOGETHER = 512

# The error of a crossing is small when it is this part of the values in it: the best that the
# noise of f allows, and six more digits.
_SMALL = 1e-10


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
        The step along each direction on whose scale f varies, negative where only that side is
        open.
    given : bool
        Whether the caller gave these steps, as the largest.
    central : ndarray of bool, shape (Q,)
        Whether both sides of both directions are open.
    noise : ndarray, shape (Q,)
        Standard deviation of the noise of f.
    """

    top: Array
    given: bool
    central: NDArray[np.bool_]
    noise: Array

    def at(self, some: slice) -> "Scales":
        """What is known about some of the pairs."""
        return Scales(self.top[:, some], self.given, self.central[some], self.noise[some])


def estimate_hessian(
    f: Callable[[Any], Any],
    x: Any,
    *,
    method: str = "auto",
    bounds: tuple[Any, Any] | None = None,
    rel_step: Any = None,
    abs_step: Any = None,
    workers: Executor | None = None,
) -> Estimate:
    """Estimate the Hessian of a scalar function of one array, each entry with its own error bar.

    Parameters
    ----------
    f : callable
        Takes an array of the shape of x and gives a scalar; it gets a copy each time.
    x : array_like
        Where.
    method : {'auto', 'richardson'}
        Both extrapolate real values over a ladder of steps.
    bounds : (array_like, array_like), optional
        f is never evaluated outside; at a bound the differences are one-sided.
    rel_step, abs_step : array_like, optional
        The largest steps of the ladders, relative to |x| or absolute; broadcast to x.
    workers : concurrent.futures.Executor, optional
        Makes those calls of f that do not wait for one another; the answer is the same to the bit.
        A process pool needs a function that can be pickled.

    Returns
    -------
    Estimate
        `value` of shape ``in.shape + in.shape``, exactly symmetric. `left` and `right` are known
        on the diagonal only.

    Raises
    ------
    InputError
        If f gives no scalar, x lies outside the bounds, or shapes do not fit; and for a function
        that a process pool cannot pickle.
    InputTypeError
        If x is no array of real numbers, f cannot be called or gives no real numbers, or `workers`
        is no executor.

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
    lines = Lines(f, point, read_bounds(bounds, point), workers)
    if lines.shape != ():
        raise InputError(f"hessian needs a scalar result, got shape {lines.shape}; use jacobian")
    size = point.size
    given = coordinate_steps(point, (rel_step, abs_step))
    along = along_coordinates(lines, point, 2, method, given)
    flat = point.astype(np.float64).ravel()
    top = steps.largest(flat, *given)
    upper = np.triu_indices(size, 1)

    def directions(q: int) -> tuple[Array, Array]:
        return axis(upper[0][q], size), axis(upper[1][q], size)

    mixed = mixed_partials(lines, point, directions, _scales(along, flat, upper, top))
    unknown = np.full(len(upper[0]), np.nan)
    value, error, status, step, order, left, right = (
        _symmetric(diagonal, beside).reshape(point.shape * 2)
        for diagonal, beside in (
            (along.value, mixed.value),
            (along.error, mixed.error),
            (along.status, mixed.status),
            (along.step, mixed.step),
            (along.order, mixed.order),
            (along.left, unknown),
            (along.right, unknown),
        )
    )
    return Estimate(
        value, error, lines.evaluations, status, step, order, left, right, method
    )  # fmt: skip


def _symmetric(diagonal: NDArray[Any], beside: NDArray[Any]) -> NDArray[Any]:
    """The matrix with that diagonal, and the others row by row above it, mirrored below."""
    size = len(diagonal)
    full = np.zeros((size, size), dtype=diagonal.dtype)
    full[np.diag_indices(size)] = diagonal
    upper = np.triu_indices(size, 1)
    full[upper] = beside
    full.T[upper] = beside
    return full


def axis(coordinate: int, size: int) -> Array:
    """The direction of one of `size` coordinates.

    Examples
    --------
    >>> axis(1, 3).tolist()
    [0.0, 1.0, 0.0]
    """
    direction = np.zeros(size)
    direction[coordinate] = 1.0
    return direction


def own_steps(along: Derivatives, x: Array) -> Array:
    """The step along each coordinate on whose scale f varies.

    Where it knows none, a polynomial of low degree, that of x; or a larger one that it took to see
    f vary at all, as beside the squares of much larger variables.
    """
    seen = np.abs(along.value) > along.error
    plain = np.fmax(steps.unit(x), np.where(seen, along.step, 0.0))
    return np.where(np.isfinite(along.reach), 2 * along.reach, plain)


def _scales(
    along: Derivatives, x: Array, pairs: tuple[NDArray[np.intp], ...], given: Array | None
) -> Scales:
    """The steps for each pair, from what the diagonal showed."""
    edge = along.status == Status.EDGE
    side = np.where(edge & np.isnan(along.right), -1.0, 1.0)
    top = side * (own_steps(along, x) if given is None else given)
    noise = np.where(np.isfinite(along.noise), along.noise, 0.0)
    first, second = pairs
    # An edge in one direction makes the cross difference one-sided in both.
    return Scales(
        np.stack([top[first], top[second]]),
        given is not None,
        ~(edge[first] | edge[second]),
        np.maximum(noise[first], noise[second]),
    )


def mixed_partials(lines: Lines, x: NDArray[Any], directions: Directions, scales: Scales) -> Mixed:
    """Derivatives of a scalar function, once along each of two directions, for Q pairs of them.

    Parameters
    ----------
    lines : Lines
        The function; its evaluations are counted there.
    x : ndarray
        Where.
    directions : callable
        Takes the number of a pair, gives both directions, each of shape (x.size,). Those of all
        pairs at once would take more memory than all that is known about them.
    scales : Scales
        Steps and noise of each pair.

    Returns
    -------
    Mixed
    """

    def block(start: int) -> Mixed:
        part = scales.at(slice(start, start + _TOGETHER))
        return _together(lines, x, lambda p: directions(start + p), part)

    return points.joined([block(q) for q in range(0, max(len(scales.noise), 1), _TOGETHER)])


def _together(lines: Lines, x: NDArray[Any], directions: Directions, scales: Scales) -> Mixed:
    """The same for as many pairs as are worked on together."""
    crosses = Crosses(lines, x, directions, scales)
    top = np.ones(len(crosses.start)) if scales.given else None
    d = differentiate(crosses, crosses.start, 2, lines.dtype, top)
    with np.errstate(all="ignore"):
        # Where the crossing is nothing but noise, f itself is what its error is small against.
        size = crosses.sizes((crosses.start + d.step)[None])[0] / d.step**2
        step = d.step * np.max(crosses.each, axis=0)
    small = np.isfinite(d.value) & (d.error <= _SMALL * size)
    return Mixed(
        d.value / crosses.factor,
        d.error / np.abs(crosses.factor),
        np.where(small & (d.status == Status.INCONCLUSIVE), Status.CONVERGED, d.status),
        step,
        d.order,
    )


class Crosses:
    """Cross differences of f about x as functions of one factor of both steps, one for each pair.

    With steps s h and s k, and divided by h k, they are ``4 s**2`` times the mixed partial, and
    even in s; on one side alone, ``s**2`` times it. So their second derivative by s is wanted at
    s = 0, and f's scale, noise and kinks are looked for there as they are for a function of one
    variable: those along the two directions alone may be quite other ones. Where exp(x y) is
    constant along both axes, or sin(x) - sin(y) along x = y, their crossing is not.

    The parameter starts at `start`, not at zero: so far out that all its numbers move x exactly.
    """

    def __init__(
        self, lines: Lines, x: NDArray[Any], directions: Directions, scales: Scales
    ) -> None:
        self._lines = lines
        self._shape = x.shape
        self._x = x.astype(np.float64).ravel()
        self._directions = directions
        self._central = scales.central
        # Powers of two: to multiply by them rounds nothing.
        self.each = np.ldexp(1.0, np.frexp(np.abs(scales.top))[1] - 1)
        self._signed = np.sign(scales.top) * self.each
        most = np.array([self._farthest(p) for p in range(len(scales.noise))])
        self.start = np.ldexp(1.0, np.frexp(np.maximum(most, 0.5))[1])
        self.factor = np.where(scales.central, 8.0, 2.0 * np.prod(np.sign(scales.top), axis=0))
        value = abs(float(lines.value))
        noise = 2 * np.fmax(scales.noise, 0.3 * lines.eps * value)
        self.noise = noise / self.each[0] / self.each[1]
        here = (0.0, value) if np.isfinite(value) else (np.nan, np.nan)
        self._known = [{0.0: here} for _ in most]

    @property
    def eps(self) -> float:
        """The rounding unit of the values."""
        return self._lines.eps

    def __call__(self, points: Array) -> Array:
        """The differences at the parameters `points`, shape (K, Q)."""
        return self._look_up(points)[0]

    def sizes(self, points: Array) -> Array:
        """How large the values are whose differences these are, as one that rounds like them."""
        return 2 * self._look_up(points)[1]

    def _look_up(self, points: Array) -> Array:
        """The differences and the largest values in them, shape (2, K, Q)."""
        found = np.full((2, *points.shape), np.nan)
        shifts = points - self.start
        asked = np.argwhere(np.isfinite(points) & (self._central | (shifts >= 0))).tolist()
        factors = np.abs(shifts)
        # Each once, in this order.
        fresh: dict[tuple[int, float], None] = {}
        for k, p in asked:
            if (s := float(factors[k, p])) not in self._known[p]:
                fresh[p, s] = None
        self._add(list(fresh))
        for k, p in asked:
            found[:, k, p] = self._known[p][float(factors[k, p])]
        return found / self.each[0] / self.each[1]

    def _add(self, fresh: list[tuple[int, float]]) -> None:
        """Take the differences of some pairs, each at one factor, in one series of calls of f."""
        values = np.full((len(fresh), 4), np.nan)
        values[[not self._central[p] for p, _ in fresh], 3] = self._lines.value
        # Where the value of each call belongs: it is known by the time that its value is.
        places: list[tuple[int, int]] = []

        def inside() -> Iterator[NDArray[Any]]:
            for i, (p, s) in enumerate(fresh):
                for corner, moved in enumerate(self._corners(p, s)):
                    if np.all((moved >= self._lines.lower) & (moved <= self._lines.upper)):
                        places.append((i, corner))
                        yield moved

        for number, row in enumerate(self._lines.each(inside())):
            if row is not None:
                values[places[number]] = row[0]
        for (p, s), (a, b, c, d) in zip(fresh, values.tolist(), strict=True):
            self._known[p][s] = (a - b) - (c - d), max(abs(a), abs(b), abs(c), abs(d))

    def _corners(self, p: int, s: float) -> Iterator[NDArray[Any]]:
        """The points of a difference; on one side alone without the last, which is x."""
        u, v = (s * step for step in self._steps(p))
        for shift in (u + v, u - v, v - u, -u - v) if self._central[p] else (u + v, u, v):
            yield (self._x + shift).astype(self._lines.dtype).reshape(self._shape)

    def _steps(self, p: int) -> list[Array]:
        return [c * along for c, along in zip(self._signed[:, p], self._directions(p), strict=True)]

    def _farthest(self, p: int) -> float:
        """How large x is at most, in the steps of one pair."""
        far = [np.abs(self._x[step != 0] / step[step != 0]) for step in self._steps(p)]
        return float(np.max(np.concatenate(far), initial=0.0))
