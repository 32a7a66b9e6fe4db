"""Nests with some of their leaves exchanged for others, all else left as it is.

Unlike `nests`, which brings a nest into a form that can be flattened, this looks for boxed values
in whatever a function was given or has returned: lists of numbers stay lists, and a nest in which
nothing changes is handed on itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff.boxes import Box, stacked
from autodiff.containers import Node, built, opened
from diffexpr.errors import ExpressionTypeError


def exchanged(tree: Any, change: Callable[[Any], Any]) -> Any:
    """A nest with every leaf exchanged; leaves come to ``change`` from left to right.

    Parameters
    ----------
    tree : nest or a single value
    change : callable
        Of a leaf: an array, a boxed value, or anything that is no container. An array of objects
        among which there are boxed values comes as one boxed value.

    Raises
    ------
    ExpressionTypeError
        If the nest contains itself.
    """
    done: list[Any] = []
    inside: set[int] = set()
    stack: list[tuple[Any, tuple[Node, list[Any]] | None]] = [(tree, None)]
    while stack:
        x, pair = stack.pop()
        if pair is not None:
            node, parts = pair
            inside.discard(id(x))
            start = len(done) - len(parts)
            changed = any(a is not b for a, b in zip(parts, done[start:], strict=True))
            done[start:] = [built(node, done[start:]) if changed else x]
            continue
        if isinstance(x, Box):
            done.append(change(x))
            continue
        if isinstance(x, np.ndarray) and x.dtype.hasobject:
            boxed = any(isinstance(item, Box) for item in x.flat)
            done.append(change(stacked(x)) if boxed else x)
            continue
        pair = opened(x)
        if pair is None or not pair[1]:
            done.append(x if pair is not None else change(x))
            continue
        if id(x) in inside:
            raise ExpressionTypeError(
                "a nest contains itself; it must end, so put a copy or an array there"
            )
        inside.add(id(x))
        stack.append((x, pair))
        stack.extend((part, None) for part in reversed(pair[1]))
    return done[0]


def boxes(tree: Any) -> list[Box]:
    """The boxed values in a nest, from left to right."""
    found: list[Box] = []

    def note(x: Any) -> Any:
        if isinstance(x, Box):
            found.append(x)
        return x

    exchanged(tree, note)
    return found
