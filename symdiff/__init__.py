"""The exact backend: derivatives by SymPy, and their values to any number of digits."""

from symdiff.differentiate import Derivation, differentiate
from symdiff.expr_to_sympy import to_sympy
from symdiff.products import hvp, jvp, vjp
from symdiff.reference import evaluate
from symdiff.rounding import rounding_bound
from symdiff.sympy_to_expr import from_sympy
from symdiff.verbs import derivative, grad, hessian, jacobian, value_and_grad

__all__ = [
    "Derivation",
    "derivative",
    "differentiate",
    "evaluate",
    "from_sympy",
    "grad",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "rounding_bound",
    "to_sympy",
    "value_and_grad",
    "vjp",
]
