"""A value that counts as constant, whatever it was computed from."""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.boxes import Box
from autodiff.literals import bare
from autodiff.substitution import exchanged
from diffexpr.errors import ControlFlowError
from diffexpr.expr import Expr


def stop_gradient(x: Any) -> Any:
    """The same value, as a constant to derivatives of every mode and order.

    Parameters
    ----------
    x : number, array or nest
        A plain array, or a nest of these, is handed on itself.

    Returns
    -------
    number, array or nest
        Of plain numbers and arrays.

    Raises
    ------
    ControlFlowError
        For an expression: it is a formula, which has a derivative of its own wherever it stands.
        Differences of values see no such constant either, so that they give another derivative.

    Examples
    --------
    >>> from autodiff import grad
    >>> print(grad(lambda x: x * stop_gradient(x))(3.0))
    3.0
    """
    return exchanged(x, _stopped)


def _stopped(x: Any) -> Any:
    if isinstance(x, Expr):
        raise ControlFlowError(
            "stop_gradient of a symbolic value: a formula has no constant that varies; "
            "differentiate the function itself with autodiff"
        )
    if not isinstance(x, Box):
        return x
    value = bare(x)
    # A copy: what is recorded must not be written into.
    return value.copy() if isinstance(value, np.ndarray) else value
