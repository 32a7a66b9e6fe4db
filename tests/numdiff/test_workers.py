"""Calls of f by the workers of an executor: the same answers to the bit, the same errors."""

import math
import multiprocessing
import threading
import warnings
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pytest
from systems import chain

import numdiff
from numdiff import InputError, InputTypeError, workers
from numdiff.calls import Elementwise
from numdiff.silence import quiet

X = np.random.default_rng(3).uniform(-2, 2, 30)
BAND = np.abs(np.subtract.outer(np.arange(30), np.arange(30))) <= 1


def energy(v):
    return np.sum(np.exp(v / 3) * v)


def scaled(v, k):
    return k * chain(v)


def of_logs(v):
    return np.array([math.log(v[0]) * v[1], math.sqrt(v[1])])


def wrong_shape(v):
    return np.ones(2 if v[0] == 1 else 3)


def broken(v):
    if v[0] != 1:
        raise LookupError("lost")
    return v


def no_numbers(v):
    return "one" if v[0] != 1 else v[0]


def loud(v):
    warnings.warn("far out", RuntimeWarning, stacklevel=1)
    return np.sqrt(v)


def spoiling(v):
    y = v**2
    v[:] = np.nan
    return y


def one_number(x):
    return math.sin(x) * math.log(x)


@pytest.fixture(scope="module")
def pools():
    # A fork beside running threads may hang.
    context = multiprocessing.get_context("spawn")
    with (
        ThreadPoolExecutor(3) as threads,
        ProcessPoolExecutor(2, mp_context=context) as processes,
    ):
        yield {"threads": threads, "processes": processes}


both = pytest.mark.parametrize("kind", ["threads", "processes"])


def same(a, b):
    assert a.evaluations == b.evaluations
    assert a.note == b.note
    for name in ("value", "error", "status", "step", "order", "left", "right"):
        one, other = getattr(a, name), getattr(b, name)
        one, other = (one, other) if isinstance(one, np.ndarray) else (one.data, other.data)
        np.testing.assert_array_equal(one, other)


@both
@pytest.mark.parametrize("method", ["auto", "2-point", "3-point", "cs"])
@pytest.mark.parametrize("sparsity", [None, BAND, "detect"])
def test_the_same_bits(pools, kind, method, sparsity):
    asked = {"method": method, "sparsity": sparsity}
    same(
        numdiff.estimate_jacobian(chain, X, **asked, workers=pools[kind]),
        numdiff.estimate_jacobian(chain, X, **asked),
    )


@both
def test_functions_that_are_not_defined_everywhere(pools, kind):
    x = [1e-3, 0.5]
    same(
        numdiff.estimate_jacobian(of_logs, x, workers=pools[kind]),
        numdiff.estimate_jacobian(of_logs, x),
    )


@both
@pytest.mark.parametrize(
    ("f", "error"),
    [(wrong_shape, InputError), (broken, LookupError), (no_numbers, InputTypeError)],
)
def test_errors_are_those_of_serial_calls(pools, kind, f, error):
    messages = []
    for executor in (None, pools[kind]):
        with pytest.raises(error) as caught:
            numdiff.estimate_jacobian(f, np.ones(3), workers=executor)
        messages.append(str(caught.value))
    assert messages[0] == messages[1]


@both
def test_at_x_an_error_is_raised(pools, kind):
    with pytest.raises(ValueError, match="math domain error"):
        numdiff.estimate_jacobian(of_logs, [-1.0, 1.0], workers=pools[kind])


@both
def test_verbs(pools, kind):
    given = {"workers": pools[kind]}
    np.testing.assert_array_equal(numdiff.grad(energy, **given)(X), numdiff.grad(energy)(X))
    value, slope = numdiff.value_and_grad(energy, **given)(X)
    assert value == energy(X)
    np.testing.assert_array_equal(slope, numdiff.grad(energy)(X))
    plain = numdiff.jacobian(scaled, (0, 1))(X, 2.0)
    for one, other in zip(numdiff.jacobian(scaled, (0, 1), **given)(X, 2.0), plain, strict=True):
        np.testing.assert_array_equal(one, other)
    sparse = numdiff.jacobian(scaled, sparsity=BAND, **given)(X, 2.0)
    np.testing.assert_array_equal(sparse.toarray(), plain[0])


