"""The command: which sets, how many pairs, and the tables."""

import argparse
import sys
import time
from collections import Counter

import numpy as np
from corpus import print_table

import numdiff
from numeric.breaks import BREAKS
from numeric.cost import cost_rows
from numeric.hessians import hessian_cases
from numeric.methods import PIP, crossdiff, methods
from numeric.pairs import ILL, pairs, statuses
from numeric.points import open_set, specials
from numeric.score import covered, digits, distance, figures, width, written
from numeric.targets import Target

LEAST_DIGITS = 8.0


def table(title, rows):
    print(f"\n{title}\n")
    if rows:
        print_table([written(row) for row in rows])


def each_row(name, outcome, truth):
    return {
        "function": name,
        "digits": digits(outcome.value, truth),
        "covered": "yes" if covered(outcome.value, outcome.bar, truth) else "NO",
        "bar/error": width(outcome.value, outcome.bar, truth),
        "evals": outcome.evaluations,
        "status": outcome.status,
        "value": float(outcome.value),
        "bar": float(outcome.bar),
    }


def hard_functions(options):
    cases = open_set()
    truths = [truth for *_, truth in cases]
    rows = []
    for name, ask in methods()[0].items():
        outcomes = [ask(f, x) for _, f, x, _ in cases]
        rows.append(figures(name, outcomes, truths))
        if options.each and name.startswith("crossdiff"):
            parts = zip(cases, outcomes, truths, strict=True)
            table(f"A. {name}, each", [each_row(case[0], o, t) for case, o, t in parts])
    table("A. 25 hard functions", rows)
    real, free = rows[:2]
    return [
        Target("A", "median digits", real["median"], ">=", 14.3),
        Target("A", "mean digits", real["mean"], ">=", 14.0),
        Target("A", "worst digits", real["worst"], ">=", 8.8),
        Target("A", "most evaluations", real["max evals"], "<=", 64),
        Target("A", "under 8 digits", real["under 8"], "=", 0),
        Target("A", "median digits, complex allowed", free["median"], ">=", 15.9),
    ]


def random_functions(options):
    start = time.perf_counter()
    dropped = Counter()
    drawn = list(pairs(options.pairs, dropped=dropped))
    reasons = ", ".join(f"{n} {reason}" for reason, n in dropped.most_common())
    print(f"\nB. {len(drawn)} pairs and their truths: {time.perf_counter() - start:.1f} s")
    print(f"dropped as they were drawn: {reasons or 'none'}")
    truths = [pair.truth for pair in drawn]
    sound = [k for k, pair in enumerate(drawn) if pair.ulps <= ILL]
    rows, seen = [], []
    for name, ask in methods()[0].items():
        start = time.perf_counter()
        outcomes = [ask(pair.f, pair.x) for pair in drawn]
        spent = time.perf_counter() - start
        rows.append(figures(name, outcomes, truths) | {"seconds": spent})
        if name.startswith("crossdiff"):
            part = [outcomes[k] for k in sound], [truths[k] for k in sound]
            rows.append(figures(f"{name}, sound", *part) | {"seconds": None})
            seen.append({"method": name, **statuses(outcomes)})
        if options.each and name == "crossdiff":
            parts = zip(drawn, outcomes, truths, strict=True)
            missed = [(p, o, t) for p, o, t in parts if not covered(o.value, o.bar, t)]
            table(
                "B. crossdiff, not covered",
                [
                    each_row(f"{p.text} at {p.x!r}", o, t)
                    | {"truth": float(t), "values off, eps": p.ulps}
                    for p, o, t in missed
                ],
            )
    table(
        f"B. {len(drawn)} random functions; values wrong by more than 1e4 eps: "
        f"{len(drawn) - len(sound)}, not among the sound",
        rows,
    )
    table("B. what was said of them; each has a derivative", seen)
    return [
        Target("B", "covered, share", rows[0]["covered"] / rows[0]["of"], ">=", 0.98),
        Target("B", "median bar/error", rows[0]["bar/error"], "<=", 10),
        Target("B", "false kinks and jumps", seen[0]["KINK"] + seen[0]["JUMP"], "=", 0),
    ]


