"""Sparse Jacobians by colouring: the dense answer, with few sweeps."""

import itertools
import sys

import numpy as np
import pytest
import scipy.sparse as sp
from sparse_problems import MODULES, arrow, chain, flat, grid, jacobian

import autodiff
from autodiff import best, forward, pull, push, reverse
from autodiff.sparse import compressed
from autodiff.sparse.coloring import column_colors, neighbours, smallest_last
from autodiff.sparse.patterns import Pattern
from autodiff.sparse.recovery import jacobian_plan
from autodiff.sparse.sparsity import jacobian_sparsity
from diffexpr import Expr, symbol
from diffexpr.errors import ExpressionTypeError, ExpressionValueError, ShapeError

X = np.linspace(0.3, 1.4, 9)

FUNCTIONS = {
    "chain": (chain, X),
    "arrow": (arrow, X),
    "grid": (grid, X),
    "wide": (lambda x: x[:4] * x[4:8] + x[8], X),
    "tall": (lambda x: np.concatenate([x, x**2, np.sin(x) * x[::-1]]), X),
    "full": (lambda x: x / np.linalg.norm(x), X),
    "scalar result": (lambda x: np.sum(x[:3] ** 2), X),
    "constant": (lambda x: np.ones(4), X),
    "matrices": (lambda m: m.T @ np.ones((3, 2)) * m.T[:, :1], X.reshape(3, 3)),
    "scalar variable": (lambda x: np.stack([x, x**2, 1.0]), np.float64(0.7)),
    "scalars": (np.sin, np.float64(0.7)),
    "no variable": (lambda x: np.sum(x) * np.ones(2), np.zeros(0)),
    "no result": (lambda x: x[:0], X),
    "single precision": (chain, X.astype(np.float32)),
    "not contiguous": (chain, np.repeat(X, 2)[::-2]),
    "holomorphic": (chain, X * (1 + 0.5j)),
    "real of complex": (lambda z: np.real(z * z) + np.abs(z), X * (1 + 0.5j)),
    "complex of real": (lambda x: chain(x) * np.conj(np.exp(1j * x)), X),
    "infinite slopes": (lambda x: np.sqrt(x[1:]) * x[:-1], np.array([1.0, 0.0, 2.0, 0.0])),
    "a branch": (lambda x: x[1:] * x[:-1] if x[0] > 0 else x[1:], X),
}


@pytest.mark.parametrize("module", MODULES, ids=lambda m: m.__name__)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_as_the_dense_answer(name, module):
    f, x = FUNCTIONS[name]
    wanted = flat(module.jacobian(f)(x), x)
    found = jacobian(f, module=module)(x)
    assert isinstance(found, sp.csr_array)
    assert found.has_canonical_format
    assert found.dtype == wanted.dtype
    # Every entry is the one product of the same numbers; but sums over a colour are longer than
    # those of unit vectors, and BLAS may add them up in another order.
    np.testing.assert_allclose(found.toarray(), wanted, rtol=8 * np.finfo(wanted.dtype).eps)
    again = jacobian(f, found.toarray() != 0, module)(x)
    np.testing.assert_array_equal(again.toarray(), found.toarray())


def test_bitwise_where_the_arithmetic_is_the_same():
    x = np.random.default_rng(0).normal(size=200)
    for module in (forward, best):
        found = jacobian(chain, module=module)(x).toarray()
        np.testing.assert_array_equal(found, module.jacobian(chain)(x))


@pytest.mark.parametrize("seed", range(20))
def test_random_sparse_functions(seed):
    rng = np.random.default_rng(seed)
    m, n = rng.integers(1, 12, size=2)
    marked = rng.random((m, n)) < rng.random()
    rows, columns = np.nonzero(marked)
    weights = rng.normal(size=len(rows))
    f = lambda x: np.sum(marked * np.sin(np.outer(np.arange(m), x)), axis=1)  # noqa: E731
    x = rng.normal(size=n)
    # d/dx_j sin(i x_j) = i cos(i x_j), by hand.
    truth = marked * np.arange(m)[:, None] * np.cos(np.outer(np.arange(m), x))
    for module in MODULES:
        for form in (
            marked,
            sp.coo_array((weights, (rows, columns)), marked.shape),
            (rows, columns),
        ):
            found = jacobian(f, form, module)(x)
            np.testing.assert_allclose(found.toarray(), truth, rtol=1e-14, atol=1e-15)
            assert found.nnz == len(rows)


