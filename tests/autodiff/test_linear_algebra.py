"""np.linalg without its decompositions: inverses, systems, determinants, norms, powers."""

import numpy as np
import pytest
from smooth_checks import check_first_order, check_jacobians, check_second_order, numbers

from autodiff import forward, grad, hessian, jacobian, reverse
from diffexpr import ExpressionValueError, MissingRuleError, ShapeError, symbol, trace

MODES = [forward, reverse]
KINDS = [float, complex]


def regular(*shape, kind=float, seed=0):
    """Matrices far from singular."""
    return numbers(*shape, kind=kind, seed=seed) + 4 * np.eye(shape[-1])


def singular(n, rank, kind=float):
    return numbers(n, rank, kind=kind, seed=3) @ numbers(rank, n, kind=kind, seed=4)


def functions(kind):
    a, b = regular(3, 3, kind=kind), regular(2, 3, 3, kind=kind)
    yield "inv", np.linalg.inv, [a]
    yield "inv of a batch", np.linalg.inv, [b]
    yield "inv of 1x1", np.linalg.inv, [a[:1, :1]]
    yield "solve a vector", np.linalg.solve, [a, numbers(3, kind=kind)]
    yield "solve a matrix", np.linalg.solve, [a, numbers(3, 2, kind=kind)]
    yield "solve batches", np.linalg.solve, [b, numbers(2, 3, 2, kind=kind)]
    yield "solve one for many", np.linalg.solve, [a, numbers(2, 3, 2, kind=kind)]
    yield "solve many for one", np.linalg.solve, [b, numbers(3, kind=kind)]
    yield "det", np.linalg.det, [a]
    yield "det of a batch", np.linalg.det, [b]
    yield "det of rank 2", np.linalg.det, [singular(3, 2, kind)]
    yield "det of rank 1", np.linalg.det, [singular(3, 1, kind)]
    yield "det of 2x2", np.linalg.det, [a[:2, :2]]
    yield "det of 1x1", np.linalg.det, [b[:, :1, :1]]
    yield "det of 5x5", np.linalg.det, [regular(5, 5, kind=kind) / 3]
    yield "det of 5x5 of rank 4", np.linalg.det, [singular(5, 4, kind) / 3]
    yield "det of 5x5 of rank 3", np.linalg.det, [singular(5, 3, kind) / 3]
    yield "logdet", lambda x: np.linalg.slogdet(x)[1], [a]
    yield "logdet of a batch", lambda x: np.linalg.slogdet(x).logabsdet, [b]
    yield "pinv", np.linalg.pinv, [a]
    yield "pinv, tall", np.linalg.pinv, [a[:, :2]]
    yield "pinv, wide", np.linalg.pinv, [b[:, :2]]
    yield "pinv, Hermitian", lambda x: np.linalg.pinv(x, hermitian=True), [a @ a.conj().T]
    yield "third power", lambda x: np.linalg.matrix_power(x, 3), [a]
    yield "power -2", lambda x: np.linalg.matrix_power(x, -2), [b]
    yield "first power", lambda x: np.linalg.matrix_power(x, 1), [a]
    yield "lstsq, tall", lambda x, y: np.linalg.lstsq(x, y)[0], [a[:, :2], numbers(3, kind=kind)]
    yield "residuals", lambda x, y: np.linalg.lstsq(x, y)[1], [a[:, :2], numbers(3, 2, kind=kind)]
    yield "lstsq, wide", lambda x, y: np.linalg.lstsq(x, y)[0], [a[:2], numbers(2, 2, kind=kind)]
    yield "lstsq, square", lambda x, y: np.linalg.lstsq(x, y)[0], [a, numbers(3, kind=kind)]
    yield "multi_dot", lambda x, y, z: np.linalg.multi_dot([x, y, z, x]), [
        numbers(2, 3, kind=kind), numbers(3, 4, kind=kind), numbers(4, 2, kind=kind)]  # fmt: skip
    yield "multi_dot of vectors", lambda x, y, z: np.linalg.multi_dot([x, y, z]), [
        numbers(3, kind=kind), a, numbers(3, kind=kind, seed=1)]  # fmt: skip
    yield "tensorsolve", np.linalg.tensorsolve, [
        numbers(2, 3, 6, kind=kind), numbers(2, 3, kind=kind)]  # fmt: skip
    yield "tensorsolve, axes", lambda x, y: np.linalg.tensorsolve(x, y, axes=(1,)), [
        numbers(2, 6, 3, kind=kind), numbers(2, 3, kind=kind)]  # fmt: skip
    yield "tensorinv", np.linalg.tensorinv, [numbers(2, 3, 6, kind=kind)]
    yield "cond", np.linalg.cond, [a]
    yield "cond -2", lambda x: np.linalg.cond(x, -2), [a]
    yield "cond 1", lambda x: np.linalg.cond(x, 1), [b]
    yield "cond fro", lambda x: np.linalg.cond(x, "fro"), [a]
    yield "trace", lambda x: np.linalg.trace(x, offset=1), [b]
    yield "diagonal", lambda x: np.linalg.diagonal(x, offset=-1), [b]
    yield "matrix_transpose", np.linalg.matrix_transpose, [b]
    yield "matmul", np.linalg.matmul, [b, a]
    yield "outer", np.linalg.outer, [numbers(2, kind=kind), numbers(3, kind=kind)]
    yield "cross", np.linalg.cross, [numbers(2, 3, kind=kind), numbers(3, kind=kind)]
    yield "cross, first axis", lambda x, y: np.linalg.cross(x, y, axis=0), [
        numbers(3, 2, kind=kind), numbers(3, 2, kind=kind, seed=1)]  # fmt: skip
    yield "vecdot", np.linalg.vecdot, [numbers(2, 3, kind=kind), numbers(3, kind=kind)]


