"""Arguments of lowered functions, and how two answers are compared."""

from __future__ import annotations

from typing import Any

import numpy as np

from compare.lower import lower
from compare.lower.comparing.error_bars import flat


def blocked(f: Any, output: str = "value_and_grad", **options: Any) -> Any:
    """Lowered such that arrays of 512 points and more are computed in blocks."""
    return lower(f, output, **{"block": 512, **options})


def assert_near(found: Any, wanted: Any, rtol: float = 1e-12) -> None:
    """The same nest, shapes and types; values but for the rounding of formulas this small."""
    assert isinstance(found, tuple) == isinstance(wanted, tuple)
    found, wanted = flat(found), flat(wanted)
    assert len(found) == len(wanted)
    for a, b in zip(found, wanted, strict=True):
        assert (np.shape(a), np.asarray(a).dtype) == (np.shape(b), np.asarray(b).dtype)
        size = np.max(np.abs(b), where=np.isfinite(b), initial=0)
        np.testing.assert_allclose(a, b, rtol=rtol, atol=float(rtol * size))


def assert_same(found: Any, wanted: Any) -> None:
    """Equal bit by bit."""
    for a, b in zip(flat(found), flat(wanted), strict=True):
        np.testing.assert_array_equal(a, b)
        assert np.asarray(a).dtype == np.asarray(b).dtype


def points(shape: Any, seed: int = 0) -> tuple[Any, Any]:
    """Two arrays for the scalars x and y: x is positive."""
    rng = np.random.default_rng(seed)
    return rng.uniform(0.1, 2.0, shape), rng.uniform(-1.5, 1.5, shape)
