"""`cross_check` as its users call it: verbs, points, variables, verdicts, errors."""

import importlib
import json
import math
import threading
from dataclasses import replace

import numpy as np
import pytest

from compare import DisagreementError, cross_check
from compare.ulps import ulps_apart
from diffexpr import (
    ExpressionTypeError,
    ExpressionValueError,
    ParseError,
    ShapeError,
    function,
    parse,
    symbol,
    symbols,
)

MODULE = importlib.import_module("compare.cross_check")
ALL = ["symbolic", "forward", "reverse", "numeric", "complex-step"]
EXACT = ("symbolic", "forward", "reverse")


def within(backend, label, expected):
    """Whether a backend's value is within twice its bar of a value worked out by hand."""
    bar = 2 * backend.errors[label] + 4 * np.spacing(np.abs(expected))
    return bool(np.all(np.abs(backend.values[label] - expected) <= bar))


def branch(x):
    if x > 0:
        return x * x
    return -3 * x


class TestVerbs:
    def test_grad(self):
        check = cross_check("x^2 sin(y)", {"x": 1.0, "y": 2.0})
        assert check.verdict == "agree"
        assert check.ok
        assert [b.name for b in check.backends] == ALL
        assert check.problem.labels == ("x", "y")
        for backend in check.backends:
            assert backend.verdict == "agree"
            assert within(backend, "x", 2 * math.sin(2))
            assert within(backend, "y", math.cos(2))
            assert backend.evaluations >= 1
            assert backend.seconds >= 0

    def test_value_and_grad_is_judged_as_grad(self):
        check = cross_check("x^2", 3.0, "value_and_grad")
        assert check.problem.verb == "grad"
        assert float(check.value) == 9.0
        assert float(check["forward"].values["x"]) == 6.0

    @pytest.mark.parametrize("order", [1, 2, 3, 4])
    def test_derivative_of_order(self, order):
        check = cross_check("sin(2x)", 0.4, "derivative", order=order)
        assert check.verdict == "agree"
        assert check.problem.labels == (",".join(["x"] * order),)
        expected = 2**order * math.sin(0.8 + order * math.pi / 2)
        for backend in check.backends:
            assert within(backend, check.problem.labels[0], expected)

    def test_the_complex_step_is_for_first_derivatives(self):
        names = [b.name for b in cross_check("sin(x)", 0.4, "derivative", order=2).backends]
        assert names == ALL[:4]

    def test_orders_beyond_the_numeric_ones_name_the_reason(self):
        check = cross_check("sin(x)", 2.0, "derivative", order=5)
        assert check.verdict == "agree"
        assert not check["numeric"].values
        assert "from 1 to 4, got 5" in check["numeric"].note

    def test_jacobian(self):
        matrix = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
        check = cross_check(lambda v: matrix @ np.sin(v), np.array([0.1, 0.2, 0.3]), "jacobian")
        assert check.verdict == "agree"
        for backend in check.backends:
            assert backend.values["v"].shape == (2, 3)
            assert within(backend, "v", matrix * np.cos([0.1, 0.2, 0.3]))

    def test_hessian(self):
        check = cross_check("x^2 y^3", {"x": 2.0, "y": 1.0}, "hessian")
        assert check.verdict == "agree"
        assert check.problem.labels == ("x,x", "x,y", "y,x", "y,y")
        for backend in check.backends:
            for label, expected in zip(check.problem.labels, (2, 12, 12, 24), strict=True):
                assert within(backend, label, expected)

    def test_hessian_blocks_of_arrays(self):
        w, x = symbol("w", (3,)), symbol("x")
        at = {"w": np.array([0.1, 0.2, 0.3]), "x": 2.0}
        check = cross_check(np.sum(np.sin(w) * x**2), at, "hessian", ("x", "w"))
        assert check.verdict == "agree"
        blocks = {"x,x": (), "x,w": (3,), "w,x": (3,), "w,w": (3, 3)}
        for backend in check.backends:
            assert {k: v.shape for k, v in backend.values.items()} == blocks
            assert within(backend, "x,x", 2 * np.sum(np.sin(at["w"])))
            assert within(backend, "w,x", 4 * np.cos(at["w"]))
            assert within(backend, "w,w", np.diag(-4 * np.sin(at["w"])))

    def test_derivative_is_elementwise(self):
        check = cross_check("sin(x)", np.array([0.1, 0.2]), "derivative")
        assert check.verdict == "agree"
        for backend in check.backends:
            assert within(backend, "x", np.cos([0.1, 0.2]))


