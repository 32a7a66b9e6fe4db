"""Gradients written by hand: right ones pass, each kind of mistake is named at its entry."""

import json
import math

import numpy as np
import pytest

from compare import DisagreementError, gradcheck
from diffexpr import ExpressionTypeError, ExpressionValueError, parse

M = np.array([[1.0, 2.0], [3.0, 4.0]])
AT = {"w": np.array([0.5, -1.0]), "b": 0.3}


def loss(w, b):
    return np.sum((w @ M + b) ** 2)


def grad_w(w, b):
    return 2 * M @ (w @ M + b)


def grad_b(w, b):
    return np.sum(2 * (w @ M + b))


def wrong_at(result):
    return [entry.name for entry in result.wrong]


class TestForms:
    @pytest.mark.parametrize(
        "form",
        [
            lambda w, b: (grad_w(w, b), grad_b(w, b)),
            lambda w, b: [grad_w(w, b), grad_b(w, b)],
            lambda w, b: {"w": grad_w(w, b), "b": grad_b(w, b)},
            lambda w, b: {"b": grad_b(w, b), "w": grad_w(w, b)},
            lambda w, b: (grad_w(w, b).tolist(), float(grad_b(w, b))),
        ],
    )
    @pytest.mark.parametrize("at", [AT, tuple(AT.values())])
    def test_tuple_list_and_mapping(self, form, at):
        result = gradcheck(loss, form, at)
        assert result.ok
        assert {e.name for e in result.entries} == {"w[0]", "w[1]", "b"}

    def test_only_some_parameters(self):
        assert gradcheck(loss, lambda w, b: {"b": grad_b(w, b)}, AT).ok
        for wrt in ("b", ("b",), 1, (1,)):
            result = gradcheck(loss, grad_b, AT, wrt)
            assert [e.name for e in result.entries] == ["b"]
            assert result.ok
        swapped = gradcheck(loss, lambda w, b: (grad_b(w, b), grad_w(w, b)), AT, ("b", "w"))
        assert swapped.ok
        assert [e.label for e in swapped.entries] == ["b", "w", "w"]

    def test_one_array_by_position_belongs_to_the_first_parameter(self):
        result = gradcheck(loss, grad_w, tuple(AT.values()))
        assert result.ok
        assert [e.name for e in result.entries] == ["w[0]", "w[1]"]

    def test_a_scalar(self):
        for form in (lambda x: 2 * x, lambda x: np.array(2 * x), lambda x: (2 * x,)):
            for at in (1.5, (1.5,), {"x": 1.5}):
                result = gradcheck(lambda x: x * x, form, at)
                assert result.ok
                assert result.entries[0].index == ()
                assert result.entries[0].name == "x"

    def test_an_expression(self):
        f = parse("x^2 y")
        result = gradcheck(f, lambda x, y: (2 * x * y, x * x), {"x": 1.0, "y": 2.0})
        assert result.ok
        assert result.entries[0].reference == 4.0

    def test_integers_lists_and_truth_values(self):
        def half(v):
            return np.sum(np.asarray(v) ** 2) / 2

        for at in (np.array([1, 2]), [1, 2], {"v": [1, 2]}):
            assert gradcheck(half, lambda v: np.array([1, 2]), at).ok
        assert gradcheck(lambda v: np.sum(v), lambda v: v > 0, np.array([1.0, 2.0])).ok

    def test_names_from_args_and_defaults(self):
        assert gradcheck(lambda *a: a[0] * a[1], lambda *a: (a[1], a[0]), (2.0, 3.0)).ok
        result = gradcheck(lambda x, k=2.0: x**k, lambda x, k=2.0: k * x ** (k - 1), {"x": 1.5})
        assert result.ok
        assert [e.label for e in result.entries] == ["x"]

    def test_the_point_survives_a_gradient_that_works_in_place(self):
        def in_place(v):
            v *= 2
            return v

        point = np.array([1.0, 2.0])
        assert gradcheck(lambda v: np.sum(v**2), in_place, point).ok
        assert point.tolist() == [1.0, 2.0]


