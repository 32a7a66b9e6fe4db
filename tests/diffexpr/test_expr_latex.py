"""LaTeX as a textbook would set it."""

import numpy as np
import pytest
from hypothesis import given
from random_expressions import expressions

from diffexpr import Expr, constant, latex, norm, parse, softmax, symbol
from diffexpr.latex_names import name

SET = [
    ("2 x sin(y)^2/|alpha|", r"\frac{2 x \sin^{2}\left(y\right)}{\left|\alpha\right|}"),
    ("3*2x", r"3 \cdot 2 x"),
    ("x + -y", "x - y"),
    ("x + (-2)", "x - 2"),
    ("x - -y", r"x - \left(-y\right)"),
    ("-(x + 1)", r"-\left(x + 1\right)"),
    ("(x/y)^2", r"\left(\frac{x}{y}\right)^{2}"),
    ("arcsin(x)^2", r"\left(\arcsin\left(x\right)\right)^{2}"),
    ("sin(x)^-1", r"\left(\sin\left(x\right)\right)^{-1}"),
    ("sqrt(x) + cbrt(y)", r"\sqrt{x} + \sqrt[3]{y}"),
    ("e^x exp(y)", "e^{x} e^{y}"),
    ("2 expm1(x)", r"2 \left(e^{x} - 1\right)"),
    ("ln(x) + log10(x)", r"\ln\left(x\right) + \log_{10}\left(x\right)"),
    ("hypot(x + 1, y)", r"\sqrt{\left(x + 1\right)^{2} + y^{2}}"),
    ("where(x > 0, x, -x)",
     r"\begin{cases} x & \text{if } x > 0 \\ -x & \text{otherwise} \end{cases}"),
    ("relu(x)", r"\max\left(0, x\right)"),
    ("w_1 x12", "w_{1} x_{12}"),
    ("2 pi", r"2 \pi"),
    ("1e-7 x + 2.5e20", r"10^{-7} x + 2.5 \cdot 10^{20}"),
    ("inf + nan", r"\infty + \mathrm{NaN}"),
    ("(x > 0) & ~(y <= 1)", r"x > 0 \land \lnot \left(y \le 1\right)"),
    ("(x == 1) | (y != 1)", r"x = 1 \lor y \ne 1"),
    ("2j x", "2 i x"),
    ("complex(1, -2) + True", r"1-2 i + \mathrm{true}"),
    ("x % 2", r"x \bmod 2"),
    ("leaky_relu(x)", r"\operatorname{leaky\_relu}\left(x, 0.01\right)"),
    ("array([[1, 2], [3, 4]])", r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}"),
    ("array([x, y])", r"\begin{pmatrix} x \\ y \end{pmatrix}"),
    ("array([[[1], [2]]])", r"\left[\left[\left[1\right], \left[2\right]\right]\right]"),
    ("array([])", r"\left[\,\right]"),
    ("array(2)", "2"),
    ("A @ v", "A v"),
    ("transpose(A)", r"A^{\mathsf{T}}"),
    ("sum(v*v)", r"\sum \left(v \odot v\right)"),
    ("sum(A, axis=0)", r"\sum_{\text{axis } 0} A"),
    ("norm(v)", r"\left\lVert v\right\rVert"),
    ("A[0, 1:]", "A_{0, 1:}"),
    ("(A @ v)[0]", r"\left(A v\right)_{0}"),
    ("outer(v, v)", r"v \otimes v"),
    ("softmax(A, axis=0)", r"\operatorname{softmax}_{\text{axis } 0}\left(A\right)"),
    ("einsum('ij,ij->i', A, A)", r"\operatorname{einsum}_{ij, ij \to i}\left(A, A\right)"),
    ("reshape(A, (3, 2))", r"\operatorname{reshape}_{(3, 2)}\left(A\right)"),
    ("concatenate([v, v])", r"\operatorname{concatenate}\left(v, v\right)"),
    ("max(v)", r"\max\left(v\right)"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), SET, ids=[text for text, _ in SET])
def test_a_textbook_would_set_it_so(text: str, wanted: str) -> None:
    assert latex(parse(text, [symbol("v", 3), symbol("A", (2, 3))])) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("x", "x"),
        ("x1", "x_{1}"),
        ("x_1", "x_{1}"),
        ("theta_max", r"\theta_{\mathrm{max}}"),
        ("w1_out", r"w_{1, \mathrm{out}}"),
        ("rate", r"\mathrm{rate}"),
        ("_x", r"\mathrm{\_x}"),
        ("Gamma", r"\Gamma"),
    ],
)
def test_names(text: str, wanted: str) -> None:
    assert name(text) == wanted


@given(expressions())
def test_braces_and_brackets_are_paired(made: Expr) -> None:
    text = latex(made)
    assert text.count("{") == text.count("}")
    assert text.count(r"\left") == text.count(r"\right")
    assert text.count(r"\begin") == text.count(r"\end")


def test_a_shared_graph_is_set_in_linear_size() -> None:
    made = symbol("x") + symbol("t1")
    for _ in range(100):
        made = made * made + made
    text = latex(made)
    assert text.startswith(r"\begin{aligned} t_{2} &= x + t_{1} \\ t_{3} &= t_{2} t_{2} + t_{2}")
    assert text.endswith(r"\end{aligned}")
    assert len(text) < 100 * 60


def test_notebooks_show_latex() -> None:
    assert (symbol("x") ** 2)._repr_latex_() == r"$\displaystyle x^{2}$"
    assert latex(norm(constant([3.0, 4.0]))).startswith(r"\left\lVert")
    assert latex(softmax(symbol("v", 3))) == r"\operatorname{softmax}\left(v\right)"
    assert latex(np.mean(symbol("v", 3))) == r"\operatorname{mean}\left(v\right)"