@both
def test_functions_of_single_numbers(pools, kind):
    x = np.linspace(0.01, 3, 40)
    no_bounds = np.full(40, -np.inf), np.full(40, np.inf)
    points = x + np.linspace(-0.02, 0.02, 11)[:, None]
    values, evaluations = [], []
    for executor in (None, pools[kind]):
        sample = Elementwise(one_number, x, [], x.dtype, no_bounds, workers=executor)
        values.append(sample(points))
        assert not sample.takes_arrays
        evaluations.append(sample.evaluations)
    assert np.isnan(values[0]).any()
    np.testing.assert_array_equal(*values)
    assert evaluations[0] == evaluations[1]
    wrong = Elementwise(one_number, -x, [], x.dtype, no_bounds, workers=pools[kind])
    with pytest.raises(ValueError, match="math domain error"):
        wrong(-x[None])


def test_calls_are_made_by_the_workers():
    names = set()

    def f(v):
        names.add(threading.current_thread().name)
        return chain(v)

    with ThreadPoolExecutor(2, thread_name_prefix="worker") as threads:
        numdiff.estimate_jacobian(f, X, workers=threads)
    # All but the first call, whose result says how many outputs there are.
    names.remove(threading.current_thread().name)
    assert names
    assert all(name.startswith("worker") for name in names)


def test_no_worker_is_given_more_than_fits_in_memory(monkeypatch):
    given = []

    class Counting(ThreadPoolExecutor):
        def map(self, fn, *iterables, timeout=None, chunksize=1):
            (items,) = iterables
            given.append(len(items))
            return super().map(fn, *iterables, timeout=timeout, chunksize=chunksize)

    monkeypatch.setattr(workers, "_MOST_BYTES", 8 * 60 * 5)
    with Counting(2) as threads:
        result = numdiff.estimate_jacobian(chain, X, workers=threads)
    assert max(given) == 5
    same(result, numdiff.estimate_jacobian(chain, X))


@both
def test_a_function_may_spoil_its_argument(pools, kind):
    same(
        numdiff.estimate_jacobian(spoiling, X, workers=pools[kind]),
        numdiff.estimate_jacobian(spoiling, X),
    )


@both
def test_no_word_of_warnings_and_the_filters_are_as_before(pools, kind):
    before = list(warnings.filters)
    result = numdiff.estimate_jacobian(loud, [1.0, 1e-3], workers=pools[kind])
    np.testing.assert_allclose(np.diag(result.value), [0.5, 0.5 / np.sqrt(1e-3)], rtol=1e-9)
    assert warnings.filters == before


def test_silence_that_threads_begin_and_end_in_any_order():
    before = list(warnings.filters)
    first, second = quiet(), quiet()
    first.__enter__()
    with ThreadPoolExecutor(1) as thread:
        thread.submit(second.__enter__).result()
        first.__exit__(None, None, None)
        warnings.warn("still held back", UserWarning, stacklevel=1)
        thread.submit(second.__exit__, None, None, None).result()
    assert warnings.filters == before


def test_what_a_process_pool_cannot_pickle_is_refused():
    offset = 1.0
    with ProcessPoolExecutor(1) as processes:  # it starts no process until it has work
        for ask in (
            lambda f: numdiff.estimate_jacobian(f, X, workers=processes),
            lambda f: numdiff.grad(f, workers=processes),
            lambda f: numdiff.jacobian(f, workers=processes),
        ):
            with pytest.raises(InputError, match="top of a module, or use a Thread") as caught:
                ask(lambda v: v + offset)
            assert "\n" not in str(caught.value)


@pytest.mark.parametrize("executor", [4, "threads", Executor, multiprocessing])
def test_what_is_no_executor_is_refused(executor):
    for ask in (
        lambda: numdiff.estimate_jacobian(chain, X, workers=executor),
        lambda: numdiff.value_and_grad(energy, workers=executor),
        lambda: Elementwise(np.sin, X, [], X.dtype, (X, X), workers=executor),
    ):
        with pytest.raises(InputTypeError, match=r"concurrent\.futures\.Executor, got") as caught:
            ask()
        assert "\n" not in str(caught.value)