class TestFunctions:
    def test_an_expression_its_text_and_its_function_are_one(self):
        x, y = symbols("x y")

        def f(x, y):
            return x**2 * np.sin(y)

        found = [
            cross_check(thing, {"x": 1.5, "y": 0.5}, "grad", ("x", "y"))
            for thing in (x**2 * np.sin(y), "x^2 sin(y)", f)
        ]
        for check in found:
            assert check.verdict == "agree"
            assert check.problem.graph is x**2 * np.sin(y)
            assert [b.name for b in check.backends] == ALL
            for label in ("x", "y"):
                assert check["reverse"].values[label] == found[0]["reverse"].values[label]

    def test_control_flow_has_no_formula_and_says_so(self):
        check = cross_check(branch, 2.0)
        assert check.verdict == "agree"
        assert check["symbolic"].values == {}
        assert check["symbolic"].verdict == "inconclusive"
        assert "np.where" in check["symbolic"].note
        assert check.reference == {}
        assert check.value_reference is None
        assert np.isnan(check["forward"].ulps["x"])
        assert any("no formula" in note for note in check.notes)

    def test_a_function_of_floats_has_differences_only(self):
        check = cross_check(lambda x: math.sin(x), 1.0)
        assert check.verdict == "inconclusive"
        assert not check.ok
        assert [b.name for b in check.backends if b.values] == ["numeric"]
        assert within(check["numeric"], "x", math.cos(1))
        assert "math.sin" in check["forward"].note

    def test_keyword_defaults_stand(self):
        check = cross_check(lambda x, k=3.0: x**k, {"x": 2.0})
        assert check.verdict == "agree"
        assert within(check["reverse"], "x", 12.0)

    def test_a_function_with_two_outputs(self):
        check = cross_check(lambda x: np.array([x, x**2]), 3.0, "jacobian")
        assert check.verdict == "agree"
        assert check["forward"].values["x"].tolist() == [1.0, 6.0]

    def test_what_a_function_raises_reaches_its_author(self):
        with pytest.raises(ZeroDivisionError):
            cross_check(lambda x: 1 / 0, 1.0)

    def test_what_only_one_backend_meets_is_its_reason(self):
        def no_duals(x):
            if type(x) is not float and not isinstance(x, np.ndarray | np.floating):
                raise KeyError("floats only")
            return x * x

        check = cross_check(no_duals, 1.5)
        assert "KeyError: 'floats only'" in check["forward"].note
        assert check["numeric"].values

    def test_a_gradient_of_something_not_scalar_is_refused(self):
        for verb in ("grad", "hessian"):
            with pytest.raises(ShapeError, match=r"got shape \(2,\); use jacobian"):
                cross_check(lambda v: v * 2, np.array([1.0, 2.0]), verb)


