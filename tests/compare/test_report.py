"""Reports read back: every format is well formed, and all tell the same figures."""

import csv
import io
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from compare import cross_check
from compare.report import FORMATS, SHOWN_ENTRIES, latex_escape, render
from diffexpr import ExpressionValueError, parse


def branch(x):
    if x > 0:
        return x * x
    return -3 * x


def many(v):
    return np.sum(np.sin(v))


CHECKS = {
    "agree": lambda: cross_check("x^2 sin(y) + exp(-x y)", {"x": 1.0, "y": 2.0}),
    "one variable": lambda: cross_check("tanh(x)", 0.5, "derivative", order=2),
    "kink": lambda: cross_check("|x| + x_1", {"x": 0.0, "x_1": 1.0}),
    "undefined": lambda: cross_check("sqrt(x) < 2", 0.5),
    "infinite": lambda: cross_check("1/x", 0.0),
    "nan": lambda: cross_check("asin(x)", 2.0),
    "no formula": lambda: cross_check(branch, 2.0),
    "hessian": lambda: cross_check("x^2 y^3", {"x": 2.0, "y": 1.0}, "hessian"),
    "many entries": lambda: cross_check(many, np.linspace(0.1, 2.0, SHOWN_ENTRIES + 8)),
    "matrix": lambda: cross_check(lambda A: np.sum(A @ A), np.array([[1.0, 2.0], [3.0, 4.0]])),
    "absent": lambda: cross_check(lambda x: 2 * x if x > 0 else x, 1.0, backends=["symbolic"]),
}
MADE = {}


@pytest.fixture(params=CHECKS)
def check(request):
    if request.param not in MADE:
        MADE[request.param] = CHECKS[request.param]()
    return MADE[request.param]


