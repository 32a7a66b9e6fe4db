"""One table along a direction, whatever the size of x."""

import numpy as np
import pytest

import numdiff
from numdiff.directional import estimate_along, estimate_curvature


def test_cost_does_not_grow_with_the_dimension():
    x = np.linspace(1, 2, 500)
    value, slope = estimate_along(lambda v: np.sum(np.log(v)), x, x)
    assert value == pytest.approx(np.sum(np.log(x)))
    assert abs(slope.value - 500) <= slope.error < 1e-8
    assert slope.evaluations < 80


def test_shapes_must_agree():
    for verb in (estimate_along, estimate_curvature):
        with pytest.raises(numdiff.InputError, match="shape of x"):
            verb(np.sum, [1.0, 2.0], [1.0])
