"""Lowered functions over data in chunks: more than the memory holds, or on several machines.

The data are arrays of Dask (Rocklin 2015, Proceedings of the 14th Python in Science Conference,
pp. 126-132), and whichever of its schedulers is active does the work.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from compare.chunks import (
    KEPT,
    Program,
    aligned,
    dask_array,
    fresh,
    is_dask,
    leaves,
    nested,
    only,
    over_rows,
    summed,
)
from compare.lower import Lowered, LoweredBatch, lower
from compare.row_loss import RowLoss
from diffexpr import ExpressionTypeError, ExpressionValueError, ShapeError
from diffexpr.evaluate import as_number
from diffexpr.walk import topological

REDUCTIONS = ("sum", "mean")
"""What can be made of the losses of all rows."""


def map_blocks(lowered: Lowered | LoweredBatch, *arrays: Any, **named: Any) -> Any:
    """Apply a lowered function to Dask arrays, chunk by chunk.

    Parameters
    ----------
    lowered : Lowered or LoweredBatch
        A function of scalar variables, pointwise over the arrays it is given; or, lowered with
        ``batch=True``, one of variables of any shape, whose arguments are cut along their first
        axis.
    *arrays, **named : dask.array.Array, array or number
        Its arguments, by position or by name. Arrays broadcast, whatever their chunks, which are
        cut to fit one another; a Python float takes the precision of the arrays beside it.

    Returns
    -------
    dask.array.Array, or nested tuples of these
        Nested as the results of the function are, ``(value, (dx, dy))`` say. Nothing is computed
        yet, and what is computed together is computed once. Each has the shape to which the
        arguments broadcast, also where a result depends on some of them only.

    Raises
    ------
    ExpressionTypeError
        If the arguments are not those of the function, or none is a Dask array.
    ShapeError
        If the function is neither pointwise nor one of batches, or the arguments do not fit.
    MissingExtraError
        If Dask is not installed.

    Examples
    --------
    >>> import dask.array as da
    >>> from compare import lower
    >>> from diffexpr import symbols
    >>> x, y = symbols("x y")
    >>> value, (dx, dy) = map_blocks(lower(x**2 * y), da.arange(4.0, chunks=2), 10.0)
    >>> dx.compute()
    array([ 0., 20., 40., 60.])
    """
    dask, da = dask_array()
    if not isinstance(lowered, (Lowered, LoweredBatch)):
        raise ExpressionTypeError(
            f"{lowered!r} is not lowered; give map_blocks what compare.lower makes of it"
        )
    given = _arguments(lowered, arrays, named)
    if not any(map(is_dask, given)):
        raise ExpressionTypeError(
            f"no argument of {lowered.__name__} is a Dask array; call the function itself"
        )
    if isinstance(lowered, LoweredBatch):
        return _over_batches(lowered, given)
    _check_pointwise(lowered)
    # A number goes to every chunk as it is, so that a Python float stays one.
    given = [da.asarray(v) if np.ndim(v) and not is_dask(v) else v for v in given]
    shapes = [v.shape for v in given if is_dask(v)]
    try:
        ndim = len(da.core.broadcast_shapes(*shapes))
    except ValueError:
        listed = " and ".join(map(str, shapes))
        raise ShapeError(f"arguments of shapes {listed} do not broadcast") from None
    axes = tuple(range(ndim))
    pairs = [(v, axes[ndim - v.ndim :] if is_dask(v) else None) for v in given]
    program = Program(_alone(lowered))
    nothing = np.empty((0,) * ndim, object)
    whole = da.blockwise(
        _pointwise, axes, dask.delayed(program, name=fresh("program"), traverse=False), None,
        *(part for pair in pairs for part in pair),
        name=fresh("results"), dtype=object, meta=nothing,
    )  # fmt: skip
    # The precision of the results shows on one point.
    found = program(*(np.ones((1,) * v.ndim, v.dtype) if is_dask(v) else v for v in given))
    kinds = [np.asarray(leaf).dtype for leaf in leaves(found)]
    parts = [
        whole.map_blocks(
            _picked, i, name=fresh(lowered.__name__), dtype=kind, meta=nothing.astype(kind)
        )
        for i, kind in enumerate(kinds)
    ]
    return nested(found, iter(parts))


def _over_batches(lowered: LoweredBatch, given: Sequence[Any]) -> Any:
    """What `map_blocks` makes of a function of batches: each chunk of rows is a batch."""
    columns = aligned(given)
    rows = columns[0].chunks[0]
    program = Program(_alone(lowered))
    whole = over_rows(_batch, program, columns)
    # The precision of the results shows on no rows.
    found = program(*(np.empty((0, *c.shape[1:]), c.dtype) for c in columns))
    kinds = [leaf.dtype for leaf in leaves(found)]
    shapes = [lowered._plan.outputs[i].shape for i in leaves(lowered._plan.structure)]
    parts = [
        whole.map_blocks(
            _picked,
            i,
            name=fresh(lowered.__name__),
            chunks=(rows, *shape),
            new_axis=list(range(1, len(shape) + 1)),
            dtype=kind,
            meta=np.empty((0,) * (len(shape) + 1), kind),
        )
        for i, (kind, shape) in enumerate(zip(kinds, shapes, strict=True))
    ]
    return nested(found, iter(parts))


def _batch(program: Program, *blocks: Any) -> list[Any]:
    """All results for one chunk of rows."""
    return list(leaves(program(*map(only, blocks))))


def _arguments(
    lowered: Lowered | LoweredBatch, arrays: Sequence[Any], named: Mapping[str, Any]
) -> list[Any]:
    """The arguments in order, checked as far as they can be without computing them."""
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    signature = inspect.Signature([inspect.Parameter(name, kind) for name in lowered.parameters])
    try:
        bound = signature.bind(*arrays, **named)
    except TypeError as error:
        raise ExpressionTypeError(f"{lowered.__name__}{signature}: {error}") from None
    for name, value in bound.arguments.items():
        if hasattr(value, "_level"):
            raise ExpressionTypeError(f"{name} is symbolic; give a Dask array or a number")
    return [
        value if is_dask(value) else as_number(value, name)
        for name, value in bound.arguments.items()
    ]


def _alone(lowered: Any) -> Any:
    """The same function on one thread: it is Dask that spreads the chunks over the processors."""
    options = replace(lowered._options, threads=1)
    if options == lowered._options:
        return lowered
    return type(lowered)(lowered._plan, lowered.output, lowered.by, options)


def _check_pointwise(lowered: Lowered) -> None:
    for node in topological(lowered._plan.outputs):
        if node.shape:
            raise ShapeError(
                f"{lowered.__name__} is not pointwise, it has an array of shape {node.shape} "
                "inside; lower it with batch=True, or give a loss to "
                "compare.distributed.value_and_grad"
            )


def _pointwise(program: Program, *values: Any) -> list[Any]:
    """All results for one chunk, in its shape."""
    shape = np.broadcast_shapes(*map(np.shape, values))
    return [np.broadcast_to(leaf, shape) for leaf in leaves(program(*values))]


def _picked(results: list[Any], position: int) -> Any:
    return results[position]


def value_and_grad(
    f: Any,
    data: Any,
    wrt: Any = None,
    *,
    reduce: str = "sum",
    by: str = "reverse",
    split_every: int | None = None,
    **options: Any,
) -> Callable[..., tuple[Any, Any]]:
    """The sum or mean of a loss over all rows of chunked data, and its gradient.

    Each chunk is summed where it lies, and the sums are added up in a tree; no machine has to
    hold more than a few chunks, and nothing but sums travels. When a worker is lost, Dask does
    its chunks again.

    Parameters
    ----------
    f : callable or Expr
        ``f(*parameters, *data)`` gives the loss of each row, an array of shape ``(rows,)``, for
        any number of rows; the loss of a row must depend on that row alone. Or an expression in
        scalar variables: the loss of one row.
    data : dask.array.Array, sequence or mapping of these
        The last arguments of ``f`` in order, or arguments by name (always so for an expression).
        All have the same number of rows along their first axis. NumPy arrays may stand beside.
    wrt : position, name, symbol or tuple of these, optional
        Parameters to differentiate; unless given, the first of a function and all of an
        expression, in order of name.
    reduce : {'sum', 'mean'}
        The mean is over the rows.
    by : {'reverse', 'forward', 'symbolic'}
        The backend whose formula is lowered.
    split_every : int, optional
        How many sums are added at a time; unless given, what Dask is configured to.
    **options
        Handed on to `compare.lower.lower`; ``threads`` is 1 unless given, for it is Dask that
        spreads the chunks over the processors.

    Returns
    -------
    callable
        Takes the parameters by position, ordinary numbers and arrays (of an expression in order
        of name), and gives ``(value, gradient)`` as `autodiff.value_and_grad` does. It computes
        by the scheduler that is active where it is called: a ``distributed.Client``, or what
        ``dask.config`` says. `scipy.optimize.minimize` takes it as it is, with ``jac=True``.

    Raises
    ------
    ExpressionTypeError, ExpressionValueError
        If the data are no Dask arrays of known chunks, or the names are unknown; when it is
        called, if the parameters do not fit the function.
    ShapeError
        If the data differ in their number of rows; when it is called, if the loss has another
        shape than ``(rows,)``.
    MissingExtraError
        If Dask is not installed.

    Notes
    -----
    The function is lowered once for each length of chunk and each shape of the parameters, and
    need not be picklable. A term that does not depend on the data, a penalty say, belongs
    outside: here every row would count it.

    Data that are read from files are read again on every call. Where the workers together can
    hold them, ``data.persist()`` keeps them there.

    Examples
    --------
    >>> import dask.array as da
    >>> import numpy as np
    >>> X = da.ones((5, 2), chunks=(2, 2))
    >>> y = da.arange(5.0, chunks=2)
    >>> fit = value_and_grad(lambda w, X, y: (X @ w - y) ** 2, (X, y), reduce="mean")
    >>> fit(np.array([1.0, 1.0]))
    (np.float64(2.0), array([0., 0.]))
    """
    if reduce not in REDUCTIONS:
        raise ExpressionValueError(f"reduce={reduce!r}: choose among {', '.join(REDUCTIONS)}")
    loss = RowLoss(f, data)
    arrays = aligned(loss.arrays)
    lengths: tuple[int, ...] = arrays[0].chunks[0]
    options = {"threads": 1, **options}

    @functools.lru_cache(maxsize=KEPT)
    def program(rows: int, kinds: tuple[Any, ...]) -> Program:
        columns = [((rows, *a.shape[1:]), a.dtype) for a in arrays]
        at = [np.broadcast_to(np.zeros((), kind), shape) for shape, kind in (*kinds, *columns)]
        total, chosen = loss.total(rows, len(kinds), wrt)
        return Program(lower(total, "value_and_grad", chosen, by, at=at, **options))

    def evaluated(*parameters: Any) -> tuple[Any, Any]:
        values = loss.checked(parameters)
        kinds = tuple((np.shape(v), np.asarray(v).dtype) for v in values)
        programs = {rows: program(rows, kinds) for rows in set(lengths)}
        found = summed(programs, values, arrays, split_every)
        count = sum(lengths) if reduce == "mean" else 1
        with np.errstate(all="ignore"):  # the mean of no rows is nan
            # New arrays: what comes from a worker may be read-only.
            return nested(found, (np.divide(part, count)[()] for part in leaves(found)))

    return evaluated