class TestPoints:
    @pytest.mark.parametrize(
        "at", [{"x": 3}, (3,), 3, np.int64(3), np.array(3.0), {"x": 3, "z": 0}]
    )
    def test_forms(self, at):
        check = cross_check("x^2", at)
        assert check.verdict == "agree"
        assert float(check["reverse"].values["x"]) == 6.0

    def test_symbols_are_names(self):
        x, y = symbols("x y")
        check = cross_check(x * y, {x: 2.0, y: 5.0}, wrt=y)
        assert check.problem.labels == ("y",)
        assert float(check["forward"].values["y"]) == 2.0

    @pytest.mark.parametrize(
        ("wrt", "labels"),
        [
            (None, ("x", "y")),
            ("y", ("y",)),
            (1, ("y",)),
            (-1, ("y",)),
            (("y", "x"), ("y", "x")),
            ((1, 0), ("y", "x")),
            (["x"], ("x",)),
            (symbol("y"), ("y",)),
            ((symbol("x"), 1), ("x", "y")),
        ],
    )
    def test_wrt(self, wrt, labels):
        check = cross_check("x^2 + y^3", (3.0, 2.0), wrt=wrt)
        assert check.verdict == "agree"
        assert check.problem.labels == labels
        for backend in check.backends:
            for label in labels:
                assert within(backend, label, {"x": 6.0, "y": 12.0}[label])

    def test_a_function_defaults_to_its_first_parameter(self):
        check = cross_check(lambda a, b: a * b, (2.0, 3.0))
        assert check.problem.labels == ("a",)

    def test_backends_are_chosen(self):
        check = cross_check("sin(x)", 1.0, backends=["numeric", "reverse"])
        assert [b.name for b in check.backends] == ["numeric", "reverse"]
        assert check.verdict == "agree"
        assert check.reference == {}
        with pytest.raises(ExpressionValueError, match="no backend 'forward'"):
            check["forward"]

    def test_one_voice_decides_nothing(self):
        for chosen in (["forward", "reverse"], ["numeric"], ["symbolic"]):
            assert cross_check("sin(x)", 1.0, backends=chosen).verdict == "inconclusive"

    def test_arrays_cannot_be_changed_by_anyone(self):
        given = np.array([1.0, 2.0])
        check = cross_check(lambda v: np.sum(v**2), given)
        given[0] = 99.0
        assert check.problem.at["v"].tolist() == [1.0, 2.0]
        assert check["forward"].values["v"].tolist() == [2.0, 4.0]

        def in_place(v):
            try:
                v += 1
            except ValueError:
                v = v + 1
            return np.sum(v**2)

        point = np.array([1.0, 2.0])
        check = cross_check(in_place, point)
        assert point.tolist() == [1.0, 2.0]
        assert check["numeric"].verdict == "agree"

    def test_single_precision(self):
        at = np.array([0.5, 1.5], np.float32)
        check = cross_check(lambda v: np.sum(np.sin(v)), at)
        assert check.verdict == "agree"
        # A float32 is a float64 exactly, and is checked as one.
        for backend in check.backends:
            assert backend.values["v"].dtype == np.float64
            np.testing.assert_allclose(backend.values["v"], np.cos(at.astype(float)), rtol=1e-13)

    def test_truth_values_select(self):
        f = parse("where(c, x^2, 2x)", symbols=[symbol("c", (), bool)])
        for chosen, slope in ((True, 6.0), (False, 2.0)):
            check = cross_check(f, {"c": chosen, "x": 3.0}, wrt="x")
            assert check.verdict == "agree"
            assert float(check["reverse"].values["x"]) == slope


class TestVerdicts:
    @pytest.mark.parametrize(
        ("text", "x", "verdict"),
        [
            ("x^2 sin(x)", 0.7, "agree"),
            ("floor(x)", 2.5, "agree"),
            ("x |x|", 0.0, "agree"),
            ("relu(x)^2", 0.0, "agree"),
            ("where(x > 0, x^2, -x^2)", 1.0, "agree"),
            ("where(x > 0, x, sqrt(-x))", 1.0, "agree"),
            ("exp(x)", -800.0, "agree"),
            ("|x|", 0.0, "kink"),
            ("sign(x)", 0.0, "kink"),
            ("floor(x)", 2.0, "kink"),
            ("round(x)", 0.5, "kink"),
            ("relu(x)", 0.0, "kink"),
            ("mod(x, 2)", 2.0, "kink"),
            ("clip(x, -1, 1)", 1.0, "kink"),
            ("where(x > 1, x^2, 3x)", 1.0, "kink"),
            ("|sin(x)|", 0.0, "kink"),
            ("sqrt(x)", 0.0, "undefined"),
            ("sqrt(x)", -1.0, "undefined"),
            ("1/x", 0.0, "undefined"),
            ("log(x)", 0.0, "undefined"),
            ("asin(x)", 2.0, "undefined"),
            ("gamma(x)", -1.0, "undefined"),
            ("exp(x)", 1000.0, "undefined"),
        ],
    )
    def test_natural_inputs(self, text, x, verdict):
        check = cross_check(text, x)
        assert check.verdict == verdict, str(check)
        assert check.ok == (verdict in ("agree", "kink"))
        assert check.odd == ()

    def test_a_tie_goes_half_to_each_and_says_so(self):
        check = cross_check("max(x, y)", {"x": 1.0, "y": 1.0})
        assert check.verdict == "kink"
        for name in EXACT:
            assert float(check[name].values["x"]) == 0.5
        assert "1/2 to each" in str(check)

    def test_without_differences_a_kink_has_only_its_convention(self):
        check = cross_check("|x|", 0.0, backends=["symbolic", "forward"])
        assert [float(b.values["x"]) for b in check.backends] == [0.0, 0.0]

    def test_one_kinked_entry_among_smooth_ones(self):
        check = cross_check(lambda v: np.sum(np.abs(v)), np.array([1.0, 0.0, -2.0]))
        assert check.verdict == "kink"
        assert check["reverse"].verdicts["v"].tolist() == ["agree", "kink", "agree"]
        assert check["reverse"].values["v"].tolist() == [1.0, 0.0, -1.0]

    def test_one_undefined_entry_among_finite_ones(self):
        check = cross_check("sqrt(x) + y^2", {"x": 0.0, "y": 1.0})
        assert check.verdict == "undefined"
        assert check["forward"].verdicts["y"] == "agree"

    def test_raise_if_failed(self):
        good = cross_check("x^2", 1.0)
        assert good.raise_if_failed() is good
        bad = cross_check("sqrt(x)", 0.0)
        with pytest.raises(DisagreementError, match="the verdict is 'undefined'") as error:
            bad.raise_if_failed()
        assert str(bad) in str(error.value)
        assert isinstance(error.value, AssertionError)

    def test_a_function_that_is_not_one(self):
        calls = []

        def moody(x):
            calls.append(x)
            return x * len(calls)

        check = cross_check(moody, 1.0, backends=["forward", "reverse"])
        assert check.verdict == "disagree"
        with pytest.raises(DisagreementError, match="'disagree'"):
            check.raise_if_failed()


