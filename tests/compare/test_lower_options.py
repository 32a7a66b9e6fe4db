"""Options in their ranges, what is kept, and what a lowered function can show and carry along."""

import gc
import weakref
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from lowered_answers import assert_near, assert_same, points

from compare.lower import PASSES, Operations, lower
from compare.lower.calls.kept import Kept
from compare.lower.passes import HarmfulPassError
from diffexpr import ExpressionValueError, constant, evaluate, symbol, symbols
from diffexpr.apply import apply
from diffexpr.functions import softmax

x, y = symbols("x y")
MIXED = x**2 * np.sin(y) + np.exp(-x * y) + np.tanh(x) * np.log(1 + y**2)
u = symbol("u", (100_000,))
STENCIL = np.sum((u[1:] - u[:-1]) ** 2 * np.sin(u[1:]))
n = 6000


# ranges


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"threads": 0}, "threads=0: give a number from 1"),
        ({"threads": -2}, "threads=-2: give"),
        ({"threads": 1.5}, "threads=1.5: give"),
        ({"threads": True}, "threads=True: give"),
        ({"threads": "2"}, "threads='2': give"),
        ({"block": -1}, "block=-1: give a number of elements, 0 for no blocks"),
        ({"block": 2.0}, "block=2.0: give"),
        ({"block": False}, "block=False: give"),
        ({"target": "fortran"}, "target='fortran': choose among numpy, scalar"),
        ({"passes": ("stable", "magic")}, "passes='magic': choose among broadcasts"),
        ({"passes": "magic"}, "passes='magic': choose among"),
        ({"output": "curl"}, "output='curl': choose among"),
        ({"by": "numeric"}, "no formula to lower"),
        ({"order": 3}, "order=3 is for output='taylor'"),
    ],
    ids=str,
)
def test_an_option_out_of_its_range_is_refused_in_one_line(options, message) -> None:
    with pytest.raises(ExpressionValueError, match=message) as caught:
        lower(MIXED, **options)
    assert "\n" not in str(caught.value)


def test_passes_by_one_name_several_none_and_in_any_order() -> None:
    a, b = points(n)
    wanted = lower(MIXED, passes=())(a, b)
    for passes in (None, (), [], "powers", ["powers"], ("stable", "folding"), tuple(PASSES)):
        assert_near(lower(MIXED, passes=passes)(a, b), wanted)
    assert lower(MIXED, passes=("stable", "folding")) is lower(MIXED, passes=["folding", "stable"])
    assert lower(MIXED, passes="powers") is lower(MIXED, passes=("powers",))
    default = tuple(name for name, entry in PASSES.items() if entry.default)
    assert lower(MIXED) is lower(MIXED, passes=default)
    assert lower(MIXED).operations.after != lower(MIXED, passes=()).operations.after


@pytest.mark.parametrize("name", PASSES)
def test_every_pass_alone_keeps_the_values(name) -> None:
    a, b = points(n)
    for expr in (MIXED, x**3 * np.sqrt(x) / (1 + np.exp(-y)), np.log(np.exp(x) + np.exp(y))):
        f = lower(expr, "hessian", passes=[name], block=512)
        assert_near(f(a, b), lower(expr, "hessian", passes=(), block=0)(a, b), 1e-11)


# what is kept


def test_lowering_the_same_again_gives_the_same_object() -> None:
    assert lower(MIXED) is lower(MIXED)
    rebuilt = x**2 * np.sin(y) + np.exp(-x * y) + np.tanh(x) * np.log(1 + y**2)
    assert lower(rebuilt) is lower(MIXED)


def test_what_differs_in_anything_is_another_object() -> None:
    def g(x, y):
        return x * y

    def h(x, y):
        return x * y

    variants = [
        lower(MIXED), lower(MIXED, "value"), lower(MIXED, "grad"), lower(MIXED, wrt="x"),
        lower(MIXED, wrt=("x",)), lower(MIXED, wrt=("y", "x")), lower(MIXED, by="forward"),
        lower(MIXED, threads=1), lower(MIXED, threads=2), lower(MIXED, block=0),
        lower(MIXED, block=64), lower(MIXED, passes=()), lower(MIXED, check=True),
        lower(MIXED + constant(0.0)), lower(MIXED + constant(-0.0)), lower(g, "value"),
        lower(h, "value"), lower(g, "value", at=((3,), (3,))),
        lower(g, "value", at=(np.float32(1), np.float32(1))), lower(x * y, "value"),
        lower(x * 2, "value"), lower(x * 2.0, "value"), lower(x * constant(True), "value"),
    ]  # fmt: skip
    assert len({id(f) for f in variants}) == len(variants)
    assert lower(g, "value") is lower(g, "value")


