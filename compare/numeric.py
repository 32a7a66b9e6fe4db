"""What does numdiff alone say about f at a point, as a person reads it?"""

from __future__ import annotations

import inspect
import math
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

import numdiff
from compare.load import load, names_a_function
from compare.point import read_expression, read_point
from compare.progress import Progress
from diffexpr import ExpressionValueError, parse
from numdiff import Curve, Estimate, Status

HIGHEST = 4
"""The highest order of derivative that numdiff gives."""


class Subject(NamedTuple):
    """A function of named numbers and arrays, and the point at which it is looked at.

    Attributes
    ----------
    title : str
        What a report calls it.
    call : callable
        Takes the values by name, as one mapping.
    at : dict
        Floats and arrays by name.
    names : tuple of str
        The variables, in order.
    """

    title: str
    call: Callable[[Mapping[str, Any]], Any]
    at: dict[str, Any]
    names: tuple[str, ...]


class Entry(NamedTuple):
    """One entry of a derivative: plain numbers out of a `numdiff.Estimate`.

    The evaluations of f serve all entries of one array together.
    """

    name: str
    value: float
    error: float
    status: Status
    evaluations: int
    step: float
    order: int
    left: float
    right: float

    @property
    def believed(self) -> bool:
        """Whether there is a derivative with an error bar."""
        return self.status in (Status.CONVERGED, Status.EDGE) and math.isfinite(self.error)


@dataclass(frozen=True)
class NumericReport:
    """What `look` found.

    Attributes
    ----------
    subject : Subject
    value : float
        f at the point.
    order : int
    method : str
    entries : tuple of Entry
    curve : numdiff.Curve or None
        Plain differences over all steps, where there is one variable that is a number.
    notes : tuple of str
    """

    subject: Subject
    value: float
    order: int
    method: str
    entries: tuple[Entry, ...]
    curve: Curve | None
    notes: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """True where every entry has a derivative to believe."""
        return all(entry.believed for entry in self.entries)


def read_subject(text: str, at: str) -> Subject:
    """The function of an expression or of ``module:function``, and the point for it.

    A point without a name is the value of the only variable.

    Raises
    ------
    ExpressionValueError
        If the text or the point cannot be read, or the point does not fit the function.
    """
    if names_a_function(text):
        return _of_function(text, load(text), at)
    named = "=" in at
    if not named:
        variables = [v.name for v in parse(text).variables]
        if len(variables) > 1:
            raise ExpressionValueError(
                f"--at {at}: the expression has {', '.join(variables)}; write "
                + ",".join(f"{name}=..." for name in variables)
            )
        at = f"{variables[0] if variables else 'x'}={at}"
    point = read_point(at)
    graph = read_expression(text, point)
    names = tuple(v.name for v in graph.variables)
    if not names:
        raise ExpressionValueError(
            f"{graph} has no variable to differentiate; write one, as in x^2"
        )
    missing = [name for name in names if name not in point]
    if missing:
        raise ExpressionValueError(
            f"no value for variable {missing[0]!r}; add it to --at, as in {missing[0]}=1"
        )
    title = f"f({', '.join(names)}) = {graph}"
    return Subject(title, lambda values: graph(**values), point, names)


def _of_function(place: str, f: Callable[..., Any], at: str) -> Subject:
    """A Python function, its parameters matched with the names of the point."""
    parameters = _parameters(f)
    if "=" not in at:
        at = f"{next(iter(parameters or {}), 'x')}={at}"
    point = read_point(at)
    if parameters is None:  # Python cannot tell their names: values go in as they come
        return Subject(
            f"{place}({', '.join(point)})", lambda v: f(*(v[k] for k in point)), point, tuple(point)
        )
    known = ", ".join(parameters) or "none"
    for name in point:
        if name not in parameters:
            raise ExpressionValueError(f"{place} has no parameter {name!r}; it has {known}")
    for name, parameter in parameters.items():
        if name not in point and parameter.default is inspect.Parameter.empty:
            raise ExpressionValueError(
                f"no value for parameter {name!r} of {place}; add it to --at, as in {name}=1"
            )
    names = tuple(name for name in parameters if name in point)
    first = [n for n in names if parameters[n].kind is inspect.Parameter.POSITIONAL_ONLY]

    def call(values: Mapping[str, Any]) -> Any:
        named = {n: values[n] for n in names if n not in first}
        return f(*(values[n] for n in first), **named)

    return Subject(f"{place}({', '.join(names)})", call, point, names)


