"""The benchmark of lowering: all agree on its problems, and its tables and targets say so.

Nothing is timed here. The peers are libraries with threads and settings of their own, so each is
asked in a process of its own; one that is not installed is skipped by name.
"""

import importlib.util
import json
import math
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from automatic import timing
from automatic.gradients import SAME, difference
from automatic.problems import rosenbrock, rosenbrock_problem, small
from automatic.timing import Times
from lowered import arrays, command, contest, duration, million, peers, point, sizes
from lowered.alone import alone
from lowered.by_hand import BY_HAND
from lowered.command import main
from lowered.contest import checked, flat, joined
from lowered.expressions import EXPRESSIONS
from lowered.memory import memory
from lowered.report import Report, most, over
from project import ROOT

import numdiff
from diffexpr import symbols
from diffexpr.walk import topological

SCRIPT = ROOT / "benchmarks" / "lowering.py"
EACH = pytest.mark.parametrize("expression", EXPRESSIONS.values(), ids=list(EXPRESSIONS))
HOUSE = {name: peers.ASK[name] for name in ("crossdiff", "by hand", "lambdify")}

AGREE = """
import json, sys
from lowered.by_hand import BY_HAND
from lowered.contest import checked
from lowered.expressions import EXPRESSIONS
from lowered.peers import ASK
agreed = []
for name in sys.argv[2:]:
    points = EXPRESSIONS[name].points(50)
    makers = {name: lambda: ASK[sys.argv[1]](EXPRESSIONS[name], points, 2)}
    agreed += checked("", makers, BY_HAND[name](*points))
print(json.dumps(agreed))
"""


def run(*arguments):
    return subprocess.run(
        [sys.executable, *map(str, arguments)], cwd=SCRIPT.parent, capture_output=True, text=True
    )


@pytest.fixture
def unhurried(monkeypatch):
    """One call a turn and no pause: nothing is measured. No peers."""
    for name in ("PAUSE", "BATCH", "BLOCK"):
        monkeypatch.setattr(timing, name, 0.0)
    monkeypatch.setattr(timing, "FEWEST", 1)
    for module in (million, point, arrays, duration, command):
        monkeypatch.setattr(module, "absent", lambda: list(peers.PEERS))


def test_there_are_twelve_expressions_of_two_to_four_variables():
    assert len(EXPRESSIONS) == 12
    assert {len(expression.box) for expression in EXPRESSIONS.values()} == {2, 3, 4}
    assert EXPRESSIONS.keys() == BY_HAND.keys()


def test_the_longest_has_three_hundred_nodes():
    order = topological(EXPRESSIONS["network"].program(np, *symbols("x y z")))
    assert sum(node.op not in ("constant", "symbol") for node in order) == 299


@EACH
def test_gradients_by_hand_are_those_of_the_programs(expression):
    points = expression.points(3)
    value, *gradient = BY_HAND[expression.name](*points)
    np.testing.assert_allclose(value, expression.program(np, *points), rtol=1e-12)
    for k, place in enumerate(np.transpose(points)):
        slopes = numdiff.grad(lambda x: expression.program(np, *x))(place)
        # Differences of values keep about ten digits.
        np.testing.assert_allclose([g[k] for g in gradient], slopes, rtol=1e-7, atol=1e-7)


@EACH
def test_the_house_has_the_gradients_by_hand(expression):
    points = expression.points(50)
    makers = {
        "crossdiff": lambda: peers.crossdiff(expression, points, 2),
        "plain": lambda: peers.plain(expression, points),
    }
    assert list(checked("", makers, BY_HAND[expression.name](*points))) == list(makers)


@pytest.mark.parametrize("name", ["waves", "retention"])
def test_lambdify_has_the_gradients_by_hand(name):
    points = EXPRESSIONS[name].points(50)
    found = peers.by_lambdify(EXPRESSIONS[name], points)()
    assert difference(found, BY_HAND[name](*points)) <= SAME


@pytest.mark.parametrize("peer", [name for name in peers.PEERS if name in peers.ASK])
def test_peers_have_the_gradients_by_hand(peer):
    if importlib.util.find_spec(peer) is None:
        pytest.skip(f"{peer} is not installed; {peers.PIP}")
    names = ["waves", "retention"]
    done = run("-c", AGREE, peer, *names)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == names


