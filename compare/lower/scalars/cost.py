"""Which is faster for one point: single numbers in Python, or arrays in NumPy."""

from __future__ import annotations

from collections.abc import Sequence

from compare.lower.scalars.unroll import Unrolled
from diffexpr import Expr
from diffexpr.primitives import TABLE
from diffexpr.values import Special
from diffexpr.walk import topological

# Nanoseconds, measured with Python 3.11 and NumPy 2.4; only their ratios matter. On floats an
# operator, a function of math or a choice, one of SciPy:
OPERATOR, FUNCTION, SPECIAL = 10.0, 35.0, 600.0
# A call of NumPy's: the start of a program, an elementwise operation on numbers and on small
# arrays, and what is slower or faster.
START, ON_NUMBERS, ON_ARRAYS = 3000.0, 100.0, 450.0
CALLS = {
    "getitem": 100.0,
    "transpose": 100.0,
    "reshape": 700.0,
    "concatenate": 700.0,
    "matmul": 900.0,
    "scatter_add": 1000.0,
    "diag": 1300.0,
    "cumsum": 1500.0,
    "where": 1800.0,
    "einsum": 2000.0,
    "sum": 2000.0,
    "prod": 2000.0,
    "max": 2000.0,
    "min": 2000.0,
    "broadcast_to": 2500.0,
    "stack": 2500.0,
    "mean": 3000.0,
    "norm": 6000.0,
    "logsumexp": 12000.0,
    "softmax": 6000.0,
}
# An entry that crosses between an array and a list, and the crossing itself.
ENTRY, CROSSING = 20.0, 250.0

_OPERATORS = frozenset({"add", "subtract", "multiply", "divide", "negative"})


def scalar_nanoseconds(unrolled: Unrolled) -> float:
    """An estimate of one call of the scalar code, the conversions from and to arrays included."""
    total = 0.0
    for node in topological(unrolled.expressions):
        if node.op in _OPERATORS:
            total += OPERATOR
        elif node.args:
            row = TABLE.get(node.op)
            total += SPECIAL if row is not None and isinstance(row.value, Special) else FUNCTION
    for array in (*unrolled.parameters, *unrolled.outputs):
        if array.ndim:
            total += CROSSING + ENTRY * array.size
    return total


def numpy_nanoseconds(outputs: Sequence[Expr]) -> float:
    """An estimate of one call of the NumPy program for small arrays."""
    total = START
    for node in topological(outputs):
        if node.args:
            usual = ON_ARRAYS if node.shape else ON_NUMBERS
            total += CALLS.get(node.op, usual)
    return total


def pays(outputs: Sequence[Expr], unrolled: Unrolled) -> bool:
    """Whether a call of scalar code is likely to be faster than one of the NumPy program.

    Parameters
    ----------
    outputs : sequence of Expr
        The graphs as they are, with their arrays.
    unrolled : Unrolled
        What `unroll` made of them.

    Examples
    --------
    >>> import numpy as np
    >>> from diffexpr import symbol
    >>> from compare.lower.scalars.unroll import unroll
    >>> for n in (3, 1000):
    ...     x = symbol("x", n)
    ...     f = np.sum(x**2 * np.sin(x))
    ...     print(n, pays([f], unroll([f], [x])))
    3 True
    1000 False
    """
    return scalar_nanoseconds(unrolled) < numpy_nanoseconds(outputs)
