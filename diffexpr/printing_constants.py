"""Numbers, arrays and indices as text that reads back to the very same bits."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from diffexpr.frozen import Index


def number(value: Any, taken: Collection[str]) -> str:
    """A Python number; inf and nan are spelled ``np.inf`` where a variable has the name."""
    if isinstance(value, complex):
        re, im = value.real, value.imag
        if math.isfinite(im) and math.copysign(1, im) > 0 and repr(re) == "0.0":
            return f"{im!r}j"
        return f"complex({number(re, taken)}, {number(im, taken)})"
    if isinstance(value, float) and not math.isfinite(value):
        sign = "-" if value < 0 else ""
        return sign + known("nan" if math.isnan(value) else "inf", taken)
    return repr(value)


def known(name: str, taken: Collection[str]) -> str:
    """The name of a constant that no variable hides."""
    return f"np.{name}" if name in taken else name


def array(held: np.ndarray[Any, Any], taken: Collection[str]) -> str:
    """An array as the literal ``array([...])``."""
    written = _nested([number(x, taken) for x in _elements(held)], held.shape)
    if not held.size and held.ndim != 1:
        written = f"[], shape={held.shape}"
    name = str(held.dtype)
    implied = name == "float64" or (held.size and name in ("bool", "complex128"))
    return f"array({written})" if implied else f"array({written}, dtype={name})"


def _elements(held: np.ndarray[Any, Any]) -> list[Any]:
    flat = held.ravel()
    if held.dtype.kind != "f" or held.dtype.itemsize >= 8:
        return flat.tolist()
    # The shortest decimal of a narrow float, where it survives the way through float64.
    short = [float(str(x)) for x in flat]
    exact = flat.tolist()
    return [s if held.dtype.type(s) == x else x for s, x in zip(short, exact, strict=True)]


def _nested(words: list[str], shape: Sequence[int]) -> str:
    """Words in nested brackets; empty arrays of several dimensions are the caller's business."""
    if not shape:
        return words[0]
    if not words:
        return "[]"
    for n in reversed(shape):
        words = [f"[{', '.join(words[i : i + n])}]" for i in range(0, len(words), n)]
    return words[0]


def index(found: Index, shape: Sequence[int]) -> str:
    """What stands between the brackets of a subscript of an operand of some shape."""
    sizes = iter(shape)
    words = [_item(item, 0 if item is None else next(sizes)) for item in found.value]
    while len(words) > 1 and words[-1] == ":":
        words.pop()
    return ", ".join(words) or "()"


def _item(item: Any, n: int) -> str:
    if isinstance(item, slice):
        if item.step is not None:
            bounds = (item.start, item.stop, item.step)
            return ":".join("" if bound is None else str(bound) for bound in bounds)
        return f"{item.start or ''}:{'' if item.stop == n else item.stop}"
    if isinstance(item, np.ndarray):
        if item.ndim and item.size:
            return _nested([str(x) for x in item.ravel().tolist()], item.shape)
        return array(item.astype(float), ())
    return str(item)
