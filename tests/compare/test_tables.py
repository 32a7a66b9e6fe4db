"""Tables of derivatives: what is in them is right, and what is not right is not in them."""

import csv
import io
import re
from pathlib import Path

import numpy as np
import pytest

import symdiff
from compare import derivative_table
from compare.teach.tables import ACTIVATIONS, CALCULUS, HEADER, POINTS
from diffexpr import ExpressionValueError, parse, symbol

MADE = {}


@pytest.fixture(params=["calculus", "activations"])
def table(request):
    if request.param not in MADE:
        MADE[request.param] = derivative_table(request.param)
    return MADE[request.param]


def rows_of(table):
    return {row.name: row for row in table}


def calculus():
    if "calculus" not in MADE:
        MADE["calculus"] = derivative_table()
    return rows_of(MADE["calculus"])


def activations():
    if "activations" not in MADE:
        MADE["activations"] = derivative_table("activations")
    return rows_of(MADE["activations"])


def test_built_in_tables_are_whole():
    assert list(calculus()) == list(CALCULUS)
    assert list(activations()) == list(ACTIVATIONS)
    assert MADE["calculus"].refused == MADE["activations"].refused == ()


def test_every_row_is_right_at_its_points(table):
    for row in table:
        assert len(row.points) == POINTS
        assert set(row.backends) == {"symbolic", "forward", "reverse", "numeric"}
        assert row.agreement == "4 backends at 3 points"
        exact = symdiff.derivative(row.f, row.variable)
        for at in row.points:
            expected = float(symdiff.evaluate(exact, at))
            # A printed formula of a few operations, evaluated in floats.
            np.testing.assert_allclose(float(row.derivative(**at)), expected, rtol=1e-11)


@pytest.mark.parametrize(
    ("name", "derivative", "domain", "kinks"),
    [
        ("identity", "1", "all x", "none"),
        ("cube", "3x^2", "all x", "none"),
        ("reciprocal", "-1/x^2", "x != 0", "none"),
        ("square root", "1/(2 sqrt(x))", "x >= 0", "none"),
        ("logarithm", "1/x", "x > 0", "none"),
        ("power", "x^x (1 + ln(x))", "x > 0", "none"),
        ("absolute value", "sign(x)", "all x", "x = 0 (taken: 0)"),
        ("tangent", "1 + tan(x)^2", "cos(x) != 0", "none"),
        ("cotangent", "-1 - cot(x)^2", "sin(x) != 0", "none"),
        ("arcsine", "1/sqrt(1 - x^2)", "-1 <= x <= 1", "none"),
        ("arcsecant", "1/(|x| sqrt(x^2 - 1))", "|x| >= 1", "none"),
        ("arccotangent", "-1/(1 + x^2)", "x != 0", "none"),
        ("inverse hyperbolic cosine", "1/sqrt(x^2 - 1)", "x >= 1", "none"),
        ("inverse hyperbolic tangent", "1/(1 - x^2)", "-1 < x < 1", "none"),
    ],
)
def test_rows_of_calculus(name, derivative, domain, kinks):
    row = calculus()[name]
    assert (row.domain, row.kinks) == (domain, kinks)
    for at in row.points:
        assert float(row.derivative(**at)) == pytest.approx(float(parse(derivative)(**at)), 1e-12)


@pytest.mark.parametrize(
    ("name", "derivative", "kinks"),
    [
        ("sigmoid", "exp(-x)/(1 + exp(-x))^2", "none"),
        ("tanh", "1 - tanh(x)^2", "none"),
        ("relu", "where(x > 0, 1, 0)", "x = 0 (taken: 0)"),
        ("leaky relu", "where(x > 0, 1, 0.01)", "x = 0 (taken: the slope)"),
        ("elu", "where(x > 0, 1, exp(x))", "x = 0 (taken: alpha)"),
        ("softplus", "1/(1 + exp(-x))", "none"),
        ("hard tanh", "where(|x| < 1, 1, 0)", "|x| = 1 (taken: 0)"),
        ("softsign", "1/(1 + |x|)^2", "none"),
    ],
)
def test_rows_of_activations(name, derivative, kinks):
    row = activations()[name]
    assert (row.domain, row.kinks) == ("all x", kinks)
    for at in row.points:
        assert float(row.derivative(**at)) == pytest.approx(float(parse(derivative)(**at)), 1e-12)


def test_a_mapping_of_texts_and_expressions():
    table = derivative_table({"bowl": "x^2 + 3y^2", "e": parse("exp(t)")})
    assert [(r.name, r.variable, str(r.derivative)) for r in table] == [
        ("bowl, d/dx", "x", "2*x"),
        ("bowl, d/dy", "y", "6*y"),
        ("e", "t", "exp(t)"),
    ]


