"""What an estimate carries besides its value: error bar, cost, and how it came about."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

__all__ = ["Estimate", "Status"]


class Status(IntEnum):
    """What the values of a function near a point say about its derivative there."""

    CONVERGED = 0
    """Both sides agree on one derivative; value and error can be believed."""
    KINK = 1
    """Left and right derivatives exist and differ; the value is NaN."""
    JUMP = 2
    """The function is not continuous there; the value is NaN."""
    EDGE = 3
    """Finite (or within the bounds) on one side only; the value is the one-sided derivative."""
    UNDEFINED = 4
    """Not finite at the point itself, or nowhere around it; the value is NaN."""
    INCONCLUSIVE = 5
    """The values near the point settle on no derivative; the error says how far apart they are."""


@dataclass(frozen=True, eq=False)
class Estimate:
    """A derivative estimated from values, with an error bar.

    For a sparse Jacobian all arrays are SciPy ``csr_array``s of one pattern.

    Attributes
    ----------
    value : ndarray of float64
        The derivative; NaN where `status` is KINK, JUMP or UNDEFINED.
    error : ndarray of float64
        A bound, meant to be honest, on the distance between `value` and the true derivative:
        truncation plus rounding. ``inf`` where the value is NaN.
    evaluations : int
        How often f was evaluated, altogether. A call with an array of N points of an elementwise
        function counts N; a call of a function of one whole array counts 1.
    status : ndarray of int
        A `Status` for each entry of `value`.
    step : ndarray of float64
        The smallest step in the chosen fit.
    order : ndarray of int
        The power of the step with which the error of the chosen fit falls; 0 where none is known.
    left, right : ndarray of float64
        The derivatives from the two sides; NaN where a side gives none.
    method : str
        The method asked for.
    note : str
        What the reader should know besides, such as where a complex step was not believed.
    """

    value: NDArray[np.float64]
    error: NDArray[np.float64]
    evaluations: int
    status: NDArray[np.int64]
    step: NDArray[np.float64]
    order: NDArray[np.int64]
    left: NDArray[np.float64]
    right: NDArray[np.float64]
    method: str = "auto"
    note: str = ""