class TestSweeps:
    def counted(self, monkeypatch):
        counts = {"push": 0, "pull": 0}
        pushed, pulled = push.push, pull.pull

        def push_one(call, xs, tangents, lead=0):
            counts["push"] += len(tangents[0]) if lead else 1
            return pushed(call, xs, tangents, lead)

        def pull_one(tape, seeds, lead=0, *args, **options):
            counts["pull"] += len(seeds[0][1]) if lead else 1
            return pulled(tape, seeds, lead, *args, **options)

        monkeypatch.setattr(push, "push", push_one)
        monkeypatch.setattr(pull, "pull", pull_one)
        return counts

    @pytest.mark.parametrize(
        ("f", "wanted"),
        [
            (chain, {"push": 3, "pull": 0}),
            # The full row is pulled; the rest is the full column and the diagonal.
            (arrow, {"push": 2, "pull": 1}),
            (lambda x: np.reshape(np.sum(x**2), (1,)), {"push": 0, "pull": 1}),
            (lambda x: x[0] * np.ones(5) * x[1:6], {"push": 2, "pull": 0}),
            (lambda x: np.ones(3), {"push": 0, "pull": 0}),
        ],
    )
    def test_no_more_than_are_needed(self, f, wanted, monkeypatch):
        counts = self.counted(monkeypatch)
        jacobian(f)(np.linspace(1, 2, 100))
        assert counts == wanted

    def test_each_mode_keeps_to_itself(self, monkeypatch):
        counts = self.counted(monkeypatch)
        jacobian(chain, module=reverse)(X)
        assert counts == {"push": 0, "pull": 3}
        jacobian(arrow, module=forward)(X)
        assert counts == {"push": 9, "pull": 3}

    def test_a_pattern_is_coloured_once(self, monkeypatch):
        planned = []
        monkeypatch.setattr(
            compressed, "jacobian_plan", lambda *args: planned.append(1) or jacobian_plan(*args)
        )
        slopes = jacobian(chain, jacobian(chain)(X))
        for x in (X, X + 1, X + 2):
            np.testing.assert_array_equal(slopes(x).toarray(), autodiff.jacobian(chain)(x))
        assert len(planned) == 1 + 1
        # One that is detected anew, only where it has become another.
        branching = jacobian(lambda x: x * x[::-1] if x[0] < 1 else x * np.roll(x, 1))
        for k, x in enumerate((X, X + 0.1, X + 2, X)):
            found = branching(x)
            assert len(planned) == 2 + (1, 1, 2, 3)[k]
            assert found.nnz == (17 if x[0] < 1 else 18)

    @pytest.mark.parametrize("module", MODULES, ids=lambda m: m.__name__)
    def test_many_sweeps_run_in_chunks(self, module, monkeypatch):
        monkeypatch.setattr(push, "COLUMNS", 4)
        monkeypatch.setattr(pull, "ROWS", 4)
        f = lambda x: x / (1 + np.sum(x))  # noqa: E731
        found = jacobian(f, module=module)(X).toarray()
        np.testing.assert_allclose(found, module.jacobian(f)(X), rtol=1e-15)


class TestColours:
    def check(self, marked):
        marked = np.asarray(marked, bool)
        colors = column_colors(*np.nonzero(marked), marked.shape[1])
        np.testing.assert_array_equal(colors >= 0, marked.any(axis=0))
        for color in range(colors.max(initial=-1) + 1):
            assert marked[:, colors == color].sum(axis=1).max() == 1
        return int(colors.max(initial=-1)) + 1

    @pytest.mark.parametrize("seed", range(40))
    def test_columns_of_a_colour_share_no_row(self, seed):
        rng = np.random.default_rng(seed)
        self.check(rng.random(rng.integers(0, 15, size=2)) < rng.random())

    @pytest.mark.parametrize("halfwidth", [0, 1, 3])
    def test_bands_need_their_width(self, halfwidth):
        band = np.abs(np.subtract.outer(range(30), range(30))) <= halfwidth
        assert self.check(band) == 2 * halfwidth + 1
        shuffled = np.random.default_rng(0).permutation(30)
        assert self.check(band[shuffled][:, shuffled]) == 2 * halfwidth + 1

    def test_distant_bands(self):
        apart = np.abs(np.subtract.outer(range(60), range(60)))
        assert self.check((apart <= 1) | (apart == 8)) <= 6

    def test_full_rows(self):
        marked = np.eye(70, dtype=bool)
        marked[3] = True
        assert self.check(marked) == 70
        marked[3, 1:20] = False
        assert self.check(marked) <= 70

    def test_smallest_last(self):
        # A path of three with a triangle at its end: the ends of the path go last.
        rows, columns = np.nonzero(np.array([[1, 1, 0, 0], [0, 1, 1, 1]]))
        graph = neighbours(rows, columns, 4)
        assert graph == [[0, 1], [0, 1, 2, 3], [1, 2, 3], [1, 2, 3]]
        assert smallest_last(graph)[-1] == 0

    @pytest.mark.parametrize(("columns", "rows", "sweeps"), [(1, 1, 3), (1, 0, 9), (0, 1, 9)])
    def test_full_lines_are_set_apart_where_both_ways_are_open(self, columns, rows, sweeps):
        marked = np.eye(9, dtype=bool)
        marked[4] = marked[:, 4] = True
        plan = jacobian_plan(Pattern(*np.nonzero(marked), (9, 9)), bool(columns), bool(rows))
        assert plan.sweeps == sweeps

    def test_the_way_that_looks_longer_may_be_shorter(self):
        # A row for every pair of four columns: pushing takes all four although no row has more
        # than two entries, and pulling three, for the pairs make three matchings.
        pairs = [[i in pair for i in range(4)] for pair in itertools.combinations(range(4), 2)]
        pattern = Pattern(*np.nonzero(pairs), (6, 4))
        assert jacobian_plan(pattern, True, False).sweeps == 4
        assert jacobian_plan(pattern, True, True).sweeps == 3


