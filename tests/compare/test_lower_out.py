"""Arrays given for the results are written into, whatever else they are."""

import itertools

import numpy as np
import pytest
from lowered_answers import assert_same, blocked, points
from test_lower import pasted

from compare.lower import lower
from compare.lower.comparing.error_bars import flat
from diffexpr import ExpressionTypeError, ShapeError, symbol, symbols
from diffexpr.functions import softmax

x, y = symbols("x y")
MIXED = x**2 * np.sin(y) + np.exp(-x * y) + np.tanh(x) * np.log(1 + y**2) + np.where(x > y, x, y)
n = 6000


def empty_like(result):
    if isinstance(result, tuple):
        return tuple(map(empty_like, result))
    return np.full(np.shape(result), np.nan)


@pytest.mark.parametrize("size", [0, 3, n])
@pytest.mark.parametrize("block", [512, None, 0])
def test_results_are_written_into_out(size, block) -> None:
    a, b = points(size)
    for output in ("value", "value_and_grad", "hessian"):
        f = lower(MIXED, output, block=block)
        wanted = f(a, b)
        out = empty_like(wanted)
        found = f(a, b, out=out)
        assert_same(found, wanted)
        assert all(r is o for r, o in zip(flat(found), flat(out), strict=True))
        if block != 0:
            again = empty_like(wanted)
            assert_same(pasted(f)(a, b, out=again), wanted)
            assert_same(again, wanted)


def test_out_may_be_lists_and_arrays_of_any_layout_or_wider_type() -> None:
    f = blocked(x * y + np.sin(x))
    a, b = points(n)
    value, (dx, dy) = f(a, b)
    spread = np.empty((n, 2))
    for one in (np.empty(2 * n)[::2], spread[:, 1], np.empty(n)[::-1], np.empty(n, "g"),
                np.empty(n, "c16"), np.empty(n, ">f8"), np.empty((1, n))):  # fmt: skip
        out = [one, [np.empty(n), np.empty(n)]]
        f(a, b, out=out)
        np.testing.assert_array_equal(one.reshape(-1), value)
        assert_same((out[1][0], out[1][1]), (dx, dy))
    narrow = np.empty(n, "f4")
    _, (wide, _) = f(a, b, out=(narrow, (np.empty(n), np.empty(n))))
    np.testing.assert_array_equal(narrow, value.astype("f4"))
    np.testing.assert_array_equal(wide, dx)


@pytest.mark.parametrize("size", [4, n])
def test_out_may_be_an_argument(size) -> None:
    for expr in (x * y + np.sin(x), x * y, np.exp(x + y)):
        f = blocked(expr)
        value, (dx, dy) = f(*points(size))
        for places in itertools.permutations("abc"):
            a, b = points(size)
            names = {"a": a, "b": b, "c": np.empty(size)}
            out = tuple(names[p] for p in places)
            f(a, b, out=(out[0], out[1:]))
            assert_same(out, (value, dx, dy))
        a, b = points(size)
        f(a, b, out=(a[::-1], (b, np.empty(size))))
        assert_same((a[::-1], b), (value, dx))


u, m = symbol("u", (50_000,)), symbol("m", (300, 200))
RNG = np.random.default_rng(4)
VALUES = {s.name: RNG.normal(size=s.shape) for s in (u, m)}
OF_ARRAYS = {
    "differences": np.sum((u[1:] - u[:-1]) ** 2 * np.sin(u[1:])),
    "far apart": np.sum(np.sin(u[10_000:]) * np.cos(u[:-10_000])),
    "stencil": np.sum((m[1:, 1:] - m[:-1, :-1]) ** 2 + m[1:, :-1] * m[:-1, 1:]),
    "sums": np.sum(np.sin(m) * m) * np.max(np.exp(m)),
    "softmax": np.sum(softmax(np.sin(m) * 2, 1) ** 2),
    "itself": np.sum(u * u * 0.5),
}


@pytest.mark.parametrize("name", OF_ARRAYS)
def test_out_of_an_array_program(name) -> None:
    expr = OF_ARRAYS[name]
    values = {s.name: VALUES[s.name] for s in expr.variables}
    f = lower(expr, block=1000, threads=2)
    wanted = f(**values)
    out = empty_like(wanted)
    assert_same(f(**values, out=out), wanted)
    assert_same(out, wanted)
    again = empty_like(wanted)
    assert_same(pasted(f)(*(values[p] for p in f.parameters), again), wanted)
    # The argument itself, a part of it back to front, and arrays of other types.
    own = {name: array.copy() for name, array in values.items()}
    f(**own, out=(np.empty(()), tuple(own.values())))
    assert_same(tuple(own.values()), wanted[1])
    own = {name: array.copy() for name, array in values.items()}
    f(**own, out=(np.empty(()), tuple(array[::-1] for array in own.values())))
    assert_same(tuple(array[::-1] for array in own.values()), wanted[1])
    single = tuple(np.empty(g.shape, "f4") for g in wanted[1])
    f(**values, out=(np.empty(1), single))
    assert_same(single, tuple(g.astype("f4") for g in wanted[1]))


