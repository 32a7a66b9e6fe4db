"""Every array operation: forward, reverse, against differences and against each other."""

import numpy as np
import pytest

from autodiff import forward, reverse
from autodiff.operations import array_rules
from diffexpr import arrays, functions, symbol
from diffexpr.apply import apply
from diffexpr.frozen import Index

MODES = [forward, reverse]


def rand(*shape, seed=0):
    return np.random.default_rng([seed, *shape]).uniform(0.5, 2.0, shape)


A, B, V = rand(2, 3), rand(3, 4), rand(3)
BASIC = Index((slice(0, 2, None), 1))
ROWS = Index((np.array([1, 0, 1]),))
APART = Index((np.array([0, 1]), slice(None), np.array([2, 0])))
M = rand(3, 3) + np.diag([3.0, 4.0, 5.0])

# operation, parameters, operands
CASES = [
    ("sum", ((0, 1), False), [A]),
    ("sum", ((1,), True), [A]),
    ("sum", ((), False), [A]),
    ("mean", ((0,), False), [A]),
    ("mean", ((0, 1), True), [A]),
    ("prod", ((0, 1), False), [A]),
    ("prod", ((0,), False), [A]),
    ("prod", ((1,), True), [A]),
    ("prod", ((0, 2), False), [rand(2, 3, 3)]),
    ("prod", ((0,), False), [rand(1)]),
    ("norm", ((0, 1), False), [A]),
    ("norm", ((1,), False), [A]),
    ("norm", ((0,), True), [A]),
    ("max", ((0, 1), False), [A]),
    ("max", ((0,), True), [A]),
    ("min", ((1,), False), [A]),
    ("logsumexp", ((1,), False), [A]),
    ("logsumexp", ((0, 1), True), [A]),
    ("logsumexp", ((0, 2), False), [rand(2, 3, 2)]),
    ("softmax", (0,), [A]),
    ("softmax", (1,), [A]),
    ("cumsum", (0,), [A]),
    ("cumsum", (1,), [A]),
    ("sort", (0,), [A]),
    ("sort", (1,), [A]),
    ("sort", (1,), [rand(2, 4, 2)]),
    ("astype", ("float64",), [A]),
    ("matmul", (), [A, B]),
    ("matmul", (), [A, V]),
    ("matmul", (), [V, B]),
    ("matmul", (), [V, rand(3, seed=1)]),
    ("matmul", (), [rand(2, 2, 3), B]),
    ("matmul", (), [A, rand(2, 3, 2)]),
    ("matmul", (), [rand(2, 1, 2, 3), rand(3, 3, 2)]),
    ("matmul", (), [V, rand(2, 3, 2)]),
    ("matmul", (), [rand(2, 2, 3), V]),
    ("einsum", ("ij,jk->ik",), [A, B]),
    ("einsum", ("ij,j->i",), [A, V]),
    ("einsum", ("ij->j",), [A]),
    ("einsum", ("ii->",), [rand(3, 3)]),
    ("einsum", ("ii->i",), [rand(3, 3)]),
    ("einsum", ("iij,j->i",), [rand(2, 2, 3), V]),
    ("einsum", ("i,j,k->",), [V, rand(2), rand(2, seed=1)]),
    ("einsum", ("ij,jk,kl->il",), [A, B, rand(4, 2)]),
    ("transpose", ((1, 0),), [A]),
    ("transpose", ((2, 0, 1),), [rand(2, 3, 4)]),
    ("reshape", ((3, 2),), [A]),
    ("reshape", ((6,),), [A]),
    ("broadcast_to", ((4, 2, 3),), [A]),
    ("broadcast_to", ((2, 3),), [rand(2, 1)]),
    ("broadcast_to", ((3,),), [np.float64(1.5)]),
    ("getitem", (BASIC,), [A]),
    ("getitem", (ROWS,), [A]),
    ("getitem", (APART,), [rand(2, 2, 3)]),
    ("getitem", (Index((None, 1, slice(None, None, -1))),), [A]),
    ("scatter_add", (BASIC, (2, 3)), [rand(2)]),
    ("scatter_add", (ROWS, (2, 3)), [rand(3, 3)]),
    ("concatenate", (0,), [A, rand(1, 3), rand(2, 3, seed=2)]),
    ("concatenate", (1,), [A, rand(2, 2)]),
    ("stack", (0,), [V, rand(3, seed=1)]),
    ("stack", (1,), [V, rand(3, seed=1), rand(3, seed=2)]),
    ("diag", (), [V]),
    ("diag", (), [A]),
    ("diag", (), [rand(3, 3)]),
    ("inv", (), [M]),
    ("solve", (), [M, rand(2, 3, 1)]),
    ("det", (), [M]),
    ("cofactor", (), [M]),
    ("slogdet", (), [M]),
    ("cholesky", (), [M]),
    ("qr", (), [M[:, :2]]),
    ("svd", (False,), [rand(3, 2)]),
    ("svd", (True,), [M]),
    ("svdvals", (False,), [A]),
    ("eigh", (True,), [M]),
    ("eigh", (False,), [M]),
    ("eigvalsh", (True,), [M]),
    ("pinv", (1e-15, False), [A]),
    ("pinv", (1e-15, True), [M]),
    ("expm", (), [rand(3, 3) / 2]),
    ("sqrtm", (), [M]),
    ("solve_sylvester", (), [M, rand(2, 2), rand(3, 2)]),
]
COMPLEX = {"eig", "eigvals", "fft", "conjugate", "real", "imag"}
"""Complex operands or results: in `test_decompositions`, `test_fourier`, `test_complex`."""