class TestUse:
    def test_without_scipy_the_matrix_is_dense(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "scipy.sparse", None)
        monkeypatch.setitem(sys.modules, "scipy", None)
        found = jacobian(chain)(X)
        assert type(found) is np.ndarray
        np.testing.assert_array_equal(found, autodiff.jacobian(chain)(X))

    def test_of_another_argument_and_with_options(self):
        def f(a, x, power=1):
            return a * x[1:] ** power

        found = jacobian(f, wrt="x")(3.0, X, power=2)
        np.testing.assert_array_equal(found.toarray(), 6 * np.eye(9)[1:] * X)
        np.testing.assert_array_equal(jacobian(f, wrt=1)(3.0, x=X).toarray(), 3 * np.eye(9)[1:])

    def test_of_an_expression(self):
        x = symbol("x", (4,))
        found = jacobian(x[1:] * x[:-1])
        assert isinstance(found, Expr)
        wanted = [[2.0, 1, 0, 0], [0, 3, 2, 0], [0, 0, 4, 3]]
        np.testing.assert_array_equal(found(x=np.arange(1.0, 5)), wanted)

    @pytest.mark.parametrize("module", MODULES, ids=lambda m: m.__name__)
    def test_it_can_be_differentiated_again(self, module):
        inner = jacobian(lambda x: x**3, module=module)
        outer = autodiff.grad(lambda x: np.sum(inner(x)))(X)
        np.testing.assert_allclose(outer, 6 * X, rtol=1e-15)

    def test_inputs_and_patterns_stay_as_they_are(self):
        x, pattern = X.copy(), np.eye(9)
        f = jacobian(np.sin, pattern)
        f(x)[0, 0] = 7
        pattern[:] = 1
        assert f(x).nnz == 9
        found = f(x)
        found.indices[:] = 0
        np.testing.assert_array_equal(f(x).toarray(), np.diag(np.cos(X)))
        np.testing.assert_array_equal(x, X)

    def test_more_than_is_needed_may_be_marked(self):
        found = jacobian(np.sin, np.ones((9, 9)))(X)
        assert found.nnz == 81
        np.testing.assert_array_equal(found.toarray(), np.diag(np.cos(X)))

    def test_a_pattern_found_once_serves_elsewhere(self):
        pattern = jacobian_sparsity(chain)(X)
        assert pattern.everywhere
        found = jacobian(chain, pattern)(X + 1)
        np.testing.assert_array_equal(found.toarray(), autodiff.jacobian(chain)(X + 1))
        assert jacobian_sparsity(symbol("x", (3,))[1:] * 2).toarray().tolist() == [
            [False, True, False],
            [False, False, True],
        ]

    @pytest.mark.parametrize("module", MODULES, ids=lambda m: m.__name__)
    @pytest.mark.parametrize(
        ("sparsity", "error", "match"),
        [
            (np.ones((9, 8)), ShapeError, r"shape \(9, 8\), but the variable has size 9"),
            (np.ones((8, 9)), ShapeError, r"shape \(8, 9\), but the result has size 9"),
            (([9], [0]), ShapeError, "marks row 9, but the result has size 9"),
            (([0], [9]), ShapeError, "marks column 9, but the variable has size 9"),
            ("auto", ExpressionValueError, "'detect', got 'auto'"),
        ],
    )
    def test_patterns_that_do_not_fit(self, sparsity, error, match, module):
        with pytest.raises(error, match=match):
            jacobian(np.sin, sparsity, module)(X)

    def test_a_wrong_number_of_rows_is_seen_without_any_entries(self):
        with pytest.raises(ShapeError, match="result has size 9"):
            jacobian(np.sin, np.zeros((8, 9)))(X)

    @pytest.mark.parametrize(
        ("f", "args", "wrt", "match"),
        [
            (lambda a, b: a + b, (X, X), (0, 1), "the variable, got 2"),
            (lambda d: d["a"] ** 2, ({"a": X},), None, "the variable, got 1"),
            (lambda x: (x, np.sum(x)), (X,), None, "the result, got 2"),
            (lambda x: {"y": x}, (X,), None, "the result, got 1"),
        ],
    )
    def test_one_variable_and_one_result(self, f, args, wrt, match):
        for verb in (jacobian(f, wrt=wrt), jacobian(f, np.eye(9), wrt=wrt)):
            with pytest.raises(ExpressionTypeError, match=match):
                verb(*args)
