"""What the rows that NumPy lacks are in terms of those it has, written in the language itself.

One line a function, read by lowering only; a test holds every line against the value of its row.
The forms are those that neither overflow nor cancel where the result is representable.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from compare.lower.source import syntax
from diffexpr import Expr
from diffexpr.apply import apply
from diffexpr.functions import where
from diffexpr.walk import topological

FUNCTIONS: dict[str, Callable[..., Any]] = {}
"""Elementwise rows that become functions of their own in the source."""

BODIES: dict[str, Callable[[ast.expr], tuple[tuple[str, ...], list[ast.stmt]]]] = {}
"""Rows beyond the language: from ``scipy.special``, the parameters and body of a function."""

IN_NUMPY: dict[str, Callable[[], tuple[tuple[str, ...], list[ast.stmt]]]] = {}
"""Array rows that become functions of their own: the parameters and body of each."""

ARRAYS: dict[str, Callable[..., Any]] = {}
"""Array rows that are written out where they stand; static parameters follow the operand."""


def define(name: str, meaning: Callable[..., Any]) -> None:
    """Enter what an elementwise row means."""
    FUNCTIONS[name] = meaning


def _row(name: str) -> Callable[..., Any]:
    return lambda *operands: apply(name, operands)


_erfc, _sigmoid, _softplus, _elu = _row("erfc"), _row("sigmoid"), _row("softplus"), _row("elu")

define("sec", lambda x: 1 / np.cos(x))
define("csc", lambda x: 1 / np.sin(x))
define("cot", lambda x: np.cos(x) / np.sin(x))
define("arccot", lambda x: np.arctan(1 / x))
define("sech", lambda x: 1 / np.cosh(x))
define("csch", lambda x: 1 / np.sinh(x))
define("coth", lambda x: 1 / np.tanh(x))
define("arccsch", lambda x: np.arcsinh(1 / x))
define("clip", lambda x, low, high: np.minimum(np.maximum(x, low), high))
define("relu", lambda x: np.maximum(x, 0))
define("leaky_relu", lambda x, slope: where(x > 0, x, slope * x))
define("elu", lambda x, alpha: where(x > 0, x, alpha * np.expm1(np.minimum(x, 0))))
define("selu", lambda x: 1.0507009873554805 * _elu(x, 1.6732632423543772))
define("silu", lambda x: x * _sigmoid(x))
define("gelu", lambda x: 0.5 * (x * _erfc(x * -float(np.sqrt(0.5)))))
define(
    "gelu_tanh",
    lambda x: x * _sigmoid(float(2 * np.sqrt(2 / np.pi)) * (x + 0.044715 * (x * (x * x)))),
)
define("mish", lambda x: x * np.tanh(_softplus(x)))
define("hardtanh", lambda x: np.minimum(np.maximum(x, -1), 1))
define("softsign", lambda x: x / (1 + np.abs(x)))


def _defined(name: str) -> Callable[[Callable[..., Any]], None]:
    return lambda meaning: define(name, meaning)


@_defined("arcsec")
def _(x: Any) -> Any:
    z = where(x < 0, -x, x)
    near = 2 * np.arctan(np.sqrt((z - 1) / (z + 1)))
    near = where(x < 0, np.pi - near, near)
    return where(np.abs(x) < 2, near, np.arccos(1 / x))


@_defined("arccsc")
def _(x: Any) -> Any:
    z = where(x < 0, -x, x)
    near = np.arctan(1 / (np.sqrt(z - 1) * np.sqrt(z + 1)))
    return where(np.abs(x) < 2, where(x < 0, -near, near), np.arcsin(1 / x))


@_defined("arcsech")
def _(x: Any) -> Any:
    near = 2 * np.arctanh(np.sqrt((1 - x) / (1 + x)))
    return where(x > 0.5, near, np.arccosh(1 / x))


@_defined("arccoth")
def _(x: Any) -> Any:
    near = 0.5 * np.log1p(2 / (where(x < 0, -x, x) - 1))
    return where(np.abs(x) < 2, where(x < 0, -near, near), np.arctanh(1 / x))


@_defined("logit")
def _(x: Any) -> Any:
    near = 2 * np.arctanh(2 * x - 1)
    return where(np.abs(x - 0.5) < 0.25, near, np.log(x) - np.log1p(-x))


@_defined("sigmoid")
def _(x: Any) -> Any:
    decayed = np.exp(where(x > 0, -x, x))
    return where(x > 0, 1 / (1 + decayed), decayed / (1 + decayed))


@_defined("softplus")
def _(x: Any) -> Any:
    tail = np.log1p(np.exp(where(x > 0, -x, x)))
    return where(x > 0, x + tail, tail)


def _polygamma(special: ast.expr) -> tuple[tuple[str, ...], list[ast.stmt]]:
    order, x, kind = map(syntax.name, ("order", "x", "kind"))
    # SciPy answers in float64 always; the row is as wide as its argument.
    as_array = syntax.call(syntax.numpy("asarray"), [x])
    widest = syntax.call(syntax.numpy("result_type"), [as_array, syntax.numpy("float16")])
    value = syntax.call(ast.Attribute(special, "polygamma", ast.Load()), [order, x])
    result = syntax.taken_out(syntax.call(syntax.numpy("asarray"), [value, kind]))
    return ("order", "x"), [syntax.assign("kind", widest), ast.Return(result)]


BODIES["polygamma"] = _polygamma


def _logsumexp(x: Any, axes: Sequence[int], keepdims: bool) -> Any:
    top = apply("max", (x,), (axes, True))
    top = where(np.abs(top) < np.inf, top, 0)
    total = np.log(apply("sum", (np.exp(x - top),), (axes, True))) + top
    first = tuple(0 if axis in axes else slice(None) for axis in range(len(x.shape)))
    return total if keepdims else total[first]


def _softmax(x: Any, axis: int) -> Any:
    grown = np.exp(x - apply("max", (x,), ((axis,), True)))
    return grown / apply("sum", (grown,), ((axis,), True))


ARRAYS.update(logsumexp=_logsumexp, softmax=_softmax)


def written_out(outputs: Sequence[Expr]) -> tuple[Expr, ...]:
    """The same outputs, with the rows of `ARRAYS` replaced by what they mean."""
    order = topological(outputs)
    if not any(node.op in ARRAYS for node in order):
        return tuple(outputs)
    made: dict[Expr, Expr] = {}
    for node in order:
        args = tuple(made[arg] for arg in node.args)
        if node.op in ARRAYS:
            made[node] = ARRAYS[node.op](*args, *node.params)
        elif args == node.args:
            made[node] = node
        else:
            made[node] = apply(node.op, args, node.params)
    return tuple(made[output] for output in outputs)
