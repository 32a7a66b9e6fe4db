"""The Jacobian of a function of one array: the first derivative along every coordinate."""

from collections.abc import Callable
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from numdiff.arguments import check_function, real_array, spread_step
from numdiff.calls import Lines
from numdiff.coloring import group_columns
from numdiff.columns import complex_columns, derivatives
from numdiff.csr import csr_maker, needs_scipy
from numdiff.differentiate import Derivatives
from numdiff.elementwise import as_estimate
from numdiff.entries import Entries, all_entries, some_entries
from numdiff.options import Options, read_options, within_tolerances
from numdiff.result import Estimate
from numdiff.sparsity import check_pattern, detect_pattern, read_pattern
from numdiff.steps import PLAN

__all__ = ["along_coordinates", "coordinate_steps", "estimate_columns", "estimate_jacobian"]

# So many problems are extrapolated together: enough to keep NumPy busy, few enough for memory.
_TOGETHER = 4096
# Those of a group of columns must be; one of more entries than this, some 500 MB, is divided.
_MOST = 1 << 14


def estimate_jacobian(
    f: Callable[[Any], Any],
    x: Any,
    *,
    sparsity: Any = None,
    **options: Unpack[Options],
) -> Estimate:
    """Estimate the Jacobian of a function of one array, every entry with its own error bar.

    Parameters
    ----------
    f : callable
        Takes an array of the shape of x (a scalar for a scalar) and gives an array of any shape;
        it gets a copy each time, so it may change its argument.
    x : array_like
        Where.
    sparsity : array_like or SciPy sparse matrix of shape (out.size, in.size), or 'detect'
        Its nonzeros mark the entries that may be nonzero. Columns that share no row are then moved
        together, and the number of calls depends on how many entries the rows have, not on how
        many columns there are. Calls of f check that it does not change where nothing is marked.
        'detect' finds the pattern by moving each coordinate alone, with about four calls for each.
    **options
        As in `estimate`; bounds and steps broadcast to x. The `workers` make those calls of f that
        do not wait for one another; a process pool needs a function that can be pickled.

    Returns
    -------
    Estimate
        `value` of shape ``out.shape + in.shape``; the gradient where f gives a scalar. With
        `sparsity`, all arrays are SciPy ``csr_array``s of shape (out.size, in.size), with every
        entry of the pattern, zero or not.

    Raises
    ------
    InputError
        For bounds, method or shapes out of range, x outside the bounds, or a result of f that
        changes its shape; for a pattern of another shape, or one that f does not keep to; without
        SciPy, where it is needed; and for a function that a process pool cannot pickle.
    InputTypeError
        If x is no array of real numbers or f cannot be called or gives no real numbers, the
        pattern is no matrix, or `workers` no executor.

    Notes
    -----
    Each entry is a problem of one variable, solved as in `estimate`; a call of f serves all its
    outputs, which share the rungs of their ladders, and all columns of a group (A. R. Curtis,
    M. J. D. Powell and J. K. Reid, "On the estimation of sparse Jacobian matrices", IMA J. Appl.
    Math. 13 (1974) 117-119). Where f raises an error for a group, its halves are tried, down to
    the columns at fault.

    Examples
    --------
    >>> result = estimate_jacobian(lambda v: np.array([v[0] * v[1], v[0] ** 2]), [2.0, 3.0])
    >>> result.value.round(9).tolist()
    [[3.0, 2.0], [4.0, 0.0]]
    >>> band = np.eye(1000) + np.eye(1000, k=1)
    >>> f = lambda v: v**2 - np.append(v[1:], 0)
    >>> result = estimate_jacobian(f, np.ones(1000), sparsity=band)
    >>> result.value[:2, :3].toarray().round(9).tolist()
    [[2.0, -1.0, 0.0], [0.0, 2.0, -1.0]]
    >>> result.evaluations < 250
    True
    """
    return estimate_columns(f, x, 1, options, sparsity)


def estimate_columns(
    f: Callable[[Any], Any], x: Any, n: int, options: Options, sparsity: Any = None
) -> Estimate:
    """The n-th derivative of every output along every coordinate, as `estimate_jacobian`."""
    check_function(f)
    method = options.get("method", "auto")
    point, _ = real_array(x, "x")
    question = read_options(point, n, options)
    if sparsity is not None:
        needs_scipy()
    lines = Lines(f, point, question.bounds, options.get("workers"))
    entries = _dense(lines) if sparsity is None else _sparse(lines, sparsity)
    d = derivatives(lines, entries, n, method, question.given, _TOGETHER, question.plan)
    note = ""
    if method == "cs":
        d, note = complex_columns(f, lines, entries, d)
    d = within_tolerances(d, options.get("tolerances"))
    shaped = _transposed(lines) if sparsity is None else _compressed(lines, entries)
    return as_estimate(d, shaped, lines.evaluations, method, note)


def coordinate_steps(x: NDArray[Any], given: tuple[Any, Any]) -> tuple[Any, Any]:
    """`rel_step` and `abs_step` with one entry for each coordinate of x, flattened."""
    relative, absolute = (None if step is None else spread_step(step, x.shape) for step in given)
    return relative, absolute


def along_coordinates(
    lines: Lines, x: NDArray[Any], n: int, method: str, given: tuple[Any, Any]
) -> Derivatives:
    """n-th derivatives of all outputs along all coordinates, coordinate by coordinate."""
    return derivatives(lines, _dense(lines), n, method, given, _TOGETHER, PLAN)


def _dense(lines: Lines) -> list[Entries]:
    return list(all_entries(lines.outputs, lines.x.size, _TOGETHER))


def _sparse(lines: Lines, sparsity: Any) -> list[Entries]:
    """The entries of the pattern, once it is known and found right, in groups."""
    shape = (lines.outputs, lines.x.size)
    detect = isinstance(sparsity, str) and sparsity == "detect"
    pattern = detect_pattern(lines) if detect else read_pattern(sparsity, shape)
    group = group_columns(pattern.rows, pattern.columns, shape)
    if not detect:
        check_pattern(lines, pattern, group)
    return list(some_entries(pattern.rows, pattern.columns, group, _TOGETHER, _MOST))


def _transposed(lines: Lines) -> Callable[[NDArray[Any]], Any]:
    into = (*lines.shape, *lines.x.shape)
    return lambda a: a.reshape(lines.x.size, lines.outputs).T.reshape(into)


def _compressed(lines: Lines, entries: list[Entries]) -> Callable[[NDArray[Any]], Any]:
    none = np.zeros(0, dtype=np.intp)
    rows = np.concatenate([none, *(e.rows for e in entries)])
    columns = np.concatenate([none, *(e.coordinates for e in entries)])
    return csr_maker(rows, columns, (lines.outputs, lines.x.size))
