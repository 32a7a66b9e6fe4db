"""Every backend on a corpus of functions with known derivatives.

Usage: python benchmarks/corpus.py tests/data/rubi-open.jsonl [--json OUT] [--all] [--processes N]

Each line of the corpus holds an expression ``f``, its variable, points and the derivative there
to 50 digits. Symbolic, forward and reverse have to be within 1e-9 of the truth, relatively, or
within the error bar they report themselves; numeric within its own. Prints a table of the
functions that fail (all of them with ``--all``) and a summary, writes everything as JSON beside
the corpus or to OUT, and exits with 1 where any value fails.
"""

import argparse
import json
import statistics
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import mpmath
import numpy as np

from compare.answers import ask
from compare.problem import pose
from diffexpr import parse

BACKENDS = ("symbolic", "forward", "reverse", "numeric")
RELATIVE = 1e-9


def read(path):
    """The rows of a corpus, points and truths as lists whatever their number."""
    rows = []
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        points, truth = row.get("points", row.get("x")), row["df"]
        row["points"] = points if isinstance(points, list) else [points]
        row["df"] = truth if isinstance(truth, list) else [truth]
        rows.append(row)
    return rows


def judge_row(row):
    """What each backend makes of one function: per point value, error bar, distance, verdict."""
    context = mpmath.mp.clone()
    context.dps = 60
    truths = [context.mpf(text) for text in row["df"]]
    start = time.perf_counter()
    problem = pose(parse(row["f"]), {row["var"]: np.array(row["points"])}, "derivative", row["var"])
    results = {}
    for name in BACKENDS:
        began = time.perf_counter()
        answer = ask(name, problem)
        if answer.absent:
            results[name] = {"ok": False, "note": answer.note, "points": []}
            continue
        shape = (len(truths),)
        values = np.broadcast_to(answer.values[0], shape)
        errors = np.broadcast_to(answer.errors[0], shape)
        points = [
            judge_point(name, float(value), float(error), truth)
            for value, error, truth in zip(values, errors, truths, strict=True)
        ]
        results[name] = {
            "ok": all(point["ok"] for point in points),
            "points": points,
            "seconds": time.perf_counter() - began,
        }
    return {"id": row["id"], "f": row["f"], "seconds": time.perf_counter() - start, **results}


def sweep(rows, executor=None):
    """`judge_row` of every row, in order, wherever an executor of `concurrent.futures` runs it."""
    return list(map(judge_row, rows) if executor is None else executor.map(judge_row, rows))


def judge_point(name, value, error, truth):
    """One value against its truth."""
    distance = float(abs(truth - value)) if np.isfinite(value) else np.inf
    within_bar = distance <= error
    scale = float(abs(truth))
    relative = distance / scale if scale else distance
    ok = within_bar or (name != "numeric" and relative <= RELATIVE)
    return {
        "value": value if np.isfinite(value) else repr(value),
        "error": error if np.isfinite(error) else repr(error),
        "distance": distance if np.isfinite(distance) else repr(distance),
        "relative": relative if np.isfinite(relative) else repr(relative),
        "within_bar": bool(within_bar),
        "ok": bool(ok),
    }


def summary(results):
    """Per backend: values judged, right, within their bar, digits, width of the bar."""
    table = []
    for name in BACKENDS:
        points = [point for row in results for point in row[name]["points"]]
        finite = [p for p in points if isinstance(p["relative"], float)]
        digits = [min(17.0, -np.log10(max(p["relative"], 1e-17))) for p in finite]
        widths = [
            p["error"] / p["distance"]
            for p in finite
            if isinstance(p["error"], float) and p["distance"] > 0
        ]
        table.append(
            {
                "backend": name,
                "functions": sum(row[name]["ok"] for row in results),
                "values": sum(p["ok"] for p in points),
                "of": len(points),
                "within bar": sum(p["within_bar"] for p in points),
                "unbounded bars": sum(not isinstance(p["error"], float) for p in points),
                "median digits": round(statistics.median(digits), 2) if digits else None,
                "worst digits": round(min(digits), 2) if digits else None,
                "median bar/distance": round(statistics.median(widths), 2) if widths else None,
                "seconds": round(sum(row[name].get("seconds", 0.0) for row in results), 1),
            }
        )
    return table


def print_table(rows):
    header = list(rows[0])
    cells = [header, *([str(value) for value in row.values()] for row in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]
    for row in cells:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file")
    parser.add_argument("--json", help="where the results go")
    parser.add_argument("--all", action="store_true", help="print every function")
    parser.add_argument("--processes", type=int, default=1, help="work on so many rows at a time")
    options = parser.parse_args()
    if options.processes > 1:
        with ProcessPoolExecutor(options.processes) as executor:
            results = sweep(read(options.file), executor)
    else:
        results = sweep(read(options.file))
    shown = [
        {
            "id": row["id"],
            **{name: "ok" if row[name]["ok"] else "FAILS" for name in BACKENDS},
            "seconds": f"{row['seconds']:.2f}",
            "f": row["f"] if len(row["f"]) <= 60 else row["f"][:57] + "...",
        }
        for row in results
        if options.all or not all(row[name]["ok"] for name in BACKENDS)
    ]
    if shown:
        print_table(shown)
        print()
    table = summary(results)
    print_table(table)
    out = Path(options.json or Path(options.file).with_suffix(".results.json").name)
    out.write_text(json.dumps({"summary": table, "functions": results}, indent=1), "utf-8")
    print(f"\n{len(results)} functions; everything is in {out}")
    return int(any(not row[name]["ok"] for row in results for name in BACKENDS))


if __name__ == "__main__":
    sys.exit(main())
