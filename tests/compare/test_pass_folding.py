"""Constants are folded to the bits that evaluation gives, and no further than they may be."""

import numpy as np
import pytest
from pass_graphs import EDGES, identical

from compare.lower.passes.folding import LARGEST, folding
from diffexpr import constant, evaluate, parse, pi, symbol
from diffexpr.apply import apply
from diffexpr.custom import primitive
from diffexpr.domains import CONDITION
from diffexpr.primitives import TABLE

x = symbol("x")
NUMBERS = (*EDGES, 2, -3, 0, 10**18)


def folded(expr):
    (found,) = folding([expr])
    return found


@pytest.mark.parametrize("row", TABLE.values(), ids=lambda row: row.name)
def test_every_row_folds_to_what_evaluation_gives(row) -> None:
    rng = np.random.default_rng(0)
    for _ in range(12):
        operands = [
            constant(bool(rng.random() < 0.5) if d is CONDITION else NUMBERS[rng.integers(22)])
            for d in row.domains
        ]
        node = apply(row.name, tuple(operands))
        found = folded(node)
        one, other = np.asarray(evaluate(node, {})), np.asarray(evaluate(found, {}))
        assert one.dtype == other.dtype
        assert np.array_equal(one, other, equal_nan=True)
        assert one.dtype.kind == "b" or identical(one, other), (node, one, other)
        assert found.op == "constant", node


def test_numbers_stay_numbers_and_whole_ones_whole() -> None:
    assert folded(parse("x*(2*3 + 1)")) is x * 7
    assert folded(parse("x + sin(0)")) is x + 0
    assert folded(parse("x + sin(0.0)")) is x + constant(0.0)
    assert folded(x * (pi / 2)) is x * float(np.pi / 2)
    # -3*0 is -0.0, which no int is.
    zero = folded(constant(-3) * constant(0))
    assert np.signbit(zero.params[0])
    assert folded(pi * x) is pi * x


def test_python_numbers_still_give_way_to_float32() -> None:
    f = folded(x * apply("sqrt", (constant(2.0),)))
    assert f(x=np.float32(1)).dtype == np.float32


def test_a_narrow_graph_keeps_what_would_widen_it() -> None:
    narrow = symbol("x", dtype=np.float32)
    f = narrow * apply("sqrt", (constant(2.0),))
    assert folded(f) is f
    truth = apply("log", (symbol("c", dtype=bool),)) * apply("sqrt", (constant(2.0),))
    assert folded(truth) is truth
    cast = apply("astype", (x,), ("float32",)) * apply("sqrt", (constant(2.0),))
    assert folded(cast) is cast
    half = apply("sqrt", (constant(True),))  # NumPy: float16
    assert folded(half) is half
    whole = folded(narrow * apply("add", (constant(np.float32([1.5])), constant(2))))
    assert whole(x=np.float32(2)).dtype == np.float32
    assert whole.args[1].op == "constant"


def test_arrays_fold_but_not_into_larger_ones() -> None:
    a = constant(np.array([1.0, -0.0, np.nan, np.inf]))
    assert identical(evaluate(folded(apply("negative", (a,))), {}), -a.params[0].array)
    spread = apply("broadcast_to", (constant(2.0),), ((50, 50),))
    assert folded(spread) is spread
    outer = apply("multiply", (constant(np.ones((9, 1))), constant(np.ones((1, 9)))))
    assert folded(outer) is outer
    huge = apply("negative", (constant(np.zeros(LARGEST + 1)),))
    assert folded(huge) is huge
    assert folded(apply("sum", (a,), ((0,), False))).op == "constant"


def test_what_raises_raises_when_it_is_called() -> None:
    singular = apply("inv", (constant(np.zeros((2, 2))),))
    assert folded(singular) is singular
    for operand in (True, np.array([True])):
        negative = apply("negative", (constant(operand),))
        assert folded(negative) is negative


def test_a_function_of_the_users_own_is_not_called() -> None:
    called = []

    @primitive
    def noisy(v):
        called.append(v)
        return v

    expr = noisy(constant(1.0)) * x
    called.clear()
    assert folded(expr) is expr
    assert not called
