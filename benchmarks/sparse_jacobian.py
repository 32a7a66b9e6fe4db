"""Sparse Jacobians and Hessians by colouring against the dense ones of the same functions.

Usage: python benchmarks/sparse_jacobian.py [--size N] [--runs N] [--hessians]

Each row is one function of N variables (a square grid takes the next lower square). ``first`` is
the time of a call that finds the pattern and colours it, ``again`` that of a call of the same
derivative, which finds the pattern and sees that it is coloured, ``given`` that of a call with a
pattern that was given and has been coloured: medians. ``dense`` is the time of one dense call,
which at the default size fills 800 MB; what follows is its ratio to the first and to the last of
these. The dense Hessians, twice as dear, are left out unless asked for.
"""

import argparse
import statistics
import time

import numpy as np

from autodiff import best
from autodiff.problem import problem
from autodiff.sparse.compressed import Sparsity, sparse_hessian, sparse_jacobian
from autodiff.sparse.recovery import hessian_plan, jacobian_plan
from autodiff.sparse.sparsity import hessian_sparsity, jacobian_sparsity
from diffexpr.signature import resolve


def band(x):
    """Diagonal plus band: each entry with its two neighbours on either side."""
    u = np.pad(x, 2)
    return np.sin(x) * u[1:-3] - 2 * x**3 + u[3:-1] * np.exp(-u[:-4]) + u[4:] ** 2


def grid(x):
    """The five-point Laplacian of a nonlinear medium on a square."""
    n = int(np.sqrt(x.size))
    u = np.pad(np.reshape(x, (n, n)), 1)
    laplacian = u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2] - 4 * u[1:-1, 1:-1]
    return np.ravel(laplacian + np.exp(u[1:-1, 1:-1]))


def arrow(x):
    """A full first row, a full first column, and a diagonal."""
    return np.concatenate([np.reshape(np.sum(x * x), (1,)), x[0] * x[1:] + np.tanh(x[1:])])


def rosenbrock(x):
    """Its Hessian has three diagonals."""
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def energy(x):
    """The square of the grid's residual: the Hessian has the thirteen points of its square."""
    return np.sum(grid(x) ** 2)


def timed(call, runs):
    """The median of the seconds of some calls, after one that is not counted."""
    seconds = []
    for _ in range(runs + 1):
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds[1:])


def sparse(verb, f, x, sparsity, afresh=False):
    """One call of a sparse verb, its option read beforehand unless that is to be timed as well."""
    target, kept = resolve(f, None), Sparsity(sparsity)

    def call():
        option = Sparsity(sparsity) if afresh else kept
        with np.errstate(all="ignore"):
            return verb(best.MODE, problem(target, (x,), {}), option)

    return call


def measured(f, x, hessian, runs, with_dense):
    """A row of the table."""
    verb = sparse_hessian if hessian else sparse_jacobian
    pattern = (hessian_sparsity if hessian else jacobian_sparsity)(f)(x)
    plan = hessian_plan(pattern, False) if hessian else jacobian_plan(pattern, True, True)
    first = timed(sparse(verb, f, x, "detect", afresh=True), runs)
    again = timed(sparse(verb, f, x, "detect"), runs)
    given = timed(sparse(verb, f, x, pattern), runs)
    cells = [f"{len(pattern.rows):8d} {plan.sweeps:6d}"]
    cells += [f"{seconds * 1e3:8.1f}" for seconds in (first, again, given)]
    if with_dense:
        whole = (best.hessian if hessian else best.jacobian)(f)
        start = time.perf_counter()
        dense = whole(x)
        seconds = time.perf_counter() - start
        found = sparse(verb, f, x, pattern)().toarray()
        gap = np.abs(found - dense).max()
        cells.append(f"{seconds:8.2f} {seconds / first:8.0f} {seconds / given:8.0f} {gap:9.1e}")
    return " ".join(cells)


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--size", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=11)
    parser.add_argument("--hessians", action="store_true", help="time dense Hessians, too")
    options = parser.parse_args()
    line = np.random.default_rng(0).normal(size=options.size)
    square = line[: int(np.sqrt(options.size)) ** 2]
    print(
        f"{'':22s} {'places':>8s} {'sweeps':>6s} {'first/ms':>8s} {'again/ms':>8s} "
        f"{'given/ms':>8s} {'dense/s':>8s} {'/first':>8s} {'/given':>8s} {'apart by':>9s}"
    )
    for name, f, x, hessian in (
        ("Jacobian, band", band, line, False),
        ("Jacobian, grid", grid, square, False),
        ("Jacobian, arrow", arrow, line, False),
        ("Hessian, Rosenbrock", rosenbrock, line, True),
        ("Hessian, grid", energy, square, True),
    ):
        row = measured(f, x, hessian, options.runs, not hessian or options.hessians)
        print(f"{name:22s} {row}", flush=True)


if __name__ == "__main__":
    main()
