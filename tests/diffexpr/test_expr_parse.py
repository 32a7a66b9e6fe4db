"""Reading text: what it means, what is refused and in which words, and what it may cost."""

import json
import subprocess
import sys

import numpy as np
import pytest
from project import ROOT

from diffexpr import (
    BoundError,
    CrossdiffError,
    Expr,
    ExpressionTypeError,
    Limits,
    ParseError,
    constant,
    e,
    parse,
    pi,
    symbol,
    symbols,
)
from diffexpr import functions as f
from diffexpr.build import node
from diffexpr.indexing import normal_index
from diffexpr.parse_calls import FUNCTIONS
from diffexpr.walk import topological

x, y, z, n = symbols("x y z n")
beta, gamma = symbols("beta gamma")
v, A, c = symbol("v", 3), symbol("A", (2, 3)), symbol("c", (), bool)
sin, where = np.sin, np.where

MEANINGS = [
    # powers and signs
    ("x^2", x**2),
    ("-x^2", -(x**2)),
    ("2^-x", 2 ** (-x)),
    ("x^y^z", x ** (y**z)),
    ("x**2", x**2),
    ("+x", x),
    ("--x", np.negative(-x)),
    ("-2", constant(-2)),
    ("--2", -constant(-2)),
    ("-2x", constant(-2) * x),
    ("-2^2", -(constant(2) ** 2)),
    # products that are not written
    ("2x", 2 * x),
    ("2 x y", 2 * x * y),
    ("x y", x * y),
    ("x sin(y)", x * sin(y)),
    ("2(x+1)", 2 * (x + 1)),
    ("(x+1)(x-1)", (x + 1) * (x - 1)),
    ("(x+1)x", (x + 1) * x),
    ("2 pi x", 2 * pi * x),
    ("x(y+1)", x * (y + 1)),
    ("x(1) + x", x * 1 + x),
    ("rate(1 - rate)", symbol("rate") * (1 - symbol("rate"))),
    ("sin(x)cos(x)", sin(x) * np.cos(x)),
    ("1/2x", constant(1) / 2 * x),
    ("x^2y", x**2 * y),
    ("x[()]y", x[()] * y),
    ("xy", symbol("xy")),
    # numbers
    ("1e3", constant(1000.0)),
    ("1e3x", 1000.0 * x),
    ("2e", 2 * e),
    ("2e-3", constant(2e-3)),
    ("2e - 3", 2 * e - 3),
    ("2e3e", 2000.0 * e),
    (".5x", 0.5 * x),
    ("1.x", 1.0 * x),
    ("1_000", constant(1000)),
    ("007", constant(7)),
    ("0", constant(0)),
    ("2j", constant(2j)),
    ("2jx", 2 * symbol("jx")),
    ("complex(1, -2.0)", constant(complex(1, -2.0))),
    ("9223372036854775808", constant(2.0**63)),
    ("-9223372036854775808", constant(-(2**63))),
    ("1/0", constant(1) / 0),
    ("inf + nan", constant(np.inf) + np.nan),
    ("-inf", constant(-np.inf)),
    ("True", constant(True)),
    ("pi e", pi * e),
    ("-pi", -pi),
    # bars
    ("|x|", abs(x)),
    ("||x| - 1|", abs(abs(x) - 1)),
    ("2|x|", 2 * abs(x)),
    ("|x||y|", abs(x) * abs(y)),
    ("|x|y", abs(x) * y),
    ("x|y|z", x * abs(y) * z),
    ("|(|x| + 1)/2|", abs((abs(x) + 1) / 2)),
    ("sin(|x|)", sin(abs(x))),
    ("-|x|^2", -(abs(x) ** 2)),
    # conditions
    ("x < y", x < y),
    ("x == y", np.equal(x, y)),
    ("x != y", np.not_equal(x, y)),
    ("0 < x <= 1", np.less(0, x) & (x <= 1)),
    ("(x > 0) | (y > 0)", (x > 0) | (y > 0)),
    ("(x>0)|(y>0)|(z>0)", (x > 0) | (y > 0) | (z > 0)),
    ("(x > 0) & ~(y > 0)", (x > 0) & ~(y > 0)),
    ("x > 0 and y > 0 or not z > 0", ((x > 0) & (y > 0)) | ~(z > 0)),
    ("x if x > 0 else -x", where(x > 0, x, -x)),
    ("where(x > 0, x, sqrt(-x))", where(x > 0, x, np.sqrt(-x))),
    ("where(c | c, 1, 2)", where(c | c, 1, 2)),
    # functions
    ("ln(x)", np.log(x)),
    ("asin(x) + atan2(y, x)", np.arcsin(x) + np.arctan2(y, x)),
    ("np.sin(x) + math.exp(y) - numpy.pi", sin(x) + np.exp(y) - pi),
    ("np.linalg.norm(v)", f.norm(v)),
    ("max(x, y, z)", np.maximum(np.maximum(x, y), z)),
    ("min(x, 1)", np.minimum(x, 1)),
    ("max(v)", np.max(v)),
    ("min(A, axis=1, keepdims=True)", np.min(A, axis=1, keepdims=True)),
    ("leaky_relu(x)", node("leaky_relu", (x, 0.01))),
    ("elu(x, 2)", node("elu", (x, 2))),
    ("heaviside(x)", node("heaviside", (x, 0.5))),
    ("beta x + beta(x, y)", beta * x + node("beta", (x, y))),
    ("gamma*gamma(x)", gamma * node("gamma", (x,))),
    ("x // 2 + x % 2", x // 2 + x % 2),
    # arrays
    ("A @ v", A @ v),
    ("dot(A, v) + matmul(A, v) + inner(v, v)", f.dot(A, v) + A @ v + f.inner(v, v)),
    ("vdot(v, v) + tensordot(A, A)", f.vdot(v, v) + f.tensordot(A, A)),
    ("tensordot(A, A, axes=((1,), (1,)))", f.tensordot(A, A, ((1,), (1,)))),
    ("sum(A) + sum(v, 0) + mean(A, axis=(0, 1))", np.sum(A) + np.sum(v, 0) + np.mean(A)),
    ("prod(A, axis=-1, keepdims=False)", np.prod(A, -1)),
    ("sum([1, 2])", np.sum(constant([1, 2]))),
    ("einsum('ij,j->i', A, v)", f.einsum("ij,j->i", A, v)),
    ('einsum("ij, j", A, v)', f.einsum("ij,j", A, v)),
    ("outer(v, v)", f.outer(v, v)),
    ("transpose(A) + transpose(A, (1, 0))", A.T + A.T),
    ("reshape(A, (3, -1)) + ravel(A)[0]", f.reshape(A, (3, 2)) + f.ravel(A)[0]),
    ("broadcast_to(x, 3) + broadcast_to(x, (3,))", f.broadcast_to(x, 3) + f.broadcast_to(x, 3)),
    ("squeeze(expand_dims(v, 0))", f.squeeze(f.expand_dims(v, 0))),
    ("swapaxes(A, 0, 1) + moveaxis(A, 0, 1)", f.swapaxes(A, 0, 1) + f.moveaxis(A, 0, 1)),
    ("concatenate([v, [1, x, 2]])", f.concatenate([v, f.stack([constant(1), x, constant(2)])])),
    ("stack([x, y], axis=-1)", f.stack([x, y])),
    ("cumsum(v) + softmax(v)", f.cumsum(v) + f.softmax(v)),
    ("cumsum(A, axis=1)", f.cumsum(A, 1)),
    ("norm(v) + norm(v, ord=1) + norm(v, inf)", f.norm(v) + f.norm(v, 1) + f.norm(v, np.inf)),
    ("logsumexp(A, axis=0)", f.logsumexp(A, 0)),
    ("trace(outer(v, v)) + diag(v)[0, 0]", f.trace(f.outer(v, v)) + f.diag(v)[0, 0]),
    ("v[0] + v[-1] + A[0, 1:][0]", v[0] + v[-1] + A[0, 1:][0]),
    ("A[..., None, ::-1]", A[..., None, ::-1]),
    ("v[[0, 2]] + v[[True, False, True]]", v[[0, 2]] + v[[0, 2]]),
    ("v[array([1.0, 2.0])]", v[[1, 2]]),
    ("array([1, 2.5])", constant([1, 2.5])),
    ("array([[True], [False]])", constant([[True], [False]])),
    ("array([1, 2], dtype=float32)", constant(np.array([1, 2], np.float32))),
    ("array([], shape=(0, 3))", constant(np.zeros((0, 3)))),
    ("array(2)", constant(np.array(2.0))),
    ("array(x)", x),
    ("array([[x, 1], [2, y]])", f.reshape(f.stack([x, constant(1), constant(2), y]), (2, 2))),
    ("array([[v], [v]])", f.reshape(f.stack([v, v]), (2, 1, 3))),
    ("scatter_add(v, np.s_[1:4], 5)",
     node("scatter_add", (v,), (normal_index(slice(1, 4), (5,)), (5,)))),
    # definitions and layout
    ("t = x + 1; t*t", (x + 1) * (x + 1)),
    ("a = x; b = a y; a + b", x + x * y),
    ("(x +\n y)", x + y),
    ("  x\n", x),
]  # fmt: skip


@pytest.mark.parametrize(("text", "meant"), MEANINGS, ids=[text for text, _ in MEANINGS])
def test_text_means_what_its_reader_expects(text: str, meant) -> None:
    assert parse(text, [v, A, c]) is meant


def test_symbols_come_before_constants_and_functions() -> None:
    own = symbol("e", 2), symbol("pi"), symbol("sin"), symbol("beta", 3)
    assert parse("e*pi + sin", own).variables == (symbol("e", 2), symbol("pi"), symbol("sin"))
    assert parse("np.e*e", own) is e * own[0]
    assert parse("sin*sin(pi)", own) is own[2] * np.sin(own[1])
    assert parse("beta[0]", own) is own[3][0]
    assert parse("x", symbol("x", 2)).shape == (2,)
    with pytest.raises(ExpressionTypeError, match="made by symbol"):
        parse("x", [x + 1])
    with pytest.raises(ExpressionTypeError, match="made by symbol"):
        parse("x", ["x"])  # type: ignore[list-item]
    with pytest.raises(ParseError, match="two variables"):
        parse("x", [x, symbol("x", 2)])


# What is refused, and a piece of what the error says; each says it in one line.
REFUSED = [
    ("", "empty"),
    ("   ", "empty"),
    ("x = 1", "compare with =="),
    ("x; y", "only a definition"),
    ("x;", "nothing stands"),
    ("; x", "nothing stands"),
    ("t = ; t", "no value"),
    ("t = t + 1; t", "already has a meaning"),
    ("t = 1; t = 2; t", "already has a meaning"),
    ("x + 1; x = 2; x", "only a definition"),
    ("sin = 1; sin", "already has a meaning"),
    ("pi = 3; pi", "already has a meaning"),
    ("a = x; x = 2; a", "already has a meaning"),
    ('__import__("os")', "strings"),
    ("__import__(x)", "unknown function '__import__'"),
    ("x.__class__", "attributes"),
    ("(1).real", "attributes"),
    ("np.load(x)", "'np.load' is not part"),
    ("np.sinn(x)", "did you mean 'sin'"),
    ("np.sin", "'np.sin' is not part"),
    ("lambda: x", "'lambda' is not part"),
    ("f'{x}'", "strings"),
    ("'a'", "strings"),
    ('"""a"""', "strings"),
    ("einsum(x, 'i')", "strings"),
    ("(y := 1)", "assignment inside"),
    ("[x for x in y]", "'for' is not part"),
    ("{x: 1}", "braces"),
    ("x is y", "'is' is not part"),
    ("yield x", "'yield' is not part"),
    ("import os", "'import' is not part"),
    ("х + 1", "CYRILLIC SMALL LETTER HA.*write 'x'"),
    ("１ + x", "U\\+FF11.*write '1'"),
    ("2×3", "write '\\*'"),
    ("x−1", "write '-'"),
    ("x²", "write '\\^2'"),
    ("α x", "write 'alpha'"),
    ("Ω", "write 'Omega'"),
    ("λ", "write 'lambda'"),
    ("π", "write 'pi'"),
    ("√x", "write 'sqrt"),
    ("x ≤ y", "write '<='"),
    ("日", "U\\+65E5"),
    ("x\0", "control character.*remove"),
    ("x\u200b", "ZERO WIDTH SPACE"),
    ("x\ny", "line break"),
    ("((x)", "column 1: '\\(' is never closed"),
    ("x)", "closes nothing"),
    ("(x]", "does not close"),
    ("|x", "never closed; write abs"),
    ("(|x)", "never closed; write abs"),
    ("|x|y|", "needs a value after it"),
    ("x +", "'\\+' needs a value after it"),
    ("x and", "'and' needs a value"),
    ("*x", "'\\*' does not fit"),
    ("x ** * y", "does not fit"),
    ("()", "stands where"),
    ("(x, y)", "stands where"),
    ("x, y", "stands where"),
    ("None", "stands where"),
    ("...", "stands where"),
    ("x[1", "never closed"),
    ("sin(*x)", "not part of the language|stands|does not fit"),
    ("sum(**x)", "."),
    ("sin x", "write sin\\(x\\)"),
    ("sin^2(x)", "sin\\(x\\)\\^2"),
    ("sin + 1", "write sin\\(...\\)"),
    ("sinn(x)", "did you mean 'sin'"),
    ("qqqq(x)", "unknown function 'qqqq'; for a product"),
    ("f(x)", "unknown function 'f'"),
    ("x(1, 2)", "stands where"),
    ("sin()", "sin takes 1 argument, got 0"),
    ("sin(x, y)", "sin takes 1 argument, got 2"),
    ("elu(x, 1, 2)", "elu takes 1 or 2 arguments, got 3"),
    ("beta(x)", "beta takes 2 arguments, got 1"),
    ("sin(x=1)", "sin takes 1 argument, got 0 and x="),
    ("sum()", "sum takes \\(x, axis=..., keepdims=...\\), got 0"),
    ("sum(v, 0, True, 3)", "sum takes"),
    ("sum(v, 0, axis=0)", "sum takes"),
    ("sum(v, dtype=1)", "sum takes"),
    ("reshape(v)", "reshape takes \\(x, shape\\), got 1"),
    ("reshape(v, x)", "fixed integer"),
    ("reshape(v, (1.5,))", "fixed integer"),
    ("reshape(v, (None,))", "shape is a tuple"),
    ("sum(v, axis=x + 1)", "fixed integer"),
    ("sum(v, axis=7)", "out of range"),
    ("max(x, y, axis=0)", "single array"),
    ("max()", "max|index|tuple"),
    ("stack(x)", "takes a list"),
    ("einsum()", "einsum takes"),
    ("einsum(x)", "begins with its subscripts"),
    ("einsum('ij->i', v)", "does not fit"),
    ("complex(x, 1)", "number is wanted"),
    ("array()", "array takes a list"),
    ("array([1], [2])", "array takes a list"),
    ("array([[1], [1, 2]])", "ragged"),
    ("array([1, [2]])", "not a list"),
    ("array([None])", "not None"),
    ("array([x], dtype=float32)", "numbers only"),
    ("array([1], dtype=object)", "dtype= is one of"),
    ("array([1], dtype=1)", "dtype= is one of"),
    ("array([1, 2], shape=(3,))", "."),
    ("x[0]", "index"),
    ("v[x]", "an index is made of"),
    ("v[[0.5]]", "made of integers"),
    ("v[0.5]", "fixed integer"),
    ("v[1:x]", "fixed integer"),
    ("2[0]", "no elements"),
    ("x if y else z", "a condition is wanted"),
    ("x < y | z", "a condition is wanted"),
    ("~x", "a condition is wanted"),
    ("x and y", "a condition is wanted"),
    ("x if x > 0", "does not fit|ends where"),
    ("5!", "gamma\\(n \\+ 1\\)"),
    ("1 2", "operator is missing before 2"),
    ("x 2", "operator is missing before 2"),
    ("0x1F", "decimal"),
    ("1__0", "'_'"),
    ("1_x", "'_'"),
    ("x -> y", "einsum"),
    ("x << 2", "shifts"),
    ("$x$", "leave it out"),
    ("\\sin(x)", "backslash"),
    ("x # y", "'#' is not part"),
    ("x ? y", "'\\?' is not part"),
    ("v @ x", "multiply scalars"),
    ("v + [1, 2]", "do not broadcast"),
    ("broadcast_to(x, (2, -1))", "."),
    ("scatter_add(v, np.s_[0:2], 5)", "the index selects"),
    ("np.s_[0]", "stands where"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "says"), REFUSED, ids=[ascii(text) for text, _ in REFUSED])
def test_what_is_refused_says_why_in_one_line(text: str, says: str) -> None:
    with pytest.raises(CrossdiffError, match=says) as caught:
        parse(text, [v, A])
    assert isinstance(caught.value, ValueError)
    assert "\n" not in str(caught.value)
    assert str(caught.value) != ""


@pytest.mark.parametrize("value", [None, 3, b"x", x])
def test_only_text_is_read(value) -> None:
    with pytest.raises(ExpressionTypeError, match="reads text"):
        parse(value)


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("x" * 10_000_000, "length"),
        ("x+" * 40_000 + "x", "nodes"),
        ("(" * 10_000 + "x" + ")" * 10_000, "nesting"),
        ("[" * 10_000, "nesting"),
        ("sin(" * 101 + "x" + ")" * 101, "nesting"),
        ("-" * 10_000 + "x", "nesting"),
        ("not " * 5_000 + "x", "nesting"),
        ("~" * 5_000 + "x", "nesting"),
        ("x**" * 5_000 + "x", "nesting"),
        ("x if c else " * 1_000 + "x", "nesting"),
        ("9**9**9**9", "exponent"),
        ("x**(10**9)", "exponent"),
        ("x^-99999", "exponent"),
        ("((10^10000)^10000)^10000", "exponent"),
        ("a = 10^9999; b = a*a; b", "exponent"),
        ("(1/10)^9999/10^9999", "exponent"),
        ("2^(10^4)*2^(10^4 + 10^5)", "exponent"),
        ("1" * 401, "digits"),
        ("0." + "1" * 5_000, "digits"),
        ("1e" + "1" * 5_000, "digits"),
        ("broadcast_to(x, (100000, 100000))", "size"),
        ("outer(broadcast_to(x, 10000), broadcast_to(x, 10000))", "size"),
        ("broadcast_to(x, 9999999)[[" + "0," * 200 + "0]]", "size"),
    ],
    ids=lambda value: value[:24] if isinstance(value, str) else None,
)
def test_each_bound_is_named(text: str, bound: str) -> None:
    with pytest.raises(BoundError, match=rf"the bound {bound}=.*limits=Limits") as caught:
        parse(text, [c])
    assert caught.value.bound == bound
    assert caught.value.limit == getattr(Limits(), bound)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("x^20000", Limits(exponent=20_000)),
        ("sin(" * 500 + "x" + ")" * 500, Limits(nesting=1_000)),
        ("(" * 5_000 + "x" + ")" * 5_000, Limits(nesting=10_000)),
        ("1" * 300, Limits(digits=300)),
        ("broadcast_to(x, (10000, 10000))", Limits(size=10**8)),
        ("x+" * 30_000 + "x", Limits(nodes=10**6)),
    ],
    ids=lambda value: value[:24] if isinstance(value, str) else None,
)
def test_each_bound_can_be_raised(text: str, limits: Limits) -> None:
    assert isinstance(parse(text, limits=limits), Expr)


