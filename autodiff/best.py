"""The verbs, each in the mode that suits it.

Forward for derivatives along one variable and Jacobians with no more inputs than outputs, reverse
for gradients and wide Jacobians, forward over reverse for Hessians (Griewank and Walther 2008,
sections 3.2 and 5.1).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from autodiff import pull, push
from autodiff.mode import Blocks, Mode
from autodiff.problem import Call
from autodiff.series import taylor
from autodiff.snapshots import Lock
from autodiff.verbs import Verbs


def _jacobian(call: Call, xs: Sequence[Any], unit: Any) -> Blocks:
    """Rows on the way back if they are fewer than the columns, else columns on the way forward."""
    with Lock() as lock:
        taped = pull.record(call, xs, lock)
        if sum(math.prod(y.shape) for y in taped[2]) < sum(math.prod(x.shape) for x in xs):
            return pull.rows(*taped, unit)
    return push.jacobian(call, xs, unit)


MODE = Mode(
    slope=taylor.slope,
    gradient=pull.gradient,
    jacobian=_jacobian,
    differential=push.differential,
    pullback=pull.pullback,
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
