"""A regression over data in chunks, on two worker processes, one of which is killed on the way.

Run: python examples/fit_in_chunks.py (needs Dask and SciPy: pip install 'crossdiff[dask,special]')

No process ever holds all rows. To run it on machines of your own, give `Client` the address of
their scheduler; the rest stays as it is.
"""

import logging
import os
import signal

import dask.array as da
import numpy as np
from distributed import Client, LocalCluster
from scipy.optimize import minimize

from compare.distributed import value_and_grad

TRUTH = np.array([2.0, -1.0, 0.5, 0.0, 0.25])
ROWS, CHUNK = 200_000, 20_000


def loss(w, x, label):
    """The negative log-likelihood of each row of a logistic regression, labels -1 and 1."""
    return np.logaddexp(0, -label * (x @ w))


def rows(count=ROWS, chunk=CHUNK):
    """Features and labels, made chunk by chunk where they are needed."""
    rng = da.random.default_rng(7)
    x = rng.normal(size=(count, len(TRUTH)), chunks=(chunk, -1))
    noise = rng.logistic(size=count, chunks=chunk)
    return x, da.sign(x @ TRUTH + noise)


def fit(data, callback=None):
    """The weights of least mean loss, found by whatever scheduler of Dask is active."""
    mean = value_and_grad(loss, data, reduce="mean")
    start = np.zeros(len(TRUTH))
    return minimize(mean, start, jac=True, method="L-BFGS-B", callback=callback)


def main():
    cluster = LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0",
        silence_logs=logging.CRITICAL,
    )  # fmt: skip
    with cluster, Client(cluster) as client:
        data = client.persist(rows())
        steps = []

        def kill_one(w):
            steps.append(w)
            if len(steps) == 2:
                victim = next(iter(client.run(os.getpid).values()))
                os.kill(victim, signal.SIGKILL)
                print("step 2: one of the two workers is killed")

        found = fit(data, kill_one)
        lost = fit(rows()).x - found.x
    print(f"{found.nit} steps, mean loss {found.fun:.4f}")
    print("weights", np.array2string(found.x, precision=2, suppress_small=True))
    print(f"without the loss they differ by {np.max(np.abs(lost)):.0e}")


if __name__ == "__main__":
    main()