class TestLiars:
    """A backend that is always wrong, and sure of itself."""

    @pytest.fixture
    def lying(self, monkeypatch):
        truth = MODULE.ask

        def install(*liars):
            def ask(name, problem):
                answer = truth(name, problem)
                if name not in liars:
                    return answer
                return replace(answer, values=[v + 1.0 for v in answer.values])

            monkeypatch.setattr(MODULE, "ask", ask)

        return install

    @pytest.mark.parametrize("liar", ALL[:4])
    @pytest.mark.parametrize(
        ("text", "at"), [("x^2 sin(y)", {"x": 1.0, "y": 2.0}), ("tanh(x)", {"x": 0.5})]
    )
    def test_one_liar_is_named(self, lying, liar, text, at):
        lying(liar)
        check = cross_check(text, at, backends=ALL[:4])
        assert check.verdict == "disagree"
        assert check.odd == (liar,)
        assert check[liar].verdict == "disagree"
        assert all(b.verdict == "agree" for b in check.backends if b.name != liar)
        assert check.node is None
        assert f"odd one out: {liar}" in str(check)
        assert "machinery" in str(check)

    def test_two_of_one_source_are_named_together(self, lying):
        lying("forward", "reverse")
        check = cross_check("x^2 sin(x)", 1.0, backends=ALL[:4])
        assert check.odd == ("forward", "reverse")

    def test_two_sources_that_lie_alike_leave_the_truth_alone_outside(self, lying):
        # Votes can be bought: the check counts heads, and says who stands apart.
        lying("forward", "reverse", "numeric")
        assert cross_check("x^2 sin(x)", 1.0, backends=ALL[:4]).odd == ("symbolic",)

    def test_two_sources_against_each_other_blame_nobody(self, lying):
        lying("numeric")
        check = cross_check(branch, 2.0)
        assert check.verdict == "disagree"
        assert check.odd == ()

    def test_a_lie_about_one_entry_is_found_at_that_entry(self, monkeypatch):
        truth = MODULE.ask

        def ask(name, problem):
            answer = truth(name, problem)
            if name == "reverse":
                wrong = np.array(answer.values[0])
                wrong[1] *= 1.0 + 1e-9
                return replace(answer, values=[wrong])
            return answer

        monkeypatch.setattr(MODULE, "ask", ask)
        check = cross_check(lambda v: np.sum(np.exp(v)), np.array([0.1, 0.2, 0.3]))
        assert check["reverse"].verdicts["v"].tolist() == ["agree", "disagree", "agree"]
        assert check.odd == ("reverse",)


