"""Which entries of a Jacobian or Hessian may differ from zero? Found from the function.

The pattern is found by running the function once on values that carry, for each of their entries,
the set of entries of the variable it may depend on (Griewank and Walther 2008, *Evaluating
Derivatives*, chapter 7, propagation of index domains). The pattern of a Hessian is that of the
Jacobian of the gradient, whose graph the way back over the tape runs on the same values.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff import pull
from autodiff.boxes import VIEWS, Box, Level, stacked
from autodiff.problem import Call, Problem, problem, scalar, unleaked
from autodiff.sparse.dependence import Dependence
from autodiff.sparse.index_sets import listed, singletons
from autodiff.sparse.patterns import Pattern
from autodiff.sparse.propagation import passed
from diffexpr.apply import apply
from diffexpr.errors import ExpressionTypeError
from diffexpr.expr import symbol
from diffexpr.operands import float_kind, plain, shape_of
from diffexpr.signature import Wrt, resolve


class Dependent(Box):
    """A value with, for each of its entries, the entries of the variable it may depend on.

    Attributes
    ----------
    primal : number, array, Expr or box of a lower level
    sets : Dependence
    part : bool
        Whether it is a view of another value.
    """

    __slots__ = ("_level", "part", "primal", "sets")

    def __init__(self, level: int, primal: Any, sets: Dependence, part: bool = False) -> None:
        self._level = level
        self.primal = primal
        self.sets = sets
        self.part = part

    def _is_part(self) -> bool:
        return self.part

    def _take(self, new: Dependent) -> None:
        self.primal = new.primal
        self.sets = new.sets
        self.part = new.part

    def _apply(self, op: Any, operands: tuple[Any, ...], params: tuple[Any, ...]) -> Any:
        level = self._level
        values: list[Any] = []
        sets: list[Dependence | None] = []
        for x in operands:
            if type(x) is Dependent and x._level == level:
                values.append(x.primal)
                sets.append(x.sets)
                continue
            kind = type(x)
            if kind is list or kind is tuple or (kind is np.ndarray and x.dtype.hasobject):
                return apply(op, tuple(map(stacked, operands)), params)
            values.append(x)
            sets.append(None)
        y = apply(op, tuple(values), params)
        if y.dtype.kind not in "fc":
            return y
        found = passed(op, sets, [shape_of(x) for x in values], params, y.shape)
        return y if found is None else Dependent(level, y, found, op in VIEWS)


def jacobian_pattern(call: Call, x: Any) -> Pattern:
    """The pattern of a Jacobian at a point, branches falling as they do there.

    Parameters
    ----------
    call : callable
        Gives a list of one result.
    x : number, array or Expr
        The variable.

    Returns
    -------
    Pattern
        Of shape (size of the result, size of the variable).
    """
    x = plain(x)
    size = math.prod(x.shape)
    labels = np.arange(1, size + 1).reshape(x.shape)
    with Level() as level:
        (y,) = call(Dependent(level, x, Dependence(singletons(size), labels)))
    y = unleaked(y, level)
    shape = (math.prod(y.shape), size)
    everywhere = hasattr(x, "_level")
    if type(y) is not Dependent or y._level != level:
        return Pattern([], [], shape, everywhere)
    table, found = y.sets
    return Pattern(*listed(table, np.arange(shape[0]), found.ravel()), shape, everywhere)


def hessian_pattern(call: Call, x: Any) -> Pattern:
    """The pattern of a Hessian, that of the Jacobian of the gradient; symmetric."""

    def slope(v: Any) -> list[Any]:
        return pull.gradient(lambda *vs: [scalar(call(*vs)[0], "hessian")], [v], 1, "hessian")[1]

    return jacobian_pattern(slope, x).symmetric()


def wherever(find: Callable[[Call, Any], Pattern], call: Call, x: Any) -> Pattern:
    """A pattern that holds at every point where there is one, else that at the point.

    Parameters
    ----------
    find : callable
        `jacobian_pattern` or `hessian_pattern`.
    call, x
        As for these.
    """
    bare = plain(x)
    try:
        return find(call, symbol("x", shape_of(bare), float_kind(bare)))
    except ExpressionTypeError:
        # It asked for numbers.
        return find(call, x)


# the same for the functions of a user


def jacobian_sparsity(f: Any, wrt: Wrt | None = None) -> Any:
    """Where the Jacobian of a function can be other than zero.

    The pattern can be given as ``sparsity=`` wherever it holds, which saves its detection and
    colouring at every further point.

    Parameters
    ----------
    f : callable or Expr
    wrt : int, str or Expr, optional
        The variable: the first parameter of a function, the only variable of an expression.

    Returns
    -------
    callable, or Pattern for an expression
        Of the arguments of ``f``; gives a `Pattern`, whose ``everywhere`` says whether it holds at
        every point for arguments of the same shapes.

    Examples
    --------
    >>> import numpy as np
    >>> pattern = jacobian_sparsity(lambda x: x[1:] * x[:-1])(np.ones(3))
    >>> pattern
    Pattern of 4 places, shape (2, 3), at every point
    >>> pattern.toarray().astype(int)
    array([[1, 1, 0],
           [0, 1, 1]])
    """
    return _pattern_of(jacobian_pattern, f, wrt)


def hessian_sparsity(f: Any, wrt: Wrt | None = None) -> Any:
    """Where the Hessian of a scalar-valued function can be other than zero.

    Parameters
    ----------
    f, wrt
        As for `jacobian_sparsity`.

    Returns
    -------
    callable, or Pattern for an expression
        As for `jacobian_sparsity`; the pattern is symmetric.

    Raises
    ------
    ShapeError
        If the result is not a scalar.

    Examples
    --------
    >>> import numpy as np
    >>> hessian_sparsity(lambda x: x[0] * x[1] + x[2])(np.ones(3)).toarray().astype(int)
    array([[0, 1, 0],
           [1, 0, 0],
           [0, 0, 0]])
    """
    return _pattern_of(hessian_pattern, f, wrt)


def _pattern_of(find: Callable[[Call, Any], Pattern], f: Any, wrt: Wrt | None) -> Any:
    target = resolve(f, wrt, one_variable=True)

    def pattern(*args: Any, **options: Any) -> Pattern:
        given = problem(target, args, options)
        with np.errstate(all="ignore"):
            return wherever(find, one_result(given), one_variable(given))

    return target.finish(pattern)


def one_variable(given: Problem) -> Any:
    """The one array that a matrix of derivatives can be by."""
    if len(given.xs) != 1 or any(given.nests):
        raise ExpressionTypeError(_not_one("variable", len(given.xs)))
    return given.xs[0]


def one_result(given: Problem) -> Call:
    """The function, whose result is checked to be the one array that a matrix can be of."""

    def call(*xs: Any) -> list[Any]:
        found = given.call(*xs)
        if len(found) != 1 or given.out is not None:
            raise ExpressionTypeError(_not_one("result", len(found)))
        return found

    return call


def _not_one(what: str, count: int) -> str:
    return (
        f"sparsity needs one array as the {what}, got {count} in a container; join them in one "
        "array, or differentiate without sparsity"
    )
