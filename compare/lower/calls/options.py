"""How a function is to be lowered, checked and written down once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from compare.lower.passes import chosen_passes
from diffexpr import ExpressionValueError

TARGETS = ("numpy", "scalar", "javascript", "array-api")
"""What programs can be written in."""


@dataclass(frozen=True, slots=True)
class Options:
    """The choices of a lowering.

    Attributes
    ----------
    target : str
        One of `TARGETS`.
    threads : int
        At most; 0 for as many as there are processors.
    block : int or None
        Elements of a block; 0 for no blocks, None for as many as fit the cache.
    passes : tuple of str
        The names of the passes to be run, in their order.
    check : bool
        Whether every pass is proved harmless at random points.
    """

    target: str = "numpy"
    threads: int = 0
    block: int | None = None
    passes: tuple[str, ...] = ()
    check: bool = False


def options(
    target: str, threads: Any, block: Any, passes: Sequence[str] | None, check: bool
) -> Options:
    """The options of `lower`, each in its range.

    Raises
    ------
    ExpressionValueError
        If one of them is not.
    """
    if target not in TARGETS:
        raise ExpressionValueError(f"target={target!r}: choose among {', '.join(TARGETS)}")
    if threads is not None and (type(threads) is not int or threads < 1):
        raise ExpressionValueError(
            f"threads={threads!r}: give a number from 1, or None for one per processor"
        )
    if block is not None and (type(block) is not int or block < 0):
        raise ExpressionValueError(
            f"block={block!r}: give a number of elements, 0 for no blocks, or None to let it be "
            "chosen"
        )
    return Options(target, threads or 0, block, chosen_passes(passes), bool(check))
