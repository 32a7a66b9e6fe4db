"""Forward mode: tangents are pushed along with the values. All verbs by dual numbers.

Method: Griewank and Walther (2008), *Evaluating Derivatives*, section 3.1. The cost grows with
the number of inputs; every verb of every order is available, also where reverse mode is cheaper.
"""

from __future__ import annotations

from autodiff import push
from autodiff.mode import Mode
from autodiff.series import taylor
from autodiff.verbs import Verbs

MODE = Mode(
    slope=taylor.slope,
    gradient=push.gradient,
    jacobian=push.jacobian,
    differential=push.differential,
    pullback=push.pullback,
    curvature=push.jacobian,
)


__all__ = [
    "derivative",
    "grad",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "value_and_grad",
    "vjp",
]

VERBS = Verbs(MODE)
derivative = VERBS.derivative
grad = VERBS.grad
value_and_grad = VERBS.value_and_grad
jacobian = VERBS.jacobian
hessian = VERBS.hessian
jvp = VERBS.jvp
vjp = VERBS.vjp
hvp = VERBS.hvp
