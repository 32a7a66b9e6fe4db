"""Distances in units in the last place."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


def ulps_apart(values: Array, reference: Any) -> Array:
    """Distance from 50-digit numbers in units in the last place of the float type of ``values``.

    The unit is the gap between neighbouring floats at the reference (Muller et al., Handbook of
    Floating-Point Arithmetic, 2nd ed., definition 2.6).
    """
    if reference is None:
        return np.full(values.shape, np.nan)
    exact = np.broadcast_to(np.asarray(reference, dtype=object), values.shape)
    kind = values.dtype if values.dtype.kind == "f" else np.dtype(float)
    out = np.empty(values.shape)
    for index, true in np.ndenumerate(exact):
        rounded = float(true)
        value = float(values[index])
        if not np.isfinite(rounded) or not np.isfinite(value):
            same = rounded == value or (np.isnan(rounded) and np.isnan(value))
            out[index] = 0.0 if same else np.nan
            continue
        unit = float(np.spacing(np.abs(kind.type(rounded))))
        out[index] = abs(float(true - value)) / unit
    return out
