"""Data in chunks give what the same data give in memory, on every scheduler of Dask."""

import importlib
import logging
import os
import pickle
import runpy
import subprocess
import sys

import dask
import dask.array as da
import numpy as np
import pytest
from distributed import Client, LocalCluster
from project import ROOT
from scipy.optimize import minimize

import autodiff
from compare import cross_check, lower
from compare.chunks import Program
from compare.distributed import map_blocks, value_and_grad
from diffexpr import (
    ExpressionTypeError,
    ExpressionValueError,
    MissingExtraError,
    ShapeError,
    parse,
    symbol,
    symbols,
)

x, y = symbols("x y")
WAVE = lower(x * np.sin(y) + np.log(1 + x * x))
RNG = np.random.default_rng(5)

# Whole numbers, so that every sum below is exact and no order of adding can change it.
X = RNG.integers(-9, 9, size=(103, 3)).astype(float)
Y = RNG.integers(-9, 9, size=103).astype(float)
W = np.array([2.0, -1.0, 3.0])
GAP = X @ W + 4.0 - Y


def squares(w, b, x, y):
    return (x @ w + b - y) ** 2


def chunked(rows=10, columns=3, labels=10):
    return da.from_array(X, chunks=(rows, columns)), da.from_array(Y, chunks=labels)


@pytest.fixture(scope="module")
def client():
    with (
        LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
            silence_logs=logging.CRITICAL,
        ) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        yield client


# chunk by chunk


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (da.from_array(X, chunks=(10, 2)), 2.0),
        (da.from_array(X, chunks=(10, 2)), da.from_array(X, chunks=(7, 3))),
        (da.from_array(X, chunks=(10, 2)), np.array([1.0, 2.0, 3.0])),
        (da.from_array(X[:, :1], chunks=50), da.from_array(Y[:7], chunks=2)),
        (da.from_array(Y.astype(np.float32), chunks=9), 0.5),
        (da.from_array(Y.astype(np.float32), chunks=9), np.float64(0.5)),
        (da.from_array(Y.astype(np.int8), chunks=9), 3),
        (da.from_array(Y * 1j, chunks=50), 1.0),
        (da.from_array(np.array([np.nan, np.inf, -np.inf, -0.0, 5e-324]), chunks=2), 0.0),
        (da.from_array(np.array(2.0)), 1.0),
        (da.from_array(X[:0], chunks=5), 1.0),
    ],
    ids=str,
)
def test_arrays_of_any_chunks_give_what_they_give_in_memory(a, b):
    value, gradient = map_blocks(WAVE, a, b)
    lazy = (value, *gradient)
    whole = [v.compute() if isinstance(v, da.Array) else v for v in (a, b)]
    wanted = lower(x * np.sin(y) + np.log(1 + x * x), threads=1)(*whole)
    for found, array, right in zip(dask.compute(*lazy), lazy, (wanted[0], *wanted[1]), strict=True):
        assert found.dtype == array.dtype == right.dtype
        assert found.shape == array.shape == right.shape
        # Chunks of other lengths may go through other loops of NumPy, of other last bits.
        np.testing.assert_allclose(found, right, rtol=4 * np.finfo(right.dtype).eps)


def test_every_result_has_the_shape_of_all_arguments():
    a = da.from_array(Y, chunks=10)
    dx, dy = map_blocks(lower(2 * x + 3 * y**2, "grad"), y=a, x=1.0)
    np.testing.assert_array_equal(dx, np.full(103, 2.0))
    np.testing.assert_array_equal(dy, 6 * Y)
    assert dx.chunks == a.chunks
    value = map_blocks(lower(x * y, "value"), a, a)
    assert isinstance(value, da.Array)


def test_rows_of_vectors_are_batches():
    v, c = symbol("v", (3,)), symbol("c")
    f = lower(c * np.sum(v**3), "value_and_grad", batch=True)
    a = da.from_array(X, chunks=(20, 2))
    value, (dc, dv) = map_blocks(f, v=a, c=da.from_array(Y, chunks=33))
    assert dv.shape == X.shape
    assert dv.chunks == (value.chunks[0], (3,))
    np.testing.assert_array_equal(value, Y * np.sum(X**3, axis=1))
    np.testing.assert_array_equal(dc, np.sum(X**3, axis=1))
    np.testing.assert_array_equal(dv, Y[:, None] * 3 * X**2)
    single = lower(np.linalg.inv(symbol("m", (2, 2))), "value", batch=True)
    pairs = da.from_array((np.eye(2) * np.arange(1.0, 6)[:, None, None]).astype("f4"), chunks=2)
    found = map_blocks(single, pairs)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found[:, 0, 0], 1 / np.arange(1.0, 6), rtol=1e-6)  # of float32
    with pytest.raises(ShapeError, match="5 and 103 rows"):
        map_blocks(f, v=a, c=np.ones(5))
    with pytest.raises(ShapeError, match="a number among"):
        map_blocks(f, v=a, c=2.0)


