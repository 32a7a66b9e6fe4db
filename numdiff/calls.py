"""How is f called? As arrays or one number at a time, with copies, counted, and within bounds.

Both samplers turn an array of points into an array of values. A point that is NaN or out of
bounds is not evaluated and gives NaN; an ``ArithmeticError`` or ``ValueError`` raised anywhere but
at x itself is taken for "not defined there" and gives NaN as well.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numdiff.arguments import plain
from numdiff.errors import InputError, InputTypeError, shortened
from numdiff.silence import quiet
from numdiff.workers import check_workers, results

__all__ = ["NOT_DEFINED", "Elementwise", "Lines", "quiet", "real_values", "sizes"]

Array = NDArray[np.float64]

# Two orders of summation may differ by some roundings; a function that mixes up its elements
# differs by far more. A mistake here costs time only: scalar calls are always right.
_SAME = 64


# What a function may raise where it is not defined. numpy.linalg.LinAlgError is a ValueError.
NOT_DEFINED = (ArithmeticError, ValueError)


def real_values(result: Any) -> tuple[Array, float]:
    """The result of f as float64, and the rounding unit of the type it came in."""
    try:
        values = np.asarray(result)
        if values.dtype.kind == "O":
            values = plain(values)
    except (TypeError, ValueError):
        raise InputTypeError(
            f"f must give real numbers, got {shortened(result)}; return a float or a float array"
        ) from None
    if values.dtype.kind not in "fiub":
        raise InputTypeError(
            f"f must give real numbers, got {shortened(result)} of dtype {values.dtype};"
            " differentiate its real and imaginary part, or return floats"
        )
    eps = float(np.finfo(values.dtype).eps) if values.dtype.kind == "f" else 0.0
    return values.astype(np.float64), max(eps, float(np.finfo(np.float64).eps))


def sizes(sample: Callable[[Array], Array], points: Array, values: Array) -> Array:
    """How large the numbers are that were rounded on the way to `values`: their own size at least.

    A sampler whose values are differences of larger ones says so in a method ``sizes``.
    """
    known = getattr(sample, "sizes", None)
    return np.abs(values) if known is None else known(points)


class Elementwise:
    """Values of an elementwise function at points near x, one column of points for each x.

    Whether f takes arrays is found out with the first points: f is called with a few of them one
    at a time and with all of them at once, and the results are compared. Scalar calls are made by
    the `workers`, if there are any. `block` says which of the x are being worked on.
    """

    def __init__(
        self,
        f: Callable[..., Any],
        x: Array,
        args: Sequence[NDArray[Any]],
        dtype: np.dtype[Any],
        bounds: tuple[Array, Array],
        *,
        workers: Executor | None = None,
    ) -> None:
        check_workers(workers, f)
        self.dtype = dtype
        self.eps = float(np.finfo(np.float64).eps)
        self.evaluations = 0
        self.block = slice(None)
        self._f = f
        self._x = x
        self._args = args
        self._lower, self._upper = bounds
        self._workers = workers
        self._takes_arrays: bool | None = None

    @property
    def takes_arrays(self) -> bool:
        """Whether an array call gave what scalar calls give."""
        return bool(self._takes_arrays)

    def __call__(self, points: Array) -> Array:
        """Values at `points`, shape (K, P) for the P points of the block of x; so is the result."""
        lower, upper = self._lower[self.block], self._upper[self.block]
        which = np.nonzero(np.isfinite(points) & (points >= lower) & (points <= upper))
        flat = points[which].astype(self.dtype)
        args = [a[self.block][which[1]] for a in self._args]
        at_x = flat == self._x[self.block][which[1]]
        values = np.full(points.shape, np.nan)
        if flat.size:
            values[which] = self._evaluate(flat, args, at_x)
        return np.where(np.isfinite(values), values, np.nan)

    def _evaluate(self, flat: NDArray[Any], args: list[NDArray[Any]], at_x: Any) -> Array:
        if self._takes_arrays is None:
            return self._find_out(flat, args, at_x)
        if self._takes_arrays:
            try:
                values = self._array_call(flat, args)
            except NOT_DEFINED:  # at one of the points: which of them, scalar calls will tell
                values = None
            if values is not None and values.shape == flat.shape:
                return values
        return self._scalar_calls(flat, args, at_x)

    def _find_out(self, flat: NDArray[Any], args: list[NDArray[Any]], at_x: Any) -> Array:
        probes = np.unique([0, flat.size - 1])
        alone = self._scalar_calls(flat[probes], [a[probes] for a in args], at_x[probes])
        self._takes_arrays = False
        if flat.size > len(probes):
            try:
                together = self._array_call(flat, args)
            except Exception:  # whatever a scalar function does with an array, it is no array call
                together = None
            if together is not None and together.shape == flat.shape:
                scale = self.eps * np.nanmax(np.abs(alone), initial=0.0)
                near = np.abs(together[probes] - alone) <= _SAME * scale
                both_lost = np.isnan(alone) & ~np.isfinite(together[probes])
                same = (together[probes] == alone) | near | both_lost
                if same.all():
                    self._takes_arrays = True
                    return together
        return self._scalar_calls(flat, args, at_x)

    def _array_call(self, flat: NDArray[Any], args: list[NDArray[Any]]) -> Array:
        with quiet():
            result = self._f(flat.copy(), *(a.copy() for a in args))
        values, eps = real_values(result)
        self.eps = max(self.eps, eps)
        self.evaluations += flat.size
        return values

    def _scalar_calls(self, flat: NDArray[Any], args: list[NDArray[Any]], at_x: Any) -> Array:
        values = np.empty(flat.shape)
        call = partial(_one_number, self._f)
        items = zip(at_x, flat, *args, strict=True)
        self.evaluations += flat.size
        for i, found in enumerate(results(call, items, self._workers, 2 + len(args))):
            if found is None:
                values[i] = np.nan
            else:
                values[i], eps = found
                self.eps = max(self.eps, eps)
        return values


def _one_number(f: Callable[..., Any], item: tuple[Any, ...]) -> tuple[float, float] | None:
    """F at one point, and the rounding unit of its type; None where it is not defined.

    It stands outside the class, with all that it needs, so that it can travel to a process.
    """
    at_x, *arguments = item
    try:
        with quiet():
            result = f(*arguments)
    except NOT_DEFINED:
        if at_x:
            raise
        return None
    value, eps = real_values(result)
    if value.shape != ():
        raise InputError(
            f"f must give one number for one point, got shape {value.shape};"
            " use jacobian for functions of or into arrays"
        )
    return float(value), eps


class Lines:
    """A function of one array near x: called with copies, counted, and kept within bounds.

    Calls that do not wait for one another are made by the `workers`, if there are any.
    """

    def __init__(
        self,
        f: Callable[..., Any],
        x: NDArray[Any],
        bounds: tuple[Array, Array],
        workers: Executor | None = None,
    ) -> None:
        check_workers(workers, f)
        self.dtype = x.dtype
        self.eps = float(np.finfo(np.float64).eps)
        self.evaluations = 1
        self.x = x
        self.lower, self.upper = bounds
        self.workers = workers
        self._f = f
        self.value, eps = _of_array(f, x)
        self.eps = max(self.eps, eps)
        self.shape = self.value.shape

    @property
    def outputs(self) -> int:
        """How many numbers f gives."""
        return self.value.size

    @property
    def row(self) -> Array:
        """All outputs at x, flattened; NaN where they are not finite."""
        return np.where(np.isfinite(self.value), self.value, np.nan).ravel()

    def at(self, moved: NDArray[Any]) -> Array:
        """All outputs at the point `moved`, flattened; NaN where f is not defined."""
        if not np.all((moved >= self.lower) & (moved <= self.upper)):
            return np.full(self.outputs, np.nan)
        row = self._row(_defined(self._f, moved))
        return np.full(self.outputs, np.nan) if row is None else row

    def each(self, moved: Iterable[NDArray[Any]]) -> Iterator[Array | None]:
        """All outputs at each of several points within the bounds; None where f raised.

        The points are taken, and the outputs given, some at a time: all need not be in memory.
        """
        call = partial(_defined, self._f)
        for found in results(call, moved, self.workers, self.x.size + self.outputs):
            yield self._row(found)

    def _row(self, found: tuple[Array, float] | None) -> Array | None:
        self.evaluations += 1
        if found is None:
            return None
        values, eps = found
        self.eps = max(self.eps, eps)
        if values.shape != self.shape:
            raise InputError(
                f"f must give one shape near x, got {self.shape} and {values.shape};"
                " make its result's shape independent of the values"
            )
        return np.where(np.isfinite(values), values, np.nan).ravel()


def _of_array(f: Callable[..., Any], x: NDArray[Any]) -> tuple[Array, float]:
    """F at one array, of which it gets a copy, and the rounding unit of its type."""
    with quiet():
        return real_values(f(x.copy()[()]))


def _defined(f: Callable[..., Any], x: NDArray[Any]) -> tuple[Array, float] | None:
    """As `_of_array`; None where f is not defined."""
    try:
        return _of_array(f, x)
    except NOT_DEFINED as error:
        if isinstance(error, InputError):
            raise
        return None
