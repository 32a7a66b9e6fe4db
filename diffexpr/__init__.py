"""The language: expressions, primitives, parsing, tracing, printing."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from diffexpr.errors import (
    BoundError,
    ControlFlowError,
    CrossdiffError,
    ExpressionTypeError,
    ExpressionValueError,
    MissingExtraError,
    MissingRuleError,
    ParseError,
    ShapeError,
)
from diffexpr.evaluate import evaluate, evaluate_all, function
from diffexpr.expr import Expr, constant, e, pi, symbol, symbols
from diffexpr.functions import logsumexp, norm, softmax
from diffexpr.trace import trace

if TYPE_CHECKING:
    from diffexpr.elementwise import (
        arccot,
        arccoth,
        arccsc,
        arccsch,
        arcsec,
        arcsech,
        beta,
        cot,
        coth,
        csc,
        csch,
        digamma,
        elu,
        erf,
        erfc,
        erfi,
        gamma,
        gelu,
        gelu_tanh,
        hardtanh,
        leaky_relu,
        loggamma,
        logit,
        mish,
        polygamma,
        relu,
        sec,
        sech,
        selu,
        sigmoid,
        silu,
        softplus,
        softsign,
    )
    from diffexpr.parsing import Limits, parse
    from diffexpr.tex import latex

__all__ = [
    "BoundError",
    "ControlFlowError",
    "CrossdiffError",
    "Expr",
    "ExpressionTypeError",
    "ExpressionValueError",
    "Limits",
    "MissingExtraError",
    "MissingRuleError",
    "ParseError",
    "ShapeError",
    "arccot",
    "arccoth",
    "arccsc",
    "arccsch",
    "arcsec",
    "arcsech",
    "beta",
    "constant",
    "cot",
    "coth",
    "csc",
    "csch",
    "digamma",
    "e",
    "elu",
    "erf",
    "erfc",
    "erfi",
    "evaluate",
    "evaluate_all",
    "function",
    "gamma",
    "gelu",
    "gelu_tanh",
    "hardtanh",
    "latex",
    "leaky_relu",
    "loggamma",
    "logit",
    "logsumexp",
    "mish",
    "norm",
    "parse",
    "pi",
    "polygamma",
    "relu",
    "sec",
    "sech",
    "selu",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "softsign",
    "symbol",
    "symbols",
    "trace",
]

# The parser and the printers are loaded when they are first asked for: a program that only
# differentiates should not wait for them.
_LATER = {"Limits": "parsing", "latex": "tex", "parse": "parsing"}


def __getattr__(name: str) -> Any:
    """Load a public name from the module it lives in."""
    if name not in __all__:
        raise AttributeError(f"module 'diffexpr' has no attribute {name!r}")
    return getattr(import_module(f"diffexpr.{_LATER.get(name, 'elementwise')}"), name)


def __dir__() -> list[str]:
    return __all__
