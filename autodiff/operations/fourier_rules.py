"""Forward and reverse rules of the Fourier transform: it is linear, and its matrix symmetric."""

from __future__ import annotations

from typing import Any

from autodiff.operations.array_rules import linear, rules, shifted
from diffexpr.apply import apply
from diffexpr.matrices import is_complex, real


def _fft(t: Any, params: tuple[Any, ...], lead: int) -> Any:
    axes, inverse = params
    return apply("fft", (t,), (shifted(axes, lead), inverse))


def _fft_vjp(y: Any, operands: Any, params: Any, i: int, g: Any, lead: int) -> Any:
    found = _fft(g, params, lead)
    return found if is_complex(operands[0]) else real(found)


rules("fft", linear(_fft), _fft_vjp)