def breaks(options):
    found, missed = [], []
    for kind, name, f, x, bounds in BREAKS:
        result = numdiff.estimate(f, x, bounds=bounds)
        said = numdiff.Status(int(result.status)).name
        found.append((kind, said))
        if said != kind:
            sides = {"left": float(result.left), "right": float(result.right)}
            missed.append({"function": name, "is": kind, "found": said, **sides})
    rows = []
    for kind in ("KINK", "JUMP", "EDGE"):
        said = [s for k, s in found if k == kind]
        others = {other: said.count(other) for other in sorted(set(said) - {kind})}
        wrongly = ", ".join(f"{n} {s}" for s, n in others.items()) or "-"
        rows.append({"kind": kind, "of": len(said), "found": said.count(kind), "else": wrongly})
    table("C. 60 kinks, jumps and edges", rows)
    if missed:
        table("C. missed", missed)
    right = sum(kind == said for kind, said in found)
    return [Target("C", "breaks found", right, "=", len(BREAKS))]


def special_points(options):
    ask = crossdiff("auto")
    rows = [each_row(name, ask(f, x), truth) for name, f, x, truth in specials()]
    table("D. ends of domains and of the floats", rows)
    honest = sum(row["covered"] == "yes" for row in rows)
    return [
        Target("D", "worst digits", min(row["digits"] for row in rows), ">=", 10),
        Target("D", "bars that cover", honest, "=", len(rows)),
    ]


def hessians(options):
    rows, missed = [], []
    for name, f, x, truths, scales in hessian_cases():
        result = numdiff.estimate_hessian(f, x)
        entries = []
        for (i, j), value in np.ndenumerate(result.value):
            bar, truth = float(result.error[i, j]), truths[i][j]
            right, inside = digits(value, truth, scales[i][j]), covered(value, bar, truth)
            status = numdiff.Status(int(result.status[i, j])).name
            entries.append((right, inside, status))
            if j >= i and (right < LEAST_DIGITS or not inside):
                entry = {"function": name, "entry": f"{i + 1},{j + 1}", "truth": float(truth)}
                off = float(distance(value, truth))
                missed.append(entry | {"digits": right, "error": off, "bar": bar})
        rows.append(
            {
                "function": name,
                "worst digits": min(right for right, *_ in entries),
                "covered": sum(inside for _, inside, _ in entries),
                "of": len(entries),
                "status": ", ".join(sorted({status for *_, status in entries})),
                "evals": result.evaluations,
            }
        )
    table("E. Hessians; where the truth is 0, relative to sqrt(|H_ii H_jj|) or the largest", rows)
    if missed:
        table("E. entries under 8 digits or outside their bar", missed)
    bars = sum(row["of"] - row["covered"] for row in rows)
    return [
        Target("E", "worst digits", min(row["worst digits"] for row in rows), ">=", LEAST_DIGITS),
        Target("E", "entries outside their bar", bars, "=", 0),
    ]


def cost(options):
    rows = cost_rows()
    table("F. one call for 10,000 points, over its evaluations of f and 64 array calls", rows)
    return [Target("F", f"ratio, {row['f']}", row["ratio"], "<=", 1.2) for row in rows]


SETS = {
    "A": hard_functions,
    "B": random_functions,
    "C": breaks,
    "D": special_points,
    "E": hessians,
    "F": cost,
}


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="numdiff.py", description=__doc__)
    parser.add_argument("--set", default=",".join(SETS), help="which to run, such as A,C")
    parser.add_argument("--pairs", type=int, default=2000, help="size of set B")
    parser.add_argument("--each", action="store_true", help="every function of A, misses of B")
    parser.add_argument("--check", action="store_true", help="exit with 1 if a target is missed")
    options = parser.parse_args(arguments)
    wanted = options.set.upper().split(",")
    if not set(wanted) <= set(SETS) or options.pairs < 1:
        parser.error(f"--set takes letters of {','.join(SETS)} and --pairs a positive number")
    absent = methods()[1]
    if absent:
        print(f"not installed, so left out: {', '.join(absent)}; {PIP}")
    print(f"Python {sys.version.split()[0]}, NumPy {np.__version__}")
    targets = [target for name in SETS if name in wanted for target in SETS[name](options)]
    print("\nTargets of crossdiff\n")
    print_table([target.row() for target in targets])
    return int(options.check and not all(target.met for target in targets))
