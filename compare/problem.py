"""What is being differentiated, where, and with respect to what: one form for every backend."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np

from diffexpr import (
    BoundError,
    CrossdiffError,
    Expr,
    ExpressionTypeError,
    ExpressionValueError,
    parse,
    trace,
)
from diffexpr.signature import Target, resolve

MAX_ORDER = 8
"""Formulas of higher derivatives grow without end; nested tapes do so too."""

Verb = Literal["derivative", "grad", "jacobian", "hessian"]
VERBS: tuple[Verb, ...] = ("derivative", "grad", "jacobian", "hessian")


@dataclass(frozen=True, slots=True)
class Problem:
    """A function, a point, a verb and the variables: the question put to every backend.

    Attributes
    ----------
    target : Target
        The function by position and the positions to differentiate.
    args : tuple
        The point, one float or array per parameter.
    verb : str
        ``'derivative'``, ``'grad'``, ``'jacobian'`` or ``'hessian'``.
    order : int
        Order of the derivative; 1 unless the verb is ``'derivative'``, 2 for a Hessian.
    graph : Expr or None
        The function as an expression, where it can be had.
    no_graph : str
        Why not, where it cannot.
    """

    target: Target
    args: tuple[Any, ...]
    verb: Verb
    order: int
    graph: Expr | None
    no_graph: str = ""
    labels: tuple[str, ...] = field(default=())

    @property
    def names(self) -> tuple[str, ...]:
        """A name for every parameter."""
        known = self.target.names
        return tuple(known[i] if i < len(known) else f"x{i}" for i in range(len(self.args)))

    @property
    def wrt(self) -> int | tuple[int, ...]:
        """The positions as the verbs take them."""
        return self.target.positions[0] if self.verb == "derivative" else self.target.positions

    @property
    def at(self) -> dict[str, Any]:
        """The point by name."""
        return dict(zip(self.names, self.args, strict=True))

    def __reduce__(self) -> tuple[Callable[..., Problem], tuple[Any, ...]]:
        # Posed again where it arrives: what an expression is called by cannot be pickled.
        f = self.target.call if self.target.expr is None else self.target.expr
        return pose, (f, self.args, self.verb, self.wrt, self.order)

    def parts(self, result: Any) -> list[np.ndarray[Any, Any]]:
        """What a verb returned, as one array per label."""
        return [np.asarray(part) for part in _leaves(result)]


def pose(
    f: Any, at: Any, verb: str = "grad", wrt: Any = None, order: int = 1, what: str = "f"
) -> Problem:
    """Bring a function or expression, a point and a verb into one form.

    Parameters
    ----------
    f : Expr, str or callable
        Text is parsed.
    at : mapping, tuple or number
        Values by name, by position, or the only value.
    verb : str
        One of `VERBS`; ``'value_and_grad'`` is judged as ``'grad'``, values always come first.
    wrt : position, name, symbol or tuple of these
        All variables of an expression and the first parameter of a function, unless given.
    order : int
        Order of the derivative.

    Raises
    ------
    ExpressionTypeError, ExpressionValueError
        If the point does not fit the function, or the verb does not exist.
    """
    wanted = "grad" if verb == "value_and_grad" else verb
    known: Verb | None = next((v for v in VERBS if v == wanted), None)
    if known is None:
        raise ExpressionValueError(
            f"verb {verb!r} cannot be checked; use one of {', '.join(VERBS)}"
        )
    if not isinstance(order, int) or isinstance(order, bool) or order < 1:
        raise ExpressionValueError(f"order={order!r}: the order of a derivative is 1, 2, 3, ...")
    if order > MAX_ORDER:
        raise BoundError(
            f"order={order} is beyond the bound order={MAX_ORDER}; differentiate the derivative",
            "order",
            MAX_ORDER,
        )
    if order > 1 and verb not in ("derivative", "hessian"):
        raise ExpressionValueError(f"order={order} goes with verb='derivative', got {verb!r}")
    f = parse(f) if isinstance(f, str) else f
    target = resolve(f, wrt, one_variable=verb == "derivative")
    if not target.positions:
        raise ExpressionValueError(
            f"{what} has no variable to differentiate" if wrt is None else "wrt names no variable"
        )
    if len(set(target.positions)) < len(target.positions):
        raise ExpressionValueError(f"wrt={wrt!r} names a variable twice; name each once")
    if verb == "derivative" and len(target.positions) != 1:
        raise ExpressionValueError("verb='derivative' takes one variable; use 'grad' for several")
    args = _arguments(target, at, what)
    target.split(args)
    args = tuple(_float(target, i, a) for i, a in enumerate(args))
    graph, reason = _graph(target, args)
    problem = Problem(target, args, known, 2 if known == "hessian" else order, graph, reason)
    return _labelled(problem)


def _arguments(target: Target, at: Any, what: str) -> tuple[Any, ...]:
    if isinstance(at, Mapping):
        by_name = {getattr(k, "name", k): v for k, v in at.items()}
        names = target.names
        if not names and target.expr is None:
            raise ExpressionTypeError(
                f"the parameters of {what} have no names; give at=(...) by position"
            )
        if target.expr is None:
            unknown = [name for name in by_name if name not in names]
            if unknown:
                raise ExpressionValueError(
                    f"{what} has no parameter {unknown[0]!r}; it has {', '.join(names)}"
                )
            # Parameters after the last one given keep their defaults.
            given = [i for i, name in enumerate(names) if name in by_name]
            names = names[: given[-1] + 1] if given else ()
        missing = [name for name in names if name not in by_name]
        if missing:
            raise ExpressionValueError(
                f"no value for variable {missing[0]!r}; add it to the point, as in {missing[0]}=1.0"
            )
        return tuple(by_name[name] for name in names)
    args = at if isinstance(at, tuple) else (at,)
    if target.expr is not None and len(args) != len(target.names):
        raise ExpressionValueError(
            f"the point has {len(args)} value(s) for {len(target.names)} variable(s) "
            f"({', '.join(target.names)})"
        )
    return args


def _float(target: Target, position: int, value: Any) -> Any:
    """A copy of one coordinate in floating point, so that no backend can change the point."""
    from diffexpr.evaluate import as_number

    number = as_number(value, target.label(position))
    kind = np.asarray(number).dtype
    if kind.kind not in "bf" or not np.size(number):
        raise ExpressionTypeError(
            f"{target.label(position)} has dtype {kind} and shape {np.shape(number)}; "
            "cross-checks are made at real floats, one at least"
        )
    if kind.kind == "f":
        # A float32 is a float64 exactly, and only there do 50 digits and differences compare.
        number = np.asarray(number, np.float64)[()]
    expr = target.expr
    if expr is not None:
        symbol = expr.variables[position]
        if symbol.shape and np.shape(number) != symbol.shape:
            raise ExpressionValueError(
                f"{symbol.name} has shape {symbol.shape}, got a value of shape {np.shape(number)}"
            )
    return np.array(number) if np.ndim(number) else number


def _graph(target: Target, args: tuple[Any, ...]) -> tuple[Expr | None, str]:
    if target.expr is not None:
        return target.expr, ""
    try:
        return trace(target.call, *(_example(a) for a in args)), ""
    except CrossdiffError as error:
        return None, str(error)
    except Exception as error:  # the user's code, met with a symbol: whatever it raises
        return None, f"{type(error).__name__}: {error}"


def _example(value: Any) -> Any:
    return np.asarray(value) if np.ndim(value) else value


def _labelled(problem: Problem) -> Problem:
    chosen = [problem.names[i] for i in problem.target.positions]
    if problem.verb == "hessian":
        labels = tuple(f"{a},{b}" for a in chosen for b in chosen)
    elif problem.order > 1:
        labels = (",".join(chosen * problem.order),)
    else:
        labels = tuple(chosen)
    return replace(problem, labels=labels)


def _leaves(result: Any) -> Iterator[Any]:
    stack = [result]
    while stack:
        item = stack.pop()
        if isinstance(item, tuple):
            stack.extend(reversed(item))
        else:
            yield item


class Counter:
    """A function that counts its calls, for the cost column of a report."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.calls = 0
        functools.update_wrapper(self, function)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.calls += 1
        return self.function(*args, **kwargs)
