"""Loops over points give the values of whole arrays, whatever the blocks, threads and arrays."""

import itertools
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import numpy as np
import pytest
from lowered_answers import assert_near, assert_same, blocked, points
from test_lower import pasted

from compare.lower import lower
from compare.lower.comparing.error_bars import flat
from compare.lower.loops import costs
from diffexpr import ShapeError, constant, symbol, symbols
from diffexpr.apply import apply

x, y = symbols("x y")
MIXED = x**2 * np.sin(y) + np.exp(-x * y) + np.tanh(x) * np.log(1 + y**2) + np.where(x > y, x, y)
LEAST = costs.LEAST
n = 6000


# arrays of points


@pytest.mark.parametrize("size", [0, 1, 2, LEAST - 1, LEAST, LEAST + 1, 100_000])
@pytest.mark.parametrize("output", ["value", "value_and_grad", "hessian"])
def test_arrays_of_every_size(size, output) -> None:
    a, b = points(size)
    f = lower(MIXED, output)
    assert_near(f(a, b), lower(MIXED, output, passes=(), block=0)(a, b))
    assert_same(pasted(f)(a, b), f(a, b))


@pytest.mark.parametrize("block", [1, 7, 150, 400, 10**9])
def test_blocks_of_every_size_and_any_number_of_threads(block) -> None:
    a, b = points(400)
    wanted = lower(MIXED, "hessian", block=0)(a, b)
    for threads in (1, 2, 5):
        f = lower(MIXED, "hessian", block=block, threads=threads)
        assert_near(f(a, b), wanted)
        assert_same(f(a, b), f(a, b))
        assert_same(pasted(f)(a, b), f(a, b))


LINE = np.linspace(0.2, 1.9, n)
WIDE = np.broadcast_to(0.7, (n,))
FROZEN = LINE.copy()
FROZEN.flags.writeable = False
GRID = LINE.reshape(60, -1)
KINDS = {
    "float64": LINE, "float32": LINE.astype("f4"), "float16": LINE.astype("f2"),
    "longdouble": LINE.astype("g"), "integers": np.arange(n) % 7 + 1,
    "bytes": (np.arange(n) % 5 + 1).astype("u1"), "truths": np.arange(n) % 2 == 0,
    "complex": LINE + 0.5j, "complex64": (LINE + 0.5j).astype("c8"),
    "big-endian": LINE.astype(">f8"), "strided": np.repeat(LINE, 2)[::2],
    "backwards": LINE[::-1], "broadcast": WIDE, "read-only": FROZEN, "matrix": GRID,
    "Fortran": np.asfortranarray(GRID), "cube": LINE.reshape(4, 15, -1), "list": LINE.tolist(),
    "number": 0.7, "integer": 3, "True": True, "np.float32": np.float32(0.7),
    "np.float64": np.float64(0.7), "array()": np.array(0.7), "one": np.array([0.7]),
    "complex number": 0.3 + 1j, "nothing": np.zeros(0), "row": LINE[:20],
    "column": LINE.reshape(-1, 1)[:30],
}  # fmt: skip
TOLERANCE = {"e": 3e-2, "f": 2e-5, "F": 2e-5}
SMOOTH = x**2 * np.sin(y) + np.exp(-x * y) + np.tanh(x) * np.log(1 + y**2)


def broadcasts(a, b):
    pairs = zip(reversed(np.shape(a)), reversed(np.shape(b)), strict=False)
    return all(i == j or 1 in (i, j) for i, j in pairs)


@pytest.mark.parametrize("kind", KINDS)
def test_arrays_of_every_kind_beside_each_other(kind) -> None:
    f = blocked(SMOOTH)
    plain = lower(SMOOTH, passes=(), block=0)
    for other in KINDS.values():
        pair = KINDS[kind], other
        if not broadcasts(*pair):
            for g in (f, plain):
                with pytest.raises(ShapeError, match="do not broadcast together"):
                    g(*pair)
            continue
        wanted = plain(*pair)
        assert_near(f(*pair), wanted, TOLERANCE.get(np.asarray(wanted[0]).dtype.char, 1e-10))


