"""NumPy's own semantics on what is being differentiated: ties, kinds, empty arrays, refusals."""

import numpy as np
import pytest

from autodiff import forward, reverse
from diffexpr import ControlFlowError, ExpressionTypeError, ShapeError, symbol, trace

both = pytest.mark.parametrize("mode", [forward, reverse], ids=["forward", "reverse"])

# Each function at a tie, and the derivative taken there: argued in docs/coverage.md.
TIES = {
    "max": (np.max, [1.0, 3, 3, 0], [0, 0.5, 0.5, 0]),
    "ptp": (np.ptp, [1.0, 3, 3, 1], [-0.5, 0.5, 0.5, -0.5]),
    "nanmin": (np.nanmin, [1.0, 1, np.nan, 2], [0.5, 0.5, 0, 0]),
    "median": (np.median, [1.0, 1, 1, 2, 0], [0, 1, 0, 0, 0]),
    "quantile": (lambda x: np.quantile(x, 0.5), [2.0, 1, 1], [0, 0, 1]),
    "sort": (lambda x: np.sort(x)[1], [1.0, 1, 0], [1, 0, 0]),
    "unique": (lambda x: np.sum(np.unique(x)), [2.0, 1, 2, 1], [1, 1, 0, 0]),
    "std": (np.std, [2.0, 2, 2], [0, 0, 0]),
    "maximum.reduce": (np.maximum.reduce, [2.0, 2, 1], [0.5, 0.5, 0]),
    "maximum.accumulate": (lambda x: np.maximum.accumulate(x)[-1], [2.0, 2, 1], [0.5, 0.5, 0]),
    "interp": (lambda x: np.sum(np.interp(x, [0, 1, 2], [0, 1, 5])), [0.0, 1, 2, 3], [1, 4, 4, 0]),
    "cumprod": (lambda x: np.sum(np.cumprod(x)), [0.0, 2, 0, 3], [3, 0, 0, 0]),
}


@both
@pytest.mark.parametrize("name", TIES)
def test_at_a_tie(name, mode):
    f, at, expected = TIES[name]
    np.testing.assert_array_equal(mode.grad(f)(np.array(at)), expected)


@pytest.mark.parametrize("name", ["quantile", "sort", "interp", "cumprod", "maximum.reduce"])
def test_an_expression_has_the_same_convention(name):
    f, at, expected = TIES[name]
    graph = trace(lambda x: f(x), np.array(at))
    np.testing.assert_array_equal(reverse.grad(graph, "x")(x=np.array(at)), expected)


DECIDED = {
    "argmax": lambda x: np.argmax(x),
    "argsort": lambda x: np.argsort(x),
    "searchsorted": lambda x: np.searchsorted([0.0, 1.5, 9.0], x),
    "nonzero": lambda x: np.nonzero(x > 1),
    "count_nonzero": lambda x: np.count_nonzero(x),
    "all": lambda x: np.all(x > 0),
    "any axis": lambda x: np.any([x > 2, x > 0], axis=0),
    "allclose": lambda x: np.allclose(x, x + 1e-12),
    "array_equal": lambda x: np.array_equal(x, x),
    "isin": lambda x: np.isin(x, [1.0, 3.0]),
    "round to int": lambda x: x.astype(int),
    "shape": lambda x: (np.shape(x), np.ndim(x), np.size(x), len(x)),
    "result_type": lambda x: np.result_type(x, np.float32),
    "lexsort": lambda x: np.lexsort((x, x)),
    "digitize": lambda x: np.digitize(x, [0.0, 2.0]),
}


@both
@pytest.mark.parametrize("name", DECIDED)
def test_what_the_numbers_decide_is_a_constant_of_numpys_own(name, mode):
    x = np.array([3.0, 1.0, 2.0])
    seen = []
    mode.grad(lambda v: seen.append(DECIDED[name](v)) or np.sum(v))(x)
    wanted = DECIDED[name](x)
    np.testing.assert_equal(seen[0], wanted)
    assert not hasattr(seen[0], "_level")


def test_on_an_expression_a_question_is_an_expression_or_an_error():
    v = symbol("v", 3)
    at = {"v": np.array([1.0, 0.0, 2.0])}
    assert np.all(v > -1)(**at)
    assert not np.all(v > 0)(**at)
    assert np.any(v > 1)(**at)
    assert np.count_nonzero(v)(**at) == 2
    np.testing.assert_array_equal(np.isclose(v, 1.0)(**at), [True, False, False])
    for ask in (np.argmax, np.unique, np.nonzero, lambda x: x.astype(int)):
        with pytest.raises(ControlFlowError, match="numbers of a symbolic value"):
            ask(v)


