"""Patterns found from functions: never too small, and no larger than the operations make them."""

import numpy as np
import pytest

from autodiff import hessian
from autodiff.sparse.dependence import Dependence
from autodiff.sparse.index_sets import singletons
from autodiff.sparse.propagation import passed
from autodiff.sparse.sparsity import hessian_pattern, jacobian_pattern, wherever
from diffexpr import logsumexp, softmax
from diffexpr.apply import apply
from diffexpr.errors import ExpressionTypeError, ShapeError


def found(f, x):
    """The pattern as a matrix of truth values."""
    with np.errstate(all="ignore"):
        return jacobian_pattern(lambda v: [f(v)], x).toarray()


def curved(f, x):
    with np.errstate(all="ignore"):
        return hessian_pattern(lambda v: [f(v)], x).toarray()


def followers(f, x):
    """Which results change in any bit when one entry of the variable moves: values alone decide."""
    base = np.ravel(f(x))
    moved = np.zeros((base.size, x.size), bool)
    for j in range(x.size):
        for step in (1e-3, -0.37):
            there = x.copy()
            there.flat[j] += step
            moved[:, j] |= np.ravel(f(there)) != base
    return moved


X = np.linspace(0.5, 1.7, 6)
M = np.linspace(0.5, 1.7, 6).reshape(2, 3)
EYE = np.eye(6, dtype=bool)
ROWS = np.kron(np.eye(2), np.ones((3, 3))) != 0
COLUMNS = np.kron(np.ones((2, 2)), np.eye(3)) != 0

