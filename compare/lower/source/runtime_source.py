"""The functions of `compare.lower.source.runtime` as they are printed into a source."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Sequence

from compare.lower.source import runtime


def runtime_source(names: Sequence[str]) -> tuple[list[ast.stmt], list[ast.stmt]]:
    """The imports and definitions that functions of the runtime need, those they call included.

    Annotations are left out, and with them the imports that only they need.
    """
    tree = ast.parse(inspect.getsource(runtime))
    functions = {item.name: item for item in tree.body if isinstance(item, ast.FunctionDef)}
    wanted: list[str] = []
    todo = list(names)
    while todo:
        name = todo.pop(0)
        if name in functions and name not in wanted:
            wanted.append(name)
            _without_annotations(functions[name])
            todo += _names_read(functions[name])
    read = {name for w in wanted for name in _names_read(functions[w])}
    imports: list[ast.stmt] = []
    for item in tree.body:
        if isinstance(item, (ast.Import, ast.ImportFrom)):
            kept = [alias for alias in item.names if (alias.asname or alias.name) in read]
            if kept and kept[0].name != "numpy":
                item.names = kept
                imports.append(item)
    return imports, [functions[name] for name in functions if name in wanted]


def _names_read(function: ast.FunctionDef) -> list[str]:
    return [node.id for node in ast.walk(function) if isinstance(node, ast.Name)]


def _without_annotations(function: ast.FunctionDef) -> None:
    for node in ast.walk(function):
        if isinstance(node, ast.FunctionDef):
            node.returns = None
        elif isinstance(node, ast.arg):
            node.annotation = None
    _plain_assignments(function)


def _plain_assignments(function: ast.FunctionDef) -> None:
    class Plain(ast.NodeTransformer):
        def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.stmt:
            assert node.value is not None
            return ast.copy_location(ast.Assign([node.target], node.value), node)

    Plain().visit(function)
