"""Set F: what an estimate at many points costs beside the evaluations that it makes."""

import statistics
import time

import numpy as np

import numdiff

POINTS = 10_000
CALLS = 64
RUNS = 7


def heavy(x):
    return np.exp(-(x**2)) * np.sin(3 * x) / (1 + x**2) + np.tanh(x)


def bessel(x):
    from scipy.special import jv

    return jv(2.5, np.abs(x) + 0.1)


def hypergeometric(x):
    from scipy.special import hyp2f1

    return hyp2f1(0.5, 1.5, 2.5, -np.abs(x))


# From ten nanoseconds a value to half a microsecond.
FUNCTIONS = {
    "sin": np.sin,
    "exp(-x^2) sin(3x)/(1+x^2)+tanh(x)": heavy,
    "Bessel J of order 2.5": bessel,
    "2F1(1/2, 3/2; 5/2; -x)": hypergeometric,
}


def cost_rows():
    x = np.random.default_rng(1).uniform(-3.0, 3.0, POINTS)
    return [{"f": name, **cost_of(f, x)} for name, f in FUNCTIONS.items()]


def cost_of(f, x):
    """Medians in seconds: the call, its own evaluations made again, and 64 array calls of f.

    The evaluations are made again at the very arrays that the call passed to f.
    """
    passed = []

    def record(points):
        passed.append(np.array(points))
        return f(points)

    numdiff.estimate(record, x)

    def again():
        with np.errstate(all="ignore"):
            for points in passed:
                f(points)

    def calls():
        for _ in range(CALLS):
            f(x)

    taken = {"call": lambda: numdiff.estimate(f, x), "evaluations": again, "64 calls": calls}
    times = {name: [] for name in taken}
    for turn in range(RUNS + 1):
        for name, run in taken.items():
            start = time.perf_counter()
            run()
            if turn:  # the first round fills the caches
                times[name].append(time.perf_counter() - start)
    turns = zip(times["call"], times["evaluations"], times["64 calls"], strict=True)
    return {
        "evals a point": sum(points.size for points in passed) / x.size,
        **{f"{name}, s": f"{statistics.median(spent):.5f}" for name, spent in times.items()},
        "ratio": statistics.median(call / (own + sixty_four) for call, own, sixty_four in turns),
    }
