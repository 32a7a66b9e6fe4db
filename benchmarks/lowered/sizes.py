"""From one point to ten million: what blocks and threads cost where they do not pay."""

from lowered.by_hand import BY_HAND
from lowered.contest import timed
from lowered.expressions import EXPRESSIONS
from lowered.peers import crossdiff, plain
from lowered.report import most, over

SIZES = (1, 10, 1_000, 100_000, 10_000_000)

SMALL = ("polynomial", "waves", "gate")
"""Expressions whose plain form, which keeps every array to its end, fits into memory."""

LIMIT = 1.02
"""No slower, within what the medians of two copies of one program were seen to differ by: 2 %."""


def sizes(report, options, counts=SIZES):
    rows = []
    for n in counts:
        row = {"points": f"{n:,}"}
        for name in SMALL:
            expression = EXPRESSIONS[name]
            points = expression.points(n)
            makers = {
                "crossdiff": lambda e=expression, p=points: crossdiff(e, p, None),
                "plain": lambda e=expression, p=points: plain(e, p),
            }
            times = timed(f"{name}, {n:,}", makers, BY_HAND[name](*points), options.rounds)
            there = "crossdiff" in times.seconds
            row |= {
                f"{name}, us": times.median("crossdiff") * 1e6 if there else None,
                f"{name}/plain": over(times, "crossdiff", "plain"),
            }
        rows.append(row)
        worst = most(row[f"{name}/plain"] for name in SMALL)
        report.target("sizes", f"{n:,} points: worst over the plain form", worst, LIMIT)
    report.table("sizes: crossdiff over its plain form, without blocks or threads", rows)
