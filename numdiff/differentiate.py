"""What is the n-th derivative at each of P points? Three tables from one set of values."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numdiff import points
from numdiff.ladder import Ladder, climb
from numdiff.scan import Scanner
from numdiff.steps import PLAN, Plan
from numdiff.survey import Scan, Survey
from numdiff.tables import Tables
from numdiff.verdict import Derivatives, variation, weigh

__all__ = ["Derivatives", "differentiate"]

Array = NDArray[np.float64]

# So many points are extrapolated together: their tables fit into the processor's cache.
_TOGETHER = 512


def differentiate(
    sample: Callable[[Array], Array],
    x: Array,
    n: int,
    dtype: np.dtype[Any],
    top: Array | None = None,
    plan: Plan = PLAN,
) -> Derivatives:
    """The n-th derivative of P functions of one variable, each at its own point.

    Parameters
    ----------
    sample : callable
        Takes points of shape (K, P), gives values of the same shape, NaN where not defined. Its
        attribute ``eps`` is the rounding unit of the values. It may have three more: ``noise``, the
        least noise to expect; ``sizes``, see `numdiff.calls.sizes`; and ``blur``, how many
        roundings of x its points may be off.
    x : ndarray of float64, shape (P,)
        Finite points, each a number of `dtype`.
    n : int
        Order of the derivative, at least 1.
    dtype : dtype
        The floating-point type in which f can tell points apart.
    top : ndarray, shape (P,), optional
        The largest step of the tables, instead of the one that the survey finds.
    plan : Plan
        How many steps the tables have, and of which ratio and order.

    Returns
    -------
    Derivatives
    """
    with np.errstate(all="ignore"):
        seen = Scanner(sample, x, n, dtype)
        ladder = climb(sample, x, n, dtype, seen, top, plan)
        eps = max(float(np.finfo(np.float64).eps), getattr(sample, "eps", 0.0))
        hidden = np.abs(x) * float(np.finfo(dtype).eps) / 2
        blur, given = getattr(sample, "blur", 1.0), top is not None

        def block(start: int) -> Derivatives:
            some = slice(start, start + _TOGETHER)
            scan, survey = points.at(seen.scan, some), points.at(seen.survey, some)
            rungs = points.at(ladder, some)
            return _tables(scan, survey, rungs, n, eps, plan, given, hidden[some], blur)

        return points.joined([block(start) for start in range(0, max(len(x), 1), _TOGETHER)])


def _tables(
    scan: Scan,
    survey: Survey,
    ladder: Ladder,
    n: int,
    eps: float,
    plan: Plan,
    given: bool,
    hidden: Array,
    blur: float,
) -> Derivatives:
    """What three tables say: a central one, and one for each side."""
    tables = Tables(scan, survey, ladder, n, eps, plan)
    natural = variation(scan, survey, ladder, n, eps)
    middle, scatter = tables.middle(given)
    right, left = tables.side(1.0, scatter), tables.side(-1.0, scatter)
    if n == 1:
        unseen = hidden * _unseen(scan, survey, blur)
        middle, right, left = (
            replace(side, error=side.error + unseen) for side in (middle, right, left)
        )
    return weigh(scan, survey, (middle, right, left), natural, n, given)


def _unseen(scan: Scan, survey: Survey, blur: float) -> Array:
    """What rounding x by 1 inside f can do to the slope without showing in any value.

    Where f starts by adding a constant to x, all x of one binade are rounded by the same amount:
    the values are those of f, smooth as ever, a little way along. Half a rounding of x moves the
    slope by that times the second derivative; `blur` times as much where f gets its points from
    coordinates that were rounded one by one.
    """
    centre, width = survey.anchors[1]
    bend = np.where(width < np.abs(centre), 2 * np.abs(centre), 0.0)
    if blur > 1:
        bend = blur * np.fmax(bend, 2 * np.fmin(width, survey.slope / survey.reach))
    return np.ldexp(bend, scan.exponent)
