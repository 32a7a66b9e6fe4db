"""An expression as LaTeX, in the notation of a textbook."""

from __future__ import annotations

from itertools import count
from typing import Any

from diffexpr import latex_names as write
from diffexpr.arrays import split_subscripts
from diffexpr.expr import Expr
from diffexpr.frozen import Frozen
from diffexpr.matrix_text import IN_TEXT as MATRICES
from diffexpr.matrix_text import words as matrix_words
from diffexpr.primitives import TABLE
from diffexpr.printing_constants import index
from diffexpr.printing_writer import Layout, Writer
from diffexpr.walk import topological

_LOGIC, _COMPARE, _SUM, _PRODUCT, _UNARY, _POWER, _ATOM = range(1, 8)

_OPEN, _CLOSE = r"\left(", r"\right)"

_BINARY = {
    "add": (" + ", _SUM),
    "subtract": (" - ", _SUM),
    "multiply": (" ", _PRODUCT),
    "matmul": (" ", _PRODUCT),
    "mod": (r" \bmod ", _PRODUCT),
    "less": (" < ", _COMPARE),
    "less_equal": (r" \le ", _COMPARE),
    "greater": (" > ", _COMPARE),
    "greater_equal": (r" \ge ", _COMPARE),
    "equal": (" = ", _COMPARE),
    "not_equal": (r" \ne ", _COMPARE),
    "logical_and": (r" \land ", _LOGIC),
    "logical_or": (r" \lor ", _LOGIC),
}

# ``#`` stands for an argument without parentheses, ``@`` for one that has them where it is more
# than a name or a call.
_FORMS = {
    "divide": r"\frac{#}{#}",
    "reciprocal": r"\frac{1}{#}",
    "sqrt": r"\sqrt{#}",
    "cbrt": r"\sqrt[3]{#}",
    "power": "@^{#}",
    "square": "@^{2}",
    "exp": "e^{#}",
    "exp2": "2^{#}",
    "expm1": "e^{#} - 1",
    "hypot": r"\sqrt{@^{2} + @^{2}}",
    "logaddexp": r"\ln\left(e^{#} + e^{#}\right)",
    "log1p": r"\ln\left(1 + #\right)",
    "abs": r"\left|#\right|",
    "floor": r"\left\lfloor #\right\rfloor",
    "ceil": r"\left\lceil #\right\rceil",
    "relu": r"\max\left(0, #\right)",
    "polygamma": r"\psi^{\left(#\right)}\left(#\right)",
    "gammaln": r"\ln\left|\Gamma\left(#\right)\right|",
    "xlogy": r"@ \ln\left(#\right)",
    "xlog1py": r"@ \ln\left(1 + #\right)",
    "betainc": r"\mathrm{I}_{#2}\left(#0, #1\right)",
    **{n: rf"{n[0].upper()}_{{#}}\left(#\right)" for n in ("jv", "yv", "iv", "kv")},
    "where": r"\begin{cases} #1 & \text{if } #0 \\ #2 & \text{otherwise} \end{cases}",
}
_LOOSE_FORMS = {"expm1": _SUM, "xlogy": _PRODUCT, "xlog1py": _PRODUCT}
_FUNCTIONS = {
    **{n: f"\\{n}" for n in ("sin", "cos", "tan", "sec", "csc", "cot", "sinh", "cosh", "tanh")},
    **{n: f"\\{n}" for n in ("coth", "arcsin", "arccos", "arctan", "max", "min")},
    "log": r"\ln",
    "log2": r"\log_{2}",
    "log10": r"\log_{10}",
    "maximum": r"\max",
    "minimum": r"\min",
    "gamma": r"\Gamma",
    "loggamma": r"\ln\Gamma",
    "digamma": r"\psi",
    "beta": r"\mathrm{B}",
    "betaln": r"\ln\mathrm{B}",
    "gammainc": "P",
    "gammaincc": "Q",
    "ndtr": r"\Phi",
    "log_ndtr": r"\ln\Phi",
    "ndtri": r"\Phi^{-1}",
    "erfinv": r"\operatorname{erf}^{-1}",
    "expi": r"\operatorname{Ei}",
    "exp1": r"\mathrm{E}_{1}",
    **{n: f"{n[0].upper()}_{{{n[1]}}}" for n in ("j0", "j1", "y0", "y1", "i0", "i1", "k0", "k1")},
    "sigmoid": r"\sigma",
    "sign": r"\operatorname{sgn}",
}
_POWERED = {"sin", "cos", "tan", "sec", "csc", "cot", "sinh", "cosh", "tanh", "coth", "log"}
"""Functions whose powers are written before the argument, as in sin^2(x)."""


