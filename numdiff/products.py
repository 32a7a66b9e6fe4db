"""Jacobians and Hessians times vectors: the verbs that need no whole matrix."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numdiff.arguments import real_array
from numdiff.calls import quiet, real_values
from numdiff.coordinates import estimate_jacobian
from numdiff.directional import estimate_along, estimate_curvature
from numdiff.errors import InputError
from numdiff.packing import Packing, matching
from numdiff.signature import choose_arguments

__all__ = ["hvp", "jvp", "vjp"]

Function = Callable[..., Any]


def jvp(f: Any, primals: Any, tangents: Any) -> tuple[Any, Any]:
    """The value of f and its derivative along a direction, from one table whatever the size.

    Parameters
    ----------
    f : callable or expression
        Takes the primals by position (an expression in order of name).
    primals, tangents : tuple of array_like, or one array_like
        Where, and along which direction; of the same shapes.

    Returns
    -------
    value, tangent
        Both of f's shape.

    Raises
    ------
    InputError, InputTypeError
        If shapes differ or something is no real number.

    Examples
    --------
    >>> value, tangent = jvp(lambda x, y: x * y, (2.0, 3.0), (1.0, 0.5))
    >>> float(value), round(float(tangent), 9)
    (6.0, 4.0)
    """
    joined, packing, _ = _packed(f, primals)
    direction = matching(packing, Packing(_tuple(tangents), "the tangents"), "tangents")
    value, slope = estimate_along(joined, packing.flat, direction)
    return value[()], slope.value[()]


def vjp(f: Any, *primals: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """The value of f and its pullback, which takes a cotangent to the primals' cotangents.

    Parameters
    ----------
    f : callable or expression
        Takes the primals by position (an expression in order of name).
    *primals : array_like
        Where.

    Returns
    -------
    value, pullback
        ``pullback(w)``, for w of f's shape, gives a tuple with one array for each primal: the
        gradient of ``sum(w * f)``.

    Raises
    ------
    InputError, InputTypeError
        If w has not the shape of f, or something is no real number.

    Examples
    --------
    >>> value, pullback = vjp(lambda x: np.array([x[0] * x[1], x[0]]), np.array([2.0, 3.0]))
    >>> pullback(np.array([1.0, 10.0]))[0].round(8)
    array([13.,  2.])
    """
    joined, packing, _ = _packed(f, primals)
    with quiet():
        value, _ = real_values(joined(packing.flat.copy()))

    def pullback(cotangent: Any) -> tuple[Any, ...]:
        w, _ = real_array(cotangent, "the cotangent")
        if w.shape != value.shape:
            raise InputError(
                f"a cotangent must have the shape of f, {value.shape}, got {w.shape}; reshape it"
            )
        weights = w.astype(np.float64)

        def weighted(flat: NDArray[Any]) -> Any:
            return np.sum(weights * real_values(joined(flat))[0])

        return tuple(packing.split(estimate_jacobian(weighted, packing.flat).value))

    return value[()], pullback


def hvp(f: Any, primals: Any, vector: Any) -> Any:
    """The Hessian of a scalar-valued f times a vector, without the Hessian.

    Parameters
    ----------
    f : callable or expression
        Takes the primals by position (an expression in order of name); gives a scalar.
    primals, vector : tuple of array_like, or one array_like
        Where, and times what; of the same shapes.

    Returns
    -------
    array or tuple of arrays
        Of the shapes of the primals; a tuple if they were one.

    Raises
    ------
    InputError, InputTypeError
        If f gives no scalar, shapes differ or something is no real number.

    Examples
    --------
    >>> hvp(lambda v: v[0] ** 2 * v[1], np.array([2.0, 3.0]), np.array([1.0, 0.0])).round(6)
    array([6., 4.])
    """
    joined, packing, single = _packed(f, primals)
    direction = matching(packing, Packing(_tuple(vector), "the vector"), "the vector")
    product = packing.split(estimate_curvature(joined, packing.flat, direction).value)
    return product[0] if single else tuple(product)


def _tuple(values: Any) -> tuple[Any, ...]:
    return values if isinstance(values, tuple) else (values,)


def _packed(f: Any, primals: Any) -> tuple[Function, Packing, bool]:
    """F as a function of one flat array, and how its primals lie in it."""
    arguments = _tuple(primals)
    call = choose_arguments(f, tuple(range(len(arguments)))).call(arguments, {})
    packing = Packing(arguments, "the primals")
    return (
        lambda flat: call.at(dict(enumerate(packing.split(flat)))),
        packing,
        not isinstance(primals, tuple),
    )
