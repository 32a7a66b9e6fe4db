"""Cholesky, QR, singular values and eigenvalues, where they have a derivative and where not."""

import numpy as np
import pytest
from smooth_checks import (
    check_first_order,
    check_jacobians,
    check_second_order,
    like,
    numbers,
    slope,
)

from autodiff import forward, grad, hessian, jacobian, reverse
from diffexpr import ExpressionValueError, MissingRuleError, ShapeError, symbol, trace

MODES = [forward, reverse]
KINDS = [float, complex]


def positive(*shape, kind=float, seed=0):
    """Hermitian matrices with eigenvalues well apart."""
    a = numbers(*shape, kind=kind, seed=seed)
    return a @ np.conj(np.swapaxes(a, -1, -2)) + np.diag(np.arange(shape[-1]) + 0.5)


def functions(kind):
    """Those of which LAPACK fixes every phase in the way that the rules do, signs aside."""
    h, b = positive(3, 3, kind=kind), positive(2, 3, 3, kind=kind)
    a, tall, wide = (numbers(*s, kind=kind) for s in ((3, 3), (4, 3), (3, 4)))
    yield "cholesky", np.linalg.cholesky, [h]
    yield "cholesky of a batch", np.linalg.cholesky, [b]
    yield "cholesky, upper", lambda x: np.linalg.cholesky(x, upper=True), [h]
    yield "cholesky of 1x1", np.linalg.cholesky, [h[:1, :1]]
    yield "Q", lambda x: np.linalg.qr(x).Q, [a]
    yield "R", lambda x: np.linalg.qr(x).R, [a]
    yield "Q of a tall one", lambda x: np.linalg.qr(x)[0], [tall]
    yield "R of a tall one", lambda x: np.linalg.qr(x, "r"), [tall]
    yield "Q of a wide one", lambda x: np.linalg.qr(x, mode="complete").Q, [wide]
    yield "R of a wide one", lambda x: np.linalg.qr(x).R, [wide]
    yield "R of a batch", lambda x: np.linalg.qr(x).R, [numbers(2, 4, 3, kind=kind)]
    yield "svdvals", np.linalg.svdvals, [a]
    yield "s of a tall one", lambda x: np.linalg.svd(x, compute_uv=False), [tall]
    yield "s of a wide one", lambda x: np.linalg.svd(x, full_matrices=False).S, [wide]
    yield "s, Hermitian", lambda x: np.linalg.svd(x, hermitian=True).S, [h]
    yield "eigvalsh", np.linalg.eigvalsh, [h]
    yield "eigvalsh, upper", lambda x: np.linalg.eigvalsh(x, "U"), [h]
    yield "eigvalsh of a batch", np.linalg.eigvalsh, [b]
    yield "w of eigh", lambda x: np.linalg.eigh(x).eigenvalues, [h]
    yield "eigvals", np.linalg.eigvals, [a]
    yield "w of eig", lambda x: np.linalg.eig(x)[0], [a]
    yield "V of eig", lambda x: np.linalg.eig(x).eigenvectors ** 2, [a]
    yield "V of eig of a batch", lambda x: np.linalg.eig(x)[1] ** 2, [numbers(2, 3, 3, kind=kind)]


def vectors():
    """Real ones, squared: their signs are open."""
    h, tall = positive(3, 3), numbers(4, 3)
    yield "V of eigh", lambda x: np.linalg.eigh(x)[1] ** 2, [h]
    yield "V of eigh, upper", lambda x: np.linalg.eigh(x, UPLO="U")[1] ** 2, [h]
    yield "V of eigh of a batch", lambda x: np.linalg.eigh(x)[1] ** 2, [positive(2, 3, 3)]
    yield "U", lambda x: np.linalg.svd(x).U ** 2, [numbers(3, 3)]
    yield "Vh", lambda x: np.linalg.svd(x).Vh ** 2, [numbers(3, 3)]
    yield "U of a tall one", lambda x: np.linalg.svd(x, full_matrices=False)[0] ** 2, [tall]
    yield "Vh of a tall one", lambda x: np.linalg.svd(x, full_matrices=False)[2] ** 2, [tall]
    yield "U of a wide one", lambda x: np.linalg.svd(x, False)[0] ** 2, [tall.T]
    yield "Vh of a wide one", lambda x: np.linalg.svd(x, False)[2] ** 2, [tall.T]
    yield "U of a batch", lambda x: np.linalg.svd(x, False)[0] ** 2, [numbers(2, 4, 3)]
    yield "U, Hermitian", lambda x: np.linalg.svd(x, hermitian=True)[0] ** 2, [h]


