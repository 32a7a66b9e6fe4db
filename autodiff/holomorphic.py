"""Derivatives by complex variables and of complex results, in one written convention: JAX's.

A complex ``z = x + iy`` is two real variables. Of a real result the derivative is
``df/dx - i df/dy``, so that ``df = Re(derivative * dz)``. Of a complex result there is one number
for both only where the function is holomorphic (Cauchy and Riemann: turning ``dz`` by ``i`` turns
``df`` by ``i``); this is tested, and anything else is an error, not a number.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.boxes import is_symbolic
from autodiff.literals import bare
from diffexpr.errors import ExpressionValueError

TOLERANCE = 1e-6
"""Departure from Cauchy and Riemann that counts as rounding, relative to the largest entry."""


def is_complex(v: Any) -> bool:
    return v.dtype.kind == "c"


def check(straight: Any, turned: Any, factor: complex, verb: str) -> None:
    """Raise unless the derivative along i is ``factor`` times the derivative along 1."""
    straight, turned = bare(straight), bare(turned)
    if is_symbolic(straight) or is_symbolic(turned):
        return
    size = np.max(np.abs(straight), initial=0) + np.max(np.abs(turned), initial=0)
    if np.isfinite(size) and np.any(np.abs(turned - factor * straight) > TOLERANCE * size):
        raise ExpressionValueError(
            f"{verb} of a complex result needs a holomorphic function; this one is not, so "
            "differentiate its real and imaginary parts, np.real(f(z)) and np.imag(f(z))"
        )
