"""The walls of the house: who loads what, what a file may hold, and what nobody may call."""

import ast
import importlib
import inspect
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from project import PACKAGES, ROOT, files_of

MODULES = [path for package in PACKAGES for path in files_of(package) if path.suffix == ".py"]
LONGEST_FILE = 400

# Whoever turns text into code can be made to run the text. `compile` is left to lowering, which
# hands it a syntax tree that it built itself, never a string.
FORBIDDEN = {"eval", "exec", "compile", "sympify", "parse_expr"}
MAY_COMPILE = "compare/lower"


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


each_module = pytest.mark.parametrize("path", MODULES, ids=name_of)
each_package = pytest.mark.parametrize("package", PACKAGES)


def loaded_by(package: str) -> set[str]:
    """The top-level modules that a fresh interpreter holds once it has imported a package."""
    code = f"import {package}, sys; print(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    ("package", "absent"),
    [
        ("diffexpr", {"symdiff", "autodiff", "numdiff", "compare", "sympy", "mpmath", "scipy"}),
        ("autodiff", {"symdiff", "numdiff", "compare", "sympy", "mpmath", "scipy"}),
        ("symdiff", {"autodiff", "numdiff", "compare", "scipy"}),
        ("numdiff", {"diffexpr", "symdiff", "autodiff", "compare", "sympy", "mpmath", "scipy"}),
        ("compare", {"scipy", "matplotlib", "torch", "jax", "dask", "distributed"}),
    ],
)
def test_a_fresh_interpreter_loads_no_more_than_it_should(package: str, absent: set[str]) -> None:
    loaded = loaded_by(package)
    assert package in loaded
    assert loaded & absent == set()


@each_package
def test_a_package_is_typed_and_hands_on_its_names(package: str) -> None:
    assert (ROOT / package / "py.typed").is_file()
    assert (ROOT / package / "__init__.py").is_file()


@each_package
def test_every_public_name_is_documented(package: str) -> None:
    module = importlib.import_module(package)
    named = [module, *(getattr(module, name) for name in module.__all__)]
    documented = [thing for thing in named if inspect.ismodule(thing) or callable(thing)]
    assert [thing for thing in documented if not inspect.getdoc(thing)] == []


@each_module
def test_a_file_is_named_after_what_it_answers(path: Path) -> None:
    assert path.stem.strip("_") not in {"util", "utils", "helper", "helpers"}


@each_module
def test_a_file_is_short_enough_to_read(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


def only_hands_on_names(statement: ast.stmt) -> bool:
    match statement:
        case ast.Import() | ast.ImportFrom():
            return True
        case ast.Expr(value=ast.Constant(value=str())):  # the docstring
            return True
        case ast.Assign(targets=[ast.Name(id="__all__" | "_LATER")]):
            return True
        # Names that are loaded when they are first asked for (PEP 562).
        case ast.If(test=ast.Name(id="TYPE_CHECKING"), body=body):
            return all(only_hands_on_names(inner) for inner in body)
        case ast.FunctionDef(name="__getattr__" | "__dir__"):
            return True
    return False


@pytest.mark.parametrize("path", [p for p in MODULES if p.name == "__init__.py"], ids=name_of)
def test_an_init_only_hands_on_names(path: Path) -> None:
    body = ast.parse(path.read_text(encoding="utf-8")).body
    assert [ast.unparse(node) for node in body if not only_hands_on_names(node)] == []


def forbidden_uses(source: str) -> Iterator[str]:
    """Every forbidden name that is called, handed on, imported or reached as an attribute."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Name(id=name) if name in FORBIDDEN:
                yield name
            case ast.Attribute(value=ast.Name(id="builtins"), attr=name) if name in FORBIDDEN:
                yield name
            case ast.Attribute(attr="sympify" | "parse_expr" as name):
                yield name
            case ast.ImportFrom(names=names):
                yield from (alias.name for alias in names if alias.name in FORBIDDEN)


@each_module
def test_no_text_is_ever_run_as_code(path: Path) -> None:
    used = set(forbidden_uses(path.read_text(encoding="utf-8")))
    allowed = {"compile"} if name_of(path).startswith(MAY_COMPILE) else set()
    assert used - allowed == set()


@pytest.mark.parametrize(
    "source",
    [
        "eval('1')",
        "run = exec",
        "import builtins; builtins.eval('1')",
        "compile('1', '', 'eval')",
        "sympy.sympify('x')",
        "from sympy import sympify as quietly",
        "from sympy.parsing.sympy_parser import parse_expr",
    ],
)
def test_the_check_for_forbidden_names_sees_them(source: str) -> None:
    assert list(forbidden_uses(source))


def test_the_check_for_forbidden_names_lets_others_pass() -> None:
    assert list(forbidden_uses("import re; re.compile('x'); expr.evaluate()")) == []
