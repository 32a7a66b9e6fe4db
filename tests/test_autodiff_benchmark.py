"""The benchmark of the automatic backends: all agree on its problems, and its tables say so.

Nothing is timed here. The peers are libraries with threads and settings of their own, so each is
asked in a process of its own; one that is not installed is skipped by name.
"""

import importlib.util
import json
import math
import subprocess
import sys

import numpy as np
import pytest
from automatic import gradients, parts, timing
from automatic.alone import alone
from automatic.chains import chain_problem
from automatic.command import main
from automatic.gradients import SAME, difference, ratio_row, target_rows
from automatic.mixture import mixture_problem
from automatic.operations import operations, product, product_by_loop
from automatic.peers import ASK, PEERS, PIP, by_crossdiff, value
from automatic.problems import PROBLEMS, small
from automatic.timing import Times
from numeric.targets import Target
from project import ROOT
from scipy.special import multigammaln
from scipy.stats import multivariate_normal

import autodiff
import numdiff
from diffexpr import symbol

SCRIPT = ROOT / "benchmarks" / "autodiff.py"
HOUSE = ("value", "by hand", "crossdiff")
EACH = pytest.mark.parametrize("problem", small(), ids=lambda problem: problem.name)

AGREE = """
import json, sys
from automatic.gradients import disagreements
from automatic.peers import ASK
from automatic.problems import small
asked = {p.name: disagreements(p, {sys.argv[1]: ASK[sys.argv[1]](p)}) for p in small()}
print(json.dumps(asked))
"""


def run(*arguments, cwd=None):
    return subprocess.run(
        [sys.executable, *map(str, arguments)], cwd=cwd, capture_output=True, text=True
    )


def unhurried(monkeypatch):
    """One call a turn and no pause: nothing is measured."""
    for name in ("PAUSE", "BATCH", "BLOCK"):
        monkeypatch.setattr(timing, name, 0.0)
    monkeypatch.setattr(timing, "FEWEST", 1)


@EACH
def test_gradients_by_hand_are_those_of_the_values(problem):
    truth = problem.hand(problem.arguments, problem.data)
    for k, argument in enumerate(problem.arguments):

        def f(x, k=k):
            changed = (*problem.arguments[:k], x, *problem.arguments[k + 1 :])
            return float(value(_at(problem, changed))())

        # Differences of values keep about ten digits.
        np.testing.assert_allclose(truth[k], numdiff.grad(f)(argument), rtol=1e-7, atol=1e-7)


def _at(problem, arguments):
    return type(problem)(problem.name, problem.program, arguments, problem.data, problem.hand)


@EACH
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_crossdiff_has_the_gradients_by_hand(problem, mode):
    truth = problem.hand(problem.arguments, problem.data)
    assert difference(by_crossdiff(problem, mode)(), truth) <= SAME


@pytest.mark.parametrize("peer", PEERS)
def test_peers_have_the_gradients_by_hand(peer):
    if importlib.util.find_spec(peer) is None:
        pytest.skip(f"{peer} is not installed; {PIP}")
    done = run("-c", AGREE, peer, cwd=SCRIPT.parent)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {problem.name: {} for problem in small()}


def test_the_mixture_is_a_mixture_of_normal_densities():
    problem = mixture_problem(2, 3, 5)
    (alphas, means, icf), (x, *_) = problem.arguments, problem.data
    shares = np.exp(alphas) / np.sum(np.exp(alphas))
    density, prior = np.zeros(5), 0.0
    for share, mean, (a, b, c) in zip(shares, means, icf, strict=True):
        factor = np.array([[np.exp(a), 0.0], [c, np.exp(b)]])
        precision = factor.T @ factor
        density += share * multivariate_normal(mean, np.linalg.inv(precision)).pdf(x)
        prior += 0.5 * np.trace(precision) - 3 * 2 * -0.5 * np.log(2) + multigammaln(1.5, 2)
    assert value(problem)() == pytest.approx(np.sum(np.log(density)) + prior, rel=1e-12)


def test_a_wrong_gradient_is_told():
    problem = chain_problem(20)
    truth = problem.hand(problem.arguments, problem.data)
    wrong = {
        "wrong": lambda: [1.001 * truth[0]],
        "short": lambda: [truth[0][:2]],
        "crossdiff": lambda: truth,
    }
    assert gradients.disagreements(problem, wrong) == {
        "wrong": pytest.approx(1e-3),
        "short": math.inf,
    }


def test_a_gradient_that_is_not_a_number_is_told():
    problem = chain_problem(20)
    found = gradients.disagreements(problem, {"lost": lambda: [np.full(4, np.nan)]})
    assert list(found) == ["lost"]


def test_ratios_are_medians_of_ratios_and_not_ratios_of_medians():
    times = Times({"crossdiff": [1.0, 2.0, 9.0], "torch": [1.0, 4.0, 3.0]})
    assert times.ratio("crossdiff", "torch") == 1.0
    assert times.median("crossdiff") == 2.0
    assert math.isnan(times.ratio("crossdiff", "jax"))


