"""Automatic differentiation: dual numbers forward, tapes in reverse, one table of partials."""

from typing import TYPE_CHECKING, Any

from autodiff import forward, reverse
from autodiff.best import (
    derivative,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    value_and_grad,
    vjp,
)

if TYPE_CHECKING:
    from autodiff.rounding import rounding_bound

__all__ = [
    "derivative",
    "forward",
    "grad",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "reverse",
    "rounding_bound",
    "value_and_grad",
    "vjp",
]


def __getattr__(name: str) -> Any:
    """Load the rounding bound when it is first asked for: most programs never do."""
    if name == "rounding_bound":
        from autodiff.rounding import rounding_bound

        return rounding_bound
    raise AttributeError(f"module 'autodiff' has no attribute {name!r}")
