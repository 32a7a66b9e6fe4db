"""Taylor mode where derivatives are easily got wrong: it must say what forward mode says there."""

import numpy as np
import pytest
from edge_arrays import ARRAYS
from edge_numbers import NUMBERS

from autodiff import forward
from autodiff.jet import directional_derivative, taylor

EDGES = (*NUMBERS, *ARRAYS)


def agree(edge, found, expected):
    """Equal; or NaN, where mathematics has no answer or rules for one operation know none."""
    if edge.kind in ("undefined", "indeterminate"):
        expected = np.where(np.isnan(found), np.nan, expected)
    # Formulas of a few operations, in another order.
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=0, equal_nan=True)


@pytest.mark.parametrize("edge", EDGES, ids=str)
def test_first_order(edge):
    xs = tuple(np.array(x, float)[()] for x in edge.arguments)
    vs = tuple(1.0 + np.arange(x.size).reshape(x.shape)[()] for x in xs)
    value, tangent = forward.jvp(edge.f, xs, vs)
    found = taylor(edge.f, xs, 1, vs)
    agree(edge, found[0], value)
    agree(edge, found[1], tangent)


# So close to 0 that the second power underflows, nested tangents divide by 0 where series do not.
SCALAR = [
    e for e in EDGES if len(e.arguments) == 1 and np.ndim(e.at) == 0 and not 0 < abs(e.at) < 1e-100
]


@pytest.mark.parametrize("n", [2, 3])
@pytest.mark.parametrize("edge", SCALAR, ids=str)
def test_higher_orders_of_one_number(edge, n):
    f = edge.f
    for _ in range(n):
        f = (lambda g: lambda x: forward.jvp(g, (x,), (1.0,))[1])(f)
    agree(edge, directional_derivative(edge.f, float(edge.at), 1.0, n), f(float(edge.at)))