SCALED = [
    ("x^2 sin(y) + exp(-x y)", {"x": 1.0, "y": 2.0}),
    ("sin(x)", {"x": 1.0}),
    ("cos(x)", {"x": 0.0}),
    ("exp(x)", {"x": 0.3}),
    ("log(x)", {"x": 2.0}),
    ("x^3", {"x": 1.3}),
    ("x^2", {"x": 0.0}),
    ("1/x", {"x": 0.7}),
    ("sqrt(x)", {"x": 0.7}),
    ("tanh(x)", {"x": 0.5}),
    ("x^x", {"x": 1.3}),
    ("sigmoid(x)", {"x": 5.0}),
    ("softplus(x)", {"x": -3.0}),
    ("x/(1 + x^2)", {"x": 1.0}),
    ("atan2(y, x)", {"x": 3.0, "y": 4.0}),
    ("hypot(x, y)", {"x": 3.0, "y": 4.0}),
    ("x y z", {"x": 1.0, "y": 2.0, "z": 3.0}),
    ("cbrt(x)", {"x": -2.0}),
    ("erf(x)", {"x": 1.0}),
    ("gamma(x)", {"x": 2.5}),
    ("sin(x)^2 + cos(x)^2", {"x": 0.4}),
    ("log1p(x)", {"x": 1e-9}),
    ("|x|", {"x": -0.3}),
    ("|x|", {"x": 0.0}),
    ("x |x|", {"x": 0.0}),
    ("relu(x)", {"x": 0.0}),
    ("max(x, y)", {"x": 1.0, "y": 1.0}),
    ("floor(x)", {"x": 2.5}),
    ("floor(x)", {"x": 2.0}),
    ("sign(x)", {"x": 0.0}),
    ("hypot(x, y)", {"x": 0.0, "y": 0.0}),
    ("sqrt(x)", {"x": 0.0}),
    ("sqrt(x)", {"x": -1.0}),
    ("1/x", {"x": 0.0}),
]


@pytest.mark.parametrize(("text", "at"), SCALED, ids=[f"{t} at {a}" for t, a in SCALED])
def test_scales_change_no_verdict(text, at):
    f = parse(text)
    verdict = cross_check(f, at).verdict
    for c in (1e12, 1e-12, -1e12):
        assert cross_check(c * f, at).verdict == verdict, c
    # Powers of two near 1e12 and 1e-12, so that the point itself is not rounded.
    for c in (2.0**40, 2.0**-40):
        scaled = function(f, *at)(*(c * symbol(name) for name in at))
        there = {name: value / c for name, value in at.items()}
        assert cross_check(scaled, there).verdict == verdict, c


class TestResults:
    def test_to_dict_is_json(self):
        for text, x in (("x^2", 1.0), ("sqrt(x)", 0.0), ("|x|", 0.0), ("asin(x)", 2.0)):
            check = cross_check(text, x)
            data = json.loads(json.dumps(check.to_dict(), allow_nan=False))
            assert data["verdict"] == check.verdict
            assert [b["name"] for b in data["backends"]] == [b.name for b in check.backends]

    def test_text_and_notebook(self):
        check = cross_check("x < y", {"x": 1.0, "y": 2.0})
        assert repr(check) == str(check)
        assert "x < y" in str(check)
        assert "x &lt; y" in check._repr_html_()
        assert check._repr_html_().startswith("<pre>")

    def test_the_reference_has_fifty_digits(self):
        check = cross_check("x^2 sin(y)", {"x": 1.0, "y": 2.0})
        found = check.to_dict()["reference"]
        assert found["digits"] == 50
        # 2 sin 2 and cos 2 from tables of the functions.
        assert found["values"]["x"].startswith("1.818594853651363390792039731823")
        assert found["values"]["y"].startswith("-0.41614683654714238699756822950")
        assert len(found["values"]["x"]) == 51

    def test_everyone_at_once(self):
        at, found, errors = {"x": 1.3, "y": 2.0}, [], []

        def work():
            try:
                for _ in range(3):
                    found.append(cross_check("x^2 sin(y) + log(x)", at).to_dict())
            except Exception as error:
                errors.append(error)

        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for data in found:
            for backend in data["backends"]:
                backend["seconds"] = 0
        assert not errors
        assert len(found) == 6
        assert all(data == found[0] for data in found)


class TestUlps:
    def test_the_unit_is_the_gap_at_the_reference(self):
        eps = 2.0**-52
        values = np.array([1.0, 1.0 + eps, 1.0 - eps / 2, 1.0 + 3 * eps])
        assert ulps_apart(values, 1.0).tolist() == [0.0, 1.0, 0.5, 3.0]
        assert ulps_apart(np.array(2.0 - eps), 2.0) == 0.5

    def test_single_precision_has_its_own_unit(self):
        value = np.array([1.0 + 2.0**-23], np.float32)
        assert ulps_apart(value, 1.0).tolist() == [1.0]

    def test_a_reference_between_two_floats(self):
        import mpmath

        context = mpmath.MPContext()
        context.dps = 50
        third = context.mpf(1) / 3
        unit = 2.0**-54
        expected = abs(float((context.mpf(1 / 3) - third) / unit))
        assert float(ulps_apart(np.array(1 / 3), third)) == expected
        assert 0 < expected <= 0.5

    def test_what_is_not_finite(self):
        inf, nan = math.inf, math.nan
        values = np.array([inf, -inf, inf, nan, nan, 1.0])
        reference = np.array([inf, -inf, -inf, nan, 1.0, inf], dtype=object)
        found = ulps_apart(values, reference)
        assert found[[0, 1, 3]].tolist() == [0.0, 0.0, 0.0]
        assert np.all(np.isnan(found[[2, 4, 5]]))
        assert np.all(np.isnan(ulps_apart(values, None)))


