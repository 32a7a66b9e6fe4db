"""The node: one object per expression, unchangeable, with a shape and a dtype."""

import copy
import gc
import pickle
import threading

import numpy as np
import pytest
from hypothesis import given
from random_expressions import expressions

from diffexpr import (
    ControlFlowError,
    Expr,
    ExpressionTypeError,
    ExpressionValueError,
    MissingRuleError,
    ShapeError,
    constant,
    e,
    parse,
    pi,
    symbol,
    symbols,
)
from diffexpr import expr as expr_module
from diffexpr.build import node
from diffexpr.expr import is_constant
from diffexpr.frozen import Frozen, Index
from diffexpr.walk import topological

x, y = symbols("x y")


def test_equal_expressions_are_one_object() -> None:
    assert (x + y) * np.sin(x) is (x + y) * np.sin(x)
    assert x + y == x + y
    assert x + y != y + x
    assert len({x + y, x + y, y + x}) == 2
    assert (x == 1) is False


@pytest.mark.parametrize(
    ("a", "b"),
    [(0.0, -0.0), (1, 1.0), (1, True), (0, False), (1.0, 1 + 0j), (0j, -0j), (pi, float(np.pi))],
)
def test_constants_that_differ_in_kind_or_bits_are_different_nodes(a, b) -> None:
    assert constant(a) is not constant(b)
    assert constant(a) is constant(a)


def test_all_nans_are_one_constant() -> None:
    assert constant(float("nan")) is constant(-float("nan"))
    quiet = np.array([0x7FF8000000000000, 0xFFF8000000000001], dtype=np.uint64).view(float)
    assert constant(quiet[:1]) is constant(quiet[1:])
    mixed = np.array([complex(-quiet[1], 2.0)])
    assert constant(mixed).params[0].array[0].imag == 2.0


def test_numpy_scalars_and_arrays_become_constants() -> None:
    assert constant(np.float64(2.0)) is constant(2.0)
    assert constant(np.int64(2)) is constant(2)
    assert constant(np.bool_(True)) is constant(True)
    assert constant([1, 2]) is constant(np.array([1.0, 2.0]))
    assert constant(np.arange(3)).dtype == np.float64
    assert constant(np.float32(2)).dtype == np.float32
    assert constant(np.arange(3.0).astype(">f8")) is constant(np.arange(3.0))
    assert constant(x) is x
    assert constant(2**70) is constant(float(2**70))


def test_a_frozen_array_is_a_copy_that_cannot_be_written() -> None:
    source = np.arange(3.0)
    held = constant(source).params[0].array
    source[0] = 7.0
    assert held[0] == 0.0
    with pytest.raises(ValueError, match="read-only"):
        held[0] = 1.0
    assert Frozen([1.0]) != [1.0]
    assert "Frozen" in repr(Frozen([1.0]))
    assert pickle.loads(pickle.dumps(Frozen([1.0]))) == Frozen([1.0])


def test_an_index_compares_by_content() -> None:
    one = Index((0, slice(0, 2, None), np.array([1, 2])))
    assert one == Index((0, slice(0, 2, None), np.array([1, 2])))
    assert one != Index((0, slice(0, 2, None), np.array([2, 1])))
    assert one != (0,)
    assert hash(one) == hash(pickle.loads(pickle.dumps(one)))
    assert not one.is_basic
    assert Index((0, None)).is_basic
    assert "Index" in repr(one)


@pytest.mark.parametrize("value", [None, "x", b"x", {}, {1}, [[1], [1, 2]], object(), ["a"]])
def test_what_is_no_number_is_refused(value) -> None:
    with pytest.raises(ExpressionTypeError):
        constant(value)
    with pytest.raises(ExpressionTypeError):
        x + value


def test_numbers_beyond_the_language_are_refused() -> None:
    with pytest.raises(ExpressionValueError, match="bits"):
        constant(10**400)
    with pytest.raises(ExpressionTypeError, match="float64 at most"):
        constant(np.ones(2, np.longdouble))


def test_an_array_of_expressions_is_one_expression() -> None:
    grid = constant(np.array([[x, y], [1.0, x]], dtype=object))
    assert grid.shape == (2, 2)
    assert np.array_equal(grid(x=2.0, y=3.0), [[2.0, 3.0], [1.0, 2.0]])
    assert constant([x, 2]).shape == (2,)


@pytest.mark.parametrize(
    ("name", "error"),
    [("1x", ExpressionValueError), ("if", ExpressionValueError), ("", ExpressionValueError),
     ("a b", ExpressionValueError), ("α", ExpressionValueError), (3, ExpressionTypeError)],
)  # fmt: skip
def test_a_variable_is_named_by_an_identifier(name, error) -> None:
    with pytest.raises(error):
        symbol(name)


