"""The search for cycles is off while a graph is lowered, and on again behind it."""

import gc

import numpy as np
import pytest

from compare.lower import lower
from compare.lower.collecting import collector_paused


@pytest.fixture
def collecting():
    """Whether the search was on before is restored whatever happens."""
    was_on = gc.isenabled()
    yield
    (gc.enable if was_on else gc.disable)()


@pytest.mark.parametrize("on", [True, False])
def test_as_it_was_before(collecting, on) -> None:
    (gc.enable if on else gc.disable)()
    with collector_paused():
        assert not gc.isenabled()
        with collector_paused():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled() is on
    with pytest.raises(ZeroDivisionError), collector_paused():
        raise ZeroDivisionError
    assert gc.isenabled() is on


def test_while_a_function_is_lowered(collecting) -> None:
    gc.enable()
    seen = []

    def f(x):
        seen.append(gc.isenabled())
        return np.sin(x) * x

    assert lower(f, "value")(0.5) == pytest.approx(np.sin(0.5) * 0.5)
    assert seen == [False]
    assert gc.isenabled()
    with pytest.raises(RuntimeError):
        lower(_raises)
    assert gc.isenabled()


def _raises(x):
    raise RuntimeError
