"""What a call in a text means: which functions there are, and what each of them takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from diffexpr import complex_parts
from diffexpr import functions as f
from diffexpr.arrays import TABLE as ARRAYS
from diffexpr.build import node
from diffexpr.compositions import IN_TEXT
from diffexpr.errors import ParseError, ShapeError
from diffexpr.expr import Expr, constant
from diffexpr.indexing import normal_index
from diffexpr.matrix_text import IN_TEXT as MATRICES
from diffexpr.parse_literals import array, dtype_name, literal, operand, static, static_tuple
from diffexpr.primitives import NAMES, TABLE


@dataclass(frozen=True, slots=True)
class Signature:
    """What a function of arrays takes.

    Attributes
    ----------
    function : callable
    operands : tuple of str
        Names of the arguments that are expressions; one that begins with ``*`` takes all that
        remain, one in brackets takes a list.
    static : tuple of str
        Names of the arguments that are fixed numbers; those with ``=`` may be left out.
    """

    function: Callable[..., Any]
    operands: tuple[str, ...]
    static: tuple[str, ...] = ()

    def __str__(self) -> str:
        return ", ".join((*self.operands, *(f"{s}..." if s[-1] == "=" else s for s in self.static)))


def _extreme(op: str, reduction: Callable[..., Any]) -> Callable[..., Any]:
    def chosen(*operands: Any, axis: Any = None, keepdims: Any = False) -> Any:
        first, *others = operands
        if not others:
            return reduction(first, axis, keepdims=keepdims)
        if axis is not None or keepdims:
            raise ParseError("axis= and keepdims= belong to a single array")
        for other in others:
            first = node(op, (first, other))
        return first

    return chosen


def _scatter_add(x: Expr, index: Any, shape: Any) -> Expr:
    found = normal_index(index, shape)
    selected = ARRAYS["getitem"].shape([shape], (found,))
    if selected != x.shape:
        raise ShapeError(f"scatter_add: the index selects {selected}, the operand is {x.shape}")
    return node("scatter_add", (x,), (found, shape))


def _einsum(*arguments: Any) -> Any:
    subscripts, *operands = arguments
    if not isinstance(subscripts, str):
        raise ParseError('einsum begins with its subscripts, as in einsum("ij,j->i", A, x)')
    return f.einsum(subscripts, *map(operand, operands))


def _complex(re: Any, im: Any) -> Expr:
    return constant(complex(re, im))


def _signature(function: Callable[..., Any], operands: str, static: str = "") -> Signature:
    return Signature(function, tuple(operands.split()), tuple(static.split()))


_ARRAYS = {
    "sum": _signature(f.sum, "x", "axis= keepdims="),
    "mean": _signature(f.mean, "x", "axis= keepdims="),
    "prod": _signature(f.prod, "x", "axis= keepdims="),
    "max": _signature(_extreme("maximum", f.max), "*x", "axis= keepdims="),
    "min": _signature(_extreme("minimum", f.min), "*x", "axis= keepdims="),
    "logsumexp": _signature(f.logsumexp, "x", "axis= keepdims="),
    "softmax": _signature(f.softmax, "x", "axis="),
    "norm": _signature(f.norm, "x", "ord= axis= keepdims="),
    "cumsum": _signature(f.cumsum, "x", "axis="),
    "sort": _signature(f.sort, "x", "axis="),
    "astype": _signature(f.astype, "x", "dtype"),
    "conjugate": _signature(complex_parts.conjugate, "x"),
    "real": _signature(complex_parts.real, "x"),
    "imag": _signature(complex_parts.imag, "x"),
    "matmul": _signature(f.matmul, "a b"),
    "dot": _signature(f.dot, "a b"),
    "vdot": _signature(f.vdot, "a b"),
    "inner": _signature(f.inner, "a b"),
    "outer": _signature(f.outer, "a b"),
    "tensordot": _signature(f.tensordot, "a b", "axes="),
    "trace": _signature(f.trace, "x"),
    "diag": _signature(f.diag, "x"),
    "reshape": _signature(f.reshape, "x", "shape"),
    "ravel": _signature(f.ravel, "x"),
    "squeeze": _signature(f.squeeze, "x", "axis="),
    "expand_dims": _signature(f.expand_dims, "x", "axis"),
    "transpose": _signature(f.transpose, "x", "axes="),
    "swapaxes": _signature(f.swapaxes, "x", "axis1 axis2"),
    "moveaxis": _signature(f.moveaxis, "x", "source destination"),
    "broadcast_to": _signature(f.broadcast_to, "x", "shape"),
    "concatenate": _signature(f.concatenate, "[x]", "axis="),
    "stack": _signature(f.stack, "[x]", "axis="),
    "scatter_add": _signature(_scatter_add, "x", "index shape"),
    "complex": _signature(_complex, "", "re im"),
    **{name: _signature(function, operands) for name, (function, operands) in IN_TEXT.items()},
    **{name: _signature(*entry) for name, entry in MATRICES.items()},
}

FUNCTIONS = {*NAMES, *_ARRAYS, "einsum", "array"}
"""Every name that may be called."""

_AS_GIVEN = {
    "shape": static_tuple,
    "index": lambda value: value,
    "dtype": dtype_name,
    "re": literal,
    "im": literal,
    "rcond": literal,
}


def call(name: str, args: list[Any], keywords: dict[str, Any]) -> Any:
    """The value of a call: an expression."""
    if name == "array":
        return _array(args, keywords)
    if name == "einsum":
        if keywords or not args:
            raise ParseError("einsum takes its subscripts, in quotes, and operands")
        return _einsum(*args)
    if name in _ARRAYS:
        return _call_array(name, _ARRAYS[name], args, keywords)
    row = TABLE[NAMES[name]]
    missing = row.arity - len(args)
    if keywords or not 0 <= missing <= len(row.defaults):
        least = row.arity - len(row.defaults)
        wanted = f"{row.arity}" if least == row.arity else f"{least} or {row.arity}"
        plural = "" if row.arity == 1 else "s"
        raise ParseError(f"{name} takes {wanted} argument{plural}, got {_given(args, keywords)}")
    filled = row.defaults[len(row.defaults) - missing :] if missing else ()
    return node(row.name, (*map(operand, args), *filled))


def _given(args: list[Any], keywords: dict[str, Any]) -> str:
    named = "".join(f" and {name}=" for name in keywords)
    return f"{len(args)}{named}"


def _array(args: list[Any], keywords: dict[str, Any]) -> Expr:
    if len(args) != 1 or not keywords.keys() <= {"dtype", "shape"}:
        raise ParseError("array takes a list, and dtype= and shape=")
    dtype = dtype_name(keywords["dtype"]) if "dtype" in keywords else None
    shape = static_tuple(keywords["shape"]) if "shape" in keywords else None
    return array(args[0], dtype, shape)


def _call_array(name: str, takes: Signature, args: list[Any], keywords: dict[str, Any]) -> Any:
    fail = ParseError(f"{name} takes ({takes}), got {_given(args, keywords)}")
    spread = takes.operands[:1] == ("*x",)
    names = [s.rstrip("=") for s in takes.static]
    if spread:
        operands, rest = args, []
    else:
        operands, rest = args[: len(takes.operands)], args[len(takes.operands) :]
    if len(operands) < len(takes.operands) or len(rest) > len(names):
        raise fail
    given = dict(zip(names, rest, strict=False))
    if keywords.keys() & given.keys() or not keywords.keys() <= set(names):
        raise fail
    given |= keywords
    if any(s[-1] != "=" and s not in given for s in takes.static):
        raise fail
    fixed = {key: _AS_GIVEN.get(key, static)(value) for key, value in given.items()}
    if takes.operands == ("[x]",):
        if not isinstance(operands[0], (list, tuple)):
            raise ParseError(f"{name} takes a list, as in {name}([x, y])")
        return takes.function([operand(x) for x in operands[0]], **fixed)
    return takes.function(*map(operand, operands), **fixed)