CASES = [pytest.param(f, xs, id=f"{name}-{kind.__name__}")
         for kind in KINDS for name, f, xs in functions(kind)]  # fmt: skip
REAL = [pytest.param(f, xs, id=name) for name, f, xs in functions(float)]


@pytest.mark.parametrize(("f", "xs"), CASES)
def test_first_order(f, xs):
    check_first_order(f, *xs)


@pytest.mark.parametrize(("f", "xs"), CASES)
def test_second_order(f, xs):
    check_second_order(f, *xs)


@pytest.mark.parametrize(("f", "xs"), REAL)
def test_jacobians(f, xs):
    check_jacobians(f, *xs)


@pytest.mark.parametrize(("f", "xs"), REAL)
def test_expressions_have_numpy_s_values_and_the_same_gradients(f, xs):
    names = "abc"[: len(xs)]
    at = dict(zip(names, xs, strict=True))
    graph = f(*(symbol(n, x.shape) for n, x in at.items()))
    assert graph.shape == np.shape(f(*xs))
    np.testing.assert_allclose(graph(**at), f(*xs), rtol=1e-12, atol=1e-12)
    direct = grad(lambda *vs: np.sum(np.sin(f(*vs))), tuple(range(len(xs))))(*xs)
    for mode in MODES:
        for formula, expected in zip(mode.grad(np.sum(np.sin(graph)), tuple(names)), direct,
                                     strict=True):  # fmt: skip
            np.testing.assert_allclose(formula(**at), expected, rtol=1e-9, atol=1e-10)


# determinants


def test_slogdet_s_sign_turns_with_a_complex_matrix():
    a = regular(3, 3, kind=complex)
    check_first_order(lambda x: np.linalg.slogdet(x).sign, a)
    check_second_order(lambda x: np.linalg.slogdet(x).sign, a)


@pytest.mark.parametrize("mode", MODES)
def test_the_gradient_of_det_is_the_adjugate_at_any_rank(mode):
    rank_two = np.array([[1.0, 2, 3], [4, 5, 6], [7, 8, 9]])
    adjugate = [[-3.0, 6, -3], [6, -12, 6], [-3, 6, -3]]
    np.testing.assert_allclose(mode.grad(np.linalg.det)(rank_two), np.transpose(adjugate), 1e-12)
    np.testing.assert_allclose(mode.grad(np.linalg.det)(np.ones((3, 3))), 0, atol=1e-15)
    bent = mode.hessian(np.linalg.det)(np.zeros((2, 2))).reshape(4, 4)
    np.testing.assert_array_equal(bent, [[0, 0, 0, 1], [0, 0, -1, 0], [0, -1, 0, 0], [1, 0, 0, 0]])


def test_the_second_derivative_of_det_at_the_zero_matrix_of_order_three_is_zero():
    np.testing.assert_array_equal(hessian(np.linalg.det)(np.zeros((3, 3))), 0)


