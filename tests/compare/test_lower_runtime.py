"""What lowered programs call while they run, each function alone, and as it stands in a source."""

import ast
import inspect
import itertools
import math

import numpy as np
import pytest

from compare.lower.source import runtime
from compare.lower.source.names import RUNTIME
from compare.lower.source.runtime import (
    as_floats,
    common_shape,
    cut_blocks,
    fill,
    join_blocks,
    new_array,
    part_of,
    share_blocks,
    zeros_in,
)
from compare.lower.source.runtime_source import runtime_source

SHAPES = [
    (), (0,), (1,), (7,), (10,), (3, 0), (0, 3), (2, 3), (1, 1, 1), (4, 1, 5), (5, 1), (1, 5),
    (2, 3, 4, 5), (1, 9), (3, 0, 2), (11, 13),
]  # fmt: skip
SIZES = [1, 2, 3, 5, 7, 12, 20, 60, 1000]


# blocks


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_blocks_cover_an_array_once_in_the_order_of_its_memory(shape) -> None:
    places = np.arange(math.prod(shape)).reshape(shape)
    for size in SIZES:
        blocks = cut_blocks(shape, size)
        seen = [places[block].reshape(-1) for block in blocks]
        np.testing.assert_array_equal(np.concatenate([[], *seen]), places.reshape(-1))
        assert all(0 < part.size <= size for part in seen)