def test_a_bound_that_python_sets_is_named_too() -> None:
    with pytest.raises(BoundError, match="nesting"):
        parse("-" * 100_000 + "x", limits=Limits(nesting=10**6, nodes=10**6, length=10**6))


@pytest.mark.parametrize("sign", ["+", "-", "*", "/", "%", " ", "//"])
def test_long_sums_and_products_are_no_nesting(sign: str) -> None:
    made = parse(sign.join(["x"] * 700))
    depth = {}
    for part in topological(made):
        depth[part] = 1 + max((depth[arg] for arg in part.args), default=0)
    assert depth[made] >= 699


def test_long_text_is_cut_where_nothing_changes() -> None:
    rng = np.random.default_rng(3)
    words = [f"{rng.choice(['+', '-', '*', '/'])} x{i % 7}**2" for i in range(400)]
    text = "1 " + " ".join(words)
    inner = f"sin({text}) < 2 * (-{text}) * cos(exp(1 {' '.join(words[:150])}))"
    whole = f"where({inner}, {text}, |{text}|)"
    values = {f"x{i}": float(v) for i, v in enumerate(rng.uniform(0.5, 1.5, 7))}
    # Python reads the same text by itself: nothing of it was lost or joined otherwise.
    code = f"({text})"
    expected = eval(code, {}, values)
    assert parse(text)(**values) == pytest.approx(expected, rel=1e-12)
    assert parse(whole).op == "where"
    assert parse(str(parse(whole))) is parse(whole)


