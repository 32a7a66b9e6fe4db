"""Windows that slide over an array, by NumPy's name."""

from __future__ import annotations

from typing import Any

import numpy as np

from diffexpr.errors import ShapeError
from diffexpr.operands import as_operand, implements, shape_of
from diffexpr.repeating import along
from diffexpr.shapes import moveaxis


@implements(np.lib.stride_tricks.sliding_window_view)
def sliding_window_view(
    x: Any, window_shape: Any, axis: Any = None, *, subok: bool = False, writeable: bool = False
) -> Any:
    """All windows of one shape; the axes inside of a window come last."""
    x = as_operand(x)
    ndim = len(shape_of(x))
    window = tuple(map(int, window_shape if np.iterable(window_shape) else (window_shape,)))
    over = range(ndim) if axis is None else axis if np.iterable(axis) else (axis,)
    axes = tuple(over)
    if len(axes) != len(window) or any(not -ndim <= a < ndim for a in axes):
        raise ShapeError(
            f"sliding_window_view: window {window} over axes {axes} of {ndim} dimension(s)"
        )
    for a, size in zip(axes, window, strict=True):
        n = shape_of(x)[a % ndim]
        if not 0 <= size <= n:
            raise ShapeError(f"sliding_window_view: a window of {size} over {n} element(s)")
        places = np.arange(n - size + 1)[:, None] + np.arange(size)
        x = moveaxis(along(x, a % ndim, places), a % ndim + 1, -1)
    return x
