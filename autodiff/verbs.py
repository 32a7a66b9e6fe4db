"""The eight verbs, once for every mode: what goes in, what comes out, and in which shape."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff.auxiliary import Auxiliary
from autodiff.mode import (
    Mode,
    checked_order,
    gradients,
    hessians,
    jacobians,
    slopes,
    tidy,
)
from autodiff.points import directions, everywhere
from autodiff.problem import by_name, matching, problem, repacked
from diffexpr.signature import Target, Wrt, resolve


class Verbs:
    """The verbs of one mode of differentiation.

    Parameters
    ----------
    mode : Mode
        What its verbs are made of.
    """

    __slots__ = ("mode",)

    def __init__(self, mode: Mode) -> None:
        self.mode = mode

    def derivative(self, f: Any, wrt: Wrt | None = None, n: int = 1) -> Any:
        """The n-th derivative along one variable, elementwise over arrays.

        Parameters
        ----------
        f : callable or Expr
            A function of numbers and NumPy arrays, or an expression.
        wrt : int, str, Expr, or a tuple of these, optional
            The variable: a position, a name or a symbol. The first parameter of a function, the
            only variable of an expression.
        n : int
            The order; 0 is the function itself.

        Returns
        -------
        callable or Expr
            What ``f`` is. The derivative has the shape of the result of ``f``; entries of an
            array variable move together, so that for an elementwise ``f`` each is differentiated
            by itself.

        Raises
        ------
        ExpressionValueError
            If ``n`` is no order, or an expression has several variables and ``wrt`` names none.

        Examples
        --------
        >>> from autodiff import derivative
        >>> import numpy as np
        >>> print(derivative(np.sin)(0.0))
        1.0
        >>> derivative(lambda x: x**3, n=2)(np.array([1.0, 2.0]))
        array([ 6., 12.])
        """
        order = checked_order(n)
        target = resolve(f, wrt, one_variable=True)

        def slope(*args: Any, **options: Any) -> Any:
            given = problem(target, args, options)
            with np.errstate(all="ignore"):
                return given.pack(tidy(slopes(self.mode, given, order), given))

        return _finish(target, slope, "derivative")

    def grad(self, f: Any, wrt: Wrt | None = None, *, has_aux: bool = False) -> Any:
        """The gradient of a scalar-valued function.

        Parameters
        ----------
        f : callable or Expr
        wrt : int, str, Expr, or a tuple of these, optional
            The first parameter of a function, all variables of an expression in order of name.
        has_aux : bool
            Whether ``f`` returns a pair, of which the first part is differentiated and the second,
            anything at all, is handed back.

        Returns
        -------
        callable or Expr
            What ``f`` is. The gradient has the shape of the variable; a tuple for a tuple. With
            ``has_aux`` the function gives ``(gradient, aux)``.

        Raises
        ------
        ShapeError
            If the result is not a scalar.

        Examples
        --------
        >>> from autodiff import grad
        >>> import numpy as np
        >>> grad(lambda w: np.sum(w**2))(np.array([1.0, 2.0]))
        array([2., 4.])
        """
        target = resolve(f, wrt)

        def gradient(*args: Any, **options: Any) -> Any:
            given = problem(target, args, options)
            aux = Auxiliary(given) if has_aux else None
            with np.errstate(all="ignore"):
                parts = gradients(self.mode, given, "grad")[1]
                found = given.pack(tidy(parts, given, own=True))
            return found if aux is None else (found, aux.values())

        return _finish(target, gradient, "grad")

    def value_and_grad(self, f: Any, wrt: Wrt | None = None, *, has_aux: bool = False) -> Any:
        """The value and the gradient of a scalar-valued function.

        Parameters
        ----------
        f, wrt, has_aux
            As for `grad`.

        Returns
        -------
        callable, or tuple of Expr
            The value, of shape ``()``, and the gradient, of the shape of the variable. With
            ``has_aux`` the function gives ``((value, aux), gradient)``.

        Raises
        ------
        ShapeError
            If the result is not a scalar.

        Examples
        --------
        >>> from autodiff import value_and_grad
        >>> value, gradient = value_and_grad(lambda x: x**2)(3.0)
        >>> print(value, gradient)
        9.0 6.0
        """
        target = resolve(f, wrt)

        def both(*args: Any, **options: Any) -> tuple[Any, Any]:
            given = problem(target, args, options)
            aux = Auxiliary(given) if has_aux else None
            with np.errstate(all="ignore"):
                value, parts = gradients(self.mode, given, "value_and_grad")
                found = given.pack(tidy(parts, given, own=True))
                value = tidy([value], given, narrow=False)[0]
            return value if aux is None else (value, aux.values()), found

        return _finish(target, both, "value_and_grad")

    def jacobian(self, f: Any, wrt: Wrt | None = None, *, sparsity: Any = None) -> Any:
        """The Jacobian: rows are outputs.

        Parameters
        ----------
        f, wrt
            As for `grad`; the result of ``f`` may have any shape.
        sparsity : 'detect', matrix or (rows, columns), optional
            Which entries can differ from 0: found from the operations of ``f`` at the point, or
            given as a boolean array, a sparse matrix, or the places of the entries. One sweep
            then computes many columns or rows at once (Curtis, Powell and Reid 1974). A given
            pattern that misses an entry gives wrong numbers.

        Returns
        -------
        callable or Expr
            What ``f`` is. The Jacobian has the shape of the result followed by that of the
            variable; with ``sparsity`` it is a matrix of shape ``(result.size, variable.size)``,
            a ``scipy.sparse.csr_array`` where SciPy is installed.

        Examples
        --------
        >>> from autodiff import jacobian
        >>> import numpy as np
        >>> jacobian(lambda x: np.array([[1.0, 2.0], [3.0, 4.0]]) @ x)(np.ones(2))
        array([[1., 2.],
               [3., 4.]])
        >>> found = jacobian(lambda x: x**2, sparsity="detect")(np.arange(1.0, 1001.0))
        >>> found.shape, found.nnz
        ((1000, 1000), 1000)
        """
        target = resolve(f, wrt, one_variable=sparsity is not None)
        option = _sparsity(sparsity)

        def rows(*args: Any, **options: Any) -> Any:
            given = problem(target, args, options)
            with np.errstate(all="ignore"):
                if option is not None:
                    from autodiff.sparse.compressed import sparse_jacobian

                    return target.pack([sparse_jacobian(self.mode, given, option)])
                blocks = jacobians(self.mode, given)
                return given.result([given.pack(tidy(row, given)) for row in blocks])

        return _finish(target, rows, "jacobian")

    def hessian(self, f: Any, wrt: Wrt | None = None, *, sparsity: Any = None) -> Any:
        """The Hessian of a scalar-valued function.

        Parameters
        ----------
        f, wrt
            As for `grad`.
        sparsity : 'detect', matrix or (rows, columns), optional
            As for `jacobian`; the columns of a symmetric pattern are coloured as stars (Coleman
            and Moré 1984).

        Returns
        -------
        callable, Expr or tuple
            Of the shape of the variable twice; for a tuple of variables a tuple of rows of blocks.
            With ``sparsity`` a matrix of shape ``(variable.size, variable.size)``.

        Raises
        ------
        ShapeError
            If the result is not a scalar.

        Examples
        --------
        >>> from autodiff import hessian
        >>> import numpy as np
        >>> hessian(lambda x: x[0] ** 2 * x[1])(np.array([1.0, 2.0]))
        array([[4., 2.],
               [2., 0.]])
        """
        target = resolve(f, wrt, one_variable=sparsity is not None)
        option = _sparsity(sparsity)

        def curvature(*args: Any, **options: Any) -> Any:
            given = problem(target, args, options)
            with np.errstate(all="ignore"):
                if option is not None:
                    from autodiff.sparse.compressed import sparse_hessian

                    return target.pack([sparse_hessian(self.mode, given, option)])
                rows = hessians(self.mode, given)
                return given.pack([given.pack(tidy(row, given)) for row in rows])

        return _finish(target, curvature, "hessian")

    def jvp(self, f: Any, primals: Any, tangents: Any) -> tuple[Any, Any]:
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
        >>> from autodiff import jvp
        >>> value, tangent = jvp(lambda x, y: x * y, (2.0, 3.0), (1.0, 0.0))
        >>> print(value, tangent)
        6.0 3.0
        """
        given = everywhere(f, primals)
        xs = given.xs
        vs = directions(given, xs, tangents, "tangents")
        with np.errstate(all="ignore"):
            ys, ts = zip(*self.mode.differential(given.call, xs, vs), strict=True)
            return given.result(tidy(ys, given, narrow=False)), given.result(tidy(ts, given))

    def vjp(self, f: Any, *primals: Any) -> tuple[Any, Callable[[Any], Any]]:
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
        >>> from autodiff import vjp
        >>> value, pullback = vjp(lambda x, y: x * y, 2.0, 3.0)
        >>> print(value, *pullback(1.0))
        6.0 3.0 2.0
        """
        target = resolve(f, None)
        packing = primals[0] if len(primals) == 1 and by_name(primals[0], target) else primals
        given = everywhere(f, packing)
        xs = given.xs
        with np.errstate(all="ignore"):
            ys, back = self.mode.pullback(given.call, xs)
        out = given.out

        def pullback(cotangent: Any) -> Any:
            ws = [cotangent] if out is None else out.leaves_of(cotangent)
            whole = [matching(w, y, "the cotangent") for w, y in zip(ws, ys, strict=True)]
            with np.errstate(all="ignore"):
                # Copies, for what is handed through may be the caller's own cotangent.
                parts = [np.array(g) if type(g) is np.ndarray else g for g in back(whole)]
                found = tidy(parts, given, own=True)
                return repacked(given.gathered(found), packing, given.target)

        return given.result(tidy(ys, given, narrow=False)), pullback

    def hvp(self, f: Any, primals: Any, vector: Any) -> Any:
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
        >>> from autodiff import hvp
        >>> import numpy as np
        >>> hvp(lambda x: np.sum(x**3), np.array([1.0, 2.0]), np.array([1.0, 0.0]))
        array([6., 0.])
        """
        given = everywhere(f, primals)
        xs = given.xs
        vs = directions(given, xs, vector, "vector")

        def slope(*inner: Any) -> list[Any]:
            return self.mode.gradient(given.scalar_call("hvp"), inner, 1, "hvp")[1]

        with np.errstate(all="ignore"):
            found = self.mode.differential(slope, xs, vs)
            parts = given.gathered(tidy([t for _, t in found], given))
            return repacked(parts, primals, given.target)


def _sparsity(option: Any) -> Any:
    """The option as it is read once for all calls; what it needs is loaded when it is used."""
    if option is None:
        return None
    from autodiff.sparse.compressed import Sparsity

    return Sparsity(option)


def _finish(target: Target, verb: Callable[..., Any], name: str) -> Any:
    verb.__name__ = verb.__qualname__ = name
    return target.finish(verb)