def latex(expr: Expr) -> str:
    r"""An expression as LaTeX, for the inside of ``$...$``.

    Parameters
    ----------
    expr : Expr

    Returns
    -------
    str
        Where the same parts occur so often that the text would swell, they are named first, in
        an ``aligned`` environment. Its length is linear in the size of the graph.

    Examples
    --------
    >>> from diffexpr import parse
    >>> print(latex(parse("2 x sin(y)^2 / |alpha|")))
    \frac{2 x \sin^{2}\left(y\right)}{\left|\alpha\right|}
    """
    taken = {node.params[0] for node in topological(expr) if node.op == "symbol"}
    fresh = (n for n in count(1) if not {f"t{n}", f"t_{n}"} & taken)
    writer = Writer(_layout, _precedence, (_OPEN, _CLOSE))
    defined, last = writer.statements(expr, lambda n: f"t_{{{next(fresh)}}}")
    if not defined:
        return last
    lines = [*(f"{name} &= {body}" for name, body in defined), f"& {last}"]
    return r"\begin{aligned} " + r" \\ ".join(lines) + r" \end{aligned}"


def _layout(node: Expr, first: dict[Expr, str]) -> Layout:
    op, args = node.op, node.args
    if not args:
        return [_leaf(node)], 0
    if op in ("add", "subtract"):
        return _sum(node), 0
    if op in _BINARY:
        return _binary(node, first), 0 if _BINARY[op][1] >= _SUM else 1
    if op in ("negative", "logical_not"):
        return ["-" if op == "negative" else r"\lnot ", (args[0], _UNARY, True)], 1
    if op == "power" and _is_powered(node):
        inside, exponent = args
        parts = [f"{_FUNCTIONS[inside.op]}^{{", (exponent, 0, False), "}", _OPEN]
        return [*parts, (inside.args[0], 0, False), _CLOSE], 2
    if op in _FORMS:
        return _form(_FORMS[op], args), 1
    if op in TABLE:
        return _call(_FUNCTIONS.get(op, rf"\operatorname{{{_plain(op)}}}"), args), 1
    return _array_operation(node), 1


def _leaf(node: Expr) -> str:
    value = node.params[0]
    if node.op == "symbol":
        return write.name(value)
    if len(node.params) == 2:
        return r"\pi" if node.params[1] == "pi" else node.params[1]
    return write.array(value.array) if isinstance(value, Frozen) else write.number(value)


def _precedence(node: Expr) -> int:
    op = node.op
    if op == "constant":
        value = node.params[0]
        if isinstance(value, Frozen):
            return _ATOM if value.array.ndim else _SUM
        if isinstance(value, complex):
            return _SUM if value.real else _PRODUCT
        if isinstance(value, float) and "e" in repr(value):
            return _PRODUCT
        return _UNARY if not isinstance(value, bool) and value < 0 else _ATOM
    if op == "symbol" or op in ("abs", "sqrt", "floor", "ceil", "norm"):
        return _ATOM
    if op in ("negative", "logical_not"):
        return _UNARY
    if op == "einsum" and node.params[0] == "i,j->ij":
        return _PRODUCT
    return _BINARY[op][1] if op in _BINARY else _LOOSE_FORMS.get(op, _POWER)


def _number(node: Expr) -> Any:
    """The real number that a literal stands for, None for anything else."""
    plain = node.op == "constant" and len(node.params) == 1
    return node.params[0] if plain and isinstance(node.params[0], (int, float)) else None


def _sum(node: Expr) -> list[Any]:
    """A sum; adding the negative of something is written as a difference."""
    left, right = node.args
    parts: list[Any] = [(left, _SUM, False)]
    number = _number(right)
    if node.op == "add" and right.op == "negative":
        return [*parts, " - ", (right.args[0], _PRODUCT, True)]
    if node.op == "add" and number is not None and number < 0:
        return [*parts, f" - {write.number(-number)}"]
    return [*parts, _BINARY[node.op][0], (right, _PRODUCT, True)]