def weighed(u):
    """Something of complex vectors that no phase changes."""
    return np.abs(u) ** 2 * (1 + np.arange(u.shape[-1]))


def open_phases():
    h, a, tall = positive(3, 3, kind=complex), numbers(3, 3, kind=complex), numbers(
        4, 3, kind=complex)  # fmt: skip
    yield "V of eigh", lambda x: weighed(np.linalg.eigh(x)[1]), [h]
    yield "V of eigh, upper", lambda x: weighed(np.linalg.eigh(x, "U")[1]), [h]
    yield "U", lambda x: weighed(np.linalg.svd(x)[0]), [a]
    yield "Vh", lambda x: weighed(np.linalg.svd(x)[2]), [a]
    yield "U of a tall one", lambda x: weighed(np.linalg.svd(x, False)[0]), [tall]
    yield "Vh of a wide one", lambda x: weighed(np.linalg.svd(x, False)[2]), [tall.T]
    yield "first layers", lambda x: first_layer(*np.linalg.svd(x, False)), [tall]
    yield "Hermitian", lambda x: first_layer(*np.linalg.svd(x, hermitian=True)), [h]


def first_layer(u, s, vh):
    return u[:, :1] * np.sqrt(s[0]) @ vh[:1]


CASES = [pytest.param(f, xs, id=f"{name}-{kind.__name__}")
         for kind in KINDS for name, f, xs in functions(kind)]  # fmt: skip
REAL = [pytest.param(f, xs, id=name) for name, f, xs in [*functions(float), *vectors()]
        if "eig" not in name or "eigh" in name or "eigvalsh" in name]  # fmt: skip
ALL = [
    *CASES,
    *(pytest.param(f, xs, id=name) for name, f, xs in vectors()),
    *(pytest.param(f, xs, id=f"{name}-any phase") for name, f, xs in open_phases()),
]


@pytest.mark.parametrize(("f", "xs"), ALL)
def test_first_order(f, xs):
    check_first_order(f, *xs)


@pytest.mark.parametrize(("f", "xs"), ALL)
def test_second_order(f, xs):
    check_second_order(f, *xs)


@pytest.mark.parametrize(("f", "xs"), REAL)
def test_jacobians(f, xs):
    check_jacobians(f, *xs)


@pytest.mark.parametrize(("f", "xs"), REAL)
def test_expressions_have_numpy_s_values_and_the_same_gradients(f, xs):
    (x,) = xs
    graph = f(symbol("a", x.shape))
    assert graph.shape == np.shape(f(x))
    np.testing.assert_allclose(graph(a=x), f(x), rtol=1e-12, atol=1e-12)
    expected = grad(lambda v: np.sum(np.sin(f(v))))(x)
    for mode in MODES:
        found = mode.grad(np.sum(np.sin(graph)), "a")(a=x)
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-10)


# what a decomposition is


@pytest.mark.parametrize("kind", KINDS)
def test_the_parts_of_the_tangent_put_together_are_the_tangent(kind):
    h, a = positive(3, 3, kind=kind), numbers(4, 3, kind=kind)
    t = like(h, 1) + np.conj(like(h, 1)).T

    def rebuilt(x):
        w, v = np.linalg.eigh(x)
        return v @ (w[:, None] * np.conj(v).T)

    np.testing.assert_allclose(forward.jvp(rebuilt, (h,), (t,))[1], t, atol=1e-12)

    def again(x):
        u, s, vh = np.linalg.svd(x, full_matrices=False)
        return u @ (s[:, None] * vh)

    np.testing.assert_allclose(forward.jvp(again, (a,), (like(a, 2),))[1], like(a, 2), atol=1e-12)
    _, back = reverse.vjp(again, a)
    np.testing.assert_allclose(back(like(a, 3))[0], like(a, 3), atol=1e-12)


