"""Nests: what is one, taking apart, putting together, and the errors that name a path."""

import collections
import copy
import dataclasses
import enum
import pickle
import sys
import types
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import pytest

from autodiff import forward, reverse
from autodiff.nests import flatten, is_nest, nest_map, paths, unflatten
from diffexpr import symbols

DEEP = 10_000


class Point(NamedTuple):
    x: Any
    y: Any


@dataclasses.dataclass(frozen=True)
class Layer:
    w: Any
    b: Any
    activation: Any = np.tanh
    name: str = dataclasses.field(default="layer", metadata={"static": True})
    width: Any = dataclasses.field(default=3.0, metadata={"static": True})


@dataclasses.dataclass(slots=True)
class Positive:
    sigma: Any
    root: Any = dataclasses.field(init=False)

    def __post_init__(self):
        if self.sigma <= 0:
            raise ValueError("sigma must be positive")
        self.root = self.sigma**0.5


class Ordered(dict):
    """A dict of a class of its own."""


class Kind(enum.Enum):
    A = 1


W, B = np.arange(6.0).reshape(2, 3), np.ones(3, np.float32)


def shown(tree):
    """A nest in a form that can be compared: leaves with type, shape and entries."""
    leaves, structure = flatten(tree)
    return structure, [(type(x), getattr(x, "dtype", None), np.asarray(x).tolist()) for x in leaves]


# what is a nest


@pytest.mark.parametrize(
    "x",
    [
        1.0, 1, 1j, True, np.float32(1), np.ones(3), np.array(1.0), "w", None, np.tanh, Layer,
        [1.0, 2.0], (1.0, 2.0), [[1, 2], [3, 4]], [(1.0,), (2.0,)], [np.float64(1.0), 2],
        [np.array(1.0), 2.0], [True, False], [[1.0, 2.0], [3.0]], Fraction(1, 2),
        collections.deque([1.0]), symbols("x"), list(symbols("x y")),
    ],
    ids=repr,
)  # fmt: skip
def test_arrays_and_lists_of_numbers_are_no_nests(x):
    assert not is_nest(x)


@pytest.mark.parametrize(
    "x",
    [
        {}, {"w": 1.0}, [], (), [np.ones(2), 1.0], [W, W], (1.0, (2.0, 3.0)), [{"w": 1.0}],
        [1.0, None], [1.0, "tanh"], Point(1.0, 2.0), Layer(1.0, 2.0), [Point(1.0, 2.0)], [[]],
        [[1.0], []], types.MappingProxyType({"w": 1.0}), collections.OrderedDict(w=1.0),
    ],
    ids=repr,
)  # fmt: skip
def test_containers_are_nests(x):
    assert is_nest(x)


def test_what_is_differentiated_is_seen_like_the_number_it_carries():
    seen = []

    def f(x, v):
        seen.append([is_nest(t) for t in ([x, 2.0], [v, v], [v, 1.0], {"a": x}, x, v)])
        return x * np.sum(v)

    f(1.0, np.ones(2))
    for mode in (forward, reverse):
        mode.grad(f, (0, 1))(1.0, np.ones(2))
        slope = mode.grad(f)
        mode.grad(lambda x, slope=slope: slope(x, np.ones(2)))(1.0)
    assert seen[0] == [False, True, True, True, False, False]
    assert seen == seen[:1] * len(seen)


# taking apart and putting together

NESTS = {
    "number": 2.0,
    "array": W,
    "dict": {"w": W, "b": B},
    "dict of dicts": {"one": {"w": W}, "two": {"w": W, "b": B}},
    "keys of many kinds": {1: 1.0, "a": 2.0, (0, 1): W, None: 3.0, 2.5: 4.0, Kind.A: B, 1j: 5.0},
    "list": [W, B],
    "tuple": (W, (B, 1.0), [2.0, W]),
    "ordered": collections.OrderedDict(z=W, a=B),
    "default": collections.defaultdict(list, z=W, a=B),
    "own class": Ordered(z=W, a=B),
    "proxy": types.MappingProxyType({"z": W}),
    "named": Point(W, Point(1.0, 2.0)),
    "frozen dataclass": Layer(W, B),
    "dataclass": Positive(4.0),
    "nothing": {},
    "nothing inside": [{}, (), [[]], Point((), {})],
    "static": {"w": W, "name": "tanh", "none": None, "flag": True, "f": np.tanh, "k": Kind.A},
    "static arrays": {"w": W, "mask": np.array([True, False]), "names": np.array(["a", "b"])},
    "integers": {"n": 3, "index": np.arange(3)},
    "complex": {"z": 1j, "v": np.ones(2, complex)},
    "empty array": {"w": np.zeros((0, 3))},
    "0-d": {"w": np.array(1.0)},
    "strided": {"w": np.arange(10.0)[::2], "v": W.T},
}


