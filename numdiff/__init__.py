"""Derivatives from values alone, with honest error bars."""

from numdiff.coordinates import estimate_jacobian
from numdiff.crossed import estimate_hessian
from numdiff.curve import Curve, Differences, curve
from numdiff.elementwise import estimate
from numdiff.errors import InputError, InputTypeError, NumdiffError
from numdiff.power_law import Law
from numdiff.products import hvp, jvp, vjp
from numdiff.result import Estimate, Status
from numdiff.stencils import stencil
from numdiff.verbs import derivative, grad, hessian, jacobian, value_and_grad

__all__ = [
    "Curve",
    "Differences",
    "Estimate",
    "InputError",
    "InputTypeError",
    "Law",
    "NumdiffError",
    "Status",
    "curve",
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