def test_chunks_of_unknown_length_stay_so():
    kept = da.from_array(Y, chunks=10)
    kept = kept[kept > 0]
    value, (_, dy) = map_blocks(lower(x * y), kept, 2.0)
    assert np.isnan(value.shape[0])
    np.testing.assert_array_equal(value.compute(), 2 * Y[Y > 0])
    np.testing.assert_array_equal(dy.compute(), Y[Y > 0])


def test_a_chunk_is_computed_once_for_all_results():
    counted = []

    def count(block):
        counted.append(len(block))
        return block

    a = da.from_array(Y, chunks=60).map_blocks(count, dtype=float, meta=np.empty(0))
    value, (dx, dy) = map_blocks(lower(x * y), a, 2.0)
    assert counted == []
    dask.compute(value, dx, dy, scheduler="synchronous")
    assert sorted(counted) == [43, 60]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: map_blocks(WAVE, Y, 1.0), ExpressionTypeError, "call the function itself"),
        (lambda: map_blocks(WAVE, da.ones(3)), ExpressionTypeError, "missing .* 'y'"),
        (lambda: map_blocks(WAVE, da.ones(3), z=1.0), ExpressionTypeError, "'y'"),
        (lambda: map_blocks(WAVE, da.ones(3), "1"), ExpressionTypeError, "y is '1'"),
        (lambda: map_blocks(WAVE, da.ones(3), x), ExpressionTypeError, "y is symbolic"),
        (lambda: map_blocks(WAVE, da.ones(3), da.ones(2)), ShapeError, r"\(3,\) and \(2,\) do not"),
        (lambda: map_blocks(x * y, da.ones(3), 1.0), ExpressionTypeError, "is not lowered"),
        (
            lambda: map_blocks(lower(np.sum(x * np.arange(3.0)), "value"), da.ones(3)),
            ShapeError,
            r"not pointwise, it has an array of shape \(3,\)",
        ),
    ],
)
def test_arrays_that_do_not_fit_are_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()


# sums over rows


@pytest.mark.parametrize("chunks", [(10, 3, 10), (10, 2, 7), (103, 1, 1), (102, 3, 50)], ids=str)
@pytest.mark.parametrize("reduce", ["sum", "mean"])
def test_the_gradient_of_a_sum_is_that_by_hand(chunks, reduce):
    fit = value_and_grad(squares, chunked(*chunks), ("w", "b"), reduce=reduce)
    value, (dw, db) = fit(W, 4.0)
    count = 103 if reduce == "mean" else 1
    assert value == np.sum(GAP**2) / count
    np.testing.assert_array_equal(dw, 2 * GAP @ X / count)
    assert db == 2 * np.sum(GAP) / count
    dw[0] = 0.0  # the caller's own


def test_every_scheduler_gives_the_same_numbers(client):
    def loss(w, x, y):
        return np.logaddexp(0, -y * np.tanh(x @ w / 7))

    fit = value_and_grad(loss, chunked(), reduce="mean", split_every=2)
    wanted = autodiff.value_and_grad(lambda w: np.mean(loss(w, X, Y)))(W)
    with dask.config.set(scheduler="synchronous"):
        first = fit(W)
    with dask.config.set(scheduler="threads"):
        second = fit(W)
    with client.as_current():
        third = fit(W)
    # Means of 103 terms below 10, added in another order: a few hundred roundings at most.
    for value, gradient in (first, second, third):
        np.testing.assert_allclose(value, wanted[0], rtol=1e-13)
        np.testing.assert_allclose(gradient, wanted[1], atol=1e-13)


def test_parameters_and_data_come_as_arguments_do():
    a, b = chunked()
    wanted = np.sum(GAP**2)

    def mixed(x, w, y, b=4.0, *, scale=1.0):
        return scale * squares(w, b, x, y)

    assert value_and_grad(mixed, {"y": b, "x": a}, "w")(W)[0] == wanted
    assert value_and_grad(mixed, {"y": b, "x": a}, ("b", "w"))(W, 4.0)[0] == wanted
    assert value_and_grad(lambda *v: squares(*v), (a, Y), 1)(W, 4.0) == (wanted, 2 * np.sum(GAP))
    assert value_and_grad(lambda w, x: (x @ w) ** 2, a)(W)[0] == np.sum((X @ W) ** 2)
    assert value_and_grad(squares, [a, b], by="forward", passes=())(W, 4)[0] == wanted
    assert value_and_grad(lambda *w, x: x * w[0] * w[1], {"x": b})(2.0, 3.0)[1] == 3 * np.sum(Y)
    # The signature of a function in C is not known.
    assert value_and_grad(np.multiply, b)(2.0) == (2 * np.sum(Y), np.sum(Y))


