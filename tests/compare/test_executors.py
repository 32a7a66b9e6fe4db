"""Backends asked by an executor answer as they do one after another; so do rows of a corpus."""

import importlib
import multiprocessing
import pickle
import subprocess
import sys
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pytest
from corpus import read, sweep
from project import ROOT

from compare import cross_check
from diffexpr import ExpressionTypeError, ExpressionValueError, parse

RUBI = ROOT / "tests" / "data" / "rubi-open.jsonl"
MODULE = importlib.import_module("compare.cross_check")


def wave(x, y):
    return x**2 * np.sin(y)


def branch(x):
    if x > 0:
        return x * x
    return -3 * x


@pytest.fixture(scope="module")
def processes():
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=context) as executor:
        yield executor


@pytest.fixture(scope="module")
def threads():
    with ThreadPoolExecutor(4) as executor:
        yield executor


@pytest.fixture(params=["processes", "threads"])
def executor(request):
    return request.getfixturevalue(request.param)


def same(first, second):
    """All that two checks found, but for the time it took."""
    for name in ("verdict", "notes", "odd", "value_ok", "reference"):
        assert getattr(first, name) == getattr(second, name)
    assert first.node is second.node
    for one, other in zip(first.backends, second.backends, strict=True):
        for name in ("name", "formulas", "evaluations", "verdict", "note"):
            assert getattr(one, name) == getattr(other, name)
        for label in first.problem.labels if one.values else ():
            for name in ("values", "errors", "ulps", "verdicts"):
                found, wanted = getattr(one, name)[label], getattr(other, name)[label]
                np.testing.assert_array_equal(found, wanted)


QUESTIONS = [
    ("x^2 sin(y)", {"x": 1.0, "y": 2.0}),
    (wave, (1.5, 2.0), "hessian", ("x", "y")),
    (branch, 3.0),
    (parse("abs(x)"), 0.0),
    ("sin(x)^5", {"x": 1.2}, "derivative", "x"),
    ("exp(a*x)", {"a": 0.5, "x": 2.0}, "grad", "x", ["numeric", "forward"]),
]


@pytest.mark.parametrize("question", QUESTIONS, ids=str)
def test_the_answers_and_their_order_are_the_same(question, executor):
    same(cross_check(*question, executor=executor), cross_check(*question))


@pytest.mark.parametrize("question", QUESTIONS[:4], ids=str)
def test_a_check_is_pickled_with_all_that_it_says(question):
    check = cross_check(*question)
    again = pickle.loads(pickle.dumps(check))
    same(again, check)
    assert again.to_dict() == check.to_dict()


def test_points_are_checked_in_parallel(processes):
    points = [0.5, 1.0, 0.0]
    found = list(processes.map(cross_check, ["log(x)"] * 3, points))
    for check, point in zip(found, points, strict=True):
        same(check, cross_check("log(x)", point))
    assert [check.verdict for check in found] == ["agree", "agree", "undefined"]


def test_a_function_without_a_place_is_refused_with_the_way_out(processes, threads):
    with pytest.raises(ExpressionTypeError, match=r"<lambda> cannot be sent .* define it with def"):
        cross_check(lambda x: x * x, 2.0, executor=processes)
    assert cross_check(lambda x: x * x, 2.0, executor=threads).ok


def test_errors_are_those_without_an_executor(executor):
    with pytest.raises(ExpressionValueError, match="no backend 'magic'"):
        cross_check("x", 1.0, backends=["magic"], executor=executor)
    with pytest.raises(ExpressionTypeError, match="x is 's'"):
        cross_check(branch, "s", executor=executor)


def test_the_first_error_is_raised_and_what_waits_is_dropped(monkeypatch):
    class Waiting(Executor):
        """Works on what is asked for first, and leaves the rest waiting."""

        def __init__(self):
            self.futures = []

        def submit(self, function, /, *args, **kwargs):
            future = Future()
            if not self.futures:
                try:
                    future.set_result(function(*args, **kwargs))
                except TypeError as error:
                    future.set_exception(error)
            self.futures.append(future)
            return future

    def broken(name, problem):
        raise TypeError(f"{name} is broken")

    monkeypatch.setattr(MODULE, "ask", broken)
    executor = Waiting()
    with pytest.raises(TypeError, match="symbolic is broken"):
        cross_check("x^2", 1.0, backends=["symbolic", "forward", "reverse"], executor=executor)
    assert [future.cancelled() for future in executor.futures] == [False, True, True]


def test_a_corpus_is_swept_in_order(processes):
    def without_times(results):
        return [
            {k: ({**v, "seconds": 0} if isinstance(v, dict) else v) for k, v in row.items()}
            | {"seconds": 0}
            for row in results
        ]

    rows = read(RUBI)[:6]
    assert without_times(sweep(rows, processes)) == without_times(sweep(rows))


def test_the_script_works_on_several_rows_at_a_time(tmp_path):
    corpus = tmp_path / "few.jsonl"
    corpus.write_text("\n".join(RUBI.read_text("utf-8").splitlines()[:3]), "utf-8")
    script = ROOT / "benchmarks" / "corpus.py"
    done = subprocess.run(
        [sys.executable, script, corpus, "--all", "--processes", "2"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    names = [line.split()[0] for line in done.stdout.splitlines() if line.startswith("rubi-")]
    assert names == [row["id"] for row in read(RUBI)[:3]]
