"""Automatic differentiation: dual numbers forward, tapes in reverse, one table of partials."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from autodiff import forward, nests, reverse
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
from autodiff.checkpoint import checkpoint
from autodiff.elementwise_grad import elementwise_grad
from autodiff.jet import directional_derivative, jet, taylor
from autodiff.laplacian import laplacian
from autodiff.linearize import linearize
from autodiff.stop_gradient import stop_gradient
from diffexpr.custom import primitive

if TYPE_CHECKING:
    from autodiff import engine, optim
    from autodiff.bounds.rounding import rounding_bound
    from autodiff.sparse.sparsity import hessian_sparsity, jacobian_sparsity

__all__ = [
    "checkpoint",
    "derivative",
    "directional_derivative",
    "elementwise_grad",
    "engine",
    "forward",
    "grad",
    "hessian",
    "hessian_sparsity",
    "hvp",
    "jacobian",
    "jacobian_sparsity",
    "jet",
    "jvp",
    "laplacian",
    "linearize",
    "nests",
    "optim",
    "primitive",
    "reverse",
    "rounding_bound",
    "stop_gradient",
    "taylor",
    "value_and_grad",
    "vjp",
]

# Most programs need none of these.
_LATER = {
    "hessian_sparsity": "sparse.sparsity",
    "jacobian_sparsity": "sparse.sparsity",
    "rounding_bound": "bounds.rounding",
}


def __getattr__(name: str) -> Any:
    """Load what is seldom needed when it is first asked for."""
    if name in _LATER:
        return getattr(import_module(f"autodiff.{_LATER[name]}"), name)
    if name in ("engine", "optim"):
        return import_module(f"autodiff.{name}")
    raise AttributeError(f"module 'autodiff' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
