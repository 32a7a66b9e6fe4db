"""The verbs: derivatives of functions and expressions, in the shapes every backend shares."""

from __future__ import annotations

import itertools
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from diffexpr import ControlFlowError, Expr, ExpressionTypeError, ShapeError, evaluate_all, symbol
from diffexpr.build import node
from diffexpr.evaluate import as_number
from diffexpr.signature import Target, Wrt, resolve
from diffexpr.trace import as_expression
from symdiff.differentiate import derive
from symdiff.elementwise import along

MAX_CACHED = 16
_fresh = itertools.count()

Derive = Callable[[Expr, tuple[Expr, ...]], Sequence[Expr]]


class _Traced:
    """A function whose derivative is derived from its trace at every call.

    The trace is taken anew each time, because what the function closes over may have changed; a
    derivation is kept by the expression it belongs to, so that only a new one is derived again.
    """

    def __init__(self, target: Target, derive: Derive) -> None:
        self.target = target
        self._derive = derive
        self._mark = next(_fresh)
        self._kept: OrderedDict[tuple[Expr, ...], Sequence[Expr]] = OrderedDict()
        self._lock = threading.Lock()

    def __call__(self, args: tuple[Any, ...]) -> tuple[Any, list[Any], tuple[Any, ...]]:
        """Value, derived values, and the values of the arguments to differentiate."""
        chosen = self.target.split(args)
        given = list(self.target.join(args, chosen))
        try:
            expr, wrt, values = self._trace(given, constants=False)
        except ControlFlowError:
            # A branch on an argument that is not differentiated needs its value.
            expr, wrt, values = self._trace(given, constants=True)
        formulas = self._formulas(expr, wrt)
        values.update({v.params[0]: v for v in expr.variables if v.params[0] not in values})
        shapes = [f.shape for f in (expr, *formulas)]
        found = evaluate_all([expr, *formulas], values)
        value, *derived = [_own(x, s) for x, s in zip(found, shapes, strict=True)]
        return value, derived, chosen

    def _trace(
        self, args: list[Any], *, constants: bool
    ) -> tuple[Expr, tuple[Expr, ...], dict[str, Any]]:
        operands = list(args)
        values: dict[str, Any] = {}
        for i, arg in enumerate(args):
            if i in self.target.positions or (not constants and _is_variable(arg)):
                operands[i] = symbol(f"{self._name(i)}_{self._mark}", _shape(arg))
                values[operands[i].params[0]] = arg
        expr = as_expression(self.target.call(*operands))
        return expr, tuple(operands[i] for i in self.target.positions), values

    def _name(self, i: int) -> str:
        name = self.target.label(i)
        return name if name.isascii() and name.isidentifier() else f"x{i}"

    def _formulas(self, expr: Expr, wrt: tuple[Expr, ...]) -> Sequence[Expr]:
        key = (expr, *wrt)
        with self._lock:
            found = self._kept.get(key)
        if found is None:
            found = self._derive(expr, wrt)
            with self._lock:
                self._kept[key] = found
                while len(self._kept) > MAX_CACHED:
                    self._kept.popitem(last=False)
        return found


def _is_variable(arg: Any) -> bool:
    """Arguments that become variables of the trace: floats, arrays and boxed values."""
    kind = getattr(arg, "dtype", None)
    return isinstance(arg, float) or (kind is not None and np.dtype(kind).kind == "f")


def _shape(arg: Any) -> tuple[int, ...]:
    return getattr(arg, "shape", ())


def _own(value: Any, shape: tuple[int, ...]) -> Any:
    """A value the caller may write into, of its full shape."""
    if hasattr(value, "_level"):
        return value
    array = np.asarray(value, None if isinstance(value, np.ndarray) else float)
    if array.ndim < len(shape):
        array = np.broadcast_to(array, shape)
    return np.array(array)[()]


def _scalar(shape: tuple[int, ...], verb: str) -> None:
    if shape:
        raise ShapeError(f"{verb} needs a scalar result, got shape {shape}; use jacobian")


def _gradients(verb: str) -> Derive:
    def gradients(expr: Expr, wrt: tuple[Expr, ...]) -> Sequence[Expr]:
        _scalar(expr.shape, verb)
        return [d.formula for d in derive(expr, wrt)]

    return gradients


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
    traced = _Traced(target, lambda expr, wrt: [along(expr, wrt[0], n)])

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
        return target.pack(_gradients("grad")(target.expr, _wanted(target)))
    traced = _Traced(target, _gradients("grad"))

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
        return target.expr, target.pack(_gradients("value_and_grad")(target.expr, _wanted(target)))
    traced = _Traced(target, _gradients("value_and_grad"))

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
    traced = _Traced(target, lambda expr, wrt: [d.formula for d in derive(expr, wrt)])

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
        firsts = _gradients("hessian")(expr, wrt)
        return [d.formula for first in firsts for d in derive(first, wrt)]

    def packed(flat: Sequence[Any]) -> Any:
        count = len(target.positions)
        rows = [target.pack(flat[i * count : (i + 1) * count]) for i in range(count)]
        return target.pack(rows)

    if target.expr is not None:
        return packed(blocks(target.expr, _wanted(target)))
    traced = _Traced(target, blocks)

    def evaluated(*args: Any) -> Any:
        return packed(traced(args)[1])

    return evaluated


def _wanted(target: Target) -> tuple[Expr, ...]:
    return tuple(target.symbols[i] for i in target.positions)


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
    if [_shape(p) for p in primals] != [_shape(v) for v in vectors]:
        raise ShapeError(
            f"{name} have shapes {[_shape(v) for v in vectors]}, "
            f"the primals {[_shape(p) for p in primals]}; give one of equal shape each"
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
    traced = _Traced(target, lambda expr, wrt: [d.formula for d in derive(expr, wrt)])
    value, parts, _ = traced(primals)
    total: Any = None
    for part, tangent in zip(parts, tangents, strict=True):
        term = part * tangent
        if _shape(tangent):
            axes = tuple(range(len(_shape(value)), len(_shape(part))))
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
    value, _, _ = _Traced(target, lambda expr, wrt: [])(given)

    def weighted(*args: Any) -> Any:
        *inner, cotangent = args
        return np.sum(target.call(*inner) * cotangent)

    positions = tuple(range(len(given)))
    traced = _Traced(Target(weighted, (), positions, False), _gradients("vjp"))

    def pullback(cotangent: Any) -> tuple[Any, ...]:
        cotangent = as_number(cotangent, "cotangent")
        if _shape(cotangent) != _shape(value):
            raise ShapeError(
                f"the cotangent has shape {_shape(cotangent)}, the result {_shape(value)}; "
                "give one of equal shape"
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
        slopes = _gradients("hvp")(expr, variables)
        total: Any = 0
        for slope, direction in zip(slopes, directions, strict=True):
            total = total + _summed(slope * direction)
        return [d.formula for d in derive(as_expression(total), variables)]

    both = Target(lambda *args: target.call(*args[:count]), (), tuple(range(2 * count)), False)
    found = _Traced(both, products)((*given, *vectors))[1]
    return found[0] if bare else tuple(found)


def _summed(product: Expr) -> Expr:
    if not product.shape:
        return product
    return node("sum", (product,), (tuple(range(len(product.shape))), False))
