"""Products with derivatives: Jacobian times vector, vector times Jacobian, Hessian times vector."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from diffexpr import Expr, ExpressionTypeError, ShapeError
from diffexpr.build import node
from diffexpr.evaluate import as_number
from diffexpr.signature import Target, resolve
from diffexpr.trace import as_expression
from symdiff.differentiate import derive
from symdiff.tracing import Traced, gradients, shape_of_value


def _everything(f: Any, primals: Sequence[Any]) -> Target:
    """The target of a verb that differentiates every argument it is given."""
    target = resolve(f, tuple(range(len(primals))))
    if target.expr is not None and len(target.names) != len(primals):
        raise ExpressionTypeError(
            f"expected {len(target.names)} values ({', '.join(target.names)}), got {len(primals)}"
        )
    return target


def _listed(values: Any, name: str) -> tuple[Any, ...]:
    if not isinstance(values, (tuple, list)):
        raise ExpressionTypeError(f"{name} is {values!r}; give a tuple, one entry per argument")
    return tuple(as_number(v, f"{name}[{i}]") for i, v in enumerate(values))


def _matching(primals: tuple[Any, ...], vectors: tuple[Any, ...], name: str) -> None:
    if [shape_of_value(p) for p in primals] != [shape_of_value(v) for v in vectors]:
        raise ShapeError(
            f"{name} have shapes {[shape_of_value(v) for v in vectors]}, "
            f"the primals {[shape_of_value(p) for p in primals]}; give one of equal shape each"
        )


def jvp(f: Any, primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """Value and directional derivative.

    Parameters
    ----------
    f : callable or Expr
    primals, tangents : tuple
        One entry per argument, of equal shapes; for an expression in order of name.

    Returns
    -------
    value, tangent
        Both of the shape of the result.

    Raises
    ------
    ShapeError
        If a tangent does not have the shape of its primal.

    Examples
    --------
    >>> print(*jvp(lambda x, y: x * y, (2.0, 3.0), (1.0, 10.0)))
    6.0 23.0
    """
    primals, tangents = _listed(primals, "primals"), _listed(tangents, "tangents")
    _matching(primals, tangents, "tangents")
    target = _everything(f, primals)
    traced = Traced(target, lambda expr, wrt: [d.formula for d in derive(expr, wrt)])
    value, parts, _ = traced(primals)
    total: Any = None
    for part, tangent in zip(parts, tangents, strict=True):
        term = part * tangent
        if shape_of_value(tangent):
            axes = tuple(range(len(shape_of_value(value)), len(shape_of_value(part))))
            term = np.sum(term, axis=axes)
        total = term if total is None else total + term
    return value, total


def vjp(f: Any, *primals: Any) -> tuple[Any, Callable[[Any], Any]]:
    """Value and pullback.

    Parameters
    ----------
    f : callable or Expr
    *primals : number or array
        One per argument; for an expression in order of name.

    Returns
    -------
    value, pullback
        ``pullback(cotangent)`` takes an array of the result's shape and gives a tuple, one
        cotangent per argument.

    Raises
    ------
    ShapeError
        If the cotangent does not have the shape of the result.

    Examples
    --------
    >>> value, pullback = vjp(lambda x, y: x * y, 2.0, 3.0)
    >>> print(*pullback(1.0))
    3.0 2.0
    """
    given = _listed(primals, "primals")
    target = _everything(f, given)
    value, _, _ = Traced(target, lambda expr, wrt: [])(given)

    def weighted(*args: Any) -> Any:
        *inner, cotangent = args
        return np.sum(target.call(*inner) * cotangent)

    positions = tuple(range(len(given)))
    traced = Traced(Target(weighted, (), positions, False), gradients("vjp"))

    def pullback(cotangent: Any) -> tuple[Any, ...]:
        cotangent = as_number(cotangent, "cotangent")
        got, wanted = shape_of_value(cotangent), shape_of_value(value)
        if got != wanted:
            raise ShapeError(
                f"the cotangent has shape {got}, the result {wanted}; give one of equal shape"
            )
        return tuple(traced((*given, cotangent))[1])

    return value, pullback


def hvp(f: Any, primals: Sequence[Any], vector: Any) -> Any:
    """The Hessian of a scalar-valued function times a vector.

    Parameters
    ----------
    f : callable or Expr
    primals : tuple
        One entry per argument; for an expression in order of name.
    vector : tuple, or an array where there is one argument
        One entry per argument, of the primal's shape.

    Returns
    -------
    array or tuple
        Of the shapes of the primals: bare where the vector was bare.

    Raises
    ------
    ShapeError
        If the result is not a scalar, or a vector does not have the shape of its primal.

    Examples
    --------
    >>> import numpy as np
    >>> hvp(lambda w: np.sum(w**3), (np.array([1.0, 2.0]),), np.array([1.0, 1.0]))
    array([ 6., 12.])
    """
    given = _listed(primals, "primals")
    bare = not isinstance(vector, tuple)
    vectors = _listed((vector,) if bare else vector, "vector")
    _matching(given, vectors, "the vectors")
    target = _everything(f, given)
    count = len(given)

    def products(expr: Expr, wrt: tuple[Expr, ...]) -> Sequence[Expr]:
        variables, directions = wrt[:count], wrt[count:]
        slopes = gradients("hvp")(expr, variables)
        total: Any = 0
        for slope, direction in zip(slopes, directions, strict=True):
            total = total + _summed(slope * direction)
        return [d.formula for d in derive(as_expression(total), variables)]

    both = Target(lambda *args: target.call(*args[:count]), (), tuple(range(2 * count)), False)
    found = Traced(both, products)((*given, *vectors))[1]
    return found[0] if bare else tuple(found)


def _summed(product: Expr) -> Expr:
    if not product.shape:
        return product
    return node("sum", (product,), (tuple(range(len(product.shape))), False))