class TestBadInput:
    @pytest.mark.parametrize(
        ("at", "error", "said"),
        [
            ("1", ExpressionTypeError, "x is '1'"),
            ({"x": "one"}, ExpressionTypeError, "x is 'one'"),
            (None, ExpressionTypeError, "x is None"),
            ({"x": None}, ExpressionTypeError, "x is None"),
            ({"x": [[1.0, 2.0], [3.0]]}, ExpressionTypeError, "ragged"),
            ({"x": ["a", "b"]}, ExpressionTypeError, "give numbers"),
            ({"x": {}}, ExpressionTypeError, "x is {}"),
            (1j, ExpressionTypeError, "complex128"),
            ({}, ExpressionValueError, "no value for variable 'x'"),
            ({"y": 1.0}, ExpressionValueError, "no value for variable 'x'"),
            ((1.0, 2.0), ExpressionValueError, "2 value"),
            ((), ExpressionValueError, "0 value"),
        ],
    )
    def test_points(self, at, error, said):
        with pytest.raises(error) as raised:
            cross_check("x^2", at)
        assert said in str(raised.value)
        assert "\n" not in str(raised.value)

    @pytest.mark.parametrize(
        ("options", "error", "said"),
        [
            ({"wrt": "z"}, ExpressionValueError, "wrt='z'"),
            ({"wrt": 4}, ExpressionValueError, "wrt=4"),
            ({"wrt": 1.5}, ExpressionTypeError, "wrt=1.5"),
            ({"verb": "gradient"}, ExpressionValueError, "verb 'gradient'"),
            ({"backends": ["symbolic", "numpy"]}, ExpressionValueError, "no backend 'numpy'"),
            ({"verb": "derivative", "order": 0}, ExpressionValueError, "order=0"),
            ({"verb": "derivative", "order": -1}, ExpressionValueError, "order=-1"),
            ({"verb": "derivative", "order": 1.5}, ExpressionValueError, "order=1.5"),
            ({"verb": "grad", "order": 2}, ExpressionValueError, "verb='derivative'"),
        ],
    )
    def test_options(self, options, error, said):
        with pytest.raises(error) as raised:
            cross_check("x^2", 1.0, **options)
        assert said in str(raised.value)

    def test_a_derivative_takes_one_variable(self):
        at = {"x": 1.0, "y": 2.0}
        with pytest.raises(ExpressionValueError, match="say which one"):
            cross_check("x y", at, "derivative")
        with pytest.raises(ExpressionValueError, match="use 'grad' for several"):
            cross_check("x y", at, "derivative", ("x", "y"))

    @pytest.mark.parametrize("f", [5, None, [1, 2]])
    def test_what_is_no_function(self, f):
        with pytest.raises(ExpressionTypeError, match="neither a function nor an expression"):
            cross_check(f, 1.0)

    def test_text_that_is_no_expression(self):
        with pytest.raises(ParseError):
            cross_check("x +", 1.0)

    def test_shapes(self):
        w = symbol("w", (3,))
        for value in (np.zeros(2), 1.0):
            with pytest.raises(ExpressionValueError, match=r"w has shape \(3,\)"):
                cross_check(np.sum(w), {"w": value})

    def test_parameters(self):
        with pytest.raises(ExpressionTypeError, match="by position"):
            cross_check(lambda *args: args[0], {"x": 1.0})
        with pytest.raises(ExpressionValueError, match="no parameter 'z'; it has x, y"):
            cross_check(lambda x, y: x * y, {"x": 1.0, "z": 1.0})
        with pytest.raises(ExpressionValueError, match="no value for variable 'x'"):
            cross_check(lambda x, y: x * y, {"y": 1.0})
        with pytest.raises(ExpressionTypeError, match="wrt names argument 1"):
            cross_check(lambda x, y=2.0: x * y, 1.0, wrt=1)