def test_who_is_wrong_or_cannot_is_told_and_left_out(capsys):
    def fails():
        raise ArithmeticError("no such thing\nat all")

    truth = [np.array([1.0, 2.0]), np.array([3.0, 4.0])]
    makers = {
        "right": lambda: lambda: (truth[0], (truth[1],)),
        "wrong": lambda: lambda: [truth[0], 1.001 * truth[1]],
        "lost": lambda: lambda: [truth[0], np.array([3.0, np.nan])],
        "broken": fails,
    }
    assert list(checked("case", makers, truth)) == ["right"]
    printed = capsys.readouterr().out
    assert "case: wrong is off by 1.0e-03" in printed
    assert "case: lost is off by nan" in printed
    assert "case: broken cannot, and is left out: no such thing\n" in printed


def test_answers_are_compared_whatever_their_form():
    array = (1.0, np.array([2.0, 3.0]))
    assert [part.tolist() for part in flat((array, [np.array([[4.0]])]))] == [1.0, [2.0, 3.0], 4.0]
    (one,), (other,) = joined(array), joined([1.0, (2.0, 3.0)])
    assert one.tolist() == other.tolist() == [1.0, 2.0, 3.0]


def test_a_ratio_without_a_rival_is_none():
    times = Times({"crossdiff": [1.0, 2.0, 9.0], "jax": [1.0, 4.0, 3.0]})
    assert over(times, "crossdiff", "jax") == 1.0
    assert over(times, "crossdiff", "numba") is None
    assert most([None, 0.5, 2.0]) == 2.0
    assert math.isnan(most([None]))


def test_a_mean_of_fewer_is_none():
    assert million.geometric_mean([0.5, 2.0, 8.0]) == pytest.approx(2.0)
    assert math.isnan(million.geometric_mean([0.5, None]))
    assert math.isnan(million.geometric_mean([]))


def test_the_twelve_have_a_table_and_targets(unhurried, monkeypatch, capsys):
    monkeypatch.setattr(million, "ASK", HOUSE)
    report = Report()
    million.million(report, SimpleNamespace(expressions=["polynomial", "waves"], rounds=1), 100)
    spent, ratios = report.tables.values()
    assert [row["expression"] for row in ratios] == ["polynomial", "waves", "geometric mean"]
    one, other, mean = (row["/lambdify"] for row in ratios)
    assert mean == pytest.approx(math.sqrt(one * other))
    assert list(spent[0])[1:] == ["crossdiff", "crossdiff, 1 thread", "by hand", "lambdify"]
    assert [(target.what, target.limit) for target in report.targets] == [
        ("geometric mean over lambdify", 0.45),
        ("geometric mean over by hand", 0.6),
        ("1 thread, geometric mean over lambdify", 0.75),
    ]
    assert report.targets[0].figure == mean
    assert "geometric mean" in capsys.readouterr().out


def test_sizes_are_held_against_the_plain_form(unhurried):
    report = Report()
    sizes.sizes(report, SimpleNamespace(rounds=1), (1, 10))
    (rows,) = report.tables.values()
    assert [row["points"] for row in rows] == ["1", "10"]
    for row, target in zip(rows, report.targets, strict=True):
        assert target.figure == max(row[f"{name}/plain"] for name in sizes.SMALL) > 0


def test_one_point_is_the_same_for_all():
    truth = point.by_hand()()
    assert truth[0] == pytest.approx(rosenbrock(np)(np.array(point.POINT)), rel=1e-14)
    np.testing.assert_allclose(truth[1], numdiff.grad(rosenbrock(np))(np.array(point.POINT)), 1e-9)
    makers = {name: point.ASK[name] for name in (point.FLOATS, point.ARRAY, "lambdify")}
    assert list(checked("", makers, truth, joined)) == list(makers)


@pytest.mark.parametrize("peer", ["symengine", "casadi", "jax"])
def test_peers_agree_at_one_point(peer):
    if importlib.util.find_spec(peer) is None:
        pytest.skip(f"{peer} is not installed; {peers.PIP}")
    code = (
        "from lowered import point; from lowered.contest import checked, joined; "
        f"print(*checked('', {{{peer!r}: point.ASK[{peer!r}]}}, point.by_hand()(), joined))"
    )
    done = run("-c", code)
    assert done.stdout == f"{peer}\n", done.stdout + done.stderr


