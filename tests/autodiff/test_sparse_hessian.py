"""Sparse Hessians by star colouring: the dense answer, with few sweeps."""

import numpy as np
import pytest
import scipy.sparse as sp
from sparse_problems import MODULES, chain, grid, hessian, rosenbrock

import autodiff
from autodiff import best, pull, push
from autodiff.sparse import compressed
from autodiff.sparse.patterns import Pattern
from autodiff.sparse.recovery import hessian_plan
from autodiff.sparse.sparsity import hessian_sparsity
from autodiff.sparse.star_coloring import star_colors
from diffexpr import Expr, symbol
from diffexpr.errors import ExpressionTypeError, ShapeError

X = np.linspace(0.3, 1.4, 9)

FUNCTIONS = {
    "rosenbrock": (rosenbrock, X),
    "separable": (lambda x: np.sum(np.exp(x) * x), X),
    "arrow": (lambda x: x[0] * np.sum(np.sin(x[1:])) + np.sum(x**3), X),
    "grid": (lambda x: np.sum(grid(x) ** 2), X),
    "linear": (lambda x: np.sum(3 * x), X),
    "full": (lambda x: np.sum(x) ** 3, X),
    "no diagonal": (lambda x: np.sum(x[1:] * x[:-1]), X),
    "matrix": (lambda m: np.sum((m @ m) ** 2), X.reshape(3, 3)),
    "scalar": (lambda x: x**3, np.float64(0.7)),
    "empty": (lambda x: np.sum(x**2), np.zeros(0)),
    "single precision": (rosenbrock, X.astype(np.float32)),
    "holomorphic": (rosenbrock, X * (1 + 0.5j)),
    "a branch": (lambda x: np.sum(x[1:] * x[:-1]) if x[0] > 0 else x[0], X),
    "behind a selection": (lambda x: np.sum(np.where(x > 1, x**2 * x[::-1], np.sqrt(1 - x))), X),
}


def close(found, wanted):
    # The entry may be read in its transposed place, where another order of operations rounds it:
    # a few units in the last place of the largest terms that were added up.
    tolerance = 64 * np.finfo(wanted.dtype).eps
    np.testing.assert_allclose(found, wanted, tolerance, tolerance * np.abs(wanted).max(initial=0))


@pytest.mark.parametrize("module", MODULES, ids=lambda m: m.__name__)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_as_the_dense_answer(name, module):
    f, x = FUNCTIONS[name]
    wanted = np.reshape(module.hessian(f)(x), (x.size, x.size))
    found = hessian(f, module=module)(x)
    assert isinstance(found, sp.csr_array)
    assert found.has_canonical_format
    assert found.dtype == wanted.dtype
    close(found.toarray(), wanted)
    lower = np.tril(found.toarray() != 0)
    close(hessian(f, lower, module)(x).toarray(), wanted)


def test_rosenbrock_by_hand():
    n = 1000
    x = np.random.default_rng(0).normal(size=n)
    found = hessian(rosenbrock)(x)
    diagonal = np.full(n, 200.0)
    diagonal[-1] = 200
    diagonal[0] = 0
    diagonal[:-1] += 1200 * x[:-1] ** 2 - 400 * x[1:] + 2
    wanted = sp.diags_array([-400 * x[:-1], diagonal, -400 * x[:-1]], offsets=[-1, 0, 1])
    close(found.toarray(), wanted.toarray())
    assert found.nnz == 3 * n - 2


@pytest.mark.parametrize("seed", range(20))
def test_random_quadratic_forms(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 14))
    q = rng.normal(size=(n, n)) * (rng.random((n, n)) < rng.random())
    rows, columns = np.nonzero(q)
    weights = q[rows, columns]
    f = lambda x: np.sum(weights * x[rows] * x[columns])  # noqa: E731
    x = rng.normal(size=n)
    for module in MODULES:
        for sparsity in ("detect", (rows, columns)):
            found = hessian(f, sparsity, module)(x).toarray()
            np.testing.assert_allclose(found, q + q.T, rtol=1e-14, atol=1e-14)