@pytest.mark.parametrize("shape", [(1000,), (30, 40), (3, 5, 70)], ids=str)
def test_neighbouring_blocks_are_not_smaller_than_one_need_be(shape) -> None:
    for size in (7, 64, 100, 500):
        lengths = [np.zeros(shape)[block].size for block in cut_blocks(shape, size)]
        assert all(a + b > min(size, math.prod(shape)) // 2 for a, b in itertools.pairwise(lengths))


@pytest.mark.parametrize("shape", [(2, 3, 4), (1, 3, 1), (6,), (3, 4)], ids=str)
def test_the_part_of_an_operand_broadcasts_to_its_block(shape) -> None:
    for used in itertools.product([True, False], repeat=len(shape)):
        own = tuple(n if use else 1 for n, use in zip(shape, used, strict=True))
        for cut in range(len(shape) + 1):
            array = np.random.default_rng(3).normal(size=own[cut:])
            whole = np.broadcast_to(array, shape)
            for block in cut_blocks(shape, 5):
                part = part_of(array, block, len(shape))
                np.testing.assert_array_equal(
                    np.broadcast_to(part, whole[block].shape), whole[block]
                )
                assert not array.ndim or np.shares_memory(part, array)
    for number in (2.5, np.float32(1), np.array(3.0)):
        assert part_of(number, (slice(0, 2),), 1) is number


# shares

COUNTS = [0, 1, 2, 3, 4, 5, 7, 8, 20, 21]


@pytest.mark.parametrize("threads", [1, 2, 3, 5, 16])
@pytest.mark.parametrize("seams", [0, 1])
def test_shares_hold_every_block_once(threads, seams) -> None:
    for count in COUNTS:
        shares = share_blocks(count, threads, seams)
        held = [i for share in shares for first, last in share for i in range(first, last)]
        assert sorted(held) == list(range(count))


def test_blocks_with_seams_do_not_run_beside_their_neighbours() -> None:
    for threads, factor in itertools.product([2, 3, 5], [2, 3, 7]):
        for share in share_blocks(threads * factor, threads, 1):
            for (_, last), (first, _) in itertools.combinations(sorted(share), 2):
                assert first > last


# sums out of blocks


@pytest.mark.parametrize("shape", [(7,), (4, 6), (3, 4, 5), (1, 5), (5, 1), (2, 1, 3)], ids=str)
def test_reductions_of_blocks_join_to_the_reduction_of_the_whole(shape) -> None:
    x = np.random.default_rng(2).integers(-9, 9, size=shape).astype(float)
    reductions = [(np.add, np.sum), (np.maximum, np.max), (np.minimum, np.min)]
    for size, (combine, reduce) in itertools.product([1, 3, 6, 11, 1000], reductions):
        for count in range(len(shape) + 1):
            for axes in itertools.combinations(range(len(shape)), count):
                parts = [
                    reduce(x[block], axis=axes, keepdims=True) for block in cut_blocks(shape, size)
                ]
                found = join_blocks(combine, parts, shape, axes, size)
                np.testing.assert_array_equal(found, reduce(x, axis=axes, keepdims=True))


def test_a_joined_reduction_keeps_the_type_and_nan() -> None:
    x = np.float32([[1, np.nan], [3, 4], [5, np.inf]])
    for combine, reduce in ((np.add, np.sum), (np.maximum, np.max)):
        parts = [reduce(x[block], axis=(0,), keepdims=True) for block in cut_blocks(x.shape, 2)]
        found = join_blocks(combine, parts, x.shape, (0,), 2)
        np.testing.assert_array_equal(found, reduce(x, axis=0, keepdims=True))
        assert found.dtype == np.float32


# arguments and results


@pytest.mark.parametrize(
    ("values", "kinds"),
    [
        ((1.0,), ["float64"]),
        ((1,), ["float64"]),
        ((True,), ["float64"]),
        (([1, 2],), ["float64"]),
        ((np.float32(1), 0.5), ["float32", "float32"]),
        ((np.float32([1]), 1), ["float32", "float64"]),
        ((np.float16([1]), 0.5, np.float32(2)), ["float16", "float32", "float32"]),
        ((np.complex64([1]), 0.5), ["complex64", "float32"]),
        ((np.int8([1]), 0.5), ["float64", "float64"]),
        ((np.longdouble(1), 0.5), [np.dtype("g").name] * 2),
        ((np.array([1.0], ">f8"),), ["float64"]),
    ],
    ids=str,
)
def test_values_become_floats_of_their_precision(values, kinds) -> None:
    found = as_floats(*values)
    assert [a.dtype.name for a in found] == kinds
    assert [np.shape(a) for a in found] == [np.shape(a) for a in values]
    assert all(np.array_equal(a, b) for a, b in zip(found, values, strict=True))
    assert not any(isinstance(a, np.ndarray) and not a.ndim for a in found)


def test_arrays_that_are_floats_are_not_copied() -> None:
    x = np.arange(3.0)
    assert np.shares_memory(as_floats(x, 2.0)[0], x)


def test_a_common_shape_needs_one_shape_one_type_and_enough_elements() -> None:
    x = np.zeros((3, 4))
    assert common_shape(12, x, x + 1) == (3, 4)
    assert common_shape(13, x) is None
    assert common_shape(1, x, x.T) is None
    assert common_shape(1, x, x.astype(np.float32)) is None
    assert common_shape(1, x.astype(complex)) is None
    assert common_shape(0, np.zeros(0)) == (0,)
    assert common_shape(0, np.float64(1.0)) is None


def test_results_are_written_where_there_is_an_array() -> None:
    out = np.full(3, 7.0)
    assert new_array(out, (3,), np.float64) is out
    assert new_array(None, (2, 3), np.float32).dtype == np.float32
    assert zeros_in(out, (3,), np.float64) is out
    np.testing.assert_array_equal(out, 0.0)
    assert zeros_in(None, (2,), np.float32).dtype == np.float32


def test_a_nest_is_filled_where_there_are_arrays() -> None:
    a, b = np.empty(2), np.empty(2)
    one, two = np.ones(2), np.full(2, 2.0)
    assert fill(None, one) is one
    assert fill(one, one) is one
    found = fill((a, (None, b)), (one, (two, 5.0)))
    assert found[0] is a
    assert found[1][0] is two
    assert found[1][1] is b
    np.testing.assert_array_equal([a, b], [[1, 1], [5, 5]])


# the same functions in a source


@pytest.mark.parametrize("name", RUNTIME)
def test_each_function_stands_alone_in_a_source(name) -> None:
    imports, functions = runtime_source([name])
    namespace: dict = {"np": np}
    tree = ast.fix_missing_locations(ast.Module([*imports, *functions], []))
    exec(compile(tree, "runtime", "exec"), namespace)
    assert callable(namespace[name])
    # All that a function reads is in its module, a builtin, or NumPy.
    own = {f.name for f in functions} | {
        alias.asname or alias.name for line in imports for alias in line.names
    }
    for function in functions:
        free = set(inspect.getclosurevars(namespace[function.name]).unbound)
        assert not free - _attributes(function), free
        assert set(inspect.getclosurevars(namespace[function.name]).globals) <= own | {"np"}
    assert not [n for f in functions for n in ast.walk(f) if isinstance(n, ast.AnnAssign)]
    text = ast.unparse(ast.Module(functions, []))
    assert "Any" not in text


def _attributes(function):
    return {node.attr for node in ast.walk(function) if isinstance(node, ast.Attribute)}


def test_the_runtime_needs_numpy_and_the_standard_library_alone() -> None:
    lines = [n for n in ast.walk(ast.parse(inspect.getsource(runtime)))
             if isinstance(n, (ast.Import, ast.ImportFrom))]  # fmt: skip
    names = {getattr(n, "module", None) or n.names[0].name for n in lines}
    assert names <= {
        "__future__", "os", "collections", "collections.abc", "concurrent.futures", "typing",
        "itertools", "numpy",
    }  # fmt: skip


def test_a_loop_in_a_source_gives_the_values_of_the_runtime() -> None:
    imports, functions = runtime_source(["in_blocks"])
    namespace: dict = {"np": np}
    tree = ast.fix_missing_locations(ast.Module([*imports, *functions], []))
    exec(compile(tree, "runtime", "exec"), namespace)
    x, y = np.arange(100.0), np.empty(100)

    def double(views, x, y):
        np.multiply(x, 2.0, out=views[0])
        np.add(views[0], 1.0, out=y)

    namespace["in_blocks"](double, (100,), [x, y], [np.float64], size=7, threads=3, least=1)
    np.testing.assert_array_equal(y, 2 * x + 1)