def test_the_third_derivative_of_det_at_the_identity():
    def third(v):
        return forward.derivative(lambda t: np.linalg.det(np.eye(3) + t * v), n=3)(0.0)

    v = numbers(3, 3)
    np.testing.assert_allclose(third(v), 6 * np.linalg.det(v), rtol=1e-12)


def test_empty_matrices():
    none = np.zeros((0, 0))
    assert np.linalg.det(none) == 1
    assert grad(np.linalg.det)(none).shape == (0, 0)
    assert jacobian(np.linalg.inv)(none).shape == (0, 0, 0, 0)
    assert jacobian(np.linalg.inv)(np.zeros((0, 2, 2))).shape == (0, 2, 2, 0, 2, 2)
    assert grad(lambda x: np.sum(np.linalg.solve(x, np.zeros((0, 2)))))(none).shape == (0, 0)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("f", [np.linalg.inv, lambda a: np.linalg.solve(a, np.ones(2)),
                               lambda a: np.linalg.slogdet(a)[1]])  # fmt: skip
def test_a_singular_matrix_has_numpy_s_error(f, mode):
    with pytest.raises(np.linalg.LinAlgError, match="Singular"):
        mode.grad(lambda a: np.sum(f(a)))(np.ones((2, 2)))


# norms

VECTOR_ORDERS = [None, 1, 2, 3, 0.5, 2.5, -1, -2, np.inf, -np.inf]
MATRIX_ORDERS = [None, "fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("ord", VECTOR_ORDERS)
def test_vector_norms(ord, kind):
    x = numbers(4, 3, kind=kind)
    for options in ({"axis": 0}, {"axis": -1, "keepdims": True}):
        check_first_order(lambda v, o=options: np.linalg.norm(v, ord, **o), x)
    check_second_order(lambda v: np.linalg.norm(v, ord, 1), x)
    check_first_order(lambda v: np.linalg.vector_norm(v, ord=2 if ord is None else ord), x)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("ord", MATRIX_ORDERS)
def test_matrix_norms(ord, kind):
    x = numbers(2, 4, 3, kind=kind)
    check_first_order(lambda v: np.linalg.norm(v[0], ord), x)
    check_first_order(lambda v: np.linalg.norm(v, ord, (2, 0), keepdims=True), x)
    check_second_order(lambda v: np.linalg.norm(v, ord, (-1, 1)), x)
    check_first_order(lambda v: np.linalg.matrix_norm(v, ord=ord or "fro"), x)


@pytest.mark.parametrize("mode", MODES)
def test_the_gradient_of_every_norm_at_zero_is_zero(mode):
    for ord in VECTOR_ORDERS:
        for x in (np.zeros(3), np.zeros(3, complex)):
            _, back = mode.vjp(lambda v, o=ord: np.linalg.norm(v, o), x)
            np.testing.assert_array_equal(back(1.0)[0], np.zeros(3))
    for ord in MATRIX_ORDERS:
        found = mode.grad(lambda v, o=ord: np.linalg.norm(v, o))(np.zeros((2, 2)))
        np.testing.assert_array_equal(found, np.zeros((2, 2)))


@pytest.mark.parametrize("mode", MODES)
def test_norms_beside_zeros(mode):
    x = np.array([0.0, -2.0])
    for ord in (1, 1.5, 2, 3):
        found = mode.grad(lambda v, o=ord: np.linalg.norm(v, o))(x)
        # 2**ord and its root may be off by a rounding.
        np.testing.assert_allclose(found, [0, -1], rtol=1e-14)
    assert np.linalg.norm(x, 0) == 1
    np.testing.assert_array_equal(mode.grad(lambda v: np.linalg.norm(v, 0))(x), [0, 0])


# least squares and the pseudo-inverse


def test_lstsq_has_numpy_s_four_results():
    for shape, right in (((5, 3), (5,)), ((5, 3), (5, 2)), ((3, 5), (3, 2)), ((3, 3), (3,))):
        a, b = numbers(*shape), numbers(*right)
        expected = np.linalg.lstsq(a, b)
        found = forward.jvp(lambda m, b=b: np.concatenate(
            [np.ravel(part) for part in np.linalg.lstsq(m, b)]), (a,), (a,))[0]  # fmt: skip
        whole = np.concatenate([np.ravel(part) for part in expected])
        np.testing.assert_allclose(found, whole, rtol=1e-11, atol=1e-12)


def test_lstsq_refuses_a_matrix_of_lesser_rank():
    with pytest.raises(MissingRuleError, match="rank 1"):
        grad(lambda a: np.sum(np.linalg.lstsq(a, np.ones(3))[0]))(np.ones((3, 2)))


def test_lstsq_is_as_accurate_as_qr_and_not_as_the_normal_equations():
    t = np.linspace(0, 1, 30)
    a, b = np.vander(t, 10), np.cos(4 * t)

    def fitted(right):
        return np.sum(np.linalg.lstsq(a, right)[0])

    exact = np.sum(np.linalg.pinv(a), axis=0)
    # cond(a) is 6e6: the normal equations would be off by cond**2 eps = 1e-2.
    np.testing.assert_allclose(grad(fitted)(b), exact, rtol=1e-7, atol=1e-7 * np.max(exact))


def test_pinv_keeps_to_matrices_of_the_same_rank():
    def f(t):
        return np.linalg.pinv(np.outer(np.ones(3), [1.0, 2.0]) * t, rtol=1e-10)

    exact = -np.linalg.pinv(np.outer(np.ones(3), [1.0, 2.0])) / 4
    np.testing.assert_allclose(forward.derivative(f)(2.0), exact, rtol=1e-12)


# kinds, shapes and refusals


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "f",
    [np.linalg.inv, np.linalg.det, lambda a: np.linalg.solve(a, a[0]), np.linalg.cond,
     lambda a: np.linalg.slogdet(a)[1], np.linalg.pinv, lambda a: np.linalg.norm(a, "nuc"),
     lambda a: np.linalg.norm(a, 3, 0), lambda a: np.linalg.lstsq(a, a[0])[0]],
)  # fmt: skip
def test_float32_stays_float32(f, mode):
    a = regular(3, 3).astype(np.float32)
    value, tangent = mode.jvp(f, (a,), (a,))
    assert value.dtype == tangent.dtype == np.float32
    assert mode.grad(lambda x: np.sum(f(x)))(a).dtype == np.float32