EXACT = {
    "elementwise": (lambda x: np.sin(x) * x + 2, X, EYE),
    "a constant": (lambda x: np.ones(2), X, np.zeros((2, 6))),
    "no derivative anywhere": (lambda x: np.floor(x) + np.sign(x), X, np.zeros((6, 6))),
    "a condition gives none": (lambda x: np.where(x[::-1] > 1, x, 0), X, EYE),
    "both branches": (lambda x: np.where(x > 1, x, x[::-1]), X, EYE | EYE[::-1]),
    "either": (lambda x: np.maximum(x, x[::-1]), X, EYE | EYE[::-1]),
    "times zero": (lambda x: x * np.zeros(6), X, EYE),
    "neighbours": (lambda x: x[1:] - x[:-1], X, EYE[1:] | EYE[:-1]),
    "outer": (
        lambda x: x[:, None] * x,
        X[:3],
        [[i in (k, j) for i in range(3)] for k in range(3) for j in range(3)],
    ),
    "broadcast": (lambda x: x[:2, None] + x[2:5], X, np.hstack(
        [np.kron(np.eye(2), np.ones((3, 1))), np.kron(np.ones((2, 1)), np.eye(3)), np.zeros((6, 1))]
    )),
    "sum": (lambda x: np.sum(x[:4]), X, [[1, 1, 1, 1, 0, 0]]),
    "sum over rows": (lambda m: m.sum(axis=1), M, ROWS[[0, 3]]),
    "sum over columns, kept": (lambda m: m.sum(axis=0, keepdims=True), M, COLUMNS[:3]),
    "largest of rows": (lambda m: m.max(axis=1), M, ROWS[[0, 3]]),
    "logsumexp of columns": (lambda m: logsumexp(m, axis=0), M, COLUMNS[:3]),
    "softmax of rows": (lambda m: softmax(m), M, ROWS),
    "centred columns": (lambda m: m - m.mean(axis=0), M, COLUMNS),
    "cumsum": (lambda x: np.cumsum(x), X, np.tri(6)),
    "cumsum along an axis": (lambda m: np.cumsum(m, axis=0), M, np.kron(np.tri(2), np.eye(3))),
    "transpose": (lambda m: m.T, M, EYE[[0, 3, 1, 4, 2, 5]]),
    "reshape": (lambda m: m.reshape(3, 2) ** 2, M, EYE),
    "integer indices": (lambda x: x[[0, 0, 5]] ** 2, X, EYE[[0, 0, 5]]),
    "concatenate": (
        lambda x: np.concatenate([x[:2] * x[1:3], np.ones(2), x[4:]]),
        X,
        [*(EYE[:2] | EYE[1:3]), *np.zeros((2, 6)), *EYE[4:]],
    ),
    "stack": (lambda x: np.stack([x[0] * x[1], x[1] * x[2], 1.0, x[3]]), X,
              [EYE[0] | EYE[1], EYE[1] | EYE[2], 0 * EYE[0], EYE[3]]),
    "a list": (lambda x: apply("stack", (x[0], x[5] * x[0]), (0,)), X, [EYE[0], EYE[0] | EYE[5]]),
    "diag of a vector": (lambda x: np.diag(x[:2]), X, [EYE[0], 0 * EYE[0], 0 * EYE[0], EYE[1]]),
    "diag of a matrix": (lambda m: np.diag(m), M, EYE[[0, 4]]),
    "matrix times vector": (lambda x: np.ones((2, 6)) @ x, X, np.ones((2, 6))),
    "matrix times matrix": (lambda m: m @ np.ones((3, 2)), M, ROWS[[0, 0, 3, 3]]),
    "matrix from the left": (lambda m: np.ones((2, 2)) @ m, M, COLUMNS),
    "both sides": (lambda m: m @ m.T, M, [ROWS[0], 1 + ROWS[0], 1 + ROWS[0], ROWS[5]]),
    "inner": (lambda x: x[:3] @ x[3:], X, np.ones((1, 6))),
    "einsum": (lambda m: np.einsum("ij,ij->i", m, m), M, ROWS[[0, 3]]),
    "einsum in another order": (
        lambda m: np.einsum("ij,k->kji", m, np.ones(1)), M, EYE[[0, 3, 1, 4, 2, 5]]
    ),
    "einsum of a diagonal": (lambda m: np.einsum("ii->i", m[:, :2]), M, EYE[[0, 4]]),
    "a batch of products": (
        lambda m: (m[:, None, :] @ np.ones((2, 3, 1))).ravel(), M, ROWS[[0, 3]]
    ),
    "inverse of a batch": (lambda m: np.linalg.inv(m.reshape(2, 1, 1)), M[:, 0], EYE[:2, :2]),
    "determinants of a batch": (lambda x: np.linalg.det(x.reshape(2, 2, 2)), np.arange(8.0),
                                np.kron(np.eye(2), np.ones((1, 4)))),
    "solve, right-hand sides": (lambda m: np.linalg.solve(np.eye(2), m), M, COLUMNS),
    "solve, matrices": (
        lambda x: np.linalg.solve(np.eye(2) + x.reshape(2, 1, 1), np.ones((2, 2, 1))), M[:, 0],
        [[1, 0], [1, 0], [0, 1], [0, 1]]),
    "eigenvalues of a batch": (
        lambda x: np.linalg.eigvalsh(x[:, None, None] * np.diag([1.0, 2.0])), X[:2],
        [[1, 0], [1, 0], [0, 1], [0, 1]]),
    "transforms of rows": (lambda m: np.real(np.fft.fft(m)), M, ROWS),
    "parts of complex numbers": (lambda x: np.real(x) * np.imag(x), X + 1j, EYE),
}  # fmt: skip


@pytest.mark.parametrize("name", EXACT)
def test_the_pattern_of_each_operation(name):
    f, x, wanted = EXACT[name]
    np.testing.assert_array_equal(found(f, x), np.asarray(wanted) != 0)


def test_scattering_adds_up():
    # The gradient of x[i]*x[i + 1] adds each entry in twice: once from either side.
    index = np.array([0, 1, 1, 4])
    double = hessian_pattern(lambda x: [np.sum(x[index] ** 2 * x[index + 1])], X).toarray()
    wanted = np.zeros((6, 6), bool)
    wanted[index, index] = wanted[index, index + 1] = wanted[index + 1, index] = True
    np.testing.assert_array_equal(double, wanted)


