"""The 308 antiderivatives of the Rubi suite: each value right, each numeric one in its bar."""

import subprocess
import sys

import pytest
from corpus import BACKENDS, judge_row, read, summary
from project import ROOT

RUBI = ROOT / "tests" / "data" / "rubi-open.jsonl"
ROWS = read(RUBI)


def test_the_corpus_is_whole():
    assert len(ROWS) == 308
    assert sum(len(row["df"]) for row in ROWS) == 924


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_every_backend_at_every_point(row):
    judged = judge_row(row)
    for name in BACKENDS:
        assert judged[name]["ok"], (name, judged[name])
        assert len(judged[name]["points"]) == len(row["df"])
    (numeric,) = [line for line in summary([judged]) if line["backend"] == "numeric"]
    assert numeric["within bar"] == numeric["of"]
    assert not any(line["unbounded bars"] for line in summary([judged]))


def test_the_script_prints_a_table_and_writes_json(tmp_path):
    corpus = tmp_path / "few.jsonl"
    corpus.write_text("\n".join(RUBI.read_text("utf-8").splitlines()[:2]), "utf-8")
    done = subprocess.run(
        [sys.executable, ROOT / "benchmarks" / "corpus.py", corpus, "--all"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "2 functions" in done.stdout
    assert "rubi-00045" in done.stdout
    assert (tmp_path / "few.results.json").is_file()


def test_a_wrong_truth_fails():
    row = dict(ROWS[0], df=["1.5", *ROWS[0]["df"][1:]])
    judged = judge_row(row)
    assert not any(judged[name]["ok"] for name in BACKENDS)
