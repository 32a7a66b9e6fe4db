"""Every backend's derivatives lower to the same answer, in the shapes of the verb."""

import pickle
import subprocess
import sys

import numpy as np
import pytest
from test_lower import BACKENDS, SHAPED, m, pasted, v, x, y

from compare.lower import lower

FUNCTIONS = {
    "scalars": x**2 * np.sin(y) + np.exp(-x * y) + np.tanh(x) * np.log(1 + y**2),
    "arrays": np.sum(np.tanh(m @ v) ** 2) + x * np.mean(v) + np.sum(v[1:] * v[:-1]),
    "linear": 3 * x + y,
}


def close(a, b) -> None:
    """The same structure and shapes; values equal to the rounding of formulas this small."""
    assert isinstance(a, tuple) == isinstance(b, tuple)
    if isinstance(a, tuple):
        assert len(a) == len(b)
        for first, second in zip(a, b, strict=True):
            close(first, second)
    else:
        assert np.shape(a) == np.shape(b)
        np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("output", ["grad", "value_and_grad", "jacobian", "hessian"])
def test_all_backends_lower_to_the_same_answer(name, output) -> None:
    expr = FUNCTIONS[name]
    values = {s.name: SHAPED[s.name] for s in expr.variables}
    lowered = {by: lower(expr, output, by=by) for by in BACKENDS}
    answers = {by: f(**values) for by, f in lowered.items()}
    close(answers["forward"], answers["reverse"])
    close(answers["symbolic"], answers["reverse"])
    for by, f in lowered.items():
        close(pasted(f)(*(values[n] for n in f.parameters)), answers[by])
        close(pickle.loads(pickle.dumps(f))(**values), answers[by])


@pytest.mark.parametrize("by", BACKENDS)
def test_values_and_derivatives_by_hand(by) -> None:
    value, (dx, dy) = lower(x**2 * y, by=by)(3.0, 4.0)
    assert (value, dx, dy) == (36.0, 24.0, 9.0)
    (dxdx, dxdy), (dydx, dydy) = lower(x**2 * y, "hessian", by=by)(3.0, 4.0)
    assert (dxdx, dxdy, dydx, dydy) == (8.0, 6.0, 6.0, 0.0)
    rows = lower(np.stack([x * y, x + y]), "jacobian", "x", by)(3.0, 4.0)
    np.testing.assert_array_equal(rows, [4.0, 1.0])
    np.testing.assert_array_equal(lower(np.sum(v**2), "grad", v, by)(np.arange(4.0)), [0, 2, 4, 6])
    np.testing.assert_array_equal(lower(np.sum(v**2), "hessian", v, by)(np.ones(4)), 2 * np.eye(4))


@pytest.mark.parametrize("by", BACKENDS)
def test_a_batch_of_points_gives_a_batch_of_gradients(by) -> None:
    f = lower(FUNCTIONS["scalars"], by=by)
    xs, ys = np.linspace(-1, 1, 7), np.linspace(0, 2, 7)
    value, grads = f(xs, ys)
    each = [f(a, b) for a, b in zip(xs, ys, strict=True)]
    np.testing.assert_allclose(value, [row[0] for row in each], rtol=1e-14)
    np.testing.assert_allclose(np.array(grads).T, [row[1] for row in each], rtol=1e-12, atol=1e-15)


def test_value_and_gradient_share_what_they_have_in_common() -> None:
    f = lower(np.exp(np.sin(x) * y) + np.sin(x), passes=(), block=0)
    assert f.source.count("np.sin(") == 1
    assert f.source.count("np.exp(") == 1


def test_a_symmetric_hessian_computes_the_mixed_entry_once() -> None:
    f = lower(x**2 * np.exp(y), "hessian", by="reverse", block=0)
    (_, dxdy), (dydx, _) = f(1.5, 0.5)
    assert dxdy == dydx
    assert f.source.count("np.exp(") == 1


def test_wrt_chooses_and_shapes_the_result() -> None:
    expr = x**2 * y
    assert lower(expr, "grad", "y")(3.0, 4.0) == 9.0
    assert lower(expr, "grad", (1, "x"))(3.0, 4.0) == (9.0, 24.0)
    assert lower(expr, "hessian", x)(3.0, 4.0) == 8.0
    assert lower(expr, "hessian", (x,))(3.0, 4.0) == ((8.0,),)
    assert lower(expr, "value_and_grad", y)(3.0, 4.0) == (36.0, 9.0)


def test_what_the_function_does_not_depend_on_has_derivative_zero() -> None:
    def f(a, b, c):
        return a * a

    assert lower(f, "grad", ("a", "b"), at=(1.0, 1.0, 1.0))(3.0, 4.0, 5.0) == (6.0, 0.0)
    g = lower(f, "grad", ("c", "a"), at={"c": (2,)})
    np.testing.assert_array_equal(g(3.0, 4.0, np.ones(2))[0], [0.0, 0.0])
    assert lower(f, "hessian", ("a", "b"))(3.0, 4.0, 5.0) == ((2.0, 0.0), (0.0, 0.0))
    assert lower(lambda a: 7.0)(1.0) == (7.0, 0.0)
    jacobian = lower(lambda a, b: np.stack([a, 2 * a]), "jacobian", "b", at={"b": (3,)})
    np.testing.assert_array_equal(jacobian(1.0, np.ones(3)), np.zeros((2, 3)))


def test_float32_is_kept_through_derivatives() -> None:
    f = lower(FUNCTIONS["scalars"])
    value, grads = f(np.float32([0.5, 1.0]), np.float32([0.25, 2.0]))
    assert {value.dtype, *(g.dtype for g in grads)} == {np.dtype(np.float32)}


def test_reverse_does_not_load_sympy() -> None:
    code = (
        "import sys, types, pathlib, diffexpr, importlib.machinery as machinery\n"
        "root = pathlib.Path(diffexpr.__file__).parents[1] / 'compare'\n"
        # The package itself may load more; lowering alone is what is looked at.
        "bare = types.ModuleType('compare'); bare.__path__ = [str(root)]\n"
        "sys.modules['compare'] = bare\n"
        "from compare.lower import lower\n"
        "x, y = diffexpr.symbols('x y')\n"
        "assert lower(x * y)(2.0, 3.0) == (6.0, (3.0, 2.0))\n"
        "print('sympy' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
