"""What may be asked of an estimate besides the derivative? The options, read and checked."""

from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Any, TypedDict, TypeVar

import numpy as np
from numpy.typing import NDArray

from numdiff import steps
from numdiff.arguments import check_method, read_bounds, spread_step
from numdiff.errors import InputError, InputTypeError, shortened
from numdiff.result import Estimate, Status
from numdiff.verdict import Derivatives

__all__ = ["Options", "Question", "check_options", "read_options", "within_tolerances"]

Array = NDArray[np.float64]
Answer = TypeVar("Answer", Derivatives, Estimate)

_REAL = (int, float, np.integer, np.floating)
# A table needs so many steps more than the order of the derivative: three entries must agree.
_FEWEST, _MOST_STEPS = 4, 60
# The largest step may be so many times the smallest.
_SPAN = 1e40


class Options(TypedDict, total=False):
    """The keyword arguments that `numdiff.estimate` and `numdiff.derivative` share."""

    method: str
    bounds: tuple[Any, Any] | None
    rel_step: Any
    abs_step: Any
    tolerances: Mapping[str, float] | None
    maxiter: int | None
    order: int | None
    initial_step: Any
    step_factor: float | None
    step_direction: Any
    workers: Executor | None


@dataclass(frozen=True)
class Question:
    """What is asked of an estimate at the points x.

    Attributes
    ----------
    bounds : (ndarray, ndarray)
        Between which f may be evaluated, in the shape of x.
    given : (ndarray or None, ndarray or None)
        The relative and the absolute step, flattened, where one is given.
    plan : Plan
        How the ladder is to be built.
    """

    bounds: tuple[Array, Array]
    given: tuple[Array | None, Array | None]
    plan: steps.Plan


def check_options(options: Options, n: int) -> None:
    """Refuse what is wrong whatever the points are.

    Raises
    ------
    InputError, InputTypeError
        For an option that does not exist, is out of range, or of the wrong type.
    """
    if unknown := set(options) - set(Options.__annotations__):
        raise InputTypeError(
            f"there is no option {sorted(unknown)[0]!r};"
            f" options are {', '.join(Options.__annotations__)}"
        )
    method = options.get("method", "auto")
    check_method(method, n)
    if method in ("2-point", "3-point"):
        for name in ("maxiter", "order", "step_factor"):
            if (value := options.get(name)) is not None:
                raise InputError(
                    f"{name}={shortened(value)} is of no use to method {method!r}, which takes one"
                    " step; leave it out, or use method='auto'"
                )
    _plan(options, n)
    tolerances = options.get("tolerances")
    if tolerances is not None:
        _tolerances(tolerances)


def read_options(x: NDArray[Any], n: int, options: Options) -> Question:
    """The options as they apply to the points x.

    Raises
    ------
    InputError, InputTypeError
        As `check_options`; and for what does not broadcast to x, or an x outside the bounds.
    """
    check_options(options, n)
    lower, upper = read_bounds(options.get("bounds"), x)
    return Question(
        _one_side(options.get("step_direction", 0), x, lower, upper),
        _first_step(options, x.shape),
        _plan(options, n),
    )


def within_tolerances(d: Answer, tolerances: Mapping[str, float] | None) -> Answer:
    """The same, INCONCLUSIVE where the error bar exceeds ``atol + rtol * abs(value)``."""
    if tolerances is None:
        return d
    atol, rtol = _tolerances(tolerances)
    told = np.isin(d.status, (Status.CONVERGED, Status.EDGE))
    short = told & ~(d.error <= atol + rtol * np.abs(d.value))
    return replace(d, status=np.where(short, Status.INCONCLUSIVE, d.status).astype(np.int64))


def _tolerances(tolerances: Any) -> tuple[float, float]:
    """The absolute and the relative tolerance."""
    if not isinstance(tolerances, Mapping):
        raise InputTypeError(
            f"tolerances must be a dictionary, got {shortened(tolerances)}; as {{'rtol': 1e-8}}"
        )
    if unknown := set(tolerances) - {"atol", "rtol"}:
        raise InputError(f"tolerances are 'atol' and 'rtol', got {unknown.pop()!r}; rename it")
    for name, value in tolerances.items():
        if isinstance(value, bool) or not isinstance(value, _REAL) or not value >= 0:
            raise InputError(f"{name} must be a number from 0 on, got {shortened(value)}; as 1e-8")
    return tolerances.get("atol", 0.0), tolerances.get("rtol", 0.0)


def _plan(options: Options, n: int) -> steps.Plan:
    """The ladder that the caller asks for."""
    maxiter, order, factor = (options.get(k) for k in ("maxiter", "order", "step_factor"))
    plan = steps.PLAN
    if maxiter is not None:
        count = _whole(maxiter, "maxiter")
        if not n + _FEWEST <= count <= _MOST_STEPS:
            raise InputError(
                f"maxiter must be from {n + _FEWEST} to {_MOST_STEPS} for n={n}, got {maxiter};"
                " it is the number of steps in the table"
            )
        plan = replace(plan, count=count)
    if order is not None:
        highest = _whole(order, "order")
        if highest < 1 or highest % 2:
            raise InputError(
                f"order must be a positive even number, got {order}; central differences have no"
                " other"
            )
        plan = replace(plan, order=highest)
    if factor is not None:
        if isinstance(factor, bool) or not isinstance(factor, _REAL):
            raise InputTypeError(
                f"step_factor must be a number, got {shortened(factor)}; give one, as 2.0"
            )
        ratio = float(factor)
        if not 1.05 <= ratio <= 100:
            raise InputError(
                f"step_factor must be from 1.05 to 100, got {factor}; each step is smaller"
                " than the one before by this factor"
            )
        plan = replace(plan, ratio=ratio)
    if plan.ratio ** (plan.count - 1) > _SPAN:
        raise InputError(
            f"maxiter={plan.count} steps with step_factor={plan.ratio:g} span more than {_SPAN:g};"
            " lower one of them"
        )
    return plan


def _whole(value: Any, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise InputTypeError(
            f"{name} must be an integer, got {shortened(value)}; give a whole number"
        )
    return int(value)


def _first_step(options: Options, shape: tuple[int, ...]) -> tuple[Array | None, Array | None]:
    """The relative and the absolute step, flattened, each None where it is not given."""
    given = {name: options.get(name) for name in ("rel_step", "abs_step", "initial_step")}
    named = [name for name, step in given.items() if step is not None]
    if len(named) > 1:
        raise InputError(
            f"only one step can be the first, got {' and '.join(named)}; leave one out"
        )
    if not named:
        return None, None
    step = spread_step(given[named[0]], shape)
    return (step, None) if named[0] == "rel_step" else (None, step)


def _one_side(direction: Any, x: Array, lower: Array, upper: Array) -> tuple[Array, Array]:
    """The bounds narrowed to one side of x: to the right where `direction` is positive."""
    try:
        sign = np.broadcast_to(np.asarray(direction, dtype=np.float64), x.shape)
    except (TypeError, ValueError):
        raise InputError(
            f"step_direction must be a number or broadcast to shape {x.shape},"
            f" got {shortened(direction)}; give -1, 0 or 1"
        ) from None
    if not np.all(np.isfinite(sign)):
        raise InputError(f"step_direction must be finite, got {shortened(direction)}; -1, 0 or 1")
    return np.where(sign > 0, x, lower), np.where(sign < 0, x, upper)
