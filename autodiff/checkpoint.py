"""Less memory for more time: a function whose inner values are computed again on the way back."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from autodiff import segments
from autodiff.boxes import Box
from autodiff.segments import Inputs
from autodiff.substitution import boxes, exchanged
from autodiff.tape import Tape, Taped
from diffexpr.errors import ExpressionTypeError


def checkpoint(f: Callable[..., Any]) -> Callable[..., Any]:
    """Give a function that reverse mode does not record, but runs again on the way back.

    A chain of n operations, cut into k such pieces, needs memory for about n/k + k values instead
    of n, and the time of one more run of the function. Pieces may be nested. Other modes keep
    nothing of a run, so that in these the function is called as it is.

    Parameters
    ----------
    f : callable
        Of any arguments and results, nests included. It may close over values that are being
        differentiated. As it is run twice, it must do the same both times; what it uses and may
        change in between (a loop variable that it closes over, random numbers) must be an argument.

    Returns
    -------
    callable
        Equal to ``f`` in its values and gradients to the last bit, and in derivatives of higher
        order to rounding.

    Raises
    ------
    ExpressionTypeError
        If ``f`` writes into an argument (``x += 1``), or a value made in it is used outside without
        having been returned.
    ExpressionValueError
        On the way back, if ``f`` does not do the same when it is run again.

    Notes
    -----
    A gradient of a gradient in reverse mode records the way back of the inner one, and with it
    what is run again there: it saves no memory. Forward over reverse (`hessian`, `hvp`) does.

    Method: Griewank and Walther (2008), *Evaluating Derivatives*, chapter 12.

    Examples
    --------
    >>> import numpy as np
    >>> from autodiff import grad
    >>> layer = checkpoint(lambda x, w: np.tanh(x * w))
    >>> def loss(w):
    ...     x = np.ones(2)
    ...     for _ in range(100):
    ...         x = layer(x, w)
    ...     return np.sum(x)
    >>> print(f"{grad(loss)(2.0):.12f}")
    0.191094781228
    """

    @functools.wraps(f)
    def wrapped(*args: Any, **options: Any) -> Any:
        tape = _innermost(args, options)
        if tape is None:
            return f(*args, **options)
        return _recorded(tape, f, Inputs(args, options))

    return wrapped


def _innermost(args: tuple[Any, ...], options: dict[str, Any]) -> Tape | None:
    """The tape that a call is recorded on, if the innermost differentiation has one."""
    found = boxes((args, options))
    chosen = max(found, key=_level, default=None)
    return chosen.tape if isinstance(chosen, Taped) else None


def _level(x: Box) -> int:
    return x._level  # pyright: ignore[reportPrivateUsage]


def _settled(tree: Any) -> Any:
    """A nest with arrays of boxed values as one such value each."""
    return exchanged(tree, lambda x: x)


def _recorded(tape: Tape, f: Callable[..., Any], given: Inputs) -> Any:
    """Run a function on a tape, and leave a segment of what it recorded."""
    given = Inputs(_settled(given.args), _settled(given.options))
    start = len(tape.records)
    inputs = segments.taken(given, tape)
    args, options = segments.fresh(given.args), segments.fresh(given.options)
    before = [(x, x.index) for x in boxes((args, options)) if isinstance(x, Taped)]
    try:
        result = _settled(f(*args, **options))
    except BaseException:
        segments.forget(tape, start)
        raise
    if any(_level(y) > tape.level for y in boxes(result)):
        # By what it closes over it belongs to a differentiation further in.
        return result
    if any(x.index != index for x, index in before):
        raise ExpressionTypeError(
            "a checkpointed function writes into its argument (x += y), which it would do again "
            "on the way back; write x = x + y"
        )
    ys = segments.made(tape, start, result)
    if not ys:
        segments.forget(tape, start)
        return result
    rest = iter(segments.record(tape, f, inputs, ys, start))
    made = set(map(id, ys))
    return exchanged(result, lambda x: next(rest) if id(x) in made else x)
