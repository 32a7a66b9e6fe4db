"""What is to be computed: the graphs of the outputs, and the shape in which they are returned."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from compare.lower.plans.derivatives import BACKENDS, OUTPUTS, Question, Structure, check_backend
from compare.lower.plans.naming import name_of, subject_of
from compare.lower.plans.parameters import parameters_of, seeds_of
from compare.lower.plans.precision import narrowed
from diffexpr import Expr, ExpressionValueError, constant, trace
from diffexpr.build import node
from diffexpr.signature import resolve

__all__ = ["BACKENDS", "OUTPUTS", "Plan", "Structure", "plan"]

DEFAULT_ORDER = 2
"""Up to which order Taylor coefficients are computed unless it is said."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The outputs of a function to be written, as graphs.

    Attributes
    ----------
    name : str
        What the function is called.
    subject : str
        What is computed, in words.
    parameters : tuple of Expr
        The symbols it takes, in order.
    outputs : tuple of Expr
    labels : tuple of str
        A name for each output.
    structure : int or nested tuples of int
        Positions among the outputs, as they are returned.
    """

    name: str
    subject: str
    parameters: tuple[Expr, ...]
    outputs: tuple[Expr, ...]
    labels: tuple[str, ...]
    structure: Structure

    def __reduce__(self) -> tuple[Callable[..., Plan], tuple[Any, ...]]:
        # One graph instead of many, so that what the outputs share is written once.
        flat = tuple(node("reshape", (o,), ((math.prod(o.shape),),)) for o in self.outputs)
        bundle = node("concatenate", flat, (0,)) if flat else None
        return _unpack, (
            self.name, self.subject, self.parameters, bundle, self.labels, self.structure,
        )  # fmt: skip


def _unpack(
    name: str,
    subject: str,
    parameters: tuple[Expr, ...],
    bundle: Expr | None,
    labels: tuple[str, ...],
    structure: Structure,
) -> Plan:
    outputs = () if bundle is None else tuple(part.args[0] for part in bundle.args)
    return Plan(name, subject, parameters, outputs, labels, structure)


def plan(f: Any, output: str, wrt: Any, by: str, at: Any, *, order: int | None = None) -> Plan:
    """Work out the graphs that answer the question.

    Parameters
    ----------
    f : Expr or callable
    output : str
        One of `OUTPUTS`.
    wrt, by, at
        As for `lower`.
    order : int, optional
        Up to which order Taylor coefficients are wanted; 2 unless given.

    Returns
    -------
    Plan
        Its parameters are those of ``f``. For ``'hvp'``, ``'jvp'`` and ``'taylor'`` one direction
        per variable follows: ``v`` for a single variable, ``v_x``, ``v_y`` for a tuple; for
        ``'vjp'`` the cotangent ``w``. A name that is taken gets underscores.

    Examples
    --------
    >>> from diffexpr import symbols
    >>> x, y = symbols("x y")
    >>> found = plan(x * y, "jvp", "x", "reverse", None)
    >>> found.parameters, found.outputs
    ((x, y, v), (x*y, y*v))
    """
    if output not in OUTPUTS:
        raise ExpressionValueError(f"output={output!r}: choose among {', '.join(OUTPUTS)}")
    check_backend(by)
    upto = _checked_order(output, order)
    target = resolve(f, wrt)
    if isinstance(f, Expr):
        if at is not None:
            raise ExpressionValueError("an expression knows its shapes already; leave out at=")
        graph, parameters = f, f.variables
    else:
        parameters = parameters_of(f, target.names, at)
        graph = trace(f, *parameters)
    chosen: list[Expr] = []
    for position in target.positions if output != "value" else ():
        if position >= len(parameters):
            raise ExpressionValueError(
                f"wrt={target.label(position)!r} is left at its default; give an example of it "
                "with at="
            )
        chosen.append(parameters[position])
    seeds = seeds_of(output, graph, parameters, chosen, target.single)
    question = Question(graph, tuple(chosen), target.single, seeds, by, upto)
    found = OUTPUTS[output](question)
    return Plan(
        name_of(f, output),
        subject_of(f, graph, output, chosen, by, upto),
        (*parameters, *seeds),
        narrowed(tuple(constant(part) for part in found.graphs), parameters),
        found.labels,
        found.structure,
    )


def _checked_order(output: str, order: Any) -> int:
    if output != "taylor":
        if order is not None:
            raise ExpressionValueError(
                f"order={order!r} is for output='taylor', got output={output!r}; leave it out"
            )
        return 0
    if order is None:
        return DEFAULT_ORDER
    if not isinstance(order, (int, np.integer)) or isinstance(order, bool) or order < 0:
        raise ExpressionValueError(
            f"the order of Taylor coefficients is 0, 1, 2, ..., got {order!r}"
        )
    return int(order)
