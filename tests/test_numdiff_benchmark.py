"""The benchmark of the numeric backend: it runs, its sets are as told, it hides no package."""

import subprocess
import sys
from collections import Counter
from itertools import islice

import mpmath
import pytest
from numeric.breaks import BREAKS
from numeric.pairs import pairs, slope
from project import ROOT

from diffexpr import parse
from symdiff import differentiate, evaluate

SCRIPT = ROOT / "benchmarks" / "numdiff.py"


def run(*arguments, cwd=None):
    return subprocess.run(
        [sys.executable, *map(str, arguments)], cwd=cwd, capture_output=True, text=True
    )


def test_there_are_twenty_breaks_of_each_kind():
    assert Counter(kind for kind, *_ in BREAKS) == {"KINK": 20, "JUMP": 20, "EDGE": 20}
    assert len({name for _, name, *_ in BREAKS}) == 60


def test_pairs_are_the_same_for_the_same_seed():
    first, again, other = (
        [(pair.text, pair.x, pair.truth) for pair in islice(pairs(8, seed), 8)]
        for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


@pytest.mark.parametrize("text", ["exp(sin(x))/(3+x^2)", "tanh(40*x)", "7*x^3+0.5*x^2", "log(x)^2"])
def test_a_slope_from_values_agrees_with_rules(text):
    expr = parse(text)
    truth = evaluate(differentiate(expr, "x", method="graph").formula, {"x": 1.7}, digits=50)
    with mpmath.workdps(60):
        assert abs(slope(expr, 1.7) - truth) <= abs(truth) * mpmath.mpf(10) ** -49


def test_a_function_without_slope_has_none():
    assert slope(parse("x/x"), 1.7) == 0


def test_the_command_prints_tables_and_targets(tmp_path):
    done = run(SCRIPT, "--set", "b,c,d", "--pairs", "4", "--each", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    for expected in ("B. 4 random functions", "C. 60 kinks, jumps and edges", "Targets"):
        assert expected in done.stdout


def test_a_set_that_is_not_there_is_refused():
    assert run(SCRIPT, "--set", "A,X").returncode == 2


def test_its_name_does_not_hide_the_package():
    code = f"import sys; sys.path.insert(0, {str(SCRIPT.parent)!r}); import numdiff.result, corpus"
    done = run("-c", f"{code}; print(numdiff.__file__)")
    assert done.stdout.strip().endswith("__init__.py"), done.stderr