@pytest.mark.parametrize("problem", small(), ids=lambda problem: problem.name)
def test_lowered_gradients_of_arrays_are_those_by_hand(problem):
    found = flat(arrays.lowered(problem, "grad")())
    truth = flat(problem.hand(problem.arguments, problem.data))
    assert difference(found, truth) <= SAME


def test_the_table_of_arrays_has_gradients_over_functions(unhurried):
    report = Report()
    cases = ((lambda: rosenbrock_problem(50), True, {"by hand": 0.4, "jax": 2.0}),)
    arrays.arrays(report, SimpleNamespace(rounds=1), cases)
    _, ((row,)) = report.tables.values()
    assert row["/function"] > 0
    assert row["/function, lowered"] > 0
    (target,) = report.targets
    assert target.figure == row["/by hand"]


def test_rosenbrock_by_hand_has_the_gradient_of_the_other_benchmark():
    problem = rosenbrock_problem(7)
    value, gradient = arrays.by_hand(*problem.arguments)()
    assert value == pytest.approx(rosenbrock(np)(*problem.arguments), rel=1e-14)
    (truth,) = problem.hand(problem.arguments, ())
    np.testing.assert_allclose(gradient, truth, rtol=1e-14)


def test_the_gradient_that_is_lowered_has_a_thousand_nodes():
    assert 1000 <= duration.nodes(duration.OPERATIONS) < 1050


@pytest.mark.parametrize("output", ["value", "value_and_grad"])
def test_a_chain_is_lowered_in_a_process_of_its_own(output):
    found = alone("lowering", "crossdiff", output, 20)
    truth = duration.chain(np, 2)
    expected = truth(0.5) + (numdiff.derivative(truth)(0.5) if output != "value" else 0.0)
    # Of the chain by the first factor of a count.
    assert found["answer"] * 1024 == pytest.approx(expected, rel=1e-9)


def test_each_lowering_is_of_another_function():
    call = duration.MAKE["crossdiff"]("value", 20)
    (first,), (second,) = call(), call()
    assert second == pytest.approx(2 * first, rel=1e-15)


def test_memory_is_that_beyond_the_outputs():
    report = Report()
    asked = (("by hand", "polynomial"), ("nobody", "waves"))
    memory(report, SimpleNamespace(), 500_000, asked)
    ((row, other),) = report.tables.values()
    assert row["outputs, MB"] == 12.0
    # Four temporaries at the least, of 4 MB each.
    assert 16.0 <= row["beyond, MB"] <= 100.0
    assert row["grew by, MB"] == pytest.approx(row["beyond, MB"] + 12.0)
    assert "KeyError" in other["grew by, MB"]


def test_a_failed_part_misses_and_everything_is_written(unhurried, monkeypatch, capsys, tmp_path):
    def fails(report, options):
        raise ArithmeticError("no figure")

    def succeeds(report, options):
        report.table("a table", [{"a": 1.0, "b": math.nan, "c": None}])
        report.target("point", "a figure", 0.5, 1.0)

    monkeypatch.setattr(command, "PARTS", {"sizes": fails, "point": succeeds})
    out = tmp_path / "out.json"
    assert main(["--only", "sizes,point", "--check", "--json", str(out)]) == 1
    printed = capsys.readouterr().out
    assert "ArithmeticError: no figure" in printed
    assert "not installed, so left out: jax" in printed
    found = json.loads(out.read_text(encoding="utf-8"))
    assert found["tables"] == {"a table": [{"a": 1.0, "b": None, "c": None}]}
    assert [target["met"] for target in found["targets"]] == [False, True]
    assert found["machine"]["NumPy"] == np.__version__


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--only", "million,nothing"), "--only takes names of million"),
        (("--expressions", "nothing"), "--expressions takes names of polynomial"),
        (("--rounds", "0"), "--rounds takes a positive number"),
    ],
)
def test_what_is_not_there_is_refused(arguments, said, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(list(arguments))
    assert said in capsys.readouterr().err


def test_the_script_refuses_what_the_command_refuses():
    done = run(SCRIPT, "--only", "nothing")
    assert done.returncode == 2
    assert "--only takes names of million" in done.stderr


def test_everyone_is_told_when_timed(unhurried, capsys):
    contest.timed("case", {"one": lambda: lambda: [1.0]}, [1.0], 1)
    assert capsys.readouterr().err.startswith("case: 1 calls timed in ")
