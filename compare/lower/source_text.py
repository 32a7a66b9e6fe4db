"""The text of a module that was made as a tree."""

from __future__ import annotations

import ast


def source_text(tree: ast.Module) -> str:
    """The text of a module, blank lines around its functions as the style guide has them."""
    parts: list[str] = []
    previous: ast.stmt | None = None
    for statement in tree.body:
        function = isinstance(statement, ast.FunctionDef)
        imported = isinstance(previous, (ast.Import, ast.ImportFrom))
        if previous is not None:
            apart = function or isinstance(previous, ast.FunctionDef)
            now_imports = isinstance(statement, (ast.Import, ast.ImportFrom))
            parts.append("\n\n\n" if apart else "\n\n" if imported and not now_imports else "\n")
        parts.append(ast.unparse(statement))
        previous = statement
    return "".join(parts) + "\n"
