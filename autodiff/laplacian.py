"""The Laplacian of a scalar-valued function.

Columns of the Hessian, forward over reverse, many at once, of which the diagonal is kept
(Griewank and Walther 2008, *Evaluating Derivatives*, section 5.1). Second derivatives along one
unit vector after the other, by Taylor series, give the same and were slower from one variable on:
they share nothing between directions.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autodiff import pull
from autodiff.literals import basis
from autodiff.mode import tidy
from autodiff.problem import Call, problem
from autodiff.push import COLUMNS, push
from diffexpr import functions
from diffexpr.signature import Wrt, resolve


def laplacian(f: Any, wrt: Wrt | None = None) -> Any:
    """The sum of the second derivatives of a scalar-valued function: the trace of its Hessian.

    Parameters
    ----------
    f : callable or Expr
    wrt : int, str, Expr, or a tuple of these, optional
        The first parameter of a function, all variables of an expression. Of several variables,
        and of nests, the sum runs over all entries.

    Returns
    -------
    callable or Expr
        What ``f`` is.

    Raises
    ------
    ShapeError
        If the result of ``f`` is not a scalar.

    Examples
    --------
    >>> import numpy as np
    >>> print(laplacian(lambda x: np.sum(x**3))(np.array([1.0, 2.0])))
    18.0
    """
    target = resolve(f, wrt)

    def trace(*args: Any, **options: Any) -> Any:
        given = problem(target, args, options)
        call = given.scalar_call("laplacian")
        with np.errstate(all="ignore"):
            parts = [_unmixed(call, given.xs, k, x) for k, x in enumerate(given.xs)]
            total = sum(parts[1:], parts[0]) if parts else 0.0
        return tidy([total], given)[0]

    trace.__name__ = trace.__qualname__ = "laplacian"
    return target.finish(trace)


def _unmixed(call: Call, xs: Sequence[Any], k: int, x: Any) -> Any:
    """The sum of the unmixed second derivatives by the entries of one variable."""

    def slope(v: Any) -> list[Any]:
        row = lambda u: call(*xs[:k], u, *xs[k + 1 :])  # noqa: E731
        return pull.gradient(row, [v], 1, "laplacian")[1]

    size = math.prod(x.shape)
    if not x.shape:
        ((_, t),) = push(slope, [x], [1])
        return 0.0 if t is None else t
    total: Any = 0.0
    for start in range(0, size, COLUMNS):
        count = min(COLUMNS, size - start)
        ((_, columns),) = push(slope, [x], [basis(x, start, count, 0, 1)], 1)
        if columns is not None:
            flat = functions.reshape(columns, (count, size))
            total = total + functions.trace(flat[:, start : start + count])
    return total
