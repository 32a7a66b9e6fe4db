"""How long lowering takes, the first call included: what JAX's tracing and compiling is here."""

import numpy as np
from automatic.chains import chain

from lowered.alone import MAKE, alone
from lowered.contest import raced
from lowered.peers import absent
from lowered.report import over

MB = 1e6

OPERATIONS = 390
"""A chain with a gradient of a thousand nodes."""

CHAINS = ((10_000, 2.0), (1_000_000, 60.0))
"""Operations, and the limit in seconds."""

MOST_FOR_JAX = 10_000


def nodes(operations):
    """Of the graph of the value and gradient of a chain."""
    import autodiff
    from diffexpr import symbol
    from diffexpr.walk import topological

    gradient = autodiff.reverse.value_and_grad(chain(np, operations // 10))
    return len(topological(gradient(symbol("x"))))


def duration(report, options, chains=CHAINS):
    _gradient(report, options)
    rows = []
    for operations, limit in chains:
        for output in ("value", "value_and_grad"):
            for who in MAKE:
                if who in absent() or (who == "jax" and operations > MOST_FOR_JAX):
                    continue
                row = {"chain of": f"{operations:,}", "output": output, "by": who}
                spent = alone("lowering", who, output, operations)
                if isinstance(spent, str):
                    rows.append(row | {"seconds": spent, "peak, MB": None, "answer": None})
                    seconds = float("nan")
                else:
                    seconds, peak = spent["seconds"], spent["peak"] / MB
                    answer = repr(spent["answer"])
                    rows.append(row | {"seconds": seconds, "peak, MB": peak, "answer": answer})
                if who == "crossdiff":
                    what = f"{output} of a chain of {operations:,}, seconds"
                    report.target("duration", what, seconds, limit)
    report.table("duration: to lower a chain on a number and call it, in its own process", rows)


def _gradient(report, options):
    count = nodes(OPERATIONS)
    missing = absent()
    calls = {
        who: make("value_and_grad", OPERATIONS) for who, make in MAKE.items() if who not in missing
    }
    times = raced(f"gradient of {count:,} nodes", calls, options.rounds)
    row = {"nodes": count} | {f"{who}, s": times.median(who) for who in calls}
    row |= {"crossdiff/jax": over(times, "crossdiff", "jax")}
    report.table("duration: to lower a value and gradient and call it", [row])
    report.target("duration", f"{count:,} nodes, seconds", times.median("crossdiff"), 0.15)
    if "jax" in calls:
        report.target("duration", f"{count:,} nodes, over jax", times.ratio("crossdiff", "jax"), 1)
