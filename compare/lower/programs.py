"""The programs behind one lowered function: each written when it is first needed.

One graph becomes several programs, because none is the fastest everywhere: one for numbers of
Python, one in whole arrays, one in blocks, and one for complex numbers and mixed precisions,
which leaves the graph as it was given.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import Any

from compare.lower.calls.options import Options
from compare.lower.collecting import collector_paused
from compare.lower.interpreted import MOST_STATEMENTS, Interpreted
from compare.lower.loops.costs import LEAST
from compare.lower.loops.form import Loops, expanded, is_over_points
from compare.lower.loops.linear import linear_forms
from compare.lower.passes import run_passes, run_passes_in_order
from compare.lower.plans.plan import Plan
from compare.lower.scalars.point import MOST_NODES, point_function, point_module
from compare.lower.source.module import Module
from compare.lower.source.operations import check_forms
from diffexpr import Expr, ExpressionValueError
from diffexpr.walk import topological

MOST_EXPANDED = 10_000
"""Graphs of more nodes and without large arrays are not written in the form that loops want."""

MOST_VARIANTS = 16
"""How many programs are kept that take some arguments as numbers and others as arrays."""

Function = Callable[..., Any]


class Programs:
    """The programs of one plan.

    Attributes
    ----------
    optimised : Plan
        The plan after the passes.
    records : list of Record
        What the passes did.
    points : bool
        Whether every variable is a scalar, so that arrays of points may be given.
    long : bool
        Whether there are too many operations to be compiled.
    plain_takes_out : bool
        Whether the plain program, once written, can write into arrays that are given.
    least : int
        Elements from which arrays are computed in blocks.
    """

    def __init__(self, plan: Plan, options: Options) -> None:
        self._plan = plan
        self._options = options
        order = topological(plan.outputs)
        check_forms(order)
        self._size = len(order)
        outputs, self.records, order = run_passes_in_order(
            plan.outputs, order, options.passes, options.check, MOST_STATEMENTS
        )
        self.optimised = replace(plan, outputs=outputs)
        self.points = is_over_points([*plan.parameters, *order])
        self.long = len(order) > MOST_STATEMENTS
        self.least = options.block or LEAST
        self.plain_takes_out = False
        self._variants: dict[frozenset[Expr], Function | None] = {}

    def shown(self) -> ast.Module:
        """The module of the target, as it is shown and saved."""
        if self._options.target == "scalar":
            return point_module(self._plan, self._options)
        return self.main.tree()

    @cached_property
    def main(self) -> Module:
        """The module that decides for itself between whole arrays and blocks.

        Raises
        ------
        ExpressionValueError
            If there are too many operations for a source.
        """
        if self.long:
            raise ExpressionValueError(
                f"more than {MOST_STATEMENTS:,} operations are interpreted and have no source; "
                "call the function, or lower a part of it"
            )
        return Module(self.optimised, self._loops())

    @cached_property
    def exact(self) -> Function:
        """The program of the graph as it was given, for numbers of every kind.

        It converts its arguments itself; the other programs take arrays of floats.
        """
        if not self.long:
            return Module(self._plan).function()
        unchanged = self.optimised.outputs == self._plan.outputs
        return self.plain if unchanged else Interpreted(self._plan)

    @cached_property
    def plain(self) -> Function:
        """The program for numbers, small arrays and arrays that broadcast."""
        if self.long:
            return Interpreted(self.optimised)
        with collector_paused():
            module = Module(self.optimised, None if self.points else self._loops(), bare=True)
            self.plain_takes_out = module.takes_out
            return module.function()

    @cached_property
    def generic(self) -> Function:
        """The plain program without loops, for arrays of another precision than was declared."""
        return self.plain if self.long else Module(self.optimised, bare=True).function()

    @cached_property
    def point(self) -> Function | None:
        """The program for Python floats, and for small arrays of float64; None if none pays.

        It raises one of `FALLS_BACK` where another program has to be asked.
        """
        if self._size > MOST_NODES:
            return None
        with collector_paused():
            return point_function(self._plan, self._options, self.points)

    @cached_property
    def blocked(self) -> bool:
        """Whether there is a program in blocks beside the plain one."""
        return self.points and self._options.block != 0 and not self.long

    def in_blocks(self, fixed: frozenset[Expr]) -> Function | None:
        """The program for large arrays of one shape; fixed variables are given one number.

        It takes ``out`` behind the variables. None where nothing varies, or where there are as
        many such programs as are kept.
        """
        if fixed not in self._variants and len(self._variants) < MOST_VARIANTS:
            loops = self._loops(fixed)
            assert loops is not None
            made = Module(self.optimised, replace(loops, alone=True), bare=True)
            self._variants[fixed] = made.function() if made.takes_out else None
        return self._variants.get(fixed)

    def _has_large_arrays(self) -> bool:
        nodes = topological(self.optimised.outputs)
        return any(math.prod(node.shape) >= self.least for node in nodes)

    def _loops(self, fixed: frozenset[Expr] = frozenset()) -> Loops | None:
        options = self._options
        if options.block == 0 or not all(p.dtype.kind in "fb" for p in self._plan.parameters):
            return None
        if not self.points and self._size > MOST_EXPANDED and not self._has_large_arrays():
            return None
        outputs = expanded(self.optimised.outputs)
        if outputs != self.optimised.outputs:
            # What was made of stable forms is not to be recognised as the naive form again.
            names = tuple(name for name in options.passes if name not in ("stable", "overflow"))
            outputs, _ = run_passes(outputs, names, options.check)
        if self.points and options.passes:
            outputs = linear_forms(outputs)
        return Loops(outputs, self.points, fixed, options.block, options.threads, self.least)