@pytest.mark.parametrize("name", NESTS)
def test_there_and_back(name):
    tree = NESTS[name]
    leaves, structure = flatten(tree)
    again = structure.unflatten(leaves)
    assert type(again) is type(tree)
    assert shown(again) == shown(tree)
    assert unflatten(structure, leaves) is not leaves
    assert structure.size == len(leaves) == len(structure.paths())
    if isinstance(tree, dict):
        assert list(again) == list(tree)


# Python itself does not pickle a mappingproxy.
@pytest.mark.parametrize("name", [name for name in NESTS if name != "proxy"])
def test_structures_survive_pickling_and_copying(name):
    leaves, structure = flatten(NESTS[name])
    for other in (pickle.loads(pickle.dumps(structure)), copy.deepcopy(structure)):
        assert other == structure
        assert hash(other) == hash(structure)
        assert shown(other.unflatten(leaves)) == shown(NESTS[name])


def test_the_order_of_insertion_is_kept_but_does_not_order_the_leaves():
    one, two = {"b": 1.0, "a": 2.0}, {"a": 2.0, "b": 1.0}
    assert flatten(one)[0] == flatten(two)[0] == [2.0, 1.0]
    assert flatten(one)[1] == flatten(two)[1]
    assert list(flatten(one)[1].unflatten([0.0, 1.0])) == ["b", "a"]


def test_a_defaultdict_keeps_its_factory():
    tree = collections.defaultdict(lambda: 7.0, a=1.0)
    again = nest_map(lambda x: -x, tree)
    assert (again["a"], again["b"]) == (-1.0, 7.0)


def test_a_list_of_numbers_is_one_leaf():
    leaves, structure = flatten({"w": [[1, 2], [3, 4]], "v": (0.5, 1.5), "u": (1.0, [2.0, 3.0])})
    assert [np.shape(x) for x in leaves] == [(), (2,), (2,), (2, 2)]
    assert all(type(x) is np.ndarray for x in leaves[1:])
    assert structure.paths() == ["['u'][0]", "['u'][1]", "['v']", "['w']"]


def test_static_things_stay_where_they_are():
    tree = {"w": 1.0, "names": ["a", None, True], "f": np.tanh, "mask": np.array([True])}
    leaves, structure = flatten(tree)
    assert leaves == [1.0]
    again = structure.unflatten([5.0])
    assert again == {**tree, "w": 5.0}
    assert again["mask"] is tree["mask"]


def test_static_fields_are_no_leaves_and_callables_are_none_either():
    tree = Layer(W, B, name="first")
    again = nest_map(lambda x: 2 * x, tree)
    np.testing.assert_array_equal(again.w, 2 * W)
    assert (again.name, again.width, again.activation) == ("first", 3.0, np.tanh)
    assert paths(tree) == [".w", ".b"]


def test_a_check_of_parameters_does_not_judge_a_gradient():
    tree = Positive(4.0)
    again = nest_map(lambda x: -x, tree)
    assert (again.sigma, again.root) == (-4.0, -2.0)


def test_a_shared_container_counts_at_each_place():
    shared = [W, B]
    leaves, structure = flatten({"a": shared, "b": shared})
    assert len(leaves) == 4
    again = structure.unflatten(leaves)
    assert again["a"] is not again["b"]


def deep(kind, depth):
    tree = W
    for _ in range(depth):
        tree = kind(tree)
    return tree


@pytest.mark.parametrize(
    "kind",
    [
        lambda x: [x],
        lambda x: (x,),
        lambda x: {"a": x},
        lambda x: [1.0, x, [2.0, 3.0]],
        lambda x: Point(x, None),
        lambda x: Layer(x, 1.0),
    ],
)
def test_deep_nests_need_no_recursion(kind):
    assert sys.getrecursionlimit() <= DEEP
    tree = deep(kind, DEEP)
    leaves, structure = flatten(tree)
    assert sum(x is W for x in leaves) == 1
    assert flatten(structure.unflatten(leaves))[1] == structure
    assert hash(structure) == hash(flatten(deep(kind, DEEP))[1])
    assert structure.leaves_of(tree)[0] is leaves[0]
    assert is_nest(tree)


@pytest.mark.parametrize("bottom", [1.0, []])
def test_deep_lists_without_arrays(bottom):
    tree = bottom
    for _ in range(DEEP):
        tree = [tree]
    leaves, structure = flatten(tree)
    assert leaves == ([1.0] if bottom else [])
    assert flatten(structure.unflatten(leaves))[1] == structure
