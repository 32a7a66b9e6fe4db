"""The errors: what they are to Python, and that they travel between processes."""

import pickle

import pytest

import diffexpr
from diffexpr import BoundError, errors


@pytest.mark.parametrize("name", errors.__all__)
def test_every_error_has_one_base_and_is_handed_on(name: str) -> None:
    kind = getattr(diffexpr, name)
    assert issubclass(kind, diffexpr.CrossdiffError)
    assert kind.__doc__


def test_errors_are_also_what_python_calls_them() -> None:
    assert issubclass(diffexpr.ExpressionTypeError, TypeError)
    assert issubclass(diffexpr.ParseError, ValueError)
    assert issubclass(diffexpr.ShapeError, ValueError)
    assert issubclass(diffexpr.MissingExtraError, ImportError)


def test_a_bound_error_survives_a_pickle() -> None:
    error = pickle.loads(pickle.dumps(BoundError("too long", "length", 7)))
    assert (str(error), error.bound, error.limit) == ("too long", "length", 7)
