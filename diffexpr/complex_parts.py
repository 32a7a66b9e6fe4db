"""What takes complex numbers apart: real and imaginary part, conjugate, modulus, angle, sign.

On real operands these are the identity, zero, or the real function of that name, so that no
graph of real numbers ever holds one of them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from diffexpr.apply import apply
from diffexpr.arrays import row
from diffexpr.operands import as_operand, float_kind, implements, shape_of


def _as_real(kind: np.dtype[Any], params: tuple[Any, ...]) -> np.dtype[Any]:
    return np.finfo(kind).dtype


row("conjugate", np.conjugate, lambda shapes, params: shapes[0])
row("real", lambda x: np.real(x)[()], lambda shapes, params: shapes[0], dtype=_as_real)
row("imag", lambda x: np.imag(x)[()], lambda shapes, params: shapes[0], dtype=_as_real)


def is_complex(x: Any) -> bool:
    """Whether an operand holds complex numbers."""
    return np.dtype(getattr(x, "dtype", type(x))).kind == "c"


@implements(np.real)
def real(x: Any) -> Any:
    """The real part."""
    return apply("real", (x,)) if is_complex(x := as_operand(x)) else x


@implements(np.imag)
def imag(x: Any) -> Any:
    """The imaginary part; zeros for real operands."""
    if is_complex(x := as_operand(x)):
        return apply("imag", (x,))
    return np.zeros(shape_of(x), getattr(x, "dtype", float))[()]


def conjugate(x: Any) -> Any:
    """The complex conjugate."""
    return apply("conjugate", (x,)) if is_complex(x) else x


def absolute(x: Any) -> Any:
    """The modulus; its derivative at 0 is 0."""
    if is_complex(x):
        return apply("hypot", (apply("real", (x,)), apply("imag", (x,))))
    return apply("abs", (x,))


def sign(x: Any) -> Any:
    """``x/abs(x)``, and 0 at 0."""
    if not is_complex(x):
        return apply("sign", (x,))
    size = absolute(x)
    return x / apply("where", (apply("equal", (size, 0)), 1.0, size))


@implements(np.angle)
def angle(z: Any, deg: bool = False) -> Any:
    """The argument of a complex number, in radians or degrees."""
    z = as_operand(z)
    if is_complex(z):
        turned = apply("arctan2", (apply("imag", (z,)), apply("real", (z,))))
    else:
        turned = apply("where", (apply("less", (z, 0)), float_kind(z).type(np.pi), 0))
    return turned * (180 / np.pi) if deg else turned


@implements(np.real_if_close)
def real_if_close(x: Any, tol: float = 100) -> Any:
    """The operand: whether its imaginary parts happen to be small must not change its kind."""
    return as_operand(x)


implements(np.iscomplexobj)(is_complex)
implements(np.isrealobj)(lambda x: not is_complex(x))