def test_the_phases_that_are_held():
    h, a = positive(3, 3, kind=complex), numbers(3, 3, kind=complex)
    v, dv = forward.jvp(lambda x: np.linalg.eigh(x)[1], (h,), (like(h, 1),))
    np.testing.assert_allclose(np.diag(np.conj(v).T @ dv), 0, atol=1e-13)
    vh, dvh = forward.jvp(lambda x: np.linalg.svd(x)[2], (a,), (like(a, 1),))
    np.testing.assert_allclose(np.diag(dvh @ np.conj(vh).T), 0, atol=1e-13)
    r, dr = forward.jvp(lambda x: np.linalg.qr(x)[1], (a,), (like(a, 1),))
    np.testing.assert_allclose(np.imag(np.diag(r)), 0, atol=1e-14)
    np.testing.assert_allclose(np.imag(np.diag(dr)), 0, atol=1e-14)


def test_one_triangle_is_read():
    h = positive(3, 3)
    upper = np.triu_indices(3, 1)
    for f in (np.linalg.cholesky, np.linalg.eigvalsh, lambda x: np.linalg.eigh(x)[1]):
        assert not np.any(jacobian(f)(h)[..., upper[0], upper[1]])
    for f in (lambda x: np.linalg.cholesky(x, upper=True), lambda x: np.linalg.eigvalsh(x, "U")):
        assert not np.any(jacobian(f)(h)[..., upper[1], upper[0]])


def test_eigenvalues_of_a_real_matrix_are_as_real_as_numpy_s():
    real, turning = np.array([[2.0, 1.0], [0.5, 3.0]]), np.array([[1.0, -2.0], [2.0, 1.0]])
    w = np.linalg.eigvals(real)
    found = grad(lambda x: np.sum(np.linalg.eigvals(x) ** 2))(real)
    np.testing.assert_allclose(found, 2 * real.T, rtol=1e-13)
    assert forward.jvp(np.linalg.eigvals, (real,), (real,))[0].dtype == w.dtype == float
    assert forward.jvp(np.linalg.eigvals, (turning,), (turning,))[0].dtype == complex


def test_named_results():
    seen = {}

    def f(x):
        seen.update(eigh=np.linalg.eigh(x), svd=np.linalg.svd(x), qr=np.linalg.qr(x),
                    eig=np.linalg.eig(x), slogdet=np.linalg.slogdet(x))  # fmt: skip
        return np.sum(x)

    grad(f)(positive(3, 3))
    for name, result in seen.items():
        plain = getattr(np.linalg, name)(positive(3, 3))
        assert type(result) is type(plain)
        assert [np.shape(part) for part in result] == [np.shape(part) for part in plain]


# degenerate matrices


@pytest.mark.parametrize("mode", MODES)
def test_eigenvalues_alone_are_right_where_they_coincide(mode):
    for x in (np.eye(3), np.diag([2.0, 2.0, 5.0]), np.zeros((3, 3))):
        for f in (np.linalg.eigvalsh, lambda a: np.linalg.eigh(a)[0]):
            found = mode.grad(lambda a, f=f: np.sum(f(a) ** 2))(x)
            np.testing.assert_allclose(found, 2 * x, atol=1e-14)
        found = mode.grad(lambda a: np.sum(np.linalg.svd(a)[1] ** 2))(x)
        np.testing.assert_allclose(found, 2 * x, atol=1e-14)
        found = mode.grad(lambda a: np.sum(np.linalg.eigvals(a) ** 2))(x)
        np.testing.assert_allclose(found, 2 * x, atol=1e-14)


def test_vectors_of_a_repeated_eigenvalue_have_no_derivative():
    turn = np.linalg.qr(numbers(3, 3))[0]
    hidden = turn @ np.diag([1.0, 1.0, 4.0]) @ turn.T  # equal to rounding only
    for x in (np.eye(3), hidden):
        with pytest.raises(ExpressionValueError, match="eigenvalues coincide"):
            reverse.grad(lambda a: np.sum(np.linalg.eigh(a)[1][0]))(x)
        with pytest.raises(ExpressionValueError, match="singular values coincide"):
            reverse.grad(lambda a: np.sum(np.linalg.svd(a)[0][0]))(x)
        assert np.isnan(forward.grad(lambda a: np.sum(np.linalg.eigh(a)[1][0]))(x)).any()
    # The vector of the eigenvalue that stands alone has one.
    check_first_order(lambda a: np.abs(np.linalg.eigh(a)[1][:, 2]), hidden)