class TestMistakes:
    @pytest.mark.parametrize(
        ("grad", "wrong"),
        [
            (lambda w, b: (-grad_w(w, b), grad_b(w, b)), ["w[0]", "w[1]"]),
            (lambda w, b: (2 * grad_w(w, b), grad_b(w, b)), ["w[0]", "w[1]"]),
            (lambda w, b: (grad_w(w, b), grad_b(w, b) / 2), ["b"]),
            (lambda w, b: (grad_w(w, b)[::-1], grad_b(w, b)), ["w[0]", "w[1]"]),
            (lambda w, b: (np.add(grad_w(w, b), [0, 1e-9]), grad_b(w, b)), ["w[1]"]),
            (lambda w, b: (grad_w(w, b), 2 * np.sum(w @ M)), ["b"]),
            (lambda w, b: (2 * M.T @ (w @ M + b), grad_b(w, b)), ["w[0]", "w[1]"]),
            (lambda w, b: (grad_w(w, b) * np.nan, grad_b(w, b)), ["w[0]", "w[1]"]),
            (lambda w, b: (grad_w(w, b), np.inf), ["b"]),
            (lambda w, b: (np.zeros(2), 0.0), ["w[0]", "w[1]", "b"]),
        ],
    )
    def test_are_named_at_their_entries(self, grad, wrong):
        result = gradcheck(loss, grad, AT)
        assert result.verdict == "disagree"
        assert not result.ok
        assert wrong_at(result) == wrong
        assert result.check.verdict == "agree"
        with pytest.raises(DisagreementError, match="'disagree'"):
            result.raise_if_failed()

    def test_a_transposed_matrix_is_wrong_off_its_diagonal(self):
        v = np.array([1.0, 2.0])

        def f(A):
            return np.sum(A @ A @ v)

        def right(A):
            return np.outer(np.ones(2), A @ v) + np.outer(A.T @ np.ones(2), v)

        at = np.array([[1.0, 2.0], [3.0, 4.5]])
        assert gradcheck(f, right, at).ok
        assert wrong_at(gradcheck(f, lambda A: right(A).T, at)) == ["A[0, 1]", "A[1, 0]"]

    def test_a_forgotten_term(self):
        result = gradcheck(lambda x, y: x * y + np.sin(x), lambda x, y: (y, x), (1.0, 2.0))
        assert wrong_at(result) == ["x"]
        assert result.wrong[0].yours == 2.0
        assert abs(result.wrong[0].reference - (2 + math.cos(1))) <= 1e-15

    @pytest.mark.parametrize("relative", [1e-3, 1e-6, 1e-9, 1e-12])
    def test_relative_errors_down_to_rounding(self, relative):
        result = gradcheck(np.exp, lambda x: np.exp(x) * (1 + relative), 1.0)
        assert result.verdict == "disagree"

    @pytest.mark.parametrize(
        ("f", "grad", "x"),
        [
            (np.tanh, lambda x: 1 / np.cosh(x) ** 2, 5.0),
            (np.tanh, lambda x: 1 - np.tanh(x) ** 2, 1.0),
            (lambda x: 1 / (1 + np.exp(-x)), lambda x: np.exp(-x) / (1 + np.exp(-x)) ** 2, -20.0),
            (lambda x: np.log(1 + np.exp(x)), lambda x: np.exp(x) / (1 + np.exp(x)), 30.0),
            (lambda x: x**0.5, lambda x: 0.5 / np.sqrt(x), 3.0),
        ],
    )
    def test_other_formulas_for_the_same_derivative_pass(self, f, grad, x):
        assert gradcheck(f, grad, x).ok

    def test_softmax_with_cross_entropy(self):
        def f(s):
            return np.log(np.sum(np.exp(s))) - s[1]

        def right(s):
            return np.exp(s) / np.sum(np.exp(s)) - np.array([0.0, 1.0, 0.0])

        at = np.array([0.5, -1.0, 2.0])
        assert gradcheck(f, right, at).ok
        forgotten = gradcheck(f, lambda s: np.exp(s) / np.sum(np.exp(s)), at)
        assert wrong_at(forgotten) == ["s[1]"]


class TestPrecision:
    @pytest.mark.parametrize("kind", [np.float32, np.float16])
    def test_a_narrow_gradient_is_granted_its_own_rounding(self, kind):
        at = np.array([0.1, 1.0, 2.0])
        assert gradcheck(lambda v: np.sum(np.sin(v)), lambda v: np.cos(v).astype(kind), at).ok

    def test_and_no_more(self):
        def off(v):
            return (1.00001 * np.cos(v)).astype(np.float32)

        result = gradcheck(lambda v: np.sum(np.sin(v)), off, np.array([0.1, 1.0]))
        assert wrong_at(result) == ["v[0]", "v[1]"]

    def test_a_narrow_point(self):
        at = np.array([0.1, 1.0, 2.0], np.float32)
        assert gradcheck(lambda v: np.sum(np.sin(v)), np.cos, at).ok

    def test_scale(self):
        for c in (1e12, 1e-12):
            right = gradcheck(lambda x, c=c: c * np.sin(x), lambda x, c=c: c * np.cos(x), 1.0)
            assert right.ok
            wrong = gradcheck(
                lambda x, c=c: c * np.sin(x), lambda x, c=c: c * np.cos(x) * (1 + 1e-10), 1.0
            )
            assert wrong.verdict == "disagree"


