"""A whole function on single numbers: parameters unpacked, the program, the outputs packed."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from compare.lower.plans.plan import Structure
from compare.lower.scalars.meanings import spelled_out
from compare.lower.scalars.program import Program, Words
from compare.lower.scalars.unroll import Unrolled
from compare.lower.source import syntax
from compare.lower.source.names import Names
from diffexpr import Expr


class Written(NamedTuple):
    """A function on single numbers.

    Attributes
    ----------
    parameters : tuple of str
    body : list of ast.stmt
    lines : int
        How many lines there are, those under a condition included.
    """

    parameters: tuple[str, ...]
    body: list[ast.stmt]
    lines: int


def written(
    unrolled: Unrolled,
    structure: Structure,
    words: Words,
    names: Names,
    labels: Sequence[str] = (),
) -> Written:
    """Write a function in the language of some words.

    Parameters
    ----------
    unrolled : Unrolled
    structure : int or nested tuples of int
        Positions among the outputs, as they are returned.
    words : Words
    names : Names
        The names that are taken already.
    labels : sequence of str, optional
        A name for each output, used where they do not all fit into one line.
    """
    parameters = tuple(names.fresh(symbol.name) for symbol in unrolled.symbols)
    given: dict[Expr, str] = {}
    body: list[ast.stmt] = []
    for symbol, entries, parameter in zip(
        unrolled.symbols, unrolled.parameters, parameters, strict=True
    ):
        if not symbol.shape:
            given[symbol] = parameter
            continue
        given.update((entry, names.fresh(entry.name)) for entry in entries.flat)
        target = _unpacked(entries.tolist(), given)
        body.append(ast.Assign([target], syntax.name(parameter)))
    outputs = spelled_out(unrolled.expressions, words.spellings.keys())
    program = Program(words, names, given)
    values = program.run(outputs, _entry_labels(unrolled, labels))
    body += program.statements
    body.append(ast.Return(_packed(structure, _shaped(unrolled, values))))
    return Written(parameters, body, program.count)


def _entry_labels(unrolled: Unrolled, labels: Sequence[str]) -> list[str]:
    """A name for each entry of each output; none at all without labels."""
    return [
        "_".join([label, *map(str, place)])
        for output, label in zip(unrolled.outputs, labels, strict=False)
        for place in np.ndindex(*output.shape)
    ]


def _unpacked(entries: Any, given: dict[Expr, str]) -> ast.expr:
    """The names of the entries of an array, as what a nested list is unpacked into."""
    if isinstance(entries, Expr):
        return ast.Name(given[entries], ast.Store())
    return ast.List([_unpacked(entry, given) for entry in entries], ast.Store())


def _shaped(unrolled: Unrolled, values: Sequence[ast.expr]) -> list[Any]:
    """The expressions of all entries, for each output in nested lists of its shape."""
    rest = iter(values)
    found: list[Any] = []
    for output in unrolled.outputs:
        own = np.fromiter(rest, np.dtype(object), output.size)
        found.append(own.reshape(output.shape).tolist())
    return found


def _packed(structure: Structure, values: Sequence[Any]) -> ast.expr:
    """Values in tuples as a plan has them."""
    if isinstance(structure, tuple):
        return syntax.tuple_of(_packed(part, values) for part in structure)
    return _nested(values[structure])


def _nested(value: Any) -> ast.expr:
    return ast.List([*map(_nested, value)], ast.Load()) if isinstance(value, list) else value
