"""Gradients of scalar functions: everyone's answer checked, then everyone's time."""

import math

import numpy as np
from numeric.targets import Target

from automatic.peers import PEERS, contestants
from automatic.timing import race

SAME = 1e-9
"""Relative to the largest entry: above a thousand roundings, and far below a wrong rule."""


def difference(found, truth):
    """The largest error of any block, relative to the largest entry of the block."""
    worst = 0.0
    for one, other in zip(found, truth, strict=True):
        one, other = np.asarray(one), np.asarray(other)
        if one.shape != other.shape:
            return np.inf
        scale = np.max(np.abs(other)) or 1.0
        off = float(np.max(np.abs(one - other)) / scale)
        worst = worst if off <= worst else off  # NaN is an error like others
    return worst


def disagreements(problem, calls):
    """Whose gradient is not the hand-written one, and by how much."""
    truth = problem.hand(problem.arguments, problem.data)
    found = {}
    for name, call in calls.items():
        if name not in ("value", "by hand"):
            off = difference(call(), truth)
            if not off <= SAME:
                found[name] = off
    return found


def measured(problem, rounds):
    """The times of one problem; who is wrong is told and not timed."""
    calls = contestants(problem)
    for name, off in disagreements(problem, calls).items():
        print(f"{problem.name}: {name} is off by {off:.1e}, and left out")
        del calls[name]
    return race(calls, rounds)


def time_row(problem, times):
    """Milliseconds a call."""
    row = {"gradient of": problem.name}
    for name in ("value", "by hand", "crossdiff", *PEERS):
        row[name] = times.median(name) * 1e3 if name in times.seconds else None
    return row


def ratio_row(problem, times):
    """Our time over theirs, and everyone's over the value's."""

    def ratio(first, second):
        found = times.ratio(first, second)
        return None if math.isnan(found) else found

    row = {"gradient of": problem.name}
    for name in (*PEERS, "by hand"):
        row[f"/{name}"] = ratio("crossdiff", name)
    for name in ("crossdiff", *PEERS, "by hand"):
        row[f"{name}/value"] = ratio(name, "value")
    return row


def target_rows(part, problem, times):
    """The limits of a problem against peers that ran, with what the hand-written gradient has."""
    for rival, limit in problem.limits.items():
        if rival in times.seconds:
            ratio = times.ratio("crossdiff", rival)
            target = Target(part, f"{problem.name}: time over {rival}'s", ratio, "<=", limit)
            yield target, f"{times.ratio('by hand', rival):.3g}"
