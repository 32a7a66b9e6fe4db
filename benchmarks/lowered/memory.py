"""What ten million points take beyond what goes in and comes out."""

from lowered.alone import alone
from lowered.expressions import EXPRESSIONS

POINTS = 10_000_000
MB = 1e6
LIMIT = 64.0
"""MB beyond inputs and outputs."""

ASKED = (
    *((who, "waves") for who in ("crossdiff", "plain", "by hand", "lambdify")),
    ("crossdiff", "option"),
    ("crossdiff", "network"),
)


def memory(report, options, n=POINTS, asked=ASKED):
    rows = []
    for who, name in asked:
        spent = alone("million", who, name, n)
        row = {"value and gradient of": name, "by": who}
        if isinstance(spent, str):
            rows.append(row | {"outputs, MB": None, "grew by, MB": spent, "beyond, MB": None})
            beyond = float("nan")
        else:
            outputs = 8 * n * (1 + len(EXPRESSIONS[name].box)) / MB
            grown = (spent["peak"] - spent["before"]) / MB
            beyond = grown - outputs
            columns = {"outputs, MB": outputs, "grew by, MB": grown, "beyond, MB": beyond}
            rows.append(row | columns)
        if who == "crossdiff":
            report.target("memory", f"{name}: MB beyond inputs and outputs", beyond, LIMIT)
    report.table(f"memory: at {n:,} points, in processes of their own", rows)
