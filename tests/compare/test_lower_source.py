"""The source of a lowered function reads like the formula and stands alone."""

import ast
import inspect
import subprocess
import sys

import numpy as np
import pytest
from test_lower import ROWS, SHAPED, check, m, pasted, same, v, x, y

from compare.lower import lower
from diffexpr import constant, e, evaluate, pi, symbol
from diffexpr.apply import apply
from diffexpr.functions import norm, softmax


def plain(expr, **values):
    """The program in whole arrays alone, of the graph as it is; it too has the right values."""
    f = lower(expr, "value", passes=(), block=0)
    assert same(f(**{name: np.asarray(values[name])[()] for name in f.parameters}),
                evaluate(expr, values))  # fmt: skip
    check(expr, **values)
    return f


# numbers in the source


@pytest.mark.parametrize(
    "value",
    [
        2, -2, 2.0, -2.5, -0.0, 1e-300, np.nan, np.inf, -np.inf, 2**60, 10**30, True, 1 + 2j, -1j,
        complex(np.nan, -np.inf), np.float32(0.1), np.complex64(1 + 2j), np.float16(-0.1),
    ],
    ids=repr,
)  # fmt: skip
def test_a_number_reads_back_as_it_was(value) -> None:
    c = constant(value)
    forms = [c, c + x, x - c, c**2 * x, np.power(x, c), np.exp(c), c * c, c / c]
    if value is not True:  # NumPy has no -True
        forms.append(-c * x)
    for expr in forms:
        for point in (np.float64(1.5), np.array([-1.5, 2.0])):
            check(expr, x=point)


BIG = np.random.default_rng(5).normal(size=(10, 11))


@pytest.mark.parametrize(
    "value",
    [
        [1.0, -0.0, np.nan, np.inf, -np.inf],
        [0.0, 0.0],
        [-0.0, -0.0],
        [1.0, 1.0],
        [2.5, 2.5],
        np.zeros((2, 0)),
        np.eye(3),
        np.eye(3, dtype=np.float32),
        np.float32([0.1, 0.2]),
        np.array([True, False]),
        np.array([True, True]),
        np.array([1 + 2j, -0.0j]),
        np.array([1.0, 2.0], ">f8"),
        np.float16([[0.1]]),
        BIG,
        BIG.astype(np.float32),
    ],
    ids=lambda value: f"{np.asarray(value).dtype}-{np.shape(value)}",
)
def test_an_array_reads_back_as_it_was(value) -> None:
    check(constant(value))
    check(constant(value) * x, x=np.float64(2.0))


def test_a_constant_array_that_is_returned_cannot_be_spoiled() -> None:
    f = lower(np.reshape(constant([1.0, 2.0]), (2, 1)), "value")
    with pytest.raises(ValueError, match="read-only"):
        f()[0] = 7.0


def test_one_constant_array_is_written_once() -> None:
    c = np.array([1.0, 2.0, 3.0, 4.0])
    assert lower(np.sum(v * c) + np.max(v + c), "value").source.count("np.array([") == 1


def test_one_index_and_one_definition_are_written_once() -> None:
    sigmoid = apply("sigmoid", (x,)) * apply("sigmoid", (y,))
    f = plain(np.sum(v[ROWS] * m[0][ROWS]) + np.sum(m[ROWS]) + sigmoid, **SHAPED)
    assert f.source.count("np.array([0, 2, 2])") == 1
    assert f.source.count("def sigmoid(") == 1


def test_pi_and_e_are_called_by_their_names() -> None:
    f = check(pi * x + e + np.sin(pi), x=1.0)
    assert "np.pi * x" in f.source
    assert "np.e" in f.source


# the source


def test_the_source_reads_like_the_formula() -> None:
    f = lower(x**2 * np.sin(y), "value", passes=(), block=0)
    assert ast.parse(f.source).body[-1].body[-1].value is not None  # type: ignore[attr-defined]
    assert f.source.endswith("    return np.power(x, 2) * np.sin(y)\n")
    assert f.source.startswith("import numpy as np\n\n")


def test_what_occurs_twice_is_computed_once() -> None:
    s = np.sin(x * y)
    f = plain(s**2 + np.exp(s) * s + np.sqrt(s + 2), x=0.3, y=0.4)
    assert f.source.count("np.sin(") == 1


def test_a_name_that_means_something_in_the_source_is_avoided() -> None:
    names = ["np", "special", "t1", "c1", "value", "sigmoid", "erf", "complex", "as_floats", "type"]
    variables = [symbol(name) for name in [*names, "__debug__", "np_"]]
    total = sum(np.sin(s) * (i + 1) for i, s in enumerate(variables))
    total = apply("sigmoid", (total,)) + apply("erf", (total,)) * total * constant(1j)
    total = total * constant([1.0, 2.0])
    f = check(total, **{s.name: 0.1 * i for i, s in enumerate(variables)})
    assert f.parameters == tuple(sorted(s.name for s in variables))
    assert "t1" in inspect.signature(pasted(f)).parameters


def test_every_line_is_short_enough_to_read() -> None:
    total = x
    for i in range(60):
        total = np.sin(total * y + i) * np.exp(-(total**2)) + y
    f = plain(total, x=0.3, y=0.2)
    assert max(map(len, f.source.splitlines())) <= 100


def test_the_source_runs_with_numpy_alone() -> None:
    f = lower(softmax(v)[0] * apply("sigmoid", (x,)) + norm(v) + apply("mish", (x,)), "value")
    code = f"{f.source}\nimport sys\nprint(value([1.0, 2, 3, 4], 0.5).hex())\n"
    code += "print(*{'diffexpr', 'compare', 'autodiff', 'scipy', 'sympy'} & set(sys.modules))\n"
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, check=True)
    number, loaded = done.stdout.decode().split("\n")[:2]
    assert (float.fromhex(number), loaded) == (f([1.0, 2, 3, 4], 0.5), "")


def test_an_expression_too_long_to_quote_is_counted() -> None:
    assert (
        "Value of an expression of" in lower(sum(np.sin(x * i) for i in range(30)), "value").source
    )
