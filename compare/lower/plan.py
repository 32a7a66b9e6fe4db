"""What is to be computed: the graphs of the outputs, and the shape in which they are returned."""

from __future__ import annotations

import importlib
import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from diffexpr import (
    Expr,
    ExpressionTypeError,
    ExpressionValueError,
    ShapeError,
    constant,
    symbol,
    trace,
)
from diffexpr.build import node
from diffexpr.evaluate import as_number
from diffexpr.signature import resolve
from diffexpr.walk import topological

BACKENDS = {"symbolic": "symdiff", "forward": "autodiff.forward", "reverse": "autodiff.reverse"}
"""Where the formulas come from: the name of a backend to its module, loaded on first use."""

OUTPUTS = ("value", "grad", "value_and_grad", "jacobian", "hessian")
"""What can be lowered."""

Structure = int | tuple["Structure", ...]


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


def plan(f: Any, output: str, wrt: Any, by: str, at: Any) -> Plan:
    """Work out the graphs that answer the question; the parameters are those of `lower`."""
    if output not in OUTPUTS:
        raise ExpressionValueError(f"output={output!r}: choose among {', '.join(OUTPUTS)}")
    _check_backend(by)
    target = resolve(f, wrt)
    if isinstance(f, Expr):
        if at is not None:
            raise ExpressionValueError("an expression knows its shapes already; leave out at=")
        graph, parameters = f, f.variables
    else:
        parameters = _parameters(f, target.names, at)
        graph = trace(f, *parameters)
    chosen: list[Expr] = []
    for position in target.positions if output != "value" else ():
        if position >= len(parameters):
            raise ExpressionValueError(
                f"wrt={target.label(position)!r} is left at its default; give an example of it "
                "with at="
            )
        chosen.append(parameters[position])
    subject = _subject(f, graph, output, chosen, by)
    name = _name(f, output)
    if output == "value":
        return Plan(name, subject, parameters, (graph,), ("value",), 0)
    derivatives, labels, structure = _derivatives(graph, output, chosen, by)
    if output == "value_and_grad":
        derivatives, labels = (graph, *derivatives), ("value", *labels)
        structure = (0, 1 if target.single else tuple(range(1, len(derivatives))))
    elif target.single:
        structure = structure[0][0] if output == "hessian" else structure[0]
    return Plan(name, subject, parameters, derivatives, labels, structure)


def _check_backend(by: str) -> None:
    if by == "numeric":
        raise ExpressionValueError(
            "by='numeric': differences of values estimate a derivative and give no formula to "
            "lower; use 'symbolic', 'forward' or 'reverse'"
        )
    if by not in BACKENDS:
        raise ExpressionValueError(f"by={by!r}: choose among {', '.join(BACKENDS)}")


def _derivatives(
    graph: Expr, output: str, wrt: Sequence[Expr], by: str
) -> tuple[tuple[Expr, ...], tuple[str, ...], Any]:
    """The derivatives, a name for each, and their positions per variable (or pair of them)."""
    backend = importlib.import_module(BACKENDS[by])
    verb = "grad" if output == "value_and_grad" else output
    if verb != "jacobian" and graph.shape:
        raise ShapeError(
            f"{output} needs a scalar result, got shape {graph.shape}; use output='jacobian'"
        )
    # What a variable that the graph does not have would contribute is zero.
    free = graph.variables
    present = tuple(dict.fromkeys(v for v in wrt if v in free))
    names = tuple(v.name for v in present)
    found = getattr(backend, verb)(graph, names) if present else ()
    where = {v: i for i, v in enumerate(present)}
    if verb == "hessian":
        pairs = [(a, b) for a in wrt for b in wrt]
        entries = [
            found[where[a]][where[b]] if a in where and b in where else _zeros(a.shape + b.shape)
            for a, b in pairs
        ]
        labels = [f"d{a.name}d{b.name}" for a, b in pairs]
        n = len(wrt)
        structure: Any = tuple(tuple(range(i * n, i * n + n)) for i in range(n))
    else:
        lead = graph.shape if verb == "jacobian" else ()
        entries = [found[where[v]] if v in where else _zeros(lead + v.shape) for v in wrt]
        labels = [f"d{v.name}" for v in wrt]
        structure = tuple(range(len(wrt)))
    return tuple(constant(entry) for entry in entries), tuple(labels), structure


def _zeros(shape: tuple[int, ...]) -> Expr:
    return constant(np.zeros(shape) if shape else 0.0)


def _parameters(f: Any, names: tuple[str, ...], at: Any) -> tuple[Expr, ...]:
    """Symbols for the parameters of a function, shaped like the examples."""
    if at is None:
        if not names:
            raise ExpressionTypeError(
                "the parameters of the function have no names; give one example each with at="
            )
        given = inspect.signature(f).parameters
        required = [name for name in names if given[name].default is inspect.Parameter.empty]
        return tuple(symbol(name) for name in required)
    if isinstance(at, Mapping):
        by_name = {getattr(key, "name", key): value for key, value in at.items()}
        unknown = [name for name in by_name if name not in names]
        if unknown:
            raise ExpressionValueError(
                f"at= names {unknown[0]!r}, which is not a parameter; choose among "
                f"{', '.join(names) or 'positions'}"
            )
        last = max((names.index(name) for name in by_name), default=-1)
        examples = [by_name.get(name, ()) for name in names[: last + 1]]
    else:
        examples = list(at) if isinstance(at, (tuple, list)) else [at]
    labels = names or tuple(f"x{i}" for i in range(len(examples)))
    if len(examples) > len(labels):
        raise ExpressionTypeError(
            f"at= has {len(examples)} examples for {len(labels)} parameter(s) ({', '.join(labels)})"
        )
    return tuple(_symbol(*pair) for pair in zip(labels, examples, strict=False))


def _symbol(name: str, example: Any) -> Expr:
    if isinstance(example, tuple) and all(isinstance(n, int) for n in example):
        return symbol(name, example)
    array = np.asarray(as_number(example, name))
    return symbol(name, array.shape, array.dtype)


def _name(f: Any, output: str) -> str:
    own = "" if isinstance(f, Expr) else getattr(f, "__name__", "")
    if not (own.isidentifier() and own.isascii()):
        return output
    return own if output == "value" else f"{own}_{output}"


_WORDS = {
    "value": "Value",
    "grad": "Gradient",
    "value_and_grad": "Value and gradient",
    "jacobian": "Jacobian",
    "hessian": "Hessian",
}
# An expression is quoted in a docstring up to this many nodes and characters.
_QUOTED_NODES, _QUOTED_WIDTH = 40, 80


def _subject(f: Any, graph: Expr, output: str, wrt: Sequence[Expr], by: str) -> str:
    own = "" if isinstance(f, Expr) else getattr(f, "__name__", "")
    if not own.isidentifier():
        size = len(topological(graph))
        own = str(graph) if size <= _QUOTED_NODES else ""
        if not own or len(own) > _QUOTED_WIDTH:
            own = f"an expression of {size} nodes"
    text = f"{_WORDS[output]} of {own}"
    if output == "value":
        return text
    names = ", ".join(v.name for v in wrt)
    return f"{text}\nwith respect to {names or 'nothing'}, derived by the {by} backend"
