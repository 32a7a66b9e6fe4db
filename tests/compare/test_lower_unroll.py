"""Small arrays become single numbers with the same values, or are left alone."""

import itertools
import math

import numpy as np
import pytest
from test_lower import ARRAY_CASES, SHAPED, SPECIAL_VALUES, m, t, v, x, y

from compare.lower.scalars.arithmetic import NOTHING, simplified
from compare.lower.scalars.cost import pays
from compare.lower.scalars.unroll import Unrolled, unroll
from diffexpr import constant, evaluate, symbol
from diffexpr.apply import apply
from diffexpr.custom import primitive
from diffexpr.evaluate import evaluate_all
from diffexpr.functions import logsumexp, norm, softmax

WITHOUT = {
    "sort", "inv", "solve", "det", "cofactor", "slogdet", "cholesky", "qr", "svd", "svdvals",
    "eigh", "eigvalsh", "eig", "eigvals", "pinv", "fft",
    # To float32; and of complex numbers.
    "astype", "conjugate", "real", "imag",
}  # fmt: skip


def entries_of(unrolled: Unrolled, values):
    """The outputs where the parameters have some values, as arrays."""
    given = {}
    for parameter, entries in zip(unrolled.symbols, unrolled.parameters, strict=True):
        array = np.broadcast_to(values[parameter.name], entries.shape)
        given |= {s.name: array[place] for place, s in np.ndenumerate(entries)}
    flat = iter(evaluate_all(unrolled.expressions, given))
    return [
        np.array([next(flat) for _ in output.flat]).reshape(output.shape)
        for output in unrolled.outputs
    ]


def check(expr, values) -> None:
    found = unroll([expr], expr.variables)
    assert found is not None, expr
    (result,) = entries_of(found, values)
    wanted = np.asarray(evaluate(expr, values))
    assert result.shape == wanted.shape
    # Sums in another order, and BLAS with its fused products: a few roundings of values near 1.
    np.testing.assert_allclose(result, wanted, rtol=2e-14, atol=4e-15)


@pytest.mark.parametrize("name", sorted(ARRAY_CASES))
def test_every_array_operation_has_its_values_or_none(name) -> None:
    for expr in ARRAY_CASES[name]:
        if name in WITHOUT:
            assert unroll([expr], expr.variables) is None
        else:
            check(expr, SHAPED)
            check(np.sum(expr * 2 + expr), SHAPED)


def test_parameters_and_outputs_keep_their_shapes() -> None:
    found = unroll([m @ v, x * y, np.reshape(x, (1, 1))], [m, v, x, y])
    assert found is not None
    assert [p.shape for p in found.parameters] == [(3, 4), (4,), (), ()]
    assert [o.shape for o in found.outputs] == [(3,), (), (1, 1)]
    assert found.parameters[0][1, 2].name == "m_1_2"
    assert found.parameters[2].item() is x
    assert all(not entry.shape for entry in found.expressions)


def test_the_name_of_an_entry_is_free() -> None:
    taken, other = symbol("v_0"), symbol("v_0_", dtype=bool)
    found = unroll([v[0] + taken + v[1]], [taken, v, other])
    assert found is not None
    names = [s.name for p in found.parameters for s in p.flat]
    assert len(set(names)) == len(names) == 6
    assert entries_of(found, {"v": [1.0, 2, 3, 4], "v_0": 10.0, "v_0_": True}) == [13.0]


def test_what_is_too_much_is_left_alone() -> None:
    row = symbol("r", 30)
    assert unroll([np.sum(row)], [row], limit=29) is not None
    assert unroll([np.sum(row)], [row], limit=28) is None
    wide = symbol("w", 100_000)
    assert unroll([wide[0] * 2], [wide]) is None
    square = symbol("s", (60, 60))
    assert unroll([square @ square], [square]) is None
    assert unroll([np.einsum("ij,kl->ijkl", square[:20], square[:20])], [square]) is None


def test_other_precisions_and_own_functions_are_left_alone() -> None:
    single = symbol("s", 2, np.float32)
    own = primitive(lambda a: a + 1)
    narrow = constant(np.float32([1, 2]))
    for expr in (single * 2, v * 1j, own(x), v.astype("float32"), narrow * 2, narrow * x):
        assert unroll([expr], expr.variables) is None


def test_truth_values_count_as_in_numpy() -> None:
    cases = [
        np.sum(v > 0), np.mean(v > 0), np.prod(v > 0), (v > 0) * v, (v > 0) * (v < 2),
        np.any(v > 2), np.where(v > 0, v > 1, v > -1), np.where(v > 0, v > 1, 0.5), np.max(v > 0),
        (x > 0) ** 2, np.concatenate([v > 0, v]), np.where(v, 1.0, 2.0), np.cumsum(v * (v > 0)),
        (x > 0) / (y < 0), np.logical_and(x, y > 0), (x > 0).astype("float64") * 3,
        v.astype("bool"),
    ]  # fmt: skip
    for expr in cases:
        check(expr, SHAPED)
    # Here NumPy has a small integer, a float16 or an error.
    for expr in (np.sqrt(v > 0), -(v > 0)):
        assert unroll([expr], expr.variables) is None