def test_the_precision_does_not_depend_on_the_size() -> None:
    rows = [np.maximum(x, y), np.abs(x) * y, apply("clip", (x, constant(0.0), constant(1.0))) * y,
            apply("relu", (x,)) * y, apply("heaviside", (x, y)), np.sign(x) * y, MIXED]  # fmt: skip
    for row in rows:
        for kind in ("f4", "f8"):
            a, b = (p.astype(kind) for p in points(n))
            many = flat(blocked(row)(a, b))
            for few in (flat(blocked(row)(a[:9], b[:9])), flat(lower(row, block=0)(a, b))):
                assert [np.asarray(p).dtype for p in few] == [np.asarray(p).dtype for p in many]
                assert all(np.ndim(p) == 0 or p.dtype == kind for p in few)


def test_exact_numbers_stay_exact_in_large_arrays() -> None:
    many = np.array([Fraction(i, 3) for i in range(1, n + 1)], object)
    found = blocked(2 * x**2 + 1 / x, "value")(many)
    assert found[0] == Fraction(29, 9)
    assert all(type(q) is Fraction for q in found)


SHAPES = [
    ((3, 1), (1, 4)), ((1000, 1), (1, 1000)), ((n,), (1,)), ((2, n), (n,)), ((n,), ()),
    ((1, n), (n,)), ((60, n // 60), (60, 1)), ((0, 5), (1, 5)), ((1,), (3, 1, 0)),
]  # fmt: skip


@pytest.mark.parametrize("shapes", SHAPES, ids=str)
def test_shapes_that_broadcast(shapes) -> None:
    if 1000 in shapes[0]:
        expr, output = np.exp(-x * y) * x, "value"
    else:
        expr, output = MIXED, "value_and_grad"
    a, b = points(shapes[0])[0], points(shapes[1])[1]
    assert_near(blocked(expr, output)(a, b), lower(expr, output, passes=(), block=0)(a, b))
    assert_near(blocked(expr, output)(b, a), lower(expr, output, passes=(), block=0)(b, a))


def test_five_variables_each_a_number_or_an_array() -> None:
    variables = symbols("a b c d e")
    expr = sum(np.sin(v) * (i + 1) for i, v in enumerate(variables)) * variables[0]
    f, plain = blocked(expr), lower(expr, block=0)
    for chosen in itertools.product([False, True], repeat=5):
        values = [LINE + i if many else 0.5 + i for i, many in enumerate(chosen)]
        assert_near(f(*values), plain(*values))


def test_special_values_in_every_place() -> None:
    hard = np.array([0.0, -0.0, 1.0, np.inf, -np.inf, np.nan, 1e300, -2.5])
    a, b = (np.tile(c.reshape(-1), 100) for c in np.meshgrid(hard, hard))
    for expr in (MIXED, x / y + np.sqrt(x), np.maximum(x, y) * np.log(x), x**y, np.hypot(x, y)):
        f = lower(expr, block=64, threads=2, passes=())
        assert_same(f(a, b), lower(expr, block=0, passes=())(a, b))


def test_outputs_that_do_not_depend_on_what_varies() -> None:
    many = np.ones(n)
    assert blocked(lambda a: constant(7.0), "value")(many) == 7.0
    assert blocked(lambda a: constant(7.0))(many) == (7.0, 0.0)
    assert blocked(lambda a, b: a * 2, "value")(3.0, many) == 6.0
    assert blocked(lambda a, b: a * 2, wrt=("a", "b"))(3.0, many) == (6.0, (2.0, 0.0))
    value, (da, db) = blocked(x * np.exp(x) + y)(0.5, many)
    assert (np.shape(value), np.shape(da), db) == ((n,), (), 1.0)
    assert blocked(2 * x)(many)[1] == (2.0,)


def test_a_result_is_not_the_memory_of_an_argument_nor_of_another_result() -> None:
    for size in (5, n):
        a, b = points(size)
        for expr in (x * y, np.exp(x + y), x + y * 1, y * np.sin(x)):
            arrays = [r for r in flat(blocked(expr)(a, b)) if np.ndim(r)]
            for one, other in itertools.combinations([a, b, *arrays], 2):
                assert not np.shares_memory(one, other)
        found = blocked(x, "value")(a)
        assert not np.shares_memory(found, a)
        kept = a.copy()
        found += 1
        np.testing.assert_array_equal(a, kept)


def test_arguments_are_left_as_they_were() -> None:
    a, b = points(n)
    before = a.copy(), b.copy()
    for block in (None, 7):
        lower(MIXED, "hessian", block=block)(a, b)
        np.testing.assert_array_equal((a, b), before)


# names

NAMES = ["out", "shape", "kind", "work", "t1", "np", "in_blocks", "fill", "value", "dx", "parts",
         "zip", "c1", "r1", "value_and_grad", "value_and_grad_loop1", "new_array", "common_shape",
         "view", "views", "body", "size", "special", "as_floats", "complex", "exp", "math", "self",
         "cut_blocks", "part_of", "share_blocks", "join_blocks", "zeros_in", "__builtins__",
         "tuple", "len", "os", "deque"]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_variables_may_be_called_anything(name) -> None:
    v = symbol(name)
    expr = v**2 * np.sin(x) + np.exp(-x * v) + np.tanh(v) * apply("erf", (x,))
    plain = lower(x**2 * np.sin(y) + np.exp(-x * y) + np.tanh(x) * apply("erf", (y,)), block=0)
    a, b = points(n)
    f = blocked(expr, wrt=(v, x))
    for one, other in ((a, b), (a, 0.5), (0.5, b), (0.5, 0.25), (a[:3], b[:3])):
        values = {name: one, "x": other}
        found = f(**values)
        assert_near(found, plain(one, other), 1e-11)
        args = [values[p] for p in f.parameters]
        if not all(type(value) is float for value in args):
            assert_same(pasted(f)(*args), found)


FUNCTION_NAMES = ["cut_blocks", "share_blocks", "part_of", "os", "deque", "ThreadPoolExecutor",
                  "int", "max", "min", "range", "len", "np", "in_blocks", "tuple", "isinstance",
                  "zip", "all", "slice", "enumerate", "value", "type", "fill", "itertools",
                  "IndexError", "sum", "value_loop1"]  # fmt: skip


@pytest.mark.parametrize("name", FUNCTION_NAMES)
def test_functions_may_be_called_anything(name) -> None:
    def product(x, y):
        return x**2 * np.sin(y) + np.exp(-x * y)

    a, b = points(n)
    wanted = lower(product, "value", block=0)(a, b)
    product.__name__ = name
    f = blocked(product, "value", threads=2)
    assert_near(f(a, b), wanted)
    assert_same(pasted(f)(a, b), f(a, b))


# calls at once


def test_one_function_and_several_in_several_threads_at_once() -> None:
    outputs = ("value", "value_and_grad", "hessian")
    functions = [lower(MIXED, output, block=512, threads=2) for output in outputs]
    inputs = [points(n, seed) for seed in range(6)]
    wanted = [f(*pair) for f in functions for pair in inputs]
    fresh = [lower(MIXED + 0, output, block=512, threads=2) for output in outputs]
    with ThreadPoolExecutor(4) as pool:
        jobs = [pool.submit(f, *pair) for f in (*functions, *fresh) for pair in inputs]
        found = [job.result() for job in jobs]
    for one, other in zip(found, wanted * 2, strict=True):
        assert_same(one, other)


def test_numpys_error_state_is_left_alone() -> None:
    a = np.zeros(n)
    state = np.geterr()
    with np.errstate(all="raise"):
        within = np.geterr()
        for layout in ({}, {"block": 100, "threads": 3}, {"block": 0}):
            found = lower(1 / x + np.log(x), "value", **layout)(a)
            assert np.geterr() == within
            assert np.isnan(found).all()
    assert np.geterr() == state