IDS = [f"{op}-{k}" for k, (op, _, _) in enumerate(CASES)]


def differences(f, operands, k):
    """The Jacobian by central differences: exact to 1e-9 for these smooth values near one."""
    x, h = operands[k], 1e-5
    columns = []
    for i in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[i] = h
        ahead, behind = (f(*operands[:k], x + s, *operands[k + 1 :]) for s in (step, -step))
        columns.append((ahead - behind) / (2 * h))
    columns = np.array(columns)
    return np.moveaxis(columns, 0, -1).reshape((*columns.shape[1:], *x.shape))


def test_every_operation_has_both_rules_and_a_case():
    assert set(array_rules.JVP) == set(array_rules.VJP) == set(arrays.TABLE)
    assert {op for op, _, _ in CASES} == set(arrays.TABLE) - COMPLEX


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("op", "params", "operands"), CASES, ids=IDS)
def test_jacobian(op, params, operands, mode):
    def f(*xs):
        return apply(op, xs, params)

    every = tuple(range(len(operands)))
    together = mode.jacobian(f, wrt=every)(*operands)
    for k in every:
        expected = differences(f, operands, k)
        np.testing.assert_allclose(together[k], expected, rtol=1e-7, atol=1e-8)
        np.testing.assert_allclose(mode.jacobian(f, wrt=k)(*operands), expected, 1e-7, 1e-8)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("op", "params", "operands"), CASES, ids=IDS)
def test_products_with_vectors_are_adjoint(op, params, operands, mode):
    def f(*xs):
        return apply(op, xs, params)

    rng = np.random.default_rng(5)
    vs = [rng.normal(size=x.shape) for x in operands]
    value, tangent = mode.jvp(f, tuple(operands), tuple(vs))
    same, pullback = mode.vjp(f, *operands)
    np.testing.assert_array_equal(value, f(*operands))
    np.testing.assert_array_equal(same, value)
    w = rng.normal(size=value.shape)
    left = np.sum(w * tangent)
    right = sum(np.sum(g * v) for g, v in zip(pullback(w), vs, strict=True))
    assert left == pytest.approx(right, rel=1e-12)


@pytest.mark.parametrize(("op", "params", "operands"), CASES, ids=IDS)
def test_second_order_agrees_between_modes_and_with_differences(op, params, operands):
    weights = np.random.default_rng(6).normal(size=np.shape(apply(op, tuple(operands), params)))

    def f(*xs):
        return np.sum(weights * np.sin(apply(op, xs, params)))

    every = tuple(range(len(operands)))
    ahead = forward.hessian(f, wrt=every)(*operands)
    back = reverse.hessian(f, wrt=every)(*operands)
    for r in every:
        for c in every:
            expected = differences(reverse.grad(f, wrt=r), operands, c)
            np.testing.assert_allclose(ahead[r][c], expected, rtol=1e-6, atol=1e-7)
            np.testing.assert_allclose(back[r][c], expected, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("op", "params", "operands"), CASES, ids=IDS)