UNARY = [
    np.sin, np.exp, np.tanh, np.square, lambda a: 1 / (2 + a * a), lambda a: a - a.mean(),
    lambda a: a.reshape(-1), lambda a: a.T, lambda a: a[..., ::-1], lambda a: np.cumsum(a, axis=-1),
    lambda a: softmax(a), lambda a: a.sum(axis=0), lambda a: a.max(axis=-1, keepdims=True),
    lambda a: a[..., :2], lambda a: a[..., [0, 0, -1]], lambda a: np.stack([a, 2 * a], axis=-1),
    lambda a: np.concatenate([a, np.sin(a)], axis=-1), lambda a: np.where(a > 0.5, a, a * a),
    lambda a: np.broadcast_to(a, (2, *a.shape)), lambda a: a @ np.ones((a.shape[-1], 2)),
    lambda a: np.sum(a * a, axis=-1),
    lambda a: np.prod(a, axis=-1, keepdims=True),
]  # fmt: skip
BINARY = [np.add, np.multiply, np.subtract, np.maximum, np.hypot, np.arctan2]


def program(seed):
    """A random program: steps on a list of arrays, whose shapes alone decide what comes next."""

    def run(x):
        rng = np.random.default_rng(seed)
        values = [x]
        for _ in range(10):
            a = values[rng.integers(len(values))]
            if rng.random() < 0.6:
                step = UNARY[rng.integers(len(UNARY))]
                if a.shape and np.prod(a.shape) < 100:
                    values.append(step(a))
            else:
                b = values[rng.integers(len(values))]
                operation = BINARY[rng.integers(len(BINARY))]
                try:
                    np.broadcast_shapes(a.shape, b.shape)
                except ValueError:
                    continue
                values.append(operation(a, b))
        return np.concatenate([np.reshape(v, (-1,)) for v in values[-3:]])

    return run


@pytest.mark.parametrize("seed", range(60))
def test_no_dependence_is_missed(seed):
    f = program(seed)
    x = np.random.default_rng(seed).normal(size=(2, 3) if seed % 2 else 5)
    with np.errstate(all="ignore"):
        seen = followers(f, x)
    marked = found(f, x)
    assert (marked | ~seen).all()
    # And at a point where much is zero, where values alone would see less.
    np.testing.assert_array_equal(found(f, np.zeros_like(x)), marked)


@pytest.mark.parametrize("seed", range(20))
def test_no_curvature_is_missed(seed):
    f = program(seed)
    x = np.random.default_rng(seed).normal(size=4)
    scalar = lambda v: np.sum(f(v) ** 2)  # noqa: E731
    marked = curved(scalar, x)
    np.testing.assert_array_equal(marked, marked.T)
    assert (marked | (hessian(scalar)(x) == 0)).all()


class TestCurvature:
    def test_linear_parts_leave_nothing(self):
        assert not curved(lambda x: 3 * np.sum(x) + x @ np.arange(6.0), X).any()

    def test_separable_functions_are_diagonal(self):
        np.testing.assert_array_equal(curved(lambda x: np.sum(np.exp(x) * x), X), EYE)

    def test_chains_are_bands(self):
        band = np.abs(np.subtract.outer(range(6), range(6))) <= 1
        rosenbrock = lambda x: np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)  # noqa: E731
        np.testing.assert_array_equal(curved(rosenbrock, X), band)
        product = curved(lambda x: np.sum(x[1:] * x[:-1]), X)
        np.testing.assert_array_equal(product, band & ~EYE)

    def test_a_square_of_a_sum_is_full(self):
        assert curved(lambda x: np.sum(x) ** 2, X).all()

    def test_only_scalars(self):
        with pytest.raises(ShapeError, match="hessian needs a scalar"):
            curved(lambda x: x, X)


