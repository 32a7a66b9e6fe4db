"""What a function returns beside the value that is differentiated."""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.boxes import Box, is_active
from autodiff.problem import Problem
from autodiff.substitution import exchanged
from diffexpr.errors import ExpressionTypeError


class Auxiliary:
    """The second part of the pair that the function of a problem returns.

    Parameters
    ----------
    given : Problem
        From now on its function gives the first part alone.
    """

    __slots__ = ("_call", "_held")

    def __init__(self, given: Problem) -> None:
        if given.target.expr is not None:
            raise ExpressionTypeError(
                "has_aux=True needs a function that returns (value, aux); an expression has a "
                "value only"
            )
        self._call = given.target.call
        self._held: Any = None
        given.target = given.target._replace(call=self._first)

    def _first(self, *args: Any, **options: Any) -> Any:
        result = self._call(*args, **options)
        if not isinstance(result, tuple) or len(result) != 2:
            raise ExpressionTypeError(
                f"has_aux=True needs a function that returns (value, aux), got {result!r}"
            )
        value, self._held = result
        return value

    def values(self) -> Any:
        """It, with the values in place of what was boxed by differentiations that are over."""
        return exchanged(self._held, _value)


def _value(x: Any) -> Any:
    if not isinstance(x, Box):
        return x
    while isinstance(x, Box) and not is_active(x._level):  # pyright: ignore[reportPrivateUsage]
        x = x.primal
    # The tape may hold a copy that is read-only, or the very array of the caller.
    return x.copy() if isinstance(x, np.ndarray) else x