HOLOMORPHIC = {
    "cumprod": np.cumprod,
    "prod": np.prod,
    "mean": np.mean,
    "diff": np.diff,
    "vander": np.vander,
    "gradient": np.gradient,
    "trapezoid": np.trapezoid,
    "polyval": lambda z: np.polyval(z, z[0]),
    "kron": lambda z: np.kron(z, z),
    "einsum": lambda z: np.einsum("i,j,i->j", z, z, z),
    "pad": lambda z: np.pad(z, 2, mode="reflect") * np.pad(z, 2, constant_values=1j),
    "roll": lambda z: np.roll(z, 1) * z[::-1],
    "linspace": lambda z: np.linspace(z[0], z[1], 4),
    "tril": lambda z: np.tril(np.outer(z, z), -1),
    "interp": lambda z: np.interp([0.3, 1.7], [0.0, 1, 2], z[:3] ** 2),
}


@pytest.mark.parametrize("name", HOLOMORPHIC)
def test_complex_operands(name):
    f = HOLOMORPHIC[name]
    rng = np.random.default_rng(1)
    z, v = (rng.normal(size=4) + 1j * rng.normal(size=4) for _ in range(2))
    value, tangent = forward.jvp(f, (z,), (v,))
    np.testing.assert_allclose(value, f(z), rtol=1e-13)
    h = 1e-4  # truncation h**2 and rounding eps/h both stay below 1e-7
    np.testing.assert_allclose(tangent, (f(z + h * v) - f(z - h * v)) / (2 * h), rtol=1e-6)
    _, pullback = reverse.vjp(f, z)
    w = rng.normal(size=np.shape(value)) + 1j * rng.normal(size=np.shape(value))
    np.testing.assert_allclose(np.sum(w * tangent), np.sum(pullback(w) * v), rtol=1e-11)


def test_real_functions_of_complex_numbers():
    z, v = np.array([1 + 2j, -0.5j, 2.0]), np.array([1.0, 1j, 0.5])
    for f in (
        np.var,
        np.std,
        lambda x: np.real(np.vdot(x, x)),
        lambda x: np.real(np.trace(np.cov(x, x**2))),
        lambda x: np.sum(np.vecdot(x, x).real),
    ):
        _, tangent = forward.jvp(f, (z,), (v,))
        h = 1e-5  # truncation h**2, rounding eps/h
        assert tangent == pytest.approx((f(z + h * v) - f(z - h * v)) / (2 * h), rel=1e-8)


EMPTY = {
    "sum": lambda x: np.sum(x, axis=1),
    "prod": lambda x: np.prod(x, axis=0),
    "sort": lambda x: np.sort(x, axis=0),
    "cumprod": lambda x: np.cumprod(x, axis=0),
    "concatenate": lambda x: np.concatenate([x, x]),
    "matmul": lambda x: x.T @ x,
    "kron": lambda x: np.kron(x, x),
    "max": lambda x: np.max(x, axis=0, initial=1.0),
    "tile": lambda x: np.tile(x, 2),
    "interp": lambda x: np.interp(x, [0.0, 1.0], [0.0, 1.0]),
    "tril": np.tril,
}


@both
@pytest.mark.parametrize("name", EMPTY)
def test_empty_arrays(name, mode):
    x = np.zeros((0, 3))
    wanted = EMPTY[name](x)
    value, tangent = mode.jvp(EMPTY[name], (x,), (x,))
    assert value.shape == tangent.shape == wanted.shape
    assert mode.jacobian(EMPTY[name])(x).shape == (*wanted.shape, 0, 3)


@both
def test_scalars_without_axes(mode):
    for f in (
        lambda x: np.sum(x, axis=0),
        lambda x: np.max(x, axis=-1) + np.prod(x, 0),
        lambda x: np.cumsum(x)[0] * np.tile(x, 2)[1],
        lambda x: np.ravel(x)[0] + x[()] + x[...],
        lambda x: np.atleast_2d(x)[0, 0] * np.repeat(x, 2)[1],
    ):
        value, tangent = mode.jvp(f, (np.float64(1.5),), (np.float64(1.0),))
        assert value.shape == np.shape(f(np.float64(1.5)))
        h = 1e-6  # the functions are of degree two at most: only rounding, eps/h
        slope = (f(np.float64(1.5 + h)) - f(np.float64(1.5 - h))) / (2 * h)
        assert tangent == pytest.approx(slope, rel=1e-8)


