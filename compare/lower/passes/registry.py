"""The passes in the order in which they are run, and what runs them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from compare.lower.collecting import collector_paused
from compare.lower.passes.algebra import algebra
from compare.lower.passes.broadcasts import broadcasts
from compare.lower.passes.folding import folding
from compare.lower.passes.halfangle import halfangle
from compare.lower.passes.overflow import overflow
from compare.lower.passes.powers import powers
from compare.lower.passes.products import products
from compare.lower.passes.reuse import reuse
from compare.lower.passes.selfcheck import check_harmless
from compare.lower.passes.stable import stable
from diffexpr import Expr, ExpressionValueError, arrays
from diffexpr.walk import topological

Outputs = tuple[Expr, ...]


class Pass(NamedTuple):
    """One rewriting of a graph.

    Attributes
    ----------
    name : str
    says : str
        What it does, in a few words.
    run : callable
        Outputs in, outputs out.
    default : bool
        Whether it is run unless passes are named.
    operations : frozenset of str or None
        It has nothing to do in a graph without any of these; None where that is not so simple.
    takes_order : bool
        Whether ``run`` takes the nodes of the graph as well, operands first.
    in_long : frozenset of str
        The operations for which it is run on graphs that are too long to be compiled. On those
        it takes as long as many calls do, so that it has to save much of each, or digits.
    """

    name: str
    says: str
    run: Callable[..., Outputs]
    default: bool = True
    operations: frozenset[str] | None = None
    takes_order: bool = False
    in_long: frozenset[str] = frozenset()


class Record(NamedTuple):
    """What a pass did.

    Attributes
    ----------
    name, says : str
        Those of the pass.
    before, after : int
        Nodes of the graph. A pass may well add nodes that cost less than those it removes.
    changed : bool
        Whether the outputs are other graphs than before.
    """

    name: str
    says: str
    before: int
    after: int
    changed: bool


PASSES: dict[str, Pass] = {}
"""Every pass by its name, in order."""


def _enter(run: Callable[..., Outputs], says: str, **fields: Any) -> None:
    name = run.__name__
    PASSES[name] = Pass(name, says, run, **fields)


# First what derivatives leave behind, so that the rules behind it see a formula as a person
# writes it; digits are saved before powers become products; last what shares whole values.
_ARRAYS = frozenset(arrays.TABLE)
_CANCELLING = frozenset(("log", "exp", "cos", "cosh", "sqrt", "sigmoid"))
_PRODUCTS = frozenset(("matmul", "einsum", "transpose"))

_enter(
    broadcasts,
    "broadcasts, reshapes and sums that undo each other",
    operations=_ARRAYS,
    in_long=_ARRAYS,
)
_enter(folding, "constants from constants", takes_order=True)
_enter(algebra, "signs, ones, constant factors, powers of two", takes_order=True)
_enter(overflow, "sums of exponentials and of squares that cannot overflow", default=False)
_enter(
    stable,
    "log1p, expm1 and others where digits would cancel",
    operations=_CANCELLING,
    takes_order=True,
    in_long=_CANCELLING,
)
_enter(
    powers,
    "whole powers as products, halves as roots",
    operations=frozenset(("power", "multiply")),
    takes_order=True,
    in_long=frozenset(("power",)),
)
_enter(
    products,
    "products of matrices in the cheapest order, without transposes",
    operations=_PRODUCTS,
    in_long=_PRODUCTS,
)
_enter(reuse, "sigmoid, softplus and exp from values that are there already", takes_order=True)
_enter(
    halfangle,
    "sine and cosine of one angle from the tangent of its half",
    operations=frozenset(("sin",)),
    takes_order=True,
)


def chosen_passes(names: Sequence[str] | None) -> tuple[str, ...]:
    """The names of passes in the order in which they are run; of the default ones unless given.

    Raises
    ------
    ExpressionValueError
        If there is no pass of a name.

    Examples
    --------
    >>> chosen_passes(["powers", "algebra"])
    ('algebra', 'powers')
    """
    if names is None:
        return tuple(name for name, entry in PASSES.items() if entry.default)
    chosen = [names] if isinstance(names, str) else list(names)
    unknown = [name for name in chosen if name not in PASSES]
    if unknown:
        raise ExpressionValueError(f"passes={unknown[0]!r}: choose among {', '.join(PASSES)}")
    return tuple(name for name in PASSES if name in chosen)


def run_passes(
    outputs: Sequence[Expr], names: Sequence[str] | None = None, check: bool = False
) -> tuple[Outputs, list[Record]]:
    """Run passes over a graph, in the order of `PASSES`.

    Each is run once: what one leaves for another that stands before it is not worth a second
    walk over the graph.

    Parameters
    ----------
    outputs : sequence of Expr
        Functions of real numbers.
    names : sequence of str, optional
        Which passes; those that are on by default unless given.
    check : bool
        Evaluate before and after each pass, and raise on a change.

    Returns
    -------
    outputs : tuple of Expr
    records : list of Record
        What each pass did.

    Raises
    ------
    ExpressionValueError
        If there is no pass of a name.
    HarmfulPassError
        If a pass is not harmless; with ``check``.

    Examples
    --------
    >>> from diffexpr import parse
    >>> found, records = run_passes([parse("x*1 + x^3*(2/4)")])
    >>> found
    (x + square(x)*x*0.5,)
    >>> [record.name for record in records if record.changed]
    ['folding', 'algebra', 'powers']
    """
    chosen = [PASSES[name] for name in chosen_passes(names)]
    with collector_paused():
        return _run(chosen, tuple(outputs), topological(outputs), check)[:2]


class Passed(NamedTuple):
    """What passes made of a graph.

    Attributes
    ----------
    outputs : tuple of Expr
    records : list of Record
        What each pass did.
    order : list of Expr
        The nodes below the outputs, operands first.
    """

    outputs: Outputs
    records: list[Record]
    order: list[Expr]


def run_passes_in_order(
    outputs: Sequence[Expr], order: list[Expr], names: Sequence[str], check: bool, most: int
) -> Passed:
    """`run_passes` where the nodes of the graph are known, and are wanted afterwards.

    Parameters
    ----------
    outputs : sequence of Expr
    order : list of Expr
        The nodes below them, operands first.
    names : sequence of str
        Which passes.
    check : bool
        As for `run_passes`.
    most : int
        In a graph of more nodes only those of the default passes are run that may save much of
        a program which is gone through operation by operation. Passes other than the default
        ones have been asked for by name, and are run.
    """
    chosen = [PASSES[name] for name in names]
    if len(order) > most and chosen == [entry for entry in PASSES.values() if entry.default]:
        chosen = [entry._replace(operations=entry.in_long) for entry in chosen if entry.in_long]
    with collector_paused():
        return _run(chosen, tuple(outputs), order, check)


def _run(chosen: Sequence[Pass], now: Outputs, order: list[Expr], check: bool) -> Passed:
    records: list[Record] = []
    present = {node.op for node in order}
    for entry in chosen:
        before, given = len(order), now
        if entry.operations is None or not present.isdisjoint(entry.operations):
            now = entry.run(given, order) if entry.takes_order else entry.run(given)
        changed = now != given
        if changed:
            if check:
                check_harmless(given, now, entry.name)
            order = topological(now)
            present = {node.op for node in order}
        records.append(Record(entry.name, entry.says, before, len(order), changed))
    return Passed(now, records, order)
