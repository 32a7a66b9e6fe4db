"""Types, constants, truth values and refusals of sources over any array namespace."""

import ast
import itertools
from typing import Any

import numpy as np
import pytest
from namespaces import NAMESPACES, SHAPED, close, network, run, scattered, v, w, x, y

from compare.lower.array_api import ArrayModule, array_api_module
from compare.lower.array_api.contraction import einsum
from compare.lower.array_api.meanings import in_the_standard
from compare.lower.plans.plan import Plan, plan
from diffexpr import ExpressionTypeError, MissingRuleError, constant, evaluate, pi, symbol
from diffexpr.apply import apply
from diffexpr.functions import norm
from diffexpr.special_primitives import ellipk

EPS = np.finfo(float).eps
ENERGY = np.sin(x) * np.exp(-(x**2) - y**2) + np.cbrt(y)


@pytest.fixture(params=NAMESPACES, scope="module")
def library(request):
    return NAMESPACES[request.param]()


def source(expr, *more):
    return ast.unparse(array_api_module(plan(expr, *(more or ("value", None, "reverse", None))))[0])


def test_the_source_stands_alone() -> None:
    text = source(ENERGY, "value_and_grad", None, "reverse", None)
    imports = [line for line in text.splitlines() if "import" in line]
    assert imports == ["from array_api_compat import array_namespace, device"]
    namespace: dict[str, Any] = {}
    exec(text, namespace)
    found = namespace["value_and_grad"](np.array([0.7, 1.0]), np.array(-1.3))
    wanted = evaluate(ENERGY, {"x": np.array([0.7, 1.0]), "y": -1.3})
    np.testing.assert_allclose(found[0], wanted, rtol=8 * EPS)


def test_names_of_the_source_may_be_names_of_variables() -> None:
    names = [
        "xp",
        "kind",
        "place",
        "device",
        "shared",
        "as_floats",
        "c1",
        "t1",
        "array",
        "cofactor",
    ]
    expr = sum(symbol(name) * (i + 1) for i, name in enumerate(names)) * np.ones(3)
    values = {name: np.float64(i) for i, name in enumerate(names)}
    (found,) = run(NAMESPACES["numpy"](), [expr], values)
    assert np.array_equal(found, evaluate(expr, values))


@pytest.mark.parametrize("kind", [np.float64, np.float32, np.complex128, np.complex64, bool])
@pytest.mark.parametrize("size", [3, 200])
def test_constant_arrays_of_any_kind_and_length(kind, size, library) -> None:
    rng = np.random.default_rng(size)
    parts = rng.normal(size=(2, size, 2))
    held = parts[0] + 1j * parts[1] if np.dtype(kind).kind == "c" else parts[0]
    held = held > 0 if kind is bool else held.astype(kind)
    # With a variable, from which the namespace is known.
    found, _ = run(library, [constant(held), x], SHAPED)
    assert (found.dtype, found.shape) == (held.dtype, held.shape)
    assert np.array_equal(found, held)


def test_what_is_returned_of_a_constant_is_the_caller_s_own() -> None:
    torch = pytest.importorskip("torch")
    held = np.arange(100.0)
    f = ArrayModule(plan(lambda v: v[0] * 0 + held, "value", None, "reverse", [v.shape])).function()
    g = ArrayModule(Plan("g", "A constant", (x,), (constant(held),), ("value",), 0)).function()
    for made in (f(torch.ones(4)), g(torch.ones(4))):
        assert made.dtype == torch.float64
        made.zero_()
    assert np.array_equal(g(torch.ones(4)).numpy(), held)


def test_python_numbers_never_widen() -> None:
    torch = pytest.importorskip("torch")
    f = ArrayModule(plan(network, "value_and_grad", (0, 1, 2), "reverse", [(4,), (3, 4), (3, 3)]))
    values = [torch.asarray(SHAPED[word], dtype=torch.float32) for word in "vmq"]
    value, slopes = f.function()(*values)
    assert {value.dtype, *(each.dtype for each in slopes)} == {torch.float32}
    g = ArrayModule(plan(x * np.sin(y) + np.sin(constant(1.0)), "value", None, "reverse", None))
    assert g.function()(values[0], 2).dtype == torch.float32
    assert g.function()(2, torch.arange(3)).dtype == torch.float64


def test_jax_without_float64_gives_float32_and_no_warning() -> None:
    jax = pytest.importorskip("jax")
    held = np.linspace(0, 1, 100)
    made = plan(lambda v: np.sum(np.outer(v, held)) + network(v, SHAPED["m"], SHAPED["q"]),
                "value_and_grad", None, "reverse", [v.shape])  # fmt: skip
    f = jax.jit(ArrayModule(made).function())
    value, slope = f(jax.numpy.asarray(SHAPED["v"], dtype="float32"))
    assert value.dtype == slope.dtype == "float32"
    wanted = [evaluate(o, {"v": SHAPED["v"]}) for o in made.outputs]
    np.testing.assert_allclose(value, wanted[0], rtol=64 * np.finfo(np.float32).eps)
    np.testing.assert_allclose(slope, wanted[1], rtol=64 * np.finfo(np.float32).eps)


