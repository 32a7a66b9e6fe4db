"""The node of the language: immutable, hash-consed, with a shape and a dtype.

Equal subexpressions are the same object, so an expression is a graph without repetition and
``==`` is identity. The intern table holds its nodes weakly: what nobody uses any more is freed.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import numpy as np

from diffexpr import numpy_api
from diffexpr.errors import ControlFlowError, ExpressionTypeError
from diffexpr.frozen import Frozen

Shape = tuple[int, ...]
Scalar = bool | int | float | complex


class Expr(numpy_api.ArrayMethods):
    """One node of an expression.

    Attributes
    ----------
    op : str or custom.Primitive
        ``'symbol'``, ``'constant'``, the name of a row of the tables, or an operation of a user's
        own.
    args : tuple of Expr
        The operands.
    params : tuple
        Static parameters: the name of a symbol, the value of a constant, the axes of a sum.
    shape : tuple of int
    dtype : numpy.dtype

    Examples
    --------
    >>> from diffexpr import symbols
    >>> import numpy as np
    >>> x, y = symbols("x y")
    >>> f = x**2 * np.sin(y)
    >>> f
    x**2*sin(y)
    >>> f(x=3.0, y=0.0)
    np.float64(0.0)
    >>> x + y == x + y, x + y is x + y
    (True, True)
    """

    __slots__ = ("__weakref__", "args", "dtype", "op", "params", "shape")

    op: Any
    args: tuple[Expr, ...]
    params: tuple[Any, ...]
    shape: Shape
    dtype: np.dtype[Any]

    _level = -1

    def __new__(cls, *_: Any, **__: Any) -> Expr:
        raise ExpressionTypeError(
            "Expr is not built directly; use symbol, constant, parse or trace"
        )

    def __setattr__(self, name: str, value: Any) -> None:
        raise ExpressionTypeError(f"an expression is immutable; {name} cannot be set")

    def __delattr__(self, name: str) -> None:
        raise ExpressionTypeError(f"an expression is immutable; {name} cannot be deleted")

    def __reduce__(self) -> tuple[Callable[..., Expr], tuple[Any, ...]]:
        from diffexpr.pickling import flatten, rebuild

        return rebuild, flatten(self)

    def __copy__(self) -> Expr:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Expr:
        return self

    # identity

    def __eq__(self, other: object) -> bool:
        return self is other

    def __ne__(self, other: object) -> bool:
        return self is not other

    __hash__ = object.__hash__

    # what Python asks of a number

    def __bool__(self) -> bool:
        raise ControlFlowError(
            f"{_brief(self)} is symbolic and has no truth value; write "
            "np.where(condition, a, b) instead of if, or differentiate the function itself "
            "with autodiff, which follows control flow"
        )

    def _no_number(self, kind: str) -> ControlFlowError:
        return ControlFlowError(
            f"{_brief(self)} is symbolic and has no {kind} value; call the expression with "
            "numbers, or differentiate the function itself with autodiff"
        )

    def __float__(self) -> float:
        raise self._no_number("float")

    def __int__(self) -> int:
        raise self._no_number("int")

    def __index__(self) -> int:
        raise self._no_number("integer")

    def __complex__(self) -> complex:
        raise self._no_number("complex")

    def __len__(self) -> int:
        if not self.shape:
            raise ExpressionTypeError(f"{_brief(self)} is a scalar and has no length")
        return self.shape[0]

    def __iter__(self) -> Iterator[Expr]:
        return (self[i] for i in range(len(self)))

    # use

    @property
    def variables(self) -> tuple[Expr, ...]:
        """The symbols the expression depends on, in order of name."""
        from diffexpr.walk import variables

        return variables(self)

    @property
    def name(self) -> str:
        """The name of a symbol; the text of anything else."""
        return self.params[0] if self.op == "symbol" else str(self)

    def __call__(self, *args: Any, **values: Any) -> Any:
        """Evaluate by name; see `evaluate`."""
        from diffexpr.evaluate import evaluate

        if args:
            names = ", ".join(f"{v.name}=" for v in self.variables)
            raise ExpressionTypeError(
                f"an expression is called by name, got {len(args)} positional value(s); "
                f"write f({names}) or use function(expr, ...)"
            )
        return evaluate(self, values)

    def __str__(self) -> str:
        from diffexpr.printing import text

        return text(self)

    __repr__ = __str__

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def _repr_latex_(self) -> str:
        from diffexpr.tex import latex

        return f"$\\displaystyle {latex(self)}$"

    # What carries out an operation on expressions; `build` enters it, which is made of these.
    _apply: ClassVar[Callable[[Any, tuple[Any, ...], tuple[Any, ...]], Expr]]


def _brief(e: Expr) -> str:
    """A short name of a node for an error message, without printing a large graph."""
    return f"{e.params[0]!r}" if e.op == "symbol" else f"this {e.op} of shape {e.shape}"


class _Ref(weakref.ref):  # type: ignore[type-arg]
    __slots__ = ("key",)
    key: tuple[Any, ...]


# The one table that threads share: whoever changes it holds the lock, and what is found without
# the lock is alive. It is re-entrant because a garbage collection may run `_forget` while this
# very thread is interning.
_interned: dict[tuple[Any, ...], _Ref] = {}
_lock = threading.RLock()

# The slots, written past the class, whose instances cannot be changed.
_put_op, _put_args, _put_params, _put_shape, _put_dtype = (
    vars(Expr)[slot].__set__ for slot in ("op", "args", "params", "shape", "dtype")
)


def _forget(ref: _Ref, table: dict[tuple[Any, ...], _Ref] = _interned, lock: Any = _lock) -> None:
    with lock:
        if table.get(ref.key) is ref:
            del table[ref.key]


def intern(
    op: Any,
    args: tuple[Expr, ...],
    params: tuple[Any, ...],
    shape: Shape,
    dtype: np.dtype[Any],
    identity: Any = None,
) -> Expr:
    """The one node with these operands and parameters.

    ``identity`` stands for ``params`` in the key where equal parameters are not the same
    (0.0 and -0.0, 1 and True). Expressions hash by identity, so the key costs the same however
    deep the graph is.
    """
    key = (op, args, params if identity is None else identity)
    ref = _interned.get(key)
    if ref is not None and (found := ref()) is not None:
        return found
    with _lock:
        ref = _interned.get(key)
        if ref is not None and (found := ref()) is not None:
            return found
        made: Expr = object.__new__(Expr)
        _put_op(made, op)
        _put_args(made, args)
        _put_params(made, params)
        _put_shape(made, shape)
        _put_dtype(made, dtype)
        ref = _Ref(made, _forget)
        ref.key = key
        _interned[key] = ref
        return made


FLOAT = np.dtype(np.float64)
BOOL = np.dtype(np.bool_)
_PYTHON_DTYPES = {
    bool: BOOL,
    int: np.dtype(np.int64),
    float: FLOAT,
    complex: np.dtype(np.complex128),
}


def symbol(name: str, shape: Shape | int = (), dtype: Any = float) -> Expr:
    """A named variable of the language.

    Parameters
    ----------
    name : str
        A Python identifier that is not a keyword.
    shape : tuple of int
        Its shape; ``()`` for a scalar.
    dtype : dtype, optional
        float64 unless given; integers are promoted to float64.

    Raises
    ------
    ExpressionValueError
        If the name is not an identifier or the shape is negative.

    Examples
    --------
    >>> symbol("w", shape=(3, 2)).shape
    (3, 2)
    """
    from diffexpr.build import check_name, check_shape

    kind = np.dtype(dtype)
    if kind.kind in "iu":
        kind = FLOAT
    if kind.kind not in "bfc":
        raise ExpressionTypeError(f"symbol {name!r}: dtype {kind} is not a kind of number")
    sizes = check_shape(shape)
    return intern("symbol", (), (check_name(name),), sizes, kind, (name, sizes, kind))


def symbols(names: str) -> tuple[Expr, ...]:
    """Several scalar variables at once, from names separated by spaces or commas.

    Examples
    --------
    >>> symbols("x y")
    (x, y)
    """
    return tuple(symbol(name) for name in names.replace(",", " ").split())


def constant(value: Any) -> Expr:
    """A number or an array of numbers as an expression.

    Python numbers stay weak, as in NumPy: they never widen a float32.

    Raises
    ------
    ExpressionTypeError
        For anything that is not a number or a rectangular array of numbers.

    Examples
    --------
    >>> constant(2.5) + constant([1.0, 2.0])
    2.5 + array([1.0, 2.0])
    """
    if isinstance(value, Expr):
        return value
    if isinstance(value, (np.bool_, np.integer, np.float64, np.complex128)):
        value = value.item()
    kind = type(value)
    if kind in _PYTHON_DTYPES:
        return _number(value)
    from diffexpr.build import constant_array

    frozen = constant_array(value)
    if isinstance(frozen, Expr):
        return frozen
    array = frozen.array
    return intern("constant", (), (frozen,), array.shape, array.dtype)


def _number(value: Scalar) -> Expr:
    if type(value) is int and not -(2**63) <= value < 2**63:
        from diffexpr.build import large_integer

        value = large_integer(value)
    identity = (type(value), value.hex() if type(value) is float else repr(value))
    return intern("constant", (), (value,), (), _PYTHON_DTYPES[type(value)], identity)


def named_constant(name: str, value: float) -> Expr:
    """A constant known by name (``pi``, ``e``), so that exact backends can keep it exact."""
    return intern("constant", (), (value, name), (), FLOAT)


pi = named_constant("pi", float(np.pi))
e = named_constant("e", float(np.e))


def is_constant(node: Expr, value: Scalar | None = None) -> bool:
    """Whether a node is a constant, and, if a value is given, that scalar constant."""
    if node.op != "constant":
        return False
    if value is None:
        return True
    held = node.params[0]
    return not isinstance(held, Frozen) and len(node.params) == 1 and held == value
