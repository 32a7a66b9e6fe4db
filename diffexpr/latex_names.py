r"""Names and numbers in LaTeX: Greek letters, subscripts, powers of ten, matrices."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np

_LETTERS = """
alpha beta gamma delta epsilon zeta eta theta iota kappa mu nu xi pi rho sigma tau upsilon phi chi
psi omega Gamma Delta Theta Xi Pi Sigma Upsilon Phi Psi Omega
"""
_GREEK = frozenset(_LETTERS.split())
_PARTS = re.compile(r"([A-Za-z]+)_?([0-9]*)(?:_(.*))?")


def name(text: str) -> str:
    r"""The name of a variable: ``w_1`` and ``w1`` as ``w_{1}``, ``alpha`` as ``\alpha``.

    Examples
    --------
    >>> print(name("theta_max"), name("x12"), name("rate"))
    \theta_{\mathrm{max}} x_{12} \mathrm{rate}
    """
    match = _PARTS.fullmatch(text)
    if match is None:
        return rf"\mathrm{{{_escaped(text)}}}"
    stem, digits, rest = match.groups()
    below = [part for part in (digits, *(rest or "").split("_")) if part]
    written = _word(stem)
    return written + (f"_{{{', '.join(map(_word, below))}}}" if below else "")


def _word(text: str) -> str:
    if text in _GREEK:
        return f"\\{text}"
    return text if len(text) == 1 or text.isdigit() else rf"\mathrm{{{_escaped(text)}}}"


def _escaped(text: str) -> str:
    return text.replace("_", r"\_")


def number(value: Any) -> str:
    r"""A number; ``1.5e-7`` as ``1.5 \cdot 10^{-7}``, ``2.0`` as ``2``."""
    if isinstance(value, (bool, np.bool_)):
        return r"\mathrm{true}" if value else r"\mathrm{false}"
    if isinstance(value, complex):
        imaginary = f"{number(value.imag)} i"
        if value.real == 0:
            return imaginary
        return f"{number(value.real)}{'' if imaginary[0] == '-' else '+'}{imaginary}"
    if isinstance(value, float) and not math.isfinite(value):
        return r"\mathrm{NaN}" if math.isnan(value) else "-" * (value < 0) + r"\infty"
    mantissa, _, exponent = repr(value).partition("e")
    mantissa = mantissa.removesuffix(".0")
    if not exponent:
        return mantissa
    power = f"10^{{{int(exponent)}}}"
    return power if mantissa == "1" else rf"{mantissa} \cdot {power}"


def array(held: np.ndarray[Any, Any]) -> str:
    """A vector or matrix; arrays of more dimensions as nested lists."""
    words = [number(x) for x in held.ravel().tolist()]
    if held.ndim == 0:
        return words[0]
    if held.ndim <= 2 and words:
        width = held.shape[-1]
        return matrix([words[i : i + width] for i in range(0, len(words), width)])
    for n in reversed(held.shape if words else (0,)):
        words = [
            rf"\left[{', '.join(words[i : i + n])}\right]" for i in range(0, len(words), n or 1)
        ] or [r"\left[\,\right]"]
    return words[0]


def matrix(rows: list[list[str]]) -> str:
    """Words in a matrix with round brackets."""
    body = r" \\ ".join(" & ".join(row) for row in rows)
    return rf"\begin{{pmatrix}} {body} \end{{pmatrix}}"
