"""Solutions of ordinary differential equations, differentiable in all that determines them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff import forward, reverse
from autodiff.nests import flatten
from autodiff.scipy.plain import are_plain
from diffexpr import functions
from diffexpr.custom import primitive
from diffexpr.errors import ExpressionTypeError, MissingRuleError, ShapeError
from diffexpr.matrix_rows import scipy_module
from diffexpr.operands import as_operand, shape_of

STEERING = frozenset((
    "rtol", "atol", "hmax", "hmin", "h0", "mxstep", "mxhnil", "mxordn", "mxords", "ixpr",
))  # fmt: skip
"""Options that say how steps are taken; they hold for the equations of derivatives as well."""


def odeint(
    func: Callable[..., Any], y0: Any, t: Any, args: tuple[Any, ...] = (), **options: Any
) -> Any:
    """The solution of ``y' = func(y, t, *args)`` at given times, as ``scipy.integrate.odeint``.

    Tangents solve the variational equations, cotangents the adjoint ones backwards through the
    stored values: Chen and others (2018), *Neural ordinary differential equations*, appendix B,
    after Pontryagin (1962). Both are solved by this function again, so that all orders come with
    it; they are as accurate as ``rtol`` and ``atol`` ask.

    Parameters
    ----------
    func : callable
        The rate. What it is differentiated by must come to it in ``args``.
    y0 : array, shape (n,)
        The value at ``t[0]``.
    t : array, shape (m,)
    args : tuple
        Numbers, arrays, and nests of them.
    **options
        Of SciPy: ``rtol``, ``atol``, ``mxstep`` and the like.

    Returns
    -------
    array, shape (m, n)

    Raises
    ------
    MissingRuleError
        If an option other than these is given for what is being differentiated.

    Examples
    --------
    >>> from autodiff import grad
    >>> decay = lambda y, t, k: -k * y
    >>> times = np.array([0.0, 2.0])
    >>> found = grad(lambda k: odeint(decay, np.ones(1), times, (k,))[1, 0])(0.5)
    >>> print(f"{found:.6f}")  # -2 exp(-1)
    -0.735759
    """
    leaves, structure = flatten(tuple(args)) if args else ([], None)
    if are_plain(y0, t, *leaves):
        solve = scipy_module("integrate", "odeint").odeint
        return solve(_of_numbers(func), y0, t, tuple(args), **options)
    spare = sorted(set(options) - STEERING - {"tfirst"})
    if spare:
        raise MissingRuleError(
            f"odeint with {', '.join(spare)}= has no derivative here; leave it out"
        )
    first = bool(options.pop("tfirst", False))

    def rate(y: Any, s: Any, *parts: Any) -> Any:
        given = structure.unflatten(list(parts)) if structure else ()
        return as_operand(func(s, y, *given) if first else func(y, s, *given))

    y0, t = as_operand(y0), as_operand(t)
    if not hasattr(y0, "shape") or not y0.shape:
        y0 = functions.reshape(y0, (1,))
    if len(shape_of(y0)) != 1 or len(shape_of(t)) != 1:
        raise ShapeError(
            f"odeint takes vectors y0 and t, got shapes {shape_of(y0)} and {shape_of(t)}"
        )
    return _path(y0, t, *leaves, rate=rate, options=options)


@primitive
def _path(y0: Any, t: Any, *leaves: Any, rate: Any, options: Any) -> Any:
    """The solution, of a rate whose arguments are the leaves of a nest."""
    solve = scipy_module("integrate", "odeint").odeint
    return solve(_of_numbers(lambda y, s: rate(y, s, *leaves)), y0, t, **options)


def _of_numbers(rate: Callable[..., Any]) -> Callable[..., Any]:
    """A rate that gives numbers and nothing else."""

    def call(*args: Any) -> Any:
        found = rate(*args)
        if not are_plain(found):
            raise ExpressionTypeError(
                "odeint: the rate uses a value from outside that is being differentiated; hand "
                "it over in args="
            )
        return found

    return call


def _rates(rate: Any, path: Any, t: Any, leaves: Any) -> Any:
    """The rate at each of the times."""
    return functions.stack([rate(path[i], t[i], *leaves) for i in range(shape_of(t)[0])], 0)


@_path.def_jvp
def _(y: Any, primals: Any, tangents: Any, *, rate: Any, options: Any) -> Any:
    (y0, t, *leaves), (dy0, dt, *dleaves) = primals, tangents
    n, count = shape_of(y0)[0], len(leaves)

    def both(z: Any, s: Any, *parts: Any) -> Any:
        value, slope = forward.jvp(
            lambda x, *q: rate(x, s, *q),
            (z[:n], *parts[:count]),
            (z[n:], *parts[count:]),
        )
        return functions.concatenate([value, slope], 0)

    rates = _rates(rate, y, t, leaves)
    start = functions.concatenate([y0, dy0 - rates[0] * dt[0]], 0)
    whole = _path(start, t, *leaves, *dleaves, rate=both, options=options)
    return whole[:, n:] + rates * dt[:, None]


@_path.def_vjp
def _(y: Any, primals: Any, g: Any, *, rate: Any, options: Any) -> Any:
    y0, t, *leaves = primals
    n, last = shape_of(y0)[0], shape_of(t)[0] - 1
    sizes = [int(np.prod(shape_of(q), dtype=int)) for q in leaves]

    def adjoint(z: Any, s: Any, *parts: Any) -> Any:
        value, back = reverse.vjp(lambda x, *q: rate(x, s, *q), z[:n], *parts)
        pulled = back(z[n : 2 * n])
        return functions.concatenate([value, *(-functions.ravel(p) for p in pulled)], 0)

    rates = _rates(rate, y, t, leaves)
    by_time = [functions.sum(g[i] * rates[i]) for i in range(last + 1)]
    pulled, shares = g[last], np.zeros(sum(sizes))
    for i in range(last, 0, -1):
        start = functions.concatenate([y[i], pulled, np.zeros(sum(sizes))], 0)
        span = functions.stack([t[i], t[i - 1]], 0)
        found = _path(start, span, *leaves, rate=adjoint, options=options)[1]
        pulled, shares = found[n : 2 * n], shares + found[2 * n :]
        if i == 1:
            by_time[0] = -functions.sum(pulled * rates[0])
        pulled = pulled + g[i - 1]
    ends = np.cumsum([0, *sizes])
    parts = [
        functions.reshape(shares[ends[k] : ends[k + 1]], shape_of(q)) for k, q in enumerate(leaves)
    ]
    return (pulled, functions.stack(by_time, 0), *parts)
