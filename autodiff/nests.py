"""Nests: dicts, lists, tuples, named tuples and dataclasses of arrays, taken apart and rebuilt.

What is a container and what an array is said in `autodiff.containers`. Nothing here recurses: a
nest 10,000 deep is a normal input.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autodiff import containers
from autodiff.containers import is_nest
from autodiff.structure import LEAF, Static, Structure, Token, array_at, steps, written
from diffexpr import functions
from diffexpr.errors import ExpressionTypeError, ShapeError

__all__ = ["Structure", "flatten", "is_nest", "nest_map", "paths", "ravel", "unflatten"]

_LEAVE = object()


def flatten(tree: Any) -> tuple[list[Any], Structure]:
    """The leaves of a nest, and the structure that puts them together again.

    Leaves are numbers, arrays and values that are being differentiated; a list of numbers becomes
    an array. Strings, None, truth values, functions, and the fields of a dataclass declared with
    ``field(metadata={"static": True})`` are no leaves but belong to the structure.

    Parameters
    ----------
    tree : nest
        The parts of a dict are taken in the order of its sorted keys; a container that occurs
        twice counts twice.

    Returns
    -------
    leaves : list
    structure : Structure

    Raises
    ------
    ExpressionTypeError
        If the nest contains itself, a ragged list, or a container of another kind.

    Examples
    --------
    >>> leaves, structure = flatten({"w": [1.0, 2.0], "b": 3.0, "name": "tanh"})
    >>> leaves
    [3.0, array([1., 2.])]
    >>> structure.unflatten([0.0, 1.0])
    {'w': 1.0, 'b': 0.0, 'name': 'tanh'}
    """
    tokens: list[Token] = []
    leaves: list[Any] = []
    inside: set[int] = set()
    nests: set[int] = set()
    stack: list[tuple[Any, Any]] = [(tree, None)]
    while stack:
        x, trail = stack.pop()
        if x is _LEAVE:
            inside.discard(trail)
            continue
        if isinstance(x, (list, tuple)) and containers.is_array(x, nests):
            pair = None
        else:
            pair = containers.opened(x)
        if pair is None:
            leaf = array_at(x, trail)
            tokens.append(Static(x) if leaf is None else LEAF)
            if leaf is not None:
                leaves.append(leaf)
            continue
        if id(x) in inside:
            raise ExpressionTypeError(
                f"the nest contains itself at {written(trail)}; a nest must end, so put a copy "
                "or an array there"
            )
        inside.add(id(x))
        tokens.append(pair[0])
        stack.append((_LEAVE, id(x)))
        stack += steps(*pair, trail)
    return leaves, Structure(tokens)


def unflatten(structure: Structure, leaves: Sequence[Any]) -> Any:
    """The nest of a structure with these leaves.

    Examples
    --------
    >>> leaves, structure = flatten([{"a": 1.0}, 2.0])
    >>> unflatten(structure, [10 * x for x in leaves])
    [{'a': 10.0}, 20.0]
    """
    return structure.unflatten(leaves)


def paths(tree: Any) -> list[str]:
    """The names of the leaves of a nest.

    Examples
    --------
    >>> paths({"layers": [{"w": 1.0, "b": 2.0}], "scale": 3.0})
    ["['layers'][0]['b']", "['layers'][0]['w']", "['scale']"]
    """
    return flatten(tree)[1].paths()


def nest_map(f: Callable[..., Any], tree: Any, *rest: Any) -> Any:
    """Apply a function to the leaves of one or several nests of the same structure.

    Raises
    ------
    ExpressionTypeError
        Where the structures depart, with the path.

    Examples
    --------
    >>> nest_map(lambda x, y: x + y, {"a": 1.0, "b": [2.0, 3.0]}, {"b": [1, 1], "a": 1})
    {'a': 2.0, 'b': array([3., 4.])}
    """
    leaves, structure = flatten(tree)
    others = [structure.leaves_of(other) for other in rest]
    return structure.unflatten([f(*xs) for xs in zip(leaves, *others, strict=True)])


def ravel(tree: Any) -> tuple[Any, Callable[[Any], Any]]:
    """All leaves as one vector, and the function that makes such a vector a nest again.

    Both ways can be differentiated, and the vector is what ``scipy.optimize`` wants.

    Parameters
    ----------
    tree : nest

    Returns
    -------
    vector : array
        As wide as the widest leaf.
    unravel : callable
        Gives each leaf its shape and, where the vector is a plain array, its precision.

    Examples
    --------
    >>> vector, unravel = ravel({"w": np.ones((2, 2)), "b": 3.0})
    >>> vector
    array([3., 1., 1., 1., 1.])
    >>> unravel(10 * vector)["w"]
    array([[10., 10.],
           [10., 10.]])
    """
    leaves, structure = flatten(tree)
    shapes = [functions.shape_of(leaf) for leaf in leaves]
    kinds = [np.dtype(getattr(leaf, "dtype", type(leaf))) for leaf in leaves]
    ends = [0]
    for shape in shapes:
        ends.append(ends[-1] + math.prod(shape))
    pieces = [functions.reshape(leaf, (-1,)) for leaf in leaves]
    vector = functions.concatenate(pieces, 0) if pieces else np.zeros(0)
    if vector.dtype.kind not in "fc":
        vector = vector.astype(np.float64)

    def unravel(vector: Any) -> Any:
        vector = functions.as_operand(vector)
        shape = functions.shape_of(vector)
        if shape != (ends[-1],):
            raise ShapeError(
                f"the nest has {ends[-1]} numbers in all, got a vector of shape {shape}"
            )
        parts = []
        for shape, kind, start, end in zip(shapes, kinds, ends[:-1], ends[1:], strict=True):
            part = functions.reshape(vector[start:end], shape) if shape else vector[start]
            if isinstance(part, (np.ndarray, np.generic)) and part.dtype.kind == kind.kind:
                part = part.astype(kind)
            parts.append(part)
        return structure.unflatten(parts)

    return vector, unravel
