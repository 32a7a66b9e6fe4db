"""What NumPy's errors mean where it met values that are being differentiated among plain numbers.

``np.array([x, 1.0])`` cannot be caught: NumPy makes an array of objects. Sums, products and most
functions work on it element by element, but what is compiled for numbers alone (linear algebra,
means, special functions, the sine of a plain number that stands beside) refuses it in words that
do not say what to do.
"""

from __future__ import annotations

import re

import numpy as np

from diffexpr.errors import (
    ControlFlowError,
    CrossdiffError,
    ExpressionTypeError,
    ExpressionValueError,
)

_OBJECTS = re.compile(
    r"dtype\('O'\)|dtype\(object\)|ufunc '.*' not supported for the input types"
    r"|which has no callable \w+ method"
)
_METHOD = re.compile(r"^'(?:float|int|complex)' object has no attribute '(\w+)'$")


def explained(error: Exception) -> Exception:
    """An error of NumPy about arrays of objects in words that name the way out; others as they are.

    Examples
    --------
    >>> error = TypeError("Cannot cast ufunc 'inv' input from dtype('O')")
    >>> "np.block" in str(explained(error))
    True
    """
    if isinstance(error, CrossdiffError):
        return error
    if isinstance(error, ValueError) and isinstance(error.__cause__, ControlFlowError):
        return ExpressionValueError(
            "a value that is being differentiated cannot be written into an array of plain "
            "numbers nor made one; collect the parts in a list and join them by np.stack([...]) "
            "or np.block([[...], [...]]), also where np.mean, np.std or np.median takes them"
        )
    if isinstance(error, (TypeError, AttributeError)) and _is_about_objects(str(error)):
        return ExpressionTypeError(
            f"{error}: np.array([...]) of values that are being differentiated is an array of "
            "objects, which NumPy cannot take here; write np.stack([...]) for a list of them, "
            "np.block([[...], [...]]) for rows"
        )
    return error


def _is_about_objects(message: str) -> bool:
    if _OBJECTS.search(message):
        return True
    method = _METHOD.match(message)
    return method is not None and isinstance(getattr(np, method[1], None), np.ufunc)
