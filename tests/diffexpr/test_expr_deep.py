"""A million nodes one inside another, at Python's own recursion limit."""

import gc
import pickle
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest

from diffexpr import Expr, Limits, latex, parse, symbol
from diffexpr import expr as expr_module

x = symbol("x")


def chain(length: int) -> Expr:
    made = x
    for _ in range(length // 2):
        made = -(made * 0.5)
    return made


ALL_OF_IT = """
import gc, pickle, sys
from diffexpr import symbol
from diffexpr import expr as expr_module

assert sys.getrecursionlimit() == 1000
x = made = symbol("x")
nodes = len(expr_module._interned)
for _ in range(500_000):
    made = -(made + x)
assert len(expr_module._interned) == nodes + 1_000_000
assert len(str(made)) > 1_000_000
assert made(x=1.0) == 1.0
assert made.variables == (x,)
data = pickle.dumps(made)
assert pickle.loads(data) is made
del made
gc.collect()
assert len(expr_module._interned) == nodes
"""


def test_a_million_nodes_do_all_that_a_few_do() -> None:
    # In an interpreter of its own: its memory goes back, and coverage does not slow it down.
    done = subprocess.run([sys.executable, "-c", ALL_OF_IT], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_deep_graph_is_built_again_from_its_pickle() -> None:
    made = chain(40_000)
    data, value = pickle.dumps(made), made(x=2.0**500)
    del made
    gc.collect()
    assert pickle.loads(data)(x=2.0**500) == value


def test_a_deep_graph_reads_back_and_is_set() -> None:
    made = chain(20_000)
    assert parse(str(made), limits=Limits(length=10**8, nodes=10**7)) is made
    assert len(latex(made)) < 50 * 20_000


@pytest.mark.parametrize(
    "step",
    [
        lambda n, i: -n,
        lambda n, i: n * (i + 0.5),
        lambda n, i: n + 1,
        lambda n, i: np.maximum(n, x),
    ],
    ids=["unary", "binary with constants", "binary with a constant", "binary"],
)
def test_a_node_takes_at_most_500_bytes(step) -> None:
    count = 50_000
    gc.collect()
    table = expr_module._interned
    nodes, room = len(table), sys.getsizeof(table)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        made = symbol("deep")
        for i in range(count):
            made = step(made, i)
        gc.collect()
        taken = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    made_nodes = len(table) - nodes
    assert made_nodes >= count
    # The table grows by doubling, here or in another test: each node bears its share of it.
    taken += made_nodes / len(table) * sys.getsizeof(table) - (sys.getsizeof(table) - room)
    assert taken / made_nodes <= 500
