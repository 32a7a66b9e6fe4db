"""How the operations of `matrix_rows` stand in text: their arguments, and what is left unsaid."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from diffexpr.arrays import TABLE
from diffexpr.build import node
from diffexpr.expr import Expr

UNSAID: dict[str, Any] = {"lower": True, "hermitian": False, "inverse": False, "rcond": 1e-15}
"""Static parameters that need not be written, with what they then are."""

_OPERANDS = {"solve": "a b", "solve_sylvester": "a b q"}
_NAMES = (
    "inv", "solve", "det", "cofactor", "slogdet", "cholesky", "qr", "svd", "svdvals", "eigh",
    "eigvalsh", "eig", "eigvals", "pinv", "fft", "expm", "sqrtm", "solve_sylvester",
)  # fmt: skip


def _maker(op: str) -> Callable[..., Expr]:
    names = TABLE[op].params

    def make(*operands: Expr, **fixed: Any) -> Expr:
        return node(op, operands, tuple(fixed.get(name, UNSAID.get(name)) for name in names))

    return make


def _static(op: str) -> str:
    return " ".join(f"{name}=" if name in UNSAID else name for name in TABLE[op].params)


IN_TEXT: dict[str, tuple[Callable[..., Expr], str, str]] = {
    op: (_maker(op), _OPERANDS.get(op, "x"), _static(op)) for op in _NAMES
}
"""By name: the function, its operands and its static parameters."""


def words(node: Expr) -> str:
    """The static parameters of an operation, where they are not what goes unsaid."""
    pairs = zip(TABLE[node.op].params, node.params, strict=True)
    said = [f", {name}={value}" for name, value in pairs if value != UNSAID.get(name)]
    return "".join(said)