def test_integers_lists_and_views():
    np.testing.assert_allclose(grad(np.linalg.det)([[2, 1], [1, 3]]), [[3, -1], [-1, 2]], 1e-14)
    a = regular(4, 4)
    np.testing.assert_array_equal(grad(np.linalg.det)(a[::2, ::-2]),
                                  grad(np.linalg.det)(a[::2, ::-2].copy()))  # fmt: skip


def test_trace_then_call():
    graph = trace(lambda a, b: np.linalg.solve(a, b), (3, 3), (3,))
    a, b = regular(3, 3), numbers(3)
    np.testing.assert_allclose(graph(a=a, b=b), np.linalg.solve(a, b), rtol=1e-13)


def test_matrix_rank_is_a_constant():
    found = grad(lambda a: np.linalg.matrix_rank(a) * np.sum(a))(np.ones((2, 2)))
    np.testing.assert_array_equal(found, np.ones((2, 2)))


@pytest.mark.parametrize(
    ("f", "shape", "error"),
    [
        (np.linalg.inv, (2, 3), ShapeError),
        (np.linalg.det, (3,), ShapeError),
        (lambda a: np.linalg.solve(a, np.ones(4)), (3, 3), ShapeError),
        (lambda a: np.linalg.matrix_power(a, 1.5), (3, 3), ExpressionValueError),
        (lambda a: np.linalg.norm(a, "nuc"), (3,), ExpressionValueError),
        (lambda a: np.linalg.norm(a, 3), (3, 3), ExpressionValueError),
        (lambda a: np.linalg.norm(a, 1), (3, 3, 3), ShapeError),
        (lambda a: np.linalg.cross(a, a), (2,), ShapeError),
        (lambda a: np.linalg.lstsq(a, a), (2, 2, 2), ShapeError),
        (lambda a: np.linalg.multi_dot([a]), (2, 2), ExpressionValueError),
        (lambda a: np.linalg.tensorinv(a, 1), (2, 3), ShapeError),
        (lambda a: np.linalg.outer(a, a), (2, 2), ShapeError),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(f, shape, error):
    with pytest.raises(error) as caught:
        trace(f, shape)
    assert "\n" not in str(caught.value)
    # On numbers NumPy may be the one that refuses.
    with pytest.raises(ValueError, match=r"."):
        jacobian(f)(np.ones(shape))
