"""What does a sparse answer look like? SciPy's csr_array, met here and nowhere else."""

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numdiff.errors import InputError

__all__ = ["csr_maker", "needs_scipy"]

Indices = NDArray[np.intp]


def needs_scipy() -> Any:
    """The module ``scipy.sparse``, imported when it is first needed.

    Raises
    ------
    InputError
        If SciPy is not installed.
    """
    try:
        return importlib.import_module("scipy.sparse")
    except ImportError:
        raise InputError(
            "sparsity needs SciPy, which is not installed; pip install 'crossdiff[special]'"
        ) from None


def csr_maker(
    rows: Indices, columns: Indices, shape: tuple[int, int]
) -> Callable[[NDArray[Any]], Any]:
    """A function from the values of the entries to a ``csr_array`` that holds them all.

    Entries that are zero are kept: they were looked at, and have an error bar. Every array gets
    indices of its own, for SciPy may change them in place.
    """
    sparse = needs_scipy()
    order = np.lexsort((columns, rows))
    ends = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=shape[0]))])

    def made(values: NDArray[Any]) -> Any:
        return sparse.csr_array((values[order], columns[order], ends.copy()), shape=shape)

    return made
