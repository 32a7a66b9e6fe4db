"""The comparison of lowered formulas: counts, agreement, and how it is shown. No test on time."""

import json
import math

import numpy as np
import pytest

from autodiff import rules
from compare.lower.comparing import trials
from compare.lower.comparing.comparison import HEADER, compare_lowerings
from compare.lower.comparing.counting import operations_of, shown, written_out
from compare.lower.comparing.error_bars import agree, distance, with_bars
from compare.lower.comparing.trials import arguments_for
from diffexpr import (
    ExpressionTypeError,
    ExpressionValueError,
    MissingRuleError,
    ShapeError,
    symbol,
    symbols,
)

x, y = symbols("x y")
v = symbol("v", 4)
BACKENDS = ("symbolic", "forward", "reverse")


@pytest.fixture(autouse=True)
def brief(monkeypatch):
    """Five calls of each function, for nothing here is about time."""
    monkeypatch.setattr(trials, "BUDGET", 0.0)


FORMULA = np.sin(x) * np.exp(-(x**2) - y**2) + np.log(1 + x**2) * np.tanh(y)


def nested(depth):
    found = x
    for _ in range(depth):
        found = np.sin(found) * found
    return found


# counts


def test_counts_of_a_nest_are_those_of_its_recurrence() -> None:
    # s(n) = 2 s(n-1) + 2 written out, and two operations a step as a graph.
    for depth in (1, 2, 10):
        expr = nested(depth)
        assert operations_of([expr]) == 2 * depth
        assert written_out([expr]) == 2 * (2**depth - 1)
    assert written_out([nested(3), nested(3), x]) == 28
    assert operations_of([nested(3), nested(2), x]) == 6
    assert (operations_of([]), written_out([]), written_out([x])) == (0, 0, 0)


def test_counts_of_any_length() -> None:
    depth = 5_000
    square = x
    for _ in range(depth):
        square = square * square
    count = written_out([square])
    assert count == 2**depth - 1
    digits = math.floor(depth * math.log10(2))
    assert shown(count) == f"{10 ** (depth * math.log10(2) - digits):.1f}e+{digits}"
    chain = x
    for _ in range(20_000):
        chain = np.sin(chain)
    assert written_out([chain]) == operations_of([chain]) == 20_000


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0"), (999_999, "999999"), (10**6, "1.0e+6"), (10**15, "1.0e+15"),
        (10**15 - 1, "1.0e+15"), (1_250_000, "1.3e+6"), (10**300 - 1, "1.0e+300"),
        (123 * 10**3000, "1.2e+3002"), (10**400, "1.0e+400"),
    ],
)  # fmt: skip
def test_counts_are_shown_by_their_magnitude(count, text) -> None:
    assert shown(count) == text


# the table


@pytest.mark.parametrize("output", ["grad", "value_and_grad", "hessian", "hvp", "taylor"])
def test_all_backends_agree_and_are_counted(output) -> None:
    found = compare_lowerings(FORMULA, output=output, points=20)
    assert found.ok
    assert [row.name for row in found.rows] == list(BACKENDS)
    for row in found.rows:
        assert row.agrees is True
        assert row.difference < 1e-12
        assert row.after_passes > 0
        assert 0 < row.operations <= row.written_out
        assert min(row.deriving, row.lowering, row.running) > 0
    assert found.function.operations == operations_of([FORMULA]) == 12
    assert found.function.written_out == 13  # x**2 stands twice
    assert found["reverse"] is found.rows[2]
    with pytest.raises(ExpressionValueError, match=r"no backend 'numeric'.*symbolic, forward"):
        found["numeric"]


def test_swell_is_seen() -> None:
    found = compare_lowerings(nested(9), points=3)
    assert found.function.operations == 18
    assert found["symbolic"].written_out > 20 * found["symbolic"].operations
    assert found["reverse"].operations < 10 * found.function.operations


def test_functions_of_arrays() -> None:
    def loss(w, s):
        return np.sum(np.tanh(w[1:] * w[:-1]) ** 2) * s

    found = compare_lowerings(loss, {"w": (5,)}, ("w", "s"))
    assert found.ok
    assert all(row.agrees for row in found.rows)
    assert "random arguments of the shapes w (5,)" in str(found)
    one = compare_lowerings(loss, {"w": (5,)}, "w", "vjp", ("forward", "reverse"))
    assert one.ok
    assert len(one.rows) == 2
    given = compare_lowerings(loss, {"w": (3,)}, "w", points={"w": np.ones(3), "s": 2.0})
    assert "at the arguments given" in str(given)
    assert given.ok


