"""Write docs/conventions.md from the tested edges: ``python docs/make_conventions.py``."""

from __future__ import annotations

import importlib
import itertools
import sys
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent
PAGE = HERE / "conventions.md"

HEAD = """\
# Conventions at the edges

What autodiff gives where a derivative is easily got wrong: at kinks, ties and ends of domains, at
zeros that meet infinities, in branches that are not taken, far out and close in. Every row is
tested in forward, reverse and the best mode, by every verb; this page is written from the same
data by `python docs/make_conventions.py`.

"""

FOOT = """\
## What holds everywhere

- A branch that is not taken passes nothing, neither a number nor NaN nor infinity: `where`,
  `maximum`, `minimum`, `clip`, an index and a mask select, they do not multiply by 0.
- Python's `if`, `while` and comparisons see the value; what is differentiated is the branch that
  ran.
- NaN is never replaced by a number.
- What was recorded counts. An array that is written into after it was used gives the derivative
  of the moment when it was used, or an error. One way is not seen: a few entries of an array of
  more than 16,384 numbers, written through a view that was made before the array was used.
- `x[0] = y` and `out=` are refused. `y += 1` of an array moves every name of that array, as NumPy
  does; where `y` is a part of another array, or has parts in use, it is refused. Of a number it
  makes a new one.
- A function runs once for each verb. The best mode may run it twice for a `jacobian`, forward mode
  runs it again for every 1,024 columns, `derivative` once for each variable.
- Complex numbers follow JAX: a tangent `t` and a cotangent `g` pair as `Re(sum(g*t))`, without a
  conjugate. The gradient of a real function of `z = x + iy` is `df/dx - i df/dy`; its conjugate is
  the direction of steepest ascent. A holomorphic function has its complex derivative; a complex
  result of a complex argument that is not holomorphic is an error.
- A derivative has the precision of its argument: float32 stays float32, also beside Python's
  numbers and float64 constants; integers and truth values become float64.
"""


def number(x: float) -> str:
    """A number in as few digits as say it, exact fractions and multiples of pi among them."""
    if not np.isfinite(x):
        return {np.inf: "inf", -np.inf: "-inf"}.get(x, "NaN")
    return f"{x:.6g}".replace("e+", "e")


def shown(x: Any) -> str:
    """An argument or a derivative, nested tuples and arrays included."""
    if isinstance(x, tuple):
        return ", ".join(shown(part) for part in x)
    array = np.asarray(x, float)
    if not array.ndim:
        value = float(array)
        return "-0" if value == 0 and np.signbit(value) else number(value)
    if not array.size:
        return f"empty {array.shape}"
    if array.ndim > 1 and not array.any():
        return f"zeros {array.shape}"
    return "[" + ", ".join(shown(row) for row in array) + "]"


def derivatives(edge: Any) -> str:
    """The derivatives of an edge, order by order."""
    found = []
    for order, value in enumerate(edge.orders, 1):
        text = shown(value)
        found.append(text if order == 1 else f"{'second' if order == 2 else f'{order}th'} {text}")
    text = "; ".join(found).replace("3th", "third").replace("4th", "fourth")
    return f"{text}, or NaN" if edge.kind == "indeterminate" else text


def row(edge: Any) -> tuple[str, ...]:
    """What stands behind the formula of an edge: edges alike in it share a row."""
    return edge.group, shown(edge.at), derivatives(edge), edge.kind, edge.why


def cell(text: str) -> str:
    return text.replace("|", "\\|")


def page(edges: Any, kinds: dict[str, str]) -> str:
    """The whole page."""
    lines = [HEAD.rstrip("\n"), "", "| kind | what it means |", "|---|---|"]
    lines += [f"| {kind} | {meaning} |" for kind, meaning in kinds.items()]
    lines += ["", "A second derivative has one row per argument.", ""]
    group = None
    for (heading, *rest), alike in itertools.groupby(edges, row):
        if heading != group:
            group = heading
            lines += ["", f"## {group}", "", "| function | at | derivative | kind | why |",
                      "|---|---|---|---|---|"]  # fmt: skip
        formulas = ", ".join(f"`{cell(edge.formula)}`" for edge in alike)
        lines.append(f"| {' | '.join([formulas, *map(cell, rest)])} |")
    text = "\n".join([*lines, "", "", FOOT.rstrip("\n"), ""])
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    return text


def current() -> str:
    """The page as the data has it now."""
    tests = HERE.parent / "tests" / "autodiff"
    if str(tests) not in sys.path:
        sys.path.insert(0, str(tests))
    arrays, numbers, edges = map(importlib.import_module, ("edge_arrays", "edge_numbers", "edges"))
    return page((*numbers.NUMBERS, *arrays.ARRAYS), edges.KINDS)


if __name__ == "__main__":
    PAGE.write_text(current(), encoding="utf-8")
