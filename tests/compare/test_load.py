"""Functions out of a user's file."""

import pytest

from compare.load import load
from diffexpr import ExpressionValueError


@pytest.fixture
def file(tmp_path):
    def write(text, name="model.py"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_function_and_what_its_file_imports(file):
    file("SCALE = 3.0\n", "parameters.py")
    path = file("from parameters import SCALE\ndef f(x):\n    return SCALE * x\n", "with_import.py")
    assert load(f"{path}:f")(2.0) == 6.0


def test_two_functions_of_one_file_share_the_module(file):
    path = file(
        "seen = []\ndef f(x):\n    seen.append(x)\ndef g():\n    return seen\n", "shared.py"
    )
    load(f"{path}:f")(1.0)
    assert load(f"{path}:g")() == [1.0]


@pytest.mark.parametrize("place", ["model", "model.py:", ":f"])
def test_a_place_has_two_parts(place):
    with pytest.raises(ExpressionValueError, match=r"write it as file\.py:function"):
        load(place)


def test_missing_files_and_functions_are_named(file):
    with pytest.raises(ExpressionValueError, match="no such file"):
        load("nowhere.py:f")
    path = file("def loss(x):\n    return x\n", "has_loss.py")
    with pytest.raises(ExpressionValueError, match="has no function 'los'; it has loss"):
        load(f"{path}:los")


def test_a_file_that_cannot_run_is_told_in_one_line(file):
    path = file("1/0\n", "broken.py")
    with pytest.raises(
        ExpressionValueError, match=r"broken\.py could not be run: ZeroDivisionError"
    ):
        load(f"{path}:f")
    path = file("def f(:\n", "wrong.py")
    with pytest.raises(ExpressionValueError, match="SyntaxError"):
        load(f"{path}:f")
    path = file("f = 1\n", "data.txt")
    with pytest.raises(ExpressionValueError, match="not a Python file"):
        load(f"{path}:f")


def test_what_the_function_raises_is_told_with_its_name(file):
    path = file("def f(x):\n    return {}[x]\n", "raises.py")
    with pytest.raises(ExpressionValueError, match=r"raises\.py:f raised KeyError"):
        load(f"{path}:f")(1.0)
