"""Lowered functions give the values of the interpreter, bit by bit, through either door."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compare.lower import Lowered, lower
from compare.lower.source import definitions
from diffexpr import MissingRuleError, arrays, constant, evaluate, pi, primitives, symbol, symbols
from diffexpr.apply import apply
from diffexpr.domains import CONDITION
from diffexpr.frozen import Index
from diffexpr.functions import logsumexp, norm, softmax

BACKENDS = ("symbolic", "forward", "reverse")
SPECIAL_VALUES = np.array([0.0, -0.0, 1.0, -1.0, 0.5, -3.0, 1e300, -1e300, np.inf, -np.inf, np.nan])

x, y = symbols("x y")


v = symbol("v", 4)
m = symbol("m", (3, 4))
t = symbol("t", (2, 3, 4))
q = symbol("q", (3, 3))
SHAPED = {
    "v": np.array([0.3, -1.2, 2.5, 0.3]),
    "m": np.linspace(-2, 3, 12).reshape(3, 4),
    "t": np.cos(np.arange(24.0)).reshape(2, 3, 4),
    "q": np.sin(np.arange(9.0)).reshape(3, 3),
    "x": 0.7,
    "y": -1.3,
}


def same(a, b) -> bool:
    """Equal bit by bit, NaN and the sign of zero included, and of the same type and shape."""
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    if a.dtype.kind not in "fc":
        return bool(np.array_equal(a, b))
    signs = np.array_equal(np.signbit(a.real), np.signbit(b.real)) or np.isnan(a).any()
    return bool(np.array_equal(a, b, equal_nan=True) and signs)


def pasted(f: Lowered):
    """The function of the source alone, in a namespace of its own."""
    namespace: dict = {}
    exec(f.source, namespace)
    return namespace[f.__name__]


def check(expr, **values):
    """Called through either door, the value is that of the interpreter."""
    f = lower(expr, "value", passes=())
    wanted = evaluate(expr, values)
    # Python's own floats go through `math`, whose last digits are others than NumPy's.
    args = [np.float64(v) if type(v) is float else v for v in map(values.get, f.parameters)]
    # By name, for small arrays by position go through single numbers as well.
    assert same(f(**dict(zip(f.parameters, args, strict=True))), wanted), f.source
    assert same(pasted(f)(*args), wanted), f.source
    return f


# every row of the tables

each_row = pytest.mark.parametrize("row", primitives.TABLE.values(), ids=lambda row: row.name)


def operands_of(row):
    names = "abcd"[: row.arity]
    kinds = [bool if d is CONDITION else float for d in row.domains]
    return [symbol(n, dtype=k) for n, k in zip(names, kinds, strict=True)]


def points_of(row):
    """Sample points of the domain, every combination, as one array per argument."""
    grid = np.array(list(itertools.product(*(d.samples for d in row.domains)))).T
    return [
        column.astype(bool) if d is CONDITION else column
        for column, d in zip(grid, row.domains, strict=True)
    ]


@each_row
def test_every_row_lowers_to_its_values(row) -> None:
    operands, points = operands_of(row), points_of(row)
    expr = apply(row.name, tuple(operands))
    names = [o.name for o in operands]
    check(expr, **dict(zip(names, points, strict=True)))
    for column in np.array(points, object).T:
        check(expr, **dict(zip(names, column, strict=True)))


@each_row
def test_every_row_keeps_nan_and_infinity_in_their_places(row) -> None:
    operands = operands_of(row)
    columns = np.array(list(itertools.product(SPECIAL_VALUES, repeat=row.arity))).T
    values = {
        o.name: column > 0 if o.dtype.kind == "b" else column
        for o, column in zip(operands, columns, strict=True)
    }
    check(apply(row.name, tuple(operands)), **values)


ROWS_AND_TYPES = [(row, np.float32) for row in primitives.TABLE.values()]
ROWS_AND_TYPES += [(row, np.complex128) for row in primitives.TABLE.values() if row.analytic]


@pytest.mark.parametrize(
    ("row", "kind"), ROWS_AND_TYPES, ids=[f"{row.name}-{k.__name__}" for row, k in ROWS_AND_TYPES]
)
def test_every_row_keeps_the_type(row, kind) -> None:
    values = {
        o.name: points if points.dtype == bool else points.astype(kind)
        for o, points in zip(operands_of(row), points_of(row), strict=True)
    }
    expr = apply(row.name, tuple(operands_of(row)))
    result, wanted = lower(expr, "value")(**values), evaluate(expr, values)
    assert result.dtype == (kind if row.kind == "float" else wanted.dtype)
    # One rounding apart where a form with the same value is written.
    np.testing.assert_allclose(result, wanted, rtol=4 * np.finfo(kind).eps)


@each_row
def test_every_row_takes_constants_in_every_place(row) -> None:
    operands, points = operands_of(row), points_of(row)
    samples = [column[len(column) // 2] for column in points]
    for fixed in itertools.product([False, True], repeat=row.arity):
        args = [
            s if is_fixed else o for is_fixed, s, o in zip(fixed, samples, operands, strict=True)
        ]
        expr = apply(row.name, tuple(constant(a) for a in args))
        values = {o.name: points[i] for i, o in enumerate(operands) if not fixed[i]}
        check(expr, **values)


def test_every_definition_is_of_a_row_that_numpy_lacks() -> None:
    assert set(definitions.FUNCTIONS) <= set(primitives.TABLE)
    assert set(definitions.ARRAYS) <= set(arrays.TABLE)
    assert not [
        n for n in definitions.FUNCTIONS if getattr(np, n, None) is primitives.TABLE[n].value
    ]


ROWS = np.array([0, 2, 2])


def scattered(part, index, shape):
    return apply("scatter_add", (part,), (Index(index), shape))


far = q + np.diag([4.0, 5.0, 6.0])
ARRAY_CASES = {
    "sum": [np.sum(m), np.sum(m, axis=1), np.sum(t, axis=(0, 2), keepdims=True), np.sum(x)],
    "mean": [np.mean(m), np.mean(t, axis=(0, 1)), np.mean(m, axis=0, keepdims=True)],
    "prod": [np.prod(v), np.prod(m, axis=0)],
    "max": [np.max(m), np.max(m, axis=1, keepdims=True)],
    "min": [np.min(m), np.min(t, axis=2)],
    "norm": [norm(v), norm(m, axis=1), norm(m, axis=0, keepdims=True)],
    "logsumexp": [logsumexp(v), logsumexp(m, axis=1), logsumexp(t, axis=(0, 2), keepdims=True)],
    "softmax": [softmax(v), softmax(m, axis=0)],
    "cumsum": [np.cumsum(v), np.cumsum(m, axis=1)],
    "sort": [np.sort(v), np.sort(m, axis=0) * 2],
    "astype": [v.astype("float32"), x.astype("float32"), (m + 1).astype("float32") * 2],
    "matmul": [m @ v, v @ v, t @ v, m.T @ m, np.ones(3) @ m, (m + 1) @ (v - 1)],
    "einsum": [
        np.einsum("ij,j->i", m, v),
        np.einsum("ii->i", q),
        np.einsum("ij,jk,k->i", q, m, v),
        np.outer(v, v),
    ],
    "transpose": [m.T, np.transpose(t, (1, 2, 0)), (m + 1).T, v.T],
    "reshape": [m.reshape(4, 3), np.reshape(x, (1, 1)), np.ravel(t)],
    "broadcast_to": [np.broadcast_to(v, (2, 4)), np.broadcast_to(x * y, (3,))],
    "getitem": [
        v[0], v[-1], v[1:3], v[::-1], v[:], v[None], m[1], m[:, 1], m[0:3, 1:], m[ROWS],
        m[:, ROWS], m[ROWS, [0, 1, 2]], m[1, None, 2:], t[..., 0], x[None], x[()],
        v[np.array([True, False] * 2)], (v * 2)[1:], m[ROWS, :, None], constant(2.0)[None], v[[]],
    ],
    "scatter_add": [
        scattered(v[:2], (slice(1, 3, None),), (4,)),
        scattered(x, (1,), (4,)),
        scattered(v[:3] * 2, (ROWS,), (3,)) * 3,
        scattered(v[:3], (slice(0, 2, None), ROWS), (2, 3)),
        scattered(constant(1), (0,), (2,)) + v[:2],
    ],
    "concatenate": [np.concatenate([v, v * 2]), np.concatenate([m, q], axis=1)],
    "stack": [np.stack([x, y, x * y]), np.stack([v, v + 1], axis=1), np.stack([constant(1), x])],
    "diag": [np.diag(v), np.diag(q), np.trace(q)],
    "inv": [np.linalg.inv(far), np.linalg.inv(np.stack([far, far * 2]))],
    "solve": [np.linalg.solve(far, v[:3]), np.linalg.solve(far, m)],
    "det": [np.linalg.det(q), np.linalg.det(t[:, :2, :2])],
    "cofactor": [
        *(apply("cofactor", (each,)) for each in (q, far, t[:, :2, :2], q[:1, :1])),
        apply("cofactor", (m.T @ m,)), apply("cofactor", (m.T @ m + np.eye(4),)),
    ],
    "slogdet": [*np.linalg.slogdet(far)],
    "cholesky": [np.linalg.cholesky(far), np.linalg.cholesky(far, upper=True)],
    "qr": [*np.linalg.qr(m[:, :2]), *np.linalg.qr(m), np.linalg.qr(t).R],
    "svd": [
        *np.linalg.svd(m, False), *np.linalg.svd(far, hermitian=True), *np.linalg.svd(t, False),
    ],
    "svdvals": [np.linalg.svdvals(m), np.linalg.norm(t, "nuc", (1, 2))],
    "eigh": [*np.linalg.eigh(far), *np.linalg.eigh(far, "U"), np.linalg.eigh(t[:, :2, :2])[1]],
    "eigvalsh": [np.linalg.eigvalsh(far), np.linalg.eigvalsh(far, "U")],
    "eig": [*np.linalg.eig(q), np.linalg.eig(t[:, :2, :2])[1]],
    "eigvals": [np.linalg.eigvals(q)],
    "pinv": [np.linalg.pinv(m), np.linalg.pinv(far, 1e-3, hermitian=True)],
    "conjugate": [np.conj(v * 1j) * 1j], "real": [np.real(v * 1j)], "imag": [np.imag(v * 1j + v)],
    "fft": [np.fft.fft(v), np.fft.ifft2(m), np.fft.irfft(v), np.fft.rfft(m, 3, axis=0)],
}  # fmt: skip


OF_SCIPY = ("expm", "sqrtm", "solve_sylvester")


@pytest.mark.parametrize("name", OF_SCIPY)
def test_what_is_scipy_s_says_so(name) -> None:
    operands = (q,) * (3 if name == "solve_sylvester" else 1)
    with pytest.raises(MissingRuleError, match="SciPy's"):
        lower(apply(name, operands), "value")


@pytest.mark.parametrize("name", [name for name in arrays.TABLE if name not in OF_SCIPY])
def test_every_array_operation_lowers_to_its_values(name) -> None:
    for expr in ARRAY_CASES[name]:
        check(expr, **SHAPED)
        check(np.sum(expr * 2 + expr), **SHAPED)


def test_infinities_pass_through_logsumexp_and_norm() -> None:
    for row in ([-np.inf] * 4, [np.inf, 0, 0, 0], [0.0] * 4, [np.nan, 1, 2, 3], [1e300] * 4):
        for expr in (logsumexp(v), softmax(v), norm(v)):
            check(expr, v=np.array(row))


def test_the_mean_of_nothing_is_nan_without_a_warning() -> None:
    check(np.mean(symbol("z", (0, 2)), axis=0), z=np.ones((0, 2)))


# inputs


@pytest.mark.parametrize(
    "values",
    [
        {"x": 2, "y": 3},
        {"x": 2.0, "y": 3},
        {"x": [1, 2, 3], "y": 0.5},
        {"x": np.arange(3), "y": np.arange(2)[:, None] + 0.5},
        {"x": np.float32([1, 2]), "y": np.float32(3)},
        {"x": np.float32([1, 2]), "y": np.float64(3)},
        {"x": np.float32(2), "y": np.ones((2, 3, 1), np.float32)},
        {"x": np.complex64(1 + 2j), "y": np.ones(2, np.complex64)},
        {"x": 1 + 2j, "y": 0.5},
        {"x": np.zeros((0, 2)), "y": 1.0},
        {"x": np.inf, "y": np.array([0.0, np.nan])},
    ],
    ids=str,
)
def test_arrays_and_numbers_of_any_kind_broadcast(values) -> None:
    expr = x**2 * np.sin(y) + np.exp(-x * y) / (1 + x * x) - 3 * y / x
    f = lower(expr, "value")
    assert same(f(**values), evaluate(expr, values))


def test_a_python_float_takes_the_precision_of_the_arrays() -> None:
    f = lower(np.sin(y) * x, "value")
    assert f(np.float32([1, 2]), 0.5).dtype == np.float32
    assert f(np.complex64([1, 2]), 0.5).dtype == np.complex64
    assert pasted(f)(np.float32([1, 2]), 0.5).dtype == np.float32


def test_exact_numbers_stay_exact() -> None:
    value = {"x": np.array([Fraction(1, 3)], object)}
    expr = 2 * x**2 + 1 / x
    assert lower(expr, "value")(**value)[0] == evaluate(expr, value)[0] == Fraction(29, 9)


def test_truth_values_may_be_given_for_numbers_and_for_truth_values() -> None:
    flag = symbol("flag", dtype=bool)
    expr = np.where(flag, x, -x) + flag**2 + (x > 1) ** 2.0
    check(expr, flag=np.array([True, False]), x=3.0)
    check(expr, flag=False, x=3.0)
    assert lower(np.sin(x), "value")(True) == np.sin(1.0)


def test_no_warning_leaks_and_no_number_raises() -> None:
    check(1 / x + np.log(y) + x**-1, x=0.0, y=-1.0)
    check(1 / x + np.log(y), x=np.zeros(2), y=np.zeros(2))
    check(constant(1.0) / constant(0.0) + x, x=1.0)
    check(np.exp(x * y) * np.exp(x), x=1e300, y=1e300)
    check(apply("arcsec", (constant(0.0),)))


# graphs of any size


def test_a_chain_of_ten_thousand_operations() -> None:
    total = x
    for _ in range(5_000):
        total = np.sin(total) + y
    f = lower(total, "value")
    assert same(f(0.1, 0.2), total(x=0.1, y=0.2))
    assert len(f.source.splitlines()) > 1_000


def test_a_thousand_operands_of_one_operation() -> None:
    check(np.sum(np.stack([np.sin(x * i) * np.cos(y + i) for i in range(1000)])), x=0.1, y=0.2)


UNARY = [np.sin, np.exp, np.negative, np.sqrt, np.log, np.abs, np.square, lambda a: a**3]
BINARY = [np.add, np.subtract, np.multiply, np.divide, np.maximum, np.power, np.arctan2]
WORDS = ["x", "y", "z"]


@st.composite
def expressions(draw):
    nodes = [*symbols("x y z"), constant(2), constant(-0.5), constant(0), pi]
    for _ in range(draw(st.integers(1, 25))):
        if draw(st.booleans()):
            made = draw(st.sampled_from(UNARY))(draw(st.sampled_from(nodes)))
        else:
            f = draw(st.sampled_from(BINARY))
            made = f(draw(st.sampled_from(nodes)), draw(st.sampled_from(nodes)))
        nodes.append(made)
    return nodes[-1] + np.where(nodes[-2] > nodes[-3], nodes[-4], 1)


finite = st.floats(-1e3, 1e3)


@given(expressions(), finite, finite, st.lists(finite, min_size=3, max_size=3))
def test_any_expression_keeps_its_values(expr, a, b, c) -> None:
    check(expr, x=a, y=b, z=np.array(c))
