"""The verbs: derivatives of functions and expressions, in the shapes every backend shares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from diffexpr import Expr, ExpressionTypeError
from diffexpr.signature import Target, Wrt, resolve
from symdiff.differentiate import derive
from symdiff.elementwise import along
from symdiff.tracing import Traced, gradients


def derivative(f: Any, wrt: Wrt | None = None, n: int = 1) -> Any:
    """The n-th derivative along one variable.

    Parameters
    ----------
    f : callable or Expr
    wrt : int, str or Expr, optional
        The first parameter of a function, the only variable of an expression.
    n : int
        Order of the derivative.

    Returns
    -------
    callable or Expr
        The same kind as went in. The result has the shape of ``f``'s; an array goes in element by
        element, and where ``f`` mixes the elements the derivative is along all of them together.

    Raises
    ------
    ExpressionValueError
        If an expression has several variables and none is named, or n is not positive.

    Examples
    --------
    >>> from diffexpr import parse
    >>> derivative(parse("x^2 sin(x)"))
    x**2*cos(x) + 2*x*sin(x)
    >>> print(derivative(lambda x: x**3, n=2)(2.0))
    12.0
    """
    target = resolve(f, wrt, one_variable=True)
    if not target.single:
        raise ExpressionTypeError(f"derivative takes one variable, got wrt={wrt!r}; use grad")
    if target.expr is not None:
        return along(target.expr, target.symbols[target.positions[0]], n)
    traced = Traced(target, lambda expr, wrt: [along(expr, wrt[0], n)])

    def evaluated(*args: Any) -> Any:
        return traced(args)[1][0]

    return evaluated


def grad(f: Any, wrt: Wrt | None = None) -> Any:
    """The gradient of a scalar-valued function.

    Parameters
    ----------
    f : callable or Expr
    wrt : int, str, Expr, or a tuple of these, optional
        The first parameter of a function; all variables of an expression, in order of name.

    Returns
    -------
    callable or Expr
        Of the shape of the variable; a tuple for a tuple, and for all variables.

    Raises
    ------
    ShapeError
        If the result is not a scalar.

    Examples
    --------
    >>> from diffexpr import parse
    >>> grad(parse("x^2 y"))
    (2*x*y, x**2)
    >>> import numpy as np
    >>> grad(lambda w: np.sum(w**2))(np.array([1.0, 2.0]))
    array([2., 4.])
    """
    target = resolve(f, wrt)
    if target.expr is not None:
        return target.pack(gradients("grad")(target.expr, _wanted(target)))
    traced = Traced(target, gradients("grad"))

    def evaluated(*args: Any) -> Any:
        return target.pack(traced(args)[1])

    return evaluated


def value_and_grad(f: Any, wrt: Wrt | None = None) -> Any:
    """Value and gradient of a scalar-valued function; see `grad`.

    Returns
    -------
    callable or tuple
        ``(value, gradient)``, of expressions where ``f`` is one.

    Raises
    ------
    ShapeError
        If the result is not a scalar.

    Examples
    --------
    >>> print(*value_and_grad(lambda x: x**2)(3.0))
    9.0 6.0
    """
    target = resolve(f, wrt)
    if target.expr is not None:
        return target.expr, target.pack(gradients("value_and_grad")(target.expr, _wanted(target)))
    traced = Traced(target, gradients("value_and_grad"))

    def evaluated(*args: Any) -> Any:
        value, derived, _ = traced(args)
        return value, target.pack(derived)

    return evaluated


def jacobian(f: Any, wrt: Wrt | None = None) -> Any:
    """The Jacobian: rows are outputs.

    Returns
    -------
    callable or Expr
        Of shape ``out.shape + in.shape``; a tuple for a tuple of variables.

    Examples
    --------
    >>> import numpy as np
    >>> jacobian(lambda w: w**2)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """
    target = resolve(f, wrt)
    if target.expr is not None:
        return target.pack([d.formula for d in derive(target.expr, _wanted(target))])
    traced = Traced(target, lambda expr, wrt: [d.formula for d in derive(expr, wrt)])

    def evaluated(*args: Any) -> Any:
        return target.pack(traced(args)[1])

    return evaluated


def hessian(f: Any, wrt: Wrt | None = None) -> Any:
    """The matrix of second derivatives of a scalar-valued function.

    Returns
    -------
    callable or Expr
        Of shape ``in.shape + in.shape``; a tuple of tuples for a tuple of variables.

    Raises
    ------
    ShapeError
        If the result is not a scalar.

    Examples
    --------
    >>> from diffexpr import parse
    >>> hessian(parse("x^2 y"))
    ((2*y, 2*x), (2*x, 0))
    """
    target = resolve(f, wrt)

    def blocks(expr: Expr, wrt: tuple[Expr, ...]) -> Sequence[Expr]:
        firsts = gradients("hessian")(expr, wrt)
        return [d.formula for first in firsts for d in derive(first, wrt)]

    def packed(flat: Sequence[Any]) -> Any:
        count = len(target.positions)
        rows = [target.pack(flat[i * count : (i + 1) * count]) for i in range(count)]
        return target.pack(rows)

    if target.expr is not None:
        return packed(blocks(target.expr, _wanted(target)))
    traced = Traced(target, blocks)

    def evaluated(*args: Any) -> Any:
        return packed(traced(args)[1])

    return evaluated


def _wanted(target: Target) -> tuple[Expr, ...]:
    return tuple(target.symbols[i] for i in target.positions)
