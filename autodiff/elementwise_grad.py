"""The derivative of an elementwise function at every entry at once, by one way back."""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff import pull
from autodiff.mode import tidy
from autodiff.problem import problem
from diffexpr import functions
from diffexpr.signature import Wrt, resolve


def elementwise_grad(f: Any, wrt: Wrt | None = None) -> Any:
    """The sum of the rows of the Jacobian: of an elementwise function, its derivative.

    Parameters
    ----------
    f : callable or Expr
        Its result may have any shape. Where it is not elementwise, the result is still the gradient
        of the sum of all entries.
    wrt : int, str, Expr, or a tuple of these, optional
        The first parameter of a function, all variables of an expression in order of name.

    Returns
    -------
    callable or Expr
        What ``f`` is. The result has the shape of the variable; a tuple for a tuple.

    Raises
    ------
    ExpressionTypeError
        If the function returns several results.

    See Also
    --------
    derivative : The same in forward mode, and to any order, with the shape of the result of ``f``.

    Examples
    --------
    >>> elementwise_grad(lambda x: x**3)(np.array([1.0, 2.0]))
    array([ 3., 12.])
    >>> elementwise_grad(elementwise_grad(np.tanh))(np.zeros(2))
    array([-0., -0.])
    """
    target = resolve(f, wrt)

    def slope(*args: Any, **options: Any) -> Any:
        given = problem(target, args, options)

        def total(*xs: Any) -> list[Any]:
            found = given.call(*xs)
            given.whole("elementwise_grad")
            return [functions.sum(found[0])]

        with np.errstate(all="ignore"):
            parts = pull.gradient(total, given.xs, 1, "elementwise_grad")[1]
            return given.pack(tidy(parts, given, own=True))

    slope.__name__ = slope.__qualname__ = "elementwise_grad"
    return target.finish(slope)
