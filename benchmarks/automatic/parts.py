"""The parts of the benchmark: each prints its tables and gives its targets.

A part is a function of its name and the options; it yields pairs of a target and what the
hand-written gradient makes of it.
"""

import math

from corpus import print_table
from numeric.score import written
from numeric.targets import Target

from automatic.alone import alone
from automatic.gradients import measured, ratio_row, target_rows, time_row
from automatic.peers import absent
from automatic.problems import PROBLEMS

MB = 1e6


def table(title, rows):
    print(f"\n{title}\n")
    if rows:
        print_table([written(row) for row in rows])


def gradients(part, options):
    """Gradients side by side: `PROBLEMS` says of what."""
    rounds = 5 if options.quick else 21
    times, ratios, found = [], [], []
    for problem in PROBLEMS[part]():
        spent = measured(problem, rounds)
        times.append(time_row(problem, spent))
        ratios.append(ratio_row(problem, spent))
        found += target_rows(part, problem, spent)
    table(f"{part}: milliseconds, medians of {rounds} rounds", times)
    table(f"{part}: crossdiff over each, and each over the value; medians of ratios", ratios)
    return found


def deep(part, options):
    """A million operations on one number."""
    asked = ["value", "by hand", "forward", "crossdiff"]
    if not options.quick:
        asked += [name for name in ("autograd", "torch") if name not in absent()]
    rows, found = [], []
    for who in asked:
        spent = alone("deep", who, 1_000_000)
        if isinstance(spent, str):
            rows.append({"gradient by": who, "seconds": spent, "peak, MB": None, "answer": None})
            continue
        name = "reverse" if who == "crossdiff" else who
        peak = spent["peak"] / MB
        answer = repr(spent["answer"])
        rows.append(
            {"gradient by": name, "seconds": spent["seconds"], "peak, MB": peak, "answer": answer}
        )
        if who in ("forward", "crossdiff"):
            found.append(Target(part, f"{name}, seconds", spent["seconds"], "<=", 8.0))
            found.append(Target(part, f"{name}, peak in MB", peak, "<=", 1500.0))
    table("deep: a chain of 1,000,000 operations on a number, in a process of its own", rows)
    return [(target, "") for target in found]


def speelpenning(part, options):
    """Operations of a gradient over those of the function."""
    from automatic.operations import speelpenning as measure

    rows = measure(1000, 5 if options.quick else 21)
    table("speelpenning: operations of the graphs", rows)
    return [(Target(part, f"{r['function']}: ratio", r["ratio"], "<=", 4.0), "") for r in rows]


def jet(part, options):
    """Taylor coefficients."""
    from automatic.series import jets

    row = jets(10, 5 if options.quick else 21)
    table("jet: one sweep beside ten nested derivatives", [row])
    return [
        (Target(part, "nested/jet", row["nested/jet"], ">=", 50.0), ""),
        (Target(part, "relative error", row["off"], "<=", 1e-12), ""),
    ]


def sparse(part, options):
    """A banded Jacobian."""
    from automatic.jacobians import colouring

    row = colouring(10_000, 3 if options.quick else 9)
    table("sparse: detected and coloured, beside dense", [row])
    return [
        (Target(part, "dense/sparse", row["dense/sparse"], ">=", 100.0), ""),
        (Target(part, "difference from dense", row["off"], "=", 0.0), ""),
    ]


def memory(part, options):
    """Checkpoints at every tenth operation; where nothing is kept, there is nothing to save."""
    rows, found = [], []
    for kind in ("curved",) if options.quick else ("curved", "mixed"):
        spent = {every: alone("long", kind, 100, 10_000_000, every) for every in (0, 10)}
        for every, one in spent.items():
            row = {"operations": kind, "a checkpoint every": every or "never"}
            if isinstance(one, str):
                rows.append(row | {"seconds": one, "grew by, MB": None, "answer": None})
                continue
            grown = (one["peak"] - one["before"]) / MB
            answer = repr(one["answer"])
            rows.append(row | {"seconds": one["seconds"], "grew by, MB": grown, "answer": answer})
        if kind == "curved":
            without, with_them = (row["grew by, MB"] for row in rows)
            ratio = with_them / without if with_them and without else math.nan
            found.append(Target(part, "peak with checkpoints over without", ratio, "<=", 0.25))
            answers = {row["answer"] for row in rows}
            different = math.nan if None in answers else len(answers) - 1
            found.append(Target(part, "different answers", different, "=", 0))
    table("memory: the gradient of 100 elementwise operations on 10,000,000 numbers", rows)
    return [(target, "") for target in found]


PARTS = {
    **dict.fromkeys(PROBLEMS, gradients),
    "deep": deep,
    "speelpenning": speelpenning,
    "jet": jet,
    "sparse": sparse,
    "memory": memory,
}
