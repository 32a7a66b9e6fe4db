"""At which point, and along which directions? The arguments of verbs that take primals."""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.problem import Problem, listed, matching
from diffexpr.errors import ExpressionTypeError
from diffexpr.signature import Target, resolve


def everywhere(f: Any, primals: Any) -> Problem:
    """A problem that differentiates all of its arguments."""
    target = resolve(f, None)
    values = listed(primals, target, "primals")
    if target.expr is not None and len(values) != len(target.names):
        raise ExpressionTypeError(
            f"the expression has {len(target.names)} variables ({', '.join(target.names)}), "
            f"got {len(values)} primals"
        )
    every = Target(target.call, target.names, tuple(range(len(values))), False, target.expr)
    return Problem(every, values)


def directions(given: Problem, xs: list[Any], vectors: Any, what: str) -> list[Any]:
    """Tangents, one for each leaf of the primals and of its shape."""
    vs = listed(vectors, given.target, what)
    count = len(given.nests)
    if len(vs) != count:
        raise ExpressionTypeError(f"{count} primals need {count} {what}, got {len(vs)}")
    labels = [f"{what} of {label}" for label in given.labels()]
    found = map(matching, given.scattered(vs), xs, labels)
    return [v.copy() if type(v) is np.ndarray else v for v in found]  # f may write into its own
