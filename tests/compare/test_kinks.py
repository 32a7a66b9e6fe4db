"""Which kinks a point lies on."""

import numpy as np
import pytest

from compare.kinks import kinks_at
from diffexpr import parse, symbol


@pytest.mark.parametrize(
    ("text", "at", "where", "taken"),
    [
        ("abs(x)", {"x": 0.0}, "not differentiable at x = 0", "0"),
        ("sign(x)", {"x": 0.0}, "jumps at x = 0", "0"),
        ("relu(x)", {"x": 0.0}, "not differentiable at x = 0", "0"),
        ("max(x, y)", {"x": 2.0, "y": 2.0}, "not differentiable at a = b", "1/2 to each"),
        ("min(x, 3)", {"x": 3.0}, "not differentiable at a = b", "1/2 to each"),
        ("floor(x)", {"x": -4.0}, "jumps at x an integer", "0"),
        ("ceil(x)", {"x": 0.0}, "jumps at x an integer", "0"),
        ("round(x)", {"x": 2.5}, "jumps at x half an odd integer", "0"),
        ("mod(x, 3)", {"x": 6.0}, "jumps at x/y an integer", "1"),
        ("clip(x, -1, 2)", {"x": 2.0}, "not differentiable at x at a limit", "1/2 to each"),
        ("hardtanh(x)", {"x": -1.0}, "not differentiable at |x| = 1", "0"),
        ("hypot(x, y)", {"x": 0.0, "y": 0.0}, "not differentiable at a = b = 0", "0"),
        ("heaviside(x, 1)", {"x": 0.0}, "jumps at x = 0", "0"),
        ("leaky_relu(x, 0.1)", {"x": 0.0}, "not differentiable at x = 0", "the slope"),
        ("where(x < 1, x, 2)", {"x": 1.0}, "jumps at a = b", "the chosen branch"),
    ],
)
def test_on_a_kink(text, at, where, taken):
    (sentence,) = kinks_at(parse(text), at)
    assert f": {where}; derivative taken there: {taken}" in sentence


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("sin(x)", {"x": 0.0}),
        ("abs(x)", {"x": 1e-300}),
        ("abs(x - 1)", {"x": 1.0 + 1e-12}),
        ("floor(x)", {"x": 2.5}),
        ("max(x, y)", {"x": 2.0, "y": 2.1}),
        ("where(x < 1, x, 2)", {"x": 0.5}),
        ("hypot(x, y)", {"x": 0.0, "y": 1e-200}),
    ],
)
def test_beside_it(text, at):
    assert kinks_at(parse(text), at) == ()


def test_a_difference_is_known_to_the_rounding_of_its_terms():
    # 0.1 + 0.2 is one unit above 0.3: where the two tie, floats cannot say.
    assert kinks_at(parse("max(x + y, 0.3)"), {"x": 0.1, "y": 0.2})


def test_every_kink_once():
    found = kinks_at(parse("abs(x) + abs(x) + max(x, y) + sin(abs(x))"), {"x": 0.0, "y": 0.0})
    assert len(found) == 2
    assert found[0].startswith("abs(x)")


def test_one_entry_of_an_array_is_enough():
    v = symbol("v", (3,))
    assert kinks_at(np.sum(np.abs(v)), {"v": np.array([1.0, 0.0, 2.0])})
    assert not kinks_at(np.sum(np.abs(v)), {"v": np.array([1.0, 0.5, 2.0])})


def test_long_expressions_are_cut_short():
    text = "abs(" + " + ".join(["x"] + [f"sin({k} x)" for k in range(1, 30)]) + ")"
    (sentence,) = kinks_at(parse(text), {"x": 0.0})
    assert sentence.split(": not")[0].endswith("...")
    assert len(sentence.split(": not")[0]) == 60
