"""Every function that is covered, differentiated in every way, against differences of values."""

import numpy as np
import pytest
from covered import all_cases

from autodiff import forward, reverse
from diffexpr import ExpressionTypeError, trace

CASES = all_cases()
IDS = [f"{c.name}-{i}" for i, c in enumerate(CASES)]
every_case = pytest.mark.parametrize("case", CASES, ids=IDS)
MODES = (forward, reverse)


def flat(result):
    """A result of any kind as one array: the parts of a tuple in one row."""
    if isinstance(result, (tuple, list)):
        return np.concatenate([np.ravel(part) for part in map(flat, result)])
    if np.dtype(getattr(result, "dtype", float)).kind == "c":
        return np.stack([np.real(result), np.imag(result)])
    return result


def run(case):
    return lambda *xs: flat(case.call(*xs))


STEP = 1e-3


def differences(f, operands, k):
    """The Jacobian by differences of fourth order: truncation and rounding below 1e-10 here."""
    x = operands[k]
    columns = []
    for place in np.ndindex(x.shape):
        unit = np.zeros(x.shape)
        unit[place] = STEP
        far, near = (
            np.subtract(*(f(*operands[:k], x + s * unit, *operands[k + 1 :]) for s in (m, -m)))
            for m in (2, 1)
        )
        columns.append((8 * near - far) / (12 * STEP))
    columns = np.array(columns)
    return np.moveaxis(columns, 0, -1).reshape((*columns.shape[1:], *x.shape))


@every_case
def test_first_order(case):
    f, xs = run(case), case.operands
    wanted = np.asarray(f(*xs))
    every = tuple(range(len(xs)))
    truth = [differences(f, xs, k) for k in every]
    for mode in MODES:
        value, _ = mode.jvp(f, xs, tuple(np.ones(x.shape) for x in xs))
        assert value.shape == wanted.shape
        assert np.asarray(value).dtype == wanted.dtype
        np.testing.assert_allclose(value, wanted, rtol=1e-13, atol=1e-15)
        for found, expected in zip(mode.jacobian(f, wrt=every)(*xs), truth, strict=True):
            np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-8)


def weighted(case):
    """A curved scalar of the result, so that second derivatives are there to be seen."""
    f = run(case)
    plain = np.asarray(f(*case.operands))
    weights = np.linspace(0.5, 1.5, plain.size) / (1 + np.max(np.abs(plain), initial=0.0))

    def scalar(*xs):
        return np.sum(np.sin(np.reshape(f(*xs), (plain.size,)) * weights))

    return scalar


@every_case
def test_second_order(case):
    f, xs = weighted(case), case.operands
    every = tuple(range(len(xs)))
    gradients = reverse.grad(f, wrt=every)
    ahead = forward.hessian(f, wrt=every)(*xs)
    back = reverse.hessian(f, wrt=every)(*xs)
    for row in every:
        for column in every:
            truth = differences(lambda *v, i=row: gradients(*v)[i], xs, column)
            np.testing.assert_allclose(ahead[row][column], truth, rtol=1e-7, atol=1e-7)
            np.testing.assert_allclose(back[row][column], truth, rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("case", [c for c in CASES if not c.expression], ids=lambda c: c.name)
def test_expression(case):
    f, xs = run(case), case.operands
    names = [f"x{k}" for k in range(len(xs))]
    made = trace(lambda *v: f(*v), *xs)
    values = dict(zip(names, xs, strict=True))
    np.testing.assert_allclose(made(**values), f(*xs), rtol=1e-12, atol=1e-14)
    scalar = weighted(case)
    graph = trace(lambda *v: scalar(*v), *xs)
    direct = reverse.grad(scalar, wrt=tuple(range(len(xs))))(*xs)
    used = [v.name for v in graph.variables]
    for mode in MODES:
        for name, slope in zip(used, mode.grad(graph, wrt=tuple(used)), strict=True):
            expected = direct[names.index(name)]
            np.testing.assert_allclose(slope(**values), expected, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("case", [c for c in CASES if c.expression], ids=lambda c: c.name)
def test_an_expression_is_refused_where_numbers_decide(case):
    with pytest.raises(ExpressionTypeError):
        trace(run(case), *case.operands)


@every_case
def test_float32_is_as_wide_as_in_numpy(case):
    xs = [x.astype(np.float32) for x in case.operands]
    wanted = np.asarray(flat(case.call(*xs)))
    every = tuple(range(len(xs)))
    for mode in MODES:
        value, _ = mode.jvp(run(case), xs, [np.ones_like(x) for x in xs])
        assert np.asarray(value).dtype == wanted.dtype
        np.testing.assert_allclose(value, wanted, rtol=2e-5, atol=1e-5)
    slopes = reverse.grad(lambda *v: np.sum(run(case)(*v)), every)(*xs)
    for x, g in zip(xs, slopes, strict=True):
        assert np.asarray(g).dtype == np.float32
        assert np.shape(g) == x.shape
