"""Operations of a user's own before the judges: every voice that has a rule, and the reasons."""

import numpy as np
import pytest
import sympy as sp

from compare import cross_check, lower
from diffexpr import MissingRuleError
from diffexpr.custom import primitive


def sine(partial=np.cos, formula=None):
    op = primitive(lambda x: np.sin(x)).def_partials(lambda y, x: partial(x))
    op.__name__ = op.name = "sine"
    if formula is not None:
        op.def_sympy(formula)
    return op


def absent(check):
    return {b.name: b.note for b in check.backends if not b.values}


def test_numeric_and_automatic_voices_without_a_formula():
    op = sine()
    check = cross_check(lambda x: op(x) * x, 0.7)
    assert check.verdict == "agree"
    assert absent(check) == {"symbolic": "sine has no formula; give it one with sine.def_sympy"}
    assert check["reverse"].values["x"] == pytest.approx(np.sin(0.7) + 0.7 * np.cos(0.7))
    assert "complex-step" not in {b.name for b in check.backends}


@pytest.mark.parametrize("verb", ["derivative", "grad", "hessian"])
def test_all_voices_with_a_formula(verb):
    op = sine(formula=sp.sin)
    check = cross_check(lambda x: op(x) * op(x * x), 0.7, verb)
    assert check.verdict == "agree"
    assert absent(check) == {}


def test_a_wrong_partial_is_found():
    op = sine(partial=lambda x: 1.001 * np.cos(x), formula=sp.sin)
    check = cross_check(lambda x: op(x) * x, 0.7)
    assert (check.verdict, check.odd) == ("disagree", ("forward", "reverse"))
    assert "first departs at sine(x)" in str(check)


def test_a_wrong_formula_is_found():
    op = sine(formula=sp.cos)
    check = cross_check(lambda x: op(x) * x, 0.7)
    assert check.verdict == "disagree"
    assert "at sine(x); the function and its def_sympy are not the same" in str(check)


def test_one_rule_leaves_one_backend():
    op = primitive(lambda a: a @ a)
    op.def_vjp(lambda y, primals, g: g @ primals[0].T + primals[0].T @ g)
    at = np.array([[1.0, 2.0], [3.0, 4.5]])
    check = cross_check(lambda a: np.sum(op(a)), at)
    assert check.verdict == "agree"
    assert set(absent(check)) == {"symbolic", "forward"}
    assert "has no forward rule" in absent(check)["forward"]


def test_no_rule_leaves_no_opinion():
    op = primitive(lambda x: np.exp(x))
    check = cross_check(lambda x: op(x) * x, 0.7)
    assert check.verdict == "inconclusive"
    assert set(absent(check)) == {"symbolic", "forward", "reverse"}


def test_lowering_refuses_what_has_no_source():
    op = sine(formula=sp.sin)
    f = lambda x: op(x) * x  # noqa: E731
    with pytest.raises(MissingRuleError, match="sine is a Python function of its own"):
        lower(f, "grad", by="reverse")
    assert lower(f, "grad", by="symbolic")(0.7) == pytest.approx(np.sin(0.7) + 0.7 * np.cos(0.7))