def test_an_expression_is_the_loss_of_one_row():
    line = parse("(slope*x + offset - y)^2")
    data = {"x": da.from_array(X[:, 0], chunks=25), y: Y}
    gap = 3 * X[:, 0] + 1 - Y
    value, (offset, slope) = value_and_grad(line, data)(1.0, 3.0)
    assert (value, offset, slope) == (np.sum(gap**2), 2 * np.sum(gap), 2 * np.sum(gap * X[:, 0]))
    assert value_and_grad(line, data, "slope")(1.0, 3.0)[1] == slope


def test_the_precision_is_that_in_memory():
    a, b = (column.astype(np.float32) for column in chunked())
    fit = value_and_grad(squares, (a, b), ("w", "b"))
    value, (dw, db) = fit(W.astype(np.float32), 4.0)
    assert {value.dtype, dw.dtype, db.dtype} == {np.dtype(np.float32)}
    assert fit(W, 4.0)[0].dtype == np.float64


def test_few_rows_and_none():
    a, b = chunked()
    empty = a[:0], b[:0]
    value, gradient = value_and_grad(squares, empty)(W, 4.0)
    assert value == 0
    np.testing.assert_array_equal(gradient, np.zeros(3))
    value, gradient = value_and_grad(squares, empty, reduce="mean")(W, 4.0)
    assert np.isnan(value)
    assert np.isnan(gradient).all()
    holes = a.rechunk(((0, 100, 0, 3), 3)), b
    assert value_and_grad(squares, holes)(W, 4.0)[0] == np.sum(GAP**2)


def test_nan_and_infinity_come_through():
    column = da.from_array(np.array([1.0, np.inf, -np.inf, 2.0]), chunks=1)
    assert np.isnan(value_and_grad(lambda a, x: a * x, column)(1.0)).all()
    assert value_and_grad(lambda a, x: a * x, column[:2])(1.0) == (np.inf, np.inf)


def test_an_optimiser_takes_it_as_it_is():
    fit = value_and_grad(squares, chunked())
    found = minimize(fit, np.zeros(3), args=(4.0,), jac=True, method="L-BFGS-B")
    wanted = np.linalg.lstsq(X, Y - 4.0)[0]
    np.testing.assert_allclose(found.x, wanted, atol=1e-5)  # the optimiser's own tolerance


def test_it_is_lowered_once_for_each_length(monkeypatch):
    module = importlib.import_module("compare.distributed")
    lowered = []

    def counting(f, *args, **kwargs):
        lowered.append(kwargs["at"][-1].shape)
        assert kwargs["threads"] == 1
        return lower(f, *args, **kwargs)

    monkeypatch.setattr(module, "lower", counting)
    fit = value_and_grad(squares, chunked())
    for _ in range(3):
        fit(W, 4.0)
    assert sorted(lowered) == [(3,), (10,)]


def test_a_program_is_compiled_once_in_a_process():
    sent = pickle.dumps(Program(lower(x * y, threads=1)))
    first, second = pickle.loads(sent), pickle.loads(sent)
    assert first(2.0, 3.0) == (6.0, (3.0, 2.0))
    assert second(2.0, 3.0) == (6.0, (3.0, 2.0))
    assert first._lowered is second._lowered is not None


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((squares, (X, Y)), ExpressionTypeError, "data is ndarray, ndarray; give Dask"),
        ((squares, ()), ExpressionTypeError, "data is nothing"),
        ((squares, (da.ones((3, 3)), da.ones(4))), ShapeError, "3 and 4 rows"),
        ((squares, da.from_array(np.array(1.0))), ShapeError, "a number among its arrays"),
        ((squares, {"z": da.ones(4)}), ExpressionValueError, "'z', which is none of w, b, x, y"),
        ((x * y, da.ones(4)), ExpressionTypeError, "given by name"),
        (("x", da.ones(4)), ExpressionTypeError, "parse text first"),
    ],
)
def test_data_that_do_not_fit_are_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        value_and_grad(*arguments)


