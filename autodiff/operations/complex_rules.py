"""Forward and reverse rules of what takes complex numbers apart: conjugate, real, imag.

They are linear over the reals and not holomorphic, so that they have no partials. The convention
of the package is that of JAX: a cotangent pairs with a tangent as ``Re(sum(g*t))``, without a
conjugate. A holomorphic operation pulls back with its derivative as it stands, ``g*f'(z)``; and
the gradient of a real function of ``z = x + iy`` is ``df/dx - i df/dy``, the conjugate of the
direction of steepest ascent.

The cotangent of a real value may carry an imaginary part, which nothing reads: it is left out
where the value was taken from a complex one, here, and where a variable receives it.
"""

from __future__ import annotations

from typing import Any

from autodiff.operations.array_rules import linear, rules
from diffexpr.apply import apply


def real(v: Any) -> Any:
    """The real part; of a real operand itself."""
    return apply("real", (v,)) if v.dtype.kind == "c" else v


def conjugate(v: Any) -> Any:
    return apply("conjugate", (v,)) if v.dtype.kind == "c" else v


rules(
    "conjugate",
    linear(lambda t, params, lead: conjugate(t)),
    lambda y, operands, params, i, g, lead: conjugate(g),
)
rules(
    "real",
    linear(lambda t, params, lead: real(t)),
    lambda y, operands, params, i, g, lead: real(g),
)
rules(
    "imag",
    linear(lambda t, params, lead: apply("imag", (t,))),
    lambda y, operands, params, i, g, lead: real(g) * -1j,
)
