"""A banded Jacobian, found and coloured, beside the dense one."""

import statistics
import time

import numpy as np

import autodiff


def banded(x):
    """Each entry of the result depends on one of the variable and on its two neighbours."""
    wide = np.concatenate([np.zeros(1), x, np.zeros(1)])
    return x**2 - 2.0 * wide[:-2] * x + 0.5 * np.sin(wide[2:])


def dense_of(matrix):
    return matrix.toarray() if hasattr(matrix, "toarray") else np.asarray(matrix)


def timed(call):
    start = time.perf_counter()
    found = call()
    return time.perf_counter() - start, found


def colouring(n, rounds):
    """Seconds of the dense Jacobian, once, and of the sparse one, in a row.

    The first sparse call is not counted, as no other first call is.
    """
    x = np.random.default_rng(1).uniform(-1.0, 1.0, n)
    sparse = autodiff.jacobian(banded, sparsity="detect")
    found = sparse(x)
    fast = statistics.median(timed(lambda: sparse(x))[0] for _ in range(rounds))
    slow, whole = timed(lambda: autodiff.jacobian(banded)(x))
    whole -= dense_of(found)
    return {
        "Jacobian": f"tridiagonal, {n:,} x {n:,}",
        "kind": type(found).__name__,
        "dense, s": slow,
        "sparse, s": fast,
        "dense/sparse": slow / fast,
        "off": float(np.max(np.abs(whole, out=whole))),
    }