def test_a_wrong_rule_is_seen(monkeypatch) -> None:
    monkeypatch.setitem(rules.PARTIALS, "sin", (lambda y, a: 1.0001 * np.cos(a),))
    found = compare_lowerings(np.sin(3 * x), points=5)
    assert not found.ok
    assert [row.agrees for row in found.rows] == [True, False, False]
    assert str(found).count("NO") == 2
    assert 0.9e-4 < found["reverse"].difference < 1.1e-4


def test_backends_that_do_not_apply_say_why() -> None:
    def f(z):
        return np.sum(np.linalg.svdvals(z))

    found = compare_lowerings(f, at=((3, 2),))
    assert found.ok
    assert found["symbolic"].note
    assert f"symbolic does not apply: {found['symbolic'].note}" in str(found)
    assert found["reverse"].agrees is None
    assert "no error bar is known" in str(found)
    assert found["reverse"].difference < 1e-12
    with pytest.raises(MissingRuleError):
        compare_lowerings(f, at=((3, 2),), backends="symbolic")


def test_how_it_is_shown() -> None:
    found = compare_lowerings(np.where(x < y, x * y, x + y), points=(1.0, 2.0))
    text = str(found)
    lines = text.splitlines()
    assert lines[0] == "Value and gradient of where(x < y, x*y, x + y) with respect to x, y"
    assert lines[3].split("  ")[0] == HEADER[0]
    assert [line.split()[0] for line in lines[4:8]] == ["f", *BACKENDS]
    assert repr(found) == text
    page = found._repr_html_()
    assert page.count("<tr>") == 5
    assert "where(x &lt; y" in page
    data = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert [row["name"] for row in data["backends"]] == list(BACKENDS)
    assert data["function"]["operations"] == 4
    assert data["backends"][0]["agrees"] is True
    huge = x
    for _ in range(400):
        huge = huge * huge
    data = compare_lowerings(huge, output="value", backends=("reverse",), points=1).to_dict()
    assert data["backends"][0]["written_out"] == "2.6e+120"


# answers and arguments


def test_answers_agree_within_their_error_bars_only() -> None:
    at = {"x": np.array([0.5, 1.0]), "y": 2.0}
    graph = [np.exp(x) * y]
    value = np.exp(at["x"]) * 2
    right, near, wrong = (with_bars(graph, value * k, at) for k in (1, 1 + 2e-16, 1 + 1e-13))
    assert agree(right, right) is True
    assert agree(right, near) is True
    assert agree(right, wrong) is False
    assert agree(right, None) is None
    single = with_bars(graph, (value * (1 + 1e-7)).astype(np.float32), at)
    assert agree(right, single) is True
    assert with_bars([x * 1j], np.ones(2) * 1j, {"x": np.ones(2)}) is None


def test_distances() -> None:
    one, other = (1.0, (np.array([2.0, 4.0]),)), (1.0, (np.array([2.0, 5.0]),))
    assert distance(one, one) == 0
    assert distance(one, other) == 0.25
    assert distance(np.array([np.nan, np.inf, 1]), np.array([np.nan, np.inf, 1])) == 0
    assert math.isnan(distance(np.array([np.nan, 1.0]), np.array([1.0, 1.0])))
    assert distance(0.0, 1e-300) == math.inf
    assert distance(np.zeros(0), np.zeros(0)) == 0


def test_arguments() -> None:
    drawn = arguments_for((x, y), 5)
    assert [value.shape for value in drawn.values()] == [(5,), (5,)]
    assert not np.array_equal(drawn["x"], drawn["y"])
    np.testing.assert_array_equal(arguments_for((x,), 5)["x"], drawn["x"])
    assert arguments_for((x, v), 5)["v"].shape == (4,)
    assert np.ndim(arguments_for((x, v), 5)["x"]) == 0
    assert arguments_for((x, y), (1.0,))["x"] == 1.0
    assert arguments_for((symbol("f", 2, np.float32),), 1)["f"].dtype == np.float32
    assert arguments_for((symbol("b", 9, bool),), 1)["b"].dtype == bool
    for points, error in [
        (0, ExpressionValueError), ({"z": 1.0}, ExpressionValueError),
        ((1.0, 2.0, 3.0), ExpressionTypeError), ("12", ExpressionTypeError),
        (True, ExpressionTypeError),
    ]:  # fmt: skip
        with pytest.raises(error, match="points="):
            arguments_for((x, y), points)


def test_what_is_asked_wrongly_is_said() -> None:
    with pytest.raises(ExpressionValueError, match="give no formula"):
        compare_lowerings(FORMULA, backends=("reverse", "numeric"))
    with pytest.raises(ExpressionValueError, match="name at least one"):
        compare_lowerings(FORMULA, backends=())
    with pytest.raises(ShapeError, match="needs a scalar result"):
        compare_lowerings(v * 2)
    with pytest.raises(ExpressionValueError, match="choose among"):
        compare_lowerings(FORMULA, output="curl")