def test_symbols_have_a_shape_and_a_dtype() -> None:
    assert symbol("w", 3) is symbol("w", (3,))
    assert symbol("w", [3]) is symbol("w", (np.int64(3),))
    assert symbol("w", (3,)) is not symbol("w")
    assert symbol("w", dtype=int) is symbol("w")
    assert symbol("w", dtype=np.float32).dtype == np.float32
    assert [s.name for s in symbols("a, b c")] == ["a", "b", "c"]
    for shape in (-1, (2, -1), (1.5,)):
        with pytest.raises(ShapeError):
            symbol("w", shape)
    with pytest.raises(ExpressionTypeError, match="kind of number"):
        symbol("w", dtype="datetime64[s]")


def test_a_node_cannot_be_changed_or_built_by_hand() -> None:
    made = x + 1
    for change in (
        lambda: setattr(made, "op", "multiply"),
        lambda: delattr(made, "args"),
        lambda: setattr(made, "new", 1),
    ):
        with pytest.raises(ExpressionTypeError, match="immutable"):
            change()
    with pytest.raises(ExpressionTypeError, match="parse or trace"):
        Expr("add", (x, y))
    with pytest.raises(ExpressionTypeError, match="stack or"):
        made[0] = 1.0
    assert not hasattr(made, "__dict__")


@pytest.mark.parametrize("ask", [bool, float, int, complex, range])
def test_a_symbol_has_no_value_to_branch_on(ask) -> None:
    with pytest.raises(ControlFlowError):
        ask(x)
    with pytest.raises(ControlFlowError):
        ask(x + 1)


def test_length_and_iteration_follow_the_first_axis() -> None:
    v = symbol("v", 3)
    assert len(v) == 3
    assert list(v) == [v[0], v[1], v[2]]
    with pytest.raises(ExpressionTypeError, match="no length"):
        len(x)
    assert x.name == "x"
    assert (x + y).name == "x + y"
    assert f"{x + y:>8}" == "   x + y"


@given(expressions())
def test_copies_and_pickles_are_the_same_object(made: Expr) -> None:
    assert copy.copy(made) is made
    assert copy.deepcopy({"a": [made]})["a"][0] is made
    assert pickle.loads(pickle.dumps(made)) is made


def test_a_pickle_survives_the_object() -> None:
    made = np.sin(x) * pi + e * constant([1.0, 2.0])
    shown, data = str(made), pickle.dumps(made)
    del made
    gc.collect()
    assert str(pickle.loads(data)) == shown


def test_variables_come_in_order_of_name() -> None:
    assert (y * x + pi).variables == (x, y)
    with pytest.raises(ExpressionValueError, match="two variables are named"):
        _ = (x + symbol("x", 3)).variables


def test_topological_order_is_operands_first_and_each_once() -> None:
    f = (x * y) + (x * y) * x
    order = topological(f)
    assert len(order) == len(set(order)) == 5
    assert all(order.index(a) < order.index(n) for n in order for a in n.args)
    assert topological([x, f, y]) == topological([x, f])


def test_the_table_holds_no_node_that_nobody_uses() -> None:
    gc.collect()
    before = len(expr_module._interned)
    made = [np.sin(symbol(f"only_{i}")) + 0.125 * i for i in range(100)]
    assert len(expr_module._interned) >= before + 300
    del made
    gc.collect()
    assert len(expr_module._interned) == before


def test_threads_intern_one_object() -> None:
    found: list[list[Expr]] = []
    start = threading.Barrier(8)

    def build() -> None:
        start.wait()
        mine = []
        for i in range(200):
            np.cos(x + i)  # made and dropped while others make the same
            mine.append(np.sin(x * i) + y)
        found.append(mine)

    threads = [threading.Thread(target=build) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert all(a is b for others in found for a, b in zip(found[0], others, strict=True))


def test_node_checks_what_it_is_given() -> None:
    with pytest.raises(ExpressionTypeError, match="takes 2"):
        node("add", (x,))
    with pytest.raises(MissingRuleError, match="not an operation"):
        node("frobnicate", (x,))
    with pytest.raises(ShapeError, match=r"\(2,\), \(3,\)"):
        symbol("a", 2) + symbol("b", 3)


def test_is_constant() -> None:
    assert is_constant(constant(2))
    assert is_constant(constant(2), 2.0)
    assert not is_constant(pi, float(np.pi))
    assert not is_constant(constant([2.0]), 2.0)
    assert not is_constant(x)


@pytest.mark.parametrize(
    ("text", "dtype"),
    [("x + 1", float), ("x > 1", bool), ("1 + 2", float), ("2j*x", complex), ("abs(z)", float),
     ("f + 1", np.float32), ("f + 1.5", np.float32), ("f*x", float), ("h*f", np.float32),
     ("abs(k)", np.float32), ("sum([1, 2])", float), ("where(x > 0, f, f)", np.float32)],
)  # fmt: skip
def test_dtypes_follow_numpy(text: str, dtype) -> None:
    known = [symbol("z", (), complex), symbol("f", (), np.float32), symbol("h", (), np.float16)]
    assert parse(text, [*known, symbol("k", (), np.complex64)]).dtype == np.dtype(dtype)