class TestBranches:
    def f(self, x):
        return [x * x[::-1] if x[0] > 1 else x]

    def test_they_fall_as_at_the_point(self):
        np.testing.assert_array_equal(jacobian_pattern(self.f, X).toarray(), EYE)
        np.testing.assert_array_equal(jacobian_pattern(self.f, X + 1).toarray(), EYE | EYE[::-1])

    def test_a_pattern_says_where_it_holds(self):
        local = wherever(jacobian_pattern, self.f, X)
        np.testing.assert_array_equal(local.toarray(), EYE)
        assert not local.everywhere
        assert "near one point" in repr(local)
        everywhere = wherever(jacobian_pattern, lambda x: [np.where(x > 9, x[::-1], x)], X)
        np.testing.assert_array_equal(everywhere.toarray(), EYE | EYE[::-1])
        assert everywhere.everywhere
        assert "at every point" in repr(everywhere)

    def test_of_a_hessian_too(self):
        smooth = wherever(hessian_pattern, lambda x: [np.sum(np.where(x > 9, x**2, x**3))], X)
        np.testing.assert_array_equal(smooth.toarray(), EYE)
        assert smooth.everywhere
        local = wherever(hessian_pattern, lambda x: [x[0] if x[0] < 1 else x[1] ** 2], X)
        assert not local.everywhere
        assert not len(local.rows)

    def test_an_error_of_the_function_is_its_own(self):
        def broken(x):
            raise ExpressionTypeError("no such thing")

        with pytest.raises(ExpressionTypeError, match="no such thing"):
            wherever(jacobian_pattern, broken, X)


class TestKinds:
    @pytest.mark.parametrize("x", [0.5, np.float32(2), 1 + 2j])
    def test_scalars(self, x):
        assert found(np.sin, np.asarray(x)[()]).tolist() == [[True]]
        assert found(lambda v: np.stack([v, 1.0]), np.asarray(x)[()]).tolist() == [[True], [False]]

    def test_empty(self):
        assert found(np.sin, np.zeros(0)).shape == (0, 0)
        assert found(lambda x: np.sum(x) * np.ones(3), np.zeros(0)).shape == (3, 0)
        assert found(lambda x: x[:0], X).shape == (0, 6)

    def test_not_contiguous(self):
        np.testing.assert_array_equal(found(lambda m: m * m.T, np.ones((3, 3)).T[::-1]),
                                      found(lambda m: m * m.T, np.ones((3, 3))))  # fmt: skip

    def test_a_loop_over_scalars(self):
        def f(x):
            parts = [x[0]]
            for i in range(1, 6):
                parts.append(np.sin(x[i]) * parts[-1] if i % 3 else x[i])
            return apply("stack", tuple(parts), (0,))

        np.testing.assert_array_equal(found(f, X), np.kron(np.eye(2), np.tri(3)) != 0)

    def test_operators_in_place(self):
        def f(x):
            y = z = 2 * x
            y += x[::-1]
            return z

        np.testing.assert_array_equal(found(f, X), EYE | EYE[::-1])

        def part(x):
            y = (2 * x)[1:]
            y *= x[:-1]
            return y

        with pytest.raises(ExpressionTypeError, match="a part"):
            found(part, X)

    def test_an_operation_it_does_not_know_mixes_everything(self):
        labels = np.array([1, 2, 0])
        given = Dependence(singletons(4), labels)
        mixed = passed("no such operation", [given, None], [(3,), ()], (), (2, 2))
        table, out = mixed
        assert out.shape == (2, 2)
        assert len(np.unique(out)) == 1
        start, stop = table.starts[out[0, 0] : out[0, 0] + 2]
        assert table.members[start:stop].tolist() == [0, 1]

    def test_large_full_rows_share_one_set(self):
        x = np.ones(5000)
        boxes = []
        jacobian_pattern(lambda v: [boxes.append(v / np.sum(v)) or v], x)
        assert len(boxes[0].sets.table.members) <= 2 * x.size
