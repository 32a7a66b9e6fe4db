"""The command: what it prints where, its exit codes, and what it leaves behind."""

import csv
import io
import json
import os
import stat
import subprocess
import sys

import pytest
from outcome import Outcome
from project import ROOT

from compare import command
from compare.command import run


@pytest.fixture
def crossdiff(capsys):
    def call(*arguments):
        code = run(command.cli, [str(a) for a in arguments])
        printed = capsys.readouterr()
        return Outcome(code, printed.out, printed.err)

    return call


def process(*arguments, cwd=ROOT):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "compare.command", *map(str, arguments)],
        capture_output=True, text=True, encoding="utf-8", cwd=cwd, check=False, timeout=120,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
    )  # fmt: skip
    return Outcome(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def model(tmp_path):
    path = tmp_path / "model.py"
    path.write_text(
        "import math\n"
        "import numpy as np\n"
        "def loss(w, b):\n"
        "    return np.sum((w - 1.0) ** 2) + b ** 2\n"
        "def grad(w, b):\n"
        "    return 2 * (w - 1.0), 2 * b\n"
        "def wrong(w, b):\n"
        "    return 2 * w, 2 * b\n"
        "def only_b(w, b):\n"
        "    return 2 * b\n"
        "def raises(w, b):\n"
        "    return {}['missing']\n"
        "def of_shape(w, b):\n"
        "    return w[:1], b\n"
        "def parses(w, b):\n"
        "    from diffexpr import parse\n"
        "    return parse('w +')\n"
        "CONSTANT = 3\n",
        encoding="utf-8",
    )
    return path


class TestProcess:
    def test_agreement(self):
        done = process("diff", "x^2 sin(y)", "--at", "x=1,y=2")
        assert done.code == 0
        assert done.err == ""
        assert "df/dx = 2*x*sin(y)" in done.out
        assert done.out.endswith("verdict: agree\n")

    def test_no_agreement(self):
        done = process("diff", "sqrt(x)", "--at", "x=0")
        assert done.code == 1
        assert done.out.endswith("verdict: undefined\n")

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (["diff", '__import__("os")', "--at", "x=1"], "strings are not part of the language"),
            (["diff", "x^2", "--at", "x="], "'x=' is not a coordinate"),
            (["check", "nowhere.py:f", "--grad", "nowhere.py:g", "--at", "x=1"], "no such file"),
        ],
    )
    def test_bad_input(self, arguments, said, tmp_path):
        assert process(*arguments, cwd=tmp_path).is_bad(said)
        assert list(tmp_path.iterdir()) == []

    def test_a_file_survives_bad_input_and_is_replaced_by_good(self, tmp_path):
        path = tmp_path / "report.json"
        path.write_text("before", encoding="utf-8")
        options = ("--at", "x=1", "--format", "json", "-o", path)
        assert process("diff", "x +", *options).is_bad("needs a value after it")
        assert path.read_text(encoding="utf-8") == "before"
        done = process("diff", "x^2", *options)
        assert (done.code, done.out, done.err) == (0, "", "")
        assert json.loads(path.read_text(encoding="utf-8"))["verdict"] == "agree"
        assert list(tmp_path.iterdir()) == [path]

    def test_a_wrong_gradient(self, model):
        done = process("check", f"{model}:loss", "--grad", f"{model}:wrong", "--at", "w=[3,2],b=1")
        assert done.code == 1
        assert "verdict: disagree (1 of 3 entries right)" in done.out

    def test_a_pipe_that_closes_early(self, tmp_path):
        reader = subprocess.Popen(
            [sys.executable, "-c", "pass"], stdin=subprocess.PIPE, cwd=tmp_path
        )
        reader.wait(timeout=60)
        done = subprocess.run(
            [sys.executable, "-m", "compare.command", "diff", "x^2", "--at", "x=1"],
            stdout=reader.stdin, stderr=subprocess.PIPE, text=True, cwd=ROOT, check=False,
            timeout=120,
        )  # fmt: skip
        reader.stdin.close()
        assert "Traceback" not in done.stderr


