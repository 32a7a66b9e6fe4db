"""Rounding error of the operations on matrices that have a formula, from that of their operands.

An algorithm of LAPACK gives the exact result of a matrix that is off by a modest multiple of n
units of its norm; what that change and the errors of the operands come to is bounded to first
order. N. J. Higham, Accuracy and Stability of Numerical Algorithms (2nd edition, 2002), sections
9.3, 10.1 and 14.6.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from diffexpr.apply import value_of
from symdiff.rounding_arrays import UNIT, Errors, errs

GROWTH = 8
"""The modest multiple: growth of the pivots, and the constant of the bound."""


def _turned(x: Any) -> Any:
    return np.swapaxes(x, -1, -2)


def _norm(x: Any, ord: Any = 2) -> Any:
    return np.linalg.norm(x, ord, (-2, -1), keepdims=True)


def _changed(x: Any, error: Any) -> Any:
    """Entry by entry, how far off the matrix is whose exact result comes out."""
    if not np.size(x):
        return error
    top = np.max(np.sum(np.abs(x), axis=-1, keepdims=True), axis=-2, keepdims=True)
    return error + GROWTH * x.shape[-1] * UNIT * top


def _inverse(x: Any) -> Any:
    """The moduli of an inverse; infinite where there is none."""
    try:
        return np.abs(np.linalg.inv(x))
    except np.linalg.LinAlgError:
        return np.full(np.shape(x), np.inf)


@errs("inv")
def _inv(operands: Sequence[Any], errors: Errors, value: Any) -> Any:
    size = np.abs(value)
    return size @ _changed(operands[0], errors[0]) @ size


@errs("solve")
def _solve(operands: Sequence[Any], errors: Errors, value: Any) -> Any:
    a, _ = operands
    return _inverse(a) @ (errors[1] + _changed(a, errors[0]) @ np.abs(value))


@errs("det")
def _det(operands: Sequence[Any], errors: Errors, value: Any) -> Any:
    slopes = np.abs(value_of("cofactor")(operands[0]))
    moved = np.sum(slopes * _changed(operands[0], errors[0]), axis=(-2, -1))
    return moved + operands[0].shape[-1] * UNIT * np.abs(value)


@errs("cofactor")
def _cofactor(operands: Sequence[Any], errors: Errors, value: Any) -> Any:
    n = operands[0].shape[-1]
    if n < 2:
        return np.zeros(np.shape(value))
    # The slopes of a cofactor are minors of order n - 2.
    top = np.max(_changed(operands[0], errors[0]), axis=(-2, -1), keepdims=True)
    return np.broadcast_to((n - 1) ** 2 * _norm(operands[0]) ** (n - 2) * top, np.shape(value))


@errs("slogdet")
def _slogdet(operands: Sequence[Any], errors: Errors, value: Any) -> Any:
    moved = _changed(operands[0], errors[0])
    size = np.sum(_turned(_inverse(operands[0])) * moved, axis=(-2, -1))
    # Where the determinant may be of either sign, so may its sign.
    sign = np.where(size < 1, 0.0, 2.0)
    terms = operands[0].shape[-1] + 4
    return np.stack([sign, size + terms * UNIT * (1 + np.abs(value[..., 1]))], axis=-1)


@errs("cholesky")
def _cholesky(operands: Sequence[Any], errors: Errors, value: Any) -> Any:
    moved = _norm(_changed(operands[0], errors[0]), "fro")
    bound = _norm(value) * _norm(_inverse(operands[0])) * moved
    return np.tri(value.shape[-1]) * bound


@errs("pinv")
def _pinv(
    operands: Sequence[Any], errors: Errors, value: Any, rcond: float, hermitian: bool
) -> Any:
    # Wedin's bound (Higham 2002, section 20.1): three terms of this size.
    moved = _norm(_changed(operands[0], errors[0]), "fro")
    return np.broadcast_to(3 * _norm(value) ** 2 * moved, np.shape(value))


@errs("solve_sylvester")
def _solve_sylvester(operands: Sequence[Any], errors: Errors, value: Any) -> Any:
    a, b = operands[:2]
    m, n = np.shape(value)[-2:]
    system = np.kron(a, np.eye(n)) + np.kron(np.eye(m), _turned(b)) if a.ndim == 2 else None
    if system is None:
        return np.full(np.shape(value), np.inf)
    large = _norm(_changed(a, errors[0]), "fro") + _norm(_changed(b, errors[1]), "fro")
    moved = _norm(errors[2], "fro") + large * _norm(value, "fro")
    return np.broadcast_to(_norm(_inverse(system)) * moved, np.shape(value))
