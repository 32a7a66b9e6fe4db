"""The loop over blocks: every block once, in threads that do not meet, and errors come out."""

import itertools
import math
import threading

import numpy as np
import pytest

from compare.lower.source.runtime import in_blocks

SHAPES = [
    (0,), (1,), (7,), (10,), (3, 0), (0, 3), (2, 3), (1, 1, 1), (4, 1, 5), (5, 1), (1, 5),
    (2, 3, 4, 5), (1, 9), (3, 0, 2), (11, 13),
]  # fmt: skip


def double(views, x, y):
    (work,) = views
    np.multiply(x, 2.0, out=work)
    np.add(work, 1.0, out=y)


ORDERS = {
    "C": lambda a: a,
    "F": np.asfortranarray,
    "backwards": lambda a: a[::-1],
    "strided": lambda a: np.repeat(a, 2, axis=-1)[..., ::2],
    "read-only": lambda a: np.broadcast_to(a, a.shape),
}


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_a_loop_computes_the_whole(shape, order) -> None:
    x = ORDERS[order](np.random.default_rng(1).normal(size=shape))
    for size, threads in itertools.product([1, 4, 1000], [0, 1, 3]):
        y = np.full(shape, np.nan)
        in_blocks(double, shape, [x, y], [np.float64], size=size, threads=threads, least=1)
        np.testing.assert_array_equal(y, 2 * x + 1)


def test_operands_of_other_shapes_and_numbers_broadcast_into_blocks() -> None:
    column, row, number = np.arange(4.0).reshape(4, 1), np.arange(5.0), np.array(0.5)
    y = np.empty((4, 5))

    def body(views, a, b, c, out):
        np.add(a, b, out=views[0])
        np.multiply(views[0], c, out=out)

    for size in (1, 3, 5, 12, 99):
        y[...] = np.nan
        arrays = [column, row, number, y]
        in_blocks(body, (4, 5), arrays, [np.float64], size=size, threads=2, least=1)
        np.testing.assert_array_equal(y, (column + row) * 0.5)


def test_working_arrays_have_their_types_and_the_extent_of_the_block() -> None:
    seen = []

    def body(views, x):
        seen.append([(v.dtype.name, v.shape) for v in views])
        assert all(v.shape == x.shape for v in views)

    kinds = [np.float32, np.bool_, np.float64]
    in_blocks(body, (5, 3), [np.zeros((3, 5)).T], kinds, size=6, threads=1, least=1)
    assert [views[0][1] for views in seen] == [(2, 3), (2, 3), (1, 3)]
    assert [name for name, _ in seen[0]] == ["float32", "bool", "float64"]


def test_threads_have_working_arrays_of_their_own() -> None:
    meet, held = threading.Barrier(2, timeout=20), []

    def body(views, x):
        held.append(views[0])
        meet.wait()

    in_blocks(body, (4,), [np.zeros(4)], [np.float64], size=2, threads=2, least=1)
    assert not np.shares_memory(*held)


def test_what_blocks_return_comes_in_their_order() -> None:
    x = np.arange(100.0)
    for threads in (1, 4):
        found = in_blocks(
            lambda views, part: part[0], (100,), [x], [], size=7, threads=threads, least=1
        )
        assert found == list(np.arange(0, 100, 7))
    assert in_blocks(lambda views, part: 1, (0,), [x[:0]], [], size=7, threads=2, least=1) == []


def test_below_the_least_size_there_is_one_thread() -> None:
    names = set()

    def body(views, part):
        names.add(threading.current_thread().name)

    in_blocks(body, (99,), [np.zeros(99)], [], size=1, threads=4, least=100)
    assert names == {threading.current_thread().name}


def test_unflattened_blocks_are_those_of_the_shape() -> None:
    shapes = []
    for flat in (True, False):
        in_blocks(
            lambda views, part: shapes.append(part.shape),
            (4, 6), [np.zeros((4, 6))], [], size=12, threads=1, least=1, flat=flat,
        )  # fmt: skip
    assert shapes == [(12,), (12,), (2, 6), (2, 6)]


class Odd(Exception):
    """Raised within a block."""


@pytest.mark.parametrize("threads", [1, 2, 4])
@pytest.mark.parametrize("seams", [0, 1])
def test_an_error_in_any_block_comes_out_and_leaves_no_thread(threads, seams) -> None:
    before = set(threading.enumerate())
    for wrong in (0, 3, 9):

        def body(views, part, wrong=wrong):
            if part[0] == wrong * 10:
                raise Odd(wrong)

        with pytest.raises(Odd, match=str(wrong)):
            in_blocks(
                body, (100,), [np.arange(100)], [], size=10, threads=threads, least=1, seams=seams
            )
    assert set(threading.enumerate()) == before


def test_an_error_in_a_worker_is_not_lost() -> None:
    meet = threading.Barrier(2, timeout=20)

    def body(views, part):
        meet.wait()
        if threading.current_thread() is not threading.main_thread():
            raise Odd

    with pytest.raises(Odd):
        in_blocks(body, (2,), [np.zeros(2)], [], size=1, threads=2, least=1)


def test_no_warning_comes_out_of_any_thread_and_the_state_is_restored() -> None:
    state = np.geterr()
    for mode in ("raise", "warn"):
        with np.errstate(all=mode):
            within = np.geterr()
            y = np.empty(10)
            in_blocks(
                lambda views, x, out: np.divide(1.0, x, out=out),
                (10,), [np.zeros(10), y], [], size=1, threads=3, least=1,
            )  # fmt: skip
            assert np.geterr() == within
            assert np.isinf(y).all()
    assert np.geterr() == state


def test_a_loop_may_run_within_a_loop_of_another_thread() -> None:
    def body(views, x, out):
        in_blocks(double, x.shape, [x, out], [np.float64], size=3, threads=2, least=1)

    x, y = np.arange(50.0), np.empty(50)
    in_blocks(body, (50,), [x, y], [], size=10, threads=3, least=1)
    np.testing.assert_array_equal(y, 2 * x + 1)


# threads


def together(shape, size, threads, reach, **options):
    """Which blocks were in their body at the same time, as pairs of the ranges they write to."""
    lock, busy, pairs = threading.Lock(), [], set()
    places = np.arange(math.prod(shape)).reshape(shape)
    pause = threading.Event()

    def body(views, part):
        span = (int(part.min()), int(part.max()) + reach)
        with lock:
            pairs.update((span, other) for other in busy)
            busy.append(span)
        pause.wait(0.002)
        with lock:
            busy.remove(span)

    in_blocks(body, shape, [places], [], size=size, threads=threads, least=1, **options)
    return pairs


@pytest.mark.parametrize(
    ("shape", "size", "reach"),
    [((100,), 10, 3), ((100,), 50, 1), ((100,), 34, 1), ((60,), 5, 5), ((60,), 5, 12),
     ((60,), 5, 31), ((12, 5), 10, 6), ((3, 4, 5), 3, 7)],
    ids=str,
)  # fmt: skip
def test_what_writes_to_the_same_elements_never_runs_at_once(shape, size, reach) -> None:
    for threads in (2, 3, 4):
        for (a, b), (c, d) in together(shape, size, threads, reach, seams=reach):
            assert b < c or d < a, (threads, (a, b), (c, d))


def test_threads_do_run_at_once() -> None:
    meet = threading.Barrier(3, timeout=20)
    in_blocks(lambda views, part: meet.wait(), (6,), [np.zeros(6)], [], size=2, threads=3, least=1)
    assert together((400,), 10, 2, 1, seams=1)