class TestDiff:
    def test_formats(self, crossdiff):
        options = ("diff", "x^2 y", "--at", "x=1,y=2", "--format")
        data = json.loads(crossdiff(*options, "json").out)
        assert data["expression"] == "x**2*y"
        assert data["at"] == {"x": 1.0, "y": 2.0}
        assert (data["verb"], data["wrt"], data["verdict"]) == ("grad", ["x", "y"], "agree")
        found = csv.DictReader(io.StringIO(crossdiff(*options, "csv").out))
        assert {row["value"] for row in found if row["backend"] == "reverse"} == {"4.0", "1.0"}
        assert crossdiff(*options, "html").out.startswith("<!doctype html>")
        assert r"\begin{align*}" in crossdiff(*options, "latex").out
        assert "**Verdict: agree**" in crossdiff(*options, "md").out
        assert crossdiff(*options, "text").out.endswith("verdict: agree\n")

    @pytest.mark.parametrize(
        ("options", "labels"),
        [
            ((), ["x", "y"]),
            (("--wrt", "y"), ["y"]),
            (("--wrt", " y , x "), ["y", "x"]),
            (("--order", 2), ["x,x", "x,y", "y,x", "y,y"]),
            (("--order", 2, "--wrt", "x"), ["x,x"]),
            (("--order", 2, "--wrt", "x,y"), ["x,x", "x,y", "y,x", "y,y"]),
            (("--order", 4, "--wrt", "y"), ["y,y,y,y"]),
        ],
    )
    def test_variables_and_orders(self, crossdiff, options, labels):
        done = crossdiff("diff", "x^2 exp(y)", "--at", "x=1,y=2", "--format", "json", *options)
        assert done.code == 0
        assert list(json.loads(done.out)["reference"]["values"]) == labels

    def test_arrays_make_jacobians(self, crossdiff):
        done = crossdiff("diff", "sin(w) x", "--at", "w=[0.1,0.2],x=2", "--format", "json")
        data = json.loads(done.out)
        assert (done.code, data["verb"]) == (0, "jacobian")
        assert len(data["backends"][0]["values"]["w"]) == 2

    def test_values_may_be_expressions(self, crossdiff):
        done = crossdiff("diff", "sin(x)", "--at", "x=pi/2", "--format", "json")
        assert json.loads(done.out)["at"] == {"x": 1.5707963267948966}

    def test_chosen_backends(self, crossdiff):
        done = crossdiff(
            "diff", "x^2", "--at", "x=1", "--backends", "symbolic,numeric", "--format", "json"
        )
        names = [b["name"] for b in json.loads(done.out)["backends"]]
        assert (done.code, names) == (0, ["symbolic", "numeric"])

    def test_without_a_point_one_is_chosen_and_told(self, crossdiff):
        done = crossdiff("diff", "log(-x)")
        assert done.code == 0
        assert done.err == "crossdiff: no --at given, checked at x=-0.4\n"
        assert "at x = -0.4" in done.out

    def test_kinks_pass_and_are_told(self, crossdiff):
        done = crossdiff("diff", "|x|", "--at", "x=0")
        assert done.code == 0
        assert "derivative taken there: 0" in done.out

    @pytest.mark.parametrize("x", ["0", "-1"])
    def test_what_is_undefined_does_not_pass(self, crossdiff, x):
        assert crossdiff("diff", "sqrt(x)", "--at", f"x={x}").code == 1

    def test_a_wrong_rule_does_not_pass(self, crossdiff, monkeypatch):
        from autodiff import rules

        monkeypatch.setitem(rules.PARTIALS, "tanh", (lambda y, x: 1 + y * y,))
        done = crossdiff("diff", "x + tanh(x)", "--at", "x=0.5")
        assert done.code == 1
        assert "odd one out: forward, reverse; first departs at tanh(x)" in done.out