def test_signs_and_types_of_constants_are_not_mixed_up() -> None:
    assert np.signbit(lower(x * constant(-0.0), "value")(1.0))
    assert not np.signbit(lower(x * constant(0.0), "value")(1.0))
    assert lower(lambda a: constant(2), "value")(1.0) == 2.0


def test_the_store_is_bounded_and_lets_go() -> None:
    first = lower(np.sin(x) * 12345.0)
    gone = weakref.ref(first)
    assert lower(np.sin(x) * 12345.0) is first
    for i in range(200):
        lower(x * (i + 0.125), "value")
    assert lower(np.sin(x) * 12345.0) is not first
    assert first(0.0) == (0.0, 12345.0) or first(0.0)[0] == 0.0
    del first
    for i in range(200):
        lower(x * (i + 0.125), "value")
    gc.collect()
    assert gone() is None


def test_kept_things_leave_in_the_order_of_their_last_use() -> None:
    made = []
    kept = Kept(most=3)

    def get(key):
        return kept.get(key, lambda: made.append(key) or key.upper())

    assert [get(key) for key in "abcabd"] == list("ABCABD")
    assert made == list("abcd")
    assert len(kept) == 3
    get("a")
    assert made == list("abcd")
    get("c")
    assert made == list("abcdc")


def test_what_fails_to_be_made_is_not_kept() -> None:
    kept = Kept(most=2)

    def fail():
        raise ZeroDivisionError

    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            kept.get("a", fail)
    assert kept.get("a", lambda: 3) == 3


def test_many_threads_that_lower_the_same_get_one_object() -> None:
    expr = MIXED * 7.25
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: lower(expr), range(40)))
    assert len({id(f) for f in found}) == 1
    kept: Kept[object] = Kept(most=5)
    with ThreadPoolExecutor(8) as pool:
        jobs = [pool.submit(kept.get, i % 9, object) for i in range(500)]
        assert all(job.result() is not None for job in jobs)
    assert len(kept) == 5


# what it says


def test_operations_are_counted_before_and_after() -> None:
    counts = lower(x**2 * np.sin(y) + np.sin(y) * (x * 1), "value").operations
    assert type(counts) is Operations
    assert counts.before == {"add": 1, "multiply": 3, "power": 1, "sin": 1}
    assert counts.after == {"add": 1, "multiply": 2, "sin": 1, "square": 1}
    header, *rows, total = str(counts).splitlines()
    assert header.split() == ["operation", "before", "after"]
    assert total.split() == ["all", "6", "5"]
    assert {row.split()[0] for row in rows} == {"add", "multiply", "power", "sin", "square"}
    assert len({len(line) for line in str(counts).splitlines()}) == 1
    unchanged = lower(x**2 * np.sin(y), "value", passes=()).operations
    assert unchanged.before == unchanged.after


def test_the_explanation_names_passes_and_loops() -> None:
    text = lower(MIXED, block=512).explain()
    for name in (name for name, entry in PASSES.items() if entry.default):
        assert f"  {name}" in text
    assert "loops:" in text
    assert "blocks of 512" in text
    assert lower(MIXED, passes=()).explain().startswith("passes:\n  none\n")
    none = lower(np.sum(symbol("w", 3) * 2), "value").explain()
    assert none.rstrip().endswith("loops:\n  none")
    assert "none" not in lower(STENCIL, block=1000).explain()
    assert max(map(len, text.splitlines())) <= 120


def test_check_proves_every_pass_harmless(monkeypatch) -> None:
    f = lower(MIXED, "hessian", check=True)
    assert_same(f(*points(n)), lower(MIXED, "hessian")(*points(n)))
    w = symbol("w", (3, 4))
    rows = np.sum(softmax(w @ w.T, 0) ** 2) + np.sum((w @ w.T @ w) ** 2)
    assert_near(lower(rows, check=True)(np.eye(3, 4)), lower(rows, passes=())(np.eye(3, 4)), 1e-11)

    def harmful(outputs, *order):
        return tuple(apply("multiply", (o, constant(1 + 1e-9))) for o in outputs)

    entry = PASSES["powers"]
    monkeypatch.setitem(PASSES, "powers", entry._replace(run=harmful))
    assert lower(MIXED * 1.75, "value")(1.0, 2.0) != evaluate(MIXED * 1.75, {"x": 1.0, "y": 2.0})
    with pytest.raises(HarmfulPassError, match="powers"):
        lower(MIXED * 1.75, "value", check=True)(1.0, 2.0)
