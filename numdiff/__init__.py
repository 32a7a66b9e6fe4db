"""Derivatives from values alone, with honest error bars."""

from numdiff.coordinates import estimate_jacobian
from numdiff.crossed import estimate_hessian
from numdiff.elementwise import estimate
from numdiff.errors import InputError, InputTypeError, NumdiffError
from numdiff.products import hvp, jvp, vjp
from numdiff.result import Estimate, Status
from numdiff.stencils import stencil
from numdiff.verbs import derivative, grad, hessian, jacobian, value_and_grad

__all__ = [
    "Estimate",
    "InputError",
    "InputTypeError",
    "NumdiffError",
    "Status",
    "derivative",
    "estimate",
    "estimate_hessian",
    "estimate_jacobian",
    "grad",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "stencil",
    "value_and_grad",
    "vjp",
]
