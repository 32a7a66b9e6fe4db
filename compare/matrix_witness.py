"""A third opinion on the operations on matrices: mpmath's own algorithms at 30 digits.

Only what SymPy has a formula for is ever in dispute, so the decompositions that come out of an
iteration are not here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np

Array = np.ndarray[Any, Any]
# A context of its own: its precision is set once and never changed, so threads can share it.
mp = mpmath.MPContext()
mp.dps = 30


def _each(one: Callable[..., Any]) -> Callable[..., Array]:
    """What is said of one matrix, for every matrix of a batch."""

    def all_of(*arguments: Any) -> Array:
        operands = [x for x in arguments if isinstance(x, np.ndarray)]
        params = arguments[len(operands) :]
        batch = np.broadcast_shapes(*(x.shape[:-2] for x in operands))
        spread = [np.broadcast_to(x, (*batch, *x.shape[-2:])) for x in operands]
        found = [
            np.array(one(*(mp.matrix(x[place].tolist()) for x in spread), *params), float)
            for place in np.ndindex(*batch)
        ]
        return np.reshape(found, (*batch, *found[0].shape))

    return all_of


def _symmetric(x: Any) -> Any:
    """The matrix of its lower triangle."""
    n = x.rows
    return mp.matrix([[x[max(i, j), min(i, j)] for j in range(n)] for i in range(n)])


def _cofactor(x: Any) -> Any:
    n = x.rows

    def minor(i: int, j: int) -> Any:
        rest = mp.matrix(n - 1, n - 1)
        for r, row in enumerate(k for k in range(n) if k != i):
            for c, column in enumerate(k for k in range(n) if k != j):
                rest[r, c] = x[row, column]
        return mp.det(rest) * (-1) ** (i + j) if n > 1 else mp.one

    return [[minor(i, j) for j in range(n)] for i in range(n)]


def _pinv(x: Any, rcond: float, hermitian: bool) -> Any:
    if hermitian:
        x = _symmetric(x)
    if x.rows >= x.cols:
        return ((x.T * x) ** -1 * x.T).tolist()
    return (x.T * (x * x.T) ** -1).tolist()


def _slogdet(x: Any) -> Any:
    found = mp.det(x)
    return [mp.sign(found), mp.log(abs(found))]


def _solve(a: Any, b: Any) -> Any:
    return (a**-1 * b).tolist()


def _solve_sylvester(a: Any, b: Any, q: Any) -> Any:
    m, n = q.rows, q.cols
    system, right = mp.matrix(m * n, m * n), mp.matrix(m * n, 1)
    for i in range(m):
        for j in range(n):
            right[i * n + j] = q[i, j]
            for k in range(m):
                system[i * n + j, k * n + j] += a[i, k]
            for k in range(n):
                system[i * n + j, i * n + k] += b[k, j]
    found = mp.lu_solve(system, right)
    return [[found[i * n + j] for j in range(n)] for i in range(m)]


ARRAYS: dict[str, Callable[..., Array]] = {
    "det": _each(mp.det),
    "inv": _each(lambda x: (x**-1).tolist()),
    "cofactor": _each(_cofactor),
    "slogdet": _each(_slogdet),
    "solve": _each(_solve),
    "cholesky": _each(lambda x: mp.cholesky(_symmetric(x)).tolist()),
    "pinv": _each(_pinv),
    "solve_sylvester": _each(_solve_sylvester),
}
"""Each operation on float64 matrices, by its name."""