EXPRESSIONS = [
    ("9**9**9**9", "exponent=10000"),
    ("10^10^10", "exponent=10000"),
    ("x^1000000", "exponent=10000"),
    ("x" * 10_000_000, "length=100000"),
    ("(" * 10_000 + "x" + ")" * 10_000, "nesting=100"),
    ('__import__("os")', "strings"),
    ("x.__class__", "attributes"),
    ("lambda x: x", "'lambda'"),
    ("f'{x}'", "strings"),
    ("(y := x)", ":="),
    ("[x for x in y]", "'for'"),
    ("ｘ", "FULLWIDTH LATIN SMALL LETTER X"),
    ("х + 1", "CYRILLIC SMALL LETTER HA"),
    ("x²", "SUPERSCRIPT TWO"),
    ("x\0", "U+0000"),
    ("\ud800", "U+D800"),
    ("", "the text is empty"),
    ("  \t ", "the text is empty"),
    ("1 +", "needs a value after it"),
    ("x = 1", "makes no expression"),
    ("x; y", "definition"),
    ("x\ny", "line break"),
    ("x # y", "'#'"),
    ("print(x)", "unknown function 'print'"),
    ("sin", "needs parentheses"),
    ("sin(x, y)", "sin takes 1 argument"),
    ("x, y", "list of values"),
    ("x[0]", "index"),
    ("None", "None"),
    ("3", "no variable to differentiate"),
    ("pi", "no variable to differentiate"),
]

POINTS = [
    ("x=", "'x=' is not a coordinate"),
    ("x", "'x' is not a coordinate"),
    ("=1", "'=1' is not a coordinate"),
    ("", "is not a coordinate"),
    ("x=1,", "is not a coordinate"),
    ("x=1,x=2", "x is given twice"),
    ("y=1", "no value for variable 'x'"),
    ("x=y", "y is no number"),
    ("x=true", "true is no number"),
    ("x='a'", "strings"),
    ("x=[1,[2]]", "list"),
    ("x=(1,2)", "list of values"),
    ("x==1", "'='"),
    ("x=9**9**9**9", "exponent=10000"),
    ("x=__import__('os')", "strings"),
    ("x=lambda: 1", "'lambda'"),
    ("2=1", "'2' cannot name a variable"),
    ("x y=1", "'x y' cannot name a variable"),
    ("ｘ=1", "cannot name a variable"),
]

OPTIONS = [
    (("--wrt", "z"), "--wrt z: not a variable of the expression; it has x"),
    (("--wrt", ","), "--wrt"),
    (("--order", "0"), "--order 0"),
    (("--order", "-1"), "--order -1"),
    (("--order", "x"), "'x' is not a valid integer"),
    (("--order", "1.5"), "'1.5' is not a valid integer"),
    (("--format", "pdf"), "'pdf' is not one of"),
    (("--backends", "sympy"), "no backend 'sympy'"),
    (("--at",), "requires an argument"),
    (("--nope",), "No such option"),
    (("spare",), "unexpected extra argument"),
    (("-o", "missing/folder/out"), "missing/folder"),
    (("-o", "."), "crossdiff"),
]


class TestBadInput:
    @pytest.mark.parametrize(
        ("text", "said"), EXPRESSIONS, ids=[repr(t[:24]) for t, _ in EXPRESSIONS]
    )
    def test_expressions(self, crossdiff, text, said):
        assert crossdiff("diff", text, "--at", "x=1,y=2").is_bad(said)

    @pytest.mark.parametrize(("at", "said"), POINTS, ids=[repr(t) for t, _ in POINTS])
    def test_points(self, crossdiff, at, said):
        assert crossdiff("diff", "x^2", "--at", at).is_bad(said)

    @pytest.mark.parametrize(("options", "said"), OPTIONS, ids=[" ".join(o) for o, _ in OPTIONS])
    def test_options(self, crossdiff, options, said, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        assert crossdiff("diff", "x^2", "--at", "x=1", *options).is_bad(said)
        assert list(tmp_path.iterdir()) == []

    def test_orders_of_several_variables(self, crossdiff):
        options = ("diff", "x^2 y", "--at", "x=1,y=2", "--order", "3")
        assert crossdiff(*options).is_bad("takes one variable, got x, y")

    def test_no_point_in_the_domain(self, crossdiff):
        assert crossdiff("diff", "log(-x^2)").is_bad("finite at no point tried")

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            ((), "crossdiff: "),
            (("integrate",), "No such command 'integrate'"),
            (("diff",), "Missing argument 'EXPRESSION'"),
            (("check",), "Missing argument"),
            (("check", "a.py:f"), "Missing option '--grad'"),
            (("check", "a.py:f", "--grad", "a.py:g"), "Missing option '--at'"),
            (("table",), "Missing argument"),
            (("table", "nowhere"), "no table 'nowhere'"),
            (("table", "."), "no table '.'"),
            (("table", "calculus", "--format", "html"), "'html' is not one of"),
        ],
    )
    def test_commands(self, crossdiff, arguments, said):
        assert crossdiff(*arguments).is_bad(said)

    def test_help_is_no_error(self, crossdiff):
        for arguments in (("--help",), ("-h",), ("diff", "--help"), ("--version",)):
            done = crossdiff(*arguments)
            assert done.code == 0
            assert done.err == ""
            assert done.out.startswith("Usage: ") or "version" in done.out


