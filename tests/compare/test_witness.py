"""The third opinion on values: a row for every operation, and the same value as NumPy's."""

import itertools

import numpy as np
import pytest
from sabotage import ARRAYS, array_subject

from compare import witness
from diffexpr import arrays, primitives
from diffexpr.domains import CONDITION
from symdiff.matrices import UNTRANSLATED


def test_every_operation_has_a_witness():
    assert set(witness.ELEMENTWISE) == set(primitives.TABLE)
    # Where SymPy has no value, none is ever in dispute.
    assert set(witness.ARRAYS) == set(arrays.TABLE) - set(UNTRANSLATED)


@pytest.mark.parametrize("name", sorted(primitives.TABLE))
def test_primitives_at_all_their_samples(name):
    row = primitives.TABLE[name]
    for values in itertools.product(*(domain.samples for domain in row.domains)):
        operands = [
            np.bool_(value) if domain is CONDITION else np.float64(value)
            for domain, value in zip(row.domains, values, strict=True)
        ]
        own = float(np.asarray(row.value(*operands), float))
        third = float(witness.opinion(name, operands, ()))
        # The row states its own rounding; the witness adds half a unit, rounding to float.
        size = max(abs(third), row.scale(*operands)) if row.scale else abs(third)
        assert abs(own - third) <= (row.ulps + 0.5) * np.spacing(size), (values, own, third)


@pytest.mark.parametrize("name", sorted(primitives.TABLE))
def test_primitives_over_arrays(name):
    row = primitives.TABLE[name]
    columns = [
        np.array(domain.samples[:2], bool if domain is CONDITION else float)
        for domain in row.domains
    ]
    found = witness.opinion(name, columns, ())
    assert found.shape == (2,)
    for i in range(2):
        assert found[i] == witness.opinion(name, [c[i] for c in columns], ())


@pytest.mark.parametrize("name", sorted(set(ARRAYS) - set(UNTRANSLATED)))
def test_array_operations(name):
    subject = array_subject(name)
    operands = [subject.at[arg.name] for arg in subject.node.args]
    own = np.asarray(subject.f(**subject.at))
    third = witness.opinion(name, operands, subject.node.params)
    assert third.shape == own.shape
    # A few terms of size one are added up.
    np.testing.assert_allclose(third, own, rtol=1e-14, atol=1e-14)


@pytest.mark.parametrize(
    ("op", "operands"),
    [("log", [-1.0]), ("divide", [1.0, 0.0]), ("arcsin", [2.0]), ("gamma", [-1.0])],
)
def test_outside_the_domain_there_is_no_opinion(op, operands):
    assert np.isnan(witness.opinion(op, operands, ()))


def test_zero_to_the_zeroth():
    assert witness.opinion("power", [0.0, 0.0], ()) == 1.0


@pytest.mark.parametrize(
    ("left", "right"),
    [((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((4, 2, 3), (3, 2)), ((2, 3), (4, 3, 2))],
)
def test_products_of_every_shape(left, right):
    rng = np.random.default_rng(7)
    a, b = rng.normal(size=left), rng.normal(size=right)
    found = witness.opinion("matmul", [a, b], ())
    assert found.shape == (a @ b).shape
    np.testing.assert_allclose(found, a @ b, rtol=1e-13, atol=1e-14)


def test_the_diagonal_of_a_matrix():
    assert witness.opinion("diag", [np.arange(6.0).reshape(2, 3)], ()).tolist() == [0.0, 4.0]