def test_derivative_graph_equals_direct_derivative(op, params, operands, mode):
    names = "abcd"[: len(operands)]
    variables = [symbol(n, x.shape) for n, x in zip(names, operands, strict=True)]
    graph = np.sum(np.sin(apply(op, tuple(variables), params)))
    at = dict(zip(names, operands, strict=True))
    direct = mode.grad(lambda *xs: np.sum(np.sin(apply(op, xs, params))), tuple(range(len(names))))
    for formula, expected in zip(mode.grad(graph), direct(*operands), strict=True):
        np.testing.assert_allclose(formula(**at), expected, rtol=1e-12, atol=1e-13)


# conventions


@pytest.mark.parametrize("mode", MODES)
class TestConventions:
    def test_norm_at_zero(self, mode):
        np.testing.assert_array_equal(mode.grad(np.linalg.norm)(np.zeros(3)), np.zeros(3))

    def test_ties_share_equally(self, mode):
        x = np.array([3.0, 1.0, 3.0, 1.0])
        np.testing.assert_array_equal(mode.grad(np.max)(x), [0.5, 0, 0.5, 0])
        np.testing.assert_array_equal(mode.grad(np.min)(x), [0, 0.5, 0, 0.5])

    def test_product_with_zeros(self, mode):
        grad, hessian = mode.grad(np.prod), mode.hessian(np.prod)
        np.testing.assert_array_equal(grad(np.array([0.0, 2, 3])), [6, 0, 0])
        np.testing.assert_array_equal(grad(np.array([0.0, 2, 0])), [0, 0, 0])
        np.testing.assert_array_equal(
            hessian(np.array([0.0, 2, 0, 5])),
            [[0, 0, 10, 0], [0, 0, 0, 0], [10, 0, 0, 0], [0, 0, 0, 0]],
        )

    def test_logsumexp_and_softmax_of_large_numbers(self, mode):
        x = np.array([1000.0, 1000.0, -1000.0])
        np.testing.assert_allclose(mode.grad(functions.logsumexp)(x), [0.5, 0.5, 0])
        infinite = np.array([-np.inf, 0.0])
        np.testing.assert_array_equal(mode.grad(functions.logsumexp)(infinite), [0, 1])
        expected = [[0.25, -0.25, 0], [-0.25, 0.25, 0], [0, 0, 0]]
        np.testing.assert_allclose(mode.jacobian(functions.softmax)(x), expected)

    def test_repeated_index_accumulates(self, mode):
        x = np.array([1.0, 2.0])
        found = mode.grad(lambda v: np.sum(v[np.array([0, 0, 1])] ** 2))(x)
        np.testing.assert_array_equal(found, [4, 4])

    def test_empty_arrays(self, mode):
        assert mode.grad(np.sum)(np.zeros((0, 3))).shape == (0, 3)
        assert mode.jacobian(lambda x: x * 2)(np.zeros(0)).shape == (0, 0)

    def test_off_diagonal_zeros_survive_an_infinite_slope(self, mode):
        found = mode.jacobian(np.sqrt)(np.array([0.0, 4.0]))
        np.testing.assert_array_equal(found, [[np.inf, 0], [0, 0.25]])

    def test_products_with_zero_seeds_stay_undefined_where_mathematics_is(self, mode):
        found = mode.jacobian(lambda x: np.sqrt(x * x))(np.array([0.0, 4.0]))
        assert np.isnan(found[0, 0])
        assert found[1, 1] == 1


@pytest.mark.parametrize("mode", MODES)
def test_more_inputs_than_are_carried_at_once(mode):
    n = 1500
    x = np.linspace(1, 2, n)
    found = mode.jacobian(lambda v: v * v)(x)
    np.testing.assert_array_equal(found, np.diag(2 * x))
