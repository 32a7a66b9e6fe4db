"""Copies, pickles, pasted sources and saved modules give the same bits; long graphs compile."""

import copy
import importlib.util
import itertools
import pickle
import subprocess
import sys

import numpy as np
import pytest
from lowered_answers import assert_near, assert_same, points
from test_lower import pasted

from compare.lower import Lowered, LoweredBatch, lower
from compare.lower.comparing.error_bars import flat
from diffexpr import constant, evaluate, symbol, symbols

x, y = symbols("x y")
MIXED = x**2 * np.sin(y) + np.exp(-x * y) + np.tanh(x) * np.log(1 + y**2)
u = symbol("u", (100_000,))
STENCIL = np.sum((u[1:] - u[:-1]) ** 2 * np.sin(u[1:]))
n = 6000


# carried along

CASES = {
    "points": lambda **o: lower(MIXED, **o),
    "hessian": lambda **o: lower(MIXED, "hessian", **o),
    "arrays": lambda **o: lower(STENCIL, **o),
    "function": lambda **o: lower(lambda x, y: x * np.sin(y), "value", **o),
}


def arguments(f, size):
    if "u" in f.parameters:
        return (np.linspace(-1, 2, 100_000),)
    return points(size)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("options", [{}, {"block": 100, "threads": 3}, {"passes": ()}], ids=str)
def test_copies_give_the_same_bits(name, options) -> None:
    f = CASES[name](**options)
    for again in (pickle.loads(pickle.dumps(f)), copy.deepcopy(f), copy.copy(f)):
        assert type(again) is Lowered
        assert again.source == f.source
        assert again.__name__ == f.__name__
        assert str(again.operations) == str(f.operations)
        for size in (5, n):
            args = arguments(f, size)
            assert_same(again(*args), f(*args))
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        again = pickle.loads(pickle.dumps(f, protocol))
        assert_same(again(*arguments(f, n)), f(*arguments(f, n)))


def test_a_used_function_is_pickled_as_an_unused_one() -> None:
    f = lower(MIXED * 3.5)
    before = len(pickle.dumps(f))
    f(1.0, 2.0)
    f(*points(n))
    _ = f.source, f.operations, f.explain()
    assert len(pickle.dumps(f)) == before


def test_a_pickle_is_read_by_another_process() -> None:
    f = lower(MIXED, block=512, threads=2)
    a, b = points(n)
    code = (
        "import sys, pickle, numpy as np\n"
        "f, args, wanted = pickle.load(sys.stdin.buffer)\n"
        "value, grads = f(*args)\n"
        "print(all(np.array_equal(p, q) for p, q in zip((value, *grads), wanted)))\n"
    )
    value, grads = f(a, b)
    content = pickle.dumps((f, (a, b), (value, *grads)))
    done = subprocess.run([sys.executable, "-c", code], input=content, capture_output=True)
    assert done.stdout == b"True\n", done.stderr.decode()


def test_batches_are_pickled_too() -> None:
    f = lower(lambda v: np.sum(v**3), "grad", at=((2,),), batch=True)
    again = pickle.loads(pickle.dumps(f))
    assert type(again) is LoweredBatch
    rows = np.arange(6.0).reshape(3, 2)
    np.testing.assert_array_equal(again(rows), 3 * rows**2)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("options", [{}, {"block": 100, "threads": 3}, {"block": 0}], ids=str)
def test_the_source_pasted_elsewhere_gives_the_same_bits(name, options) -> None:
    f = CASES[name](**options)
    g = pasted(f)
    for size in (0, 1, 5, n):
        args = arguments(f, size)
        assert_same(g(*args), f(*args))
    if "u" not in f.parameters:
        a, b = points(n)
        for args in ((a, 0.5), (np.float64(0.5), b), (a[:1], b), (a.astype("f4"), 0.5)):
            assert_same(g(*args), f(*args))


def test_a_saved_module_is_the_source(tmp_path) -> None:
    f = lower(MIXED, block=512)
    path = tmp_path / "formula.py"
    f.save(path)
    f.save(str(path))
    assert path.read_text(encoding="utf-8") == f.source
    assert [p.name for p in tmp_path.iterdir()] == ["formula.py"]
    spec = importlib.util.spec_from_file_location("formula", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert_same(module.value_and_grad(*points(n)), f(*points(n)))


def test_a_failed_save_leaves_the_older_file(tmp_path, monkeypatch) -> None:
    path = tmp_path / "formula.py"
    lower(MIXED).save(path)
    before = path.read_text(encoding="utf-8")
    with pytest.raises(FileNotFoundError):
        lower(MIXED, "value").save(tmp_path / "missing" / "formula.py")

    def full(*args, **kwargs):
        raise OSError("no space left")

    monkeypatch.setattr("pathlib.Path.replace", full)
    with pytest.raises(OSError, match="no space"):
        lower(MIXED, "value").save(path)
    assert path.read_text(encoding="utf-8") == before
    assert [p.name for p in tmp_path.iterdir()] == ["formula.py"]


# graphs that are long or wide


def test_a_long_chain_compiles_with_and_without_loops() -> None:
    total = x
    for _ in range(1_000):
        total = np.sin(total) * 0.5 + y
    a, b = points(200)
    # A derivative has a thousand factors below one half: 1e-301 at most.
    for options in ({"block": 0}, {"block": 64}):
        f = lower(total, **options)
        value, grads = f(a, b)
        np.testing.assert_allclose(value, evaluate(total, {"x": a, "y": b}), rtol=1e-12)
        np.testing.assert_allclose(grads[0], 0.0, rtol=0, atol=1e-250)
    w = symbol("w", (80_000,))
    long = w
    for _ in range(300):
        long = np.sin(long) * 0.5 + 1
    values = np.linspace(0, 1, 80_000)
    found = lower(np.sum(long), "value")(values)
    assert found == pytest.approx(float(np.sum(long)(w=values)), rel=1e-12)


def test_hundreds_of_variables_and_outputs() -> None:
    variables = symbols(" ".join(f"v{i}" for i in range(150)))
    total = sum(np.sin(a) * b for a, b in itertools.pairwise(variables))
    f = lower(total, block=32)
    values = [np.linspace(0, 1, 40) + i for i in range(150)]
    value, grads = f(*values)
    assert len(grads) == 150
    plain = lower(total, block=0, passes=())(*values)
    assert_near((value, grads), plain, 1e-11)
    assert_same(pasted(f)(*values), (value, grads))
    assert len(flat(f(*map(float, range(150))))) == 151


def test_a_function_of_nothing() -> None:
    for options in ({}, {"block": 1}, {"passes": ()}):
        f = lower(constant(2.0) * 3, "value", **options)
        assert f() == pasted(f)() == 6.0
        assert lower(constant(2.0) * 3, **options)() == (6.0, ())
    whole = lower(constant(np.arange(3.0)) * 2, "value")()
    np.testing.assert_array_equal(whole, [0, 2, 4])
