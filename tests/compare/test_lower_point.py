"""The program for one point, where some of what it has to do with are arrays and some are not."""

import numpy as np
import pytest

from compare.lower import lower, programs
from compare.lower.scalars.point import FALLS_BACK, point_types
from diffexpr import symbol, symbols

x, y = symbols("x y")
w = symbol("w", 3)


def test_scalars_that_are_summed_have_a_program_for_floats() -> None:
    # A sum over no axes is no operation on points, so that arrays may not be given.
    f = lower(np.sum(np.sin(x) * y), "value_and_grad")
    assert not f._programs.points
    assert f._programs.point is not None
    value, (dx, dy) = f(0.5, 2.0)
    assert [type(part) for part in (value, dx, dy)] == [float] * 3
    np.testing.assert_allclose(
        [value, dx, dy], [2 * np.sin(0.5), 2 * np.cos(0.5), np.sin(0.5)], rtol=1e-15
    )


def test_arrays_made_of_floats() -> None:
    f = lower(np.stack([x * y, np.exp(x)]), "jacobian", wrt=("x", "y"))
    made = f._programs.point
    assert made is not None
    found = made(0.5, 2.0)
    for part, wanted in zip(found, ([2.0, np.exp(0.5)], [0.5, 0.0]), strict=True):
        assert type(part) is np.ndarray
        np.testing.assert_allclose(part, wanted, rtol=1e-15)
    np.testing.assert_array_equal(f(0.5, 2.0), found)


def test_floats_beside_arrays_give_the_numbers_of_arrays() -> None:
    f = lower(np.sum(w * x), "value")
    made = f._programs.point
    assert made is not None
    given = np.array([1.0, 2.0, 4.0])
    assert type(made(given, 0.5)) is np.float64
    assert made(given, 0.5) == 3.5
    with pytest.raises(FALLS_BACK, match=r"^$"):
        made(np.ones(4), 0.5)


def test_no_program_for_floats_of_what_is_too_long(monkeypatch) -> None:
    monkeypatch.setattr(programs, "MOST_NODES", 3)
    assert lower(np.sin(x) * y + 1.25, "value")._programs.point is None
    assert point_types(lower(x * y, "value")._plan) == {float}
