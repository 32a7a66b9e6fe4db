"""Write docs/coverage.md from the tested cases: ``python docs/make_coverage.py``."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PAGE = HERE / "coverage.md"

HEAD = """\
# What is covered

Functions that autodiff differentiates, by the names under which they are called; nothing needs a
wrapped NumPy. Every row is tested with each of its calls: the value, its shape and its precision
against NumPy's own; the Jacobian forward and in reverse against differences of values; the second
derivative, forward over reverse and reverse over reverse, against differences of gradients; and
as an expression, through `diffexpr.trace`, its value and its gradient. This page is written from
the same data by `python docs/make_coverage.py`.

An argument is differentiated where NumPy looks at it. `np.sum(x, initial=a)` and
`np.full_like(x, a)` hand over only where `x` is differentiated too: NumPy never asks `a`.
A Python list of such values becomes an array of objects, on which NumPy runs code of its own:
`np.sum`, `np.max` and `np.dot` of it work, `np.mean` and `np.std` want `np.stack` around it first.

"""

SECTIONS = (
    ("Operators and methods", ("operators", "indexing", "iteration", "ndarray.")),
    ("Linear algebra", ("np.linalg.",)),
    ("Fourier transforms", ("np.fft.",)),
    ("SciPy: special functions", ("scipy.special.",)),
    ("SciPy: distributions", ("scipy.stats.",)),
    ("SciPy: linear algebra, signals, integrals", ("scipy.",)),
    ("NumPy", ("np.",)),
)
"""Titles, each with the beginnings of the names below it; the first that fits has a name."""

ORDER = (6, 0, 1, 2, 3, 4, 5)

FOOT = """\
## Constants

Answered from the numbers of what is differentiated; the answer is a constant to every derivative.
On an expression `all`, `any`, `count_nonzero` and `isclose` are expressions, and the others an
error: there are no numbers to ask.

{constants}

Of shape and kind of number alone, for expressions too: {kinds}.

## Refused

Each of these raises one error that names the function and says how to give it a rule.

| function | why |
|---|---|
{refused}

Arguments that write (`out=`, `ufunc.at`, `x.sort()`, `x.fill()`) are refused with the function to
use instead. `where=` of a ufunc that is called leaves elements undefined, and is refused; of a
reduction it is covered.

## Conventions

- Where elements tie for the largest or smallest, `max`, `min`, `ptp` and their kin share the
  derivative equally; `maximum` and `minimum` give half to each, and so does each meeting of two
  windows in `maximum.accumulate`.
- `sort`, `median`, `quantile` and `partition` keep elements that tie in the order in which they
  stand (a stable order), and each has its own derivative; `unique` keeps the first.
- `std`, like `norm`, has gradient 0 where all elements are equal.
- A product passes zeros, one or many, without division; `cumprod` too.
- `floor`, `round`, `sign` and what counts have derivative 0, also where they jump.
- `interp` has at a point the slope of the line that begins there, and outside the slope 0.
"""


def page(cases: Sequence[Any], reasons: dict[str, str], constants: Iterable[str],
         kinds: Iterable[str]) -> str:  # fmt: skip
    """The text of the page."""
    found: dict[str, list[Any]] = {}
    for case in cases:
        found.setdefault(case.name, []).append(case)
    parts: list[list[str]] = [[] for _ in SECTIONS]
    for name in sorted(found, key=str.lower):
        at = next(i for i, (_, starts) in enumerate(SECTIONS) if name.startswith(starts))
        parts[at].append(row(name, found[name]))
    body = ""
    for at in ORDER:
        body += f"## {SECTIONS[at][0]}\n\n"
        body += "| function | forward | reverse | second order | expression | calls |\n"
        body += "|---|---|---|---|---|---|\n" + "\n".join(parts[at]) + "\n\n"
    refused = "\n".join(f"| `np.{name}` | {why} |" for name, why in sorted(reasons.items()))
    return HEAD + body + FOOT.format(
        constants=listed(constants), kinds=listed(kinds), refused=refused
    )  # fmt: skip


def row(name: str, cases: Sequence[Any]) -> str:
    """One function, with what holds of all of its calls."""
    whys = sorted({case.expression for case in cases if case.expression})
    plain = any(not case.expression for case in cases)
    expression = "yes" if not whys else f"{'some; ' if plain else 'no: '}{'; '.join(whys)}"
    return f"| `{name}` | yes | yes | yes | {expression} | {len(cases)} |"


def listed(names: Iterable[str]) -> str:
    return ", ".join(f"`np.{name}`" for name in sorted(names))


def data() -> tuple[Sequence[Any], dict[str, str], list[str], list[str]]:
    """The cases, the refusals with their reasons, and the functions that give constants."""
    from covered import all_cases

    from diffexpr.decisions import ANSWERS, KINDS, PLACES
    from diffexpr.refusals import REASONS

    return all_cases(), REASONS, [*PLACES, *ANSWERS, "linalg.matrix_rank"], [*KINDS]


def main() -> None:
    """Write the page."""
    sys.path[:0] = [str(HERE.parent), str(HERE.parent / "tests" / "autodiff")]
    PAGE.write_text(page(*data()), encoding="utf-8")


if __name__ == "__main__":
    main()
