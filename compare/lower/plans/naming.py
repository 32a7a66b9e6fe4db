"""What a lowered function is called, and what it computes in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from diffexpr import Expr
from diffexpr.walk import topological

_WORDS = {
    "value": "Value",
    "grad": "Gradient",
    "value_and_grad": "Value and gradient",
    "jacobian": "Jacobian",
    "hessian": "Hessian",
    "hvp": "Hessian-vector product",
    "jvp": "Value and directional derivative",
    "vjp": "Value and vector-Jacobian product",
    "taylor": "Taylor coefficients along a line, to order {order},",
}
# An expression is quoted in a docstring up to this many nodes and characters.
_QUOTED_NODES, _QUOTED_WIDTH = 40, 80


def name_of(f: Any, output: str) -> str:
    """The name of the function to be written.

    Examples
    --------
    >>> def loss(w):
    ...     return w * w
    >>> name_of(loss, "grad")
    'loss_grad'
    """
    own = "" if isinstance(f, Expr) else getattr(f, "__name__", "")
    if not (own.isidentifier() and own.isascii()):
        return output
    return own if output == "value" else f"{own}_{output}"


def subject_of(
    f: Any, graph: Expr, output: str, wrt: Sequence[Expr], by: str, order: int | None
) -> str:
    """What is computed, by which backend, and with respect to what: two lines of a docstring."""
    own = "" if isinstance(f, Expr) else getattr(f, "__name__", "")
    if not own.isidentifier():
        size = len(topological(graph))
        own = str(graph) if size <= _QUOTED_NODES else ""
        if not own or len(own) > _QUOTED_WIDTH:
            own = f"an expression of {size} nodes"
    text = f"{_WORDS[output].format(order=order)} of {own}"
    if output == "value":
        return text
    names = ", ".join(v.name for v in wrt)
    return f"{text}\nwith respect to {names or 'nothing'}, derived by the {by} backend"