def test_parse_works_from_deep_inside_a_program() -> None:
    def down(levels: int) -> Expr:
        return parse("+".join(["x"] * 900)) if levels == 0 else down(levels - 1)

    assert down(700).op == "add"


WATCHED = """
import json, sys
from diffexpr import CrossdiffError, parse, symbol

known = [symbol("v", 3), symbol("A", (2, 3))]
texts = json.load(sys.stdin)

def read_all():
    for text in texts:
        try:
            parse(text, known)
        except CrossdiffError:
            pass

read_all()  # what NumPy itself loads on first use is loaded now
seen = set()
sys.addaudithook(lambda event, args: seen.add(event))
read_all()
print(*seen - {"compile", "object.__getattr__"})  # compile: that of ast.parse, to a tree alone
"""


def test_nothing_in_a_text_is_run_imported_or_opened() -> None:
    texts = json.dumps([text for text, _ in REFUSED + MEANINGS])
    done = subprocess.run(
        [sys.executable, "-c", WATCHED], input=texts, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""


def test_the_corpus_is_read() -> None:
    lines = (ROOT / "tests" / "data" / "rubi-open.jsonl").read_text(encoding="utf-8").splitlines()
    for line in lines:
        entry = json.loads(line)
        made = parse(entry["f"])
        assert [s.name for s in made.variables] == [entry["var"]]
        assert parse(str(made)) is made


def test_every_operation_can_be_written() -> None:
    from diffexpr.arrays import TABLE as ARRAYS
    from diffexpr.primitives import TABLE

    assert set(TABLE) <= FUNCTIONS
    assert set(ARRAYS) - {"getitem"} <= FUNCTIONS