def test_a_defective_matrix_is_refused():
    jordan = np.array([[1.0, 1.0], [0.0, 1.0]])
    for mode in MODES:
        with pytest.raises(ExpressionValueError, match="defective"):
            mode.grad(lambda a: np.linalg.eigvals(a)[0])(jordan)


def test_zero_singular_values():
    x = np.outer([1.0, 2.0, 2.0], [3.0, 4.0])
    # At 0 a singular value has a kink; the others are smooth, and so are their vectors.
    check_first_order(lambda a: np.linalg.svd(a, False)[1][0], x)
    found = grad(lambda a: np.abs(np.linalg.svd(a, False)[2][0, 1]))(x)
    expected = slope(lambda a: np.abs(np.linalg.svd(a, False)[2][0, 1]), [x], [like(x, 1)], 1e-3)
    assert np.sum(found * like(x, 1)) == pytest.approx(expected, rel=1e-7)
    with pytest.raises(ExpressionValueError, match="singular value is 0"):
        reverse.grad(lambda a: np.sum(np.linalg.svd(a, False)[0][:, 1]))(x)


def test_curvature_of_eigenvalues_near_each_other_and_at_each_other():
    a = np.diag([1.0, 1.0 + 1e-3])
    bent = hessian(lambda x: np.linalg.eigvalsh(x)[1])(a)
    # d2w/dx21 = 2/(w1 - w0), of the entry that stands for both.
    assert bent[1, 0, 1, 0] == pytest.approx(2e3, rel=1e-9)
    with pytest.raises(ExpressionValueError, match="coincide"):
        reverse.hessian(lambda x: np.linalg.eigvalsh(x)[1])(np.eye(2))


def test_empty_matrices():
    none = np.zeros((0, 0))
    for f in (np.linalg.cholesky, np.linalg.eigvalsh, np.linalg.svdvals, np.linalg.eigvals,
              lambda x: np.linalg.eigh(x)[1], lambda x: np.linalg.qr(x)[0],
              lambda x: np.linalg.svd(x)[0], lambda x: np.linalg.eig(x)[1]):  # fmt: skip
        for mode in MODES:
            assert mode.jacobian(f)(none).shape == (*np.shape(f(none)), 0, 0)
    assert jacobian(np.linalg.svdvals)(np.zeros((3, 0))).shape == (0, 3, 0)


# kinds and refusals


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("f", "kind"),
    [(np.linalg.cholesky, "f"), (lambda x: np.linalg.qr(x)[1], "f"), (np.linalg.svdvals, "f"),
     (lambda x: np.linalg.eigh(x)[1], "f"), (np.linalg.eigvalsh, "f"),
     (lambda x: np.linalg.svd(x)[0], "f"),
     (lambda x: np.linalg.eigvals(x + 2j * np.eye(3, dtype=np.complex64)), "F")],
)  # fmt: skip
def test_single_precision_stays(f, kind, mode):
    x = positive(3, 3).astype(np.float32)
    value, tangent = mode.jvp(f, (x,), (x,))
    assert value.dtype.char == tangent.dtype.char == kind
    assert mode.grad(lambda a: np.sum(np.abs(f(a))))(x).dtype == np.float32


@pytest.mark.parametrize(
    ("f", "shape", "error"),
    [
        (lambda x: np.linalg.qr(x, "complete"), (4, 3), MissingRuleError),
        (lambda x: np.linalg.qr(x, "raw"), (3, 3), ExpressionValueError),
        (np.linalg.svd, (4, 3), MissingRuleError),
        (lambda x: np.linalg.eigh(x, "X"), (3, 3), ExpressionValueError),
        (np.linalg.eigh, (2, 3), ShapeError),
        (np.linalg.cholesky, (2, 3), ShapeError),
        (np.linalg.svdvals, (3,), ShapeError),
    ],
)
def test_what_has_no_derivative_is_refused_in_one_line(f, shape, error):
    with pytest.raises(error) as caught:
        trace(lambda x: f(x)[0], shape)
    assert "\n" not in str(caught.value)


def test_a_matrix_that_is_not_positive_has_numpy_s_error():
    with pytest.raises(np.linalg.LinAlgError, match="positive definite"):
        grad(lambda x: np.sum(np.linalg.cholesky(x)))(-np.eye(2))