def _parameters(f: Callable[..., Any]) -> dict[str, inspect.Parameter] | None:
    """The parameters by name; None where Python cannot tell them or there is no end of them."""
    try:
        found = inspect.signature(f).parameters
    except (TypeError, ValueError):
        return None
    open_ended = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    if any(p.kind is inspect.Parameter.VAR_POSITIONAL for p in found.values()):
        return None
    return {name: p for name, p in found.items() if p.kind not in open_ended}


def choose(subject: Subject, wrt: Sequence[str] | None, order: int, curve: bool) -> tuple[str, ...]:
    """The variables that the derivative is about.

    Raises
    ------
    ExpressionValueError
        For names that there are not, and where an order or a curve needs one number.
    """
    if not 1 <= order <= HIGHEST:
        raise ExpressionValueError(
            f"--order {order}: differences give the orders 1 to {HIGHEST}; "
            "differentiate a derivative for higher ones"
        )
    names = tuple(wrt) if wrt is not None else subject.names
    for name in names:
        if name not in subject.names:
            known = ", ".join(subject.names)
            raise ExpressionValueError(
                f"--wrt {name}: not a variable of the function; it has {known}"
            )
    asked = "--curve" if curve else f"--order {order}"
    if curve or order > 1:
        first, *others = names
        if others:
            raise ExpressionValueError(
                f"{asked} takes one variable, got {', '.join(names)}; say which with --wrt"
            )
        if np.ndim(subject.at[first]):
            raise ExpressionValueError(
                f"{asked} takes a variable that is one number, {first} has shape "
                f"{np.shape(subject.at[first])}; write its entries as variables of their own"
            )
    return names


def look(
    subject: Subject, names: Sequence[str], order: int, method: str, progress: Progress
) -> NumericReport:
    """Estimate the derivatives with respect to the named variables.

    Raises
    ------
    ExpressionValueError
        If numdiff refuses the question, or f gives no number at the point.
    """
    value = _value(subject)
    entries: list[Entry] = []
    notes: list[str] = []
    curve = None
    progress.expect(sum(np.size(subject.at[name]) for name in names))
    try:
        for name in names:
            f, x = progress.watch(_along(subject, name)), subject.at[name]
            if np.shape(x):
                found = numdiff.estimate_jacobian(f, x, method=method)
            else:
                curve = numdiff.curve(f, x, order) if len(names) == 1 else None
                found = curve.estimate if curve is not None else None
                if found is None or method != "auto":
                    found = numdiff.estimate(f, x, order, method=method)
            entries += _entries(name, found)
            notes += [f"{name}: {found.note}"] if found.note else []
            if found.value.size > 1:
                notes.append(f"{name}: the evaluations serve all its entries together")
            progress.advance(found.value.size)
    except numdiff.NumdiffError as error:
        raise ExpressionValueError(str(error)) from error
    return NumericReport(subject, value, order, method, tuple(entries), curve, tuple(notes))


def _along(subject: Subject, name: str) -> Callable[[Any], Any]:
    return lambda t: subject.call({**subject.at, name: t})


def _value(subject: Subject) -> float:
    """F at the point: one real number, possibly not finite."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        value = np.asarray(subject.call(subject.at))
    if value.shape != ():
        raise ExpressionValueError(
            f"f has shape {value.shape} at the point, wanted one number; "
            "sum its entries or pick one of them"
        )
    if value.dtype.kind not in "biuf":
        raise ExpressionValueError(f"f is {value.item()!r} at the point, wanted a real number")
    return float(value)


def _entries(name: str, found: Estimate) -> Iterator[Entry]:
    for index in np.ndindex(found.value.shape):
        yield Entry(
            name + (f"[{', '.join(map(str, index))}]" if index else ""),
            float(found.value[index]),
            float(found.error[index]),
            Status(int(found.status[index])),
            found.evaluations,
            float(found.step[index]),
            int(found.order[index]),
            float(found.left[index]),
            float(found.right[index]),
        )
