"""Points at which nobody is wrong: edges, poles, kinks of reductions, zeros of the value."""

import numpy as np
import pytest

from compare import cross_check, gradcheck
from compare.load import load
from compare.point import read_point
from diffexpr import BoundError, ExpressionTypeError, ExpressionValueError, parse, symbol


@pytest.mark.parametrize(
    ("text", "x", "verb"),
    [
        ("sqrt(-x)", 0.0, "grad"),
        ("x/x", 0.0, "grad"),
        ("sqrt(x^2)", 0.0, "grad"),
        ("cbrt(x)", 0.0, "hessian"),
        ("asin(x)", 1.0, "hessian"),
        ("sec(arccos(x))", 1.0, "grad"),
        ("coth(x)", 0.0, "grad"),
        ("exp(-1/x^2)", 0.0, "grad"),
        ("sigmoid(loggamma(x))", 0.0, "hessian"),
        ("arctan2(x, log2(x))", 0.0, "grad"),
    ],
)
def test_no_derivative_is_undefined_and_nobody_is_odd(text, x, verb):
    check = cross_check(text, x, verb)
    assert check.verdict == "undefined", str(check)
    assert check.odd == ()


def test_only_the_entries_without_a_value_are_undefined():
    check = cross_check("log(x)", {"x": np.array([1.0, -1.0])}, "derivative")
    assert check["forward"].verdicts["x"].tolist() == ["agree", "undefined"]


@pytest.mark.parametrize(
    ("build", "at", "said"),
    [
        (np.max, [1.0, 1.0, 0.0], "at a tie; derivative taken there: shared equally"),
        (np.min, [0.0, 1.0, 0.0], "at a tie; derivative taken there: shared equally"),
        (np.linalg.norm, [0.0, 0.0, 0.0], "norm(w): not differentiable at 0"),
    ],
)
def test_kinks_of_reductions_are_reported(build, at, said):
    w = symbol("w", (3,))
    check = cross_check(build(w), {"w": np.array(at)})
    assert check.verdict == "kink"
    assert said in " ".join(check.notes)
    assert cross_check(build(w), {"w": np.array([1.0, 2.0, 0.5])}).verdict == "agree"


@pytest.mark.parametrize("name", ["selu(x)", "elu(x, 1.5)"])
def test_second_derivatives_at_a_kink_take_one_convention(name):
    check = cross_check(name, 0.0, "hessian")
    second = {b.name: float(b.values["x,x"]) for b in check.backends if b.name != "numeric"}
    assert check.odd == ()
    assert len({round(v, 12) for v in second.values()}) == 1


@pytest.mark.parametrize(
    ("text", "x"),
    [
        ("sinc(x)", 2.0),
        ("arcsech(x)", 0.9990567972606028),
        ("arccoth(x)", 1.0000000001),
        ("arcsec(x)", -1.0000000001),
        ("arccsc(x)", 1.0000000001),
        ("logit(x)", 0.5000000001),
        ("logaddexp(x, -1.0973675251325292)", -0.40513),
    ],
)
def test_values_keep_their_digits_where_the_formula_would_cancel(text, x):
    check = cross_check(text, x)
    assert check.value_ok, str(check)
    assert check.verdict == "agree", str(check)


def test_single_precision_points_are_floats_like_others():
    check = cross_check("exp(x) y", {"x": np.float32(0.1), "y": 3.0})
    assert check.verdict == "agree", str(check)


def test_scale_changes_no_verdict():
    at = {"x": 1.0, "y": 2.0, "z": 3.0}
    for scale in (1e-12, 1.0, 1e12):
        assert cross_check(scale * parse("x y z"), at, "hessian").verdict == "agree"


def test_a_kink_of_a_function_without_a_formula_is_a_kink():
    def f(x):
        return x if x > 0 else 2 * x

    assert cross_check(f, 0.0).verdict == "kink"
    assert gradcheck(f, lambda x: 2.0, 0.0).verdict == "kink"


def test_functions_of_any_number_of_arguments():
    assert cross_check(lambda *a: a[0] * a[1], (1.5, 2.0), wrt=(0, 1)).verdict == "agree"


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: cross_check("x y", {"x": 1, "y": 2}, wrt=("x", "x")), ExpressionValueError,
         "names a variable twice"),
        (lambda: cross_check("x", 1.0, wrt=()), ExpressionValueError, "names no variable"),
        (lambda: cross_check("3", {}), ExpressionValueError, "no variable to differentiate"),
        (lambda: cross_check("x", 1.0, backends="numeric"), ExpressionValueError, "give a list"),
        (lambda: cross_check("x", 10**400), ExpressionValueError, "beyond float64"),
        (lambda: cross_check("x", np.array([])), ExpressionTypeError, "one at least"),
        (lambda: cross_check(lambda x: x * 1j, 1.0), ExpressionTypeError, "only real numbers"),
        (lambda: cross_check(lambda x: "x", 1.0), ExpressionTypeError, "only real numbers"),
        (lambda: cross_check("x", 1.0, "derivative", order=True), ExpressionValueError, "order"),
        (lambda: cross_check("sin(x)", 1.0, "derivative", order=60), BoundError, "order=8"),
        (lambda: gradcheck(lambda w: w, lambda w: {}, 1.0), ExpressionValueError, "is empty"),
        (lambda: read_point("x=1j"), ExpressionValueError, "finite real numbers"),
        (lambda: read_point("x=nan"), ExpressionValueError, "finite real numbers"),
        (lambda: read_point("x=[1, inf]"), ExpressionValueError, "finite real numbers"),
    ],
)  # fmt: skip
def test_bad_input_is_named(call, error, said):
    with pytest.raises(error, match=said):
        call()


def test_a_file_that_wants_to_leave_is_bad_input(tmp_path):
    path = tmp_path / "leaves.py"
    path.write_text("def f(x):\n    raise SystemExit(0)\n", encoding="utf-8")
    with pytest.raises(ExpressionValueError, match="raised SystemExit"):
        load(f"{path}:f")(1.0)
    path = tmp_path / "leaves_at_once.py"
    path.write_text("raise SystemExit(3)\n", encoding="utf-8")
    with pytest.raises(ExpressionValueError, match="could not be run: SystemExit"):
        load(f"{path}:f")