class TestOutput:
    def test_a_new_file(self, crossdiff, tmp_path):
        path = tmp_path / "report.txt"
        printed = crossdiff("diff", "x^2", "--at", "x=1", "--format", "latex")
        done = crossdiff("diff", "x^2", "--at", "x=1", "--format", "latex", "-o", path)
        assert (done.code, done.out, done.err) == (0, "", "")
        assert path.read_text(encoding="utf-8") == printed.out
        umask = os.umask(0)
        os.umask(umask)
        assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~umask

    def test_it_is_written_although_the_backends_disagree(self, crossdiff, tmp_path):
        path = tmp_path / "report.txt"
        assert crossdiff("diff", "sqrt(x)", "--at", "x=0", "-o", path).code == 1
        assert path.read_text(encoding="utf-8").endswith("verdict: undefined\n")

    @pytest.mark.parametrize(
        "arguments",
        [
            ("diff", "x +", "--at", "x=1"),
            ("diff", "x^2", "--at", "y=1"),
            ("diff", "x^2", "--at", "x=1", "--order", "0"),
            ("table", "nowhere"),
        ],
    )
    def test_an_old_file_survives_bad_input(self, crossdiff, tmp_path, arguments):
        path = tmp_path / "old.txt"
        path.write_text("before", encoding="utf-8")
        assert crossdiff(*arguments, "-o", path).code == 2
        assert path.read_text(encoding="utf-8") == "before"
        assert list(tmp_path.iterdir()) == [path]

    def test_nothing_half_written_is_left(self, crossdiff, tmp_path, monkeypatch):
        path = tmp_path / "report.txt"
        path.write_text("before", encoding="utf-8")

        def full(*args):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "replace", full)
        assert crossdiff("diff", "x^2", "--at", "x=1", "-o", path).is_bad("No space left")
        assert path.read_text(encoding="utf-8") == "before"
        assert list(tmp_path.iterdir()) == [path]

    def test_colours_only_on_a_terminal(self, crossdiff, monkeypatch):
        plain = crossdiff("diff", "|x|", "--at", "x=0").out
        assert "\x1b[" not in plain
        monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
        monkeypatch.setenv("FORCE_COLOR", "1")
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.delenv("NO_COLOR", raising=False)
        coloured = crossdiff("diff", "|x|", "--at", "x=0").out
        assert "\x1b[33mkink" in coloured
        monkeypatch.setenv("NO_COLOR", "1")
        assert "\x1b[" not in crossdiff("diff", "|x|", "--at", "x=0").out

    def test_interruption(self, crossdiff, monkeypatch):
        import click

        def interrupted(*args, **kwargs):
            raise click.Abort

        monkeypatch.setattr("compare.report.render", interrupted)
        assert crossdiff("diff", "x^2", "--at", "x=1").is_bad("interrupted")

    def test_main_exits(self, capsys):
        with pytest.raises(SystemExit) as stop:
            command.main(["diff", "x^2", "--at", "x=1"])
        assert stop.value.code == 0
        assert "verdict: agree" in capsys.readouterr().out


