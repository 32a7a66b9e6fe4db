"""All antiderivatives of the corpus: SymPy's derivative against the 50-digit truth."""

import json
from pathlib import Path

import mpmath
import pytest

from diffexpr import parse
from symdiff import differentiate, evaluate, rounding_bound

FILE = Path(__file__).resolve().parent.parent / "data" / "rubi-open.jsonl"
ROWS = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_the_derivative_of_an_antiderivative(row):
    formula = differentiate(parse(row["f"]), row["var"]).formula
    with mpmath.workdps(60):
        for point, truth in zip(row["points"], map(mpmath.mpf, row["df"]), strict=True):
            at = {row["var"]: point}
            # The truths are given to 50 digits.
            assert abs(evaluate(formula, at) - truth) <= abs(truth) * mpmath.mpf(10) ** -45
            value, bound = rounding_bound(formula, at)
            assert abs(mpmath.mpf(float(value)) - truth) <= bound
