"""Sparse Jacobians and Hessians: few derivatives along sums of unit vectors, taken apart again.

Method: Curtis, Powell and Reid (1974), *On the estimation of sparse Jacobian matrices*; Griewank
and Walther (2008), *Evaluating Derivatives*, chapter 8.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff import pull, push
from autodiff.mode import Mode, tidy
from autodiff.problem import Problem
from autodiff.sparse.patterns import Pattern, check_columns, check_rows, read_pattern
from autodiff.sparse.recovery import Plan, hessian_plan, jacobian_plan
from autodiff.sparse.seeded import entries
from autodiff.sparse.sparsity import hessian_pattern, jacobian_pattern, one_result, one_variable
from diffexpr.apply import apply
from diffexpr.frozen import Index


class Sparsity:
    """What the option ``sparsity`` of a verb says, read once; a pattern is coloured once.

    Attributes
    ----------
    pattern : Pattern or None
        None where it is to be detected at each call.
    plans : dict
        What has been planned, by verb and mode: for the given pattern, or for the last that was
        detected, which mostly is the next one too.
    """

    __slots__ = ("pattern", "plans")

    def __init__(self, sparsity: Any) -> None:
        self.pattern = read_pattern(sparsity)
        self.plans: dict[Any, tuple[Pattern, Plan]] = {}

    def plan(
        self, key: Any, find: Callable[[], Pattern], plan: Callable[[Pattern], Plan]
    ) -> tuple[Pattern, Plan]:
        """The pattern and the plan for it.

        Parameters
        ----------
        key : hashable
            Of the verb and the mode.
        find : callable
            Gives the pattern. Asked again only where it is to be detected.
        plan : callable
            Colours a pattern.
        """
        known = self.plans.get(key)
        if known is not None and self.pattern is not None:
            return known
        found = find()
        if known is None or not found.same_places(known[0]):
            known = found, plan(found)
            self.plans[key] = known
        return known


def sparse_jacobian(mode: Mode, given: Problem, sparsity: Any) -> Any:
    """The Jacobian of a function of one variable, by compression.

    Parameters
    ----------
    mode : Mode
        Forward pushes the columns of each colour, reverse pulls the rows, and where there are
        both, whichever takes fewer sweeps; a few full rows or columns apart from the rest.
    given : Problem
    sparsity : Sparsity, or what it is made of
        A pattern must have every place that can be other than zero: an entry that it misses is
        added to others, and nothing tells.

    Returns
    -------
    scipy.sparse.csr_array, or ndarray where SciPy is not installed
        Of shape (size of the result, size of the variable), with every place of the pattern.
        A dense expression or boxed value where the variable is one.

    Raises
    ------
    ExpressionTypeError
        For several variables or results.
    ShapeError
        If the pattern has another shape.
    """
    option = sparsity if isinstance(sparsity, Sparsity) else Sparsity(sparsity)
    x = one_variable(given)
    if option.pattern is not None:
        check_columns(option.pattern, math.prod(x.shape))
    columns = mode.differential is not pull.differential
    rows = mode.pullback is not push.pullback
    call = one_result(given)
    pattern, plan = option.plan(
        ("jacobian", columns, rows),
        lambda: option.pattern or jacobian_pattern(call, x),
        lambda found: jacobian_plan(found, columns, rows),
    )
    return _packed(*entries(call, x, pattern, plan), given)


def sparse_hessian(mode: Mode, given: Problem, sparsity: Any) -> Any:
    """The Hessian of a scalar function of one variable, by compression.

    Parameters
    ----------
    mode : Mode
    given : Problem
    sparsity : Sparsity, or what it is made of
        One triangle of a pattern is enough. It must have every place that can be other than zero.

    Returns
    -------
    scipy.sparse.csr_array, or ndarray where SciPy is not installed
        Of shape (size of the variable, size of the variable).

    Raises
    ------
    ExpressionTypeError
        For several variables.
    ShapeError
        If the pattern has another shape, or the result is not a scalar.
    """
    option = sparsity if isinstance(sparsity, Sparsity) else Sparsity(sparsity)
    x = one_variable(given)
    if option.pattern is not None:
        check_columns(option.pattern, math.prod(x.shape))
        check_rows(option.pattern, math.prod(x.shape))
    call = given.scalar_call("hessian")
    pulls = mode.curvature is pull.jacobian

    def slope(v: Any) -> list[Any]:
        return mode.gradient(call, [v], 1, "hessian")[1]

    pattern, plan = option.plan(
        ("hessian", pulls),
        lambda: option.pattern.symmetric() if option.pattern else hessian_pattern(call, x),
        lambda found: hessian_plan(found, pulls),
    )
    return _packed(*entries(slope, x, pattern, plan), given)


# packing


def _packed(values: Any, pattern: Pattern, given: Problem) -> Any:
    """The entries as a matrix: sparse, if they are numbers and SciPy is there."""
    assert pattern.shape is not None
    (values,) = tidy([values], given)
    rows, columns = pattern.rows, pattern.columns
    if hasattr(values, "_level"):
        return apply("scatter_add", (values,), (Index((rows, columns)), pattern.shape))
    try:
        from scipy import sparse
    except ImportError:
        dense = np.zeros(pattern.shape, values.dtype)
        dense[rows, columns] = values
        return dense
    ends = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=pattern.shape[0]))])
    return sparse.csr_array((values, columns.copy(), ends), shape=pattern.shape)
