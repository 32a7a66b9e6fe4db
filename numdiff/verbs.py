"""The verbs that all backends speak: what is differentiated, and the shape of the answer.

Each gives the value alone; `numdiff.estimate` and its kin give the error bar as well. Where there
is no derivative (a kink, a jump, an undefined value) the value is NaN.
"""

from collections.abc import Callable
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from numdiff.arguments import check_method, read_order, real_array
from numdiff.calls import quiet, real_values
from numdiff.coordinates import estimate_columns, estimate_jacobian
from numdiff.crossed import estimate_hessian
from numdiff.elementwise import estimate
from numdiff.errors import InputError
from numdiff.options import Options, check_options
from numdiff.packing import Packing
from numdiff.rows import estimate_rows
from numdiff.signature import Call, Choice, choose_arguments
from numdiff.workers import check_workers

__all__ = ["derivative", "grad", "hessian", "jacobian", "value_and_grad"]

Function = Callable[..., Any]


def derivative(
    f: Any,
    wrt: Any = None,
    n: int = 1,
    **options: Unpack[Options],
) -> Function:
    """The n-th derivative of f along one scalar variable, elementwise over arrays.

    Parameters
    ----------
    f : callable or expression
        A function whose result has the shape to which its arguments broadcast; or an expression.
    wrt : int, str or symbol, optional
        Which argument; by default the first, or the only variable of an expression.
    n : int
        Order of the derivative, 1 to 4.
    **options
        As in `numdiff.estimate`: `method`, `bounds`, `rel_step`, `abs_step`, and those of
        ``scipy.differentiate.derivative``: `tolerances`, `maxiter`, `order`, `initial_step`,
        `step_factor`, `step_direction`. Further arguments of f are given to the result.

    Returns
    -------
    callable
        Called as f is; gives an array of f's shape, a NumPy scalar for scalars. Other arguments
        that are arrays must broadcast with the one that varies.

    Raises
    ------
    InputError, InputTypeError
        For a wrt that f does not have, an n or an option out of range; and when called, as
        `numdiff.estimate`.

    Examples
    --------
    >>> round(float(derivative(np.sin)(0.0)), 12)
    1.0
    >>> derivative(lambda x, k: x**k, 0, 2)(np.array([1.0, 2.0]), 3).round(6)
    array([ 6., 12.])
    """
    chosen = choose_arguments(f, wrt, one=True)
    order = read_order(n)
    check_options(options, order)
    check_workers(options.get("workers"), f)

    def derived(*args: Any, **kwargs: Any) -> Any:
        call = chosen.call(args, kwargs)
        point, _ = real_array(call.values[0], "the argument")
        function = call.function_of(0)
        if call.others_are_arrays and point.shape:
            return estimate_rows(function, point, order, options).value
        whole = _shape(call)
        if point.shape and whole not in (None, point.shape):
            raise InputError(
                f"derivative needs an elementwise f, got shape {whole} from {point.shape};"
                " use jacobian"
            )
        if point.shape == () and whole != ():
            return estimate_columns(function, point, order, options).value
        return estimate(function, point, order, **options).value[()]

    return derived


def grad(
    f: Any,
    wrt: Any = None,
    **options: Unpack[Options],
) -> Function:
    """The gradient of a scalar-valued f.

    Parameters
    ----------
    f : callable or expression
        Gives a scalar.
    wrt : int, str, symbol or tuple of these, optional
        Which arguments; by default the first, or all variables of an expression.
    **options
        As in `numdiff.estimate_jacobian`; bounds and steps broadcast to each argument.

    Returns
    -------
    callable
        Called as f is; gives an array of the argument's shape, a tuple of them for a tuple.

    Raises
    ------
    InputError, InputTypeError
        For a wrt or method that does not exist; and when called, if f gives no scalar, and as
        `numdiff.estimate_jacobian`.

    Examples
    --------
    >>> grad(lambda v: v @ v)(np.array([1.0, 2.0])).round(9)
    array([2., 4.])
    """
    both = value_and_grad(f, wrt, **options)
    return lambda *args, **kwargs: both(*args, **kwargs)[1]