class TestColours:
    def readable(self, marked, colors):
        """Whether each entry stands alone in its row or in its column among its colour."""
        for i, j in np.argwhere(marked):
            assert colors[j] >= 0
            row = np.count_nonzero(marked[i] & (colors == colors[j]))
            column = np.count_nonzero(marked[j] & (colors == colors[i]))
            assert min(row, column) == 1

    @pytest.mark.parametrize("seed", range(60))
    def test_every_entry_can_be_read(self, seed):
        rng = np.random.default_rng(seed)
        n = int(rng.integers(1, 16))
        marked = rng.random((n, n)) < rng.random() ** 2
        marked |= marked.T
        if seed % 2:
            marked |= np.eye(n, dtype=bool)
        self.readable(marked, star_colors(*np.nonzero(marked), n))

    def test_fewer_than_columns_apart_would_take(self):
        arrow = np.eye(50, dtype=bool)
        arrow[20] = arrow[:, 20] = True
        assert star_colors(*np.nonzero(arrow), 50).max() + 1 == 2
        steps = [np.abs(np.subtract.outer(r, r)) for r in np.divmod(np.arange(400), 20)]
        five_points = steps[0] + steps[1] <= 1
        colors = star_colors(*np.nonzero(five_points), 400)
        self.readable(five_points, colors)
        # Grids have star colourings with five colours and none with four (Fertin, Raspaud and
        # Reed 2004, Star coloring of graphs, theorem 6).
        assert 5 <= colors.max() + 1 <= 6

    @pytest.mark.parametrize("halfwidth", [1, 2, 4])
    def test_bands(self, halfwidth):
        band = np.abs(np.subtract.outer(range(40), range(40))) <= halfwidth
        assert star_colors(*np.nonzero(band), 40).max() + 1 == 2 * halfwidth + 1

    def test_nothing(self):
        assert star_colors(np.zeros(0, int), np.zeros(0, int), 3).tolist() == [-1, -1, -1]

    def test_plans_read_each_entry_where_it_stands_alone(self):
        rng = np.random.default_rng(1)
        marked = rng.random((12, 12)) < 0.3
        marked |= marked.T
        h = rng.normal(size=(12, 12)) * marked
        h += h.T
        pattern = Pattern(*np.nonzero(marked), (12, 12))
        for pulls in (False, True):
            plan = hessian_plan(pattern, pulls)
            colors = plan.row_colors if pulls else plan.column_colors
            assert plan.sweeps == colors.max() + 1
            products = (colors == np.arange(plan.sweeps)[:, None]) @ h
            found = products[plan.sweep, plan.place]
            np.testing.assert_allclose(found, h[pattern.rows, pattern.columns], rtol=1e-14)


class TestUse:
    def test_sweeps_do_not_grow_with_the_variables(self, monkeypatch):
        lengths = []
        pushed = push.push

        def counted(call, xs, tangents, lead=0):
            lengths.append(len(tangents[0]))
            return pushed(call, xs, tangents, lead)

        monkeypatch.setattr(push, "push", counted)
        for n in (10, 100, 1000):
            hessian(rosenbrock)(np.ones(n))
        assert lengths == [3, 3, 3]

    def test_a_pattern_is_coloured_once(self, monkeypatch):
        planned = []
        monkeypatch.setattr(
            compressed, "hessian_plan", lambda *args: planned.append(1) or hessian_plan(*args)
        )
        curvature = hessian(rosenbrock, hessian_sparsity(rosenbrock)(X))
        for x in (X, X + 1):
            close(curvature(x).toarray(), autodiff.hessian(rosenbrock)(x))
        assert len(planned) == 1

    def test_in_newtons_method(self):
        from scipy.sparse.linalg import spsolve

        f = lambda x: np.sum(np.cosh(x)) + 0.3 * np.sum(x[1:] * x[:-1])  # noqa: E731
        gradient, curvature = autodiff.grad(f), hessian(f)
        x = np.linspace(-1, 1, 50)
        for _ in range(8):
            x = x - spsolve(curvature(x).tocsc(), gradient(x))
        np.testing.assert_allclose(x, np.zeros(50), atol=1e-15)

    def test_of_an_expression(self):
        x = symbol("x", (3,))
        found = hessian(np.sum(x[1:] * x[:-1] ** 2))
        assert isinstance(found, Expr)
        wanted = [[4.0, 2, 0], [2, 6, 4], [0, 4, 0]]
        np.testing.assert_array_equal(found(x=np.arange(1.0, 4)), wanted)

    def test_it_can_be_differentiated_again(self):
        inner = hessian(lambda x: np.sum(x**4))
        third = autodiff.grad(lambda x: np.sum(inner(x)))(X)
        np.testing.assert_allclose(third, 24 * X, rtol=1e-14)

    @pytest.mark.parametrize(
        ("f", "x", "sparsity", "error", "match"),
        [
            (rosenbrock, X, np.ones((8, 9)), ShapeError, "but the result has size 9"),
            (rosenbrock, X, np.ones((9, 8)), ShapeError, "but the variable has size 9"),
            (rosenbrock, X, ([9], [0]), ShapeError, "marks row 9"),
            (chain, X, "detect", ShapeError, "hessian needs a scalar"),
            (chain, X, np.eye(9), ShapeError, "hessian needs a scalar"),
        ],
    )
    def test_refusals(self, f, x, sparsity, error, match):
        with pytest.raises(error, match=match):
            hessian(f, sparsity)(x)

    def test_one_variable(self):
        with pytest.raises(ExpressionTypeError, match="the variable, got 2"):
            hessian(lambda a, b: np.sum(a * b), wrt=(0, 1))(X, X)

    def test_modes_are_what_they_are_called(self, monkeypatch):
        assert best.MODE.curvature is push.jacobian
        monkeypatch.setattr(push, "push", None)
        from autodiff import reverse

        assert reverse.MODE.curvature is pull.jacobian
        close(hessian(rosenbrock, module=reverse)(X).toarray(), reverse.hessian(rosenbrock)(X))