def _binary(node: Expr, first: dict[Expr, str]) -> list[Any]:
    sign, precedence = _BINARY[node.op]
    left, right = node.args
    after = _SUM if precedence <= _COMPARE else precedence + 1
    before = _SUM if precedence <= _COMPARE else precedence
    if precedence == _LOGIC:
        before = after = _COMPARE
    if node.op == "multiply":
        if left.shape and right.shape:
            sign = r" \odot "
        elif first[right].isdigit():
            sign = r" \cdot "
    return [(left, before, False), sign, (right, after, True)]


def _is_powered(node: Expr) -> bool:
    exponent = node.args[1]
    whole = exponent.op == "constant" and type(exponent.params[0]) is int and exponent.params[0] > 1
    return whole and node.args[0].op in _POWERED


def _form(form: str, args: tuple[Expr, ...]) -> list[Any]:
    """A form with its arguments filled in, in order unless it gives their positions."""
    parts: list[Any] = [""]
    position = 0
    rest = iter(form)
    for character in rest:
        if character not in "#@":
            parts[-1] += character
            continue
        least = _ATOM if character == "@" else 0
        chosen = position
        if form[0:1] == "\\" and "#0" in form:
            chosen = int(next(rest))
        parts += [(args[chosen], least, False), ""]
        position += 1
    return [part for part in parts if part != ""]


def _call(name: str, args: tuple[Expr, ...]) -> list[Any]:
    parts: list[Any] = [f"{name}{_OPEN}"]
    for arg in args:
        parts += [(arg, 0, False), ", "]
    parts[-1] = _CLOSE
    return parts


def _plain(name: str) -> str:
    return name.replace("_", r"\_")


def _array_operation(node: Expr) -> list[Any]:
    op, args, params = node.op, node.args, node.params
    x = args[0]
    if op in ("sum", "prod"):
        return [f"\\{op}{_below(node)} ", (x, _ATOM, True)]
    if op == "norm":
        return [r"\left\lVert ", (x, 0, False), rf"\right\rVert{_below(node)}"]
    if op == "transpose" and params[0] == tuple(range(x.ndim))[::-1]:
        return [(x, _ATOM, False), r"^{\mathsf{T}}"]
    if op == "getitem":
        plain = x.op == "symbol" and "_" not in write.name(x.name)
        parts = [(x, 0, False)] if plain else [_OPEN, (x, 0, False), _CLOSE]
        return [*parts, f"_{{{index(params[0], x.shape)}}}"]
    if op == "einsum":
        if params[0] == "i,j->ij":
            return [(x, _UNARY, False), r" \otimes ", (args[1], _POWER, True)]
        terms, result = split_subscripts(params[0])
        return _call(rf"\operatorname{{einsum}}_{{{', '.join(terms)} \to {result}}}", args)
    if op == "stack" and not x.shape:
        cells: list[Any] = []
        for arg in args:
            cells += [(arg, 0, False), r" \\ "]
        return [r"\begin{pmatrix} ", *cells[:-1], r" \end{pmatrix}"]
    name = _FUNCTIONS.get(op, rf"\operatorname{{{_plain(str(op))}}}")
    return _call(name + _below(node), args)


def _below(node: Expr) -> str:
    """The static parameters of an array operation, as a subscript."""
    op, params, shape = node.op, node.params, node.args[0].shape
    if type(op) is not str:
        return rf"_{{\text{{{_plain(str(params[0]))}}}}}" if params else ""
    if op in ("reshape", "broadcast_to", "transpose"):
        return rf"_{{{params[0]}}}"
    if op == "scatter_add":
        return rf"_{{{index(params[0], params[1])} \to {params[1]}}}"
    if op == "astype":
        return rf"_{{\text{{{params[0]}}}}}"
    if op in ("stack", "concatenate", "softmax", "cumsum", "sort"):
        usual = len(shape) - 1 if op in ("softmax", "sort") else 0
        return "" if params[0] == usual else rf"_{{\text{{axis }} {params[0]}}}"
    if op in MATRICES:
        said = matrix_words(node).removeprefix(", ")
        return rf"_{{\text{{{_plain(said)}}}}}" if said else ""
    if not params or params[0] == tuple(range(len(shape))):
        return ""
    return rf"_{{\text{{axis }} {', '.join(map(str, params[0]))}}}"