@pytest.mark.parametrize(
    ("f", "wrt", "parameters", "error", "message"),
    [
        (squares, None, (W,), ExpressionTypeError, "given 1 parameters and 2 data: missing .*'y'"),
        (squares, None, (W, 1.0, 2.0), ExpressionTypeError, "too many"),
        (squares, None, ("w", 1.0), ExpressionTypeError, "w is 'w'"),
        (squares, None, (W, x), ExpressionTypeError, "b is a Expr; the parameters are ordinary"),
        (squares, None, (da.ones(3), 1.0), ExpressionTypeError, "w is a Array; the parameters"),
        (squares, "x", (W, 1.0), ExpressionValueError, "wrt='x' is data; .* parameter: w, b"),
        (squares, "q", (W, 1.0), ExpressionValueError, "wrt='q' is not a parameter"),
        (lambda w, x, y: np.sum(x @ w), None, (W,), ShapeError, r"gives shape \(\) for \d+ rows"),
        (lambda w, x, y: None, None, (W,), ShapeError, "gives NoneType"),
        (lambda x, y: y, None, (), ExpressionValueError, "there is none"),
    ],
)
def test_parameters_that_do_not_fit_are_refused(f, wrt, parameters, error, message):
    with pytest.raises(error, match=message):
        value_and_grad(f, chunked(), wrt)(*parameters)


def test_what_else_is_refused():
    a, b = chunked()
    with pytest.raises(ExpressionValueError, match="reduce='max': choose among sum, mean"):
        value_and_grad(squares, (a, b), reduce="max")
    with pytest.raises(ExpressionValueError, match=r"compute_chunk_sizes\(\) first"):
        value_and_grad(lambda w, x: x * w, b[b > 0])
    with pytest.raises(ExpressionTypeError, match=r"got 2 parameters; .* has 1 .* \(y\)"):
        value_and_grad(x * y, {"x": b})(1.0, 2.0)


def test_without_dask_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "dask.array", None)
    with pytest.raises(MissingExtraError, match=r"crossdiff\[dask\]"):
        map_blocks(WAVE, 1.0, 1.0)


# a cluster


def die_once(block, marker, block_id=None):
    """The sixth chunk, read for the first time, takes its worker with it."""
    if block_id[0] == 5:
        try:
            os.close(os.open(marker, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return block
        os.kill(os.getpid(), 9)
    return block


def test_a_killed_worker_costs_time_and_no_digit(client, tmp_path):
    marker = tmp_path / "killed"
    a, b = chunked()
    a = a.map_blocks(die_once, str(marker), dtype=float, meta=np.empty((0, 0)))
    with client.as_current():
        value, gradient = value_and_grad(squares, (a, b))(W, 4.0)
    assert marker.exists()
    assert value == np.sum(GAP**2)
    np.testing.assert_array_equal(gradient, 2 * GAP @ X)
    client.wait_for_workers(2, timeout=60)


def test_arrays_on_a_cluster(client):
    a = client.persist(da.from_array(X, chunks=20))
    value, (dx, dy) = client.gather(client.compute(map_blocks(lower(x * y), a, 2.0)))
    np.testing.assert_array_equal(value, 2 * X)
    np.testing.assert_array_equal(dx, np.full(X.shape, 2.0))
    np.testing.assert_array_equal(dy, X)


def test_backends_are_asked_on_a_cluster(client):
    executor = client.get_executor()
    for f in (parse("x^2 sin(y)"), lambda x, y: x * np.exp(y)):
        there = cross_check(f, (1.5, 2.0), executor=executor)
        here = cross_check(f, (1.5, 2.0))
        assert there.verdict == "agree"
        for far, near in zip(there.backends, here.backends, strict=True):
            assert (far.name, far.formulas, far.values) == (near.name, near.formulas, near.values)
    points = list(executor.map(cross_check, ["x^2", "1/x", "abs(x)"], [1.0, 0.0, 0.0]))
    assert [check.verdict for check in points] == ["agree", "undefined", "kink"]


def test_the_example_runs_through_the_loss_of_a_worker():
    script = ROOT / "examples" / "fit_in_chunks.py"
    done = subprocess.run([sys.executable, "-W", "error", script], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "one of the two workers is killed" in done.stdout
    parts = runpy.run_path(str(script))
    with dask.config.set(scheduler="synchronous"):
        found = parts["fit"](parts["rows"](20_000, 3_000))
    # A weight's standard error is about 2 / sqrt(rows).
    np.testing.assert_allclose(found.x, parts["TRUTH"], atol=0.1)