class TestCheck:
    AT = ("--at", "w=[3,2],b=1")

    def test_a_right_gradient(self, crossdiff, model):
        done = crossdiff("check", f"{model}:loss", "--grad", f"{model}:grad", *self.AT)
        assert (done.code, done.err) == (0, "")
        assert done.out.endswith("verdict: agree (3 of 3 entries right)\n")

    def test_a_wrong_one_in_json(self, crossdiff, model, tmp_path):
        path = tmp_path / "check.json"
        done = crossdiff(
            "check", f"{model}:loss", "--grad", f"{model}:wrong", *self.AT,
            "--format", "json", "-o", path,
        )  # fmt: skip
        assert (done.code, done.out) == (1, "")
        data = json.loads(path.read_text(encoding="utf-8"))
        assert [e["verdict"] for e in data["entries"]] == ["disagree", "disagree", "agree"]

    def test_some_parameters(self, crossdiff, model):
        done = crossdiff(
            "check", f"{model}:loss", "--grad", f"{model}:only_b", *self.AT, "--wrt", "b"
        )
        assert done.code == 0

    @pytest.mark.parametrize(
        ("f", "grad", "at", "said"),
        [
            ("loss", "raises", "w=[3,2],b=1", "model.py:raises raised KeyError: 'missing'"),
            ("raises", "grad", "w=[3,2],b=1", "model.py:raises raised KeyError: 'missing'"),
            ("loss", "parses", "w=[3,2],b=1", "needs a value after it"),
            ("loss", "of_shape", "w=[3,2],b=1", "shape (1,) for w, wanted (2,)"),
            ("loss", "only_b", "w=[3,2],b=1", "1 part(s) for 2 parameter(s)"),
            ("los", "grad", "w=[3,2],b=1", "has no function 'los'"),
            ("loss", "CONSTANT", "w=[3,2],b=1", "has no function 'CONSTANT'"),
            ("loss", "grad", "w=[3,2]", "missing 1 required positional argument: 'b'"),
            ("loss", "grad", "b=1", "no value for parameter 'w'"),
            ("loss", "grad", "w=[3,2],b=1,z=2", "no parameter 'z'"),
            ("loss", "grad", "w=", "'w=' is not a coordinate"),
        ],
    )
    def test_bad_input(self, crossdiff, model, f, grad, at, said):
        done = crossdiff("check", f"{model}:{f}", "--grad", f"{model}:{grad}", "--at", at)
        assert done.is_bad(said)

    def test_unknown_parameters(self, crossdiff, model):
        place = f"{model}:loss", "--grad", f"{model}:only_b"
        assert crossdiff("check", *place, *self.AT, "--wrt", "q").is_bad("wrt='q'")

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            ("1/0\n", "could not be run: ZeroDivisionError"),
            ("def f(:\n", "could not be run: SyntaxError"),
            ("import nowhere_at_all\n", "could not be run: ModuleNotFoundError"),
            ("raise RuntimeError('two\\nlines')\n", "two lines"),
        ],
    )
    def test_files_that_cannot_be_run(self, crossdiff, tmp_path, content, said):
        path = tmp_path / "cannot_run.py"
        path.write_text(content, encoding="utf-8")
        done = crossdiff("check", f"{path}:f", "--grad", f"{path}:f", "--at", "x=1")
        assert done.is_bad(said)


class TestTable:
    def test_a_file(self, crossdiff, tmp_path):
        rows = tmp_path / "rows.txt"
        rows.write_text("parabola: x^2\nsin(x)\n", encoding="utf-8")
        done = crossdiff("table", rows, "--format", "csv")
        assert (done.code, done.err) == (0, "")
        found = list(csv.DictReader(io.StringIO(done.out)))
        assert [(r["name"], r["f'"]) for r in found] == [("parabola", "2*x"), ("sin(x)", "cos(x)")]

    def test_refused_rows_are_told_apart_from_the_data(self, crossdiff, tmp_path):
        rows = tmp_path / "rows.txt"
        rows.write_text("parabola: x^2\nthree: 3\n", encoding="utf-8")
        done = crossdiff("table", rows)
        assert done.code == 1
        assert done.err == "crossdiff: three is left out: it has no variable to differentiate\n"
        assert "three" not in done.out

    def test_a_line_that_does_not_parse(self, crossdiff, tmp_path):
        rows = tmp_path / "rows.txt"
        rows.write_text("parabola: x^2\nbad: 1 +\n", encoding="utf-8")
        out = tmp_path / "table.md"
        done = crossdiff("table", rows, "--format", "md", "-o", out)
        assert done.is_bad("rows.txt, line 2: column")
        assert not out.exists()

    def test_built_in(self, crossdiff):
        done = crossdiff("table", "activations", "--format", "md")
        assert done.code == 0
        assert "| relu |" in done.out
