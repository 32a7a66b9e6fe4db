"""What the source does with its arguments before the first operation."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from compare.lower import syntax


def converted(names: Sequence[str], maker: str) -> ast.stmt:
    """``x, y = as_floats(x, y)``."""
    stored: list[ast.expr] = [ast.Name(name, ast.Store()) for name in names]
    target = (ast.Tuple if len(names) > 1 else ast.List)(stored, ast.Store())
    call = syntax.call(syntax.name(maker), [syntax.name(name) for name in names])
    return ast.Assign([target], call)


def as_floats(name: str) -> ast.FunctionDef:
    """The function in each source that brings arguments into the form that evaluation takes."""
    v, kind = syntax.name("v"), syntax.name("kind")
    as_array = syntax.call(syntax.numpy("asarray"), [v])
    known = _each(
        ast.Attribute(ast.Attribute(as_array, "real", ast.Load()), "dtype", ast.Load()),
        ast.Name("v", ast.Store()),
        syntax.name("values"),
        _is_float(ast.IsNot()),
    )
    shared = _result_type(ast.Starred(syntax.name("known"), ast.Load()))
    own = ast.IfExp(_is_float(ast.Is()), syntax.name("shared"), _result_type(as_array))
    kinds = _each(own, ast.Name("v", ast.Store()), syntax.name("values"))
    made = _each(
        syntax.taken_out(syntax.call(syntax.numpy("asarray"), [v, kind])),
        ast.Tuple([ast.Name("v", ast.Store()), ast.Name("kind", ast.Store())], ast.Store()),
        syntax.call(syntax.name("zip"), [syntax.name("values"), syntax.name("kinds")]),
    )
    text = "Integers become float64; a Python float takes the precision of the arrays beside it."
    body: list[ast.stmt] = [
        ast.Expr(ast.Constant(text)),
        syntax.assign("known", known),
        syntax.assign("shared", shared),
        syntax.assign("kinds", kinds),
        ast.Return(made),
    ]
    function = syntax.define(name, (), body)
    function.args.vararg = ast.arg("values")
    return function


def _is_float(operator: ast.cmpop) -> ast.expr:
    kind = syntax.call(syntax.name("type"), [syntax.name("v")])
    return ast.Compare(kind, [operator], [syntax.name("float")])


def _result_type(kind: ast.expr) -> ast.expr:
    return syntax.call(syntax.numpy("result_type"), [syntax.number(1.0), kind])


def _each(
    element: ast.expr, target: ast.expr, source: ast.expr, *conditions: ast.expr
) -> ast.ListComp:
    return ast.ListComp(element, [ast.comprehension(target, source, list(conditions), 0)])
