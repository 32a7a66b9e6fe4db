"""Forward mode: tangents are pushed along with the values. All verbs by dual numbers.

Method: Griewank and Walther (2008), *Evaluating Derivatives*, section 3.1. The cost grows with
the number of inputs; every verb of every order is available, also where reverse mode is cheaper.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autodiff import push, verbs
from diffexpr.signature import Wrt

MODE = verbs.Mode(
    slope=push.slope,
    gradient=push.gradient,
    jacobian=push.jacobian,
    differential=push.differential,
    pullback=push.pullback,
    curvature=push.jacobian,
)


__all__ = [
    "derivative",
    "grad",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "value_and_grad",
    "vjp",
]


def derivative(f: Any, wrt: Wrt | None = None, n: int = 1) -> Any:
    """The n-th derivative along one variable, elementwise over arrays.

    Parameters
    ----------
    f : callable or Expr
        A function of numbers and NumPy arrays, or an expression.
    wrt : int, str, Expr, or a tuple of these, optional
        The variable: a position, a name or a symbol. The first parameter of a function, the only
        variable of an expression.
    n : int
        The order; 0 is the function itself.

    Returns
    -------
    callable or Expr
        What ``f`` is. The derivative has the shape of the result of ``f``; entries of an array
        variable move together, so that for an elementwise ``f`` each is differentiated by itself.

    Raises
    ------
    ExpressionValueError
        If ``n`` is no order, or an expression has several variables and ``wrt`` names none.

    Examples
    --------
    >>> import numpy as np
    >>> print(derivative(np.sin)(0.0))
    1.0
    >>> derivative(lambda x: x**3, n=2)(np.array([1.0, 2.0]))
    array([ 6., 12.])
    """
    return verbs.derivative(MODE, f, wrt, n)


def grad(f: Any, wrt: Wrt | None = None) -> Any:
    """The gradient of a scalar-valued function.

    Parameters
    ----------
    f : callable or Expr
    wrt : int, str, Expr, or a tuple of these, optional
        The first parameter of a function, all variables of an expression in order of name.

    Returns
    -------
    callable or Expr
        What ``f`` is. The gradient has the shape of the variable; a tuple for a tuple.

    Raises
    ------
    ShapeError
        If the result is not a scalar.

    Examples
    --------
    >>> import numpy as np
    >>> grad(lambda w: np.sum(w**2))(np.array([1.0, 2.0]))
    array([2., 4.])
    """
    return verbs.grad(MODE, f, wrt)


def value_and_grad(f: Any, wrt: Wrt | None = None) -> Any:
    """The value and the gradient of a scalar-valued function.

    Parameters
    ----------
    f, wrt
        As for `grad`.

    Returns
    -------
    callable, or tuple of Expr
        The value, of shape ``()``, and the gradient, of the shape of the variable.

    Raises
    ------
    ShapeError
        If the result is not a scalar.

    Examples
    --------
    >>> value, gradient = value_and_grad(lambda x: x**2)(3.0)
    >>> print(value, gradient)
    9.0 6.0
    """
    return verbs.value_and_grad(MODE, f, wrt)


def jacobian(f: Any, wrt: Wrt | None = None) -> Any:
    """The Jacobian: rows are outputs.

    Parameters
    ----------
    f, wrt
        As for `grad`; the result of ``f`` may have any shape.

    Returns
    -------
    callable or Expr
        What ``f`` is. The Jacobian has the shape of the result followed by that of the variable.

    Examples
    --------
    >>> import numpy as np
    >>> jacobian(lambda x: np.array([[1.0, 2.0], [3.0, 4.0]]) @ x)(np.ones(2))
    array([[1., 2.],
           [3., 4.]])
    """
    return verbs.jacobian(MODE, f, wrt)


def hessian(f: Any, wrt: Wrt | None = None) -> Any:
    """The Hessian of a scalar-valued function.

    Parameters
    ----------
    f, wrt
        As for `grad`.

    Returns
    -------
    callable, Expr or tuple
        Of the shape of the variable twice; for a tuple of variables a tuple of rows of blocks.

    Raises
    ------
    ShapeError
        If the result is not a scalar.

    Examples
    --------
    >>> import numpy as np
    >>> hessian(lambda x: x[0] ** 2 * x[1])(np.array([1.0, 2.0]))
    array([[4., 2.],
           [2., 0.]])
    """
    return verbs.hessian(MODE, f, wrt)


def jvp(f: Any, primals: Any, tangents: Any) -> tuple[Any, Any]:
    """The value and the directional derivative: Jacobian times tangent.

    Parameters
    ----------
    f : callable or Expr
    primals : tuple, dict by name, or a single value
        Values of all parameters; of the variables of an expression, in order of name.
    tangents : the same
        Of the shapes of the primals.

    Returns
    -------
    tuple
        Value and tangent, both of the shape of the result.

    Raises
    ------
    ShapeError
        If a tangent does not have the shape of its primal.

    Examples
    --------
    >>> value, tangent = jvp(lambda x, y: x * y, (2.0, 3.0), (1.0, 0.0))
    >>> print(value, tangent)
    6.0 3.0
    """
    return verbs.jvp(MODE, f, primals, tangents)


def vjp(f: Any, *primals: Any) -> tuple[Any, Callable[[Any], Any]]:
    """The value and the function that pulls a cotangent back: cotangent times Jacobian.

    Parameters
    ----------
    f : callable or Expr
    *primals : numbers or arrays, or one dict by name
        Values of all parameters; of the variables of an expression, in order of name.

    Returns
    -------
    tuple
        The value, and a function that takes a cotangent of the shape of the value and gives a
        tuple with one cotangent per primal (a dict for a dict).

    Examples
    --------
    >>> value, pullback = vjp(lambda x, y: x * y, 2.0, 3.0)
    >>> print(value, *pullback(1.0))
    6.0 3.0 2.0
    """
    return verbs.vjp(MODE, f, primals)


def hvp(f: Any, primals: Any, vector: Any) -> Any:
    """The Hessian of a scalar-valued function times a vector, without the Hessian.

    Parameters
    ----------
    f : callable or Expr
    primals : tuple, dict by name, or a single value
    vector : the same
        Of the shapes of the primals.

    Returns
    -------
    tuple, dict or a single value
        Packed and shaped as ``primals``.

    Raises
    ------
    ShapeError
        If the result is not a scalar, or a vector does not have the shape of its primal.

    Examples
    --------
    >>> import numpy as np
    >>> hvp(lambda x: np.sum(x**3), np.array([1.0, 2.0]), np.array([1.0, 0.0]))
    array([6., 0.])
    """
    return verbs.hvp(MODE, f, primals, vector)
