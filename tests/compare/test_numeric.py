"""``crossdiff numeric``: what it prints and draws, its exit codes, and its errors."""

import csv
import io
import json
import re
import sys
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from outcome import Outcome

from compare import command, progress
from compare.command import run
from compare.load import load
from compare.numeric_report import law_text, render
from diffexpr import ExpressionValueError
from numdiff import Law


@pytest.fixture
def numeric(capsys):
    def call(*arguments):
        code = run(command.cli, ["numeric", *map(str, arguments)])
        printed = capsys.readouterr()
        return Outcome(code, printed.out, printed.err)

    return call


@pytest.fixture
def data(numeric):
    def call(*arguments):
        done = numeric(*arguments, "--format", "json")
        return json.loads(done.out)

    return call


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with a module, which is the current one."""
    (tmp_path / "numeric_model.py").write_text(
        "import math\n"
        "print('loaded')\n"
        "def loss(w, b=0.0):\n"
        "    return sum((w - 1.0) ** 2) + b ** 2\n"
        "def log(t):\n"
        "    return math.log(t)\n"
        "def product(*, x, y=2.0):\n"
        "    return x * y\n"
        "def total(*xs):\n"
        "    return sum(xs)\n"
        "def pair(x):\n"
        "    return [x, x]\n"
        "def text(x):\n"
        "    return 'a'\n"
        "def missing(x):\n"
        "    return {}['key']\n"
        "def loud(x):\n"
        "    print('called')\n"
        "    return x * x\n"
        "CONSTANT = 3\n",
        encoding="utf-8",
    )
    monkeypatch.chdir(tmp_path)
    # Each test has a module of its own.
    monkeypatch.delitem(sys.modules, "numeric_model", raising=False)
    yield tmp_path
    sys.modules.pop("numeric_model", None)


class TestReport:
    def test_a_smooth_function(self, numeric):
        done = numeric("exp(x)", "--at", "x=1")
        assert (done.code, done.err) == (0, "")
        assert done.out.startswith("f(x) = exp(x)\nat x = 1\nf = 2.718281828459045\n\nderivative")
        assert "df/dx       2.71828182845904" in done.out
        assert "converged: both sides agree on one derivative" in done.out
        assert "central            0.45 h^2" in done.out
        assert "best central" in done.out
        assert "best forward" in done.out

    def test_what_is_told_is_what_numdiff_says(self, data):
        import numdiff

        found, expected = data("exp(x)", "--at", "x=1"), numdiff.estimate(np.exp, 1.0)
        (entry,) = found["entries"]
        for key in ("value", "error", "status", "step", "order", "left", "right"):
            shown = getattr(expected, key)
            assert entry[key] == (shown if key != "status" else "converged")
        assert entry["evaluations"] == expected.evaluations < found["curve"]["evaluations"]

    def test_formats(self, numeric):
        options = ("1/(1 + x*x)", "--at", "x=0.5", "--format")
        data = json.loads(numeric(*options, "json").out)
        assert data["function"] == "f(x) = 1/(1 + x*x)"
        assert (data["at"], data["f"], data["order"], data["method"]) == (
            {"x": 0.5},
            0.8,
            1,
            "auto",
        )
        assert [e["derivative"] for e in data["entries"]] == ["df/dx"]
        assert [d["name"] for d in data["curve"]["differences"]] == ["central", "forward"]
        for d in data["curve"]["differences"]:
            assert len(d["value"]) == len(d["error"]) == len(data["curve"]["step"]) > 50
        (row,) = csv.DictReader(io.StringIO(numeric(*options, "csv").out))
        assert float(row["value"]) == data["entries"][0]["value"]
        assert float(row["error bar"]) == data["entries"][0]["error"]
        assert row["status"] == "converged"
        md = numeric(*options, "md").out
        assert md.startswith("`f(x) = 1/(1 + x*x)` at x = 0.5, where it is 0.8\n\n| derivative |")
        # The truncation is that of the function, the rounding that of its values here.
        assert re.search(r"\| central \| 0\.61 h\^2 \| \d\.\de-17/h \|", md)

    def test_the_gradient(self, numeric, data):
        done = numeric("x^2 sin(y)", "--at", "x=1,y=2")
        assert done.code == 0
        assert "at x = 1, y = 2" in done.out
        assert "plain differences" not in done.out
        found = data("x^2 sin(y)", "--at", "x=1,y=2")
        values = {e["derivative"]: e["value"] for e in found["entries"]}
        assert values == pytest.approx({"df/dx": 2 * np.sin(2), "df/dy": np.cos(2)}, rel=1e-10)
        assert found["curve"] is None

    def test_one_of_several_variables(self, data):
        found = data("x^2 sin(y)", "--at", "x=1,y=2", "--wrt", "y")
        assert [e["derivative"] for e in found["entries"]] == ["df/dy"]
        assert found["curve"] is not None
        both = data("x^2 sin(y) z", "--at", "x=1,y=2,z=3", "--wrt", " z, x")
        assert [e["derivative"] for e in both["entries"]] == ["df/dz", "df/dx"]

    def test_arrays(self, numeric, data):
        done = numeric("sum(w^2) b", "--at", "w=[1,2],b=3")
        assert done.code == 0
        assert "w: the evaluations serve all its entries together" in done.out
        found = data("sum(w^2) b", "--at", "w=[[1,2],[3,4]],b=3", "--wrt", "w")
        values = {e["derivative"]: e["value"] for e in found["entries"]}
        assert values == pytest.approx(
            {"df/dw[0, 0]": 6, "df/dw[0, 1]": 12, "df/dw[1, 0]": 18, "df/dw[1, 1]": 24}
        )

    @pytest.mark.parametrize(("order", "value"), [(1, 3), (2, 6), (3, 6), (4, 0)])
    def test_orders(self, data, order, value):
        found = data("x^3", "--at", "x=1", "--order", order)
        (entry,) = found["entries"]
        assert entry["derivative"] == ("df/dx" if order == 1 else f"d{order}f/dx{order}")
        assert entry["value"] == pytest.approx(value, abs=1e-6)

    @pytest.mark.parametrize(
        ("method", "bar", "order"), [("2-point", 1e-7, 1), ("3-point", 1e-9, 2), ("cs", 1e-15, 0)]
    )
    def test_methods(self, data, method, bar, order):
        found = data("sin(x)", "--at", "x=1", "--method", method)
        (entry,) = found["entries"]
        assert abs(entry["value"] - np.cos(1)) <= entry["error"] <= bar
        assert (entry["order"], found["method"]) == (order, method)

    def test_one_value_needs_no_name(self, data):
        assert data("t^2", "--at", "3")["at"] == {"t": 3.0}
        assert data("math:sin", "--at", "pi/2")["at"] == {"x": 1.5707963267948966}

    def test_into_a_file(self, numeric, tmp_path):
        path = tmp_path / "report.md"
        done = numeric("x^2", "--at", "1", "--format", "md", "-o", path)
        assert (done.code, done.out, done.err) == (0, "", "")
        assert path.read_text(encoding="utf-8").startswith("`f(x) = x**2`")

    def test_an_unknown_format_is_refused(self):
        with pytest.raises(ExpressionValueError, match="no format 'pdf'; choose among text, md"):
            render(None, "pdf")


class TestSingular:
    def test_a_kink(self, numeric):
        done = numeric("abs(x)", "--at", "x=0")
        assert done.code == 1
        assert "kink: the derivatives from the left and from the right differ" in done.out
        assert "df/dx is -1 from the left, 1 from the right" in done.out
        assert "forward  error    backward  error" in done.out

    def test_a_vertical_edge(self, numeric):
        done = numeric("sqrt(x)", "--at", "x=0", "--curve", "-")
        assert done.code == 1
        assert "edge: f has values on one side only" in done.out
        assert "df/dx is infinite: the tangent is vertical" in done.out
        assert done.err == (
            "crossdiff: no curve is drawn: there is no derivative to measure an error against\n"
        )

    def test_an_edge_with_a_derivative(self, numeric):
        done = numeric("x^1.5", "--at", "x=0")
        assert done.code == 0
        assert "1 h^0.5" in done.out
        assert "central" not in done.out

    @pytest.mark.parametrize(
        ("text", "x", "status"),
        [
            ("floor(x)", "1", "jump: f is not continuous there"),
            ("log(x)", "-1", "undefined: f has no value there"),
            ("cbrt(x)", "0", "inconclusive: the values near the point settle on no derivative"),
        ],
    )
    def test_no_derivative(self, numeric, text, x, status):
        done = numeric(text, "--at", f"x={x}")
        assert done.code == 1
        assert status in done.out

    def test_numbers_that_are_not_finite_are_text_in_json(self, data):
        (entry,) = data("abs(x)", "--at", "x=0")["entries"]
        assert (entry["value"], entry["error"], entry["left"]) == ("nan", "inf", -1.0)


class TestCurve:
    OF = ("exp(x)", "--at", "x=1", "--curve")

    def test_svg(self, numeric, tmp_path):
        path = tmp_path / "curve.svg"
        done = numeric(*self.OF, path)
        assert (done.code, done.err) == (0, "")
        drawn = path.read_bytes()
        root = ElementTree.fromstring(drawn)
        ids = {e.get("id") for e in root.iter()}
        parts = ("error", "truncation", "rounding", "best")
        assert {f"{n}-{p}" for n in ("central", "forward") for p in parts} <= ids
        assert "extrapolated" in ids
        shown = {"".join(e.itertext()).strip() for e in root.iter() if e.tag.endswith("}text")}
        assert "df/dx by differences, f(x) = exp(x) at x = 1" in shown
        assert "step h" in shown
        assert "central: truncation 0.45 h²" in shown
        assert any(s.startswith("forward: rounding") and s.endswith("/h") for s in shown)
        numeric(*self.OF, path)
        assert path.read_bytes() == drawn
        assert list(tmp_path.iterdir()) == [path]

    def test_png(self, numeric, tmp_path):
        path = tmp_path / "curve.PNG"
        assert numeric(*self.OF, path).code == 0
        assert path.read_bytes().startswith(b"\x89PNG\r\n")

    def test_csv(self, numeric, tmp_path):
        path = tmp_path / "curve.csv"
        assert numeric(*self.OF, path).code == 0
        rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
        assert list(rows[0]) == ["step", "central", "central error", "forward", "forward error"]
        steps = [float(row["step"]) for row in rows]
        assert steps == sorted(steps)
        best = min(rows, key=lambda row: float(row["central error"]))
        assert 1e-7 < float(best["step"]) < 1e-4
        assert float(best["central"]) == pytest.approx(np.e, rel=1e-9)

    def test_csv_of_values_without_errors(self, numeric, tmp_path):
        path = tmp_path / "curve.csv"
        assert numeric("sqrt(x)", "--at", "0", "--curve", path).code == 1
        rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
        assert {row["forward error"] for row in rows} == {"nan"}

    def test_characters(self, numeric):
        done = numeric(*self.OF, "-")
        assert done.code == 0
        plot = done.out[done.out.index("df/dx by differences") :].splitlines()
        assert plot[0] == "df/dx by differences, f(x) = exp(x) at x = 1"
        assert max(map(len, plot)) <= 88
        rows = [line for line in plot if line[7:8] in ("|", "+")]
        central = {line.index("o") for line in rows[:-1] if "o" in line[8:]}
        assert len(central) > 10
        assert any(set(line[8:]) <= set("-ox*.") and "---" in line for line in rows)
        assert "o central difference, its slopes dotted: truncation 0.45 h^2" in done.out
        assert "- error bar of the extrapolated derivative: " in done.out
        assert done.out.isascii()

    def test_characters_of_a_curve_without_any_error(self, numeric):
        done = numeric("abs(x)", "--at", "0", "--curve", "-")
        assert done.code == 1
        assert "on the bottom line: no error at all" in done.out

    def test_characters_in_markdown(self, numeric):
        out = numeric(*self.OF, "-", "--format", "md").out
        assert "\n\n```\ndf/dx by differences" in out
        assert out.endswith("\n```\n")

    def test_the_report_in_a_file_and_the_plot_on_stdout(self, numeric, tmp_path):
        path = tmp_path / "report.json"
        done = numeric(*self.OF, "-", "--format", "json", "-o", path)
        assert done.out.startswith("df/dx by differences")
        assert json.loads(path.read_text(encoding="utf-8"))["entries"]

    @pytest.mark.parametrize("x", ["0", "1e-10", "1e10", "-3"])
    @pytest.mark.parametrize("text", ["abs(x)", "sin(x)", "3x", "x^2", "1/(1e-30 + x^2)"])
    @pytest.mark.parametrize("kind", ["svg", "-"])
    def test_whatever_the_curve_it_can_be_drawn(self, numeric, tmp_path, text, x, kind):
        target = kind if kind == "-" else tmp_path / f"c.{kind}"
        assert numeric(text, "--at", x, "--curve", target).code in (0, 1)

    def test_a_title_is_no_mathematics_and_has_an_end(self, numeric, here):
        long = " + ".join(f"sin({k} x)" for k in range(1, 40))
        assert numeric(long, "--at", "1", "--curve", "long.svg").code == 0
        assert "..." in (here / "long.svg").read_text(encoding="utf-8")
        (here / "odd$name.py").write_text("def f(a_b):\n    return a_b\n", encoding="utf-8")
        assert numeric("odd$name.py:f", "--at", "1", "--curve", "odd.svg").code == 0

    def test_without_matplotlib(self, numeric, tmp_path, monkeypatch):
        monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
        done = numeric(*self.OF, tmp_path / "curve.svg")
        assert done.is_bad('install it with `pip install "crossdiff[plot]"`')
        assert list(tmp_path.iterdir()) == []
        assert numeric(*self.OF, "-").code == 0
        assert numeric(*self.OF, tmp_path / "curve.csv").code == 0

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            (("--curve", "curve.pdf"), "name a file that ends in .svg, .png or .csv, or -"),
            (("--curve", ""), "cannot write to ''"),
            (("--curve", "no/where.svg"), "cannot write to 'no/where.svg'"),
            (("--curve", "-", "--format", "json"), "prints a plot, which is no json"),
            (("--curve", "-", "--format", "csv"), "prints a plot, which is no csv"),
            (("--curve", "a.csv", "-o", "./a.csv"), "both name a.csv"),
            (("--curve", "a.csv", "-o", "no/where"), "cannot write to 'no/where'"),
        ],
    )
    def test_bad_places(self, numeric, here, options, said):
        before = sorted(here.iterdir())
        assert numeric("exp(x)", "--at", "1", *options).is_bad(said)
        assert sorted(here.iterdir()) == before


class TestFunctions:
    def test_builtin_functions(self, data):
        assert data("math:sin", "--at", "x=0")["function"] == "math:sin(x)"
        assert data("math:log", "--at", "2")["entries"][0]["value"] == pytest.approx(0.5)
        found = data("math:hypot", "--at", "a=3,b=4")  # no signature: in the order given
        assert [e["value"] for e in found["entries"]] == pytest.approx([0.6, 0.8])
        assert data("numpy:sin", "--at", "0")["entries"][0]["value"] == 1

    def test_a_module_of_the_current_folder(self, numeric, data, here):
        done = numeric("numeric_model:loss", "--at", "w=[1,2],b=1")
        assert (done.code, done.err) == (0, "loaded\n")
        found = data("numeric_model:loss", "--at", "w=[1,2]")
        assert [e["value"] for e in found["entries"]] == pytest.approx([0, 2], abs=1e-9)
        assert data("numeric_model:product", "--at", "x=3")["entries"][0]["value"] == 2
        assert data("numeric_model:total", "--at", "a=3,b=4")["entries"][1]["value"] == 1
        assert str(here) not in sys.path

    def test_a_file(self, data, here):
        assert data(here / "numeric_model.py:log", "--at", "t=2")["f"] == np.log(2)

    def test_what_the_function_prints_is_no_data(self, numeric, here):
        done = numeric("numeric_model:loud", "--at", "2", "--format", "json")
        assert json.loads(done.out)["f"] == 4
        assert "called" in done.err

    @pytest.mark.parametrize(
        ("place", "at", "said"),
        [
            ("no_such_module:f", "x=1", "no module named 'no_such_module'"),
            ("os.no_such:f", "x=1", "no module named 'os.no_such'"),
            ("nowhere.py:f", "x=1", "nowhere.py: no such file"),
            ("numeric_model:los", "x=1", "numeric_model has no function 'los'; it has loss, log"),
            ("numeric_model:CONSTANT", "x=1", "has no function 'CONSTANT': it is int; it has"),
            ("math:sine", "x=1", "math has no function 'sine'; it has sin, "),
            ("math:sin", "t=1", "math:sin has no parameter 't'; it has x"),
            ("numeric_model:loss", "b=1", "no value for parameter 'w' of numeric_model:loss"),
            ("numeric_model:loss", "w=1,c=2", "has no parameter 'c'; it has w, b"),
            ("numeric_model:log", "t=0", "numeric_model:log raised ValueError: "),
            ("numeric_model:missing", "1", "numeric_model:missing raised KeyError: 'key'"),
            ("numeric_model:pair", "1", "f has shape (2,) at the point, wanted one number"),
            ("numeric_model:text", "1", "f is 'a' at the point, wanted a real number"),
            ("math:hypot", "1,2", "'2' is not a coordinate; write it as x=1"),
        ],
    )
    def test_errors(self, numeric, here, place, at, said):
        done = numeric(place, "--at", at)
        done.err = done.err.removeprefix("loaded\n")
        assert done.is_bad(said)

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            ("import no_such_thing\n", "could not be imported: No module named 'no_such_thing'"),
            ("1/0\n", "could not be imported: ZeroDivisionError: division by zero"),
            ("raise SystemExit(3)\n", "could not be imported: SystemExit: 3"),
        ],
    )
    def test_modules_that_cannot_be_imported(self, numeric, here, content, said):
        name = f"broken_{len(content)}"
        (here / f"{name}.py").write_text(content, encoding="utf-8")
        assert numeric(f"{name}:f", "--at", "1").is_bad(said)

    def test_load_takes_modules_too(self):
        assert load("math:sin")(0.0) == 0.0


class TestBadInput:
    @pytest.mark.parametrize(
        ("text", "at", "options", "said"),
        [
            ("x +", "x=1", (), "needs a value after it"),
            ("3", "x=1", (), "has no variable to differentiate"),
            ("lambda x: x", "x=1", (), "'lambda'"),
            ("x y", "x=1", (), "no value for variable 'y'; add it to --at, as in y=1"),
            ("x y", "1", (), "the expression has x, y; write x=...,y=..."),
            ("x", "x=", (), "'x=' is not a coordinate"),
            ("x", "[1,2]", (), "f has shape (2,) at the point, wanted one number"),
            ("x", "x=1", ("--order", "0"), "--order 0: differences give the orders 1 to 4"),
            ("x", "x=1", ("--order", "5"), "--order 5: differences give the orders 1 to 4"),
            ("x", "x=1", ("--wrt", "z"), "--wrt z: not a variable of the function; it has x"),
            ("x", "x=1", ("--order", "2", "--method", "cs"), "method 'cs' gives first derivatives"),
            ("x", "x=1", ("--method", "magic"), "'magic' is not one of"),
            ("x", "x=1", ("--format", "html"), "'html' is not one of"),
            ("x y", "x=1,y=2", ("--curve", "-"), "--curve takes one variable, got x, y"),
            ("x y", "x=1,y=2", ("--order", "2"), "--order 2 takes one variable, got x, y"),
            ("sum(w)", "w=[1,2]", ("--curve", "-"), "w has shape (2,)"),
            ("sum(w)", "w=[1,2]", ("--order", "2"), "w has shape (2,)"),
        ],
    )
    def test_one_line(self, numeric, text, at, options, said):
        assert numeric(text, "--at", at, *options).is_bad(said)

    def test_a_point_is_wanted(self, numeric):
        assert numeric("x").is_bad("Missing option '--at'")


class TestProgress:
    def test_silent_where_no_terminal_looks(self, numeric, monkeypatch):
        monkeypatch.setattr(progress, "PATIENCE", 0.0)
        assert numeric("x y", "--at", "x=1,y=2").err == ""

    def test_told_on_a_terminal_that_waits(self, numeric, monkeypatch):
        monkeypatch.setattr(progress, "PATIENCE", 0.0)
        monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
        monkeypatch.setenv("TERM", "xterm")
        done = numeric("x y", "--at", "x=1,y=2", "--format", "csv")
        assert "calls of f" in done.err
        assert done.out.startswith("derivative,value")


@pytest.mark.parametrize(
    ("law", "text"),
    [
        (Law(0.453, 2.0), "0.45 h^2"),
        (Law(1.36, 1.0), "1.4 h"),
        (Law(1.3e-16, -1.0), "1.3e-16/h"),
        (Law(4e-16, -2.0), "4e-16/h^2"),
        (Law(1.0, 0.5), "1 h^0.5"),
        (Law(5e-17, 0.0), "5e-17"),
        (Law(np.nan, np.nan), "-"),
    ],
)
def test_a_law_as_text(law, text):
    assert law_text(law) == text
