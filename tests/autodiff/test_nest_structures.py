"""What is left of a nest without its arrays: equality, and the errors that name a path."""

import collections
import dataclasses
from typing import Any, NamedTuple

import numpy as np
import pytest

from autodiff.nests import flatten, is_nest, nest_map
from diffexpr.errors import ExpressionTypeError, ShapeError


class Point(NamedTuple):
    x: Any
    y: Any


@dataclasses.dataclass(frozen=True)
class Layer:
    w: Any
    b: Any
    activation: Any = np.tanh
    name: str = dataclasses.field(default="layer", metadata={"static": True})


W, B = np.arange(6.0).reshape(2, 3), np.ones(3, np.float32)


def test_structures_are_equal_if_the_same_leaves_make_the_same_nest():
    trees = [
        {"a": 1.0}, {"b": 1.0}, collections.OrderedDict(a=1.0), [W], (W,), [W, W], Point(1, 2),
        Layer(W, B), Layer(W, B, name="other"), Layer(W, B, activation=np.sin), 1.0,
        {"a": "x", "b": 1.0}, {"a": "y", "b": 1.0}, {"a": np.array([True])},
        {"a": np.array([False])}, {"a": True}, {"a": 1}, {"a": {}}, {"a": ()}, {"a": []},
    ]  # fmt: skip
    found = [flatten(tree)[1] for tree in trees]
    equal = [(i, j) for i, a in enumerate(found) for j, b in enumerate(found) if i < j and a == b]
    assert equal == [(0, 16)]
    assert len(set(found)) == len(trees) - 1
    assert found[0] != "a structure"


def test_a_structure_says_what_it_holds():
    _, structure = flatten({"layers": [Layer(W, B)], "scale": 1.0})
    assert repr(structure) == "Structure(3 leaves: ['layers'][0].w, ['layers'][0].b, ['scale'])"
    assert repr(flatten(1.0)[1]) == "Structure(1 leaves: itself)"
    assert repr(flatten([W] * 9)[1]).endswith("[7], ...)")


# errors


def cyclic():
    tree = {"a": [W]}
    tree["a"].append({"b": tree})
    return tree


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        (cyclic(), r"the nest contains itself at \['a'\]\[1\]\['b'\]"),
        ({"w": [[1.0, 2.0], [3.0]]}, r"\['w'\]: a ragged list; give a rectangular array"),
        ({"w": collections.deque([1.0])}, r"\['w'\]: a deque is no container of arrays; use a di"),
    ],
)
def test_what_is_no_nest_is_refused_with_its_path(tree, message):
    with pytest.raises(ExpressionTypeError, match=message):
        flatten(tree)


def test_a_list_that_holds_itself_is_refused():
    tree = []
    tree.append(tree)
    assert is_nest(tree)
    with pytest.raises(ExpressionTypeError, match=r"contains itself at \[0\]"):
        flatten(tree)


class Picky(dict):
    def __init__(self, items):
        if any(isinstance(x, str) for x in items.values()):
            raise ValueError("no text")
        super().__init__(items)


def test_a_dict_that_cannot_be_built_says_so():
    _, structure = flatten(Picky({"a": 1.0}))
    with pytest.raises(ExpressionTypeError, match="a Picky cannot be built from its items"):
        structure.unflatten(["x"])


TREE = {"layers": [Layer(W, B)], "scale": 1.0, "name": "net"}


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (
            {"layers": [Layer(W, B)], "scale": 1.0},
            "^wanted a dict with layers, name, scale, got a d",
        ),
        (
            {**TREE, "layers": (Layer(W, B),)},
            r"^\['layers'\]: wanted a list of 1, got a tuple of 1",
        ),
        ({**TREE, "layers": [Point(W, B)]}, r"^\['layers'\]\[0\]: wanted a Layer with w, b, activ"),
        (
            {**TREE, "layers": [Layer({}, B)]},
            r"^\['layers'\]\[0\]\.w: wanted an array, got a dict w",
        ),
        ({**TREE, "layers": [Layer(W, None)]}, r"\.b: wanted an array, got None"),
        (
            {**TREE, "name": W},
            r"^\['name'\]: wanted what is no number, like 'net', got an array of",
        ),
        (None, "wanted a dict with layers, name, scale, got None; nests must have the same"),
    ],
)
def test_other_structures_are_refused_with_the_path(other, message):
    with pytest.raises(ExpressionTypeError, match=message) as error:
        nest_map(lambda x, y: x + y, TREE, other)
    assert "\n" not in str(error.value)


def test_a_wrong_number_of_leaves_is_refused():
    with pytest.raises(ShapeError, match="the nest has 3 leaves, got 1"):
        flatten(TREE)[1].unflatten([1.0])


# maps


def test_maps_go_by_key_and_not_by_order():
    found = nest_map(lambda x, y: 10 * x + y, {"b": 1.0, "a": 2.0}, {"a": 3.0, "b": 4.0})
    assert found == {"b": 14.0, "a": 23.0}
    assert list(found) == ["b", "a"]


def test_a_map_takes_numbers_where_arrays_stood():
    assert nest_map(lambda x, y: np.sum(x) * y, [W, B], [2.0, 3.0]) == [30.0, 9.0]