def test_nan_and_infinity_stay_in_their_places() -> None:
    rows = [[np.nan, 1, 2, 3], [1, 2, 3, np.nan], [np.inf, 0, -np.inf, 1], [1e300] * 4,
            [0.0] * 4, [1e-300, 0, 0, 1e-310], [np.inf, np.nan, 0, 0]]  # fmt: skip
    exprs = [np.max(v), np.min(v), np.mean(v), norm(v), logsumexp(v), softmax(v), 0 * v,
             np.diag([0.0, 1, 1, 1]) @ v, v**2, v**-1]  # fmt: skip
    for row, expr in itertools.product(rows, exprs):
        check(expr, {"v": np.array(row, float)})


def test_empty_arrays() -> None:
    z = symbol("z", (0, 2))
    values = {"z": np.ones((0, 2))}
    for expr in (np.sum(z), np.prod(z, axis=0), np.mean(z, axis=0), z * 2, z.T @ z, norm(z)):
        check(expr, values)


def test_a_long_sum_is_taken_by_halves() -> None:
    terms = np.random.default_rng(3).uniform(size=2000) / 3
    found = unroll([np.sum(constant(terms) * x)], [x])
    assert found is not None
    (total,) = entries_of(found, {"x": 1.0})
    # Higham (2002), equation 4.6: log2(n) roundings at most, 8 of them in a row at the ends.
    exact = math.fsum(terms)
    assert abs(total - exact) <= (8 + 8) * 2**-53 * exact


# the simplest form


NUMBERS = [0.0, -0.0, 1.0, -1.0, 2.0, 0.5, -3.0, 1e300, 1e-300, 0.1, np.inf, np.nan]
FORMS = [x, -x, 2.0 * x, 1e300 * x, -0.1 * x, x / 3.0, -x * y, 3.0 / x]
BINARY = ["add", "subtract", "multiply", "divide"]


def test_the_simplest_form_has_the_same_value_to_the_sign_of_zero() -> None:
    pairs = [*itertools.product(FORMS, map(constant, NUMBERS)), *itertools.product(FORMS, FORMS)]
    columns = np.array([*itertools.product(SPECIAL_VALUES, [0.3, -0.0, np.inf])]).T
    values = {"x": columns[0], "y": columns[1]}
    for op, (a, b), turned in itertools.product(BINARY, pairs, [False, True]):
        args = (b, a) if turned else (a, b)
        plain = np.broadcast_to(evaluate(apply(op, args), values), columns[0].shape)
        found = np.broadcast_to(evaluate(simplified(op, args), values), columns[0].shape)
        # Two constants are multiplied first: one rounding moves.
        np.testing.assert_allclose(found, plain, rtol=4e-16, atol=0, err_msg=f"{op} {args}")
        kept = np.isfinite(plain) & (plain == found)
        np.testing.assert_array_equal(np.signbit(found[kept]), np.signbit(plain[kept]), f"{args}")


@pytest.mark.parametrize("exponent", [-4, -3, -2, -1, 0, 0.5, 1, 2, 3, 4, 5, 2.5])
def test_small_powers_are_products(exponent) -> None:
    expr = simplified("power", (x, constant(exponent)))
    points = np.array([*SPECIAL_VALUES, 1.1, -7.3])
    with np.errstate(all="ignore"):
        wanted = np.power(points, exponent)
    # Three roundings, of which each grows no more than twofold.
    np.testing.assert_allclose(evaluate(expr, {"x": points}), wanted, rtol=8e-16, atol=0)
    assert (expr.op == "power") == (exponent in (-4, 0, 5, 2.5))


def test_nothing_falls_away_but_zero_does_not() -> None:
    assert simplified("add", (x, NOTHING)) is x
    assert simplified("add", (NOTHING, NOTHING)) is NOTHING
    assert simplified("subtract", (NOTHING, x)).op == "negative"
    assert simplified("add", (x, constant(0.0))).op == "add"
    assert simplified("multiply", (x, NOTHING)).op == "multiply"
    assert simplified("where", (x > 0, y, y)) is y
    assert simplified("where", (constant(True), x, y)) is x
    assert simplified("multiply", (constant(1), x > 0)).op == "astype"


# what pays


def test_scalar_code_pays_for_few_numbers() -> None:
    for n, wanted in ((2, True), (5, True), (2000, False)):
        row = symbol("r", n)
        outputs = [np.sum(np.sin(row) * row), np.cos(row)]
        found = unroll(outputs, [row], 100_000)
        assert found is not None
        assert pays(outputs, found) == wanted


def test_a_tensor_too() -> None:
    check(np.einsum("ijk,kl,jl->i", t, np.ones((4, 2)), np.ones((3, 2))), SHAPED)
    check(np.cumsum(t, axis=1)[:, ::2] * t[:, None, 1, :], SHAPED)
