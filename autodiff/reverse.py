"""Reverse mode: the operations are taped and cotangents pulled back. All verbs by the tape.

Method: Griewank and Walther (2008), *Evaluating Derivatives*, section 3.2. The cost grows with
the number of outputs: the gradient of a scalar costs a small multiple of its value, whatever the
number of inputs.
"""

from __future__ import annotations

from autodiff import pull
from autodiff.mode import Mode
from autodiff.verbs import Verbs

MODE = Mode(
    slope=pull.slope,
    gradient=pull.gradient,
    jacobian=pull.jacobian,
    differential=pull.differential,
    pullback=pull.pullback,
    curvature=pull.jacobian,
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