def test_one_array_for_two_results_holds_one_of_them() -> None:
    a, b = points(n)
    f = blocked(x * y + np.sin(x))
    value, (dx, dy) = f(a, b)
    shared = np.empty(n + 1)
    one = shared[:n]
    f(a, b, out=(one, (one, one)))
    assert any(np.array_equal(one, part) for part in (value, dx, dy))
    last = np.empty(n)
    f(a, b, out=(shared[1:], (shared[:-1], last)))
    np.testing.assert_array_equal(last, dy)


def test_out_of_truth_values() -> None:
    expr = np.where(x > 1, x, y) > 1.2
    a, b = points(n)
    wanted = np.where(a > 1, a, b) > 1.2
    for size, kind in itertools.product((5, n), (bool, float, np.float32, int)):
        out = np.empty(size, kind)
        assert blocked(expr, "value")(a[:size], b[:size], out=out) is out
        np.testing.assert_array_equal(out, wanted[:size])


def test_equal_results_and_constants_fill_their_own_arrays() -> None:
    a, b = points(n)
    out = (np.empty(n), np.empty(n))
    blocked(np.exp(x + y), "grad")(a, b, out=out)
    np.testing.assert_allclose(out, [np.exp(a + b)] * 2, rtol=1e-14)
    blocked(x + y, "grad")(a, b, out=out)
    np.testing.assert_array_equal(out, 1.0)
    blocked(x + y, "grad")(1.0, 2.0, out=out)
    np.testing.assert_array_equal(out, 1.0)


def test_numbers_go_into_arrays_without_dimensions_and_into_any_others() -> None:
    f = blocked(x * y + np.sin(x))
    value, (dx, dy) = f(1.0, 2.0)
    for shape in ((), (1,), (2, 3), (0,)):
        out = tuple(np.full(shape, np.nan) for _ in range(3))
        f(1.0, 2.0, out=(out[0], out[1:]))
        for array, number in zip(out, (value, dx, dy), strict=True):
            np.testing.assert_array_equal(array, np.full(shape, number))


def array(size=5, kind=float):
    return np.empty(size, kind)


READ_ONLY = array()
READ_ONLY.flags.writeable = False


@pytest.mark.parametrize(
    ("out", "error", "message"),
    [
        ((array(4), (array(), array())), ShapeError, r"shape \(4,\) for a result of \(5,\)"),
        ((array(()), (array(), array())), ShapeError, r"shape \(\) for a result of \(5,\)"),
        ((array(), (array(), array(7))), ShapeError, r"shape \(7,\) for a result of \(5,\)"),
        ((array(5, int), (array(), array())), ExpressionTypeError, "int64, which cannot hold"),
        ((array(5, bool), (array(), array())), ExpressionTypeError, "bool, which cannot hold"),
        ((array(), array(), array()), ExpressionTypeError, "tuple of 2 parts, like its .* 3 parts"),
        (array(), ExpressionTypeError, "tuple of 2 parts, .*; got ndarray"),
        (array((2, 5)), ExpressionTypeError, "tuple of 2 parts, .*; got ndarray"),
        ((None, (None, None)), ExpressionTypeError, "writeable array for each .*, got NoneType"),
        ((array(), ([0.0] * 5, array())), ExpressionTypeError, "writeable array .*, got list"),
        ((READ_ONLY, (array(), array())), ExpressionTypeError, "that is read-only"),
        ("out", ExpressionTypeError, "got str"),
    ],
    ids=str,
)
@pytest.mark.parametrize("block", [1, 0])
def test_an_out_that_does_not_fit_is_refused_before_anything_is_written(
    out, error, message, block
) -> None:
    f = lower(x * y + np.sin(x), block=block)
    arrays = [part for part in flat(out) if isinstance(part, np.ndarray) and part.flags.writeable]
    for part in arrays:
        part[...] = 1
    with pytest.raises(error, match=message):
        f(np.ones(5), np.full(5, 3.0), out=out)
    assert all((part == 1).all() for part in arrays)


def test_out_of_none_is_no_out() -> None:
    a, b = points(n)
    f = blocked(MIXED)
    assert_same(f(a, b, out=None), f(a, b))
    assert f(1.0, 2.0, out=None) == f(1.0, 2.0)


def test_out_is_a_variable_where_there_is_one_of_that_name() -> None:
    f = blocked(symbol("out") * x, "value")
    assert f(out=2.0, x=3.0) == 6.0
    np.testing.assert_array_equal(f(out=np.ones(n), x=3.0), 3.0)