def test_python_numbers_alone_are_worked_out() -> None:
    worst = [
        constant(1.0) / constant(0.0),
        np.log(constant(-1.0)),
        np.exp(constant(1e300)),
        constant(2) ** constant(-1),
        np.where(constant(True), x, np.inf),
        pi * x,
        np.where(x > 0, 1, 2),
        np.where(x > 0, pi, 1j),
        apply("gamma", (constant(5.0),)),
    ]
    assert not any(node.op == "divide" for node in in_the_standard(worst[:1]))
    for found, expr in zip(
        run(NAMESPACES["strict"](), [each + x for each in worst], SHAPED), worst, strict=True
    ):
        assert np.array_equal(found, evaluate(expr + x, SHAPED), equal_nan=True)


def test_truth_values_are_numbers_where_numbers_are_wanted(library) -> None:
    flag = symbol("flag", dtype=bool)
    exprs = [
        flag * x + (x > 0) ** 2.0,
        np.where(x, v, -v),
        np.logical_and(v, flag),
        np.sum(np.where(flag, v, w) > 0),
        (v > 0)[1:] + v[1:],
        np.equal(flag, x > 0) + x,
    ]
    for given in (True, np.array(False)):
        values = {**SHAPED, "flag": np.asarray(given)}
        for found, expr in zip(run(library, exprs, values), exprs, strict=True):
            assert np.array_equal(found, evaluate(expr, values))


def test_complex_numbers_are_ordered_as_numpy_orders_them(library) -> None:
    a, b = symbol("a", dtype=complex), symbol("b", dtype=complex)
    grid = np.array(list(itertools.product([-1, 0, 1], repeat=4)), float).T
    values = {"a": grid[0] + 1j * grid[1], "b": grid[2] + 1j * grid[3]}
    exprs = [a < b, a <= b, a > b, a >= b, a < 0.0]
    for found, expr in zip(run(library, exprs, values), exprs, strict=True):
        assert np.array_equal(found, evaluate(expr, values))
    row = apply("sigmoid", (a,))
    (found,) = run(library, [row], values)
    close(found, evaluate(row, values), 16)


def test_the_error_function_of_complex_numbers_is_refused() -> None:
    with pytest.raises(MissingRuleError, match="'erf' is not in the array API standard"):
        array_api_module(plan(apply("erf", (symbol("a", dtype=complex),)), "value", None, "reverse",
                              None))  # fmt: skip


def test_nothing_is_multiplied_by_zero_on_its_way_to_its_place(library) -> None:
    wild = {"v": np.array([np.nan, np.inf, 1.0, -np.inf])}
    exprs = [
        np.diag(v),
        v[[0, 2, 2]],
        scattered(v, (np.array([2, 0, 2, 5]),), (7,)),
        scattered(v, (slice(1, 9, 2),), (9,)),
        norm(v),
        np.diag(np.diag(v)),
        scattered(v[1:3], (slice(0, 2, None), 1), (2, 3)),
    ]
    for found, expr in zip(run(library, exprs, wild), exprs, strict=True):
        assert np.array_equal(found, evaluate(expr, wild), equal_nan=True)


def test_einsum_takes_the_cheap_way_through_many_operands() -> None:
    n = 50
    a, b, c = symbol("a", (n, n)), symbol("b", (n, n)), symbol("c", n)
    found = einsum(a, b, c, "ij,jk,k->i")
    assert [each.shape for each in found.args[0].args] == [(n, n), (n, 1)]


def test_a_custom_operation_is_refused() -> None:
    with pytest.raises(MissingRuleError, match="ellipk is a Python function of its own"):
        array_api_module(plan(ellipk(x), "value", None, "reverse", None))


def test_without_a_variable_there_is_no_namespace() -> None:
    made = plan(constant(np.ones(2)) * 2, "value", None, "reverse", None)
    with pytest.raises(ExpressionTypeError, match="takes no array whose namespace"):
        array_api_module(made)
    assert ArrayModule(plan(constant(2.0), "value", None, "reverse", None)).function()() == 2.0


def test_a_chain_of_ten_thousand_operations() -> None:
    total = x
    for _ in range(5_000):
        total = np.sin(total) + y
    (found,) = run(NAMESPACES["numpy"](), [total], SHAPED)
    assert found == total(x=SHAPED["x"], y=SHAPED["y"])
