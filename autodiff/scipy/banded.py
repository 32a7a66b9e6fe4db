"""Solving with a banded matrix, in time and memory that grow as its bands."""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.scipy.plain import are_plain
from diffexpr import functions
from diffexpr.custom import primitive
from diffexpr.errors import ShapeError
from diffexpr.matrix_rows import scipy_module
from diffexpr.operands import as_operand, shape_of


def solve_banded(
    l_and_u: tuple[int, int], ab: Any, b: Any, overwrite_ab: bool = False,
    overwrite_b: bool = False, check_finite: bool = True,
) -> Any:  # fmt: skip
    """The solution of ``a @ x = b`` for a matrix given by its diagonals.

    Method: Giles (2008), *An extended collection of matrix derivative results*, section 2.3.1,
    with products taken along the bands alone.

    Parameters
    ----------
    l_and_u : tuple of int
        How many diagonals there are below and above.
    ab : array
        ``ab[u + i - j, j] = a[i, j]``.
    b : array
        One right side, or several as columns.

    Raises
    ------
    ShapeError
        If there are not ``l + u + 1`` diagonals.

    Examples
    --------
    >>> from autodiff import grad
    >>> bands = np.array([[0.0, 1.0], [2.0, 2.0], [1.0, 0.0]])
    >>> print(grad(lambda b: solve_banded((1, 1), bands, b)[0])(np.array([3.0, 3.0])))
    [ 0.66666667 -0.33333333]
    """
    if are_plain(ab, b):
        return scipy_module("linalg", "solve_banded").solve_banded(
            l_and_u, ab, b, overwrite_ab, overwrite_b, check_finite
        )
    below, above = map(int, l_and_u)
    ab, b = as_operand(ab), as_operand(b)
    if len(shape_of(ab)) != 2 or shape_of(ab)[0] != below + above + 1:
        raise ShapeError(
            f"solve_banded: {below} diagonals below and {above} above are {below + above + 1} "
            f"rows, got shape {shape_of(ab)}"
        )
    return _solve(ab, b, below=below, above=above)


@primitive
def _solve(ab: Any, b: Any, *, below: int, above: int) -> Any:
    return scipy_module("linalg", "solve_banded").solve_banded((below, above), ab, b)


def _turned(ab: Any, below: int, above: int) -> Any:
    """The diagonals of the transposed matrix: row ``below + d`` holds ``a[i, i + d]``."""
    n = shape_of(ab)[1]
    offset = np.arange(-below, above + 1)[:, None]
    column = np.arange(n) + offset
    inside = (column >= 0) & (column < n)
    row = np.broadcast_to(above - offset, column.shape)
    return functions.where(inside, ab[row, np.clip(column, 0, n - 1)], 0.0)


def _neighbours(x: Any, below: int, above: int) -> Any:
    """``x[i + d]`` for each offset d and place i; what is beyond the ends is met by zeros."""
    n = shape_of(x)[0]
    column = np.arange(n) + np.arange(-below, above + 1)[:, None]
    return x[np.clip(column, 0, n - 1)]


def _along_columns(bands: Any, x: Any) -> Any:
    """Diagonals with an axis for each column of the right side."""
    return bands[..., None] if len(shape_of(x)) == 2 else bands


@_solve.def_jvp
def _(y: Any, primals: Any, tangents: Any, *, below: int, above: int) -> Any:
    ab, (dab, db) = primals[0], tangents
    bands = _along_columns(_turned(dab, below, above), y)
    moved = functions.sum(bands * _neighbours(y, below, above), 0)
    return _solve(ab, db - moved, below=below, above=above)


@_solve.def_vjp
def _(y: Any, primals: Any, g: Any, *, below: int, above: int) -> Any:
    w = _solve(_turned(primals[0], below, above), g, below=above, above=below)
    products = _neighbours(w, above, below) * y  # row above + d: w[j + d] y[j]
    if len(shape_of(y)) == 2:
        products = functions.sum(products, -1)
    n = shape_of(y)[0]
    row = np.arange(n) + np.arange(-above, below + 1)[:, None]
    inside = (row >= 0) & (row < n)
    return functions.where(inside, -products, 0.0), w