def test_everyone_runs_once_in_every_round(monkeypatch):
    unhurried(monkeypatch)
    seen = []
    times = timing.race({name: lambda name=name: seen.append(name) for name in "abc"}, 4)
    assert {name: len(spent) for name, spent in times.seconds.items()} == dict.fromkeys("abc", 4)
    assert set(seen) == set("abc")


def test_nobody_always_comes_behind_the_same_neighbour():
    orders = [timing.order(list("abcd"), turn) for turn in range(8)]
    assert all(sorted(names) == list("abcd") for names in orders)
    for name in "abcd":
        assert len({names[names.index(name) - 1] for names in orders if names[0] != name}) > 1


def test_a_row_leaves_out_who_did_not_run():
    problem = chain_problem()
    times = Times({"value": [1.0], "by hand": [2.0], "crossdiff": [8.0], "torch": [16.0]})
    row = ratio_row(problem, times)
    assert row["/torch"] == 0.5
    assert row["/autograd"] is None
    ((target, floor),) = target_rows("chain", problem, times)
    assert (target.figure, target.limit, target.met, floor) == (0.5, 1.0, True, "0.125")


def test_the_command_prints_tables_and_targets(monkeypatch, capsys):
    unhurried(monkeypatch)
    monkeypatch.setitem(PROBLEMS, "chain", lambda: [chain_problem(20)])
    house = {name: ASK[name] for name in HOUSE}
    monkeypatch.setattr(
        gradients, "contestants", lambda problem: {n: ask(problem) for n, ask in house.items()}
    )
    assert main(["--only", "chain,speelpenning", "--quick"]) == 0
    printed = capsys.readouterr().out
    for expected in ("chain of 20 on 4-vectors", "product_by_loop", "Targets of crossdiff", "n/a"):
        assert expected in printed


def test_the_problems_are_those_of_the_parts():
    assert set(PROBLEMS) < set(parts.PARTS)


def test_a_part_that_fails_misses_and_does_not_stop_the_others(monkeypatch, capsys):
    def fails(part, options):
        raise ArithmeticError("no figure")

    monkeypatch.setitem(parts.PARTS, "mixture", fails)
    monkeypatch.setitem(
        parts.PARTS, "deep", lambda part, options: [(Target("d", "a", 1, "=", 1), "")]
    )
    assert main(["--only", "mixture,deep", "--check"]) == 1
    printed = capsys.readouterr().out
    assert "ArithmeticError: no figure" in printed
    assert printed.count("MISSED") == printed.count("ok") == 1


def test_targets_that_speak_of_absent_peers_are_none(monkeypatch, capsys):
    monkeypatch.setitem(parts.PARTS, "chain", lambda part, options: [])
    assert main(["--only", "chain", "--check"]) == 0
    assert "not installed" in capsys.readouterr().out


def test_a_part_that_is_not_there_is_refused():
    done = run(SCRIPT, "--only", "chain,nothing")
    assert done.returncode == 2
    assert "--only takes names of chain" in done.stderr


def test_its_name_does_not_hide_the_package():
    code = f"import sys; sys.path.insert(0, {str(SCRIPT.parent)!r}); import autodiff.tape, corpus"
    done = run("-c", f"{code}; print(autodiff.__file__)")
    assert done.stdout.strip().endswith("__init__.py"), done.stderr


@pytest.mark.parametrize("who", ["forward", "crossdiff"])
def test_a_deep_chain_runs_in_a_process_of_its_own(who):
    found, truth = alone("deep", who, 1000), alone("deep", "by hand", 1000)
    assert found["answer"] == pytest.approx(truth["answer"], rel=SAME)
    assert 0 < found["before"] <= found["peak"]


def test_a_process_that_fails_says_why():
    assert "KeyError" in alone("deep", "nobody", 10)


def test_memory_is_that_of_the_task_and_not_of_its_parent():
    small, large = (alone("long", "curved", 4, n, 0) for n in (10, 1_000_000))
    grown = large["peak"] - large["before"]
    assert grown >= 3 * 8e6 > small["peak"] - small["before"]


@pytest.mark.parametrize(("f", "n", "count"), [(product, 6, 5), (product_by_loop, 6, 5)])
def test_operations_of_a_product(f, n, count):
    assert operations(f(symbol("x", shape=(n,)))) == count


def test_operations_are_counted_once_and_by_elements():
    x = symbol("x", shape=(3,))
    s = np.sin(x)
    assert operations(np.sum(s * s + x[0])) == 3 + 3 + 3 + 2
    assert operations(autodiff.grad(lambda x: np.sum(np.sin(x)))(x)) == 3
    with pytest.raises(NotImplementedError, match="matmul"):
        operations(x @ x)
