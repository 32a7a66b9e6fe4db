"""The text of a module that was made as a tree."""

from __future__ import annotations

import ast
import re


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
        parts.append("\n".join(map(_wrapped, ast.unparse(statement).split("\n"))))
        previous = statement
    return "".join(parts) + "\n"


LINE = 100
"""How long a line may be."""

_QUOTED = re.compile(r"""b?('([^'\\]|\\.)*'|"([^"\\]|\\.)*")""")
_NAMES = re.compile(r"( *)([\w, ]+)( = \w+)")


def _wrapped(line: str) -> str:
    """A line broken behind commas within brackets where it is too long."""
    if len(line) <= LINE:
        return line
    names = _NAMES.fullmatch(line)
    if names is not None:
        line = f"{names[1]}({names[2]}){names[3]}"
    indent = " " * (len(line) - len(line.lstrip()) + 4)
    plain = _QUOTED.sub(lambda found: "_" * len(found[0]), line)
    lines: list[str] = []
    start, depth, last = 0, 0, -1
    for i, char in enumerate(plain):
        depth += (char in "([{") - (char in ")]}")
        if i - start > LINE - 8 and last > start:
            lines.append(line[start:last].rstrip())
            start = last
        if char == "," and depth:
            last = i + 1
    lines.append(line[start:])
    return "\n".join([lines[0], *(indent + rest.strip() for rest in lines[1:])])