class TestKinksAndEdges:
    def test_the_convention_at_a_kink_is_a_kink(self):
        result = gradcheck(lambda x: abs(x), np.sign, 0.0)
        assert result.verdict == "kink"
        assert result.ok
        assert "not differentiable at x = 0" not in str(gradcheck(np.sin, np.cos, 0.0))

    def test_anything_far_from_it_is_wrong(self):
        result = gradcheck(lambda x: abs(x), lambda x: 7.0, 0.0)
        assert result.verdict == "disagree"
        assert "not differentiable at x = 0" in str(result)

    def test_an_infinite_derivative_does_not_pass(self):
        assert gradcheck(np.sqrt, lambda x: np.inf, 0.0).verdict == "undefined"
        assert not gradcheck(np.sqrt, lambda x: 1.0, 0.0).ok

    def test_control_flow(self):
        def f(x):
            return x * x if x > 0 else -3 * x

        assert gradcheck(f, lambda x: 2 * x, 2.0).ok
        assert gradcheck(f, lambda x: -3.0, -2.0).ok
        assert gradcheck(f, lambda x: 2 * x, -2.0).verdict == "disagree"

    def test_functions_of_floats_are_checked_by_differences(self):
        result = gradcheck(lambda x: math.sin(x), lambda x: math.cos(x), 1.0)
        assert result.ok
        assert "checked against numeric" in str(result)
        assert "forward does not apply" in str(result)
        wrong = gradcheck(lambda x: math.sin(x), lambda x: -math.cos(x), 1.0)
        assert wrong.verdict == "disagree"

    def test_chosen_backends(self):
        result = gradcheck(np.sin, np.cos, 1.0, backends=["reverse", "numeric"])
        assert result.ok
        assert [b.name for b in result.check.backends] == ["reverse", "numeric"]

    def test_backends_that_fall_apart_judge_nobody(self):
        calls = []

        def moody(x):
            calls.append(x)
            return x * len(calls)

        result = gradcheck(moody, lambda x: 1.0, 1.0, backends=["forward", "reverse"])
        assert result.verdict == "inconclusive"
        assert math.isnan(result.entries[0].reference)
        data = json.loads(json.dumps(result.to_dict(), allow_nan=False))
        assert data["entries"][0]["reference"] == "nan"


class TestReports:
    def test_text(self):
        result = gradcheck(loss, lambda w, b: (-grad_w(w, b), grad_b(w, b)), AT)
        lines = str(result).splitlines()
        assert lines[0].split("  ")[0] == "entry"
        assert [line.split()[0] for line in lines[1:4]] == ["w[0]", "w[1]", "b"]
        assert lines[-1] == "verdict: disagree (1 of 3 entries right)"
        assert repr(result) == str(result)

    def test_dict(self):
        result = gradcheck(loss, lambda w, b: (grad_w(w, b), grad_b(w, b)), AT)
        data = json.loads(json.dumps(result.to_dict(), allow_nan=False))
        assert data["verdict"] == "agree"
        assert [(e["parameter"], e["index"]) for e in data["entries"]] == [
            ("w", [0]), ("w", [1]), ("b", []),
        ]  # fmt: skip
        assert data["entries"][2]["yours"] == grad_b(**AT)
        assert data["backends"]["reverse"] == "agree"
        assert result.raise_if_failed() is result


class TestBadInput:
    @pytest.mark.parametrize(
        ("grad", "error", "said"),
        [
            (lambda w, b: (np.ones(3), 1.0), ExpressionValueError, "shape (3,) for w, wanted (2,)"),
            (lambda w, b: (np.ones((2, 1)), 1.0), ExpressionValueError, "shape (2, 1) for w"),
            (lambda w, b: (np.ones(2), np.ones(1)), ExpressionValueError, "shape (1,) for b"),
            (lambda w, b: None, ExpressionValueError, "1 part(s) for 2 parameter(s)"),
            (lambda w, b: (), ExpressionValueError, "0 part(s) for 2 parameter(s)"),
            (lambda w, b: (1, 2, 3), ExpressionValueError, "3 part(s) for 2 parameter(s)"),
            (lambda w, b: ("a", 1.0), ExpressionTypeError, "returned str for w"),
            (lambda w, b: (None, 1.0), ExpressionTypeError, "returned NoneType for w"),
            (lambda w, b: (w * 1j, 1.0), ExpressionTypeError, "return real numbers"),
            (lambda w, b: ([1, [2]], 1.0), ExpressionTypeError, "returned list for w"),
            (lambda w, b: {"q": 1.0}, ExpressionValueError, "wrt='q' is not a parameter"),
        ],
    )
    def test_what_a_gradient_returns(self, grad, error, said):
        with pytest.raises(error) as raised:
            gradcheck(loss, grad, AT)
        assert said in str(raised.value)
        assert "\n" not in str(raised.value)

    def test_points(self):
        with pytest.raises(ExpressionValueError, match="no value for parameter 'w'"):
            gradcheck(loss, lambda w, b: (1, 2), {"b": 1.0})
        with pytest.raises(ExpressionValueError, match="no parameter 'z'"):
            gradcheck(loss, lambda w, b: (grad_w(w, b), 1.0), {**AT, "z": 1.0})

    def test_functions(self):
        with pytest.raises(ExpressionTypeError, match="neither a function nor an expression"):
            gradcheck(3, np.cos, 1.0)
        with pytest.raises(ExpressionValueError, match="grad needs a scalar result"):
            gradcheck(lambda v: v**2, lambda v: 2 * v, np.array([1.0, 2.0]))
        with pytest.raises(ZeroDivisionError):
            gradcheck(np.sin, lambda x: 1 / 0, 1.0)
