"""The way in: from a function or an expression to a lowered function."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, overload

from compare.lower.batches import LoweredBatch
from compare.lower.calls.kept import Kept
from compare.lower.calls.options import options
from compare.lower.collecting import collector_paused
from compare.lower.lowered import Lowered
from compare.lower.plans.batching import batched_plan
from compare.lower.plans.plan import Plan, plan
from compare.lower.portable import Portable
from compare.lower.script import Script

# Lowered functions by their graphs and options; it locks itself.
_KEPT: Kept[Lowered] = Kept(most=64)


@overload
def lower(
    f: Any,
    output: str = ...,
    wrt: Any = ...,
    by: str = ...,
    target: str = ...,
    batch: int | None = ...,
    threads: int | None = ...,
    block: int | None = ...,
    passes: Sequence[str] | None = ...,
    *,
    at: Any = ...,
    order: int | None = ...,
    check: bool = ...,
) -> Lowered: ...


@overload
def lower(
    f: Any,
    output: str = ...,
    wrt: Any = ...,
    by: str = ...,
    target: str = ...,
    *,
    batch: Literal[True],
    threads: int | None = ...,
    block: int | None = ...,
    passes: Sequence[str] | None = ...,
    at: Any = ...,
    order: int | None = ...,
    check: bool = ...,
) -> LoweredBatch: ...


def lower(
    f: Any,
    output: str = "value_and_grad",
    wrt: Any = None,
    by: str = "reverse",
    target: str = "numpy",
    batch: bool | int | None = None,
    threads: int | None = None,
    block: int | None = None,
    passes: Sequence[str] | None = None,
    *,
    at: Any = None,
    order: int | None = None,
    check: bool = False,
) -> Lowered | LoweredBatch | Portable | Script:
    """Turn a function or expression, or its derivatives, into one flat NumPy function.

    Each subexpression that occurs more than once is computed once. Large arrays are computed in
    blocks that stay in the cache, by several threads.

    Parameters
    ----------
    f : Expr or callable
        An expression, or a Python function in NumPy's functions and operators, which is traced.
    output : str
        What the lowered function returns, in the shapes of the verb of that name: ``'value'``,
        ``'grad'``, ``'value_and_grad'``, ``'jacobian'``, ``'hessian'``, ``'hvp'``, ``'jvp'``,
        ``'vjp'`` or ``'taylor'``. The last four take directions behind the variables: ``v``, or
        ``v_x`` and so on for several variables, ``w`` for the cotangent of ``'vjp'``.
    wrt : int, str, Expr, or a tuple of these, optional
        What to differentiate with respect to: a position, a name or a symbol. Unless given, all
        variables of an expression in order of name, or the first parameter of a function. A
        tuple gives a tuple.
    by : {'reverse', 'forward', 'symbolic'}
        The backend whose formula is lowered. The answer is the same, the cost differs.
    target : {'numpy', 'scalar', 'javascript', 'array-api'}
        What the program is written in. ``'scalar'`` is Python floats and ``math``; ``'numpy'``
        uses such a program too where all that is given are Python floats or small arrays.
        ``'javascript'`` gives a `Script`, to be read and saved. ``'array-api'`` takes arrays of
        any library that follows the standard, and of torch and Dask.
    batch : bool or int, optional
        True, or the size if it is always the same, gives every argument a leading batch axis.
    threads : int, optional
        Threads at most for large arrays; one per processor unless given.
    block : int, optional
        Elements of a block; 0 for no blocks. Unless given, as many as fit the cache.
    passes : sequence of str, optional
        The names of the passes over the graph; `compare.lower.PASSES` lists them.
    at : sequence, mapping or array, optional
        For a Python function: one example per parameter, in order or by name, each a number, an
        array (whose shape and precision count) or a tuple of integers, taken as a shape. Without
        it every parameter is a scalar.
    order : int, optional
        For ``'taylor'``: the highest order, 2 unless given.
    check : bool
        Evaluate before and after each pass at random points, and raise on a change.

    Returns
    -------
    Lowered, LoweredBatch, Portable or Script
        Called with the variables in order of name, or the parameters of the function in theirs,
        by position or by keyword. For a scalar variable an array may be given, and the variables
        broadcast. Integers become float64; float32 stays float32, and a Python float takes the
        precision of the arrays beside it. An output that does not depend on any variable is a
        number, whatever the shapes that go in. Lowering the same again gives the same object.

    Raises
    ------
    ExpressionTypeError
        If ``f`` is neither a function nor an expression.
    ExpressionValueError
        If an option is none of the above; ``by='numeric'`` gives no formula.
    ShapeError
        If the gradient or Hessian of something not scalar is asked for.
    MissingRuleError
        If an operation has no form in the target.
    MissingExtraError
        If a special function is needed and SciPy is not installed.

    Examples
    --------
    >>> import numpy as np
    >>> from diffexpr import symbols
    >>> x, y = symbols("x y")
    >>> f = lower(x * np.sin(y) + np.sin(y) ** 2, "value")
    >>> f(1.0, 0.0)
    0.0
    >>> f(x=np.array([1.0, 2.0]), y=np.pi / 2)
    array([2., 3.])
    >>> print(*f.source.splitlines()[-3:], sep="\\n")
        t1 = np.sin(y)
        result = x * t1 + np.square(t1)
        return fill(out, result)

    >>> gradient = lower(x**2 * y, "grad")
    >>> gradient(3.0, 1.0)
    (6.0, 9.0)
    """
    chosen = options(target, threads, block, passes, check)
    with collector_paused():
        made = plan(f, output, wrt, by, at, order=order)
    if batch is True and target in ("numpy", "scalar"):
        return LoweredBatch(made, output, by, chosen)
    if batch is not None and batch is not False:
        made = batched_plan(made, batch)
    if target == "javascript":
        return Script(made, chosen)
    if target == "array-api":
        return Portable(made, output, by, chosen)
    key = (*_identity(made), output, by, chosen)
    # A graph of a million nodes is not kept in memory behind the caller's back.
    return _KEPT.get(
        key, lambda: Lowered(made, output, by, chosen), worth=lambda found: not found.interpreted
    )


def _identity(made: Plan) -> tuple[Any, ...]:
    """A key that two plans share when they are the same; graphs are the same when identical."""
    return (
        made.name, made.subject, made.parameters, made.outputs, made.labels, made.structure
    )  # fmt: skip