@both
def test_views_of_any_stride(mode):
    x = np.arange(24.0).reshape(4, 6)[::2, ::-3].T
    found = mode.grad(lambda v: np.sum(np.sort(v, axis=1)[:, 0] * np.cumsum(v[:, 1])))(x)
    h = 1e-6  # quadratic: only rounding, eps/h times a value of some hundreds
    for place in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[place] = h
        up, down = (
            np.sum(np.sort(x + s, 1)[:, 0] * np.cumsum((x + s)[:, 1])) for s in (step, -step)
        )
        assert found[place] == pytest.approx((up - down) / (2 * h), abs=1e-6)


@both
def test_lists_of_values_are_arrays(mode):
    x = np.array([1.0, 2.0])
    for f in (
        lambda v: np.concatenate([[v[0], 1.0], v]),
        lambda v: np.stack([v[0], v[1] * v[0], 3.0]),
        lambda v: np.array([v[0], 2 * v[1]]) ** 2,
        lambda v: np.where([True, False], [v[0], 1.0], [2.0, v[1]]),
        lambda v: np.linalg.norm([v[0], v[1]]) * np.ones(1),
        lambda v: np.dot([v[0], v[1]], v) * np.ones(1),
        lambda v: np.stack(v.tolist()),
    ):
        found = mode.jacobian(lambda v, f=f: np.sum(np.stack(list(f(v))) ** 2))(x)
        h = 1e-6  # rounding, eps/h, and truncation, h**2
        for i, step in enumerate(h * np.eye(2)):
            up, down = (np.sum(np.asarray(f(x + s), float) ** 2) for s in (step, -step))
            assert found[i] == pytest.approx((up - down) / (2 * h), rel=1e-7)


REFUSED = {
    "out=": (lambda x: np.sum(x, out=np.zeros(())), "out="),
    "ufunc out=": (lambda x: np.sin(x, out=np.zeros(3)), "out="),
    "ufunc at": (lambda x: np.add.at(np.zeros(3), [0, 1, 2], x), "writes into an array"),
    "in place": (lambda x: np.zeros(3).__iadd__(x), "writes into an array"),
    "copyto": (lambda x: np.copyto(np.zeros(3), x), "writes into its argument"),
    "put": (lambda x: np.put(x, 0, 1.0), "writes into its argument"),
    "sort in place": (lambda x: x.sort(), r"np\.sort"),
    "int dtype": (lambda x: np.sum(x, dtype=int), "floating kind"),
    "pad mode": (lambda x: np.pad(x, 1, mode="empty"), "mode='empty'"),
    "where of a ufunc": (lambda x: np.sin(x, where=[True, False, True]), "np.where"),
}


@both
@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_differentiated_says_so_in_one_line(name, mode):
    call, says = REFUSED[name]
    with pytest.raises((ExpressionTypeError, ValueError), match=says) as caught:
        mode.grad(lambda x: np.sum(x) + np.sum(call(x)))(np.array([1.0, 2.0, 3.0]))
    assert "\n" not in str(caught.value)


@both
def test_a_mask_of_another_shape_is_an_error(mode):
    with pytest.raises(ShapeError, match=r"mask of shape \(2,\)"):
        mode.grad(lambda x: np.sum(x[np.array([True, False])]))(np.ones(3))


@both
def test_a_change_of_precision_goes_both_ways(mode):
    x = np.array([0.1, 0.2])
    narrow = mode.jacobian(lambda v: v.astype(np.float32) * np.float32(3))(x)
    np.testing.assert_allclose(narrow, 3 * np.eye(2))
    wide = mode.grad(lambda v: np.sum(v.astype(np.float64) ** 2))(x.astype(np.float32))
    assert wide.dtype == np.float32
    np.testing.assert_allclose(wide, [0.2, 0.4], rtol=1e-6)
    turned = mode.grad(lambda v: np.sum(np.imag(v.astype(complex) * 2j)))(x)
    np.testing.assert_array_equal(turned, [2, 2])
