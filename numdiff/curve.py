"""How does the error of a plain difference depend on its step? Truncation against rounding."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from numdiff import steps
from numdiff.arguments import check_function, read_bounds, read_order, real_array
from numdiff.calls import Elementwise
from numdiff.differentiate import Derivatives, differentiate
from numdiff.elementwise import as_estimate
from numdiff.errors import InputError
from numdiff.power_law import Law, rounding_law, truncation_law
from numdiff.result import Estimate, Status
from numdiff.stencils import stencil

__all__ = ["Curve", "Differences", "curve"]

Array = NDArray[np.float64]

# The first step is this many roundings of x: below, x + h is x or one of its nearest neighbours.
_FIRST = 4.0
# The last step is this many times the scale of f, so that the end of the power law is seen.
_BEYOND = 10.0
# So many steps of the package's grid lie between two of the curve: about four in a decade.
_STRIDE = 1.5
# Standard deviation of the rounding of a value, in its rounding units: 1/sqrt(12).
_ROUNDED = 0.29
# One-sided derivatives at a kink come without an error bar; they are good to this part at least.
_SIDE = 1e-11


@dataclass(frozen=True, eq=False)
class Differences:
    """One plain difference formula at every step, and what its errors obey.

    Attributes
    ----------
    name : str
        'central', 'forward' or 'backward'.
    value : ndarray of float64, shape (K,)
        The difference quotient; NaN where f has no value at one of its points. Units of f/x**n.
    error : ndarray of float64, shape (K,)
        Its distance from `target`; NaN where either is not finite. Units of f/x**n.
    target : float
        The extrapolated derivative; at a kink or a jump the one-sided one.
    truncation : Law
        Fitted where truncation dominates. For most smooth functions the power is 2 for central
        and 1 for one-sided differences.
    rounding : Law
        The standard deviation to expect of the rounding, below the best step: the noise of the
        values through the weights of the formula, over h**n. The power is -n, unless f vanishes
        at x and the rounding of its values grows with the step.
    best_step : float
        Where truncation meets rounding: the best step for this formula, NaN where they do not
        meet. Units of x.
    best_error : float
        The error to expect there, truncation plus rounding; NaN with `best_step`. Units of f/x**n.
    """

    name: str
    value: Array
    error: Array
    target: float
    truncation: Law
    rounding: Law
    best_step: float
    best_error: float


@dataclass(frozen=True, eq=False)
class Curve:
    """The error of plain differences at one point against their step.

    Attributes
    ----------
    x : float
        The point.
    n : int
        Order of the derivative.
    estimate : Estimate
        The extrapolated derivative, with its error bar; arrays of shape ().
    step : ndarray of float64, shape (K,)
        Ascending steps, each exactly the distance from x to its nearest nodes. Units of x.
    differences : tuple of Differences
        Central and forward where f has a derivative; the side that exists at an edge; both sides
        at a kink or a jump; none where f is undefined.
    noise : float
        Standard deviation of the rounding of f near x, in units of f; NaN where unknown.
    scale : float
        The step at which f stops being nearly a parabola, or |x| (1 at zero) where no such step
        tells. Units of x.
    evaluations : int
        How often f was evaluated, those for the estimate included.
    """

    x: float
    n: int
    estimate: Estimate
    step: Array
    differences: tuple[Differences, ...]
    noise: float
    scale: float
    evaluations: int


class _About(NamedTuple):
    """What all formulas share: the steps, and how f is rounded."""

    h: Array
    n: int
    noise: float
    bar: float
    scale: float
    eps: float


def curve(
    f: Callable[..., Any],
    x: Any,
    n: int = 1,
    *,
    args: Any = (),
    bounds: tuple[Any, Any] | None = None,
) -> Curve:
    """Plain differences over all sensible steps, held against the extrapolated derivative.

    Parameters
    ----------
    f : callable
        ``f(x, *args)``, as in `estimate`.
    x : float
        One point; at a float32, f is evaluated at exactly representable float32 points.
    n : int
        Order of the derivative, 1 to 4.
    args : float or sequence of float
        Further arguments of f.
    bounds : (float, float), optional
        f is never evaluated outside.

    Returns
    -------
    Curve

    Raises
    ------
    InputError
        If x is not one point, or as in `estimate`.
    InputTypeError
        As in `estimate`.

    Notes
    -----
    The steps are a geometric ladder, about four to a decade, from a few roundings of x to beyond
    the step at which f stops being a parabola. With noise e in the values, the error of a formula
    of order p for the n-th derivative is about ``C h**p + c e/h**n``: a V in logarithmic axes,
    lowest near ``h = (c e/C)**(1/(p + n))``. See W. H. Press et al., Numerical Recipes, 3rd ed.
    (2007), section 5.7, and J. J. Moré and S. M. Wild, "Estimating derivatives of noisy
    simulations", ACM Trans. Math. Software 38 (2012) 19. C and p are read off the steps at which
    truncation stands clear of rounding, p as the median of the slopes of all pairs of them (P. K.
    Sen, J. Amer. Statist. Assoc. 63 (1968) 1379-1389); e is the noise that `estimate` measures,
    or the rounding of a value where that is more.

    Examples
    --------
    >>> c = curve(np.exp, 0.0)
    >>> central, forward = c.differences
    >>> central.truncation.power, forward.truncation.power, central.rounding.power
    (2.0, 1.0, -1.0)
    >>> abs(central.truncation.factor - 1 / 6) < 1e-3
    True
    >>> 1e-6 < central.best_step < 1e-4 and 1e-9 < forward.best_step < 1e-7
    True
    """
    check_function(f)
    order = read_order(n)
    point, dtype = real_array(x, "x")
    if point.shape != ():
        raise InputError(
            f"curve looks at one point, got shape {point.shape}; call it once for each"
        )
    lower, upper = read_bounds(bounds, point)
    extra = [_one_number(a) for a in (args if isinstance(args, tuple | list) else (args,))]
    at = point.astype(np.float64).ravel()
    sample = Elementwise(f, at, extra, dtype, (lower.ravel(), upper.ravel()))
    d = differentiate(sample, at, order, dtype)
    found = as_estimate(d, (), sample.evaluations, "auto", "")
    eps = max(float(np.finfo(dtype).eps), sample.eps)
    scale = _scale(at[0], d, float(np.finfo(dtype).eps))
    with np.errstate(all="ignore"):
        rungs = _ladder(at[0], scale, float(np.finfo(dtype).eps))
        plus, minus, h = (a[:, 0] for a in steps.exact(at[None], rungs[:, None], dtype))
        kept = np.isfinite(h)
        h, nodes = h[kept], {1: plus[kept], -1: minus[kept]}
        about = _About(h, order, float(d.noise[0]), float(d.error[0]), scale, eps)
        formulas = [(name, target, _weights(name, order)) for name, target in _formulas(d)]
        offsets = sorted({k for _, _, weights in formulas for k in weights})
        values = _sampled(sample, at[0], h, nodes, offsets)
        made = tuple(
            _differences(name, target, weights, values, about) for name, target, weights in formulas
        )
    return Curve(
        float(at[0]), order, found, h, made, float(d.noise[0]), scale, sample.evaluations
    )  # fmt: skip


def _one_number(argument: Any) -> NDArray[Any]:
    array = np.asarray(argument)
    if array.size != 1:
        raise InputError(
            f"curve looks at one point, got an argument of shape {array.shape}; give one number"
        )
    return array.reshape(1)


def _scale(x: float, d: Derivatives, eps: float) -> float:
    """The step at which f leaves its parabola, where that is a length of f and not of the survey.

    A function with a power of h that is no integer (h**1.5 at an edge) is a parabola nowhere, and
    looks equally unlike one at all scales.
    """
    unit = float(steps.unit(np.asarray(x)))
    reach = float(d.reach[0])
    smooth = d.status[0] == Status.CONVERGED and np.isfinite(reach)
    return reach if smooth and reach > 2 * _FIRST * eps * unit else unit


def _ladder(x: float, scale: float, eps: float) -> Array:
    """Steps on the grid of the package, from a few roundings of x to beyond the scale of f."""
    unit = float(steps.unit(np.asarray(x)))
    # Where x is small against the scale of f, smaller steps still show nothing but rounding.
    first = max(_FIRST * eps * abs(x), eps * scale)
    last = max(_BEYOND * scale, _BEYOND * first)
    ratio = steps.RATIO**_STRIDE
    low, high = (np.log(bound / unit) / np.log(ratio) for bound in (first, last))
    return unit * ratio ** np.arange(np.ceil(low), np.floor(high) + 1)


def _formulas(d: Derivatives) -> list[tuple[str, float]]:
    """Which formulas are drawn, and the derivative that each is held against."""
    value, left, right = float(d.value[0]), float(d.left[0]), float(d.right[0])
    match Status(int(d.status[0])):
        case Status.UNDEFINED:
            return []
        case Status.KINK | Status.JUMP:
            return [("forward", right), ("backward", left)]
        case Status.EDGE:
            return [("backward" if np.isnan(right) else "forward", value)]
    return [("central", value), ("forward", value)]


def _weights(name: str, n: int) -> dict[int, float]:
    """The formula of least width, by offset; zeros left out."""
    half = (n + 1) // 2
    ends = {"central": (-half, half), "forward": (0, n), "backward": (-n, 0)}[name]
    offsets = range(ends[0], ends[1] + 1)
    return {k: float(w) for k, w in zip(offsets, stencil(offsets, n), strict=True) if w}


def _sampled(
    sample: Elementwise, x: float, h: Array, nodes: dict[int, Array], offsets: Sequence[int]
) -> dict[int, Array]:
    """Values of f at ``x + k h`` by offset k, each of shape (K,)."""
    if not offsets:
        return {}
    points = [nodes[k] if k in nodes else x + k * h for k in offsets]
    values = sample(np.concatenate(points)[:, None])[:, 0]
    return dict(zip(offsets, np.split(values, len(offsets)), strict=True))


def _differences(
    name: str,
    target: float,
    weights: dict[int, float],
    values: dict[int, Array],
    about: _About,
) -> Differences:
    """One formula at all steps, and the two laws of its errors."""
    h, n = about.h, about.n
    value = sum((w * values[k] for k, w in weights.items()), np.zeros(len(h))) / h**n
    value = np.where(np.isfinite(value), value, np.nan)
    error = np.abs(value - target)
    error = np.where(np.isfinite(error), error, np.nan)
    # A value is off by the noise seen at x, and by its own rounding at least.
    off = {k: np.fmax(about.noise, _ROUNDED * about.eps * np.abs(values[k])) for k in weights}
    # hypot, for the squares of small numbers may vanish.
    rounding = np.hypot.reduce([w * off[k] for k, w in weights.items()]) / h**n
    bar = about.bar if np.isfinite(about.bar) else _SIDE * abs(target)
    bar = max(bar, about.eps * abs(target) / 2)
    truncation = truncation_law(h, error, np.fmax(rounding, bar), about.scale)
    rounded = rounding_law(h, rounding, truncation, about.scale)
    gap = truncation.power - rounded.power
    step = (rounded.factor / truncation.factor) ** (1 / gap) if gap > 0 else np.nan
    # Where they would meet off the ladder, one of them rules at all steps.
    step = float(step) if h[0] <= step <= h[-1] else np.nan
    best = float(truncation(step) + rounded(step))
    return Differences(name, value, error, target, truncation, rounded, step, best)
