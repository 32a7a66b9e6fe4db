"""The structure of a nest: what is left when its arrays are taken out."""

from __future__ import annotations

import reprlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from autodiff import containers
from autodiff.containers import Node, is_nest, opened
from diffexpr.errors import ExpressionTypeError, ShapeError

Trail = tuple[Any, str] | None
"""The way to a part: that of its container, and one step more."""

LEAF = None
"""Where an array stands."""


class Static:
    """Something in a nest that is no number and stays where it is."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


Token = Any
"""`LEAF`, a `Node` (its parts follow), or `Static`."""


class Structure:
    """A nest without its arrays.

    Two structures are equal if the same leaves make the same nest of them; the order in which the
    keys of a dict were inserted does not count.

    Attributes
    ----------
    size : int
        The number of leaves.
    """

    __slots__ = ("_tokens", "size")

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tuple(tokens)
        self.size = sum(token is LEAF for token in self._tokens)

    def unflatten(self, leaves: Sequence[Any]) -> Any:
        """The nest with these leaves."""
        if len(leaves) != self.size:
            raise ShapeError(f"the nest has {self.size} leaves, got {len(leaves)}")
        position = self.size
        done: list[Any] = []
        for token in reversed(self._tokens):
            if token is LEAF:
                position -= 1
                done.append(leaves[position])
            elif type(token) is Static:
                done.append(token.value)
            else:
                count = len(token.keys)
                parts = done[: -count - 1 : -1]
                del done[len(done) - count :]
                done.append(containers.built(token, parts))
        return done[0]

    def paths(self) -> list[str]:
        """The names of the leaves, such as ``['layers'][0].w``; empty for a nest that is a leaf."""
        found = []
        stack: list[Trail] = [None]
        for token in self._tokens:
            trail = stack.pop()
            if token is LEAF:
                found.append(written(trail))
            elif type(token) is Node:
                stack += [(trail, token.step(i)) for i in reversed(range(len(token.keys)))]
        return found

    def leaves_of(self, tree: Any) -> list[Any]:
        """The leaves of another nest, which must have this structure.

        Raises
        ------
        ExpressionTypeError
            Where it departs, with the path.
        """
        found = []
        stack: list[tuple[Any, Trail]] = [(tree, None)]
        for token in self._tokens:
            x, trail = stack.pop()
            if type(token) is Node:
                pair = opened(x)
                if pair is None or not token.fits(pair[0]):
                    raise _mismatch(trail, str(token), x)
                stack += steps(*pair, trail)
                continue
            nest = is_nest(x)
            leaf = None if nest else array_at(x, trail)
            if token is LEAF and leaf is None:
                raise _mismatch(trail, "an array", x)
            if token is not LEAF and (nest or leaf is not None):
                raise _mismatch(trail, f"what is no number, like {reprlib.repr(token.value)}", x)
            if token is LEAF:
                found.append(leaf)
        return found

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Structure):
            return NotImplemented
        if len(self._tokens) != len(other._tokens):
            return False
        return all(map(_same_token, self._tokens, other._tokens))

    def __hash__(self) -> int:
        kinds = (t[:2] if type(t) is Node else t is LEAF for t in self._tokens)
        return hash(tuple(kinds))

    def __repr__(self) -> str:
        names = self.paths()
        shown = ", ".join(name or "itself" for name in names[:8])
        return f"Structure({self.size} leaves: {shown}{', ...' if len(names) > 8 else ''})"


def steps(node: Node, parts: list[Any], trail: Trail) -> list[tuple[Any, Trail]]:
    """The parts with their ways, the last one first, as a stack wants them."""
    return [(parts[i], (trail, node.step(i))) for i in reversed(range(len(parts)))]


def written(trail: Trail) -> str:
    steps = []
    while trail is not None:
        trail, step = trail
        steps.append(step)
    return "".join(reversed(steps))


def array_at(x: Any, trail: Trail) -> Any:
    try:
        return containers.array(x)
    except ExpressionTypeError as error:
        raise _at(trail, str(error)) from None


def _mismatch(trail: Trail, wanted: str, got: Any) -> ExpressionTypeError:
    pair = opened(got)
    if pair:
        found = str(pair[0])
    elif hasattr(got, "shape"):
        found = f"an array of shape {got.shape}"
    else:
        found = reprlib.repr(got)
    return _at(trail, f"wanted {wanted}, got {found}; nests must have the same structure")


def _at(trail: Trail, message: str) -> ExpressionTypeError:
    path = written(trail)
    return ExpressionTypeError(f"{path}: {message}" if path else message)


def _same_token(a: Token, b: Token) -> bool:
    if type(a) is not type(b):
        return False
    if type(a) is Static:
        return _same(a.value, b.value)
    if type(a) is not Node:
        return True
    names = [name for name, _ in a.static]
    return (
        a.fits(b)
        and names == [name for name, _ in b.static]
        and all(_same(u, v) for (_, u), (_, v) in zip(a.static, b.static, strict=True))
    )


def _same(a: Any, b: Any) -> bool:
    """Whether two static values are equal, arrays by their entries."""
    if a is b:
        return True
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return np.array_equal(a, b)
    return type(a) is type(b) and bool(a == b)
