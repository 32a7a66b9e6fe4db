"""Twelve expressions: value and gradient at a million points, everyone with two threads."""

import math
import statistics

from lowered.by_hand import BY_HAND
from lowered.contest import timed
from lowered.expressions import EXPRESSIONS
from lowered.peers import ASK, absent, crossdiff
from lowered.report import most, over

POINTS, THREADS = 1_000_000, 2

ALONE = "crossdiff, 1 thread"

LIMITS = {"jax": 0.9, "lambdify": 0.45, "by hand": 0.6, "numexpr": 0.6}
"""Of the geometric mean of our time over theirs."""

WORST_OVER_JAX, ALONE_OVER_LAMBDIFY = 1.3, 0.75


def contestants(expression, points):
    """Who is to prepare a call, by name."""
    missing = absent()
    asked = {name: ask for name, ask in ASK.items() if name not in missing}
    makers = {name: lambda ask=ask: ask(expression, points, THREADS) for name, ask in asked.items()}
    return makers | {ALONE: lambda: crossdiff(expression, points, 1)}


def measured(name, rounds, n=POINTS):
    """The times of one expression."""
    expression = EXPRESSIONS[name]
    points = expression.points(n)
    return timed(name, contestants(expression, points), BY_HAND[name](*points), rounds)


def million(report, options, n=POINTS):
    times = {name: measured(name, options.rounds, n) for name in options.expressions}
    rivals = [name for name in ASK if name != "crossdiff" and name not in absent()]
    order = ["crossdiff", ALONE, *rivals]
    report.table(
        f"million: milliseconds at {n:,} points, medians of {options.rounds} rounds",
        [{"expression": name} | _milliseconds(spent, order) for name, spent in times.items()],
    )
    rows = [{"expression": name} | _ratios(spent, rivals) for name, spent in times.items()]
    columns = list(rows[0])[1:] if rows else []
    means = {column: geometric_mean([row[column] for row in rows]) for column in columns}
    report.table(
        "million: crossdiff over each, medians of ratios",
        [*rows, {"expression": "geometric mean"} | means],
    )
    for rival, limit in LIMITS.items():
        if rival in rivals:
            mean = means[f"/{rival}"]
            report.target("million", f"geometric mean over {rival}", mean, limit)
    if "jax" in rivals:
        worst = most(row["/jax"] for row in rows)
        report.target("million", "worst over jax", worst, WORST_OVER_JAX)
    alone = means["1 thread/lambdify"]
    report.target("million", "1 thread, geometric mean over lambdify", alone, ALONE_OVER_LAMBDIFY)


def _milliseconds(times, order):
    return {name: times.median(name) * 1e3 if name in times.seconds else None for name in order}


def _ratios(times, rivals):
    row = {f"/{rival}": over(times, "crossdiff", rival) for rival in rivals}
    return row | {"1 thread/lambdify": over(times, ALONE, "lambdify")}


def geometric_mean(ratios):
    """The geometric mean, nan where one of them is missing: a mean of fewer would look like it."""
    if not ratios or None in ratios:
        return math.nan
    return statistics.geometric_mean(ratios)