class Page(HTMLParser):
    """Tags must close in the order in which they opened; cells are collected."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.cells, self.text = [], [], ""

    def handle_starttag(self, tag, attrs):
        if tag == "meta":
            return
        self.open.append(tag)
        if tag == "tr":
            self.cells.append([])
        if tag in ("td", "th"):
            self.cells[-1].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data
        if self.open and self.open[-1] in ("td", "th"):
            self.cells[-1][-1] += data


def figures(check):
    """What `to_dict` holds, as (backend, value) with the value as the shortest text."""
    found = set()
    for backend in check.backends:
        for values in backend.values.values():
            found |= {(backend.name, repr(float(v))) for v in np.ravel(values)}
    return found


def csv_rows(check):
    return list(csv.DictReader(io.StringIO(render(check, "csv"))))


def test_csv_holds_every_entry(check):
    rows = [row for row in csv_rows(check) if row["backend"] != "reference"]
    assert {(row["backend"], row["value"]) for row in rows} == figures(check)
    assert len(rows) == sum(np.size(v) for b in check.backends for v in b.values.values())
    for row in rows:
        assert row["verdict"] in ("agree", "disagree", "kink", "undefined", "inconclusive")
        assert float(row["seconds"]) >= 0
        assert int(row["evaluations"]) == check[row["backend"]].evaluations
        assert None not in row
        assert None not in row.values()


def test_json_holds_every_entry(check):
    text = render(check, "json")
    assert "NaN" not in text
    assert "Infinity" not in text
    data = json.loads(text)
    assert data == json.loads(json.dumps(check.to_dict(), allow_nan=False))
    for backend in data["backends"]:
        for label, values in backend["values"].items():
            own = check[backend["name"]].values[label]
            read = np.array(values, float)
            np.testing.assert_array_equal(read, own)
            assert np.shape(backend["errors"][label]) == own.shape
            assert np.shape(backend["ulps"][label]) == own.shape


def test_json_has_the_keys_promised(check):
    data = check.to_dict()
    assert {"expression", "at", "verb", "wrt", "verdict", "reference", "backends"} <= set(data)
    assert {"digits", "values"} <= set(data["reference"])
    wanted = {"name", "formula", "values", "errors", "ulps", "evaluations", "seconds", "verdict"}
    for backend in data["backends"]:
        assert wanted <= set(backend)


def test_formulas_parse_back(check):
    for backend in check.to_dict()["backends"]:
        for label, formula in (backend["formula"] or {}).items():
            assert label in check.problem.labels
            if not any(v.shape for v in check.problem.target.symbols) and "w[" not in formula:
                scalars = all(np.ndim(value) == 0 for value in check.problem.at.values())
                assert not scalars or str(parse(formula)) == formula


def shown(check):
    """The rows that a table for people lists, by their cells without the spaces."""
    rows = csv_rows(check)
    kept, count = [], {}
    for row in rows:
        label = row["derivative"].partition("[")[0]
        entries = count.setdefault(label, [])
        if row["derivative"] not in entries:
            entries.append(row["derivative"])
        if entries.index(row["derivative"]) < SHOWN_ENTRIES:
            kept.append([row[k] for k in list(row)[:-1]])
    return kept


def test_html(check):
    text = render(check, "html")
    page = Page()
    page.feed(text)
    page.close()
    assert page.open == []
    assert text.startswith("<!doctype html>")
    assert [row for row in page.cells[1:] if "more" not in row[0]] == shown(check)
    assert f"verdict: {check.verdict}" in page.text
    assert "script" not in text


def test_markdown(check):
    lines = render(check, "md").splitlines()
    table = [line for line in lines if line.startswith("|")]
    cells = [re.split(r"(?<!\\)\|", line)[1:-1] for line in table]
    assert {len(row) for row in cells} == {7}
    body = [[c.strip().replace("\\|", "|") for c in row] for row in cells[2:]]
    assert [row for row in body if "more" not in row[0]] == shown(check)
    assert lines[-1] == f"**Verdict: {check.verdict}**"
    for line in lines:
        assert len(re.findall(r"(?<!\\)\$", line)) % 2 == 0


def balanced(text):
    depth = 0
    for brace in re.findall(r"(?<!\\)[{}]", text):
        depth += 1 if brace == "{" else -1
        if depth < 0:
            return False
    return depth == 0


def test_latex(check):
    text = render(check, "latex")
    assert balanced(text)
    opened = []
    for kind, name in re.findall(r"\\(begin|end)\{([a-z*]+)\}", text):
        if kind == "begin":
            opened.append(name)
        else:
            assert opened.pop() == name
    assert opened == []
    assert text.count(r"\left") - text.count(r"\leftarrow") == text.count(r"\right")
    table = text.split(r"\begin{tabular}{lllllll}")[1].split(r"\end{tabular}")[0]
    rows = [line for line in table.strip().splitlines() if line.endswith(r"\\")]
    assert len(rows) >= len(shown(check))
    for row in rows:
        assert len(re.findall(r"(?<!\\)&", row)) == 6
    assert text.endswith(f"Verdict: {check.verdict}.")


def test_text(check):
    lines = render(check, "text").splitlines()
    assert lines[-1] == f"verdict: {check.verdict}"
    top = next(i for i, line in enumerate(lines) if line.startswith("derivative  "))
    body = [line.split() for line in lines[top + 1 :]]
    for row in shown(check):
        assert [cell for cell in row if cell] in body or " " in row[0]
    assert not any(line != line.rstrip() for line in lines)


def test_absent_backends_tell_why_in_every_format_for_people():
    check = cross_check(branch, 2.0)
    for name in ("text", "md", "html", "latex"):
        assert "no formula" in render(check, name).replace(r"\_", "_")


def test_entries_beyond_the_limit_are_counted():
    check = cross_check(many, np.linspace(0.1, 2.0, SHOWN_ENTRIES + 8))
    for name in ("text", "md", "html", "latex"):
        report = render(check, name)
        assert "8 more" in report
        assert f"df/dv[{SHOWN_ENTRIES - 1}]" in report
        assert f"df/dv[{SHOWN_ENTRIES}]" not in report
    assert f"[{SHOWN_ENTRIES + 7}]" in render(check, "csv")
    exactly = cross_check(many, np.linspace(0.1, 2.0, SHOWN_ENTRIES))
    assert "more" not in render(exactly, "text")


def test_what_is_not_finite_is_text():
    data = cross_check("1/x", 0.0).to_dict()
    assert data["value"]["numpy"] == "inf"
    assert data["backends"][0]["values"]["x"] == "-inf"
    data = cross_check("asin(x)", 2.0).to_dict()
    assert data["value"]["numpy"] == "nan"
    assert data["backends"][1]["values"]["x"] == "nan"


def test_names_of_derivatives():
    first = render(cross_check("x y^2", {"x": 1.0, "y": 2.0}, "hessian"), "text")
    for name in ("d2f/dx2", "d2f/dxdy", "d2f/dydx", "d2f/dy2"):
        assert f"\n{name} " in first
    third = render(cross_check("x^3", 1.0, "derivative", order=3, backends=["symbolic"]), "latex")
    assert r"\frac{\partial^{3} f}{\partial x^{3}}" in third


def test_a_function_is_shown_by_its_name():
    assert render(cross_check(branch, 2.0), "text").startswith("f(x) = branch\n")
    assert r"\text{branch}" in render(cross_check(branch, 2.0), "latex")
    assert "`branch`" in render(cross_check(branch, 2.0), "md")


def test_nothing_in_a_cell_is_a_command():
    assert latex_escape(r"a_b^c\d{e}|<>~&%$#") == (
        r"a\_b\textasciicircum{}c\textbackslash{}d\{e\}\textbar{}\textless{}\textgreater{}"
        r"\textasciitilde{}\&\%\$\#"
    )


def test_formats():
    check = cross_check("x^2", 1.0)
    assert set(FORMATS) == {"text", "md", "html", "latex", "json", "csv"}
    assert render(check) == str(check)
    with pytest.raises(ExpressionValueError, match="no format 'pdf'; choose among text, md"):
        render(check, "pdf")
