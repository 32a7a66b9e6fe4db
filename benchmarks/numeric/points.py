"""Sets A and D: single functions at single points, with the derivative there to 30 digits."""

import json
from pathlib import Path

import numpy as np

from diffexpr import function, parse
from numeric.score import CONTEXT

OPEN = Path(__file__).parents[2] / "tests" / "data" / "numeric-open.jsonl"


def open_set(path=OPEN):
    """Set A: ``(id, f, x, truth)`` for each of the 25 functions chosen to be hard."""
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [
        (row["id"], function(parse(row["f"]), row["var"]), row["x"], CONTEXT.mpf(row["df"]))
        for row in rows
    ]


def specials():
    """Set D: at the end of a domain, beside a kink, and at both ends of the floats."""
    near = 1 - 1e-10
    cosine = CONTEXT.cos(1)
    return [
        ("x^1.5 at 0", lambda x: x**1.5, 0.0, CONTEXT.mpf(0)),
        ("log at 1e-300", np.log, 1e-300, 1 / CONTEXT.mpf(1e-300)),
        ("arcsin at 1-1e-10", np.arcsin, near, 1 / CONTEXT.sqrt(1 - CONTEXT.mpf(near) ** 2)),
        ("|x-1| at 1+1e-7", lambda x: np.abs(x - 1), 1 + 1e-7, CONTEXT.mpf(1)),
        ("1e300 sin(x) at 1", lambda x: 1e300 * np.sin(x), 1.0, CONTEXT.mpf(1e300) * cosine),
        ("1e-300 sin(x) at 1", lambda x: 1e-300 * np.sin(x), 1.0, CONTEXT.mpf(1e-300) * cosine),
    ]