def value_and_grad(
    f: Any,
    wrt: Any = None,
    **options: Unpack[Options],
) -> Function:
    """The value and the gradient of a scalar-valued f: arguments as for `grad`.

    Returns
    -------
    callable
        Called as f is; gives the pair (value, gradient).

    Raises
    ------
    InputError, InputTypeError
        As `grad`.

    Examples
    --------
    >>> value, slope = value_and_grad(lambda x: x**2)(3.0)
    >>> float(value), round(float(slope), 9)
    (9.0, 6.0)
    """
    chosen = choose_arguments(f, wrt)
    check_options(options, 1)
    check_workers(options.get("workers"), f)

    def both(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        call = chosen.call(args, kwargs)
        value = _value(call)
        if value.shape != ():
            raise InputError(f"grad needs a scalar result, got shape {value.shape}; use jacobian")
        return value[()], _jacobians(chosen, call, None, options)

    return both


def jacobian(
    f: Any, wrt: Any = None, *, sparsity: Any = None, **options: Unpack[Options]
) -> Function:
    """The Jacobian of f, rows are outputs: arguments as for `grad`.

    Parameters
    ----------
    f, wrt
        As for `grad`.
    sparsity : array_like or SciPy sparse matrix of shape (out.size, in.size), or 'detect'
        As in `numdiff.estimate_jacobian`; for one argument of no more than one dimension.
    **options
        As for `grad`.

    Returns
    -------
    callable
        Called as f is; gives an array of shape ``out.shape + in.shape``, a tuple for a tuple; with
        `sparsity`, a SciPy ``csr_array`` of shape (out.size, in.size).

    Raises
    ------
    InputError, InputTypeError
        For a wrt or method that does not exist, or `sparsity` with several arguments; and when
        called, as `numdiff.estimate_jacobian`.

    Examples
    --------
    >>> w = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    >>> jacobian(lambda x: w @ x)(np.zeros(3)).round(9)
    array([[1., 2., 3.],
           [4., 5., 6.]])
    """
    chosen = choose_arguments(f, wrt)
    check_options(options, 1)
    check_workers(options.get("workers"), f)
    if sparsity is not None and not chosen.single:
        raise InputError(f"sparsity needs one argument, got wrt={wrt!r}; name one, or join them")

    def rows(*args: Any, **kwargs: Any) -> Any:
        call = chosen.call(args, kwargs)
        if sparsity is not None and np.ndim(call.values[0]) > 1:
            raise InputError(
                f"sparsity needs an argument of one dimension, got shape"
                f" {np.shape(call.values[0])}; reshape it within f"
            )
        return _jacobians(chosen, call, sparsity, options)

    return rows


def hessian(
    f: Any,
    wrt: Any = None,
    *,
    method: str = "auto",
    bounds: tuple[Any, Any] | None = None,
    rel_step: Any = None,
    abs_step: Any = None,
) -> Function:
    """The Hessian of a scalar-valued f.

    Parameters
    ----------
    f : callable or expression
        Gives a scalar.
    wrt : int, str, symbol or tuple of these, optional
        Which arguments; by default the first, or all variables of an expression.
    method, bounds, rel_step, abs_step
        As in `numdiff.estimate_hessian`; bounds and steps broadcast to each argument.

    Returns
    -------
    callable
        Called as f is; gives an array of shape ``in.shape + in.shape``; for a tuple, a tuple of
        tuples of blocks, block (i, j) of shape ``in_i.shape + in_j.shape``.

    Raises
    ------
    InputError, InputTypeError
        For a wrt or method that does not exist; and when called, as `numdiff.estimate_hessian`.

    Examples
    --------
    >>> hessian(lambda v: v[0] ** 2 - v[1] ** 2)(np.array([1.0, 2.0])).round(6)
    array([[ 2.,  0.],
           [ 0., -2.]])
    """
    chosen = choose_arguments(f, wrt)
    check_method(method, 2)

    def curved(*args: Any, **kwargs: Any) -> Any:
        call = chosen.call(args, kwargs)
        packing = Packing(call.values, "the argument")

        def joined(flat: NDArray[Any]) -> Any:
            return call.at(dict(enumerate(packing.split(flat))))

        full = estimate_hessian(
            joined,
            packing.flat,
            method=method,
            bounds=packing.bounds(bounds),
            rel_step=packing.spread(rel_step),
            abs_step=packing.spread(abs_step),
        ).value
        blocks = tuple(
            tuple(
                full[a, b].reshape(packing.shapes[i] + packing.shapes[j])[()]
                for j, b in enumerate(packing.slices)
            )
            for i, a in enumerate(packing.slices)
        )
        return blocks[0][0] if chosen.single else blocks

    return curved


def _shape(call: Call) -> tuple[int, ...] | None:
    """The shape of f's result; None where f does not take its arguments as they are."""
    copies = {i: real_array(v, "the argument")[0].copy()[()] for i, v in enumerate(call.values)}
    try:
        with quiet():
            return np.shape(call.at(copies))
    except (TypeError, ValueError):  # a function of single numbers, asked about many
        if np.shape(call.values[0]):
            return None
        raise


def _value(call: Call) -> NDArray[np.float64]:
    """F where it was asked for, on copies of the varied arguments."""
    copies = {i: real_array(v, "the argument")[0].copy()[()] for i, v in enumerate(call.values)}
    with quiet():
        return real_values(call.at(copies))[0]


def _jacobians(chosen: Choice, call: Call, sparsity: Any, options: Options) -> Any:
    """The Jacobian for each varied argument, alone or as a tuple."""
    parts = []
    for i, given in enumerate(call.values):
        function = call.function_of(i)
        value = estimate_jacobian(function, given, sparsity=sparsity, **options).value
        parts.append(value[()] if isinstance(value, np.ndarray) else value)
    return parts[0] if chosen.single else tuple(parts)