def test_conditions_are_about_the_argument():
    table = rows_of(
        derivative_table(
            {
                "log": "ln(x - 20) + ln(20 - x) + x",
                "shifted": "ln(x + 20)",
                "angle": "max(2x, y)",
                "power": "(x + 20)^-2",
                "root": "(x + 20)^0.5",
                "negative": "(x + 20)^-0.5",
                "even": "x^2 + 3^2",
            }
        )
    )
    assert "log" not in table
    assert table["shifted"].domain == "(x + 20) > 0"
    assert table["angle, d/dx"].kinks == "(2*x) = y (taken: 1/2 to each)"
    assert table["power"].domain == "x + 20 != 0"
    assert table["root"].domain == "x + 20 >= 0"
    assert table["negative"].domain == "x + 20 > 0"
    assert table["even"].domain == "all x"


def test_points_on_a_kink_confirm_nothing():
    row = rows_of(derivative_table({"corner": "|x - 0.35|", "box": "clip(x, -0.5, 0.5)"}))
    assert all(at["x"] != 0.35 for at in row["corner"].points)
    assert len(row["corner"].points) == POINTS
    assert row["box"].kinks == "x at a limit (taken: 1/2 to each)"


def test_what_cannot_be_confirmed_is_refused_with_the_reason():
    table = derivative_table(
        {"fine": "x^2", "constant": "3", "nowhere": "log(-x^2)", "array": np.sum(symbol("v", (2,)))}
    )
    assert [row.name for row in table] == ["fine"]
    refused = dict(table.refused)
    assert refused["constant"] == "it has no variable to differentiate"
    assert "confirmed at 0 point(s) only, 3 are wanted" in refused["nowhere"]
    assert "shape (2,)" in refused["array"]
    assert all("\n" not in reason for reason in refused.values())


def test_a_wrong_rule_keeps_its_row_out(monkeypatch):
    from autodiff import rules

    monkeypatch.setitem(rules.PARTIALS, "tanh", (lambda y, x: 1 + y * y,))
    table = derivative_table({"wrong": "tanh(x)", "right": "sin(x)"})
    assert [row.name for row in table] == ["right"]
    assert "the backends disagree at" in dict(table.refused)["wrong"]


class TestFiles:
    def test_names_comments_and_bare_expressions(self, tmp_path):
        path = tmp_path / "rows.txt"
        path.write_text(
            "# header\n\nparabola: x^2  # trailing\nsin(x)\n  spaced  :  exp(x)\ntwo: x*y\n",
            encoding="utf-8",
        )
        for given in (path, str(path)):
            names = [row.name for row in derivative_table(given)]
            assert names == ["parabola", "sin(x)", "spaced", "two, d/dx", "two, d/dy"]

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"a: x\nb: 1+\n", "line 2: column"),
            (b"\xff\xfe", "not UTF-8"),
            (b"# nothing\n\n", "holds no expression"),
            (b"a:\n", "line 1"),
        ],
    )
    def test_bad_ones_are_named_with_the_line(self, tmp_path, content, said):
        path = tmp_path / "rows.txt"
        path.write_bytes(content)
        with pytest.raises(ExpressionValueError) as error:
            derivative_table(path)
        assert said in str(error.value)

    @pytest.mark.parametrize("place", ["nowhere", Path("nowhere.txt"), "."])
    def test_missing_ones(self, place):
        with pytest.raises(ExpressionValueError, match="use calculus, activations or a file"):
            derivative_table(place)

    def test_a_row_that_does_not_parse(self):
        with pytest.raises(ExpressionValueError):
            derivative_table({"a": "1+"})


class TestFormats:
    def test_csv(self, table):
        found = list(csv.reader(io.StringIO(table.render("csv"))))
        assert tuple(found[0]) == HEADER
        assert [tuple(row) for row in found[1:]] == [row.cells() for row in table]
        for row in found[1:]:
            parse(row[1])
            parse(row[2])

    def test_markdown(self, table):
        lines = table.render("md").splitlines()
        cells = [re.split(r"(?<!\\)\|", line)[1:-1] for line in lines]
        assert {len(row) for row in cells} == {len(HEADER)}
        assert [row[0].strip() for row in cells[2:]] == [row.name for row in table]
        for row in cells[2:]:
            assert row[1].count("$") == row[2].count("$") == 2

    def test_latex(self, table):
        text = table.render("latex")
        rows = [line for line in text.splitlines() if line.endswith(r"\\")]
        assert len(rows) == len(table.rows)
        assert text.startswith(r"\begin{tabular}{llllll}")
        assert text.endswith(r"\end{tabular}")
        assert len(re.findall(r"(?<!\\)\{", text)) == len(re.findall(r"(?<!\\)\}", text))
        assert text.count(r"\left") == text.count(r"\right")
        assert text.count(r"\begin") == text.count(r"\end")

    def test_text(self, table):
        lines = table.render("text").splitlines()
        assert len(lines) == len(table.rows) + 1
        assert str(table) == repr(table) == "\n".join(lines)
        start = lines[0].index("f'")
        for line, row in zip(lines[1:], table, strict=True):
            assert line[start:].startswith(str(row.derivative))

    def test_unknown(self, table):
        with pytest.raises(ExpressionValueError, match="no format 'html'; choose among text, md"):
            table.render("html")
